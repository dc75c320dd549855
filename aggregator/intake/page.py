"""What a web page says of the feeds of its site."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from aggregator.intake.clean import clean_text

BODY_BYTES_MAX = 2_000_000
"""Of a page; what comes after is not looked at. Links to feeds stand in the head."""
LINKS_MAX = 50
"""That one page may name."""
TAGS_MAX = 20_000
TAG_CHARS_MAX = 4_000
URL_CHARS_MAX = 2_000
TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/x-rss+xml",
        "application/x-atom+xml",
        "application/xml",
        "text/xml",
        "text/rss+xml",
        "text/rss",
        "text/atom+xml",
        "application/json",
    }
)
"""Media types by which pages name feeds. `application/json` and the bare XML types are often something else: those are
asked last."""
_VAGUE = frozenset({"application/json", "application/xml", "text/xml"})
_PATHS = ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json", "feeds/posts/default")
"""Where feeds stand by the habits of the systems that most sites run on; asked only where a page names none."""
_LIKE_A_FEED = re.compile(
    r"(?:[./_=-]|\b)(?:rss2?|atom|feeds?|rdf)(?:\.(?:xml|json|php|rdf))?/?(?:$|[?#])|\.(?:rss|atom|rdf)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """An address that may be a feed's."""

    url: str
    """Absolute http(s)."""
    title: str | None = None
    type: str | None = None
    how: str
    """`link in the header`, `link in the page`, `address in the page`, `common path`."""


def looks_like_page(body: bytes, content_type: str | None) -> bool:
    """Whether an answer is HTML, whatever it is called."""
    start = body[:2_000].lower()
    return b"<html" in start or b"<!doctype html" in start or (content_type or "").lower().startswith("text/html")


def feed_links(body: bytes, content_type: str | None, url: str) -> tuple[FeedLink, ...]:
    """The feeds that a page names, in its order: `<link rel=alternate>` first, plain links that look like feeds after.

    Only the tags that can name a feed are looked at, each within `TAG_CHARS_MAX`: a tree of the page is not needed, and
    no parser that makes one is linear in what a stranger can write (libxml2 is quadratic in attributes).

    Args:
        body: as it came; only the first `BODY_BYTES_MAX` bytes are read.
        content_type: as sent, with its charset.
        url: of the page: the base of relative links unless it names another.
    """
    text = _without_scripts(_decoded(body[:BODY_BYTES_MAX], content_type))
    base = url
    links: list[FeedLink] = []
    for name, said, after in _tags(text):
        if name == "base":
            base = _absolute(said.get("href"), url) or base
        elif name == "link":
            links += _link(said, base)
        elif name == "a":
            links += _anchor(said, after, base)
    found: dict[str, FeedLink] = {}
    for link in sorted(links, key=lambda one: (one.how != "link in the page", one.type in _VAGUE)):
        found.setdefault(link.url, link)
    return tuple(found.values())[:LINKS_MAX]


def page_behind(body: bytes, content_type: str | None, url: str) -> str | None:
    """Where a page that is only a door leads: by `<meta http-equiv=refresh>`, else to its first frame, as a registrar's
    forwarding has it. None: it is no such page. Arguments as of `feed_links`."""
    framed: str | None = None
    for name, said, _ in _tags(_without_scripts(_decoded(body[:BODY_BYTES_MAX], content_type))):
        if name == "meta" and said.get("http-equiv", "").strip().lower() == "refresh":
            found = _REFRESH.fullmatch(said.get("content", "").strip())
            if found is not None and (address := _absolute(found[1].strip("\"' "), url)) is not None:
                return address
        elif name == "frame" and framed is None:
            framed = _absolute(said.get("src"), url)
    return framed


def common_paths(url: str) -> tuple[FeedLink, ...]:
    """Addresses at which the site of a page may have a feed."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    here = urljoin(url, ".")
    roots = dict.fromkeys([here, root] if here != root and here.count("/") <= 4 else [root])
    paths = [urljoin(start, path) for start in roots for path in _PATHS]
    return tuple(FeedLink(url=path, how="common path") for path in paths)


def _decoded(body: bytes, content_type: str | None) -> str:
    """The text by its declared encoding; addresses are ASCII, so a wrong guess only spoils titles."""
    declared = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type or "", re.IGNORECASE)
    meta = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", body[:4_000], re.IGNORECASE)
    for mark, wide in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(wide, "replace")
    names = [declared[1] if declared else None, meta[1].decode() if meta else None, "utf-8"]
    for name in filter(None, names):
        with contextlib.suppress(LookupError, UnicodeError):
            if codecs.lookup(name)._is_text_encoding:
                return body.decode(name, "strict" if name != "utf-8" else "replace")
    return body.decode("utf-8", "replace")


def _without_scripts(text: str) -> str:
    """The text without comments, scripts and styles: what stands there is no link."""
    kept, at = [], 0
    for found in _OPENS.finditer(text):
        if found.start() < at:
            continue
        kept.append(text[at : found.start()])
        end = "-->" if found[0] == "<!--" else f"</{found[1].lower()}"
        close = _find(text, end, found.end())
        at = len(text) if close < 0 else close + len(end)
    return "".join((*kept, text[at:]))


_OPENS = re.compile(r"<!--|<(script|style|template|noscript)\b", re.IGNORECASE)
_TAG = re.compile(r"<(link|a|base|meta|frame)(?=[\s/])", re.IGNORECASE)
_REFRESH = re.compile(r"[0-9]{0,3}(?:\.[0-9]*)?\s*[;,]\s*url\s*=\s*(.{1,2000})", re.IGNORECASE)
_SAYS_FEED = re.compile(r"\b(?:rss|atom)\b", re.IGNORECASE)
_WORDS_MAX = 40
"""Characters of a link that is for a feed: more is a sentence about one."""
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+)))?""")


def _find(text: str, wanted: str, start: int) -> int:
    """`find` without regard to case, and without a copy of the whole text."""
    if wanted == "-->":
        return text.find(wanted, start)
    found = re.compile(re.escape(wanted), re.IGNORECASE).search(text, start)
    return found.start() if found else -1


def _tags(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """(name, attributes, what follows it) of the tags that can name a feed."""
    for count, found in enumerate(_TAG.finditer(text)):
        if count >= TAGS_MAX:
            return
        window = text[found.end() : found.end() + TAG_CHARS_MAX]
        said: dict[str, str] = {}
        at = 0
        while (attribute := _ATTRIBUTE.match(window, at)) is not None:
            value = attribute[2] or attribute[3] or attribute[4] or ""
            said.setdefault(attribute[1].lower(), unescape(value))
            at = attribute.end()
        yield found[1].lower(), said, window[at : at + 400]


def _link(said: dict[str, str], base: str) -> Iterator[FeedLink]:
    relations = said.get("rel", "").lower().split()
    type_ = said.get("type", "").partition(";")[0].strip().lower()
    if "feed" not in relations and ("alternate" not in relations or type_ not in TYPES):
        return
    if type_ == "application/json" and "feed" not in relations and "feed" not in said.get("href", "").lower():
        return  # the API description that every site of one big system names
    address = _absolute(said.get("href"), base)
    if address is not None:
        yield FeedLink(url=address, title=_line(said.get("title", "")), type=type_ or None, how="link in the page")


def _anchor(said: dict[str, str], after: str, base: str) -> Iterator[FeedLink]:
    href = said.get("href", "").strip()
    type_ = said.get("type", "").partition(";")[0].strip().lower()
    text = _line(unescape(re.sub(r"<[^<>]*>", " ", after.partition(">")[2].partition("</a")[0])))
    says = text is not None and len(text) <= _WORDS_MAX and _SAYS_FEED.search(text)
    if says or type_ in TYPES - _VAGUE or _LIKE_A_FEED.search(href[:URL_CHARS_MAX]):
        address = _absolute(href, base)
        if address is not None:
            yield FeedLink(url=address, title=text, type=type_ or None, how="address in the page")


def _line(text: str) -> str | None:
    return clean_text(text[:TAG_CHARS_MAX], 200) or None


def without_feed_scheme(written: str) -> str:
    """An address as it is asked for: `feed://HOST` and `feed:https://HOST` are how pages and readers mark a feed's."""
    if written[:5].lower() != "feed:":
        return written
    rest = written[5:]
    return rest if rest.lower().startswith("http") else f"http:{rest}"


def _absolute(href: str | None, base: str) -> str | None:
    """An http(s) address; None for anything else (P8)."""
    written = without_feed_scheme((href or "").strip())
    if not written or len(written) > URL_CHARS_MAX:
        return None
    try:
        address = urljoin(base, written)
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return None
    clean = address.partition("#")[0].replace(" ", "%20")
    return clean if clean.isprintable() else None
