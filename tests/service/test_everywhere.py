"""Whatever ends an entry ends it everywhere: in each format, in the archive, at subscribers' addresses, for good."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from lxml import etree

from aggregator.model.entry import StoredEntry
from aggregator.model.output import Ending, Format
from aggregator.model.poll import IntakePlan, PollReport
from aggregator.service.house import House
from aggregator.service.withdraw import reject, withdraw
from tests.service.conftest import Clock

FORMATS = (Format.RSS, Format.ATOM, Format.JSON, Format.HTML, Format.TEXT)


@pytest.fixture
def folder(folder: Path) -> Path:
    outputs = folder / "config" / "outputs.yaml"
    kept = "  archive: 5\n  formats: [rss, atom, json, html, txt]\n"
    outputs.write_text(outputs.read_text().replace("  formats: [rss, atom, json, html]\n", kept, 1))
    return folder


async def by_a_person(house: House, stored: StoredEntry) -> None:
    await withdraw(stored.key, "asked by letter", "test", house.store, house.clock())


async def from_this_output(house: House, stored: StoredEntry) -> None:
    await reject(stored.key, "community", "not for us", "test", house.world, house.store, house.clock())


async def by_its_publisher(house: House, stored: StoredEntry) -> None:
    source = stored.entry.source
    state = (await house.store.poll_states([source]))[source]
    report = PollReport(source=source, outcome="changed", deleted=1)
    await house.store.apply(
        IntakePlan(state=state, deleted=((stored.key, house.clock()),), report=report, at=house.clock())
    )


def rewritten(pattern: str, by: str) -> Callable[[House, StoredEntry], Awaitable[None]]:
    """An edit of the source of the entry."""

    async def edit(house: House, stored: StoredEntry) -> None:
        path = house.keeper.folder / "sources.yaml"
        parts = re.split(r"(?m)^(?=- id: )", path.read_text())
        at = next(place for place, part in enumerate(parts) if re.match(rf"- id: {stored.entry.source}\s", part))
        changed = re.sub(pattern, by, parts[at], count=1, flags=re.MULTILINE)
        assert changed != parts[at]
        path.write_text("".join([*parts[:at], changed, *parts[at + 1 :]]))
        await house.refresh()
        assert not house.keeper.problems

    return edit


CAUSES = {
    Ending.WITHDRAWN: by_a_person,
    Ending.REJECTED: from_this_output,
    Ending.DELETED: by_its_publisher,
    Ending.RIGHTS: rewritten(r"^  policy: .*\n", ""),
    Ending.SOURCE: rewritten(r"^  policy: ", "  enabled: false\n  policy: "),
}


@pytest.mark.parametrize("cause", CAUSES, ids=str)
async def test_what_ends_an_entry_reaches_everything(cause: Ending, house: House, clock: Clock):
    everything = house.whole
    stands = await house.store.open_releases("community")
    stored = (await house.store.entries_by_key([min(stands)]))[min(stands)]
    entry, release = stored.entry, stands[stored.key]
    numbers = range(1, len(stands) // 5 + 1)
    before = {number: await everything.archive("community", number) for number in numbers}
    assert sum(found is not None and release.atom_id in ids(found[0].body) for found in before.values()) == 1
    clock.now += timedelta(minutes=1)
    await CAUSES[cause](house, stored)
    await house.build_stale()
    bodies = {}
    for format_ in FORMATS:
        found = await everything.current("community", format_)
        assert found is not None
        bodies[format_] = found[0].body
    assert release.atom_id not in ids(bodies[Format.ATOM])
    assert release.outbound_id not in [node.text for node in etree.fromstring(bodies[Format.RSS]).iter("guid")]
    feed = orjson.loads(bodies[Format.JSON])
    assert release.outbound_id not in [item["id"] for item in feed["items"]]
    assert f'id="e-{stored.key}"'.encode() not in bodies[Format.HTML]
    assert f"[ {stored.key} ]".encode() not in bodies[Format.TEXT]
    assert entry.title.encode() not in bodies[Format.TEXT]
    # Those who have it are told to drop it, in the feed and in the archive that they read.
    assert release.atom_id in tombs(bodies[Format.ATOM])
    assert release.outbound_id in [gone["id"] for gone in feed["_tombstones"]["items"]]
    for number, old in before.items():
        new = await everything.archive("community", number)
        assert old is not None
        assert new is not None
        assert release.atom_id not in ids(new[0].body)
        assert (release.atom_id in tombs(new[0].body)) is (release.atom_id in ids(old[0].body))
        if cause in {Ending.WITHDRAWN, Ending.REJECTED, Ending.DELETED} and release.atom_id not in ids(old[0].body):
            assert new[0].body == old[0].body
    closed = [one for one in await house.store.releases_of(stored.key) if one.output == "community"]
    assert closed[-1].ending is cause
    assert any(record.subject == f"community/{stored.key}" for record in await house.store.ledger(limit=1000))


def ids(body: bytes) -> list[str]:
    return [entry.findtext("{*}id") for entry in etree.fromstring(body).findall("{*}entry")]


def tombs(body: bytes) -> list[str]:
    return [gone.get("ref") for gone in etree.fromstring(body).findall("{*}deleted-entry")]
