"""Applications of sites: who asks, for what; yes or no."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model.account import Role
from aggregator.service.applications import admit_site, turn_down
from aggregator.service.post import can_mail
from aggregator.store import outside
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who


class Applications:
    """Handlers of the pages about applications."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/applications", role=Role.VIEWER, handler=self.overview),
            Page(method="POST", path="/applications/{id}", role=Role.OPERATOR, handler=self.decide),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        found = await house.store.read(outside.read_applications)
        shown: dict[str, Any] = {
            "waiting": [one for one in found if one.waits],
            "decided": [one for one in found if not one.waits],
            "open": house.world.configuration.settings.subscribe,
            "can_mail": can_mail(house.world.configuration.settings),
            "link_for": None,
            "fresh_link": "",
        }
        return self._desk.show(request, "applications.html", http_status=http_status, **{**shown, **more})

    async def decide(self, request: web.Request) -> web.StreamResponse:
        house, by, id_ = self._desk.house, who(request).user.name, request.match_info["id"]
        given = await fields(request)
        letters, now = self._desk.letters, house.clock()
        try:
            if given.get("act") == "admit":
                one, secret = await admit_site(id_, by, house.world, house.store, letters, now)
                link = f"{house.public_url()}/subscribe/collect/{secret}"
                return await self._list(request, link_for=one, fresh_link=link)
            await turn_down(id_, given.get("reason", ""), by, house.world, house.store, letters, now)
        except AggregatorError as error:
            return await self._list(request, 422, error=error)
        raise go("/applications", "turned-down")
