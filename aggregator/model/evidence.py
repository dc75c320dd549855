"""What the site behind a source says to machines, document by document, and when it is to be read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.entry import NoticeKind
from aggregator.model.rsl import RslContent
from aggregator.model.use import Audience, Medium


class EvidenceKind(StrEnum):
    """The documents of a site that are read."""

    ROBOTS = "robots.txt"
    TDMREP = "tdmrep.json"
    RSL = "rsl"
    ODRL = "odrl"
    """A policy that a page, a header or tdmrep.json names."""
    PAGE = "page"
    """The home page that the feed names, where it is at the feed's own origin."""
    FEED = "feed"
    """The header of the feed's own answer: read with each poll, never asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One rule of a `tdmrep.json`."""

    location: str
    """Path with `*` and a final `$`, as in robots.txt."""
    reserved: bool
    policy: str | None = None
    """Where to ask for what is reserved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWord:
    """One rule of an ODRL policy that a site names."""

    kind: NoticeKind
    """FORBID, LIMIT, NO_AI or, for what is only told, MACHINE."""
    said: str
    limits: tuple[str, ...] = ()
    """Of a LIMIT: names of the limits that it sets."""
    to: tuple[Audience, ...] = ()
    """Whom it concerns; empty: everybody."""
    media: tuple[Medium, ...] = ()
    """Empty: all."""
    targets: tuple[str, ...] = ()
    """What it speaks of, as named; empty: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWords:
    """What one document says, as far as it is understood. Which part speaks of an entry is asked when it is decided."""

    rules: tuple[tuple[str, str], ...] = ()
    """robots.txt: (key in lower case, value) of the lines that speak to us about machine use."""
    licences: tuple[str, ...] = ()
    """robots.txt: absolute addresses of RSL documents."""
    reservations: tuple[Reservation, ...] = ()
    """tdmrep.json."""
    contents: tuple[RslContent, ...] = ()
    """An RSL document, or RSL that stands in a page."""
    stated: tuple[tuple[str, str], ...] = ()
    """A page or a header: (carrier, licence) of each licence for people that it names, as far as it is known."""
    headers: tuple[tuple[str, str], ...] = ()
    """(name in lower case, value) of the answer's header fields that say something of machine use."""
    policies: tuple[str, ...] = ()
    """Absolute addresses of ODRL policies that a page or a header names for the whole site."""
    policy: tuple[PolicyWord, ...] = ()
    """An ODRL policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One document of a source's site, and what came of asking for it."""

    source: str
    kind: EvidenceKind
    url: str
    origin: str
    """`https://host:port` of the feed: what it speaks for, wherever it stands."""
    words: SiteWords | None = None
    """Of the last good reading; None: it is not there, or says nothing. A failure keeps them."""
    quote: str = ""
    """The same in a line, as written."""
    read_at: datetime | None = None
    """The last good reading; None: there was none."""
    next_at: datetime
    """When to ask again, at the earliest."""
    failures: int = 0
    """Failed readings in a row."""
    problem: str | None = None
    """What failed, or what was odd, in a line that names it."""
