"""Discovery: which feeds stand behind an address, and what they say of their rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregator.model.account import Role
from aggregator.web.api.operation import Call, Operation
from aggregator.web.api.problem import Refused
from aggregator.web.api.shapes import Answer, Asked, Instant, Name

if TYPE_CHECKING:
    from aggregator.service.discover import Discovery


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
    return Found.model_validate(await look(call, call.body.url))


async def look(call: Call[Any, Any], url: str) -> Discovery:
    """What stands behind an address; refused while others look.

    Raises:
        UsageError: as `Desk.discover`.
    """
    if call.desk.looks.locked():
        raise Refused(429, "two searches run already; ask again in a while", headers={"Retry-After": "10"})
    return await call.desk.discover(url)


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
