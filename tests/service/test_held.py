"""What an output holds back: counted exactly by its last build, page by page, without what people have ruled since."""

from __future__ import annotations

from datetime import timedelta

from aggregator.service.held import held, tally
from aggregator.service.house import House
from aggregator.service.withdraw import approve, reject, withdraw
from aggregator.store import held as stored
from tests.service.conftest import Clock


async def reviewed(house: House) -> None:
    """The community output carries from now on what a person picks."""
    path = house.keeper.folder / "outputs.yaml"
    path.write_text(path.read_text("utf-8").replace("selection: automatic", "selection: reviewed"), "utf-8")
    await house.refresh()
    await house.build_stale()


async def test_pages_hold_each_entry_once_and_their_counts_are_those_of_the_build(house: House, clock: Clock) -> None:
    await reviewed(house)
    output = house.world.outputs["community"]
    given = (output, house.world, house.store, clock())
    whole = await held(*given, limit=1000)
    state = await house.store.output_state("community")
    assert state is not None
    assert (whole.total, whole.pages, whole.next) == (state.held, 1, "")
    assert sum(whole.tally.values()) == sum(whole.reasons.values()) == len(whole.rows) == state.held > 6
    assert whole.tally["waiting"] == state.picks > 2
    order = [(row.stored.ordered_at, row.key) for row in whole.rows]
    assert order == sorted(order, reverse=True)

    # By number and by place, each entry once.
    first = await held(*given, limit=2)
    numbered = [row.key for page in range(1, first.pages + 1) for row in (await held(*given, page=page, limit=2)).rows]
    assert numbered == [row.key for row in whole.rows]
    placed, after = [], None
    while after != "":
        page = await held(*given, after=after, limit=3)
        placed += [row.key for row in page.rows]
        after = page.next
    assert placed == numbered
    assert (await held(*given, page=9_999, limit=2)).page == first.pages

    for reason, count in whole.reasons.items():
        found = await held(*given, reason=reason, limit=1000)
        assert [row.decision and row.decision.reason for row in found.rows] == [reason] * count
        assert found.total == count


async def test_what_people_rule_leaves_the_list_at_once(house: House, clock: Clock) -> None:
    await reviewed(house)
    output = house.world.outputs["community"]
    clock.now += timedelta(seconds=1)
    before = await held(output, house.world, house.store, clock(), states=("waiting",))
    picked, refused, gone = (row.key for row in before.rows[:3])
    await approve(picked, "community", "R", house.world, house.store, clock())
    await reject(refused, "community", "", "R", house.world, house.store, clock())
    await withdraw(gone, "asked to", "R", house.store, clock())
    clock.now += timedelta(seconds=1)

    for _ in range(2):  # before the next build, and after it
        found = await held(output, house.world, house.store, clock(), states=("waiting",))
        assert {picked, refused, gone}.isdisjoint(row.key for row in found.rows)
        assert found.total == before.total - 3
        # A place that has left the list meanwhile is still a place.
        behind = await held(output, house.world, house.store, clock(), states=("waiting",), after=refused)
        assert [row.key for row in behind.rows] == [row.key for row in before.rows[3:]]
        counted = await tally(output, house.world, house.store, clock())
        assert (counted["waiting"], counted["approved"], counted["rejected"]) == (before.total - 3, 1, 1)
        await house.build_stale()


async def test_an_output_that_no_build_has_told_of_is_looked_at_itself(house: House, clock: Clock) -> None:
    output = house.world.outputs["commercial"]
    built = await held(output, house.world, house.store, clock())
    await house.store.write(stored.drop, "commercial")
    assert await held(output, house.world, house.store, clock()) == built
