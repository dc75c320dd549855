"""Which of an item's dates is which: the first that can be read of each kind, by the element that says it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.intake.instants import read_instant

if TYPE_CHECKING:
    from aggregator.intake.document import Element

_PUBLISHED = (
    *("rss:pubdate", "atom:published", "atom:issued", "rss:published", "dcterms:issued", "prism:publicationdate"),
    *("dcterms:available", "atom:created", "dcterms:created"),
)
_EITHER = ("dc:date", "dcterms:date")
"""A date of an event in the life of the item (Dublin Core); feeds mean its publication."""
_UPDATED = ("atom:updated", "atom:modified", "rss:updated", "dcterms:modified", "prism:modificationdate")


def dates_of(
    item: Element, fields: dict[str, list[Element]], *, is_atom: bool
) -> tuple[datetime | None, datetime | None]:
    """(published, updated). RSS has one date: where it only says when it was changed, that is its publication."""
    published = _first(fields, _PUBLISHED)
    updated = _first(fields, _UPDATED)
    if published is None:
        published = _first(fields, _EITHER) or read_instant(item.get("LASTMOD") or item.get("lastmod"))
    if published is None and not is_atom:
        return updated, None
    return published, updated


def _first(fields: dict[str, list[Element]], names: tuple[str, ...]) -> datetime | None:
    for name in names:
        for element in fields.get(name, ()):
            if (found := read_instant(element.text)) is not None:
                return found
    return None
