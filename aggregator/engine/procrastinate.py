"""The engine of a fleet: a tick leases due hosts and makes a job for each, workers on any machine poll them.

procrastinate carries the jobs, in the PostgreSQL that holds everything else (https://procrastinate.readthedocs.io). It
is transport only: what is due, and for whom, stands in the sources' rows (`store.batches`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import procrastinate
import psycopg
import psycopg_pool
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.jobs import Job
from procrastinate.worker import Worker as JobWorker

from aggregator.engine import lease
from aggregator.engine.local import log_report
from aggregator.engine.queue import SCHEMA, configure, conninfo, fill, forget_stuck
from aggregator.errors import StoreError
from aggregator.service.metrics import METRICS
from aggregator.service.poll import poll_many
from aggregator.store import Batch, batches, sources
from aggregator.store.session import POSTGRESQL_LIVENESS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from aggregator.service.poll import Polling
    from aggregator.service.world import World
    from aggregator.store import Store

log = structlog.get_logger(__name__)

QUEUE = "polls"
TASK = "poll"
WAIT = timedelta(minutes=5)
"""How long a job may wait for a worker before its sources are leased anew."""
BACKLOG = 2_000
"""Jobs that wait, at most: more would only grow old."""
ROOM = 500
"""Jobs made by one tick, at most."""
HEARTBEAT = 5.0
"""Seconds between two signs of life of a worker."""
STALLED = 20.0
"""Seconds without one after which its jobs are another's."""
RECOVER = 5.0
"""Seconds between two looks for such jobs."""
TRIES = 5
"""Of one job; afterwards its leases end by themselves, and its sources are due again."""
AGAIN = 1.0, 30.0
"""Seconds until a worker that lost the database comes back: the first time, and at most."""
DROP = 0.3
"""Seconds that a worker gets to end which was told to."""
CLOSING = 1.0
"""Seconds that the queue's connections get to be closed."""
TROUBLE = (ProcrastinateException, psycopg.Error, psycopg_pool.PoolTimeout, OSError)


def make_app(url: str) -> procrastinate.App:
    """procrastinate over our database, in its own schema; not open yet.

    Args:
        url: `postgresql://…`, as configured.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=conninfo(url),
        kwargs={"connect_timeout": 10, "application_name": "aggregator jobs", **POSTGRESQL_LIVENESS},
        configure=configure,
        min_size=1,
        max_size=4,
        timeout=10.0,
    )
    return procrastinate.App(connector=connector)


@contextlib.asynccontextmanager
async def opened(app: procrastinate.App) -> AsyncIterator[None]:
    """The queue's connections.

    Raises:
        StoreError: there are none to be had.
    """
    try:
        await app.open_async()
    except TROUBLE as error:
        raise told(error) from error
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(CLOSING):
                await app.close_async()
        except TimeoutError:
            log.warning("connections of the queue not closed; the server says nothing")


class Dispatcher:
    """The scheduler's half: leases due hosts, and makes a job for each. Any number may run."""

    def __init__(self, app: procrastinate.App, store: Store, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._store = store
        self._clock = clock
        self._recovered_at = float("-inf")
        self._stopping = False

    async def tick(self, world: World) -> int:
        """Makes jobs of what is due.

        Returns:
            How many sources were handed on.
        Raises:
            StoreError: the database did not answer; what was leased meanwhile heals when its lease ends.
        """
        if self._stopping:
            return 0
        try:
            await self._recover(world)
            waiting = await fill(self._app)
        except TROUBLE as error:
            raise told(error) from error
        METRICS.queue.labels("todo").set(waiting)
        now = self._clock()
        room = min(ROOM, BACKLOG - waiting)
        if room <= 0 or not await self._store.read(sources.some_due, now):
            return 0
        leased = await self._store.write(batches.lease, now, now + WAIT, room)
        refused = await self._enqueue(leased)
        if refused:
            await self._store.write(batches.give_back, refused)
        return sum(len(batch.sources) for batch in leased) - sum(len(batch.sources) for batch in refused)

    async def _enqueue(self, leased: Sequence[Batch]) -> list[Batch]:
        """Makes a job for each batch.

        Returns:
            Those for whose host a job waits already: after a lease had ended while it did.
        """
        if not leased:
            return []
        made = self._app.job_manager.batch_defer_jobs_async
        try:
            await made([_job(batch) for batch in leased])
        except AlreadyEnqueued:  # one that is there refuses all
            refused = []
            for batch in leased:
                try:
                    await made([_job(batch)])
                except AlreadyEnqueued:
                    refused.append(batch)
                except TROUBLE as error:
                    raise told(error) from error
            return refused
        except TROUBLE as error:
            await self._give_back(leased)
            raise told(error) from error
        return []

    async def _give_back(self, leased: Sequence[Batch]) -> None:
        try:
            await self._store.write(batches.give_back, leased)
        except StoreError as error:
            log.warning("leases not given back; they end by themselves", error=str(error))

    async def _recover(self, world: World) -> None:
        """Gives the jobs of workers that gave no sign of life to others."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._recovered_at < RECOVER:
            return
        self._recovered_at = loop.time()
        manager = self._app.job_manager
        await manager.prune_stalled_workers(STALLED)
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED):
            if job.attempts >= TRIES:
                await manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)
            else:
                await manager.retry_job(job)
            log.warning("a worker has gone away; its job goes to another", host=job.task_kwargs.get("host"))
        await forget_stuck(self._app, 2 * lease(world))
        await self._store.write(batches.forget, self._clock())

    async def stop(self, grace: timedelta) -> None:
        """Makes no more jobs; those that wait go to workers all the same."""
        self._stopping = True


def _job(batch: Batch) -> Job:
    arguments: dict[str, Any] = {"host": batch.host, "sources": list(batch.sources)}
    return Job(queue=QUEUE, task_name=TASK, task_kwargs=arguments, lock=None, queueing_lock=batch.host)


class Worker:
    """The worker's half: polls the sources of one host a job, as many jobs at once as there are places."""

    def __init__(
        self,
        app: procrastinate.App,
        tools: Polling,
        clock: Callable[[], datetime],
        world: Callable[[], World],
        places: int,
    ) -> None:
        """
        Args:
            world: the configuration in force, asked at the start of each job.
            places: jobs at once.
        """
        self._app = app
        self._tools = tools
        self._clock = clock
        self._world = world
        self._places = places
        self._task: asyncio.Task[None] | None = None
        self._grace = 5.0
        self._worker: JobWorker | None = None
        self._is_cut_off = False
        self._stopping = asyncio.Event()
        app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_Retry())(self._poll)

    def start(self) -> None:
        """Begins to take jobs. Needs a running loop."""
        self._task = asyncio.create_task(self._run(), name="worker")

    async def stop(self, grace: timedelta) -> None:
        """Takes no more jobs, lets those that run end within the grace, and gives the rest back."""
        self._stopping.set()
        self._grace = max(0.5, grace.total_seconds() - 1)
        self._take_no_more()
        late: set[asyncio.Task[None]] = {self._task} if self._task is not None else set()
        # Cancelled once, psycopg asks the server to stop what it does, and waits; the second time it gives up.
        for seconds in (grace.total_seconds(), DROP, DROP):
            if late:
                _, late = await asyncio.wait(late, timeout=seconds)
            for task in late:
                task.cancel()

    async def _run(self) -> None:
        """A worker of procrastinate's ends where the database goes away for a moment, or the network: it is started
        anew."""
        first, most = AGAIN
        pause = first
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await self._work()
            except TROUBLE as error:
                log.warning("no jobs are taken; tried again soon", error=str(told(error)))
            if self._stopping.is_set():
                return
            pause = first if asyncio.get_running_loop().time() - began > most else min(pause * 2, most)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _work(self) -> None:
        self._is_cut_off = False
        # Not by `run_worker_async`, which gives no handle by which to stop it.
        self._worker = JobWorker(
            self._app,
            queues=[QUEUE],
            concurrency=self._places,
            fetch_job_polling_interval=2.0,
            shutdown_graceful_timeout=self._grace,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )
        await self._worker.run()  # type: ignore[no-untyped-call]  # likewise

    def _take_no_more(self) -> None:
        if self._worker is not None:
            self._worker.shutdown_graceful_timeout = self._grace
            self._worker.stop()  # type: ignore[no-untyped-call]  # procrastinate says no types here

    def _lay_down(self) -> None:
        """Takes no jobs for a while: a worker that reaches nobody is done soonest, and would take all of them."""
        if not self._is_cut_off:
            self._is_cut_off = True
            log.warning("no host can be reached from here; jobs are left to other workers, and one is tried again soon")
            self._take_no_more()

    async def _poll(self, context: procrastinate.JobContext, host: str, sources: list[str]) -> None:
        """One job. What it does not get done is due again as soon as it has ended."""
        job, attempt = context.job.id or 0, context.job.attempts
        batch = Batch(host=host, sources=tuple(sources))
        store, world = self._tools.store, self._world()
        now = self._clock()
        taken = await store.take_batch(batch, job, attempt, now, lease(world))
        if taken is None:
            return
        self._tools.holds.load(taken.holds, now)
        run = batches.run_of(job, attempt)
        unknown = [state.source for state in taken.states if state.source not in world.sources]
        due = [(world.sources[state.source], state) for state in taken.states if state.source in world.sources]
        try:
            tools = replace(self._tools, owner=run, cut_off=self._lay_down)
            await poll_many(due, world, tools, self._clock, on_report=log_report)
        finally:
            # Also where this job is dropped; the transaction goes on undisturbed. A source that this node's
            # configuration does not know yet keeps its lease: given back, it would come again at once.
            await store.finish_batch(batch, run, unknown)


class _Retry(procrastinate.BaseRetryStrategy):
    """A job that the database did not let begin comes back, later each time; another mistake is not repeated."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if not isinstance(exception, StoreError) or job.attempts >= TRIES:
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": 2 ** (job.attempts + 1)})


class Fleet:
    """Both halves, or one of them, as an engine."""

    def __init__(self, dispatcher: Dispatcher | None, worker: Worker | None) -> None:
        self._dispatcher = dispatcher
        self._worker = worker

    async def tick(self, world: World) -> int:
        """As `Dispatcher.tick`; without one there is nothing to do."""
        return 0 if self._dispatcher is None else await self._dispatcher.tick(world)

    async def stop(self, grace: timedelta) -> None:
        """Ends both."""
        if self._dispatcher is not None:
            await self._dispatcher.stop(grace)
        if self._worker is not None:
            await self._worker.stop(grace)


def told(error: BaseException) -> StoreError:
    """Trouble of the queue as trouble of the database, in one line."""
    cause = error.__cause__ or error
    line = next((text.strip() for text in str(cause).splitlines() if text.strip()), type(cause).__name__)
    return StoreError(f"queue '{SCHEMA}': {line}; check that the server runs, tried again soon")


class _ToOurLog(logging.Handler):
    """What procrastinate and its pool warn of, in our log: one line, no traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes it."""
        text = record.getMessage().splitlines()
        log.warning("queue", told=text[0] if text else "", logger=record.name)


def quiet_logs() -> None:
    """Takes the standard logging of procrastinate and psycopg's pool into ours; what is ordinary is not told."""
    for name in ("procrastinate", "psycopg.pool", "psycopg"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.handlers = [_ToOurLog()]
