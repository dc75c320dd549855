"""Group commit: plans share a transaction, and no plan another's fate."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection

from aggregator.errors import StoreError
from aggregator.model.fetched import Validators
from aggregator.model.parsed import FeedFacts
from aggregator.model.poll import PollState
from aggregator.store import Store, UnavailableError, patience
from aggregator.store import session as sessions
from aggregator.store.session import Session
from tests.store.builders import LEASE, MINUTE, NOW, a_change, a_plan, an_entry

IDS = [f"source-{number}" for number in range(20)]


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was done in each write transaction that was begun."""
    done: list[str] = []
    real = Session._once

    async def counted(self: Session, writes: bool, work: Any, *args: Any, **kwargs: Any) -> Any:
        if writes:
            done.append(work.__name__)
        return await real(self, writes, work, *args, **kwargs)

    monkeypatch.setattr(Session, "_once", counted)
    return done


async def test_plans_that_come_together_share_a_transaction(store: Store, transactions: list[str]) -> None:
    await store.sync_sources(IDS, NOW)
    transactions.clear()
    plans = [a_plan(source, a_change(an_entry(source=source))) for source in IDS]
    assert await asyncio.gather(*map(store.apply, plans)) == [True] * len(IDS)
    assert transactions == ["apply"]
    assert await store.count_entries() == dict.fromkeys(IDS, 1)


async def test_plans_that_are_expected_soon_are_waited_for(store: Store, transactions: list[str]) -> None:
    await store.sync_sources(IDS, NOW)
    claimed = await store.claim_due(NOW, lease=LEASE, owner="a", limit=100)
    transactions.clear()

    async def poll(position: int, state: PollState) -> None:
        for _ in range(position):
            await asyncio.sleep(0)
        assert await store.apply(a_plan(state=state), "a")

    await asyncio.gather(*(poll(position, state) for position, state in enumerate(claimed)))
    assert transactions == ["apply"]


async def test_a_plan_that_cannot_be_stored_fails_alone(store: Store) -> None:
    """PostgreSQL refuses NUL in text, both refuse half a surrogate pair, and neither has numbers of any size."""
    await store.sync_sources(IDS, NOW)
    plans = [a_plan(source, a_change(an_entry(source=source))) for source in IDS]
    bad = structs.replace(plans[7].state, failures=2**80)
    worse = structs.replace(plans[9].state, validators=Validators(etag="\ud800"))
    plans[7], plans[9] = structs.replace(plans[7], state=bad), structs.replace(plans[9], state=worse)
    results = await asyncio.gather(*map(store.apply, plans), return_exceptions=True)
    failed = {source for source, result in zip(IDS, results, strict=True) if isinstance(result, StoreError)}
    assert failed == {"source-7", "source-9"}
    assert await store.count_entries() == dict.fromkeys(set(IDS) - failed, 1)
    assert store.healthy


async def test_nul_in_text_is_stored_or_fails_alone(store: Store) -> None:
    await store.sync_sources(["a", "b"], NOW)
    odd = PollState(source="a", last_error="\0")
    results = await asyncio.gather(
        store.apply(a_plan(state=odd)), store.apply(a_plan("b", a_change(an_entry(source="b")))), return_exceptions=True
    )
    assert results[1] is True
    assert results[0] is True or isinstance(results[0], StoreError)


async def test_a_caller_that_leaves_harms_nobody(store: Store) -> None:
    await store.sync_sources(IDS, NOW)
    tasks = [asyncio.create_task(store.apply(a_plan(source, a_change(an_entry(source=source))))) for source in IDS]
    await asyncio.sleep(0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[3], asyncio.CancelledError)
    assert [result for position, result in enumerate(results) if position != 3] == [True] * 19
    for delay in (0, 0.0005, 0.001, 0.002):
        late = asyncio.create_task(store.apply(a_plan("source-3", a_change(an_entry(source="source-3")))))
        await asyncio.sleep(delay)
        late.cancel()
        await asyncio.gather(late, return_exceptions=True)
    assert await store.apply(a_plan("source-3"))
    assert store.healthy


async def test_a_caller_in_a_hurry_hurries_nobody_else(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first plan of a process may be one that a page brings, which waits for the database only so long."""
    store = await Store.open(database_url)
    await store.sync_sources(IDS, NOW)
    with patience(0.001):
        first = asyncio.create_task(store.apply(a_plan("source-1")))
    assert await first
    real, held = Session._once, asyncio.Event()

    async def slow(self: Session, writes: bool, work: Any, *args: Any, **kwargs: Any) -> Any:
        await held.wait()
        return await real(self, writes, work, *args, **kwargs)

    monkeypatch.setattr(Session, "_once", slow)
    later = asyncio.create_task(store.apply(a_plan("source-2")))
    with patience(0.001), pytest.raises(UnavailableError):
        await store.count_entries()
    held.set()
    assert await later
    await store.close()


async def test_a_cancelled_write_ends_whole_or_not_at_all(store: Store) -> None:
    for number in range(10):
        task = asyncio.create_task(store.sync_sources([f"a-{number}", f"b-{number}"], NOW))
        await asyncio.sleep(number / 5000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await store.ping()
    states = await store.poll_states([f"{letter}-{number}" for letter in "ab" for number in range(10)])
    assert {name[2:] for name in states if name[0] == "a"} == {name[2:] for name in states if name[0] == "b"}


async def test_closing_writes_what_waits(database_url: str) -> None:
    store = await Store.open(database_url)
    waiting = [asyncio.create_task(store.apply(a_plan(source))) for source in IDS]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*waiting) == [True] * len(IDS)
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.apply(a_plan("late"))
    again = await Store.open(database_url)
    assert set(await again.poll_states(IDS)) == set(IDS)
    await again.close()


async def test_items_are_only_written_where_they_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    from aggregator.store import apply as module

    real = module._write_documents.run

    def noted(connection: Any, rows: Any) -> None:
        written.extend(rows)
        real(connection, rows)

    monkeypatch.setattr(module._write_documents, "run", noted)
    await store.sync_sources(["herald"], NOW)
    [state] = await store.claim_due(NOW, lease=LEASE, owner="a", limit=1)
    await store.apply(a_plan(state=structs.replace(state, items=(("d", "1"),), next_poll_at=NOW)), "a")
    assert len(written) == 1
    [state] = await store.claim_due(NOW, lease=LEASE, owner="a", limit=1)
    await store.apply(a_plan(state=structs.replace(state, next_poll_at=NOW, last_status=304)), "a")
    assert len(written) == 1
    [state] = await store.claim_due(NOW, lease=LEASE, owner="a", limit=1)
    await store.apply(a_plan(state=structs.replace(state, feed=FeedFacts(title="New"), next_poll_at=NOW)), "a")
    assert len(written) == 2
    after = (await store.poll_states())["herald"]
    assert (after.items, after.feed.title, after.last_status) == ((("d", "1"),), "New", 304)


async def test_a_locked_file_is_waited_for_and_then_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, migrated_sqlite: Any
) -> None:
    monkeypatch.setattr(sessions, "SQLITE_PRAGMAS", ("busy_timeout = 1", *sessions.SQLITE_PRAGMAS[1:]))
    monkeypatch.setattr(sessions, "BACKOFF", (0.01,) * 30)
    path = tmp_path / "a.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = await Store.open(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.apply(a_plan("herald", a_change(an_entry()))))
    for _ in range(5_000):
        if not store.healthy or waiting.done():
            break
        await asyncio.sleep(0.001)
    assert not waiting.done()
    assert not store.healthy
    other.execute("COMMIT")
    assert await waiting is True
    assert store.healthy
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="another process holds it"):
        await store.apply(a_plan("herald", a_change(an_entry("2"))))
    assert "locked" in (store.problem or "")
    assert await store.count_entries() == {"herald": 1}  # readers go on
    other.execute("COMMIT")
    other.close()
    await store.close()


async def test_a_server_that_goes_away_and_returns_loses_nothing(
    postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BACKOFF", (0.02,))
    url = postgres.create()
    store = await Store.open(url)
    await store.sync_sources(["herald"], NOW)
    [state] = await store.claim_due(NOW, lease=LEASE, owner="a", limit=1)
    plan = a_plan("herald", a_change(an_entry()), state=structs.replace(state, validators=Validators(etag="1")))
    postgres.go_away()
    try:
        with pytest.raises(UnavailableError, match="check that the server runs"):
            await store.apply(plan, "a")
        with pytest.raises(UnavailableError):
            await store.ping()
        assert not store.healthy
    finally:
        postgres.come_back()
    assert (await store.poll_states())["herald"] == state
    assert store.healthy
    assert await store.apply(plan, "a") is True
    assert await store.count_entries() == {"herald": 1}
    await store.claim_due(NOW + 60 * MINUTE, lease=LEASE, owner="a", limit=1)
    await store.close()
    postgres.drop(url)


async def test_a_commit_is_on_the_disk_before_it_is_told(store: Store, database_url: str) -> None:
    """R3: with SQLite each commit is synced, and writers wait for one another; PostgreSQL is as careful by itself."""

    def told(connection: Connection) -> dict[str, str]:
        if connection.dialect.name == "postgresql":
            return {"synchronous_commit": connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()}
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in names}

    careful = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"}
    wanted = {"synchronous_commit": "on"} if database_url.startswith("postgresql") else careful
    assert await store.write(told) == wanted
    assert await store.read(told) == wanted
