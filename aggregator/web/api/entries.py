"""Entries: found, shown, and why each is, or is not, in an output; also under a use that nobody has declared yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.decision import Decision
from aggregator.model.entry import StoredEntry
from aggregator.model.use import Ads, Audience, Form, Medium, Selection, Use
from aggregator.service.explain import Explanation, explain_entry
from aggregator.service.inspect import entry_detail
from aggregator.service.search import search_entries
from aggregator.service.told import NOTE_MAX, record_told
from aggregator.service.whatif import what_if
from aggregator.store import search
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Name, Query, Text, Word


class EntryRow(Answer):
    """An entry in a list."""

    key: str
    """Our internal id."""
    source: str
    id: str
    """The feed's own id."""
    title: str
    url: str | None
    authors: tuple[str, ...]
    language: str | None
    published_at: Instant | None
    first_seen_at: Instant
    deleted_at: Instant | None
    """When it was deleted upstream."""


class EntryPage(Page):
    items: tuple[EntryRow, ...]


class OriginShape(Answer):
    """Somebody through whose hands it went, as the feed tells it: a claim."""

    name: str | None
    url: str | None
    author: str | None
    notice: str | None
    carrier: str
    evidence: str
    certainty: str


class NoticeShape(Answer):
    """What it says about its own rights."""

    kind: str
    level: str
    value: str
    carrier: str


class ComponentShape(Answer):
    """An image, a recording or an embed."""

    kind: str
    url: str
    credit: str | None
    licence: str | None


class RevisionShape(Answer):
    revision: str
    seen_at: Instant
    title: str


class ReleaseShape(Answer):
    """The fact that it stands, or stood, in an output under a decision."""

    output: str
    revision: str
    decision: str
    opened_at: Instant
    closed_at: Instant | None
    reason: str
    """Why it ended."""


class Notification(Answer):
    """The record that an entry's publishers were told that it stands, or will stand, in an output."""

    output: str
    at: Instant
    by: str
    note: str
    """How, and what was answered."""


class NotificationAsked(Asked):
    """That somebody has told an entry's publishers: nothing is sent."""

    output: Name
    """Id of the output in which it stands, or will."""
    note: Annotated[Text, Field(max_length=NOTE_MAX)] = ""
    """How, and what was answered."""


class Entry(EntryRow):
    """All that is known of an entry."""

    categories: tuple[str, ...]
    summary: str | None
    """The publisher's own, as safe HTML."""
    body: str | None
    """The full text as safe HTML; null where the feed does not carry it."""
    origins: tuple[OriginShape, ...]
    notices: tuple[NoticeShape, ...]
    said: tuple[NoticeShape, ...]
    """What RSL inside the item, and its source's site, say to machines."""
    components: tuple[ComponentShape, ...]
    revisions: tuple[RevisionShape, ...]
    """Oldest first; the last one stands."""
    releases: tuple[ReleaseShape, ...]
    notified: tuple[Notification, ...]
    """That its publishers were told, by output."""
    withdrawn: str | None
    """The reason of its withdrawal."""


class EntryQuery(Paged):
    source: Word = ""
    name: Word = ""
    """Only the entry of that name: its key, `SOURCE:ID`, the feed's id, its address."""
    q: Annotated[str, Field(max_length=200, pattern=r"^[^\u0000-\u001f\u007f]*$")] = ""
    """Only those in which all words occur; `"in quotes"` side by side, `-word` not, `begin*`. The best first."""
    sort: Literal["best", "newest"] = "best"
    """Of what `q` finds."""


class CheckShape(Answer):
    name: str
    wanted: str
    found: str
    holds: str
    """`yes`, `no` or `unknown`."""


class StepShape(Answer):
    """One rule looked at."""

    hop: int
    layer: str
    rule: str
    where: str
    effect: str
    form: str
    holds: str
    unusable: str
    checks: tuple[CheckShape, ...]


class HoldShape(Answer):
    """What stands in the way, and who can take it away."""

    kind: str
    reason: str
    effect: str
    publisher: str
    contact: str | None
    rule: str
    where: str
    sentence: str


class HopShape(Answer):
    """A publisher whose word counts."""

    name: str
    policy: str | None
    url: str | None
    claimed: bool
    author: str | None
    notice: str | None
    carrier: str


class DecisionShape(Answer):
    """The answer of the rules, with the way to it."""

    outcome: str
    """`allow`, `ask` or `deny`."""
    form: str
    reason: str
    sentence: str
    duties: tuple[str, ...]
    limits: tuple[str, ...]
    removed: tuple[str, ...]
    """Addresses of components that must not be in the copy."""
    hops: tuple[HopShape, ...]
    relied_on: tuple[str, ...]
    held_by: tuple[str, ...]
    holds: tuple[HoldShape, ...]
    missing: tuple[str, ...]
    contact: str | None
    valid_from: Instant | None
    valid_until: Instant | None
    trace: tuple[StepShape, ...]


class ExplanationShape(Answer):
    """Why an entry is, or is not, in an output."""

    entry: str
    output: str
    selected: bool
    """Whether the output's selection wants it at all."""
    standing: bool
    """Whether it stands there now."""
    withdrawn: str | None
    instead: str | None
    """Key of the entry that stands there as the same article, from another source."""
    unplaced: str
    """Why it does not stand there now although it may; empty where it does, or may not."""
    decision: DecisionShape
    lines: tuple[str, ...]
    """The decision and its trace in plain words."""


class Explanations(Answer):
    items: tuple[ExplanationShape, ...]


class WhyQuery(Query):
    output: tuple[Word, ...] = ()
    """Ids; none: all."""


def row(stored: StoredEntry) -> EntryRow:
    """An entry as lists show it."""
    return EntryRow(**_fields(stored))


def _fields(stored: StoredEntry) -> dict[str, Any]:
    entry = stored.entry
    return {
        "key": stored.key,
        "source": entry.source,
        "id": entry.id,
        "title": entry.title,
        "url": entry.url,
        "authors": entry.author_names,
        "language": entry.language,
        "published_at": entry.published_at,
        "first_seen_at": stored.first_seen_at,
        "deleted_at": stored.deleted_at,
    }


def decision(found: Decision) -> DecisionShape:
    """A decision as the interface tells it."""
    names = DecisionShape.model_fields.keys() - {"duties", "limits", "hops", "holds", "trace"}
    return DecisionShape(
        **{name: getattr(found, name) for name in names},
        duties=tuple(duty.name.value for duty in found.duties),
        limits=tuple(limit.name.value for limit in found.limits),
        hops=tuple(map(HopShape.model_validate, found.hops)),
        holds=tuple(map(HoldShape.model_validate, found.holds)),
        trace=tuple(map(StepShape.model_validate, found.trace)),
    )


def _explained(one: Explanation) -> ExplanationShape:
    return ExplanationShape(
        entry=one.entry,
        output=one.output,
        selected=one.selected,
        standing=one.standing,
        withdrawn=one.withdrawn,
        instead=one.instead,
        unplaced=one.unplaced,
        decision=decision(one.decision),
        lines=one.lines,
    )


async def list_entries(call: Call[EntryQuery, None]) -> Reply:
    query = call.query
    if query.name:
        return Reply(answer=EntryPage(items=tuple(map(row, await call.store.find(query.name))), next=None))
    if query.q.strip():
        return await _search(call)
    after = place("entries", query.after, datetime, str)
    found = await call.store.list_entries(source=query.source or None, limit=query.limit + 1, after=after)
    shown, following = cut(found, query.limit, lambda one: cursor("entries", one.ordered_at, one.key))
    return linked(call, EntryPage(items=tuple(map(row, shown)), next=following))


async def _search(call: Call[EntryQuery, None]) -> Reply:
    query = call.query
    after = place("search", query.after, str)
    order = search.NEWEST if query.sort == "newest" else search.BEST
    found = await search_entries(
        call.store, query.q, query.source or None, order, query.limit, after[0] if after else ""
    )
    items = tuple(row(hit.stored) for hit in found.hits)
    return linked(call, EntryPage(items=items, next=cursor("search", found.next) if found.next else None))


async def get_entry(call: Call[None, None]) -> Entry:
    found = await entry_detail(await known(call), call.world, call.store)
    entry = found.stored.entry
    return Entry(
        **_fields(found.stored),
        categories=entry.categories,
        summary=found.content.summary if found.content else None,
        body=found.content.body if found.content else None,
        origins=tuple(map(OriginShape.model_validate, entry.origins)),
        notices=tuple(map(NoticeShape.model_validate, entry.notices)),
        said=tuple(map(NoticeShape.model_validate, found.said)),
        components=tuple(map(ComponentShape.model_validate, entry.components)),
        revisions=tuple(map(RevisionShape.model_validate, found.revisions)),
        releases=tuple(map(ReleaseShape.model_validate, found.releases)),
        notified=tuple(map(Notification.model_validate, found.told)),
        withdrawn=found.withdrawn,
    )


async def known(call: Call[Any, Any]) -> str:
    """The key of the entry that the address names."""
    key = call.named("key")
    if key not in await call.store.entries_by_key([key]):
        raise missing(f"there is no entry '{key}'; 'GET /entries?name=…' finds one by its address or the feed's id")
    return key


async def record_notification(call: Call[None, NotificationAsked]) -> Notification:
    key, asked = await known(call), call.body
    told = await record_told(key, asked.output, asked.note, call.by, call.world, call.store, call.now)
    return Notification.model_validate(told)


class UseAsked(Asked):
    """A use that nobody has declared yet."""

    audience: Audience = Audience.COMMUNITY
    medium: Medium = Medium.WEB
    form: Form = Form.FULL
    fallback: tuple[Form, ...] = Field((), max_length=3)
    ads: Ads = Ads.NONE
    paywall: bool = False
    sold: bool = False
    selection: Selection = Selection.AUTOMATIC
    territory: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = Field((), max_length=50)
    """ISO 3166-1 codes; none: worldwide."""
    like: Name | None = None
    """Id of an output whose formats and language it would have; the first one, if left out."""
    at: Instant | None = None
    """When; now, if left out."""


class Supposed(Answer):
    """What would be decided."""

    decision: DecisionShape
    lines: tuple[str, ...]
    """The decision and its trace in plain words."""


async def suppose(call: Call[None, UseAsked]) -> Supposed:
    key, asked, outputs = await known(call), call.body, call.world.outputs
    if not outputs:
        raise UsageError("there is no output whose formats it could have; add one to outputs.yaml")
    like = call.world.pick_outputs([asked.like])[0] if asked.like is not None else next(iter(outputs.values()))
    use = Use(
        output="",
        form=asked.form,
        fallback=asked.fallback,
        audience=asked.audience,
        medium=asked.medium,
        ads=asked.ads,
        paywall=asked.paywall,
        sold=asked.sold,
        selection=asked.selection,
        territory=frozenset(asked.territory),
    )
    stored = (await call.store.entries_by_key([key]))[key]
    found, lines = await what_if(stored, use, like, call.world, call.store, asked.at or call.now)
    return Supposed(decision=decision(found), lines=lines)


async def explain(call: Call[WhyQuery, None]) -> Explanations:
    key = await known(call)
    for output in call.query.output:
        if output not in call.world.outputs:
            raise missing(f"output '{output}' is not configured")
    found = await explain_entry(key, call.query.output, call.world, call.store, call.now)
    return Explanations(items=tuple(map(_explained, found)))


OPERATIONS = (
    Operation(
        method="GET",
        path="/entries",
        handler=list_entries,
        summary="List, find or search entries, newest first",
        query=EntryQuery,
        answer=EntryPage,
    ),
    Operation(method="GET", path="/entries/{key}", handler=get_entry, summary="All about an entry", answer=Entry),
    Operation(
        method="GET",
        path="/entries/{key}/explanations",
        handler=explain,
        summary="Why an entry is, or is not, in outputs",
        query=WhyQuery,
        answer=Explanations,
    ),
    Operation(
        method="POST",
        path="/entries/{key}/notifications",
        handler=record_notification,
        summary="Record that an entry's publishers were told of it",
        about="For those who ask for word. Nothing is sent: what waits for it goes out with the next build.",
        role=Role.REVIEWER,
        body=NotificationAsked,
        answer=Notification,
        status=201,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/entries/{key}/suppositions",
        handler=suppose,
        summary="What if: an entry under another use, or on another day",
        about="Decided by the same engine as for outputs. Nothing is stored.",
        body=UseAsked,
        answer=Supposed,
    ),
)
