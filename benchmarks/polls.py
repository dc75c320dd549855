"""Polls: a round in which nothing changed, one in which every feed did, and a cold one."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import aiohttp
import feedparser
import msgspec
import nh3

from aggregator.intake.parse import parse
from aggregator.model.parsed import ParsedFeed, ParseRequest
from aggregator.service.world import World
from aggregator.wiring import calm_collector
from benchmarks.content import ENTRIES, document
from benchmarks.farm import Farm, etag, open_farm
from benchmarks.house import (
    Clock,
    expect,
    fresh_database,
    open_polling,
    open_store,
    poll_all_due,
    remember,
    sources_on,
    world_of,
)
from benchmarks.measure import Pair, Row, cost, in_turns, row

IN_FLIGHT = 64
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_encode = msgspec.msgpack.Encoder().encode


async def unchanged(quick: bool) -> list[Row]:
    """All feeds answer 304: what polling costs where there is nothing to do."""
    feeds, rounds = (300, 2) if quick else (2_000, 5)
    clock = Clock()
    with open_farm() as farm, fresh_database() as path:
        world = world_of(sources_on(farm, range(feeds)))
        async with open_store(path) as store, open_polling(store) as tools, _bare_session() as session:
            await remember(store, world)

            async def ours(_: int) -> None:
                clock.another_hour()
                reports = await poll_all_due(world, tools, clock)
                expect(len(reports) == feeds, f"{len(reports)} of {feeds} feeds were polled")
                expect({report.outcome for report in reports} == {"unchanged"}, "some feed was not unchanged")

            async def limit(_: int) -> None:
                answers = await _ask_all(session, farm, range(feeds))
                expect(set(answers) == {304}, "some feed did not answer 304")

            # Connections, caches and the worlds' digests of who is who are made once in a service's life.
            await cost(ours, -1)
            await cost(limit, -1)
            pair = await in_turns(rounds, ours, limit)
    return [
        row(
            pair,
            feeds,
            scenario="unchanged",
            what=f"{feeds:,} feeds answer 304: claim, ask, plan, store",
            unit="feed",
            against="a bare aiohttp loop, same GETs",
            target=1.5,
        )
    ]


def _bare_session() -> aiohttp.ClientSession:
    """What an aiohttp loop costs that does nothing but ask."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=15)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _ask_all(session: aiohttp.ClientSession, farm: Farm, feeds: Sequence[int]) -> list[int]:
    """Asks all feeds with their validators, 64 at a time; gives the statuses."""
    waiting = iter(feeds)
    answers: list[int] = []

    async def ask() -> None:
        for feed in waiting:
            headers = {"If-None-Match": etag(feed, 0), "If-Modified-Since": "Fri, 20 Nov 2026 12:00:00 GMT"}
            async with session.get(farm.url(feed), headers=headers) as answer:
                await answer.read()
                answers.append(answer.status)

    await asyncio.gather(*(ask() for _ in range(IN_FLIGHT)))
    return answers


async def changed(quick: bool) -> list[Row]:
    """Every feed has two new entries of 25: reading alone, and all the way into the store."""
    feeds, rounds = (8, 2) if quick else (24, 5)
    return [await _changed_reading(feeds, rounds), await _changed_polls(feeds, rounds)]


async def _changed_reading(feeds: int, rounds: int) -> Row:
    world = world_of([])
    first = {feed: _read(request(feed, 0, world)) for feed in range(feeds)}
    known = {feed: frozenset(digest for digest, _ in parsed.items) for feed, parsed in first.items()}
    requests = [request(feed, 1, world, known[feed]) for feed in range(feeds)]

    async def ours(_: int) -> None:
        for asked in requests:
            parsed = _read(asked)
            expect(len(parsed.entries) == 2, f"{len(parsed.entries)} entries were read, not 2")

    async def limit(_: int) -> None:
        for asked in requests:
            _as_shipped(asked.body)

    await cost(ours, -1)
    await cost(limit, -1)
    return row(
        await in_turns(rounds, ours, limit),
        feeds,
        scenario="changed",
        what="25 entries, 2 of them new: reading in the worker",
        unit="feed",
        against="feedparser as shipped, same bytes",
        target=0.25,
    )


async def _changed_polls(feeds: int, rounds: int) -> Row:
    clock, bodies = Clock(), dict[tuple[int, int], bytes]()
    with open_farm() as farm, fresh_database() as path:
        world = world_of(sources_on(farm, range(feeds)))
        async with open_store(path) as store, open_polling(store) as tools:
            await store.sync_sources(world.active, clock())
            await poll_all_due(world, tools, clock)  # cold: starts the workers, and every entry is known from now on
            farm.turn(1)
            clock.another_hour()
            await poll_all_due(world, tools, clock)

            async def ours(_: int) -> None:
                reports = await poll_all_due(world, tools, clock)
                news = [report.new for report in reports]
                expect(news == [2] * feeds, f"feeds brought {news} new entries, not 2 each")

            async def limit(number: int) -> None:
                for feed in range(feeds):
                    _as_shipped(bodies[feed, number + 2])

            pair = Pair([], [])
            for number in range(rounds):
                farm.turn(number + 2)
                clock.another_hour()
                bodies.update({(feed, number + 2): document(feed, number + 2) for feed in range(feeds)})
                pair.ours.append(await cost(ours, number))
                pair.limit.append(await cost(limit, number))
    return row(
        pair,
        feeds,
        scenario="changed",
        what="the same, all the way: fetch, worker, plan, store",
        unit="feed",
        against="feedparser as shipped alone",
        target=0.25,
    )


async def cold(quick: bool) -> list[Row]:
    """Feeds that were never seen: every entry is read, cleaned and stored."""
    feeds, rounds = (6, 2) if quick else (24, 5)
    return [await _cold_reading(feeds, rounds), await _cold_polls(feeds, rounds)]


async def _cold_reading(feeds: int, rounds: int) -> Row:
    world = world_of([])
    requests = [request(feed, 0, world) for feed in range(feeds)]

    async def ours(_: int) -> None:
        for asked in requests:
            expect(len(_read(asked).entries) == ENTRIES, "not all entries were read")

    async def limit(_: int) -> None:
        for asked in requests:
            _least(asked.body)

    await cost(ours, -1)
    await cost(limit, -1)
    return row(
        await in_turns(rounds, ours, limit),
        feeds,
        scenario="cold",
        what="25 entries, all new: reading in the worker",
        unit="feed",
        against="feedparser (sanitising, resolving off) + nh3",
        target=1.3,
    )


async def _cold_polls(feeds: int, rounds: int) -> Row:
    clock, bodies, cores = Clock(), dict[tuple[int, int], bytes](), os.cpu_count() or 1
    # As many processes as ours has readers: two that run at once cost each more than one alone does.
    others = ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=calm_collector)
    with others, open_farm() as farm, fresh_database() as path:
        # Feeds of the last group only warm up: workers, connections, caches.
        groups = [range(number * feeds, (number + 1) * feeds) for number in range(rounds + 1)]
        world = world_of(sources_on(farm, range((rounds + 1) * feeds)))
        async with open_store(path) as store, open_polling(store) as tools:

            async def ours(number: int) -> None:
                reports = await poll_all_due(world, tools, clock)
                news = [report.new for report in reports]
                expect(news == [ENTRIES] * feeds, f"feeds brought {news} new entries, not {ENTRIES} each")

            async def limit(number: int) -> None:
                wanted = [bodies[feed, 0] for feed in groups[number]]
                shares = [wanted[place::cores] for place in range(cores)]
                loop = asyncio.get_running_loop()
                await asyncio.gather(*(loop.run_in_executor(others, _least_of, share) for share in shares))

            pair = Pair([], [])
            for number in (-1, *range(rounds)):
                bodies.update({(feed, 0): document(feed) for feed in groups[number]})
                await store.sync_sources([f"paper-{feed}" for feed in groups[number]], clock())
                spent = await cost(ours, number), await cost(limit, number)
                if number >= 0:
                    pair.ours.append(spent[0])
                    pair.limit.append(spent[1])
    return row(
        pair,
        feeds,
        scenario="cold",
        what="the same, all the way: fetch, worker, plan, store",
        unit="feed",
        against="feedparser (sanitising, resolving off) + nh3 alone, on all cores",
        target=1.15,
    )


def request(feed: int, version: int, world: World, known: frozenset[str] = frozenset()) -> ParseRequest:
    """A document of the farm, as a worker is asked to read it."""
    others = tuple((domain, policy.publisher.name) for policy in world.policies for domain in policy.publisher.domains)
    return ParseRequest(
        source=f"paper-{feed}",
        url=f"https://paper{feed}.example/feed",
        body=document(feed, version),
        content_type="application/xml",
        known=known,
        others=others,
    )


def _read(request: ParseRequest) -> ParsedFeed:
    """What the worker does, its answer's encoding included."""
    parsed = parse(request)
    if not isinstance(parsed, ParsedFeed):
        raise RuntimeError(f"benchmark: a document was not read: {parsed.detail}")
    _encode(parsed)
    return parsed


def _least_of(bodies: Sequence[bytes]) -> None:
    for body in bodies:
        _least(body)


def _as_shipped(body: bytes) -> None:
    found = feedparser.parse(io.BytesIO(body), response_headers=_HEADERS)
    expect(len(found.entries) == ENTRIES, "feedparser did not read all entries")


def _least(body: bytes) -> None:
    """The least that a cold feed costs with feedparser's reading and safe HTML."""
    found: Any = feedparser.parse(
        io.BytesIO(body), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    expect(len(found.entries) == ENTRIES, "feedparser did not read all entries")
    for entry in found.entries:
        for text in (entry.title, entry.summary, *(part.value for part in entry.content)):
            nh3.clean(text)
        _ = (entry.id, entry.link, entry.published_parsed, entry.author, [tag.term for tag in entry.tags])
