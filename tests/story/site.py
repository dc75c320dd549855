"""An installation in a folder of its own, driven as its operator would: by files, commands and HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from aggregator.model.output import Format
from aggregator.model.poll import PollReport
from aggregator.service.build import BuildReport
from aggregator.service.house import House
from aggregator.service.poll import Polling, poll_many
from aggregator.wiring import open_house, utc_now
from aggregator.wiring.outside import open_polling
from tests.story.origin import Origin

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
DEADLINE = 60.0
"""Seconds after which something that must happen has not happened: generous, because machines are slow."""


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Site:
    """A folder with `config/`, which a test fills."""

    def __init__(self, folder: Path, database: str = "sqlite:///data/aggregator.db") -> None:
        self.folder = folder
        self.config = folder / "config"
        self.config.mkdir(parents=True)
        self.settings: dict[str, Any] = {
            "site": {"name": "Riverside", "url": "https://news.example.org/", "email": "desk@example.org"},
            "database": database,
            "server": {"host": "127.0.0.1", "port": 0, "public_url": "https://news.example.org"},
            "polling": {"interval": "1h", "timeout": "20s", "private_addresses": True},
        }
        self.write("aggregator.yaml", self.settings)

    def write(self, name: str, value: object) -> None:
        """Writes a configuration file, whole or not at all; JSON is YAML."""
        text = value if isinstance(value, str) else json.dumps(value, indent=1)
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        written.write_text(text)
        written.replace(path)

    def policy(self, id_: str, **terms: object) -> None:
        self.write(f"policies/{id_}.yaml", {"id": id_, **terms})

    def remove(self, name: str) -> None:
        (self.config / name).unlink()

    def run(self, *arguments: str) -> Ran:
        """A command, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "aggregator", *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Open]:
        """The same parts in this process, for stories of many steps."""
        async with open_house(self.config, migrate=True) as house, open_polling(house) as tools:
            await house.sync()
            yield Open(house, tools)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Service]:
        """`aggregator run`, until the end of the block."""
        service = Service(self.folder)
        try:
            service.wait_until_up()
            yield service
        finally:
            service.stop()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


class Open:
    """House, fetcher and parsers, ready for use."""

    def __init__(self, house: House, tools: Polling) -> None:
        self.house = house
        self.tools = tools

    async def poll(self, *ids: str) -> dict[str, PollReport]:
        """One round now, as `aggregator poll`."""
        world = self.house.world
        wanted = world.pick_sources(ids)
        states = await self.house.store.claim_named(
            [source.id for source in wanted], utc_now(), lease=timedelta(minutes=10), owner=self.tools.owner
        )
        reports = await poll_many([(s, states[s.id]) for s in wanted if s.id in states], world, self.tools, utc_now)
        await self.house.store.release_leases(self.tools.owner)
        return {report.source: report for report in reports}

    async def edit(self) -> None:
        """Notices edited files, as a running service does by itself."""
        await self.house.refresh()
        assert not self.house.keeper.problems

    async def build(self) -> dict[str, BuildReport]:
        return {report.output: report for report in await self.house.build_stale()}

    async def body(self, output: str, format_: Format) -> bytes:
        """What the web server would answer now."""
        found = await self.house.public.current(output, format_)
        assert found is not None
        return found[0].body


class Service:
    """An `aggregator run` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "run"],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self._said: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self._said.put), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, self.log.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.base = ""

    @staticmethod
    def _read(stream: Any, take: Callable[[str], None]) -> None:
        for line in stream:
            take(line.rstrip("\n"))

    def wait_until_up(self) -> None:
        """Waits for the line that names the address of the health page; it comes when the server listens."""
        while True:
            try:
                line = self._said.get(timeout=DEADLINE)
            except queue.Empty:
                raise AssertionError("\n".join(["the service did not start", *self.log])) from None
            if found := re.search(r"(http://\S+)/healthz", line):
                self.base = found[1]
                return

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        try:
            with urllib.request.urlopen(self.base + path, timeout=DEADLINE) as answer:
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def shows(self, words: str, path: str) -> Callable[[], bool]:
        """Whether an address shows these words now."""
        return lambda: words.encode() in self.get(path)[1]

    def says(self, words: str) -> Callable[[], bool]:
        """Whether the log has these words by now."""
        return lambda: any(words in line for line in self.log)

    @property
    def process(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            for reader in self._readers:
                reader.join()
            for stream in (self._process.stdout, self._process.stderr):
                if stream:
                    stream.close()
            print(*self.log, sep="\n")  # noqa: T201  shown where the test fails
        assert code == 0


def until(claim: Callable[[], T], what: str) -> T:
    """Waits until a claim holds, and gives what it gave."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if found := claim():
            return found
        time.sleep(0.1)
    raise AssertionError(f"it never came true that {what}")


def a_source(id_: str, origin: Origin, path: str, **given: object) -> dict[str, object]:
    """One entry of `sources.yaml`."""
    return {"id": id_, "feed": origin.url(path), **given}
