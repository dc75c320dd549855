"""What runs when, in this process (APScheduler, its memory job store: a database one would unpickle rows, P25)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.errors import AggregatorError

Work = Callable[[], Awaitable[object]]

_STOP_SECONDS = 10
_LOOK_SECONDS = 30
_JUMP_SECONDS = 5
_TOLD_SECONDS = 600
"""A job that fails again and again in the same way is told that often: a full disk must not fill another with logs."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Failure:
    """Of a job, since it last ended well."""

    what: str
    times: int
    told_at: float = float("-inf")
    """On the clock that only counts."""


class Alarm:
    """Wakes coroutines, each under a name. A name holds one job; a job never runs twice at once.

    A job that raises is told in the log (the same again after ten minutes only) and runs again at its next time. Rings
    that were missed (the process slept, the job before took too long) become one. After a jump of the wall clock,
    intervals start anew (R17).
    """

    def __init__(self, on_jump: Work | None = None, on_end: Callable[[str, bool], None] | None = None) -> None:
        """
        Args:
            on_jump: is awaited when the wall clock has jumped, before intervals start anew.
            on_end: is told the name of each job that has ended, and whether it ended well.
        """
        self._on_jump = on_jump
        self._on_end = on_end
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._seconds: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[object]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False
        self._failures: dict[str, _Failure] = {}

    def every(self, name: str, seconds: float, work: Work) -> None:
        """Run at the start and then every so many seconds."""
        self._seconds[name] = seconds
        self._scheduler.add_job(
            self._runner(name, work),
            "interval",
            seconds=seconds,
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
            replace_existing=True,
        )

    def at(self, name: str, instant: datetime, work: Work) -> None:
        """Run once at the instant; at once if it has passed. The same name again moves it."""
        self._seconds.pop(name, None)
        self._scheduler.add_job(
            self._runner(name, work), "date", run_date=instant, id=name, name=name, replace_existing=True
        )

    def ring(self, name: str) -> None:
        """Run a repeated job now, unless it runs already; then its interval starts anew."""
        if name in self._seconds and not self._stopping and name not in self._running:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def cancel(self, name: str) -> None:
        """Forget a job, if there is one. One that runs now ends by itself."""
        self._seconds.pop(name, None)
        try:
            self._scheduler.remove_job(name)
        except JobLookupError:
            return  # it has rung already

    def start(self) -> None:
        """Begin. Needs a running loop."""
        self._scheduler.start()
        self._watch = asyncio.get_running_loop().create_task(self._watch_clock(), name="alarm clock watch")

    async def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """Start nothing more; give what runs so many seconds to end, then cancel it and wait until it has."""
        self._stopping = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
            self._watch = None
        if self._scheduler.running:
            self._scheduler.pause()
        if running := [task for task in self._running.values() if task is not asyncio.current_task()]:
            _, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                _log.warning("stopped jobs that did not end", jobs=sorted(task.get_name() for task in late))
                await asyncio.wait(late)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # APScheduler only puts its shutdown into the loop's queue

    def _runner(self, name: str, work: Work) -> Work:
        async def run() -> None:
            task = asyncio.current_task()
            if task is None:
                raise RuntimeError("a job runs outside of a task")
            if self._stopping:
                return  # it had been handed to the loop when the stop came
            task.set_name(name)
            self._running[name] = task
            well = False
            try:
                await work()
                well = True
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
                # By `stop`, which tells it: APScheduler would log it as a failure, with a traceback.
            except Exception as error:
                self._failed(name, error)
            else:
                if failure := self._failures.pop(name, None):
                    _log.info("job works again", job=name, failed=failure.times)
            finally:
                self._running.pop(name, None)
                if self._on_end is not None:
                    self._on_end(name, well)

        return run

    def _failed(self, name: str, error: Exception) -> None:
        """Tells it, unless the same has been told lately."""
        what = f"{type(error).__name__}: {error}"
        known = self._failures.get(name)
        if known is None or known.what != what:
            known = self._failures[name] = _Failure(what, 0 if known is None else known.times)
        known.times += 1
        if time.monotonic() < known.told_at + _TOLD_SECONDS:
            return
        known.told_at = time.monotonic()
        again = {"times": known.times} if known.times > 1 else {}
        if isinstance(error, AggregatorError):  # foreseen, such as a locked database: its one line says all
            _log.error("job failed", job=name, error=str(error), **again)
        else:
            _log.error("job failed", job=name, exc_info=error, **again)

    async def _watch_clock(self) -> None:
        """Notice when the wall clock jumps: set back by a day, it would make every job a day late."""
        offset = time.time() - time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            new = time.time() - time.monotonic()
            if abs(new - offset) > _JUMP_SECONDS:
                _log.warning("the clock has jumped", seconds=round(new - offset))
                await self._jumped()
            offset = new

    async def _jumped(self) -> None:
        try:
            if self._on_jump is not None:
                await self._on_jump()
        except Exception:
            _log.exception("what a jump of the clock left behind was not put right")
        self.reset()

    def reset(self) -> None:
        """Start all intervals anew from now, and look again at what is due."""
        now = datetime.now(UTC)
        for name, seconds in self._seconds.items():
            self._scheduler.modify_job(name, next_run_time=now + timedelta(seconds=seconds))
        self._scheduler.wakeup()
