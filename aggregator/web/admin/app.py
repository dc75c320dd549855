"""The application behind `/admin`: the table of pages, its guard, its static files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from aggregator.web.admin.access import PREFIX, Page, guard
from aggregator.web.admin.applications import Applications
from aggregator.web.admin.desk import HEADERS
from aggregator.web.admin.entries import Entries
from aggregator.web.admin.flags import Flags
from aggregator.web.admin.grants import Grants
from aggregator.web.admin.home import Home
from aggregator.web.admin.ledger import Ledger
from aggregator.web.admin.login import Login
from aggregator.web.admin.new_source import NewSource
from aggregator.web.admin.openid import OpenIdLogin
from aggregator.web.admin.outputs import Outputs
from aggregator.web.admin.own import Own
from aggregator.web.admin.people import People
from aggregator.web.admin.policies import Policies
from aggregator.web.admin.refusals import Refusals
from aggregator.web.admin.requests import Requests
from aggregator.web.admin.review import Review
from aggregator.web.admin.settings import Settings
from aggregator.web.admin.source_lists import SourceLists
from aggregator.web.admin.sources import Sources
from aggregator.web.admin.subscribers import Subscribers
from aggregator.web.admin.terms import TermsPages
from aggregator.web.admin.webhooks import Webhooks
from aggregator.web.admin.withdrawals import Withdrawals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from aggregator.web.admin.desk import Desk

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATIC = "/static/{name}"


def table_of_pages(desk: Desk) -> list[Page]:
    """Every page there is, with the least role that may see or use it (P22)."""
    rooms = (
        Login(desk),
        OpenIdLogin(desk),
        Own(desk),
        Home(desk),
        Flags(desk),
        Requests(desk),
        Grants(desk),
        Refusals(desk),
        TermsPages(desk),
        Withdrawals(desk),
        Applications(desk),
        Entries(desk),
        NewSource(desk),
        SourceLists(desk),
        Sources(desk),
        Policies(desk),
        Outputs(desk),
        Review(desk),
        Subscribers(desk),
        Ledger(desk),
        Webhooks(desk),
        Settings(desk),
        People(desk),
    )
    return [
        Page(method="GET", path=STATIC, role=None, handler=_static(desk)),
        *(page for room in rooms for page in room.pages()),
    ]


def make_admin(desk: Desk) -> web.Application:
    """The application to be mounted under `/admin`."""
    pages = table_of_pages(desk)
    desk.paths = frozenset(page.path for page in pages if page.method == "GET")
    app = web.Application(middlewares=[_as_pages(desk), guard(desk.access, pages)])
    for page in pages:
        if page.method == "GET":
            app.router.add_get(page.path, page.handler)
        else:
            app.router.add_route(page.method, page.path, page.handler)
    return app


def add_admin(app: web.Application, desk: Desk) -> None:
    """Mounts the pages."""

    async def to_slash(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect(f"{PREFIX}/")

    app.router.add_get(PREFIX, to_slash)
    app.add_subapp(f"{PREFIX}/", make_admin(desk))


def _as_pages(desk: Desk) -> Middleware:
    """Shows refusals as pages, for people; the status stays what it is."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            said = (error.text or error.reason).strip() if error.status != 404 else ""
            answer = desk.show(request, "refused.html", http_status=error.status, code=error.status, said=said)
            if "Allow" in error.headers:
                answer.headers["Allow"] = error.headers["Allow"]
            return answer

    return middleware


def _static(desk: Desk) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        asset = desk.pages.static.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
        charset = "utf-8" if asset.content_type.startswith("text/") else None
        return web.Response(body=asset.body, content_type=asset.content_type, charset=charset, headers=headers)

    return handler
