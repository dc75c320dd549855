"""kill -9 at any moment, while polling, storing, building or serving, loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from lxml import etree
from sqlalchemy import Connection, delete, update

from aggregator.model.output import Format
from aggregator.store import Store
from aggregator.store.tables import leases, polls
from tests.story.feeds import Article, an_rss
from tests.story.origin import Asked, Origin, Reply
from tests.story.site import DEADLINE, ROOT, Site, a_source, environment, until

SOURCES = [f"series-{number}" for number in range(4)]
WINDOW = 60
"""Entries that a feed shows: many more than come between two polls, as with real feeds."""
STEP = 2
ROUNDS = 2
"""With workers of its own, which is what takes long; kills at all moments are those of the lives below, and fleets on
PostgreSQL are killed in the drills."""
LIVES = {name: int(os.environ.get("KILL_LIVES", few)) for name, few in (("sqlite", 8), ("postgresql", 4))}
"""`KILL_LIVES=20` for the whole drill; a few lives find what breaks often."""
DRAIN = 3


class Series:
    """An endless feed: each new document has some more entries at its head, and drops as many at its end."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.newest = 5
        self.mark = 0
        """The highest number that was sent to its last byte."""
        self.is_moving = True
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            newest = self.newest
            if asked.headers.get("if-none-match") == f'"{newest}"':
                # The client says that it has this one: it is told so once, and then there is more.
                self.newest += STEP if self.is_moving else 0
                return Reply(status=304, headers={"ETag": f'"{newest}"'})

        def sent() -> None:
            self.mark = max(self.mark, newest)

        numbers = range(newest, max(0, newest - WINDOW), -1)
        body = an_rss(*(self._article(number) for number in numbers), title=self.id, home="https://series.example/")
        halves = iter((body[: len(body) // 2], body[len(body) // 2 :]))
        return Reply(halves, headers={"ETag": f'"{newest}"', "Content-Type": "application/rss+xml"}, sent=sent)

    def _article(self, number: int) -> Article:
        link = f"https://series.example/{self.id}/{number}"
        return Article(id=f"{self.id}/{number}", title=f"{self.id} no {number}", link=link, at=None)


def start(site: Site, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.story.poller", str(site.config), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment())


def children(process: int) -> list[int]:
    """Processes that a process has started; none where the system does not tell."""
    told = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in told.read_text().split()] if told.exists() else []


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def series(origin: Origin) -> list[Series]:
    made = [Series(id_) for id_ in SOURCES]
    origin.paths.update({f"/{one.id}": one for one in made})
    return made


def set_up(site: Site, origin: Origin) -> None:
    site.write("sources.yaml", [a_source(id_, origin, f"/{id_}", policy="series") for id_ in SOURCES])
    publisher = {"name": "Series", "url": "https://series.example/", "domains": ["series.example"]}
    site.policy("series", publisher=publisher, rules=[{"allow": ["full"], "duties": ["credit-source"]}])
    output = {"id": "all", "title": "All", "select": {"newest": 2000}, "use": {"audience": "community"}}
    site.write("outputs.yaml", [{**output, "formats": ["rss", "json"]}])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_kill_9_while_polling_loses_and_doubles_nothing(
    site_on: Site, origin: Origin, series: list[Series], database_url: str
) -> None:
    """Every entry that was fully sent is stored once and published once; no validator is ahead of its entries."""
    set_up(site_on, origin)
    chance = random.Random(20261123)
    for _ in range(ROUNDS):
        before = sum(one.mark for one in series)
        poller = start(site_on)
        until(lambda: sum(one.mark for one in series) > before, "entries are sent")  # noqa: B023  asked at once
        await asyncio.sleep(chance.uniform(0, 1.2))
        workers = children(poller.pid)
        poller.send_signal(signal.SIGKILL)
        poller.wait()
        until(lambda: not any(map(is_running, workers)), "the workers end with their parent")  # noqa: B023  likewise
        await look(database_url, series)
    for one in series:
        one.is_moving = False
    assert start(site_on, str(DRAIN)).wait(DEADLINE) == 0
    await look_whole(database_url, series)


async def test_lives_that_end_by_kill_9(site_on: Site, origin: Origin, series: list[Series], database_url: str) -> None:
    """The whole service, at moments from its start to after its builds; what it serves meanwhile is whole."""
    set_up(site_on, origin)
    lives = LIVES[database_url.partition(":")[0]]
    chance, served = random.Random(20261126), 0
    with lives_of(site_on.folder) as start_one:
        for life in range(lives):
            process, told, ended = start_one()
            until(lambda: told.exists(), "the service answers")  # noqa: B023  asked at once
            if life % 2:  # every other one lives until something of it is out, however slow the machine
                until(lambda: ids_at(told.read_text()), "something is served")  # noqa: B023  likewise
            await asyncio.sleep(chance.uniform(0, 0.4))
            ids = ids_at(told.read_text())
            assert len(ids) == len(set(ids))
            served += bool(ids)
            os.kill(process, signal.SIGKILL)
            ended()
            await look(database_url, series, make_due=True)
        assert served >= lives // 2
        for one in series:
            one.is_moving = False
        process, told, ended = start_one()
        until(lambda: told.exists(), "the service answers")
        wanted = sum(one.newest for one in series)
        until(lambda: len(ids_at(told.read_text())) == wanted, "all of it is served")
        os.kill(process, signal.SIGTERM)
        ended()
    await look_whole(database_url, series)


@contextlib.contextmanager
def lives_of(folder: Path) -> Iterator[Callable[[], tuple[int, Path, Callable[[], None]]]]:
    """Starts a life each time: its process, the file that appears when it answers, and what waits for its end."""
    command = [sys.executable, "-m", "tests.story.lives"]
    mother = subprocess.Popen(
        command, cwd=ROOT, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert mother.stdin is not None
    assert mother.stdout is not None
    told, alive = folder / "started", set[int]()

    def start_one() -> tuple[int, Path, Callable[[], None]]:
        told.unlink(missing_ok=True)
        print(folder, file=mother.stdin, flush=True)
        process = int(mother.stdout.readline())  # a pipe, as above
        alive.add(process)

        def ended() -> None:
            assert mother.stdout.readline() == "ended\n"
            alive.remove(process)

        return process, told, ended

    with mother:
        try:
            yield start_one
        finally:
            for process in alive:  # the mother waits for it, and a test that has failed must not wait for ever
                os.kill(process, signal.SIGKILL)
            mother.stdin.close()


def ids_at(base: str) -> list[str]:
    """Of the entries that are served; none while nothing is built yet."""
    try:
        with urllib.request.urlopen(f"{base}feeds/all.json", timeout=DEADLINE) as answer:
            return [item["id"] for item in orjson.loads(answer.read())["items"]]
    except urllib.error.URLError:
        return []


async def look_whole(database_url: str, series: list[Series]) -> None:
    """What must hold when all is polled and built."""
    await look(database_url, series)
    store = await Store.open(database_url)
    for one in series:
        assert one.newest > STEP
        stored = [entry.entry.id for entry in await store.list_entries(source=one.id, limit=10_000)]
        assert sorted(stored) == sorted(f"{one.id}/{number}" for number in range(1, one.newest + 1))
    expected = sorted(f"{one.id}/{number}" for one in series for number in range(1, one.newest + 1))
    rss, feed = [await store.document("all", format_) for format_ in (Format.RSS, Format.JSON)]
    assert rss is not None
    assert feed is not None
    assert sorted(guid.text for guid in etree.fromstring(rss.body).iter("guid")) == expected
    assert sorted(item["id"] for item in orjson.loads(feed.body)["items"]) == expected
    released = [record.subject for record in await store.ledger(limit=100_000) if record.kind == "release"]
    assert len(released) == len(set(released)) == len(expected)
    assert await store.verify_ledger() == []
    await store.close()


async def look(database_url: str, series: list[Series], *, make_due: bool = False) -> None:
    """What must hold after each kill: a whole file, and no validator without the entries that came with it."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store = await Store.open(database_url)
    states = await store.poll_states(SOURCES)
    for one in series:
        validator = states[one.id].validators.etag if one.id in states else None
        reached = int(validator.strip('"')) if validator else 0
        stored = {entry.entry.id for entry in await store.list_entries(source=one.id, limit=10_000)}
        assert reached <= one.newest
        assert {f"{one.id}/{number}" for number in range(1, reached + 1)} <= stored
    if make_due:  # the next life need not wait for the hour, nor for the leases of this one
        await store.write(due_now)
    await store.close()


def due_now(connection: Connection) -> None:
    connection.execute(update(polls).values(next_poll_at=0))
    connection.execute(delete(leases))
