"""The way of one exchange over its redirects, hop by hop, each within the time and the bytes that are left."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp
from yarl import URL

from aggregator.model.fetched import FailureKind
from aggregator.polling import coding
from aggregator.polling.failure import Failure, explain
from aggregator.polling.guard import url_refusal
from aggregator.polling.wire import Reply

if TYPE_CHECKING:
    from aggregator.model.source import PollSettings
    from aggregator.polling.deadline import Deadlines
    from aggregator.polling.proxy import Proxy
    from aggregator.polling.wire import Wire

Response = aiohttp.ClientResponse | Reply

_QUERY_SAFE = "-._~:/?@!$&'()*+,;=%"
"""What may stand in a query as it is (RFC 3986, 3.4), beside letters and digits."""
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_BYTE = re.compile("[\udc80-\udcff]")
_GZIP = b"\x1f\x8b\x08"
HOPS_MAX = 10
"""Redirects that are followed."""

MOVED = frozenset({301, 302, 303, 307, 308})
_MOVED_FOR_GOOD = frozenset({301, 308})


@lru_cache(maxsize=65_536)
def address(url: str, private_addresses: bool) -> URL:
    """The address that is asked first, read and judged once. Raises `Failure` where it may not be asked."""
    refused = url_refusal(url, private_addresses=private_addresses)
    if refused is not None:
        raise Failure(FailureKind.ADDRESS, refused)
    return _with_query(URL(url).with_fragment(None), url)


def _with_query(url: URL, written: str) -> URL:
    """The address with its query as it was written: yarl takes the escapes off `%2F`, `%3A` and others, and what was
    signed is then another text."""
    query = written.partition("#")[0].partition("?")[2]
    if "%" not in query:
        return url
    query = _STRAY_PERCENT.sub("%25", quote(query, safe=_QUERY_SAFE))
    return url if query == url.raw_query_string else URL(f"{url.with_query(None)}?{query}", encoded=True)


class Trail:
    """The way from the asked address over its redirects."""

    __slots__ = ("at_home", "for_good", "home", "seen", "url")

    def __init__(self, url: URL, home: URL | None = None) -> None:
        """
        Args:
            url: is asked first.
            home: whose origin our credentials are for; None: the same.
        """
        self.url = url
        self.home = url if home is None else home
        self.seen: set[URL] | None = None
        self.at_home = home is None or url.origin() == home.origin()
        """Whether no hop has left the first address's origin, even if a later one has come back to it."""
        self.for_good = True

    @property
    def host(self) -> str:
        return self.url.raw_host or ""

    @property
    def redirected(self) -> bool:
        return self.seen is not None

    @property
    def permanent_url(self) -> str | None:
        """Where an unbroken chain of 301 and 308 leads; None: there was none."""
        return str(self.url) if self.redirected and self.for_good else None

    def follow(self, answer: Response, *, private_addresses: bool) -> None:
        """Go to the address that a redirect names. Raises `Failure` where we may not."""
        target = _target(self.url, answer)
        refused = url_refusal(target, private_addresses=private_addresses)
        if refused is not None:
            raise Failure(FailureKind.ADDRESS, f"redirected to where we may not go: {refused}", status=answer.status)
        if self.seen is None:
            self.seen = {self.url}
        if target in self.seen:
            raise Failure(FailureKind.REDIRECTS, "redirects in a loop", status=answer.status)
        if len(self.seen) > HOPS_MAX:
            raise Failure(FailureKind.REDIRECTS, f"more than {HOPS_MAX} redirects", status=answer.status)
        self.seen.add(target)
        self.for_good = self.for_good and answer.status in _MOVED_FOR_GOOD
        self.at_home = self.at_home and target.origin() == self.home.origin()
        self.url = target


def _target(url: URL, answer: Response) -> URL:
    # A byte that is no UTF-8, which aiohttp gives as a lone surrogate, is sent as browsers send it.
    location = _BYTE.sub(lambda match: f"%{ord(match[0]) - 0xDC00:02X}", answer.headers.get("Location", "").strip())
    if not location:
        raise Failure(FailureKind.REDIRECTS, f"answered {answer.status} without a Location", status=answer.status)
    try:
        return _with_query(url.join(URL(location)).with_fragment(None), location)
    except ValueError as problem:  # UnicodeError included: bytes that are no UTF-8
        raise Failure(
            FailureKind.REDIRECTS, f"answered {answer.status} with a Location that cannot be read", status=answer.status
        ) from problem


class Hop:
    """One request and its answer, within the time that is left."""

    __slots__ = ("_began", "deadlines", "ends", "limits", "now", "trail")

    def __init__(
        self,
        limits: PollSettings,
        trail: Trail,
        deadlines: Deadlines,
        ends: float,
        now: datetime,
        spent_before: float = 0.0,
    ) -> None:
        self._began = asyncio.get_running_loop().time() - spent_before
        self.limits = limits
        self.trail = trail
        self.deadlines = deadlines
        self.ends = ends
        """By the loop's clock."""
        self.now = now

    async def ask(self, wire: Wire, request: bytes, method: str = "GET") -> Reply:
        """The head of the answer to a request, head and body."""
        try:
            with self.deadlines.at(self.ends):
                return await wire.ask(self.trail.url, request, method)
        except TimeoutError as problem:
            raise self._late("no answer") from problem
        except Exception as problem:
            raise self._failure(problem) from problem

    async def ask_through(
        self,
        proxy: Proxy,
        session: aiohttp.ClientSession,
        headers: dict[str, str],
        method: str = "GET",
        body: bytes | None = None,
    ) -> aiohttp.ClientResponse:
        """The head of the answer that came through a proxy."""
        url = self.trail.url
        # Through a tunnel, what is for the proxy must not go along to the server at its end.
        tunnelled = url.scheme == "https"
        try:
            with self.deadlines.at(self.ends):
                return await session.request(
                    method,
                    url,
                    headers=headers if tunnelled else {**headers, **proxy.headers},
                    data=body,
                    allow_redirects=False,
                    proxy=proxy.url,
                    proxy_headers=proxy.headers if tunnelled else None,
                )
        except TimeoutError as problem:
            raise self._late("no answer") from problem
        except Exception as problem:
            raise self._failure(problem) from problem

    @property
    def took(self) -> timedelta:
        """The exchange so far, this hop and those before it."""
        # Whole microseconds: seconds with a fraction take four times as long to become a timedelta.
        return timedelta(microseconds=int((asyncio.get_running_loop().time() - self._began) * 1_000_000))

    async def body(self, answer: Response) -> bytes:
        """The whole body, without its coding."""
        try:
            with self.deadlines.at(self.ends):
                return await _decoded(answer, self.limits.max_size)
        except Failure:
            raise
        except TimeoutError as problem:
            raise self._late("no complete answer") from problem
        except Exception as problem:
            raise self._failure(problem) from problem

    def _late(self, what: str) -> Failure:
        return Failure(FailureKind.TIMEOUT, f"{what} within {self.limits.timeout.total_seconds():g} s")

    def _failure(self, problem: Exception) -> Exception:
        failure = explain(problem, self.trail.host)
        if failure is None:
            return problem
        if self.trail.redirected:
            # Whoever redirects us into a private network must not be helped in by our own advice.
            failure.detail, failure.remedy = f"after a redirect: {failure.detail}", ""
        return failure


async def _decoded(answer: Response, max_size: int) -> bytes:
    """The body without its coding. Neither what is read nor what it becomes grows much beyond `max_size`."""
    name = answer.headers.get("Content-Encoding", "")
    decoder = coding.decoder(name)
    if decoder is None:
        raise Failure(FailureKind.PROTOCOL, f"answered in a coding that was not offered ('{name[:40]}')")
    if (answer.content_length or 0) > max_size:
        raise _too_large(max_size)
    pieces: list[bytes] = []
    raw_size = size = told = 0
    try:
        async for data in answer.content.iter_any():
            raw_size += len(data)
            for piece in decoder.pieces(data):
                size += len(piece)
                if size > max_size:
                    raise _too_large(max_size)
                pieces.append(piece)
                if size - told > coding.PIECE:
                    told = size
                    await asyncio.sleep(0)  # one packet of a bomb would hold up all others until the cap
            if raw_size > max_size:  # a coding that makes nothing of endless bytes
                raise _too_large(max_size)
        if raw_size:
            decoder.finish()
    except coding.CodingError as problem:
        raise Failure(FailureKind.PROTOCOL, f"the body is not proper {name}: {problem}") from problem
    body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return await _unpacked(body, max_size) if body[:3] == _GZIP else body


async def _unpacked(body: bytes, max_size: int) -> bytes:
    """What a file in gzip holds that came as what it is, not as a coding; the file where it is not whole."""
    decoder = coding.decoder("gzip")
    assert decoder is not None  # noqa: S101  it is one of ours
    pieces: list[bytes] = []
    size = told = 0
    try:
        for piece in decoder.pieces(body):
            size += len(piece)
            if size > max_size:
                raise _too_large(max_size)
            pieces.append(piece)
            if size - told > coding.PIECE:
                told = size
                await asyncio.sleep(0)
        decoder.finish()
    except coding.CodingError:
        return body
    return b"".join(pieces)


def _too_large(max_size: int) -> Failure:
    return Failure(
        FailureKind.TOO_LARGE, f"body is larger than {_bytes(max_size)}", remedy="raise max_size to allow it"
    )


def _bytes(size: int) -> str:
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
