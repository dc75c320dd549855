"""What people do at the desk, in a real browser: an operator, a reviewer, somebody who may not, and a phone."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser

from tests.story import test_seed as seed
from tests.story.feeds import read_atom
from tests.story.origin import Origin
from tests.story.site import Site
from tests.web.admin.conftest import Office, enter, open_office, titles
from tests.web.admin.test_pages import NO_FERRY
from tests.web.test_browser import SIZES

FERRY = "A Night on the Last Car Ferry"


async def test_an_operator_edits_a_policy_sees_the_plan_and_the_output_follows(
    browser: Browser,
    office: Office,
) -> None:
    """Search → entry → policy → a mistake told at its line → the plan → saved → gone, with its trace."""
    assert FERRY in await titles(office, "community")
    page = await enter(browser, office, "operator")
    await page.wait_for_selector("html.script #find")
    await page.keyboard.press("/")
    await page.keyboard.type("last ferry")
    await page.keyboard.press("Enter")
    await page.click(f"tbody a:has-text('{FERRY}')")
    assert "here because" in await page.inner_text("section[aria-labelledby=why]")
    await page.click("p.lead a:has-text('Harbor Light')")
    await page.click("section[aria-labelledby=policy] a:has-text('Harbor Light')")
    await page.click("a:has-text('Edit')")
    text = await page.input_value("#text")
    await page.fill("#text", text.replace("allow:", "alow:", 1))
    await page.click("button:has-text('Check')")
    assert "alow" in await page.inner_text(".wrong-line code")
    await page.fill("#text", text.replace("images:", f"  {NO_FERRY}\nimages:"))
    await page.click("button:has-text('Show what would change')")
    plan = await page.inner_text("section[aria-labelledby=plan]")
    assert FERRY in plan
    assert "DISAPPEARS" in plan.upper()
    assert FERRY in await titles(office, "community")
    await page.click("button:has-text('Save, and withdraw')")
    assert "Saved and in force" in await page.inner_text(".done")
    assert FERRY not in (await titles(office, "community")).partition("<entry")[2]
    await page.goto(f"{office.base}/admin/outputs/community?show=held")
    assert FERRY in await page.inner_text("main")
    await page.goto(f"{office.base}/admin/ledger?kind=config")
    assert "policy:harbor-light" in await page.inner_text("tbody")


async def test_a_reviewer_works_through_the_queue_by_keyboard(browser: Browser, office: Office) -> None:
    """One is approved, one rejected; the preview is a dead page; another role's page is refused."""
    path = office.house.keeper.folder / "outputs.yaml"
    path.write_text(path.read_text("utf-8").replace("selection: automatic", "selection: reviewed"), "utf-8")
    await office.house.refresh()
    await office.house.build_stale()
    page = await enter(browser, office, "reviewer")
    await page.click("main a:has-text('to review for')")
    first, second = (await page.locator("[data-row] h2").all_inner_texts())[:2]
    frame = page.frame_locator("[data-row] iframe").first
    assert first in await frame.locator("body").inner_text()
    assert await frame.locator("body").evaluate("origin") == "null"
    await page.keyboard.press("j")
    await page.keyboard.press("v")
    assert await page.locator("[data-row] details.preview[open]").count() == 0
    await page.keyboard.press("a")
    await page.wait_for_selector(".done:has-text('Approved')")
    assert (await page.locator("[data-row] h2").all_inner_texts())[0] == second
    await page.keyboard.press("j")
    await page.keyboard.press("r")
    await page.wait_for_selector(".done:has-text('Rejected')")
    carried = await titles(office, "community")
    assert first in carried
    assert second not in carried.partition("<entry")[2]
    await page.keyboard.press("?")
    assert await page.is_visible("#keys")
    assert "approve the entry in hand" in await page.inner_text("#keys")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await page.wait_for_selector("h1:has-text('Ledger')")
    answer = await page.goto(f"{office.base}/admin/policies/harbor-light/edit")
    assert answer is not None
    assert answer.status == 403
    assert "This needs the role operator" in await page.inner_text("main")


async def test_a_phone_without_script_can_do_it_too(browser: Browser, office: Office) -> None:
    """The menu opens, tables are cards, a site is admitted and ended, though nothing runs in the page."""
    width, height = SIZES["phone"]
    page = await enter(
        browser, office, "operator", viewport={"width": width, "height": height}, java_script_enabled=False
    )
    assert not await page.is_visible("nav.side")
    await page.click("button:has-text('Menu')")
    await page.click("nav.side a:has-text('Subscribers')")
    await page.click("a:has-text('Admit a site')")
    await page.fill("#f-name", "Hilltop Times")
    await page.click("button:has-text('Admit it')")
    assert "/s/" in await page.inner_text(".done")
    await page.click("summary:has-text('Revoke')")
    await page.fill("#reason", "closed")
    await page.click("button:has-text('Revoke Hilltop Times')")
    assert await page.inner_text(".title .tag") == "revoked"
    await page.goto(f"{office.base}/admin/sources")
    box = await page.locator("tbody tr").first.bounding_box()
    assert box is not None
    assert box["width"] <= width
    await page.goto(f"{office.base}/admin/outputs/community?show=preview&format=html")
    assert await page.locator("iframe").get_attribute("sandbox") == ""


async def test_the_third_partys_article_goes_out_once_its_publisher_agrees(browser: Browser, tmp_path: Path) -> None:
    """Global Research lets community sites have it, and it is RT's: its flag names RT, RT's word lets it out with the
    credit of both, the end of that word takes it away again."""
    site = Site(tmp_path / "site")
    with Origin().running() as origin:
        seed.set_up(site, origin)
        async with site.opened() as running:
            await running.poll()
            await running.build()
    async with open_office(site.folder) as office:
        assert seed.THEIRS.title not in await titles(office, "community")
        page = await enter(browser, office, "reviewer")
        await page.goto(f"{office.base}/admin/flags?kind=third-party")
        await page.click(f"tbody a:has-text('{seed.THEIRS.title}')")
        told = await page.inner_text("main")
        assert "RT" in told
        assert "a credit line in its text" in told
        await page.click("a:has-text('They have agreed already')")
        assert await page.input_value("#publisher") == "RT"
        assert await page.is_checked("input[name=outputs][value=community]")
        await page.fill("#evidence", "M. Ivanova of RT, by mail, 26 November 2026")
        await page.click("button:has-text('Record it')")
        theirs = read_atom((await titles(office, "community")).encode())[seed.THEIRS.id]
        # Nobody here has a policy of RT's: that it is RT's is what the feed says, and the credit says so.
        assert "Originally published by RT (" in theirs.text
        assert seed.THEIR_CREDIT.partition("by RT")[2] in theirs.text
        assert {seed.THEIRS.link, seed.RT_PAGE} <= set(theirs.links)
        # RT's word is no word of Global Research, whose own terms for business stand.
        assert seed.THEIRS.title not in await titles(office, "commercial")
        await page.goto(f"{office.base}/admin/flags?kind=third-party")
        assert seed.THEIRS.title not in await page.inner_text("main")
        await page.goto(f"{office.base}/admin/grants")
        await page.click("summary:has-text('End it')")
        await page.click("button:has-text('End it')")
        after = await titles(office, "community")
        assert read_atom(after.encode()).keys() == {seed.OWN.id}
        assert f'ref="{seed.THEIRS.id}"' in after
        await page.goto(f"{office.base}/admin/flags?kind=third-party")
        assert seed.THEIRS.title in await page.inner_text("main")
