"""A world of many sources over a fresh database, put together from the product's own parts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from aggregator.config import Configuration, load
from aggregator.intake.pool import ParserPool
from aggregator.model.fetched import Validators
from aggregator.model.output import Output
from aggregator.model.parsed import FeedFacts, ParseLimits
from aggregator.model.poll import IntakePlan, PollReport, PollState
from aggregator.model.source import Source
from aggregator.polling.fetch import Fetcher
from aggregator.service.poll import Polling, poll_many
from aggregator.service.world import World
from aggregator.store import Store, upgrade
from aggregator.wiring import calm_collector
from benchmarks.content import ENTRIES
from benchmarks.farm import Farm, etag

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OWNER = "benchmark"
LEASE = timedelta(minutes=10)
BATCH = 200
"""Sources claimed at a time, as the engine does."""


class Clock:
    """The time of a benchmark: stands still between rounds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def another_hour(self) -> None:
        """Everything is due again, and no whole document yet (that would be asked for once a day)."""
        self.now += timedelta(hours=1)


@cache
def sample() -> Configuration:
    """The sample configuration: its policies are what sources here are read and judged by."""
    return load(ROOT / "config")


def world_of(sources: Sequence[Source], outputs: Sequence[Output] = ()) -> World:
    """A world of these sources and outputs, with the sample's policies."""
    return World.of(replace(sample(), sources=tuple(sources), outputs=tuple(outputs)))


def sources_on(farm: Farm, feeds: Sequence[int]) -> list[Source]:
    """Sources that are polled from the farm, by the sample's policies in turn."""
    polling = replace(sample().settings.polling, private_addresses=True)
    policies = [policy.id for policy in sample().policies]
    return [
        Source(id=f"paper-{feed}", feed=farm.url(feed), policy=policies[feed % len(policies)], polling=polling)
        for feed in feeds
    ]


@contextlib.contextmanager
def fresh_database() -> Iterator[Path]:
    """An empty SQLite file with the schema."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        path = Path(folder) / "aggregator.db"
        upgrade(f"sqlite:///{path}")
        yield path


@contextlib.asynccontextmanager
async def open_store(path: Path) -> AsyncIterator[Store]:
    """The store on that file."""
    store = await Store.open(f"sqlite:///{path}")
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_polling(store: Store) -> AsyncIterator[Polling]:
    """A fetcher and parser workers, as a running service has them."""
    calm_collector()
    settings = sample().settings
    fetcher = Fetcher(user_agent="benchmark", polling=settings.polling, files_root=ROOT, environ={})
    async with fetcher, ParserPool(size=os.cpu_count() or 1, limits=ParseLimits()) as parsers:
        yield Polling(store=store, fetch=fetcher.fetch, parse=parsers.parse, owner=OWNER, backlog=fetcher.backlog)


async def poll_all_due(world: World, tools: Polling, clock: Clock) -> list[PollReport]:
    """What the engine does until nothing is due any more."""
    reports: list[PollReport] = []
    while states := await tools.store.claim_due(clock(), lease=LEASE, owner=tools.owner, limit=BATCH):
        due = [(world.sources[state.source], state) for state in states]
        reports += await poll_many(due, world, tools, clock)
    return reports


async def remember(store: Store, world: World, version: int = 0) -> None:
    """Makes the store know all sources as if each had been polled at that version of its feed."""
    await store.sync_sources(world.active, NOW)
    plans = []
    for source in world.sources.values():
        feed = int(source.id.rpartition("-")[2])
        ids = [f"tag:paper{feed}.example,2026:{number}" for number in range(ENTRIES)]
        items = tuple((f"{feed:08x}{number:024x}", id_) for number, id_ in enumerate(ids))
        state = PollState(
            source=source.id,
            next_poll_at=NOW,
            validators=Validators(etag=etag(feed, version), last_modified="Fri, 20 Nov 2026 12:00:00 GMT"),
            body_digest="0" * 32,
            config_digest=world.reading(source).digest,
            items=items,
            last_polled_at=NOW,
            last_success_at=NOW,
            last_status=200,
            full_at=NOW,
            feed=FeedFacts(format="rss20", title=f"Paper {feed}", url=f"https://paper{feed}.example/"),
            why_due="every 30 min",
        )
        report = PollReport(source=source.id, outcome="unchanged")
        plans.append(IntakePlan(state=state, report=report, at=NOW))
    await asyncio.gather(*map(store.apply, plans))


def expect(holds: bool, what: str) -> None:
    """Stops a benchmark that did other work than it says."""
    if not holds:
        raise RuntimeError(f"benchmark: {what}")
