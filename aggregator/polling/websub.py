"""WebSub as a subscriber: what is asked of a hub, what may be confirmed, which deliveries are believed. Pure.

Source: W3C WebSub, 4 to 8.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

from aggregator.model.fetched import Ask
from aggregator.model.hub import Subscription, SubscriptionState
from aggregator.polling.guard import refusal

LEASE_MIN, LEASE_MAX = timedelta(minutes=5), timedelta(days=30)
"""Whatever a hub says: a shorter lease would be renewed all the time, a longer one is not trusted to hold."""
PENDING = timedelta(days=1)
"""How long a hub may take to verify."""
AGAIN_MIN, AGAIN_MAX = timedelta(minutes=5), timedelta(days=1)
"""Between requests that fail."""
AFTER_DENIAL = timedelta(days=1)
VERIFIED_WITHIN = timedelta(hours=1)
"""Hubs verify within seconds; one that has not after so long is asked anew."""
TIME = timedelta(seconds=20)
SIGNATURES = ("sha256", "sha384", "sha512")
_SIGNATURE = re.compile(r"\s*(sha1|sha256|sha384|sha512)\s*=\s*([0-9a-fA-F]{40,128})\s*\Z", re.ASCII)
_HOMELY = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid")


def request(subscription: Subscription, mode: str, lease: timedelta, *, private_addresses: bool) -> Ask:
    """Asks a hub to deliver, or to stop (WebSub 5.1). 307 and 308 are followed, every hop under the guard.

    Args:
        subscription: with its hub, callback and secret.
        mode: `subscribe` or `unsubscribe`.
    """
    fields = {
        "hub.mode": mode,
        "hub.topic": subscription.topic,
        "hub.callback": subscription.callback or "",
    }
    if mode == "subscribe":
        fields |= {"hub.secret": subscription.secret or "", "hub.lease_seconds": str(int(lease.total_seconds()))}
    return Ask(
        url=subscription.hub or "",
        method="POST",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=urlencode(fields).encode(),
        timeout=TIME,
        max_size=0,
        private_addresses=private_addresses,
        purpose="hub",
    )


def may_confirm(subscription: Subscription, mode: str, topic: str, now: datetime) -> bool:
    """Whether we meant this: only a pending request for our own topic is confirmed (P29)."""
    if topic != subscription.topic or subscription.asked_at is None or now - subscription.asked_at > PENDING:
        return False
    leaving = subscription.state is SubscriptionState.LEAVING
    return mode == ("unsubscribe" if leaving else "subscribe")


def granted(lease_seconds: str | None, asked: timedelta) -> timedelta:
    """How long a hub will deliver, within bounds; what was asked for where it does not say."""
    if lease_seconds is None or not (lease_seconds.isascii() and lease_seconds.isdigit() and len(lease_seconds) <= 12):
        return min(max(asked, LEASE_MIN), LEASE_MAX)
    return min(max(timedelta(seconds=int(lease_seconds)), LEASE_MIN), LEASE_MAX)


def renew_at(now: datetime, lease: timedelta) -> datetime:
    """When to ask again: so early that several tries fit in before the end."""
    return now + lease * 0.75


def again_at(failures: int, now: datetime, asked: timedelta | None = None) -> datetime:
    """When to ask again after so many failures in a row."""
    wait = min(AGAIN_MIN * (1 << min(failures, 12)), AGAIN_MAX)
    return now + max(wait, asked or wait)


def anew_at(failures: int, now: datetime) -> datetime:
    """When to ask anew if a hub does not verify what it is asked now: it is given longer each time."""
    return now + min(VERIFIED_WITHIN * (1 << min(failures, 12)), PENDING)


def is_believed(signature: str | None, secret: str, body: bytes, *, sha1: bool) -> bool:
    """Whether a delivery is signed with the secret that only the hub and we know (WebSub 7.1)."""
    found = _SIGNATURE.match(signature or "")
    if found is None:
        return False
    method, mac = found[1], found[2].lower()
    if method not in SIGNATURES and not (sha1 and method == "sha1"):
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, method).hexdigest(), mac)


def reaches(hub: str, public_url: str, *, private_addresses: bool) -> bool:
    """Whether a hub can most likely reach our callback: it is public, or both are in one private network.

    Args:
        private_addresses: whether the source may be in a private network.
    """
    return not _is_private(public_url) or (private_addresses and _is_private(hub))


def _is_private(url: str) -> bool:
    """Whether an address looks like one of this machine or network. A name is taken for public unless it says not."""
    host = (urlsplit(url).hostname or "localhost").rstrip(".")
    try:
        return refusal(str(ip_address(host))) is not None
    except ValueError:
        return "." not in host or host.endswith(_HOMELY)


def is_usable(address: str) -> bool:
    """Whether a topic or hub can be dealt with at all."""
    return len(address) <= 2_000 and address.isprintable() and address.startswith(("http://", "https://"))
