"""The desk in a real browser: from a flag over a letter and its answer to an entry that is out, and gone again."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.web.admin.conftest import Office, enter, titles
from tests.web.test_browser import SIZES

PAGES = tuple(Path(__file__).with_name("pages.txt").read_text("utf-8").split())
"""Every page that can be looked at in the sample, a line each."""


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_from_flag_to_grant_and_back(script: bool, browser: Browser, office: Office) -> None:
    """A commercial output's flag → letter → answer → permission → the entry is out, credited → ended → gone."""
    title = "The Breakwater Contract Nobody Signed"
    assert title not in await titles(office, "commercial")
    page = await enter(browser, office, "reviewer", java_script_enabled=script)
    await page.goto(f"{office.base}/admin/flags?output=commercial")
    await page.click(f"tbody a:has-text('{title}')")
    await page.click("button:has-text('Draft a letter')")
    assert await page.input_value("#to") == "publications@delta-research.example"
    assert title in await page.input_value("#body")
    await page.fill("#subject", "May we?")
    await page.click("button:has-text('I have sent it')")
    assert await page.inner_text("h1") == "May we?"
    await page.check("input[value=granted]")
    await page.fill("#answer-text", f"Yes. J. Doe, 26 November 2026 {'x' * 60}")
    await page.click("button:has-text('Record the answer')")
    assert "J. Doe" in await page.input_value("#evidence")
    await page.click("button:has-text('Record it')")
    assert "J. Doe" in await page.inner_text("tbody")

    carried = await titles(office, "commercial")
    assert title in carried
    assert "Delta Research Centre" in carried
    await page.goto(f"{office.base}/admin/flags?state=closed")
    assert title in await page.inner_text("main")

    await page.goto(f"{office.base}/admin/grants")
    await page.click("summary:has-text('End it')")
    table = await page.locator(".wide").bounding_box()
    panel = await page.locator(".confirm[open] > .card").bounding_box()
    assert table
    assert panel
    assert panel["x"] + panel["width"] <= table["x"] + table["width"], "what ending it does can be read whole"
    await page.click("button:has-text('End it')")
    assert await page.inner_text("tbody .tag") == "revoked"
    entry = (await titles(office, "commercial")).split("<entry")
    assert all(title not in one for one in entry[1:])


async def test_pages_are_readable_by_everybody(browser: Browser, office: Office) -> None:
    """No accessibility violation, no sideways scrolling, no complaint of the browser; on a phone and on a desk."""
    flag = next(iter(await office.house.store.flags()))
    entry = (await office.house.store.list_entries(limit=1))[0].key
    for size, scheme in (("desktop", "light"), ("phone", "dark")):
        width, height = SIZES[size]
        page = await enter(browser, office, "admin", viewport={"width": width, "height": height}, color_scheme=scheme)
        complaints: list[str] = []
        page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
        for path in (*PAGES, f"/admin/flags/{flag.id}", f"/admin/entries/{entry}"):
            await page.goto(office.base + path)
            assert (await page.evaluate("document.documentElement.scrollWidth - innerWidth")) <= 0, (path, size)
            found = await Axe().run(page)
            assert found.violations_count == 0, (path, size, scheme, found.generate_report())
        assert [said for said in complaints if "404" not in said and "goo.gl" not in said] == []


FOCUS = """(before) => {
  const at = document.activeElement, place = at.getBoundingClientRect(), style = getComputedStyle(at);
  const follows = !window.walked || !window.walked.isConnected || window.walked === at
    || Boolean(window.walked.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING);
  const within = window.walked === at;  // the parts of a date, which the browser marks itself
  window.walked = at;
  return {html: at.outerHTML.slice(0, 120), name: at.localName, follows,
          ring: within || (parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none"),
          seen: place.width > 0 && place.bottom > 0 && place.top < innerHeight
            && place.right > 0 && place.left < innerWidth};
}"""
"""Where the keyboard is: whether that can be seen, and whether it comes after where it was."""


async def walk(page: Page, wanted: str) -> None:
    """Presses Tab until the keyboard is at the first element of a selector; each stop can be seen, and is in order."""
    target = page.locator(wanted).first
    for _ in range(150):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUS)
        assert (stop["ring"], stop["seen"], stop["follows"]) == (True, True, True), (page.url, stop)
        if await target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{page.url}: the keyboard never came to {wanted}")


async def test_a_letter_about_two_articles_by_the_keyboard_alone(browser: Browser, office: Office) -> None:
    """Flags, a flag, the letter, its answer, the permission: for the two articles of the letter and nothing else."""
    page = await enter(browser, office, "reviewer")
    await page.goto(f"{office.base}/admin/flags?output=commercial&text=breakwater")
    await walk(page, "tbody a")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/flags/*")
    await walk(page, "details summary")
    await page.keyboard.press("Enter")
    await walk(page, "details input[name=flag]")
    await page.keyboard.press("Space")
    await walk(page, "button:has-text('Draft a letter')")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/requests/*")
    await walk(page, "button:has-text('I have sent it')")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("input[value=granted]")
    await walk(page, "input[value=granted]")
    await page.keyboard.press("Space")
    await walk(page, "#answer-text")
    await page.keyboard.type("Yes to both. J. Doe")
    await walk(page, "button:has-text('Record the answer')")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/grants/new?*")
    assert await page.is_checked("input[name=reach][value=entries]")
    asked = await page.locator("input[name=entries]:checked").evaluate_all("all => all.map(one => one.value)")
    assert len(asked) == 2
    await walk(page, "button:has-text('Record it')")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/admin/grants?*")
    grants = await office.house.store.grants()
    assert sorted(grant.entry or "" for grant in grants) == sorted(asked)
    assert all(grant.evidence.endswith("Yes to both. J. Doe (recorded by reviewer)") for grant in grants)
    assert {grant.policy for grant in grants} == {"delta-research"}
    await page.click("tbody a:has-text('answer to a letter')")
    shown = await page.locator("section[aria-labelledby=answer] li a").evaluate_all("all => all.map(one => one.href)")
    assert sorted(one.partition("text=")[2] for one in shown) == sorted(grant.id for grant in grants)
    assert await page.locator("a.button.second:has-text('Record another permission')").count() == 1


async def test_a_table_sorts_by_the_keyboard_and_on_a_phone(browser: Browser, office: Office) -> None:
    page = await enter(browser, office, "viewer")
    await page.goto(f"{office.base}/admin/")
    head = page.locator("section[aria-labelledby=outputs] thead button").first
    await head.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    assert await page.get_attribute("section[aria-labelledby=outputs] thead th", "aria-sort") == "descending"
    names = await page.locator("section[aria-labelledby=outputs] tbody th").all_inner_texts()
    assert names == sorted(names, key=str.casefold, reverse=True)
    width, height = SIZES["phone"]
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(f"{office.base}/admin/flags")
    for word in ("About", "Since"):
        await page.locator("thead a", has_text=word).click()
    assert "sort=opened" in page.url
    box = await page.locator("thead a", has_text="Since").bounding_box()
    assert box is not None
    assert box["height"] >= 44, "a finger hits it"
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
