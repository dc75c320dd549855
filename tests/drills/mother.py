"""Nodes of a fleet, started at once: imports are made once, and each node is a fork of that.

Told a node as a line of JSON (`folder`, `roles`, `name`, `is_cut_off`, `environ`) it starts it and prints its process
number; the end of each is a line with that number and its exit code. Times are short: what a fleet gets over in minutes
a drill sees in seconds. A file `name` in the folder tells that a node is at work, and where it answers; its log is in
`name`.log.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import select
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator import engine
from aggregator.engine import procrastinate as fleet
from aggregator.errors import AggregatorError
from aggregator.model.role import ALL_ROLES, Role
from aggregator.polling import alarm
from aggregator.service import nodes
from aggregator.web import app
from aggregator.wiring import outside, serve
from tests.story.lives import Here

NEW_NETWORK = 0x4000_0000
NEW_USER = 0x1000_0000
REFUSED = 77
"""Exit code of a node that could not be cut off: this system lets nobody make a network of its own."""


def shorten() -> None:
    """A lease of four seconds (with a time-out of five), a sign of life each second."""
    engine.LEASE_SLACK = timedelta(seconds=-16)
    nodes.ALIVE = timedelta(seconds=4)
    serve.SIGN_OF_LIFE = 1.0
    serve.TICK = 0.5
    app.PATIENCE = 2.0
    alarm._LOOK_SECONDS = 1
    fleet.HEARTBEAT, fleet.STALLED, fleet.RECOVER, fleet.WAIT = 0.5, 3.0, 1.0, timedelta(seconds=6)
    fleet.AGAIN = 0.5, 2.0
    if os.environ.get("DRILL_ROUNDS", "1") == "1":
        # Starting children that read takes longer than all else of a node; the long form has them.
        outside.ParserPool = Here


def live(node: dict[str, Any]) -> int:
    """One node, until it is ended."""
    folder = Path(node["folder"])
    os.environ.update(node["environ"])
    log = os.open(folder / f"{node['name']}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if node["is_cut_off"]:
        libc = ctypes.CDLL(None)
        if libc.unshare(NEW_NETWORK) and libc.unshare(NEW_USER | NEW_NETWORK):
            return REFUSED

    def announce(started: serve.Started) -> None:
        written = folder / f"{node['name']}.new"
        written.write_text(started.url or "")
        written.rename(folder / node["name"])

    roles = frozenset(map(Role, node["roles"])) or ALL_ROLES
    try:
        asyncio.run(serve.run(folder / "config", announce, roles))
    except AggregatorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def say(**words: int) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    shorten()
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    while True:
        ready, _, _ = select.select([0, ended], [], [])
        if ended in ready:
            os.read(ended, 1000)
            while True:
                try:
                    process, status = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    break
                if not process:
                    break
                say(ended=process, code=os.waitstatus_to_exitcode(status))
        if 0 in ready:
            line = sys.stdin.buffer.raw.readline()  # unbuffered, as select needs it
            if not line:
                return
            process = os.fork()
            if process == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.setpgid(0, 0)
                code = 70
                try:
                    code = live(json.loads(line))
                finally:
                    sys.stderr.flush()
                    os._exit(code)
            say(began=process)


if __name__ == "__main__":
    main()
