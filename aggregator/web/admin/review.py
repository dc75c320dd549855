"""The queue of outputs that carry only what a person picked: look at each entry as it would go out, pick it or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.output import Format
from aggregator.model.use import Selection
from aggregator.service import shelf
from aggregator.service.held import held, tally
from aggregator.service.withdraw import approve, reject, unpick
from aggregator.web.admin.access import PREFIX, Page
from aggregator.web.admin.desk import HEADERS, Desk, fields, who
from aggregator.web.admin.lists import Paged, one_of, page_of
from aggregator.web.admin.outputs import harmless

if TYPE_CHECKING:
    from aggregator.model.output import Output

STATES = ("waiting", "approved", "rejected", "held")
ROWS = 20
"""Entries on a page; each may show a preview."""


class Review:
    """Handlers of the queue."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/review", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/review/{output}", role=Role.VIEWER, handler=self.queue),
            Page(method="POST", path="/review/{output}", role=Role.REVIEWER, handler=self.rule),
            Page(method="GET", path="/review/{output}/preview/{key}", role=Role.VIEWER, handler=self.preview),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        rows = await self._desk.glance.outputs(self._desk.house.world)
        return self._desk.show(request, "review.html", rows=[row for row in rows if row.reviewed])

    def _output(self, request: web.Request) -> Output:
        output = self._desk.house.world.outputs.get(request.match_info["output"])
        if output is None or output.use.selection is not Selection.REVIEWED:
            raise web.HTTPNotFound
        return output

    async def queue(self, request: web.Request) -> web.StreamResponse:
        return await self._queue(request)

    async def _queue(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house, output = self._desk.house, self._output(request)
        state = one_of(request.query, "state", STATES, "waiting")
        now, page = house.clock(), page_of(request.query)
        given = (output, house.world, house.store, now)
        if state in ("waiting", "held"):
            states = ("waiting", "lapsed") if state == "waiting" else ("held",)
            found = await held(*given, page=page, states=states, limit=ROWS)
            shown, counts = Paged(found.rows, found.total, found.page, ROWS), found.tally
        else:
            rows, total = await shelf.ruled(*given, rejected=state == "rejected", page=page, limit=ROWS)
            shown, counts = Paged(rows, total, page, ROWS), await tally(*given)
        return self._desk.show(
            request,
            "review-queue.html",
            http_status=http_status,
            **{
                "output": output,
                "state": state,
                "states": STATES,
                "found": shown,
                "tally": counts,
                "name_of": house.world.name_of,
                **more,
            },
        )

    async def rule(self, request: web.Request) -> web.StreamResponse:
        house, output = self._desk.house, self._output(request)
        form, given = await request.post(), await fields(request)
        by, now, reason = who(request).user.name, house.clock(), given.get("reason", "")[:1000]
        act, chosen = _asked(given, [value for value in form.getall("entry", []) if isinstance(value, str)])
        try:
            if not chosen:
                raise UsageError("choose an entry first")
            for key in chosen:
                if act == "approve":
                    await approve(key, output.id, by, house.world, house.store, now)
                elif act == "reject":
                    await reject(key, output.id, reason, by, house.world, house.store, now)
                elif act == "undo":
                    await unpick(key, output.id, by, house.world, house.store, now)
                else:
                    raise UsageError("choose what to do")
        except AggregatorError as error:
            return await self._queue(request, 422, error=error)
        kept = {name: value for name, value in request.query.items() if name in ("state", "page")}
        url = request.rel_url.with_path(f"{PREFIX}/review/{output.id}").with_query({**kept, "done": act})
        raise web.HTTPSeeOther(str(url), headers={"Cache-Control": "no-store"})

    async def preview(self, request: web.Request) -> web.StreamResponse:
        """One entry as subscribers would get it, in a sandbox."""
        house, output = self._desk.house, self._output(request)
        stored = (await house.store.entries_by_key([request.match_info["key"]])).get(request.match_info["key"])
        if stored is None:
            raise web.HTTPNotFound
        # An output without a page of its own is looked at as one all the same: people judge by what they see.
        seen = output if Format.HTML in output.formats else replace(output, formats=(*output.formats, Format.HTML))
        try:
            made = await shelf.preview(stored, seen, house.world, house.store, house.renderer, house.clock())
        except AggregatorError as error:
            return _told(self._desk.told(request, error))
        if made is None:
            return _told(
                self._desk.told(request, UsageError("it may not stand in this output, so there is nothing to see"))
            )
        return harmless(made.documents[Format.HTML], Format.HTML)


def _asked(given: dict[str, str], chosen: list[str]) -> tuple[str, list[str]]:
    """What is asked for, and of which entries: a button at an entry speaks for that one alone."""
    for act in ("approve", "reject", "undo"):
        if given.get(act):
            return act, [given[act]]
    return given.get("act", ""), chosen[:200]


def _told(text: str) -> web.Response:
    headers = {**HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'"}
    return web.Response(text=f"{text}\n", content_type="text/plain", charset="utf-8", headers=headers)
