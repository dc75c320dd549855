"""Sources: schedule, leases and what is remembered between polls."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from msgspec import structs
from sqlalchemy import create_engine, text

from aggregator.errors import StoreError
from aggregator.model.fetched import FailureKind, Validators
from aggregator.model.parsed import FeedFacts
from aggregator.model.poll import Move, PollState
from aggregator.store import Store, happenings, leases, sources
from aggregator.store.address import locate
from aggregator.store.tables import to_microseconds
from tests.store.builders import LEASE, MINUTE, NOW, a_change, a_plan, an_entry


async def due(store: Store, now: datetime = NOW, owner: str = "a") -> list[str]:
    return [state.source for state in await store.claim_due(now, lease=LEASE, owner=owner, limit=10)]


def a_full_state() -> PollState:
    return PollState(
        source="herald",
        next_poll_at=NOW + 30 * MINUTE,
        validators=Validators(etag='W/"ä"', last_modified="Fri, 20 Nov 2026 11:00:00 GMT"),
        body_digest="b0d1",
        config_digest="c0f1",
        items=(("d1", "1"), ("d2", "")),
        failures=3,
        last_polled_at=NOW + timedelta(microseconds=1),
        last_success_at=NOW - MINUTE,
        last_changed_at=NOW - 2 * MINUTE,
        last_error="answered 503",
        last_error_kind=FailureKind.HTTP_STATUS,
        last_status=503,
        feed=FeedFacts(format="rss20", title="The Herald", ttl=timedelta(hours=1)),
        why_due="30 minutes after the last poll",
    )


async def test_a_new_source_is_due_and_knows_nothing(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    assert await store.claim_due(NOW, lease=LEASE, owner="a", limit=10) == [PollState(source="herald")]


async def test_a_state_comes_back_as_it_was_stored(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    assert await store.apply(a_plan(state=a_full_state()))
    assert await store.poll_states() == {"herald": a_full_state()}
    assert await store.claim_due(NOW + 30 * MINUTE, lease=LEASE, owner="a", limit=1) == [a_full_state()]


OTHER = PollState(
    source="herald",
    next_poll_at=NOW + 90 * MINUTE,
    validators=Validators(etag='"2"'),
    body_digest="b0d2",
    config_digest="c0f2",
    items=(("d3", "3"),),
    failures=0,
    last_polled_at=NOW + 30 * MINUTE,
    last_success_at=NOW + 30 * MINUTE,
    last_changed_at=NOW + 30 * MINUTE,
    last_error=None,
    last_error_kind=FailureKind.DNS,
    last_status=304,
    feed=FeedFacts(format="atom10", title="The Herald"),
    why_due="every 30 min",
    full_at=NOW,
    feed_url="https://herald.example/other",
    move=Move(to="https://herald.example/new", since=NOW, polls=2),
    believed_url="https://herald.example/new",
    gone_at=NOW + 30 * MINUTE,
    polls=7,
    watched_since=NOW - MINUTE,
    pause=timedelta(hours=3),
)


@pytest.mark.parametrize(
    "field", [name for name in PollState.__struct_fields__ if name not in ("source", "pushed_until")]
)
async def test_whatever_a_poll_changes_is_stored(field: str, store: Store) -> None:
    """Most polls change the schedule alone, and write no more; one thing beside it must not be lost with that."""
    await store.sync_sources(["herald"], NOW)
    for state in (a_full_state(), OTHER):
        await store.apply(a_plan(state=state))
        ((_, claimed),) = (await store.claim_named(["herald"], NOW, lease=LEASE, owner="a")).items()
        changed = structs.replace(claimed, **{field: getattr(OTHER if state is not OTHER else a_full_state(), field)})
        assert changed != claimed
        assert await store.apply(a_plan(state=changed), "a")
        assert await store.read(sources.states, ["herald"]) == {"herald": changed}


async def test_of_two_plans_of_one_source_the_later_stands(store: Store) -> None:
    """A hub may deliver while a poll ends: both are in one transaction, whichever writes more of the row."""
    await store.sync_sources(["herald"], NOW)
    await store.apply(a_plan(state=OTHER))
    claimed = (await store.claim_named(["herald"], NOW, lease=LEASE, owner="a"))["herald"]
    poll = a_plan(state=structs.replace(claimed, last_status=304, polls=8))
    push = a_plan(state=structs.replace(claimed, last_status=200, polls=9, body_digest="b0d3"))
    assert await asyncio.gather(store.apply(poll, "a"), store.apply(push)) == [True, True]
    assert (await store.read(sources.states, ["herald"]))["herald"] == push.state


async def test_a_poll_that_brings_nothing_undoes_nothing(store: Store) -> None:
    """While it runs, an admin has a source asked at its configured address again."""
    await store.sync_sources(["herald"], NOW)
    await store.apply(a_plan(state=structs.replace(OTHER, gone_at=None)))
    claimed = (await store.claim_named(["herald"], NOW, lease=LEASE, owner="a"))["herald"]
    await store.write(happenings.forget_move, "herald", "asked for", NOW)
    assert await store.apply(a_plan(state=structs.replace(claimed, last_status=304)), "a")
    assert (await store.read(sources.states, ["herald"]))["herald"].believed_url is None


async def test_the_longest_due_come_first_and_no_more_than_asked(store: Store) -> None:
    await store.sync_sources(["a", "b", "c", "later"], NOW)
    for source, minutes in (("a", 3), ("b", 1), ("c", 2), ("later", 60)):
        await store.apply(a_plan(state=PollState(source=source, next_poll_at=NOW + minutes * MINUTE)))
    claimed = await store.claim_due(NOW + 10 * MINUTE, lease=LEASE, owner="a", limit=2)
    assert [state.source for state in claimed] == ["b", "c"]
    assert await due(store, NOW + 10 * MINUTE) == ["a"]


async def test_a_leased_source_is_nobody_elses_until_the_lease_ends(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    assert await due(store, owner="a") == ["herald"]
    assert await due(store, owner="b") == []
    assert await due(store, NOW + LEASE, owner="b") == ["herald"]


async def test_a_lost_lease_writes_nothing(store: Store) -> None:
    """The other process has polled it by then, and its result stands."""
    await store.sync_sources(["herald"], NOW)
    await due(store, owner="slow")
    await due(store, NOW + LEASE, owner="quick")
    mine = a_plan("herald", a_change(an_entry("mine")))
    assert await store.apply(a_plan("herald", a_change(an_entry("theirs"))), "slow") is False
    assert await store.apply(mine, "quick") is True
    assert await store.apply(mine, "quick") is False
    assert [stored.entry.id for stored in await store.list_entries(limit=10)] == ["mine"]


async def test_a_lease_that_is_taken_over_while_a_plan_waits_is_lost(store: Store, database_url: str) -> None:
    """The plan is handed in before the other process has committed, and is looked at afterwards."""
    await store.sync_sources(["herald"], NOW)
    await due(store, owner="slow")
    address = locate(database_url)
    engine = create_engine(address.url, paramstyle="qmark" if address.file is not None else "format")
    after = to_microseconds(NOW + LEASE)
    with engine.begin() as other:
        sources.lock(other, ["herald"])
        assert leases.take(other, ["herald"], "quick", after, after + 1) == {"herald"}
        writing = asyncio.create_task(store.apply(a_plan("herald", a_change(an_entry())), "slow"))
        while other.dialect.name == "postgresql" and not other.execute(_WAITING).scalar_one():  # noqa: ASYNC110  another process is waited for
            await asyncio.sleep(0.01)
    engine.dispose()
    assert await writing is False
    assert await store.list_entries(limit=10) == []


_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def test_a_written_plan_gives_its_lease_back(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    [state] = await store.claim_due(NOW, lease=LEASE, owner="a", limit=10)
    assert await store.apply(a_plan(state=structs.replace(state, next_poll_at=NOW + MINUTE)), "a")
    assert await due(store, NOW + MINUTE, owner="b") == ["herald"]


async def test_released_leases_need_not_be_waited_for(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    await due(store, owner="a")
    await store.release_leases("a")
    assert await due(store, owner="b") == ["herald"]


async def test_two_processes_never_claim_the_same_source(store: Store, database_url: str) -> None:
    ids = [f"source-{number}" for number in range(60)]
    await store.sync_sources(ids, NOW)
    other = await Store.open(database_url)
    claims = (
        opened.claim_due(NOW, lease=LEASE, owner=name, limit=7)
        for _ in range(6)
        for opened, name in ((store, "a"), (other, "b"))
    )
    found = [state.source for states in await asyncio.gather(*claims) for state in states]
    await other.close()
    assert len(found) == len(set(found))
    assert set(found) <= set(ids)


async def test_a_retired_source_rests_with_all_that_is_known_of_it(store: Store) -> None:
    await store.sync_sources(["herald", "times"], NOW)
    await store.apply(a_plan("herald", a_change(an_entry())))
    await store.sync_sources(["times"], NOW + MINUTE)
    assert await due(store, NOW + 60 * MINUTE) == ["times"]
    assert await store.count_entries() == {"herald": 1}
    await store.sync_sources(["herald"], NOW + MINUTE)
    assert await due(store, NOW + 61 * MINUTE) == ["herald"]


async def test_syncing_the_same_sources_changes_nothing(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    await store.apply(a_plan(state=a_full_state()))
    await store.sync_sources(["herald", "herald"], NOW + MINUTE)
    assert await store.poll_states() == {"herald": a_full_state()}


async def test_a_source_that_was_never_configured_can_be_polled_by_name(store: Store) -> None:
    """It gets its row, but no tick asks for it."""
    assert await store.apply(a_plan("new", a_change(an_entry(source="new"))))
    assert await store.count_entries() == {"new": 1}
    assert await due(store, NOW + 60 * MINUTE) == []
    assert await store.apply(a_plan("other"), "an owner") is False


async def test_changes_are_told_once_and_only_where_entries_changed(store: Store, database_url: str) -> None:
    await store.sync_sources(["herald", "times"], NOW)
    assert await store.read(sources.changed_rows, 0) == []
    await store.apply(a_plan("herald", a_change(an_entry())))
    await store.apply(a_plan("times"))
    other = await Store.open(database_url)
    [(changed, cursor)] = await other.read(sources.changed_rows, 0)
    assert changed == "herald"
    assert await other.read(sources.changed_rows, cursor) == []
    await store.apply(a_plan("herald", deleted=((an_entry().key, NOW),)))
    assert [source for source, _ in await other.read(sources.changed_rows, cursor)] == ["herald"]
    await other.close()


async def test_an_instant_without_time_zone_is_refused(store: Store) -> None:
    await store.sync_sources(["herald"], NOW)
    naive = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001  the case
    with pytest.raises(StoreError, match="has no time zone"):
        await store.apply(a_plan(state=PollState(source="herald", next_poll_at=naive)))
    assert (await store.poll_states())["herald"] == PollState(source="herald")


async def test_a_named_source_is_claimed_though_it_is_not_due_but_not_from_another(store: Store) -> None:
    await store.sync_sources(["herald", "times"], NOW)
    await store.apply(a_plan(state=a_full_state()))
    assert await due(store, owner="b") == ["times"]
    claimed = await store.claim_named(["herald", "times", "absent"], NOW, lease=LEASE, owner="a")
    assert claimed == {"herald": a_full_state()}
    assert await store.apply(a_plan("herald"), "a") is True
