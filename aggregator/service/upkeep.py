"""Retention: what is old goes, a batch at a time, once a day or when a person says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.store import upkeep

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.service.world import World
    from aggregator.store import Store

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
POLICIES = timedelta(days=30)
"""How long the policies of a configuration are kept by which nothing was decided that went out."""
PAUSE = 0.05
"""Seconds between two batches: polls and builds come first."""
WORTH = 0.25
"""Part of a database that holds nothing, from which giving it back is worth its while."""
SMALL = 1_000_000_000
"""Bytes up to which that takes seconds, so that the clock may do it; of larger ones a person chooses the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What went, or would go."""

    entries: int
    revisions: int
    flags: int
    ended: int
    """Sessions, one-time links, locks and leases that had ended; applications that nobody confirmed; policies of
    configurations by which nothing was decided that went out."""
    size: int
    """Bytes that the database takes on disk."""
    free: int
    """Bytes of it that hold nothing; `db vacuum` gives them back."""


async def prune(store: Store, world: World, now: datetime, *, dry: bool = False) -> Pruned:
    """Deletes what is older than the configuration keeps; never what stands in an output or is proof.

    Args:
        dry: only counts.
    Raises:
        StoreError: the database cannot be used; batches that ended before are gone.
    """
    keep = world.configuration.settings.retention
    archived = [output.id for output in world.outputs.values() if output.archive]
    entries = revisions = flags = 0
    if keep.entries is not None:
        place: upkeep.Place | None = None
        while True:
            gone, place = await store.write(upkeep.prune_entries, now - keep.entries, now, archived, place, dry)
            entries += gone
            if place is None:
                break
            await asyncio.sleep(PAUSE)
    if keep.revisions is not None:
        number: int | None = 0
        while number is not None:
            gone, number = await store.write(upkeep.prune_revisions, now - keep.revisions, number, dry)
            revisions += gone
            await asyncio.sleep(PAUSE)
    if keep.flags is not None:
        more = True
        while more:
            gone, more = await store.write(upkeep.prune_flags, now - keep.flags, dry)
            flags += gone
            await asyncio.sleep(PAUSE)
    if not dry:
        await _recount(store)
    ended = await store.write(upkeep.prune_ended, now, dry)
    # Looked for beside the writer: it goes over all decisions.
    unused = await store.read(upkeep.unused_policies, now - POLICIES)
    if unused and not dry:
        await store.write(upkeep.drop_policies, unused)
    space = await store.read(upkeep.space)
    return Pruned(
        entries=entries, revisions=revisions, flags=flags, ended=ended + len(unused), size=space.size, free=space.free
    )


async def _recount(store: Store) -> None:
    wrong, source = await store.write(upkeep.recount, "")
    while source is not None:
        await asyncio.sleep(PAUSE)
        more, source = await store.write(upkeep.recount, source)
        wrong += more
    if wrong:
        log.info("numbers of entries are counted again", sources=wrong)


async def vacuum(store: Store) -> upkeep.Space:
    """Gives back the room of what is gone.

    Raises:
        StoreError: it is not to be had now.
    """
    await asyncio.to_thread(upkeep.vacuum, store.address)
    return await store.read(upkeep.space)


async def keep_up(store: Store, world: World, now: datetime) -> Pruned | None:
    """The daily upkeep, if it is due and no other process does it. None: it is not.

    Raises:
        StoreError: the database cannot be used; the next day goes on where this one ended.
    """
    if not await store.write(upkeep.claim_upkeep, now, EVERY):
        return None
    pruned = await prune(store, world, now)
    await store.write(upkeep.tidy)
    if pruned.free > WORTH * pruned.size and pruned.free > 1_000_000:
        if pruned.size <= SMALL:
            await vacuum(store)
        else:
            log.info("much of the database is free; 'aggregator db vacuum' gives it back", free=pruned.free)
    if pruned.entries or pruned.revisions or pruned.flags:
        log.info("old things are gone", entries=pruned.entries, revisions=pruned.revisions, flags=pruned.flags)
    return pruned
