"""Queries that run often use an index, whatever the size of the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, text

from aggregator.model.output import Format
from aggregator.model.poll import ChangeKind
from aggregator.store import (
    accounts,
    apply,
    batches,
    builds,
    cases,
    desk,
    documents,
    entries,
    facts,
    figures,
    ledger,
    notes,
    outbox,
    outputs,
    overview,
    search,
    sources,
    subscribed,
    upkeep,
    webhooks,
)
from aggregator.store.address import locate
from tests.store.builders import LEASE, NOW, a_change, a_plan, an_entry

BATCH = batches.Batch(host="herald.example:443", sources=("a", "b"))
POLL = a_plan("a", a_change(an_entry("1", source="a")), a_change(an_entry("2", source="a"), ChangeKind.REVISED))
HOT = {
    "some_due": lambda connection: sources.some_due(connection, NOW),
    "claim": lambda connection: sources.claim(connection, NOW, LEASE, "a", 10),
    "due hosts": lambda connection: batches.lease(connection, NOW, NOW + LEASE, 10),
    "a batch begins": lambda connection: batches.take(connection, BATCH, 1, 0, NOW, LEASE),
    "a batch ends": lambda connection: batches.finish(connection, BATCH, "1/0"),
    "what nodes look at": lambda connection: builds.look(connection, 5, 5),
    "a build is claimed": lambda connection: builds.claim(connection, ["community"], "a", NOW, LEASE),
    "what a build begins with": lambda connection: facts.gather(connection, ["community"], NOW, 5),
    "a document": lambda connection: documents.one(connection, "community", Format.RSS),
    "sources that changed": lambda connection: sources.changed_rows(connection, 5),
    "candidates of one source": lambda connection: entries.candidates(connection, ["a"], NOW, 50, None),
    "next page of candidates": lambda connection: entries.candidates(connection, ["a"], None, 50, (NOW, "f")),
    "candidates of many": lambda connection: entries.candidates(connection, list(map(str, range(99))), NOW, 50, None),
    "known": lambda connection: entries.known(connection, [entries.asked("a", ["1", "2"])]),
    "contents": lambda connection: entries.contents(connection, ["1", "2"]),
    "find": lambda connection: entries.find(connection, "https://herald.example/1"),
    "open_releases": lambda connection: outputs.open_releases(connection, "community"),
    "first_releases": lambda connection: outputs.first_releases(connection, "community", ["1"]),
    "releases_of": lambda connection: outputs.releases_of(connection, "1"),
    "desk_version": lambda connection: desk.version(connection),
    "whether words are to be made": lambda connection: search.is_pending(connection),
    "words to be made": lambda connection: search.catch_up(connection, 5),
    "search": lambda connection: search.search(connection, "harbour"),
    "search, newest": lambda connection: search.search(connection, "harbour", order="newest", after="7"),
    "approvals": lambda connection: desk.approvals_of(connection, "community"),
    "old entries to prune": lambda connection: upkeep.prune_entries(connection, NOW, NOW, [], None, False),
    "old entries, next batch": lambda connection: upkeep.prune_entries(connection, NOW, NOW, ["a"], (NOW, "f"), False),
    "former revisions to prune": lambda connection: upkeep.prune_revisions(connection, NOW, 5, False),
    "outbox": lambda connection: outbox.claim(connection, NOW, LEASE, "a", 10),
    "subscriptions due": lambda connection: subscribed.due(connection, NOW, LEASE, 10),
    "session": lambda connection: accounts.read_visit(connection, "a"),
    "token": lambda connection: accounts.find_token(connection, "a"),
    "the last release of an entry": lambda connection: outputs.carried(connection, "community", ["a"], NOW),
    "recalled": lambda connection: outputs.recalled(connection, "community", NOW, 10),
    "ledger": lambda connection: ledger.records(connection, 5, 10),
    "what webhooks are owed": lambda connection: webhooks.untold(connection),
    "a page of entries": lambda connection: entries.listed(connection, None, 50, (NOW, "f")),
    "a page of a source's entries": lambda connection: entries.listed(connection, "a", 50, None),
    "entries at an address": lambda connection: entries.at_url(connection, "a", "https://herald.example/1"),
    "the history of an entry": lambda connection: entries.history(connection, "1"),
    "nodes": lambda connection: notes.read_all(connection, "node:"),
    "named sources are claimed": lambda connection: sources.claim_named(connection, ["a"], NOW, LEASE, "a"),
    "what is remembered of some sources": lambda connection: sources.states(connection, ["a", "b"]),
    "a page of sources: how they are polled": lambda connection: overview.pulses(connection, ["a", "b"]),
    "a page of sources: how much each has": lambda connection: sources.entry_counts(connection, ["a", "b"]),
    "a page of entries: where each stands": lambda connection: overview.standing_of(connection, ["1"], ["community"]),
    "a page of a source: what outputs carry": lambda connection: overview.carried_of(connection, "a", ["community"]),
    "the start page: newest titles": lambda connection: overview.newest_titles(connection, ["community"], 3),
    "a page of the ledger": lambda connection: overview.ledger_page(
        connection, overview.LedgerFilter(since=NOW, until=NOW), 0, 50
    ),
    "the ledger's records of a kind": lambda connection: overview.ledger_page(
        connection, overview.LedgerFilter(kind="release"), 7, 50
    ),
    "the ledger's records of a subject": lambda connection: overview.ledger_page(
        connection, overview.LedgerFilter(subjects=("entry:1",)), 0, 50
    ),
    "the ledger's kinds": lambda connection: overview.ledger_kinds(connection),
    "the ledger's size": lambda connection: overview.ledger_size(connection),
    "a page of flags": lambda connection: cases.read_page(connection, cases.Filter(), 1, NOW.date()),
    "flags of a source": lambda connection: overview.waiting_by(connection, "source", ["a"]),
    "monitoring": lambda connection: figures.gather(connection, NOW),
    "sources that are not well": overview.unusual,
    "a poll is written": lambda connection: apply.apply(connection, [apply.prepare(POLL, None, None)]),
}
OF_ALL_SOURCES: dict[str, Callable[[Connection], object]] = {
    "all sources by how many entries each has": sources.entry_counts,
    "all sources by when they changed": lambda connection: overview.moments(connection, "changed"),
    "how many entries there are": figures.count_entries,
}
WALKS = {
    "a page of entries",
    "a page of flags",
    "candidates of many",
    "whether words are to be made",
    "words to be made",
}
"""Read an index from one end until they have enough."""
FEW = {"ix_polls_unwell", "ix_outbox_target", "ix_flags_waiting"}
"""Indexes that hold but the rows that are asked for, which are few (what is not well, what waits): all of
one is read."""
TABLES = (
    *("polls", "sources", "entries", "mine", "releases", "approvals", "ledger", "revisions", "outbox", "subscriptions"),
    *(
        "sessions",
        "tokens",
        "decisions",
        "host_leases",
        "leases",
        "builds",
        "entry_search",
        "notes",
        "flags",
        "counters",
    ),
)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    address = locate(database_url)
    # Positional parameters on both, as the store has them: its prepared statements know no others.
    engine = create_engine(address.url, paramstyle="qmark" if address.file is not None else "format")
    with engine.connect() as opened:
        if engine.dialect.name == "postgresql":
            # On empty tables a scan is cheapest; what matters is that an index could be used at all.
            opened.execute(text("SET enable_seqscan = off"))
        yield opened
    engine.dispose()


@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_never_scans_a_table(connection: Connection, name: str) -> None:
    for plan in plans(connection, HOT[name]):
        assert [line for line in plan if scans(line, name in WALKS)] == [], "\n".join(plan)


@pytest.mark.parametrize("name", OF_ALL_SOURCES)
def test_what_is_asked_of_all_sources_is_read_of_their_polls_alone(connection: Connection, name: str) -> None:
    """A row of a few hundred bytes for each source, however many entries there are."""
    for plan in plans(connection, OF_ALL_SOURCES[name]):
        assert [line for line in plan if "polls" not in line and scans(line, True)] == [], "\n".join(plan)
        assert not any(re.search(r"(on|SCAN|SEARCH) entries|ix_entries", line) for line in plan), "\n".join(plan)


def test_a_rare_word_is_fetched_by_its_index_whatever_postgresql_thinks(connection: Connection) -> None:
    """It takes every word that it has not counted for one of 200 articles, and would walk through all of them."""
    if connection.dialect.name == "sqlite":
        return
    for order in (search.BEST, search.NEWEST):
        lines = [
            line
            for plan in plans(connection, lambda opened, o=order: search.search(opened, "tram", order=o))
            for line in plan
        ]
        assert not [line for line in lines if "entry_search_pkey" in line], "\n".join(lines)
        assert [line for line in lines if "ix_entry_words" in line]


def plans(connection: Connection, work: Callable[[Connection], object]) -> Iterator[list[str]]:
    """The plan of each statement, as lines."""
    statements: list[tuple[str, Any]] = []

    @event.listens_for(connection, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        statements.append((statement, parameters[0] if many else parameters))

    work(connection)
    event.remove(connection, "before_cursor_execute", note)
    assert statements
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    for statement, parameters in statements:
        if not statement.startswith("NOTIFY"):  # has no plan
            yield [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)]


def scans(line: str, walks: bool) -> bool:
    """Whether a line of a plan reads a whole table of ours; `walks`: the whole of an index is well."""
    words = line.split()
    if "SCAN" in words:
        walks = walks or words[-1] in FEW
        return words[words.index("SCAN") + 1] in TABLES and not (walks and "INDEX" in words)
    return any(f"Seq Scan on {table}" in line for table in TABLES)
