"""kill -9 at any moment loses nothing that was acknowledged, and doubles nothing."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from aggregator.store import Store
from aggregator.store import entries as entry_rows
from tests.store.applier import SOURCES

ROOT = Path(__file__).parents[2]
ROUNDS = 3


async def killed_while_applying(url: str, plans: int) -> dict[str, int]:
    """Runs the program until it has acknowledged so many plans, and kills it at once; the last number told of each
    source."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.store.applier", url, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdout is not None
    told: dict[str, int] = {}
    for _ in range(plans):
        source, number = (await child.stdout.readline()).decode().split()
        told[source] = int(number)
    child.kill()
    rest = await child.stdout.read()
    await child.wait()
    for line in rest.decode().splitlines():
        if line.count(" ") == 1 and line.partition(" ")[2]:
            source, number = line.split()
            told[source] = max(told.get(source, 0), int(number))
    return told


async def test_kill_9_loses_and_doubles_nothing(database_url: str) -> None:
    """A validator without its entries would skip them for good; entries without it are merely fetched again."""
    chance = random.Random(20261120)
    for _ in range(ROUNDS):
        told = await killed_while_applying(database_url, chance.randrange(1, 150))
        store = await Store.open(database_url)
        states = await store.poll_states(SOURCES)
        for source in SOURCES:
            reached = int(states[source].validators.etag or 0) if source in states else 0
            assert told.get(source, 0) <= reached
            entries = await store.list_entries(source=source, limit=10_000)
            assert sorted(int(stored.entry.id) for stored in entries) == list(range(1, reached + 1))
            assert {stored.entry.id for stored in entries if stored.entry.revision == "a"} <= {str(reached)}
            if reached:
                assert len(states[source].items) == reached
            for stored in entries[:3]:
                revisions = [each.revision for each in await store.read(entry_rows.history, stored.key)]
                assert revisions == (["a"] if stored.entry.id == str(reached) else ["a", "b"])
        await store.close()
