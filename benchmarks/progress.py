"""How far a long run has come, in a file: one that is ended goes on where it was."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec


class OutOfTimeError(Exception):
    """What may be done in one go is done; the same command goes on."""


class Seen(msgspec.Struct, frozen=True):
    """One measurement."""

    what: str
    unit: str
    wall: float
    """Seconds a unit."""
    cpu: float
    """Of the process and of PostgreSQL's, a unit."""
    failed: str = ""
    """What broke it; there are no seconds then."""


class _Done(msgspec.Struct):
    sources: int = 0
    """Whose entries are written."""
    seen: dict[int, dict[str, Seen]] = {}
    """By the number of sources, and by what was measured."""
    whole: dict[int, list[Seen]] = {}
    """Sizes that were measured whole."""


class Progress:
    """What has been written and measured so far.

    Args:
        file: where that is kept; None: it is forgotten with the run.
        seconds: after which a run ends in order, between two steps; None: never.
    """

    def __init__(self, file: Path | None = None, seconds: float | None = None) -> None:
        self._file = file
        self._until = None if seconds is None else time.monotonic() + seconds
        self.kept = file is not None
        """Whether another run can go on with this one."""
        self._done = msgspec.json.decode(file.read_bytes(), type=_Done) if file and file.exists() else _Done()

    @property
    def sources(self) -> int:
        """How many sources have their entries."""
        return self._done.sources

    def seeded(self, sources: int) -> None:
        """So many sources have their entries now, or more."""
        self._done.sources = max(self._done.sources, sources)
        self._save()

    def seen(self, sources: int, what: str) -> Seen | None:
        """What was measured of this at this size."""
        return self._done.seen.get(sources, {}).get(what)

    def keep(self, sources: int, seen: Seen) -> None:
        """Remembers a measurement."""
        self._done.seen.setdefault(sources, {})[seen.what] = seen
        self._save()

    def whole(self, sources: int) -> list[Seen] | None:
        """All that was measured at this size; None: something is left."""
        return self._done.whole.get(sources)

    def finish(self, sources: int, seen: list[Seen]) -> None:
        """Nothing is left to be measured at this size."""
        self._done.whole[sources] = seen
        self._save()

    def pause(self) -> None:
        """To be called between two steps.

        Raises:
            OutOfTimeError: so long as was said has passed.
        """
        if self._until is not None and time.monotonic() > self._until:
            raise OutOfTimeError

    def _save(self) -> None:
        if self._file is not None:
            new = self._file.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(self._done))
            new.replace(self._file)
