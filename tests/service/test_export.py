"""Files for a web server that only serves files: confined to their folder, written whole, taken away when due."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import ItemsView, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import cast

import brotli
import pytest
import zstandard

from aggregator.errors import UsageError
from aggregator.model.output import Format
from aggregator.service.export import LOCK, MANIFEST, export, without_hub
from aggregator.service.house import House
from aggregator.web.ready import codings
from aggregator.web.site import PublicSite
from aggregator.wiring import template_folders


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


async def site_files(house: House) -> dict[str, bytes]:
    return await PublicSite(house, template_folders(house.world.configuration.settings)).static_files()


async def test_a_whole_site_each_file_in_every_coding(house: House, tmp_path: Path):
    out = tmp_path / "out"
    report = await export(out, house.world, house.store, await site_files(house), codings)
    assert "index.html" in report.written
    files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert files - {MANIFEST, LOCK} == {
        f"{name}{ending}" for name in report.written for ending in ("", ".gz", ".br", ".zst")
    }
    assert report.packed == 3 * len(report.written)
    for name in report.written:
        body = (out / name).read_bytes()
        assert gzip.decompress((out / f"{name}.gz").read_bytes()) == body
        assert brotli.decompress((out / f"{name}.br").read_bytes()) == body
        assert zstandard.ZstdDecompressor().decompress((out / f"{name}.zst").read_bytes()) == body
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.*") if path.name != ".exported.json"}
    again = await export(out, house.world, house.store, await site_files(house), codings)
    assert (again.written, again.removed) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in times} == times


async def test_what_is_no_longer_public_goes_with_its_codings(house: House, folder: Path, tmp_path: Path):
    out = tmp_path / "out"
    await export(out, house.world, house.store, None, codings)
    assert (out / "feeds/community.rss.br").is_file()
    outputs = folder / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("access: public ", "access: registered "))
    await house.refresh()
    await house.build_stale()
    report = await export(out, house.world, house.store, None, codings)
    assert set(report.removed) == {f"feeds/community.{ending}" for ending in ("rss", "atom", "json", "html")}
    assert not list(out.glob("feeds/community*"))
    assert list(out.glob("feeds/headlines*"))


async def test_two_exports_at_once_leave_one_whole_site(house: House, tmp_path: Path):
    out = tmp_path / "out"
    reports = await asyncio.gather(*(export(out, house.world, house.store, None, codings) for _ in range(3)))
    assert sorted(bool(report.written) for report in reports) == [False, False, True]
    assert all(report.removed == () for report in reports)
    assert not list(out.rglob(".*.tmp*"))
    whole = await export(tmp_path / "other", house.world, house.store, None, codings)
    assert {path.name: path.read_bytes() for path in (out / "feeds").glob("[a-z]*")} == {
        path.name: path.read_bytes() for path in (tmp_path / "other/feeds").glob("[a-z]*")
    }
    assert whole.written


async def test_a_coding_that_was_lost_is_made_again(house: House, tmp_path: Path):
    out = tmp_path / "out"
    await export(out, house.world, house.store, None, codings)
    (out / "feeds/community.atom.gz").unlink()
    (out / "feeds/community.rss").write_bytes(b"half")
    report = await export(out, house.world, house.store, None, codings)
    assert report.written == ("feeds/community.rss",)
    body = (out / "feeds/community.atom").read_bytes()
    assert gzip.decompress((out / "feeds/community.atom.gz").read_bytes()) == body


class KilledError(BaseException):
    """Not one that anybody catches: the process ends as by `kill -9`."""


class Half(dict[str, bytes]):
    """The codings of a body, of which so many are written before the process ends."""

    def __init__(self, body: bytes, many: int) -> None:
        super().__init__(codings(body))
        self.many = many

    def items(self) -> ItemsView[str, bytes]:
        def some() -> Iterator[tuple[str, bytes]]:
            yield from islice(super(Half, self).items(), self.many)
            raise KilledError

        return cast("ItemsView[str, bytes]", some())


async def test_an_export_that_was_cut_off_leaves_nothing_of_what_is_withdrawn(house: House, tmp_path: Path):
    """What one export wrote and the next must not show is gone from every coding, half-written files included."""
    out, page = tmp_path / "out", "feeds/community/page/2.html"
    shown, hidden = {"index.html": b"with it", page: b"more"}, {"index.html": b"without it"}
    whole = await export(out, house.world, house.store, hidden, codings)
    for body, many in ((b"with it", 1), (b"with it", 3), (b"more", 2)):

        def cut_off(given: bytes, body: bytes = body, many: int = many) -> Mapping[str, bytes]:
            return Half(given, many) if given == body else codings(given)

        with pytest.raises(KilledError):
            await export(out, house.world, house.store, shown, cut_off)
        half = out / "feeds/.community.rss.gz.x7_2kq0a"
        half.write_bytes(b"with it")
        (out / "feeds/.htaccess").write_text("the operator's")
        again = await export(out, house.world, house.store, hidden, codings)
        assert {*again.written, *again.unchanged} == {*whole.written}
        for name in whole.written:
            body = (out / name).read_bytes()
            assert gzip.decompress((out / f"{name}.gz").read_bytes()) == body
            assert brotli.decompress((out / f"{name}.br").read_bytes()) == body
            assert zstandard.ZstdDecompressor().decompress((out / f"{name}.zst").read_bytes()) == body
        assert (out / "index.html").read_bytes() == b"without it"
        assert not list(out.rglob("2.html*"))
        assert not half.exists()
        assert (out / "feeds/.htaccess").is_file()


async def test_no_folder_is_left_of_an_archive_that_is_gone(house: House, tmp_path: Path):
    out = tmp_path / "out"
    await export(out, house.world, house.store, {"feeds/old/archive/1.atom": b"<feed/>"}, codings)
    assert (out / "feeds/old/archive/1.atom.gz").is_file()
    report = await export(out, house.world, house.store, {}, codings)
    assert report.removed == ("feeds/old/archive/1.atom",)
    assert not (out / "feeds/old").exists()
    assert (out / "feeds/community.atom").is_file()


async def test_files_do_not_name_a_hub_that_is_not_there(house: House, tmp_path: Path):
    """Our own hub answers where the service runs; a configured one does anywhere."""
    hub = house.world.own_hub
    assert hub is not None
    await export(tmp_path / "out", house.world, house.store)
    for format_ in (Format.RSS, Format.ATOM, Format.JSON):
        document = await house.store.document("community", format_)
        assert document is not None
        assert document.body.count(hub.encode()) == 1
        assert hub.encode() not in (tmp_path / f"out/feeds/community.{format_}").read_bytes()
        assert without_hub(format_, document.body, None) == document.body
    assert "hubs" not in json.loads((tmp_path / "out/feeds/community.json").read_bytes())
