"""Login by an OpenID Connect provider: to it, back from it, and linking one's account with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from aggregator.model.account import Role
from aggregator.service.openid import LoginRefusedError
from aggregator.store import identities
from aggregator.web.admin.access import PREFIX, Page, local_path, visit_of
from aggregator.web.admin.desk import HEADERS, Desk, go, who
from aggregator.web.api.rate import Rate

if TYPE_CHECKING:
    from aggregator.service.openid import OpenId

log = structlog.get_logger(__name__)

CALLBACK = "/login/oidc/callback"
PER_MINUTE = 30
"""Logins that one address may begin: each is a row until it ends."""


class OpenIdLogin:
    """Handlers of the login by a provider."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rate = Rate(PER_MINUTE)

    def pages(self) -> list[Page]:
        """Their rows in the table of pages; none where no provider is configured."""
        if self._desk.openid is None:
            return []
        return [
            Page(method="GET", path="/login/oidc", role=None, handler=self.begin),
            Page(method="GET", path=CALLBACK, role=None, handler=self.end),
            Page(method="POST", path="/account/oidc", role=Role.VIEWER, handler=self.link),
            Page(method="POST", path="/account/oidc/unlink", role=Role.VIEWER, handler=self.unlink),
        ]

    @property
    def _openid(self) -> OpenId:
        if self._desk.openid is None:
            raise web.HTTPNotFound
        return self._desk.openid

    def _slow_down(self, request: web.Request) -> None:
        wait = self._rate.wait(self._desk.access.address(request), time.monotonic())
        if wait:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait)}, text="Too many logins. Wait a minute.\n")

    async def begin(self, request: web.Request) -> web.StreamResponse:
        target = local_path(request.query.get("next")) or ""
        if visit_of(request) is not None:
            raise web.HTTPSeeOther(target or f"{PREFIX}/")
        self._slow_down(request)
        try:
            start = await self._openid.begin(target)
        except LoginRefusedError as refused:
            return self._refused(request, refused)
        answer = web.HTTPSeeOther(start.url, headers={**HEADERS, "Referrer-Policy": "no-referrer"})
        self._desk.access.give_oidc_cookie(answer, start.cookie)
        raise answer

    async def end(self, request: web.Request) -> web.StreamResponse:
        self._slow_down(request)
        given = {name: value for name, value in request.query.items() if len(value) <= 4_000}
        try:
            visit = visit_of(request)
            ended = await self._openid.end(
                given, self._desk.access.oidc_cookie_of(request), visit.user.name if visit else None
            )
        except LoginRefusedError as refused:
            return self._refused(request, refused)
        target = local_path(ended.target) or f"{PREFIX}/"
        answer = web.HTTPSeeOther(target, headers={**HEADERS, "Referrer-Policy": "no-referrer"})
        self._desk.access.drop_oidc_cookie(answer)
        if ended.logged_in is not None:
            # A session that the browser had before is not taken over: this one is new (session fixation).
            self._desk.access.give_session(answer, ended.logged_in.cookie)
        raise answer

    def _refused(self, request: web.Request, refused: LoginRefusedError) -> web.Response:
        log.warning("login by the provider refused", why=refused.why)
        answer = self._desk.show(
            request,
            "login.html",
            http_status=403,
            next="",
            name="",
            ask_code=False,
            anybody=True,
            until=None,
            error="oidc",
            told=str(refused),
            logout_url=None,
        )
        self._desk.access.drop_oidc_cookie(answer)
        return answer

    async def link(self, request: web.Request) -> web.StreamResponse:
        self._slow_down(request)
        try:
            start = await self._openid.begin(f"{PREFIX}/account?done=linked", link=who(request).user.name)
        except LoginRefusedError as refused:
            return self._refused(request, refused)
        answer = self._desk.show(request, "link.html", address=start.url, provider=self._openid.settings.name)
        self._desk.access.give_oidc_cookie(answer, start.cookie)
        return answer

    async def unlink(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        issuer = self._openid.settings.issuer
        await house.store.write(identities.unlink, issuer, who(request).user.name, house.clock())
        raise go("/account", "unlinked")
