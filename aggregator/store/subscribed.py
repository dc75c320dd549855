"""Subscriptions at WebSub hubs: ours at the hubs of sources, and those of others at our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, or_, select, update

from aggregator.model.hub import HubRequest, HubSubscriber, Subscription, SubscriptionState
from aggregator.model.output import Format
from aggregator.store.statements import among, insert, text_of
from aggregator.store.tables import hub_subscribers, polls, subscriptions, to_microseconds

_hubs = msgspec.json.Decoder(tuple[str, ...])

# Ours


def offer(connection: Connection, source: str, topic: str, hubs: Sequence[str], now: datetime) -> None:
    """Remembers what hubs a source's feed names. Where that is new, they are asked at the next occasion; where it names
    none any more, there is nothing to remember: what its hub still delivers is refused, and so ends."""
    if not hubs:
        connection.execute(delete(subscriptions).where(subscriptions.c.source == source))
        return
    listed = text_of(list(hubs))
    new = insert(connection.dialect.name, subscriptions).values(
        source=source,
        topic=topic,
        hubs=listed,
        state=SubscriptionState.WANTED.value,
        next_at=now,
        claimed_until=0,
        failures=0,
        deliveries=0,
        ignored=0,
    )
    given = new.excluded
    # A callback belongs to one topic at one hub: the next request draws another.
    fresh = {"topic": given.topic, "hubs": given.hubs, "state": given.state, "next_at": given.next_at, "failures": 0}
    fresh |= {"hub": None, "callback": None, "token": None, "secret": None, "asked_at": None, "lease_until": None}
    changed = or_(subscriptions.c.topic != given.topic, subscriptions.c.hubs != given.hubs)
    connection.execute(new.on_conflict_do_update(index_elements=["source"], set_=fresh, where=changed))


def due(connection: Connection, now: datetime, lease: timedelta, limit: int) -> list[Subscription]:
    """Subscriptions about which something is to be done, for this process alone until the lease ends."""
    instant = to_microseconds(now)
    found = (
        select(subscriptions.c.source)
        .where(subscriptions.c.next_at <= now, subscriptions.c.claimed_until <= instant)
        .order_by(subscriptions.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.source.in_(select(found.c.source)))
        .values(claimed_until=to_microseconds(now + lease))
        .returning(*subscriptions.c)
    ).all()
    return sorted(map(_subscription, rows), key=lambda one: one.source)


def some_due(connection: Connection, now: datetime) -> bool:
    """Whether `due` would find any."""
    read = select(subscriptions.c.source).where(
        subscriptions.c.next_at <= now, subscriptions.c.claimed_until <= to_microseconds(now)
    )
    return connection.execute(read.limit(1)).first() is not None


def change(connection: Connection, source: str, values: Mapping[str, Any], token: str | None) -> bool:
    """Writes what has become of a subscription.

    Args:
        values: columns of the table.
        token: of the subscription that is meant: another may have taken its place. None: whatever it is.
    Returns:
        False if it is another by now.
    """
    plain = {name: value.value if isinstance(value, SubscriptionState) else value for name, value in values.items()}
    changed = update(subscriptions).where(subscriptions.c.source == source)
    if token is not None:
        changed = changed.where(subscriptions.c.token == token)
    return connection.execute(changed.values(plain).returning(subscriptions.c.source)).first() is not None


def review(connection: Connection, sources: Sequence[str], now: datetime) -> None:
    """Has the subscriptions of these sources looked at."""
    named = among(connection, subscriptions.c.source, sources)
    connection.execute(update(subscriptions).where(named).values(next_at=now))


def poll_now(connection: Connection, source: str, now: datetime) -> None:
    """Makes a source due."""
    sooner = update(polls).where(polls.c.source == source, polls.c.next_poll_at > to_microseconds(now))
    connection.execute(sooner.values(next_poll_at=to_microseconds(now), why_due="a hub says that there are news"))


def by_token(connection: Connection, token: str) -> Subscription | None:
    """The subscription whose callback this is."""
    row = connection.execute(select(subscriptions).where(subscriptions.c.token == token)).first()
    return None if row is None else _subscription(row)


def count_delivery(connection: Connection, token: str, now: datetime, *, believed: bool) -> None:
    """Counts a delivery, a believed one or one whose signature is not good."""
    values: dict[str, Any] = {"ignored": subscriptions.c.ignored + 1}
    if believed:
        values = {"deliveries": subscriptions.c.deliveries + 1, "last_delivery_at": now}
    connection.execute(update(subscriptions).where(subscriptions.c.token == token).values(values))


def all_of(connection: Connection, sources: Sequence[str] | None = None) -> dict[str, Subscription]:
    """Our subscriptions by source; None: of all sources."""
    read = select(subscriptions).order_by(subscriptions.c.source)
    if sources is not None:
        read = read.where(among(connection, subscriptions.c.source, sources))
    return {row.source: _subscription(row) for row in connection.execute(read)}


def _subscription(row: Any) -> Subscription:
    facts = dict(row._mapping)
    for name in ("token", "claimed_until"):
        del facts[name]
    return Subscription(**(facts | {"hubs": _hubs.decode(row.hubs), "state": SubscriptionState(row.state)}))


# Others


def subscribe(connection: Connection, request: HubRequest, host: str, until: datetime, now: datetime) -> None:
    """Keeps a verified subscriber; one of the same topic and callback is replaced, its history kept."""
    new = insert(connection.dialect.name, hub_subscribers).values(
        key=request.key,
        topic=request.topic,
        output=request.output,
        format=request.format.value,
        callback=request.callback,
        host=host,
        secret=request.secret,
        created_at=now,
        lease_until=until,
        failures=0,
    )
    names = ("secret", "lease_until", "failures")
    fresh = {name: new.excluded[name] for name in names} | {"problem": None}
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=fresh))


def unsubscribe(connection: Connection, keys: Sequence[str]) -> None:
    """Forgets these subscribers."""
    connection.execute(delete(hub_subscribers).where(among(connection, hub_subscribers.c.key, keys)))


def subscribers(
    connection: Connection, now: datetime, output: str | None = None, form: Format | None = None
) -> list[HubSubscriber]:
    """Subscribers of our hub whose lease holds, of one document or of all."""
    read = select(hub_subscribers).where(hub_subscribers.c.lease_until > now)
    if output is not None:
        read = read.where(hub_subscribers.c.output == output)
    if form is not None:
        read = read.where(hub_subscribers.c.format == form.value)
    return [_subscriber(row) for row in connection.execute(read.order_by(hub_subscribers.c.key))]


def subscriber(connection: Connection, key: str) -> HubSubscriber | None:
    """One subscriber of our hub, whether or not its lease holds."""
    row = connection.execute(select(hub_subscribers).where(hub_subscribers.c.key == key)).first()
    return None if row is None else _subscriber(row)


def delivered(connection: Connection, key: str, now: datetime, problem: str | None) -> None:
    """Notes how a delivery went; a problem counts, a success ends the count."""
    values: dict[str, Any] = {"problem": problem, "failures": hub_subscribers.c.failures + 1}
    if problem is None:
        values = {"problem": None, "failures": 0, "last_success_at": now}
    connection.execute(update(hub_subscribers).where(hub_subscribers.c.key == key).values(values))


def crowd(connection: Connection, host: str) -> tuple[int, int]:
    """How many subscribers our hub has, in all and at this host."""
    counted = select(func.count()).select_from(hub_subscribers)
    at_host = connection.execute(counted.where(hub_subscribers.c.host == host)).scalar_one()
    return connection.execute(counted).scalar_one(), at_host


def drop_expired(connection: Connection, now: datetime) -> None:
    """Forgets subscribers whose lease has ended."""
    connection.execute(delete(hub_subscribers).where(hub_subscribers.c.lease_until <= now))


def _subscriber(row: Any) -> HubSubscriber:
    return HubSubscriber(**(dict(row._mapping) | {"format": Format(row.format)}))
