"""A poll from its schedule to what it writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.entry import Entry
from aggregator.model.fetched import FailureKind, Validators
from aggregator.model.parsed import FeedFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """What is remembered of a source between two polls."""

    source: str
    next_poll_at: datetime | None = None
    """None: never polled, so due."""
    validators: Validators = Validators()
    body_digest: str | None = None
    """blake2b of the last body that was read: the same body under a new ETag costs no parse."""
    config_digest: str | None = None
    """Of what the operator configured that the reading depends on (address, publisher names). Where it changed,
    validators and known items are forgotten and the document is read whole."""
    items: tuple[tuple[str, str], ...] = ()
    """(digest, entry id) of the items of the last document."""
    failures: int = 0
    """Failed polls in a row."""
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_changed_at: datetime | None = None
    last_error: str | None = None
    """One line; None after a success."""
    last_error_kind: FailureKind | None = None
    last_status: int | None = None
    feed: FeedFacts = FeedFacts()
    why_due: str = ""
    """One line: why `next_poll_at` is what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What a plan must know of an entry that is stored."""

    key: str
    id: str
    revision: str
    first_seen_at: datetime
    earliest_at: datetime | None
    deleted_at: datetime | None


class ChangeKind(StrEnum):
    NEW = "new"
    REVISED = "revised"
    RETURNED = "returned"
    """Deleted upstream before, and back: decided anew (ruling 17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """An entry to be written."""

    kind: ChangeKind
    entry: Entry
    content: bytes
    """JSON of `Content`."""
    first_seen_at: datetime
    ordered_at: datetime
    """Only used for a new entry: a stored one keeps its place."""
    earliest_at: datetime | None
    at: datetime
    """When this revision was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll of one source did, for people and logs."""

    source: str
    outcome: str
    """`changed`, `unchanged` (304 or the same bytes), `failed`."""
    new: int = 0
    revised: int = 0
    deleted: int = 0
    detail: str = ""
    """One line: the error, or what was odd."""
    next_poll_at: datetime | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePlan:
    """All that one poll writes: one transaction, or nothing (R1)."""

    state: PollState
    """The new state, validators and schedule included."""
    changes: tuple[EntryChange, ...] = ()
    deleted: tuple[tuple[str, datetime], ...] = ()
    """(entry key, when) of entries that were deleted upstream."""
    departed: tuple[str, ...] = ()
    """Ids of entries that left the document: last seen at the poll before this one."""
    report: PollReport
    at: datetime
