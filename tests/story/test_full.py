"""A disk that is full, a database that is held: degraded, visible, recovered by itself, nothing lost (R19)."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from aggregator.service.poll import poll_many
from aggregator.store import session as sessions
from aggregator.wiring import utc_now
from tests.story.feeds import Article, an_rss
from tests.story.origin import Origin
from tests.story.site import Site, a_source, environment, until

SIZE = 24_000_000


class SmallDisk:
    """A file system of 24 MB, where one may be mounted; elsewhere a service whose files may not grow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
        self.is_one = not subprocess.run(mount, capture_output=True, check=False).returncode
        self._filler = folder / "filler"

    def fill(self, process: int) -> None:
        """Leaves a service no room."""
        if not self.is_one:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return
        with self._filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(64_000))

    def clear(self, process: int) -> None:
        if self.is_one:
            self._filler.unlink()
        else:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def status(self, site: Site) -> subprocess.CompletedProcess[str]:
        """What the command says, which has no room either."""
        command = [sys.executable, "-m", "aggregator", "status", "--json"]
        limited = command if self.is_one else ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *command]
        return subprocess.run(limited, cwd=site.folder, env=environment(), capture_output=True, text=True, check=False)

    def close(self) -> None:
        if self.is_one:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


def edition(count: int) -> bytes:
    text = "<p>What was said at the meeting.</p>" * 50
    return an_rss(
        *(Article(id=f"{n}", title=f"No {n}", link=f"https://p.example/{n}", body=text) for n in range(count))
    )


def set_up(site: Site, origin: Origin) -> None:
    site.settings["polling"] = {
        "interval": "1s",
        "min_interval": "1s",
        "private_addresses": True,
        "daily_entries": 9_999,
    }
    site.write("aggregator.yaml", site.settings)
    site.write("sources.yaml", [a_source("papers", origin, "/papers", policy="p")])
    publisher = {"name": "P", "url": "https://p.example/", "domains": ["p.example"]}
    site.policy("p", publisher=publisher, rules=[{"allow": ["full", "headline"], "duties": ["credit-source"]}])
    output = {
        "id": "all",
        "title": "All",
        "select": {"newest": 500},
        "use": {"audience": "community", "form": "headline"},
    }
    site.write("outputs.yaml", [{**output, "formats": ["json"]}])


def ask(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def titles(body: bytes) -> set[str]:
    return {item["title"] for item in orjson.loads(body)["items"]}


def test_a_full_disk_is_told_and_gets_over_by_itself(disk: SmallDisk, origin: Origin) -> None:
    """What was published is served all the time; what feeds brought meanwhile is there once there is room."""
    site = Site(disk.folder / "site")
    set_up(site, origin)
    origin.serve("/papers", edition(3), ETag='"3"')
    with site.serving() as service:
        until(lambda: len(titles(ask(f"{service.base}/feeds/all.json")[1])) == 3, "three entries are out")
        disk.fill(service.process)
        origin.serve("/papers", edition(300), ETag='"300"')
        until(lambda: ask(f"{service.base}/healthz")[0] == 503, "health tells of it")
        health = orjson.loads(ask(f"{service.base}/healthz")[1])
        assert health["ok"] is False
        assert health["database"] == "answers, but takes nothing"
        status, body = ask(f"{service.base}/feeds/all.json")
        assert (status, titles(body)) == (200, {"No 0", "No 1", "No 2"})
        said = disk.status(site)
        assert said.returncode == 1
        told = orjson.loads(said.stdout)
        assert "free some space" in told["database_error"]
        assert (told["readable"], told["outputs"][0]["entries"]) == (True, 3)
        disk.clear(service.process)
        until(lambda: len(titles(ask(f"{service.base}/feeds/all.json")[1])) == 300, "all entries are out")
        until(lambda: ask(f"{service.base}/healthz")[0] == 200, "health is well again")
    assert site.run("ledger", "verify").code == 0
    database = sqlite3.connect(site.folder / "data" / "aggregator.db")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("SELECT count(*), count(DISTINCT key) FROM entries").fetchone() == (300, 300)
    database.close()


async def test_a_database_that_is_held_is_told_and_gets_over_by_itself(
    site: Site, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No poll is taken for done, readers are answered, and afterwards the same feed brings the same entries."""
    monkeypatch.setattr(sessions, "SQLITE_PRAGMAS", ("busy_timeout = 20", *sessions.SQLITE_PRAGMAS[1:]))
    monkeypatch.setattr(sessions, "BACKOFF", (0.01,))
    set_up(site, origin)
    origin.serve("/papers", edition(5), ETag='"5"')
    async with site.opened() as opened:
        await opened.poll()
        await opened.build()
        origin.serve("/papers", edition(9), ETag='"9"')
        store, sources = opened.house.store, opened.house.world.pick_sources([])
        ids = [source.id for source in sources]
        states = await store.claim_named(ids, utc_now(), lease=timedelta(minutes=10), owner=opened.tools.owner)
        due = [(source, states[source.id]) for source in sources]
        with held(site):
            [report] = await poll_many(due, opened.house.world, opened.tools, utc_now)
            assert report.outcome == "failed"
            assert "another process holds it" in report.detail
            assert "locked" in (store.problem or "")
            assert len(await store.list_entries(source="papers", limit=99)) == 5
            assert (await store.poll_states(ids))["papers"].validators.etag == '"5"'
            assert store.problem is not None, "that readers are answered does not make it well"
        await store.release_leases(opened.tools.owner)
        assert store.problem is None
        report = (await opened.poll())["papers"]
        assert (report.outcome, report.new) == ("changed", 4)
        assert await store.verify_ledger() == []


@contextlib.contextmanager
def held(site: Site) -> Iterator[None]:
    """Another program writes, and takes its time."""
    other = sqlite3.connect(site.folder / "data" / "aggregator.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
