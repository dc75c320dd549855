"""What goes with a withdrawal: flags that asked for it close, and those who have copies are written to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from aggregator.model.hub import Outgoing
from aggregator.store import desk, ledger, outbox
from aggregator.store.ledger import Note

WITHDRAWN = "it was withdrawn"


def settle(
    connection: Connection,
    entries: Sequence[str],
    kind: str,
    mails: Sequence[Outgoing],
    told: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Closes the flags of this kind about entries, hands notices to the outbox, and records who is told."""
    outbox.put(connection, mails)
    notes = [
        Note(kind=ledger.SUBSCRIBER, subject=id_, body={"told": "withdrawal", "entries": len(entries)})
        for _, id_ in told
    ]
    for key in entries:
        notes += desk.close_flags(connection, f"entry:{key}", kind, WITHDRAWN, now)
    ledger.append(connection, notes, now)
