"""One item of a source: the facts that rights and selection look at, and the content that is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from aggregator.model.origin import Origin
from aggregator.model.rsl import RslContent


@lru_cache(maxsize=16_384)  # asked for many times of each entry of a build
def entry_key(source: str, feed_id: str) -> str:
    """Our internal id of an entry: 16 hex digits, the same on every database and after every restore.

    Args:
        source: id of the source.
        feed_id: the feed's own id, opaque and case-sensitive.
    """
    return blake2b(f"{source}\0{feed_id}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class ComponentKind(StrEnum):
    """A part of an entry that is decided apart from its text (ruling 21)."""

    IMAGE = "image"
    MEDIA = "media"
    """Audio or video."""
    EMBED = "embed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """An image, a recording or an embed, in the content or enclosed."""

    kind: ComponentKind
    url: str
    """Absolute http(s)."""
    credit: str | None = None
    """`media:credit`, a figure's caption or the image's own credit; plain text. None: not told."""
    licence: str | None = None
    type: str | None = None
    """Media type of an enclosure."""
    length: int | None = None
    """Bytes, as the feed says."""
    title: str | None = None
    enclosed: bool = False
    """True for an enclosure or attachment, False for what stands in the content."""


class NoticeKind(StrEnum):
    """What an entry or feed says about its own rights."""

    LICENCE = "licence"
    """`value` is the licence's URL or id as written."""
    LICENCE_WORDS = "licence-words"
    """`value` is a line of the text that names a licence, or the address of a link in it that says so of itself. It
    tightens as a licence does; it never loosens, and is not handed on as the entry's licence."""
    RIGHTS = "rights"
    """Prose: carried along, loosens nothing, and holds nothing."""
    FORBID = "forbid"
    """An explicit "not for republication": tightens to ask."""
    DRAFT = "draft"
    """`app:draft` yes: deny."""
    DENY = "deny"
    """`access:restriction` deny: deny."""
    NO_AI = "no-ai"
    """A refusal of AI uses: carried as the limit `no-ai`, and holds nothing."""
    LIMIT = "limit"
    """Prohibits what a copy might do, such as being translated or sold: its `limits` bind, as those of a policy do."""
    MACHINE = "machine"
    """Other words to machines (search, a permission, terms of payment): carried as evidence alone. Never a copyright
    notice: it would meet a duty to keep one."""


class Level(StrEnum):
    """Where a notice stands; the nearest speaks (RFC 4946)."""

    ENTRY = "entry"
    SOURCE = "source"
    """In the entry's `atom:source`."""
    FEED = "feed"
    SITE = "site"
    """In robots.txt or another document of the site that the feed comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A statement of an entry or its feed about its own rights, as evidence."""

    kind: NoticeKind
    level: Level
    value: str
    carrier: str
    """`atom:link rel=license`, `creativeCommons:license`, `atom:rights`, `rss:copyright`, `app:draft` …"""
    limits: tuple[str, ...] = ()
    """Of a LIMIT: names of the limits that it sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person or body as the feed names it."""

    name: str
    """Plain text, one line."""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of the entry that is more than its permalink."""

    rel: str
    href: str
    """Absolute http(s)."""
    type: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSize:
    """How long a text is, in every unit that a policy may count (ruling 9)."""

    words: int
    """Unicode words by UAX 29."""
    chars: int
    paragraphs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The facts of one revision of an entry: small, complete, without its text."""

    source: str
    id: str
    """The feed's own id; where it has none, the link, else a digest of title and text."""
    revision: str
    """Hex SHA-256 of the normalised facts and content. A changed entry is a new revision and is decided anew."""
    title: str
    """Plain text, one line; may be empty."""
    url: str | None = None
    """Permalink, absolute http(s)."""
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    """BCP 47, as declared by entry or feed; None: not told."""
    published_at: datetime | None = None
    """As the feed says, also where that is in the future; None if missing or unreadable."""
    updated_at: datetime | None = None
    links: tuple[Link, ...] = ()
    components: tuple[Component, ...] = ()
    origins: tuple[Origin, ...] = ()
    notices: tuple[Notice, ...] = ()
    rsl: tuple[RslContent, ...] = ()
    """What the item's own `<rsl:content>` says to machines, as read; `rights.rsl` understands it."""
    size: TextSize | None = None
    """Of the full text; None where the feed does not carry it."""
    has_summary: bool = False
    """One with words: a picture alone is none."""
    sketch: str | None = None
    """By which the same story is known in other words and feeds (`intake.sketch`); None: too short to tell, or read by
    a version that took none. No part of the revision."""
    detected_language: str | None = None
    """What the text seems to be in, where nobody declares it: for selection alone. No part of the revision."""

    @property
    def key(self) -> str:
        return entry_key(self.source, self.id)

    @property
    def author_names(self) -> tuple[str, ...]:
        return tuple(author.name for author in self.authors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is published of one revision: safe HTML, made so on the way in."""

    body: str | None = None
    """The full text as safe HTML with absolute http(s) URLs; None where the feed does not carry it."""
    summary: str | None = None
    """The publisher's own summary as safe HTML; None if there is none."""
    text: str = ""
    """All visible text (title, summary, body) as plain text: what a marker is looked for in."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class StoredEntry:
    """An entry as the store knows it: the facts of its newest revision and what time added to them."""

    entry: Entry
    first_seen_at: datetime
    ordered_at: datetime
    """Place in outputs, newest first: the publication date, never later than the first sighting, fixed at the
    first sighting, so that a bad or moved date never lifts an entry to the top."""
    earliest_at: datetime | None = None
    """The earliest date that any revision of it ever gave; None if none ever did (ruling 10)."""
    revised_at: datetime | None = None
    """When the newest revision was stored; None if it is the first."""
    deleted_at: datetime | None = None
    """When it was deleted upstream; None if it was not."""

    @property
    def key(self) -> str:
        return self.entry.key
