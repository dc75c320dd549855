"""Items that bear one name: told apart, and each under an id that it keeps (R12).

A feed without guids is known by its links, and some write their home page as the link of every item; others write one
guid for all. Which items are meant is seen in the document alone: so it is looked at whole, and each of them gets an id
of the shared name and of what is its own. What is stored decides where it can: an item goes on under the id that it
has, whoever comes beside it or leaves. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from itertools import islice

import msgspec

from aggregator.intake.assemble import revision_of
from aggregator.model.entry import Content, Entry, StoredEntry
from aggregator.model.parsed import ParsedEntry, ParsedFeed
from aggregator.model.story import address, alike

_content = msgspec.json.Decoder(Content)
_PREFIX = "urn:sha256:"
_FAMILY_CHARS = len(_PREFIX) + 24
COMPARED_MAX = 300
"""Stored entries that the items of a document are compared with, beside those whose id tells."""


@dataclass(frozen=True, slots=True)
class Apart:
    """The items of a document, told apart."""

    entries: tuple[ParsedEntry, ...]
    """Each entry once, in the order of the document."""
    ids: tuple[str, ...]
    """Of each item that was given, the id of the entry that it is."""
    twins: bool
    """Whether some bear one name and are not the same."""


def told_apart(items: Sequence[ParsedEntry], warnings: list[str], *, is_atom: bool) -> Apart:
    """The items of one document as entries, each id once.

    Those that repeat an entry are left out: of two versions the one with the later date of update stays, else the
    first. Atom calls entries of one id versions of one entry (RFC 4287, 4.1.1) and gives each its own `updated`.
    """
    names = Counter(_name(item) for item in items)
    if len(names) == len(items):
        return Apart(tuple(items), tuple(item.entry.id for item in items), twins=False)
    holders: dict[Hashable, int] = {}
    """By what a twin is known, the first item that is it."""
    stays = list(range(len(items)))
    """Of each item, the place of the one that stands for it."""
    chosen: dict[int, ParsedEntry] = {}
    for place, item in enumerate(items):
        keys = _keys(item, is_atom=is_atom) if names[_name(item)] > 1 else []
        at = next(
            (holders[key] for key in keys if key in holders and _is_version(key, item, items[holders[key]])), None
        )
        if at is None:
            at, chosen[place] = place, item
        elif _is_newer(item.entry, chosen[at].entry):
            chosen[at] = item
        stays[place] = at
        for key in keys:
            holders.setdefault(key, at)
    if repeated := len(items) - len(chosen):
        warnings.append(f"{repeated} items repeat another; each was kept once")
    named = _named(chosen)
    twins = any(entry.plain for entry in named.values())
    if twins:
        shared = sum(1 for entry in named.values() if entry.plain)
        warnings.append(f"{shared} items share an id or a link with others; each was given an id of its own")
    return Apart(tuple(named.values()), tuple(named[at].entry.id for at in stays), twins=twins)


def _name(item: ParsedEntry) -> str:
    return item.plain or item.entry.id


def _keys(item: ParsedEntry, *, is_atom: bool) -> list[Hashable]:
    """By each of these, another item of that name is known to be the same entry."""
    entry, name = item.entry, _name(item)
    title, text = entry.title.casefold(), _content.decode(item.content).text
    if not item.has_id:  # all that the feed says of it
        return [(name, "all", title, text, entry.published_at)]
    where = _address(entry)
    keys: list[Hashable] = [(name, "text", title, text)]
    if entry.published_at is not None or is_atom:
        keys.append((name, "title", where, title, entry.published_at))
    if is_atom:
        keys.append((name, "version", where, entry.published_at))
    return keys


def _is_version(key: Hashable, item: ParsedEntry, other: ParsedEntry) -> bool:
    """Versions of an entry differ in their date of update: where a feed gives all of its items one, they are none."""
    is_by_date = isinstance(key, tuple) and key[1] == "version"
    return not is_by_date or item.entry.updated_at != other.entry.updated_at


def _is_newer(entry: Entry, other: Entry) -> bool:
    return entry.updated_at is not None and other.updated_at is not None and entry.updated_at > other.updated_at


def _address(entry: Entry) -> str:
    return (address(entry.url) or entry.url) if entry.url else ""


def _named(chosen: Mapping[int, ParsedEntry]) -> dict[int, ParsedEntry]:
    """Each under an id that no other has: of its name and of what is its own, where the name is not its alone."""
    often = Counter(_name(item) for item in chosen.values())
    own = {place: candidates(item) for place, item in chosen.items() if often[_name(item)] > 1}
    offered = Counter(one for names in own.values() for one in names)
    taken: set[str] = set()
    named: dict[int, ParsedEntry] = {}
    for place, item in chosen.items():
        if place not in own:
            named[place] = under(item, _name(item))
            continue
        free = [one for one in own[place] if offered[one] == 1 and one not in taken]
        one = free[0] if free else own[place][-1]
        taken.add(one)
        named[place] = replace(under(item, one), plain=_name(item))
    return named


def candidates(item: ParsedEntry) -> tuple[str, ...]:
    """Ids of an item whose name others bear as well, the best first: by its link, by title and date, by its text too.

    The link counts where the name is another one; a text that is edited leaves the first two as they are.
    """
    entry, name = item.entry, _name(item)
    date = entry.published_at.isoformat() if entry.published_at else ""
    by_link = [_qualified(name, "link", _address(entry))] if entry.url and item.has_id and entry.url != name else []
    text = _content.decode(item.content).text
    return (
        *by_link,
        _qualified(name, "item", entry.title, date),
        _qualified(name, "text", entry.title, date, text),
    )


def _qualified(name: str, *own: str) -> str:
    digest = sha256(msgspec.json.encode(own)).hexdigest()
    return _family(name) + digest[:40]


@lru_cache(maxsize=1_024)
def _family(name: str) -> str:
    """What the ids of all that share a name begin with."""
    return _PREFIX + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def under(item: ParsedEntry, entry_id: str) -> ParsedEntry:
    """The item under another id: that is part of its revision."""
    if item.entry.id == entry_id:
        return item
    entry = replace(item.entry, id=entry_id)
    return replace(item, entry=replace(entry, revision=revision_of(entry, _content.decode(item.content))))


def of_name(ids: Iterable[str], names: Iterable[str]) -> list[str]:
    """Those of the ids that entries of these plain names have: the names themselves, and what is made of them."""
    names = frozenset(names)
    families = frozenset(map(_family, names))
    return [one for one in ids if one in names or one[:_FAMILY_CHARS] in families]


def possible_ids(parsed: ParsedFeed) -> dict[str, tuple[str, ...]]:
    """Id in the document → all ids that the entry may have here, its plain name last."""
    return {item.entry.id: (*candidates(item), _name(item)) for item in parsed.entries}


def settled(
    parsed: ParsedFeed,
    before: Iterable[str],
    elsewhere: Iterable[str],
    known: Iterable[str],
    stored: Mapping[str, StoredEntry],
) -> ParsedFeed:
    """The document with each entry under the id that it has in the store, where it has one.

    Args:
        before: ids of the items of the document before this one.
        elsewhere: ids of items of this document that were not read again, which so are taken.
        known: those of `possible_ids` that are stored.
        stored: entries that were in the document before or bear a plain name, of the names of this one (`of_name`), by
            their ids; at most `COMPARED_MAX` are of use.
    """
    known, taken, earlier = frozenset(known), set(elsewhere), tuple(before)
    possible = possible_ids(parsed)
    names: dict[str, str] = {}
    for item in parsed.entries:
        own = next((one for one in possible[item.entry.id][:-1] if one in known and one not in taken), None)
        if own is not None:
            names[item.entry.id] = own
            taken.add(own)
    for one, holder in islice(stored.items(), COMPARED_MAX):
        if one in taken:
            continue
        left = [item for item in parsed.entries if item.entry.id not in names and of_name([one], [_name(item)])]
        keeper = _keeper(left, holder.entry)
        if keeper is None and len(left) == 1 and not left[0].plain and _is_replaced(left[0], one, earlier):
            keeper = left[0]
        if keeper is not None:
            names[keeper.entry.id] = one
            taken.add(one)
    for item in parsed.entries:
        if item.entry.id in names:
            continue
        offered = (item.entry.id, *possible[item.entry.id][:-1])
        own = next((one for one in offered if one not in taken and one not in known), item.entry.id)
        names[item.entry.id] = own
        taken.add(own)
    entries = tuple(under(item, names[item.entry.id]) for item in parsed.entries)
    items = tuple((digest, names.get(entry_id, entry_id)) for digest, entry_id in parsed.items)
    return replace(parsed, entries=entries, items=items)


def _is_replaced(item: ParsedEntry, name: str, before: Sequence[str]) -> bool:
    """Whether the entry of that name stood in the document before, alone of that name: then this is its next state."""
    family = _family(name)
    return name == _name(item) and name in before and not any(one.startswith(family) for one in before)


def _keeper(items: Sequence[ParsedEntry], entry: Entry) -> ParsedEntry | None:
    """Which of the items is an entry that is stored; None: none is."""
    signs: tuple[Callable[[ParsedEntry], bool], ...] = (
        lambda item: under(item, entry.id).entry.revision == entry.revision,
        lambda item: item.entry.title == entry.title and item.entry.published_at == entry.published_at,
        lambda item: item.has_id and item.entry.url is not None and _address(item.entry) == _address(entry),
        lambda item: item.entry.published_at is not None and item.entry.published_at == entry.published_at,
        lambda item: alike(item.entry.sketch, entry.sketch),
        lambda item: bool(entry.title) and item.entry.title.casefold() == entry.title.casefold(),
    )
    for sign in signs:
        found = [item for item in items if sign(item)]
        if len(found) == 1:
            return found[0]
    return None
