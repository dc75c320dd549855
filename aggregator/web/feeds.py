"""Public feeds as ready bytes: `/feeds/{output}.{rss,atom,json,html}`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.model.output import Format
from aggregator.web.ready import Links, Ready, field, prepare_off_loop

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.output import Document


class Shelf(Protocol):
    """Where the current documents come from."""

    async def current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        """The document that may be served now, and the first instant at which it may not be any more.

        Builds it first if time or a change has made it stale. None if there is no such public document.
        """

    def version(self) -> int:
        """A number that grows whenever any document may have changed."""

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

    async def get(self, name: str) -> Ready | None:
        """The document of a file name such as `community.rss`; None if there is none."""
        return self.held(name) or await self._renew(name)

    def held(self, name: str) -> Ready | None:
        """The document if it is at hand and may be served as it is."""
        held = self._ready.get(name)
        if held is not None and held[0] == self._shelf.version() and self._clock() < held[1]:
            return held[2]
        return None

    async def _renew(self, name: str) -> Ready | None:
        output, _, suffix = name.rpartition(".")
        if suffix not in _FORMATS:
            return None
        async with self._locks.setdefault(name, asyncio.Lock()):
            held = self._ready.get(name)
            version = self._shelf.version()
            if held is not None and held[0] == version and self._clock() < held[1]:
                return held[2]
            found = await self._shelf.current(output, _FORMATS[suffix])
            if self._shelf.version() != version:
                # It was built on the way. Read it once more: this version must not be kept as if it were the older
                # one, nor what was read before a build as if it came after.
                version = self._shelf.version()
                found = await self._shelf.current(output, _FORMATS[suffix])
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

    def _links(self, output: str, suffix: str) -> Links:
        hubs = (("hub", hub) for hub in self._shelf.hubs())
        return (("self", f"{self._shelf.public_url()}/feeds/{output}.{suffix}"), *hubs)


class Clock(Protocol):
    """Seconds since the epoch."""

    def __call__(self) -> float: ...


_FORMATS = {format_.value: format_ for format_ in Format}


class _Files(web.DynamicResource):
    """`/feeds/{name}`, found without a regular expression: every request of every reader comes through here."""

    def __init__(self) -> None:
        super().__init__("/feeds/{name}")

    def _match(self, path: str) -> dict[str, str] | None:
        folder, _, name = path.rpartition("/")
        if folder == "/feeds" and name.replace(".", "a").replace("-", "a").isalnum():
            return {"name": name}
        return super()._match(path)


def add_feeds(router: web.UrlDispatcher, shelf: FeedShelf) -> None:
    """Adds the routes of the public feeds."""

    async def feed(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        ready = shelf.held(name) or await shelf.get(name)
        if ready is None:
            raise web.HTTPNotFound
        headers = request.headers
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

    files = _Files()
    router.register_resource(files)
    files.add_route("HEAD", feed)
    files.add_route("GET", feed)
