"""What systemd is told of this process: ready, reloading, stopping, alive (sd_notify(3)).

One datagram each to the socket that `Type=notify` services find in their environment; where there is none, nothing is
told. Sending never waits and never fails the caller.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Systemd:
    """The service manager, if there is one.

    Args:
        environ: where NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked for.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        # An abstract socket is written with '@' for its leading NUL.
        self._path = f"\0{path[1:]}" if path.startswith("@") else path
        self._watched = environ.get("WATCHDOG_USEC", "")
        self._watched_pid = environ.get("WATCHDOG_PID", "")

    @property
    def watchdog_seconds(self) -> float | None:
        """How often it wants a sign of life, at the most seldom; None: it does not. Give one in half the time."""
        if not self._path or not self._watched.isdigit() or self._watched_pid not in ("", str(os.getpid())):
            return None
        return int(self._watched) / 1_000_000 or None

    def ready(self, status: str) -> None:
        """All is up; also the end of a reload."""
        self._tell("READY=1", f"STATUS={_line(status)}")

    def reloading(self) -> None:
        """The configuration is being read anew; `ready` must follow (Type=notify-reload)."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def status(self, status: str) -> None:
        """A line for `systemctl status`."""
        self._tell(f"STATUS={_line(status)}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """The sign of life."""
        self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self._path:
            return
        # A datagram to the manager of this process, not a request that leaves the machine.
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        # A manager that is busy or gone is its own affair: the service goes on.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, kind) as out:  # noqa: TID251  see above
            out.sendto("\n".join(lines).encode(), self._path)


def _line(text: str) -> str:
    return " ".join(text.split())
