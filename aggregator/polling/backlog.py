"""Documents that were fetched and wait for a reader: while there are too many, nobody fetches another.

Fetching is ten times as fast as reading. Where many sources are due that have changed, the documents of all that were
claimed would stand in memory, however large they are; the network can hold them as well.
"""

from __future__ import annotations

import asyncio
from collections import deque

BYTES_MAX = 6_000_000
"""That may wait: some sixty documents of a newspaper, a second's work."""
DOCUMENT_MAX = 1_000_000
"""What one counts for at most: a single large document keeps nobody else waiting, six do."""
PATIENCE = 30.0
"""Seconds after which somebody fetches nevertheless: most have nothing new, and then need no reader."""


class Backlog:
    """How much waits, and who waits for it to become less."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes that wait now, a large document counted as `DOCUMENT_MAX`."""
        self._turns: deque[asyncio.Future[None]] = deque()

    @property
    def full(self) -> bool:
        return self.size >= BYTES_MAX

    def add(self, size: int) -> None:
        """A document of so many bytes waits from now on."""
        self.size += min(size, DOCUMENT_MAX)

    def take(self, size: int) -> None:
        """It has been read, or given up. For each that was added, once."""
        self.size -= min(size, DOCUMENT_MAX)
        # One in for one out, lest all that wait come at once; all of them where readers would soon have nothing to do.
        while self._turns and not self.full:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                if self.size > BYTES_MAX // 2:
                    return

    async def room(self) -> None:
        """Waits until less waits than may, at most `PATIENCE`."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            await asyncio.wait([turn], timeout=PATIENCE)
        finally:
            turn.cancel()  # where the time was over; one that has come is past cancelling
