"""Group commit: plans that end at about the same time share one transaction, and so one fsync."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass

from aggregator.errors import StoreError
from aggregator.store.apply import Prepared, apply
from aggregator.store.session import Session
from aggregator.store.trouble import UnavailableError

ROWS_MAX = 500
"""Rows of one transaction; a plan with more is alone in it. More rows gain nothing."""
ENOUGH = 200
"""Plans for which a transaction's own cost (about 1 ms of CPU) no longer counts."""
SLICE = 0.02
LINGER_MAX = 0.1
"""Seconds to wait for further plans, at most, and then only while some are to come: nobody waits for a plan but the
poll that made it, and its place at the gate is free by then."""


@dataclass(slots=True)
class Waiting:
    plan: Prepared
    done: asyncio.Future[bool]


class GroupWriter:
    """The queue of plans and the one task that empties it."""

    def __init__(self, session: Session, expected: Callable[[], int]) -> None:
        """
        Args:
            session: where to write.
            expected: how many sources this process polls now, whose plans have not come yet.
        """
        self._session = session
        self._expected = expected
        self._queue: deque[Waiting] = deque()
        self._rows = 0
        """Of all plans in the queue."""
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, plan: Prepared) -> bool:
        """Waits until the plan is durable.

        A caller that is cancelled while its plan waits takes it along; once its transaction has begun, it is written.

        Returns:
            False if its owner had lost the lease, so that nothing of it was written.
        Raises:
            StoreError: it was not written.
        """
        if self._closed:
            raise StoreError("the store is closed; nothing of this was stored")
        if self._task is None:
            # In a context of its own: how long the first one waits for the database is nobody else's business.
            self._task = asyncio.create_task(self._run(), context=Context())
        waiting = Waiting(plan, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._rows += plan.rows
        self._filled.set()
        return await waiting.done

    async def close(self) -> None:
        """Writes what waits, and ends."""
        self._closed = True
        self._filled.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not (self._closed and not self._queue):
            await self._filled.wait()
            await self._linger()
            batch = self._take()
            if batch:
                await self._write(batch)
            if not self._queue and not self._closed:
                self._filled.clear()

    async def _linger(self) -> None:
        """Lets the batch grow while others are on their way; one that comes alone does not wait."""
        await asyncio.sleep(0)
        waited = 0.0
        while self._has_room() and self._expected() and waited < LINGER_MAX and not self._closed:
            await asyncio.sleep(SLICE)
            waited += SLICE

    def _has_room(self) -> bool:
        return len(self._queue) < ENOUGH and self._rows < ROWS_MAX

    def _take(self) -> list[Waiting]:
        batch: list[Waiting] = []
        rows = 0
        while self._queue and (not batch or rows + self._queue[0].plan.rows <= ROWS_MAX):
            waiting = self._queue.popleft()
            self._rows -= waiting.plan.rows
            if not waiting.done.done():
                batch.append(waiting)
                rows += waiting.plan.rows
        return batch

    async def _write(self, batch: list[Waiting]) -> None:
        try:
            written = await self._session.write(apply, [waiting.plan for waiting in batch])
        except UnavailableError as error:
            for waiting in batch:
                _fail(waiting, error)
        except Exception as error:  # handed to the one caller whose plan it is: the task must live for the others
            if len(batch) > 1:
                for waiting in batch:
                    await self._write([waiting])
                return
            _fail(batch[0], _as_store_error(batch[0].plan, error))
        else:
            for waiting, held in zip(batch, written, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(held)


def _fail(waiting: Waiting, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)


def _as_store_error(plan: Prepared, error: Exception) -> StoreError:
    failure = StoreError(f"source '{plan.source}': what its poll brought cannot be stored: {error}")
    failure.__cause__ = error
    return failure
