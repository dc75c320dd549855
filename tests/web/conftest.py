"""The sample, served on loopback by the server that `run` starts."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from multidict import CIMultiDictProxy

from aggregator.service.admission import Admission
from aggregator.service.house import House
from aggregator.web.app import Server
from aggregator.web.site import PublicSite
from aggregator.wiring import open_house, template_folders
from aggregator.wiring.serve import make_site_app


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    """As sent, not decoded."""

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Served:
    """A running server, and the house behind it."""

    house: House
    port: int
    client: aiohttp.ClientSession
    admission: Admission

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ask(self, path: str, method: str = "GET", headers: object = None) -> Answer:
        """One request, sent as it stands, followed nowhere."""
        from yarl import URL

        async with self.client.request(
            method,
            URL(self.base + path, encoded=True),
            headers=headers,
            allow_redirects=False,
            skip_auto_headers=("Accept-Encoding", "Accept"),
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def raw(self, data: bytes) -> bytes:
        """Bytes on the wire, and the bytes that come back until the server closes or is silent."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        await writer.drain()
        got = b""
        try:
            while chunk := await asyncio.wait_for(reader.read(65536), 1.0):
                got += chunk
        except TimeoutError:
            pass
        writer.close()
        return got


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample that the test may change."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
async def served(folder: Path) -> AsyncIterator[Served]:
    async with serving(folder) as running:
        yield running


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    """The server that `run` starts, over the configuration and database of a folder."""
    async with open_house(folder / "config") as house:
        await house.sync()  # builds nothing: what is asked for is built on the way
        settings = house.world.configuration.settings
        site = PublicSite(house, template_folders(settings))
        server = Server(make_site_app(house, site, admission := Admission(house)), "127.0.0.1", 0)
        port = await server.start()
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            yield Served(house, port, client, admission)
        await server.stop()
