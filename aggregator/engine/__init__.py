"""Where polls run: in this process, or by workers over a queue in PostgreSQL. The use case is the same.

The sources' rows say what is due and who polls it; an engine only hands the work on. Whatever it loses heals when a
lease ends, whatever it does twice finds nothing due.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aggregator.service.world import World

LEASE_SLACK = timedelta(minutes=2)
"""What a lease lasts beyond the longest time-out: waiting for a slot, parsing, writing."""


class Engine(Protocol):
    """Takes due sources to where they are polled."""

    async def tick(self, world: World) -> int:
        """Has what is due polled; does not wait for it. Harmless if another process does the same.

        Returns:
            How many sources were taken.
        Raises:
            StoreError: the database did not answer; the next tick tries again.
        """

    async def stop(self, grace: timedelta) -> None:
        """Takes no more work, lets what runs end within the grace, gives the rest back.

        Raises:
            StoreError: leases could not be given back; they end by themselves.
        """


def lease(world: World) -> timedelta:
    """How long a lease lasts: longer than any poll."""
    return world.longest_timeout * 4 + LEASE_SLACK
