"""Written permissions: all of them, a new one, the end of one."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.policy import Grant
from aggregator.model.use import Audience, Form, Medium
from aggregator.service import desk as use
from aggregator.service import letters
from aggregator.service.grants import LIFTABLE, WAIVABLE, add_grants, list_grants, looked_through, revoke_grant
from aggregator.store import cases
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who
from aggregator.web.admin.flags import day_of
from aggregator.web.admin.rulings import list_rulings

if TYPE_CHECKING:
    from collections.abc import Sequence

W = TypeVar("W", bound=StrEnum)


class Grants:
    """Handlers of the pages about grants."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/grants", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/grants/new", role=Role.REVIEWER, handler=self.new),
            Page(method="POST", path="/grants/new", role=Role.REVIEWER, handler=self.add),
            Page(method="POST", path="/grants/{id}/revoke", role=Role.REVIEWER, handler=self.revoke),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request)

    async def _list(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        found = await list_grants(house.store, house.clock())
        rows = await list_rulings(found, request.query, house)
        shown = {one.grant.id for one in rows["found"].rows}
        looked = await looked_through([one for one in found if one.grant.id in shown], house.world, house.store)
        rows["idle"] = {one.grant.id: one.idle for one in looked if one.idle}
        return self._desk.show(request, "grants.html", http_status=http_status, **{**rows, **more})

    async def new(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        proposed = Grant(id="", policy=request.query.get("policy") or None, entry=request.query.get("entry") or None)
        entries: tuple[str, ...] = ()
        try:
            if flag := request.query.get("flag"):
                proposed = letters.grant_for(await use.find_case(flag, house.store), house.world)
            elif letter := request.query.get("letter"):
                found = await house.store.read(cases.read_letter, letter)
                proposals = await letters.proposed_grants(found, house.world, house.store)
                proposed = proposals[0]
                if len(proposals) > 1:
                    proposed, entries = replace(proposed, entry=None), tuple(one.entry or "" for one in proposals)
        except UsageError as error:
            raise web.HTTPNotFound from error
        return await self._form(request, proposed, entries)

    async def _form(
        self, request: web.Request, grant: Grant, entries: Sequence[str] = (), http_status: int = 200, **more: Any
    ) -> web.Response:
        """The form.

        Args:
            entries: of a letter about several: keys, for each of which a grant is recorded.
        """
        house = self._desk.house
        titles = {key: one.entry.title for key, one in (await house.store.entries_by_key(list(entries))).items()}
        return self._desk.show(
            request,
            "grant.html",
            http_status=http_status,
            grant=grant,
            entries=[(key, titles.get(key) or key) for key in entries],
            policies=house.world.configuration.policies,
            sources=house.world.configuration.sources,
            name_of=house.world.name_of,
            outputs=list(house.world.outputs.values()),
            forms=list(Form),
            audiences=list(Audience),
            media=list(Medium),
            waivable=sorted(WAIVABLE),
            liftable=sorted(LIFTABLE),
            **more,
        )

    async def add(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        asked, form = Grant(id=""), await request.post()
        listed = [key for key in form.getall("listed", []) if isinstance(key, str)][: use.BULK_MAX]
        chosen = [key for key in form.getall("entries", []) if key in listed]
        reach = form.get("reach", "")
        try:
            asked = await asked_for(request)
            if reach == "entries" and not chosen:
                raise UsageError("choose at least one article, or all that the fields above name")
            entries = chosen if reach == "entries" else [asked.entry]
            await add_grants(asked, entries, None, who(request).user.name, house.world, house.store, house.clock())
        except AggregatorError as error:
            return await self._form(request, asked, listed, 422, error=error, chosen=chosen, reach=reach)
        raise go("/grants", "granted")

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        house, by = self._desk.house, who(request).user.name
        reason = (await fields(request)).get("reason", "")[:2000]
        try:
            await revoke_grant(request.match_info["id"], house.store, house.clock(), by, reason)
        except UsageError as error:
            return await self._list(request, 422, error=error)
        raise go("/grants", "revoked-grant")


async def asked_for(request: web.Request) -> Grant:
    """A grant or refusal as its form asks for it; names are unchecked.

    Raises:
        UsageError: a word of it is none of ours, or a day is no day.
    """
    given = await fields(request)
    form = await request.post()

    def chosen(name: str) -> list[str]:
        return [value for value in form.getall(name, []) if isinstance(value, str) and value]

    return Grant(
        id="",
        policy=given.get("policy") or None,
        publisher=given.get("publisher") or None,
        source=given.get("source") or None,
        entry=given.get("entry") or None,
        author=given.get("author") or None,
        category=given.get("category") or None,
        outputs=tuple(chosen("outputs")),
        forms=frozenset(_words(Form, chosen("forms"))),
        to=frozenset(_words(Audience, chosen("to"))),
        media=frozenset(_words(Medium, chosen("media"))),
        since=day_of(given.get("since", "")),
        until=day_of(given.get("until", "")),
        waive=frozenset(chosen("waive")),
        lift=frozenset(chosen("lift")),
        over_notices=given.get("over_notices") == "1",
        evidence=given.get("evidence", ""),
    )


def _words(words: type[W], given: list[str]) -> list[W]:
    known = {word.value for word in words}
    unknown = [value for value in given if value not in known]
    if unknown:
        raise UsageError(
            "'%(unknown)s' is not known; choose one of: %(known)s",
            unknown=unknown[0][:50],
            known=", ".join(sorted(known)),
        )
    return [words(value) for value in given]
