"""The start page, and what tells monitoring how we are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.web.ready import page_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2


class Site(Protocol):
    """What the pages show."""

    @property
    def templates(self) -> jinja2.Environment:
        """Autoescaping; the operator's own folder before ours."""

    async def overview(self) -> Mapping[str, object]:
        """Values for the start page."""

    async def health(self) -> tuple[bool, Mapping[str, object]]:
        """Whether all is well, and the facts."""


def page_routes(site: Site) -> list[web.RouteDef]:
    """The routes of the public pages."""

    async def start(_request: web.Request) -> web.Response:
        template = site.templates.get_template("river/index.html")
        body = template.render(await site.overview()).encode()
        return web.Response(
            body=body,
            content_type="text/html",
            charset="utf-8",
            headers={
                "Content-Security-Policy": page_policy(body),
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-cache",
            },
        )

    async def healthz(_request: web.Request) -> web.Response:
        well, facts = await site.health()
        return web.json_response({"ok": well, **facts}, status=200 if well else 503)

    return [web.get("/", start), web.get("/healthz", healthz)]
