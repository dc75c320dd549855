"""One conditional request for a source, with its redirects, under limits of time, size and number."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver
from yarl import URL

from aggregator.model.fetched import FailureKind, Fetched, NotModified, Outcome, Validators
from aggregator.model.source import PollSettings, Source
from aggregator.polling import coding, header, local, secret
from aggregator.polling.failure import Failure, explain
from aggregator.polling.gate import Gate
from aggregator.polling.guard import Resolver, guarded_socket, url_refusal

HOPS_MAX = 10
"""Redirects that are followed."""

_MOVED = frozenset({301, 302, 303, 307, 308})
_MOVED_FOR_GOOD = frozenset({301, 308})
_FIELD_BYTES_MAX = 16_384
_FIELDS_MAX = 128
_NAMES_SECONDS = 60
_IDLE_SECONDS = 15
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_log = structlog.get_logger(__name__)


class Fetcher:
    """Asks servers, and reads `file:` sources. One per process; all sources share its connections and its limits.

    Args:
        user_agent: names this service and whom to write to.
        polling: `concurrency` bounds all requests of this fetcher; all else is taken from each source.
        files_root: the configuration folder: `file:` sources must be inside, `file:` secrets are relative to it.
        environ: where `env:` secrets are looked up.
        resolver: for tests; else names are looked up by the operating system.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        polling: PollSettings,
        files_root: Path,
        environ: Mapping[str, str],
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._files_root = files_root
        self._environ = environ
        self._gate = Gate(polling.concurrency)
        self._resolver = resolver
        self._guarded: aiohttp.ClientSession | None = None
        self._open: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # INVARIANT: a connection made without the guard never serves a source that is under it, so there are two pools.
        self._guarded = self._session(guarded=True)
        self._open = self._session(guarded=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._guarded, self._open):
            if session is not None:
                await session.close()
        self._guarded = self._open = None

    def _session(self, *, guarded: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,  # the gate bounds, and it does not count the wait against the poll's time
            resolver=self._resolver if self._resolver is not None else Resolver(guarded=guarded),
            socket_factory=guarded_socket if guarded else None,
            ttl_dns_cache=_NAMES_SECONDS,
            keepalive_timeout=_IDLE_SECONDS,
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers={
                "User-Agent": self._user_agent,
                "Accept": _ACCEPT,
                "Accept-Encoding": coding.ACCEPT_ENCODING,
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),  # one timer per hop is ours, over all of its stages
            max_line_size=_FIELD_BYTES_MAX,
            max_field_size=_FIELD_BYTES_MAX,
            max_headers=_FIELDS_MAX,
        )

    async def fetch(self, source: Source, validators: Validators, now: datetime) -> Outcome:
        """What the source has to say now.

        Args:
            source: what to ask and under which limits.
            validators: those of the last answer; empty: ask without condition.
            now: becomes `asked_at`, and what dates in the answer are compared with.
        Returns:
            A value in every case. Nothing is raised but `CancelledError`: what goes wrong with one feed stays with it.
        """
        try:
            if source.feed.startswith(local.SCHEME):
                return await asyncio.to_thread(local.read, source, self._files_root, validators, now)
            return await self._follow(source, validators, now)
        except Failure as failure:
            return failure.of(source.id, now)
        except Exception as problem:
            # R16: a mistake of ours on one feed's answer must not stop the others. It is told by its place alone: a
            # traceback may be shown with its variables, and there are credentials among them.
            _log.error("fetch broke", source=source.id, problem=type(problem).__name__, places=_places(problem))
            detail = f"the answer could not be handled ({type(problem).__name__})"
            return Failure(FailureKind.PROTOCOL, detail).of(source.id, now)

    async def _follow(self, source: Source, validators: Validators, now: datetime) -> Fetched | NotModified:
        """Ask hop by hop. Only the hop waits at the gate, and only the hops' own time counts."""
        clock = asyncio.get_running_loop().time
        trail = _Trail(_address(source.feed, source.polling.private_addresses))
        headers = header.conditions(validators)
        sent = validators if headers else Validators()
        own = await secret.own_headers(source, self._environ, self._files_root)
        left = source.polling.timeout.total_seconds()
        while True:
            async with self._gate.through(trail.host, source.polling.per_host):
                begun = clock()
                hop = _Hop(source, trail, begun + left, now)
                answer = await hop.ask(self._pool(source), {**headers, **own} if own else headers)
                try:
                    if answer.status not in _MOVED:
                        return await hop.read(answer, sent)
                finally:
                    answer.release()
                left -= clock() - begun
            trail.follow(answer, private_addresses=source.polling.private_addresses)
            if not trail.at_home:
                own = {}  # P28: never after a hop to another origin, not even back at home

    def _pool(self, source: Source) -> aiohttp.ClientSession:
        session = self._open if source.polling.private_addresses else self._guarded
        if session is None:
            raise RuntimeError("the fetcher is not open; use it as 'async with Fetcher(...)'")
        return session


def _places(problem: Exception) -> list[str]:
    """The innermost places that an exception came through, the deepest last."""
    frames = traceback.extract_tb(problem.__traceback__)[-4:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


class _Trail:
    """The way from the asked address over its redirects."""

    __slots__ = ("at_home", "for_good", "home", "seen", "url")

    def __init__(self, url: URL) -> None:
        self.url = url
        self.home = url
        self.seen: set[URL] | None = None
        self.at_home = True
        self.for_good = True

    @property
    def host(self) -> str:
        return self.url.raw_host or ""

    @property
    def redirected(self) -> bool:
        return self.seen is not None

    @property
    def permanent_url(self) -> str | None:
        return str(self.url) if self.redirected and self.for_good else None

    def follow(self, answer: aiohttp.ClientResponse, *, private_addresses: bool) -> None:
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


def _target(url: URL, answer: aiohttp.ClientResponse) -> URL:
    location = answer.headers.get("Location", "").strip()
    if not location:
        raise Failure(FailureKind.REDIRECTS, f"answered {answer.status} without a Location", status=answer.status)
    try:
        return url.join(URL(location)).with_fragment(None)
    except ValueError as problem:  # UnicodeError included: bytes that are no UTF-8
        raise Failure(
            FailureKind.REDIRECTS, f"answered {answer.status} with a Location that cannot be read", status=answer.status
        ) from problem


@lru_cache(maxsize=65_536)
def _address(feed: str, private_addresses: bool) -> URL:
    """The configured address, read and judged once."""
    refused = url_refusal(feed, private_addresses=private_addresses)
    if refused is not None:
        raise Failure(FailureKind.ADDRESS, refused)
    return URL(feed).with_fragment(None)


class _Hop:
    """One request and its answer, within the time that is left."""

    __slots__ = ("ends", "now", "source", "trail")

    def __init__(self, source: Source, trail: _Trail, ends: float, now: datetime) -> None:
        self.source = source
        self.trail = trail
        self.ends = ends
        """By the loop's clock."""
        self.now = now

    async def ask(self, session: aiohttp.ClientSession, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """The answer's status and header."""
        try:
            async with asyncio.timeout_at(self.ends):
                return await session.get(self.trail.url, headers=headers, allow_redirects=False)
        except TimeoutError as problem:
            raise self._late("no answer") from problem
        except Exception as problem:
            raise self._failure(problem) from problem

    async def read(self, answer: aiohttp.ClientResponse, sent: Validators) -> Fetched | NotModified:
        """What the answer means; its body where it has one that counts."""
        wait = header.retry_after(answer.headers, self.now)
        if answer.status == 304:
            if sent == Validators():
                raise Failure(
                    FailureKind.PROTOCOL, "answered 304 (not modified) to a request without condition", status=304
                )
            return NotModified(
                source=self.source.id,
                asked_at=self.now,
                validators=header.validators(answer.headers, sent),
                permanent_url=self.trail.permanent_url,
                retry_after=wait,
                max_age=header.max_age(answer.headers, self.now),
            )
        _judge_status(answer, wait, self.trail)
        body = await self._body(answer)
        if not body or body.isspace():
            raise Failure(
                FailureKind.CONTENT, f"answered {answer.status} with nothing", status=answer.status, retry_after=wait
            )
        return Fetched(
            source=self.source.id,
            asked_at=self.now,
            final_url=str(self.trail.url),
            status=answer.status,
            body=body,
            content_type=answer.headers.get("Content-Type"),
            content_location=answer.headers.get("Content-Location"),
            validators=header.validators(answer.headers),
            permanent_url=self.trail.permanent_url,
            retry_after=wait,
            max_age=header.max_age(answer.headers, self.now),
            licences=header.licences(answer.headers.getall("Link", ()), str(self.trail.url)),
        )

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            async with asyncio.timeout_at(self.ends):
                return await _decoded(answer, self.source.polling.max_size)
        except Failure:
            raise
        except TimeoutError as problem:
            raise self._late("no complete answer") from problem
        except Exception as problem:
            raise self._failure(problem) from problem

    def _late(self, what: str) -> Failure:
        seconds = self.source.polling.timeout.total_seconds()
        return Failure(FailureKind.TIMEOUT, f"{what} within {seconds:g} s")

    def _failure(self, problem: Exception) -> Exception:
        failure = explain(problem, self.trail.host)
        if failure is None:
            return problem
        if self.trail.redirected:
            # Whoever redirects us into a private network must not be helped in by our own advice.
            failure.detail, failure.remedy = f"after a redirect: {failure.detail}", ""
        return failure


def _judge_status(answer: aiohttp.ClientResponse, wait: timedelta | None, trail: _Trail) -> None:
    """Only 200 and 203 bring a whole document."""
    status = answer.status
    if status in (200, 203):
        return
    where = f" after a redirect to {trail.host}" if trail.redirected else ""
    if status == 410:
        raise Failure(FailureKind.GONE, f"answered 410 (gone){where}", status=status, retry_after=wait)
    if status == 206:
        raise Failure(FailureKind.CONTENT, f"answered 206 with a part only{where}", status=status, retry_after=wait)
    if 200 <= status < 300:
        raise Failure(FailureKind.CONTENT, f"answered {status} with nothing{where}", status=status, retry_after=wait)
    if status in (401, 403) and not trail.at_home:
        where += "; headers and credentials go to the feed's own origin only, so name the new address in 'feed'"
    raise Failure(FailureKind.HTTP_STATUS, f"answered {status}{where}", status=status, retry_after=wait)


async def _decoded(answer: aiohttp.ClientResponse, max_size: int) -> bytes:
    """The body without its coding. Neither what is read nor what it becomes grows much beyond `max_size`."""
    name = answer.headers.get("Content-Encoding", "")
    decoder = coding.decoder(name)
    if decoder is None:
        raise Failure(FailureKind.PROTOCOL, f"answered in a coding that was not offered ('{name[:40]}')")
    if (answer.content_length or 0) > max_size:
        raise _too_large(max_size)
    pieces: list[bytes] = []
    raw_size = size = 0
    try:
        async for data in answer.content.iter_any():
            raw_size += len(data)
            for piece in decoder.pieces(data):
                size += len(piece)
                if size > max_size:
                    raise _too_large(max_size)
                pieces.append(piece)
            if raw_size > max_size:  # a coding that makes nothing of endless bytes
                raise _too_large(max_size)
        if raw_size:
            decoder.finish()
    except coding.CodingError as problem:
        raise Failure(FailureKind.PROTOCOL, f"the body is not proper {name}: {problem}") from problem
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(max_size: int) -> Failure:
    return Failure(
        FailureKind.TOO_LARGE, f"body is larger than {_bytes(max_size)}", remedy="raise max_size to allow it"
    )


def _bytes(size: int) -> str:
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
