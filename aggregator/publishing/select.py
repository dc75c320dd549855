"""Which entries an output would like to carry, in which order, and each story once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2

from aggregator.model.query import Term, TermKind, terms_of
from aggregator.model.story import LOOKED_UP, STANDING_LINE, address, alike, hashes
from aggregator.publishing.ids import tag_id
from aggregator.publishing.text import folded, legal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import Entry, StoredEntry
    from aggregator.model.output import Selector

_TOKEN = re.compile(r"\w+")
# Scripts that write no spaces: there a word may begin anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


TEXT_MAX = 200_000
"""Characters of a text in which patterns are looked for."""
PATTERN_MEMORY = 8 << 20
"""Bytes that a compiled pattern may take."""


def needs_text(selector: Selector) -> bool:
    """Whether `wanted` must look at the entry's text."""
    return bool(selector.match or selector.exclude)


def wanted(selector: Selector, stored: StoredEntry, text: str | None, now: datetime) -> bool:
    """Whether an output would like the entry, whatever its rights.

    Args:
        selector: what the output asks for. Its tags and sources name feeds: whoever reads candidates has seen to them.
        stored: a candidate.
        text: all its visible text; None: only its title is looked at.
        now: what `max_age` counts back from.
    """
    entry = stored.entry
    return (
        _is_recent(selector, stored, now)
        and _speaks(selector.language, entry.language or entry.detected_language)
        and _is_among(selector.category, entry.categories)
        and is_by(selector.author, entry.author_names)
        and _matches(selector, f"{entry.title}\n{text or ''}")
    )


def _is_recent(selector: Selector, stored: StoredEntry, now: datetime) -> bool:
    return selector.max_age is None or stored.ordered_at > now - selector.max_age


def _speaks(prefixes: Sequence[str], language: str | None) -> bool:
    """Basic filtering of RFC 4647: `en` takes `en-GB`, not `eng`; an unknown language is none of those wanted."""
    if not prefixes:
        return True
    if not language:
        return False
    tag = language.replace("_", "-").lower()
    return any(
        tag == prefix or tag.startswith(f"{prefix}-") for prefix in (p.replace("_", "-").lower() for p in prefixes)
    )


def _is_among(names: Sequence[str], found: Iterable[str]) -> bool:
    return not names or not {folded(name) for name in names}.isdisjoint(map(folded, found))


def is_by(names: Sequence[str], bylines: Iterable[str]) -> bool:
    """An author is named whole: as the byline, or as a name within it (ruling 12)."""
    if not names:
        return True
    tokens = [_tokens(byline) for byline in bylines]
    return any(wanted_name in byline for wanted_name in map(_tokens, names) for byline in tokens)


def _tokens(text: str) -> str:
    """The words of a text between single spaces, so that whole words can be looked for by `in`, in linear time."""
    return f" {' '.join(_TOKEN.findall(folded(text)))} "


def _matches(selector: Selector, text: str) -> bool:
    if not needs_text(selector):
        return True
    tokens = _tokens(text)
    return all(_stands(term, tokens, text) for term in _terms(selector.match or "")) and not any(
        _stands(term, tokens, text) for term in _terms(selector.exclude or "")
    )


@lru_cache(maxsize=256)
def _terms(query: str) -> tuple[Term, ...]:
    """The terms of a query, words as token strings; those without any letter say nothing."""
    found = []
    for term in terms_of(query):
        if term.kind is TermKind.PATTERN:
            found.append(term)
            continue
        tokens = _tokens(term.text)
        if tokens.strip():
            # Where no spaces are written, a word may stand anywhere; and the beginning of one ends anywhere.
            unspaced = _UNSPACED.search(tokens)
            ended = tokens.rstrip() if term.kind is TermKind.BEGINNING else tokens
            found.append(Term(term.kind, ended.strip() if unspaced else ended))
    return tuple(found)


def _stands(term: Term, tokens: str, text: str) -> bool:
    if term.kind is TermKind.PATTERN:
        return _pattern(term.text).search(text[:TEXT_MAX]) is not None
    return term.text in tokens


@lru_cache(maxsize=256)
def _pattern(text: str) -> Any:
    """A pattern, compiled by an engine whose time grows with the text's length only (P14).

    Raises:
        re2.error: it is none, which the configuration has told.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = PATTERN_MEMORY
    options.log_errors = False
    return re2.compile(text, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry with its place in an output."""

    stored: StoredEntry
    decision: Decision
    outbound_id: str | None = None
    """Another id than the feed's own, where an earlier entry has that one (ruling 16)."""


def arrange(
    allowed: Iterable[tuple[StoredEntry, Decision]],
    site_url: str,
    newest: int | None = None,
    per_source: int | None = None,
) -> list[Placed]:
    """The entries of an output in order, newest first, each story once.

    Args:
        allowed: every entry that the output wants and may carry, with its decision.
        site_url: its host is the authority of derived ids.
        newest: how many to keep; None: all.
        per_source: how many of one source to keep, the newest; None: all.
    """
    nearest_first = sorted(allowed, key=lambda pair: _distance(*pair))
    seen = Stories()
    kept = [pair for pair in nearest_first if seen.is_new(pair[0].entry)]
    others_id = _later_holders(kept)
    placed = [
        Placed(
            stored=stored,
            decision=decision,
            outbound_id=tag_id(site_url, stored.key) if stored.key in others_id else None,
        )
        for stored, decision in kept
    ]
    placed.sort(key=lambda one: one.stored.key)
    placed.sort(key=lambda one: one.stored.ordered_at, reverse=True)
    if per_source is not None:
        taken: Counter[str] = Counter()
        placed = [one for one in placed if _takes(one.stored.entry.source, taken) <= per_source]
    return placed[:newest]


def _takes(source: str, taken: Counter[str]) -> int:
    taken[source] += 1
    return taken[source]


def _distance(stored: StoredEntry, decision: Decision) -> tuple[int, datetime, datetime, datetime, str]:
    """How far a copy is from its origin: by hops, then by when we first saw it, as a copy comes after its original.

    Feeds that are first read together are seen in no order: within an hour, the dates that they give count.
    """
    seen = stored.first_seen_at
    hour = seen.replace(minute=0, second=0, microsecond=0)
    return max(1, len(decision.hops)), hour, stored.ordered_at, seen, stored.key


class Stories:
    """Stories met so far. Two entries of one source are never one story: they are its own business."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], set[str]] = {}
        self._sketches: dict[int, tuple[str, str]] = {}
        """By each hash of a sketch: the first source, with its sketch, that has it."""
        self._others: dict[int, list[tuple[str, str]]] = {}
        """The same of the next ones, where there are any: sentences of two articles are rarely the same."""

    def is_known(self, entry: Entry) -> bool:
        """Whether another source has told its story."""
        for name in _NAMES.of(entry):
            tellers = self._sources.get(name)
            if tellers and (len(tellers) > 1 or entry.source not in tellers):
                return True
        return bool(entry.sketch and self._is_told(entry.source, entry.sketch))

    def is_new(self, entry: Entry) -> bool:
        """Whether no other source has told its story before; then it is told from now on."""
        if self.is_known(entry):
            return False
        for name in _NAMES.of(entry):
            self._sources.setdefault(name, set()).add(entry.source)
        if entry.sketch:
            self._tell(entry.source, entry.sketch)
        return True

    def _tell(self, source: str, sketch: str) -> None:
        """Notes the source and the sketch under each of its hashes: some dozens, all but a few of them new."""
        values = set(hashes(sketch))
        shared = self._sketches.keys() & values
        for value in shared:
            self._others.setdefault(value, []).append((source, sketch))
        self._sketches.update(dict.fromkeys(values - shared, (source, sketch)))

    def _is_told(self, source: str, sketch: str) -> bool:
        """Whether another source tells the same in nearly the same words. A sentence that very many have (a house's
        standing line) tells nothing."""
        for value in hashes(sketch)[:LOOKED_UP]:
            first = self._sketches.get(value)
            if first is None:
                continue
            for other_source, other in (first, *self._others.get(value, ())[: STANDING_LINE - 1]):
                if other_source != source and alike(sketch, other):
                    return True
        return False


class _Names:
    """By what names stories are known, of the entries met last: builds look at the same ones again and again."""

    def __init__(self, most: int) -> None:
        self._most = most
        # An entry is kept beside its names, so that nothing else can come to be at its address in memory.
        self._known: dict[int, tuple[Entry, frozenset[tuple[str, str]]]] = {}

    def of(self, entry: Entry) -> frozenset[tuple[str, str]]:
        found = self._known.get(id(entry))
        if found is not None and found[0] is entry:
            return found[1]
        if len(self._known) >= self._most:
            self._known = {}
        names = frozenset(_story(entry))
        self._known[id(entry)] = entry, names
        return names


_NAMES = _Names(4_096)


def is_same_story(one: Entry, other: Entry) -> bool:
    """Whether an output shows only one of two. Two entries of one source are its own business."""
    if one.source == other.source:
        return False
    return not _story(one).isdisjoint(_story(other)) or alike(one.sketch, other.sketch)


def _story(entry: Entry) -> set[tuple[str, str]]:
    """All names by which a story is known: its addresses, or its id together with its title.

    An id alone is not enough: `1` and `post-12` are in every second feed, and an id can be claimed by anyone.
    """
    names = {("url", place) for place in addresses_of(entry)}
    title = _title(entry.title)
    return names | ({("id", f"{entry.id}\0{title}")} if title else set())


def addresses_of(entry: Entry) -> frozenset[str]:
    """The addresses by which an article is known, its own and those that it calls canonical, without what does not
    tell articles apart. A home page is none."""
    urls = [entry.url, *(link.href for link in entry.links if link.rel == "canonical")]
    urls += [origin.url for origin in entry.origins if origin.carrier == "rel=canonical"]
    return frozenset(place for place in map(address, filter(None, urls)) if place)


@lru_cache(maxsize=16_384)
def _title(title: str) -> str:
    """A title as titles are compared. The same candidates are looked at in every build."""
    return folded(title)


def _later_holders(kept: Iterable[tuple[StoredEntry, Decision]]) -> set[str]:
    """Keys of the entries whose id an earlier one already has."""
    first: dict[str, str] = {}
    later = set()
    for stored, _ in sorted(kept, key=lambda pair: (pair[0].first_seen_at, pair[0].key)):
        if first.setdefault(legal(stored.entry.id), stored.key) != stored.key:
            later.add(stored.key)
    return later
