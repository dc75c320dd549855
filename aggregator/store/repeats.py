"""Requests that may arrive twice: the first is done, its answer kept for a day and given again to the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select, update

from aggregator.store.statements import insert
from aggregator.store.tables import repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of a request that came before."""

    asked: str
    """Digest of what was asked."""
    status: int | None
    """Of its answer; None: it is not answered yet."""
    headers: dict[str, str]
    body: bytes


def begin(connection: Connection, key: str, asked: str, now: datetime, expires_at: datetime) -> Kept | None:
    """Claims a key for a request that is about to be done.

    Args:
        key: digest of who asks what with which Idempotency-Key.
        asked: digest of the request.
    Returns:
        None: it is the first. Else what came before it.
    """
    connection.execute(delete(repeats).where(repeats.c.expires_at <= now))
    new = insert(connection.dialect.name, repeats).values(key=key, asked=asked, expires_at=expires_at)
    if connection.execute(new.on_conflict_do_nothing().returning(repeats.c.key)).one_or_none() is not None:
        return None
    row = connection.execute(select(repeats).where(repeats.c.key == key)).one()
    headers = msgspec.json.decode(row.headers, type=dict[str, str]) if row.headers else {}
    return Kept(asked=row.asked, status=row.status, headers=headers, body=row.body or b"")


def keep(connection: Connection, key: str, status: int, headers: dict[str, str], body: bytes) -> None:
    """Stores the answer under a key that was claimed."""
    told = msgspec.json.encode(headers).decode()
    connection.execute(update(repeats).where(repeats.c.key == key).values(status=status, headers=told, body=body))


def forget(connection: Connection, key: str) -> None:
    """Gives a key back whose request was not done."""
    connection.execute(delete(repeats).where(repeats.c.key == key, repeats.c.status.is_(None)))
