"""What the elements of a feed say about rights, sources and places: read strictly, from the tree, item by item.

feedparser is made to read anything; it merges, guesses, and lets one entry's link leak into the next one's base. Words
that decide what may be republished are read here instead, each with the name of its carrier.
Sources: RFC 4287, 4946, 5005, 5023, 6721, RSS 2.0, Media RSS 1.5.1, the Creative Commons and podcast namespaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urljoin

from aggregator.intake.bases import resolve_inner_bases
from aggregator.intake.clean import clean_text, clean_url
from aggregator.intake.components import kind_of
from aggregator.intake.dating import dates_of
from aggregator.intake.document import Document, Element, local, namespace
from aggregator.intake.history import earlier, is_complete, tombstones
from aggregator.intake.phrases import forbids
from aggregator.intake.rsl_read import rsl_of
from aggregator.intake.wishes import update_every, wishes_of
from aggregator.model.chain import HOP, understood
from aggregator.model.entry import Author, Component, ComponentKind, Level, Link, Notice, NoticeKind
from aggregator.model.parsed import ParseLimits, Tombstone, Wishes
from aggregator.model.rsl import NAMESPACE as RSL
from aggregator.model.rsl import RslContent

_XML = "{http://www.w3.org/XML/1998/namespace}"
_PREFIXES = {
    "": "rss",
    "http://backend.userland.com/rss": "rss",
    "http://backend.userland.com/rss2": "rss",
    "http://blogs.law.harvard.edu/tech/rss": "rss",
    "http://purl.org/rss/1.0/": "rss",
    "http://purl.org/net/rss1.1#": "rss",
    "http://my.netscape.com/rdf/simple/0.9/": "rss",
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "creativeCommons",
    "http://web.resource.org/cc/": "cc",
    "http://creativecommons.org/ns#": "cc",
    "http://creativecommons.org/ns#license": "cc",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/DTDs/Podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/DTDs/PodCast-1.0.dtd": "itunes",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://www.w3.org/2007/app": "app",
    "http://purl.org/atom/app#": "app",
    "http://www.bloglines.com/about/specs/fac-1.0": "access",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://prismstandard.org/namespaces/basic/2.0/": "prism",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
}
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_RDF_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_ADDRESS_NAME = re.compile(r"[^\s@()<>]+@[^\s@()<>]+\s*\(([^()]*)\)")
_NAME_ADDRESS = re.compile(r"([^<>@]*)<[^<>@]+@[^<>@]+>")
_VALUE_MAX = 1_000
RELATIONS = "http://www.iana.org/assignments/relation/"
"""What a link relation is short for."""
_SPDX_LIKE = re.compile(r"cc-by(?:-(?:nc|nd|sa))*-\d\.\d(?:-[a-z]{2,3})?|cc0-1\.0|pdm-1\.0|cc-pddc")
_BODIES = ("content:encoded", "atom:content", "rss:content", "rss:fullitem", "xhtml:body", "rss:body")
_SUMMARIES = ("rss:description", "atom:summary", "rss:summary", "rss:abstract", "dc:description", "itunes:summary")

_MENTIONS = ("dc:source", "dcterms:source", "dcterms:isversionof", "dcterms:provenance", "dcterms:rightsholder")
_PROSE = (
    *("atom:rights", "atom:copyright", "rss:copyright", "dc:rights", "dcterms:rights", "dcterms:accessrights"),
    *("dcterms:rightsholder", "media:copyright", "media:restriction"),
)
_SPEAKS = frozenset(
    {*_PROSE, "app:control", "app:draft", "podcast:block", "access:restriction", "atom:link", "creativeCommons:license"}
    | {"cc:license", "dcterms:license", "podcast:license"}
)
"""What `_notices` reads, but for `rss:link`, of which only one with attributes could say something."""
_MEDIA = ("media:group", "media:content", "media:thumbnail")

Fields = dict[str, list[Element]]


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


@dataclass(slots=True)
class Reader:
    """Reads the claims of one document."""

    document: Document
    address: str
    """Where the document stands: the last resort for relative URLs."""
    limits: ParseLimits
    warnings: list[str] = field(default_factory=list)
    has_base: bool = False
    has_rsl: bool = False
    channel: Fields = field(default_factory=dict)
    """The feed's own elements, for what its items inherit from them."""

    def __post_init__(self) -> None:
        self.has_base = b"xml:base" in self.document.data
        self.has_rsl = RSL.encode() in self.document.data

    def feed(self) -> FeedClaims:
        root = self.document.root
        place = root
        if local(root) in {"rss", "rdf"}:
            place = next((child for child in root if local(child) == "channel"), root)
        fields = fields_of(place)
        if place is not root:
            for key, elements in fields_of(root).items():
                if key not in {"rss:channel", "rss:item"}:
                    fields.setdefault(key, []).extend(elements)
        self.channel = fields
        links = self._links(fields, self.address)
        home = (
            _permalink(links)
            or self._link_text(fields, self.address)
            or clean_url(_attribute(place, "href"), self.address)
        )
        selves = list(dict.fromkeys(link.href for link in links if link.rel == "self"))
        return FeedClaims(
            hubs=tuple(dict.fromkeys(link.href for link in links if link.rel == "hub"))[:HUBS_MAX],
            topic=selves[0] if len(selves) == 1 else None,
            title=_first_text(fields, "rss:title", "atom:title", "dc:title") or None,
            url=home,
            feed_id=_raw(fields, "atom:id") or place.get(_RDF_ABOUT),
            self_url=next(iter(selves), None),
            language=_language(place, fields) or _language(root, {}),
            rights=_first_text(fields, "rss:copyright", "atom:rights", "atom:copyright", "dc:rights", "dcterms:rights")
            or None,
            ttl=_ttl(fields),
            wishes=wishes_of(fields),
            complete=is_complete(place, links),
            earlier=earlier(links),
            notices=self._notices(fields, Level.FEED, self.address),
            tombstones=tuple(tombstones(place)),
            authors=self._authors({"atom:author": fields.get("atom:author", [])}, self.address),
            is_atom=local(root) == "feed",
        )

    def item(self, item: Element, feed: FeedClaims) -> ItemClaims:
        fields = fields_of(item)
        near = self._base(item, feed.url or self.address)
        links = self._links(fields, near)
        url = self._url(item, fields, links, near)
        body = next((fields[key][0] for key in _BODIES if _has_text(fields.get(key))), None)
        explicit = self._base(body if body is not None else item, None) if self.has_base else None
        summary = next((fields[key][0] for key in _SUMMARIES if fields.get(key)), None) if self.has_base else None
        if self.has_base:
            resolve_inner_bases(self.document, item, self.address)
        published_at, updated_at = dates_of(item, fields, is_atom=feed.is_atom)
        source = self._source(fields, near)
        notices = self._notices(fields, Level.ENTRY, near)
        for element in fields.get("atom:source", ())[:1]:
            notices += self._notices(fields_of(element), Level.SOURCE, near)
        chain, is_part = _told_in_pairs(fields)
        return ItemClaims(
            id=item_id(item, fields),
            url=url,
            links=tuple(links[: self.limits.per_entry]),
            base=explicit or url or feed.url or self.address,
            summary_base=None if summary is None else self._base(summary, None),
            published_at=published_at,
            updated_at=updated_at,
            language=_language(item, fields) or (_language(body, {}) if body is not None else None) or feed.language,
            has_body=body is not None,
            has_summary=any(_has_text(fields.get(key)) for key in _SUMMARIES),
            body_raw=body.text if body is not None and not len(body) else None,
            body_type=_body_type(body) if body is not None else None,
            notices=notices + feed.notices,
            authors=self._authors(fields, near) or feed.authors,
            source=source,
            # Where hops are listed one by one, what is said of them in words says nothing more.
            mentions=tuple(
                mention
                for mention in self._mentions(fields, near)
                if not (chain or is_part) or mention.carrier != _PROVENANCE
            )[: self.limits.per_entry],
            chain=chain[: self.limits.per_entry],
            is_part=is_part,
            components=tuple(self._components(fields, near)),
            rsl=self._rsl(item) if self.has_rsl else (),
        )

    def _rsl(self, item: Element) -> tuple[RslContent, ...]:
        """What the item's own `<rsl:content>` says; what is odd in it is told, what cannot be read says nothing."""
        document, odd = rsl_of(item)
        self.warnings.extend(odd)
        return document.contents[: self.limits.per_entry] if document is not None else ()

    def _base(self, element: Element, fallback: str | None) -> str | None:
        """The base that `xml:base` of the element and its ancestors give; the fallback where there is none."""
        if not self.has_base:
            return fallback
        chain = [step.get(f"{_XML}base") for step in (element, *element.iterancestors())]
        given = [part for part in chain if part]
        if not given:
            return fallback
        base = self.address
        for part in reversed(given):
            try:
                base = urljoin(base, part.strip())
            except ValueError:
                self.warnings.append("an xml:base is not a URL")
        return clean_url(base) or fallback

    def _links(self, fields: Fields, base: str | None) -> list[Link]:
        links: list[Link] = []
        for element in (*fields.get("atom:link", ()), *fields.get("rss:link", ())):
            href = element.get("href")
            url = clean_url(href, self._base(element, base))
            if url is None:
                if href:
                    self.warnings.append(f"a link was dropped: '{clean_text(href, 80)}'")
                continue
            links.append(
                Link(
                    rel=_relation(element) or "alternate",
                    href=url,
                    type=clean_text(element.get("type"), 100).lower() or None,
                    title=clean_text(element.get("title"), 300) or None,
                )
            )
        return list(dict.fromkeys(links))

    def _link_text(self, fields: Fields, base: str | None) -> str | None:
        for element in fields.get("rss:link", ()):
            url = clean_url(element.text, self._base(element, base))
            if url is not None:
                return url
            if element.text and element.text.strip():
                self.warnings.append(f"a link was dropped: '{clean_text(element.text, 80)}'")
        return None

    def _url(self, item: Element, fields: Fields, links: list[Link], base: str | None) -> str | None:
        original = clean_url(_raw(fields, "feedburner:origlink"))
        if original is not None:
            return original
        url = self._link_text(fields, base) or _permalink(links) or clean_url(_attribute(item, "href"), base)
        if url is None:
            for guid in fields.get("rss:guid", ()):
                said = (_attribute(guid, "ispermalink") or "").strip().lower()
                if said != "false":
                    # A bare word is an id; what starts with a slash, or is said to be an address, is one.
                    is_path = said == "true" or (guid.text or "").strip().startswith("/")
                    return clean_url(guid.text, base if is_path else None)
        return url

    def _source(self, fields: Fields, base: str | None) -> SourceClaim | None:
        for element in fields.get("atom:source", ())[:1]:
            inner = fields_of(element)
            links = self._links(inner, base)
            authors = self._authors(inner, base)
            return SourceClaim(
                carrier="atom:source",
                title=_first_text(inner, "atom:title") or None,
                url=_permalink(links),
                feed_id=_raw(inner, "atom:id"),
                feed_url=next((link.href for link in links if link.rel == "self"), None),
                author=authors[0].name if authors else None,
                rights=_first_text(inner, "atom:rights") or None,
            )
        for element in fields.get("rss:source", ())[:1]:
            title, url = clean_text(element.text, 300), clean_url(element.get("url"), base)
            if title or url:
                return SourceClaim(carrier="rss:source", title=title or None, feed_url=url)
        return None

    def _authors(self, fields: Fields, base: str | None) -> tuple[Author, ...]:
        """Who wrote it: the item's own authors, else those of its `atom:source` (RFC 4287, 4.2.1)."""
        found: dict[str, Author] = {}
        elements = [element for key in ("atom:author", "dc:creator", "rss:author") for element in fields.get(key, ())]
        for element in (elements or fields.get("itunes:author", []))[: self.limits.per_entry]:
            parts = {local(child): (child.text or "").strip() for child in element}
            name = person_name(parts.get("name") or parts.get("email") or element.text)
            if name:
                url = clean_url(parts.get("uri") or parts.get("url"), self._base(element, base))
                found.setdefault(name.casefold(), Author(name=name, url=url))
        if not found and fields.get("atom:source"):
            return self._authors({"atom:author": fields_of(fields["atom:source"][0]).get("atom:author", [])}, base)
        return tuple(found.values())

    def _notices(self, fields: Fields, level: Level, base: str | None) -> tuple[Notice, ...]:
        if fields.keys().isdisjoint(_SPEAKS) and not any(link.attrib for link in fields.get("rss:link", ())):
            return ()  # as most items do: they say nothing of rights
        notices = [*self._licences(fields, level, base), *_prose(fields, level)]
        for control in (*fields.get("app:control", ()), *fields.get("app:draft", ())):
            draft = control if local(control) == "draft" else next((c for c in control if local(c) == "draft"), None)
            if draft is not None and (draft.text or "").strip().lower() == "yes":
                notices.append(Notice(kind=NoticeKind.DRAFT, level=level, value="yes", carrier="app:draft"))
        notices.extend(
            Notice(kind=NoticeKind.DENY, level=level, value="block", carrier="podcast:block")
            # With an id it speaks to one platform, and we are none of those that have one.
            for element in fields.get("podcast:block", ())
            if not element.get("id") and clean_text(element.text, 20).lower() == "yes"
        )
        notices.extend(
            Notice(kind=NoticeKind.DENY, level=level, value="deny", carrier="access:restriction")
            for element in fields.get("access:restriction", ())
            if clean_text(element.get("relationship"), 20).lower() == "deny"
        )
        return tuple(dict.fromkeys(notices))

    def _licences(self, fields: Fields, level: Level, base: str | None) -> Iterator[Notice]:
        for element in (*fields.get("atom:link", ()), *fields.get("rss:link", ())):
            href = (element.get("href") or "").strip()
            if _relation(element) == "license" and href:
                # Compared as strings (RFC 4946): as written where it is absolute.
                value = href if "://" in href else clean_url(href, self._base(element, base)) or href
                yield _licence(level, value, "atom:link rel=license")
        for key in ("creativeCommons:license", "cc:license", "dcterms:license", "podcast:license"):
            for element in fields.get(key, ()):
                value = element.get(_RDF_RESOURCE) or element.get("url") or element.text or ""
                if value.strip():
                    yield _licence(level, value if key != "podcast:license" else _podcast_licence(element), key)
        for key in ("dc:rights", "dcterms:rights", "atom:rights", "rss:copyright"):
            for element in fields.get(key, ()):
                value = (element.get(_RDF_RESOURCE) or element.text or "").strip()
                if "creativecommons.org/" in value and clean_url(value) is not None:
                    yield _licence(level, value, key)

    def _mentions(self, fields: Fields, base: str | None) -> Iterator[Mention]:
        if fields.keys().isdisjoint(_MENTIONS):
            return
        for key in _MENTIONS:
            for element in fields.get(key, ()):
                text = _text(element)
                value = element.get(_RDF_RESOURCE) or text
                url = clean_url(value) if "://" in value else None
                if url is None and not text:
                    continue
                carrier = {
                    "dcterms:rightsholder": "dcterms:rightsHolder",
                    "dcterms:isversionof": "dcterms:isVersionOf",
                }.get(key, key)
                yield Mention(carrier=carrier, name=None if url else text, url=url, text=value[:300])

    def _components(self, fields: Fields, base: str | None) -> Iterator[Component]:
        for element in fields.get("rss:enclosure", ()):
            yield from self._component(element, element.get("url") or element.get("href"), base, {})
        for element in (*fields.get("atom:link", ()), *fields.get("rss:link", ())):
            if (element.get("rel") or "").strip().lower() == "enclosure":
                yield from self._component(element, element.get("href"), base, {})
        if fields.keys().isdisjoint(_MEDIA):
            groups: list[tuple[Fields, Fields]] = []
        else:
            groups = [(fields, fields)] + [(fields_of(group), fields) for group in fields.get("media:group", ())]
        for inner, outer in groups:
            for element in (*inner.get("media:content", ()), *inner.get("media:thumbnail", ())):
                around = {
                    key: inner.get(key) or outer.get(key) or self.channel.get(key) or []
                    for key in ("media:credit", "media:license", "media:copyright", "media:title", "media:restriction")
                }
                yield from self._component(element, element.get("url"), base, around)
        for element in fields.get("itunes:image", ()):
            yield from self._component(element, element.get("href"), base, {})

    def _component(
        self, element: Element, address: str | None, base: str | None, around: Fields
    ) -> Iterator[Component]:
        url = clean_url(address, self._base(element, base))
        if url is None:
            if address:
                self.warnings.append(f"an enclosure was dropped: '{clean_text(address, 80)}'")
            return
        inner = fields_of(element)
        # Without a credit, whoever holds the copyright is named; the nearest speaks (Media RSS 1.5.1).
        named = next(
            (near[key] for near in (inner, around) for key in ("media:credit", "media:copyright") if near.get(key)), []
        )
        names = [_text(credit) for credit in named]
        length = (element.get("length") or element.get("fileSize") or "").strip()
        yield Component(
            kind=_kind(element, url),
            url=url,
            credit=", ".join(name for name in names if name)[:300] or None,
            licence=_medium_restriction(inner, around) or _medium_licence(inner, around),
            type=clean_text(element.get("type"), 100).lower() or None,
            length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
            title=next((_text(title) for title in inner.get("media:title") or around.get("media:title") or ()), None)
            or clean_text(element.get("title"), 300)
            or None,
            enclosed=True,
        )


_PROVENANCE = "dcterms:provenance"
_PARTS = frozenset({"excerpt", "headline"})


def _told_in_pairs(fields: Fields) -> tuple[tuple[HopClaim, ...], bool]:
    """(hops, whether it is a part of its article) that `dcterms:provenance` tells in pairs."""
    # As it is written: what looks like markup in a name of such a pair is none.
    told = [understood((element.text or "")[: 4 * _VALUE_MAX]) for element in fields.get(_PROVENANCE, ())]
    chain = (hop_claim(pairs, _PROVENANCE) for pairs in told)
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
        notice=clean_text(facts.get("notice"), _VALUE_MAX) or None,
    )


def is_form_of_part(form: object) -> bool:
    """Whether a form that an item declares of itself is less than the whole article."""
    return form in _PARTS


def _relation(element: Element) -> str:
    """A link's relation in its short form: it may be written as a whole address (RFC 4287, 4.2.7.2)."""
    return _short(element.get("rel"))


@lru_cache(maxsize=256)
def _short(relation: str | None) -> str:
    return clean_text(relation, 100).lower().removeprefix(RELATIONS)


def fields_of(element: Element) -> Fields:
    """The children, by `prefix:name` with our own prefixes and names in lower case; foreign ones are left out."""
    fields: Fields = {}
    for child in element:
        prefix = _PREFIXES.get(namespace(child))
        name = local(child)
        if prefix is not None and name:
            fields.setdefault(f"{prefix}:{name}", []).append(child)
    return fields


def _medium_licence(inner: Fields, around: Fields) -> str | None:
    """A picture's licence: in Media RSS's own element, in Dublin Core's, or as the terms of its copyright."""
    for element in inner.get("media:license") or around.get("media:license") or ():
        return element.get("href") or _text(element) or None
    for element in inner.get("dcterms:license", ()):
        return element.get(_RDF_RESOURCE) or _text(element) or None
    for element in inner.get("media:copyright") or around.get("media:copyright") or ():
        return element.get("url") or None
    return None


def _medium_restriction(inner: Fields, around: Fields) -> str | None:
    """What keeps a medium from some readers, as terms that nobody knows: it must be asked; None: nothing does.

    Which countries or sites readers come from is not known, so a restriction to some of them holds for all. `all` and
    `none` are told apart; nothing named is all (Media RSS 1.5.1, `restriction`).
    """
    for element in inner.get("media:restriction") or around.get("media:restriction") or ():
        allows = clean_text(element.get("relationship"), 20).lower() != "deny"
        kind, whom = clean_text(element.get("type"), 20).lower(), _text(element, 200)
        named = "all" if kind == "sharing" or not whom else whom.lower()
        if named not in {"all", "none"} or allows != (named == "all"):
            return " ".join(filter(None, ("media:restriction", "allow" if allows else "deny", kind, whom)))
    return None


def _licence(level: Level, value: str, carrier: str) -> Notice:
    return Notice(kind=NoticeKind.LICENCE, level=level, value=clean_text(value, _VALUE_MAX), carrier=carrier)


def _podcast_licence(element: Element) -> str:
    """An SPDX id in lower case stands for a known licence; any other word for the text at its `url`.

    Source: podcast namespace 1.0, `license`.
    """
    name, address = clean_text(element.text, 128), (element.get("url") or "").strip()
    slug = "-".join(name.lower().replace("_", "-").split())
    if _SPDX_LIKE.fullmatch(slug):
        return slug
    return address or name


def _prose(fields: Fields, level: Level) -> Iterator[Notice]:
    for key in _PROSE:
        for element in fields.get(key, ()):
            text = _text(element) or clean_text(element.get(_RDF_RESOURCE), _VALUE_MAX)
            if key == "media:restriction":
                text = " ".join(
                    (clean_text(element.get("relationship"), 20), clean_text(element.get("type"), 20), text)
                ).strip()
            if text:
                kind = NoticeKind.FORBID if forbids(text) else NoticeKind.RIGHTS
                yield Notice(kind=kind, level=level, value=text, carrier=key)


def _text(element: Element, limit: int = _VALUE_MAX) -> str:
    """The element's text on one line; markup resolved where the element declares some, or plainly holds some."""
    text = element.text or ""
    if len(element):
        text = "".join(element.itertext())
        return clean_text(text, limit)
    declared = (element.get("type") or "").lower()
    plain = declared in {"text", "text/plain", "plain"} or (
        not declared and namespace(element) == "http://www.w3.org/2005/Atom"
    )
    return clean_text(text, limit, markup=not plain)


def _first_text(fields: Fields, *keys: str) -> str:
    return next((text for key in keys for element in fields.get(key, ()) if (text := _text(element))), "")


def _raw(fields: Fields, key: str) -> str | None:
    for element in fields.get(key, ()):
        text = "".join(element.itertext()).strip()
        if text:
            return text[:10_000]
    return None


def _has_text(elements: list[Element] | None) -> bool:
    return any(len(element) or (element.text and element.text.strip()) for element in elements or ())


def _body_type(body: Element) -> str:
    kind = (body.get("type") or ("text" if local(body) == "content" else "html")).lower()
    return {"text": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}.get(kind, kind)


def _attribute(element: Element, name: str) -> str | None:
    """An attribute, whatever the case of its name (CDF and old RSS write them in capitals)."""
    for key, value in element.attrib.items():
        if isinstance(key, str) and key.lower() == name:
            return str(value)
    return None


def item_id(item: Element, fields: Fields | None = None) -> str | None:
    """The item's own id as written, surrounding white space removed."""
    fields = fields_of(item) if fields is None else fields
    return _raw(fields, "atom:id") or _raw(fields, "rss:guid") or (item.get(_RDF_ABOUT) or "").strip() or None


def _permalink(links: list[Link]) -> str | None:
    alternates = [link for link in links if link.rel == "alternate"]
    html = [link for link in alternates if link.type in {None, "text/html", "application/xhtml+xml"}]
    return next((link.href for link in (*html, *alternates)), None)


def _language(element: Element, fields: Fields) -> str | None:
    tagged = element.get(f"{_XML}lang")
    if not tagged:
        tagged = next((e.text for key in ("dc:language", "rss:language") for e in fields.get(key, ()) if e.text), None)
    return language_tag(tagged)


def language_tag(tag: str | None) -> str | None:
    """A BCP 47 tag in its usual case (`pt-BR`, `zh-Hant`), or None for what is none."""
    if not tag:
        return None
    parts = tag.strip().replace("_", "-").split("-")
    if not (2 <= len(parts[0]) <= 3 and parts[0].isascii() and parts[0].isalpha()):
        return None
    if not all(1 <= len(part) <= 8 and part.isascii() and part.isalnum() for part in parts[1:]):
        return None
    rest = [
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 and part.isalpha() else part.lower()
        for part in parts[1:]
    ]
    return "-".join([parts[0].lower(), *rest])


def person_name(text: str | None) -> str:
    """The name in `Name`, `address (Name)` or `Name <address>`; the address where there is no name."""
    name = clean_text(text, 300, markup="<" in (text or "") and "@" not in (text or ""))
    match = _ADDRESS_NAME.fullmatch(name) or _NAME_ADDRESS.fullmatch(name)
    return (match[1].strip() if match else "") or name


def _ttl(fields: Fields) -> timedelta | None:
    """How long the feed asks to be left alone: RSS `ttl` in minutes, else the syndication module's period."""
    minutes = _count(_raw(fields, "rss:ttl"))
    if minutes:
        return timedelta(minutes=minutes)
    return update_every(fields)


_COUNT_MAX = 999_999


def _count(text: str | None) -> int:
    """A whole number; one that is longer than any that is meant is as much as can be."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return 0
    digits = digits.lstrip("0")
    return min(int(digits or "0"), _COUNT_MAX) if len(digits) <= 9 else _COUNT_MAX


def _kind(element: Element, url: str) -> ComponentKind:
    if local(element) in {"thumbnail", "image"}:
        return ComponentKind.IMAGE
    return kind_of(element.get("medium") or element.get("type") or "", url)
