"""The permission desk: flags, approvals, withdrawals, grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from aggregator.errors import StoreError
from aggregator.model.output import Approval, Withdrawal
from aggregator.model.policy import Grant
from aggregator.model.use import Form
from aggregator.store import Store, desk, flag_id, notes
from tests.store.builders import MINUTE, NOW, a_flag, an_entry

FIRST, SECOND = a_flag(an_entry("1")), a_flag(an_entry("2"))


async def test_a_question_of_two_outputs_is_one_flag(store: Store) -> None:
    await store.sync_flags("community", [FIRST], NOW)
    await store.sync_flags("print", [replace(FIRST, outputs=("print",))], NOW + MINUTE)
    assert await store.flags() == [replace(FIRST, outputs=("community", "print"))]


async def test_a_flag_closes_itself_when_nobody_waits_and_opens_again_when_needed(store: Store) -> None:
    await store.sync_flags("community", [FIRST, SECOND], NOW)
    await store.sync_flags("print", [FIRST], NOW)
    await store.sync_flags("community", [SECOND], NOW + MINUTE)
    assert {flag.id for flag in await store.flags()} == {FIRST.id, SECOND.id}
    await store.sync_flags("print", [], NOW + 2 * MINUTE)
    assert await store.flags() == [SECOND]
    closed = replace(FIRST, outputs=(), closed_at=NOW + 2 * MINUTE, closed_because="no longer needed")
    assert closed in await store.flags(open_only=False)
    await store.sync_flags("print", [FIRST], NOW + 3 * MINUTE)
    assert replace(FIRST, outputs=("print",), opened_at=NOW + 3 * MINUTE) in await store.flags()
    told = [(record.subject, record.body) for record in await store.ledger() if record.subject == FIRST.id]
    assert ["again" in body for _, body in told] == [False, False, True]


async def test_raising_the_same_flags_again_changes_and_records_nothing(store: Store) -> None:
    await store.sync_flags("community", [FIRST], NOW)
    await store.sync_flags("community", [FIRST, FIRST], NOW + MINUTE)
    assert await store.flags() == [FIRST]
    assert len(await store.ledger()) == 1


async def test_an_open_flag_shows_the_contact_of_today(store: Store) -> None:
    await store.sync_flags("community", [FIRST], NOW)
    await store.sync_flags("community", [replace(FIRST, contact="new@herald.example")], NOW + MINUTE)
    assert await store.flags() == [replace(FIRST, contact="new@herald.example")]


def test_a_flags_id_depends_on_subject_publisher_and_kind() -> None:
    ids = {flag_id("a", "b", "c"), flag_id("a", "b", "d"), flag_id("a", "x", "c"), flag_id("y", "b", "c")}
    assert len(ids) == 4
    assert flag_id("a", "b", "c") == flag_id("a", "b", "c")


async def test_a_newer_approval_replaces_the_older(store: Store) -> None:
    first = Approval(entry="e1", output="community", digest="x", at=NOW, by="ann")
    second = replace(first, digest="y", at=NOW + MINUTE, by="bob")
    await store.approve(first)
    await store.approve(second)
    await store.approve(replace(first, output="print"))
    assert await store.read(desk.approvals_of, "community") == {"e1": second}
    assert [record.subject for record in await store.ledger()] == ["community/e1", "community/e1", "print/e1"]


async def test_the_first_withdrawal_stands(store: Store) -> None:
    first = Withdrawal(entry="e1", at=NOW, by="ann", reason="asked by the author")
    await store.withdraw(first)
    await store.withdraw(replace(first, at=NOW + MINUTE, by="bob"))
    assert await store.withdrawals() == {"e1": first}
    assert len(await store.ledger()) == 1


async def test_a_grant_comes_back_as_it_was_given_and_can_be_revoked_once(store: Store) -> None:
    grant = Grant(
        id="g1",
        policy="herald",
        outputs=("print",),
        forms=frozenset({Form.FULL}),
        since=date(2026, 1, 1),
        waive=frozenset({"logo"}),
        evidence="Mail of 3 March",
        given_at=NOW,
    )
    await store.write(desk.add_grant, grant, NOW)
    assert await store.grants() == [grant]
    with pytest.raises(StoreError, match="grant 'g1' is recorded already"):
        await store.write(desk.add_grant, grant, NOW)
    assert await store.revoke_grant("g1", NOW + MINUTE) is True
    assert await store.revoke_grant("g1", NOW + 2 * MINUTE) is False
    assert await store.revoke_grant("g2", NOW) is False
    assert await store.grants() == [replace(grant, revoked_at=NOW + MINUTE)]
    assert [(record.kind, record.subject) for record in await store.ledger()] == [("grant", "g1")] * 2


async def test_every_ruling_changes_the_desks_version_and_nothing_else_does(store: Store) -> None:
    approval = Approval(entry="e1", output="community", digest="x", at=NOW, by="ann")
    grant = Grant(id="g1", policy="herald")
    versions = [await store.read(desk.version)]
    for ruling in (
        store.approve(approval),
        store.approve(replace(approval, digest="y")),
        store.approve(replace(approval, rejected=True, reason="an advertisement")),
        store.write(desk.unpick, "e1", "community", "ann", NOW),
        store.withdraw(Withdrawal(entry="e1", at=NOW, by="ann", reason="x")),
        store.restore(["e1"], "ann", "a mistake", NOW),
        store.write(desk.add_grant, grant, NOW),
        store.revoke_grant("g1", NOW),
    ):
        await ruling
        versions.append(await store.read(desk.version))
    assert len(set(versions)) == 9
    await store.sync_flags("community", [FIRST], NOW)
    await store.note_config("v1", NOW)
    assert await store.read(desk.version) == versions[-1]


async def test_what_was_ruled_may_be_undone_and_the_ledger_keeps_both(store: Store) -> None:
    rejection = Approval(entry="e1", output="community", digest="x", at=NOW, by="ann", rejected=True, reason="an ad")
    await store.approve(rejection)
    assert await store.read(desk.approvals_of, "community") == {"e1": rejection}
    assert await store.write(desk.unpick, "e1", "community", "bob", NOW)
    assert not await store.write(desk.unpick, "e1", "community", "bob", NOW)
    assert await store.read(desk.approvals_of, "community") == {}
    first = Withdrawal(entry="e1", at=NOW, by="ann", reason="a letter", addresses=("a.example/1?",))
    second = Withdrawal(entry="e2", at=NOW, by="ann", reason="a letter")
    assert await store.withdraw(first, second) == ["e1", "e2"]
    assert await store.withdraw(replace(first, reason="again")) == []
    assert await store.withdrawals() == {"e1": first, "e2": second}
    assert await store.restore(["e1", "e3"], "bob", "a mistake", NOW) == ["e1"]
    assert await store.withdrawals() == {"e2": second}
    told = [(record.kind, record.subject, "undone" in record.body) for record in await store.ledger()]
    assert told == [
        ("approval", "community/e1", False),
        ("approval", "community/e1", True),
        ("withdrawal", "e1", False),
        ("withdrawal", "e2", False),
        ("withdrawal", "e1", True),
    ]


async def test_a_note_is_replaced_by_a_newer_one(store: Store) -> None:
    assert await store.read(notes.read, "alive") is None
    await store.write(notes.write, "alive", b'{"at":1}', NOW)
    await store.write(notes.write, "alive", b'{"at":2}', NOW + MINUTE)
    assert await store.read(notes.read, "alive") == b'{"at":2}'
