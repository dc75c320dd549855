"""What is said to hubs, to subscribers of our hub and to webhooks: requests as values, and when to try again. Pure.

Sources: W3C WebSub, 5 and 7; for webhooks the Standard Webhooks specification 1.0 (signature scheme v1).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from urllib.parse import urlencode, urlsplit, urlunsplit

from aggregator.model.fetched import Answer, Ask
from aggregator.model.hub import HubRequest, HubSubscriber
from aggregator.model.output import Format
from aggregator.model.webhook import Webhook
from aggregator.publishing.jsonfeed import MEDIA_TYPES

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 5 * 3_600, 8 * 3_600, 8 * 3_600 + 1_000)
)
"""Between a failed try and the next: nine tries over a day, then it is given up."""
CHALLENGE_TRIES = 3
"""So often is a subscriber asked for its intent that cannot be reached: more would make us a tool against it."""
ANSWER_MAX = 1_000
"""Bytes of an answer that are read: only an echoed challenge is of interest."""
DELIVERY_TIME = timedelta(seconds=30)
TIME = timedelta(seconds=15)
FORM = "application/x-www-form-urlencoded"

_SPREAD = 0.1


def next_try(id_: str, tries: int, now: datetime, asked: timedelta | None = None) -> datetime | None:
    """When a request is tried again.

    Args:
        id_: of the request: those that failed together are spread by up to 10 % of the wait.
        tries: that failed before this one.
        asked: how long the other side asks us to stay away, if it does.
    Returns:
        None: it has failed for a day and is given up.
    """
    if tries >= len(WAITS):
        return None
    drawn = blake2b(f"{id_}\0{tries}".encode(), digest_size=2).digest()
    wait = WAITS[tries] * (1 + _SPREAD * int.from_bytes(drawn, "big") / 0xFFFF)
    return now + max(wait, asked or wait)


def content_type(form: Format) -> str:
    """As the document is served."""
    return f"{MEDIA_TYPES[form]}; charset=utf-8"


# To hubs


def ping(hub: str, topic: str, *, private_addresses: bool) -> Ask:
    """Tells a hub that a topic has changed. WebSub leaves this open; every hub understands this form."""
    body = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
    return Ask(
        url=hub,
        method="POST",
        headers=(("Content-Type", FORM),),
        body=body,
        timeout=TIME,
        max_size=0,
        private_addresses=private_addresses,
        purpose="hub",
    )


# To subscribers of our hub


def verification(request: HubRequest, challenge: str, *, private_addresses: bool) -> Ask:
    """Asks a subscriber whether it meant it (WebSub 5.3)."""
    facts = {"hub.mode": request.mode, "hub.topic": request.topic, "hub.challenge": challenge}
    if request.mode == "subscribe":
        facts["hub.lease_seconds"] = str(request.lease_seconds)
    return _question(request.callback, facts, private_addresses=private_addresses)


def denial(subscriber: HubSubscriber, reason: str, *, private_addresses: bool) -> Ask:
    """Tells a subscriber that its subscription has ended (WebSub 5.2)."""
    facts = {"hub.mode": "denied", "hub.topic": subscriber.topic, "hub.reason": reason}
    return _question(subscriber.callback, facts, private_addresses=private_addresses)


def _question(callback: str, facts: Mapping[str, str], *, private_addresses: bool) -> Ask:
    parts = urlsplit(callback)
    query = "&".join(part for part in (parts.query, urlencode(facts)) if part)  # its own parameters are kept
    return Ask(
        url=urlunsplit(parts._replace(query=query)),
        timeout=TIME,
        max_size=ANSWER_MAX,
        private_addresses=private_addresses,
        redirects=False,
        purpose="subscriber",
    )


def is_confirmed(answer: Answer, challenge: str) -> bool:
    """Whether a subscriber echoed the challenge with a success."""
    return 200 <= answer.status < 300 and hmac.compare_digest(answer.body.strip(), challenge.encode())


def delivery(subscriber: HubSubscriber, body: bytes, hub: str, *, private_addresses: bool) -> Ask:
    """The whole topic, for one subscriber (WebSub 7)."""
    headers = [
        ("Content-Type", content_type(subscriber.format)),
        ("Link", f'<{hub}>; rel="hub", <{subscriber.topic}>; rel="self"'),
    ]
    if subscriber.secret is not None:
        mac = hmac.new(subscriber.secret.encode(), body, sha256).hexdigest()
        headers.append(("X-Hub-Signature", f"sha256={mac}"))
    return Ask(
        url=subscriber.callback,
        method="POST",
        headers=tuple(headers),
        body=body,
        timeout=DELIVERY_TIME,
        max_size=0,
        private_addresses=private_addresses,
        redirects=False,
        purpose="subscriber",
    )


# To webhooks


def webhook(hook: Webhook, secret: str, id_: str, at: datetime, body: bytes) -> Ask:
    """A signed message for a webhook (Standard Webhooks).

    Args:
        secret: `whsec_` and base64, else the key as it stands.
        id_: of the message, the same at every try.
        at: of this try.
    """
    seconds = int(at.timestamp())
    mac = hmac.new(_key(secret), f"{id_}.{seconds}.".encode() + body, sha256).digest()
    return Ask(
        url=hook.url,
        method="POST",
        headers=(
            ("Content-Type", "application/json"),
            ("Webhook-Id", id_),
            ("Webhook-Timestamp", str(seconds)),
            ("Webhook-Signature", f"v1,{base64.b64encode(mac).decode()}"),
        ),
        body=body,
        timeout=TIME,
        max_size=0,
        private_addresses=hook.private_addresses,
        redirects=False,
        purpose="webhook",
    )


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass  # then it is a key that only looks like one
    return secret.encode()
