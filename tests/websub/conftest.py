"""A service over a copy of the sample, with its hub, and servers on loopback that stand for the others."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from aggregator.service.house import House
from aggregator.service.hub import HubDesk
from aggregator.service.notify import Notifier
from aggregator.service.poll import poll_many
from aggregator.service.subscribe import Subscriber
from aggregator.web.app import Server, make_app
from aggregator.web.feeds import FeedShelf
from aggregator.web.site import PublicSite
from aggregator.wiring import open_house, template_folders
from aggregator.wiring.outside import open_fetcher, open_polling
from aggregator.wiring.serve import open_notifier

PUBLIC = "http://127.0.0.1:8080"
"""The sample's `public_url`: the hub's topics begin with it."""


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Got:
    """One request as a server on the other side saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        from urllib.parse import parse_qsl

        return dict(parse_qsl(self.body.decode()))


@dataclass
class Other:
    """A server on the other side: a subscriber, a hub, a webhook. It remembers what it got."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], Awaitable[web.Response]] | None = None
    """None: echoes a challenge, else 200."""

    def url(self, path: str = "/callback") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def take(self, method: str = "POST") -> list[Got]:
        """What came by this method since the last call, for good."""
        taken = [one for one in self.got if one.method == method]
        self.got = [one for one in self.got if one.method != method]
        return taken

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = Got(request.method, request.path, dict(request.query), headers, await request.read())
        self.got.append(got)
        if self.answer is not None:
            return await self.answer(got)
        return web.Response(text=got.query.get("hub.challenge", "ok"))


@asynccontextmanager
async def an_other() -> AsyncIterator[Other]:
    made = Other()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    async with an_other() as made:
        yield made


@dataclass
class Service:
    """A running service whose clock stands still."""

    house: House
    notifier: Notifier
    subscriber: Subscriber
    clock: Clock
    port: int
    client: aiohttp.ClientSession

    async def build(self) -> None:
        await self.house.build_stale()

    async def send(self) -> None:
        """All that is due."""
        while await self.notifier.tick():
            await self.notifier.settle()

    async def ask_hub(self, **fields: str) -> int:
        """POSTs to the hub; `mode='subscribe'` is `hub.mode`."""
        return (await self.asked_hub({f"hub.{name}": value for name, value in fields.items()}))[0]

    async def asked_hub(self, fields: object) -> tuple[int, str]:
        async with self.client.post(f"http://127.0.0.1:{self.port}/hub", data=fields) as answer:
            return answer.status, await answer.text()

    async def poll(self, source: str) -> str:
        """Polls one source now; its outcome."""
        tools, house = self.subscriber.tools, self.house
        now = self.clock()
        states = await house.store.claim_named([source], now, lease=timedelta(minutes=9), owner=tools.owner)
        due = [(house.world.sources[source], states[source])]
        (report,) = await poll_many(due, house.world, tools, self.clock)
        return report.outcome

    def here(self, url: str) -> str:
        """An address of ours, as it is reached in a test."""
        return url.replace(PUBLIC, f"http://127.0.0.1:{self.port}")

    async def withdraw_one(self, output: str = "community") -> str:
        """Has a person take an entry out that stands in an output, and builds."""
        from aggregator.service.withdraw import withdraw

        key = min(await self.house.store.open_releases(output))
        await withdraw(key, "asked by letter", "test", self.house.store, self.clock())
        await self.build()
        return key


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample that the test may change."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    return tmp_path


def configure(folder: Path, websub: str = "private_addresses: true", webhooks: str = "[]") -> None:
    """Writes these keys into aggregator.yaml in place of its own."""
    path = folder / "config/aggregator.yaml"
    text = path.read_text()
    text = text.partition("# News without polling")[0].partition("# Websub of this test")[0]
    path.write_text(f"{text}# Websub of this test\nwebsub: {{{websub}}}\nwebhooks: {webhooks}\n")


@asynccontextmanager
async def a_service(folder: Path) -> AsyncIterator[Service]:
    """What `run` starts but for the alarm, over the configuration and database of a folder."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(folder / "config"))
        clock = Clock(datetime.now(UTC))
        house.clock = clock
        fetcher = await stack.enter_async_context(open_fetcher(house))
        notifier = open_notifier(house, fetcher)
        await house.sync()
        site = PublicSite(house, template_folders(house.world.configuration.settings))
        shelf = FeedShelf(house.public, lambda: clock().timestamp())
        tools = await stack.enter_async_context(open_polling(house, fetcher))
        subscriber = Subscriber(house, tools, fetcher.ask)
        app = make_app(site, shelf, hub=HubDesk(house), callbacks=subscriber)
        server = Server(app, "127.0.0.1", 0)
        port = await server.start()
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Service(house, notifier, subscriber, clock, port, client)
        await server.stop()


@pytest.fixture
async def service(folder: Path) -> AsyncIterator[Service]:
    configure(folder)
    async with a_service(folder) as made:
        await made.build()
        await made.send()
        yield made
