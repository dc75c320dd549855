"""One document to entries: the only file that knows feedparser.

feedparser reads the texts, with its own sanitising and URL resolution off (half the time, and neither is safe); an lxml
pass over the same bytes bounds what it sees, leaves out what is known, and reads what decides about rights.
"""

from __future__ import annotations

import io
import re
import warnings as python_warnings
from datetime import UTC, datetime
from typing import Any

import feedparser
from dateutil import parser as dates
from feedparser.encodings import convert_to_utf8

from aggregator.intake import jsonfeed
from aggregator.intake.assemble import Draft, assemble, each_id_once, passes_for_full
from aggregator.intake.carriers import FeedClaims, ItemClaims, Reader, language_tag, person_name
from aggregator.intake.clean import clean_html, clean_text, clean_url, escape_paragraphs
from aggregator.intake.document import (
    Document,
    RefusedError,
    bound_fields,
    legal,
    lift,
    lifted_text,
    lighten,
    local,
    read,
)
from aggregator.intake.prune import digests, prune, serialised
from aggregator.model.entry import Author, Level, Link, Notice, NoticeKind
from aggregator.model.parsed import FeedFacts, ParsedEntry, ParsedFeed, ParseFailed, ParseRequest

WARNINGS_MAX = 20
_UTF8 = {"content-type": "application/xml; charset=utf-8"}
# Encodings that only Python has, or that hide ASCII from whoever looks for it (R15).
_FORBIDDEN_CHARSET = re.compile(
    r"utf-?7|utf_7|u7|idna|punycode|.*unicode_escape|raw.*|undefined|mbcs|oem|palmos|rot_?13|.*_codec", re.IGNORECASE
)
_DECLARED = re.compile(rb"""^(\s*<\?xml[^>]{0,200}?)\sencoding\s*=\s*["']([^"']{1,60})["']""")
_HTML_START = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|script|div|meta)\b", re.IGNORECASE | re.DOTALL
)
_END_OF_VOID = re.compile(r"</(?:br|hr|img|source|wbr|col|input|meta|link|area|base|embed|param)\s*>", re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_ZONES = {
    "EST": -18000,
    "EDT": -14400,
    "CST": -21600,
    "CDT": -18000,
    "MST": -25200,
    "MDT": -21600,
    "PST": -28800,
    "PDT": -25200,
}
_ZONES |= {"CET": 3600, "CEST": 7200, "MEZ": 3600, "MESZ": 7200, "BST": 3600, "MSK": 10800, "JST": 32400, "AEST": 36000}
_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001  only to see what a text leaves open


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


def _parse(request: ParseRequest) -> ParsedFeed:
    body = request.body
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise RefusedError("answered with nothing")
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{" or (start[:1] == b"[" and "json" in (request.content_type or "")):
        return jsonfeed.parse(request)
    if _HTML_START.match(start):
        raise RefusedError("answered with HTML; run 'aggregator sources discover'")
    data = legal(_utf8(request))
    if b"<" not in data[:4_096]:
        raise RefusedError("answered with something that is not a feed")
    document = read(data, request.limits)
    if document is None:
        return _without_tree(data, request)
    return _with_tree(document, request)


def _utf8(request: ParseRequest) -> bytes:
    """The body in UTF-8, by feedparser's rules for encodings that are declared wrongly, doubly or not at all."""
    body, content_type = request.body.lstrip(b" \t\r\n"), request.content_type or "application/xml"
    charset = re.search(r"charset\s*=\s*[\"']?([^\s;\"']+)", content_type, re.IGNORECASE)
    if charset is not None and _FORBIDDEN_CHARSET.fullmatch(charset[1]):
        content_type = content_type.partition(";")[0]
    declared = _DECLARED.match(body[:400])
    if declared is not None and _FORBIDDEN_CHARSET.fullmatch(declared[2].decode("latin-1")):
        body = declared[1] + body[declared.end() :]
    found: dict[str, Any] = {}
    data: bytes = convert_to_utf8({"content-type": content_type}, body, found)
    if not found.get("encoding"):
        raise RefusedError("its character encoding cannot be told")
    return data


def _with_tree(document: Document, request: ParseRequest) -> ParsedFeed:
    address = clean_url(request.content_location, request.url) or request.url
    reader = Reader(document, address, request.limits, document.warnings)
    feed = reader.feed()
    found = digests(document, address)
    # An item beside its tombstone is read again: whether it is newer decides (ruling 17).
    kept = prune(document, found, request.known, frozenset(stone.ref for stone in feed.tombstones))
    bound_fields(document, [*_feed_elements(document), *document.items], request.limits)
    lifted = lift(document)
    claims = [reader.item(item, feed) for item in document.items]
    lighten(document)
    texts = _feedparser(serialised(document)) if document.items or document.kind == "other" else None
    entries = [] if texts is None else texts.entries[: request.limits.entries]
    if lifted:
        _put_back(entries, lifted)
    version = texts.version if texts is not None else ""
    if not entries and not found and not version and local(document.root) == "channel":
        raise RefusedError("answered with XML that is not a feed (root element 'channel')")
    matched = _matched(entries, claims, document, feed, request)
    read_entries = [
        _entry(entry, claim, feed, request, found[kept[position]] if position is not None else "")
        for entry, claim, position in matched
    ]
    ids = dict(zip((p for _, _, p in matched), (e.entry.id for e in read_entries), strict=True))
    places = {at: place for place, at in enumerate(kept)}
    items = [(digest, ids.get(places[at], "") if at in places else "") for at, digest in enumerate(found)]
    items += [
        ("", entry.entry.id) for entry, (_, _, position) in zip(read_entries, matched, strict=True) if position is None
    ]
    return _answer(
        request,
        feed,
        _format(document, version),
        read_entries,
        items,
        document.warnings,
        complete=not document.truncated,
    )


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
    entries: list[ParsedEntry],
    items: list[tuple[str, str]],
    warnings: list[str],
    *,
    complete: bool = True,
) -> ParsedFeed:
    once = each_id_once(entries, warnings)
    facts = FeedFacts(
        format=form,
        title=feed.title,
        url=feed.url,
        feed_id=feed.feed_id,
        language=feed.language,
        rights=feed.rights,
        ttl=feed.ttl,
        complete=feed.complete and complete,
    )
    return ParsedFeed(
        source=request.source,
        feed=facts,
        entries=once,
        items=tuple(items),
        tombstones=feed.tombstones,
        warnings=tuple(dict.fromkeys(warnings))[:WARNINGS_MAX],
    )


def _format(document: Document, version: str) -> str:
    """feedparser's name of the format; where it read nothing, what the root says."""
    if version:
        return version
    root = document.root
    name = local(root)
    if name == "rss":
        return {"2.0": "rss20", "0.91": "rss091u", "0.92": "rss092"}.get(root.get("version", ""), "rss")
    if name == "rdf":
        return "rss10"
    return "atom10" if "2005/Atom" in str(root.tag) else "atom"


def _feedparser(data: bytes) -> Any:
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")  # its own deprecations, of no use to the feed's operator
        return feedparser.parse(
            io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False, response_headers=_UTF8
        )


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
        _entry(entry, _claims_of(entry, feed, request), feed, request, "")
        for entry in texts.entries[: request.limits.entries]
    ]
    items = [("", entry.entry.id) for entry in entries]
    return _answer(request, feed, texts.version or "", entries, items, warnings, complete=False)


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


def _entry(entry: Any, claims: ItemClaims, feed: FeedClaims, request: ParseRequest, digest: str) -> ParsedEntry:
    limits = request.limits
    detail = _get(entry, "title_detail") or {}
    body = _body(entry, claims, limits.field)
    summary = (
        _html(_get(entry, "summary"), _get(entry, "summary_detail"), claims.base, limits.field)
        if claims.has_summary
        else None
    )
    if body is None and summary and not _is_atom(feed, entry) and passes_for_full(summary):
        body, summary = summary, None
    published, updated = _instant(entry, "published"), _instant(entry, "updated")
    created = _instant(entry, "created")
    if published is None and created is None and not _is_atom(feed, entry):
        published, updated = updated, None
    draft = Draft(
        id=claims.id,
        title=clean_text(_get(entry, "title"), markup=detail.get("type") in _HTML_TYPES),
        url=claims.url,
        authors=_authors(entry, claims, limits.per_entry),
        categories=_categories(entry, limits.per_entry),
        published_at=published or created,
        updated_at=updated,
        body=body,
        summary=summary if summary != body else None,
        claims=claims,
        digest=digest,
    )
    return assemble(draft, feed, request)


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
    chosen = next((part for part in contents if raw and raw in (part.get("raw"), part.get("value"))), None)
    if chosen is None:
        chosen = max(contents, key=lambda part: len(part.get("value") or ""))
    return _html(chosen.get("value"), chosen, claims.base, field_max)


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
    found = [
        clean_text(tag.get("label") or tag.get("term"), 200, markup=True) for tag in (_get(entry, "tags") or [])[:count]
    ]
    return tuple(dict.fromkeys(name for name in found if name))


def _instant(entry: Any, name: str) -> datetime | None:
    """A date as the feed gives it, in UTC; None where it cannot be read. Never completed by guessing."""
    parsed = _get(entry, f"{name}_parsed")
    if parsed is not None:
        try:
            year, month, day, hour, minute, second = parsed[:6]
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except (ValueError, TypeError):
            return None
    return loose_instant(_get(entry, name))


def loose_instant(text: object) -> datetime | None:
    """A date in a form that feedparser does not know, where year, month and day are all there."""
    if not isinstance(text, str) or not 8 <= len(text) <= 60 or not re.search(r"\d{4}", text):
        return None
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            readings = [dates.parse(text, default=default, tzinfos=_ZONES) for default in _DEFAULTS]
    except (ValueError, OverflowError, TypeError):
        return None
    if readings[0] != readings[1]:
        return None
    found = readings[0] if readings[0].tzinfo is not None else readings[0].replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None
