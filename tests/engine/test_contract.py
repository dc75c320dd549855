"""What every engine promises, on the same database: due work is done once, and nothing is written without its lease."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from aggregator.engine import Engine, queue
from aggregator.engine import procrastinate as fleet
from aggregator.engine.local import LocalEngine
from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified
from aggregator.model.poll import HostHold
from aggregator.model.source import HoldScope, PollSettings, Source
from aggregator.service.metrics import METRICS
from aggregator.service.poll import Polling
from aggregator.service.world import Reading
from aggregator.store import Store, batches
from aggregator.store import holds as host_holds
from aggregator.store.tables import host_leases, leases, polls
from tests.conftest import PostgresServer

GRACE = timedelta(seconds=5)
ENGINES = ("local on sqlite", "local on postgresql", "procrastinate")


class World:
    """As much of a world as an engine looks at."""

    longest_timeout = timedelta(seconds=30)

    def __init__(self, feeds: dict[str, str], **polling: Any) -> None:
        settings = PollSettings(**polling)
        self.sources = {id_: Source(id=id_, feed=feed, polling=settings) for id_, feed in feeds.items()}

    def reading(self, source: Source) -> Reading:
        return Reading("digest", frozenset(), frozenset(), ())

    def source_at(self, url: str) -> str | None:
        return None


class Publishers:
    """Answer 304, at once or when they are let; know how many ask a host at once."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.at_once: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.answer: Callable[[Source, datetime], Fetched | NotModified | FetchFailed] | None = None

    async def __call__(self, source: Source, validators: Any, now: datetime, **_: Any) -> Any:
        host = batches.host_of(source.feed)
        self.asked[source.id] += 1
        self.at_once[host] += 1
        self.most[host] = max(self.most[host], self.at_once[host])
        try:
            await asyncio.sleep(0.005)
            await self.open.wait()
        finally:
            self.at_once[host] -= 1
        self.answered[source.id] += 1
        if self.answer is not None:
            return self.answer(source, now)
        return NotModified(source=source.id, asked_at=now, validators=validators)


class Fleet:
    """Several nodes on one database, each with a store and an engine of its own."""

    def __init__(self, kind: str, url: str, publishers: Publishers) -> None:
        self.kind = kind
        self.url = url
        self.publishers = publishers
        self.stack = contextlib.AsyncExitStack()
        self.world: Any = World({})
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.stores: list[Store] = []

    async def node(self) -> Engine:
        store = await Store.open(self.url)
        self.stack.push_async_callback(store.close)
        self.stores.append(store)
        number = len(self.stores)
        tools: Any = Polling(store=store, fetch=self.publishers, parse=None, owner=f"node {number}")
        if self.kind != "procrastinate":
            return LocalEngine(tools, lambda: self.now())
        app = fleet.make_app(self.url)
        await self.stack.enter_async_context(fleet.opened(app))
        worker = fleet.Worker(app, tools, lambda: self.now(), lambda: self.world, 16)
        worker.start()
        engine = fleet.Fleet(fleet.Dispatcher(app, store, lambda: self.now()), worker)
        self.stack.push_async_callback(engine.stop, GRACE)
        return engine

    async def configure(self, feeds: dict[str, str], **polling: Any) -> None:
        self.world = World(feeds, **polling)
        await self.stores[0].sync_sources(sorted(feeds), self.now(), feeds=feeds)

    async def rows(self, column: Any) -> dict[str, Any]:
        def read(connection: Connection) -> dict[str, Any]:
            return {row[0]: row[1] for row in connection.execute(select(polls.c.source, column))}

        return await self.stores[0].read(read)

    async def owners(self) -> dict[str, str]:
        """Who holds the lease of each source; those that nobody polls are missing."""

        def read(connection: Connection) -> dict[str, str]:
            return {row.source: row.owner for row in connection.execute(select(leases))}

        return await self.stores[0].read(read)

    async def until_all_are_polled(self) -> None:
        """Each source was written, and no lease is left."""

        async def done() -> bool:
            waiting = await self.rows(polls.c.last_polled_at)
            return all(waiting.values()) and not await self.owners()

        await until(done)


async def until(claim: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await claim():  # noqa: ASYNC110  what is waited for happens in a database
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def queue_template(postgres: PostgresServer) -> Iterator[str]:
    """A database with our schema and the queue's, to be copied."""
    url = postgres.create()
    queue.upgrade(url)
    yield url.split("?")[0].rpartition("/")[2]
    postgres.drop(url)


@pytest.fixture(params=ENGINES)
async def nodes(request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[Fleet]:
    server: PostgresServer | None = None
    if request.param == "local on sqlite":
        path = tmp_path / "aggregator.db"
        shutil.copy(migrated_sqlite, path)
        url = f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.create(request.getfixturevalue("queue_template"))
    made = Fleet(request.param, url, Publishers())
    async with made.stack:
        yield made
    if server is not None:
        server.drop(url)


def feeds_of(hosts: int, each: int) -> dict[str, str]:
    return {f"s{host}-{n}": f"https://h{host}.example/{n}" for host in range(hosts) for n in range(each)}


async def test_what_is_due_is_polled_once_however_many_nodes_tick(nodes: Fleet) -> None:
    """Double ticks are harmless, on one node and on several."""
    engines = [await nodes.node() for _ in range(3)]
    await nodes.configure(feeds_of(hosts=7, each=8))
    for _ in range(2):
        await asyncio.gather(*(engine.tick(nodes.world) for engine in engines for _ in range(2)))
    await nodes.until_all_are_polled()
    assert await engines[0].tick(nodes.world) == 0, "nothing is due any more"
    assert set(nodes.publishers.asked.values()) == {1}
    assert len(nodes.publishers.asked) == 56
    if nodes.kind == "procrastinate":
        waiting = METRICS.registry.get_sample_value("aggregator_queue_jobs", {"state": "todo"})
        assert waiting == 0, "monitoring hears of the queue"


async def test_a_node_whose_lease_was_taken_writes_nothing(nodes: Fleet) -> None:
    """It slept past its lease, and another has polled meanwhile."""
    engine = await nodes.node()
    await nodes.configure(feeds_of(hosts=2, each=2))
    nodes.publishers.open.clear()
    await engine.tick(nodes.world)
    await until(lambda: _true(len(nodes.publishers.asked) == 4))

    def take_over(connection: Connection) -> None:
        connection.execute(update(leases).where(leases.c.source == "s0-0").values(owner="another"))

    await nodes.stores[0].write(take_over)
    nodes.publishers.open.set()

    async def others_are_done() -> bool:
        return sum(map(bool, (await nodes.rows(polls.c.last_polled_at)).values())) == 3

    await until(others_are_done)
    await engine.stop(GRACE)
    assert [id_ for id_, at in (await nodes.rows(polls.c.last_polled_at)).items() if at is None] == ["s0-0"]
    assert await nodes.owners() == {"s0-0": "another"}


async def test_a_stop_ends_what_runs_or_gives_it_back(nodes: Fleet) -> None:
    """A publisher that does not answer holds no node up; what it did not poll is due at once, for the others."""
    engine = await nodes.node()
    await nodes.configure(feeds_of(hosts=3, each=2))
    nodes.publishers.open.clear()
    await engine.tick(nodes.world)
    await until(lambda: _true(len(nodes.publishers.asked) == 6))
    await engine.stop(timedelta(seconds=2))
    assert await nodes.owners() == {}
    assert set((await nodes.rows(polls.c.last_polled_at)).values()) == {None}
    nodes.publishers.open.set()
    other = await nodes.node()

    async def polled() -> bool:
        await other.tick(nodes.world)
        return all((await nodes.rows(polls.c.last_polled_at)).values())

    await until(polled)
    assert set(nodes.publishers.asked.values()) == {2}


async def test_what_a_host_asks_for_holds_on_all_nodes(nodes: Fleet) -> None:
    """One answer 429 with Retry-After, and no node asks that host again before its time (R6)."""
    engines = [await nodes.node() for _ in range(2)]
    await nodes.configure({"first": "https://busy.example/1"}, retry_after=HoldScope.HOST)

    def busy(source: Source, now: datetime) -> FetchFailed:
        return a_refusal(source.id, now)

    nodes.publishers.answer = busy
    await engines[0].tick(nodes.world)
    await nodes.until_all_are_polled()
    holds = await nodes.stores[1].read(host_holds.read, nodes.now())
    assert [hold.host for hold in holds] == ["busy.example:443"]
    assert isinstance(holds[0], HostHold)


async def _true(claim: bool) -> bool:
    return claim


def a_refusal(source: str, now: datetime) -> FetchFailed:
    return FetchFailed(
        source=source,
        asked_at=now,
        kind=FailureKind.HTTP_STATUS,
        detail="answered 429",
        status=429,
        retry_after=timedelta(hours=2),
        host="busy.example:443",
    )


# What only the fleet's engine promises: a host is one worker's at a time.


@pytest.mark.parametrize("nodes", ["procrastinate"], indirect=True)
async def test_a_host_is_asked_by_one_worker_at_a_time(nodes: Fleet) -> None:
    """130 feeds of one host are three jobs, one after the other, though three workers are idle."""
    engines = [await nodes.node() for _ in range(3)]
    await nodes.configure(feeds_of(hosts=1, each=130) | {"other": "https://other.example/"})

    async def polled() -> bool:
        await asyncio.gather(*(engine.tick(nodes.world) for engine in engines))
        return all((await nodes.rows(polls.c.last_polled_at)).values())

    await until(polled)
    assert set(nodes.publishers.asked.values()) == {1}
    assert nodes.publishers.most["h0.example:443"] <= batches.SIZE

    async def free() -> bool:
        return not await nodes.stores[0].read(lambda connection: connection.execute(select(host_leases)).all())

    await until(free)


@pytest.mark.parametrize("nodes", ["procrastinate"], indirect=True)
async def test_a_job_that_was_begun_twice_is_taken_over_and_a_stray_one_does_nothing(nodes: Fleet) -> None:
    await nodes.node()
    store = nodes.stores[0]
    await nodes.configure(feeds_of(hosts=1, each=2))
    now = nodes.now()
    [batch] = await store.write(batches.lease, now, now + timedelta(minutes=5), 10)
    assert await store.write(batches.lease, now, now + timedelta(minutes=5), 10) == []
    first = await store.take_batch(batch, 7, 0, now, timedelta(minutes=3))
    assert first is not None
    assert await store.take_batch(batch, 8, 0, now, timedelta(minutes=3)) is None, "another job's host"
    again = await store.take_batch(batch, 7, 1, now, timedelta(minutes=3))
    assert again is not None
    assert {state.source for state in again.states} == {state.source for state in first.states} == {"s0-0", "s0-1"}
    assert set((await nodes.owners()).values()) == {"7/1"}
    await store.finish_batch(batch, "7/0")
    assert set((await nodes.owners()).values()) == {"7/1"}, "a run that was taken over ends nothing"
    await store.finish_batch(batch, "7/1")
    assert await store.take_batch(batch, 7, 2, now, timedelta(minutes=3)) is None, "it has ended"


@pytest.mark.parametrize("nodes", ["procrastinate"], indirect=True)
async def test_a_job_whose_worker_was_cut_off_while_it_took_it_is_not_kept_from_others(nodes: Fleet) -> None:
    """What the queue does is whole with its statement: there is no moment between it and a commit to be cut off in."""
    app = fleet.make_app(nodes.url)
    async with fleet.opened(app):
        await app.configure_task("poll", queue=fleet.QUEUE).defer_async(host="h0.example", sources=["s0-0"])
        connector: Any = app.connector
        async with connector.pool.connection() as cut_off:
            taken = await cut_off.execute("UPDATE procrastinate_jobs SET priority = 1 RETURNING id")
            assert await taken.fetchone()
            manager = app.job_manager
            job = await manager.fetch_job(queues=[fleet.QUEUE], worker_id=await manager.register_worker())
    assert job is not None
    assert job.task_kwargs["host"] == "h0.example"


@pytest.mark.parametrize("nodes", ["procrastinate"], indirect=True)
async def test_a_worker_without_a_network_leaves_its_jobs_to_others_and_blames_nobody(nodes: Fleet) -> None:
    """It is done soonest, and would take all of them."""

    def cut_off(source: Source, now: datetime) -> FetchFailed:
        return FetchFailed(source=source.id, asked_at=now, kind=FailureKind.OFFLINE, detail="no network")

    whole, nodes.publishers = nodes.publishers, Publishers()
    nodes.publishers.answer = cut_off
    engine = await nodes.node()
    lost, nodes.publishers = nodes.publishers, whole
    await nodes.configure(feeds_of(hosts=5, each=2))

    async def given_up() -> bool:
        await engine.tick(nodes.world)
        return bool(lost.asked)

    await until(given_up)
    assert set((await nodes.rows(polls.c.failures)).values()) == {0}
    await nodes.node()

    async def polled() -> bool:
        await engine.tick(nodes.world)
        return all((await nodes.rows(polls.c.last_polled_at)).values())

    await until(polled)
    assert len(whole.asked) == 10
    assert set((await nodes.rows(polls.c.failures)).values()) == {0}
