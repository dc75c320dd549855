"""What a poll writes, from what is stored, what came, and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from aggregator.intake.plan import (
    body_digest,
    config_digest,
    departed_ids,
    failure_of,
    ids_to_know,
    known_digests,
    new_within_a_day,
    plan_failed,
    plan_parsed,
    plan_unchanged,
    remembered,
)
from aggregator.model.entry import Entry, entry_key
from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified, Validators
from aggregator.model.parsed import FeedFacts, ParsedEntry, ParsedFeed, ParseFailed, Tombstone
from aggregator.model.poll import ChangeKind, EntryChange, IntakePlan, KnownEntry, PollReport, PollState

NOW = datetime(2016, 12, 13, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEXT = {"next_poll_at": NOW + DAY, "why": "interval 24 h", "now": NOW}
OLD = Validators(etag='"1"')
NEW = Validators(etag='"2"')


def a_read(entry_id: str = "1", digest: str = "d1", **facts: Any) -> ParsedEntry:
    entry = Entry(**{"source": "s", "id": entry_id, "revision": "r1", "title": "t"} | facts)
    return ParsedEntry(entry=entry, content=b"{}", digest=digest)


def a_known(entry_id: str = "1", **facts: Any) -> dict[str, KnownEntry]:
    basis = {"revision": "r1", "first_seen_at": NOW - 9 * DAY, "earliest_at": None, "deleted_at": None}
    return {entry_id: KnownEntry(**{"key": entry_key("s", entry_id), "id": entry_id} | basis | facts)}


def a_parsed(*reads: ParsedEntry, **facts: Any) -> ParsedFeed:
    items = tuple((read.digest, read.entry.id) for read in reads)
    return ParsedFeed(**{"source": "s", "feed": FeedFacts(), "entries": reads, "items": items} | facts)


def a_fetched(body: bytes = b"body") -> Fetched:
    return Fetched(
        source="s", asked_at=NOW - timedelta(seconds=1), final_url="https://a.example/", status=200, body=body,
        content_type=None, validators=NEW,
    )  # fmt: skip


def planned(
    parsed: ParsedFeed, known: dict[str, KnownEntry] | None = None, state: PollState | None = None
) -> IntakePlan:
    digest = body_digest(b"body")
    return plan_parsed(state or PollState(source="s"), a_fetched(), parsed, known or {}, digest=digest, **NEXT)


def test_new_entries_of_a_day_are_counted_from_the_first_of_them():
    """A day begins with the first new entry after the one before has ended; nothing new begins none."""

    def after(at: datetime, before: FeedFacts, *names: str) -> FeedFacts:
        parsed = a_parsed(*(a_read(name, f"d{name}") for name in names))
        given = {**NEXT, "now": at}
        return plan_parsed(PollState(source="s", feed=before), a_fetched(), parsed, {}, **given).state.feed

    quiet = after(NOW, FeedFacts())
    assert (quiet.day_since, new_within_a_day(quiet, NOW)) == (None, 0)
    first = after(NOW, quiet, "1", "2")
    later = after(NOW + DAY / 2, first, "3")
    assert (later.day_since, new_within_a_day(later, NOW + DAY / 2)) == (NOW, 3)
    assert after(NOW + DAY / 2, later) == later
    assert new_within_a_day(later, NOW + DAY) == 0
    next_day = after(NOW + DAY, later, "4")
    assert (next_day.day_since, next_day.day_new) == (NOW + DAY, 1)


def test_a_new_entry_is_written_with_its_validators_and_items():
    plan = planned(
        a_parsed(a_read(published_at=NOW - DAY)),
        state=PollState(source="s", failures=3, last_error="x", validators=OLD),
    )
    assert plan == IntakePlan(
        state=PollState(
            source="s",
            next_poll_at=NOW + DAY,
            validators=NEW,
            body_digest=body_digest(b"body"),
            items=(("d1", "1"),),
            last_polled_at=NOW - timedelta(seconds=1),
            last_success_at=NOW,
            last_changed_at=NOW,
            last_status=200,
            why_due="interval 24 h",
            feed=FeedFacts(day_since=NOW, day_new=1),
        ),
        changes=(
            EntryChange(
                kind=ChangeKind.NEW,
                entry=a_read(published_at=NOW - DAY).entry,
                content=b"{}",
                first_seen_at=NOW,
                ordered_at=NOW - DAY,
                earliest_at=NOW - DAY,
                at=NOW,
            ),
        ),
        report=PollReport(source="s", outcome="changed", new=1, next_poll_at=NOW + DAY),
        at=NOW,
    )


def test_the_same_revision_is_not_written():
    plan = planned(a_parsed(a_read()), a_known())
    assert (plan.changes, plan.report.outcome, plan.state.last_changed_at) == ((), "unchanged", None)


def test_another_revision_is_and_keeps_its_first_sighting():
    change = planned(a_parsed(a_read(revision="r2")), a_known()).changes[0]
    assert (change.kind, change.first_seen_at) == (ChangeKind.REVISED, NOW - 9 * DAY)


def test_an_entry_that_comes_back_is_decided_anew_even_unchanged():
    assert planned(a_parsed(a_read()), a_known(deleted_at=NOW - DAY)).changes[0].kind is ChangeKind.RETURNED


@pytest.mark.parametrize(
    ("published", "updated", "ordered"),
    [
        (NOW - DAY, NOW, NOW - DAY),
        (None, NOW - DAY, NOW - DAY),
        (None, None, NOW),
        (NOW + DAY, None, NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW - DAY, NOW),
    ],
)
def test_a_bad_date_never_lifts_an_entry(published: datetime | None, updated: datetime | None, ordered: datetime):
    assert planned(a_parsed(a_read(published_at=published, updated_at=updated))).changes[0].ordered_at == ordered


def test_undated_entries_keep_the_order_of_the_document():
    plan = planned(a_parsed(a_read("1"), a_read("2", "d2"), a_read("3", "d3")))
    assert sorted(plan.changes, key=lambda change: change.ordered_at, reverse=True) == list(plan.changes)


@pytest.mark.parametrize(
    ("published", "stored", "earliest"),
    [
        (NOW - DAY, NOW - 3 * DAY, NOW - 3 * DAY),
        (NOW - 5 * DAY, NOW - 3 * DAY, NOW - 5 * DAY),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW - 3 * DAY, NOW - 3 * DAY),
        (None, None, None),
    ],
)
def test_the_earliest_date_ever_stands(published: datetime | None, stored: datetime | None, earliest: datetime | None):
    plan = planned(a_parsed(a_read(revision="r2", published_at=published)), a_known(earliest_at=stored))
    assert plan.changes[0].earliest_at == earliest


def test_items_that_were_not_read_keep_their_entries():
    state = PollState(source="s", items=(("d1", "1"), ("d2", "2"), ("d3", "3")))
    parsed = a_parsed(a_read("4", "d4"), items=(("d4", "4"), ("d1", ""), ("d3", ""), ("dx", "")))
    plan = planned(parsed, state=state)
    assert plan.state.items == (("d4", "4"), ("d1", "1"), ("d3", "3"))
    assert plan.departed == ("2",)
    assert plan.deleted == ()


@pytest.mark.parametrize(
    ("updated", "known", "deleted", "written"),
    [
        (NOW - 2 * DAY, True, True, False),
        (NOW - DAY, True, True, False),
        (NOW, True, False, True),
        (None, True, True, False),
        (NOW - 2 * DAY, False, False, False),
        (NOW, False, False, True),
    ],
)
def test_of_entry_and_tombstone_the_newer_wins(updated: datetime | None, known: bool, deleted: bool, written: bool):
    parsed = a_parsed(a_read(revision="r2", updated_at=updated), tombstones=(Tombstone(ref="1", when=NOW - DAY),))
    plan = planned(parsed, a_known() if known else {})
    assert plan.deleted == (((entry_key("s", "1"), NOW - DAY),) if deleted else ())
    assert bool(plan.changes) is written


def test_a_tombstone_speaks_of_entries_of_this_source_only_and_once():
    stones = (Tombstone(ref="1", when=NOW + DAY), Tombstone(ref="2", when=NOW), Tombstone(ref="x", when=NOW))
    plan = planned(a_parsed(tombstones=stones), a_known("1") | a_known("2", deleted_at=NOW - DAY))
    assert plan.deleted == ((entry_key("s", "1"), NOW),)


def test_from_a_complete_feed_absence_is_removal():
    state = PollState(source="s", items=(("d1", "1"), ("d2", "2")))
    parsed = a_parsed(items=(("d1", ""),), feed=FeedFacts(complete=True))
    assert ids_to_know(parsed, departed_ids(state, parsed)) == ("2",)
    assert planned(parsed, a_known("2"), state).deleted == ((entry_key("s", "2"), NOW),)


def test_ids_to_know_are_those_read_buried_and_gone():
    state = PollState(source="s", items=(("d1", "1"), ("d2", "2")))
    parsed = a_parsed(a_read("3", "d3"), items=(("d3", "3"), ("d1", "")), tombstones=(Tombstone(ref="9", when=NOW),))
    assert departed_ids(state, parsed) == ("2",)
    assert ids_to_know(parsed, ["2"]) == ("3", "9"), "nothing is decided about what merely left"
    complete = replace(parsed, feed=FeedFacts(complete=True))
    assert ids_to_know(complete, ["2"]) == ("2", "3", "9")


def test_not_modified_refreshes_schedule_and_validators():
    state = PollState(source="s", items=(("d1", "1"),), failures=2, last_error="x", body_digest="b")
    plan = plan_unchanged(state, NotModified(source="s", asked_at=NOW, validators=NEW), **NEXT)
    assert plan == IntakePlan(
        state=structs.replace(
            state, failures=0, last_error=None, validators=NEW, next_poll_at=NOW + DAY, why_due="interval 24 h",
            last_polled_at=NOW, last_success_at=NOW, last_status=304,
        ),
        report=PollReport(source="s", outcome="unchanged", next_poll_at=NOW + DAY),
        at=NOW,
    )  # fmt: skip


def test_a_failure_changes_the_schedule_and_nothing_else():
    state = PollState(source="s", items=(("d1", "1"),), validators=OLD, body_digest="b", failures=1)
    failed = FetchFailed(source="s", asked_at=NOW, kind=FailureKind.DNS, detail="no such name")
    assert plan_failed(state, failed, **NEXT) == IntakePlan(
        state=structs.replace(
            state, failures=2, last_error="no such name", last_error_kind=FailureKind.DNS, next_poll_at=NOW + DAY,
            why_due="interval 24 h", last_polled_at=NOW,
        ),
        report=PollReport(source="s", outcome="failed", detail="no such name", next_poll_at=NOW + DAY),
        at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(("killed", "kind"), [(True, FailureKind.PARSER), (False, FailureKind.CONTENT)])
def test_an_unreadable_answer_is_a_failure(killed: bool, kind: FailureKind):
    failed = failure_of(a_fetched(), ParseFailed(source="s", detail="answered with nothing", killed=killed))
    assert (failed.kind, failed.detail, failed.status) == (kind, "answered with nothing", 200)


def test_under_another_configuration_all_is_read_anew_but_nothing_counts_as_gone():
    config = config_digest("https://a.example/", {"a.example"}, {"A"}, [("b.example", "B")])
    state = PollState(source="s", validators=OLD, body_digest="b", items=(("d1", "1"),), config_digest="other")
    fresh = remembered(state, config)
    assert fresh == PollState(source="s", items=(("", "1"),), config_digest=config)
    assert known_digests(fresh) == frozenset()
    assert remembered(fresh, config) is fresh
    assert planned(a_parsed(a_read()), a_known(), fresh).departed == ()
    assert config == config_digest("https://a.example/", ["a.example"], ["A"], [("b.example", "B")])
    assert config != config_digest("https://a.example/", ["a.example"], ["A"], [])


def test_what_is_no_part_of_a_revision_is_written_where_a_document_is_read_anew():
    """A release that learns to see more, or an output that asks for more, must not wait for the next edit."""
    forgotten = PollState(source="s", items=(("", "1"),), last_changed_at=NOW - 9 * DAY)
    read = a_read(sketch="00000001", detected_language="de")
    plan = planned(a_parsed(read), a_known(), forgotten)
    assert [(change.kind, change.entry) for change in plan.changes] == [(ChangeKind.READ_ANEW, read.entry)]
    assert (plan.report.outcome, plan.report.new, plan.report.revised) == ("unchanged", 0, 0)
    assert plan.state.last_changed_at == NOW - 9 * DAY
    assert planned(a_parsed(read), a_known(), structs.replace(forgotten, items=(("d0", "1"),))).changes == ()


def test_a_guess_of_the_language_is_wanted_by_the_configuration_alone():
    facts = ("https://a.example/", [], [], [])
    assert config_digest(*facts) == config_digest(*facts, detect_language=False)
    assert config_digest(*facts) != config_digest(*facts, detect_language=True)
