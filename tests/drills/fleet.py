"""An installation under load, the nodes that run it, and what must hold of it after whatever was done to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path

import orjson

from aggregator.store import Store
from tests.drills.mother import REFUSED
from tests.story.feeds import Article, an_rss
from tests.story.origin import Asked, Origin, Reply
from tests.story.site import DEADLINE, ROOT, Site, a_source, environment, until

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "1"))
"""`make drills` takes more."""
SOURCES = 4
STOP = 10.0
"""Seconds within which a node ends that is asked to (R18)."""
_numbers = count(1)


class Mother:
    """The process that nodes are forked from."""

    def __init__(self, **environ: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.mother"],
            cwd=ROOT,
            env=environment() | environ,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._began: queue.Queue[int] = queue.Queue()
        self._codes: dict[int, int] = {}
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "began" in told:
                self._began.put(told["began"])
                continue
            with self._changed:
                self._codes[told["ended"]] = told["code"]
                self._changed.notify_all()

    def bear(self, **node: object) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(node) + "\n")
        self._process.stdin.flush()
        return self._began.get(timeout=DEADLINE)

    def code(self, process: int, seconds: float) -> int | None:
        """Exit code; None: it is still there."""
        with self._changed:
            self._changed.wait_for(lambda: process in self._codes, seconds)
            return self._codes.get(process)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(DEADLINE)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Node:
    """One process of a fleet."""

    def __init__(
        self, mother: Mother, site: Site, roles: tuple[str, ...], environ: dict[str, str], *, is_cut_off: bool
    ) -> None:
        self._mother = mother
        self._told = site.folder / f"node-{next(_numbers)}"
        self.is_cut_off = is_cut_off
        self.process = mother.bear(
            folder=str(site.folder), roles=roles, name=self._told.name, is_cut_off=is_cut_off, environ=environ
        )

    @property
    def log(self) -> str:
        path = self._told.with_suffix(".log")
        return path.read_text() if path.exists() else ""

    @property
    def code(self) -> int | None:
        return self._mother.code(self.process, 0)

    @property
    def base(self) -> str:
        return self._told.read_text().rstrip("/")

    def wait_until_up(self) -> Node:
        until(lambda: self._told.exists() or self.code is not None, "the node is at work")
        assert self.code is None or (self.is_cut_off and self.code == REFUSED), self.log
        return self

    def get(self, path: str, seconds: float = 20) -> tuple[int, bytes]:
        """Status and body; what takes longer than this raises."""
        try:
            with urllib.request.urlopen(self.base + path, timeout=seconds) as answer:
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def signal(self, number: signal.Signals) -> None:
        """To the process and its parsers."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process, number)

    def kill(self) -> None:
        if self.code is None:
            self.signal(signal.SIGKILL)
            self._mother.code(self.process, DEADLINE)

    def end(self) -> None:
        """SIGTERM; `stop` waits for what comes of it."""
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended since, and its code is still to be read
                os.kill(self.process, signal.SIGTERM)

    def stop(self) -> int:
        """SIGTERM, and the exit code; within the promised time and what a slow machine adds."""
        self.end()
        code = self._mother.code(self.process, STOP + 5)
        self.kill()
        assert code is not None, f"it did not end\n{self.log}"
        return code


class Series:
    """An endless feed: each document that is confirmed to have arrived makes room for more entries."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.newest = 3
        self.mark = 0
        """The highest number that was sent to its last byte."""
        self.is_moving = True
        self.asked_at: list[float] = []

    def __call__(self, asked: Asked) -> Reply:
        newest = self.newest
        self.asked_at.append(time.monotonic())
        if asked.headers.get("if-none-match") == f'"{newest}"':
            self.newest += 2 if self.is_moving else 0
            return Reply(status=304, headers={"ETag": f'"{newest}"'})

        def sent() -> None:
            self.mark = max(self.mark, newest)

        numbers = range(newest, max(0, newest - 60), -1)
        articles = (
            Article(id=f"{self.id}/{n}", title=f"{self.id} no {n}", link=f"https://s.example/{self.id}/{n}", at=None)
            for n in numbers
        )
        body = an_rss(*articles, title=self.id, home="https://s.example/")
        return Reply(body, headers={"ETag": f'"{newest}"', "Content-Type": "application/rss+xml"}, sent=sent)


class Drill:
    """An installation, its feeds and its nodes."""

    def __init__(self, mother: Mother, folder: Path, database: str, origin: Origin, **environ: str) -> None:
        self.mother = mother
        self.environ = environ
        # Without a host, which each node has from its environment: by a line of its own, where it has one.
        self.site = Site(folder, database.partition("?")[0].replace(":@", "@"))
        self.database = database
        self.origin = origin
        self.series = [Series(f"series-{number}") for number in range(SOURCES)]
        for one in self.series:
            origin.paths[f"/{one.id}"] = one
        self.is_fleet = not database.startswith("sqlite")
        self.site.settings["engine"] = "procrastinate" if self.is_fleet else "local"
        self.site.settings["server"]["unconfirmed"] = "5s"
        self.site.settings["polling"] |= {
            "interval": "1s",
            "min_interval": "1s",
            "max_interval": "2s",
            "timeout": "5s",
            "daily_entries": 9_999,
        }
        self.site.write("aggregator.yaml", self.site.settings)
        self.site.write("sources.yaml", [a_source(s.id, origin, f"/{s.id}", policy="series") for s in self.series])
        publisher = {"name": "Series", "url": "https://s.example/", "domains": ["s.example"]}
        self.site.policy("series", publisher=publisher, rules=[{"allow": ["full"], "duties": ["credit-source"]}])
        output = {"id": "all", "title": "All", "select": {"newest": 5000}, "use": {"audience": "community"}}
        self.site.write("outputs.yaml", [{**output, "formats": ["json"]}])
        self.nodes: list[Node] = []

    def start(self, *roles: str, is_cut_off: bool = False, **environ: str) -> Node:
        """A node with these roles; without any it has all.

        Args:
            is_cut_off: in a network of its own, in which there is nobody.
        """
        node = Node(self.mother, self.site, roles, self.environ | environ, is_cut_off=is_cut_off)
        self.nodes.append(node)
        return node.wait_until_up()

    def crew(self) -> dict[str, Node]:
        """A process for each role over a queue; two that do everything on one SQLite file."""
        if self.is_fleet:
            return {role: self.start(role) for role in ("scheduler", "worker", "builder", "web")}
        return {"web": self.start(), "other": self.start()}

    def again(self, role: str) -> Node:
        return self.start(*((role,) if self.is_fleet else ()))

    def stop(self, *nodes: Node) -> None:
        """All of them, at once, in order."""
        for node in nodes:
            node.end()
        codes = [node.stop() for node in nodes]
        assert codes == [0] * len(nodes), "\n".join(node.log for node in nodes)

    def close(self) -> None:
        for node in self.nodes:
            node.kill()
            print(f"--- {node.process}", node.log, sep="\n")  # noqa: T201  shown where the drill fails

    @property
    def progress(self) -> int:
        return sum(one.mark for one in self.series)

    @property
    def asked(self) -> int:
        """How often all publishers were asked."""
        return sum(len(one.asked_at) for one in self.series)

    def put_to_sleep(self, node: Node) -> None:
        """Stops it in the midst of its work, but not of a write to SQLite: one who sleeps with its only lock keeps all
        others out, as docs/scaling.md says."""

        def asleep() -> bool:
            node.signal(signal.SIGSTOP)
            if self.is_fleet or self._takes_writes():
                return True
            node.signal(signal.SIGCONT)
            return False

        until(asleep, "it sleeps, and holds no lock on the file")

    def _takes_writes(self) -> bool:
        path = self.database.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.execute("ROLLBACK")
            return True

    def moves(self, why: str) -> None:
        """Feeds bring more: polls go on."""
        before = self.progress
        until(lambda: self.progress > before + 1, why)

    def settle(self, web: Node) -> set[str]:
        """No feed brings anything new any more, and all that came is out. Gives the ids that are served."""
        for one in self.series:
            one.is_moving = False

        def out() -> bool:
            status, body = web.get("/feeds/all.json")
            return status == 200 and {item["id"] for item in orjson.loads(body)["items"]} == self.wanted

        until(out, "all that was sent is served")
        return self.wanted

    @property
    def wanted(self) -> set[str]:
        return {f"{one.id}/{n}" for one in self.series for n in range(1, one.newest + 1)}

    def look(self, web: Node) -> None:
        """What must hold at the end: nothing is lost, nothing is doubled, the ledger is whole, and health says well."""
        wanted = self.settle(web)
        asyncio.run(self._look(wanted))
        until(lambda: web.get("/healthz")[0] == 200, "health is well")

    async def _look(self, wanted: set[str]) -> None:
        store = await Store.open(self.database)
        try:
            stored = [entry.entry.id for entry in await store.list_entries(limit=100_000)]
            assert sorted(stored) == sorted(wanted)
            released = [record.subject for record in await store.ledger(limit=100_000) if record.kind == "release"]
            assert len(released) == len(set(released)) == len(wanted)
            assert await store.verify_ledger() == []
        finally:
            await store.close()
