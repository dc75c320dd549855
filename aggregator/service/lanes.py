"""What is sent at once: so many requests in all, and few to one receiver, so that a slow one keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aggregator.model.hub import Outgoing

ROOM = 32
"""Requests under way at once."""
WAITING_MAX = 32
"""That wait for their turn at one receiver; whatever is more goes back to the outbox. One after the other, none of them
slow, they are all sent long before their claim ends (`notify.LEASE`)."""
SLOW = timedelta(seconds=5)
"""A receiver that takes longer lets the others go first: what waits for it goes back for as long as it took."""


@dataclass(slots=True)
class _Lane:
    width: int
    running: int = 0
    waiting: deque[Outgoing] = field(default_factory=deque)


class Lanes:
    """A lane for each receiver, and room for so many requests over all lanes.

    What waits in a lane takes no room: with one queue for all, the messages for a receiver that hangs would fill it,
    and a withdrawal would not reach the others before those had all timed out.
    """

    def __init__(
        self,
        send: Callable[[Outgoing], Awaitable[None]],
        put_back: Callable[[Sequence[Outgoing], timedelta], Awaitable[None]],
        *,
        slow: timedelta = SLOW,
    ) -> None:
        """
        Args:
            send: one request, to its end; raises nothing.
            put_back: gives what was not sent back to the outbox, for so long.
            slow: what takes longer lets the others go first.
        """
        self._send = send
        self._put_back = put_back
        self._slow = slow
        self._lanes: dict[str, _Lane] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def free(self) -> int:
        """Requests that may be claimed: there is a place for each in one lane or another."""
        return 0 if self._stopping else ROOM - len(self._running)

    async def add(self, one: Outgoing, receiver: str, width: int) -> None:
        """Sends a request when it is its turn.

        Args:
            receiver: whose lane it takes.
            width: requests under way at once in that lane; 1 keeps them in their order.
        """
        lane = self._lanes.setdefault(receiver, _Lane(width))
        if len(lane.waiting) >= WAITING_MAX:
            return await self._put_back([one], SLOW)
        lane.waiting.append(one)
        self._go_on()
        return None

    def _go_on(self) -> None:
        for receiver, lane in list(self._lanes.items()):
            while lane.waiting and lane.running < lane.width and self.free > 0:
                lane.running += 1
                one = lane.waiting.popleft()
                task = asyncio.create_task(self._sent(one, receiver, lane), name=f"send {one.kind}")
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def _sent(self, one: Outgoing, receiver: str, lane: _Lane) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            await self._send(one)
        finally:
            lane.running -= 1
        took = timedelta(seconds=clock() - begun)
        if took > self._slow and lane.waiting:
            back = list(lane.waiting)
            lane.waiting.clear()
            await self._put_back(back, took)
        if not lane.running and not lane.waiting:
            self._lanes.pop(receiver, None)
        elif self._lanes.get(receiver) is lane:  # who went first goes last
            self._lanes[receiver] = self._lanes.pop(receiver)
        asyncio.get_running_loop().call_soon(self._go_on)

    async def settle(self) -> None:
        """Waits until all that was added has ended."""
        while self._running:
            await asyncio.wait(self._running)
            await asyncio.sleep(0)  # what waited starts

    async def stop(self, grace: timedelta) -> None:
        """Starts nothing more, lets requests end within the grace, then drops them."""
        self._stopping = True
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
