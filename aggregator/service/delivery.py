"""How news travel: hubs of sources, our own hub, hubs that are pinged, webhooks. For `status` and a source's page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.hub import OutgoingKind, SubscriptionState
from aggregator.service.hub import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from aggregator.model.hub import Subscription
    from aggregator.service.world import World
    from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSummary:
    """A source's hub and our subscription there; its callback and secret are not shown."""

    source: str
    topic: str
    hub: str | None
    """The one that was asked last; None: none was."""
    state: str
    lease_until: datetime | None
    next_at: datetime | None
    """When something is done about it next."""
    deliveries: int
    ignored: int
    """Deliveries without a good signature."""
    last_delivery_at: datetime | None
    problem: str | None

    def line(self) -> str:
        """For a person."""
        where = f" at {self.hub}" if self.hub else ""
        counted = f"{self.deliveries} deliveries" + (f", {self.ignored} ignored" if self.ignored else "")
        until = f" until {self.lease_until:%Y-%m-%d %H:%M} UTC" if self.lease_until else ""
        return f"{self.state}{where}{until}; {counted}" + (f"; {self.problem}" if self.problem else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSummary:
    """A webhook and how it is doing; its address may hold a secret, so only its host is shown."""

    id: str
    host: str
    subscriber: str | None
    events: tuple[str, ...]
    delivered: int
    dropped: int
    """Messages that were given up after a day, or because its address is gone."""
    waiting: int
    last_success_at: datetime | None
    problem: str | None
    """Of the last try; None: it succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySummary:
    """How news travel, at a glance."""

    subscriptions: Mapping[str, int]
    """Ours at hubs of sources: state → how many."""
    is_hub: bool
    hubs: tuple[str, ...]
    """That our outputs name."""
    subscribers: int
    """Of our own hub."""
    waiting: Mapping[str, int]
    """What waits to be sent: kind → how many."""
    problems: tuple[str, ...]
    """Hubs and subscribers that what waits for them did not reach, a line each."""
    webhooks: tuple[WebhookSummary, ...]

    def lines(self) -> Iterator[str]:
        """For a person; silent where there is nothing to tell."""
        if self.subscriptions:
            told = ", ".join(f"{count} {state}" for state, count in self.subscriptions.items())
            yield f"Hubs of sources: {told}."
        if self.subscribers:
            yield f"Our hub has {self.subscribers} subscriptions."
        if self.waiting:
            yield f"Waits to be sent: {', '.join(f'{count} {kind}' for kind, count in self.waiting.items())}."
        yield from (f"  {problem}" for problem in self.problems)
        for hook in self.webhooks:
            state = f"{hook.delivered} delivered, {hook.waiting} waiting, {hook.dropped} given up"
            yield f"Webhook {hook.id} ({hook.host}): {state}" + (f"; {hook.problem}" if hook.problem else "")


def hub_summary(one: Subscription) -> HubSummary:
    """A subscription as it is shown."""
    named = one.state is SubscriptionState.WANTED and one.next_at is None
    return HubSummary(
        source=one.source,
        topic=one.topic,
        hub=one.hub or one.hubs[0],
        state="named, not asked" if named else one.state.value,
        lease_until=one.lease_until,
        next_at=one.next_at,
        deliveries=one.deliveries,
        ignored=one.ignored,
        last_delivery_at=one.last_delivery_at,
        problem=one.problem,
    )


PROBLEMS_MAX = 10
"""That are told in lines; all are counted."""


async def delivery_summary(world: World, store: Store, now: datetime) -> DeliverySummary:
    """All of it, as it is now."""
    states = Counter(hub_summary(one).state for one in (await store.hubs.subscriptions()).values())
    waiting = await store.hubs.waiting()
    kinds: Counter[str] = Counter()
    for kind, _, count, _, _ in waiting:
        kinds[kind.value] += count
    subscribers = {one.key: one for one in await store.hubs.subscribers(now)}
    problems = [
        f"{kind.value} {subscribers[target].host if target in subscribers else host_of(target)}: {problem}"
        for kind, target, _, _, problem in waiting
        if problem and kind is not OutgoingKind.WEBHOOK
    ]
    return DeliverySummary(
        subscriptions=dict(sorted(states.items())),
        is_hub=world.is_hub,
        hubs=world.hubs,
        subscribers=len(subscribers),
        waiting=dict(sorted(kinds.items())),
        problems=tuple(problems[:PROBLEMS_MAX]),
        webhooks=await _webhooks(
            world, store, {target: count for kind, target, count, _, _ in waiting if kind is OutgoingKind.WEBHOOK}
        ),
    )


async def _webhooks(world: World, store: Store, waiting: Mapping[str, int]) -> tuple[WebhookSummary, ...]:
    configured = world.configuration.settings.webhooks
    taken = {hook.id for hook in configured}
    stored = [hook for hook in await store.hubs.webhooks() if hook.id not in taken]
    states = await store.hubs.webhook_states()
    return tuple(
        WebhookSummary(
            id=hook.id,
            host=host_of(hook.url),
            subscriber=hook.subscriber,
            events=tuple(event.value for event in hook.events),
            delivered=state.delivered if (state := states.get(hook.id)) else 0,
            dropped=state.dropped if state else 0,
            waiting=waiting.get(hook.id, 0),
            last_success_at=state.last_success_at if state else None,
            problem=state.problem if state else None,
        )
        for hook in (*configured, *stored)
    )
