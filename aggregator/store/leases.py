"""Leases: which sources are polled at this moment, and by whom, so that no second process polls them.

A table of its own with as many rows as polls run: in `polls` each poll would write its row of some hundred bytes twice,
which with many sources is a page each time, and a new version of the row on PostgreSQL.

INVARIANT: whoever takes a lease, or writes because it holds one, has locked the source's row in `polls` before it looks
at the lease. So a poll cannot be written while another process takes its source over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnElement,
    Connection,
    Text,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql

from aggregator.store.statements import Query, among, insert, one_of, packed
from aggregator.store.tables import leases, polls, to_microseconds

QUEUED = "queued"
"""Owner of what waits for a worker."""


def is_leased() -> ColumnElement[bool]:
    """Whether a row of `polls` is leased at the instant that the parameter `now` gives."""
    held = select(literal(1)).where(leases.c.source == polls.c.source, leases.c.until > bindparam("now"))
    return held.correlate(polls).exists()


def take(
    connection: Connection, sources: Iterable[str], owner: str, now: int, until: int, mine: str | None = None
) -> set[str]:
    """Leases sources, whose rows in `polls` the caller has locked.

    Args:
        now: microseconds; leases that ended at or before it are anybody's.
        until: microseconds.
        mine: pattern (LIKE) of owners that are taken over, as those are that wait in the queue; None: nobody is.
    Returns:
        Those that were free.
    """
    given = {"ids": packed(connection, sources), "owner": owner, "now": now, "until": until}
    if mine is None:
        return {row[0] for row in _take.rows(connection, **given)}
    return {row[0] for row in _take_over.rows(connection, **given, mine=mine)}


def _taking(dialect: str, *others: ColumnElement[bool]) -> ClauseElement:
    if dialect == "postgresql":
        source: ColumnElement[str] = func.unnest(bindparam("ids", type_=postgresql.ARRAY(Text)))
    else:
        source = func.json_each(bindparam("ids", type_=Text)).table_valued("value").c.value
    owner, until = bindparam("owner", type_=Text), bindparam("until", type_=BigInteger)
    # Without a condition SQLite takes ON CONFLICT for one of a join.
    found = select(source, owner, until).where(literal_column("1") == literal_column("1"))
    new = insert(dialect, leases).from_select(["source", "owner", "until"], found)
    return new.on_conflict_do_update(
        index_elements=[leases.c.source],
        set_={"owner": new.excluded.owner, "until": new.excluded.until},
        where=or_(leases.c.until <= bindparam("now"), *others),
    ).returning(leases.c.source)


_take = Query(_taking)
_take_over = Query(
    lambda dialect: _taking(
        dialect, leases.c.owner == literal(QUEUED, Text), leases.c.owner.like(bindparam("mine", type_=Text))
    )
)


def held(connection: Connection, sources: Sequence[str]) -> dict[str, str]:
    """Who has, or had last, the lease of each of these sources; those that nobody has are missing. Their rows in
    `polls` are locked until the transaction ends.

    Args:
        sources: sorted, so that two transactions that wait for one another's rows do so in a line and not in a ring.
    """
    ids = packed(connection, sources)
    if connection.dialect.name == "postgresql":  # SQLite has one writer
        _lock.run(connection, ids=ids)
    # After the lock, in a statement of its own: on PostgreSQL it sees what was committed while that was waited for.
    return dict(_owners.rows(connection, ids=ids))


_lock = Query(
    lambda dialect: (
        select(polls.c.source).where(one_of(dialect, polls.c.source, "ids")).order_by(polls.c.source).with_for_update()
    )
)
_owners = Query(lambda dialect: select(leases.c.source, leases.c.owner).where(one_of(dialect, leases.c.source, "ids")))


def end(connection: Connection, sources: Iterable[str]) -> None:
    """Ends the leases of sources, whoever has them."""
    _end.run(connection, ids=packed(connection, sources))


_end = Query(lambda dialect: delete(leases).where(one_of(dialect, leases.c.source, "ids")))


def give_back(connection: Connection, owner: str, sources: Iterable[str] | None = None) -> None:
    """Ends the leases that somebody has: of these sources, or all."""
    ended = delete(leases).where(leases.c.owner == owner)
    connection.execute(ended if sources is None else ended.where(among(connection, leases.c.source, sources)))


def shorten(connection: Connection, until: datetime) -> None:
    """Ends leases that last longer than any may: they come of a clock that went ahead."""
    connection.execute(delete(leases).where(leases.c.until > to_microseconds(until)))
