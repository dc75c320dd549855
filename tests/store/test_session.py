"""Who waits for the database, and for how long."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import Connection, text

from aggregator.errors import StoreError
from aggregator.store import Store, UnavailableError, patience
from aggregator.store import session as sessions

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_nobody_waits_longer_than_a_page_may(store: Store) -> None:
    """The caller is told; what it began goes on, and holds up nobody else."""
    go_on = threading.Event()

    def slow(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_sleep(0.5)"))
        else:
            go_on.wait(10)

    with patience(0.05), pytest.raises(UnavailableError, match="no answer in time"):
        await store.read(slow)
    await store.ping()
    go_on.set()


@on_postgresql
async def test_a_process_that_ends_does_not_wait_for_a_server_that_hangs(database_url: str) -> None:
    store = await Store.open(database_url)
    hanging = asyncio.create_task(store.read(lambda connection: connection.execute(text("SELECT pg_sleep(600)"))))
    await asyncio.sleep(0.05)
    store.hasten(0.05)
    with pytest.raises(UnavailableError, match="no answer in time"):
        await hanging
    with pytest.raises(UnavailableError, match="no answer in time"):
        await store.list_entries(limit=1)
    async with asyncio.timeout(30):
        await store.close()


@on_postgresql
async def test_what_takes_long_is_ended_only_where_the_server_is_dead(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger of millions of records is read to its end; a server that says nothing any more is not waited for."""
    monkeypatch.setattr(sessions, "SILENCE", 0.05)
    monkeypatch.setattr(sessions, "GIVE_UP", 0.0)
    store = await Store.open(database_url)

    def slow(connection: Connection) -> int:
        return int(connection.execute(text("SELECT 1 FROM pg_sleep(0.4)")).scalar_one())

    assert await store.read(slow) == 1

    async def is_dead(_: object) -> bool:
        return False

    monkeypatch.setattr(sessions._OnTheLoop, "_lives", is_dead)
    with pytest.raises(UnavailableError, match="no answer within"):
        await store.read(lambda connection: connection.execute(text("SELECT pg_sleep(600)")))
    await store.close()


@on_postgresql
async def test_a_caller_that_is_cancelled_is_cancelled(database_url: str) -> None:
    store = await Store.open(database_url)
    asking = asyncio.create_task(store.read(lambda connection: connection.execute(text("SELECT pg_sleep(0.3)"))))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await store.close()


@on_postgresql
async def test_a_connection_that_breaks_while_it_is_set_up_is_told_in_a_line(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy hands on the driver's own error then."""
    monkeypatch.setattr(sessions, "POSTGRESQL_SETTINGS", ("no_such_setting = 1",))
    with pytest.raises(StoreError, match=r"database 'postgresql://.*no_such_setting") as told:
        await Store.open(database_url)
    assert "\n" not in str(told.value)
