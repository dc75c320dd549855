"""Entries: what the sources brought, where each stands and why; picks and withdrawals."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.service.explain import explain_entry
from aggregator.service.withdraw import approve, find_entry, withdraw
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, sentence, who

PAGE = 50


class Entries:
    """Handlers of the pages about entries."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/entries", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/entries/{key}", role=Role.VIEWER, handler=self.one),
            Page(method="POST", path="/entries/{key}", role=Role.REVIEWER, handler=self.act),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        source = request.query.get("source", "")
        asked = request.query.get("name", "").strip()[:2000]
        if asked:
            try:
                raise go(f"/entries/{(await find_entry(house.store, asked)).key}")
            except UsageError as error:
                return await self._list(request, source, 404, error=sentence(error), name=asked)
        return await self._list(request, source)

    async def _list(self, request: web.Request, source: str, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        after = await self._after(request.query.get("after", ""))
        found = await house.store.list_entries(source=source or None, limit=PAGE + 1, after=after)
        shown = found[:PAGE]
        return self._desk.show(
            request,
            "entries.html",
            http_status=http_status,
            **{
                "entries": shown,
                "next": shown[-1].key if len(found) > PAGE else "",
                "source": source,
                "sources": list(house.world.sources),
                "name_of": house.world.name_of,
                "name": "",
                **more,
            },
        )

    async def _after(self, key: str) -> Any:
        if not key:
            return None
        stored = (await self._desk.house.store.entries_by_key([key])).get(key)
        return (stored.ordered_at, stored.key) if stored else None

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        key = request.match_info["key"]
        stored = (await house.store.entries_by_key([key])).get(key)
        if stored is None:
            raise web.HTTPNotFound
        return self._desk.show(
            request,
            "entry.html",
            http_status=http_status,
            **{
                "stored": stored,
                "entry": stored.entry,
                "source_name": house.world.name_of(stored.entry.source),
                "why": await explain_entry(key, (), house.world, house.store, house.clock()),
                "uses": {output.id: output.use for output in house.world.outputs.values()},
                "releases": await house.store.releases_of(key),
                "withdrawn": (await house.store.withdrawals()).get(key),
                **more,
            },
        )

    async def act(self, request: web.Request) -> web.StreamResponse:
        house, key = self._desk.house, request.match_info["key"]
        given, by = await fields(request), who(request).user.name
        try:
            if given.get("act") == "withdraw":
                if not given.get("reason"):
                    raise UsageError("say why: it stands in the ledger")
                await withdraw(key, given["reason"][:1000], by, house.store, house.clock())
            elif given.get("act") == "approve":
                await approve(key, given.get("output", ""), by, house.world, house.store, house.clock())
            else:
                raise UsageError("choose what to do")
        except AggregatorError as error:
            return await self._one(request, 422, error=sentence(error))
        raise go(f"/entries/{key}", "saved")
