"""The archives of public outputs: `/feeds/{output}/archive/{n}.atom` (RFC 5005, 4)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.web.feeds import answer
from aggregator.web.ready import Ready, prepare_off_loop

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.output import Document

CACHE_CONTROL = "public, max-age=3600"
"""An archive document only ever loses entries or has them corrected; a withdrawal must not take longer than this."""
ARCHIVE = "/{output:[a-z0-9-]+}/archive/{number:[1-9][0-9]{0,5}}.atom"
"""Where an archive document stands below the address of an output's feeds."""
KEPT = 100
"""Documents in memory; the ones asked for longest ago go first."""


class Archives(Protocol):
    """Where archive documents come from."""

    async def archive(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """One that may be served now, and the first instant at which it may not be any more; None: there is none."""

    def version(self) -> int:
        """A number that grows whenever any document may have changed."""

    def public_url(self) -> str:
        """The configured address of the site, without a slash at its end."""


def add_archives(router: web.UrlDispatcher, archives: Archives) -> None:
    """Adds the route of the archives."""
    held: OrderedDict[tuple[str, int], Ready] = OrderedDict()

    async def archive(request: web.Request) -> web.Response:
        output, number = request.match_info["output"], int(request.match_info["number"])
        found = await archives.archive(output, number)
        if found is None:
            held.pop((output, number), None)
            raise web.HTTPNotFound
        document, _ = found
        ready = held.get((output, number))
        if ready is None or ready.identity.body != document.body:
            base = f"{archives.public_url()}/feeds/{output}"
            links = (("self", f"{base}/archive/{number}.atom"), ("current", f"{base}.atom"))
            ready = await prepare_off_loop(document, links)
        held[output, number] = ready
        held.move_to_end((output, number))
        while len(held) > KEPT:
            held.popitem(last=False)
        response = answer(ready, request.headers)
        response.headers["Cache-Control"] = CACHE_CONTROL
        return response

    router.add_get(f"/feeds{ARCHIVE}", archive)
