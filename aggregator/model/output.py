"""An outbound feed: what it selects, declares and publishes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from aggregator.model.story import Texts
from aggregator.model.use import Use


class Format(StrEnum):
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    HTML = "html"
    TEXT = "txt"
    """A digest in plain text."""


FORMATS = (Format.RSS, Format.ATOM, Format.JSON, Format.HTML)
"""Those that an output has unless it says otherwise."""


class Access(StrEnum):
    PUBLIC = "public"
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which entries an output would like to carry."""

    tags: tuple[str, ...] = ()
    """Tags of sources, any of them; with `sources` empty too: all sources."""
    sources: tuple[str, ...] = ()
    """Ids of sources, added to those that the tags name."""
    language: tuple[str, ...] = ()
    """BCP 47 prefixes; an entry of unknown language is not selected. Empty: any."""
    category: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    match: str | None = None
    """Terms (`model.query`), all of which must stand in title or text. None: any."""
    exclude: str | None = None
    """Terms, any of which keeps an entry out."""
    newest: int = 50
    per_source: int | None = None
    """How many of one source at most; None: no bound but `newest`."""
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """An outbound feed."""

    id: str
    """[a-z0-9-], unique; part of its address."""
    title: str
    description: str = ""
    select: Selector = Selector()
    use: Use
    access: Access = Access.PUBLIC
    credit: str = "default"
    """Template set under templates/credit/."""
    archive: int | None = None
    """Entries in each document of its archive (RFC 5005); None: it keeps none."""
    per_page: int = 50
    """Entries on each page of the HTML river."""
    language: str = "en"
    """BCP 47: of our own words in it, such as the credit. What is republished keeps its own."""
    formats: tuple[Format, ...] = FORMATS
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Ready bytes of one output in one format."""

    output: str
    format: Format
    body: bytes
    etag: str
    """Strong, with its quotes: a digest of the bytes in their pieces."""
    modified_at: datetime
    """When the bytes last changed; whole seconds."""
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A document as it is kept: what stands around its entries, and which bytes they are."""

    output: str
    format: Format
    opening: bytes
    between: bytes = b""
    """Stands between two entries."""
    closing: bytes = b""
    parts: tuple[str, ...] = ()
    """Digests of its entries' bytes, in their order."""
    etag: str
    """Strong, with its quotes: the same bytes in the same pieces have the same."""
    modified_at: datetime
    """When the bytes last changed; whole seconds."""


class Ending(StrEnum):
    """What ended a release, for programs; its `reason` says it in words."""

    WITHDRAWN = "withdrawn"
    """A person took it out everywhere."""
    REJECTED = "rejected"
    """A person took it out of this output."""
    DELETED = "deleted"
    """Its publisher deleted it."""
    RIGHTS = "rights"
    """Its decision is no longer allow: a grant, a policy, a window or what it says of itself."""
    SOURCE = "source"
    """Its source is no longer configured, or is disabled."""
    COPY = "copy"
    """Another copy of the story stands, or its own failed its proof."""
    SELECTION = "selection"
    """The output no longer selects it."""
    NEWER = "newer"
    """Newer entries took its place."""
    REPLACED = "replaced"
    """It still stands, as another revision or under another decision."""
    DROPPED = "dropped"
    """The output is no longer configured."""

    @property
    def recalls(self) -> bool:
        """Whether those who took the copy are to drop it: it was not merely crowded out."""
        return self in _RECALLS


_RECALLS = frozenset({Ending.WITHDRAWN, Ending.REJECTED, Ending.DELETED, Ending.RIGHTS, Ending.SOURCE})


class Release(Struct, frozen=True, kw_only=True):
    """The fact that an entry stands in an output under a decision.

    A build reads one for each entry that stands: as a struct it is made in a tenth of the time.
    """

    output: str
    entry: str
    """Internal id."""
    revision: str
    decision: str
    """Digest of the stored decision."""
    opened_at: datetime
    closed_at: datetime | None = None
    """First instant at which it no longer stands; None while it does."""
    reason: str = ""
    """Why it ended."""
    ending: Ending | None = None
    """What ended it; None while it stands, and where an older program ended it."""
    outbound_id: str = ""
    """Its id in RSS and JSON Feed; empty where an older program published it."""
    atom_id: str = ""
    """Its id in Atom: what a tombstone refers to; likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The end of an entry everywhere, by a person: it stays blocked (ruling 17)."""

    entry: str
    at: datetime
    by: str
    reason: str
    addresses: tuple[str, ...] = ()
    """Its addresses without what does not tell articles apart: under another id, or from another source, the same
    article is blocked too."""
    sketch: str | None = None
    """By which copies of its text are known (`model.story`), wherever they stand; None: it is too short to tell."""


class Withdrawals(dict[str, Withdrawal]):
    """All withdrawals, by entry, as of one moment: never changed, so that what is found in them is laid out once."""

    def of_article(self, addresses: Iterable[str]) -> Withdrawal | None:
        """That of an article at any of these addresses: it stays out under another id, too; None: there is none."""
        if not self:
            return None
        return next((one for address in addresses if (one := self._by_address.get(address)) is not None), None)

    def of_text(self, sketch: str | None) -> Withdrawal | None:
        """That of an article which tells the same in nearly the same words: a copy stays out anywhere."""
        return self._by_text.find(sketch) if self else None

    @cached_property
    def _by_address(self) -> dict[str, Withdrawal]:
        return {address: one for one in self.values() for address in one.addresses}

    @cached_property
    def _by_text(self) -> Texts[Withdrawal]:
        return Texts((one.sketch, one) for one in self.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's pick of an entry for an output, or the opposite (ruling 22)."""

    entry: str
    output: str
    digest: str
    """Of origin, licence and notice at the time: another digest later means that it has lapsed."""
    at: datetime
    by: str
    rejected: bool = False
    """True: it must not stand in the output, until it lapses."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """The recorded fact that an entry's publishers were told that it stands, or will stand, in an output."""

    entry: str
    output: str
    at: datetime
    by: str
    note: str = ""
    """How, and what was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An open question to an admin: one per subject, publisher and kind (ruling 24)."""

    id: str
    kind: str
    """A `FlagKind`."""
    subject: str
    """`entry:KEY` or `source:ID`."""
    source: str
    entry: str | None
    title: str
    publisher: str
    contact: str | None
    reason: str
    """A sentence for a person."""
    rule: str
    where: str
    outputs: tuple[str, ...]
    """Those that wait for the answer."""
    opened_at: datetime
    closed_at: datetime | None = None
    closed_because: str = ""
