"""Reading in child processes that can be killed: a hostile feed costs its own reading, and nothing else.

A child is started when it is first needed, and again after it was killed, died, or has read `TASKS_MAX` documents.
`intake/worker.py` is the child, and how frames look.
"""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass, replace

from aggregator.intake import frames, nursery
from aggregator.intake.worker import PATIENCE
from aggregator.model.parsed import ParsedEntry, ParsedFeed, ParseFailed, ParseLimits, ParseRequest

TASKS_MAX = 1_000
"""Documents after which a child is replaced, so that no leak of a library grows for good."""
SLICE = 0.05
"""Seconds between two looks at a child that is near its limit."""


class ParserPool:
    """Up to `size` children that read documents, each within the limits.

    `async with` it; outside of that, no child is left.
    """

    def __init__(self, size: int, limits: ParseLimits | None = None) -> None:
        self._limits = limits or ParseLimits()
        self._children = [_Child(self._limits) for _ in range(max(1, size))]
        self._idle: asyncio.LifoQueue[_Child] = asyncio.LifoQueue()
        for child in self._children:
            self._idle.put_nowait(child)

    async def __aenter__(self) -> ParserPool:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Kill all children, busy or not, and wait for their end."""
        await asyncio.gather(*(child.kill() for child in self._children))

    async def parse(self, request: ParseRequest) -> ParsedFeed | ParseFailed:
        """Read one document. The pool's limits hold, whatever the request says.

        Never raises but `CancelledError`; a child that is cancelled, too slow or dead is replaced at the next request.
        """
        request = replace(request, limits=self._limits)
        child = await self._idle.get()
        try:
            return await child.ask(request)
        except asyncio.CancelledError:
            await child.kill()
            raise
        except TimeoutError:
            await child.kill()
            seconds = self._limits.time.total_seconds()
            return _killed(request, f"reading took more than {seconds:g} s; the feed was left as it was")
        except (OSError, EOFError) as error:
            return _killed(request, await child.obituary(error))
        finally:
            self._idle.put_nowait(child)


def _killed(request: ParseRequest, detail: str) -> ParseFailed:
    return ParseFailed(source=request.source, detail=detail, killed=True)


class _Child:
    """One child process, started when it is asked."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._at_work: _AtWork | None = None
        self._tasks = 0

    @property
    def process(self) -> int | None:
        """Its number; None: there is none now."""
        return self._at_work.reader.process if self._at_work is not None else None

    async def ask(self, request: ParseRequest) -> ParsedFeed | ParseFailed:
        """Send a request, await the answer within the time limit."""
        if self._tasks >= TASKS_MAX or (self._at_work is not None and self._at_work.answers.at_eof()):
            await self.kill()
        at_work = self._at_work or await self._start()
        self._tasks += 1
        seconds = self._limits.time.total_seconds()
        async with asyncio.timeout(PATIENCE * seconds) as deadline:
            watch = _Watch(at_work.reader.process, seconds, deadline)
            try:
                await at_work.write(frames.asked(request))
                entries: list[ParsedEntry] = []
                while (part := frames.part_of(answer := await at_work.read())) is not None:
                    entries += part
                    await asyncio.sleep(0)
            finally:
                watch.end()
        read = frames.answer_of(answer)
        return replace(read, entries=(*entries, *read.entries)) if entries and isinstance(read, ParsedFeed) else read

    async def _start(self) -> _AtWork:
        born = asyncio.ensure_future(asyncio.to_thread(nursery.bear, self._limits.memory))
        try:
            reader = await asyncio.shield(born)
        except asyncio.CancelledError:
            born.add_done_callback(_let_go)
            raise
        self._at_work = at_work = await _AtWork.with_(reader)
        self._tasks = 0
        async with asyncio.timeout(nursery.START_SECONDS):
            await at_work.read()
        return at_work

    async def obituary(self, error: BaseException) -> str:
        """Why the child died, in words; it is dead afterwards in any case."""
        code = await self.kill()
        if code is None:
            return f"the parser could not be started: {error}"
        if -code == signal.SIGXCPU:
            return f"reading took more than {self._limits.time.total_seconds():g} s; the feed was left as it was"
        how = f"ended by signal {-code}" if code < 0 else f"exit status {code}"
        memory = self._limits.memory // 1_000_000
        return f"the parser died ({how}), most likely at its limit of {memory} MB; the feed was left as it was"

    async def kill(self) -> int | None:
        """Its exit code; None: there was none."""
        at_work, self._at_work = self._at_work, None
        return None if at_work is None else await at_work.end()


@dataclass(frozen=True, slots=True)
class _AtWork:
    """A child, and both directions of its socket."""

    reader: nursery.Reader
    answers: asyncio.StreamReader
    requests: asyncio.StreamWriter

    @classmethod
    async def with_(cls, reader: nursery.Reader) -> _AtWork:
        reader.socket.setblocking(False)
        try:
            return cls(reader, *await asyncio.open_unix_connection(sock=reader.socket, limit=frames.PIECE))
        except BaseException:
            reader.let_go()
            raise

    async def write(self, frame: bytes) -> None:
        for at in range(0, len(frame), frames.PIECE):
            self.requests.write(memoryview(frame)[at : at + frames.PIECE])
            await self.requests.drain()

    async def read(self) -> bytes:
        size = await self.answers.readexactly(frames.SIZE)
        return await self.answers.readexactly(int.from_bytes(size, "big"))

    async def end(self) -> int:
        # Killed first: one that finds its socket closed may end in its own way, and nobody knows then of what it died.
        code = await asyncio.to_thread(self.reader.end)
        self.requests.transport.abort()
        return code


def _let_go(born: asyncio.Future[nursery.Reader]) -> None:
    if not born.cancelled() and born.exception() is None:
        born.result().let_go()


class _Watch:
    """Ends the wait for a child when it has used its time. Its processor time counts: on a machine that has much else
    to do a feed must not be given up that has hardly been looked at."""

    def __init__(self, process: int, seconds: float, deadline: asyncio.Timeout) -> None:
        self._process = process
        self._seconds = seconds
        self._deadline = deadline
        self._began_at = self._used()
        self._next = asyncio.get_running_loop().call_later(seconds, self._look)

    def _used(self) -> float | None:
        """Processor seconds of the child so far; None where the system does not tell."""
        try:
            # The clock id that clock_getcpuclockid(3) makes of a process id.
            return time.clock_gettime((~self._process << 3) | 2)
        except OSError:
            return None

    def _look(self) -> None:
        used, loop = self._used(), asyncio.get_running_loop()
        left = 0.0 if used is None or self._began_at is None else self._seconds - (used - self._began_at)
        if left <= 0:
            self._deadline.reschedule(loop.time())
        else:
            self._next = loop.call_later(max(left, SLICE), self._look)

    def end(self) -> None:
        self._next.cancel()
