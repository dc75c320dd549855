"""What the intake worker is asked and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLimits:
    """Bounds on one document and on the worker that reads it."""

    time: timedelta = timedelta(seconds=10)
    memory: int = 768_000_000
    """Bytes of address space above which the worker is stopped."""
    entries: int = 5_000
    field: int = 1_000_000
    """Characters of one field."""
    depth: int = 200
    attributes: int = 1_000
    """Attributes of one element."""
    per_entry: int = 100
    """Categories, authors, links or components of one entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseRequest:
    """One document to read."""

    source: str
    url: str
    """Its address: the base of relative links, and the domain of the source."""
    body: bytes
    content_type: str | None = None
    content_location: str | None = None
    known: frozenset[str] = frozenset()
    """Digests of items of the source's last document. An item with one of them is not read again."""
    own_domains: frozenset[str] = frozenset()
    """The publisher's domains: a link there is no other hop."""
    own_names: frozenset[str] = frozenset()
    """The publisher's names and aliases, as configured."""
    others: tuple[tuple[str, str], ...] = ()
    """(domain, name) of all other known publishers: an entry's link there is a hop (ruling 14)."""
    detect_language: bool = False
    """Whether the language of what declares none is guessed: an output selects by it."""
    limits: ParseLimits = ParseLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One item, read."""

    entry: Entry
    content: bytes
    """JSON of `Content`, ready to be stored."""
    digest: str
    """Of the item's bytes in the document; empty where items cannot be told apart without reading them all."""
    has_id: bool = True
    """Whether the feed gives it an id; else its link, or its text, stands for one."""
    plain: str = ""
    """The id or link that it shares with other entries of its document, for which it got one of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """`at:deleted-entry` (RFC 6721)."""

    ref: str
    """The feed's own id of the deleted entry."""
    when: datetime | None
    """None: it cannot be read."""
    by: str | None = None
    """Who took it back, as the feed says; plain text."""
    comment: str | None = None
    """Why, as the feed says; plain text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """When a feed would like to be asked, or not."""

    update_every: timedelta | None = None
    """`sy:updatePeriod` / `sy:updateFrequency`."""
    update_base: datetime | None = None
    """`sy:updateBase`: one of the instants at which it is updated."""
    skip_hours: tuple[int, ...] = ()
    """0 to 23, UTC."""
    skip_days: tuple[int, ...] = ()
    """0 (Monday) to 6, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """What the document says of the feed itself: claims, shown as such."""

    format: str = ""
    """`rss20`, `atom10`, `json11`, `rdf` …"""
    title: str | None = None
    url: str | None = None
    """Home page."""
    feed_id: str | None = None
    language: str | None = None
    rights: str | None = None
    ttl: timedelta | None = None
    """RSS `ttl`; where there is none, `sy:update*`."""
    wishes: Wishes = Wishes()
    complete: bool = False
    """`fh:complete`: absence from this document means removal (RFC 5005, 2)."""
    earlier: str | None = None
    """Absolute address of the next older part: `prev-archive`, else the next page (RFC 5005, 3 and 4; `next_url`)."""
    licences: tuple[str, ...] = ()
    """Absolute addresses of RSL documents that the answer's `Link` header named."""
    said: tuple[tuple[str, str], ...] = ()
    """(name in lower case, value) of the answer's header fields that speak of rights."""
    hubs: tuple[str, ...] = ()
    """WebSub hubs, as the answer's `Link` header or the document names them: absolute, in that order."""
    topic: str | None = None
    """`rel=self`: what those hubs know the feed by; None: there is none, or more than one."""
    twins: bool = False
    """Whether entries of it have shared an id or a link: ids are then chosen by what is stored (`intake.twins`)."""
    empty_since: datetime | None = None
    """Since when a complete document has had no entries, while that is not believed yet; None: it has some."""
    waiting: int = 0
    """New entries of the last document that wait, because it had more than a day may bring."""
    day_since: datetime | None = None
    """When the day began whose new entries are counted: with the first of them after the day before had ended."""
    day_new: int = 0
    """New entries since then: kept with the source, because to count them among all that it has would take the longer
    the more it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document that is a feed."""

    source: str
    feed: FeedFacts
    entries: tuple[ParsedEntry, ...]
    """In document order, without those that were known; each id once (the first wins)."""
    items: tuple[tuple[str, str], ...]
    """(digest, entry id) of each item of the document, known ones included (their id empty): the next `known`."""
    tombstones: tuple[Tombstone, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was wrong but could be read: for the source's page, one line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseFailed:
    """Not a feed, or one that could not be read within its limits. Deletes nothing."""

    source: str
    detail: str
    """One line: `answered with HTML; run 'aggregator sources discover'`, `the parser took more than 10 s`."""
    killed: bool = False
    """True if the worker was stopped at a limit or died."""
