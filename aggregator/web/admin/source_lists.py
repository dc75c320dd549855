"""Subscription lists (OPML): the sources as one, and another reader's taken in after a look at what would come."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import AggregatorError, ConfigError, UsageError
from aggregator.intake.opml import BODY_BYTES_MAX
from aggregator.model.account import Role
from aggregator.service.amend import take_list
from aggregator.service.sources import export_list
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import HEADERS, Desk, Given, fields, who

SHOWN_MAX = 200
"""Feeds of each kind that are listed; all are counted."""


class SourceLists:
    """Handlers of the pages about lists of sources."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/sources/list.opml", role=Role.VIEWER, handler=self.export),
            Page(method="GET", path="/sources/import", role=Role.OPERATOR, handler=self.begin),
            Page(method="POST", path="/sources/import", role=Role.OPERATOR, handler=self.act),
        ]

    async def export(self, _request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        exported = export_list(house.world, house.clock(), disabled=True)
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="sources.opml"'}
        return web.Response(body=exported.body, content_type="text/x-opml", charset="utf-8", headers=headers)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        return self._show(request, Given())

    def _show(self, request: web.Request, given: Given, http_status: int = 200, **more: Any) -> web.Response:
        policies = [policy.id for policy in self._desk.house.world.policies]
        shown = {"form": given, "report": None, "policies": policies, "problems": (), "list": "", "most": SHOWN_MAX}
        return self._desk.show(request, "source-list.html", http_status=http_status, **{**shown, **more})

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Looks what a list would bring; or takes it in, as it was looked at."""
        given = Given(await fields(request))
        body = await _list_of(request)
        try:
            if given["act"] not in ("look", "take"):
                raise UsageError("choose what to do")
            if not body:
                raise UsageError("choose a file, or paste a list")
            report = await take_list(
                body,
                who(request).user.name,
                self._desk.house,
                tags=tuple(given["tags"].replace(",", " ").split()),
                policy=given["policy"] or None,
                enabled=given["disabled"] != "1",
                dry=given["act"] == "look",
            )
        except ConfigError as error:
            return self._show(request, given, 422, problems=error.problems, list=_text(body))
        except AggregatorError as error:
            return self._show(request, given, 422, error=error, list=_text(body))
        return self._show(request, given, report=report, list=_text(body))


async def _list_of(request: web.Request) -> bytes:
    """The list that a form brings: a file, or as it was pasted or looked at before."""
    form = await request.post()
    part, text = form.get("file"), form.get("list")
    if isinstance(part, web.FileField) and part.filename:
        return part.file.read(BODY_BYTES_MAX + 1)
    return text.strip().encode("utf-8", "replace") if isinstance(text, str) else b""


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
