"""Decisions as they were made: append-only, so that every release can be explained and reproduced later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from aggregator.store.statements import Bulk, insert
from aggregator.store.tables import decisions, to_microseconds

Made = tuple[str, bytes, bytes, str]
"""(digest, JSON of the question, JSON of the decision, policy version)."""

_COLUMNS = ("digest", "policy_version", "decided_at", "question", "decision")
_keep = Bulk(
    lambda dialect: (
        insert(dialect, decisions).values({name: bindparam(name) for name in _COLUMNS}).on_conflict_do_nothing()
    ),
    _COLUMNS,
)


def keep(connection: Connection, made: Iterable[Made], at: datetime) -> None:
    """Stores decisions; one that is there stays as it is."""
    instant = to_microseconds(at)
    _keep.run(connection, [(digest, version, instant, asked, answer) for digest, asked, answer, version in made])


def by_digest(connection: Connection, digest: str) -> tuple[bytes, bytes] | None:
    """JSON of the question and of the decision; None: never stored."""
    read = select(decisions.c.question, decisions.c.decision).where(decisions.c.digest == digest)
    row = connection.execute(read).first()
    return None if row is None else (bytes(row.question), bytes(row.decision))
