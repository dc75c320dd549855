"""The ledger: whoever changes it afterwards is found out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text

from aggregator.model.output import Withdrawal
from aggregator.store import Store, ledger, tables
from aggregator.store.address import locate
from tests.store.builders import NOW, a_release, an_entry
from tests.store.test_outputs import a_build


async def fill(store: Store, number: int = 5) -> None:
    for name in range(number):
        await store.publish(a_build(opened=(a_release(an_entry(str(name))),)))


async def test_records_follow_one_another_from_one_on(store: Store) -> None:
    await fill(store)
    records = await store.ledger()
    assert [record.number for record in records] == [1, 2, 3, 4, 5]
    assert [record.previous for record in records] == ["", *(record.hash for record in records[:-1])]
    assert {record.at for record in records} == {NOW}
    assert await store.ledger(after=3, limit=1) == [records[3]]
    assert await store.verify_ledger() == []


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE ledger SET body = '{}' WHERE number = 3", "ledger record 3: was changed after it was written"),
        ("UPDATE ledger SET at = at + 1 WHERE number = 3", "ledger record 3: was changed after it was written"),
        ("UPDATE ledger SET hash = 'x' WHERE number = 3", "ledger record 4: does not follow record 3"),
        ("DELETE FROM ledger WHERE number = 3", "ledger record 3: missing; the next is 4"),
        ("DELETE FROM ledger WHERE number = 1", "ledger record 1: missing; the next is 2"),
    ],
)
async def test_tampering_is_found(store: Store, database_url: str, tampering: str, problem: str) -> None:
    await fill(store)
    engine = create_engine(locate(database_url).url)
    with engine.begin() as connection:
        connection.execute(text(tampering))
    engine.dispose()
    assert problem in await store.verify_ledger()


async def test_two_writers_never_fork_the_chain(store: Store, database_url: str) -> None:
    other = await Store.open(database_url)
    await asyncio.gather(
        *(
            opened.withdraw(Withdrawal(entry=f"{name}{number}", at=NOW, by="ann", reason="x"))
            for number in range(10)
            for name, opened in (("a", store), ("b", other))
        )
    )
    await other.close()
    assert len(await store.ledger()) == 20
    assert await store.verify_ledger() == []


async def test_a_configuration_is_recorded_once(store: Store) -> None:
    noted = [await store.note_config(version, NOW) for version in ("v1", "v1", "v2", "v1")]
    assert noted == [True, False, True, True]
    assert [record.body for record in await store.ledger()] == [
        '{"version":"v1"}',
        '{"version":"v2"}',
        '{"version":"v1"}',
    ]


TEXTS = st.text(alphabet='ab{}"\\ü0', max_size=6)
NOTES = st.lists(st.tuples(TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2)), min_size=2, max_size=8)
COLUMNS = ("number", "at", "kind", "subject", "body", "previous", "hash")


@settings(max_examples=60, deadline=None)
@given(NOTES, st.data())
def test_whatever_is_done_to_a_history_is_found(notes: list[Any], data: st.DataObject) -> None:
    """A cell that is another, a record less, two that changed places, one put in, the end cut off."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables.ledger.create(connection)
        for kind, subject, body in notes:
            ledger.append(connection, [ledger.Note(kind=kind, subject=subject, body=body)], NOW)
        read = select(tables.ledger).order_by(tables.ledger.c.number)
        rows = [dict(row._mapping) for row in connection.execute(read)]
        head = rows[-1]["number"], rows[-1]["hash"]
        assert ledger.verify(connection, [head]) == []
        changed = [dict(row) for row in rows]
        act = data.draw(st.sampled_from(["cell", "remove", "swap", "insert", "cut", "renumber"]))
        place = data.draw(st.integers(0, len(rows) - 1))
        if act == "cell":
            name = data.draw(st.sampled_from(COLUMNS[1:]))
            value = NOW + timedelta(microseconds=1) if name == "at" else data.draw(TEXTS)
            assume(value != changed[place][name])
            changed[place][name] = value
        elif act in ("remove", "cut"):
            del changed[place if act == "remove" else -1]
        elif act == "swap":
            other = data.draw(st.integers(0, len(rows) - 1))
            assume(other != place)
            changed[place], changed[other] = (
                changed[other] | {"number": changed[place]["number"]},
                changed[place] | {"number": changed[other]["number"]},
            )
        elif act == "insert":
            changed.append(dict(changed[place]) | {"number": len(rows) + 1})
        else:
            del changed[place]
            changed = [row | {"number": number} for number, row in enumerate(changed, 1)]
        connection.execute(tables.ledger.delete())
        if changed:
            connection.execute(tables.ledger.insert(), changed)
        assert ledger.verify(connection, [head]) != [], act
    engine.dispose()
