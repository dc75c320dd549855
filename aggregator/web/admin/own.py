"""One's own account: password, second factor, language, tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import segno
from aiohttp import web

from aggregator.errors import UsageError
from aggregator.model.account import SCOPES, Role
from aggregator.service.accounts import PASSWORD_MIN, is_totp_secret, totp_address
from aggregator.store import identities, mailing
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LASTS = {"30": 30, "90": 90, "365": 365}
"""Days that a token may last, as the form offers them; anything else: until it is revoked."""


class Own:
    """Handlers of the page that everybody has."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        acts: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
            "password": self.password,
            "totp": self.totp,
            "settings": self.settings,
            "sessions": self.end_sessions,
            "tokens": self.add_token,
            "tokens/{id}/revoke": self.revoke_token,
        }
        return [
            Page(method="GET", path="/account", role=Role.VIEWER, handler=self.page),
            *(
                Page(method="POST", path=f"/account/{path}", role=Role.VIEWER, handler=handler)
                for path, handler in acts.items()
            ),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(self, request: web.Request, status: int = 200, **more: Any) -> web.Response:
        user = who(request).user
        site = self._desk.house.world.configuration.settings.site.name
        secret = more.pop("totp_secret", "")
        if secret:
            address = totp_address(secret, user.name, site)
        else:
            secret, address = self._desk.accounts.new_totp(user.name, site)
        values = {
            "tokens": await self._desk.accounts.tokens(user.name),
            "roles": [role for role in Role if user.role.covers(role)],
            "languages": self._desk.pages.languages,
            "least": PASSWORD_MIN,
            "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
            "fresh_token": None,
            "scopes": SCOPES,
            "linked": await self._is_linked(user.name),
            "digest": await self._desk.house.store.read(mailing.digest_of, user.name),
            "often": mailing.OFTEN,
            "configured_digest": self._desk.house.world.configuration.settings.mail.digest,
            "error_at": "",
            **more,
            "totp_secret": secret,
        }
        return self._desk.show(request, "account.html", http_status=status, **values)

    async def _is_linked(self, name: str) -> bool:
        """Whether the account logs in by the provider."""
        openid = self._desk.openid
        issuers = await self._desk.house.store.read(identities.of_user, name) if openid is not None else []
        return openid is not None and openid.settings.issuer in issuers

    async def _wrong(self, request: web.Request, at: str, error: UsageError, **more: Any) -> web.Response:
        return await self._show(request, 422, error=error, error_at=at, **more)

    async def password(self, request: web.Request) -> web.StreamResponse:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        name = who(request).user.name
        try:
            if not await self._desk.accounts.is_password(name, form.get("old", "")):
                raise UsageError("the present password is not right")
            if form.get("password", "") != form.get("again", ""):
                raise UsageError("the two new passwords are not the same; type both again")
            await self._desk.accounts.set_password(name, form.get("password", ""), by=name)
        except UsageError as error:
            return await self._wrong(request, "password", error)
        answer = go("/login", "password")
        self._desk.access.drop_session(answer)
        raise answer

    async def totp(self, request: web.Request) -> web.StreamResponse:
        form = await fields(request)
        user = who(request).user
        secret = None if user.has_totp else form.get("secret", "")
        try:
            if not await self._desk.accounts.is_password(user.name, form.get("password", "")):
                raise UsageError("the password is not right")
            await self._desk.accounts.set_totp(user.name, secret, form.get("code", ""), by=user.name)
        except UsageError as error:
            again = {"totp_secret": secret} if secret and is_totp_secret(secret) else {}
            return await self._wrong(request, "totp", error, **again)
        answer = go("/login", "totp")
        self._desk.access.drop_session(answer)
        raise answer

    async def settings(self, request: web.Request) -> web.StreamResponse:
        form = await fields(request)
        name = who(request).user.name
        language = form.get("language", "")
        try:
            if language and language not in self._desk.pages.languages:
                raise UsageError("the pages are not to be had in that language")
            await self._desk.accounts.change(name, by=name, email=form.get("email", ""), language=language)
            house = self._desk.house
            await house.store.write(mailing.choose_digest, name, form.get("digest") or None, name, house.clock())
        except UsageError as error:
            return await self._wrong(request, "settings", error)
        raise go("/account", "saved")

    async def end_sessions(self, request: web.Request) -> web.StreamResponse:
        await self._desk.accounts.end_sessions(who(request).user.name, self._desk.access.cookie_of(request))
        raise go("/account", "sessions")

    async def add_token(self, request: web.Request) -> web.StreamResponse:
        form = await fields(request)
        user = who(request).user
        days = LASTS.get(form.get("lasts", ""))
        try:
            if form.get("role") not in list(Role):
                raise UsageError("choose what the token may do")
            token, secret = await self._desk.accounts.add_token(
                form.get("name", ""),
                user.name,
                Role(form["role"]),
                lasts=timedelta(days=days) if days else None,
                by=user.name,
                scopes=[one for one in (await request.post()).getall("scope", []) if isinstance(one, str)],
            )
        except UsageError as error:
            return await self._wrong(request, "tokens", error)
        return await self._show(request, fresh_token={"name": token.name, "secret": secret})

    async def revoke_token(self, request: web.Request) -> web.StreamResponse:
        user = who(request).user
        id_ = request.match_info["id"]
        try:
            if id_ not in {token.id for token in await self._desk.accounts.tokens(user.name)}:
                raise UsageError("that token is not yours")
            await self._desk.accounts.revoke_token(id_, by=user.name)
        except UsageError as error:
            return await self._wrong(request, "tokens", error)
        raise go("/account", "revoked")
