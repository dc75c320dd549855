"""Retention: what is old goes, what is needed stays, on both databases."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from aggregator.model.account import Role, User, Visit
from aggregator.model.application import SiteApplication
from aggregator.model.policy import UnknownPolicy
from aggregator.model.use import Use
from aggregator.service.upkeep import keep_up, prune
from aggregator.store import Store, accounts, decisions, figures, outside, proving, upkeep
from aggregator.store.health import look_over
from aggregator.store.tables import (
    attempts,
    entries,
    flag_states,
    flags,
    polls,
    releases,
    revisions,
    sessions,
    sources,
    users,
)
from aggregator.wiring import open_house
from tests.build import NOW
from tests.cli.conftest import Cli, cli

__all__ = ["cli"]


def _backdate(connection: Connection, span: timedelta) -> None:
    """As if all that is stored had happened so long ago; what outputs hold is as it was."""
    for table, columns in (
        (entries, ("ordered_at", "first_seen_at", "last_seen_at")),
        (flags, ("opened_at", "closed_at")),
        (revisions, ("seen_at",)),
        (releases, ("opened_at", "closed_at")),
    ):
        connection.exec_driver_sql(
            f"UPDATE {table.name} SET "
            + ", ".join(f"{name} = {name} - {int(span.total_seconds() * 1_000_000)}" for name in columns)
        )


def _leave_documents(connection: Connection) -> None:
    """As if every entry had left the document of its source."""
    connection.execute(update(sources).values(known_items="[]"))


def _keys(connection: Connection, table: Any, where: Any = None) -> set[str]:
    read = select(table)
    return set(connection.execute(read if where is None else read.where(where)).scalars())


async def test_old_entries_go_and_those_that_are_needed_stay(sample: Path, tmp_path: Path):
    """What stands, what is asked about, what a document still holds stays; the rest goes, in whatever batches."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    async with open_house(tmp_path / "config") as house:
        store, world = house.store, house.world
        before = await store.read(_keys, entries.c.key)
        now = house.clock()
        assert (await prune(store, world, now)).entries == 0
        await store.write(_backdate, timedelta(days=800))
        assert (await prune(store, world, now)).entries == 0, "still in the documents of their sources"
        await store.write(_leave_documents)
        standing = await store.read(_keys, releases.c.entry, releases.c.closed_at.is_(None))
        asked = await store.read(_keys, flags.c.entry, flags.c.closed_at.is_(None)) - {None}
        assert before - standing - asked, "the sample has entries that nobody needs"
        would = await prune(store, world, now, dry=True)
        assert await store.read(_keys, entries.c.key) == before
        gone = await prune(store, world, now)
        assert gone.entries == would.entries == len(before - standing - asked)
        assert await store.read(_keys, entries.c.key) == before & (standing | asked)
        assert (await prune(store, world, now)).entries == 0
        assert await store.verify_ledger() == []


async def test_former_revisions_closed_flags_and_ended_sessions_go(store: Store):
    """But not a revision that was published, nor a flag that somebody did something about."""
    await store.write(_fill)
    before = NOW - timedelta(days=1)
    gone, more = await store.write(upkeep.prune_revisions, before, 0, False)
    assert (gone, more) == (1, None)
    assert await store.read(_keys, revisions.c.revision) == {"published", "young"}
    assert await store.write(upkeep.prune_flags, before, False) == (1, False)
    assert await store.read(_keys, flags.c.id) == {"ruled", "open", "young"}
    assert await store.write(upkeep.prune_ended, NOW, True) == 3
    assert await store.write(upkeep.prune_ended, NOW, False) == 3
    assert {one.id for one in await store.read(outside.read_applications)} == {"decided", "confirmed"}
    assert await store.read(_keys, sessions.c.digest) == {"alive"}
    assert await store.read(_keys, attempts.c.key) == {"account:locked"}
    assert (await store.read(upkeep.space)).size > 0
    upkeep.vacuum(store.address)


async def test_policies_that_decided_nothing_go(store: Store):
    """Those of the configuration in force stay, and those by which anything was decided that went out."""
    for version, days in (("used", 90), ("idle", 90), ("fresh", 2), ("now", 1)):
        at = NOW - timedelta(days=days)
        await store.write(proving.keep_policies, version, (), UnknownPolicy.HOLD, at)
    await store.write(decisions.keep, (("d", b"{}", b"{}", "used"),), NOW)
    unused = await store.read(upkeep.unused_policies, NOW - timedelta(days=30))
    assert unused == ["idle"]
    await store.write(upkeep.drop_policies, unused)
    assert await store.read(proving.policies_of, "idle") is None
    assert await store.read(proving.policies_of, "used") is not None
    assert await store.read(upkeep.unused_policies, NOW) == ["fresh"]


async def test_the_numbers_of_monitoring_are_read_on_both_databases(store: Store):
    await store.write(_fill)
    found = await store.read(figures.gather, NOW)
    assert found.flags == {("", "open", "month"): 1}
    assert (found.unwell["new"], found.ledger, found.due, found.subscribers) == (0, 3, 0, 0)
    await store.sync_sources(["b"], NOW)
    found = await store.read(figures.gather, NOW)
    assert (found.unwell["new"], found.due, found.due_since) == (1, 1, None)
    assert await store.read(figures.count_entries) == 0
    assert await store.write(upkeep.recount, "") == (1, None)
    assert await store.read(figures.count_entries) == 1
    assert {fact.state for fact in await store.read(look_over)} == {"ok"}
    assert await store.write(upkeep.claim_upkeep, NOW, timedelta(days=1))
    assert not await store.write(upkeep.claim_upkeep, NOW, timedelta(days=1))
    await store.write(upkeep.tidy)


def _fill(connection: Connection) -> None:
    old, young = NOW - timedelta(days=9), NOW - timedelta(hours=1)
    connection.execute(
        sources.insert().values(id="a", active=True, added_at=old, change=0, known_items="[]", feed_facts="{}")
    )
    connection.execute(
        polls.insert().values(
            source="a",
            active=True,
            next_poll_at=2**62,
            failures=0,
            why_due="",
            last_polled_at=old,
        )
    )
    entry = {"key": "e", "source": "a", "id_digest": 1, "revision": "now", "facts": '{"id": "1"}', "content": "{}"}
    seen = dict.fromkeys(("ordered_at", "first_seen_at", "last_seen_at"), old)
    connection.execute(entries.insert().values(**entry, **seen))
    for revision, at in (("unpublished", old), ("published", old), ("young", young)):
        connection.execute(
            revisions.insert().values(entry="e", revision=revision, seen_at=at, facts="{}", content="{}")
        )
    connection.execute(
        releases.insert().values(
            output="o", entry="e", revision="published", decision="d", opened_at=old, closed_at=old, reason=""
        )
    )
    words = dict.fromkeys(
        ("kind", "subject", "source", "title", "publisher", "reason", "rule", "where", "closed_because"), ""
    )
    for id_, closed_at in (("old", old), ("ruled", old), ("open", None), ("young", young)):
        connection.execute(flags.insert().values(id=id_, opened_at=old, closed_at=closed_at, **words))
    connection.execute(
        flag_states.insert().values(
            flag="ruled", state="refused", opened_at=old, facts="", changed_at=old, changed_by="ann"
        )
    )
    connection.execute(users.insert().values(name="ann", role="admin", totp_step=0, created_at=old))
    visit = Visit(user=_user(), csrf="", opened_at=old, seen_at=old, expires_at=old)
    accounts.open_session(connection, "alive", replace(visit, expires_at=NOW + timedelta(hours=1)))
    accounts.open_session(connection, "ended", visit)
    for key, until in (("address:1", None), ("account:locked", NOW + timedelta(hours=1))):
        connection.execute(attempts.insert().values(key=key, failures=3, last_at=old, locked_until=until))
    for id_, digest, decided in (("unconfirmed", "x", None), ("decided", "y", old), ("confirmed", None, None)):
        application = SiteApplication(
            id=id_,
            name="N",
            url="https://n.example/",
            contact="n@n.example",
            use=Use(output=""),
            outputs=("o",),
            asked_at=NOW - timedelta(days=40),
            mail_digest=digest,
            decided_at=decided,
        )
        outside.apply(connection, application, [])


def _user() -> Any:
    return User(name="ann", role=Role.ADMIN, created_at=NOW)


async def test_one_of_several_processes_does_the_upkeep_once_a_day(sample: Path, tmp_path: Path):
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    async with open_house(tmp_path / "config") as house, open_house(tmp_path / "config") as other:
        now = house.clock()
        assert await keep_up(house.store, house.world, now) is not None
        assert await keep_up(other.store, other.world, now + timedelta(hours=1)) is None
        assert await keep_up(other.store, other.world, now + timedelta(hours=25)) is not None
        # A clock that was ahead when the note was written must not stop it for good.
        assert await keep_up(house.store, house.world, now) is not None


def test_prune_and_vacuum_say_what_they_did(cli: Cli, sample: Path, tmp_path: Path):
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    at = ("--config", str(tmp_path / "config"))
    said = cli(*at, "db", "prune", "--dry-run")
    assert said.out == "0 entries, 0 former revisions, 0 closed flags, 0 ended sessions and leases would go\n"
    assert cli(*at, "db", "prune", "--json").json["entries"] == 0
    assert "bytes" in cli(*at, "db", "vacuum").out
