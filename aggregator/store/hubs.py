"""The door to what hubs, their subscribers and webhooks are owed: see `Store.hubs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from aggregator.model.entry import StoredEntry
from aggregator.model.hub import (
    HubRequest,
    HubSubscriber,
    Outgoing,
    OutgoingKind,
    Subscription,
    WebhookState,
)
from aggregator.model.output import Flag, Format
from aggregator.model.webhook import Webhook
from aggregator.store import desk, entries, ledger, outbox, outputs, subscribed, webhooks
from aggregator.store.ledger import Record
from aggregator.store.session import Session
from aggregator.store.statements import insert
from aggregator.store.tables import announced, documents

Announce = Callable[[str, Format, list[HubSubscriber]], Sequence[Outgoing]]
"""(output, format, its subscribers at our hub) → what is to be sent because the document is new."""
Tell = Callable[["News"], Sequence[Outgoing]]
"""What happened → what is to be sent to webhooks because of it."""

RECORDS = 1_000
"""Ledger records that are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Ledger records of which webhooks were not told, with what they speak of."""

    records: Sequence[Record]
    entries: Mapping[str, StoredEntry]
    """By key."""
    carried: Mapping[str, Sequence[str]]
    """Entry → outputs that it stands or stood in, of withdrawn ones."""
    flags: Mapping[str, Flag]


class Hubs:
    """Subscriptions, the outbox and webhooks. Every method raises `StoreError` where the database cannot be used."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # Our subscriptions at the hubs of sources

    async def due(self, now: datetime, lease: timedelta, limit: int) -> list[Subscription]:
        """Subscriptions about which something is to be done, for this process alone until the lease ends."""
        if not await self._session.read(subscribed.some_due, now):
            return []
        return await self._session.write(subscribed.due, now, lease, limit)

    async def change(self, source: str, values: Mapping[str, Any], token: str | None = None) -> bool:
        """Writes what has become of a subscription; False: another has taken its place (another token)."""
        return await self._session.write(subscribed.change, source, values, token)

    async def review(self, sources: Sequence[str], now: datetime) -> None:
        """Has the subscriptions of these sources looked at at the next occasion."""
        await self._session.write(subscribed.review, sources, now)

    async def poll_now(self, source: str, now: datetime) -> None:
        """Makes a source due: a hub says that it has news, and could not deliver them."""
        await self._session.write(subscribed.poll_now, source, now)

    async def subscription(self, token: str) -> Subscription | None:
        """The subscription whose callback this is."""
        return await self._session.read(subscribed.by_token, token)

    async def subscriptions(self, sources: Sequence[str] | None = None) -> dict[str, Subscription]:
        """Our subscriptions by source; None: of all sources."""
        return await self._session.read(subscribed.all_of, sources)

    async def count_delivery(self, token: str, now: datetime, *, believed: bool) -> None:
        """Counts a delivery, a believed one or one whose signature is not good."""
        await self._session.write(_count_delivery, token, now, believed)

    # Subscribers at our hub

    async def subscribe(self, request: HubRequest, host: str, until: datetime, now: datetime) -> None:
        """Keeps a verified subscriber."""
        await self._session.write(subscribed.subscribe, request, host, until, now)

    async def unsubscribe(self, keys: Sequence[str]) -> None:
        """Forgets subscribers, and what waits to be sent to them."""
        await self._session.write(_unsubscribe, keys)

    async def subscribers(self, now: datetime) -> list[HubSubscriber]:
        """All whose lease holds."""
        return await self._session.read(subscribed.subscribers, now)

    async def subscriber(self, key: str) -> HubSubscriber | None:
        """One, whether or not its lease holds."""
        return await self._session.read(subscribed.subscriber, key)

    async def delivered(self, key: str, now: datetime, problem: str | None) -> None:
        """Notes how a delivery went; None: well."""
        await self._session.write(subscribed.delivered, key, now, problem)

    async def crowd(self, host: str) -> tuple[int, int, int]:
        """How many subscribers our hub has, in all and at this host, and how many wait for their verification."""
        return await self._session.read(_crowd, host)

    async def drop_expired(self, now: datetime) -> None:
        """Forgets subscribers whose lease has ended."""
        await self._session.write(subscribed.drop_expired, now)

    # What waits to be sent

    async def put(self, outgoing: Sequence[Outgoing]) -> None:
        """Adds requests; one that waits already under the same id begins anew."""
        await self._session.write(outbox.put, outgoing)

    async def claim(self, now: datetime, *, lease: timedelta, owner: str, limit: int) -> list[Outgoing]:
        """Requests that are due, the longest waiting first; no two processes get the same."""
        if not await self._session.read(outbox.some_due, now):
            return []
        return await self._session.write(outbox.claim, now, lease, owner, limit)

    async def done(self, one: Outgoing) -> None:
        """Forgets a request that was sent or is given up."""
        await self._session.write(outbox.done, one)

    async def again(self, one: Outgoing, at: datetime, problem: str) -> None:
        """Puts a request off after a try that failed."""
        await self._session.write(outbox.again, one, at, problem)

    async def postpone(self, ones: Sequence[Outgoing], at: datetime) -> None:
        """Gives requests back that were claimed and not tried; they are due later."""
        await self._session.write(outbox.postpone, ones, at)

    async def release(self, owner: str) -> None:
        """Gives back what a process that ends has claimed."""
        await self._session.write(outbox.release, owner)

    async def waiting(self) -> list[tuple[OutgoingKind, str, int, int, str | None]]:
        """(kind, target, how many, most tries, a problem) of all that waits."""
        return await self._session.read(outbox.waiting)

    async def announce(self, make: Announce, now: datetime) -> int:
        """Puts into the outbox what is owed for each document that is new since the last call, in one transaction: a
        crash before it loses nothing, one after it doubles nothing, and of two processes one finds nothing to do.

        Returns:
            How many documents were new.
        """
        if not await self._session.read(_is_news):
            return 0
        return await self._session.write(_announce, make, now)

    # Webhooks

    async def tell(self, make: Tell, since: datetime) -> bool:
        """Puts into the outbox what webhooks are owed for the ledger records since the last call, in one transaction.

        Args:
            since: records of before are passed over: it is too late for them.
        Returns:
            Whether there may be more.
        """
        if not await self._session.read(webhooks.untold):
            return False
        return await self._session.write(_tell, make, since)

    async def webhooks(self) -> list[Webhook]:
        """All stored ones, by id."""
        return await self._session.read(webhooks.stored)

    async def add_webhook(self, webhook: Webhook, now: datetime) -> None:
        """Stores a webhook.

        Raises:
            StoreError: its id is taken.
        """
        await self._session.write(webhooks.add, webhook, now)

    async def remove_webhook(self, webhook: str) -> bool:
        """Forgets a webhook and what it is owed; False: there is none such."""
        return await self._session.write(_remove_webhook, webhook)

    async def webhook_states(self) -> dict[str, WebhookState]:
        """How each webhook that was ever told something is doing, by id."""
        return await self._session.read(webhooks.states)

    async def webhook_state(self, webhook: str) -> WebhookState | None:
        """How one of them is doing; None: it was never told anything."""
        return await self._session.read(webhooks.state, webhook)

    async def told(self, webhook: str, now: datetime, problem: str | None, *, dropped: bool = False) -> None:
        """Notes how one try went; None: well."""
        await self._session.write(_told, webhook, now, problem, dropped)

    async def end_webhook(self, webhook: Webhook, now: datetime, *, note: bool) -> None:
        """Notes that a message was given up because the webhook's address is gone.

        Args:
            note: it has only now said so; of a subscriber's, the ledger has it.
        """
        await self._session.write(webhooks.end, webhook, now, note)


def _count_delivery(connection: Connection, token: str, now: datetime, believed: bool) -> None:
    subscribed.count_delivery(connection, token, now, believed=believed)


def _unsubscribe(connection: Connection, keys: Sequence[str]) -> None:
    subscribed.unsubscribe(connection, keys)
    outbox.forget(connection, [OutgoingKind.DELIVER], keys)


def _crowd(connection: Connection, host: str) -> tuple[int, int, int]:
    return (*subscribed.crowd(connection, host), outbox.count(connection, OutgoingKind.VERIFY))


def _remove_webhook(connection: Connection, webhook: str) -> bool:
    outbox.forget(connection, [OutgoingKind.WEBHOOK], [webhook])
    return webhooks.remove(connection, webhook)


def _told(connection: Connection, webhook: str, now: datetime, problem: str | None, dropped: bool) -> None:
    webhooks.told(connection, webhook, now, problem, dropped=dropped)


_SAME = (announced.c.output == documents.c.output) & (announced.c.format == documents.c.format)
_NEWS = (
    select(documents.c.output, documents.c.format, documents.c.etag, announced.c.etag.label("before"))
    .outerjoin(announced, _SAME)
    .where(announced.c.etag.is_(None) | (announced.c.etag != documents.c.etag))
    .order_by(documents.c.output, documents.c.format)
)


def _is_news(connection: Connection) -> bool:
    return connection.execute(_NEWS.limit(1)).first() is not None


def _announce(connection: Connection, make: Announce, now: datetime) -> int:
    # A lock that is always there, so that of two processes the second looks after the first has written.
    webhooks.cursor(connection)
    news = connection.execute(_NEWS).all()
    for row in news:
        form = Format(row.format)
        outbox.put(connection, make(row.output, form, subscribed.subscribers(connection, now, row.output, form)))
        new = insert(connection.dialect.name, announced).values(output=row.output, format=row.format, etag=row.etag)
        fresh = {"etag": new.excluded.etag}
        connection.execute(new.on_conflict_do_update(index_elements=["output", "format"], set_=fresh))
    gone = ~select(documents.c.output).where(_SAME).exists()
    connection.execute(delete(announced).where(gone))
    return len(news)


def _tell(connection: Connection, make: Tell, since: datetime) -> bool:
    after = webhooks.cursor(connection)
    records = ledger.records(connection, after, RECORDS)
    fresh = [record for record in records if record.at >= since and record.kind in _TOLD]
    if fresh:
        outbox.put(connection, make(_news(connection, fresh)))
    if records:
        webhooks.move(connection, records[-1].number)
    return len(records) == RECORDS


_TOLD = frozenset({ledger.RELEASE, ledger.END, ledger.WITHDRAWAL, ledger.FLAG})


def _news(connection: Connection, records: Sequence[Record]) -> News:
    moved = {one.subject.partition("/")[2] for one in records if one.kind in (ledger.RELEASE, ledger.END)}
    withdrawn = sorted({one.subject for one in records if one.kind == ledger.WITHDRAWAL})
    raised = any(one.kind == ledger.FLAG for one in records)
    flags = {flag.id: flag for flag in desk.read_flags(connection, False)} if raised else {}
    carried = {
        entry: sorted({release.output for release in outputs.releases_of(connection, entry)}) for entry in withdrawn
    }
    named = entries.by_key(connection, sorted(moved.union(withdrawn)))
    return News(records=records, entries=named, carried=carried, flags=flags)
