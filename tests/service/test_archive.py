"""The archive of an output (RFC 5005, 4): it keeps what is crowded out, and never what may not be shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from aggregator.model.output import Format
from aggregator.service.house import House
from aggregator.service.withdraw import withdraw
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
    found = await house.archive("community", number)
    assert found is not None
    return found[0].body


def links(body: bytes) -> dict[str, str]:
    root = etree.fromstring(body)
    return {link.get("rel"): link.get("href") for link in root.findall("{*}link")}


def ids(body: bytes) -> list[str]:
    return [entry.findtext("{*}id") for entry in etree.fromstring(body).findall("{*}entry")]


async def test_a_reader_can_page_back_from_the_feed_to_the_first_entry(house: House):
    current = await house.current("community", Format.ATOM)
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
        assert found.get("next-archive") == (f"{BASE}/archive/{number + 1}.atom" if number < 3 else None)
        assert etree.fromstring(body).find(FH) is not None
        assert len(ids(body)) == 5
        assert set(ids(body)) <= set(seen)
    assert await house.archive("community", 4) is None
    assert await house.archive("headlines", 1) is None


async def test_it_never_changes_but_for_a_withdrawal(house: House, clock: Clock):
    before = {number: await page(house, number) for number in (1, 2, 3)}
    clock.now += timedelta(minutes=5)
    outputs = house.keeper.folder / "outputs.yaml"
    outputs.write_text(outputs.read_text().replace("newest: 50", "newest: 6"))
    await house.refresh()
    current = await house.current("community", Format.ATOM)
    assert current is not None
    assert len(ids(current[0].body)) == 6
    assert {number: await page(house, number) for number in (1, 2, 3)} == before
    gone = etree.fromstring(before[2]).find("{*}entry/{*}link[@rel='alternate']").get("href")
    await withdraw(gone, "asked by letter", "test", house.store, clock())
    after = {number: await page(house, number) for number in (1, 2, 3)}
    assert (after[1], after[3]) == (before[1], before[3])
    assert ids(after[2]) == ids(before[2])[1:]
