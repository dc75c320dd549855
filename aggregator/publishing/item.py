"""One entry ready for every format, and what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.errors import RenderError
from aggregator.model.decision import Hop
from aggregator.model.entry import Author, Component, ComponentKind, Link
from aggregator.model.output import Format
from aggregator.model.policy import Duty, Limit
from aggregator.model.use import Form
from aggregator.publishing.text import inert, web_address

UNSPECIFIED = "http://purl.org/atompub/license#unspecified"
"""Says that no licence is given, and stops inheritance (RFC 4946)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry is published, and the feed that it was polled from."""

    site_name: str
    site_url: str
    """Its host is the authority of derived ids."""
    source_title: str
    """The polled feed's name as configured (ruling 20)."""
    source_feed: str | None = None
    """Its public address; None for a `file:` source."""
    source_home: str | None = None
    source_id: str | None = None
    """The feed's own id, where it has one."""
    source_rights: str | None = None
    """What the feed says of its rights."""
    about: str | None = None
    """Address of the page that explains what JSON Feed carries under `_rights`; None: there is none."""
    outbound_id: str | None = None
    """The id under which the entry goes out, where it is not the feed's own (ruling 16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The credit of one entry, worded: what the templates made of its facts."""

    head: str = ""
    """HTML before everything else."""
    top: str = ""
    """HTML above the text."""
    byline: str = ""
    """HTML between `top` and the text."""
    end: str = ""
    """HTML below the text."""
    text: str = ""
    """All of it as plain text."""
    lead: str = ""
    """What of that stands above the text."""
    tail: str = ""
    """What of that stands below the text."""
    language: str = "en"
    """In which it is worded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence by its address and a name for people."""

    name: str
    url: str | None
    """None where only a name is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOfOrigin:
    """The feed that an entry is said to come from: `atom:source`, RSS `<source>` (ruling 20)."""

    id: str
    """An IRI."""
    title: str
    url: str | None
    """Home page."""
    feed: str | None
    """Address of the feed."""
    rights: str | None
    licences: tuple[Licence, ...] = ()
    """Of the feed as a whole. An entry with licences of its own does not inherit them (RFC 4946)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How long an excerpt may be. All that are given hold."""

    words: int | None = None
    chars: int | None = None
    paragraphs: int | None = None
    sentences: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry as one output publishes it, every duty of its decision discharged."""

    key: str
    revision: str
    id: str
    """As RSS and JSON Feed name it: the feed's own, unless another was derived."""
    atom_id: str
    """The same where it is an IRI, else a stable `tag:` id."""
    original_id: str
    """The feed's own id, whatever it goes out under."""
    about: str | None
    """Address of the page that explains `_rights` in JSON Feed."""
    title: str
    url: str | None
    canonical: str | None
    language: str | None
    authors: tuple[Author, ...]
    categories: tuple[str, ...]
    published_at: datetime
    """UTC, whole seconds, never later than the first sighting."""
    updated_at: datetime
    """UTC, whole seconds, never before `published_at`."""
    form: Form
    html: str
    """What is read: text and credit; for a headline the credit alone."""
    text_html: str
    """The text alone; empty for a headline."""
    summary: str
    """Plain text: a summary, if the form carries one, and the credit."""
    summary_html: str
    """The same as HTML."""
    related: tuple[Link, ...]
    """What the entry itself names as related."""
    enclosures: tuple[Component, ...]
    credit: Credit
    publisher: str
    """Name of the last hop."""
    hops: tuple[Hop, ...]
    """Names cleaned, first the originator."""
    notices: tuple[str, ...]
    """Copyright notices of all hops."""
    licences: tuple[Licence, ...]
    feed_of_origin: FeedOfOrigin
    home: str | None
    """Home page of the publisher."""
    changes: tuple[str, ...]
    """What was done to the copy, in words."""
    components: tuple[Component, ...]
    """Images, recordings and embeds that stay in the copy."""
    duties: tuple[Duty, ...]
    """Those of the decision that are due in this form and medium."""
    duty_hops: tuple[int, ...]
    """For each of `duties`, the hop that asks for it."""
    discharges: tuple[str, ...]
    """Names of the duties that this item discharges."""
    limits: tuple[Limit, ...]
    measure: Measure | None
    """For an excerpt."""
    removed: tuple[str, ...]
    """URLs that must not be in the copy."""
    links: tuple[str, ...]
    """Targets of all links of the text, in order: none may be lost."""

    @property
    def rights(self) -> str:
        """The notices in one text; where no hop gave one, whose the rights are, so that none is inherited."""
        return " ".join(self.notices) or f"All rights remain with {self.publisher}."

    @property
    def image(self) -> str | None:
        """Address of the picture that stands for the entry: its first one."""
        return next((part.url for part in self.components if part.kind is ComponentKind.IMAGE), None)

    @property
    def media(self) -> tuple[Component, ...]:
        """The images and recordings that have rights of their own to tell, each address once."""
        told = [part for part in self.components if (part.credit or part.licence) and web_address(part.url)]
        return tuple({part.url: part for part in reversed(told)}.values())[::-1]

    @property
    def anchor(self) -> str:
        """Id of its element on a page."""
        return f"e-{self.key}"

    def title_in(self, format_: Format) -> str:
        """The title as a format carries it: RSS readers take titles for HTML (see `text.inert`)."""
        return inert(self.title) if format_ is Format.RSS else self.title

    def rights_in(self, format_: Format) -> str:
        """The notices as a format carries them."""
        return inert(self.rights) if format_ is Format.RSS else self.rights

    def id_in(self, format_: Format) -> str:
        """The id under which it is found in a document of a format."""
        if format_ is Format.ATOM:
            return self.atom_id
        if format_ is Format.TEXT:
            return self.key
        return self.anchor if format_ is Format.HTML else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """That an entry stood in a document and is to be dropped (RFC 6721)."""

    id: str
    """Under which it went out in JSON Feed."""
    atom_id: str
    at: datetime
    """When it was taken out; UTC, whole seconds."""
    by: str
    """Who took it out: the site, or its publisher."""
    comment: str
    """Why, in words that anybody may read."""
    source: FeedOfOrigin
    """Required wherever a tombstone stands outside its entry's own feed (RFC 6721, 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a document says of itself. There is no rights text: it would relicense other people's entries."""

    id: str
    """An IRI, the same for ever."""
    title: str
    description: str
    home: str
    """Address of the page of the output, absolute."""
    selves: tuple[tuple[Format, str], ...]
    """(format, absolute address) of all formats of the output."""
    site_name: str
    site_url: str
    updated_at: datetime
    """Of the newest entry, not of the clock: unchanged content gives unchanged bytes."""
    language: str | None = None
    """If all entries have the same."""
    per_page: int = 50
    """Entries on each page of the HTML river."""
    archives: int = 0
    """How many archive documents there are (RFC 5005, 4)."""
    archive: int | None = None
    """Which of them this is; None: the one that is subscribed to."""
    own_language: str = "en"
    """Of our own words around them."""
    hubs: tuple[str, ...] = ()
    report_url: str | None = None
    """Where somebody who holds rights in an entry asks to have it taken down; None: there is no form."""
    apply_url: str | None = None
    """Where a site asks for addresses of its own; None: there is no form."""
    about: str | None = None
    """Address of the page that explains our extensions of JSON Feed."""
    tombstones: tuple[Tombstone, ...] = ()
    """Newest first; none of an entry that stands in the document."""

    def archive_url(self, number: int) -> str:
        """Address of an archive document."""
        return f"{(self.self_in(Format.ATOM) or '').removesuffix('.atom')}/archive/{number}.atom"

    def self_in(self, format_: Format) -> str | None:
        return next((url for kind, url in self.selves if kind is format_), None)


class EntryRefused(RenderError):  # noqa: N818  an entry is refused, nothing is in error
    """One entry would break a promise: the others of its output can do without it."""

    def __init__(self, *, entry: str, what: str, format_: Format | None = None, duty: str | None = None) -> None:
        where = f"entry '{entry}'" + (f" in format '{format_.value}'" if format_ else "")
        about = f"duty '{duty}': " if duty else ""
        super().__init__(" ".join(f"{where}: {about}{what}".split()))
        self.entry = entry
        self.format = format_
        self.duty = duty
        self.what = what
