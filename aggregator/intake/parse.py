"""One document to entries: the only file that knows feedparser.

feedparser reads the texts, with its own sanitising and URL resolution off (half the time, and neither is safe); an lxml
pass over the same bytes bounds what it sees, leaves out what is known, and reads what decides about rights.
"""

from __future__ import annotations

import io
import re
import warnings as python_warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from aggregator.intake import jsonfeed
from aggregator.intake.assemble import Draft, assemble, passes_for_full
from aggregator.intake.carriers import Reader
from aggregator.intake.claims import FeedClaims, ItemClaims
from aggregator.intake.clean import clean_html, clean_text, clean_url, escape_paragraphs
from aggregator.intake.document import (
    Document,
    RefusedError,
    bound_fields,
    bound_topics,
    drop_echoes,
    legal,
    lift,
    lifted_text,
    lighten,
    local,
    namespace,
    read,
    strip_to_texts,
)
from aggregator.intake.elements import language_tag, person_name
from aggregator.intake.encoding import as_utf8, read_bytes
from aggregator.intake.instants import read_instant
from aggregator.intake.plain import Texts, may_be_plain, read_plainly
from aggregator.intake.prune import digests, namesakes, prune, serialised
from aggregator.intake.twins import Apart, told_apart
from aggregator.model.entry import Author, Level, Link, Notice, NoticeKind
from aggregator.model.parsed import FeedFacts, ParsedEntry, ParsedFeed, ParseFailed, ParseRequest

WARNINGS_MAX = 20
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_WIDE_BYTES = 64
"""Bytes in which a document in UTF-16 or UTF-32 shows its NULs."""
_UTF8 = {"content-type": "application/xml; charset=utf-8"}
_HTML_START = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|script|div|meta)\b", re.IGNORECASE | re.DOTALL
)
# What a broken script prints before the feed: XML has its declaration at the very start or not at all.
_JUNK = re.compile(
    rb"(?!\s*<(?:!doctype\s|\?xml\s|html|rss|feed|rdf:))\s*[^\s\0](?:(?!<(?:rss|feed|rdf:|html)).){0,4000}?(?=<\?xml\s)",
    re.I | re.S,
)
_END_OF_VOID = re.compile(r"</(?:br|hr|img|source|wbr|col|input|meta|link|area|base|embed|param)\s*>", re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


class _StumbledError(RefusedError):
    """feedparser raised an exception."""


class _MiscountError(Exception):
    """feedparser sees another number of items than the tree has."""


def parse(request: ParseRequest) -> ParsedFeed | ParseFailed:
    """What a document says, as clean values.

    Total: whatever the bytes are, it answers with a value. A document that is not a feed deletes nothing (R11).
    """
    try:
        return _parse(request)
    except RefusedError as refused:
        return ParseFailed(source=request.source, detail=str(refused))
    except Exception as error:  # R16: whatever one feed does to a parser stays with that feed, and is said
        detail = " ".join(str(error).split())[:200]
        return ParseFailed(source=request.source, detail=f"cannot be read: {type(error).__name__}: {detail}")


def _parse(request: ParseRequest, warnings: Sequence[str] = ()) -> ParsedFeed:
    body = request.body
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise RefusedError("answered with nothing")
    if (junk := _JUNK.match(body)) is not None:
        return _parse(
            replace(request, body=body[junk.end() :]), ["something stood before the document; it was left out"]
        )
    if b"\0" not in body[:_WIDE_BYTES]:  # half of a character of UTF-16 must not be taken off
        body = body.lstrip(b" \t\r\n")
    read_whole, _, is_utf8 = read_bytes(body, request.content_type)
    text = read_whole.lstrip("\ufeff \t\r\n\0")
    if text[:1] == "{" or (text[:1] == "[" and "json" in (request.content_type or "")):
        return jsonfeed.parse(text, request)
    data = as_utf8(text, body if is_utf8 and len(text) == len(read_whole) else None)
    if _HTML_START.match(data):
        raise RefusedError("answered with HTML; run 'aggregator sources discover'")
    data = legal(data)
    if b"<" not in data[:4_096]:
        raise RefusedError("answered with something that is not a feed")
    document = read(data, request.limits)
    if document is None:
        return _without_tree(data, request)
    document.warnings[:0] = warnings
    try:
        return _with_tree(document, request)
    except _MiscountError:
        again = read(data, request.limits)
        assert again is not None  # noqa: S101  it was read before
        return _with_tree(again, request, sparing=False)


def _with_tree(document: Document, request: ParseRequest, *, sparing: bool = True) -> ParsedFeed:
    """The feed, as tree and feedparser give it. Raises `_MiscountError` where the two do not see the same items.

    Args:
        sparing: whether feedparser is spared what the tree says beyond doubt.
    """
    address = clean_url(request.content_location, request.url) or request.url
    reader = Reader(document, address, request.limits, document.warnings)
    feed = reader.feed()
    found = digests(document, address)
    # An item beside its tombstone is read again: whether it is newer decides (ruling 17). So are those that share a
    # name with one that is new: which of them it is, all of them tell together.
    wanted = frozenset(stone.ref for stone in feed.tombstones)
    kept = prune(document, found, request.known, wanted, namesakes(document, found, request.known))
    # lxml makes an element's object anew whenever it is asked for one that nobody holds: all readings ask for these.
    held = [list(item) for item in document.items]
    drop_echoes(document)
    bound_topics(document)
    bound_fields(document, [*_feed_elements(document), *document.items], request.limits)
    entries, claims, version = _texts_and_claims(document, reader, feed, sparing=sparing)
    if not entries and not found and not version and local(document.root) == "channel":
        raise RefusedError("answered with XML that is not a feed (root element 'channel')")
    del held
    matched = _matched(entries[: request.limits.entries], claims, document, feed, request)
    read_entries = [
        _entry(entry, claim, feed, request, found[kept[position]] if position is not None else "", document.warnings)
        for entry, claim, position in matched
    ]
    apart = told_apart(read_entries, document.warnings, is_atom=feed.is_atom)
    ids = {position: entry_id for (_, _, position), entry_id in zip(matched, apart.ids, strict=True)}
    places = {at: place for place, at in enumerate(kept)}
    items = [(digest, ids.get(places[at], "") if at in places else "") for at, digest in enumerate(found)]
    items += [("", entry_id) for entry_id, (_, _, position) in zip(apart.ids, matched, strict=True) if position is None]
    return _answer(
        request,
        feed,
        _format(document, version),
        apart,
        items,
        document.warnings,
        complete=document.strict and not document.truncated and not document.is_part,
    )


def _texts_and_claims(
    document: Document, reader: Reader, feed: FeedClaims, *, sparing: bool
) -> tuple[list[Any], list[ItemClaims], str]:
    """The entries' texts, the claims of each item, and the version that feedparser gives, if it was asked."""
    items = document.items
    plainly: list[Texts | None] = [None] * len(items)
    if sparing and may_be_plain(document):
        plainly = [read_plainly(item, _FeedParserMixin.looks_like_html) for item in items]
    others = [item for item, texts in zip(items, plainly, strict=True) if texts is None]
    lifted = lift(document, others)
    claims = [reader.item(item, feed) for item in items]
    if not others and document.kind != "other":
        return list(plainly), claims, ""
    for item, texts in zip(items, plainly, strict=True):
        if texts is not None:
            item.getparent().remove(item)
            document.changed = True
    if sparing:
        lighten(document, others)
    found = _feedparser_of(document)
    entries = list(found.entries)
    _put_back(entries, lifted)
    if len(others) < len(items):
        if len(entries) != len(others):
            raise _MiscountError
        rest = iter(entries)
        entries = [next(rest) if texts is None else texts for texts in plainly]
    return entries, claims, found.version


def _put_back(entries: list[Any], lifted: dict[str, str]) -> None:
    for entry in entries:
        if (token := _get(entry, "summary")) in lifted:
            entry["summary"] = lifted_text(lifted[token])
        for part in _get(entry, "content") or ():
            if (token := part.get("value")) in lifted:
                part["value"], part["raw"] = lifted_text(lifted[token]), token


def _feed_elements(document: Document) -> list[Any]:
    return [document.root, *(child for child in document.root if local(child) == "channel")]


def _answer(
    request: ParseRequest,
    feed: FeedClaims,
    form: str,
    apart: Apart,
    items: list[tuple[str, str]],
    warnings: list[str],
    *,
    complete: bool = True,
) -> ParsedFeed:
    facts = FeedFacts(
        format=form,
        title=feed.title,
        url=feed.url,
        feed_id=feed.feed_id,
        language=feed.language,
        rights=feed.rights,
        ttl=feed.ttl,
        wishes=feed.wishes,
        complete=feed.complete and complete,
        earlier=feed.earlier,
        hubs=feed.hubs,
        topic=feed.topic,
        twins=apart.twins,
    )
    return ParsedFeed(
        source=request.source,
        feed=facts,
        entries=apart.entries,
        items=tuple(items),
        tombstones=feed.tombstones,
        warnings=tuple(dict.fromkeys(warnings))[:WARNINGS_MAX],
    )


def _format(document: Document, version: str) -> str:
    """feedparser's name of the format, told from the root where that is plain, whether or not feedparser was asked."""
    root = document.root
    if root.tag == "rss":
        given = root.get("version", "")
        return "rss20" if given.startswith("2.") else _RSS_VERSIONS.get(given, "rss")
    if local(root) == "channel":
        return "rss11" if namespace(root) == "http://purl.org/net/rss1.1#" else "cdf"
    if version:
        return version
    if local(root) == "rdf":
        return "rss10"
    return "atom10" if "2005/Atom" in str(root.tag) else "atom"


def _feedparser(data: bytes) -> Any:
    """feedparser's reading. Raises `_StumbledError` whatever it raises, and it raises all sorts of exceptions."""
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")  # its own deprecations, of no use to the feed's operator
        try:
            return feedparser.parse(
                io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False, response_headers=_UTF8
            )
        except Exception as error:
            raise _StumbledError(f"feedparser stumbles over it ({type(error).__name__})") from error


def _feedparser_of(document: Document) -> Any:
    """What feedparser reads of the document; where it stumbles, what it reads of the texts alone.

    Most often it is over an element that no text needs: an unbound licence, a number that is none.
    """
    try:
        return _feedparser(serialised(document))
    except _StumbledError as stumbled:
        document.warnings.append(f"{stumbled}; only texts, dates and links were read")
        strip_to_texts(document)
        return _feedparser(serialised(document))


def _matched(
    entries: list[Any], claims: list[ItemClaims], document: Document, feed: FeedClaims, request: ParseRequest
) -> list[tuple[Any, ItemClaims, int | None]]:
    """Each of feedparser's entries with what its element says, by position; by id or link where the counts differ."""
    if len(entries) == len(claims):
        return [(entry, claim, position) for position, (entry, claim) in enumerate(zip(entries, claims, strict=True))]
    by_name: dict[str, int] = {}
    for position, claim in enumerate(claims):
        for name in (claim.url, claim.id):
            if name:
                by_name[name] = position
    matched: list[tuple[Any, ItemClaims, int | None]] = []
    used: set[int] = set()
    for entry in entries:
        at = by_name.get(_get(entry, "id") or "", by_name.get(_get(entry, "link") or ""))
        if at is None or at in used:
            matched.append((entry, _claims_of(entry, feed, request), None))
        else:
            used.add(at)
            matched.append((entry, claims[at], at))
    lost = sum(1 for _, _, at in matched if at is None)
    if lost:
        document.warnings.append(f"{lost} items are torn: their marks of licence and source may be missing")
    return matched


def _without_tree(data: bytes, request: ParseRequest) -> ParsedFeed:
    """What feedparser alone can make of it: better than silence, and said in a warning."""
    texts = _feedparser(data)
    if not texts.version and not texts.entries:
        raise RefusedError("answered with something that is not a feed")
    about = texts.feed
    feed = FeedClaims(
        title=clean_text(_get(about, "title"), markup=True) or None,
        url=clean_url(_get(about, "link"), request.url),
        feed_id=_get(about, "id"),
        language=language_tag(_get(about, "language")),
        rights=clean_text(_get(about, "rights"), markup=True) or None,
    )
    warnings = ["not well-formed XML: marks of licence and source may be missing"]
    entries = [
        _entry(entry, _claims_of(entry, feed, request), feed, request, "", warnings)
        for entry in texts.entries[: request.limits.entries]
    ]
    apart = told_apart(entries, warnings, is_atom=(texts.version or "").startswith("atom"))
    items = [("", entry_id) for entry_id in apart.ids]
    return _answer(request, feed, texts.version or "", apart, items, warnings, complete=False)


def _claims_of(entry: Any, feed: FeedClaims, request: ParseRequest) -> ItemClaims:
    """The claims of an item that has no element of its own: what feedparser kept of them."""
    base = feed.url or request.url
    links, notices = [], list(feed.notices)
    for link in entry.get("links", ()):
        href, rel = clean_url(link.get("href"), base), clean_text(link.get("rel"), 100).lower() or "alternate"
        if href is not None:
            links.append(Link(rel=rel, href=href, type=link.get("type")))
            if rel == "license":
                notices.append(
                    Notice(kind=NoticeKind.LICENCE, level=Level.ENTRY, value=href, carrier="atom:link rel=license")
                )
    if rights := clean_text(_get(entry, "rights"), markup=True):
        notices.append(Notice(kind=NoticeKind.RIGHTS, level=Level.ENTRY, value=rights, carrier="atom:rights"))
    url = clean_url(_get(entry, "link"), base)
    return ItemClaims(
        id=_get(entry, "id"),
        url=url,
        links=tuple(links),
        base=url or base,
        language=feed.language,
        has_body=bool(_get(entry, "content")),
        has_summary=bool(_get(entry, "summary")),
        notices=tuple(notices),
    )


def _get(entry: Any, key: str) -> Any:
    """feedparser's own value: its dictionary answers a missing key with another one's value."""
    return dict.get(entry, key)


def _entry(
    entry: Any, claims: ItemClaims, feed: FeedClaims, request: ParseRequest, digest: str, warnings: list[str]
) -> ParsedEntry:
    limits = request.limits
    detail = _get(entry, "title_detail") or {}
    body = _body(entry, claims, limits.field)
    summary = _summary(entry, claims, limits.field)
    if body is None and summary and not claims.is_part and not _is_atom(feed, entry) and passes_for_full(summary):
        body, summary = summary, None
    published, updated = claims.published_at, claims.updated_at
    if digest == "" and published is None and updated is None:
        published, updated = _feedparsers_dates(entry, is_atom=_is_atom(feed, entry))
    draft = Draft(
        id=claims.id,
        title=clean_text(_get(entry, "title"), markup=detail.get("type") in _HTML_TYPES),
        url=claims.url,
        authors=_authors(entry, claims, limits.per_entry + 1),
        categories=_categories(entry, limits.per_entry),
        published_at=published,
        updated_at=updated,
        body=body,
        summary=summary if summary != body else None,
        claims=claims,
        digest=digest,
    )
    return assemble(draft, feed, request, warnings)


def _feedparsers_dates(entry: Any, *, is_atom: bool) -> tuple[datetime | None, datetime | None]:
    """(published, updated) of an item whose element could not be read, or has not been told apart."""
    published, updated, created = (read_instant(_get(entry, name)) for name in ("published", "updated", "created"))
    published = published or created
    return (updated, None) if published is None and not is_atom else (published, updated)


def _is_atom(feed: FeedClaims, entry: Any) -> bool:
    detail = _get(entry, "summary_detail") or {}
    return feed.is_atom or detail.get("type") == "application/xhtml+xml"


def _body(entry: Any, claims: ItemClaims, field_max: int) -> str | None:
    """The full text, where an element of the item carries one.

    feedparser also keeps a second description as content: it is told apart by what the element holds.
    """
    contents = _get(entry, "content") or []
    if not claims.has_body or not contents:
        return None
    raw = (claims.body_raw or "").strip()
    same = [part for part in contents if raw and raw in (part.get("raw"), part.get("value"))]
    chosen = next((part for part in same if part.get("type") == claims.body_type), None) or next(iter(same), None)
    if chosen is None:
        chosen = max(contents, key=lambda part: len(part.get("value") or ""))
    return _html(chosen.get("value"), chosen, claims.base, field_max)


def _summary(entry: Any, claims: ItemClaims, field_max: int) -> str | None:
    """The item's own summary; where it has no text at all, what it says of its media."""
    if claims.has_summary:
        detail = _get(entry, "summary_detail")
        return _html(_get(entry, "summary"), detail, claims.summary_base or claims.base, field_max)
    if claims.described is None:
        return None
    text, kind = claims.described
    return _html(text, {"type": kind}, claims.base, field_max)


def _html(value: str | None, detail: Any, base: str | None, field_max: int) -> str | None:
    """A text as safe HTML, by its declared type; None where there is none, or one that is no text."""
    if not value or len(value) > field_max:
        return None
    kind = (detail or {}).get("type") or "text/html"
    if kind == "text/plain":
        return escape_paragraphs(value) or None
    if kind not in _HTML_TYPES:
        return None
    if kind == "application/xhtml+xml":
        # feedparser writes `<br></br>` for `<br/>`; HTML reads that as two.
        value = _END_OF_VOID.sub("", value)
    return clean_html(value, base) or None


def _authors(entry: Any, claims: ItemClaims, count: int) -> tuple[Author, ...]:
    """As the item's elements name them; where it has none, as feedparser does."""
    if claims.authors is not None:
        return claims.authors
    found: dict[str, Author] = {}
    for person in (_get(entry, "authors") or [])[:count]:
        name = person_name(person.get("name") or person.get("email"))
        if name:
            found.setdefault(name.casefold(), Author(name=name, url=clean_url(person.get("href"))))
    return tuple(found.values())


def _categories(entry: Any, count: int) -> tuple[str, ...]:
    names = [tag.get("label") or tag.get("term") or "" for tag in (_get(entry, "tags") or [])[:count]]
    found = [(_short_category if len(name) <= _SHORT else _category)(name) for name in names]
    return tuple(dict.fromkeys(filter(None, found)))


def _category(name: str) -> str:
    return clean_text(name, 200, markup=True)


_SHORT = 60
"""Characters of a category that is worth remembering."""
_short_category = lru_cache(maxsize=512)(_category)  # a feed has few, and says each of them often
