"""Flags: what is held back, why, whom to ask; alone and in bulk."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.decision import FlagKind
from aggregator.model.desk import FlagState
from aggregator.rights.reasons import CATALOGUE
from aggregator.service import desk as use
from aggregator.service import letters
from aggregator.service.explain import explain_known
from aggregator.store.cases import ORDERS, Filter, count_states, read_page
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, Given, fields, go, link_of, who
from aggregator.web.admin.lists import one_of, page_of

STATES = ("waiting", *(state.value for state in FlagState), "closed", "all")


class Flags:
    """Handlers of the pages about flags."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/flags", role=Role.VIEWER, handler=self.overview),
            Page(method="POST", path="/flags", role=Role.REVIEWER, handler=self.bulk),
            Page(method="GET", path="/flags/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="POST", path="/flags/{id}", role=Role.REVIEWER, handler=self.act),
            Page(method="POST", path="/flags/{id}/letter", role=Role.REVIEWER, handler=self.letter),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        wanted = filter_of(request.query)
        today = house.clock().date()
        order = one_of(request.query, "sort", (turned + name for name in ORDERS for turned in ("", "-")))
        found = await house.store.read(read_page, wanted, page_of(request.query), today, order)
        return self._desk.show(
            request,
            "flags.html",
            http_status=http_status,
            **{
                "found": found,
                "wanted": wanted,
                "source_names": {case.flag.source: house.world.name_of(case.flag.source) for case in found.cases},
                "counts": await house.store.read(count_states, today),
                "kinds": list(FlagKind),
                "states": STATES,
                "outputs": list(house.world.outputs.values()),
                "users": [user.name for user in await self._desk.accounts.users()],
                "today": today,
                "order": order,
                "given": Given(),
                "chosen": frozenset(),
                **more,
            },
        )

    async def bulk(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        ids = [value for value in form.getall("flag", []) if isinstance(value, str)]
        given = await fields(request)
        try:
            if given.get("act") == "letter":
                await self._begin(ids, given.get("language", ""), request)
            await self._apply(ids, given, request)
        except AggregatorError as error:
            return await self._list(request, 422, error=error, given=Given(given), chosen=frozenset(ids))
        raise web.HTTPSeeOther(link_of(request, {"done": "saved"}), headers={"Cache-Control": "no-store"})

    async def _apply(self, ids: list[str], given: dict[str, str], request: web.Request) -> None:
        house, by = self._desk.house, who(request).user.name
        now, act, said = house.clock(), given.get("act", ""), given.get("comment", "")
        if act == "assign":
            assignee = given.get("assignee") or None
            if assignee is not None:
                await self._desk.accounts.user(assignee)
            await use.assign(ids, assignee, day_of(given.get("due_on", "")), by, house.store, now)
        elif act == "comment":
            for id_ in ids:
                await use.comment(id_, said, by, house.store, now)
        elif act in (FlagState.DISMISSED, FlagState.REFUSED, FlagState.OPEN):
            await use.settle(ids, FlagState(act), said, by, house.store, now, house.world)
        else:
            raise UsageError("choose what to do")

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        try:
            view = await use.look(request.match_info["id"], house.world, house.store)
        except UsageError as error:
            raise web.HTTPNotFound from error
        flag = view.case.flag
        known = [output for output in flag.outputs if output in house.world.outputs]
        why = (
            await explain_known(view.about, known, house.world, house.store, house.clock())
            if view.about and known
            else []
        )
        templates = self._desk.letters
        return self._desk.show(
            request,
            "flag.html",
            http_status=http_status,
            **{
                "view": view,
                "case": view.case,
                "flag": flag,
                "why": why,
                "remedy": CATALOGUE[why[0].decision.reason].remedy if why and not why[0].decision.allowed else "",
                "source_names": {flag.source: house.world.name_of(flag.source)}
                if flag.source in house.world.sources
                else {},
                "users": [user.name for user in await self._desk.accounts.users()],
                "languages": letters.languages(templates),
                "language_for": letters.language_for(view.entry, templates),
                "today": house.clock().date(),
                "given": Given(),
                **more,
            },
        )

    async def act(self, request: web.Request) -> web.StreamResponse:
        id_ = request.match_info["id"]
        given = await fields(request)
        try:
            await self._apply([id_], given, request)
        except AggregatorError as error:
            return await self._one(request, 422, error=error, given=Given(given))
        raise go(f"/flags/{id_}", "saved")

    async def letter(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        ids = [request.match_info["id"], *(value for value in form.getall("flag", []) if isinstance(value, str))]
        try:
            await self._begin(ids, (await fields(request)).get("language", ""), request)
        except AggregatorError as error:
            return await self._one(request, 422, error=error)
        raise AssertionError("a letter that was begun leads to its page")

    async def _begin(self, ids: list[str], language: str, request: web.Request) -> None:
        """Drafts a letter about these flags, and leads to it."""
        house = self._desk.house
        letter = await letters.draft(
            ids, language, who(request).user.name, house.world, house.store, self._desk.letters, house.clock()
        )
        raise go(f"/requests/{letter.id}")


def filter_of(query: Any) -> Filter:
    """The filter that an address names; what is unknown is left out."""
    state = query.get("state", "waiting")
    return Filter(
        state=state if state in STATES else "waiting",
        overdue=query.get("overdue") == "1",
        **{name: query.get(name, "")[:200] for name in ("kind", "output", "source", "publisher", "assignee", "text")},
    )


def day_of(text: str) -> date | None:
    """A day as a form sends it; None: none was given.

    Raises:
        UsageError: it is no day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("'%(text)s' is no day; write one such as 2026-12-31", text=text[:30]) from error
