"""What has been recalled is said to readers, for a while, and to nobody of an entry that stands."""

from __future__ import annotations

from datetime import timedelta

import orjson
from lxml import etree

from aggregator.model.output import Format
from aggregator.service.house import House
from aggregator.service.recall import KEPT
from aggregator.service.withdraw import withdraw
from tests.service.conftest import Clock
from tests.validity.checks import check_atom, check_json

AT = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


async def body(house: House, format_: Format) -> bytes:
    found = await house.public.current("community", format_)
    assert found is not None
    return found[0].body


async def test_a_withdrawal_leaves_a_tombstone_with_its_source_that_expires(house: House, clock: Clock):
    first = orjson.loads(await body(house, Format.JSON))["items"][0]
    clock.now += timedelta(minutes=1)
    at = clock.now.replace(microsecond=0)
    await withdraw(first["url"], "a letter from the lawyers of N. N.", "test", house.store, clock())
    await house.build_stale()
    document = await body(house, Format.ATOM)
    (stone,) = etree.fromstring(document).findall(AT)
    assert stone.get("when") == at.isoformat().replace("+00:00", "Z")
    assert stone.findtext("{*}source/{*}id")
    assert stone.findtext("{*}source/{*}title") == first["_rights"]["hops"][-1]["name"]
    assert b"lawyers" not in document
    assert check_atom(document, "http://127.0.0.1:8080/feeds/community.atom") == []
    told = await body(house, Format.JSON)
    assert [one["id"] for one in orjson.loads(told)["_tombstones"]["items"]] == [first["id"]]
    assert check_json(told, "http://127.0.0.1:8080/feeds/community.json") == []

    clock.now += KEPT + timedelta(minutes=1)
    assert AT not in [node.tag for node in etree.fromstring(await body(house, Format.ATOM))]
    assert b"_tombstones" not in await body(house, Format.JSON)


async def test_what_newer_entries_crowd_out_is_not_said_to_be_gone(house: House, clock: Clock):
    text = house.keeper.folder / "outputs.yaml"
    before = len(orjson.loads(await body(house, Format.JSON))["items"])
    text.write_text(text.read_text().replace("newest: 50", "newest: 1"))
    clock.now += timedelta(minutes=1)
    await house.refresh()
    after = await body(house, Format.JSON)
    assert before > len(orjson.loads(after)["items"])
    assert b"_tombstones" not in after


async def test_a_withdrawal_is_said_also_of_what_newer_entries_had_crowded_out(house: House, clock: Clock):
    """Its readers, and its archive's, have it all the same."""
    text = house.keeper.folder / "outputs.yaml"
    last = orjson.loads(await body(house, Format.JSON))["items"][-1]
    text.write_text(text.read_text().replace("newest: 50", "newest: 1"))
    clock.now += timedelta(minutes=1)
    await house.refresh()
    assert b"_tombstones" not in await body(house, Format.JSON)
    clock.now += timedelta(minutes=1)
    at = clock.now.replace(microsecond=0)
    await withdraw(last["url"], "asked by letter", "test", house.store, clock())
    await house.build_stale()
    told = orjson.loads(await body(house, Format.JSON))["_tombstones"]["items"]
    assert [(one["id"], one["date_deleted"]) for one in told] == [
        (last["id"], at.isoformat().replace("+00:00", "Z")),
    ]
    (stone,) = etree.fromstring(await body(house, Format.ATOM)).findall(AT)
    assert stone.findtext("{*}comment").startswith("Withdrawn")
