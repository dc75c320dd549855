"""The same feeds polled by other programs, in the same run: PyPI's `reader` and Debian's newsboat.

Each polls the farm's feeds into a database of its own: for the first time, while nothing changes, and while every tenth
has two new entries. newsboat is a command, so its start is in its figures; ours and reader are libraries in a process
that runs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.content import ENTRIES
from benchmarks.farm import Farm, open_farm
from benchmarks.house import (
    Clock,
    expect,
    fresh_database,
    open_polling,
    open_store,
    poll_all_due,
    sources_on,
    world_of,
)
from benchmarks.measure import Pair, Row, cost, row
from benchmarks.polls import request

WORKERS = 20
"""Of each of the others, as their documentation suggests for as many feeds."""
EVERY = 10
Round = Callable[[], Awaitable[None]]


async def reader(quick: bool) -> list[Row]:
    """Ours beside `reader`."""
    return await _beside("reader", quick, {"cold": 1 / 2.5, "unchanged": 1 / 8, "changed": 1 / 8})


async def newsboat(quick: bool) -> list[Row]:
    """Ours beside newsboat; nothing where it is not installed."""
    if shutil.which("newsboat") is None:
        return []
    return await _beside("newsboat", quick, {"cold": None, "unchanged": 1 / 10, "changed": 1 / 10})


async def _beside(other: str, quick: bool, targets: Mapping[str, float | None]) -> list[Row]:
    feeds, rounds = (30, 1) if quick else (200, 3)
    spent: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, open_farm() as farm, fresh_database() as path:
        world, clock = world_of(sources_on(farm, range(feeds))), Clock()
        async with open_store(path) as store, open_polling(store) as tools:
            await store.sync_sources(world.active, clock())
            # The others' modules are loaded by now, and so are our workers'.
            await asyncio.gather(*(tools.parse(request(0, 0, world)) for _ in range(os.cpu_count() or 1)))
            news: list[int] = []

            async def ours() -> None:
                clock.another_hour()
                reports = await poll_all_due(world, tools, clock)
                expect(len(reports) == feeds, f"{len(reports)} of {feeds} feeds were polled")
                news.append(sum(report.new for report in reports))

            start = {"reader": _reader, "newsboat": _newsboat}[other]
            others = {"ours": ours, other: start(farm, feeds, Path(name))}
            spent = {who: {"cold": [], "unchanged": [], "changed": []} for who in others}

            async def a_round(what: str) -> None:
                for who, work in others.items():
                    before = farm.asked()
                    spent[who][what].append(await cost(_numbered(work), 0))
                    asked = farm.asked() - before
                    expect(asked >= feeds, f"{who} asked {asked} times for {feeds} feeds")

            await a_round("cold")
            expect(news[-1] == feeds * ENTRIES, f"{news[-1]} entries were stored, not {feeds * ENTRIES}")
            for work in others.values():
                await work()  # newsboat forgets the validators of its first round
            for number in range(rounds):
                await a_round("unchanged")
                expect(news[-1] == 0, "something was new where nothing had changed")
                farm.turn(number + 1, EVERY)
                await a_round("changed")
                expect(news[-1] == 2 * -(-feeds // EVERY), f"{news[-1]} entries were new")
    return [_row(spent, other, what, feeds, target) for what, target in targets.items()]


def _row(spent: dict[str, dict[str, list[float]]], who: str, what: str, feeds: int, target: float | None) -> Row:
    told = {
        "cold": "never seen before",
        "unchanged": "nothing new: all answer 304",
        "changed": "every tenth has two new entries",
    }
    return row(
        Pair(spent["ours"][what], spent[who][what]),
        feeds,
        scenario="peers",
        what=f"{feeds} feeds, {told[what]}, beside {who}",
        unit="feed",
        against=who,
        target=target,
    )


def _numbered(work: Round) -> Callable[[int], Awaitable[None]]:
    async def numbered(_: int) -> None:
        await work()

    return numbered


def _reader(farm: Farm, feeds: int, folder: Path) -> Round:
    """https://github.com/lemon24/reader."""
    if find_spec("sgmllib") is None:  # its copy of feedparser imports it; feedparser has it under another name
        sys.modules["sgmllib"] = import_module("feedparser_sgmllib")
    make_reader: Any = import_module("reader").make_reader
    database = str(folder / "reader.db")
    with closing(make_reader(database)) as reader:
        for feed in range(feeds):
            reader.add_feed(farm.url(feed))

    async def work() -> None:
        with closing(make_reader(database)) as reader:
            # Else it asks only those whose hour has come: none of them, a second later.
            reader.update_feeds(scheduled=False, workers=WORKERS)

    return work


def _newsboat(farm: Farm, feeds: int, folder: Path) -> Round:
    """https://newsboat.org."""
    urls, config = folder / "urls", folder / "newsboat"
    urls.write_text("".join(f"{farm.url(feed)}\n" for feed in range(feeds)))
    config.write_text(f"reload-threads {WORKERS}\n")
    command = ["newsboat", "-u", str(urls), "-c", str(folder / "cache.db"), "-C", str(config), "-x", "reload"]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}

    async def work() -> None:
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=quiet, stderr=quiet)
        expect(await process.wait() == 0, "newsboat did not end well")

    return work
