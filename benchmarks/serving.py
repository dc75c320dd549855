"""Serving: our whole web application beside a bare aiohttp handler that sends the same header and bytes.

As a program it is one of the servers: `python -m benchmarks.serving ours|bare-304|bare-200|polling`; it prints its port
and ends with its standard input. Only the server's CPU time counts, not the client's; but how long a reader waits while
the same process polls is wall time, as readers feel it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, cast

import uvloop
from aiohttp import web

from aggregator.model.output import Document, Format
from aggregator.web.app import Server, make_app
from aggregator.web.feeds import FeedShelf
from aggregator.web.ready import Ready, Variant, prepare
from aggregator.wiring import calm_collector
from benchmarks.content import document
from benchmarks.farm import open_farm
from benchmarks.house import (
    NOW,
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
from benchmarks.measure import Pair, Row, cpu_of, leave_out, promised, row

PATH = "/feeds/community.atom"
CONNECTIONS = 32
_DOCUMENT = Document(
    output="community",
    format=Format.ATOM,
    body=document(1, entries=20),
    etag='"0123456789abcdef0123456789abcdef"',
    modified_at=NOW.replace(microsecond=0),
    entries=20,
)
_URL = "https://news.example.org"
_NO_SITE: Any = None
"""No page but the feeds is asked for."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


async def served(quick: bool) -> list[Row]:
    """Answers 304 and answers in gzip, as feed readers ask for them."""
    requests, rounds = (2_000, 2) if quick else (15_000, 5)
    etag = _coded().etag
    asks = {
        "304": f"If-None-Match: {etag}\r\nAccept-Encoding: gzip, deflate\r\n",
        "200": "Accept-Encoding: gzip, deflate\r\n",
    }
    return [await _beside(status, fields, requests, rounds) for status, fields in asks.items()]


async def busy(quick: bool) -> list[Row]:
    """How long readers wait while the same process polls feeds that have changed, parses and stores."""
    asked = 150 if quick else 1_500
    with _server("polling") as (_, port):
        waits = sorted([await _wait(port) for _ in range(asked)])
    p99 = waits[len(waits) * 99 // 100]
    return [
        promised(
            [p99],
            1,
            scenario="busy",
            what=f"p99 of {asked:,} answers while a round of {FEEDS} changed feeds runs (wall time)",
            unit="request",
            promise=0.020,
            notes=(f"median {waits[len(waits) // 2] * 1000:.1f} ms, longest {waits[-1] * 1000:.1f} ms",),
        )
    ]


FEEDS = 200
"""Polled in a round while readers are served."""
PAUSE = 0.005
"""Seconds between two readers."""


async def _wait(port: int) -> float:
    """Seconds from a reader's request to the end of its answer, connecting included."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(PAUSE)
    request = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    begun = loop.time()
    client = _Client(request, "200", 1)
    await loop.create_connection(lambda: client, "127.0.0.1", port)
    await client.done
    return loop.time() - begun


async def _poll_for_ever(warm: asyncio.Event) -> None:
    """Round after round in which every feed has new entries; warm once what happens but once is done."""
    clock = Clock()
    with open_farm() as farm, fresh_database() as path:
        world = world_of(sources_on(farm, range(FEEDS)))
        async with open_store(path) as store, open_polling(store) as tools:
            await remember(store, world)
            for version in itertools.count(1):
                await asyncio.to_thread(farm.turn, version)
                clock.another_hour()
                reports = await poll_all_due(world, tools, clock)
                expect({report.outcome for report in reports} == {"changed"}, "some feed had not changed")
                warm.set()


async def _beside(status: str, fields: str, requests: int, rounds: int) -> Row:
    pair = Pair([], [])
    with _server("ours") as ours, _server(f"bare-{status}") as bare:
        for number in range(-1, rounds):
            for side, costs in ((ours, pair.ours), (bare, pair.limit)):
                spent = await _cost(side, status, fields, requests)
                if number >= 0:
                    costs.append(spent)
    return row(
        pair,
        requests // CONNECTIONS * CONNECTIONS,
        scenario="served",
        what="a 304" if status == "304" else f"a 200 in gzip, {len(_coded().body) // 1000} KB",
        unit="request",
        against="a bare aiohttp handler, same header and bytes",
        target=1.2,
    )


async def _cost(side: tuple[int, int], status: str, fields: str, requests: int) -> float:
    """CPU seconds that a server takes for so many requests over some connections."""
    pid, port = side
    before = cpu_of(pid)
    count = requests // CONNECTIONS
    request = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n{fields}\r\n"
    make = partial(_Client, request.encode(), status, count)
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(make, "127.0.0.1", port))[1] for _ in range(CONNECTIONS)]
    await asyncio.gather(*(client.done for client in clients))
    return cpu_of(pid) - before


class _Client(asyncio.Protocol):
    """Asks again and again over one connection, and is done when it has had its answers."""

    def __init__(self, request: bytes, status: str, count: int) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._start = f"HTTP/1.1 {status} ".encode()
        self._left = count
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._complete():
            return
        if not self._got.startswith(self._start):
            self.done.set_exception(RuntimeError(f"benchmark: the server answered {self._got[:60]!r}"))
            return
        self._got = b""
        self._left -= 1
        if self._left:
            self._transport.write(self._request)
        else:
            self._transport.close()
            self.done.set_result(None)

    def _complete(self) -> bool:
        head, end, body = self._got.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return bool(end) and (length is None or head.startswith(b"HTTP/1.1 304") or len(body) >= int(length[1]))


@contextmanager
def _server(kind: str) -> Iterator[tuple[int, int]]:
    """A server of its own: its process and its port."""
    command = [sys.executable, "-m", "benchmarks.serving", kind]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    leave_out(process.pid)
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.stdin.close()


def _ready() -> Ready:
    return prepare(_DOCUMENT, (("self", f"{_URL}{PATH}"),))


def _coded() -> Variant:
    return _ready().coded["gzip"]


class _House:
    """A shelf with one document, which may be served for as long as it likes."""

    async def current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        return _DOCUMENT, None

    async def page(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        return None

    async def archive(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        return None

    def is_trusted(self) -> bool:
        return True

    def version(self) -> int:
        return 1

    def public_url(self) -> str:
        return _URL

    def hubs(self) -> tuple[str, ...]:
        return ()


def _bare_app(kind: str) -> web.Application:
    ready = _ready()
    variant = _coded()
    fields = ready.not_modified[variant.etag]

    async def not_modified(_request: web.Request) -> web.Response:
        return web.Response(status=304, headers=fields)

    async def found(_request: web.Request) -> web.Response:
        return web.Response(body=variant.body, headers=variant.headers)

    app = web.Application()
    app.router.add_get(PATH, not_modified if kind == "bare-304" else found)
    return app


OURS = ("ours", "polling")


async def _serve(kind: str) -> None:
    app = make_app(_NO_SITE, FeedShelf(_House(), lambda: NOW.timestamp())) if kind in OURS else _bare_app(kind)
    server = Server(app, "127.0.0.1", 0)
    port = await server.start()
    if kind in OURS:
        calm_collector()  # as a running service does; a bare program knows nothing of it
    warm = asyncio.Event()
    polling = asyncio.create_task(_poll_for_ever(warm)) if kind == "polling" else None
    if polling is not None:
        await asyncio.wait([polling, asyncio.create_task(warm.wait())], return_when=asyncio.FIRST_COMPLETED)
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    if polling is not None:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
    await server.stop()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1]))
