"""Our own WebSub hub: who may subscribe to what. Its topics are our public documents, and nothing else."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from aggregator.model.hub import HubRequest, Outgoing, OutgoingKind
from aggregator.model.output import Access, Format
from aggregator.polling.guard import url_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from aggregator.service.house import House
    from aggregator.service.world import World

LEASE_SECONDS_MIN, LEASE_SECONDS_MAX = 3_600, 30 * 86_400
"""Bounds of what subscribers get: a shorter lease would be renewed all the time, a longer one outlives its owner."""
SUBSCRIBERS_MAX = 10_000
PER_HOST_MAX = 1_000
"""Subscribers at one callback host."""
WAITING_MAX = 1_000
"""Requests that wait for their verification."""
URL_CHARS_MAX = 2_000
SECRET_BYTES_MAX = 199
"""WebSub 5.1: less than 200."""

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a subscriber is answered."""

    status: int
    text: str
    retry_after: int | None = None
    """Seconds."""


class _RefusedError(Exception):
    def __init__(self, status: int, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.reply = Reply(status, text, retry_after)


class HubDesk:
    """Takes requests of subscribers: checks, notes them for verification, never trusts them before."""

    def __init__(self, house: House, seconds: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            seconds: a clock for the bounds on requests.
        """
        self.house = house
        # Whoever asks can have us send one small request to an address of their choice, so both are counted.
        self._clients = Bounds(120, 60, seconds)
        self._hosts = Bounds(100, 600, seconds)

    async def ask(self, form: Mapping[str, Sequence[str]], client: str) -> Reply:
        """Answers a request to subscribe or unsubscribe.

        Args:
            form: the fields as sent, each with all its values.
            client: address of who asks.
        Returns:
            202: it is verified next; else why not.
        Raises:
            StoreError: it could not be noted.
        """
        if not self.house.world.is_hub:
            return Reply(404, "There is no hub here; the feeds name theirs.")
        try:
            if not self._clients.admits(client):
                raise _RefusedError(429, "Too many requests; please come back in a minute.", 60)
            mode = _one(form, "hub.mode")
            if mode == "publish":
                return Reply(202, "This hub knows by itself when its feeds change.")
            await self._note(self._request(form, mode))
        except _RefusedError as refused:
            return refused.reply
        return Reply(202, "Accepted: your callback is asked for its intent next.")

    def _request(self, form: Mapping[str, Sequence[str]], mode: str) -> HubRequest:
        if mode not in ("subscribe", "unsubscribe"):
            raise _RefusedError(400, "hub.mode must be subscribe or unsubscribe.")
        topic, callback = _one(form, "hub.topic"), _one(form, "hub.callback")
        document = find_topic(self.house.world, topic)
        if document is None:
            raise _RefusedError(404, "hub.topic is no feed of this site; take the rel=self of one.")
        output, format_ = document
        secret = _one(form, "hub.secret", "")
        if len(secret.encode("utf-8", "surrogatepass")) > SECRET_BYTES_MAX:
            raise _RefusedError(400, "hub.secret must be shorter than 200 bytes.")
        return HubRequest(
            key=subscription_key(topic, callback),
            mode=mode,
            topic=topic,
            output=output,
            format=format_,
            callback=self._callback(callback),
            secret=secret or None,
            lease_seconds=self._lease(_one(form, "hub.lease_seconds", "")),
        )

    def _callback(self, callback: str) -> str:
        """The callback, if it may be asked (P7)."""
        settings = self.house.world.configuration.settings
        if len(callback) > URL_CHARS_MAX or not callback.isprintable() or " " in callback:
            raise _RefusedError(400, "hub.callback is no usable address.")
        refused = url_refusal(callback, private_addresses=settings.websub.private_addresses)
        if refused is not None or urlsplit(callback).fragment:
            raise _RefusedError(400, "hub.callback must be a public http or https address, without password and '#'.")
        if _origin(callback) == _origin(settings.server.public_url):
            raise _RefusedError(400, "hub.callback must not be an address of this site.")
        return callback

    def _lease(self, written: str) -> int:
        usual = int(self.house.world.configuration.settings.websub.lease.total_seconds())
        if not written:
            return usual
        if not (written.isascii() and written.isdigit() and len(written) <= 12):
            raise _RefusedError(400, "hub.lease_seconds must be a number of seconds.")
        return min(max(int(written), LEASE_SECONDS_MIN), LEASE_SECONDS_MAX) if int(written) else usual

    async def _note(self, request: HubRequest) -> None:
        host = host_of(request.callback)
        if not self._hosts.admits(host):
            raise _RefusedError(429, "Too many requests for this callback's host; please come back later.", 600)
        hubs = self.house.store.hubs
        everywhere, at_host, waiting = await hubs.crowd(host)
        if waiting >= WAITING_MAX:
            raise _RefusedError(503, "Too many requests wait for their verification; please come back later.", 600)
        full = everywhere >= SUBSCRIBERS_MAX or at_host >= PER_HOST_MAX
        if request.mode == "subscribe" and full and await hubs.subscriber(request.key) is None:
            raise _RefusedError(503, "This hub takes no more subscribers for now; please poll the feed.", 86_400)
        now = self.house.clock()
        await hubs.put([verification(request, now)])


def verification(request: HubRequest, now: datetime) -> Outgoing:
    """The question to a subscriber, as it waits to be sent: one for a subscription, the newest."""
    return Outgoing(
        id=f"verify:{request.key}",
        kind=OutgoingKind.VERIFY,
        target=request.key,
        facts=_ENCODER.encode(request).decode(),
        created_at=now,
        next_at=now,
    )


def topic_of(world: World, output: str, form: Format) -> str:
    """Address of a public document: its rel=self."""
    return f"{world.configuration.settings.server.public_url}/feeds/{output}.{form.value}"


def find_topic(world: World, topic: str) -> tuple[str, Format] | None:
    """The public document whose rel=self this is; None: there is none such."""
    prefix = f"{world.configuration.settings.server.public_url}/feeds/"
    if not topic.startswith(prefix):
        return None
    name, _, suffix = topic.removeprefix(prefix).rpartition(".")
    output = world.outputs.get(name)
    if output is None or output.access is not Access.PUBLIC:
        return None
    return next(((output.id, form) for form in output.formats if form.value == suffix), None)


def subscription_key(topic: str, callback: str) -> str:
    """Topic and callback together name a subscription (WebSub 5.1)."""
    return blake2b(f"{topic}\0{callback}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def host_of(url: str) -> str:
    """The host of an address, for limits and logs: what stands behind it may be a secret."""
    return urlsplit(url).hostname or url


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


_NEEDED = object()


def _one(form: Mapping[str, Sequence[str]], name: str, otherwise: str | None = None) -> str:
    values = form.get(name, ())
    if len(values) > 1:
        raise _RefusedError(400, f"{name} stands there twice.")
    if not values:
        if otherwise is None:
            raise _RefusedError(400, f"{name} is missing.")
        return otherwise
    return values[0]


class Bounds:
    """So many times in so many seconds for each name, refilled steadily; the names used longest ago are forgotten."""

    NAMES_MAX = 10_000

    def __init__(self, times: int, seconds: float, clock: Callable[[], float]) -> None:
        self._times = times
        self._refill = times / seconds
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, name: str) -> bool:
        """Counts one more, if it may be."""
        now = self._clock()
        left, at = self._left.pop(name, (float(self._times), now))
        left = min(self._times, left + (now - at) * self._refill)
        self._left[name] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > self.NAMES_MAX:
            self._left.popitem(last=False)
        return left >= 1
