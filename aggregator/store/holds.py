"""Hosts that asked to be left alone: kept over a restart, seen by every process (R6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from aggregator.model.poll import HostHold
from aggregator.store.statements import Query, insert
from aggregator.store.tables import from_microseconds, host_holds, to_microseconds

_all = Query(lambda dialect: select(host_holds.c.host, host_holds.c.until).where(host_holds.c.until > bindparam("now")))


def write(connection: Connection, found: Iterable[HostHold]) -> None:
    """Stores what hosts asked for; the newest word of a host stands."""
    for hold in sorted(found, key=lambda hold: hold.host):
        row = {"host": hold.host, "until": to_microseconds(hold.until)}
        new = insert(connection.dialect.name, host_holds).values(row)
        connection.execute(new.on_conflict_do_update(index_elements=["host"], set_={"until": new.excluded.until}))


def read(connection: Connection, now: datetime) -> tuple[HostHold, ...]:
    """Those that hold at this moment."""
    rows = _all.rows(connection, now=to_microseconds(now))
    return tuple(HostHold(host=host, until=from_microseconds(until)) for host, until in rows)


def forget(connection: Connection, now: datetime) -> None:
    """Deletes those that have ended."""
    connection.execute(delete(host_holds).where(host_holds.c.until <= to_microseconds(now)))
