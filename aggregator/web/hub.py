"""Our own WebSub hub on the web: `POST /hub`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BODY_MAX = 16_384
"""Bytes of a request: two addresses, a secret, and room for parameters that we do not know."""
FIELDS_MAX = 50
FORM = "application/x-www-form-urlencoded"


class HubReply(Protocol):
    """What a subscriber is answered."""

    @property
    def status(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def retry_after(self) -> int | None: ...


class Hub(Protocol):
    """Takes requests to subscribe and unsubscribe."""

    async def ask(self, form: Mapping[str, Sequence[str]], client: str) -> HubReply: ...


def hub_routes(hub: Hub, address: Callable[[web.Request], str]) -> list[web.RouteDef]:
    """The routes of the hub.

    Args:
        address: where a request comes from, for the bounds on requests.
    """

    async def ask(request: web.Request) -> web.Response:
        if request.content_type != FORM:
            return _told(415, f"A hub is asked with a form: Content-Type {FORM}.")
        body = await request.content.read(BODY_MAX + 1)
        while len(body) <= BODY_MAX and not request.content.at_eof():
            body += await request.content.read(BODY_MAX + 1 - len(body))
        if len(body) > BODY_MAX:
            return _told(413, "The request is too large.")
        try:
            form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
        except ValueError:
            return _told(400, "The form cannot be read.")
        reply = await hub.ask(form, address(request))
        answer = _told(reply.status, reply.text)
        if reply.retry_after is not None:
            answer.headers["Retry-After"] = str(reply.retry_after)
        return answer

    async def about(_request: web.Request) -> web.Response:
        return _told(200, "This is the WebSub hub of this site's feeds. Subscribers ask it by POST (W3C WebSub).")

    return [web.post("/hub", ask), web.get("/hub", about)]


def _told(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n", headers={"Cache-Control": "no-store"})
