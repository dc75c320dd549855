"""Sources: their rows, when each is due, and what is remembered of each between two polls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, overload

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    type_coerce,
    update,
)

from aggregator.model.fetched import FailureKind, Validators
from aggregator.model.parsed import FeedFacts
from aggregator.model.poll import Move, PollState
from aggregator.store import leases, signal
from aggregator.store.statements import Bulk, Query, among, insert, one_of, packed
from aggregator.store.tables import MICROSECOND, counters, from_microseconds, polls, sources, to_microseconds

Item = tuple[str, str]

_items = msgspec.json.Decoder(tuple[Item, ...])
_encode = msgspec.json.Encoder().encode
_feed = msgspec.json.Decoder(FeedFacts)
NO_ITEMS = "[]"
NO_FEED = msgspec.json.encode(FeedFacts()).decode()


class StoredItems(Sequence[Item]):
    """Items of a document as the database holds them, read when somebody looks: nearly every poll ends without."""

    __slots__ = ("_read", "json")

    def __init__(self, json: str) -> None:
        self.json = json
        self._read: tuple[Item, ...] | None = None

    def _all(self) -> tuple[Item, ...]:
        if self._read is None:
            self._read = _items.decode(self.json)
        return self._read

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | Sequence[Item]:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Item]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, StoredItems) else other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


def json_of(items: Sequence[Item]) -> str:
    """Items as the database holds them."""
    return items.json if isinstance(items, StoredItems) else _encode(items).decode()


_add_sources = Bulk(
    lambda dialect: (
        insert(dialect, sources)
        .values(
            id=bindparam("id"),
            active=bindparam("active"),
            added_at=bindparam("added_at"),
            change=bindparam("change"),
            known_items=bindparam("known_items"),
            feed_facts=bindparam("feed_facts"),
        )
        .on_conflict_do_nothing()
    ),
    ("id", "active", "added_at", "change", "known_items", "feed_facts"),
)
_add_polls = Bulk(
    lambda dialect: (
        insert(dialect, polls)
        .values(
            source=bindparam("source"),
            active=bindparam("active"),
            next_poll_at=bindparam("next_poll_at"),
            failures=bindparam("failures"),
            why_due=bindparam("why_due"),
        )
        .on_conflict_do_nothing()
    ),
    ("source", "active", "next_poll_at", "failures", "why_due"),
)
_switch_sources = Bulk(
    lambda dialect: (
        update(sources)
        .where(sources.c.id == bindparam("source"))
        .values(active=bindparam("to"), retired_at=bindparam("retired"))
    ),
    ("to", "retired", "source"),
)
_switch_polls = Bulk(
    lambda dialect: (
        update(polls)
        .where(polls.c.source == bindparam("id"))
        .values(active=and_(bindparam("to", type_=Boolean), polls.c.gone_at.is_(None)))
    ),
    ("to", "id"),
)


def sync(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """Makes the sources of the configuration, and only those, active: new ones get their rows, others are retired
    with all that is known of them, returning ones go on where they stopped, unless they are gone (410)."""
    active: dict[str, bool] = {row.id: row.active for row in connection.execute(select(sources.c.id, sources.c.active))}
    wanted = set(ids)
    add(connection, wanted - active.keys(), True, now)
    returned = sorted(source for source, is_active in active.items() if source in wanted and not is_active)
    retired = sorted(source for source, is_active in active.items() if source not in wanted and is_active)
    instant = to_microseconds(now)
    switched = [*((True, None, source) for source in returned), *((False, instant, source) for source in retired)]
    _switch_sources.run(connection, switched)
    _switch_polls.run(connection, [(to, source) for to, _, source in switched])


def add(connection: Connection, ids: Iterable[str], active: bool, now: datetime) -> None:
    """Rows of sources that have none yet."""
    instant, ordered = to_microseconds(now), sorted(ids)
    _add_sources.run(connection, [(source, active, instant, 0, NO_ITEMS, NO_FEED) for source in ordered])
    _add_polls.run(connection, [(source, active, 0, 0, "") for source in ordered])


_count_more = Bulk(
    lambda dialect: (
        update(polls)
        .where(polls.c.source == bindparam("id"))
        .values(entries=polls.c.entries + bindparam("more", type_=Integer))
    ),
    ("more", "id"),
)


def count_more(connection: Connection, more: Mapping[str, int]) -> None:
    """Keeps how many entries each source has: so many more, or fewer, than before. INVARIANT: whoever adds or takes
    away entries of a source holds the lock of its row in polls meanwhile, so that none is counted twice."""
    _count_more.run(connection, [(count, id_) for id_, count in sorted(more.items()) if count])


def lock(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Locks the rows of sources in polls, always in the same order; gives those that there are."""
    return list(
        connection.execute(
            select(polls.c.source)
            .where(among(connection, polls.c.source, sorted(ids)))
            .order_by(polls.c.source)
            .with_for_update()
        ).scalars()
    )


def entry_counts(connection: Connection, ids: Sequence[str] | None = None) -> dict[str, int]:
    """How many entries each source has that were not deleted upstream: of these sources, or of all. Sources without
    any are missing."""
    rows = _entry_counts.rows(connection) if ids is None else _some_counts.rows(connection, ids=packed(connection, ids))
    return dict(rows)


_entry_counts = Query(lambda dialect: select(polls.c.source, polls.c.entries).where(polls.c.entries > 0))
_some_counts = Query(
    lambda dialect: select(polls.c.source, polls.c.entries).where(
        one_of(dialect, polls.c.source, "ids"), polls.c.entries > 0
    )
)


def some_due(connection: Connection, now: datetime) -> bool:
    """Whether `claim` would find any: a look at the head of an index."""
    instant = to_microseconds(now)
    return bool(_some_due.rows(connection, now=instant))


def _due() -> Select[tuple[str]]:
    """Sources that are due and not leased."""
    return select(polls.c.source).where(polls.c.active, polls.c.next_poll_at <= bindparam("now"), ~leases.is_leased())


_some_due = Query(lambda dialect: _due().limit(1))


def claim(connection: Connection, now: datetime, lease: timedelta, owner: str, limit: int) -> list[PollState]:
    """Leases the sources that are due, the longest due first; two processes never get the same."""
    instant = to_microseconds(now)
    due = _claimable.rows(connection, now=instant, most=limit)
    if not due:
        return []
    # Another process may have leased them since this one began to look: then they are its.
    got = leases.take(connection, [row[0] for row in due], owner, instant, to_microseconds(now + lease))
    known = {row[0]: row[1:] for row in _documents.rows(connection, ids=packed(connection, got))}
    return [_state((*row, *known[row[0]])) for row in sorted(due, key=_BY_DUE) if row[0] in got]


def claim_named(
    connection: Connection, ids: Sequence[str], now: datetime, lease: timedelta, owner: str
) -> list[PollState]:
    """Leases these sources, due or not, unless another process polls them at this moment."""
    known = lock(connection, ids)
    got = leases.take(connection, known, owner, to_microseconds(now), to_microseconds(now + lease)) if known else ()
    return list(states(connection, sorted(got)).values()) if got else []


def states(connection: Connection, ids: Sequence[str] | None) -> dict[str, PollState]:
    """What is remembered of the given sources; None: of all that are active."""
    rows = _active.rows(connection) if ids is None else _named.rows(connection, ids=packed(connection, ids))
    return {row[0]: _state(row) for row in rows}


def _remembered() -> Select[Any]:
    read = select(*_STATE, sources.c.known_items, sources.c.feed_facts).join(sources, sources.c.id == polls.c.source)
    return read.order_by(polls.c.source)


def release(connection: Connection, owner: str) -> None:
    """Gives back every lease of a process: at its end, so that another need not wait for them."""
    leases.give_back(connection, owner)


def give_back(connection: Connection, source: str, owner: str) -> None:
    """Gives back the lease of one source."""
    leases.give_back(connection, owner, [source])


def feeds(connection: Connection, ids: Sequence[str]) -> dict[str, FeedFacts]:
    """What the last documents of these sources say of their feeds."""
    return {row[0]: _feed.decode(row[1]) for row in _feed_facts.rows(connection, ids=packed(connection, ids))}


def changed_rows(connection: Connection, cursor: int) -> list[tuple[str, int]]:
    """(source, number of its last change) of those whose entries changed after the given number, whoever wrote them."""
    # The counter is locked until its transaction ends, so numbers become visible in their order: none is skipped.
    return [(row[0], row[1]) for row in _changed.rows(connection, cursor=cursor)]


_changed = Query(lambda dialect: select(sources.c.id, sources.c.change).where(sources.c.change > bindparam("cursor")))


def next_change(connection: Connection) -> int:
    """A number above all that were given before."""
    signal.tell(connection)
    return int(_next_change.rows(connection)[0][0])


_next_change = Query(
    lambda dialect: (
        update(counters)
        .where(counters.c.name == "change")
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
)


def push(connection: Connection, source: str, until: datetime | None, now: datetime) -> None:
    """Notes until when a hub delivers a source; None: it has stopped, so the source is due at once."""
    values: dict[str, int | None] = {"pushed_until": None if until is None else to_microseconds(until)}
    if until is None:
        values["next_poll_at"] = to_microseconds(now)
    delivered = update(polls).where(polls.c.source == source)
    if until is None:
        delivered = delivered.where(polls.c.pushed_until.is_not(None))
    connection.execute(delivered.values(values))


def mend_clock(connection: Connection, now: datetime, lease: timedelta) -> int:
    """Puts right what a clock that went ahead has left behind: schedules and leases of a time that is to come (R17).

    A source that was polled "later" than now waits from now on as long as it would have waited from then; a lease that
    is longer than any, and a host's wish from that time, end.

    Returns:
        How many sources were put right.
    """
    instant = to_microseconds(now)
    ahead = update(polls).where(polls.c.last_polled_at > now + _SKEW)
    wait = polls.c.next_poll_at - type_coerce(polls.c.last_polled_at, BigInteger)
    shifted = connection.execute(
        ahead.values(
            next_poll_at=case((wait > 0, instant + wait), else_=instant),
            last_polled_at=now,
            why_due="the clock was set back",
        )
    )
    leases.shorten(connection, now + lease)
    return int(shifted.rowcount)


_SKEW = timedelta(minutes=5)
"""Clocks of several machines differ by less."""


def count(connection: Connection) -> int:
    """How many sources are active."""
    return connection.execute(select(func.count()).select_from(polls).where(polls.c.active)).scalar_one()


_APART = ("active", "host", "entries")
_STATE = tuple(column for column in polls.c if column.name not in _APART)

_claimable = Query(
    lambda dialect: (
        _due()
        .with_only_columns(*_STATE)
        .order_by(polls.c.next_poll_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
)
_documents = Query(
    lambda dialect: select(sources.c.id, sources.c.known_items, sources.c.feed_facts).where(
        one_of(dialect, sources.c.id, "ids")
    )
)
_active = Query(lambda dialect: _remembered().where(polls.c.active))
_named = Query(lambda dialect: _remembered().where(one_of(dialect, polls.c.source, "ids")))
_feed_facts = Query(
    lambda dialect: select(sources.c.id, sources.c.feed_facts).where(one_of(dialect, sources.c.id, "ids"))
)


_BY_DUE = itemgetter(1, 0)
"""Of a row of `_STATE`: next_poll_at, then source."""


def _state(row: Sequence[Any]) -> PollState:
    """The state from a row of `_STATE`, items and feed facts. By position: each name would cost 0.3 µs, and every poll
    of every source comes through here."""
    source, due, etag, modified, body, config, failures, polled, success, changed, error, kind, status, why, *rest = row
    full, url, moved_to, moved_since, moved_polls, believed, gone, polls, watched, pause, pushed, items, feed = rest
    return PollState(
        source=source,
        next_poll_at=from_microseconds(due) if due else None,
        validators=Validators(etag=etag, last_modified=modified),
        body_digest=body,
        config_digest=config,
        items=StoredItems(items),
        failures=failures,
        last_polled_at=_instant(polled),
        last_success_at=_instant(success),
        last_changed_at=_instant(changed),
        last_error=error,
        last_error_kind=None if kind is None else FailureKind(kind),
        last_status=status,
        feed=_feed.decode(feed),
        why_due=why,
        full_at=_instant(full),
        feed_url=url,
        move=None if moved_to is None else Move(to=moved_to, since=from_microseconds(moved_since), polls=moved_polls),
        believed_url=believed,
        gone_at=_instant(gone),
        polls=polls or 0,
        watched_since=_instant(watched),
        pause=None if pause is None else pause * MICROSECOND,
        pushed_until=_instant(pushed),
    )


def _instant(value: int | None) -> datetime | None:
    return None if value is None else from_microseconds(value)


def ask_soon(connection: Connection, ids: Sequence[str], why: str, now: datetime) -> list[str]:
    """Makes sources due at once, those that are gone or disabled left out.

    Returns:
        Ids of those that will be asked, also where they were due before.
    """
    named = (among(connection, polls.c.source, ids), polls.c.active, polls.c.gone_at.is_(None))
    sooner = update(polls).where(*named, polls.c.next_poll_at > to_microseconds(now))
    connection.execute(sooner.values(next_poll_at=to_microseconds(now), why_due=why))
    return [str(row[0]) for row in connection.execute(select(polls.c.source).where(*named).order_by(polls.c.source))]
