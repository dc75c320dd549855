"""Documents that wait for a reader: nobody fetches another while there are too many, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aggregator.model.fetched import Fetched, Validators
from aggregator.polling import backlog
from aggregator.polling.backlog import BYTES_MAX, DOCUMENT_MAX, Backlog
from aggregator.polling.fetch import Fetcher
from aggregator.polling.resolver import Resolver
from tests.polling.origin import NOW, Server, a_source, answer, settings

SIZE = 100_000


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def filled(size: int = SIZE) -> Backlog:
    """Full by documents of that size."""
    made = Backlog()
    while not made.full:
        made.add(size)
    return made


async def test_one_comes_in_for_one_that_goes_out() -> None:
    waits = filled()
    tasks = [asyncio.create_task(waits.room()) for _ in range(3)]
    await settle()
    waits.take(SIZE)
    await settle()
    assert [task.done() for task in tasks] == [True, False, False]  # first come, first served
    waits.add(SIZE)
    waits.add(SIZE)
    waits.take(SIZE)  # still full
    await settle()
    assert [task.done() for task in tasks] == [True, False, False]
    waits.take(SIZE)
    await settle()
    assert [task.done() for task in tasks] == [True, True, False]
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_nobody_is_forgotten_where_those_who_came_in_brought_nothing() -> None:
    """Most answers are 304: then nothing goes out again by which the next would be called."""
    waits = filled()
    tasks = [asyncio.create_task(waits.room()) for _ in range(200)]
    await settle()
    while waits.size:
        waits.take(SIZE)
    await settle()
    assert all(task.done() for task in tasks)


async def test_who_leaves_gives_his_turn_to_the_next() -> None:
    waits = filled()
    left, stayed = [asyncio.create_task(waits.room()) for _ in range(2)]
    await settle()
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    waits.take(SIZE)
    await settle()
    assert stayed.done()


async def test_a_large_document_alone_keeps_nobody_waiting() -> None:
    waits = Backlog()
    waits.add(100 * BYTES_MAX)
    assert not waits.full
    for _ in range(BYTES_MAX // DOCUMENT_MAX - 1):
        waits.add(100 * BYTES_MAX)
    assert waits.full
    for _ in range(BYTES_MAX // DOCUMENT_MAX):
        waits.take(100 * BYTES_MAX)
    assert waits.size == 0


async def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PATIENCE", 0.01)
    waits = filled()
    await waits.room()
    waits.take(SIZE)  # whose turn was over is no longer called


async def test_a_source_is_not_asked_while_too_much_waits(server: Server, tmp_path: Path) -> None:
    """And who waits holds no place: others than polls must get through."""
    server.paths["/"] = answer(b"<rss/>")
    resolver = Resolver(guarded=False)
    async with Fetcher(
        user_agent="test/1", polling=settings(concurrency=1), files_root=tmp_path, environ={}, resolver=resolver
    ) as fetcher:
        fetcher.backlog = filled()
        source = a_source(server.url("/"))
        polls = [asyncio.create_task(fetcher.fetch(source, Validators(), NOW)) for _ in range(2)]
        await settle()
        assert server.asked == []
        assert fetcher._gate.through("elsewhere", 1).entered_at_once()
        fetcher._gate.leave("elsewhere", fetcher._gate._hosts["elsewhere"])
        fetcher.backlog.take(SIZE)
        assert isinstance(await polls[0], Fetched)
        await settle()
        assert not polls[1].done()
        while fetcher.backlog.size:
            fetcher.backlog.take(SIZE)
        assert isinstance(await polls[1], Fetched)
        assert len(server.asked) == 2
