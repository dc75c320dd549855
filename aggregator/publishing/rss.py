"""RSS 2.0, with the modules that carry what it lacks: content, Dublin Core, Creative Commons, Atom's links."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from lxml import etree

from aggregator.model.output import Format
from aggregator.model.use import Form
from aggregator.publishing.chain import write_chain
from aggregator.publishing.jsonfeed import MEDIA_TYPES
from aggregator.publishing.languages import in_xml
from aggregator.publishing.media import type_of, write_media
from aggregator.publishing.text import inert
from aggregator.publishing.xml import ATOM, CC, CONTENT, DC, DCTERMS, MEDIA, XML_LANG, Shell, child

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.publishing.frame import Frame
    from aggregator.publishing.item import Head, Item

SHELL = Shell(
    ("rss", "channel"),
    {"atom": ATOM, "content": CONTENT, "creativeCommons": CC, "dc": DC, "dcterms": DCTERMS, "media": MEDIA},
    version="2.0",
)
_LINK = f"{{{ATOM}}}link"


def fragment(item: Item) -> bytes:
    """The entry's bytes, as they stand in a document of ours."""
    root, channel = SHELL.root()
    entry = etree.SubElement(channel, "item")
    if language := in_xml(item.language):
        entry.set(XML_LANG, language)
    if item.title:
        child(entry, "title", inert(item.title))
    if item.url:
        child(entry, "link", item.url)
    # The id is the original's and need not be an address, even where it looks like one.
    child(entry, "guid", item.id, isPermaLink="false")
    child(entry, "pubDate", format_datetime(item.published_at, usegmt=True))
    if item.updated_at != item.published_at:
        child(entry, f"{{{DCTERMS}}}modified", item.updated_at.isoformat(timespec="seconds").replace("+00:00", "Z"))
    _texts(entry, item)
    for author in item.authors:
        child(entry, f"{{{DC}}}creator", inert(author.name))
    for category in item.categories:
        child(entry, "category", inert(category))
    _enclosures(entry, item)
    _rights(entry, item)
    return SHELL.cut(root)


def _texts(entry: Any, item: Item) -> None:
    """The description comes first: readers and validators expect it before the full text."""
    if item.form is Form.FULL:
        child(entry, "description", item.summary_html)
        child(entry, f"{{{CONTENT}}}encoded", item.html)
    else:
        child(entry, "description", item.html)


def _enclosures(entry: Any, item: Item) -> None:
    """RSS has room for one; the others go as Atom's links."""
    for position, part in enumerate(item.enclosures):
        length = str(part.length or 0)
        if position == 0:
            child(entry, "enclosure", url=part.url, length=length, type=type_of(part))
        else:
            child(entry, _LINK, rel="enclosure", href=part.url, length=length, type=type_of(part), title=part.title)
    write_media(entry, item)


def _rights(entry: Any, item: Item) -> None:
    origin = item.feed_of_origin
    if address := origin.feed or origin.url:
        child(entry, "source", inert(origin.title), url=address)
    child(entry, f"{{{DC}}}rights", item.rights_in(Format.RSS))
    for url in filter(None, dict.fromkeys(licence.url for licence in item.licences)):
        child(entry, f"{{{CC}}}license", url)
    if item.url:
        child(entry, _LINK, rel="via", href=item.url)
    for link in item.related:
        child(entry, _LINK, rel="related", href=link.href, title=link.title)
    if item.canonical:
        child(entry, _LINK, rel="canonical", href=item.canonical)
    if item.original_id != item.id:
        child(entry, f"{{{DC}}}identifier", item.original_id)
    write_chain(entry, item)


def stamps(head: Head) -> tuple[str, ...]:
    """How a document's date stands in it."""
    return (format_datetime(head.updated_at, usegmt=True),)


def document(head: Head, fragments: Sequence[bytes]) -> bytes:
    """A whole feed around the bytes of its entries."""
    return frame(head, len(fragments)).around(fragments)


def frame(head: Head, entries: int) -> Frame:
    """What stands around so many entries."""
    root, channel = SHELL.root()
    child(channel, "title", inert(head.title))
    child(channel, "link", head.home)
    child(channel, "description", inert(head.description or head.title))
    if language := in_xml(head.language):
        child(channel, "language", language)
    child(channel, "lastBuildDate", *stamps(head))
    child(channel, "generator", "aggregator")
    child(channel, "docs", "https://www.rssboard.org/rss-specification")
    child(channel, _LINK, rel="self", type=MEDIA_TYPES[Format.RSS], href=head.self_in(Format.RSS))
    for hub in head.hubs:
        child(channel, _LINK, rel="hub", href=hub)
    return SHELL.frame(root, entries)
