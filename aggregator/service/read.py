"""What commands and pages show: read, arranged, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.output import Access
from aggregator.service.search import search_entries
from aggregator.store import evidence as evidence_rows
from aggregator.store.overview import newest_titles, standing_of, waiting_by_output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.poll import PollState
    from aggregator.service.world import World
    from aggregator.store import Store


NEWEST = 3
"""Titles that an output is shown with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """A configured source and how it is doing."""

    id: str
    title: str
    feed: str
    policy: str | None
    enabled: bool
    health: str
    """`ok`, `failing`, `gone` (410 twice: not polled any more), `new` (never polled) or `disabled`."""
    entries: int
    evidence: int
    """Documents of its site that say something to machines."""
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_changed_at: datetime | None
    next_poll_at: datetime | None
    why_due: str
    failures: int
    error: str | None
    format: str
    claimed_title: str | None
    """The feed's own title: a claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatSummary:
    """A published document, without its bytes."""

    format: str
    url: str | None
    """Public address; None where the output is for registered subscribers."""
    etag: str
    modified_at: datetime
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSummary:
    """An output and what is published of it."""

    id: str
    title: str
    description: str
    access: Access
    audience: str
    medium: str
    form: str
    entries: int
    built_at: datetime | None
    wake_at: datetime | None
    """When a decision in it may next change by time alone."""
    problem: str | None
    waiting: int
    """Open flags that it waits for."""
    documents: tuple[FormatSummary, ...]
    newest: tuple[str, ...]
    """Titles of its newest entries."""


async def source_summaries(world: World, store: Store) -> list[SourceSummary]:
    """All configured sources, in configuration order."""
    states = await store.poll_states(list(world.sources))
    counts = await store.count_entries()
    evidence = await store.read(evidence_rows.counts)
    return [_source(id_, world, states.get(id_), counts, evidence) for id_ in world.sources]


async def source_summary(id_: str, world: World, store: Store) -> SourceSummary:
    """One configured source."""
    states = await store.poll_states([id_])
    return _source(id_, world, states.get(id_), await store.count_entries(id_), await store.read(evidence_rows.counts))


def _source(
    id_: str, world: World, state: PollState | None, counts: Mapping[str, int], evidence: Mapping[str, int]
) -> SourceSummary:
    source = world.sources[id_]
    if not source.enabled:
        health = "disabled"
    elif state is None or state.last_polled_at is None:
        health = "new"
    elif state.gone_at is not None:
        health = "gone"
    else:
        health = "failing" if state.failures else "ok"
    return SourceSummary(
        id=id_,
        title=world.name_of(id_),
        feed=source.feed,
        policy=source.policy,
        enabled=source.enabled,
        health=health,
        entries=counts.get(id_, 0),
        evidence=evidence.get(id_, 0),
        last_polled_at=state.last_polled_at if state else None,
        last_success_at=state.last_success_at if state else None,
        last_changed_at=state.last_changed_at if state else None,
        next_poll_at=state.next_poll_at if state and source.enabled and state.gone_at is None else None,
        why_due=state.why_due if state else "",
        failures=state.failures if state else 0,
        error=state.last_error if state else None,
        format=state.feed.format if state else "",
        claimed_title=state.feed.title if state else None,
    )


async def output_summaries(world: World, store: Store) -> list[OutputSummary]:
    """All configured outputs, in configuration order."""
    states = await store.output_states()
    documents: dict[str, list[FormatSummary]] = {}
    base = world.configuration.settings.server.public_url.rstrip("/")
    for document in await store.documents():
        configured = world.outputs.get(document.output)
        if configured is None or document.format not in configured.formats:
            continue
        public = configured.access is Access.PUBLIC
        documents.setdefault(document.output, []).append(
            FormatSummary(
                format=document.format,
                url=f"{base}/feeds/{document.output}.{document.format}" if public else None,
                etag=document.etag,
                modified_at=document.modified_at,
                entries=document.entries,
            )
        )
    waiting = await store.read(waiting_by_output)
    newest = await store.read(newest_titles, list(world.outputs), NEWEST)
    summaries = []
    for output in world.outputs.values():
        state = states.get(output.id)
        order = {format_.value: place for place, format_ in enumerate(output.formats)}
        summaries.append(
            OutputSummary(
                id=output.id,
                title=output.title,
                description=output.description,
                access=output.access,
                audience=output.use.audience,
                medium=output.use.medium,
                form=output.use.form,
                entries=state.entries if state else 0,
                built_at=state.built_at if state else None,
                wake_at=state.wake_at if state else None,
                problem=state.problem if state else None,
                waiting=waiting.get(output.id, 0),
                documents=tuple(sorted(documents.get(output.id, []), key=lambda one: order.get(one.format, 9))),
                newest=newest.get(output.id, ()),
            )
        )
    return summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySummary:
    """An entry in a list."""

    key: str
    source: str
    id: str
    title: str
    url: str | None
    authors: tuple[str, ...]
    published_at: datetime | None
    first_seen_at: datetime
    deleted_at: datetime | None
    withdrawn: bool
    outputs: tuple[str, ...]
    """Outputs in which it stands now."""


def summarise(stored: StoredEntry, withdrawn: bool, outputs: tuple[str, ...]) -> EntrySummary:
    """An entry as lists show it."""
    entry = stored.entry
    return EntrySummary(
        key=stored.key,
        source=entry.source,
        id=entry.id,
        title=entry.title,
        url=entry.url,
        authors=entry.author_names,
        published_at=entry.published_at,
        first_seen_at=stored.first_seen_at,
        deleted_at=stored.deleted_at,
        withdrawn=withdrawn,
        outputs=outputs,
    )


async def entry_summaries(
    world: World, store: Store, source: str | None, limit: int, query: str = ""
) -> list[EntrySummary]:
    """The newest entries, of one source or of all; or those that fit a question best (`store.search`).

    Raises:
        UsageError: the source is not configured, or the question cannot be asked.
    """
    if source is not None:
        world.pick_sources([source])
    withdrawn = await store.withdrawals()
    if query:
        found = [hit.stored for hit in (await search_entries(store, query, source, limit=limit)).hits]
    else:
        found = await store.list_entries(source=source, limit=limit)
    standing = await store.read(standing_of, [stored.key for stored in found], list(world.outputs))
    return [summarise(stored, stored.key in withdrawn, standing.get(stored.key, ())) for stored in found]
