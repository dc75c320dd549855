"""The process that reads documents: one that has imported all that this needs, and forks a reader whenever it is told.

So a reader that was killed is replaced at once, and the readers share the memory of what they have imported. Told over
the socket that is its standard input; `intake/nursery.py` is the other side. It ends when that is closed.
"""

from __future__ import annotations

import gc
import math
import os
import resource
import signal
import socket
import struct
from typing import TYPE_CHECKING, BinaryIO

from aggregator.intake import frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest

    Parse = Callable[[ParseRequest], ParsedFeed | ParseFailed]

ORDER = struct.Struct("!cQ")
"""What it is told: `BEAR` and the bytes of memory a reader may have, or `END` and the number of a reader's process."""
REPLY = struct.Struct("!q")
"""The number of the reader's process, or the exit code of the one that was ended (negative: of which signal)."""
BEAR, END = b"B", b"E"
PATIENCE = 3
"""How many times its limit a reader may take by the clock, where others keep it from the processor."""
LARGE = 500_000
"""Bytes of a document after which a reader tidies up before the next one: its memory is bounded."""
NICENESS = 10
"""Where cores are short, who serves and schedules comes before who reads: a hostile feed must not slow an answer."""
ORPHAN_SECONDS = 5
"""How long after the limit a reader ends itself, in case nobody is left to do it."""


def main() -> None:
    """Bear readers and end them as told, until nobody is there to tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes its sockets
    from aggregator.intake.parse import parse  # before the readers, which share it

    # feedparser makes and drops many small values, and at Python's own thresholds they have all that is alive searched
    # for cycles again and again. What a large document leaves behind is looked for at once instead.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    with socket.socket(fileno=os.dup(0)) as line:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        while True:
            order, sockets, _, _ = socket.recv_fds(line, ORDER.size, 1, socket.MSG_WAITALL)
            if len(order) < ORDER.size:
                return
            kind, number = ORDER.unpack(order)
            if kind == BEAR:
                line.sendall(REPLY.pack(_bear(line, sockets[0], number, parse)))
            else:
                line.sendall(REPLY.pack(_end(number)))


def _end(process: int) -> int:
    # Its number is nobody else's before it was waited for.
    os.kill(process, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _bear(line: socket.socket, own: int, memory: int, parse: Parse) -> int:
    process = os.fork()
    if process:
        os.close(own)
        return process
    code = 70
    try:
        line.close()
        _live(own, memory, parse)
        code = 0
    finally:
        os._exit(code)  # nothing of the process that it was forked from may be tidied up twice


def _live(own: int, memory: int, parse: Parse) -> None:
    """Reads what comes over the socket `own`, until that is closed."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    with os.fdopen(own, "rb") as requests, os.fdopen(os.dup(own), "wb") as answers:
        _send(answers, frames.READY)
        while (frame := _receive(requests)) is not None:
            request = frames.request_of(frame)
            _bound_processor(request.limits.time.total_seconds())
            # Ends this process even in the midst of C code, and even where the parent is gone.
            signal.alarm(math.ceil(PATIENCE * request.limits.time.total_seconds()) + ORPHAN_SECONDS)
            answer = parse(request)
            signal.alarm(0)
            _send(answers, *frames.answered(answer))
            if len(request.body) > LARGE:
                gc.collect()


def _bound_processor(seconds: float) -> None:
    """Processor time for the next document: the system ends this process where it takes more.

    The parent looks at the clock, and may be too busy to look; this holds without it. Ended by SIGXCPU.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    resource.setrlimit(
        resource.RLIMIT_CPU, (spent + math.ceil(seconds) + 1, resource.getrlimit(resource.RLIMIT_CPU)[1])
    )


def _send(answers: BinaryIO, *written: bytes) -> None:
    for frame in written:
        answers.write(frame)
    answers.flush()


def _receive(requests: BinaryIO) -> bytes | None:
    size = requests.read(frames.SIZE)
    return requests.read(int.from_bytes(size, "big")) if len(size) == frames.SIZE else None


if __name__ == "__main__":
    main()
