"""JSON Feed 1.0 and 1.1. Wrong types cost the field, not the feed.

The format has no element for rights or source; `external_url` names what an item is about, and a `_rights` extension is
evidence and no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from math import inf
from typing import Any

from aggregator.intake.assemble import Draft, assemble
from aggregator.intake.claims import HUBS_MAX, FeedClaims, ItemClaims
from aggregator.intake.clean import clean_html, clean_text, clean_url, escape_paragraphs, strip_illegal
from aggregator.intake.components import kind_of
from aggregator.intake.document import RefusedError
from aggregator.intake.elements import language_tag
from aggregator.intake.instants import read_instant
from aggregator.intake.json_rights import read_rights
from aggregator.intake.phrases import forbids
from aggregator.intake.prune import READER
from aggregator.intake.twins import told_apart
from aggregator.model.entry import Author, Component, ComponentKind, Level, Link, Notice, NoticeKind
from aggregator.model.parsed import FeedFacts, ParsedEntry, ParsedFeed, ParseRequest

_VERSIONS = {"1": "json1", "1.0": "json1", "1.1": "json11"}
_DIGITS_MAX = 40
_VALUE_MAX = 1_000
_LASTING = ("version", "title", "home_page_url", "feed_url", "author", "authors", "language", "_rights")


def parse(text: str, request: ParseRequest) -> ParsedFeed:
    """The document, as text, as a feed. Raises `RefusedError` where it is none."""
    warnings: list[str] = []
    document = _load(text)
    raw_items = document.get("items")
    version = str(document.get("version") or "")
    if "jsonfeed.org" not in version and not isinstance(raw_items, list):
        raise RefusedError("answered with JSON that is not a JSON Feed")
    if not isinstance(raw_items, list):
        raise RefusedError("'items' is not a list: not a JSON Feed")
    if len(raw_items) > request.limits.entries:
        warnings.append(f"has {len(raw_items)} items; only the first {request.limits.entries} were read")
    feed = _feed(document, request)
    inherited = json.dumps([READER, request.url, [document.get(key) for key in _LASTING]], sort_keys=True)
    raws = [raw for raw in raw_items[: request.limits.entries] if isinstance(raw, dict)]
    digests = [
        blake2b((inherited + json.dumps(raw, sort_keys=True)).encode(), digest_size=16).hexdigest() for raw in raws
    ]
    new = {_name(raw) for raw, digest in zip(raws, digests, strict=True) if digest not in request.known}
    entries: list[ParsedEntry] = []
    read: list[int] = []
    for place, (raw, digest) in enumerate(zip(raws, digests, strict=True)):
        if digest not in request.known or (_name(raw) and _name(raw) in new):
            entries.append(assemble(_draft(raw, feed, request, digest, warnings), feed, request, warnings))
            read.append(place)
    if len(raws) < len(raw_items[: request.limits.entries]):
        warnings.append("an item is no object; it was left out")
    apart = told_apart(entries, warnings, is_atom=False)
    ids = dict(zip(read, apart.ids, strict=True))
    items = [(digest, ids.get(place, "")) for place, digest in enumerate(digests)]
    facts = FeedFacts(
        format=_VERSIONS.get(version.rstrip("/").rpartition("/")[2], "json"),
        title=feed.title,
        url=feed.url,
        language=feed.language,
        rights=feed.rights,
        earlier=clean_url(_only_text(document.get("next_url")), request.url),
        hubs=_hubs(document, request),
        topic=feed.self_url,
        twins=apart.twins,
    )
    return ParsedFeed(
        source=request.source,
        feed=facts,
        entries=apart.entries,
        items=tuple(items),
        warnings=tuple(dict.fromkeys(warnings))[:20],
    )


def _name(raw: dict[str, Any]) -> str:
    """The item's id as written, else its address."""
    return _text(raw.get("id")).strip() or _only_text(raw.get("url")).strip()


def _hubs(document: dict[str, Any], request: ParseRequest) -> tuple[str, ...]:
    """WebSub hubs among the feed's `hubs`; other kinds (rssCloud) speak another protocol."""
    hubs = document.get("hubs")
    found: dict[str, None] = {}
    for hub in hubs[:20] if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and str(hub.get("type")).lower() == "websub":
            address = clean_url(_only_text(hub.get("url")), request.url)
            if address is not None:
                found[address] = None
    return tuple(found)[:HUBS_MAX]


def _load(text: str) -> dict[str, Any]:
    try:
        # Line breaks within texts, which JSON forbids and many a script writes, cost nobody anything.
        document = json.loads(text, strict=False, parse_int=_whole, parse_float=_number, parse_constant=lambda _: None)
    except RecursionError:
        raise RefusedError("its JSON nests too deep") from None
    except ValueError as error:
        raise RefusedError(f"answered with JSON that cannot be read: {' '.join(str(error).split())[:120]}") from None
    if not isinstance(document, dict):
        raise RefusedError("answered with JSON that is not a JSON Feed")
    return document


def _whole(digits: str) -> int | str:
    """A number without a point; one of a length that nobody counts to is the name that it stands for."""
    return int(digits) if len(digits) <= _DIGITS_MAX else digits


def _number(text: str) -> float | int | None:
    value = float(text[:_VALUE_MAX])
    if value in (inf, -inf):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _feed(document: dict[str, Any], request: ParseRequest) -> FeedClaims:
    notices = tuple(_rights(document.get("_rights"), Level.FEED))
    return FeedClaims(
        title=clean_text(_text(document.get("title"))) or None,
        url=clean_url(_only_text(document.get("home_page_url")), request.url),
        self_url=clean_url(_only_text(document.get("feed_url")), request.url),
        language=language_tag(_text(document.get("language"))),
        rights=next((notice.value for notice in notices), None),
        notices=notices,
        authors=tuple(_authors(document, request.url, request.limits.per_entry)),
        is_atom=False,
    )


def _draft(raw: dict[str, Any], feed: FeedClaims, request: ParseRequest, digest: str, warnings: list[str]) -> Draft:
    field_max, near = request.limits.field, feed.url or request.url
    url = clean_url(_only_text(raw.get("url")), near)
    external = clean_url(_only_text(raw.get("external_url")), near)
    base = url or near
    body = _body(raw, base, field_max, warnings)
    summary = escape_paragraphs(_text(raw.get("summary"), field_max)) or None
    told = read_rights(raw.get("_rights"), near)
    if told.is_part and body is not None:
        # The format has one element for a whole text and for a part of it; a part is no full text (ruling 9).
        body, summary = None, body
    identifier = _text(raw.get("id")).strip()
    if not identifier:
        warnings.append("an item has no id; its link, else its text, stands for it")
    authors = tuple(_authors(raw, base, request.limits.per_entry + 1))
    links = [Link(rel="alternate", href=url)] if url else []
    links += [Link(rel="related", href=external)] if external and external != url else []
    links += told.links
    claims = ItemClaims(
        links=tuple(links),
        base=base,
        language=language_tag(_text(raw.get("language"))) or feed.language,
        has_body=body is not None,
        has_summary=summary is not None,
        notices=(*(told.notices or _rights(raw.get("_rights"), Level.ENTRY)), *feed.notices),
        components=_with_rights(tuple(_attachments(raw, base)), told.components),
        source=told.source,
        chain=told.chain[: request.limits.per_entry],
        is_part=told.is_part,
    )
    return Draft(
        id=identifier or None,
        title=clean_text(_text(raw.get("title"))),
        url=url,
        authors=authors or feed.authors,
        categories=_tags(raw.get("tags"), request.limits.per_entry),
        published_at=_date(raw, "date_published", warnings),
        updated_at=_date(raw, "date_modified", warnings),
        body=body,
        summary=summary,
        claims=claims,
        digest=digest,
    )


def _text(value: object, limit: int = 10_000) -> str:
    """A text, or what a sloppy writer puts in its place: a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = strip_illegal(str(value))
    return text if len(text) <= limit else ""


def _only_text(value: object) -> str:
    return _text(value) if isinstance(value, str) else ""


def _body(raw: dict[str, Any], base: str | None, field_max: int, warnings: list[str]) -> str | None:
    html, text = raw.get("content_html"), raw.get("content_text")
    for name, value in (("content_html", html), ("content_text", text)):
        if value is not None and not isinstance(value, str):
            warnings.append(f"'{name}' is no text; it was left out")
        elif value is not None and len(value) > field_max:
            warnings.append(f"a '{name}' of {len(value)} characters was left out")
    if isinstance(html, str) and (cleaned := clean_html(_text(html, field_max), base)):
        return cleaned
    return escape_paragraphs(_text(text, field_max)) or None if isinstance(text, str) else None


def _authors(raw: dict[str, Any], base: str | None, count: int) -> Iterator[Author]:
    for person in (_list(raw.get("authors")) or _list(raw.get("author")))[:count]:
        given = person if isinstance(person, dict) else {"name": person}
        name = clean_text(_text(given.get("name")), 300)
        if name:
            yield Author(name=name, url=clean_url(_only_text(given.get("url")), base))


def _tags(raw: object, count: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for tag in _list(raw)[:count] if (name := clean_text(_text(tag), 200))))


def _list(raw: object) -> list[Any]:
    """A list, or the one thing that stands in place of a list of one."""
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


def _attachments(raw: dict[str, Any], base: str | None) -> Iterator[Component]:
    for key in ("image", "banner_image"):
        if url := clean_url(_only_text(raw.get(key)), base):
            yield Component(kind=ComponentKind.IMAGE, url=url, enclosed=True)
    for attachment in _list(raw.get("attachments")):
        if not isinstance(attachment, dict) or (url := clean_url(_only_text(attachment.get("url")), base)) is None:
            continue
        kind = clean_text(_only_text(attachment.get("mime_type")), 100).lower()
        size = attachment.get("size_in_bytes")
        yield Component(
            kind=kind_of(kind, url),
            url=url,
            type=kind or None,
            length=_length(size),
            title=clean_text(_text(attachment.get("title")), 300) or None,
            enclosed=True,
        )


def _with_rights(attached: tuple[Component, ...], told: tuple[Component, ...]) -> tuple[Component, ...]:
    """The attachments, each with whose it is, and what `_rights` says of pictures that stand in the text."""
    rights: dict[str, list[Component]] = {}
    for part in told:
        rights.setdefault(part.url, []).append(part)
    # What several say of one address is put together where the components of the texts are, too.
    named = (
        replace(part, credit=one.credit, licence=one.licence)
        for part in attached
        for one in rights.get(part.url, [part])
    )
    enclosed = {part.url for part in attached}
    return (*named, *(part for part in told if part.url not in enclosed))


def _length(size: object) -> int | None:
    if isinstance(size, str) and size.isascii() and size.isdigit() and len(size) < 16:
        size = int(size)
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**53 else None


def _rights(raw: object, level: Level) -> Iterator[Notice]:
    """A `_rights` extension as prose: what another aggregator decided is no word of the publisher's."""
    if raw is None:
        return
    text = clean_text(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, sort_keys=True), 1_000)
    if text:
        kind = NoticeKind.FORBID if forbids(text) else NoticeKind.RIGHTS
        yield Notice(kind=kind, level=level, value=text, carrier="json:_rights")


def _date(raw: dict[str, Any], name: str, warnings: list[str]) -> datetime | None:
    value = raw.get(name)
    if value is None or value == "":
        return None
    found = read_instant(str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value)
    if found is None:
        warnings.append(f"a '{name}' cannot be read as a date")
    return found
