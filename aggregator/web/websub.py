"""Callbacks of our subscriptions at the hubs of sources: `/websub/{id}`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_SECONDS = 30
"""Within which a delivery must have come whole."""
AT_ONCE = 16
"""Deliveries that are received at once: each may be as large as a feed."""
TOKEN_CHARS_MAX = 64
"""Of the id in a callback; ours are half as long."""


class Told(Protocol):
    """What a hub is answered."""

    @property
    def status(self) -> int: ...
    @property
    def text(self) -> str: ...


class Callbacks(Protocol):
    """Answers hubs."""

    async def verify(self, token: str, query: Mapping[str, str]) -> Told: ...
    async def expects(self, token: str) -> int | None: ...
    async def deliver(self, token: str, signature: str | None, content_type: str | None, body: bytes) -> Told: ...


def callback_routes(callbacks: Callbacks) -> list[web.RouteDef]:
    """The routes of the callbacks."""
    room = asyncio.Semaphore(AT_ONCE)

    async def verify(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if len(token) > TOKEN_CHARS_MAX:
            raise web.HTTPNotFound
        return _answer(await callbacks.verify(token, request.query))

    async def deliver(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        most = await callbacks.expects(token) if len(token) <= TOKEN_CHARS_MAX else None
        if most is None:
            return web.Response(status=410, text="This subscription has ended.\n")
        if (request.content_length or 0) > most:
            return web.Response(status=413, text="The delivery is too large.\n")
        if room.locked():
            return web.Response(status=503, text="Busy; please deliver again.\n", headers={"Retry-After": "60"})
        async with room:
            try:
                async with asyncio.timeout(READ_SECONDS):
                    body = await _body(request, most)
            except TimeoutError:
                return web.Response(status=408, text="The delivery took too long.\n")
            if body is None:
                return web.Response(status=413, text="The delivery is too large.\n")
            headers = request.headers
            return _answer(
                await callbacks.deliver(token, headers.get("X-Hub-Signature"), headers.get("Content-Type"), body)
            )

    path = "/websub/{token}"
    return [web.get(path, verify, allow_head=False), web.post(path, deliver)]


async def _body(request: web.Request, most: int) -> bytes | None:
    """The body; None: it is larger than allowed."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.content.iter_any():
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _answer(told: Told) -> web.Response:
    # As plain text that nobody sniffs: a challenge is a stranger's text.
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=told.status, text=told.text, content_type="text/plain", headers=headers)
