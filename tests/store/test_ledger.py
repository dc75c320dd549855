"""The ledger: whoever changes it afterwards is found out."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import create_engine, text

from aggregator.model.output import Withdrawal
from aggregator.store import Store
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
