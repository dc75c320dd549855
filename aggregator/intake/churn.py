"""Known entries under new names, and more at once than a day can bring: told apart from news (R12).

Some feeds give each item a new id at every poll, or all of them when the site moves. Such an item is known by its
address, else by its words, among the entries that it takes the place of. It goes on under the id that it had: it is
neither announced again nor decided anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from aggregator.intake.assemble import revision_of
from aggregator.intake.plan import items_of
from aggregator.model.entry import Content, Entry, StoredEntry
from aggregator.model.parsed import ParsedEntry, ParsedFeed
from aggregator.model.poll import PollState
from aggregator.model.story import address, alike

SUSPICIOUS = 3
"""New ids in one document from which it is looked whether they are new entries. Fewer are news, where the document has
merely moved on."""
MANY = 50
"""New ids in one document from which all that is stored of the source is looked at, not only what the document had."""
LOOKED_AT_MAX = 5_000
"""Stored entries of a source that are looked at, newest first."""

_content = msgspec.json.Decoder(Content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """Entries of a document whose ids are not known, where it is worth a look whether the entries are."""

    ids: frozenset[str]
    everywhere: bool
    """Whether they may stand for any entry of the source; else for those that left the document."""
    few: bool
    """Whether they are so few that a title proves nothing: all news of a ticker may have one, and one address."""


def suspects(parsed: ParsedFeed, state: PollState, known: Collection[str], departed: Sequence[str]) -> Suspects | None:
    """What in the document may be known under another id; None where there is nothing to look for.

    Args:
        state: as it was before; a source that was never read has nothing to be known by.
        known: ids that are stored.
        departed: ids that were in the document before, and are not now.
    """
    new = frozenset(read.entry.id for read in parsed.entries).difference(known)
    if state.last_success_at is None or not new:
        return None
    if len(new) < MANY and not departed:
        return None
    few = len(new) < SUSPICIOUS and len(new) < len(parsed.items)
    if few and _has_moved_on(state, parsed):
        return None
    return Suspects(ids=new, everywhere=len(new) >= MANY, few=few)


def _has_moved_on(state: PollState, parsed: ParsedFeed) -> bool:
    return has_moved_on([one for _, one in state.items], [one for _, one in items_of(state, parsed)])


def has_moved_on(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a document is the one before moved on: what is new came at one end, what left did at the other.

    It tells the usual news, for which nothing need be read, from an item that came where another one left.
    """
    staying = set(before).intersection(after)
    count = len(staying)
    if not count:
        return False
    return (staying.issuperset(before[:count]) and staying.issuperset(after[-count:])) or (
        staying.issuperset(before[-count:]) and staying.issuperset(after[:count])
    )


def recognised(
    parsed: ParsedFeed, found: Suspects, stored: Sequence[StoredEntry], staying: frozenset[str]
) -> tuple[ParsedFeed, int]:
    """The document with known entries under the ids that they have here, and how many those are.

    Args:
        stored: entries of the source, among them those that the suspects may stand for.
        staying: ids in the document that are known, so that nothing else can stand for their entries.
    """
    free = [one.entry for one in stored if one.entry.id not in staying and one.entry.id not in found.ids]
    new = [read.entry for read in parsed.entries if read.entry.id in found.ids]
    names = _matches(new, free, by_title=not found.few)
    if not names:
        return parsed, 0
    entries = tuple(
        read if read.entry.id not in names else _under(read, names[read.entry.id]) for read in parsed.entries
    )
    items = tuple((digest, names.get(entry_id, entry_id)) for digest, entry_id in parsed.items)
    return replace(parsed, entries=entries, items=items), len(names)


def _under(read: ParsedEntry, entry_id: str) -> ParsedEntry:
    entry = replace(read.entry, id=entry_id)
    return replace(read, entry=replace(entry, revision=revision_of(entry, _content.decode(read.content))))


def _matches(new: Sequence[Entry], free: Sequence[Entry], *, by_title: bool) -> dict[str, str]:
    """New id → id of the entry that it is, where that is beyond doubt: one of each, by address, words, title and
    date, or several of them."""
    matched: dict[str, str] = {}
    names: tuple[Callable[[Entry], Hashable | None], ...] = (_by_address, _by_words, _by_title_and_date)
    for name_of in names:
        left = [entry for entry in new if entry.id not in matched]
        taken = set(matched.values())
        targets = _only(name_of, (entry for entry in free if entry.id not in taken))
        for name, entry in _only(name_of, left).items():
            other = targets.get(name)
            if other is not None and _is_same(entry, other, by_title=by_title):
                matched[entry.id] = other.id
    return matched


def _only(name_of: Callable[[Entry], Hashable | None], entries: Iterable[Entry]) -> dict[Hashable, Entry]:
    """By name, those whose name no other has."""
    named = [(name, entry) for entry in entries if (name := name_of(entry)) is not None]
    often = Counter(name for name, _ in named)
    return {name: entry for name, entry in named if often[name] == 1}


def _is_same(entry: Entry, other: Entry, *, by_title: bool) -> bool:
    """One address may be given to another story: then the words differ as well as the title."""
    return (
        (by_title and entry.title.casefold() == other.title.casefold())
        or alike(entry.sketch, other.sketch)
        or _is_undated_twin(entry, other)
    )


def _is_undated_twin(entry: Entry, other: Entry) -> bool:
    return entry.published_at is not None and entry.published_at == other.published_at


def _by_address(entry: Entry) -> str | None:
    return address(entry.url) if entry.url else None


def _by_words(entry: Entry) -> tuple[str, str] | None:
    """Title and text together; a title alone is no name (`Weather`)."""
    title = " ".join(entry.title.casefold().split())
    words = entry.sketch or (str(entry.size.chars) if entry.size else None)
    return (title, words) if title and words else None


def _by_title_and_date(entry: Entry) -> tuple[str, datetime] | None:
    """For feeds that carry summaries only, when their site moves. A day alone, which midnight stands for, is none:
    several reports of one name may have it."""
    title, at = " ".join(entry.title.casefold().split()), entry.published_at
    return (title, at) if title and at is not None and (at.hour, at.minute, at.second) != (0, 0, 0) else None


def within_a_day(parsed: ParsedFeed, new: frozenset[str], brought: int, day_max: int) -> tuple[ParsedFeed, int]:
    """The document without the new entries that are beyond what one feed may bring in a day, and how many those are.

    Args:
        new: ids that are not stored.
        brought: entries of the source that were new within the last 24 hours.
        day_max: how many it may bring; the first in the document come first.
    """
    room = max(0, day_max - brought)
    if len(new) <= room:
        return parsed, 0
    # Those that come with a date come in its order: of a moved archive the newest are news, if any are.
    dated = sorted((read.entry for read in parsed.entries if read.entry.id in new), key=_newest_first)
    beyond = {entry.id for entry in dated[room:]}
    entries = tuple(read for read in parsed.entries if read.entry.id not in beyond)
    items = tuple(item for item in parsed.items if item[1] not in beyond)
    # A document that was read in part says nothing of what is gone.
    feed = replace(parsed.feed, complete=False)
    return replace(parsed, entries=entries, items=items, feed=feed), len(beyond)


def _newest_first(entry: Entry) -> float:
    date: datetime | None = entry.published_at or entry.updated_at
    return 0.0 if date is None else -date.timestamp()
