"""The ledger: what was recorded, by kind, subject and period; and whether the chain is whole."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service.ledger_export import FORMATS, Extent, whole
from aggregator.service.ledger_proof import verify_chain
from aggregator.service.replay import replay
from aggregator.store import ledger as kinds
from aggregator.store.overview import LedgerFilter, ledger_kinds, ledger_page, ledger_size
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import HEADERS, Desk, fields
from aggregator.web.admin.lists import PAGE, day_start, one_of, said
from aggregator.web.admin.records import told_records

EXPORT_MAX = 50_000_000
"""Bytes; `aggregator ledger export` knows no bound."""
KINDS = (
    *(kinds.RELEASE, kinds.END, kinds.WITHDRAWAL, kinds.FLAG, kinds.APPROVAL, kinds.GRANT, kinds.CONFIG),
    *(kinds.SOURCE, kinds.ACCOUNT, kinds.NOTIFIED, kinds.SUBSCRIBER, kinds.REQUEST),
)


class Ledger:
    """Handlers of the pages of the ledger."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/ledger", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/ledger/export", role=Role.REVIEWER, handler=self.export),
            Page(method="POST", path="/ledger/verify", role=Role.VIEWER, handler=self.verify),
            Page(method="POST", path="/ledger/replay", role=Role.REVIEWER, handler=self.replay),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request)

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The proof as a file: a page that prints well, or JSON Lines."""
        house, query = self._desk.house, request.query
        format_ = one_of(query, "format", FORMATS, "html")
        extent = Extent(
            entry=said(query, "entry") or None,
            publisher=said(query, "publisher") or None,
            since=day_start(said(query, "since")),
            until=day_start(said(query, "until"), after=1),
        )
        given = (extent, format_, house.world, house.store, self._desk.letters, house.clock())
        try:
            body = await whole(*given, EXPORT_MAX)
        except UsageError as error:
            return await self._list(request, http_status=422, error=error)
        name = f"ledger-{house.clock():%Y-%m-%d}.{format_}"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        kind = "text/html" if format_ == "html" else "application/jsonl"
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house, query = self._desk.house, request.query
        subject, after = said(query, "subject"), said(query, "after")
        before = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
        known = sorted({*KINDS, *await house.store.read(ledger_kinds)})
        wanted = LedgerFilter(
            kind=one_of(query, "kind", known),
            # Releases are recorded under their output and entry: who names an entry means all of them.
            subjects=(subject, *(f"{output}/{subject}" for output in house.world.outputs)) if subject else (),
            since=day_start(said(query, "since")),
            until=day_start(said(query, "until"), after=1),
        )
        rows = await house.store.read(ledger_page, wanted, before, PAGE + 1)
        return self._desk.show(
            request,
            "ledger.html",
            http_status=http_status,
            **{
                "export": {name: said(query, name) for name in ("entry", "publisher")},
                "rows": await told_records(rows[:PAGE], house),
                "next": str(rows[PAGE - 1].number) if len(rows) > PAGE else "",
                "after": after,
                "kinds": known,
                "kind": wanted.kind,
                "subject": subject,
                "since": said(query, "since"),
                "until": said(query, "until"),
                "size": await house.store.read(ledger_size),
                "verified": None,
                "noted": "",
                "replayed": None,
                **more,
            },
        )

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """Reads the whole chain: in the database's thread, so that the pages of others go on."""
        noted = (await fields(request)).get("noted", "")
        try:
            found = await verify_chain(noted.replace(",", " ").split(), self._desk.house.store)
        except UsageError as error:
            return await self._list(request, http_status=422, error=error, noted=noted)
        return await self._list(request, verified=found, noted=noted)

    async def replay(self, request: web.Request) -> web.StreamResponse:
        """Decides all stored questions again, by the policies and rulings of then."""
        house = self._desk.house
        return await self._list(request, replayed=await replay(house.world, house.store))
