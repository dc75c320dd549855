"""The last polls of each source, for people: a ring of rows, written with each poll in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from aggregator.model.poll import PollRecord, PollState
from aggregator.store.statements import Bulk, insert
from aggregator.store.tables import from_microseconds, poll_history, to_microseconds

KEPT = 12
"""Polls of each source: half a day at the usual interval with nothing new, and some 1.5 KB."""

_COLUMNS = tuple(column.name for column in poll_history.c)


def _put(dialect: str) -> Any:
    new = insert(dialect, poll_history).values({name: bindparam(name) for name in _COLUMNS})
    return new.on_conflict_do_update(
        index_elements=["slot", "source"], set_={name: new.excluded[name] for name in _COLUMNS[2:]}
    )


_write = Bulk(_put, _COLUMNS)
_MILLISECOND = timedelta(milliseconds=1)


def row(state: PollState, record: PollRecord) -> tuple[Any, ...]:
    """The row of a poll.

    Args:
        state: after the poll: its number gives the place in the ring.
    """
    return (
        state.polls % KEPT,
        state.source,
        to_microseconds(record.at),
        record.took // _MILLISECOND,
        record.outcome,
        record.status,
        record.size,
        record.new,
        record.revised,
        record.deleted,
        record.detail or None,
        None if record.next_poll_at is None else to_microseconds(record.next_poll_at),
        record.why,
    )


def write(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Writes rows; each replaces the one of twelve polls before."""
    _write.run(connection, sorted(rows, key=lambda row: row[:2]))


def of_source(connection: Connection, source: str) -> list[PollRecord]:
    """The last polls of a source, newest first."""
    read = select(poll_history).where(poll_history.c.slot.in_(range(KEPT)), poll_history.c.source == source)
    return [_record(row) for row in connection.execute(read.order_by(poll_history.c.at.desc()))]


def _record(row: Any) -> PollRecord:
    return PollRecord(
        at=from_microseconds(row.at),
        took=row.took * _MILLISECOND,
        outcome=row.outcome,
        status=row.status,
        size=row.size,
        new=row.new,
        revised=row.revised,
        deleted=row.deleted,
        detail=row.detail or "",
        next_poll_at=None if row.next_poll_at is None else from_microseconds(row.next_poll_at),
        why=row.why,
    )
