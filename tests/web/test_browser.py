"""The pages in a real browser: sizes, schemes, keyboard, assistive technology, and what their policy lets through."""

from __future__ import annotations

import base64
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, async_playwright

from tests.web.conftest import serving

PAGES = {
    "start page": "/",
    "river": "/feeds/community.html",
    "empty river": "/feeds/print.html",
    "about": "/about/json-rights",
}
SIZES = {"phone": (360, 740), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ARGUMENTS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync
"""

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser for all tests of this file


@dataclass
class Shown:
    """A page as it is shown, and what the browser had to say about it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Addresses of other hosts that it loaded from. None is reached: pictures are answered here."""


Show = Callable[..., Coroutine[Any, Any, Shown]]


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        message = "tests in a browser need Chromium: install the package 'chromium'"
        # CI must not pass by looking at half of it.
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def show(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Show]:
    """Opens a page of the sample in a fresh window."""
    program = chromium()
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(sample, folder, dirs_exist_ok=True)
    async with serving(folder) as served, async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS.split())

        async def show(path: str, size: str = "desktop", scheme: str = "light") -> Shown:
            width, height = SIZES[size]
            context = await running.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            shown = Shown(await context.new_page())

            async def answer(route: Route) -> None:
                if route.request.url.startswith(served.base):
                    await route.continue_()
                else:
                    shown.asked.append(route.request.url)
                    await route.fulfill(body=PIXEL, content_type="image/png")

            await shown.page.route("**/*", answer)
            shown.page.on("console", lambda message: shown.complaints.append(message.text))
            shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
            await shown.page.goto(served.base + path)
            return shown

        yield show
        await running.close()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_readable_at_every_size_and_scheme(path: str, show: Show):
    """No sideways scrolling, no accessibility violation (contrast included), no complaint of the browser."""
    for size in SIZES:
        for scheme in SCHEMES:
            shown = await show(path, size, scheme)
            wide = await shown.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{size}, {scheme}: {wide} pixels too wide"
            found = await Axe().run(shown.page)
            violations = [
                (one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found.response["violations"]
            ]
            assert violations == [], f"{size}, {scheme}"
            assert shown.complaints == [], f"{size}, {scheme}"
            await shown.page.context.close()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_the_dark_scheme_is_dark_and_the_light_one_light(path: str, show: Show):
    brightness = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number)"
    assert min(await (await show(path, scheme="light")).page.evaluate(brightness)) > 230
    assert max(await (await show(path, scheme="dark")).page.evaluate(brightness)) < 50


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_the_keyboard_reaches_everything_and_shows_where_it_is(path: str, show: Show):
    where = """() => {
        const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
        return {text: at.textContent.trim(), tag: at.tagName, seen: box.right > 0 && box.bottom > 0 && box.width > 0,
                outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2};
    }"""
    page = (await show(path)).page
    links = await page.locator("a[href]").count()
    await page.keyboard.press("Tab")
    skip = await page.evaluate(where)
    assert skip["text"].startswith("Skip to")
    assert (skip["seen"], skip["outline"]) == (True, True)
    for number in range(1, min(links, 12)):
        await page.keyboard.press("Tab")
        at = await page.evaluate(where)
        assert (at["tag"], at["seen"], at["outline"]) == ("A", True, True), f"stop {number}: {at}"
    await page.goto(page.url)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert (await page.evaluate(where))["tag"] == "MAIN"


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
async def test_headings_in_order_one_of_each_landmark_and_every_link_named(path: str, show: Show):
    page = (await show(path)).page
    levels = await page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    for role in ("banner", "main", "contentinfo"):
        assert await page.get_by_role(role).count() == 1, role
    names = await page.evaluate("[...document.querySelectorAll('a')].map(a => a.textContent.trim())")
    assert all(names)
    assert await page.title()
    assert await page.evaluate("document.documentElement.lang") != ""


async def test_links_of_the_start_page_differ_by_name(show: Show):
    """Five links that are all called "RSS" say nothing to somebody who hears them in a list."""
    page = (await show("/")).page
    names = await page.evaluate("[...document.querySelectorAll('.formats a')].map(a => a.textContent.trim())")
    assert len(names) == len(set(names))


async def test_pictures_of_articles_are_shown_and_nothing_else_is_loaded(show: Show):
    shown = await show("/feeds/community.html")
    pictures = await shown.page.evaluate("[...document.images].map(i => [i.src, i.complete && i.naturalWidth > 0])")
    assert pictures
    assert all(seen for _, seen in pictures)
    assert set(shown.asked) == {src for src, _ in pictures}
    assert (await show("/")).asked == []


async def test_the_policy_would_stop_what_is_not_ours(show: Show):
    """Proof that the policy works: a style and a script that somebody gets into the page do nothing."""
    for path in PAGES.values():
        shown = await show(path)
        await shown.page.evaluate(
            """() => {
                const style = document.createElement('style');
                style.textContent = 'body { border-top: 99px solid red }';
                const script = document.createElement('script');
                script.textContent = 'document.title = "taken"';
                document.body.append(style, script);
            }"""
        )
        assert await shown.page.title() != "taken"
        assert await shown.page.evaluate("getComputedStyle(document.body).borderTopWidth") == "0px"
        assert any("Content Security Policy" in complaint for complaint in shown.complaints)


async def test_the_looker_itself_sees_what_is_wrong(show: Show):
    """Otherwise no violations would say nothing."""
    page = (await show("/")).page
    # No style attribute: the policy of the page before is still in force, and takes it away.
    await page.set_content("<body bgcolor='#ffffff'><p><font color='#bbbbbb'>pale</font></p><img src='x.png'></body>")
    found = await Axe().run(page)
    assert {"color-contrast", "image-alt", "html-has-lang"} <= {one["id"] for one in found.response["violations"]}
