"""What runs when: each job alone, no job lost, an end in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from aggregator.errors import StoreError
from aggregator.polling import alarm as alarm_module
from aggregator.polling.alarm import Alarm


@pytest.fixture
async def alarm() -> AsyncIterator[Alarm]:
    made = Alarm()
    made.start()
    yield made
    await made.stop(0.1)


async def test_an_interval_runs_at_once_and_again(alarm: Alarm) -> None:
    runs: list[int] = []
    thrice = asyncio.Event()

    async def work() -> None:
        runs.append(1)
        if len(runs) == 3:
            thrice.set()

    alarm.every("poll", 0.02, work)
    await asyncio.wait_for(thrice.wait(), 10)


async def test_jobs_may_be_given_before_the_start() -> None:
    alarm, ran = Alarm(), asyncio.Event()

    async def work() -> None:
        ran.set()

    alarm.every("poll", 60, work)
    alarm.start()
    await asyncio.wait_for(ran.wait(), 10)
    await alarm.stop()


@pytest.mark.parametrize("offset", [timedelta(days=-400), timedelta(milliseconds=30)])
async def test_an_instant_rings_once_even_if_it_has_passed(alarm: Alarm, offset: timedelta) -> None:
    runs: list[int] = []
    ran = asyncio.Event()

    async def work() -> None:
        runs.append(1)
        ran.set()

    alarm.at("wake", datetime.now(UTC) + offset, work)
    await asyncio.wait_for(ran.wait(), 10)
    await asyncio.sleep(0.05)
    assert runs == [1]


async def test_the_same_name_again_moves_the_ring(alarm: Alarm) -> None:
    rung: list[str] = []
    done = asyncio.Event()

    async def first() -> None:
        rung.append("first")

    async def second() -> None:
        rung.append("second")
        done.set()

    alarm.at("wake", datetime.now(UTC) + timedelta(hours=1), first)
    alarm.at("wake", datetime.now(UTC), second)
    await asyncio.wait_for(done.wait(), 10)
    assert rung == ["second"]


async def test_a_cancelled_job_does_not_ring(alarm: Alarm) -> None:
    rung: list[int] = []

    async def work() -> None:
        rung.append(1)

    alarm.at("wake", datetime.now(UTC) + timedelta(milliseconds=20), work)
    alarm.cancel("wake")
    alarm.cancel("wake")
    await asyncio.sleep(0.05)
    assert rung == []


async def test_a_job_that_raises_is_told_and_runs_again(alarm: Alarm) -> None:
    runs: list[int] = []
    twice = asyncio.Event()

    async def work() -> None:
        runs.append(1)
        if len(runs) == 2:
            twice.set()
        raise LookupError("no such thing")

    with capture_logs() as logs:
        alarm.every("poll", 0.02, work)
        await asyncio.wait_for(twice.wait(), 10)
        await asyncio.sleep(0)
    [told] = logs
    assert (told["event"], told["job"], told["log_level"]) == ("job failed", "poll", "error")
    assert isinstance(told["exc_info"], LookupError)


async def test_trouble_that_was_foreseen_is_told_in_one_line(alarm: Alarm) -> None:
    told = asyncio.Event()

    async def work() -> None:
        told.set()
        raise StoreError("the database is locked")

    with capture_logs() as logs:
        alarm.every("poll", 60, work)
        await asyncio.wait_for(told.wait(), 10)
        await asyncio.sleep(0)
    assert logs == [
        {"event": "job failed", "job": "poll", "log_level": "error", "error": "the database is locked"},
    ]


async def test_the_same_trouble_is_told_once_and_then_that_it_is_over(alarm: Alarm) -> None:
    """A disk that is full for a night does not fill the log."""
    troubles = ["the disk is full", "the disk is full", "the disk is full", "locked", "locked", "", ""]
    over = asyncio.Event()

    async def work() -> None:
        if len(troubles) == 1:
            over.set()
            return
        if trouble := troubles.pop(0):
            raise StoreError(trouble)

    with capture_logs() as logs:
        alarm.every("poll", 0.02, work)
        await asyncio.wait_for(over.wait(), 10)
        await asyncio.sleep(0)
    assert logs == [
        {"event": "job failed", "job": "poll", "log_level": "error", "error": "the disk is full"},
        {"event": "job failed", "job": "poll", "log_level": "error", "error": "locked", "times": 4},
        {"event": "job works again", "job": "poll", "log_level": "info", "failed": 5},
    ]


async def test_a_job_never_runs_twice_at_once(alarm: Alarm) -> None:
    inside = most = runs = 0
    done = asyncio.Event()

    async def work() -> None:
        nonlocal inside, most, runs
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.05)
        inside -= 1
        runs += 1
        if runs == 2:
            done.set()

    alarm.every("poll", 0.01, work)
    await asyncio.wait_for(done.wait(), 10)
    assert most == 1


async def test_a_stop_lets_what_runs_end() -> None:
    alarm, began, ended = Alarm(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.sleep(0.05)
        ended.set()

    alarm.start()
    alarm.every("poll", 60, work)
    await began.wait()
    await alarm.stop(10)
    assert ended.is_set()


async def test_a_stop_cancels_what_does_not_end(caplog: pytest.LogCaptureFixture) -> None:
    alarm, began, cleaned = Alarm(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    alarm.start()
    alarm.every("poll", 60, work)
    await began.wait()
    with capture_logs() as logs:
        await alarm.stop(0.05)
    assert cleaned.is_set()
    assert [log["jobs"] for log in logs if "jobs" in log] == [["poll"]]
    assert not [record for record in caplog.records if record.name.startswith("apscheduler")], "it is told once"


async def test_nothing_starts_after_a_stop() -> None:
    alarm, runs = Alarm(), []

    async def work() -> None:
        runs.append(1)

    alarm.start()
    alarm.every("poll", 0.01, work)
    await asyncio.sleep(0.03)
    await alarm.stop()
    seen = len(runs)
    await asyncio.sleep(0.05)
    assert len(runs) == seen


async def test_a_stop_without_a_start_is_fine() -> None:
    await Alarm().stop()


async def test_a_clock_that_was_set_back_silences_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next ring is a day ahead by the new clock; the watch sees the jump and starts the interval anew (R17)."""
    monkeypatch.setattr(alarm_module, "_LOOK_SECONDS", 0.01)
    clock = [0.0]
    real = alarm_module.time.time
    monkeypatch.setattr(alarm_module.time, "time", lambda: real() + clock[0])
    alarm, ran = Alarm(), asyncio.Event()

    async def work() -> None:
        ran.set()

    alarm.start()
    alarm.every("poll", 0.02, work)
    await asyncio.wait_for(ran.wait(), 10)
    with capture_logs() as logs:
        alarm._scheduler.modify_job("poll", next_run_time=datetime.now(UTC) + timedelta(days=1))
        ran.clear()
        clock[0] = -86_400.0
        await asyncio.wait_for(ran.wait(), 10)
    await alarm.stop()
    assert [log["seconds"] for log in logs] == [-86_400]


async def test_what_a_jump_leaves_behind_is_put_right_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward as well as back; work that fails then is told, and the intervals start anew all the same (R17)."""
    monkeypatch.setattr(alarm_module, "_LOOK_SECONDS", 0.01)
    clock = [0.0]
    real = alarm_module.time.time
    monkeypatch.setattr(alarm_module.time, "time", lambda: real() + clock[0])
    jumps, ran = 0, asyncio.Event()
    noticed = asyncio.Event()

    async def on_jump() -> None:
        nonlocal jumps
        jumps += 1
        noticed.set()
        if jumps == 2:
            raise RuntimeError("no database")

    async def work() -> None:
        ran.set()

    alarm = Alarm(on_jump=on_jump)
    alarm.start()
    alarm.every("poll", 0.02, work)
    await asyncio.wait_for(ran.wait(), 10)
    with capture_logs() as logs:
        for offset in (-3_600.0, 86_400.0):
            alarm._scheduler.modify_job("poll", next_run_time=datetime.now(UTC) + timedelta(days=30))
            noticed.clear()
            clock[0] += offset
            await asyncio.wait_for(noticed.wait(), 10)
            ran.clear()
            await asyncio.wait_for(ran.wait(), 10)
        before = jumps
        await asyncio.sleep(0.05)
    await alarm.stop()
    assert (before, jumps) == (2, 2), "a clock that goes on as it does is no jump"
    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "what a jump of the clock left behind was not put right"
    ]
