"""The page for people at `/api/v1/`: all operations at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from aggregator.web.admin.access import POLICY
from aggregator.web.api.operation import PREFIX
from aggregator.web.api.problem import KINDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aggregator.web.admin.desk import Desk
    from aggregator.web.api.operation import Operation


def make_page(operations: Sequence[Operation], desk: Desk) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of the page."""

    async def handler(request: web.Request) -> web.StreamResponse:
        language = desk.pages.language(None, request.headers.get("Accept-Language", ""))
        nouns = dict.fromkeys(operation.noun for operation in operations)
        values = {
            "site": desk.house.world.configuration.settings.site,
            "prefix": PREFIX,
            "parts": [(noun, [one for one in operations if one.noun == noun]) for noun in nouns],
            "problems": KINDS,
        }
        return web.Response(
            text=desk.pages.render("api.html", language, values),
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY, "Vary": "Accept-Language"},
        )

    return handler
