"""Deadlines, held against `asyncio.timeout_at`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from aggregator.polling.deadline import Deadlines

Way = Callable[[float], AbstractAsyncContextManager[Any]]


@pytest.fixture(params=["ours", "asyncio"])
def until(request: pytest.FixtureRequest) -> Way:
    deadlines = Deadlines()

    @asynccontextmanager
    async def ours(ends: float) -> Any:
        with deadlines.at(ends):
            yield

    return ours if request.param == "ours" else asyncio.timeout_at


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_what_takes_too_long_ends(until: Way) -> None:
    with pytest.raises(TimeoutError):
        async with until(now()):
            await asyncio.Event().wait()
    assert (await asyncio.sleep(0, "goes on")) == "goes on"


async def test_what_ends_in_time_is_left_alone(until: Way) -> None:
    async with until(now() - 1):
        pass
    for _ in range(3):  # the time has come, and nobody is there any more
        await asyncio.sleep(0)


async def test_a_failure_inside_stays_what_it_is(until: Way) -> None:
    with pytest.raises(KeyError):
        async with until(now() + 9):
            raise KeyError


async def test_who_is_cancelled_from_outside_is_cancelled(until: Way) -> None:
    async def work() -> None:
        async with until(now() + 9):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_is_cancelled_at_the_end_of_the_time_is_cancelled(until: Way) -> None:
    """Both at once: the service that stops must not be taken for a slow server."""

    async def work() -> None:
        async with until(now()):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                task.cancel()
                raise

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_inner_end_is_told_from_the_outer(until: Way) -> None:
    async with until(now() + 9):
        with pytest.raises(TimeoutError):
            async with until(now()):
                await asyncio.Event().wait()
        await asyncio.sleep(0)


async def test_each_of_many_ends_for_itself(until: Way) -> None:
    async def work(waits: bool) -> str:
        try:
            async with until(now()):
                if waits:
                    await asyncio.Event().wait()
                return "done"
        except TimeoutError:
            return "late"

    ended = await asyncio.gather(*(work(number % 2 == 1) for number in range(10)))
    assert ended == ["done", "late"] * 5


async def test_no_time_is_cut_short_and_little_given_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, asked = asyncio.get_running_loop(), list[float]()
    monkeypatch.setattr(loop, "call_at", lambda instant, _: asked.append(instant))
    for ends in (1_000.0, 1_000.01, 1_000.124, 1_000.125, 1_000.99):
        asked.clear()
        deadlines = Deadlines()
        for _ in range(3):
            deadlines.at(ends)
        (instant,) = asked
        assert ends < instant <= ends + 0.125
