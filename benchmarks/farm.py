"""Publishers in a process of their own: answers `GET /N.xml` with a feed or a 304, on every loopback address.

`GET /version/V/N` makes every N-th feed the V-th version of itself; `GET /asked` says how often feeds were asked for.
What else a service asks for in its own time, such as robots.txt, is not there. As a program it prints its port, and
ends with its standard input.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

from benchmarks.content import document
from benchmarks.measure import leave_out

HOSTS = 200

_CONDITION = re.compile(rb"\r\nif-none-match: *([^\r]*)", re.IGNORECASE)
_DATE = "Fri, 20 Nov 2026 12:00:00 GMT"


class Farm:
    """The farm as its visitors see it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, feed: int) -> str:
        """Address of a feed, spread over 200 hosts. Numbers, not names: lookups would be measured on both sides."""
        return f"http://127.0.1.{feed % HOSTS + 1}:{self.port}/{feed}.xml"

    def turn(self, version: int, every: int = 1) -> None:
        """Lets every feed, or every so-many-th, be the given version of itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/version/{version}/{every}") as answer:
            answer.read()

    def asked(self) -> int:
        """How often feeds were asked for so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/asked") as answer:
            return int(answer.read())


def etag(feed: int, version: int) -> str:
    """The validator of a version of a feed."""
    return f'"{feed}-{version}"'


@contextmanager
def open_farm() -> Iterator[Farm]:
    """A farm whose CPU time is not counted."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.farm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    leave_out(process.pid)
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Farm(int(process.stdout.readline()))
        process.stdin.close()


class _State:
    def __init__(self) -> None:
        self.version, self.every, self.asked = 0, 1, 0
        self.answers: dict[tuple[int, int, bool], bytes] = {}

    def answer(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1].decode()
        if path.startswith("/version/"):
            self.version, self.every = map(int, path.split("/")[2:])
            return _head("200 OK", 'ETag: "v"', b"")
        if path == "/asked":
            return _head("200 OK", 'ETag: "a"', str(self.asked).encode())
        number, _, kind = path[1:].partition(".")
        if kind != "xml":  # robots.txt, tdmrep.json and the like: a service asks for them in its own time
            return _head("404 Not Found", "", b"")
        self.asked += 1
        feed = int(number)
        version = self.version if feed % self.every == 0 else 0
        tag = etag(feed, version)
        condition = _CONDITION.search(request)
        same = condition is not None and condition[1].decode() == tag
        key = (feed, version, same)
        if key not in self.answers:
            fields = f"ETag: {tag}\r\nLast-Modified: {_DATE}\r\nCache-Control: max-age=300"
            body = b"" if same else document(feed, version)
            self.answers[key] = _head("304 Not Modified" if same else "200 OK", fields, body)
        return self.answers[key]


def _head(status: str, fields: str, body: bytes) -> bytes:
    length = "" if status.startswith("304") else f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\nDate: {_DATE}\r\nServer: farm\r\n{length}{fields}\r\n\r\n".encode() + body


class _Publisher(asyncio.Protocol):
    def __init__(self, state: _State) -> None:
        self._state = state
        self._transport: asyncio.WriteTransport | None = None
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's are of no such class

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting and self._transport is not None:
            request, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._transport.write(self._state.answer(request))


async def _serve() -> None:
    loop, state = asyncio.get_running_loop(), _State()
    server = await loop.create_server(lambda: _Publisher(state), "0.0.0.0", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(_serve())
