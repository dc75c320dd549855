"""How many requests run at once: in all, and per host."""

from __future__ import annotations

import asyncio
from collections import deque


class _Line:
    """Those inside and those who wait, first come, first served."""

    __slots__ = ("inside", "waiting")

    def __init__(self) -> None:
        self.inside = 0
        self.waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    async def enter(self, limit: int) -> None:
        """Wait until fewer than `limit` are inside and nobody waits longer."""
        if self.inside < limit and not self.waiting:
            self.inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (turn, limit)
        self.waiting.append(place)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                if place in self.waiting:  # else it was passed over already, on behalf of another that left
                    self.waiting.remove(place)
                self._admit()  # the next may have a higher limit than the one that left
            else:
                self.leave()  # the turn had come: it is given on
            raise

    def leave(self) -> None:
        self.inside -= 1
        if self.waiting:
            self._admit()

    def _admit(self) -> None:
        while self.waiting and self.inside < self.waiting[0][1]:
            turn, _ = self.waiting.popleft()
            if not turn.done():
                self.inside += 1
                turn.set_result(None)

    @property
    def empty(self) -> bool:
        return self.inside == 0 and not self.waiting


class Gate:
    """A door for each host, then one for all.

    The host's comes first: with the common one first, the feeds of one slow host would hold every place while they
    wait for one another. Nobody waits for a host while holding a place, so there is no deadlock either.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._all = _Line()
        self._hosts: dict[str, _Line] = {}

    def through(self, host: str, per_host: int) -> _Passage:
        """Hold one of `per_host` places of the host and one of all: `async with` it."""
        line = self._hosts.get(host)
        if line is None:
            line = self._hosts[host] = _Line()
        return _Passage(self, host, line, per_host)

    def entered_at_once(self, line: _Line, per_host: int) -> bool:
        """Goes through both doors where both stand open: most requests of a round, without a coroutine for each."""
        everyone = self._all
        if line.inside >= per_host or line.waiting or everyone.inside >= self._limit or everyone.waiting:
            return False
        line.inside += 1
        everyone.inside += 1
        return True

    async def enter(self, host: str, line: _Line, per_host: int) -> None:
        """Wait for both doors."""
        try:
            await line.enter(per_host)
            try:
                await self._all.enter(self._limit)
            except BaseException:
                line.leave()
                raise
        except BaseException:
            self._tidy(host, line)
            raise

    def leave(self, host: str, line: _Line) -> None:
        """Give both places back."""
        self._all.leave()
        line.leave()
        self._tidy(host, line)

    def _tidy(self, host: str, line: _Line) -> None:
        if line.empty:
            self._hosts.pop(host, None)


class _Passage:
    """One way through the gate. A class, because a generator's own cost shows in a round in which nothing is new."""

    __slots__ = ("_gate", "_host", "_line", "_per_host")

    def __init__(self, gate: Gate, host: str, line: _Line, per_host: int) -> None:
        self._gate = gate
        self._host = host
        self._line = line
        self._per_host = per_host

    def entered_at_once(self) -> bool:
        """Goes through where nobody has to wait: who polls thousands asks this first, and spares the coroutines."""
        return self._gate.entered_at_once(self._line, self._per_host)

    async def enter(self) -> None:
        """Wait for both doors."""
        await self._gate.enter(self._host, self._line, self._per_host)

    def leave(self) -> None:
        """Once for each time that was entered."""
        self._gate.leave(self._host, self._line)

    async def __aenter__(self) -> None:
        if not self.entered_at_once():
            await self.enter()

    async def __aexit__(self, *_: object) -> None:
        self.leave()
