"""Sources: how their polling goes, what they brought, what their site says; asked for now, paused, resumed."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, ConfigError, UsageError
from aggregator.model.account import Role
from aggregator.rights.portray import portray
from aggregator.service.amend import ask_at_home, set_enabled, take_out
from aggregator.service.overview import COLUMNS, HEALTH
from aggregator.service.source_detail import source_detail
from aggregator.service.sources import farewell
from aggregator.store import happenings
from aggregator.store.overview import waiting_by
from aggregator.web.admin.access import Page
from aggregator.web.admin.chart import poll_chart
from aggregator.web.admin.desk import Desk, fields, go, who
from aggregator.web.admin.lists import Paged, holds, one_of, ordered, page_of, paged, said

NEWEST = 10
"""Entries on the page of a source."""


class Sources:
    """Handlers of the pages about sources."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/sources", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/sources/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="POST", path="/sources/{id}", role=Role.OPERATOR, handler=self.act),
            Page(method="GET", path="/sources/{id}/remove", role=Role.OPERATOR, handler=self.leave),
            Page(method="POST", path="/sources/{id}/remove", role=Role.OPERATOR, handler=self.remove),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        query, world = request.query, self._desk.house.world
        words, health = said(query, "text"), one_of(query, "health", HEALTH)
        tag, policy = one_of(query, "tag", world.tags), said(query, "policy")
        ids = [
            source.id
            for source in world.sources.values()
            if (not tag or tag in source.tags)
            and (not policy or (source.policy or "-") == policy)
            and (not words or holds(words, world.name_of(source.id), source.id, source.feed))
        ]
        glance = self._desk.glance
        if health:
            known = await glance.health(world)
            ids = [id_ for id_ in ids if known[id_] == health]
        order = one_of(query, "sort", [*COLUMNS, *(f"-{column}" for column in COLUMNS)])
        if column := order.removeprefix("-"):
            ids = ordered(ids, order, {column: await glance.key(world, column, ids)})
        place = paged(ids, page_of(query))
        return self._desk.show(
            request,
            "sources.html",
            found=Paged(await glance.sources(world, place.rows), place.total, place.page),
            any=bool(world.sources),
            text=words,
            health=health,
            healths=HEALTH,
            tag=tag,
            tags=world.tags,
            policy=policy,
            policies=[one.id for one in world.configuration.policies],
            order=order,
        )

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house, id_ = self._desk.house, request.match_info["id"]
        try:
            found = await source_detail(id_, house.world, house.store)
        except UsageError as error:
            raise web.HTTPNotFound from error
        policy = house.world.policy_of(id_)
        return self._desk.show(
            request,
            "source.html",
            http_status=http_status,
            **{
                "found": found,
                "source": found.summary,
                "chart": poll_chart(found.polls),
                "policy": policy,
                "plain": portray(policy) if policy else [],
                "unknown": house.world.policies.unknown_policy,
                "entries": await house.store.list_entries(source=id_, limit=NEWEST),
                "waiting": (await house.store.read(waiting_by, "source", [id_])).get(id_, 0),
                **more,
            },
        )

    async def act(self, request: web.Request) -> web.StreamResponse:
        house, id_ = self._desk.house, request.match_info["id"]
        act, by = (await fields(request)).get("act", ""), who(request).user.name
        if id_ not in house.world.sources:
            raise web.HTTPNotFound
        try:
            if act == "poll":
                if not house.world.sources[id_].enabled:
                    raise UsageError("it is paused: resume it first")
                await house.store.write(happenings.ask_now, id_, f"{by} asked for it", house.clock())
            elif act == "revive":
                await house.store.revive(id_, f"by {by}", house.clock())
            elif act == "unmove":
                await ask_at_home(id_, by, house)
            elif act in ("pause", "resume"):
                await set_enabled(id_, act == "resume", by, house)
            else:
                raise UsageError("choose what to do")
        except AggregatorError as error:
            return await self._one(request, 422, error=error)
        raise go(f"/sources/{id_}", {"poll": "asked", "revive": "asked", "unmove": "asked"}.get(act, "saved"))

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """What goes with a source, before it goes."""
        return await self._leave(request)

    async def _leave(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house, id_ = self._desk.house, request.match_info["id"]
        try:
            found = await farewell(id_, house.world, house.store)
        except UsageError as error:
            raise web.HTTPNotFound from error
        waiting = (await house.store.read(waiting_by, "source", [id_])).get(id_, 0)
        shown = {"found": found, "title": house.world.name_of(id_), "waiting": waiting, "problems": ()}
        return self._desk.show(request, "source-remove.html", http_status=http_status, **{**shown, **more})

    async def remove(self, request: web.Request) -> web.StreamResponse:
        house, id_ = self._desk.house, request.match_info["id"]
        if id_ not in house.world.sources:
            raise web.HTTPNotFound
        try:
            await take_out(id_, who(request).user.name, house)
        except ConfigError as error:
            return await self._leave(request, 422, problems=error.problems)
        except AggregatorError as error:
            return await self._leave(request, 422, error=error)
        raise go("/sources", "source-removed")
