"""Writes the sources as a subscription list that any feed reader takes: OPML 2.0.

Source: https://opml.org/spec2.opml ("Subscription lists", "The category attribute", "isComment").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

NAMESPACE = "urn:aggregator:opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """One feed of the list."""

    id: str
    url: str
    title: str
    home: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    """The first one becomes its folder, because that is what readers show; all stand in `category`."""
    policy: str | None = None
    enabled: bool = True


def subscription_list(
    feeds: Iterable[Subscribed], *, title: str, owner: str | None, email: str | None, now: datetime
) -> bytes:
    """The list as UTF-8, folders in the order in which they first come up.

    Args:
        title: of the list.
        owner, email: who keeps it.
        now: becomes its date.
    """
    root = etree.Element("opml", version="2.0", nsmap={"aggregator": NAMESPACE})
    head = etree.SubElement(root, "head")
    for name, value in (
        ("title", title),
        ("dateCreated", format_datetime(now, usegmt=True)),
        ("ownerName", owner),
        ("ownerEmail", email),
    ):
        if value:
            etree.SubElement(head, name).text = _legal(value)
    body = etree.SubElement(root, "body")
    folders: dict[str, Any] = {}
    for feed in feeds:
        place = body
        if feed.tags:
            folder = feed.tags[0]
            if folder not in folders:
                folders[folder] = etree.SubElement(body, "outline", text=_legal(folder))
            place = folders[folder]
        etree.SubElement(place, "outline", _attributes(feed))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _attributes(feed: Subscribed) -> dict[str, str]:
    found = {"type": "rss", "text": _legal(feed.title), "title": _legal(feed.title), "xmlUrl": feed.url}
    if feed.home:
        found["htmlUrl"] = feed.home
    if feed.language:
        found["language"] = feed.language
    words = [_legal(tag) for tag in feed.tags if not set(tag) & {",", "/"}]
    if words:
        found["category"] = ",".join(words)
    if not feed.enabled:
        found["isComment"] = "true"
    found[f"{{{NAMESPACE}}}id"] = feed.id
    if feed.policy:
        found[f"{{{NAMESPACE}}}policy"] = feed.policy
    return found


def _legal(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char == " ")
