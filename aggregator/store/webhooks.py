"""Webhooks beside those of the configuration, how each is doing, and how far all were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from aggregator.errors import StoreError
from aggregator.model.hub import GONE, WebhookState
from aggregator.model.webhook import Webhook, WebhookEvent
from aggregator.store import ledger as ledger_records
from aggregator.store.ledger import Note
from aggregator.store.statements import insert, text_of
from aggregator.store.tables import counters, ledger, webhook_states, webhooks

CURSOR = "webhooks"
_names = msgspec.json.Decoder(tuple[str, ...])


def stored(connection: Connection) -> list[Webhook]:
    """All stored ones, by id."""
    return [
        Webhook(
            id=row.id,
            url=row.url,
            secret=row.secret,
            events=tuple(map(WebhookEvent, _names.decode(row.events))),
            outputs=_names.decode(row.outputs),
            private_addresses=row.private_addresses,
            subscriber=row.subscriber,
        )
        for row in connection.execute(select(webhooks).order_by(webhooks.c.id))
    ]


def add(connection: Connection, webhook: Webhook, now: datetime) -> None:
    """Stores a webhook.

    Raises:
        StoreError: its id is taken.
    """
    new = insert(connection.dialect.name, webhooks).values(
        id=webhook.id,
        subscriber=webhook.subscriber,
        url=webhook.url,
        secret=str(webhook.secret),
        events=text_of([event.value for event in webhook.events]),
        outputs=text_of(list(webhook.outputs)),
        private_addresses=webhook.private_addresses,
        created_at=now,
    )
    added = connection.execute(new.on_conflict_do_nothing().returning(webhooks.c.id)).first()
    if added is None:
        raise StoreError("webhook '%(id)s' is there already; give this one another id", id=webhook.id)


def remove(connection: Connection, webhook: str) -> bool:
    """Forgets a webhook; False: there is none such."""
    gone = connection.execute(delete(webhooks).where(webhooks.c.id == webhook).returning(webhooks.c.id)).first()
    connection.execute(delete(webhook_states).where(webhook_states.c.id == webhook))
    return gone is not None


def states(connection: Connection) -> dict[str, WebhookState]:
    """How each webhook that was ever told something is doing, by id."""
    return {row.id: WebhookState(**row._mapping) for row in connection.execute(select(webhook_states))}


def state(connection: Connection, webhook: str) -> WebhookState | None:
    """How one is doing; None: it was never told anything."""
    row = connection.execute(select(webhook_states).where(webhook_states.c.id == webhook)).first()
    return None if row is None else WebhookState(**row._mapping)


def told(connection: Connection, webhook: str, now: datetime, problem: str | None, *, dropped: bool = False) -> None:
    """Notes how one try went.

    Args:
        problem: None: it succeeded.
        dropped: it will not be tried again.
    """
    base = insert(connection.dialect.name, webhook_states).values(id=webhook, delivered=0, dropped=0)
    connection.execute(base.on_conflict_do_nothing())
    values: dict[str, Any] = {"problem": problem}
    if problem is None:
        values |= {"delivered": webhook_states.c.delivered + 1, "last_success_at": now}
    else:
        values |= {"last_failure_at": now, "dropped": webhook_states.c.dropped + int(dropped)}
    connection.execute(update(webhook_states).where(webhook_states.c.id == webhook).values(values))


def end(connection: Connection, webhook: Webhook, now: datetime, note: bool) -> None:
    """Notes that its address is gone, and a message with it."""
    told(connection, webhook.id, now, GONE, dropped=True)
    if note and webhook.subscriber is not None:
        body = {"what": "ended", "webhook": webhook.id, "reason": "answered 410 (gone)"}
        ledger_records.append(
            connection, [Note(kind=ledger_records.SUBSCRIBER, subject=webhook.subscriber, body=body)], now
        )


def cursor(connection: Connection) -> int:
    """Number of the last ledger record of which webhooks were told, locked until the transaction ends. At the first
    call: the newest record, so that nobody is told of the past."""
    newest = select(func.coalesce(func.max(ledger.c.number), 0)).scalar_subquery()
    first = insert(connection.dialect.name, counters).values(name=CURSOR, value=newest)
    connection.execute(first.on_conflict_do_nothing())
    read = select(counters.c.value).where(counters.c.name == CURSOR).with_for_update()
    return int(connection.execute(read).scalar_one())


def untold(connection: Connection) -> bool:
    """Whether the ledger holds records after the cursor, or there is no cursor yet."""
    reached = select(counters.c.value).where(counters.c.name == CURSOR)
    number = connection.execute(reached).scalar_one_or_none()
    newest = connection.execute(select(func.max(ledger.c.number))).scalar_one() or 0
    return number is None or newest > number


def move(connection: Connection, number: int) -> None:
    """Sets the cursor."""
    connection.execute(update(counters).where(counters.c.name == CURSOR).values(value=number))
