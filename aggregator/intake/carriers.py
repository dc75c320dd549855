"""What the elements of a feed say about rights, sources and places: read strictly, from the tree, item by item.

feedparser is made to read anything; it merges, guesses, and lets one entry's link leak into the next one's base. Words
that decide what may be republished are read here instead, each with the name of its carrier.
Sources: RFC 4287, 4946, 5005, 5023, 6721, RSS 2.0, Media RSS 1.5.1, the Creative Commons and podcast namespaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urljoin

from aggregator.intake.bases import resolve_inner_bases
from aggregator.intake.claims import HUBS_MAX, PROVENANCE, FeedClaims, ItemClaims, Mention, SourceClaim, told_in_pairs
from aggregator.intake.clean import clean_text, clean_url
from aggregator.intake.components import kind_of
from aggregator.intake.dating import dates_of
from aggregator.intake.document import Document, Element, local
from aggregator.intake.elements import (
    RDF_ABOUT,
    RDF_RESOURCE,
    XML,
    Fields,
    attribute,
    count_of,
    fields_of,
    first_text,
    has_text,
    item_id,
    language_of,
    permalink,
    person_name,
    raw,
    relation_of,
    text_of,
)
from aggregator.intake.history import earlier, is_complete, tombstones
from aggregator.intake.marks import marks_of, medium_licence, medium_restriction
from aggregator.intake.rsl_read import rsl_of
from aggregator.intake.wishes import update_every, wishes_of
from aggregator.model.entry import Author, Component, ComponentKind, Level, Link
from aggregator.model.parsed import ParseLimits
from aggregator.model.rsl import NAMESPACE as RSL
from aggregator.model.rsl import RslContent

_BODIES = ("content:encoded", "atom:content", "rss:content", "rss:fullitem", "xhtml:body", "rss:body")
_SUMMARIES = ("rss:description", "atom:summary", "rss:summary", "rss:abstract", "dc:description", "itunes:summary")
_MENTIONS = (
    *("dc:source", "dcterms:source", "dcterms:isversionof", "dcterms:provenance", "dcterms:rightsholder"),
    *("dc:publisher", "dcterms:publisher"),
)
_MEDIA = ("media:group", "media:content", "media:thumbnail")


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
            permalink(links)
            or self._link_text(fields, self.address)
            or clean_url(attribute(place, "href"), self.address)
        )
        selves = list(dict.fromkeys(link.href for link in links if link.rel == "self"))
        return FeedClaims(
            hubs=tuple(dict.fromkeys(link.href for link in links if link.rel == "hub"))[:HUBS_MAX],
            topic=selves[0] if len(selves) == 1 else None,
            title=first_text(fields, "rss:title", "atom:title", "dc:title") or None,
            url=home,
            feed_id=raw(fields, "atom:id") or place.get(RDF_ABOUT),
            self_url=next(iter(selves), None),
            language=language_of(place, fields) or language_of(root, {}),
            rights=first_text(fields, "rss:copyright", "atom:rights", "atom:copyright", "dc:rights", "dcterms:rights")
            or None,
            ttl=_ttl(fields),
            wishes=wishes_of(fields),
            complete=is_complete(place, links),
            earlier=earlier(links),
            notices=marks_of(fields, Level.FEED, self.address, self._base),
            tombstones=tuple(tombstones(place)),
            authors=self._authors({"atom:author": fields.get("atom:author", [])}, self.address),
            is_atom=local(root) == "feed",
        )

    def item(self, item: Element, feed: FeedClaims) -> ItemClaims:
        fields = fields_of(item)
        near = self._base(item, feed.url or self.address)
        links = self._links(fields, near)
        url = self._url(item, fields, links, near)
        body = next((fields[key][0] for key in _BODIES if key in fields and has_text(fields[key])), None)
        explicit = self._base(body if body is not None else item, None) if self.has_base else None
        summary = next((fields[key][0] for key in _SUMMARIES if fields.get(key)), None) if self.has_base else None
        if self.has_base:
            resolve_inner_bases(self.document, item, self.address)
        published_at, updated_at = dates_of(item, fields, is_atom=feed.is_atom)
        source = self._source(fields, near)
        notices = marks_of(fields, Level.ENTRY, near, self._base)
        for element in fields.get("atom:source", ())[:1]:
            notices += marks_of(fields_of(element), Level.SOURCE, near, self._base)
        chain, is_part = told_in_pairs(fields)
        return ItemClaims(
            id=item_id(item, fields),
            url=url,
            links=tuple(links[: self.limits.per_entry]),
            base=explicit or url or feed.url or self.address,
            summary_base=None if summary is None else self._base(summary, None),
            published_at=published_at,
            updated_at=updated_at,
            language=language_of(item, fields)
            or (language_of(body, {}) if body is not None else None)
            or feed.language,
            has_body=body is not None,
            has_summary=(has_summary := any(key in fields and has_text(fields[key]) for key in _SUMMARIES)),
            described=None if has_summary or body is not None else _described(fields),
            body_raw=body.text if body is not None and not len(body) else None,
            body_type=_body_type(body) if body is not None else None,
            notices=notices + feed.notices,
            authors=self._authors(fields, near) or feed.authors,
            source=source,
            # Where hops are listed one by one, what is said of them in words says nothing more.
            mentions=tuple(
                mention
                for mention in self._mentions(fields, near)
                if not (chain or is_part) or mention.carrier != PROVENANCE
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
        chain = [step.get(f"{XML}base") for step in (element, *element.iterancestors())]
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
                    rel=relation_of(element) or "alternate",
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
        original = clean_url(raw(fields, "feedburner:origlink"))
        if original is not None:
            return original
        url = self._link_text(fields, base) or permalink(links) or clean_url(attribute(item, "href"), base)
        if url is None:
            for guid in fields.get("rss:guid", ()):
                said = (attribute(guid, "ispermalink") or "").strip().lower()
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
                title=first_text(inner, "atom:title") or None,
                url=permalink(links),
                feed_id=raw(inner, "atom:id"),
                feed_url=next((link.href for link in links if link.rel == "self"), None),
                author=authors[0].name if authors else None,
                rights=first_text(inner, "atom:rights") or None,
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
        for element in (elements or fields.get("itunes:author", []))[: self.limits.per_entry + 1]:
            parts = {local(child): (child.text or "").strip() for child in element}
            name = person_name(parts.get("name") or parts.get("email") or element.text)
            if name:
                url = clean_url(parts.get("uri") or parts.get("url"), self._base(element, base))
                found.setdefault(name.casefold(), Author(name=name, url=url))
        if not found and fields.get("atom:source"):
            return self._authors({"atom:author": fields_of(fields["atom:source"][0]).get("atom:author", [])}, base)
        return tuple(found.values())

    def _mentions(self, fields: Fields, base: str | None) -> Iterator[Mention]:
        if fields.keys().isdisjoint(_MENTIONS):
            return
        for key in _MENTIONS:
            for element in fields.get(key, ()):
                text = text_of(element)
                value = element.get(RDF_RESOURCE) or text
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
        names = [text_of(credit) for credit in named]
        length = (element.get("length") or element.get("fileSize") or "").strip()
        yield Component(
            kind=_kind(element, url),
            url=url,
            credit=", ".join(name for name in names if name)[:300] or None,
            licence=medium_restriction(inner, around) or medium_licence(inner, around),
            type=clean_text(element.get("type"), 100).lower() or None,
            length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
            title=next((text_of(title) for title in inner.get("media:title") or around.get("media:title") or ()), None)
            or clean_text(element.get("title"), 300)
            or None,
            enclosed=True,
        )


def _described(fields: Fields) -> tuple[str, str] | None:
    """(text, media type) of the item's `media:description`, its own or its group's: all the text that a video feed has.

    That of a single medium is a caption, and stands for no article. Source: Media RSS 1.5.1, `media:description`.
    """
    groups = (fields_of(group) for group in fields.get("media:group", ()))
    for place in (fields, *groups):
        for element in place.get("media:description", ()):
            if text := "".join(element.itertext()).strip():
                is_html = (element.get("type") or "").strip().lower() in {"html", "text/html"}
                return text, "text/html" if is_html else "text/plain"
    return None


def _body_type(body: Element) -> str:
    kind = (body.get("type") or ("text" if local(body) == "content" else "html")).lower()
    return {"text": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}.get(kind, kind)


def _ttl(fields: Fields) -> timedelta | None:
    """How long the feed asks to be left alone: RSS `ttl` in minutes, else the syndication module's period."""
    minutes = count_of(raw(fields, "rss:ttl"))
    if minutes:
        return timedelta(minutes=minutes)
    return update_every(fields)


def _kind(element: Element, url: str) -> ComponentKind:
    if local(element) in {"thumbnail", "image"}:
        return ComponentKind.IMAGE
    return kind_of(element.get("medium") or element.get("type") or "", url)
