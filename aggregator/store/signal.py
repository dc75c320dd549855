"""Telling other processes at once that something has changed: PostgreSQL's NOTIFY, sent when a transaction commits.

A signal says only that it is worth while to look; whoever misses one looks a second later anyway. SQLite has none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from aggregator.store.address import Address

log = structlog.get_logger(__name__)

CHANNEL = "aggregator"
AGAIN = 1.0, 15.0
"""Seconds until a listener that lost the server comes back: the first time, and at most."""
SILENCE = 10.0
"""Seconds after which a listener asks whether its connection still lives."""


def tell(connection: Connection) -> None:
    """Has those who listen look, as soon as this transaction is durable. Several in one transaction are one."""
    if connection.dialect.name == "postgresql":
        connection.execute(_tell)


_tell = text(f"NOTIFY {CHANNEL}")


async def listen(address: Address, heard: Callable[[], None]) -> None:
    """Calls `heard` at each signal, until it is cancelled; comes back by itself where the server goes away.

    Returns at once for a database that has no signals.
    """
    if address.file is not None:
        return
    import psycopg  # here, because most installations keep a file and never need it

    url = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    pause, most = AGAIN
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await _listen(url, heard)
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.debug("signals of other nodes are not heard; looked for every second", error=str(error))
        pause = AGAIN[0] if asyncio.get_running_loop().time() - began > most else min(pause * 2, most)
        await asyncio.sleep(pause)


async def _listen(url: str, heard: Callable[[], None]) -> None:
    from psycopg import AsyncConnection

    connection = await AsyncConnection.connect(
        url, autocommit=True, connect_timeout=10, application_name="aggregator signals"
    )
    try:
        await connection.execute(f"LISTEN {CHANNEL}".encode())
        heard()  # what happened before is not signalled
        while True:
            async for _ in connection.notifies(timeout=SILENCE):
                heard()
            async with asyncio.timeout(SILENCE):
                await connection.execute("SELECT 1")
    finally:
        async with asyncio.timeout(1):
            await connection.close()
