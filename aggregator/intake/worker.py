"""Reading in child processes that can be killed: a hostile feed costs its own reading, and nothing else.

A frame is four bytes of length (big-endian) and msgpack; an answer's first byte says which kind it is. A feed of many
entries comes in several frames, because each is read at once. No pickle. A
child is started when it is first needed, and again after it was killed, died, or has read `TASKS_MAX` documents.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import os
import resource
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec

import aggregator
from aggregator.model.parsed import ParsedEntry, ParsedFeed, ParseFailed, ParseLimits, ParseRequest

TASKS_MAX = 1_000
"""Documents after which a child is replaced, so that no leak of a library grows for good."""
LARGE = 500_000
"""Bytes of a document after which a child tidies up before the next one: its memory is bounded."""
START_SECONDS = 60
"""How long a child may take to be ready. Its imports take 0.5 s on a quiet machine."""
PATIENCE = 3
"""How many times its limit a child may take by the clock, where others keep it from the processor."""
SLICE = 0.05
NICENESS = 10
"""Where cores are short, who serves and schedules comes before who reads: a hostile feed must not slow an answer."""
PIECE = 1_000_000
"""Bytes that are handed to a child at once, and that one frame of its answer holds, about."""
ORPHAN_SECONDS = 5
"""How long after the limit a child ends itself, in case nobody is left to do it."""

PART = 100
"""Entries of one frame: to read them takes about 2 ms, in which nothing else is done."""

_FEED, _FAILED, _READY, _PART = b"F", b"X", b"R", b"P"
_ENCODER = msgspec.msgpack.Encoder()
_REQUEST = msgspec.msgpack.Decoder(ParseRequest)
_DECODERS: dict[bytes, msgspec.msgpack.Decoder[ParsedFeed] | msgspec.msgpack.Decoder[ParseFailed]] = {
    _FEED: msgspec.msgpack.Decoder(ParsedFeed),
    _FAILED: msgspec.msgpack.Decoder(ParseFailed),
}
_PARTS = msgspec.msgpack.Decoder(tuple[ParsedEntry, ...])
# A child reads strangers' bytes: it is given no secret of ours to leak.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


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
        self._process: asyncio.subprocess.Process | None = None
        self._tasks = 0

    async def ask(self, request: ParseRequest) -> ParsedFeed | ParseFailed:
        """Send a request, await the answer within the time limit."""
        if self._tasks >= TASKS_MAX:
            await self.kill()
        if self._process is None or self._process.returncode is not None:
            await self._start()
        self._tasks += 1
        async with asyncio.timeout(PATIENCE * self._limits.time.total_seconds()) as deadline:
            watch = _Watch(self._process, self._limits.time.total_seconds(), deadline)
            try:
                await self._write(_ENCODER.encode(request))
                entries: list[ParsedEntry] = []
                while (answer := await self._read())[:1] == _PART:
                    entries += _PARTS.decode(memoryview(answer)[1:])
                    await asyncio.sleep(0)
            finally:
                watch.end()
        read = _DECODERS[answer[:1]].decode(memoryview(answer)[1:])
        return replace(read, entries=(*entries, *read.entries)) if entries and isinstance(read, ParsedFeed) else read

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "aggregator.intake.worker",
            str(self._limits.memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
        )
        self._tasks = 0
        async with asyncio.timeout(START_SECONDS):
            await self._read()

    async def _write(self, frame: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018  opened as pipes above
        self._process.stdin.write(len(frame).to_bytes(4, "big"))
        for at in range(0, len(frame), PIECE):
            self._process.stdin.write(memoryview(frame)[at : at + PIECE])
            await self._process.stdin.drain()

    async def _read(self) -> bytes:
        assert self._process is not None and self._process.stdout is not None  # noqa: S101, PT018
        size = await self._process.stdout.readexactly(4)
        return await self._process.stdout.readexactly(int.from_bytes(size, "big"))

    async def obituary(self, error: BaseException) -> str:
        """Why the child died, in words; it is dead afterwards in any case."""
        process = self._process
        await self.kill()
        if process is None:
            return f"the parser could not be started: {error}"
        code = process.returncode or 0
        if -code == signal.SIGXCPU:
            return f"reading took more than {self._limits.time.total_seconds():g} s; the feed was left as it was"
        how = f"ended by signal {-code}" if code < 0 else f"exit status {code}"
        memory = self._limits.memory // 1_000_000
        return f"the parser died ({how}), most likely at its limit of {memory} MB; the feed was left as it was"

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it may end by itself in between
                process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()


class _Watch:
    """Ends the wait for a child when it has used its time. Its processor time counts: on a machine that has much else
    to do a feed must not be given up that has hardly been looked at."""

    def __init__(self, process: asyncio.subprocess.Process | None, seconds: float, deadline: asyncio.Timeout) -> None:
        self._process = process
        self._seconds = seconds
        self._deadline = deadline
        self._began_at = self._used()
        self._next = asyncio.get_running_loop().call_later(seconds, self._look)

    def _used(self) -> float | None:
        """Processor seconds of the child so far; None where the system does not tell."""
        try:
            # The clock id that clock_getcpuclockid(3) makes of a process id.
            return time.clock_gettime((~self._process.pid << 3) | 2) if self._process is not None else None
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


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(aggregator.__file__).resolve().parent.parent)
    return environment


# In the child


def main() -> None:
    """Read frames from standard input, answer on standard output, until there is no more input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes our input
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    from aggregator.intake.parse import parse

    # feedparser makes and drops many small values, and at Python's own thresholds they have all that is alive searched
    # for cycles again and again. What a large document leaves behind is looked for at once instead.
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    _send(answers, _READY, b"")
    while (frame := _receive(requests)) is not None:
        request = _REQUEST.decode(frame)
        _bound_processor(request.limits.time.total_seconds())
        # Ends this process even in the midst of C code, and even where the parent is gone.
        signal.alarm(math.ceil(PATIENCE * request.limits.time.total_seconds()) + ORPHAN_SECONDS)
        answer = parse(request)
        signal.alarm(0)
        if isinstance(answer, ParsedFeed):
            *parts, last = _parts(answer.entries)
            for part in parts:
                _send(answers, _PART, _ENCODER.encode(part))
            _send(answers, _FEED, _ENCODER.encode(replace(answer, entries=last) if parts else answer))
        else:
            _send(answers, _FAILED, _ENCODER.encode(answer))
        if len(request.body) > LARGE:
            gc.collect()


def _parts(entries: tuple[ParsedEntry, ...]) -> list[tuple[ParsedEntry, ...]]:
    """The entries in parts of at most `PART` and about `PIECE` bytes; one part at least."""
    parts: list[list[ParsedEntry]] = [[]]
    size = 0
    for entry in entries:
        if len(parts[-1]) >= PART or (size + len(entry.content) > PIECE and parts[-1]):
            parts.append([])
            size = 0
        parts[-1].append(entry)
        size += len(entry.content)
    return [tuple(part) for part in parts]


def _bound_processor(seconds: float) -> None:
    """Processor time for the next document: the system ends this process where it takes more.

    The parent looks at the clock, and may be too busy to look; this holds without it. Ended by SIGXCPU.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    resource.setrlimit(
        resource.RLIMIT_CPU, (spent + math.ceil(seconds) + 1, resource.getrlimit(resource.RLIMIT_CPU)[1])
    )


def _send(answers: BinaryIO, kind: bytes, payload: bytes) -> None:
    answers.write((len(payload) + 1).to_bytes(4, "big") + kind + payload)
    answers.flush()


def _receive(requests: BinaryIO) -> bytes | None:
    size = requests.read(4)
    return requests.read(int.from_bytes(size, "big")) if len(size) == 4 else None


if __name__ == "__main__":
    main()
