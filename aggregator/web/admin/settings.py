"""Settings: the configuration in force, the program, its database; and a letter to see whether mail works."""

from __future__ import annotations

import platform
from typing import Any

from aiohttp import web

from aggregator import __version__
from aggregator.errors import AggregatorError
from aggregator.model.account import Role
from aggregator.service.effective import effective, send_test_letter
from aggregator.service.status import read_note
from aggregator.store.figures import count_entries
from aggregator.store.migrate import HEAD
from aggregator.store.overview import database_facts, ledger_size
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who


class Settings:
    """Handlers of the page of settings."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/settings", role=Role.OPERATOR, handler=self.page),
            Page(method="POST", path="/settings/mail", role=Role.OPERATOR, handler=self.mail),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house, configuration = self._desk.house, self._desk.house.world.configuration
        name, size = await house.store.read(database_facts)
        return self._desk.show(
            request,
            "settings.html",
            http_status=http_status,
            **{
                "sections": effective(configuration.settings),
                "folder": str(configuration.folder),
                "config_version": configuration.version,
                "loaded_at": house.keeper.loaded_at,
                "problems": house.keeper.problems,
                "warnings": configuration.warnings,
                "program": f"{__version__}, Python {platform.python_version()}",
                "database": name,
                "schema": HEAD,
                "megabytes": size / 1_000_000,
                "entries": await house.store.read(count_entries),
                "records": await house.store.read(ledger_size),
                "service": await read_note(house.store, house.clock()),
                "smtp": configuration.settings.mail.smtp is not None,
                "to": who(request).user.email or configuration.settings.site.email or "",
                **more,
            },
        )

    async def mail(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        to = (await fields(request)).get("to", "")
        try:
            await send_test_letter(to, house.world.configuration.settings, house.clock())
        except AggregatorError as error:
            return await self._show(request, 422, to=to, errors={"to": error})
        raise go("/settings", "mailed")
