"""The accounts of everybody: for administrators."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.web.admin.access import PREFIX, Page
from aggregator.web.admin.desk import Desk, fields, go, who


class People:
    """Handlers of the page of accounts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/users", role=Role.ADMIN, handler=self.page),
            Page(method="POST", path="/users", role=Role.ADMIN, handler=self.add),
            Page(method="POST", path="/users/{name}", role=Role.ADMIN, handler=self.change),
            Page(method="POST", path="/users/{name}/invite", role=Role.ADMIN, handler=self.invite),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(self, request: web.Request, status: int = 200, **more: Any) -> web.Response:
        values = {
            "users": await self._desk.accounts.users(),
            "sessions": await self._desk.accounts.count_sessions(),
            "roles": list(Role),
            "link": None,
            "form": {},
            "error_at": "",
            **more,
        }
        return self._desk.show(request, "users.html", http_status=status, **values)

    async def add(self, request: web.Request) -> web.StreamResponse:
        form = await fields(request)
        name = form.get("name", "").lower()
        try:
            if form.get("role") not in list(Role):
                raise UsageError("choose a role")
            secret = await self._desk.accounts.add(
                name, Role(form["role"]), password=None, email=form.get("email"), by=who(request).user.name
            )
        except UsageError as error:
            return await self._show(request, 422, error=error, error_at="add", form=form)
        return await self._show(request, link=self._link(name, secret or ""))

    async def change(self, request: web.Request) -> web.StreamResponse:
        form = await fields(request)
        name, by = request.match_info["name"], who(request).user.name
        if form.get("act") == "sessions":
            await self._desk.accounts.end_sessions(name)
            raise go("/users", "saved") if name != by else go("/login", "logged-out")
        try:
            if form.get("role") is not None and form["role"] not in list(Role):
                raise UsageError("choose a role")
            await self._desk.accounts.change(
                name,
                by=by,
                role=Role(form["role"]) if "role" in form else None,
                disabled={"disable": True, "enable": False}.get(form.get("act", "")),
            )
        except UsageError as error:
            return await self._show(request, 422, error=error, error_at=name)
        raise go("/users", "saved")

    async def invite(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        try:
            await self._desk.accounts.user(name)
        except UsageError as error:
            return await self._show(request, 404, error=error)
        return await self._show(request, link=self._link(name, await self._desk.accounts.invite(name)))

    def _link(self, name: str, secret: str) -> dict[str, str]:
        return {"name": name, "url": f"{self._desk.house.public_url()}{PREFIX}/welcome/{secret}"}
