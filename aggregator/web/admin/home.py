"""The first page: what needs a person, how sources do, what goes out."""

from __future__ import annotations

from aiohttp import web

from aggregator.model.account import Role
from aggregator.service.status import read_note
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, who

SHOWN = 25
"""Outputs on this page; all of them stand on their own."""


class Home:
    """Handlers of the first page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [Page(method="GET", path="/", role=Role.VIEWER, handler=self.page)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        found = await self._desk.glance.overview(house.world, who(request).user.name, house.clock())
        return self._desk.show(
            request,
            "home.html",
            found=found,
            service=await read_note(house.store, house.clock()),
            problems=house.keeper.problems,
            trouble=house.store.problem,
            shown=found.outputs[:SHOWN],
        )
