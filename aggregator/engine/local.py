"""The engine of the default install: due sources are polled in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from aggregator.engine import lease
from aggregator.errors import StoreError
from aggregator.service.poll import poll_many
from aggregator.store import holds as host_holds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from aggregator.model.poll import PollReport, PollState
    from aggregator.service.poll import Polling
    from aggregator.service.world import World

log = structlog.get_logger(__name__)

BATCH = 200
"""Sources claimed at a time: enough to keep the fetcher busy, few enough that a lease never ends before its work."""

BATCHES = 2
"""At work at a time: while the slow ones of one batch are waited for, the next keeps the fetcher busy."""


class LocalEngine:
    """Claims due sources and polls them, never more than two batches at a time."""

    def __init__(self, tools: Polling, clock: Callable[[], datetime]) -> None:
        self._tools = tools
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._world: World | None = None
        """The newest: a batch that follows another must not be polled by an older configuration."""

    async def tick(self, world: World) -> int:
        """Starts polling what is due; does not wait for it. Where more is due, it goes on by itself.

        Returns:
            How many sources were claimed.
        """
        self._world = world
        if self._stopping or len(self._running) >= BATCHES:
            return 0
        states = await self._claim(world)
        if states:
            task = asyncio.create_task(self._work(states, world), name="poll")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(states)

    async def _claim(self, world: World) -> list[PollState]:
        now, store = self._clock(), self._tools.store
        claimed = await store.claim_due(now, lease=lease(world), owner=self._tools.owner, limit=BATCH)
        if claimed:
            try:
                self._tools.holds.load(await store.read(host_holds.read, now), now)
            except StoreError as error:  # what was heard in this process still holds
                log.warning("hosts that want to be left alone could not be read", error=str(error))
        return claimed

    async def _work(self, states: list[PollState], world: World) -> None:
        """Polls a batch, and further ones as long as each was full: a batch a second would be too few where many
        sources are due at once."""
        while states and not self._stopping:
            due = [(world.sources[state.source], state) for state in states if state.source in world.sources]
            await poll_many(due, world, self._tools, self._clock, on_report=log_report)
            if len(states) < BATCH or self._stopping:
                return
            world = self._world or world
            try:
                states = await self._claim(world)
            except StoreError as error:
                log.warning("no further sources claimed; the next tick tries again", error=str(error))
                return

    async def stop(self, grace: timedelta) -> None:
        """Takes no more work, lets running polls end within the grace, then drops them: their leases are given back."""
        self._stopping = True
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._tools.store.release_leases(self._tools.owner)


def log_report(report: PollReport) -> None:
    """One line a poll: quiet where nothing changed."""
    if report.outcome == "unchanged" and not report.warnings:
        log.debug("poll brought nothing new", source=report.source)
        return
    facts = {
        "source": report.source,
        "new": report.new,
        "revised": report.revised,
        "deleted": report.deleted,
        "next": report.next_poll_at.isoformat(timespec="seconds") if report.next_poll_at else None,
    }
    if report.outcome == "failed":
        log.warning("poll failed", detail=report.detail, **facts)
    elif report.outcome == "changed":
        log.info("poll brought changes", **facts)
    else:
        log.debug("poll brought nothing new", **facts)
    for warning in report.warnings:
        log.info("feed is odd", source=report.source, detail=warning)
