"""Outputs: what stands in each and what is held back, with the reasons; and the very bytes that subscribers get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model.account import Role
from aggregator.model.decision import Reason
from aggregator.model.output import Format
from aggregator.service import shelf
from aggregator.service.held import held
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import HEADERS, Desk, go
from aggregator.web.admin.lists import Paged, holds, one_of, ordered, page_of, paged, said
from aggregator.web.ready import CONTENT_TYPES, page_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.model.output import Output
    from aggregator.service.overview import OutputRow

SHOWN = ("here", "held", "preview")
ROWS = 25
"""Entries on a page, each with the trace of its decision."""
SOURCE_MAX = 200_000
"""Bytes of a document that are shown as text; all of it is one click away."""

KEYS: dict[str, Callable[[OutputRow], Any]] = {
    "name": lambda row: row.title.casefold(),
    "entries": lambda row: row.entries,
    "held": lambda row: row.held,
    "waiting": lambda row: row.waiting,
}


class Outputs:
    """Handlers of the pages about outputs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/outputs", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/outputs/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="POST", path="/outputs/{id}/build", role=Role.OPERATOR, handler=self.build),
            Page(method="GET", path="/outputs/{id}/preview/{format}", role=Role.VIEWER, handler=self.preview),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        words = said(request.query, "text")
        order = one_of(request.query, "sort", [*KEYS, *(f"-{key}" for key in KEYS)])
        rows = await self._desk.glance.outputs(self._desk.house.world)
        found = [row for row in rows if holds(words, row.title, row.id, row.audience, row.medium)]
        return self._desk.show(
            request,
            "outputs.html",
            found=paged(ordered(found, order, KEYS), page_of(request.query)),
            any=bool(rows),
            text=words,
            order=order,
        )

    def _output(self, request: web.Request) -> Output:
        output = self._desk.house.world.outputs.get(request.match_info["id"])
        if output is None:
            raise web.HTTPNotFound
        return output

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house, output = self._desk.house, self._output(request)
        show = one_of(request.query, "show", SHOWN, "here")
        reason = one_of(request.query, "reason", list(Reason))
        state = await house.store.output_state(output.id)
        given = (output, house.world, house.store, house.clock())
        page = page_of(request.query)
        here = kept = None
        if show == "here":
            rows, page, total = await shelf.contents(*given, page=page, limit=ROWS)
            here = Paged(rows, total, page, ROWS)
        elif show == "held":
            kept = await held(*given, page=page, reason=reason, limit=ROWS)
        format_ = one_of(request.query, "format", list(output.formats), output.formats[0])
        return self._desk.show(
            request,
            "output.html",
            http_status=http_status,
            output=output,
            public_url=house.public_url(),
            show=show,
            state=state,
            here_list=here,
            held=kept,
            reason=reason,
            name_of=house.world.name_of,
            source_ids=house.world.sources_of(output.select),
            format=format_,
            text=await self._source(output, Format(format_)) if show == "preview" else None,
            **more,
        )

    async def _source(self, output: Output, format_: Format) -> str | None:
        """A document as text; None: it is a page, to be looked at as one; or there is none yet."""
        if format_ is Format.HTML:
            return None
        found = await self._desk.house.whole.current(output.id, format_)
        return found[0].body[:SOURCE_MAX].decode("utf-8", "replace") if found else None

    async def build(self, request: web.Request) -> web.StreamResponse:
        """Builds it now, whether or not anything has changed."""
        output, house = self._output(request), self._desk.house
        try:
            await house.build_all([output.id])
        except AggregatorError as error:
            return await self._one(request, 503, error=error)
        raise go(f"/outputs/{output.id}", "built")

    async def preview(self, request: web.Request) -> web.StreamResponse:
        """The very bytes that are served, without any power: no script, no form, no address of ours."""
        output = self._output(request)
        try:
            format_ = Format(request.match_info["format"])
        except ValueError as error:
            raise web.HTTPNotFound from error
        found = await self._desk.house.whole.current(output.id, format_)
        if found is None:
            raise web.HTTPNotFound
        return harmless(found[0].body, format_)


def harmless(body: bytes, format_: Format) -> web.Response:
    """A document for the eyes of people who are logged in: shown inside our pages alone, in a sandbox."""
    policy = page_policy(body).replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    headers = {
        **HEADERS,
        "Content-Security-Policy": f"sandbox; {policy}",
        "Referrer-Policy": "no-referrer",
        # In a frame of an opaque origin this header is only noise in the browser's log.
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }
    kind, _, charset = CONTENT_TYPES[format_].partition("; charset=")
    return web.Response(body=body, content_type=kind, charset=charset or None, headers=headers)
