"""The watch on terms, from a page on loopback to what it holds back and lets go again."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.errors import UsageError
from aggregator.service.house import House
from aggregator.service.keeper import Keeper
from aggregator.service.terms_desk import confirm_terms, list_terms, looked_at, show_terms
from aggregator.service.terms_watch import check_terms, watch_terms
from aggregator.store import desk, terms
from aggregator.wiring import open_house
from aggregator.wiring.outside import open_fetcher

POLICY = "harbor-light"
TERMS = "<html><body><main><p>Community sites may republish our articles with credit. {more}</p></main></body></html>"
DAY = timedelta(days=1)


@dataclass
class Site:
    """A publisher's site with its page of terms."""

    url: str = ""
    more: str = "Commercial sites must write to us first."
    status: int = 200
    asked: int = 0
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 26, 12, tzinfo=UTC))

    async def page(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(text=TERMS.format(more=self.more), content_type="text/html", status=self.status)

    def clock(self) -> datetime:
        return self.now


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/terms", site.page)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    port = runner.addresses[0][1]
    site.url = f"http://127.0.0.1:{port}/terms"
    yield site
    await runner.cleanup()


def configure(folder: Path, site: Site, *, extra: str = "on_change: hold, check_every: 1d") -> None:
    path = folder / "config/policies/harbor-light.yaml"
    lines = path.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("terms:"))
    end = next(number for number in range(start + 1, len(lines)) if lines[number][:1] not in (" ", ""))
    lines[start:end] = [f"terms: {{url: '{site.url}', read: 2026-11-01, review_every: 180d, {extra}}}"]
    path.write_text("\n".join(lines) + "\n")
    settings = folder / "config/aggregator.yaml"
    text = settings.read_text()
    if "private_addresses: true" not in text:
        assert "private_addresses: false" in text
        settings.write_text(text.replace("private_addresses: false", "private_addresses: true"))


@pytest.fixture
async def house(sample: Path, tmp_path: Path, site: Site) -> AsyncIterator[House]:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    configure(tmp_path, site)
    async with open_house(tmp_path / "config") as house:
        house.clock = site.clock
        await house.sync()
        await house.build_stale()
        yield house


async def carried(house: House) -> bool:
    await house.build_stale()
    stand = await house.store.entries_by_key(sorted(await house.store.open_releases("community")))
    return any(stored.entry.source == POLICY for stored in stand.values())


async def flags(house: House) -> list[str]:
    return [flag.reason for flag in await house.store.flags(open_only=True) if flag.subject == f"policy:{POLICY}"]


async def test_changed_terms_hold_until_a_person_has_looked(house: House, site: Site) -> None:
    async with open_fetcher(house) as fetcher:

        async def look() -> list[str]:
            reports = await watch_terms(house.world, house.store, fetcher.ask, site.clock)
            return [one.outcome for one in reports if one.policy == POLICY and one.part == "page"]

        assert await look() == ["first"]
        assert await look() == []
        assert await carried(house)
        version = await house.store.read(desk.version)
        site.now += DAY + timedelta(minutes=1)
        assert await look() == ["same"]
        assert await house.store.read(desk.version) == version, "what says the same builds nothing anew"
        site.more = "Commercial sites must write to us first, and community sites pay a fee."
        site.now += DAY + timedelta(minutes=1)
        assert await look() == ["changed"]
        assert not await carried(house)
        [reason] = await flags(house)
        assert "its terms page says something else since 2026-11-28" in reason
        raised = await house.store.flags(open_only=True)
        assert not [flag for flag in raised if "must look first" in flag.reason], "one flag stands for all entries"
        view = await show_terms(POLICY, house.world, house.store, site.now)
        assert any("fee" in text for one in view.changes["page"] for mark, text in one.parts if mark == "+")
        before = looked_at(view)
        site.more = "Nobody may republish anything."
        site.now += DAY + timedelta(minutes=1)
        assert await look() == ["changed"]
        with pytest.raises(UsageError, match="changed again"):
            await confirm_terms(POLICY, before, "", "ada", house.world, house.store, site.now)
        assert not await carried(house)
        await confirm_terms(POLICY, None, "we leave it", "ada", house.world, house.store, site.now)
        assert await carried(house)
        assert await flags(house) == []
        record = [one for one in await house.store.ledger() if one.kind == "terms"][-1]
        assert '"by":"ada"' in record.body
        assert "we leave it" in record.body
        assert await house.store.verify_ledger() == []


async def test_a_page_that_is_gone_loosens_nothing_and_is_told_after_days(house: House, site: Site) -> None:
    async with open_fetcher(house) as fetcher:

        async def look() -> None:
            await watch_terms(house.world, house.store, fetcher.ask, site.clock)

        await look()
        site.more, site.now = "Nobody may republish.", site.now + 8 * DAY
        await look()
        site.status = 404
        site.now += 8 * DAY
        for _ in range(3):
            await look()
            site.now += DAY + timedelta(minutes=1)
        assert not await carried(house)
        [reason] = await flags(house)
        assert "cannot be read" not in reason
        await look()
        [reason] = await flags(house)
        assert "cannot be read since 2026-12-12 (answered 404)" in reason
        asked = site.asked
        await look()
        assert site.asked == asked
        site.status, site.more, site.now = 200, "Commercial sites must write to us first.", site.now + 2 * DAY
        await look()  # as it was: nobody need look
        assert await flags(house) == []
        assert await carried(house)


async def test_terms_that_were_read_long_ago_are_flagged_by_the_clock_alone(house: House, site: Site) -> None:
    async with open_fetcher(house) as fetcher:
        await check_terms([POLICY], house.world, house.store, fetcher.ask, site.clock)
        assert await flags(house) == []
        site.now = datetime(2027, 5, 1, tzinfo=UTC)
        await watch_terms(house.world, house.store, fetcher.ask, site.clock)
        [reason] = await flags(house)
        assert reason == "its terms were to be read again by 2027-04-30."
        [first] = [one for one in await list_terms(house.world, house.store, site.now) if one.policy.id == POLICY]
        assert first.state == "overdue"
        await confirm_terms(POLICY, None, "", "ada", house.world, house.store, site.now)
        assert await flags(house) == []


async def test_who_writes_a_later_day_has_read_them(house: House, site: Site, tmp_path: Path) -> None:
    """And a flag alone holds nothing."""
    configure(tmp_path, site, extra="on_change: flag")
    await house.refresh()
    async with open_fetcher(house) as fetcher:
        await check_terms([POLICY], house.world, house.store, fetcher.ask, site.clock)
        site.more = "Nobody may republish."
        await check_terms([POLICY], house.world, house.store, fetcher.ask, site.clock)
        assert len(await flags(house)) == 1
        assert await carried(house)
        site.now += 2 * DAY
        path = tmp_path / "config/policies/harbor-light.yaml"
        path.write_text(path.read_text().replace("read: 2026-11-01", "read: 2026-11-27"))
        await house.refresh()
        await watch_terms(house.world, house.store, fetcher.ask, site.clock)
        assert await flags(house) == []
        [page] = [one for one in await house.store.read(terms.all_watched, POLICY) if one.part == "page"]
        assert (page.looked_by, page.changed) == ("configuration", False)


async def test_what_a_site_says_is_watched_the_same_way(house: House, site: Site) -> None:
    """RSL, robots lines and notices of the feed: from the database, without a request."""
    async with open_fetcher(house) as fetcher:
        await check_terms([POLICY], house.world, house.store, fetcher.ask, site.clock)
        rows = [one for one in await house.store.read(terms.all_watched, POLICY) if one.source]
        assert [one.source for one in rows] == [POLICY]
        from dataclasses import replace

        await house.store.write(terms.keep, [replace(rows[0], kept="feed rights: none reserved")], site.now)
        site.now += DAY
        await watch_terms(house.world, house.store, fetcher.ask, site.clock)
        [reason] = await flags(house)
        assert f"source '{POLICY}' says of its rights something else" in reason
        assert not await carried(house)


async def test_nonsense_is_refused(house: House, site: Site) -> None:
    with pytest.raises(UsageError, match="policy 'nobody' is not configured"):
        await show_terms("nobody", house.world, house.store, site.now)
    with pytest.raises(UsageError, match="were not read yet"):
        await confirm_terms(POLICY, None, "", "ada", house.world, house.store, site.now)
    assert isinstance(house.keeper, Keeper)
