"""Recorded refusals: all of them, a new one, the end of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.desk import FlagState
from aggregator.model.policy import Effect, Grant
from aggregator.model.use import Audience, Form, Medium
from aggregator.service import desk as use
from aggregator.service.refusals import add_refusal, list_refusals, proposed_refusal, refusal_for, revoke_refusal
from aggregator.store import cases
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who
from aggregator.web.admin.grants import asked_for
from aggregator.web.admin.rulings import list_rulings


class Refusals:
    """Handlers of the pages about refusals."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/refusals", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/refusals/new", role=Role.REVIEWER, handler=self.new),
            Page(method="POST", path="/refusals/new", role=Role.REVIEWER, handler=self.add),
            Page(method="POST", path="/refusals/{id}/revoke", role=Role.REVIEWER, handler=self.revoke),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        found = await list_refusals(house.store, house.clock())
        rows = await list_rulings(found, request.query, house)
        return self._desk.show(request, "refusals.html", http_status=http_status, **{**rows, **more})

    async def new(self, request: web.Request) -> web.StreamResponse:
        house, query = self._desk.house, request.query
        named = {name: query.get(name) or None for name in ("policy", "publisher", "source", "entry", "author")}
        proposed: Grant | None = Grant(id="", effect=Effect.DENY, **named)  # type: ignore[arg-type]  # texts, all of them
        flag = query.get("flag", "")
        try:
            if flag:
                proposed = refusal_for(await use.find_case(flag, house.store), house.world)
            elif letter := query.get("letter"):
                found = await house.store.read(cases.read_letter, letter)
                proposed = await proposed_refusal(found, house.world, house.store)
        except UsageError as error:
            raise web.HTTPNotFound from error
        if proposed is None:
            raise web.HTTPNotFound
        return self._form(request, proposed, flag)

    def _form(
        self, request: web.Request, refusal: Grant, flag: str, http_status: int = 200, **more: Any
    ) -> web.Response:
        world = self._desk.house.world
        return self._desk.show(
            request,
            "refusal.html",
            http_status=http_status,
            refusal=refusal,
            flag=flag,
            policies=world.configuration.policies,
            sources=world.configuration.sources,
            name_of=world.name_of,
            outputs=list(world.outputs.values()),
            forms=list(Form),
            audiences=list(Audience),
            media=list(Medium),
            **more,
        )

    async def add(self, request: web.Request) -> web.StreamResponse:
        house, by = self._desk.house, who(request).user.name
        asked, flag = Grant(id="", effect=Effect.DENY), ""
        try:
            given = await fields(request)
            flag = given.get("flag", "")
            asked = replace(await asked_for(request), effect=Effect.DENY)
            found = await add_refusal(asked, None, by, house.world, house.store, house.clock())
            if flag:
                said = f"{found.evidence} – {found.id}"[: use.TEXT_MAX]
                await use.settle([flag], FlagState.REFUSED, said, by, house.store, house.clock())
        except AggregatorError as error:
            return self._form(request, asked, flag, 422, error=error)
        raise go("/refusals", "refused")

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        house, by = self._desk.house, who(request).user.name
        reason = (await fields(request)).get("reason", "")[:2000]
        try:
            await revoke_refusal(request.match_info["id"], by, reason, house.store, house.clock())
        except UsageError as error:
            return await self._list(request, 422, error=error)
        raise go("/refusals", "revoked-refusal")
