"""A real server on loopback that can misbehave, and builders for what matters to a fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.model.fetched import Outcome
from aggregator.model.source import PollSettings, Source

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""


Behaviour = Callable[["Server", Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers each path as told; counts what it could get rid of."""

    port: int = 0
    paths: dict[str, bytes | Behaviour] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    sent: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
                body = await reader.readexactly(int(fields.get("Content-Length", "0")))
                asked = Asked(head[0].split(" ")[1], fields, head[0].split(" ")[0], body)
                self.asked.append(asked)
                answer = self.paths.get(asked.path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                if isinstance(answer, bytes):
                    await self.send(writer, answer)
                else:
                    await answer(self, asked, writer)
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        self.sent += len(data)


def answer(body: bytes = b"<rss/>", status: str = "200 OK", **fields: str) -> bytes:
    """A well-formed answer; `Content_Type='…'` becomes a field."""
    fields = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items() if value), "", ""]
    return "\r\n".join(lines).encode() + body


def moved(to: str, status: int = 302, **fields: str) -> bytes:
    return answer(b"", f"{status} Moved", Location=to, **fields)


def settings(**changes: object) -> PollSettings:
    """Loopback is allowed, unless told otherwise."""
    usual: dict[str, object] = {"private_addresses": True, "timeout": timedelta(seconds=20), "max_size": 1_000_000}
    return PollSettings(**(usual | changes))


def a_source(feed: str, **changes: object) -> Source:
    usual: dict[str, object] = {"id": "herald", "feed": feed, "polling": settings()}
    return Source(**(usual | changes))


Ask = Callable[..., Awaitable[Outcome]]
