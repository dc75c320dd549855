"""Withdrawals: what one will reach, the step that confirms it, what happened; all that stand, and their undoing."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.service.post import can_mail
from aggregator.service.withdraw import Scope
from aggregator.service.withdrawals import acts, outlook, undo, withdraw_and_tell
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, Given, fields, go, who

SCOPES = ("entry", "author", "source", "publisher")
SHOWN_MAX = 200
"""Entries that the page lists; the rest is counted."""
PAGE = 50


class Withdrawals:
    """Handlers of the pages about withdrawals."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/withdraw", role=Role.REVIEWER, handler=self.form),
            Page(method="POST", path="/withdraw", role=Role.REVIEWER, handler=self.act),
            Page(method="GET", path="/withdrawals", role=Role.VIEWER, handler=self.overview),
            Page(method="POST", path="/withdrawals/{id}/undo", role=Role.REVIEWER, handler=self.undo),
        ]

    async def form(self, request: web.Request) -> web.StreamResponse:
        """The form, filled in from the address; with a name, what it would reach."""
        given = {name: request.query.get(name, "").strip()[:2000] for name in ("scope", "name", "reason")}
        if not given["name"]:
            return self._form(request, given)
        return await self._outlook(request, given)

    def _form(self, request: web.Request, given: dict[str, str], http_status: int = 200, **more: Any) -> web.Response:
        world = self._desk.house.world
        publishers = sorted({policy.publisher.name for policy in world.configuration.policies})
        shown: dict[str, Any] = {
            "given": Given(given),
            "scopes": SCOPES,
            "sources": list(world.sources),
            "name_of": world.name_of,
            "publishers": publishers,
        }
        shown |= {"seen": None, "happened": None, "can_mail": can_mail(world.configuration.settings), "most": SHOWN_MAX}
        return self._desk.show(request, "withdraw.html", http_status=http_status, **{**shown, **more})

    async def _outlook(
        self, request: web.Request, given: dict[str, str], http_status: int = 200, **more: Any
    ) -> web.Response:
        house = self._desk.house
        try:
            seen = await outlook(_scope(given), house.world, house.store)
        except UsageError as error:
            return self._form(request, given, 422, error=error)
        return self._form(request, given, http_status, seen=seen, **more)

    async def act(self, request: web.Request) -> web.StreamResponse:
        house, by = self._desk.house, who(request).user.name
        given = await fields(request)
        if given.get("sure") != "1":
            return await self._outlook(request, given, error=None)
        notice = given.get("notice", "") if given.get("tell") == "1" else None
        try:
            happened = await withdraw_and_tell(
                _scope(given),
                given.get("reason", ""),
                notice,
                by,
                house.world,
                house.store,
                self._desk.letters,
                house.clock(),
            )
        except AggregatorError as error:
            return await self._outlook(request, given, 422, error=error)
        return self._form(request, {}, happened=happened)

    async def overview(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        found = await acts(self._desk.house.store)
        number = request.query.get("page", "1")
        page = min(
            int(number) if number.isdecimal() and number.isascii() and len(number) < 6 else 1,
            -(-len(found) // PAGE) or 1,
        )
        page = max(1, page)
        shown = {"acts": found[(page - 1) * PAGE : page * PAGE], "page": page, "pages": max(1, -(-len(found) // PAGE))}
        return self._desk.show(request, "withdrawals.html", http_status=http_status, found=shown, **more)

    async def undo(self, request: web.Request) -> web.StreamResponse:
        house, by = self._desk.house, who(request).user.name
        reason = (await fields(request)).get("reason", "")
        try:
            await undo(request.match_info["id"], (), reason, by, house.store, house.clock())
        except UsageError as error:
            return await self._list(request, 422, error=error)
        raise go("/withdrawals", "restored")


def _scope(given: dict[str, str]) -> Scope:
    """The scope that a form names.

    Raises:
        UsageError: it names none.
    """
    name, value = given.get("scope", ""), given.get("name", "").strip()
    if name not in SCOPES or not value:
        raise UsageError("say what is to be withdrawn: an entry, or all of an author, a source or a publisher")
    return Scope(**{name: value})
