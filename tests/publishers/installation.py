"""One publisher in an installation of its own: real files, database, parser and documents; only the clock is ours."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.cli import run
from aggregator.config.read import read
from aggregator.intake.pool import ParserPool
from aggregator.model.output import Flag, Format
from aggregator.polling.fetch import Fetcher
from aggregator.publishing.render import Renderer
from aggregator.service.explain import Explanation, explain_entry
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.poll import Polling, poll_many
from aggregator.store import Store
from aggregator.wiring import template_folders

OWNER = "publishers"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
SITE = {"name": "Riverside", "url": "https://news.example.org/", "email": "desk@example.org"}


@dataclass(frozen=True)
class Case:
    """A file of `cases/`, read as a configuration file is read: dates and `no` are text."""

    name: str
    about: str
    policy: dict[str, Any]
    feed: str
    outputs: dict[str, dict[str, Any]]
    steps: list[dict[str, Any]]
    others: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path) -> Case:
        text = read(path.read_bytes())
        assert not text.findings, f"{path.name}: {text.findings}"
        return cls(name=path.stem.replace("_", "-"), **text.value)


class Installation:
    """The case's publisher as the only source, its uses as outputs."""

    def __init__(self, house: House, tools: Polling, feed: Path) -> None:
        self.house = house
        self.tools = tools
        self.now = BEGINNING
        self._feed = feed

    async def poll(self, feed: str) -> None:
        self._feed.write_text(feed, encoding="utf-8")
        world, store = self.house.world, self.house.store
        [source] = world.configuration.sources
        states = await store.claim_named([source.id], self.now, lease=timedelta(minutes=1), owner=OWNER)
        [report] = await poll_many([(source, states[source.id])], world, self.tools, lambda: self.now)
        assert (report.outcome, report.warnings) == ("changed", ()), report

    async def approve(self, entry: str, output: str) -> None:
        """As a person types it, beside the running service."""
        folder = str(self.house.keeper.folder)
        code = await asyncio.to_thread(run, ["--config", folder, "entries", "approve", entry, "--output", output])
        assert code == 0

    async def bodies(self, output: str) -> dict[Format, bytes]:
        """What the web server would answer now, in all formats of the output."""
        formats = self.house.world.outputs[output].formats
        found = {format_: await self.house.public.current(output, format_) for format_ in formats}
        return {format_: answer[0].body for format_, answer in found.items() if answer}

    async def explain(self, output: str) -> dict[str, Explanation]:
        """By the last part of each entry's id."""
        found = {}
        for stored in await self.house.store.list_entries(limit=100):
            [answer] = await explain_entry(stored.key, [output], self.house.world, self.house.store, self.now)
            found[short(stored.entry.id)] = answer
        return found

    async def flags(self, output: str) -> list[Flag]:
        return [flag for flag in await self.house.store.flags() if output in flag.outputs]


def short(id_: str) -> str:
    """`bridge` of `tag:herald.example,2026:bridge`: what a case calls an entry."""
    return id_.rpartition(":")[2]


@contextlib.asynccontextmanager
async def installed(case: Case, folder: Path, database: Path, parsers: ParserPool) -> AsyncIterator[Installation]:
    """The case on disk, and everything that works on it, open.

    Args:
        folder: an empty one.
        database: an SQLite file that holds the schema.
        parsers: may be shared; it keeps nothing of a document.
    """
    config = folder / "config"
    feed = config / "feeds" / f"{case.name}.feed"
    feed.parent.mkdir(parents=True)
    (folder / "data").mkdir()
    shutil.copy(database, folder / "data" / "aggregator.db")
    _write(config / "aggregator.yaml", {"site": SITE, "server": {"public_url": "https://news.example.org"}})
    _write(config / "sources.yaml", [{"id": case.name, "feed": f"file:feeds/{feed.name}", "policy": case.name}])
    _write(config / "policies.yaml", [{"id": case.name, **case.policy}, *case.others])
    _write(config / "outputs.yaml", [{"id": id_, **_bare(output)} for id_, output in case.outputs.items()])
    feed.write_text(case.feed, encoding="utf-8")
    keeper = Keeper.open(config, BEGINNING)
    settings = keeper.world.configuration.settings
    store = await Store.open(settings.database)
    try:
        house = House(keeper, store, Renderer(template_folders(settings)), lambda: running.now)
        fetcher = Fetcher(user_agent="test", polling=settings.polling, files_root=config, environ=os.environ)
        async with fetcher:
            tools = Polling(store=store, fetch=fetcher.fetch, parse=parsers.parse, owner=OWNER)
            running = Installation(house, tools, feed)
            yield running
    finally:
        await store.close()


def _bare(output: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in output.items() if key != "about"}


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
