"""What a subscriber is served at an address of its own: `/s/{secret}/{output}.{format}`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.model.output import Document, Format
from aggregator.publishing.address import readdressed
from aggregator.service.admission import Admitted, TooMany
from aggregator.web.feeds import FORMATS, answer
from aggregator.web.ready import Ready, prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.model.subscriber import Subscriber
    from aggregator.web.feeds import FeedShelf

KEPT_BYTES = 32_000_000
"""Of documents made for one subscriber; those that were asked for longest ago go first."""


class Gate(Protocol):
    """Who is let in (see `service.admission`)."""

    async def admit(self, secret: str, output: str, format_: Format) -> Admitted | TooMany | None:
        """Whether whoever has the secret may have a document now; None: there is nothing at that address."""

    def note(self, subscriber: Subscriber, output: str, format_: Format, modified_at: datetime) -> None:
        """Remembers that a subscriber took a version of a document."""


class PrivateShelf:
    """Documents of subscribers, ready to be sent.

    What has a public address too is served with that as its own; only the headers differ. A document that has none is
    made anew for each subscriber: its links to itself and to its other formats are the subscriber's own.
    """

    def __init__(self, shelf: FeedShelf, base: Callable[[], str]) -> None:
        """
        Args:
            shelf: all documents, also those without a public address.
            base: the configured address of the site, without a slash at its end.
        """
        self._shelf = shelf
        self._base = base
        self._kept: OrderedDict[tuple[str, str], tuple[str, Ready]] = OrderedDict()
        self._kept_bytes = 0

    async def get(self, secret: str, subscriber: str, output: str, format_: Format, personal: bool) -> Ready | None:
        """The document of an output for one subscriber; None: there is none."""
        name = f"{output}.{format_.value}"
        shared = await self._shelf.get(name)
        if shared is None:
            return None
        # Under its secret, not under its id: a new secret is a new address, and the old one must stand in nothing.
        key = (secret if personal else "", name)
        found = self._kept.get(key)
        if found is not None and found[0] == shared.identity.etag:
            self._kept.move_to_end(key)
            return found[1]
        made = await asyncio.to_thread(self._made, shared, secret, subscriber, output, format_, personal)
        self._keep(key, shared.identity.etag, made)
        return made

    def _made(self, shared: Ready, secret: str, subscriber: str, output: str, format_: Format, personal: bool) -> Ready:
        body, etag = shared.identity.body, shared.identity.etag
        base = self._base()
        home = f"{base}/feeds/{output}"
        if personal:
            own = f"{base}/s/{secret}/{output}"
            body, home = readdressed(format_, body, home, own), own
            etag = f'"{blake2b(f"{etag}{secret}".encode(), digest_size=16).hexdigest()}"'
        document = Document(
            output=output, format=format_, body=body, etag=etag, modified_at=shared.modified_at, entries=0
        )
        # A hub would be told the address by whoever subscribes there: one that is a secret is none of its business.
        others = () if personal else tuple((rel, url) for rel, url in shared.links if rel != "self")
        return prepare(document, (("self", f"{home}.{format_.value}"), *others), private=True)

    def _keep(self, key: tuple[str, str], etag: str, made: Ready) -> None:
        old = self._kept.pop(key, None)
        self._kept_bytes += made.size - (old[1].size if old else 0)
        self._kept[key] = etag, made
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self._kept_bytes -= gone.size


def subscriber_routes(gate: Gate, shelf: PrivateShelf) -> list[web.RouteDef]:
    """The routes of subscribers' addresses."""

    async def private(request: web.Request) -> web.Response:
        secret, name = request.match_info["secret"], request.match_info["name"]
        output, _, suffix = name.rpartition(".")
        format_ = FORMATS.get(suffix)
        if format_ is None:
            raise web.HTTPNotFound
        admitted = await gate.admit(secret, output, format_)
        if isinstance(admitted, TooMany):
            raise web.HTTPTooManyRequests(
                text=f"You ask too often. Please ask again in {admitted.retry_after} seconds.\n",
                headers={"Retry-After": str(admitted.retry_after), "Cache-Control": "no-store"},
            )
        ready = None
        if admitted is not None:
            ready = await shelf.get(secret, admitted.subscriber.id, output, format_, admitted.personal)
        if admitted is None or ready is None:
            raise web.HTTPNotFound
        response = answer(ready, request.headers)
        if request.method == "GET":
            gate.note(admitted.subscriber, output, format_, ready.modified_at)
        return response

    return [web.get("/s/{secret}/{name}", private)]
