"""What both XML formats need: an entry's bytes cut out of a document that declares all namespaces on its root."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from aggregator.publishing.frame import Frame
from aggregator.publishing.text import legal

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
CC = "http://backend.userland.com/creativeCommonsRssModule"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
AT = "http://purl.org/atompub/tombstones/1.0"
FH = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMES = (
    "title|subtitle|name|category|source|rights|summary|dc:creator|dc:rights|media:title|media:credit|media:copyright"
)
_PLAIN = re.compile(
    (
        rf'<(?:({_NAMES})(?: (?!type="html")[^>]*)?>[^<]*</\1>'
        r"|description>[^<&]*(?:&amp;[^<&]*)+</|(?:atom:)?link [^>]*>)"
    ).encode()
)
"""Elements of plain text, a description that holds no markup, and links, which may have a title."""


def child(parent: Any, tag: str, text: str | None = None, /, **attributes: str | None) -> Any:
    """A new last child; attributes that are None or blank are left out."""
    node = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        if value:
            node.set(name, legal(value))
    if text:
        node.text = legal(text)
    return node


def marked(data: bytes) -> bytes:
    """The same XML with each `&` of a plain text as the number of the character.

    So the RSS Advisory Board's profile wants it ("Character data"), since readers that take a title for HTML leave most
    numbers alone; and to the W3C's validator `Terminal 1&amp;2` is an entity unless it is written so.
    """
    return _PLAIN.sub(lambda found: found[0].replace(b"&amp;", b"&#x26;"), data) if b"&amp;" in data else data


class Shell:
    """The root of a format's documents, with what it takes to put entries in and get their bytes out.

    An entry is serialised inside a root that declares every namespace, so that it declares none itself; the root's
    own bytes are then cut away. They are known: an empty root gives them.
    """

    def __init__(self, path: tuple[str, ...], namespaces: dict[str | None, str], **attributes: str) -> None:
        """A root by its element names from the outside in: `("rss", "channel")`."""
        self.path = path
        """Of the element that holds the entries."""
        self.namespaces = namespaces
        self._attributes = attributes
        root, place = self.root()
        place.text = "|"
        before, _, after = etree.tostring(root, encoding="utf-8").partition(b"|")
        self.open, self.close = before, after

    def root(self) -> tuple[Any, Any]:
        """(outermost element, the one that holds the entries), both new."""
        outer = place = etree.Element(self.path[0], nsmap=self.namespaces)
        for name, value in self._attributes.items():
            outer.set(name, value)
        for tag in self.path[1:]:
            place = etree.SubElement(place, tag)
        return outer, place

    def cut(self, root: Any) -> bytes:
        """The bytes of all that a root holds, in the root's namespaces."""
        data: bytes = etree.tostring(root, encoding="utf-8")
        return marked(data[len(self.open) : -len(self.close)])

    def frame(self, root: Any, entries: int) -> Frame:
        """A root with its head, around so many entries."""
        head = marked(etree.tostring(root, encoding="utf-8", xml_declaration=True))
        return Frame(head[: -len(self.close)] + b"\n", b"\n", b"\n" * bool(entries) + self.close)

    def wrapped(self, fragment: bytes) -> bytes:
        """A fragment in a document of its own."""
        return b"".join((self.open, fragment, self.close))
