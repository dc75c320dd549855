"""Fixtures: a server, and a fetcher to send there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aggregator.model.fetched import Outcome, Validators
from aggregator.model.source import Source
from aggregator.polling.fetch import Fetcher
from tests.polling.origin import NOW, Ask, Server, a_source, settings


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await made.serve(reader, writer)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.port = listener.sockets[0].getsockname()[1]
    yield made
    listener.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def fetcher(tmp_path: Path) -> AsyncIterator[Fetcher]:
    environ = {"FEED_LOGIN": "reader:s3cret", "FEED_KEY": "k3y"}
    async with Fetcher(
        user_agent="test/1 (+desk@example.org)", polling=settings(), files_root=tmp_path, environ=environ
    ) as it:
        yield it


@pytest.fixture
def ask(fetcher: Fetcher) -> Ask:
    """Fetch an address, or a source, at noon."""

    async def run(feed: str | Source, known: Validators = Validators(), **polling: object) -> Outcome:  # noqa: B008  a frozen value
        source = feed if isinstance(feed, Source) else a_source(feed, polling=settings(**polling))
        return await fetcher.fetch(source, known, NOW)

    return run
