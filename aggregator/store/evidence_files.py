"""Letters that prove permissions and refusals, as files: kept as they came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select

from aggregator.store.statements import insert
from aggregator.store.tables import evidence_files


def keep(connection: Connection, grants: Iterable[str], name: str, body: bytes, now: datetime) -> None:
    """Keeps a file with each of the permissions or refusals that it proves.

    Args:
        grants: their ids.
        name: as whoever recorded it had it, without a path.
    """
    digest = sha256(body).hexdigest()
    rows = [
        {"grant": grant, "digest": digest, "name": name, "size": len(body), "kept_at": now, "body": body}
        for grant in grants
    ]
    connection.execute(insert(connection.dialect.name, evidence_files).values(rows).on_conflict_do_nothing())


def of_grant(connection: Connection, grant: str) -> list[tuple[str, bytes]]:
    """(name, bytes) of each file that proves a permission or refusal, the oldest first."""
    columns = evidence_files.c
    read = select(columns.name, columns.body).where(columns.grant == grant)
    return [(row.name, row.body) for row in connection.execute(read.order_by(columns.kept_at, columns.digest))]
