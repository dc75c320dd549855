"""Outputs: what each carries, what it holds back and why, and building them."""

from __future__ import annotations

from typing import Any

from aggregator.model.output import Format
from aggregator.service import shelf
from aggregator.service.held import held as all_held
from aggregator.service.read import output_summaries
from aggregator.web.api.operation import Call, Operation, Raw, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Instant
from aggregator.web.ready import CONTENT_TYPES


class Document(Answer):
    """A published document, without its bytes."""

    format: str
    url: str | None
    """Public address; null where the output is for registered subscribers."""
    etag: str
    modified_at: Instant
    entries: int


class OutputRow(Answer):
    """An output and what is published of it."""

    id: str
    title: str
    description: str
    access: str
    """`public` or `registered`."""
    audience: str
    medium: str
    form: str
    entries: int
    """That stand in it."""
    built_at: Instant | None
    wake_at: Instant | None
    """When a decision in it may next change by time alone."""
    problem: str | None
    waiting: int
    """Open flags that it waits for."""
    documents: tuple[Document, ...]
    newest: tuple[str, ...]
    """Titles of its newest entries."""


class OutputPage(Page):
    items: tuple[OutputRow, ...]


class StandingEntry(Answer):
    """An entry that stands in an output."""

    entry: str
    source: str
    title: str
    url: str | None
    revision: str
    decision: str
    """Digest of the decision under which it stands."""
    opened_at: Instant
    """Since when."""
    outbound_id: str


class StandingPage(Page):
    items: tuple[StandingEntry, ...]


class Held(Answer):
    """An entry that an output would like, and what stands in its way."""

    entry: str
    source: str
    title: str
    url: str | None
    published_at: Instant | None
    state: str
    """`waiting`, `lapsed`, `rejected` or `held`."""
    why: str


class HeldPage(Page):
    items: tuple[Held, ...]


async def list_outputs(call: Call[Paged, None]) -> Reply:
    found = sorted(await output_summaries(call.world, call.store), key=lambda one: one.id)
    after = place("outputs", call.query.after, str)
    rest = [one for one in found if after is None or one.id > after[0]]
    shown, following = cut(rest, call.query.limit, lambda one: cursor("outputs", one.id))
    return linked(call, OutputPage(items=tuple(map(OutputRow.model_validate, shown)), next=following))


async def get_output(call: Call[None, None]) -> OutputRow:
    id_ = known(call)
    found = next(one for one in await output_summaries(call.world, call.store) if one.id == id_)
    return OutputRow.model_validate(found)


async def get_document(call: Call[None, None]) -> Raw:
    """The very bytes that are served, of registered outputs, too."""
    id_, name = known(call), call.named("format")
    found = await call.house.whole.current(id_, Format(name)) if name in set(Format) else None
    if found is None:
        raise missing(f"output '{id_}' has no document '{name}'")
    return Raw(body=found[0].body, media=CONTENT_TYPES[found[0].format])


def known(call: Call[None, None] | Call[Paged, None]) -> str:
    """The output that the address names, if it is configured."""
    id_ = call.named("id")
    if id_ not in call.world.outputs:
        raise missing(f"output '{id_}' is not configured")
    return id_


async def list_standing(call: Call[Paged, None]) -> Reply:
    releases = await call.store.open_releases(known(call))
    after = place("standing", call.query.after, str)
    keys = sorted(key for key in releases if after is None or key > after[0])
    shown, following = cut(keys, call.query.limit, lambda key: cursor("standing", key))
    entries = await call.store.entries_by_key(shown)
    items = tuple(
        StandingEntry(
            entry=key,
            source=entries[key].entry.source,
            title=entries[key].entry.title,
            url=entries[key].entry.url,
            revision=releases[key].revision,
            decision=releases[key].decision,
            opened_at=releases[key].opened_at,
            outbound_id=releases[key].outbound_id,
        )
        for key in shown
        if key in entries
    )
    return linked(call, StandingPage(items=items, next=following))


async def list_held(call: Call[Paged, None]) -> Reply:
    output = call.world.outputs[known(call)]
    after = place("held", call.query.after, str)
    found = await all_held(
        output, call.world, call.store, call.now, after=after[0] if after else None, limit=call.query.limit
    )
    page = HeldPage(items=tuple(map(held, found.rows)), next=cursor("held", found.next) if found.next else None)
    return linked(call, page)


def held(one: shelf.Shown) -> Held:
    """An entry of a walk as the interface tells it."""
    return Held(**fields_of(one))


def fields_of(one: shelf.Shown) -> dict[str, Any]:
    entry = one.stored.entry
    return {
        "entry": one.key,
        "source": entry.source,
        "title": entry.title,
        "url": entry.url,
        "published_at": entry.published_at,
        "state": one.state,
        "why": one.decision.sentence if one.decision is not None and not one.decision.allowed else "",
    }


OPERATIONS = (
    Operation(
        method="GET", path="/outputs", handler=list_outputs, summary="List the outputs", query=Paged, answer=OutputPage
    ),
    Operation(method="GET", path="/outputs/{id}", handler=get_output, summary="One output", answer=OutputRow),
    Operation(
        method="GET",
        path="/outputs/{id}/documents/{format}",
        handler=get_document,
        summary="A document of an output, as it is served now",
        about="Of outputs for registered subscribers, too. What is stale is built first.",
        media=tuple(sorted({kind.partition(";")[0] for kind in CONTENT_TYPES.values()})),
    ),
    Operation(
        method="GET",
        path="/outputs/{id}/entries",
        handler=list_standing,
        summary="What stands in an output now",
        query=Paged,
        answer=StandingPage,
    ),
    Operation(
        method="GET",
        path="/outputs/{id}/held",
        handler=list_held,
        summary="What an output would like to carry and does not, and why",
        query=Paged,
        answer=HeldPage,
    ),
)
