"""Connections and transactions: who may write, what is tried again, and who waits how long.

Every use of the database is a plain function that takes a synchronous `Connection`; `Session` runs it in one
transaction: for PostgreSQL on asyncio's driver, for SQLite in a thread. So a module per aggregate reads from top to
bottom, and retry, rollback and cancellation stand here once; trouble is put into words in `store/trouble.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event

from aggregator.errors import StoreError
from aggregator.store.trouble import SILENCE, UnavailableError, bars_writers_only, is_transient, is_trouble, told

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from aggregator.store.address import Address

P = ParamSpec("P")
T = TypeVar("T")

Work = Callable[Concatenate[Connection, P], T]
"""What is done in one transaction."""

BACKOFF = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Seconds to wait before each further try of a transaction that failed for a passing reason."""
GIVE_UP = 10.0
"""Seconds after which there is no further try: SQLite waits 10 s for its lock by itself, and a program that is asked to
end must not take minutes."""
LIFE = 10.0
"""Seconds that a server which is asked whether it lives gets to answer."""
CLOSING = 0.5
"""Seconds that transactions which still run get when the store of a process that is to end is closed."""
AGAIN = 0.1
"""Seconds between the first and the second time that what runs is told to end."""
READERS = 4
"""Connections that only read SQLite: more would only share the same two or four cores."""
POSTGRESQL_CONNECTIONS = 8

SQLITE_PRAGMAS = (
    "busy_timeout = 10000",
    "journal_mode = WAL",
    # FULL, because a commit is shared by a batch of polls: then it is free, and a power cut takes nothing.
    "synchronous = FULL",
    "foreign_keys = ON",
    # For each of five connections. What is not in it stands in the system's cache of files, which all of them share, at
    # some microseconds a page.
    "cache_size = -2048",
    # Pages (16 MB) after which the log is written into the database, four times the usual: each entry changes a page
    # here and there in the indexes, and a page is then written once for more of its changes.
    "wal_autocheckpoint = 4000",
)
POSTGRESQL_SETTINGS = (
    "statement_timeout = '60s'",
    "lock_timeout = '20s'",
    # A process that hangs between two statements must not hold leases' rows for good.
    "idle_in_transaction_session_timeout = '30s'",
)
POSTGRESQL_LIVENESS = {
    # A network that was cut says nothing: without these a connection would wait for its answer for hours.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within it nobody waits longer than this for any one transaction: a page must answer, whatever the database does.

    What was not waited for may take effect all the same.
    """
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


class Session:
    """The engines of one database, and every transaction on them."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._problems: dict[bool, str] = {}
        """Why the last use failed, by whether it bars writers only. A database that is full, or held by another
        process, goes on being read: that it answers readers does not make it well."""
        if address.file is not None:
            self._writer: _Way = _InThreads(_sqlite_engine(address, "BEGIN IMMEDIATE", 1), 1)
            self._reader: _Way = _InThreads(_sqlite_engine(address, "BEGIN", READERS, "query_only = ON"), READERS)
        else:
            engine = _postgresql_engine(address)
            self._writer = _OnTheLoop(engine, address)
            # By default each statement of a transaction sees a moment of its own (READ COMMITTED): to begin and to end
            # one around statements that only read gives nothing, and costs two more ways to the server and back.
            self._reader = _OnTheLoop(engine.execution_options(isolation_level="AUTOCOMMIT"), address)
        self._running: set[asyncio.Task[Any]] = set()
        self._end: float | None = None
        """When nobody waits any more, by the loop's clock; None: as long as it takes."""

    @property
    def problem(self) -> str | None:
        """Why the last use failed; None while the database answers and takes what it is given."""
        return self._problems.get(True) or self._problems.get(False)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does `work` in one durable transaction: all of it or nothing. A passing trouble is waited for.

        A caller that is cancelled leaves; the transaction ends undisturbed.

        Raises:
            StoreError: the database cannot be used, or refuses what it is given.
        """
        return await self._undisturbed(self._tried(True, work, *args, **kwargs))

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does `work`, which only reads, on one connection; with SQLite as of one moment.

        Raises:
            StoreError: the database cannot be used.
        """
        return await self._undisturbed(self._tried(False, work, *args, **kwargs))

    def hasten(self, seconds: float) -> None:
        """Has nobody wait for the database any longer than this from now on, however many uses follow: for a process
        that is asked to end. What runs then is dropped."""
        loop = asyncio.get_running_loop()
        self._end = loop.time() + seconds
        loop.call_later(seconds, self._drop)
        loop.call_later(seconds + AGAIN, self._drop)

    def _drop(self) -> None:
        """psycopg asks the server to stop a statement whose caller is cancelled, and waits for that, too: the second
        time it gives the connection up."""
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """Ends what runs, then the connections. What a server that hangs does not let end is dropped."""
        for _ in range(3):
            if self._running:
                await asyncio.wait(self._running, timeout=None if self._end is None else CLOSING)
            if self._running:
                self._drop()
        await self._writer.close()
        if self._reader is not self._writer:
            await self._reader.close()

    async def _undisturbed(self, doing: Coroutine[Any, Any, T]) -> T:
        """A cancelled caller must not stop a driver between two statements: the connection would be lost, and with
        SQLite the one that writes."""
        task = asyncio.create_task(doing)
        self._running.add(task)
        task.add_done_callback(self._ended)
        seconds = self._seconds()
        try:
            if seconds is None:
                return await asyncio.shield(task)
            if (await asyncio.wait([task], timeout=seconds))[0]:
                return task.result()
        except asyncio.CancelledError:
            asking = asyncio.current_task()
            if not task.cancelled() or asking is None or asking.cancelling():
                raise  # it is the caller that is cancelled
        raise UnavailableError(
            f"database '{self.address.name}': no answer in time; check that it is well, then look what was done"
        )

    def _seconds(self) -> float | None:
        """How long the caller waits."""
        most = _patience.get()
        if self._end is None:
            return most
        left = max(0.0, self._end - asyncio.get_running_loop().time())
        return left if most is None else min(left, most)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as seen where the caller has left; `problem` keeps it

    async def _tried(self, writes: bool, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        until = loop.time() + GIVE_UP
        for pause in (*(BACKOFF if writes else BACKOFF[:2]), None):
            try:
                result = await self._once(writes, work, *args, **kwargs)
            except Exception as error:
                if not is_trouble(error):
                    raise
                passing = is_transient(error)
                failure = told(self.address, error)
                if passing:
                    self._problems[writes and bars_writers_only(error)] = str(failure)
                if not passing or pause is None or loop.time() > min(until, self._end or until):
                    raise failure from error
                await asyncio.sleep(pause)
            else:
                self._problems.pop(False, None)
                if writes:
                    self._problems.pop(True, None)
                return result
        raise AssertionError("the last try returns or raises")

    async def _once(self, writes: bool, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await (self._writer if writes else self._reader).do(work, *args, **kwargs)


class _Way(Protocol):
    """How transactions get to a database."""

    async def do(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Does the work; where it may write, in one transaction, which is committed if it returns and rolled back if it
        raises."""

    async def close(self) -> None:
        """Ends the connections. May be called twice."""


class _OnTheLoop:
    """An asyncio driver: it waits for each statement on the event loop."""

    def __init__(self, engine: AsyncEngine, address: Address) -> None:
        self._engine = engine
        self._address = address
        self._asking: set[asyncio.Task[None]] = set()

    async def do(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with asyncio.timeout(None) as limit:
            watch = _Watch(limit, self._lives, self._asking)
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work, *args, **kwargs)
            finally:
                watch.end()

    async def _lives(self) -> bool:
        """Whether the server says anything, to somebody new: all connections of the pool may be at long work."""
        import psycopg  # only here: whoever uses SQLite does not load it

        url = self._address.url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            async with asyncio.timeout(LIFE):
                connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
                try:
                    await connection.execute("SELECT 1")
                finally:
                    await connection.close()
        except (psycopg.Error, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        await self._engine.dispose()


class _Watch:
    """Ends a transaction whose server is dead, however long one that lives takes."""

    def __init__(
        self, limit: asyncio.Timeout, lives: Callable[[], Awaitable[bool]], asking: set[asyncio.Task[None]]
    ) -> None:
        """
        Args:
            limit: of the transaction, without an end so far.
            asking: keeps what runs apart from it.
        """
        self._limit = limit
        self._lives = lives
        self._asking = asking
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_later(SILENCE, self._doubt)

    def end(self) -> None:
        """The transaction has ended."""
        self._ended = True
        self._next.cancel()

    def _doubt(self) -> None:
        task = self._loop.create_task(self._ask(), name="is the server alive")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self) -> None:
        lives = await self._lives()
        if self._ended:
            return
        if lives:
            self._next = self._loop.call_later(SILENCE, self._doubt)
        else:
            self._limit.reschedule(self._loop.time())


class _InThreads:
    """A driver that blocks, so each transaction is done in a thread, from its begin to its commit.

    SQLite's asyncio driver hands every single call to a thread and back, at 0.1 ms of CPU each; a build of one output
    makes a hundred of them. Here one transaction is one hand-over, and the threads that write are one, so transactions
    queue in the order in which they come.
    """

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sqlite")
        self._closed = False

    async def do(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closed:
            raise StoreError("the store is closed; nothing of this was stored")
        whole = partial(self._whole, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, whole)

    def _whole(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._engine.begin() as connection:
            return work(connection, *args, **kwargs)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            # In its thread: ending the last connection writes the log into the database, which may take long.
            await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.dispose)
            self._threads.shutdown()


def _sqlite_engine(address: Address, begin: str, connections: int, *pragmas: str) -> Engine:
    engine = create_engine(
        address.url,
        pool_size=connections,
        max_overflow=0,
        pool_use_lifo=True,  # the connection whose caches are warm
        connect_args={"isolation_level": None, "timeout": 10, "check_same_thread": False},
    )
    set_up_sqlite(engine, begin, pragmas)
    return engine


def set_up_sqlite(engine: Any, begin: str, pragmas: tuple[str, ...] = ()) -> None:
    """Gives each connection its pragmas, and each transaction its kind of start: a transaction that first reads and
    then writes is refused at once where another has written in between, whatever the time-out; IMMEDIATE waits."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in (*SQLITE_PRAGMAS, *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql_engine(address: Address) -> AsyncEngine:
    # Only here: SQLite is asked in threads, and SQLAlchemy's ORM, which this loads, takes 7 MB.
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(
        address.url,
        pool_size=POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        pool_recycle=3600,
        # Positional parameters: rows of a bulk statement are then plain tuples on both databases.
        paramstyle="format",
        connect_args={"connect_timeout": 10, "application_name": "aggregator", **POSTGRESQL_LIVENESS},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:
        # Not as start-up options: connection poolers refuse those.
        cursor = connection.cursor()
        for setting in POSTGRESQL_SETTINGS:
            cursor.execute(f"SET {setting}")
        cursor.close()
        connection.commit()

    return engine
