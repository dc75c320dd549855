"""What waits to be sent: kept until it was, whichever process sends it, and never sent by two at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, update

from aggregator.model.hub import Outgoing, OutgoingKind
from aggregator.store.statements import among, insert
from aggregator.store.tables import outbox, to_microseconds

_COLUMNS = ("id", "kind", "target", "facts", "created_at", "next_at", "tries", "version", "problem")


def put(connection: Connection, outgoing: Sequence[Outgoing]) -> None:
    """Adds requests. One that waits already under the same id begins anew with these facts."""
    if not outgoing:
        return
    rows = [
        {
            "id": one.id,
            "kind": one.kind.value,
            "target": one.target,
            "facts": one.facts,
            "created_at": one.created_at,
            "next_at": one.next_at,
            "tries": 0,
            "version": 1,
            "claimed_until": 0,
        }
        for one in outgoing
    ]
    statement = insert(connection.dialect.name, outbox)
    again = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "facts": statement.excluded.facts,
            "created_at": statement.excluded.created_at,
            "next_at": statement.excluded.next_at,
            "tries": 0,
            "version": outbox.c.version + 1,
            "problem": None,
        },
    )
    connection.execute(again, rows)


def some_due(connection: Connection, now: datetime) -> bool:
    """Whether `claim` would find any: a look at the head of an index."""
    return connection.execute(_due(now).limit(1)).first() is not None


def _due(now: datetime) -> Select[tuple[str]]:
    return select(outbox.c.id).where(outbox.c.next_at <= now, outbox.c.claimed_until <= to_microseconds(now))


def claim(connection: Connection, now: datetime, lease: timedelta, owner: str, limit: int) -> list[Outgoing]:
    """Requests that are due, the longest waiting first, for this process alone until the lease ends."""
    due = _due(now).order_by(outbox.c.next_at).limit(limit).with_for_update(skip_locked=True).cte("due")
    rows = connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(select(due.c.id)))
        .values(claimed_until=to_microseconds(now + lease), owner=owner)
        .returning(*(outbox.c[name] for name in _COLUMNS))
    ).all()
    return sorted(map(_outgoing, rows), key=lambda one: (one.next_at, one.id))


def _outgoing(row: Any) -> Outgoing:
    facts = dict(row._mapping)
    return Outgoing(**(facts | {"kind": OutgoingKind(row.kind)}))


def done(connection: Connection, one: Outgoing) -> None:
    """Forgets a request that was sent or is given up; one that was wanted again meanwhile is due at once."""
    connection.execute(delete(outbox).where(outbox.c.id == one.id, outbox.c.version == one.version))
    connection.execute(update(outbox).where(outbox.c.id == one.id).values(claimed_until=0, owner=None))


def again(connection: Connection, one: Outgoing, at: datetime, problem: str) -> None:
    """Puts a request off after a try that failed."""
    failed = update(outbox).where(outbox.c.id == one.id, outbox.c.version == one.version)
    connection.execute(failed.values(next_at=at, tries=one.tries + 1, problem=problem, claimed_until=0, owner=None))
    connection.execute(update(outbox).where(outbox.c.id == one.id).values(claimed_until=0, owner=None))


def postpone(connection: Connection, ones: Sequence[Outgoing], at: datetime) -> None:
    """Gives requests back that were claimed and not tried; they are due later."""
    named = among(connection, outbox.c.id, [one.id for one in ones])
    connection.execute(update(outbox).where(named).values(next_at=at, claimed_until=0, owner=None))


def release(connection: Connection, owner: str) -> None:
    """Gives back what a process that ends has claimed."""
    connection.execute(update(outbox).where(outbox.c.owner == owner).values(claimed_until=0, owner=None))


def forget(connection: Connection, kinds: Sequence[OutgoingKind], targets: Sequence[str]) -> None:
    """Drops what waits for these targets."""
    named = [kind.value for kind in kinds]
    connection.execute(delete(outbox).where(outbox.c.kind.in_(named), among(connection, outbox.c.target, targets)))


def waiting(connection: Connection) -> list[tuple[OutgoingKind, str, int, int, str | None]]:
    """(kind, target, how many, most tries, a problem) of all that waits."""
    read = select(
        outbox.c.kind, outbox.c.target, func.count(), func.max(outbox.c.tries), func.max(outbox.c.problem)
    ).group_by(outbox.c.kind, outbox.c.target)
    rows = connection.execute(read.order_by(outbox.c.kind, outbox.c.target)).all()
    return [(OutgoingKind(row[0]), row[1], row[2], row[3], row[4]) for row in rows]


def count(connection: Connection, kind: OutgoingKind) -> int:
    """How many requests of a kind wait."""
    read = select(func.count()).select_from(outbox).where(outbox.c.kind == kind.value)
    return connection.execute(read).scalar_one()
