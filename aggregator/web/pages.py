"""The start page, and what tells monitoring how we are."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from aggregator.web.ready import IDENTITY, best_coding, field, matching, page_codings, page_policy

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


async def packed(
    request: web.Request, body: bytes, content_type: str, headers: Mapping[str, str], whole: Mapping[str, str]
) -> web.Response:
    """A body in the coding that the client likes best, or 304 where it has it already.

    Args:
        headers: of both.
        whole: further ones of the body.
    Raises:
        HTTPNotAcceptable: it refuses every coding.
    """
    # A thread: compressing must not hold up other requests.
    coded = await asyncio.to_thread(page_codings, body)
    stem = blake2b(body, digest_size=16).hexdigest()
    etags = {f'"{stem}"', *(f'"{stem}-{coding}"' for coding in coded)}
    asked = matching(field(request.headers, "If-None-Match"), etags, f'"{stem}"')
    if asked is not None:
        return web.Response(status=304, headers={**headers, "ETag": asked, "Vary": "Accept-Encoding"})
    sizes = {coding: len(data) for coding, data in coded.items()}
    coding = best_coding(field(request.headers, "Accept-Encoding") or IDENTITY, sizes, len(body))
    if coding is None:
        raise web.HTTPNotAcceptable(text="Accept-Encoding refuses every coding.\n", headers={"Vary": "Accept-Encoding"})
    told = {**headers, **whole, "Content-Type": content_type, "Vary": "Accept-Encoding", "ETag": f'"{stem}"'}
    if coding == IDENTITY:
        return web.Response(body=body, headers=told)
    told |= {"ETag": f'"{stem}-{coding}"', "Content-Encoding": coding}
    return web.Response(body=coded[coding], headers=told)


def page_routes(site: Site) -> list[web.RouteDef]:
    """The routes of the public pages."""

    async def start(request: web.Request) -> web.Response:
        page = (await site.start_page(request.headers.get("Accept-Language", ""))).encode()
        answer = await _page(request, page)
        answer.headers["Vary"] = "Accept-Encoding, Accept-Language"
        return answer

    async def opml(request: web.Request) -> web.Response:
        headers = {"Cache-Control": "public, max-age=60", "X-Content-Type-Options": "nosniff"}
        return await packed(request, await site.opml(), "text/x-opml; charset=utf-8", headers, {})

    async def rights(request: web.Request) -> web.Response:
        return await _page(request, site.rights_page().encode())

    async def _page(request: web.Request, body: bytes) -> web.Response:
        headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
        policy = {"Content-Security-Policy": page_policy(body)}
        return await packed(request, body, "text/html; charset=utf-8", headers, policy)

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
