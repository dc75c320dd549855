"""Webhooks: addresses of programs that are told of changes; stored ones are added, tried and forgotten here."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.webhook import OF_OUTPUTS, WebhookEvent
from aggregator.service import webhooks as use
from aggregator.service.delivery import delivery_summary
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, Given, fields, go


class Webhooks:
    """Handlers of the page about webhooks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/webhooks", role=Role.OPERATOR, handler=self.page),
            Page(method="POST", path="/webhooks", role=Role.OPERATOR, handler=self.add),
            Page(method="POST", path="/webhooks/{id}", role=Role.OPERATOR, handler=self.act),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        found = await delivery_summary(house.world, house.store, house.clock())
        return self._desk.show(
            request,
            "webhooks.html",
            http_status=http_status,
            **{
                "hooks": found.webhooks,
                "configured": {one.id for one in house.world.configuration.settings.webhooks},
                "events": [event.value for event in WebhookEvent],
                "outputs": list(house.world.outputs.values()),
                "form": Given(),
                "chosen": {"events": [event.value for event in OF_OUTPUTS], "outputs": []},
                "fresh": None,
                **more,
            },
        )

    async def add(self, request: web.Request) -> web.StreamResponse:
        house, given, form = self._desk.house, Given(await fields(request)), await request.post()
        chosen = {
            name: [value for value in form.getall(name, []) if isinstance(value, str)] for name in ("events", "outputs")
        }
        try:
            if any(one.id == given["id"] for one in await house.store.hubs.webhooks()):
                raise UsageError("there is a webhook '%(id)s' already; give this one another id", id=given["id"])
            hook = await use.add_webhook(
                given["id"],
                given["url"],
                house.world,
                house.store,
                house.clock(),
                events=chosen["events"],
                outputs=chosen["outputs"],
            )
        except AggregatorError as error:
            return await self._show(request, 422, error=error, form=given, chosen=chosen)
        return await self._show(request, fresh=hook)

    async def act(self, request: web.Request) -> web.StreamResponse:
        house, id_ = self._desk.house, request.match_info["id"]
        act = (await fields(request)).get("act", "")
        try:
            if act == "try":
                await use.try_webhook(id_, house.world, house.store, house.clock())
            elif act == "remove":
                await use.remove_webhook(id_, house.world, house.store)
            else:
                raise UsageError("choose what to do")
        except AggregatorError as error:
            return await self._show(request, 422, error=error)
        raise go("/webhooks", "webhook-tried" if act == "try" else "webhook-removed")
