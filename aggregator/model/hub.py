"""WebSub in both roles, and what waits to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.output import Format


class SubscriptionState(StrEnum):
    """How far a subscription of ours at a source's hub has come."""

    WANTED = "wanted"
    """The feed names a hub; it was not asked yet, or must be asked anew."""
    ASKED = "asked"
    """Asked; the hub has not verified that we meant it."""
    ACTIVE = "active"
    """Verified; the hub delivers until the lease ends."""
    FAILING = "failing"
    """The hub cannot be reached, refuses, or never verified; it is asked again later."""
    DENIED = "denied"
    """The hub said that it will not deliver; it is asked again much later."""
    LEAVING = "leaving"
    """We asked it to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Ours, at the hub of one source."""

    source: str
    topic: str
    """The feed's own `rel=self`: what the hub knows it by."""
    hubs: tuple[str, ...]
    """As the feed names them, in its order."""
    hub: str | None = None
    """The one that was asked last."""
    state: SubscriptionState = SubscriptionState.WANTED
    callback: str | None = None
    """Our address for this subscription alone, unguessable; None: never asked."""
    secret: str | None = None
    """Key of the signatures of its deliveries."""
    asked_at: datetime | None = None
    """When a pending request was sent; None: none is pending, so none is confirmed."""
    lease_until: datetime | None = None
    next_at: datetime | None = None
    """When something is to be done about it; None: nothing is."""
    failures: int = 0
    """Failed requests in a row."""
    deliveries: int = 0
    ignored: int = 0
    """Deliveries without a good signature."""
    last_delivery_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRequest:
    """What somebody asks of our hub, before it is verified."""

    key: str
    """Digest of topic and callback: together they name a subscription."""
    mode: str
    """`subscribe` or `unsubscribe`."""
    topic: str
    output: str
    format: Format
    callback: str
    secret: str | None
    lease_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscriber:
    """Somebody to whom our hub delivers a topic."""

    key: str
    topic: str
    output: str
    format: Format
    callback: str
    host: str
    secret: str | None
    lease_until: datetime
    created_at: datetime
    failures: int = 0
    last_success_at: datetime | None = None
    problem: str | None = None


class OutgoingKind(StrEnum):
    PING = "ping"
    """A configured hub is told that a topic has changed."""
    VERIFY = "verify"
    """Our hub asks a subscriber whether it meant it."""
    DELIVER = "deliver"
    """Our hub sends a topic to a subscriber."""
    DENY = "deny"
    """Our hub tells a subscriber that a topic is no longer to be had."""
    WEBHOOK = "webhook"
    MAIL = "mail"
    """A mail for the operator's relay; its target is the domain of the addressee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request that waits to be sent, kept until it was or is given up."""

    id: str
    """The same for what makes the other superfluous, such as two deliveries of one topic to one subscriber."""
    kind: OutgoingKind
    target: str
    """Of a ping the hub, of a webhook its id, else the subscription's key."""
    facts: str
    """JSON, by kind."""
    created_at: datetime
    next_at: datetime
    tries: int = 0
    version: int = 1
    """Grows when it is wanted again while it waits."""
    problem: str | None = None


GONE = "answered 410 (gone): it is told nothing more until a try reaches it"
"""The problem of a webhook whose address has said that it is to hear of nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookState:
    """How a webhook is doing."""

    id: str
    delivered: int = 0
    dropped: int = 0
    """Given up after a day, or because its address is gone."""
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    problem: str | None = None
    """Of the last try; None: it succeeded."""

    @property
    def is_gone(self) -> bool:
        """Whether its address wants to hear nothing more."""
        return self.problem == GONE
