"""Items that were read before are taken out of the document before feedparser reads the rest.

A changed feed of 25 entries with 2 new ones then costs a sixth of reading it whole. An item is known by a digest of
its own bytes and of all that it inherits from its feed, so that a feed which changes its licence, language or base is
read anew. "Pruned equals whole" is a property test.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

from lxml import etree

from aggregator.intake.document import Document, Element, local
from aggregator.intake.elements import fields_of, item_id

READER = "10"
"""Version of the reading. A release that reads facts from items that the one before did not raises it, so that items
known from before are read once more."""

# What a feed says of itself that changes from poll to poll and says nothing about its items.
_VOLATILE = frozenset(
    [
        "lastbuilddate",
        "pubdate",
        "updated",
        "modified",
        "date",
        "generator",
        "ttl",
        "skiphours",
        "skipdays",
        "cloud",
        "docs",
        "updateperiod",
        "updatefrequency",
        "updatebase",
        "items",
        "textinput",
        "icon",
        "logo",
        "deleted-entry",
        "totalresults",
        "startindex",
        "itemsperpage",
        "complete",
        "rating",
        "image",
        "info",
    ]
)
_TO_ARTICLE = frozenset({"", "alternate"})
_VOLATILE_LINKS = frozenset(
    {"hub", "next", "previous", "prev", "first", "last", "prev-archive", "next-archive", "current"}
)


def digests(document: Document, context: str) -> list[str]:
    """A digest for each item, 32 hex digits; empty ones where items cannot be told apart without reading them all.

    Args:
        context: whatever else the reading of an item depends on, such as the address of the document.
    """
    if not document.strict or document.kind == "other" or document.truncated:
        return [""] * len(document.items)
    inherited = _inherited(document, context)
    return [
        blake2b(inherited + etree.tostring(item, encoding="utf-8", with_tail=False), digest_size=16).hexdigest()
        for item in document.items
    ]


def _inherited(document: Document, context: str) -> bytes:
    hasher = blake2b(f"{READER}\0{context}\0".encode(), digest_size=16)
    root = document.root
    places = [root] if document.kind != "rss" else [root, *(child for child in root if local(child) == "channel")]
    items = set(document.items)
    for place in places:
        hasher.update(
            repr(
                (place.tag, sorted(place.attrib.items()), sorted((k or "", v) for k, v in place.nsmap.items()))
            ).encode()
        )
        for child in place:
            if child not in items and child not in places and _lasting(child):
                hasher.update(_bytes(child))
    return hasher.digest()


def _lasting(child: Element) -> bool:
    name = local(child)
    if name == "link" and child.get("rel") in _VOLATILE_LINKS:
        return False
    return bool(name) and name not in _VOLATILE


def _bytes(child: Element) -> bytes:
    if local(child) != "channel":
        return bytes(etree.tostring(child, encoding="utf-8", with_tail=False))
    # RSS 1.0: the channel stands beside its items and lists them.
    return b"".join(_bytes(part) for part in child if _lasting(part))


def namesakes(document: Document, found: list[str], known: frozenset[str]) -> frozenset[int]:
    """Positions of the known items whose id, or where they have none whose link, an item bears that is not known."""
    unknown = [digest not in known for digest in found]
    if not any(unknown) or all(unknown):
        return frozenset()
    names = [_name_of(item) for item in document.items]
    often = Counter(names)
    new = {name for name, is_new in zip(names, unknown, strict=True) if is_new and name and often[name] > 1}
    return frozenset(position for position, name in enumerate(names) if name in new and not unknown[position])


_NAMING = frozenset({"atom:id", "rss:guid", "rss:link", "atom:link"})
"""What an item may be named by."""


def _name_of(item: Element) -> str:
    """The item's id as written, else its link."""
    fields = fields_of(item, _NAMING)
    if (given := item_id(item, fields)) is not None:
        return given
    links = [element.text or element.get("href") or "" for element in fields.get("rss:link", ())]
    links += [
        element.get("href") or "" for element in fields.get("atom:link", ()) if element.get("rel", "") in _TO_ARTICLE
    ]
    return next((link.strip() for link in links if link.strip()), "")


def prune(
    document: Document,
    found: list[str],
    known: frozenset[str],
    wanted: frozenset[str] = frozenset(),
    beside: frozenset[int] = frozenset(),
) -> list[int]:
    """Take the items with a known digest out of the tree; gives the positions of those that stay.

    Args:
        found: what `digests` gave.
        wanted: ids of items that are to be read whether they are known or not.
        beside: positions of such.
    """
    kept = [position for position, digest in enumerate(found) if not digest or digest not in known]
    if wanted and len(kept) < len(found):
        asked = {position for position, item in enumerate(document.items) if item_id(item) in wanted}
        kept = sorted(asked.union(kept))
    if beside:
        kept = sorted(beside.union(kept))
    if len(kept) < len(found):
        staying = set(kept)
        for position, item in enumerate(document.items):
            if position not in staying:
                item.getparent().remove(item)
        document.items = [document.items[position] for position in kept]
        document.changed = True
    return kept


def serialised(document: Document) -> bytes:
    """What feedparser shall read: the document as it came, or what is left of it."""
    if not document.changed:
        return document.data
    return bytes(etree.tostring(document.root, encoding="utf-8", xml_declaration=True))
