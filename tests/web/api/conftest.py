"""The interface for programs, served on loopback, and a program for each role."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from multidict import CIMultiDict

from aggregator.model.account import Role
from tests.web.admin.conftest import Office, open_office

JSON = ("application/json", "application/problem+json")


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    body: Any
    headers: CIMultiDict[str]


@dataclass
class Program:
    """A client with a token."""

    base: str
    client: aiohttp.ClientSession
    secret: str | None
    sent: dict[str, str] = field(default_factory=dict)

    async def __call__(
        self, method: str, path: str, json: Any = None, *, data: bytes | None = None, **headers: str
    ) -> Told:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret is not None:
            given.setdefault("Authorization", f"Bearer {self.secret}")
        body: dict[str, Any] = {"data": data} if data is not None else ({"json": json} if json is not None else {})
        url = f"{self.base}/api/v1{path}"
        async with self.client.request(method, url, headers=given, allow_redirects=False, **body) as answer:
            raw = await answer.read()
            told = await answer.json(content_type=None) if answer.content_type in JSON and raw else raw
            return Told(answer.status, told, CIMultiDict(answer.headers))


@dataclass(frozen=True)
class Programs:
    """A running service, and a program for each role."""

    office: Office
    client: aiohttp.ClientSession

    async def of(self, role: Role, **more: Any) -> Program:
        """A program whose token and account have this role."""
        _, secret = await self.office.desk.accounts.add_token("test", role.value, role, lasts=None, by="test", **more)
        return Program(self.office.base, self.client, secret)

    def nobody(self) -> Program:
        return Program(self.office.base, self.client, None)


@pytest.fixture
async def programs(sample: Path, tmp_path: Path) -> AsyncIterator[Programs]:
    """For tests that change something."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    async with open_office(tmp_path, passwords=False) as office, aiohttp.ClientSession() as client:
        yield Programs(office, client)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Programs]:
    """For the tests of a module that change nothing which another of them looks at."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    async with open_office(folder, passwords=False) as office, aiohttp.ClientSession() as client:
        yield Programs(office, client)
