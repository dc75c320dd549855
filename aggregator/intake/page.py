"""What a web page says of the feeds of its site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

BODY_BYTES_MAX = 2_000_000
"""Of a page; what comes after is not looked at. Links to feeds stand in the head."""
LINKS_MAX = 50
"""That one page may name."""
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

    Args:
        body: as it came; only the first `BODY_BYTES_MAX` bytes are read.
        content_type: as sent, with its charset.
        url: of the page: the base of relative links unless it names another.
    """
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    tree = _tree(body[:BODY_BYTES_MAX], charset[1] if charset else None)
    if tree is None:
        return ()
    named = tree.find(".//base[@href]")
    base = _absolute(named.get("href"), url) if named is not None else None
    found: dict[str, FeedLink] = {}
    for link in (*_links(tree, base or url), *_anchors(tree, base or url)):
        found.setdefault(link.url, link)
        if len(found) >= LINKS_MAX:
            break
    return tuple(sorted(found.values(), key=lambda link: (link.how != "link in the page", link.type in _VAGUE)))


def common_paths(url: str) -> tuple[FeedLink, ...]:
    """Addresses at which the site of a page may have a feed."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    here = urljoin(url, ".")
    roots = dict.fromkeys([here, root] if here != root and here.count("/") <= 4 else [root])
    paths = [urljoin(start, path) for start in roots for path in _PATHS]
    return tuple(FeedLink(url=path, how="common path") for path in paths)


def _tree(body: bytes, charset: str | None) -> Any:
    """The page, as far as it can be read; None: not at all. Nothing is ever fetched for it."""
    for encoding in dict.fromkeys((charset, None)):
        try:
            parser = etree.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, remove_comments=True)
            return etree.fromstring(body, parser)
        except (LookupError, ValueError, etree.LxmlError):  # an encoding that nobody knows; nothing in it
            continue
    return None


def _links(tree: Any, base: str) -> Iterator[FeedLink]:
    for element in tree.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        type_ = (element.get("type") or "").partition(";")[0].strip().lower()
        if "feed" not in relations and ("alternate" not in relations or type_ not in TYPES):
            continue
        if type_ == "application/json" and "feed" not in relations and not _hints(element):
            continue  # the API description that every site of one big system names
        address = _absolute(element.get("href"), base)
        if address is not None:
            title = " ".join((element.get("title") or "").split())[:200]
            yield FeedLink(url=address, title=title or None, type=type_ or None, how="link in the page")


def _hints(element: Any) -> bool:
    return "feed" in f"{element.get('title')} {element.get('href')}".lower()


def _anchors(tree: Any, base: str) -> Iterator[FeedLink]:
    for element in tree.iter("a"):
        href = (element.get("href") or "").strip()
        type_ = (element.get("type") or "").partition(";")[0].strip().lower()
        if type_ in TYPES - _VAGUE or _LIKE_A_FEED.search(href[:URL_CHARS_MAX]):
            address = _absolute(href, base)
            if address is not None:
                title = " ".join("".join(element.itertext()).split())[:200]
                yield FeedLink(url=address, title=title or None, type=type_ or None, how="address in the page")


def _absolute(href: str | None, base: str) -> str | None:
    """An http(s) address; None for anything else (P8)."""
    written = (href or "").strip()
    if written.lower().startswith("feed:"):
        rest = written[5:]
        written = rest if rest.lower().startswith("http") else f"http:{rest}"
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
