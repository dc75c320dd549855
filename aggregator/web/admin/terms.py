"""The watch on terms: all policies, and one with what changed and the word of a person that it was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.service.terms_desk import confirm_terms, list_terms, looked_at, show_terms
from aggregator.store import terms
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who
from aggregator.web.admin.lists import holds, one_of, ordered, page_of, paged, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.service.terms_desk import TermsView

STATES = ("changed", "overdue", "unreadable", "fine", "unread", "not watched")
ORDERS: dict[str, Callable[[TermsView], Any]] = {
    "name": lambda view: view.policy.publisher.name.casefold(),
    "state": lambda view: STATES.index(view.state),
    "read": lambda view: (view.policy.terms.read is not None, view.policy.terms.read),
    "again": lambda view: (view.read_again_on is None, view.read_again_on),
}


class TermsPages:
    """Handlers of the pages about terms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/terms", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/terms/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="POST", path="/terms/{id}/confirm", role=Role.REVIEWER, handler=self.confirm),
            Page(method="POST", path="/terms/{id}/check", role=Role.REVIEWER, handler=self.check),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        words, state = said(request.query, "text"), one_of(request.query, "state", STATES)
        views = await list_terms(house.world, house.store, house.clock())
        found = [
            view
            for view in views
            if (not state or view.state == state) and holds(words, view.policy.publisher.name, view.policy.id)
        ]
        order = one_of(request.query, "sort", [*ORDERS, *(f"-{name}" for name in ORDERS)])
        place = paged(ordered(found, order, ORDERS), page_of(request.query))
        return self._desk.show(
            request,
            "terms.html",
            found=place,
            any=bool(views),
            text=words,
            state=state,
            states=STATES,
            order=order,
        )

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        try:
            view = await show_terms(request.match_info["id"], house.world, house.store, house.clock())
        except UsageError as error:
            raise web.HTTPNotFound from error
        seen = [(part, digest or "") for part, digest in looked_at(view).items()]
        return self._desk.show(
            request,
            "terms_one.html",
            http_status=http_status,
            view=view,
            seen=seen,
            name_of=house.world.name_of,
            **more,
        )

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        house, id_ = self._desk.house, request.match_info["id"]
        given = await fields(request)
        seen = {name.removeprefix("seen:"): value or None for name, value in given.items() if name.startswith("seen:")}
        by, now = who(request).user.name, house.clock()
        try:
            await confirm_terms(id_, seen, given.get("note", ""), by, house.world, house.store, now)
        except AggregatorError as error:
            return await self._one(request, 422, error=error)
        raise go(f"/terms/{id_}", "looked")

    async def check(self, request: web.Request) -> web.StreamResponse:
        house, id_ = self._desk.house, request.match_info["id"]
        if house.world.policies.by_id(id_) is None:
            raise web.HTTPNotFound
        await house.store.write(terms.ask_soon, id_, house.clock())
        raise go(f"/terms/{id_}", "asked-soon")
