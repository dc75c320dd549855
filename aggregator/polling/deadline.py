"""Ends what takes too long, as `asyncio.timeout_at` does, for a sixth of its cost.

A timer of its own for each request is made and dropped unused nearly every time, at 12 µs of the 150 that a poll costs
which brings nothing. Here all that end in the same eighth of a second share one.
"""

from __future__ import annotations

import asyncio
from functools import partial
from types import TracebackType

_A_SECOND = 8
"""Instants at which something can end."""


class Deadlines:
    """What runs against time, on one event loop."""

    def __init__(self) -> None:
        self._running: dict[int, set[_Deadline]] = {}
        """By the instant at which they end, in eighths of a second of the loop's clock."""

    def at(self, ends: float) -> _Deadline:
        """`with` it: what runs inside is cancelled when it ends, and `TimeoutError` raised.

        Args:
            ends: by the loop's clock; up to an eighth of a second is given beyond it.
        """
        instant = int(ends * _A_SECOND) + 1
        together = self._running.get(instant)
        if together is None:
            together = self._running[instant] = set()
            loop = asyncio.get_running_loop()
            loop.call_at(instant / _A_SECOND, partial(self._end, instant))
        return _Deadline(together)

    def _end(self, instant: int) -> None:
        for late in self._running.pop(instant):
            late.end()


class _Deadline:
    __slots__ = ("_cancelling", "_has_ended", "_task", "_together")

    def __init__(self, together: set[_Deadline]) -> None:
        self._together = together
        self._has_ended = False
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0

    def end(self) -> None:
        if self._task is not None:
            self._has_ended = True
            self._task.cancel()

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task runs against time")
        self._task, self._cancelling = task, task.cancelling()
        self._together.add(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._together.discard(self)
        # Somebody else may have cancelled the task, too: that must not be taken for the end of the time.
        if (
            self._has_ended
            and self._task is not None
            and self._task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise TimeoutError from error
