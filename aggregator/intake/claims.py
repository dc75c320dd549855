"""What a feed and its items claim, as values: who wrote what, whose it is and where it was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.intake.clean import clean_text, clean_url
from aggregator.intake.elements import VALUE_MAX, Fields
from aggregator.model.chain import HOP, understood
from aggregator.model.entry import Author, Component, Link, Notice
from aggregator.model.parsed import Tombstone, Wishes
from aggregator.model.rsl import RslContent


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClaim:
    """Where an item says that it was taken from: `atom:source` or RSS `<source>`."""

    carrier: str
    title: str | None = None
    url: str | None = None
    feed_id: str | None = None
    feed_url: str | None = None
    author: str | None = None
    rights: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Another element that names where an item came from or whose it is."""

    carrier: str
    name: str | None = None
    url: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HopClaim:
    """One hop of a chain that an item lists: `dcterms:provenance` in pairs (`model.chain`), `_rights` in JSON Feed."""

    carrier: str
    name: str
    url: str | None = None
    author: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClaims:
    """What one item says, as far as its elements go."""

    id: str | None = None
    """As written, surrounding white space removed."""
    url: str | None = None
    links: tuple[Link, ...] = ()
    base: str | None = None
    """What relative URLs in its text are relative to."""
    summary_base: str | None = None
    """The same of its summary; None: as in its text."""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    has_body: bool = False
    has_summary: bool = False
    described: tuple[str, str] | None = None
    """(text, media type) of `media:description`, where the item has no text of its own."""
    body_raw: str | None = None
    """The escaped body as written, to tell it from other texts that feedparser mixes in."""
    body_type: str | None = None
    """Its media type, for the same end."""
    notices: tuple[Notice, ...] = ()
    authors: tuple[Author, ...] | None = None
    """None where there was no element to read them from."""
    source: SourceClaim | None = None
    mentions: tuple[Mention, ...] = ()
    chain: tuple[HopClaim, ...] = ()
    """The hops that the item lists one by one, the originator first, as another aggregator does."""
    is_part: bool = False
    """It says itself that it holds a part of its article, whatever element that stands in."""
    components: tuple[Component, ...] = ()
    rsl: tuple[RslContent, ...] = ()


HUBS_MAX = 3
"""WebSub hubs that are kept of a feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClaims:
    """What the feed says of itself."""

    title: str | None = None
    url: str | None = None
    feed_id: str | None = None
    self_url: str | None = None
    hubs: tuple[str, ...] = ()
    """WebSub hubs."""
    topic: str | None = None
    """Its `rel=self`, if there is exactly one: what its hubs know it by."""
    language: str | None = None
    rights: str | None = None
    ttl: timedelta | None = None
    wishes: Wishes = Wishes()
    complete: bool = False
    earlier: str | None = None
    notices: tuple[Notice, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    authors: tuple[Author, ...] = ()
    """Atom only: they hold for entries that name none (RFC 4287, 4.2.1)."""
    is_atom: bool = False


PROVENANCE = "dcterms:provenance"
_PARTS = frozenset({"excerpt", "headline"})


def told_in_pairs(fields: Fields) -> tuple[tuple[HopClaim, ...], bool]:
    """(hops, whether it is a part of its article) that `dcterms:provenance` tells in pairs."""
    # As it is written: what looks like markup in a name of such a pair is none.
    told = [understood((element.text or "")[: 4 * VALUE_MAX]) for element in fields.get(PROVENANCE, ())]
    chain = (hop_claim(pairs, PROVENANCE) for pairs in told)
    return tuple(filter(None, chain)), any(pairs.get("form") in _PARTS for pairs in told)


def hop_claim(told: Mapping[str, object], carrier: str) -> HopClaim | None:
    """A hop of a list of hops; None where it is not named."""
    facts = {key: value for key in HOP if isinstance(value := told.get(key), str)}
    name = clean_text(facts.get("name"), 300)
    if not name:
        return None
    return HopClaim(
        carrier=carrier,
        name=name,
        url=clean_url(facts.get("url")),
        author=clean_text(facts.get("author"), 300) or None,
        notice=clean_text(facts.get("notice"), VALUE_MAX) or None,
    )


def is_form_of_part(form: object) -> bool:
    """Whether a form that an item declares of itself is less than the whole article."""
    return form in _PARTS
