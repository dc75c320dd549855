"""Failures as they come: after each nothing is lost, nothing is doubled, and nobody had to lend a hand.

Health tells the truth meanwhile, and what is served is current or refused. `make drills` does more rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import orjson
import psycopg
import pytest
from psycopg import sql

from aggregator.service.post import Mail, outgoing
from aggregator.store import Store, outbox
from tests.drills.conftest import Victim
from tests.drills.fleet import ROUNDS, Drill, Mother, Node
from tests.drills.forwarder import Forwarder
from tests.service.test_post import Relay
from tests.story.origin import Asked, Reply
from tests.story.site import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are stopped and looked at as Linux has it")
on_postgresql = pytest.mark.parametrize("drill", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("drill", ["sqlite"], indirect=True)


def test_processes_that_die_and_that_sleep(drill: Drill) -> None:
    """kill -9 of each role in turn under load, and a process that sleeps past its leases: others go on, and what it had
    begun is theirs."""
    nodes = drill.crew()
    chance = random.Random(20261126)
    drill.moves("feeds are polled")
    for _ in range(ROUNDS):
        for role in list(nodes):
            nodes[role].kill()
            time.sleep(chance.uniform(0, 0.4))
            nodes[role] = drill.again(role)
            drill.moves(f"polls go on after {role} was killed")
    sleeper = nodes.get("worker") or nodes["other"]
    if drill.is_fleet:
        nodes["second worker"] = drill.start("worker")
    drill.put_to_sleep(sleeper)
    try:
        for one in drill.series:
            before = len(one.asked_at)
            until(lambda: len(one.asked_at) > before + 1, "another polls what it had leased")  # noqa: B023  asked at once
    finally:
        sleeper.signal(signal.SIGCONT)
    drill.moves("both go on")
    drill.look(nodes["web"])
    drill.stop(*nodes.values())


@on_postgresql
def test_a_server_that_fails_in_every_way(drill: Drill, victim: Victim) -> None:
    """PostgreSQL restarts again and again, has no connection left, has a full disk, and hangs. No page waits for it,
    health says so, nothing unsure is served, nodes that are told to stop do, and all goes on by itself afterwards."""
    nodes = drill.crew()
    web = nodes["web"]
    drill.moves("feeds are polled")
    for _ in range(2 * ROUNDS):
        victim.go_away()
        assert {web.get(page)[0] for page in ("/feeds/all.json", "/", "/admin/login")} <= {200, 503}
        victim.come_back()
        drill.moves("polls go on after a restart")
    take_all_connections(drill)
    fill_its_disk(drill, web)
    hang(drill, victim, nodes)
    for role in ("scheduler", "worker", "builder"):
        drill.start(role)
    drill.moves("polls go on after it hung")
    drill.look(web)


def take_all_connections(drill: Drill) -> None:
    """Others have them for a while: polls wait, and go on once there are some."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(200):
                stack.enter_context(psycopg.connect(drill.database))
        time.sleep(2)
    drill.moves("polls go on after others had all connections")


def fill_its_disk(drill: Drill, web: Node) -> None:
    """Whatever is written is refused as PostgreSQL does it then: readers are answered, health tells."""
    until(lambda: web.get("/feeds/all.json")[0] == 200, "documents are served")
    with psycopg.connect(drill.database, autocommit=True) as connection:
        connection.execute(TRIGGER % "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'")
        # One table at a time, and the function is changed in the end and not dropped: no lock is held beside another.
        for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            before = sql.SQL(
                "CREATE OR REPLACE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION full_disk()"
            )
            connection.execute(before.format(sql.Identifier(name)))
        try:
            until(lambda: web.get("/healthz")[0] == 503, "health tells")
            assert orjson.loads(web.get("/healthz")[1])["database"] == "answers, but takes nothing"
            assert web.get("/feeds/all.json")[0] == 200
        finally:
            connection.execute(TRIGGER % "RETURN NULL")
    drill.moves("polls go on after its disk was full")


TRIGGER: LiteralString = """
CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  %s;
END $$
"""


def hang(drill: Drill, victim: Victim, nodes: dict[str, Node]) -> None:
    """It takes connections and says nothing."""
    web = nodes["web"]
    until(lambda: web.get("/feeds/all.json")[0] == 200, "documents are served")
    victim.hang()
    try:
        until(lambda: web.get("/healthz")[0] == 503, "health tells")
        until(lambda: web.get("/feeds/all.json")[0] == 503, "what nobody can vouch for is not served")
        for page in ("/", "/admin/login", "/api/v1/entries", "/readyz"):
            assert web.get(page)[0] in (200, 401, 503), page
        assert b"\naggregator_database_up 0" in web.get("/metrics")[1]
        ending = [nodes[role] for role in ("scheduler", "worker", "builder")]
        for node in ending:
            node.end()
        for node in ending:
            node.stop()
    finally:
        victim.wake()
    until(lambda: web.get("/feeds/all.json")[0] == 200, "documents are served again")


@on_postgresql
def test_a_fleet_that_is_cut_apart(drill: Drill, victim: Victim) -> None:
    """A worker without a network, one whose line to the database goes dead, and no builder any more: others go on, what
    is asked for is current or 503, and no poll is lost."""
    nodes = {role: drill.start(role) for role in ("scheduler", "builder", "web")}
    alone = drill.start("worker", is_cut_off=True)
    if alone.code is None:  # else this system lets nobody make a network of its own
        until(lambda: "no host can be reached from here" in alone.log, "it tells what is the matter")
        assert drill.progress == 0
    with Forwarder(victim.socket) as line:
        loser = drill.start("worker", PGHOST="127.0.0.1", PGPORT=str(line.port))
        drill.moves("a worker polls")
        assert not asyncio.run(failures(drill.database)), "nobody is blamed for the network of one worker"
        if alone.code is None:
            assert alone.stop() == 0
        worker = drill.start("worker")
        line.cut()
        drill.moves("another worker goes on")
        line.mend()
        drill.moves("polls go on")
        until(lambda: nodes["web"].get("/feeds/all.json")[0] == 200, "documents are served")
        nodes["builder"].kill()
        drill.moves("polls go on without a builder")
        pages = ("/feeds/all.json", "/", "/healthz", "/opml") * 10
        with ThreadPoolExecutor(8) as visitors:
            assert {answer[0] for answer in visitors.map(nodes["web"].get, pages)} <= {200, 503}
        drill.look(nodes["web"])
        drill.stop(loser, worker)


async def failures(database: str) -> bool:
    """Whether a source is known to have failed."""
    store = await Store.open(database)
    try:
        return any(state.failures for state in (await store.poll_states([f"series-{n}" for n in range(4)])).values())
    finally:
        await store.close()


@on_sqlite
def test_a_database_that_another_program_holds(drill: Drill) -> None:
    """Longer than SQLite itself waits: readers are answered, health tells, and polls are taken in afterwards."""
    # Else readers are answered for 5 s, and health tells after 10: polls bring something all the time.
    drill.site.settings["server"]["unconfirmed"] = "5m"
    drill.site.write("aggregator.yaml", drill.site.settings)
    node = drill.start()
    drill.moves("feeds are polled")
    until(lambda: node.get("/feeds/all.json")[0] == 200, "documents are served")
    other = sqlite3.connect(drill.database.removeprefix("sqlite:///"), isolation_level=None)
    until(lambda: _taken(other), "the other program has it")
    try:
        until(lambda: node.get("/healthz")[0] == 503, "health tells")
        assert node.get("/feeds/all.json")[0] == 200
    finally:
        other.execute("ROLLBACK")
        other.close()
    drill.moves("polls go on")
    drill.look(node)


def _taken(other: sqlite3.Connection) -> bool:
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


@pytest.fixture
def rc(tmp_path: Path) -> Path:
    """What the clock of `faked` nodes is off."""
    path = tmp_path / "faketime"
    path.write_text("+0\n")
    return path


@pytest.fixture
def faked(rc: Path) -> Iterator[Mother]:
    """Bears nodes whose clock may be set."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        message = "libfaketime is not installed; on Debian: apt install faketime"
        # CI must not pass by looking at half of it.
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    made = Mother(
        LD_PRELOAD=str(library),
        FAKETIME_TIMESTAMP_FILE=str(rc),
        FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    yield made
    made.end()


@on_sqlite
def test_a_clock_that_jumps(drill: Drill, faked: Mother, rc: Path) -> None:
    """A day forth, a day back: polls go on, no storm comes, and the right clock finds nothing to trip over."""
    right, drill.mother = drill.mother, faked
    node = drill.start()
    drill.moves("feeds are polled")
    for jump in ("+1d", "-1d"):
        rc.write_text(f"{jump}\n")
        time.sleep(2)
        drill.moves(f"polls go on after a jump of {jump}")
        before, began = drill.asked, time.monotonic()
        time.sleep(2)
        assert drill.asked - before <= (time.monotonic() - began + 1) * 2 * len(drill.series), "no storm"
        assert node.get("/feeds/all.json")[0] == 200
    node.kill()
    drill.mother = right
    web = drill.start()
    drill.moves("the right clock goes on, whatever is written of other times")
    drill.look(web)


def test_nodes_share_the_work_and_tell_each_thing_once(drill: Drill) -> None:
    """Two services on one file, a fleet with two of each: no publisher is asked twice an interval, and no webhook and
    no letter goes out twice."""
    heard: Counter[str] = Counter()

    def hook(asked: Asked) -> Reply:
        heard[asked.headers["webhook-id"]] += 1
        return Reply()

    drill.origin.paths["/hook"] = hook
    with a_relay() as relay:
        webhook = {"id": "desk", "url": drill.origin.url("/hook"), "secret": "env:HOOK", "events": ["output.changed"]}
        drill.site.settings |= {
            "webhooks": [webhook | {"private_addresses": True}],
            "mail": {"smtp": f"smtp://127.0.0.1:{relay.port}", "from": "desk@example.org"},
        }
        drill.site.write("aggregator.yaml", drill.site.settings)
        roles = (("scheduler", "web", "builder"), ("scheduler", "builder"), ("worker",), ("worker",))
        nodes = [drill.start(*one, HOOK=KEY) for one in (roles if drill.is_fleet else ((), ()))]
        drill.moves("feeds are polled")
        before = {one.id: len(one.asked_at) for one in drill.series}
        began = time.monotonic()
        asyncio.run(put_mails(drill.database, 30))
        until(lambda: len(relay.taken) == 30, "all letters are sent")
        drill.moves("polls go on")
        turns = (time.monotonic() - began) / 0.9 + 2  # an interval is spread by a tenth to either side
        for one in drill.series:
            assert len(one.asked_at) - before[one.id] <= turns, "no publisher is asked twice an interval"
        drill.look(nodes[0])
        if not drill.is_fleet:
            drill.settle(nodes[1])
        drill.stop(*nodes)
        assert len(relay.taken) == 30
    assert heard
    assert set(heard.values()) == {1}
    assert not [line for node in nodes for line in node.log.splitlines() if "is locked" in line]


KEY = "whsec_YSBrZXkgb2YgdGhpcnR5LXR3byBieXRlcywgb3Igc28="


async def put_mails(database: str, count: int) -> None:
    store, now = await Store.open(database), datetime.now(UTC)
    mails = [Mail(to=f"editor-{n}@p.example", subject=f"Letter {n}", body="May we?") for n in range(count)]
    await store.write(outbox.put, [outgoing(mail, f"l-{n}", now) for n, mail in enumerate(mails)])
    await store.close()


@contextlib.contextmanager
def a_relay() -> Iterator[Relay]:
    """A mail server in a thread."""
    relay, loop = Relay(), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(relay.serve, "127.0.0.1", 0))
    relay.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield relay
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
