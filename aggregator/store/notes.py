"""Small facts under a name: what a running service says of itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy import delete as sql_delete

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


def read_all(connection: Connection, prefix: str) -> list[bytes]:
    """The facts whose names begin so, as JSON, by name."""
    read = select(notes.c.value).where(notes.c.name >= prefix, notes.c.name < prefix + "\U0010ffff")
    return [str(value).encode() for (value,) in connection.execute(read.order_by(notes.c.name))]


def delete(connection: Connection, name: str) -> None:
    """Forgets a fact."""
    connection.execute(sql_delete(notes).where(notes.c.name == name))


def forget(connection: Connection, prefix: str, before: datetime) -> None:
    """Forgets the facts whose names begin so and that are older than an instant."""
    named = sql_delete(notes).where(notes.c.name >= prefix, notes.c.name < prefix + "\U0010ffff")
    connection.execute(named.where(notes.c.at < before))
