"""A reader of a file never sees half of it, and unchanged bytes are not written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.publishing import files
from aggregator.publishing.files import write_atomically


def test_bytes_are_written_whole_and_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "feeds" / "community.rss"
    assert write_atomically(path, b"one")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one", 0o644)
    assert [entry.name for entry in path.parent.iterdir()] == ["community.rss"]


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "community.rss"
    write_atomically(path, b"one")
    os.utime(path, (1, 1))
    assert not write_atomically(path, b"one")
    assert path.stat().st_mtime == 1
    assert write_atomically(path, b"two")


def test_a_failed_write_leaves_what_was_there_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "community.rss"
    write_atomically(path, b"one")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"two")
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["community.rss"]
