"""A search finds what a poll stored a moment ago, and asks nothing of a database that only reads."""

from __future__ import annotations

import pytest

from aggregator.errors import UsageError
from aggregator.service import search
from aggregator.service.search import catch_up, search_entries
from aggregator.store import Store, UnavailableError
from aggregator.store.search import is_pending
from tests.store.builders import a_change, a_plan, an_entry


async def stored(store: Store, *names: str) -> None:
    await store.apply(a_plan("herald", *(a_change(an_entry(name, title=f"Harbour {name}")) for name in names)))


async def found(store: Store) -> list[str]:
    return sorted(hit.stored.entry.id for hit in (await search_entries(store, "harbour")).hits)


async def test_a_search_finds_what_was_stored_a_moment_ago(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """So much of it as one search may wait for; the service does the rest."""
    monkeypatch.setattr(search, "BEFORE_SEARCH", 3)
    monkeypatch.setattr(search.search, "BATCH", 2)
    await stored(store, *"12345")
    with pytest.raises(UsageError):
        await search_entries(store, "-x")
    assert await found(store) == ["1", "2", "3"]
    assert await catch_up(store) == 2
    assert not await store.read(is_pending)
    assert await found(store) == ["1", "2", "3", "4", "5"]


async def test_a_search_is_answered_where_nothing_can_be_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full hides the newest entries, not all."""
    await stored(store, "1")
    assert await found(store) == ["1"]
    await stored(store, "2")

    async def full(*_: object) -> None:
        raise UnavailableError("the disk is full")

    with monkeypatch.context() as trouble:
        trouble.setattr(store, "write", full)
        assert await found(store) == ["1"]
    assert await found(store) == ["1", "2"]
