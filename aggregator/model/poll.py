"""A poll from its schedule to what it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from aggregator.model.entry import Entry
from aggregator.model.fetched import FailureKind, Validators
from aggregator.model.parsed import FeedFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A new address that the feed's server names as the permanent one."""

    to: str
    since: datetime
    """When it was first named."""
    polls: int = 1
    """Polls in a row that led there."""


class PollState(Struct, frozen=True, kw_only=True):
    """What is remembered of a source between two polls.

    A struct, because each poll makes three of them: a dataclass of as many fields takes ten times as long.
    """

    source: str
    next_poll_at: datetime | None = None
    """None: never polled, so due."""
    validators: Validators = Validators()
    body_digest: str | None = None
    """blake2b of the last body that was read: the same body under a new ETag costs no parse."""
    config_digest: str | None = None
    """Of what the operator configured that the reading depends on (address, publisher names). Where it changed,
    validators and known items are forgotten and the document is read whole."""
    items: Sequence[tuple[str, str]] = ()
    """(digest, entry id) of the items of the last document. The store reads them when somebody looks: most polls end
    without."""
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
    full_at: datetime | None = None
    """When the whole document was last sent: a day later it is asked for without condition (R9)."""
    feed_url: str | None = None
    """The configured address when it was last polled: where the operator edits it, what follows here is forgotten."""
    move: Move | None = None
    """A permanent redirect that is not believed yet."""
    believed_url: str | None = None
    """Where the feed is asked for, since it has moved there for good; None: at its configured address."""
    gone_at: datetime | None = None
    """When 410 was answered for the second time: it is not polled any more."""
    polls: int = 0
    """Polls so far."""
    watched_since: datetime | None = None
    """First document that was read."""
    pause: timedelta | None = None
    """The usual time between two publications, as far as it is known."""
    pushed_until: datetime | None = None
    """A hub delivers until then. Never written by polls."""


class PollRecord(Struct, frozen=True, kw_only=True):
    """What is kept of one poll, for people."""

    at: datetime
    took: timedelta
    """Of the exchange itself, without waiting for a turn."""
    outcome: str
    """As in `PollReport`."""
    status: int | None
    size: int
    """Bytes of the body, decoded."""
    new: int
    revised: int
    deleted: int
    detail: str
    next_poll_at: datetime | None
    why: str
    """Why then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostHold:
    """A host that asked to be left alone."""

    host: str
    until: datetime


class SourceEventKind(StrEnum):
    """What happened to a source's address. Kept in the ledger."""

    MOVED = "moved"
    """Its permanent redirect has held long enough to be believed."""
    MOVE_FORGOTTEN = "move forgotten"
    """It is asked for at its configured address again."""
    GONE = "gone"
    """It is not polled any more."""
    BACK = "back"
    EMPTIED = "emptied"
    """Its complete document has no entries any more, which is not believed yet."""
    EMPTY_BELIEVED = "empty believed"
    """It has had none for long enough: its entries are gone."""
    FILLED = "filled"
    """It has entries again."""
    FLOODED = "flooded"
    """It has more new entries than a day may bring."""
    FLOOD_OVER = "flood over"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """Something that happened to a source's address."""

    kind: SourceEventKind
    source: str
    facts: tuple[tuple[str, str], ...] = ()
    title: str = ""
    """For the flag: what people call the source."""
    contact: str | None = None
    publisher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What a plan must know of an entry that is stored."""

    key: str
    id: str
    revision: str
    first_seen_at: datetime
    earliest_at: datetime | None
    deleted_at: datetime | None
    updated_at: datetime | None = None
    """What the entry says of itself, where that was asked for: a tombstone must not be older."""


class ChangeKind(StrEnum):
    NEW = "new"
    REVISED = "revised"
    RETURNED = "returned"
    """Deleted upstream before, and back: decided anew (ruling 17)."""
    READ_ANEW = "read anew"
    """The same revision, with facts that are no part of it."""


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


class PollReport(Struct, frozen=True, kw_only=True):
    """What one poll of one source did, for people and logs."""

    source: str
    outcome: str
    """`changed`, `unchanged` (304 or the same bytes), `failed`, `deferred` (its host wants to be left alone)."""
    new: int = 0
    revised: int = 0
    deleted: int = 0
    detail: str = ""
    """One line: the error, or what was odd."""
    next_poll_at: datetime | None = None
    warnings: tuple[str, ...] = ()


class IntakePlan(Struct, frozen=True, kw_only=True):
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
    record: PollRecord | None = None
    hold: HostHold | None = None
    events: tuple[SourceEvent, ...] = ()
