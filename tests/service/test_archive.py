"""The archive of an output (RFC 5005, 4): it keeps what is crowded out, and never what may not be shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from aggregator.model.entry import StoredEntry
from aggregator.model.output import Ending, Format
from aggregator.model.poll import ChangeKind, EntryChange, IntakePlan, PollReport
from aggregator.publishing.render import Renderer
from aggregator.service.house import House
from aggregator.service.withdraw import Scope, restore, withdraw
from aggregator.store import archives
from aggregator.wiring import template_folders
from tests.service.conftest import Clock
from tests.validity.checks import check_atom

BASE = "http://127.0.0.1:8080/feeds/community"
FH = "{http://purl.org/syndication/history/1.0}archive"


@pytest.fixture
def folder(folder: Path) -> Path:
    outputs = folder / "config" / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("  formats: [rss, atom, json, html]\n", "  archive: 5\n", 1))
    return folder


async def page(house: House, number: int) -> bytes:
    found = await house.public.archive("community", number)
    assert found is not None
    return found[0].body


def links(body: bytes) -> dict[str, str]:
    root = etree.fromstring(body)
    return {link.get("rel"): link.get("href") for link in root.findall("{*}link")}


def ids(body: bytes) -> list[str]:
    return [entry.findtext("{*}id") for entry in etree.fromstring(body).findall("{*}entry")]


def tombs(body: bytes) -> list[str]:
    return [gone.get("ref") for gone in etree.fromstring(body).findall("{*}deleted-entry")]


async def correct(house: House, atom_id: str, now: datetime) -> StoredEntry:
    """Another revision of an entry comes from its publisher."""
    entries = await house.store.list_entries(limit=1000)
    stored = next(one for one in entries if one.entry.id == atom_id)
    content = (await house.store.contents([stored.key]))[stored.key]
    entry = replace(stored.entry, title=f"{stored.entry.title} (corrected)", revision="f" * 64)
    change = EntryChange(
        kind=ChangeKind.REVISED,
        entry=entry,
        content=msgspec.json.encode(content),
        first_seen_at=stored.first_seen_at,
        ordered_at=stored.ordered_at,
        earliest_at=stored.earliest_at,
        at=now,
    )
    report = PollReport(source=entry.source, outcome="changed", revised=1)
    state = (await house.store.poll_states([entry.source]))[entry.source]
    await house.store.apply(IntakePlan(state=state, changes=(change,), report=report, at=now))
    return replace(stored, entry=entry)


async def test_a_reader_can_page_back_from_the_feed_to_the_first_entry(house: House):
    current = await house.public.current("community", Format.ATOM)
    assert current is not None
    seen, at = ids(current[0].body), links(current[0].body).get("prev-archive")
    assert at == f"{BASE}/archive/3.atom"
    for number in (3, 2, 1):
        body = await page(house, number)
        assert check_atom(body, f"{BASE}/archive/{number}.atom") == []
        found = links(body)
        assert found["self"] == f"{BASE}/archive/{number}.atom"
        assert found["current"] == f"{BASE}.atom"
        assert found.get("prev-archive") == (f"{BASE}/archive/{number - 1}.atom" if number > 1 else None)
        assert "next-archive" not in found
        assert etree.fromstring(body).find(FH) is not None
        assert len(ids(body)) == 5
        assert set(ids(body)) <= set(seen)
    assert await house.public.archive("community", 4) is None
    assert await house.public.archive("headlines", 1) is None


async def test_it_never_changes_but_for_a_withdrawal(house: House, clock: Clock):
    before = {number: await page(house, number) for number in (1, 2, 3)}
    clock.now += timedelta(minutes=5)
    outputs = house.keeper.folder / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("newest: 50", "newest: 6"))
    await house.refresh()
    current = await house.public.current("community", Format.ATOM)
    assert current is not None
    assert len(ids(current[0].body)) == 6
    assert {number: await page(house, number) for number in (1, 2, 3)} == before
    gone = etree.fromstring(before[2]).find("{*}entry/{*}link[@rel='alternate']").get("href")
    await withdraw(gone, "asked by letter", "test", house.store, clock())
    after = {number: await page(house, number) for number in (1, 2, 3)}
    assert (after[1], after[3]) == (before[1], before[3])
    assert ids(after[2]) == ids(before[2])[1:]
    assert tombs(after[2]) == ids(before[2])[:1]
    assert check_atom(after[2], f"{BASE}/archive/2.atom") == []
    clock.now += timedelta(days=40)
    assert await page(house, 2) == after[2]


async def test_a_correction_leaves_it_as_it_is(house: House, clock: Clock):
    """Who has read it need not read it again; the correction stands in the feed."""
    before = {number: await page(house, number) for number in (1, 2, 3)}
    clock.now += timedelta(minutes=5)
    stored = await correct(house, ids(before[1])[0], clock())
    reports = {report.output: report for report in await house.build_stale()}
    assert reports["community"].changed
    assert {number: await page(house, number) for number in (1, 2, 3)} == before
    # Nor does a restart, with documents and titles of another day, make it anew.
    again = House(house.keeper, house.store, Renderer(template_folders(house.world.configuration.settings)), clock)
    outputs = house.keeper.folder / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("title: ", "title: Another "))
    await again.refresh()
    await again.sync()
    await again.build_stale()
    current = await again.public.current("community", Format.ATOM)
    assert current is not None
    assert b"Another" in current[0].body
    assert stored.entry.title.encode() in current[0].body
    assert {number: await page(again, number) for number in (1, 2, 3)} == before


async def test_it_is_written_when_it_is_full_and_anew_at_the_build_that_withdraws(house: House, clock: Clock):
    """Nobody need ask for it first: what may not be shown does not lie in the database either."""
    kept = {number: await house.store.read(archives.one, "community", number) for number in (1, 2, 3)}
    assert all(kept.values())
    key = kept[1].members[0].entry
    clock.now += timedelta(minutes=5)
    await withdraw(key, "asked by letter", "test", house.store, clock())
    await house.build_stale()
    now = {number: await house.store.read(archives.one, "community", number) for number in (1, 2, 3)}
    assert (now[2], now[3]) == (kept[2], kept[3])
    gone, *others = now[1].members
    assert (gone.entry, gone.length, gone.ending) == (key, 0, Ending.WITHDRAWN)
    assert [one.entry for one in others] == [one.entry for one in kept[1].members[1:]]
    assert tombs(now[1].body) == [kept[1].members[0].atom_id]
    await restore(Scope(entry=key), "it was a mistake", "test", house.world, house.store, clock())
    assert ids(await page(house, 1)) == ids(kept[1].body)
    assert tombs(await page(house, 1)) == []


async def test_no_archive_no_documents(house: House, clock: Clock):
    outputs = house.keeper.folder / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("  archive: 5\n", "  archive: 4\n"))
    await house.refresh()
    await house.build_stale()
    assert len(ids(await page(house, 2))) == 4
    assert await house.store.read(archives.numbers, "community", 5) == set()
    outputs.write_text(outputs.read_text().replace("  archive: 4\n", ""))
    await house.refresh()
    assert await house.public.archive("community", 1) is None
    assert await house.store.read(archives.outputs) == set()
