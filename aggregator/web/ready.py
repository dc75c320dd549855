"""A document as it is served: every coding made once, every header ready."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from dataclasses import field as field_
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import brotli
import zstandard
from multidict import CIMultiDict, CIMultiDictProxy

from aggregator.model.output import Format
from aggregator.publishing.licence import common_licence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aggregator.model.output import Document

CONTENT_TYPES: Mapping[Format, str] = {
    Format.RSS: "application/rss+xml; charset=utf-8",
    Format.ATOM: "application/atom+xml; charset=utf-8",
    Format.JSON: "application/feed+json; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
    Format.TEXT: "text/plain; charset=utf-8",
}

# Feeds are polled, so a cache may answer for a minute, and no longer: then a withdrawal has reached every reader. A
# cache on the way keeps it for half of that, so that what it hands on may be used for a while. Nothing stale is to be
# served, neither while it is fetched anew nor where we are down.
CACHE_CONTROL = "public, max-age=60, s-maxage=30, must-revalidate"

PRIVATE = "private, max-age=60, must-revalidate"
"""For documents of one subscriber: no cache that others use may keep them."""

Links = tuple[tuple[str, str], ...]
"""(rel, absolute address) for the Link header."""

SERVER = "aggregator"
"""Which library answers is nobody's business."""

_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_CODING = re.compile(r"\s*([^\s;,]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Variant:
    """One coding of a document."""

    body: bytes
    etag: str
    headers: CIMultiDictProxy[str]


@dataclass(frozen=True, slots=True)
class Ready:
    """A document, ready to be sent in every coding."""

    identity: Variant
    coded: Mapping[str, Variant]
    etags: frozenset[str]
    """Of all variants: a client may come back with the validator of any coding."""
    modified_at: datetime
    not_modified: Mapping[str, CIMultiDictProxy[str]]
    """Headers of a 304 by the ETag that it repeats (RFC 9110, 15.4.5)."""
    links: Links
    """Those of the Link header."""
    size: int
    """Bytes of all codings."""
    _chosen: dict[str, Variant | None] = field_(default_factory=dict)
    """Answers of `variant`: clients send few different headers, each of them very often."""

    def variant(self, accept_encoding: str | None) -> Variant | None:
        """The variant that the client likes best, the smallest of those that it likes as well (RFC 9110, 12.5.3).

        Returns:
            None where the client refuses every one.
        """
        if not accept_encoding:
            return self.identity
        if accept_encoding in self._chosen:
            return self._chosen[accept_encoding]
        chosen = self._best(accept_encoding)
        if len(self._chosen) < _CHOSEN_MAX:
            self._chosen[accept_encoding] = chosen
        return chosen

    def _best(self, accept_encoding: str) -> Variant | None:
        sizes = {coding: len(variant.body) for coding, variant in self.coded.items()}
        chosen = best_coding(accept_encoding, sizes, len(self.identity.body))
        if chosen is None:
            return None
        return self.identity if chosen == IDENTITY else self.coded[chosen]

    def fresh_etag(self, if_none_match: str | None, if_modified_since: str | None) -> str | None:
        """The validator to repeat in a 304; None if the client must be sent the document (RFC 9110, 13.2.2)."""
        if if_none_match is not None:
            return matching(if_none_match, self.etags, self.identity.etag)
        if if_modified_since is None:
            return None
        try:
            since = parsedate_to_datetime(if_modified_since)
        except (ValueError, OverflowError):
            return None  # what is no date is no condition
        if since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return self.identity.etag if self.modified_at <= since else None


_CHOSEN_MAX = 64
_UNTOLD = 0.0001
"""Below every quality that can be told (0.001)."""


IDENTITY = "identity"
"""The body as it is."""


def best_coding(accept_encoding: str, sizes: Mapping[str, int], size: int) -> str | None:
    """The coding that the client likes best, the smallest of those that it likes as well; None: it refuses all.

    Args:
        sizes: bytes in each coding that is at hand.
        size: bytes of the body as it is.
    """
    wanted = _accepted(accept_encoding)
    rest = wanted.get("*")
    # Uncoded is what every client can read: taken where nothing better is wanted, unless it is refused.
    chosen, best = IDENTITY, wanted.get(IDENTITY, _UNTOLD if rest is None else rest)
    for coding, coded_size in sizes.items():
        quality = wanted.get(coding, rest or 0.0)
        if quality > best or (quality == best and coded_size < size):
            chosen, best, size = coding, quality, coded_size
    return chosen if best > 0 else None


def field(headers: CIMultiDictProxy[str], name: str) -> str | None:
    """A list-valued header as one line, also where a client or proxy sent it as several (RFC 9110, 5.3)."""
    value = headers.get(name)
    return value if value is None or len(values := headers.getall(name)) == 1 else ", ".join(values)


def matching(if_none_match: str | None, etags: Collection[str], any_: str) -> str | None:
    """The validator that the client has already, by weak comparison (RFC 9110, 13.1.2); None: none of these.

    Args:
        if_none_match: the header; None: not sent.
        etags: of the document as it is now.
        any_: the one to give for `*`.
    """
    if if_none_match is None or if_none_match in etags:
        return if_none_match
    if if_none_match.strip() == "*":
        return any_
    for candidate in if_none_match.split(","):
        etag = candidate.strip().removeprefix("W/")
        if etag in etags:
            return etag
    return None


@lru_cache(maxsize=256)
def _accepted(header: str) -> Mapping[str, float]:
    """Coding → quality. Clients send few different headers, each of them very often."""
    found: dict[str, float] = {}
    for coding, quality in _CODING.findall(header):
        try:
            found[coding.lower()] = float(quality) if quality else 1.0
        except ValueError:
            found[coding.lower()] = 0.0
    return found


def _style_sources(body: bytes) -> str:
    """The digests of a page's own style elements, for its Content-Security-Policy."""
    digests = (hashlib.sha256(style).digest() for style in _STYLE.findall(body))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"


def page_policy(body: bytes) -> str:
    """The Content-Security-Policy of a page without script: its own styles, and pictures and sound of the articles."""
    return (
        "default-src 'none'; img-src https: http:; media-src https: http:; "
        f"style-src {_style_sources(body)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def codings(body: bytes) -> dict[str, bytes]:
    """A body in every coding that we serve beside its own bytes, by the coding's name in HTTP."""
    return {
        "br": brotli.compress(body, quality=5),
        "zstd": zstandard.ZstdCompressor(level=6).compress(body),
        "gzip": gzip.compress(body, compresslevel=6, mtime=0),
    }


@lru_cache(maxsize=32)
def page_codings(body: bytes) -> Mapping[str, bytes]:
    """`codings` of a page that is made anew at each request, and is the same most of the time."""
    return codings(body)


def prepare(document: Document, links: Links, *, private: bool = False) -> Ready:
    """Makes every coding and header of a document.

    Args:
        document: verified bytes.
        links: for the Link header; from configuration, never from a feed.
        private: for one subscriber only, at an address that is a secret.
    """
    modified = format_datetime(document.modified_at.astimezone(UTC), usegmt=True)
    shared = CIMultiDict(
        {
            "Content-Type": CONTENT_TYPES[document.format],
            "Cache-Control": PRIVATE if private else CACHE_CONTROL,
            "Last-Modified": modified,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Server": SERVER,
        }
    )
    if private:
        shared["X-Robots-Tag"] = "noindex, noarchive"
    else:
        shared["Access-Control-Allow-Origin"] = "*"  # public documents: a page elsewhere may read them
    for rel, url in links:
        shared.add("Link", f'<{url}>; rel="{rel}"')
    if (licence := common_licence(document.format, document.body)) is not None:
        shared.add("Link", f'<{licence}>; rel="license"')
    if document.format is Format.HTML:
        shared["Content-Security-Policy"] = page_policy(document.body)
    if document.format in {Format.HTML, Format.TEXT}:
        shared.setdefault("X-Robots-Tag", "noindex")
    coded_bodies = codings(document.body)
    stem = document.etag.strip('"')
    identity = _variant(document.body, f'"{stem}"', shared, None)
    coded = {coding: _variant(body, f'"{stem}-{coding}"', shared, coding) for coding, body in coded_bodies.items()}
    kept = [(name, value) for name, value in shared.items() if name not in {"Content-Type", "Link"}]
    etags = frozenset({identity.etag, *(variant.etag for variant in coded.values())})
    return Ready(
        identity=identity,
        coded=coded,
        etags=etags,
        modified_at=document.modified_at.replace(microsecond=0),
        size=len(document.body) + sum(map(len, coded_bodies.values())),
        not_modified={etag: CIMultiDictProxy(CIMultiDict([*kept, ("ETag", etag)])) for etag in etags},
        links=links,
    )


def _variant(body: bytes, etag: str, shared: CIMultiDict[str], coding: str | None) -> Variant:
    headers = CIMultiDict(shared)
    headers["ETag"] = etag
    if coding:
        headers["Content-Encoding"] = coding
    return Variant(body, etag, CIMultiDictProxy(headers))


async def prepare_off_loop(document: Document, links: Links) -> Ready:
    """`prepare` in a thread: compressing must not hold up other requests."""
    return await asyncio.to_thread(prepare, document, links)
