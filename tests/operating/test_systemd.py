"""What a service manager is told, by a real service on a real socket."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aggregator.engine.systemd import Systemd


def test_nothing_is_told_where_nobody_listens(tmp_path: Path):
    Systemd({}).ready("x")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "none")}).ready("x")
    assert Systemd({"WATCHDOG_USEC": "2000000"}).watchdog_seconds is None
    assert Systemd({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "2000000"}).watchdog_seconds == 2
    assert Systemd({"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}).watchdog_seconds is None


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.heard = ""

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        until = time.monotonic() + seconds
        self.socket.settimeout(1)
        while not re.search(pattern, self.heard, re.DOTALL):
            assert time.monotonic() < until, f"{pattern!r} not in {self.heard!r}"
            try:
                self.heard += self.socket.recv(4096).decode() + "\n"
            except TimeoutError:
                continue
        heard, self.heard = self.heard, ""
        return heard


def test_a_service_tells_its_manager_what_it_is_at(sample: Path, tmp_path: Path):
    """Ready when it answers, alive, reloading at SIGHUP and ready again with what came of it, stopping at SIGTERM."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "config/aggregator.yaml"
    settings.write_text(re.sub(r"port: 8080 ", "port: 0 ", settings.read_text()))
    with tempfile.TemporaryDirectory(prefix="agg-sd-") as short:
        manager = Manager(Path(short) / "notify")
        environ = {**os.environ, "NOTIFY_SOCKET": f"{short}/notify", "WATCHDOG_USEC": "2000000"}
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "run", "--config", str(tmp_path / "config")],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            heard = manager.wait_for(r"READY=1\nSTATUS=\d+ sources, \d+ outputs")
            assert "STOPPING" not in heard
            manager.wait_for(r"WATCHDOG=1.*WATCHDOG=1")
            outputs = tmp_path / "config/outputs.yaml"
            outputs.write_text(outputs.read_text() + "\n- id: [\n")
            process.send_signal(signal.SIGHUP)
            heard = manager.wait_for(r"READY=1\nSTATUS=an edit was not taken \(1 problem\)")
            assert re.search(r"RELOADING=1\nMONOTONIC_USEC=\d+", heard)
            process.send_signal(signal.SIGTERM)
            manager.wait_for(r"STOPPING=1")
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.communicate()
            manager.socket.close()


def test_sending_never_waits(tmp_path: Path):
    """A manager that does not read must not hold up the service."""
    with tempfile.TemporaryDirectory(prefix="agg-sd-") as short:
        manager = Manager(Path(short) / "notify")

        async def tell_much() -> None:
            for _ in range(5000):
                Systemd({"NOTIFY_SOCKET": f"{short}/notify"}).alive()

        asyncio.run(asyncio.wait_for(tell_much(), 20))
        manager.socket.close()
