"""`file:` sources: a feed in the configuration folder. They come from configuration files only, never by redirect."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

from aggregator.model.fetched import FailureKind, Fetched, NotModified, Validators
from aggregator.model.source import Source
from aggregator.polling.failure import Failure

SCHEME = "file:"


def read(source: Source, root: Path, known: Validators, now: datetime) -> Fetched | NotModified:
    """The file's bytes, or that it is as before. Blocks.

    Its validator is its time of change and its size.

    Raises:
        Failure: it is not there, not a file, outside `root`, unreadable, too large or empty.
    """
    name = source.feed.removeprefix(SCHEME)
    path = _inside(name, root)
    try:
        with open(path, "rb", opener=_open) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise Failure(FailureKind.FILE, f"'{name}' is not a file")
            if facts.st_size > source.polling.max_size:
                raise _too_large(name, source.polling.max_size)
            validators = Validators(etag=f"{facts.st_mtime_ns}-{facts.st_size}")
            if known == validators:
                return NotModified(source=source.id, asked_at=now, validators=known)
            body = file.read(source.polling.max_size + 1)
    except OSError as problem:
        raise _unreadable(name, problem) from problem
    if len(body) > source.polling.max_size:
        raise _too_large(name, source.polling.max_size)
    if not body or body.isspace():
        raise Failure(FailureKind.CONTENT, f"file '{name}' is empty")
    return Fetched(
        source=source.id,
        asked_at=now,
        final_url=source.feed,
        status=200,
        body=body,
        content_type=None,
        validators=validators,
    )


def _open(path: str, flags: int) -> int:
    """A link put in the last component's place after the check is not followed, and a pipe does not block."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _inside(name: str, root: Path) -> Path:
    plain = name[2:] if name.startswith("///") else name
    try:
        folder = root.resolve()
        path = (folder / plain).resolve()  # what is missing is found out on opening, so only inside the folder
    except (OSError, ValueError, RuntimeError) as problem:  # a NUL in the name; links in a circle
        raise _unreadable(name, problem) from problem
    if not path.is_relative_to(folder):
        raise Failure(FailureKind.FILE, f"'{name}' is outside the configuration folder; put the file inside it")
    return path


def _unreadable(name: str, problem: Exception) -> Failure:
    number = problem.errno if isinstance(problem, OSError) else None
    reason = os.strerror(number).lower() if number else "not a usable path"
    return Failure(FailureKind.FILE, f"file '{name}' cannot be read: {reason}")


def _too_large(name: str, max_size: int) -> Failure:
    return Failure(FailureKind.FILE, f"file '{name}' is larger than {max_size:,} bytes; raise max_size for this source")
