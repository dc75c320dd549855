"""Subscribers: sites that take outputs at secret addresses of their own; admitted, renewed, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from aggregator.errors import AggregatorError, UsageError
from aggregator.model.account import Role
from aggregator.model.output import Format
from aggregator.model.use import Ads, Audience, Medium, Use
from aggregator.service import subscribers as use
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, fields, go, who
from aggregator.web.admin.lists import day_start, holds, one_of, ordered, page_of, paged, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from enum import StrEnum

W = TypeVar("W", bound="StrEnum")

STATES = ("active", "expired", "revoked")
KEYS: dict[str, Callable[[use.SubscriberDetail], Any]] = {
    "name": lambda one: one.subscriber.name.casefold(),
    "state": lambda one: STATES.index(one.state),
    "fetched": lambda one: (one.last_fetch_at is not None, one.last_fetch_at),
    # What never ends, ends last.
    "ends": lambda one: (one.subscriber.expires_at is None, one.subscriber.expires_at),
}
FETCHES = 50


class Subscribers:
    """Handlers of the pages about subscribers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/subscribers", role=Role.VIEWER, handler=self.overview),
            Page(method="GET", path="/subscribers/new", role=Role.OPERATOR, handler=self.new),
            Page(method="POST", path="/subscribers/new", role=Role.OPERATOR, handler=self.add),
            Page(method="GET", path="/subscribers/{id}", role=Role.VIEWER, handler=self.one),
            Page(method="POST", path="/subscribers/{id}", role=Role.OPERATOR, handler=self.act),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        words, state = said(request.query, "text"), one_of(request.query, "state", STATES)
        order = one_of(request.query, "sort", [*KEYS, *(f"-{key}" for key in KEYS)])
        everyone = await use.list_subscribers(house.world, house.store, house.clock())
        found = [
            one
            for one in everyone[::-1]
            if (not state or one.state == state)
            and holds(words, one.subscriber.name, one.subscriber.id, one.subscriber.url or "")
        ]
        return self._desk.show(
            request,
            "subscribers.html",
            found=paged(ordered(found, order, KEYS), page_of(request.query)),
            any=bool(everyone),
            text=words,
            state=state,
            states=STATES,
            order=order,
        )

    async def new(self, request: web.Request) -> web.StreamResponse:
        return self._form(request)

    def _form(self, request: web.Request, http_status: int = 200, **more: Any) -> web.Response:
        values = {
            "form": {},
            "chosen": (),
            "chosen_formats": (),
            "outputs": list(self._desk.house.world.outputs.values()),
            "audiences": [one for one in Audience if one is not Audience.ANYONE],
            "media": list(Medium),
            "ads": list(Ads),
            "formats": list(Format),
            "rate": use.RATE,
            **more,
        }
        return self._desk.show(request, "subscriber-new.html", http_status=http_status, **values)

    async def add(self, request: web.Request) -> web.StreamResponse:
        house = self._desk.house
        form, given = await request.post(), await fields(request)
        outputs = tuple(value for value in form.getall("outputs", []) if isinstance(value, str))
        formats = tuple(value for value in form.getall("formats", []) if isinstance(value, str))
        try:
            rate = given.get("rate", "") or str(use.RATE)
            asked = use.Application(
                name=given.get("name", ""),
                url=given.get("url") or None,
                contact=given.get("contact") or None,
                use=Use(
                    output="",
                    audience=_word(Audience, given.get("audience", "")),
                    medium=_word(Medium, given.get("medium", "")),
                    ads=_word(Ads, given.get("ads", "none")),
                    paywall=given.get("paywall") == "1",
                    sold=given.get("sold") == "1",
                ),
                outputs=outputs,
                formats=tuple(_word(Format, value) for value in formats),
                rate=int(rate) if rate.isascii() and rate.isdecimal() and len(rate) < 9 else 0,
                expires_at=_end(given.get("until", "")),
            )
            issued = await use.add_subscriber(asked, who(request).user.name, house.world, house.store, house.clock())
        except AggregatorError as error:
            return self._form(request, 422, form=given, chosen=outputs, chosen_formats=formats, error=error)
        return await self._one(request, issued.subscriber.id, issued=issued)

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request, request.match_info["id"])

    async def _one(self, request: web.Request, id_: str, http_status: int = 200, **more: Any) -> web.Response:
        house = self._desk.house
        try:
            found = await use.show_subscriber(id_, house.world, house.store, house.clock(), FETCHES)
        except UsageError as error:
            raise web.HTTPNotFound from error
        values = {"found": found, "issued": None, **more}
        return self._desk.show(request, "subscriber.html", http_status=http_status, **values)

    async def act(self, request: web.Request) -> web.StreamResponse:
        house, id_ = self._desk.house, request.match_info["id"]
        given, by = await fields(request), who(request).user.name
        try:
            found = await use.show_subscriber(id_, house.world, house.store, house.clock(), 1)
        except UsageError as error:
            raise web.HTTPNotFound from error
        try:
            if given.get("act") == "revoke":
                reason = given.get("reason", "")[:1000]
                await use.revoke_subscriber(found.subscriber.id, reason, by, house.store, house.clock())
                raise go(f"/subscribers/{id_}", "saved")
            if given.get("act") not in ("renew", "extend"):
                raise UsageError("choose what to do")
            until = _end(given.get("until", "")) if "until" in given else found.subscriber.expires_at
            issued = await use.renew_subscriber(
                found.subscriber.id, until, given["act"] == "extend", by, house.world, house.store, house.clock()
            )
        except AggregatorError as error:
            return await self._one(request, id_, 422, error=error)
        if issued.secret is None:
            raise go(f"/subscribers/{id_}", "saved")
        return await self._one(request, id_, issued=issued)


def _word(words: type[W], given: str) -> W:
    try:
        return words(given)
    except ValueError as error:
        known = ", ".join(words)
        raise UsageError("'%(given)s' is not known; choose one of: %(known)s", given=given[:50], known=known) from error


def _end(day: str) -> datetime | None:
    """The end of a day as a form sends it; None: never."""
    if not day:
        return None
    found = day_start(day, after=1)
    if found is None:
        raise UsageError("'%(day)s' is no day; write one such as 2027-12-31", day=day[:30])
    return found - timedelta(microseconds=1)
