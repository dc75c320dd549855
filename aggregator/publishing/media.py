"""Whose an image or a recording is, in the words of Media RSS, for both XML formats."""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING, Any

from aggregator.model.entry import ComponentKind
from aggregator.publishing.duties import licence
from aggregator.publishing.text import inert
from aggregator.publishing.xml import DCTERMS, MEDIA, child

if TYPE_CHECKING:
    from aggregator.model.entry import Component
    from aggregator.publishing.item import Item

_CONTENT = f"{{{MEDIA}}}content"
_CREDIT = f"{{{MEDIA}}}credit"
_COPYRIGHT = f"{{{MEDIA}}}copyright"
_LICENSE = f"{{{DCTERMS}}}license"


def write_media(entry: Any, item: Item) -> None:
    """A `media:content` for each image and recording that has rights of its own.

    The licence stands as `media:copyright` with its address (Media RSS 1.5.1, url: "a terms of use page or additional
    copyright information") and as `dcterms:license`: the W3C's validator calls `media:license` an undefined element.
    """
    for part in item.media:
        node = child(entry, _CONTENT, url=part.url, type=declared_type(part), medium=_medium(part))
        if part.title:
            child(node, f"{{{MEDIA}}}title", inert(part.title), type="plain")
        if part.credit:
            child(node, _CREDIT, inert(part.credit))
        if part.licence:
            named = licence(part.licence)
            child(node, _COPYRIGHT, inert(named.name), url=named.url)
            child(node, _LICENSE, named.url or named.name)


def read_media(entry: Any) -> frozenset[tuple[str, str | None, str | None]]:
    """(address, credit, licence) of each `media:content` of an entry."""
    return frozenset(
        (node.get("url"), node.findtext(_CREDIT), node.findtext(_LICENSE)) for node in entry.findall(_CONTENT)
    )


def rights_of(part: Component) -> tuple[str, str | None, str | None]:
    """(address, credit, licence) as `read_media` must find them again."""
    named = licence(part.licence) if part.licence else None
    return part.url, inert(part.credit) if part.credit else None, (named.url or named.name) if named else None


_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def declared_type(part: Component) -> str | None:
    """The media type that the feed declares, where it is one."""
    told = (part.type or "").strip().lower()
    return told if _TYPE.fullmatch(told) else None


def type_of(part: Component) -> str:
    """The media type of an enclosure: as the feed says, else by its name."""
    guessed = mimetypes.guess_type(part.url.partition("?")[0])[0]
    return declared_type(part) or guessed or "application/octet-stream"


def _medium(part: Component) -> str | None:
    """Media RSS knows no word for what is neither picture nor sound: then nothing is said."""
    if part.kind is ComponentKind.IMAGE:
        return "image"
    return next((word for word in ("audio", "video") if (part.type or "").startswith(word)), None)
