"""Public feeds as ready bytes: `/feeds/{output}.{rss,atom,json,html}`."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.errors import StoreError
from aggregator.model.output import Format
from aggregator.web.ready import Links, Ready, field, prepare_off_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from multidict import CIMultiDictProxy

    from aggregator.model.output import Document

    Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    Answered = Callable[[web.BaseRequest, web.StreamResponse], None]


class Shelf(Protocol):
    """Where the current documents come from."""

    async def current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        """The document that may be served now, and the first instant at which it may not be any more.

        Builds it first if time or a change has made it stale. None if there is no such public document.
        """

    async def page(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """A page of its river likewise, the newest is 1; None: it has not so many."""

    async def archive(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """An archive document likewise (RFC 5005)."""

    def version(self) -> int:
        """A number that grows whenever any document may have changed."""

    def is_trusted(self) -> bool:
        """Whether a document that was current a while ago may be served, where nobody can tell whether it is still."""

    def public_url(self) -> str:
        """The configured address of the site, without a slash at its end."""

    def hubs(self) -> tuple[str, ...]:
        """Addresses of the WebSub hubs of the public feeds."""


class FeedShelf:
    """Keeps each served document in memory with all its codings, as long as it may be served as it is."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock
        self._ready: dict[str, tuple[int, float, Ready]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def source(self) -> Shelf:
        """Where the documents come from."""
        return self._shelf

    async def get(self, name: str) -> Ready | None:
        """The document of a file name such as `community.rss`; None if there is none."""
        return self.held(name) or await self._renew(name)

    def at(self, path: str) -> Ready | None:
        """The document at a path such as `/feeds/community.rss`, if it is at hand and may be served as it is."""
        return self.held(path[len(FOLDER) :]) if path.startswith(FOLDER) else None

    def held(self, name: str) -> Ready | None:
        """The document if it is at hand and may be served as it is."""
        held = self._ready.get(name)
        if held is not None and held[0] == self._shelf.version() and self._clock() < held[1]:
            return held[2]
        return None

    async def _renew(self, name: str) -> Ready | None:
        output, _, suffix = name.rpartition(".")
        if suffix not in FORMATS or (PAGE in output and not _PAGED.fullmatch(name)):
            return None
        async with self._locks.setdefault(name, asyncio.Lock()):
            held = self._ready.get(name)
            version = self._shelf.version()
            if held is not None and held[0] == version and self._clock() < held[1]:
                return held[2]
            try:
                found = await self._read(output, FORMATS[suffix])
                if self._shelf.version() != version:
                    # It was built on the way. Read it once more: this version must not be kept as if it were the older
                    # one, nor what was read before a build as if it came after.
                    version = self._shelf.version()
                    found = await self._read(output, FORMATS[suffix])
            except StoreError:
                # Feeds stay up while the database is away for a moment, but no longer than withdrawals may take.
                if held is not None and self._clock() < held[1] and self._shelf.is_trusted():
                    return held[2]
                raise
            if found is None:
                self._ready.pop(name, None)
                self._locks.pop(name, None)
                return None
            document, until = found
            expires = until.timestamp() if until else float("inf")
            links = self._links(output, suffix)
            if held is not None and held[2].identity.body == document.body and held[2].links == links:
                ready = held[2]
            else:
                ready = await prepare_off_loop(document, links)
            self._ready[name] = (version, expires, ready)
            return ready

    async def _read(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        output, _, number = output.partition(PAGE)
        return await (self._shelf.page(output, int(number)) if number else self._shelf.current(output, format_))

    def _links(self, output: str, suffix: str) -> Links:
        hubs = (("hub", hub) for hub in self._shelf.hubs())
        return (("self", f"{self._shelf.public_url()}{FOLDER}{output}.{suffix}"), *hubs)


class Clock(Protocol):
    """Seconds since the epoch."""

    def __call__(self) -> float: ...


FOLDER = "/feeds/"
PAGE = "/page/"
"""Between an output's name and the number of a further page of its river."""
_PAGED = re.compile(r"[a-z0-9-]+/page/(?:[2-9]|[1-9][0-9]{1,4})\.html")
PAGES = "{name:[a-z0-9-]+/page/[1-9][0-9]{0,4}\\.html}"
"""The same as a part of a route."""
FORMATS = {format_.value: format_ for format_ in Format}


def answer(ready: Ready, headers: CIMultiDictProxy[str]) -> web.Response:
    """What a request for a document is answered: 200 in the coding that the client likes best, or 304.

    Raises:
        HTTPNotAcceptable: it refuses every coding.
    """
    asked = field(headers, "If-None-Match")
    etag = ready.fresh_etag(asked, headers.get("If-Modified-Since") if asked is None else None)
    if etag is not None:
        return web.Response(status=304, headers=ready.not_modified[etag])
    variant = ready.variant(field(headers, "Accept-Encoding"))
    if variant is None:
        raise web.HTTPNotAcceptable(
            text="The feed is to be had as it is, or as br, zstd or gzip. Accept-Encoding refuses them all.\n",
            headers={"Vary": "Accept-Encoding", "Cache-Control": "no-store"},
        )
    return web.Response(body=variant.body, headers=variant.headers)


def feed_routes(shelf: FeedShelf) -> list[web.RouteDef]:
    """The routes of the public feeds, for whatever `in_front` leaves to the application."""

    async def feed(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if "page" in request.query:
            raise web.HTTPPermanentRedirect(page_address(f"{FOLDER}{name}", request.query["page"]))
        ready = await shelf.get(name)
        if ready is None:
            raise web.HTTPNotFound
        return answer(ready, request.headers)

    return [web.get(f"{FOLDER}{{name}}", feed), web.get(f"{FOLDER}{PAGES}", feed)]


def page_address(path: str, number: str) -> str:
    """Where page `?page=NUMBER` of a river stands: under an address of its own, which a static site can have, too.

    Raises:
        HTTPNotFound: there can be no such page.
    """
    stem = path.removesuffix(".html")
    if stem == path or not (number.isascii() and number.isdigit()) or not 1 <= len(number.lstrip("0")) <= 5:
        raise web.HTTPNotFound
    return path if int(number) == 1 else f"{stem}{PAGE}{int(number)}.html"


def in_front(shelf: FeedShelf, others: Handler, on_answer: Answered | None = None) -> Handler:
    """Answers requests for documents that are at hand; all others go on to the application.

    Nearly all requests are of this kind, and they need none of what an application does: no look for a route, no
    middleware, no match. That is a third of what such an answer costs.

    Args:
        on_answer: told of each request that is answered here.
    """

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        ready = shelf.at(request.raw_path) if request.method in _READING else None
        if ready is None or "Expect" in request.headers:
            return await others(request)
        try:
            made = answer(ready, request.headers)
        except web.HTTPNotAcceptable:
            return await others(request)  # it words the refusal like all others
        if on_answer is not None:
            on_answer(request, made)
        return made

    return handle


_READING = frozenset({"GET", "HEAD"})
