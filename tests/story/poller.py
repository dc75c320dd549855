"""A program to be killed: polls every source, again and again, and builds, with the parts of the real service."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import structlog

from aggregator.service.poll import poll_many
from aggregator.wiring import open_house, utc_now
from aggregator.wiring.outside import open_polling

LEASE = timedelta(seconds=2)
"""Short, so that the next process need not wait long for what a killed one held."""


async def main(folder: Path, rounds: int | None) -> None:
    """Polls for ever, or until every source was polled so many times."""
    async with open_house(folder) as house, open_polling(house) as tools:
        await house.sync()
        sources = house.world.sources
        polled = dict.fromkeys(sources, 0)
        while rounds is None or min(polled.values()) < rounds:
            states = await house.store.claim_named(list(sources), utc_now(), lease=LEASE, owner=tools.owner)
            due = [(sources[id_], state) for id_, state in states.items()]
            for report in await poll_many(due, house.world, tools, utc_now):
                polled[report.source] += report.outcome != "failed"
            await house.build_stale()
            if not states:
                await asyncio.sleep(0.05)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None))
