"""The desk, served on loopback, and somebody who is logged in."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright

from aggregator.model.account import Role
from aggregator.model.output import Format
from aggregator.service.house import House
from aggregator.web.admin.desk import Desk
from aggregator.web.app import Server, make_app
from aggregator.web.feeds import FeedShelf
from aggregator.web.site import PublicSite
from aggregator.wiring import open_house, template_folders
from aggregator.wiring.outside import open_fetcher
from aggregator.wiring.serve import make_desk
from tests.web.test_browser import ARGUMENTS, PIXEL, chromium

PASSWORD = "correct horse battery staple"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Visitor:
    """A browser without script: it keeps cookies, and sends back the token of the last form that it saw."""

    base: str
    client: aiohttp.ClientSession
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.base + path, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            found = _CSRF.search(text)
            self.csrf = found[1] if found else self.csrf
            return answer.status, answer.headers.get("Location", text)

    async def post(
        self, path: str, form: dict[str, str] | None = None, *, csrf: str | None = None, **headers: str
    ) -> tuple[int, str]:
        data = {"csrf": self.csrf if csrf is None else csrf, **(form or {})}
        async with self.client.post(self.base + path, data=data, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            return answer.status, answer.headers.get("Location", text)

    async def log_in(self, name: str, password: str = PASSWORD) -> tuple[int, str]:
        await self.get("/admin/login")
        result = await self.post("/admin/login", {"name": name, "password": password})
        await self.get("/admin/account")
        return result


@dataclass(frozen=True)
class Office:
    """A running service with an account for each role, named as the role."""

    house: House
    desk: Desk
    base: str

    @asynccontextmanager
    async def visitor(self, name: str | None = None) -> AsyncIterator[Visitor]:
        # A host name, because cookies of plain addresses are kept by none of aiohttp's jars unless they are told to.
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            visitor = Visitor(self.base, client)
            if name is not None:
                assert (await visitor.log_in(name))[0] == 303
            yield visitor


@asynccontextmanager
async def open_office(folder: Path, *, passwords: bool = True) -> AsyncIterator[Office]:
    """A service on loopback.

    Args:
        passwords: False: nobody logs in by one; hashing four takes most of a second.
    """
    async with open_house(folder / "config") as house, open_fetcher(house) as fetcher:
        await house.sync()
        await house.build_stale()
        settings = house.world.configuration.settings
        desk = make_desk(house, fetcher)
        for role in Role:
            await desk.accounts.add(role.value, role, password=PASSWORD if passwords else None, email=None, by="test")
        site = PublicSite(house, template_folders(settings))
        app = make_app(site, FeedShelf(house.public, lambda: house.clock().timestamp()), desk)
        server = Server(app, "127.0.0.1", 0)
        port = await server.start()
        try:
            yield Office(house, desk, f"http://127.0.0.1:{port}")
        finally:
            await server.stop()


@pytest.fixture
async def office(sample: Path, tmp_path: Path) -> AsyncIterator[Office]:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    async with open_office(tmp_path) as office:
        yield office


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    program = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS.split())
        yield running
        await running.close()


async def enter(browser: Browser, office: Office, name: str, **options: object) -> Page:
    context = await browser.new_context(**options)
    page = await context.new_page()
    # Previews load the publishers' own pictures, as readers do: here from nowhere.
    await page.route(lambda url: not url.startswith(office.base), lambda route: route.fulfill(body=PIXEL))
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.goto(f"{office.base}/admin/login")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    return page


async def titles(office: Office, output: str) -> str:
    await office.house.build_stale()
    found = await office.house.public.current(output, Format.ATOM)
    assert found is not None
    return found[0].body.decode()
