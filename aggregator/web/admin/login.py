"""Logging in and out, and one-time links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service.accounts import PASSWORD_MIN, LoggedIn
from aggregator.web.admin.access import PREFIX, Page, local_path, visit_of
from aggregator.web.admin.desk import Desk, fields, go

if TYPE_CHECKING:
    from aggregator.service.accounts import Refused


class Login:
    """Handlers of the pages that nobody needs a session for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/login", role=None, handler=self.form),
            Page(method="POST", path="/login", role=None, handler=self.log_in),
            Page(method="POST", path="/logout", role=Role.VIEWER, handler=self.log_out),
            Page(method="GET", path="/welcome/{link}", role=None, handler=self.welcome),
            Page(method="POST", path="/welcome/{link}", role=None, handler=self.accept),
        ]

    async def form(self, request: web.Request) -> web.StreamResponse:
        target = local_path(request.query.get("next")) or ""
        if visit_of(request) is not None:
            raise web.HTTPSeeOther(target or f"{PREFIX}/")
        anybody = await self._desk.accounts.has_users()
        openid, back = self._desk.openid, f"{self._desk.house.public_url()}{PREFIX}/login"
        leaving = openid is not None and request.query.get("done") == "logged-out"
        return self._desk.show(
            request,
            "login.html",
            next=target,
            name="",
            ask_code=False,
            anybody=anybody,
            until=None,
            logout_url=openid.logout_url(back) if openid is not None and leaving else None,
        )

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        form = await fields(request)
        given = await request.post()
        password = given.get("password", "")
        result = await self._desk.accounts.log_in(
            form.get("name", ""),
            password if isinstance(password, str) else "",
            form.get("code", ""),
            self._desk.access.address(request),
        )
        target = local_path(form.get("next")) or f"{PREFIX}/"
        if isinstance(result, LoggedIn):
            answer = web.HTTPSeeOther(target, headers={"Cache-Control": "no-store"})
            self._desk.access.give_session(answer, result.cookie)
            raise answer
        return self._refused(request, result, form)

    def _refused(self, request: web.Request, result: Refused, form: dict[str, str]) -> web.Response:
        # 403, so that a tool that watches the log of a proxy can count them.
        status = 429 if result.why == "wait" else 403
        answer = self._desk.show(
            request,
            "login.html",
            http_status=status,
            next=local_path(form.get("next")) or "",
            name=form.get("name", "")[:100],
            ask_code=result.why == "code",
            code_wrong=bool(form.get("code")),
            error=result.why,
            until=result.until,
            anybody=True,
            logout_url=None,
        )
        if result.until is not None:
            wait = max(1, round((result.until - self._desk.house.clock()).total_seconds()))
            answer.headers["Retry-After"] = str(wait)
        return answer

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        await self._desk.accounts.log_out(self._desk.access.cookie_of(request))
        answer = go("/login", "logged-out")
        self._desk.access.drop_session(answer)
        # The pages that the browser still holds are somebody else's after this.
        answer.headers["Clear-Site-Data"] = '"cache"'
        raise answer

    async def welcome(self, request: web.Request) -> web.StreamResponse:
        good, name = await self._desk.accounts.invited(request.match_info["link"])
        status = 200 if good else 410
        return self._desk.show(
            request, "welcome.html", http_status=status, good=good, whose=name, name=name or "", least=PASSWORD_MIN
        )

    async def accept(self, request: web.Request) -> web.StreamResponse:
        link = request.match_info["link"]
        form = await request.post()
        given = {name: value if isinstance(value, str) else "" for name, value in form.items()}
        good, whose = await self._desk.accounts.invited(link)
        name = given.get("name", "").strip().lower()
        try:
            if given.get("password", "") != given.get("again", ""):
                raise UsageError("the two passwords are not the same; type both again")
            await self._desk.accounts.accept(link, name, given.get("password", ""))
        except UsageError as error:
            return self._desk.show(
                request,
                "welcome.html",
                http_status=422 if good else 410,
                good=good,
                whose=whose,
                name=whose or name[:100],
                least=PASSWORD_MIN,
                error=error,
            )
        raise go("/login", "welcome")
