"""The start page, and what tells monitoring how we are."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.web.ready import field, matching, page_policy

if TYPE_CHECKING:
    from collections.abc import Mapping


class Site(Protocol):
    """What the pages show."""

    async def start_page(self, accept_language: str = "") -> str:
        """The start page in HTML, in the first language of these that there is."""

    async def opml(self) -> bytes:
        """The public outputs as OPML."""

    def rights_page(self) -> str:
        """What JSON Feed carries under `_rights`, explained in HTML."""

    async def health(self) -> tuple[bool, Mapping[str, object]]:
        """Whether all is well, and the facts."""


def page_routes(site: Site) -> list[web.RouteDef]:
    """The routes of the public pages."""

    async def start(request: web.Request) -> web.Response:
        answer = _page(request, (await site.start_page(request.headers.get("Accept-Language", ""))).encode())
        answer.headers["Vary"] = "Accept-Language"
        return answer

    async def opml(request: web.Request) -> web.Response:
        body = await site.opml()
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "public, max-age=60", "X-Content-Type-Options": "nosniff"}
        if matching(field(request.headers, "If-None-Match"), {etag}, etag):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="text/x-opml", charset="utf-8", headers=headers)

    async def rights(request: web.Request) -> web.Response:
        return _page(request, site.rights_page().encode())

    def _page(request: web.Request, body: bytes) -> web.Response:
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        headers = {"ETag": etag, "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
        if matching(field(request.headers, "If-None-Match"), {etag}, etag):
            return web.Response(status=304, headers=headers)
        headers["Content-Security-Policy"] = page_policy(body)
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)

    async def healthz(_request: web.Request) -> web.Response:
        well, facts = await site.health()
        status = 200 if well else 503
        return web.json_response({"ok": well, **facts}, status=status, headers={"Cache-Control": "no-store"})

    async def favicon(_request: web.Request) -> web.Response:
        """None: every browser asks for one, and a 404 stands in its console as an error."""
        return web.Response(status=204, headers={"Cache-Control": "public, max-age=86400"})

    return [
        web.get("/", start),
        web.get("/about/json-rights", rights),
        web.get("/opml", opml),
        web.get("/healthz", healthz),
        web.get("/favicon.ico", favicon),
    ]
