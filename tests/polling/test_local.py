"""`file:` sources: inside the configuration folder, and read only when they have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified
from tests.polling.origin import NOW, Ask


@pytest.mark.parametrize("name", ["feed.xml", "./feed.xml", "samples/../feed.xml"])
async def test_a_file_is_read(name: str, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss/>")
    outcome = await ask(f"file:{name}")
    assert isinstance(outcome, Fetched)
    assert outcome == Fetched(
        source="herald",
        asked_at=NOW,
        final_url=f"file:{name}",
        status=200,
        body=b"<rss/>",
        content_type=None,
        validators=outcome.validators,
    )


async def test_a_path_from_the_root_may_lead_inside(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(b"<rss/>")
    for prefix in ("file:", "file://"):
        assert isinstance(await ask(f"{prefix}{tmp_path}/feed.xml"), Fetched)


async def test_an_unchanged_file_is_not_read_again(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss/>")
    first = await ask("file:feed.xml")
    assert isinstance(first, Fetched)
    assert await ask("file:feed.xml", first.validators) == NotModified(
        source="herald", asked_at=NOW, validators=first.validators
    )
    os.utime(file, ns=(1, 1))
    assert isinstance(await ask("file:feed.xml", first.validators), Fetched)


async def test_a_link_inside_is_followed_and_one_that_leaves_is_not(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(b"<rss/>")
    (tmp_path / "inside.xml").symlink_to("feed.xml")
    (tmp_path / "outside.xml").symlink_to("/etc/hostname")
    (tmp_path / "folder").symlink_to("/etc")
    assert isinstance(await ask("file:inside.xml"), Fetched)
    for name in ("outside.xml", "folder/hostname"):
        outcome = await ask(f"file:{name}")
        assert outcome == FetchFailed(
            source="herald",
            asked_at=NOW,
            kind=FailureKind.FILE,
            detail=f"'{name}' is outside the configuration folder; put the file inside it",
        )


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("missing.xml", "file 'missing.xml' cannot be read: no such file or directory"),
        ("folder", "file 'folder' cannot be read: is a directory"),
        ("", "file '' cannot be read: is a directory"),
        ("pipe", "'pipe' is not a file"),
        ("circle", "file 'circle' cannot be read: "),
        ("../up.xml", "'../up.xml' is outside the configuration folder; put the file inside it"),
        ("/etc/hostname", "'/etc/hostname' is outside the configuration folder; put the file inside it"),
        ("a\0b", "file 'a b' cannot be read: not a usable path"),
        ("x" * 5_000, "file 'xxx"),
        ("large.xml", "file 'large.xml' is larger than 1,000,000 bytes; raise max_size for this source"),
    ],
)
async def test_what_cannot_be_read_is_a_failure(name: str, detail: str, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "large.xml").write_bytes(b"x" * 1_000_001)
    outcome = await ask(f"file:{name}")
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.FILE
    assert outcome.detail.startswith(detail)


async def test_an_empty_file_is_not_a_feed(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(b" \n")
    outcome = await ask("file:feed.xml")
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.CONTENT
