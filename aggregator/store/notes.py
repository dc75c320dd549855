"""Small facts under a name: what a running service says of itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.store.statements import insert
from aggregator.store.tables import notes


def write(connection: Connection, name: str, value: bytes, at: datetime) -> None:
    """Stores a fact; a newer one replaces it."""
    statement = insert(connection.dialect.name, notes).values(name=name, value=value.decode(), at=at)
    fresh = {"value": statement.excluded.value, "at": statement.excluded.at}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=fresh))


def read(connection: Connection, name: str) -> bytes | None:
    """The fact of that name, as JSON; None: there is none."""
    value = connection.execute(select(notes.c.value).where(notes.c.name == name)).scalar_one_or_none()
    return None if value is None else str(value).encode()
