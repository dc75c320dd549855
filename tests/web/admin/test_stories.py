"""Stories of the desk in a real browser, each page of them looked at by axe, on a phone and at a desk."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from aggregator.model.terms import Watched
from aggregator.service import terms_watch
from aggregator.store import cases, terms
from aggregator.store.cases import Filter
from tests.web.admin.conftest import Office, open_office
from tests.web.admin.test_browser import enter
from tests.web.test_browser import ARGUMENTS, SIZES, chromium

OLD = "Community sites may republish our articles with credit.\nYou may quote up to 50 words."
NEW = "Community sites may republish our articles for a fee.\nYou may quote up to 20 words."


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    program = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS.split())
        yield running
        await running.close()


@pytest.fixture
async def office(sample: Path, tmp_path: Path) -> AsyncIterator[Office]:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "config/policies/harbor-light.yaml"
    path.write_text(path.read_text().replace("  review_every: 1y", "  review_every: 1y\n  on_change: hold"))
    async with open_office(tmp_path) as office:
        yield office


async def is_fine(page: Page) -> None:
    """No accessibility violation and no sideways scrolling, wide and narrow, light and dark."""
    for size, scheme in (("desktop", "light"), ("phone", "dark")):
        width, height = SIZES[size]
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme)
        assert (await page.evaluate("document.documentElement.scrollWidth - innerWidth")) <= 0, (page.url, size)
        found = await Axe().run(page)
        assert found.violations_count == 0, (page.url, size, found.generate_report())
    await page.set_viewport_size({"width": 1280, "height": 900})


async def carried(office: Office, source: str) -> bool:
    await office.house.build_stale()
    stand = await office.house.store.open_releases("community")
    return any(one.entry.source == source for one in (await office.house.store.entries_by_key(sorted(stand))).values())


async def test_terms_change_and_a_person_looks(browser: Browser, office: Office) -> None:
    """Changed → flag → comparison → held meanwhile → confirmed → out again; refusals and third parties beside it."""
    house, now = office.house, office.house.clock()
    row = Watched(policy="harbor-light", part="page", url="https://harborlight.example/republish", next_at=now)
    await house.store.write(terms.keep, [terms_watch.compared(row, OLD, now, now)[0]], now)
    assert await carried(office, "harbor-light")
    [known] = await house.store.read(terms.all_watched, "harbor-light")
    await house.store.write(terms.keep, [replace(terms_watch.compared(known, NEW, now, now)[0])], now)
    await terms_watch.raise_flags(house.world, house.store, now)
    assert not await carried(office, "harbor-light")

    page = await enter(browser, office, "reviewer")
    await page.click("a:has-text('1 policy whose terms have changed')")
    assert page.url == f"{office.base}/admin/terms/harbor-light"
    await page.goto(f"{office.base}/admin/flags?kind=review")
    await page.click("a:has-text('Terms of Harbor Light')")
    await is_fine(page)
    await page.click("a:has-text('what changed')")
    text = await page.inner_text(".compare >> nth=0")
    assert "50" in text
    assert "20" in text
    await is_fine(page)
    await page.fill("#note", "the fee is for print only; the policy stays")
    await page.click("button:has-text('I have read the terms')")
    assert "recorded that you have looked" in await page.inner_text("[role=status]")
    assert await carried(office, "harbor-light")
    await page.goto(f"{office.base}/admin/")
    assert "terms have changed" not in await page.inner_text("main")
    await page.goto(f"{office.base}/admin/terms")
    await is_fine(page)

    # A third party's article: its publisher says no, and that stays though somebody else agrees.
    found = await house.store.read(cases.read_page, Filter(kind="third-party"), 1, now.date())
    flag = found.cases[0].flag
    await page.goto(f"{office.base}/admin/flags/{flag.id}")
    await page.click("a:has-text('They refused')")
    assert await page.input_value("#entry") == flag.entry
    await is_fine(page)
    await page.fill("#evidence", "J. Roe of the other publisher, by telephone")
    await page.click("button:has-text('Record it')")
    assert "J. Roe" in await page.inner_text("tbody")
    await is_fine(page)
    await house.build_stale()
    shown = (await house.store.read(cases.read_cases, [flag.id]))[0]
    assert (shown.state, shown.flag.closed_because) == ("refused", "its publisher said no")


async def test_a_site_subscribes_and_a_publisher_asks_for_a_takedown(browser: Browser, office: Office) -> None:
    """Without a script: from the start page to secret addresses; from the form to the tombstone."""
    context = await browser.new_context(java_script_enabled=False)
    outside = await context.new_page()
    await outside.goto(f"{office.base}/")
    await outside.click("a:has-text('subscribe a site')")
    await outside.check("input[value=community]")
    await outside.fill("#f-name", "Green Valley Neighbours")
    await outside.fill("#f-url", "green-valley.example")
    await outside.fill("#f-contact", "desk@green-valley.example")
    await outside.click("button:has-text('Show the conditions')")
    assert "Harbor Light" in await outside.inner_text("section.narrow")
    await outside.check("input[name=accepted]")
    await outside.click("button:has-text('Apply')")
    assert "Your application is here" in await outside.inner_text("h1")

    desk = await enter(browser, office, "operator")
    await desk.goto(f"{office.base}/admin/applications")
    await is_fine(desk)
    await desk.click("button:has-text('Admit')")
    link = await desk.inner_text("[role=status] code")
    await is_fine(desk)
    await outside.goto(office.base + "/subscribe" + link.partition("/subscribe")[2])
    await outside.click("button:has-text('Show them now')")
    assert "/s/" in await outside.inner_text("dl")
    await outside.reload()

    store = office.house.store
    stand = await store.entries_by_key(sorted(await store.open_releases("community")))
    entry = next(one for one in stand.values() if one.entry.url and one.entry.source == "harbor-light")
    await outside.goto(f"{office.base}/")
    await outside.click("a:has-text('Report it')")
    await outside.fill("#f-urls", entry.entry.url or "")
    await outside.fill("#f-words", "Please take it down.")
    await outside.fill("#f-name", "J. Doe")
    await outside.fill("#f-contact", "j.doe@harborlight.example")
    await outside.click("button:has-text('Send')")
    assert "1 article" in await outside.inner_text("[role=status]")

    await desk.goto(f"{office.base}/admin/flags?kind=takedown")
    await desk.click(f"tbody a:has-text('{entry.entry.title[:20]}')")
    await desk.click("a:has-text('withdraw it')")
    await is_fine(desk)
    await desk.click("button:has-text('Withdraw ')")
    assert "is withdrawn" in await desk.inner_text("[role=status]")
    await office.house.build_stale()
    assert entry.key not in await store.open_releases("community")
    from aggregator.model.output import Format

    document = await office.house.public.current("community", Format.ATOM)
    assert document is not None
    assert b"deleted-entry" in document[0].body
    await desk.goto(f"{office.base}/admin/withdrawals")
    await is_fine(desk)
    scripted = await (await browser.new_context()).new_page()
    for path in ("/contact", "/subscribe?output=community", "/subscribe/collect/none"):
        await scripted.goto(office.base + path)
        await is_fine(scripted)
