"""What polls ask together: they share a transaction, and none another's fate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, update

from aggregator.errors import StoreError
from aggregator.model.entry import entry_key
from aggregator.model.poll import KnownEntry
from aggregator.store import Store, UnavailableError, asking, entries, patience
from aggregator.store.session import Session
from aggregator.store.tables import entries as entry_rows
from tests.store.builders import LEASE, NOW, a_change, a_plan, an_entry

IDS = [f"source-{number}" for number in range(20)]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of how many polls was asked in each transaction."""
    done: list[int] = []
    real = Session._once

    async def counted(self: Session, writes: bool, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if work is entries.known:
            done.append(len(args[0]))
        return await real(self, writes, work, *args, **kwargs)

    monkeypatch.setattr(Session, "_once", counted)
    return done


def a_known(source: str) -> dict[str, KnownEntry]:
    entry = an_entry(source=source)
    known = KnownEntry(
        key=entry.key, id=entry.id, revision="a", first_seen_at=NOW, earliest_at=None, deleted_at=None
    )  # fmt: skip
    return {entry.id: known}


async def stored(store: Store) -> None:
    """An entry of each source, under an id that they share."""
    await store.sync_sources(IDS, NOW)
    plans = [a_plan(source, a_change(an_entry(source=source))) for source in IDS]
    assert await asyncio.gather(*map(store.apply, plans)) == [True] * len(IDS)


async def test_who_asks_at_about_the_same_time_shares_a_transaction(store: Store, read: list[int]) -> None:
    """Each is told of its own entries alone; who asks of none is told so at once."""
    await stored(store)
    entry_id = an_entry().id
    asked = [store.known(source, [entry_id, "another"] if source != "source-3" else []) for source in IDS]
    found = await asyncio.gather(*asked)
    assert found == [a_known(source) if source != "source-3" else {} for source in IDS]
    assert read == [19]


async def test_others_are_waited_for_while_they_are_polled(store: Store, read: list[int]) -> None:
    await stored(store)
    claimed = await store.claim_named(IDS, NOW, lease=LEASE, owner="a")
    assert len(claimed) == len(IDS)
    entry_id = an_entry().id

    async def ask(turns: int, source: str) -> dict[str, KnownEntry]:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await store.known(source, [entry_id])

    found = await asyncio.gather(*(ask(turns, source) for turns, source in enumerate(IDS)))
    assert found == [a_known(source) for source in IDS]
    assert read == [len(IDS)]


async def test_who_asks_of_very_many_is_answered_alone(
    store: Store, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(store)
    monkeypatch.setattr(asking, "KEYS_MAX", 3)
    entry_id = an_entry().id
    wanted = [[entry_id], [entry_id, "b"], [entry_id, "b", "c", "d"], [entry_id]]
    found = await asyncio.gather(*(store.known(source, ids) for source, ids in zip(IDS, wanted, strict=False)))
    assert found == [a_known(source) for source in IDS[:4]]
    assert read == [2, 1, 1]


async def test_what_cannot_be_read_fails_whom_it_belongs_to(store: Store) -> None:
    """One damaged row must not keep all sources from being polled (R16)."""
    await stored(store)
    entry_id = an_entry().id
    damaged = update(entry_rows).where(entry_rows.c.key == entry_key("source-5", entry_id)).values(facts="no JSON")
    await store.write(_execute, damaged)
    asked = [store.known(source, [entry_id], [entry_id]) for source in IDS]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [source for source, one in zip(IDS, found, strict=True) if isinstance(one, Exception)] == ["source-5"]
    assert await store.known("source-5", [entry_id]) == a_known("source-5")
    assert store.healthy


def _execute(connection: Connection, statement: Any) -> None:
    connection.execute(statement)


async def test_who_leaves_harms_nobody(store: Store) -> None:
    await stored(store)
    entry_id = an_entry().id
    tasks = [asyncio.create_task(store.known(source, [entry_id])) for source in IDS]
    await asyncio.sleep(0)
    tasks[3].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[3], asyncio.CancelledError)
    assert [one for position, one in enumerate(found) if position != 3] == [
        a_known(source) for position, source in enumerate(IDS) if position != 3
    ]


async def test_one_that_is_in_a_hurry_hurries_nobody_else(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for the database only so long; polls that ask together with it wait for as long as it takes."""
    await stored(store)
    real, held = Session._once, asyncio.Event()

    async def slow(self: Session, writes: bool, work: Any, *args: Any, **kwargs: Any) -> Any:
        await held.wait()
        return await real(self, writes, work, *args, **kwargs)

    monkeypatch.setattr(Session, "_once", slow)
    entry_id = an_entry().id
    with patience(0.001):
        hurried = asyncio.create_task(store.known("source-1", [entry_id]))
    await asyncio.sleep(0)
    patient = asyncio.create_task(store.known("source-2", [entry_id]))
    with patience(0.001), pytest.raises(UnavailableError):
        await store.count_entries()
    held.set()
    assert await patient == a_known("source-2")
    assert await hurried == a_known("source-1")


async def test_closing_answers_who_waits(database_url: str) -> None:
    store = await Store.open(database_url)
    await stored(store)
    entry_id = an_entry().id
    waiting = [asyncio.create_task(store.known(source, [entry_id])) for source in IDS]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*waiting) == [a_known(source) for source in IDS]
    with pytest.raises(StoreError):
        await store.known("source-1", [entry_id])
