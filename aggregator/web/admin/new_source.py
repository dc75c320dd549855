"""A source added at a page: an address is looked at, one of its feeds chosen, checked, and written to `config/`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from aggregator.config.splice import written
from aggregator.config.words import duration
from aggregator.errors import AggregatorError, ConfigError, UsageError
from aggregator.model.account import Role
from aggregator.service.amend import take_in
from aggregator.service.discover import new_id, site_of, whose_words
from aggregator.service.sources import Wish, prepare_source, refuse_taken
from aggregator.web.admin.access import Page
from aggregator.web.admin.desk import Desk, Given, fields, go, who

if TYPE_CHECKING:
    from aggregator.service.discover import Candidate
    from aggregator.service.sources import Prepared

ADDRESS_MAX = 2_000
"""Characters."""
POLICIES_LISTED = 500
"""Up to so many policies are chosen from a list; more are named by their id."""
STUB = "+"
"""In place of a policy's id: one that asks for everything is written with the source."""


class NewSource:
    """Handlers of the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pages(self) -> list[Page]:
        """Their rows in the table of pages."""
        return [
            Page(method="GET", path="/sources/new", role=Role.OPERATOR, handler=self.begin),
            Page(method="POST", path="/sources/new", role=Role.OPERATOR, handler=self.act),
        ]

    async def begin(self, request: web.Request) -> web.StreamResponse:
        return self._show(request, Given())

    def _show(self, request: web.Request, given: Given, http_status: int = 200, **more: Any) -> web.Response:
        policies = list(self._desk.house.world.policies)
        return self._desk.show(
            request,
            "source-new.html",
            http_status=http_status,
            **{
                "form": given,
                "found": None,
                "chosen": given["feed"],
                "errors": {},
                "prepared": None,
                "problems": (),
                "text": [],
                "policies": [one.id for one in policies] if len(policies) <= POLICIES_LISTED else None,
                "stub": STUB,
                "address_max": ADDRESS_MAX,
                "whose": whose_words,
                **more,
            },
        )

    async def act(self, request: web.Request) -> web.StreamResponse:
        given = Given(await fields(request))
        try:
            if given["act"] == "look":
                return await self._look(request, given)
            if given["act"] in ("check", "add"):
                return await self._take(request, given)
            raise UsageError("choose what to do")
        except AggregatorError as error:
            return self._show(request, given, 422, errors={"url": error})

    async def _look(self, request: web.Request, given: Given) -> web.Response:
        """What stands behind an address.

        Raises:
            UsageError: it cannot be looked at.
        """
        found = await self._desk.discover(_address(given["url"]))
        first = next((one for one in found.feeds if one.configured is None), None)
        if first is None:
            return self._show(request, given, 422 if found.problem else 200, found=found, errors={"url": found.problem})
        suggested = Given(given, policy=first.policy or ("" if first.resembles else STUB), enabled="1")
        return self._show(request, suggested, found=found, chosen=first.url)

    async def _take(self, request: web.Request, given: Given) -> web.Response:
        """Checks or writes the feed that was chosen, as it answers now.

        Raises:
            UsageError: none was chosen, or it does not answer any more.
        """
        found = await self._desk.discover(_address(given["feed"]))
        if not found.feeds:
            return self._show(request, given, 422, found=found, errors={"url": found.problem})
        house, [feed] = self._desk.house, found.feeds[:1]
        errors, wish = self._wish(given, feed)
        shown: dict[str, Any] = {"found": found, "chosen": feed.url, "errors": errors}
        if errors:
            return self._show(request, given, 422, **shown)
        try:
            if given["act"] == "check":
                prepared = await asyncio.to_thread(_checked, feed, wish, self._desk)
                return self._show(request, given, **shown, prepared=prepared, text=_text(prepared))
            added = await take_in(feed, wish, who(request).user.name, house)
        except ConfigError as error:
            return self._show(request, given, 422, **shown, problems=error.problems)
        except AggregatorError as error:
            return self._show(request, given, 422, **shown, error=error)
        raise go(f"/sources/{added.id}", "source")

    def _wish(self, given: Given, feed: Candidate) -> tuple[dict[str, AggregatorError], Wish]:
        """What is wrong with a field, by its name; and what is wished for."""
        errors: dict[str, AggregatorError] = {}
        world, policy = self._desk.house.world, given["policy"]
        named = "" if policy == STUB else policy
        for name, one in (("id", Wish(id=given["id"] or None)), ("policy", Wish(policy=named or None))):
            try:
                refuse_taken(one, world)
            except UsageError as error:
                errors[name] = error
        try:
            if given["interval"]:
                duration(given["interval"])
        except ValueError:
            errors["interval"] = UsageError("'%(text)s' is no time; write one such as 1h", text=given["interval"][:30])
        return errors, Wish(
            # The id that was suggested is the one that is written, whatever the feed is called a minute later.
            id=given["id"] or new_id((feed.policy, feed.title, site_of(feed.url)), world.sources),
            title=" ".join(given["title"].split()) or None,
            policy=named or None,
            tags=tuple(dict.fromkeys(given["tags"].replace(",", " ").split())),
            interval=given["interval"] or None,
            enabled=given["enabled"] == "1",
            stub_policy=policy == STUB,
        )


def _address(text: str) -> str:
    """An address as somebody typed it.

    Raises:
        UsageError: it cannot be one.
    """
    if not text:
        raise UsageError("name a site, a page or a feed")
    if len(text) > ADDRESS_MAX:
        raise UsageError("this is longer than any address")
    return text


def _checked(feed: Candidate, wish: Wish, desk: Desk) -> Prepared:
    """As it would be written, and everything passes.

    Raises:
        UsageError, ConfigError, EditError: it cannot be.
    """
    house = desk.house
    prepared = prepare_source(feed, wish, house.world, house.clock())
    prepared.check()
    return prepared


def _text(prepared: Prepared) -> list[str]:
    """The documents that would be written, as they will stand in their files."""
    return [written(document) for document in (prepared.document, prepared.stub) if document]
