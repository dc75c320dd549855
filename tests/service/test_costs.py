"""What a poll costs the database, in the steps that SQLite itself counts: no clock, so no weather."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec import structs

from aggregator.store import Store
from tests.service.test_schedule import HOUR, MINUTE, NOW, Town, Web, document, rss
from tests.store.builders import a_change, a_plan, an_entry

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EVERY = 10
"""Steps of SQLite's virtual machine from one count to the next."""


async def steps(store: Store, work: Callable[[], Awaitable[object]]) -> int:
    """Steps that all statements of the work take, in tens."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    engines = [way._engine for way in (store._session._writer, store._session._reader)]
    for engine in engines:
        with engine.connect() as connection:  # the pools hand out the one that was used last
            connection.connection.driver_connection.set_progress_handler(count, EVERY)
    try:
        await work()
    finally:
        for engine in engines:
            with engine.connect() as connection:
                connection.connection.driver_connection.set_progress_handler(None, EVERY)
    return counted


def a_folder(path: Path) -> Path:
    path.mkdir()
    (path / "aggregator.yaml").write_text("site: {name: Here, email: desk@example.org}\n")
    return path


async def test_a_poll_costs_no_more_where_much_is_stored(store: Store, tmp_path: Path) -> None:
    """Also one that brings as many entries as make one look at what the day has brought."""
    town = Town(a_folder(tmp_path / "config"), store, Web())
    await town.configure()
    seen = 100
    costs = []
    for stored in (100, 2_000):
        changes = [a_change(an_entry(f"old-{n}")) for n in range(seen, stored)]
        state = structs.replace((await town.state()), next_poll_at=NOW)
        await store.apply(a_plan("herald", *changes, state=state))
        seen = stored
        first = stored * 10
        town.web.answer = document(rss(*range(first, first + 30)))
        await town.poll(after=HOUR)
        town.web.answer = document(rss(*range(first + 30, first + 60)))
        costs.append(await steps(store, lambda: town.poll(after=HOUR)))
    few, many = costs
    assert few > 50, "steps were counted"
    assert many <= few * 1.15, "an index has more levels, and that is all"


async def test_a_round_costs_no_more_where_many_sources_are_not_due(store: Store) -> None:
    costs = []
    for resting in (100, 2_000):
        ids = [f"resting-{n}" for n in range(resting)] + [f"due-{n}" for n in range(20)]
        await store.sync_sources(ids, NOW)
        claimed = await store.claim_due(NOW, lease=HOUR, owner="me", limit=len(ids))
        dues = [NOW if state.source.startswith("due") else NOW + 5 * HOUR for state in claimed]
        plans = [
            a_plan(state=structs.replace(state, next_poll_at=at), at=NOW)
            for state, at in zip(claimed, dues, strict=True)
        ]
        await asyncio.gather(*(store.apply(plan, "me") for plan in plans))

        async def claim() -> None:
            states = await store.claim_due(NOW + MINUTE, lease=HOUR, owner="me", limit=200)
            assert len(states) == 20
            assert await store.claim_due(NOW + MINUTE, lease=HOUR, owner="me", limit=200) == []

        costs.append(await steps(store, claim))
        await store.release_leases("me")
    few, many = costs
    assert few > 20, "steps were counted"
    assert many <= few * 1.15
