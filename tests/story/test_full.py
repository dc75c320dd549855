"""A disk that is full, a database that is held: degraded, visible, recovered by itself, nothing lost (R19)."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
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
from tests.story.site import Site, a_source, until

SIZE = 24_000_000


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 24 MB. Needs the right to mount one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


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


def test_a_full_disk_is_told_and_gets_over_by_itself(tmp_path: Path, origin: Origin) -> None:
    """What was published is served all the time; what feeds brought meanwhile is there once there is room."""
    with small_disk(tmp_path / "disk") as disk:
        site = Site(disk / "site")
        set_up(site, origin)
        origin.serve("/papers", edition(3), ETag='"3"')
        with site.serving() as service:
            until(lambda: len(titles(ask(f"{service.base}/feeds/all.json")[1])) == 3, "three entries are out")
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(64_000))
            origin.serve("/papers", edition(300), ETag='"300"')
            until(lambda: ask(f"{service.base}/healthz")[0] == 503, "health tells of it")
            health = orjson.loads(ask(f"{service.base}/healthz")[1])
            assert health["ok"] is False
            assert health["database"] == "answers, but takes nothing"
            status, body = ask(f"{service.base}/feeds/all.json")
            assert (status, titles(body)) == (200, {"No 0", "No 1", "No 2"})
            said = site.run("status", "--json")
            assert said.code == 1
            assert "free some space" in said.json["database_error"]
            filler.unlink()
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
