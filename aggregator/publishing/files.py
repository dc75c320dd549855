"""Documents as files that are never half there (R20)."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

HALF = re.compile(r"\.(.+)\.[a-z0-9_]{8}")
"""What a file that is being written is called until it is whole: by the name that it will have."""


def write_atomically(path: Path, body: bytes) -> bool:
    """Puts the bytes at the path, whole or not at all, also across a power cut.

    Returns:
        False if the same bytes were there already: nothing was written, the file keeps its date.
    Raises:
        OSError: the folder cannot be written to; what stood there before still does.
    """
    if holds(path, body):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)  # readable for a web server of another user; mkstemp gives 0600
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
    _sync_folder(path.parent)
    return True


def remove(path: Path) -> None:
    """Takes a file away, also across a power cut; one that is not there is no error."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    _sync_folder(path.parent)


def holds(path: Path, body: bytes) -> bool:
    """Whether a file is there and holds these bytes."""
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
