"""The engine in this process: how much it takes on, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.engine import local
from aggregator.engine.local import BATCH, LocalEngine
from aggregator.errors import StoreError
from aggregator.model.fetched import NotModified
from aggregator.model.poll import PollState
from aggregator.model.source import Source
from aggregator.service.poll import Polling
from aggregator.service.world import Reading

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GRACE = timedelta(seconds=5)


class World:
    """As much of a world as an engine looks at."""

    longest_timeout = timedelta(seconds=30)

    def __init__(self, count: int) -> None:
        self.sources = {f"s{number}": Source(id=f"s{number}", feed="https://a.example/feed") for number in range(count)}

    def reading(self, source: Source) -> Reading:
        return Reading("digest", frozenset(), frozenset(), ())


class Store:
    """Due sources, and what was asked of them."""

    def __init__(self, due: int) -> None:
        self.due = [f"s{number}" for number in range(due)]
        self.claims: list[int] = []
        self.stored: list[str] = []
        self.released: list[str] = []
        self.breaks_at: int | None = None
        self.on_claim: Callable[[], None] | None = None

    async def claim_due(self, now: datetime, *, lease: timedelta, owner: str, limit: int) -> list[PollState]:
        if self.on_claim is not None and self.claims:
            self.on_claim()
        if self.breaks_at == len(self.claims):
            raise StoreError("database 'a': gone")
        taken, self.due = self.due[:limit], self.due[limit:]
        self.claims.append(len(taken))
        return [PollState(source=source, config_digest="digest") for source in taken]

    async def apply(self, plan: Any, owner: str | None = None) -> bool:
        self.stored.append(plan.state.source)
        return True

    async def read(self, work: object, now: datetime) -> tuple[()]:
        """No host wants to be left alone."""
        return ()

    async def release_leases(self, owner: str) -> None:
        self.released.append(owner)


class Server:
    """Answers 304, at once or when it is let."""

    def __init__(self, *, waits: bool = False) -> None:
        self.open = asyncio.Event()
        if not waits:
            self.open.set()
        self.asked: list[str] = []

    async def __call__(self, source: Source, validators: Any, now: datetime) -> NotModified:
        self.asked.append(source.id)
        await self.open.wait()
        return NotModified(source=source.id, asked_at=now, validators=validators)


def engine_over(store: Store, server: Server) -> LocalEngine:
    tools: Any = Polling(store=store, fetch=server, parse=None, owner="me")
    return LocalEngine(tools, lambda: NOW)


async def settle(engine: LocalEngine) -> None:
    """Until no batch runs any more."""
    while engine._running:
        await asyncio.wait(engine._running)


async def test_one_tick_is_enough_however_many_are_due() -> None:
    store, server = Store(2 * BATCH + 30), Server()
    engine = engine_over(store, server)
    assert await engine.tick(World(2 * BATCH + 30)) == BATCH
    await settle(engine)
    assert sorted(store.stored) == sorted(f"s{number}" for number in range(2 * BATCH + 30))
    assert store.claims == [BATCH, BATCH, 30]


async def test_never_more_than_two_batches_are_at_work() -> None:
    store, server = Store(5 * BATCH), Server(waits=True)
    engine = engine_over(store, server)
    world: Any = World(5 * BATCH)
    claimed = [await engine.tick(world) for _ in range(4)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert claimed == [BATCH, BATCH, 0, 0]
    assert len(server.asked) == 2 * BATCH
    server.open.set()
    await settle(engine)
    assert len(store.stored) == 5 * BATCH


async def test_a_batch_that_was_not_full_is_the_last_of_its_tick() -> None:
    store, server = Store(3), Server()
    engine = engine_over(store, server)
    await engine.tick(World(3))
    await settle(engine)
    assert store.claims == [3]


async def test_stopping_takes_no_further_batch_and_gives_the_leases_back() -> None:
    store, server = Store(3 * BATCH), Server(waits=True)
    engine = engine_over(store, server)
    await engine.tick(World(3 * BATCH))
    await asyncio.sleep(0)
    stopping = asyncio.create_task(engine.stop(GRACE))
    await asyncio.sleep(0)
    server.open.set()
    await stopping
    assert (len(store.stored), store.claims, store.released) == (BATCH, [BATCH], ["me"])
    assert await engine.tick(World(3 * BATCH)) == 0


async def test_what_is_claimed_while_stopping_is_not_asked_for() -> None:
    store, server = Store(2 * BATCH), Server()
    engine = engine_over(store, server)
    stops: list[asyncio.Task[None]] = []

    def stop() -> None:
        engine._stopping = True
        stops.append(asyncio.create_task(engine.stop(GRACE)))

    store.on_claim = stop
    await engine.tick(World(2 * BATCH))
    await settle(engine)
    await asyncio.gather(*stops)
    assert (len(server.asked), store.released) == (BATCH, ["me"])


async def test_a_database_that_goes_away_between_batches_leaves_the_rest_to_the_next_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(local.log, "warning", lambda event, **facts: told.append(facts["error"]))
    store, server = Store(2 * BATCH), Server()
    store.breaks_at = 1
    engine = engine_over(store, server)
    await engine.tick(World(2 * BATCH))
    await settle(engine)
    assert (len(store.stored), told) == (BATCH, ["database 'a': gone"])
    store.breaks_at = None
    assert await engine.tick(World(2 * BATCH)) == BATCH
    await settle(engine)


async def test_a_batch_that_follows_is_polled_by_the_newest_configuration() -> None:
    store, server = Store(BATCH + 1), Server(waits=True)
    engine = engine_over(store, server)
    older, newer = World(BATCH + 1), World(BATCH)  # the newer one no longer has the last source
    await engine.tick(older)
    await asyncio.sleep(0)
    engine._world = newer
    server.open.set()
    await settle(engine)
    assert len(server.asked) == BATCH
