"""Millions of entries as if they had been polled long ago, written the short way: a few seconds for 100,000.

The rows are those that the store would have written: made from documents that were really read, each repeated under
names of its own. Only the way is another: SQLite's driver without a journal, PostgreSQL's COPY, indexes afterwards.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import msgspec

from aggregator.model.entry import entry_key
from aggregator.model.poll import EntryChange, IntakePlan
from aggregator.store.address import locate
from aggregator.store.apply import POLL_COLUMNS, prepare
from aggregator.store.statements import digest_of
from aggregator.store.words import stored_words
from benchmarks.storing import plan_of

DOCUMENTS = 2
"""Of 25 entries each, that every source has brought: 50 entries a source."""
PATTERNS = 40
SHORT = 200
"""Characters of HTML an article: 5 million of 3 KB would need a disk of their own, and no index sees their length."""
RARE = "lighthousekeeper"
"""A word of one article in a thousand."""
_SOURCE, _NAME, _SKETCH = "qqsource", "qqname", "qqsketch"
_HOLES = {_SOURCE: "%(source)s", _NAME: "%(name)s", _SKETCH: "%(sketch)s"}
_ENTRY = (
    *("key", "source", "id_digest", "url_digest", "revision", "ordered_at", "first_seen_at", "last_seen_at"),
    *("earliest_at", "facts", "content"),
)
_LINES = 2_000
"""Of a COPY, handed over at a time."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One article, with holes for the names of those that repeat it."""

    id: str
    url: str
    revision: str
    ordered_at: int
    seen_at: int
    earliest_at: int | None
    facts: str
    content: str
    words: str


def name_of(number: int, document: int) -> str:
    """A word that only the entries of this document have."""
    return f"n{number}d{document}"


def plans() -> list[IntakePlan]:
    """What the polls of some feeds brought, in short articles."""
    made = [plan_of(feed, SHORT) for feed in range(PATTERNS)]
    first = made[0].changes[0]
    rare = replace(first, entry=replace(first.entry, title=f"{first.entry.title} {RARE}"))
    return [msgspec.structs.replace(made[0], changes=(rare, *made[0].changes[1:])), *made[1:]]


def sketch_of(name: str) -> str:
    """That of a story that nobody else tells."""
    made = blake2b(name.encode(), digest_size=64).hexdigest()
    return "".join(sorted(made[at : at + 8] for at in range(0, 128, 8)))


def patterns(made: Iterable[IntakePlan], dialect: str) -> list[list[Pattern]]:
    """The articles of each feed; for PostgreSQL as its COPY reads text."""
    return [[_pattern(plan, change, dialect) for change in plan.changes] for plan in made]


def _pattern(plan: IntakePlan, change: EntryChange, dialect: str) -> Pattern:
    entry = replace(
        change.entry,
        source=_SOURCE,
        id=f"{change.entry.id}:{_NAME}",
        url=f"{change.entry.url}-{_NAME}",
        title=f"{change.entry.title} {_NAME}",
        sketch=_SKETCH,
    )
    whole = msgspec.structs.replace(plan, changes=(replace(change, entry=entry),))
    row = prepare(whole, None, None).entries[0]
    facts, content = str(row[9]), str(row[10])
    words = stored_words(dialect, entry, content)
    if dialect == "postgresql":
        facts, content, words = _escaped(facts), _escaped(content), _escaped(words)
    return Pattern(
        id=change.entry.id,
        url=change.entry.url or "",
        revision=entry.revision,
        ordered_at=int(row[5]),
        seen_at=int(row[6]),
        earliest_at=None if row[8] is None else int(row[8]),
        facts=_template(facts),
        content=content,
        words=_template(words),
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _template(text: str) -> str:
    text = text.replace("%", "%%")
    for mark, hole in _HOLES.items():
        text = text.replace(mark, hole)
    return text


def _rows(made: Sequence[Sequence[Pattern]], numbers: Iterable[int]) -> Iterator[tuple[Row, str]]:
    """Each entry as a row of `entries`, and its words."""
    for number in numbers:
        source = f"paper-{number}"
        for document in range(DOCUMENTS):
            name = name_of(number, document)
            later = (number + document * 86_400) * 1_000_000
            for one in made[number % PATTERNS]:
                id_ = f"{one.id}:{name}"
                given = {"source": source, "name": name, "sketch": sketch_of(id_)}
                row = (
                    entry_key(source, id_),
                    source,
                    digest_of(id_),
                    digest_of(f"{one.url}-{name}"),
                    one.revision,
                    one.ordered_at + later,
                    one.seen_at,
                    one.seen_at,
                    None if one.earliest_at is None else one.earliest_at + later,
                    one.facts % given,
                    one.content,
                )
                yield row, one.words % given


def seed(url: str, made: Sequence[IntakePlan], numbers: range) -> None:
    """Writes the entries of these sources, whose rows are there, with their words and what is remembered of polls.
    Nobody else may use the database meanwhile."""
    address = locate(url)
    if address.file is not None:
        with sqlite3.connect(address.file, isolation_level=None) as connection:
            _seed_sqlite(connection, made, numbers)
        connection.close()
    else:
        _seed_postgresql(url, made, numbers)


def _states(made: Sequence[IntakePlan], numbers: range) -> tuple[list[Row], list[Row]]:
    """What is remembered of each poll, for `polls` and for `sources`."""
    prepared = [prepare(plan, None, None) for plan in made]
    polls, documents = [], []
    for number in numbers:
        one = prepared[number % PATTERNS]
        polls.append((*one.poll[:-1], DOCUMENTS * len(one.entries), f"paper-{number}"))
        documents.append((*(one.document or ("[]", "{}")), f"paper-{number}"))
    return polls, documents


def _remember(mark: str) -> tuple[str, str]:
    columns = ", ".join(f"{name} = {mark}" for name in (*POLL_COLUMNS, "entries"))
    return (
        f"UPDATE polls SET {columns} WHERE source = {mark}",
        f"UPDATE sources SET known_items = {mark}, feed_facts = {mark} WHERE id = {mark}",
    )


def _seed_sqlite(connection: sqlite3.Connection, made: Sequence[IntakePlan], numbers: range) -> None:
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -2000000"):
        connection.execute(f"PRAGMA {pragma}")
    # As much as fits into memory of the index of words before it is written: else it is merged again and again.
    connection.execute("INSERT INTO entry_words (entry_words, rank) VALUES ('hashsize', 67108864)")
    connection.execute("BEGIN IMMEDIATE")
    for statement, rows in zip(_remember("?"), _states(made, numbers), strict=True):
        connection.executemany(statement, rows)
    add = f"INSERT INTO entries ({', '.join(_ENTRY)}) VALUES ({', '.join('?' * len(_ENTRY))})"
    shapes = patterns(made, "sqlite")
    for start in range(numbers.start, numbers.stop, 200):
        found = list(_rows(shapes, range(start, min(start + 200, numbers.stop))))
        connection.executemany(add, (row for row, _ in found))
        words = ((row[0], words) for row, words in found)
        connection.executemany("INSERT INTO entry_search (entry, words) VALUES (?, ?)", words)
    connection.execute("COMMIT")
    connection.execute("INSERT INTO entry_words (entry_words, rank) VALUES ('hashsize', 1048576)")
    connection.execute("PRAGMA journal_mode = WAL")


def _seed_postgresql(url: str, made: Sequence[IntakePlan], numbers: range) -> None:
    """As a superuser: references are known to be right, and are not looked up one by one."""
    import psycopg

    shapes = patterns(made, "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "maintenance_work_mem = '1GB'",
        ):
            connection.execute(f"SET {setting}".encode())
        with connection.cursor() as cursor, connection.transaction():
            for statement, rows in zip(_remember("%s"), _states(made, numbers), strict=True):
                cursor.executemany(statement.encode(), rows)
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('entries', 'entry_search') "
            "AND indexdef NOT LIKE 'CREATE UNIQUE%' AND schemaname = 'public'"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        for step in range(numbers.start, numbers.stop, 5_000):
            _copy(connection, shapes, range(step, min(step + 5_000, numbers.stop)))
        for _, definition in indexes:
            connection.execute(str(definition).encode())


def _copy(connection: Any, shapes: Sequence[Sequence[Pattern]], numbers: range) -> None:
    """Entries first; their words wait in memory, because a connection copies to one table at a time."""
    searched: list[str] = []

    def lines() -> Iterator[str]:
        for row, words in _rows(shapes, numbers):
            searched.append(f"{row[0]}\t{words}\n")
            yield "\t".join(["\\N" if value is None else str(value) for value in row]) + "\n"

    with connection.cursor() as cursor:
        _hand_over(cursor, f"COPY entries ({', '.join(_ENTRY)}) FROM STDIN", lines())
        _hand_over(cursor, "COPY entry_search (entry, words) FROM STDIN", iter(searched))


def _hand_over(cursor: Any, statement: str, lines: Iterator[str]) -> None:
    waiting: list[str] = []
    with cursor.copy(statement.encode()) as copy:
        for line in lines:
            waiting.append(line)
            if len(waiting) == _LINES:
                copy.write("".join(waiting))
                waiting.clear()
        copy.write("".join(waiting))
