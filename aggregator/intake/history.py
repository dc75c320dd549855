"""What a feed says of its own history: what it took back (RFC 6721), and whether it is whole (RFC 5005)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.intake.clean import clean_text
from aggregator.intake.document import Element, local, namespace
from aggregator.intake.instants import read_instant
from aggregator.model.entry import Link
from aggregator.model.parsed import Tombstone

_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_HISTORY = "http://purl.org/syndication/history/1.0"
_ATOM = "http://www.w3.org/2005/Atom"
_PAGES = frozenset({"next", "previous", "prev", "first", "last", "prev-archive", "next-archive"})
_COMMENT_MAX = 500


def tombstones(place: Element) -> Iterator[Tombstone]:
    """The tombstones of a feed; those without a reference name nothing.

    A time that cannot be read is left open: what is to be gone is gone, unless the entry still stands beside it.
    """
    for element in place:
        if local(element) != "deleted-entry" or namespace(element) != _TOMBSTONES:
            continue
        ref = (element.get("ref") or "").strip()[:10_000]
        if ref:
            comment = next((c for c in element if local(c) == "comment" and namespace(c) == _TOMBSTONES), None)
            yield Tombstone(
                ref=ref,
                when=read_instant(element.get("when")),
                by=_by(element),
                comment=None if comment is None else _said(comment),
            )


def _by(element: Element) -> str | None:
    for person in element:
        if local(person) == "by" and namespace(person) == _TOMBSTONES:
            parts = {local(part): part.text for part in person}
            return clean_text(parts.get("name") or parts.get("email") or person.text, 300) or None
    return None


def _said(comment: Element) -> str | None:
    """A text construct of Atom (RFC 6721, 3)."""
    markup = (comment.get("type") or "text").lower() in {"html", "text/html"}
    return clean_text("".join(comment.itertext()), _COMMENT_MAX, markup=markup) or None


def is_complete(place: Element, links: Iterable[Link]) -> bool:
    """Whether absence from the document means removal: it says so, and nothing in it says that it is a part.

    Source: RFC 5005, 2. A page or an archive is a part (3, 4), and a document that claims to be both is taken for one.
    """
    said = {local(child) for child in place if namespace(child) == _HISTORY}
    return "complete" in said and "archive" not in said and not any(link.rel in _PAGES for link in links)


def earlier(links: Iterable[Link]) -> str | None:
    """The address of the next older part: an archive (RFC 5005, 4), else a page (3)."""
    found = {link.rel: link.href for link in reversed(list(links))}
    return found.get("prev-archive") or found.get("next")
