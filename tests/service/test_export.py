"""Files for a web server that only serves files: confined to their folder, written whole, taken away when due."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.errors import UsageError
from aggregator.service.export import MANIFEST, export
from aggregator.service.house import House


async def test_a_second_export_touches_nothing(house: House, tmp_path: Path):
    first = await export(tmp_path / "out", house.world, house.store)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out/feeds").glob("*.*")}
    second = await export(tmp_path / "out", house.world, house.store)
    assert (second.written, second.removed) == ((), ())
    assert second.unchanged == first.written
    feeds = {path: at for path, at in times.items() if path.name != ".exported.json"}
    assert {path: path.stat().st_mtime_ns for path in feeds} == feeds


@pytest.mark.parametrize(
    "manifest",
    [
        '["../precious.txt", "feeds/../../precious.txt", "/etc/hostname", "feeds/a/b.rss", 7, null, "feeds/x.exe"]',
        '{"feeds/precious.rss": 1}',
        "not json",
        "",
        "[",
    ],
)
async def test_a_forged_manifest_takes_nothing_away(manifest: str, house: House, tmp_path: Path):
    (tmp_path / "precious.txt").write_text("kept")
    (tmp_path / "out/feeds").mkdir(parents=True)
    (tmp_path / "out/feeds/precious.rss").write_text("kept")
    (tmp_path / "out" / MANIFEST).write_text(manifest)
    report = await export(tmp_path / "out", house.world, house.store)
    assert (tmp_path / "precious.txt").read_text() == "kept"
    assert (tmp_path / "out/feeds/precious.rss").read_text() == "kept"
    assert not [name for name in report.removed if ".." in name or name.startswith("/")]
    assert set(json.loads((tmp_path / "out" / MANIFEST).read_text())) == set(report.written)


async def test_a_place_that_cannot_be_written_is_told(house: House, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/feeds").touch()
    with pytest.raises(UsageError, match=r"^cannot write to '.*': .*; name another folder$"):
        await export(tmp_path / "out", house.world, house.store)
