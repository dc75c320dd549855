"""The store: entries written, and a look at 100,000 sources of which few or none are due."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.engine.local import LocalEngine
from aggregator.intake.parse import parse
from aggregator.intake.plan import body_digest, plan_parsed
from aggregator.model.fetched import Fetched, Outcome, Validators
from aggregator.model.output import Output
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from aggregator.model.poll import IntakePlan, PollState
from aggregator.model.source import PollSettings, Source
from aggregator.model.use import Use
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.poll import Polling
from aggregator.service.world import World
from aggregator.store import Store
from aggregator.store.apply import POLL_COLUMNS, Prepared, prepare
from aggregator.store.tables import to_microseconds
from benchmarks.content import ENTRIES, document
from benchmarks.house import LEASE, NOW, OWNER, ROOT, Clock, expect, fresh_database, open_store, world_of
from benchmarks.measure import Pair, Row, cost, in_turns, promised, row

ROWS_A_COMMIT = 500
"""As many as the store's own writer puts into a transaction."""
BATCH_OF_PLANS = 64
"""Polls that end at about the same time."""


async def stored(quick: bool) -> list[Row]:
    """Entries of cold polls written by the store, beside the same rows through the driver alone."""
    feeds, rounds = (20, 2) if quick else (120, 5)
    plans = [plan_of(feed) for feed in range(feeds)]
    prepared = [prepare(plan, None, None) for plan in plans]

    async def ours(number: int) -> None:
        async with open_store(_copy(path, number)) as store:
            await store.sync_sources([plan.state.source for plan in plans], NOW)
            for start in range(0, len(plans), BATCH_OF_PLANS):
                await asyncio.gather(*map(store.apply, plans[start : start + BATCH_OF_PLANS]))

    async def limit(number: int) -> None:
        _write_raw(_copy(path, number), prepared)

    with fresh_database() as path:
        await cost(ours, -1)
        await cost(limit, -1)
        pair = await in_turns(rounds, ours, limit)
    entries = feeds * ENTRIES
    rate = entries / sorted(pair.ours)[rounds // 2]
    return [
        row(
            pair,
            entries,
            scenario="stored",
            what=f"{entries:,} new entries of {feeds} polls, in the store",
            unit="entry",
            against="sqlite3 executemany of the same rows",
            target=None,
            notes=(f"{rate:,.0f} entries per CPU second; all indexes, state and feed facts of each source included",),
        )
    ]


def plan_of(feed: int, size: int | None = None) -> IntakePlan:
    """What a cold poll of a feed brings; its articles are at least so many characters long."""
    source, body = f"paper-{feed}", document(feed, size=size)
    parsed = parse(ParseRequest(source=source, url=f"https://paper{feed}.example/feed", body=body))
    if isinstance(parsed, ParseFailed):
        raise RuntimeError(f"benchmark: a document was not read: {parsed.detail}")
    fetched = Fetched(
        source=source,
        asked_at=NOW,
        final_url=f"https://paper{feed}.example/feed",
        status=200,
        body=body,
        content_type="application/xml",
        validators=Validators(etag='"1"'),
    )
    due = NOW + timedelta(minutes=30)
    return plan_parsed(
        PollState(source=source),
        fetched,
        parsed,
        {},
        next_poll_at=due,
        why="every 30 min",
        now=NOW,
        digest=body_digest(body),
    )


def _copy(empty: Path, number: int) -> Path:
    """A fresh copy of an empty database."""
    path = empty.with_name(f"round-{number}.db")
    for old in empty.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(empty, path)
    return path


def _write_raw(path: Path, prepared: Sequence[Prepared]) -> None:
    """The same rows in the same tables, with the same durability, by the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16384"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    instant = to_microseconds(NOW)
    sources = [(plan.source, *(plan.document or ())) for plan in prepared]
    connection.executemany(
        "INSERT INTO sources (id, known_items, feed_facts, active, change, added_at) "
        f"VALUES (?, ?, ?, 1, 1, {instant})",
        sources,
    )
    columns = (*POLL_COLUMNS, "source")
    connection.executemany(
        f"INSERT INTO polls ({', '.join(columns)}, active) VALUES ({', '.join('?' * len(columns))}, 1)",
        [plan.poll for plan in prepared],
    )
    connection.execute("COMMIT")
    rows = [row for plan in prepared for row in plan.entries]
    for start in range(0, len(rows), ROWS_A_COMMIT):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO entries (key, source, id_digest, url_digest, revision, ordered_at, first_seen_at, "
            "last_seen_at, earliest_at, facts, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows[start : start + ROWS_A_COMMIT],
        )
        connection.execute("COMMIT")
    connection.close()


async def ticks(quick: bool) -> list[Row]:
    """A service with 100,000 sources: a second in which nothing is to be done, and one in which 1,000 are due."""
    count, due, rounds = (5_000, 200, 2) if quick else (100_000, 1_000, 5)
    polling = PollSettings(private_addresses=True)
    sources = [
        Source(id=f"paper-{number}", feed=f"http://127.0.0.1:9/{number}", polling=polling) for number in range(count)
    ]
    world = world_of(sources, [Output(id="all", title="All", use=Use(output="all"))])
    clock = Clock()
    with fresh_database() as path:
        async with open_store(path) as store:
            await store.sync_sources(world.active, NOW)
        _make_due(path, NOW + timedelta(days=365))
        async with open_store(path) as store:
            idle = await _idle(store, world, clock, rounds, count)
        _make_due(path, NOW + timedelta(days=365))
        _make_due(path, NOW, due)
        async with open_store(path) as store:
            busy = await _busy(store, path, due, rounds, count)
    return [idle, busy]


def _make_due(path: Path, at: datetime, first: int | None = None) -> None:
    """Sets when all sources, or the first so many, are due, and takes their leases away."""
    instant = to_microseconds(at)
    some = "" if first is None else f" WHERE source IN (SELECT source FROM polls ORDER BY source LIMIT {first})"
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE polls SET next_poll_at = {instant}{some}")
        connection.execute("DELETE FROM leases")
        connection.execute("ANALYZE")
    connection.close()


async def _idle(store: Store, world: World, clock: Clock, rounds: int, count: int) -> Row:
    """What the service's alarm does every second: look for due sources, for stale outputs, for edited files."""
    tools = Polling(store=store, fetch=_no_fetch, parse=_no_parse, owner=OWNER)
    engine = LocalEngine(tools, clock)
    keeper = Keeper.open(ROOT / "config", clock())
    house = House(keeper, store, Renderer([ROOT / "templates"]), clock)
    keeper.world = world
    seconds = 20

    async def ours(_: int) -> None:
        for _second in range(seconds):
            expect(await engine.tick(world) == 0, "a source was due")
            await house.refresh()
            await house.notice()

    await cost(ours, -1)
    return promised(
        [await cost(ours, number) for number in range(rounds)],
        seconds,
        scenario="ticks",
        what=f"an idle second with {count:,} sources: none due, nothing stale",
        unit="second",
        promise=0.01,
    )


async def _busy(store: Store, path: Path, due: int, rounds: int, count: int) -> Row:
    async def ours(_: int) -> None:
        claimed = await store.claim_due(NOW, lease=LEASE, owner=OWNER, limit=due)
        expect(len(claimed) == due, f"{len(claimed)} sources were claimed, not {due}")

    async def limit(_: int) -> None:
        expect(_claim_raw(path, due) == due, "not all were claimed")

    pair = Pair([], [])
    for number in range(-1, rounds):
        spent = []
        for work in (ours, limit):
            spent.append(await cost(work, number))
            await store.release_leases(OWNER)
        if number >= 0:
            pair.ours.append(spent[0])
            pair.limit.append(spent[1])
    return row(
        pair,
        due,
        scenario="ticks",
        what=f"{due:,} due among {count:,} claimed, with all that is remembered of them",
        unit="source",
        against="sqlite3, the same rows leased and read",
        target=None,
    )


def _claim_raw(path: Path, limit: int) -> int:
    instant, until = to_microseconds(NOW), to_microseconds(NOW + LEASE)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    rows = connection.execute(
        f"SELECT * FROM polls WHERE active AND next_poll_at <= {instant} AND NOT EXISTS (SELECT 1 FROM leases "
        f"WHERE leases.source = polls.source AND until > {instant}) ORDER BY next_poll_at LIMIT {limit}"
    ).fetchall()
    connection.executemany(
        f"INSERT OR REPLACE INTO leases VALUES (?, '{OWNER}', {until})", [claimed[:1] for claimed in rows]
    )
    for claimed in rows:
        connection.execute("SELECT known_items, feed_facts FROM sources WHERE id = ?", claimed[:1]).fetchone()
    connection.execute("COMMIT")
    connection.close()
    return len(rows)


async def _no_fetch(source: Source, validators: Validators, now: object, *, believed: str | None = None) -> Outcome:
    raise AssertionError("nothing is due")


async def _no_parse(request: ParseRequest) -> ParsedFeed | ParseFailed:
    raise AssertionError("nothing is due")
