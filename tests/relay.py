"""A mail server on loopback, and the outbox handed to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from aggregator.service.house import House
from aggregator.service.notify import Notifier


@dataclass
class Relay:
    """A mail server that answers RCPT as it is told to."""

    answer: str = "250 fine"
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 26, 12, tzinfo=UTC))

    def clock(self) -> datetime:
        return self.now

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self.taken.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
                writer.write(b"250 taken\r\n")
            elif word == b"RCPT":
                writer.write(f"{self.answer}\r\n".encode())
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()

    def configure(self, config: Path, more: str) -> None:
        """Has an installation send its mail to this server."""
        path = config / "aggregator.yaml"
        lines = path.read_text().splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("mail:"))
        stop = next(
            (number for number in range(at + 1, len(lines)) if lines[number] and not lines[number].startswith(" ")),
            at + 1,
        )
        lines[at:stop] = [f"mail: {{smtp: 'smtp://127.0.0.1:{self.port}', from: desk@example.org, {more}}}"]
        path.write_text("\n".join(lines) + "\n")

    def texts(self) -> list[str]:
        return [message_from_bytes(body, policy=default).get_content() for body in self.taken]

    def subjects(self) -> list[str]:
        return [str(message_from_bytes(body, policy=default)["Subject"]) for body in self.taken]


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    relay = Relay()
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
        for writer in relay.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def delivered(house: House) -> None:
    async def nobody(*_: object) -> None:
        raise AssertionError("only mail waits")

    notifier = Notifier(house, nobody, nobody, "test")
    notifier._looked_at = house.clock()
    await notifier.tick()
    await notifier.settle()
