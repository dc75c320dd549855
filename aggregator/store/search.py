"""Full text over entries: SQLite's FTS5, PostgreSQL's `tsvector`.

The transaction that stores an entry only marks it: to make its words and to feed them to the index takes several times
as long as all else of it. `catch_up` does that within seconds, and before any search.

A row of `entry_search` holds the words of an entry; where the entry is deleted, it goes with it. Order of numbers is
order of arrival, so "the newest that match" is a walk that ends as soon as it has enough, however common the word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
import regex
from sqlalchemy import Connection, bindparam, false, literal_column, select, text, true, update

from aggregator.errors import UsageError
from aggregator.model.entry import Entry, StoredEntry
from aggregator.store.entries import by_key, contents
from aggregator.store.statements import Bulk, Query, insert, one_of, packed
from aggregator.store.tables import entries, entry_search
from aggregator.store.words import CHARS_MAX, fold, is_one_character, source_word, stored_words, words_of

QUERY_MAX = 300
"""Characters of a question."""
TERMS_MAX = 16
RANKED_MAX = 2_000
"""So many of the newest that match are put in order of relevance; a word that is everywhere says nothing anyway."""
WALKED = 100_000
"""Of the newest entries at most so many are looked at one by one: a word that is in fewer than every fiftieth of them
is fetched by its index."""
SNIPPET = 240
"""Characters of a text around the first place that matches."""
BEST, NEWEST = "best", "newest"
_BEHIND_ALL = 2**62
BATCH = 100
"""Entries whose words are made in one transaction: a tenth of a second, for which SQLite's one writer is kept from
polls and builds."""
_AT_ONCE = 20
"""Of them, between two statements: with PostgreSQL's driver the event loop makes the words, and others get their turn
at each statement."""
LOCK = 0x41474703
"""Number of PostgreSQL's advisory lock under which one transaction at a time makes words: who comes second waits for
those of the first, and finds them."""

_TERM = regex.compile(
    r'(?P<no>-)?(?:(?P<key>source):(?P<source>[a-z0-9][a-z0-9._-]*)|"(?P<said>[^"]*)"?|(?P<word>\S+))'
)

_mark = Bulk(
    lambda dialect: (
        insert(dialect, entry_search)
        .values(entry=bindparam("entry"), words=literal_column("''"), pending=true())
        .on_conflict_do_update(index_elements=["entry"], set_={"pending": true()})
    ),
    ("entry",),
)
_first_pending = Query(
    lambda dialect: select(entry_search.c.number).where(entry_search.c.pending).order_by(entry_search.c.number).limit(1)
)
_pending = Query(
    lambda dialect: (
        select(entry_search.c.number, entry_search.c.entry)
        .where(entry_search.c.pending)
        .order_by(entry_search.c.number)
        .limit(bindparam("limit"))
        # A row that a poll writes now is marked anew at its end. To wait for it might end in a deadlock.
        .with_for_update(skip_locked=True)
    )
)
_texts = Query(
    lambda dialect: select(entries.c.key, entries.c.facts, entries.c.content).where(
        one_of(dialect, entries.c.key, "keys")
    )
)
# Two statements, because SQLite's trigger asks only whether words are named: the same again would be indexed again.
_write_words = Bulk(
    lambda dialect: (
        update(entry_search)
        .where(entry_search.c.number == bindparam("place"), entry_search.c.words != bindparam("made"))
        .values(words=bindparam("made"))
    ),
    ("made", "place", "made"),
)
_unmark = Bulk(
    lambda dialect: update(entry_search).where(entry_search.c.number == bindparam("place")).values(pending=false()),
    ("place",),
)
_entry = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing that is looked for."""

    words: tuple[str, ...]
    """Next to each other, in this order."""
    excluded: bool = False
    begins: bool = False
    """Whether the last word is only the beginning of one."""


Marked = tuple[tuple[str, bool], ...]
"""A text in pieces, and whether each is one that was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry that was found."""

    stored: StoredEntry
    title: Marked
    snippet: Marked
    """The place in its text that fits best; empty where there is no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was found."""

    hits: tuple[Hit, ...]
    total: int
    """Of all pages; no more than `RANKED_MAX` are counted."""
    next: str
    """Where the next page begins; empty: this is the last."""

    @property
    def is_exact(self) -> bool:
        """Whether `total` are all that match."""
        return self.total < RANKED_MAX


def write(connection: Connection, keys: Sequence[str]) -> None:
    """Marks entries that were stored anew: `catch_up` makes their words."""
    _mark.run(connection, [(key,) for key in keys])


def is_pending(connection: Connection) -> bool:
    """Whether there are words to be made."""
    return bool(_first_pending.rows(connection))


def catch_up(connection: Connection, limit: int = BATCH) -> int:
    """Makes entries findable that were marked, the oldest first; deleted ones, too.

    Returns:
        How many, up to `limit`.
    """
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    # INVARIANT: rows are locked before their texts are read, or a revision stored in between would lose its mark.
    found = _pending.rows(connection, limit=limit)
    for start in range(0, len(found), _AT_ONCE):
        rows = found[start : start + _AT_ONCE]
        texts = {row[0]: row[1:] for row in _texts.rows(connection, keys=packed(connection, [key for _, key in rows]))}
        made = [
            (stored_words(dialect, _entry.decode(texts[key][0]), texts[key][1]), number)
            for number, key in rows
            if key in texts
        ]
        _write_words.run(connection, [(words, number, words) for words, number in made])
        _unmark.run(connection, [(number,) for number, _ in rows])
    return len(found)


def terms_of(query: str, source: str | None = None) -> list[Term]:
    """What a question asks for: words, all of them; "words in quotes" side by side; `-word` not; `begin*`;
    `source:ID`.

    Raises:
        UsageError: it asks for nothing, or for too much.
    """
    if len(query) > QUERY_MAX:
        raise UsageError(
            "a search may have %(query_max)s characters; leave out what matters least", query_max=QUERY_MAX
        )
    terms = list(_terms(query))
    if source:
        terms.append(Term(words=(source_word(source),)))
    if len(terms) > TERMS_MAX:
        raise UsageError("a search may have %(terms_max)s words; leave out what matters least", terms_max=TERMS_MAX)
    if not any(not term.excluded for term in terms):
        raise UsageError("search for a word of letters or digits; a '-' before a word only leaves out")
    return terms


def _terms(query: str) -> Iterator[Term]:
    for found in _TERM.finditer(query):
        excluded = found["no"] is not None
        if found["source"]:
            yield Term(words=(source_word(found["source"]),), excluded=excluded)
            continue
        said = found["word"] if found["said"] is None else found["said"]
        words = words_of(said)
        if not words:
            continue
        begins = found["said"] is None and said.endswith("*")
        if len(words) > 1 and len(words[-1]) == 1 and is_one_character(words[-1]):
            # The last character of a run stands alone only at the run's end: asked for, it may stand inside.
            words.pop()
        yield Term(words=tuple(words), excluded=excluded, begins=begins or is_one_character(words[-1]))


def search(
    connection: Connection, query: str, source: str | None = None, order: str = BEST, limit: int = 50, after: str = ""
) -> Found:
    """Entries in which all that is looked for occurs, deleted ones too.

    Args:
        query: see `terms_of`.
        source: only of this source.
        order: `BEST` (among the `RANKED_MAX` newest that match), or `NEWEST` (last stored first).
        after: `Found.next` of the page before.
    Raises:
        UsageError: the question asks for nothing, or for too much.
    """
    terms = terms_of(query, source)
    asked = _match(connection.dialect.name, terms)
    place = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    if order == NEWEST and not place:
        place = _BEHIND_ALL
    given = {"asked": asked, "place": place, "limit": limit + 1, "most": RANKED_MAX}
    count = connection.execute(_COUNT[connection.dialect.name], {"asked": asked, "most": RANKED_MAX}).scalar_one()
    rows = _places(connection, order, given, count)
    shown = rows[:limit]
    ahead = len(rows) > limit
    number = str(shown[-1].number) if order == NEWEST and shown else str(place + limit)
    return Found(
        hits=tuple(_hits(connection, [row.entry for row in shown], terms)), total=count, next=number if ahead else ""
    )


def _places(connection: Connection, order: str, given: Mapping[str, Any], count: int) -> Sequence[Any]:
    """Where the entries of one page stand in the order of arrival.

    PostgreSQL can walk from the newest until it has enough, which is short for a word that is in many articles and
    reads everything for one that is in few; or it can fetch all that match, which is the other way round. What it
    knows of words is too little to choose: it takes each that it has not counted for one of 200 articles. So a walk has
    an end here.

    Args:
        count: of all that match, as far as they were counted.
    """
    if connection.dialect.name == "sqlite":
        return connection.execute((_NEWEST if order == NEWEST else _BEST)["sqlite"], given).all()
    read, wanted = (_NEWEST, given["limit"]) if order == NEWEST else (_BEST, RANKED_MAX)
    if count >= RANKED_MAX:
        last = connection.execute(_LAST).scalar() or 0
        from_place = min(given["place"], last) if order == NEWEST else last
        rows = connection.execute(read["postgresql"], {**given, "floor": from_place - WALKED}).all()
        if rows and rows[0].found >= wanted:
            return rows
    return connection.execute(read["all of postgresql"], given).all()


def _match(dialect: str, terms: Sequence[Term]) -> str:
    """The question in the words of the database. Terms hold letters, marks and digits only (or a source's id), so that
    nothing of a person's text is ever read as an operator."""
    if dialect == "postgresql":
        said = [f"{'!' if term.excluded else ''}({' <-> '.join(_lexemes(term))})" for term in terms]
        return " & ".join(said)
    wanted = " AND ".join(_phrase(term) for term in terms if not term.excluded)
    unwanted = " OR ".join(_phrase(term) for term in terms if term.excluded)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _lexemes(term: Term) -> Iterator[str]:
    for number, word in enumerate(term.words, 1):
        yield f"'{word}':*" if term.begins and number == len(term.words) else f"'{word}'"


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.begins else ""}'


_BEST = {
    "sqlite": text("""
        SELECT s.number, s.entry
        FROM (
          SELECT rowid AS number, rank AS score FROM entry_words WHERE entry_words MATCH :asked
          ORDER BY rowid DESC LIMIT :most
        ) f JOIN entry_search s ON s.number = f.number
        ORDER BY f.score, f.number DESC LIMIT :limit OFFSET :place
    """),
    "postgresql": text("""
        SELECT number, entry, found
        FROM (
          SELECT number, entry, ts_rank(words, CAST(:asked AS tsquery)) AS score, count(*) OVER () AS found
          FROM (
            SELECT number, entry, words FROM entry_search
            WHERE words @@ CAST(:asked AS tsquery) AND number > :floor ORDER BY number DESC LIMIT :most
          ) n
        ) f
        ORDER BY score DESC, number DESC LIMIT :limit OFFSET :place
    """),
    "all of postgresql": text("""
        WITH f AS MATERIALIZED (SELECT number, entry, words FROM entry_search WHERE words @@ CAST(:asked AS tsquery))
        SELECT number, entry
        FROM (SELECT * FROM f ORDER BY number DESC LIMIT :most) n
        ORDER BY ts_rank(words, CAST(:asked AS tsquery)) DESC, number DESC LIMIT :limit OFFSET :place
    """),
}
_NEWEST = {
    "sqlite": text("""
        SELECT s.number, s.entry FROM entry_words JOIN entry_search s ON s.number = entry_words.rowid
        WHERE entry_words MATCH :asked AND entry_words.rowid < :place
        ORDER BY entry_words.rowid DESC LIMIT :limit
    """),
    "postgresql": text("""
        SELECT number, entry, count(*) OVER () AS found
        FROM (
          SELECT number, entry FROM entry_search
          WHERE words @@ CAST(:asked AS tsquery) AND number < :place AND number > :floor
          ORDER BY number DESC LIMIT :limit
        ) n
        ORDER BY number DESC
    """),
    "all of postgresql": text("""
        WITH f AS MATERIALIZED (SELECT number, entry FROM entry_search WHERE words @@ CAST(:asked AS tsquery))
        SELECT number, entry FROM f WHERE number < :place ORDER BY number DESC LIMIT :limit
    """),
}
_LAST = text("SELECT max(number) FROM entry_search")
_COUNT = {
    "sqlite": text("SELECT count(*) FROM (SELECT 1 FROM entry_words WHERE entry_words MATCH :asked LIMIT :most)"),
    "postgresql": text("""
        SELECT count(*)
        FROM (SELECT 1 FROM entry_search WHERE words @@ CAST(:asked AS tsquery) LIMIT :most) f
    """),
}


# ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _hits(connection: Connection, keys: Sequence[str], terms: Sequence[Term]) -> Iterator[Hit]:
    stored, texts = by_key(connection, keys), contents(connection, keys)
    pattern = _pattern(terms)
    for key in keys:
        if key in stored:
            said = texts[key].text if key in texts else ""
            title = stored[key].entry.title
            # The text begins with the title, which is shown already.
            said = said.removeprefix(title).lstrip()
            yield Hit(stored=stored[key], title=_marked(title, pattern), snippet=_snippet(said, pattern))


_NO_LETTER_BEFORE, _NO_LETTER_BEHIND = r"(?<![\p{L}\p{N}])", r"(?![\p{L}\p{N}])"
_REST_OF_WORD = r"[\p{L}\p{M}\p{N}]*"


def _pattern(terms: Sequence[Term]) -> Any:
    """What to mark: the terms as they may be written, on folded text."""
    said = []
    for term in terms:
        if term.excluded or term.words[0].startswith("="):
            continue
        if len(term.words) > 1 and all(len(word) == 2 for word in term.words) and _overlap(term.words):
            said.append(regex.escape(term.words[0] + "".join(word[1] for word in term.words[1:])))
        else:
            words = r"[^\p{L}\p{M}\p{N}]+".join(map(regex.escape, term.words))
            if not is_one_character(term.words[0]) and not _OPEN.search(term.words[0]):
                words = _NO_LETTER_BEFORE + words + (_REST_OF_WORD if term.begins else _NO_LETTER_BEHIND)
            said.append(words)
    return regex.compile("|".join(said)) if said else None


_OPEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def _overlap(words: Sequence[str]) -> bool:
    return all(before[1] == behind[0] for before, behind in pairwise(words))


def _marked(text_: str, pattern: Any) -> Marked:
    """A text, with what was looked for in pieces of its own."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in pattern.finditer(_even(text_), timeout=1) if pattern else ():
        if found.start() > end:
            pieces.append((text_[end : found.start()], False))
        pieces.append((text_[found.start() : found.end()], True))
        end = found.end()
    if end < len(text_):
        pieces.append((text_[end:], False))
    return tuple(pieces)


def _snippet(text_: str, pattern: Any) -> Marked:
    text_ = text_[:CHARS_MAX]
    first = pattern.search(_even(text_), timeout=1) if pattern else None
    start = max(0, first.start() - SNIPPET // 3) if first else 0
    if start:
        space = text_.find(" ", start, start + 30)
        start = space + 1 if space >= 0 else start
    cut = text_[start : start + SNIPPET]
    if start + SNIPPET < len(text_):
        space = cut.rfind(" ", SNIPPET - 40)
        cut = (cut[:space] if space > 0 else cut) + " …"
    return _marked(("… " if start else "") + " ".join(cut.split()), pattern)


_EVEN: dict[int, str] = {}
"""Letters with accents as plain ones, one for one, so that places stay what they are."""


def _even(text_: str) -> str:
    """The text folded, each character in its place."""
    if text_.isascii():
        return text_.lower()
    if not _EVEN:
        for code in (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000), *range(0xFF01, 0xFF5F)):
            folded = fold(chr(code))
            if len(folded) == 1 and folded != chr(code):
                _EVEN[code] = folded
    lowered = text_.lower()
    return (lowered if len(lowered) == len(text_) else text_).translate(_EVEN)
