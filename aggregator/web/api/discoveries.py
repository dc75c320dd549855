"""Discovery: which feeds stand behind an address, and what they say of their rights."""

from __future__ import annotations

import asyncio

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service.discover import discover
from aggregator.web.api.operation import Call, Operation
from aggregator.web.api.problem import Refused
from aggregator.web.api.shapes import Answer, Asked, Instant, Name

TIMEOUT = 60.0
"""Seconds for a page and all the feeds that it names."""
_ONE_AT_A_TIME = asyncio.Semaphore(2)
"""Each starts workers that parse."""


class DiscoveryAsked(Asked):
    """Where to look."""

    url: Name
    """Of a site, a page or a feed; `news.example.org` will do."""


class StatementShape(Answer):
    """What a feed or its entries say of their rights: a claim, with its words and its place."""

    level: str
    carrier: str
    kind: str
    quote: str
    entries: int
    """That carry it."""
    licence: str | None
    """Id of the licence that it names, where that is a known one."""


class FeedShape(Answer):
    """A feed that can be subscribed to; or, with `problem`, an address that was named as one and is none."""

    url: str
    """As it should be configured: after moves for good, not after passing ones."""
    how: str
    """How it was found."""
    problem: str | None
    title: str | None
    """The feed's own: a claim."""
    format: str
    home: str | None
    entries: int
    full_texts: int
    """Entries that carry their whole text."""
    newest_at: Instant | None
    languages: tuple[str, ...]
    rights: tuple[StatementShape, ...]
    others: tuple[str, ...]
    """Publishers that its entries name as their origin."""
    policy: str | None
    """Id of the policy whose publisher's domain the feed stands on."""
    resembles: tuple[str, ...]
    """Ids of policies whose publisher has the feed's title for a name: a claim that a person must check."""
    configured: str | None
    """Id of the source that reads this address already."""
    warnings: tuple[str, ...]


class Found(Answer):
    """What stands behind an address."""

    asked: str
    candidates: tuple[FeedShape, ...]
    """The best first; those that are none at the end."""
    problem: str | None
    """Why there is none at all."""


async def discover_feeds(call: Call[None, DiscoveryAsked]) -> Found:
    if call.desk.discovering is None:
        raise UsageError("this service asks nobody", command="look for feeds with 'aggregator sources discover'")
    if _ONE_AT_A_TIME.locked():
        raise Refused(429, "two searches run already; ask again in a while", headers={"Retry-After": "10"})
    async with _ONE_AT_A_TIME, call.desk.discovering(call.world) as tools:
        try:
            found = await asyncio.wait_for(discover(call.body.url, call.world, tools), TIMEOUT)
        except TimeoutError as error:
            raise UsageError(
                "'%(url)s' took longer than %(timeout)s s; name the feed itself",
                url=call.body.url,
                timeout=f"{TIMEOUT:.0f}",
            ) from error
    return Found.model_validate(found)


OPERATIONS = (
    Operation(
        method="POST",
        path="/discoveries",
        handler=discover_feeds,
        summary="Find the feeds behind an address",
        about="Asks the site, through the one fetcher with its guard. Nothing is written: `POST /sources` adds one.",
        role=Role.OPERATOR,
        body=DiscoveryAsked,
        answer=Found,
    ),
)
