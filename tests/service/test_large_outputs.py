"""An output of thousands is arranged beside the event loop: whoever asks for something else meanwhile is answered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from aggregator.publishing.select import arrange
from aggregator.service.assess import ARRANGED_MAX, gather_desk, judge
from aggregator.service.house import House
from tests.service.conftest import Clock
from tests.store.builders import a_change, a_plan, an_entry


@pytest.fixture
def arranged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """How many candidates were arranged each time, and whether in the event loop's thread."""
    found: list[tuple[int, bool]] = []
    loop = threading.get_ident()

    def watched(pairs: Sequence[Any], *rest: Any) -> Any:
        found.append((len(pairs), threading.get_ident() == loop))
        return arrange(pairs, *rest)

    monkeypatch.setattr("aggregator.publishing.filling.arrange", watched)
    return found


@pytest.mark.parametrize("newest", [ARRANGED_MAX + 100, 100_000])
async def test_many_candidates_are_arranged_beside_the_loop(
    house: House, clock: Clock, arranged: list[tuple[int, bool]], newest: int
) -> None:
    output = house.world.outputs["headlines"]
    source = sorted(house.world.sources_of(output.select))[0]
    changes = [
        a_change(an_entry(f"new-{n}", source=source, url=f"https://papers.example/{n}"))
        for n in range(ARRANGED_MAX + 200)
    ]
    await house.store.apply(a_plan(source, *changes))
    large = replace(output, select=replace(output.select, newest=newest))
    desk = await gather_desk(house.store, large, house.world, clock())
    _, placed = await judge(large, house.world, desk, house.store, clock())
    assert len(placed) >= ARRANGED_MAX
    assert max(count for count, _ in arranged) >= ARRANGED_MAX
    assert not [count for count, in_loop in arranged if in_loop and count >= ARRANGED_MAX]
