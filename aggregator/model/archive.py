"""An archive document of an output (RFC 5005, 4), as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.output import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of an archive document: where its bytes stand, or that it is gone."""

    entry: str
    """Internal id."""
    atom_id: str
    """Under which it went out; empty where it never stood in this document."""
    start: int = 0
    """First byte of its element in the body."""
    length: int = 0
    """Bytes of its element; 0: it is gone."""
    gone_at: datetime | None = None
    """When it was taken out; None: it stands."""
    ending: Ending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDocument:
    """A document that stays as it is, but for entries that are withdrawn."""

    output: str
    number: int
    """From 1, the oldest."""
    size: int
    """Entries that each document of the archive was made for."""
    base: str
    """Address of the output's feeds when it was written, without the ending: its links begin with it."""
    body: bytes
    etag: str
    modified_at: datetime
    members: tuple[Member, ...]
    """Newest first, those that are gone too."""


def archive_name(output: str, number: int) -> str:
    """What a document of an output's archive is called where it is told from the output's own."""
    return f"{output}/archive/{number}"
