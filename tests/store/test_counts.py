"""How many entries each source has: a number that is kept, and right whatever is written."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, select, update

from aggregator.model.poll import ChangeKind
from aggregator.store import Store, figures, upkeep
from aggregator.store.tables import entries, polls
from tests.store.builders import MINUTE, NOW, a_change, a_plan, an_entry


def _counted(connection: Connection) -> dict[str, int]:
    read = select(entries.c.source, func.count()).where(entries.c.deleted_at.is_(None)).group_by(entries.c.source)
    return {row[0]: row[1] for row in connection.execute(read)}


async def _right(store: Store, **expected: int) -> None:
    """The numbers that are kept are these, and so are those that somebody finds who counts."""
    assert await store.count_entries() == await store.read(_counted) == expected
    assert await store.count_entries("herald") == {id_: count for id_, count in expected.items() if id_ == "herald"}
    assert await store.read(figures.count_entries) == sum(expected.values())


async def test_polls_keep_how_many_entries_a_source_has(store: Store) -> None:
    first, second, third, other = (an_entry(*name) for name in (("1",), ("2",), ("3",), ("1", "times")))
    await _right(store)
    # A feed that names one entry twice, and a neighbour in the same write.
    await store.apply(a_plan("herald", a_change(first), a_change(second), a_change(second)))
    await store.apply(a_plan("times", a_change(other)))
    await _right(store, herald=2, times=1)
    again = a_change(an_entry("1", revision="b"), ChangeKind.REVISED)
    await store.apply(a_plan("herald", again, a_change(first), a_change(third)))
    await _right(store, herald=3, times=1)
    # Deleted twice, and one that was never there.
    for _ in range(2):
        gone = (first.key, NOW), (second.key, NOW), ("0" * 16, NOW)
        await store.apply(a_plan("herald", deleted=gone))
    await _right(store, herald=1, times=1)
    await store.apply(a_plan("herald", a_change(first, ChangeKind.RETURNED)))
    await _right(store, herald=2, times=1)
    # One that was deleted is written, and stays deleted; one is deleted and another comes.
    await store.apply(a_plan("herald", a_change(an_entry("2", revision="c"), ChangeKind.REVISED)))
    await store.apply(a_plan("times", a_change(an_entry("2", "times")), deleted=((other.key, NOW),)))
    await _right(store, herald=2, times=1)


async def test_upkeep_keeps_it_and_mends_it(store: Store) -> None:
    for name in ("1", "2", "3"):
        await store.apply(a_plan("herald", a_change(an_entry(name))))
    await store.apply(a_plan("times", a_change(an_entry("1", "times"), at=NOW + 9 * MINUTE)))
    await store.apply(a_plan("herald", deleted=((an_entry("1").key, NOW),)))
    later = NOW + timedelta(days=9)
    await store.write(upkeep.prune_entries, NOW + MINUTE, later, [], None, True)
    await _right(store, herald=2, times=1)
    await store.write(upkeep.prune_entries, NOW + MINUTE, later, [], None, False)
    await _right(store, times=1)
    assert await store.write(upkeep.recount, "") == (0, None)
    await store.write(lambda connection: connection.execute(update(polls).values(entries=7)))
    assert await store.write(upkeep.recount, "") == (2, None)
    await _right(store, times=1)
