"""The first page: what needs a person, how the sources are, what goes out."""

from __future__ import annotations

from aiohttp import web

from aggregator.model.account import Role
from aggregator.service.status import status_of
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk


class Home:
    """Handlers of the overview."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [Page(method="GET", path="/", role=Role.VIEWER, handler=self.page)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        found = await status_of(house.keeper.problems, house.world, house.store, house.clock())
        return self._desk.show(request, "home.html", status=found)
