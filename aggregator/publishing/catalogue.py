"""The public outputs as a subscription list: OPML 2.0 (https://opml.org/spec2.opml, "Subscription lists")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from aggregator.publishing.languages import declared, in_xml
from aggregator.publishing.text import inert, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One output that anybody may subscribe to."""

    title: str
    feed: str
    """Address of its feed, absolute."""
    home: str | None
    """Address of its page."""
    description: str = ""
    language: str | None = None


def output_list(
    outputs: Iterable[Offered], *, title: str, owner: str, email: str | None, url: str, modified_at: datetime | None
) -> bytes:
    """The list as UTF-8, in the outputs' order; of none, a list that says so.

    Args:
        title: of the list.
        owner, email, url: whose outputs they are.
        modified_at: when any of them last changed; None: none was ever built.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    facts = (
        ("title", inert(line(title))),
        ("dateModified", format_datetime(modified_at, usegmt=True) if modified_at else None),
        ("ownerName", inert(line(owner))),
        ("ownerEmail", email),
        ("ownerId", url),
    )
    for name, value in facts:
        if value:
            etree.SubElement(head, name).text = value
    # No `docs`, though OPML 2.0 has it: the W3C's validator calls it an undefined element.
    body = etree.SubElement(root, "body")
    offered = list(outputs)
    if not offered:
        # A body without an outline is invalid; a comment is none that a reader would subscribe to.
        etree.SubElement(body, "outline", {"text": "There is no public feed at the moment.", "isComment": "true"})
    for one in offered:
        told = {
            "type": "rss",
            "text": inert(line(one.title)),
            "title": inert(line(one.title)),
            "xmlUrl": one.feed,
            "htmlUrl": one.home,
            "description": inert(line(one.description)),
            "language": in_xml(declared(one.language)),
        }
        etree.SubElement(body, "outline", {name: value for name, value in told.items() if value})
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
