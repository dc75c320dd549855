"""Hundreds of outputs from ten thousands of entries: all of them built, then after one entry has changed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from msgspec import structs

from aggregator.model.entry import Content
from aggregator.model.output import Output, Selector
from aggregator.model.poll import EntryChange, IntakePlan
from aggregator.model.source import Source
from aggregator.model.use import Audience, Form, Use
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.world import World
from aggregator.store import Store
from benchmarks.building import POLICY, edited
from benchmarks.content import ENTRIES
from benchmarks.house import NOW, ROOT, Clock, expect, fresh_database, open_store, world_of
from benchmarks.measure import Row, cost, promised
from benchmarks.storing import plan_of

NEWEST = 50
PATTERNS = 40
"""Documents that are really read; the feeds repeat them under names of their own."""
SOURCES_OF_TAG = 20
OUTPUTS_OF_TAG = 5
"""Take from the same sources: under the same use, they share what is rendered of an entry."""
FULL, ONE, ALL = 60.0, 0.010, 2.0


@dataclass(frozen=True, slots=True)
class Size:
    outputs: int
    entries: int

    @property
    def share(self) -> float:
        """Of the promised thousand outputs."""
        return self.outputs / 1_000

    @property
    def told(self) -> str:
        return f"{self.outputs:,} outputs of {NEWEST} from {self.entries:,} entries"


QUICK = Size(25, 2_500)


async def apart(quick: bool) -> list[Row]:
    """All outputs anew, full texts in four formats; then after one entry that a few of them hold has changed."""
    # A quarter of the size, and of the limit: all of it takes longer than most machines are quiet.
    size, rounds = QUICK if quick else Size(250, 25_000), 2 if quick else 5
    async with _full(size, shares_all=False) as (house, store):
        full = await cost(lambda _: _built(house, size.outputs), 0)
        one = [await _one_entry(house, store, house.world, number, 1) for number in range(-2, rounds)][2:]
    return [
        promised(
            [full],
            1,
            scenario="outputs",
            what=f"{size.told}: all, four formats",
            unit="round",
            promise=FULL * size.share,
        ),
        promised(
            one, 1, scenario="outputs", what="one entry changed, held by a few of them", unit="output", promise=ONE
        ),
    ]


async def shared(quick: bool) -> list[Row]:
    """After one entry that all of the outputs hold, of headlines, has changed."""
    size, rounds = QUICK if quick else Size(1_000, 100_000), 1 if quick else 2
    async with _full(size, shares_all=True) as (house, store):
        await _built(house, size.outputs)
        every = [
            await _one_entry(house, store, house.world, number, size.outputs) for number in range(500, 501 + rounds)
        ][1:]
    what = "one entry changed, held by all"
    return [promised(every, 1, scenario="outputs", what=what, unit="round", promise=ALL * size.share)]


@contextlib.asynccontextmanager
async def _full(size: Size, *, shares_all: bool) -> AsyncIterator[tuple[House, Store]]:
    """A house with all its entries, of which nothing is built yet."""
    with fresh_database() as path:
        async with open_store(path) as store:
            world = _world(size, shared=shares_all)
            await _fill(store, world)
            house = _house(world, store)
            await house.sync()
            yield house, store


async def _built(house: House, expected: int) -> None:
    reports = await house.build_stale()
    expect(len(reports) == expected, f"{len(reports)} outputs were built, not {expected}")
    expect(all(report.entries == NEWEST for report in reports), "an output is not full")


def _world(size: Size, *, shared: bool) -> World:
    """Outputs by tag; shared: all of one tag, asking for headlines."""
    tags = max(1, size.outputs // OUTPUTS_OF_TAG)
    count = size.entries // ENTRIES
    sources = [
        Source(
            id=f"paper-{number}",
            feed=f"https://paper{number}.example/feed",
            policy=POLICY,
            tags=(f"tag-{number * tags // count}",),
        )
        for number in range(count)
    ]
    form = Form.HEADLINE if shared else Form.FULL
    fallback = () if shared else (Form.EXCERPT, Form.HEADLINE)
    made = []
    for number in range(size.outputs):
        tag = f"tag-{0 if shared else number % tags}"
        use = Use(output=f"all-{number}", form=form, fallback=fallback, audience=Audience.COMMUNITY)
        select = Selector(tags=(tag,), newest=NEWEST)
        made.append(Output(id=f"all-{number}", title=f"All {number}", select=select, use=use))
    return world_of(sources, made)


def _house(world: World, store: Store) -> House:
    keeper = Keeper(Path(), world, NOW, "")
    return House(keeper, store, Renderer([ROOT / "templates"]), Clock())


async def _fill(store: Store, world: World) -> None:
    """As many feeds as there are sources, each with entries of its own."""
    await store.sync_sources(world.active, NOW)
    patterns = [plan_of(feed) for feed in range(PATTERNS)]
    for number, source in enumerate(world.active):
        pattern = patterns[number % PATTERNS]
        await store.apply(
            structs.replace(
                pattern,
                state=structs.replace(pattern.state, source=source, items=()),
                changes=tuple(_renamed(pattern, source, number)),
                report=structs.replace(pattern.report, source=source),
            )
        )


def _renamed(pattern: IntakePlan, source: str, number: int) -> Iterator[EntryChange]:
    later = timedelta(seconds=number)
    for change in pattern.changes:
        entry = change.entry
        id_, url = f"{entry.id}:{number}", f"{entry.url}-{number}"
        renamed = replace(entry, source=source, id=id_, url=url, title=f"{entry.title} {number}")
        yield replace(change, entry=renamed, ordered_at=change.ordered_at + later)


async def _one_entry(house: House, store: Store, world: World, number: int, at_least: int) -> float:
    """CPU seconds of building what an edited entry makes stale, for each output that holds it or for all of them."""
    first = next(iter(world.outputs.values()))
    newest = await store.candidates(world.sources_of(first.select), since=None, limit=NEWEST)
    stored = newest[(7 * number) % NEWEST]
    content: Content = (await store.contents([stored.key]))[stored.key]
    state = (await store.poll_states([stored.entry.source]))[stored.entry.source]
    await store.apply(edited(stored, content, state, f"{number + 1_000:064x}"))
    built = 0

    async def work(_: int) -> None:
        nonlocal built
        reports = await house.build_stale()
        built = len(reports)
        expect(built >= at_least and all(len(one.changed) == 4 for one in reports), "not all four documents changed")

    spent = await cost(work, number)
    return spent / built if at_least == 1 else spent
