"""Which entries an output would like to carry, in which order, and each story once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from aggregator.model.story import LOOKED_UP, address, alike, hashes
from aggregator.publishing.ids import tag_id
from aggregator.publishing.text import folded, legal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import Entry, StoredEntry
    from aggregator.model.output import Selector

_TERM = re.compile(r'"([^"]*)"|(\S+)')
_TOKEN = re.compile(r"\w+")
# Scripts that write no spaces: there a word may begin anywhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


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
        and _speaks(selector.language, entry.language)
        and _is_among(selector.category, entry.categories)
        and _is_by(selector.author, entry.author_names)
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


def _is_by(names: Sequence[str], bylines: Iterable[str]) -> bool:
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
    return all(_stands(term, tokens) for term in _terms(selector.match or "")) and not any(
        _stands(term, tokens) for term in _terms(selector.exclude or "")
    )


@lru_cache(maxsize=256)
def _terms(query: str) -> tuple[str, ...]:
    """The words and quoted phrases of a query, as token strings; those without any letter say nothing."""
    found = (_tokens(phrase or word) for phrase, word in _TERM.findall(query))
    return tuple(term for term in found if term.strip())


def _stands(term: str, tokens: str) -> bool:
    return (term.strip() if _UNSPACED.search(term) else term) in tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry with its place in an output."""

    stored: StoredEntry
    decision: Decision
    outbound_id: str | None = None
    """Another id than the feed's own, where an earlier entry has that one (ruling 16)."""


def arrange(allowed: Iterable[tuple[StoredEntry, Decision]], site_url: str, newest: int | None = None) -> list[Placed]:
    """The entries of an output in order, newest first, each story once.

    Args:
        allowed: every entry that the output wants and may carry, with its decision.
        site_url: its host is the authority of derived ids.
        newest: how many to keep; None: all.
    """
    nearest_first = sorted(allowed, key=lambda pair: _distance(*pair))
    seen = _Seen()
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
    return placed[:newest]


def _distance(stored: StoredEntry, decision: Decision) -> tuple[int, datetime, datetime, str]:
    """How far a copy is from its origin: by hops, then by when we first saw it, as a copy comes after its original.

    Feeds that are first read together are seen in no order: within an hour, the dates that they give count.
    """
    seen = stored.first_seen_at
    hour = seen.replace(minute=0, second=0, microsecond=0)
    return max(1, len(decision.hops)), hour, stored.ordered_at, f"{seen:%M%S%f}{stored.key}"


_STANDING_LINE = 64


class _Seen:
    """Stories met so far. Two entries of one source are never one story: they are its own business."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], set[str]] = {}
        self._sketches: dict[int, list[tuple[str, str]]] = {}
        """By each hash of a sketch: the sources and sketches that have it."""

    def is_new(self, entry: Entry) -> bool:
        names = _story(entry)
        if any(self._sources.get(name, set()) - {entry.source} for name in names):
            return False
        if entry.sketch and self._is_told(entry.source, entry.sketch):
            return False
        for name in names:
            self._sources.setdefault(name, set()).add(entry.source)
        if entry.sketch:
            for value in hashes(entry.sketch):
                self._sketches.setdefault(value, []).append((entry.source, entry.sketch))
        return True

    def _is_told(self, source: str, sketch: str) -> bool:
        """Whether another source tells the same in nearly the same words. A sentence that very many have (a house's
        standing line) tells nothing."""
        for value in hashes(sketch)[:LOOKED_UP]:
            for other_source, other in self._sketches.get(value, ())[:_STANDING_LINE]:
                if other_source != source and alike(sketch, other):
                    return True
        return False


def _story(entry: Entry) -> set[tuple[str, str]]:
    """All names by which a story is known: its addresses, or its id together with its title.

    An id alone is not enough: `1` and `post-12` are in every second feed, and an id can be claimed by anyone.
    """
    urls = [entry.url, *(link.href for link in entry.links if link.rel == "canonical")]
    urls += [origin.url for origin in entry.origins if origin.carrier == "rel=canonical"]
    names = {("url", place) for place in map(address, filter(None, urls)) if place}
    title = _title(entry.title)
    return names | ({("id", f"{entry.id}\0{title}")} if title else set())


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
