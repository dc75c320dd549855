"""The ledger: records that are only ever appended, each bound to the one before by its hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, select, text

from aggregator.store import signal
from aggregator.store.statements import Bulk, Query, insert
from aggregator.store.tables import ledger, to_microseconds

RELEASE, END, WITHDRAWAL, FLAG = "release", "end", "withdrawal", "flag"
APPROVAL = "approval"
GRANT = "grant"
REFUSAL = "refusal"
CONFIG = "config"
SOURCE = "source"
ACCOUNT = "account"
NOTIFIED = "notified"
SUBSCRIBER = "subscriber"
REQUEST = "request"
TERMS = "terms"
CONTACT = "contact"
APPLICATION = "application"

CONFIG_SUBJECT = "config"
"""Subject of the records about the configuration."""

LOCK = 0x6C656467
"""Number of PostgreSQL's advisory lock under which one transaction at a time appends."""
PAGE = 1000

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is to be recorded."""

    kind: str
    subject: str
    body: dict[str, Any]
    """Whatever `msgspec` can write as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was recorded."""

    number: int
    """From 1, without gaps."""
    at: datetime
    kind: str
    subject: str
    body: str
    """Canonical JSON: keys sorted, no spaces, UTF-8."""
    previous: str
    """Hash of the record before; empty for the first."""
    hash: str


def lock(connection: Connection) -> None:
    """Makes this transaction the only one that appends, until it ends. SQLite has only one that writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def append(connection: Connection, notes: Sequence[Note], at: datetime) -> None:
    """Records the notes, in this order, in the transaction of what they record."""
    if not notes:
        return
    lock(connection)
    last = _last.rows(connection)
    number, previous = last[0] if last else (0, "")
    instant, rows = to_microseconds(at), []
    for note in notes:
        number += 1
        body = canonical(note.body)
        own = _hash(number, at, note.kind, note.subject, body, previous)
        rows.append((number, instant, note.kind, note.subject, body, previous, own))
        previous = own
    _append.run(connection, rows)
    signal.tell(connection)


_COLUMNS = ("number", "at", "kind", "subject", "body", "previous", "hash")
_append = Bulk(lambda dialect: insert(dialect, ledger).values({name: bindparam(name) for name in _COLUMNS}), _COLUMNS)
_last = Query(lambda dialect: select(ledger.c.number, ledger.c.hash).order_by(ledger.c.number.desc()).limit(1))
_newest = Query(lambda dialect: select(func.max(ledger.c.number)).where(ledger.c.kind == bindparam("kind")))


def records(connection: Connection, after: int, limit: int) -> list[Record]:
    """Records with numbers above `after`, in order."""
    read = select(ledger).where(ledger.c.number > after).order_by(ledger.c.number).limit(limit)
    return [Record(**row._mapping) for row in connection.execute(read)]


def head(connection: Connection) -> tuple[int, str]:
    """(number, hash) of the last record; (0, "") of an empty ledger."""
    last = _last.rows(connection)
    return (int(last[0][0]), str(last[0][1])) if last else (0, "")


def last_of(connection: Connection, kind: str, subject: str) -> Record | None:
    """The newest record of this kind about this subject."""
    read = select(ledger).where(ledger.c.kind == kind, ledger.c.subject == subject)
    row = connection.execute(read.order_by(ledger.c.number.desc()).limit(1)).first()
    return None if row is None else Record(**row._mapping)


def last_number(connection: Connection, kind: str) -> int:
    """Number of the newest record of this kind; 0: there is none."""
    return _newest.rows(connection, kind=kind)[0][0] or 0


def verify(connection: Connection, noted: Sequence[tuple[int, str]] = ()) -> list[str]:
    """What is wrong with the chain, a line for each break; empty if it is whole.

    A chain proves that nothing inside it was changed, left out or put in. That nothing was cut off its end, or that
    not all of it was written anew, shows only against hashes that were noted elsewhere.

    Args:
        noted: (number, hash) of records as they were noted elsewhere: in an export, on paper.
    """
    problems: list[str] = []
    number, previous = 0, ""
    known = dict(noted)
    while page := records(connection, number, PAGE):
        for record in page:
            problems += _breaks(record, number, previous)
            number, previous = record.number, record.hash
            if known.get(number, previous) != previous:
                problems.append(f"ledger record {number}: is another than the one that was noted")
    problems += [f"ledger record {one}: was noted, and is gone; the last is {number}" for one in known if one > number]
    return problems


def _breaks(record: Record, number: int, previous: str) -> list[str]:
    problems = []
    if record.number != number + 1:
        problems.append(f"ledger record {number + 1}: missing; the next is {record.number}")
    elif record.previous != previous:
        problems.append(f"ledger record {record.number}: does not follow record {number}")
    own = _hash(record.number, record.at, record.kind, record.subject, record.body, record.previous)
    if record.hash != own:
        problems.append(f"ledger record {record.number}: was changed after it was written")
    return problems


def _hash(number: int, at: datetime, kind: str, subject: str, body: str, previous: str) -> str:
    # A JSON list, because joined texts could be cut elsewhere and still look the same.
    return sha256(_encode([number, to_microseconds(at), kind, subject, body, previous])).hexdigest()


def body_of(record: Record) -> dict[str, Any]:
    """The body as values."""
    found: dict[str, Any] = msgspec.json.decode(record.body)
    return found


def canonical(body: dict[str, Any]) -> str:
    """JSON with sorted keys and no spaces: the same value is the same text."""
    return _encode(body).decode()
