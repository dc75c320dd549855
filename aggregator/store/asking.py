"""What polls ask of the entries that they have read: those that ask at about the same time share a transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass

from aggregator.errors import StoreError
from aggregator.model.poll import KnownEntry
from aggregator.store import entries
from aggregator.store.session import Session
from aggregator.store.trouble import UnavailableError

KEYS_MAX = 1_000
"""Entries of one transaction; a poll that asks of more is alone in it."""
SLICE = 0.02
"""Seconds to wait for others, and then only while some are to come. Two readers bring some five polls in it."""


@dataclass(slots=True)
class _Waiting:
    asked: entries.Asked
    answer: asyncio.Future[dict[str, KnownEntry]]


class GroupReader:
    """The queue of polls that ask, and the task that answers them while there are any.

    To hand one over to a thread and back and to begin and end a transaction costs ten times what SQLite needs for it.
    """

    def __init__(self, session: Session, expected: Callable[[], int]) -> None:
        """
        Args:
            session: where to read.
            expected: how many sources this process polls now, those that wait here among them.
        """
        self._session = session
        self._expected = expected
        self._queue: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def known(self, source: str, ids: Sequence[str], dated: Sequence[str]) -> dict[str, KnownEntry]:
        """As `Store.known`."""
        if self._closed:
            raise StoreError("the store is closed")
        if not ids:
            return {}
        waiting = _Waiting(entries.asked(source, ids, dated), asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        if self._task is None or self._task.done():
            # In a context of its own: how long the first one waits for the database is nobody else's business.
            self._task = asyncio.create_task(self._run(), context=Context())
        return await waiting.answer

    async def close(self) -> None:
        """Answers those who wait, and ends."""
        self._closed = True
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._queue:
            await asyncio.sleep(0)
            if self._expected() > len(self._queue) and not self._closed:
                await asyncio.sleep(SLICE)
            if batch := self._take():
                await self._read(batch)

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        keys = 0
        while self._queue and (not batch or keys + len(self._queue[0].asked.keys) <= KEYS_MAX):
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
                keys += len(waiting.asked.keys)
        return batch

    async def _read(self, batch: list[_Waiting]) -> None:
        try:
            found = await self._session.read(entries.known, [waiting.asked for waiting in batch])
        except UnavailableError as error:
            for waiting in batch:
                _fail(waiting, error)
        except Exception as error:  # handed to the one who asks for what cannot be read: the task must live for others
            if len(batch) > 1:
                for waiting in batch:
                    await self._read([waiting])
                return
            _fail(batch[0], error)
        else:
            for waiting, known in zip(batch, found, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(known)


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
