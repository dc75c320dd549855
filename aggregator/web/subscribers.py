"""What a subscriber is served at addresses of its own: `/s/{secret}/{output}.{format}`, and the archives below it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.model.archive import archive_name
from aggregator.model.output import Document, Format
from aggregator.publishing.address import readdressed
from aggregator.service.admission import Admitted, TooMany
from aggregator.web.archive import ARCHIVE
from aggregator.web.feeds import FORMATS, PAGE, PAGES, answer, page_address
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

    async def get(
        self, secret: str, output: str, format_: Format, personal: bool, page: str | None = None
    ) -> Ready | None:
        """The document of an output for one subscriber; None: there is none.

        Args:
            page: number of a further page of the river; None: the document itself.
        """
        part = f"{PAGE}{page}" if page else ""
        name = f"{output}{part}.{format_.value}"
        shared = await self._shelf.get(name)
        if shared is None:
            return None
        # Under its secret, not under its id: a new secret is a new address, and the old one must stand in nothing.
        key = (secret if personal else "", name)
        found = self._kept.get(key)
        if found is not None and found[0] == shared.identity.etag:
            self._kept.move_to_end(key)
            return found[1]
        document = Document(
            output=output,
            format=format_,
            body=shared.identity.body,
            etag=shared.identity.etag,
            modified_at=shared.modified_at,
            entries=0,
        )
        home, document = await asyncio.to_thread(self._own, document, secret, personal)
        # A hub would be told the address by whoever subscribes there: one that is a secret is none of its business.
        others = () if personal else tuple((rel, url) for rel, url in shared.links if rel != "self")
        links = (("self", f"{home}{part}.{format_.value}"), *others)
        made = await asyncio.to_thread(prepare, document, links, private=True)
        self._keep(key, shared.identity.etag, made)
        return made

    async def archive(self, secret: str, output: str, number: int, personal: bool) -> Ready | None:
        """An archive document of an output for one subscriber; None: there is none of that number."""
        found = await self._shelf.source.archive(output, number)
        if found is None:
            return None
        home, document = await asyncio.to_thread(self._own, found[0], secret, personal)
        links = (("self", f"{home}/archive/{number}.atom"), ("current", f"{home}.atom"))
        return await asyncio.to_thread(prepare, document, links, private=True)

    def _own(self, document: Document, secret: str, personal: bool) -> tuple[str, Document]:
        """The address of the output as the subscriber is to see it, and the document with it."""
        base = self._base()
        home = f"{base}/feeds/{document.output}"
        if not personal:
            return home, document
        own = f"{base}/s/{secret}/{document.output}"
        body = readdressed(document.format, document.body, home, own)
        etag = blake2b(f"{document.etag}{secret}".encode(), digest_size=16).hexdigest()
        return own, replace(document, body=body, etag=f'"{etag}"')

    def _keep(self, key: tuple[str, str], etag: str, made: Ready) -> None:
        old = self._kept.pop(key, None)
        self._kept_bytes += made.size - (old[1].size if old else 0)
        self._kept[key] = etag, made
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self._kept_bytes -= gone.size


def subscriber_routes(gate: Gate, shelf: PrivateShelf) -> list[web.RouteDef]:
    """The routes of subscribers' addresses."""

    async def admitted(secret: str, output: str, format_: Format) -> Admitted:
        found = await gate.admit(secret, output, format_)
        if isinstance(found, TooMany):
            raise web.HTTPTooManyRequests(
                text=f"You ask too often. Please ask again in {found.retry_after} seconds.\n",
                headers={"Retry-After": str(found.retry_after), "Cache-Control": "no-store"},
            )
        if found is None:
            raise web.HTTPNotFound
        return found

    def served(request: web.Request, to: Admitted, output: str, format_: Format, ready: Ready | None) -> web.Response:
        if ready is None:
            raise web.HTTPNotFound
        response = answer(ready, request.headers)
        if request.method == "GET":
            gate.note(to.subscriber, output, format_, ready.modified_at)
        return response

    async def private(request: web.Request) -> web.Response:
        secret, name = request.match_info["secret"], request.match_info["name"]
        stem, _, suffix = name.rpartition(".")
        output, _, page = stem.partition(PAGE)
        format_ = FORMATS.get(suffix)
        if format_ is None:
            raise web.HTTPNotFound
        to = await admitted(secret, output, format_)
        if "page" in request.query:
            raise web.HTTPPermanentRedirect(page_address(f"/s/{secret}/{name}", request.query["page"]))
        return served(request, to, output, format_, await shelf.get(secret, output, format_, to.personal, page or None))

    async def archive(request: web.Request) -> web.Response:
        secret, output, number = (
            request.match_info["secret"],
            request.match_info["output"],
            request.match_info["number"],
        )
        to = await admitted(secret, output, Format.ATOM)
        ready = await shelf.archive(secret, output, int(number), to.personal)
        return served(request, to, archive_name(output, int(number)), Format.ATOM, ready)

    pages = web.get(f"/s/{{secret}}/{PAGES}", private)
    return [web.get("/s/{secret}/{name}", private), pages, web.get(f"/s/{{secret}}{ARCHIVE}", archive)]
