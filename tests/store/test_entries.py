"""Entries: what a poll stores, what time adds to it, and how it is read again."""

from __future__ import annotations

import asyncio
import gc
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from aggregator.model.entry import Content, StoredEntry
from aggregator.model.poll import ChangeKind, KnownEntry, PollState
from aggregator.store import Store, same, tables
from aggregator.store import entries as entry_rows
from tests.store.builders import MINUTE, NOW, a_change, a_plan, an_entry


async def stored(store: Store, key: str) -> StoredEntry:
    return (await store.entries_by_key([key]))[key]


async def test_an_entry_comes_back_as_it_was_stored(store: Store) -> None:
    entry = an_entry("ä\0😀", language="de", published_at=NOW, categories=("x", "y"))
    await store.apply(a_plan("herald", a_change(entry, earliest_at=NOW - MINUTE)))
    expected = StoredEntry(entry=entry, first_seen_at=NOW, ordered_at=NOW, earliest_at=NOW - MINUTE)
    assert await store.entries_by_key([entry.key, "0" * 16]) == {entry.key: expected}
    assert await store.contents([entry.key]) == {entry.key: Content(body=f"<p>{entry.title}</p>", text=entry.title)}
    known = KnownEntry(
        key=entry.key, id=entry.id, revision="a", first_seen_at=NOW, earliest_at=NOW - MINUTE, deleted_at=None
    )
    assert await store.known("herald", [entry.id, "another"]) == {entry.id: known}
    assert await store.known("times", [entry.id]) == {}


async def test_a_revision_keeps_place_and_first_sighting(store: Store) -> None:
    """And the earliest date that any revision gave, whichever it was."""
    entry = an_entry(revision="a")
    await store.apply(a_plan("herald", a_change(entry, earliest_at=NOW - MINUTE)))
    later = NOW + 10 * MINUTE
    second = replace(entry, revision="b", title="Corrected")
    await store.apply(a_plan("herald", a_change(second, ChangeKind.REVISED, at=later, earliest_at=later)))
    expected = StoredEntry(entry=second, first_seen_at=NOW, ordered_at=NOW, earliest_at=NOW - MINUTE, revised_at=later)
    assert await stored(store, entry.key) == expected
    third = replace(entry, revision="c")
    change = a_change(third, ChangeKind.REVISED, at=later + MINUTE, earliest_at=NOW - 5 * MINUTE)
    await store.apply(a_plan("herald", change))
    assert await stored(store, entry.key) == replace(
        expected, entry=third, earliest_at=NOW - 5 * MINUTE, revised_at=later + MINUTE
    )


async def test_a_first_date_is_taken_whenever_it_comes(store: Store) -> None:
    entry = an_entry()
    await store.apply(a_plan("herald", a_change(entry)))
    await store.apply(a_plan("herald", a_change(replace(entry, revision="b"), ChangeKind.REVISED, earliest_at=NOW)))
    assert (await stored(store, entry.key)).earliest_at == NOW
    await store.apply(a_plan("herald", a_change(replace(entry, revision="c"), ChangeKind.REVISED)))
    assert (await stored(store, entry.key)).earliest_at == NOW


async def test_every_revision_is_kept(store: Store) -> None:
    """Also one that comes back: what stood when must be known later."""
    entry = an_entry()
    for minutes, revision in enumerate("abaa"):
        kind = ChangeKind.REVISED if minutes else ChangeKind.NEW
        change = a_change(replace(entry, revision=revision, title=revision), kind, at=NOW + minutes * MINUTE)
        await store.apply(a_plan("herald", change))
    history = await store.read(entry_rows.history, entry.key)
    assert [(each.revision, each.seen_at, each.entry.title) for each in history] == [
        ("a", NOW, "a"),
        ("b", NOW + MINUTE, "b"),
        ("a", NOW + 2 * MINUTE, "a"),
    ]
    assert [each.content.text for each in history] == ["a", "b", "a"]
    assert await store.read(entry_rows.history, "0" * 16) == []


async def test_an_entry_deleted_upstream_stands_nowhere_until_it_returns(store: Store) -> None:
    entry = an_entry()
    await store.apply(a_plan("herald", a_change(entry)))
    await store.apply(a_plan("herald", deleted=((entry.key, NOW + MINUTE),)))
    assert await store.candidates(["herald"], since=None, limit=10) == []
    assert (await stored(store, entry.key)).deleted_at == NOW + MINUTE
    assert await store.count_entries("herald") == {}
    await store.apply(a_plan("herald", deleted=((entry.key, NOW + 5 * MINUTE),)))
    assert (await stored(store, entry.key)).deleted_at == NOW + MINUTE
    await store.apply(a_plan("herald", a_change(replace(entry, revision="b"), ChangeKind.REVISED)))
    assert (await stored(store, entry.key)).deleted_at == NOW + MINUTE
    await store.apply(a_plan("herald", a_change(replace(entry, revision="b"), ChangeKind.RETURNED)))
    assert [each.entry.revision for each in await store.candidates(["herald"], since=None, limit=10)] == ["b"]


async def test_candidates_come_newest_first_across_sources_and_page_by_page(store: Store) -> None:
    for number in range(12):
        source = f"source-{number % 3}"
        at = NOW + (number // 2) * MINUTE  # pairs share an instant
        await store.apply(a_plan(source, a_change(an_entry(str(number), source=source), ordered_at=at)))
    wanted = ["source-0", "source-1", "absent"]
    every = await store.candidates(wanted, since=None, limit=100)
    assert {each.entry.source for each in every} == {"source-0", "source-1"}
    places = [(each.ordered_at, each.key) for each in every]
    assert places == sorted(places, reverse=True)
    assert len(places) == 8
    paged: list[StoredEntry] = []
    while page := await store.candidates(
        wanted, since=None, limit=3, after=(paged[-1].ordered_at, paged[-1].key) if paged else None
    ):
        paged += page
    assert paged == every
    many = [*wanted, *(f"other-{number}" for number in range(300))]
    assert await store.candidates(many, since=None, limit=100) == every
    assert await store.candidates(many, since=None, limit=3, after=places[2]) == every[3:6]
    recent = [each for each in every if each.ordered_at >= NOW + 4 * MINUTE]
    assert await store.candidates(wanted, since=NOW + 4 * MINUTE, limit=100) == recent
    assert await store.candidates(many, since=NOW + 4 * MINUTE, limit=100) == recent
    assert await store.candidates([], since=None, limit=100) == []


async def test_an_entry_that_is_read_again_is_the_same_value(store: Store) -> None:
    """What is remembered of entries elsewhere keeps them: a value for each reading would be kept for each reading."""
    for name in ("one", "two"):
        await store.apply(a_plan("herald", a_change(an_entry(name))))
    first, again = [await store.candidates(["herald"], since=None, limit=10) for _ in range(2)]
    assert [id(one) for one in first] == [id(one) for one in again]
    await store.apply(a_plan("herald", a_change(replace(an_entry("one"), revision="b")), at=NOW + MINUTE))
    revised = await store.candidates(["herald"], since=None, limit=10)
    assert {one.entry.id: one.entry.revision for one in revised} == {"one": "b", "two": "a"}
    assert {one.entry.id: one.entry.revision for one in first} == {"one": "a", "two": "a"}
    assert [id(one) for one in revised if one.entry.id == "two"] == [id(one) for one in first if one.entry.id == "two"]


def test_an_entry_that_nobody_has_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the last ones that were made."""
    monkeypatch.setattr(same, "LAST", 2)
    entry = an_entry("one")

    def make(row: tuple[object, ...]) -> StoredEntry:
        made.append(row)
        return StoredEntry(entry=entry, first_seen_at=NOW, ordered_at=NOW)

    made: list[tuple[object, ...]] = []
    entries = same.Same(make)
    kept = entries.of(("facts", 1))
    for number in (2, 3, 1, 2, 3):  # 1 is the caller's, 2 and 3 are the last
        entries.of(("facts", number))
    assert made == [("facts", 1), ("facts", 2), ("facts", 3)]
    assert entries.of(("facts", 1)) is kept
    entries.of(("facts", 4))
    gc.collect()
    entries.of(("facts", 2))
    assert made[3:] == [("facts", 4), ("facts", 2)]
    assert entries.of(("other", 1)) is not kept


async def test_an_entry_is_found_by_each_of_its_names(store: Store) -> None:
    first = an_entry("tag:herald,1", url="https://herald.example/a")
    second = an_entry("2", url="https://herald.example/b")
    other = an_entry("2", source="times", url="https://herald.example/b")
    await store.apply(a_plan("herald", a_change(first), a_change(second)))
    await store.apply(a_plan("times", a_change(other)))

    async def find(name: str) -> set[str]:
        return {each.key for each in await store.find(name)}

    assert await find(first.key) == {first.key}
    assert await find("tag:herald,1") == {first.key}
    assert await find("herald:tag:herald,1") == {first.key}
    assert await find("https://herald.example/a") == {first.key}
    assert await find("times:2") == {other.key}
    assert await find("2") == {second.key, other.key}
    assert await find("https://herald.example/b") == {second.key, other.key}
    for nothing in ("nothing", "\0", "\ud800", "a:\0", "0" * 16, ""):
        assert await find(nothing) == set()


async def test_very_long_ids_and_urls_are_stored_and_found(store: Store) -> None:
    entry = an_entry("i" * 100_000, url="https://herald.example/" + "u" * 100_000)
    await store.apply(a_plan("herald", a_change(entry)))
    assert [each.key for each in await store.find(entry.id)] == [entry.key]
    assert [each.key for each in await store.find(entry.url or "")] == [entry.key]


async def test_lists_show_deleted_entries_too(store: Store) -> None:
    for number in range(3):
        await store.apply(a_plan("herald", a_change(an_entry(str(number)), ordered_at=NOW + number * MINUTE)))
    await store.apply(a_plan("herald", deleted=((an_entry("1").key, NOW),)))
    listed = await store.list_entries(source="herald", limit=2)
    assert [each.entry.id for each in listed] == ["2", "1"]
    after = (listed[-1].ordered_at, listed[-1].key)
    assert [each.entry.id for each in await store.list_entries(limit=2, after=after)] == ["0"]
    assert await store.list_entries(source="times", limit=2) == []
    assert await store.count_entries() == {"herald": 2}


async def test_an_entry_that_left_its_document_was_last_seen_at_the_poll_before(store: Store) -> None:
    entry = an_entry()
    state = PollState(source="herald", last_success_at=NOW + MINUTE)
    await store.apply(a_plan("herald", a_change(entry)))
    await store.apply(a_plan(state=state, at=NOW + MINUTE))
    gone = PollState(source="herald", last_success_at=NOW + 9 * MINUTE)
    await store.apply(a_plan(state=gone, departed=(entry.id,), at=NOW + 9 * MINUTE))

    def seen(connection: Connection) -> object:
        return connection.execute(select(tables.entries.c.last_seen_at)).scalar_one()

    assert await store.read(seen) == NOW + MINUTE


@settings(max_examples=25, deadline=None)
@given(history=st.lists(st.tuples(st.sampled_from("12"), st.sampled_from("abcx"), st.integers(0, 3)), max_size=12))
def test_any_history_of_plans_gives_what_a_person_would_write_down(
    history: list[tuple[str, str, int]], migrated_sqlite: Path
) -> None:
    """Against a naive model of the store: revisions, dates and deletions of two entries (`x`: deleted upstream)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        shutil.copy(migrated_sqlite, path)
        asyncio.run(check_history(f"sqlite:///{path}", history))


async def check_history(url: str, history: list[tuple[str, str, int]]) -> None:
    store = await Store.open(url)
    model: dict[str, StoredEntry] = {}
    revisions: dict[str, list[str]] = {}
    for step, (name, revision, minutes) in enumerate(history):
        at, dated = NOW + step * MINUTE, NOW - minutes * MINUTE if minutes else None
        entry = an_entry(name, revision=revision)
        before = model.get(entry.key)
        if revision == "x":
            await store.apply(a_plan("herald", deleted=((entry.key, at),), at=at))
            if before is not None:
                model[entry.key] = replace(before, deleted_at=before.deleted_at or at)
            continue
        kind = ChangeKind.NEW
        if before is not None:
            kind = ChangeKind.RETURNED if before.deleted_at else ChangeKind.REVISED
        await store.apply(a_plan("herald", a_change(entry, kind, at=at, earliest_at=dated), at=at))
        if before is None:
            model[entry.key] = StoredEntry(entry=entry, first_seen_at=at, ordered_at=at, earliest_at=dated)
            revisions[entry.key] = [revision]
            continue
        dates = [date for date in (before.earliest_at, dated) if date]
        same = before.entry.revision == revision
        model[entry.key] = replace(
            before,
            entry=entry,
            earliest_at=min(dates, default=None),
            revised_at=before.revised_at if same else at,
            deleted_at=None,
        )
        revisions[entry.key] += [] if same else [revision]
    assert await store.entries_by_key(list(model)) == model
    for key, expected in revisions.items():
        assert [each.revision for each in await store.read(entry_rows.history, key)] == expected
    await store.close()
