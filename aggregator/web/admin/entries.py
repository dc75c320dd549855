"""Entries: searched and listed; one with all that is known of it, why it stands where, and what if."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web
from markupsafe import Markup

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.output import Format
from aggregator.model.use import Ads, Audience, Form, Medium, Use
from aggregator.publishing.html import scrub
from aggregator.service.explain import explain_known
from aggregator.service.inspect import detail_of
from aggregator.service.search import search_entries
from aggregator.service.told import NOTE_MAX, record_told
from aggregator.service.whatif import what_if
from aggregator.service.withdraw import approve, find_entry, withdraw
from aggregator.store import dossier, search
from aggregator.store.overview import standing_of
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, Given, fields, go, who
from aggregator.web.admin.flags import day_of
from aggregator.web.admin.lists import PAGE, one_of, said
from aggregator.web.admin.outputs import harmless

if TYPE_CHECKING:
    from enum import StrEnum

    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output
    from aggregator.store.search import Hit

    W = TypeVar("W", bound=StrEnum)

SOURCES_LISTED = 500
"""Up to so many sources are chosen from a list; more are named by their id: a page would consist of nothing else."""
OUTPUTS_MAX = 12
"""Outputs that the page of an entry explains unasked; `?all=1` explains all."""
TERRITORIES_MAX = 20


class Entries:
    """Handlers of the pages about entries."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/entries", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/entries/{key}", role=Role.VIEWER, handler=self.one),
            Page(method="GET", path="/entries/{key}/text", role=Role.VIEWER, handler=self.text),
            Page(method="POST", path="/entries/{key}", role=Role.REVIEWER, handler=self.act),
        ]

    # ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def overview(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        name = query.get("name", "").strip()[:2000]
        if name:
            try:
                raise go(f"/entries/{(await find_entry(self._desk.house.store, name)).key}")
            except UsageError as error:
                return await self._list(request, http_status=404, error=error, name=name)
        return await self._search(request) if said(query, "q") else await self._list(request)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        """The newest first."""
        store, after = self._desk.house.store, said(request.query, "after")
        behind = (await store.entries_by_key([after])).get(after) if after else None
        place = (behind.ordered_at, behind.key) if behind else None
        source = said(request.query, "source")
        found = await store.list_entries(source=source or None, limit=PAGE + 1, after=place)
        rows = [_plain(stored) for stored in found[:PAGE]]
        next_ = rows[-1].stored.key if len(found) > PAGE else ""
        return await self._show(request, rows, after, next_, http_status=http_status, **more)

    async def _search(self, request: web.Request) -> web.Response:
        ask, after = request.query.get("q", "").strip(), said(request.query, "after")
        order = one_of(request.query, "sort", (search.BEST, search.NEWEST), search.BEST)
        source = said(request.query, "source") or None
        try:
            found = await search_entries(self._desk.house.store, ask, source, order, PAGE, after)
        except UsageError as error:
            return await self._show(request, [], "", "", http_status=422, error=error, ask=ask)
        return await self._show(request, list(found.hits), after, found.next, ask=ask, found=found, order=order)

    async def _show(
        self, request: web.Request, rows: list[Hit], after: str, next_: str, http_status: int = 200, **more: Any
    ) -> web.Response:
        house = self._desk.house
        standing = await house.store.read(standing_of, [one.stored.key for one in rows], list(house.world.outputs))
        return self._desk.show(
            request,
            "entries.html",
            http_status=http_status,
            **{
                "rows": rows,
                "standing": standing,
                "after": after,
                "next": next_,
                "source": said(request.query, "source"),
                "sources": list(house.world.sources) if len(house.world.sources) <= SOURCES_LISTED else None,
                "name_of": house.world.name_of,
                "name": "",
                "ask": "",
                "found": None,
                "order": search.BEST,
                **more,
            },
        )

    # ── one ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        known = await house.store.read(dossier.read, request.match_info["key"])
        if known is None:
            raise web.HTTPNotFound
        detail, stored = await detail_of(known, house.world, house.store), known.stored
        takers = list(house.world.takers.get(stored.entry.source, ()))
        standing = {one.output for one in detail.releases if one.closed_at is None}
        asked = [id_ for id_ in house.world.outputs if id_ in standing or id_ in takers]
        shown = asked if request.query.get("all") == "1" else asked[:OUTPUTS_MAX]
        now = house.clock()
        return self._desk.show(
            request,
            "entry.html",
            http_status=http_status,
            **{
                "stored": stored,
                "entry": stored.entry,
                "detail": detail,
                "source_name": detail.source_title,
                "why": await explain_known(known, shown, house.world, house.store, now) if shown else [],
                "further": len(asked) - len(shown),
                "elsewhere": len(house.world.outputs) - len(asked),
                "given": Given(),
                "choices": [(id_, one.title) for id_, one in house.world.outputs.items()],
                "note_max": NOTE_MAX,
                "withdrawn": known.rulings.withdrawals.get(stored.key),
                **await self._what_if(request, stored),
                **more,
            },
        )

    async def text(self, request: web.Request) -> web.StreamResponse:
        """The newest text as it is stored, made harmless on the way in: for those who judge it, without any power."""
        known = await self._desk.house.store.read(dossier.read, request.match_info["key"])
        if known is None:
            raise web.HTTPNotFound
        stored = known.content.body or known.content.summary or ""
        page = self._desk.pages.render(
            "entry-text.html",
            self._desk.language_of(request),
            {"entry": known.stored.entry, "html": Markup(scrub(stored))},  # noqa: S704  scrubbed again, as copies are
        )
        return harmless(page.encode(), Format.HTML)

    async def _what_if(self, request: web.Request, stored: StoredEntry) -> dict[str, Any]:
        """The form of another use, and what would come of it, if somebody asks."""
        query, outputs = request.query, self._desk.house.world.outputs
        values: dict[str, Any] = {
            "audiences": list(Audience),
            "media": list(Medium),
            "forms": list(Form),
            "ads": list(Ads),
            "outputs": list(outputs.values()),
            "supposed": None,
            "if_error": "",
            "query": query,
        }
        if "audience" not in query or not outputs:
            return values
        try:
            use, at = _supposed(query), _instant(query.get("on", ""), self._desk.house.clock())
            like: Output = outputs.get(query.get("like", "")) or next(iter(outputs.values()))
            house = self._desk.house
            decision, lines = await what_if(stored, use, like, house.world, house.store, at)
        except UsageError as error:
            return {**values, "if_error": error}
        return {**values, "supposed": (decision, lines, at)}

    async def act(self, request: web.Request) -> web.StreamResponse:
        house, key = self._desk.house, request.match_info["key"]
        given, by = await fields(request), who(request).user.name
        try:
            if given.get("act") == "withdraw":
                if not given.get("reason"):
                    raise UsageError("say why: it stands in the ledger")
                await withdraw(key, given["reason"][:1000], by, house.store, house.clock())
            elif given.get("act") == "told":
                await record_told(
                    key, given.get("output", ""), given.get("note", ""), by, house.world, house.store, house.clock()
                )
            elif given.get("act") == "approve":
                await approve(key, given.get("output", ""), by, house.world, house.store, house.clock())
            else:
                raise UsageError("choose what to do")
        except AggregatorError as error:
            return await self._one(request, 422, error=error, given=Given(given))
        raise go(f"/entries/{key}", "saved")


def _plain(stored: StoredEntry) -> Hit:
    """An entry of a list as one that was found by no words."""
    return search.Hit(stored=stored, title=((stored.entry.title, False),), snippet=())


def _supposed(query: Any) -> Use:
    """The use that a form describes.

    Raises:
        UsageError: a word of it is not known.
    """
    territory = [word.upper() for word in query.get("territory", "").replace(",", " ").split()][:TERRITORIES_MAX]
    if wrong := [word for word in territory if len(word) != 2 or not word.isascii() or not word.isalpha()]:
        raise UsageError("'%(wrong)s' is no territory; write two letters, such as DE", wrong=wrong[0][:20])
    use = Use(
        output="",
        form=_word(Form, query.get("form", "full")),
        audience=_word(Audience, query.get("audience", "")),
        medium=_word(Medium, query.get("medium", "web")),
        ads=_word(Ads, query.get("ads", "none")),
        territory=frozenset(territory),
    )
    return replace(use, paywall=query.get("paywall") == "1", sold=query.get("sold") == "1")


def _instant(day: str, now: datetime) -> datetime:
    """Noon (UTC) of a day; now where none is named.

    Raises:
        UsageError: it is no day.
    """
    found = day_of(day)
    return datetime.combine(found, time(12), UTC) if found else now


def _word(words: type[W], given: str) -> W:
    try:
        return words(given)
    except ValueError as error:
        known = ", ".join(words)
        raise UsageError("'%(given)s' is not known; choose one of: %(known)s", given=given[:50], known=known) from error
