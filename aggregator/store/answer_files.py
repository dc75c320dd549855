"""Publishers' answers as files: kept as they came, as evidence of what they said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select

from aggregator.store.statements import insert
from aggregator.store.tables import answer_files


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFile:
    """What is known of a file."""

    name: str
    """As whoever recorded it had it: no path."""
    digest: str
    """SHA-256, hex: the ledger names it with the answer."""
    size: int
    """Bytes."""
    kept_at: datetime


def keep(connection: Connection, letter: str, name: str, body: bytes, now: datetime) -> None:
    """Keeps a file with the letter that it answers; the same one once."""
    row = {
        "letter": letter,
        "digest": sha256(body).hexdigest(),
        "name": name,
        "size": len(body),
        "kept_at": now,
        "body": body,
    }
    connection.execute(insert(connection.dialect.name, answer_files).values(row).on_conflict_do_nothing())


def of_letter(connection: Connection, letter: str) -> list[AnswerFile]:
    """The files that answered a letter, the oldest first."""
    columns = answer_files.c
    read = select(columns.name, columns.digest, columns.size, columns.kept_at).where(columns.letter == letter)
    rows = connection.execute(read.order_by(columns.kept_at, columns.digest))
    return [AnswerFile(name=row.name, digest=row.digest, size=row.size, kept_at=row.kept_at) for row in rows]


def body_of(connection: Connection, letter: str, digest: str) -> tuple[str, bytes] | None:
    """(name, bytes) of a file; None: there is none."""
    columns = answer_files.c
    read = select(columns.name, columns.body).where(columns.letter == letter, columns.digest == digest)
    row = connection.execute(read).first()
    return None if row is None else (row.name, row.body)
