"""The texts behind a policy: as a person last looked at them, and as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PAGE = "page"
"""The part of a policy that its terms page is; others are `source:ID`: what a source's site and feed say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One text that is watched."""

    policy: str
    part: str
    """`page`, or `source:ID`."""
    url: str
    """Of the page, or of the feed."""
    kept: str | None = None
    """The text that a person looked at, or the first that was read; None: none was."""
    kept_at: datetime | None = None
    seen: str | None = None
    """The text as it is now, where it says something else than `kept`; None: it does not."""
    seen_at: datetime | None = None
    """When it was first seen to say something else."""
    checked_at: datetime | None = None
    """Last good reading."""
    next_at: datetime
    failing_since: datetime | None = None
    failures: int = 0
    """Failed readings in a row; they change nothing else."""
    problem: str | None = None
    """Of the last reading, one line; None: it was good."""
    looked_at: datetime | None = None
    """When a person last confirmed it."""
    looked_by: str | None = None
    ruled_at: int = 0
    """Microseconds: last change or confirmation."""

    @property
    def source(self) -> str | None:
        """The source whose words it is; None: it is the terms page."""
        return self.part.removeprefix("source:") if self.part.startswith("source:") else None

    @property
    def changed(self) -> bool:
        """Whether nobody has looked yet at what it says now."""
        return self.seen is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A piece of a comparison: one sentence, or several that stayed."""

    kind: str
    """`same`, `gone`, `new` or `edited`."""
    parts: tuple[tuple[str, str], ...]
    """(mark, text): ` ` stayed, `-` is gone, `+` is new. Of an edited sentence, word by word."""
    skipped: int = 0
    """Of `same`: how many further sentences stayed, and are not shown."""
