"""What sloppy writers get wrong about XML, put right where it is plain what they meant.

Each of these would cost the strict reading, and with it the evidence of rights and sources.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5

_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_STRAY_AMPERSAND = re.compile(
    rb"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z))|&(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)",
    re.DOTALL,
)
_OWN_ENTITY = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(amp|lt|gt|quot|apos);", re.DOTALL)
_NUMBERS = {b"amp": b"&#38;", b"lt": b"&#60;", b"gt": b"&#62;", b"quot": b"&#34;", b"apos": b"&#39;"}
_ROOT_TAG = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:rss|RDF|feed)(?=[\s>])")
_USUAL_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_OTHERS = (
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://purl.org/atompub/tombstones/1.0",
    "http://purl.org/syndication/history/1.0",
    "http://backend.userland.com/rss",
    "http://backend.userland.com/rss2",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://www.w3.org/2007/app",
)
_DECLARED = re.compile(rb"""(\sxmlns(?::[\w.-]+)?\s*=\s*)(["'])([^"'<>]{0,200})\2""")
# Nothing in it can match in two ways: what stands before the root is a stranger's.
_FEED_ROOT = re.compile(
    rb"(?:\s|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^>\[]*>)*<(feed|rss)((?:\s[^>]*)?)>", re.DOTALL
)
_DEFAULT = re.compile(rb"""\sxmlns\s*=\s*(["'])([^"']*)\1""")
_HEAD = 16_000
"""Bytes in which namespaces are declared, but by those who declare them at each item."""
_HINTS = (b"w3.org/2005/", b"purl.org/", b"yahoo.com/mrss", b"itunes.com/", b"podcastindex.org/", b"userland.com/")
_ATOM = b"http://www.w3.org/2005/Atom"


class CutOffError(Exception):
    """The document ends before its first item does."""


def named_rightly(data: bytes) -> bytes:
    """The document with its namespaces spelt as everybody else spells them: `https:`, other case, a slash too many.

    A root `feed` without a namespace, or in one that is nobody's, is Atom; a root `rss` in nobody's has none.
    """
    head = data[:_HEAD]
    if any(hint in head for hint in _HINTS):
        # What declares a namespace ends before the tag does: to look further than the last one takes most of the time.
        end = head.find(b">", head.rfind(b"xmlns")) if b"xmlns" in head else 0
        declaring = head if end < 0 else head[:end]
        better = _DECLARED.sub(_respelt, declaring)
        if better != declaring:
            data = better + data[len(declaring) :]
    root = _FEED_ROOT.match(head)
    if root is not None:
        namespace = _DEFAULT.search(root[2])
        meant = _ATOM if root[1] == b"feed" else b""
        if namespace is None and meant:
            return data[: root.start(2)] + b' xmlns="' + meant + b'"' + data[root.start(2) :]
        if namespace is not None and (not namespace[2].strip() or _folded(namespace[2]) not in _SPELT):
            at = root.start(2) + namespace.start(2)
            return data[:at] + meant + data[at + len(namespace[2]) :]
    return data


def _folded(uri: bytes) -> bytes:
    return re.sub(rb"^https?://(?:www\.)?", b"", uri.strip().lower()).rstrip(b"/#")


_SPELT = {_folded(uri.encode()): uri.encode() for uri in (*_USUAL_PREFIXES.values(), *_OTHERS)}


def _respelt(match: re.Match[bytes]) -> bytes:
    return match[1] + match[2] + _SPELT.get(_folded(match[3]), match[3]) + match[2]


def _with_entities(data: bytes, error: str) -> bytes | None:
    better = _NAMED.sub(_numeric, data) if "ntity" in error else data
    return better if better != data else None


def _with_ampersands(data: bytes, error: str) -> bytes | None:
    better = _STRAY_AMPERSAND.sub(lambda match: match[1] or b"&amp;", data) if "ntity" in error else data
    return better if better != data else None


def _with_prefixes(data: bytes, error: str) -> bytes | None:
    """The document with the prefixes bound that everybody binds to the same namespace, where it forgot to."""
    root = _ROOT_TAG.search(data)
    if root is None or "prefix" not in error:
        return None
    head = data[root.start() : data.find(b">", root.start())]
    missing = [
        f' xmlns:{prefix}="{uri}"'.encode()
        for prefix, uri in _USUAL_PREFIXES.items()
        if f"<{prefix}:".encode() in data and f"xmlns:{prefix}=".encode() not in head
    ]
    return data[: root.end()] + b"".join(missing) + data[root.end() :] if missing else None


MENDERS: tuple[tuple[Callable[[bytes, str], bytes | None], str], ...] = (
    (_with_entities, "uses HTML entities that XML does not know; read as characters"),
    (_with_ampersands, "has ampersands that are not escaped; read as such"),
    (_with_prefixes, "uses namespace prefixes without binding them; read as they are usually meant"),
)


def with_characters(data: bytes) -> bytes:
    """The document with HTML's named characters as numbers."""
    return _NAMED.sub(_numeric, data)


def with_numbers(data: bytes) -> bytes:
    """The document with XML's own entities as numbers: libxml2 drops `&amp;` after the first error that it forgives."""
    return _OWN_ENTITY.sub(lambda match: match[1] or _NUMBERS[match[2]], data)


def _numeric(match: re.Match[bytes]) -> bytes:
    if match[1] in _XML_ENTITIES:
        return match[0]
    known = html5.get(f"{match[1].decode('ascii')};")
    return match[0] if known is None else "".join(f"&#{ord(char)};" for char in known).encode("ascii")


def without_torn_end(data: bytes) -> bytes | None:
    """The document up to its last whole item, closed; None unless its end is missing."""
    start = re.search(rb"<([A-Za-z][\w.-]*:)?(rss|RDF|feed)[\s>]", data)
    if start is None:
        return None
    name = (start[1] or b"") + start[2]
    if re.search(rb"</" + re.escape(name) + rb"\s*>", data[-200_000:]):
        return None
    ends = [match.end() for match in re.finditer(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", data)]
    if not ends:
        raise CutOffError
    closing = b"</channel></rss>" if start[2] == b"rss" else b"</" + name + b">"
    return data[: ends[-1]] + closing
