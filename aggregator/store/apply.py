"""What polls write: many plans in one transaction, each whole or not at all.

INVARIANT: a validator is stored in the same transaction as its entries, or a crash would skip them for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import ClauseElement, Connection, and_, bindparam, case, func, null, or_, select, update

from aggregator.model.entry import entry_key
from aggregator.model.parsed import FeedFacts
from aggregator.model.poll import ChangeKind, EntryChange, HostHold, IntakePlan, PollState, SourceEvent
from aggregator.store import happenings, history, holds, leases, search, subscribed
from aggregator.store import sources as source_rows
from aggregator.store.statements import Bulk, Query, among, digest_of, insert, one_of, packed
from aggregator.store.tables import MICROSECOND, entries, polls, revisions, sources, to_microseconds

_encode = msgspec.json.Encoder().encode

_SCHEDULE = (
    *("next_poll_at", "etag", "last_modified", "failures", "last_polled_at", "last_success_at"),
    *("last_error", "last_error_kind", "last_status", "why_due", "polls"),
)
"""What every poll changes."""
POLL_COLUMNS = (
    *("next_poll_at", "etag", "last_modified", "body_digest", "config_digest", "failures", "last_polled_at"),
    *("last_success_at", "last_changed_at", "last_error", "last_error_kind", "last_status", "why_due"),
    *("full_at", "feed_url", "moved_to", "moved_since", "moved_polls", "believed_url", "gone_at", "polls"),
    *("watched_since", "pause"),
)
"""In the order of the table, as the statement has them: so `_schedule` is no part of `_poll_row`. Not `pushed_until`:
a hub's delivery may come while a poll runs."""
_ENTRY = (
    *("key", "source", "id_digest", "url_digest", "revision", "ordered_at", "first_seen_at", "last_seen_at"),
    *("earliest_at", "facts", "content"),
)


_MOVELESS = (None, None, None)


def _given(names: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _upsert(dialect: str) -> ClauseElement:
    """A new entry, or the next revision of one, which keeps its place and its first sighting."""
    new = insert(dialect, entries).values(_given(_ENTRY))
    given, stored = new.excluded, entries.c
    earlier = and_(
        given.earliest_at.is_not(None), or_(stored.earliest_at.is_(None), given.earliest_at < stored.earliest_at)
    )
    return new.on_conflict_do_update(
        index_elements=[stored.key],
        set_={
            "url_digest": given.url_digest,
            "revision": given.revision,
            "last_seen_at": given.last_seen_at,
            "earliest_at": case((earlier, given.earliest_at), else_=stored.earliest_at),
            "revised_at": case((stored.revision != given.revision, given.last_seen_at), else_=stored.revised_at),
            "facts": given.facts,
            "content": given.content,
        },
    )


_write_polls = Bulk(
    lambda dialect: update(polls).where(polls.c.source == bindparam("id")).values(_given(POLL_COLUMNS)),
    (*POLL_COLUMNS, "id"),
)
_write_schedules = Bulk(
    lambda dialect: update(polls).where(polls.c.source == bindparam("id")).values(_given(_SCHEDULE)),
    (*_SCHEDULE, "id"),
)
_DOCUMENT = ("known_items", "feed_facts")
_write_documents = Bulk(
    lambda dialect: update(sources).where(sources.c.id == bindparam("source")).values(_given(_DOCUMENT)),
    (*_DOCUMENT, "source"),
)
_write_changes = Bulk(
    lambda dialect: update(sources).where(sources.c.id == bindparam("source")).values(_given(("change",))),
    ("change", "source"),
)
_write_entries = Bulk(_upsert, _ENTRY)
_keep_former = Bulk(
    lambda dialect: insert(dialect, revisions).from_select(
        ["entry", "revision", "seen_at", "facts", "content"],
        select(
            entries.c.key,
            entries.c.revision,
            func.coalesce(entries.c.revised_at, entries.c.first_seen_at),
            entries.c.facts,
            entries.c.content,
        ).where(entries.c.key == bindparam("entry"), entries.c.revision != bindparam("next")),
    ),
    ("entry", "next"),
)
_restore = Bulk(
    lambda dialect: update(entries).where(entries.c.key == bindparam("entry")).values(deleted_at=null()), ("entry",)
)
_delete = Bulk(
    lambda dialect: (
        update(entries)
        .where(entries.c.key == bindparam("entry"), entries.c.deleted_at.is_(None))
        .values(deleted_at=bindparam("at"))
    ),
    ("at", "entry"),
)
_counted = Query(
    lambda dialect: (
        select(entries.c.source, func.count())
        .where(one_of(dialect, entries.c.key, "keys"), entries.c.deleted_at.is_(None))
        .group_by(entries.c.source)
    )
)
_depart = Bulk(
    lambda dialect: update(entries).where(entries.c.key == bindparam("entry")).values(last_seen_at=bindparam("at")),
    ("at", "entry"),
)


_there = Query(lambda dialect: select(polls.c.source).where(one_of(dialect, polls.c.source, "ids")))


class Prepared(Struct, kw_only=True):
    """A plan as rows, made before it waits for its turn: what cannot be a row harms nobody else.

    A struct, as `PollState` is: one is made for each poll.
    """

    source: str
    owner: str | None
    """Who must still hold the lease; None: nobody."""
    at: datetime
    poll: tuple[Any, ...]
    is_settled: bool
    """Whether `poll` is the schedule alone, since the rest of its row is as it is in the database."""
    record: tuple[Any, ...] | None
    brings: bool = False
    """Whether there is anything beside `poll` and `record`; nearly every poll ends without."""
    document: tuple[str, str] | None = None
    """Items and feed facts as JSON; None: as they are in the database."""
    entries: Sequence[tuple[Any, ...]] = ()
    former: Sequence[tuple[str, str]] = ()
    restored: Sequence[tuple[str]] = ()
    deleted: Sequence[tuple[int, str]] = ()
    departed: Sequence[str] = ()
    offer: tuple[str, tuple[str, ...]] | None = None
    """(topic, hubs) where they are others than before; no hubs: there are none any more."""
    hold: HostHold | None = None
    events: tuple[SourceEvent, ...] = ()
    rows: int = 1
    """That are written, about."""

    @property
    def changes(self) -> bool:
        """Whether outputs may look different after it."""
        return bool(self.entries or self.deleted)


def prepare(plan: IntakePlan, owner: str | None, remembered: PollState | None) -> Prepared:
    """The plan as rows.

    Args:
        plan: what a poll brought.
        owner: of the lease under which it was polled.
        remembered: what the database holds, where that is known: the same is not written again.
    Raises:
        ValueError: an instant without time zone, or text that is no Unicode.
    """
    state, changes = plan.state, plan.changes
    same = (
        remembered is not None
        and (remembered.items is state.items or remembered.items == state.items)
        and (remembered.feed is state.feed or remembered.feed == state.feed)
    )
    is_settled = remembered is not None and _settled(remembered) == _settled(state)
    prepared = Prepared(
        source=state.source,
        owner=owner,
        at=plan.at,
        poll=(*_schedule(state), state.source) if is_settled else _poll_row(state),
        is_settled=is_settled,
        record=None if plan.record is None else history.row(state, plan.record),
    )
    if same and not (changes or plan.deleted or plan.departed or plan.events) and plan.hold is None:
        return prepared
    return structs.replace(
        prepared,
        brings=True,
        document=None if same else (source_rows.json_of(state.items), _encode(state.feed).decode()),
        entries=[_entry_row(change) for change in changes],
        former=[(change.entry.key, change.entry.revision) for change in changes if change.kind is not ChangeKind.NEW],
        restored=[(change.entry.key,) for change in changes if change.kind is ChangeKind.RETURNED],
        deleted=[(to_microseconds(at), key) for key, at in plan.deleted],
        departed=[entry_key(state.source, feed_id) for feed_id in plan.departed],
        offer=None if same else _offer(state.feed, None if remembered is None else remembered.feed),
        hold=plan.hold,
        events=plan.events,
        rows=1 + len(changes) + len(plan.deleted) + len(plan.departed),
    )


def _offer(feed: FeedFacts, before: FeedFacts | None) -> tuple[str, tuple[str, ...]] | None:
    """What hubs the feed names, where that is new; a hub without a topic is of no use (WebSub, 4)."""
    now = (feed.topic, feed.hubs) if feed.topic and feed.hubs else ("", ())
    if before is not None:
        known = (before.topic, before.hubs) if before.topic and before.hubs else ("", ())
        return None if now == known else now
    return now if now[1] else None


def apply(connection: Connection, plans: Sequence[Prepared]) -> list[bool]:
    """Writes the plans.

    Returns:
        For each plan whether it was written: not, if its owner has lost the lease.
    """
    owners = _lock(connection, plans)
    leased = set(owners)
    written: list[bool] = []
    for plan in plans:
        written.append(plan.owner is None or plan.owner == owners.get(plan.source))
        if written[-1]:
            owners.pop(plan.source, None)  # the lease ends with the plan
    held = [plan for plan, holds in zip(plans, written, strict=True) if holds]
    bringing = [plan for plan in held if plan.brings]
    departed = _departed(connection, [plan for plan in bringing if plan.departed])
    _write_rows(connection, held)
    if ended := leased - owners.keys():
        leases.end(connection, sorted(ended))
    history.write(connection, [plan.record for plan in held if plan.record is not None])
    if bringing:
        _write_brought(connection, bringing, departed)
    return written


def _write_brought(connection: Connection, plans: Sequence[Prepared], departed: Sequence[tuple[int, str]]) -> None:
    """What plans bring beside their sources' rows."""
    touched = [key for plan in plans for key in (*(row[0] for row in plan.entries), *(row[1] for row in plan.deleted))]
    before = _count(connection, touched)
    _write_documents.run(connection, [(*plan.document, plan.source) for plan in plans if plan.document is not None])
    for plan in plans:
        if plan.offer is not None:
            subscribed.offer(connection, plan.source, *plan.offer, plan.at)
    _keep_former.run(connection, [row for plan in plans for row in plan.former])
    _write_entries.run(connection, [row for plan in plans for row in plan.entries])
    search.write(connection, [row[0] for plan in plans for row in plan.entries])
    _restore.run(connection, [row for plan in plans for row in plan.restored])
    _delete.run(connection, [row for plan in plans for row in plan.deleted])
    _depart.run(connection, departed)
    after = _count(connection, touched)
    source_rows.count_more(connection, {id_: after.get(id_, 0) - before.get(id_, 0) for id_ in before | after})
    holds.write(connection, [plan.hold for plan in plans if plan.hold is not None])
    if events := [(event, plan.at) for plan in plans for event in plan.events]:
        happenings.record(connection, events)
    if changed := sorted({plan.source for plan in plans if plan.changes}):
        number = source_rows.next_change(connection)
        _write_changes.run(connection, [(number, source) for source in changed])


def _write_rows(connection: Connection, plans: Sequence[Prepared]) -> None:
    """The sources' rows: of two plans of one source, the later one's stands."""
    is_settled = attrgetter("is_settled")
    ordered = plans if len({plan.source for plan in plans}) < len(plans) else sorted(plans, key=is_settled)
    for settled, run in groupby(ordered, key=is_settled):
        (_write_schedules if settled else _write_polls).run(connection, [plan.poll for plan in run])


def _count(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """How many of these entries are there and not deleted, by source."""
    return dict(_counted.rows(connection, keys=packed(connection, keys))) if keys else {}


def _lock(connection: Connection, plans: Sequence[Prepared]) -> dict[str, str]:
    """Locks the rows of the plans' sources, and says who holds the lease of each; nobody, where it is missing."""
    wanted = {plan.source for plan in plans}
    owners = leases.held(connection, sorted(wanted))
    if free := wanted - owners.keys():
        known = {row[0] for row in _there.rows(connection, ids=packed(connection, sorted(free)))}
        if unknown := free - known:
            # Polled by name before it was ever configured here: it has a row, but no tick asks for it.
            source_rows.add(connection, unknown, False, plans[0].at)
    return owners


def _departed(connection: Connection, plans: Sequence[Prepared]) -> list[tuple[int, str]]:
    """When each entry that is gone now was still there: at its source's last success, which the new state hides."""
    if not plans:
        return []
    read = select(polls.c.source, polls.c.last_success_at)
    read = read.where(among(connection, polls.c.source, sorted({plan.source for plan in plans})))
    last: dict[str, datetime | None] = {row[0]: row[1] for row in connection.execute(read)}
    return [(to_microseconds(last[plan.source] or plan.at), key) for plan in plans for key in plan.departed]


def _settled(state: PollState) -> tuple[object, ...]:
    """What stands in a source's row beside its schedule."""
    return (
        state.body_digest,
        state.config_digest,
        state.last_changed_at,
        state.full_at,
        state.feed_url,
        state.move,
        state.believed_url,
        state.gone_at,
        state.watched_since,
        state.pause,
    )


def _schedule(state: PollState) -> tuple[Any, ...]:
    return (
        0 if state.next_poll_at is None else to_microseconds(state.next_poll_at),
        state.validators.etag,
        state.validators.last_modified,
        state.failures,
        _optional(state.last_polled_at),
        _optional(state.last_success_at),
        state.last_error,
        None if state.last_error_kind is None else state.last_error_kind.value,
        state.last_status,
        state.why_due,
        state.polls,
    )


def _poll_row(state: PollState) -> tuple[Any, ...]:
    return (
        0 if state.next_poll_at is None else to_microseconds(state.next_poll_at),
        state.validators.etag,
        state.validators.last_modified,
        state.body_digest,
        state.config_digest,
        state.failures,
        _optional(state.last_polled_at),
        _optional(state.last_success_at),
        _optional(state.last_changed_at),
        state.last_error,
        None if state.last_error_kind is None else state.last_error_kind.value,
        state.last_status,
        state.why_due,
        _optional(state.full_at),
        state.feed_url,
        *(_MOVELESS if state.move is None else (state.move.to, to_microseconds(state.move.since), state.move.polls)),
        state.believed_url,
        _optional(state.gone_at),
        state.polls,
        _optional(state.watched_since),
        None if state.pause is None else state.pause // MICROSECOND,
        state.source,
    )


def _entry_row(change: EntryChange) -> tuple[Any, ...]:
    entry = change.entry
    return (
        entry.key,
        entry.source,
        digest_of(entry.id),
        None if entry.url is None else digest_of(entry.url),
        entry.revision,
        to_microseconds(change.ordered_at),
        to_microseconds(change.first_seen_at),
        to_microseconds(change.at),
        _optional(change.earliest_at),
        _encode(entry).decode(),
        change.content.decode(),
    )


def _optional(instant: datetime | None) -> int | None:
    return None if instant is None else to_microseconds(instant)
