"""Where readers come from: one process of each of ours that may fork them, started when the first is wanted.

Everything here waits for that process and belongs in a thread. It is not bound to an event loop, so that a process has
one however many pools it opens.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import aggregator
from aggregator.intake.worker import BEAR, END, ORDER, REPLY

START_SECONDS = 60
"""How long a reader may take to be there. The imports before the first take 0.5 s on a quiet machine."""

# Of glibc's allocator, mallopt(3); others pass over it. A document and what is made of it are some 100 KB each. Left to
# itself it asks the system for such pieces and gives them back again and again: 100 page faults a document, a twentieth
# of what reading a known one costs. Larger ones still go back at once.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "1000000", "MALLOC_TRIM_THRESHOLD_": "2000000"}

# Readers read strangers' bytes: they are given no secret of ours to leak.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Reader:
    """A process that reads, and our end of its socket."""

    process: int
    socket: socket.socket
    mother: Mother

    def end(self) -> int:
        """Kills it, whatever it does; its exit code, which is an earlier one if it was dead already."""
        return self.mother.end(self.process)

    def let_go(self) -> None:
        """As `end`, where nobody is there to wait for it."""
        self.socket.close()
        threading.Thread(target=self.end, name="ends a reader", daemon=True).start()


class Mother:
    """The process that forks readers."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        self._line.settimeout(START_SECONDS)
        self._lock = threading.Lock()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "aggregator.intake.worker"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment(),
                )
            except OSError:
                self._line.close()
                raise

    def bear(self, memory: int) -> Reader:
        """A new reader that may have that many bytes of memory.

        Raises:
            OSError: there is none to be had; most likely this process has ended.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return Reader(self._told(BEAR, memory, theirs.fileno()), ours, self)
        except BaseException:
            ours.close()
            raise

    def end(self, process: int) -> int:
        try:
            return self._told(END, process)
        except OSError:
            # Without a mother it is the system's child, and nobody waits for it but the system.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            return -signal.SIGKILL

    def _told(self, kind: bytes, number: int, *sockets: int) -> int:
        with self._lock:
            socket.send_fds(self._line, [ORDER.pack(kind, number)], sockets)
            reply = self._line.recv(REPLY.size, socket.MSG_WAITALL)
        if len(reply) < REPLY.size:
            raise ConnectionError(f"the process that starts parsers has ended ({self._process.poll()})")
        return int(REPLY.unpack(reply)[0])

    def close(self) -> None:
        """Its readers end by themselves: their sockets are closed before or with ours."""
        self._line.close()
        self._process.kill()
        self._process.wait()


def bear(memory: int) -> Reader:
    """A reader from this process's mother, or from a new one if that has died.

    Args:
        memory: bytes of address space it may have.
    Raises:
        OSError: none could be started.
    """
    with _LOCK:
        mother = _mothers[0] if _mothers else _new()
        try:
            return mother.bear(memory)
        except OSError:
            _mothers.remove(mother)
            mother.close()
            return _new().bear(memory)


_LOCK = threading.Lock()
_mothers: list[Mother] = []
"""One at most."""


def _new() -> Mother:
    mother = Mother()
    _mothers.append(mother)
    return mother


def _forget() -> None:
    global _LOCK
    _LOCK = threading.Lock()  # whoever held the other is no thread of this process
    _mothers.clear()


@atexit.register
def _close() -> None:
    while _mothers:
        _mothers.pop().close()


os.register_at_fork(after_in_child=_forget)  # the mother is the other process's


def environment() -> dict[str, str]:
    """What a reader is told of ours: where programs and this package are, and the language."""
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return known | _ALLOCATOR | {"PYTHONPATH": str(Path(aggregator.__file__).resolve().parent.parent)}
