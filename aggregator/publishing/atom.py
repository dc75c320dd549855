"""Atom 1.0 (RFC 4287), with licences (RFC 4946) and the feed of origin on every entry."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from lxml import etree

from aggregator.model.output import Format
from aggregator.model.use import Form
from aggregator.publishing.chain import write_chain
from aggregator.publishing.item import UNSPECIFIED
from aggregator.publishing.jsonfeed import MEDIA_TYPES
from aggregator.publishing.languages import in_xml
from aggregator.publishing.media import type_of, write_media
from aggregator.publishing.text import inert
from aggregator.publishing.xml import AT, ATOM, DC, DCTERMS, FH, MEDIA, XML_LANG, Shell, child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.publishing.frame import Frame
    from aggregator.publishing.item import FeedOfOrigin, Head, Item, Licence, Tombstone

_A = f"{{{ATOM}}}"
SHELL = Shell((f"{_A}feed",), {None: ATOM, "dc": DC, "dcterms": DCTERMS, "media": MEDIA})


def plain(parent: Any, tag: str, text: str) -> None:
    """A text construct of plain text (RFC 4287, 3.1).

    What looks like markup is declared as HTML and escaped as such, so that no reader can take a title which speaks of
    `<b>` for one in bold, and no validator has to ask which was meant.
    """
    if inert(text) != text:
        child(parent, tag, escape(text, quote=False), type="html")
    else:
        child(parent, tag, text)


def fragment(item: Item) -> bytes:
    """The entry's bytes, as they stand in a document of ours."""
    root, feed = SHELL.root()
    entry = etree.SubElement(feed, f"{_A}entry")
    if language := in_xml(item.language):
        entry.set(XML_LANG, language)
    child(entry, f"{_A}id", item.atom_id)
    plain(entry, f"{_A}title", item.title or item.publisher)
    _links(entry, item)
    child(entry, f"{_A}published", instant(item.published_at))
    child(entry, f"{_A}updated", instant(item.updated_at))
    _people(entry, item)
    for category in item.categories:
        child(entry, f"{_A}category", term=inert(category))
    plain(entry, f"{_A}rights", item.rights)
    _texts(entry, item)
    write_media(entry, item)
    _source(entry, item.feed_of_origin, item)
    if item.original_id != item.atom_id:
        child(entry, f"{{{DC}}}identifier", item.original_id)
    write_chain(entry, item)
    return SHELL.cut(root)


def _links(entry: Any, item: Item) -> None:
    if item.url:
        child(entry, f"{_A}link", rel="alternate", type="text/html", href=item.url)
        child(entry, f"{_A}link", rel="via", href=item.url)
    if item.canonical:
        child(entry, f"{_A}link", rel="canonical", href=item.canonical)
    for link in item.related:
        child(entry, f"{_A}link", rel="related", href=link.href, title=link.title)
    _license(entry, item.licences)
    if item.feed_of_origin.licences and not any(licence.url for licence in item.licences):
        # Or the licence of the feed that it comes from would be taken for its own (RFC 4946, 2.4).
        child(entry, f"{_A}link", rel="license", href=UNSPECIFIED)
    for part in item.enclosures:
        length = str(part.length) if part.length else None
        child(entry, f"{_A}link", rel="enclosure", href=part.url, type=type_of(part), length=length, title=part.title)


def _license(parent: Any, licences: Sequence[Licence]) -> None:
    """Licence links, each address once: no two may have the same (RFC 4946, 2)."""
    known = {licence.url: licence for licence in reversed(licences) if licence.url}
    for licence in reversed(known.values()):
        child(parent, f"{_A}link", rel="license", href=licence.url, title=licence.name)


def _people(entry: Any, item: Item) -> None:
    """Atom wants an author on every entry; without a person it is the publisher."""
    for author in item.authors:
        person = child(entry, f"{_A}author")
        child(person, f"{_A}name", inert(author.name))
        if author.url:
            child(person, f"{_A}uri", author.url)
    if not item.authors:
        child(child(entry, f"{_A}author"), f"{_A}name", inert(item.publisher))


def _texts(entry: Any, item: Item) -> None:
    """A part of a text is a summary. Only an entry without a link must have content (RFC 4287, 4.1.2)."""
    if item.form is Form.FULL:
        plain(entry, f"{_A}summary", item.summary)
    as_content = item.form is Form.FULL or not item.url
    child(entry, f"{_A}content" if as_content else f"{_A}summary", item.html, type="html")


def _source(entry: Any, origin: FeedOfOrigin, item: Item) -> None:
    source = child(entry, f"{_A}source")
    child(source, f"{_A}id", origin.id)
    plain(source, f"{_A}title", origin.title)
    child(source, f"{_A}updated", instant(item.updated_at))
    if origin.url:
        child(source, f"{_A}link", rel="alternate", href=origin.url)
    if origin.feed:
        child(source, f"{_A}link", rel="self", href=origin.feed)
    _license(source, origin.licences)
    if origin.rights:
        plain(source, f"{_A}rights", origin.rights)


_UPDATED = re.compile(rb"<updated>([^<]*)</updated>")


def updated_in(fragment: bytes) -> datetime:
    """When an entry changed last, by its own bytes."""
    found = _UPDATED.search(fragment)
    if found is None:
        raise ValueError("an entry without a date is none of ours")
    return datetime.fromisoformat(found[1].decode())


def stamps(head: Head) -> tuple[str, ...]:
    """How a document's date stands in it."""
    return (instant(head.updated_at),)


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """A whole feed around the bytes of its entries."""
    return frame(head, len(fragments)).around(fragments)


def frame(head: Head, entries: int) -> Frame:
    """What stands around so many entries."""
    root, feed = SHELL.root()
    if language := in_xml(head.language):
        root.set(XML_LANG, language)
    child(feed, f"{_A}id", head.id)
    plain(feed, f"{_A}title", head.title)
    if head.description:
        plain(feed, f"{_A}subtitle", head.description)
    child(feed, f"{_A}updated", *stamps(head))
    author = child(feed, f"{_A}author")
    child(author, f"{_A}name", inert(head.site_name))
    child(author, f"{_A}uri", head.site_url)
    _history(feed, head)
    child(feed, f"{_A}link", rel="alternate", type="text/html", href=head.home)
    for hub in head.hubs:
        child(feed, f"{_A}link", rel="hub", href=hub)
    child(feed, f"{_A}generator", "aggregator")
    for tombstone in head.tombstones:
        _deleted(feed, tombstone)
    return SHELL.frame(root, entries)


def _history(feed: Any, head: Head) -> None:
    """The document's own address and those of its neighbours in time (RFC 5005, 4)."""
    kind, current = MEDIA_TYPES[Format.ATOM], head.self_in(Format.ATOM)
    own = head.archive_url(head.archive) if head.archive else current
    child(feed, f"{_A}link", rel="self", type=kind, href=own)
    if head.archive:
        etree.SubElement(feed, f"{{{FH}}}archive", nsmap={"fh": FH})
        # No `next-archive` (it need not be there): the document must not change when the next one is written.
        child(feed, f"{_A}link", rel="current", type=kind, href=current)
    earlier = head.archive - 1 if head.archive else head.archives
    if earlier:
        child(feed, f"{_A}link", rel="prev-archive", type=kind, href=head.archive_url(earlier))


def _deleted(feed: Any, tombstone: Tombstone) -> None:
    """RFC 6721, 3. Its vocabulary is declared where it is used: validators remark on one that they do not know."""
    node = etree.SubElement(feed, f"{{{AT}}}deleted-entry", nsmap={"at": AT})
    node.set("ref", tombstone.atom_id)
    node.set("when", instant(tombstone.at))
    child(child(node, f"{{{AT}}}by"), f"{_A}name", inert(tombstone.by))
    plain(node, f"{{{AT}}}comment", tombstone.comment)
    source = child(node, f"{_A}source")
    child(source, f"{_A}id", tombstone.source.id)
    plain(source, f"{_A}title", tombstone.source.title)
    child(source, f"{_A}updated", instant(tombstone.at))
    if tombstone.source.url:
        child(source, f"{_A}link", rel="alternate", href=tombstone.source.url)
    if tombstone.source.feed:
        child(source, f"{_A}link", rel="self", href=tombstone.source.feed)


def instant(at: datetime) -> str:
    """RFC 3339, UTC, whole seconds."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
