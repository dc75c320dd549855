"""Outputs that are built one after the other share what they read, and never anything older than a noticed change."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.service.house import House
from aggregator.service.round import Round
from aggregator.service.withdraw import withdraw
from aggregator.store import decisions
from tests.service.conftest import Clock


@pytest.fixture
def read(house: House, monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often the store was asked for a page of each selection, or for what feeds and sites say."""
    asked: Counter[tuple[str, str]] = Counter()

    def watched(name: str) -> Any:
        real = getattr(house.store, name)

        async def called(*args: Any, **kwargs: Any) -> Any:
            asked[name, f"{args} {kwargs}"] += 1
            return await real(*args, **kwargs)

        return called

    for name in ("candidates", "feeds", "evidence_said"):
        monkeypatch.setattr(house.store, name, watched(name))
    return asked


async def test_outputs_of_one_selection_read_it_once(house: House, clock: Clock, read: Counter[tuple[str, str]]):
    (entry,) = await house.store.list_entries(source="commons-garden", limit=1)
    await withdraw(entry.key, "asked by letter", "test", house.store, clock())
    reports = await house.build_stale()
    assert len(reports) == len(house.world.outputs)
    assert read
    assert max(read.values()) == 1


async def test_what_is_noticed_while_outputs_are_built_is_read_anew(house: House):
    shared = Round(house.store)
    sources = house.world.active
    page = await shared.candidates(sources, since=None, limit=5)
    assert await shared.candidates(sources, since=None, limit=5) is page
    under_way = shared.candidates(sources, since=None, limit=4)
    shared.forget()
    assert await shared.candidates(sources, since=None, limit=5) is not page
    first = await under_way
    assert len(first) == 4


async def test_an_answer_that_was_under_way_when_something_changed_is_not_kept(house: House):
    class Slow:
        async def candidates(self, sources: tuple[str, ...], **_: Any) -> list[Any]:
            shared.forget()  # noticed while the database was asked
            return []

    shared = Round(Slow())
    first = await shared.candidates((), since=None, limit=1)
    assert await shared.candidates((), since=None, limit=1) is not first


async def test_a_change_noticed_within_a_round_lets_go_of_what_it_read(house: House, clock: Clock):
    house._round = shared = Round(house.store)
    page = await shared.candidates(house.world.active, since=None, limit=5)
    await withdraw(page[0].key, "asked by letter", "test", house.store, clock())
    await house.notice()
    assert await shared.candidates(house.world.active, since=None, limit=5) is not page


async def test_an_output_that_carried_an_entry_long_ago_is_not_answered_as_one_that_never_did(
    house: House, folder: Path, clock: Clock
):
    """Days count from an output's own first release: a new output that asks for the same does not start them anew."""

    async def full() -> set[str]:
        return {
            key
            for key, release in (await house.store.open_releases("community")).items()
            if (await house.store.entries_by_key([key]))[key].entry.source == "talbote"
            and json.loads((await house.store.read(decisions.by_digest, release.decision))[1])["form"] == "full"
        }

    policy = folder / "config/policies/talbote.yaml"
    policy.write_text(policy.read_text().replace("days: 730", "days: 2").replace("window: 2y", "window: 9y"))
    assert await house.refresh()
    await house.build_stale()
    assert await full()
    outputs = folder / "config/outputs.yaml"
    text = outputs.read_text()
    community = text[text.index("- id: community") : text.index("- id: commercial")]
    outputs.write_text(f"{text}\n{community.replace('id: community', 'id: a-new-one')}")
    clock.now += timedelta(days=3)
    assert await house.refresh()
    reports = await house.build_stale()
    assert {"a-new-one", "community"} <= {report.output for report in reports}
    assert not await full()
