"""Sources: as configured and how they are doing; added, removed, polled."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service import sources as use
from aggregator.service.amend import ask_at_home, set_enabled, take_in, take_out
from aggregator.service.discover import Candidate, configured
from aggregator.service.read import source_summaries
from aggregator.service.source_detail import source_detail
from aggregator.store import sources as stored
from aggregator.web.api.discoveries import look
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Name, Names

Seconds = Annotated[
    timedelta, PlainSerializer(timedelta.total_seconds, return_type=float), WithJsonSchema({"type": "number"})
]
"""A span of time in seconds."""


class SourceRow(Answer):
    """A configured source and how it is doing."""

    id: str
    title: str
    feed: str
    policy: str | None
    """Id of its publisher's policy."""
    enabled: bool
    health: str
    """`ok`, `failing`, `gone` (410 twice: not polled any more), `new` (never polled) or `disabled`."""
    entries: int
    """Stored."""
    last_polled_at: Instant | None
    last_success_at: Instant | None
    last_changed_at: Instant | None
    next_poll_at: Instant | None
    why_due: str
    failures: int
    """Failed polls in a row."""
    error: str | None
    format: str
    claimed_title: str | None
    """The feed's own title: a claim."""


class Poll(Answer):
    """One poll that was made."""

    at: Instant
    took: Seconds
    """Seconds of the exchange itself."""
    outcome: str
    status: int | None
    size: int
    """Bytes, decoded."""
    new: int
    revised: int
    deleted: int
    detail: str


class Standing(Answer):
    """What an output carries of a source."""

    output: str
    entries: int


class Said(Answer):
    """What a document of the source's site says to machines."""

    kind: str
    url: str
    quote: str
    read_at: Instant | None
    problem: str | None


class Source(Answer):
    """Everything about one source."""

    summary: SourceRow
    where: str
    """file:line of its definition."""
    tags: tuple[str, ...]
    sends: tuple[str, ...]
    """Names of what is sent along: headers and kinds of credentials, never their values."""
    terms: str
    """Its policy in a line."""
    moved_to: str | None
    gone_at: Instant | None
    pushed_until: Instant | None
    outputs: tuple[Standing, ...]
    polls: tuple[Poll, ...]
    """The last ones, the newest first."""
    evidence: tuple[Said, ...]


class SourcePage(Page):
    items: tuple[SourceRow, ...]


class SourceAsked(Asked):
    """A new source."""

    feed: Name
    """Address of the feed, http or https; `POST /discoveries` finds it behind a page."""
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    title: Name | None = None
    """Your name for it; the publisher's name if left out."""
    policy: Name | None = None
    """Id of its publisher's policy; none: `unknown_policy` decides."""
    tags: Names = ()
    interval: Name | None = None
    """How often it is asked, such as `1h`."""
    enabled: bool = True
    stub_policy: bool = False
    """Where no policy is known: write one that asks for everything, with what the feed says of its rights. The feed is
    asked for it."""


class SourceAdded(Answer):
    """What was written."""

    id: str
    feed: str
    policy: str | None
    new_policy: bool
    """Whether it was written with the source."""
    files: tuple[str, ...]
    """Files of the configuration that were changed."""


class EnabledAsked(Asked):
    """Whether a source is read."""

    enabled: bool
    """False: it is neither polled nor published."""


class PollsAsked(Asked):
    """Which sources are to be asked now."""

    sources: Names = ()
    """Ids; none: all that are enabled."""


class PollsStarted(Answer):
    """The sources that a running service asks within a second or two."""

    sources: tuple[str, ...]


async def list_sources(call: Call[Paged, None]) -> Reply:
    found = await source_summaries(call.world, call.store)
    shown, following = page_of(found, lambda one: one.id, call.query, "sources")
    return linked(call, SourcePage(items=tuple(map(SourceRow.model_validate, shown)), next=following))


async def get_source(call: Call[None, None]) -> Source:
    return Source.model_validate(await source_detail(_known(call), call.world, call.store))


def _known(call: Call[Any, Any]) -> str:
    id_ = call.named("id")
    if id_ not in call.world.sources:
        raise missing(f"source '{id_}' is not configured")
    return id_


async def add_source(call: Call[None, SourceAsked]) -> Reply:
    asked = call.body
    if not asked.feed.startswith(("http://", "https://")):
        raise UsageError("'%(feed)s' is not a web address; files are named in sources.yaml only", feed=asked.feed)
    wish = use.Wish(
        id=asked.id,
        title=asked.title,
        policy=asked.policy,
        tags=asked.tags,
        interval=asked.interval,
        enabled=asked.enabled,
        stub_policy=asked.stub_policy,
    )
    use.refuse_taken(wish, call.world)
    added = await take_in(await _candidate(call, wish), wish, call.by, call.house)
    return Reply(
        answer=SourceAdded(
            id=added.id, feed=added.feed, policy=added.policy, new_policy=added.new_policy, files=added.files
        ),
        headers={"Location": f"{PREFIX}/sources/{added.id}"},
    )


async def _candidate(call: Call[None, SourceAsked], wish: use.Wish) -> Candidate:
    """The feed: as it was named; where a policy is made of what it says, as it answers.

    Raises:
        UsageError: it does not answer, or is no feed.
    """
    feed = call.body.feed
    if not wish.stub_policy:
        return Candidate(url=feed, how="the address itself", configured=configured(call.world, feed))
    found = await look(call, feed)
    if not found.feeds:
        raise UsageError("%(problem)s", problem=found.problem or feed)
    if found.feeds[0].how != "the address itself":
        raise UsageError("'%(url)s' is no feed, but names some; name one of them", url=feed)
    return found.feeds[0]


async def delete_source(call: Call[None, None]) -> None:
    id_ = _known(call)
    await take_out(id_, call.by, call.house)


async def forget_move(call: Call[None, None]) -> None:
    await ask_at_home(_known(call), call.by, call.house)


async def enable_source(call: Call[None, EnabledAsked]) -> SourceRow:
    id_ = _known(call)
    await set_enabled(id_, call.body.enabled, call.by, call.house)
    return SourceRow.model_validate((await source_detail(id_, call.world, call.store)).summary)


async def revive_source(call: Call[None, None]) -> SourceRow:
    id_ = _known(call)
    await call.store.revive(id_, f"by {call.by}", call.now)
    return SourceRow.model_validate((await source_detail(id_, call.world, call.store)).summary)


async def start_polls(call: Call[None, PollsAsked]) -> PollsStarted:
    named = [source.id for source in call.world.pick_sources(list(call.body.sources))]
    due = await call.store.write(stored.ask_soon, named, f"asked for by {call.by}", call.now)
    return PollsStarted(sources=tuple(due))


OPERATIONS = (
    Operation(
        method="GET",
        path="/sources",
        handler=list_sources,
        summary="List the sources",
        query=Paged,
        answer=SourcePage,
    ),
    Operation(
        method="POST",
        path="/sources",
        handler=add_source,
        summary="Add a source to the configuration",
        about="The file keeps its comments. What `check` would refuse is refused, and nothing is written.",
        role=Role.OPERATOR,
        body=SourceAsked,
        answer=SourceAdded,
        status=201,
        creates=True,
    ),
    Operation(
        method="GET", path="/sources/{id}", handler=get_source, summary="Everything about a source", answer=Source
    ),
    Operation(
        method="DELETE",
        path="/sources/{id}",
        handler=delete_source,
        summary="Take a source out of the configuration",
        about="Its entries stay stored, and leave all outputs.",
        role=Role.OPERATOR,
        careful=True,
        refuses=True,
    ),
    Operation(
        method="PUT",
        path="/sources/{id}/enabled",
        handler=enable_source,
        summary="Pause a source, or resume it",
        about="A paused one is neither polled nor published.",
        role=Role.OPERATOR,
        body=EnabledAsked,
        answer=SourceRow,
    ),
    Operation(
        method="POST",
        path="/sources/{id}/revival",
        handler=revive_source,
        summary="Poll a source again that was given up",
        about="After a second 410 in a row a source is not polled any more, until somebody says so.",
        role=Role.OPERATOR,
        answer=SourceRow,
        refuses=True,
    ),
    Operation(
        method="DELETE",
        path="/sources/{id}/move",
        handler=forget_move,
        summary="Ask for a source at its configured address again",
        about="For one whose permanent redirect was believed. If the redirect goes on, it is believed again after two "
        "days.",
        role=Role.OPERATOR,
        refuses=True,
    ),
    Operation(
        method="POST",
        path="/polls",
        handler=start_polls,
        summary="Have sources polled now",
        role=Role.OPERATOR,
        body=PollsAsked,
        answer=PollsStarted,
        status=202,
        creates=True,
    ),
)
