"""What pages show at a glance: few statements, each bounded by what a page shows or by an index of what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Integer, Select, and_, bindparam, case, func, or_, select, text

from aggregator.store.statements import Query, among, one_of, packed
from aggregator.store.tables import (
    EPOCH,
    MICROSECOND,
    UNWELL,
    entries,
    flag_outputs,
    flag_states,
    flags,
    ledger,
    polls,
    releases,
)

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
KINDS_MAX = 100
"""Of ledger records, that a list can be filtered by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Open flags of one kind, by age."""

    kind: str
    count: int
    today: int
    """Not older than a day."""
    older: int
    """Older than a week."""
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How the polling of one source goes."""

    source: str
    failures: int
    is_gone: bool
    polled_at: datetime | None
    success_at: datetime | None
    changed_at: datetime | None
    next_at: datetime | None
    """None: as soon as somebody polls."""
    why: str
    error: str | None
    pushed_until: datetime | None


def waiting(connection: Connection, now: datetime) -> list[Waiting]:
    """Open flags by kind and age, the most first."""
    opened = flags.c.opened_at
    read = select(
        flags.c.kind,
        func.count(),
        func.sum(case((opened > now - DAY, 1), else_=0)),
        func.sum(case((opened <= now - WEEK, 1), else_=0)),
        func.min(opened),
    ).where(flags.c.closed_at.is_(None))
    rows = connection.execute(read.group_by(flags.c.kind)).all()
    found = [Waiting(kind=row[0], count=row[1], today=row[2], older=row[3], oldest_at=row[4]) for row in rows]
    return sorted(found, key=lambda one: (-one.count, one.kind))


def waiting_by_output(connection: Connection) -> dict[str, int]:
    """How many open flags each output waits for; those that wait for none are missing."""
    read = select(flag_outputs.c.output, func.count()).join(flags, flags.c.id == flag_outputs.c.flag)
    read = read.where(flags.c.closed_at.is_(None)).group_by(flag_outputs.c.output)
    return {row[0]: row[1] for row in connection.execute(read)}


def waiting_by(connection: Connection, name: str, values: Sequence[str]) -> dict[str, int]:
    """How many open flags there are by `source` or `publisher`, of these; those without any are missing."""
    column = flags.c[name]
    read = select(column, func.count()).where(flags.c.closed_at.is_(None), among(connection, column, values))
    return {row[0]: row[1] for row in connection.execute(read.group_by(column))}


def overdue(connection: Connection, today: str, name: str = "") -> tuple[int, int]:
    """How many waiting flags are overdue, and how many are assigned to somebody.

    Args:
        today: ISO day.
        name: of an account; empty: nobody's.
    """
    waits = or_(flag_states.c.state == "open", flag_states.c.state == "requested")
    joined = flag_states.join(
        flags, and_(flags.c.id == flag_states.c.flag, flags.c.opened_at == flag_states.c.opened_at)
    )
    read = select(func.count()).select_from(joined).where(flags.c.closed_at.is_(None), waits)
    late = connection.execute(read.where(flag_states.c.due_on < today)).scalar_one()
    mine = connection.execute(read.where(flag_states.c.assignee == name)).scalar_one() if name else 0
    return late, mine


def pulses(connection: Connection, ids: Iterable[str] | None = None) -> dict[str, Pulse]:
    """How the polling of sources goes: all of them, or these. Those that were never configured here are missing."""
    columns = polls.c
    read = select(
        columns.source,
        columns.failures,
        columns.gone_at,
        columns.last_polled_at,
        columns.last_success_at,
        columns.last_changed_at,
        columns.next_poll_at,
        columns.why_due,
        columns.last_error,
        columns.pushed_until,
    )
    if ids is not None:
        read = read.where(among(connection, columns.source, ids))
    return {row.source: _pulse(row) for row in connection.execute(read)}


def _pulse(row: Any) -> Pulse:
    return Pulse(
        source=row.source,
        failures=row.failures,
        is_gone=row.gone_at is not None,
        polled_at=row.last_polled_at,
        success_at=row.last_success_at,
        changed_at=row.last_changed_at,
        next_at=_instant(row.next_poll_at),
        why=row.why_due,
        error=row.last_error,
        pushed_until=_instant(row.pushed_until),
    )


def _instant(value: int | None) -> datetime | None:
    return EPOCH + value * MICROSECOND if value else None


def unusual(connection: Connection) -> dict[str, str]:
    """The health of those sources that are not well: `new`, `gone` or `failing`. All others are `ok`."""
    return {
        source: "new" if polled is None else "gone" if gone is not None else "failing"
        for source, gone, polled in _unusual.rows(connection)
    }


_unusual = Query(
    lambda dialect: select(polls.c.source, polls.c.gone_at, polls.c.last_polled_at).where(text(f"({UNWELL})"))
)


def moments(connection: Connection, name: str) -> dict[str, int]:
    """When each source last changed (`changed`), or is asked next (`next`), in microseconds; 0: nobody knows."""
    return {source: at or 0 for source, at in _moments[name].rows(connection)}


_moments = {
    "changed": Query(lambda dialect: select(polls.c.source, polls.c.last_changed_at)),
    "next": Query(lambda dialect: select(polls.c.source, polls.c.next_poll_at)),
}


def standing_of(connection: Connection, keys: Sequence[str], known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """In which of the outputs that are known each of these entries stands now, in their order; entries that stand in
    none are missing."""
    order = {output: place for place, output in enumerate(known)}
    read = select(releases.c.entry, releases.c.output)
    read = read.where(among(connection, releases.c.entry, keys), releases.c.closed_at.is_(None))
    found: dict[str, list[str]] = {}
    for row in connection.execute(read):
        if row.output in order:
            found.setdefault(row.entry, []).append(row.output)
    return {entry: tuple(sorted(outputs, key=order.__getitem__)) for entry, outputs in found.items()}


def newest_titles(connection: Connection, outputs: Sequence[str], count: int) -> dict[str, tuple[str, ...]]:
    """Titles of the newest entries that stand in each of these outputs, or their ids; an output in which none stands is
    missing."""
    rows = _newest.rows(connection, outputs=packed(connection, outputs), count=count)
    found: dict[str, list[str]] = {}
    for output, facts in rows:
        entry = _titled.decode(facts)
        found.setdefault(output, []).append(entry.title or entry.id)
    return {output: tuple(titles) for output, titles in found.items()}


class _Titled(msgspec.Struct):
    """What is read of an entry's facts."""

    id: str
    title: str


_titled = msgspec.json.Decoder(_Titled)


def _ranked(dialect: str) -> Select[Any]:
    """First the places alone, then the facts of the few that are shown."""
    newest_first = entries.c.ordered_at.desc(), entries.c.key.desc()
    place = func.row_number().over(partition_by=releases.c.output, order_by=newest_first).label("place")
    ranked = select(releases.c.output, entries.c.key, place).join(entries, entries.c.key == releases.c.entry)
    ranked = ranked.where(one_of(dialect, releases.c.output, "outputs"), releases.c.closed_at.is_(None))
    some = ranked.subquery("ranked")
    read = select(some.c.output, entries.c.facts).join(some, some.c.key == entries.c.key)
    read = read.where(some.c.place <= bindparam("count", type_=Integer))
    return read.order_by(some.c.output, some.c.place)


_newest = Query(_ranked)


def carried_of(connection: Connection, source: str, outputs: Sequence[str]) -> dict[str, int]:
    """How many entries of a source stand in each of these outputs now; where none does, the output is missing."""
    read = select(releases.c.output, func.count()).join(entries, entries.c.key == releases.c.entry)
    read = read.where(
        releases.c.closed_at.is_(None), entries.c.source == source, among(connection, releases.c.output, outputs)
    )
    return {row[0]: row[1] for row in connection.execute(read.group_by(releases.c.output))}


# ── the ledger, as people read it ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """Which records a list shows; empty: all."""

    kind: str = ""
    subjects: tuple[str, ...] = ()
    """Whole, as they were recorded: any of them."""
    since: datetime | None = None
    until: datetime | None = None
    """Records of before it."""


def ledger_page(connection: Connection, wanted: LedgerFilter, before: int, limit: int) -> list[Any]:
    """Records newest first.

    Args:
        before: only those with smaller numbers; 0: from the newest.
    """
    columns = ledger.c
    read = select(columns.number, columns.at, columns.kind, columns.subject, columns.body, columns.hash)
    if before:
        read = read.where(columns.number < before)
    if wanted.kind:
        read = read.where(columns.kind == wanted.kind)
    if wanted.subjects:
        read = read.where(among(connection, columns.subject, wanted.subjects))
    # Numbers grow with time: the bounds in time become bounds of the key that is walked.
    if wanted.since is not None and (first := _first_after(connection, wanted.since)) is not None:
        read = read.where(columns.number >= first)
    elif wanted.since is not None:
        return []
    if wanted.until is not None and (end := _first_after(connection, wanted.until)) is not None:
        read = read.where(columns.number < end)
    return list(connection.execute(read.order_by(columns.number.desc()).limit(limit)))


def _first_after(connection: Connection, at: datetime) -> int | None:
    """Number of the first record that is not older than an instant, found by halving: times grow with numbers."""
    low, high = 1, connection.execute(select(func.max(ledger.c.number))).scalar() or 0
    if not high or _at(connection, high) < at:
        return None
    while low < high:
        middle = (low + high) // 2
        if _at(connection, middle) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _at(connection: Connection, number: int) -> datetime:
    found: datetime | None = connection.execute(
        select(ledger.c.at).where(ledger.c.number >= number).order_by(ledger.c.number).limit(1)
    ).scalar()
    return found or EPOCH


def ledger_size(connection: Connection) -> int:
    """Number of the newest record, which is also how many there are; 0: none."""
    return connection.execute(select(func.max(ledger.c.number))).scalar() or 0


def ledger_kinds(connection: Connection) -> list[str]:
    """The kinds that are on record, found by jumping through their index from one to the next."""
    found: list[str] = []
    while len(found) < KINDS_MAX:
        read = select(func.min(ledger.c.kind))
        last = connection.execute(read.where(ledger.c.kind > found[-1]) if found else read).scalar()
        if last is None:
            break
        found.append(last)
    return found


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def database_facts(connection: Connection) -> tuple[str, int]:
    """What database it is, with its version; and how many bytes it takes on disk."""
    if connection.dialect.name == "postgresql":
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
        size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        return f"PostgreSQL {version}", int(size)
    version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return f"SQLite {version}", int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
