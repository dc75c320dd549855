"""The search over entries, and that it follows what is stored: at once where somebody asks, else within seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from aggregator.store import UnavailableError, search

if TYPE_CHECKING:
    from aggregator.store import Store

log = structlog.get_logger(__name__)

BEFORE_SEARCH = 2_000
"""Entries that one search makes findable before it reads: about a second. What is more than that waits for its turn."""
PAUSE = 0.05
"""Seconds between two batches: polls and builds come first."""


async def search_entries(
    store: Store, query: str, source: str | None = None, order: str = search.BEST, limit: int = 50, after: str = ""
) -> search.Found:
    """What `store.search.search` finds, with what was stored a moment ago.

    Raises:
        UsageError: the question asks for nothing, or for too much.
        StoreError: the database cannot be used.
    """
    search.terms_of(query, source)  # a question that is refused changes nothing
    try:
        await catch_up(store, BEFORE_SEARCH, pause=0)
    except UnavailableError as error:
        # A database that is full, or held by another process, answers readers all the same.
        log.warning("the newest entries are not findable yet", error=str(error))
    return await store.read(search.search, query, source, order, limit, after)


async def catch_up(store: Store, most: int | None = None, *, pause: float = PAUSE) -> int:
    """Makes findable what polls have stored, a batch at a time.

    Args:
        most: so many entries and no more; None: until none is left.
        pause: seconds between two batches.
    Returns:
        How many.
    Raises:
        StoreError: the database cannot be used; batches that ended before are findable.
    """
    done = 0
    while (most is None or done < most) and await store.read(search.is_pending):
        batch = search.BATCH if most is None else min(search.BATCH, most - done)
        made = await store.write(search.catch_up, batch)
        if not made:
            break  # polls that run now hold the rest
        done += made
        await asyncio.sleep(pause)
    return done
