"""Subscribers, each change with its record in the ledger, and what they fetched, which is no business of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ClauseElement, Connection, Row, and_, bindparam, case, delete, func, or_, select, update

from aggregator.errors import StoreError
from aggregator.model.output import Format
from aggregator.model.subscriber import Fetch, Subscriber
from aggregator.model.use import Use
from aggregator.store import ledger
from aggregator.store.ledger import Note
from aggregator.store.statements import Bulk, among, insert, text_of
from aggregator.store.tables import fetches, subscribers, to_microseconds

_use = msgspec.json.Decoder(Use)
_outputs = msgspec.json.Decoder(tuple[str, ...])
_formats = msgspec.json.Decoder(tuple[Format, ...])


def add(connection: Connection, subscriber: Subscriber, digest: str, now: datetime) -> None:
    """Stores a new subscriber.

    Args:
        digest: hex SHA-256 of its secret.
    Raises:
        StoreError: its id is taken.
    """
    ledger.lock(connection)
    if connection.execute(select(subscribers.c.id).where(subscribers.c.id == subscriber.id)).first() is not None:
        raise StoreError("subscriber '%(id)s' is recorded already; give this one another id", id=subscriber.id)
    row = {name: getattr(subscriber, name) for name in Subscriber.__slots__}
    row |= {"use": text_of(subscriber.use), "outputs": text_of(subscriber.outputs)}
    row |= {"formats": text_of(subscriber.formats), "secret_digest": digest}
    connection.execute(subscribers.insert(), row)
    body = {"what": "added", "by": subscriber.created_by, "name": subscriber.name, "use": subscriber.use}
    _record(connection, subscriber.id, body | {"outputs": subscriber.outputs}, now)


def renew(
    connection: Connection, id_: str, digest: str | None, expires_at: datetime | None, by: str, at: datetime
) -> bool:
    """Gives a subscriber another secret, or only another end; one that was revoked stays so.

    Args:
        digest: of the new secret; None: it keeps the one that it has.
    Returns:
        False if there is no such subscriber, or it was revoked.
    """
    values: dict[str, Any] = {"expires_at": expires_at}
    if digest is not None:
        values |= {"secret_digest": digest, "issued_at": at}
    renewed = update(subscribers).where(subscribers.c.id == id_, subscribers.c.revoked_at.is_(None)).values(values)
    if connection.execute(renewed.returning(subscribers.c.id)).first() is None:
        return False
    _record(connection, id_, {"what": "renewed", "by": by, "secret": digest is not None}, at)
    return True


def revoke(connection: Connection, id_: str, reason: str, by: str, now: datetime) -> bool:
    """Ends a subscriber's access for good; what it fetched stays on record.

    Returns:
        False if there is no such subscriber, or it was revoked before.
    """
    ended = update(subscribers).where(subscribers.c.id == id_, subscribers.c.revoked_at.is_(None))
    ended = ended.values(revoked_at=now, reason=reason)
    if connection.execute(ended.returning(subscribers.c.id)).first() is None:
        return False
    _record(connection, id_, {"what": "revoked", "by": by, "reason": reason}, now)
    return True


def _record(connection: Connection, id_: str, body: dict[str, Any], now: datetime) -> None:
    ledger.append(connection, [Note(kind=ledger.SUBSCRIBER, subject=id_, body=body)], now)


def read(connection: Connection) -> dict[str, Subscriber]:
    """All subscribers, revoked ones too, by the digest of their secrets, in the order in which they were added."""
    rows = connection.execute(select(subscribers).order_by(subscribers.c.created_at, subscribers.c.id))
    return {row.secret_digest: _subscriber(row) for row in rows}


def _subscriber(row: Row[Any]) -> Subscriber:
    fields = dict(row._mapping)
    del fields["secret_digest"]
    fields |= {"use": _use.decode(row.use), "outputs": _outputs.decode(row.outputs)}
    return Subscriber(**fields | {"formats": _formats.decode(row.formats)})


def version(connection: Connection) -> int:
    """Grows whenever a subscriber is added, renewed or revoked."""
    return ledger.last_number(connection, ledger.SUBSCRIBER)


# What they fetched

_FETCH = ("subscriber", "output", "modified_at", "first_at", "last_at", "count", "formats")


def _upsert(dialect: str) -> ClauseElement:
    new = insert(dialect, fetches).values({name: bindparam(name) for name in _FETCH})
    given, stored = new.excluded, fetches.c
    return new.on_conflict_do_update(
        index_elements=["subscriber", "output", "modified_at"],
        set_={
            "first_at": case((given.first_at < stored.first_at, given.first_at), else_=stored.first_at),
            "last_at": case((given.last_at > stored.last_at, given.last_at), else_=stored.last_at),
            "count": stored.count + given.count,
            "formats": case(
                (stored.formats.contains(given.formats), stored.formats), else_=stored.formats + given.formats
            ),
        },
    )


_note = Bulk(_upsert, _FETCH)


def note(connection: Connection, seen: Sequence[Fetch]) -> None:
    """Adds what was fetched to what is on record: counts add up, times widen. One of an unknown subscriber is passed
    over."""
    known = {row[0] for row in connection.execute(select(subscribers.c.id))}
    _note.run(
        connection,
        [
            (
                fetch.subscriber,
                fetch.output,
                to_microseconds(fetch.modified_at),
                to_microseconds(fetch.first_at),
                to_microseconds(fetch.last_at),
                fetch.count,
                f",{name},",
            )
            for fetch in seen
            if fetch.subscriber in known
            for name in fetch.formats
        ],
    )


def forget(connection: Connection, before: datetime) -> int:
    """Drops the records of versions that were last fetched before an instant; gives how many."""
    gone = delete(fetches).where(fetches.c.last_at < before)
    return connection.execute(gone).rowcount


def fetched_by(connection: Connection, subscriber: str, limit: int = 1000) -> list[Fetch]:
    """What a subscriber fetched, the last first."""
    found = select(fetches).where(fetches.c.subscriber == subscriber)
    return [_fetch(row) for row in connection.execute(found.order_by(fetches.c.last_at.desc()).limit(limit))]


def fetched_of(connection: Connection, outputs: Sequence[str], since: datetime) -> list[Fetch]:
    """All versions of these outputs that anybody took since an instant, the first first."""
    found = select(fetches).where(among(connection, fetches.c.output, outputs), fetches.c.last_at >= since)
    return [_fetch(row) for row in connection.execute(found.order_by(fetches.c.first_at, fetches.c.subscriber))]


def fetched_after(
    connection: Connection, outputs: Sequence[str], since: datetime, after: Fetch | None, limit: int
) -> list[Fetch]:
    """Some of `fetched_of`, so that nobody holds all of them at once: in the order of output, subscriber and version.

    Args:
        after: the last one of those before; None: from the first on.
        limit: how many at most; fewer are the last.
    """
    found = select(fetches).where(among(connection, fetches.c.output, outputs), fetches.c.last_at >= since)
    if after is not None:
        output, subscriber, version = fetches.c.output, fetches.c.subscriber, fetches.c.modified_at
        same = and_(output == after.output, subscriber == after.subscriber, version > after.modified_at)
        found = found.where(
            or_(output > after.output, and_(output == after.output, subscriber > after.subscriber), same)
        )
    found = found.order_by(fetches.c.output, fetches.c.subscriber, fetches.c.modified_at).limit(limit)
    return [_fetch(row) for row in connection.execute(found)]


def last_fetches(connection: Connection) -> dict[str, datetime]:
    """When each subscriber last fetched anything; one that never did is missing."""
    found = select(fetches.c.subscriber, func.max(fetches.c.last_at)).group_by(fetches.c.subscriber)
    return {row[0]: row[1] for row in connection.execute(found)}


def _fetch(row: Row[Any]) -> Fetch:
    fields = dict(row._mapping)
    return Fetch(**fields | {"formats": tuple(sorted({name for name in row.formats.split(",") if name}))})
