"""Every request that leaves this program: polls and all others, with their redirects, under limits of time, size and
number. Nothing else opens a connection to a server that we do not run (a lint rule and a test keep it so)."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import structlog
from yarl import URL

from aggregator.model.fetched import (
    Answer,
    Ask,
    Deferred,
    FailureKind,
    Fetched,
    FetchFailed,
    Headers,
    NotModified,
    Outcome,
    Validators,
)
from aggregator.model.source import PollSettings, Source
from aggregator.polling import coding, exact, header, local, secret, wire
from aggregator.polling.backlog import Backlog
from aggregator.polling.deadline import Deadlines
from aggregator.polling.failure import Failure
from aggregator.polling.gate import Gate
from aggregator.polling.guard import guarded_socket, open_socket
from aggregator.polling.holds import Holds, host_of
from aggregator.polling.hop import MOVED, Hop, Response, Trail, address
from aggregator.polling.outage import Outage
from aggregator.polling.proxy import Proxy, judge, read
from aggregator.polling.reading import poll_answer
from aggregator.polling.resolver import Resolver
from aggregator.polling.robots import Robots

_NAMES_SECONDS = 60
_IDLE_SECONDS = 15
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_CHECK_NETWORK = "nobody can be reached from this machine: check its network"
_log = structlog.get_logger(__name__)


class _Spent:
    """Time of an exchange so far, in seconds, without what was spent waiting for a turn."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0


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
        resolver: Resolver | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._fields = {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": coding.ACCEPT_ENCODING}
        self._lines = ""
        """The same as they are sent, from the first poll on."""
        self._files_root = files_root
        self._environ = environ
        self._polling = polling
        self._gate = Gate(polling.concurrency)
        self._robots = Robots(self.ask)
        self._outage = Outage()
        self._deadlines = Deadlines()
        self.holds = Holds()
        """Hosts that are not asked for now."""
        self.backlog = Backlog()
        """What waits to be read: polls wait for it to become less."""
        self._resolver = resolver
        self._connectors: dict[bool, aiohttp.TCPConnector] = {}
        """By whether private addresses are allowed."""
        self._wires: dict[bool, wire.Wire] = {}
        """The way out over each of them."""
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        """For requests through a proxy: by whether their conditions are no text."""

    async def __aenter__(self) -> Self:
        # INVARIANT: a connection made without the guard never serves a source that is under it, so there are two pools.
        # A connection to a proxy serves nothing but its requests (aiohttp keeps them apart), so it is made from the
        # open one: proxies stand in private networks.
        self._connectors = {private: self._connector(guarded=not private) for private in (False, True)}
        self._wires = {private: wire.Wire(connector) for private, connector in self._connectors.items()}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()
        for connector in self._connectors.values():
            await connector.close()
        self._connectors, self._wires, self._sessions = {}, {}, {}

    def _connector(self, *, guarded: bool) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            limit=0,  # the gate bounds, and it does not count the wait against the poll's time
            resolver=self._resolver if self._resolver is not None else Resolver(guarded=guarded),
            socket_factory=guarded_socket if guarded else open_socket,
            ttl_dns_cache=_NAMES_SECONDS,
            keepalive_timeout=_IDLE_SECONDS,
        )

    def _session(self, connector: aiohttp.BaseConnector, *, is_exact: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            request_class=exact.Request if is_exact else aiohttp.ClientRequest,
            connector_owner=False,
            headers=self._fields,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),  # one timer per hop is ours, over all of its stages
            **wire.LIMITS,
        )

    async def fetch(
        self, source: Source, validators: Validators, now: datetime, *, believed: str | None = None
    ) -> Outcome | Deferred:
        """What the source has to say now.

        Args:
            source: what to ask and under which limits.
            validators: those of the last answer; empty: ask without condition, for the whole document.
            now: becomes `asked_at`, and what dates in the answer are compared with.
            believed: where the feed has moved for good; None: it is asked for at its configured address. Credentials
                stay with the configured address's origin.
        Returns:
            A value in every case. Nothing is raised but `CancelledError`: what goes wrong with one feed stays with it.
        """
        spent = _Spent()
        begun = asyncio.get_running_loop().time()
        try:
            if source.feed.startswith(local.SCHEME):
                return await asyncio.to_thread(local.read, source, self._files_root, validators, now)
            try:
                outcome = await self._follow(source, validators, now, believed, spent)
            except Failure as failure:
                if not (failure.is_garbled and header.conditions(validators)):
                    raise
                outcome = await self._unconditionally(source, now, believed, spent)
        except Failure as failure:
            failure.took = timedelta(seconds=spent.seconds)
            self._blame(failure, begun)
            return failure.of(source.id, now)
        except Exception as problem:
            return _broken(problem, source.id, now)
        return outcome

    async def _unconditionally(
        self, source: Source, now: datetime, believed: str | None, spent: _Spent
    ) -> Fetched | NotModified | Deferred:
        """The whole document, of a server that may have sent a body with its 304: no client can tell where that ends.

        Its validators are not kept, so that it is not asked twice the next time, too.
        """
        outcome = await self._follow(source, Validators(), now, believed, spent)
        return replace(outcome, validators=Validators()) if isinstance(outcome, Fetched) else outcome

    def _blame(self, failure: Failure, begun: float) -> None:
        """Lays a failure at our own door where nobody at all can be reached."""
        if failure.unheard is None:
            return
        if self._outage.unheard(failure.unheard, begun, is_cut_off=failure.is_cut_off):
            failure.kind = FailureKind.OFFLINE
            failure.remedy = _CHECK_NETWORK

    async def ask(self, ask: Ask, now: datetime) -> Answer | FetchFailed:
        """What a server answers to a request that is no poll: discovery, terms, licences, hubs, webhooks.

        The guard, the gate and the limits are those of polls, at every hop. A GET or HEAD follows every redirect; a
        request with a body only 307 and 308, which keep it (RFC 9110, 15.4), and 303, after which the result is got;
        never from https to http. All that `ask.headers` holds but content negotiation stays at the first origin (P28).

        Args:
            ask: what to send and under which limits.
            now: becomes `asked_at`, and what dates in the answer are compared with.
        Returns:
            An answer, whatever its status; or, with `ask.purpose` for a source, why there is none. Nothing is raised
            but `CancelledError`.
        """
        begun = asyncio.get_running_loop().time()
        try:
            return await self._answered(ask, now)
        except Failure as failure:
            self._blame(failure, begun)
            return failure.of(ask.purpose, now)
        except Exception as problem:
            return _broken(problem, ask.purpose, now)

    async def _answered(self, ask: Ask, now: datetime) -> Answer:
        clock = asyncio.get_running_loop().time
        limits = replace(
            self._polling, timeout=ask.timeout, max_size=ask.max_size, private_addresses=ask.private_addresses
        )
        trail = Trail(address(ask.url, ask.private_addresses))
        headers = header.sendable(ask.headers) | {"Accept": ask.accept or "*/*"}
        method, body = ask.method, ask.body
        proxy = await self._proxy(limits)
        left = ask.timeout.total_seconds()
        while True:
            if proxy is not None:
                await judge(trail.url, self._names(), private_addresses=ask.private_addresses)
            async with self._gate.through(trail.host, limits.per_host):
                self._heed(trail, now)
                begun = clock()
                hop = Hop(limits, trail, self._deadlines, begun + left, now)
                answer: Response
                if proxy is None:
                    request = wire.request_head(trail.url, self._lines_of(headers, method, body), {}, method)
                    answer = await hop.ask(self._wire(ask.private_addresses), request + (body or b""), method)
                else:
                    answer = await hop.ask_through(proxy, self._through_proxy(), headers, method, body)
                self._outage.heard(clock())
                try:
                    if not (ask.redirects and _may_follow(answer, method)):
                        return await self._read(hop, answer, method, now)
                finally:
                    answer.release()
                left -= clock() - begun
            trail.follow(answer, private_addresses=ask.private_addresses)
            if body is not None and trail.url.scheme == "http" and trail.home.scheme == "https":
                raise Failure(
                    FailureKind.ADDRESS, "redirected from https to http with what was sent", status=answer.status
                )
            if answer.status == 303 and method != "HEAD":
                method, body = "GET", None
            if not trail.at_home:
                headers = {name: value for name, value in headers.items() if name.lower() in header.NEUTRAL}

    def _heed(self, trail: Trail, now: datetime) -> None:
        """Raises `Failure` where the host wants to be left alone: what a poll was told holds for all requests (R6)."""
        host = host_of(trail.url)
        until = self.holds.until(host, now) if self.holds else None
        if until is not None:
            raise Failure(
                FailureKind.HTTP_STATUS,
                f"not asked: {host} wants to be left alone until {until:%Y-%m-%d %H:%M} UTC (Retry-After)",
                retry_after=until - now,
                host=host,
            )

    @staticmethod
    async def _read(hop: Hop, answer: Response, method: str, now: datetime) -> Answer:
        wanted = hop.limits.max_size > 0 and method != "HEAD" and answer.status not in (204, 304)
        return Answer(
            url=str(hop.trail.url),
            status=answer.status,
            headers=Headers(answer.headers.items()),
            body=await hop.body(answer) if wanted else b"",
            asked_at=now,
            retry_after=header.retry_after(answer.headers, now),
        )

    async def _follow(
        self, source: Source, validators: Validators, now: datetime, believed: str | None, spent: _Spent
    ) -> Fetched | NotModified | Deferred:
        """Ask hop by hop. Only the hop waits at the gate, and only the hops' own time counts."""
        clock = asyncio.get_running_loop().time
        polling = source.polling
        home = address(source.feed, polling.private_addresses)
        trail = Trail(home) if believed is None else Trail(address(believed, polling.private_addresses), home)
        conditions = header.conditions(validators)
        sent = validators if conditions else Validators()
        if "If-None-Match" in conditions:
            conditions["A-IM"] = "feed"  # RFC 3229: a feed that can may send only what is new
        own = await secret.own_headers(source, self._environ, self._files_root) if trail.at_home else {}
        proxy = None if polling.proxy is None else await self._proxy(polling)
        limit, delay = polling.timeout.total_seconds(), None
        has_waited = False
        while True:
            if polling.robots:
                delay = await self._allowed(trail.url, polling, now) or delay
            passage = self._gate.through(trail.host, polling.per_host)
            if not passage.entered_at_once():
                await passage.enter()
            if not has_waited and (has_waited := self.backlog.full):
                # Without its place: those who ask for something else than feeds must not wait for readers.
                passage.leave()
                await self.backlog.room()
                await passage.enter()
            try:
                if self.holds and (until := self.holds.until(host := host_of(trail.url), now)) is not None:
                    return Deferred(source=source.id, asked_at=now, host=host, until=until)
                if proxy is not None:
                    await judge(trail.url, self._names(), private_addresses=polling.private_addresses)
                begun = clock()
                hop = Hop(polling, trail, self._deadlines, begun + limit - spent.seconds, now, spent.seconds)
                try:
                    answer: Response
                    if proxy is None:
                        head = wire.request_head(trail.url, self._fields_of(polling, own), conditions)
                        answer = await hop.ask(self._wire(polling.private_addresses), head)
                    else:
                        agent = {} if polling.user_agent is None else {"User-Agent": polling.user_agent}
                        session = self._through_proxy(unusual=exact.is_needed(conditions))
                        answer = await hop.ask_through(proxy, session, {**conditions, **agent, **own})
                    try:
                        self._outage.heard(clock())
                        if answer.status not in MOVED:
                            return await poll_answer(source, hop, answer, sent, delay)
                    finally:
                        answer.release()
                finally:
                    spent.seconds += clock() - begun
            finally:
                passage.leave()
            trail.follow(answer, private_addresses=polling.private_addresses)
            if not trail.at_home:
                own = {}  # P28: never after a hop to another origin, not even back at home

    def _fields_of(self, polling: PollSettings, own: Mapping[str, str]) -> str:
        """The header fields of a poll but for Host and conditions, as they are sent."""
        if not own and polling.user_agent is None:
            self._lines = self._lines or wire.lines(self._fields)
            return self._lines
        agent = {} if polling.user_agent is None else {"User-Agent": polling.user_agent}
        return wire.lines(self._fields, agent, own)

    def _lines_of(self, headers: Mapping[str, str], method: str, body: bytes | None) -> str:
        """The header fields of a request that is no poll, but for Host, as they are sent."""
        if body is None and method in ("GET", "HEAD"):
            return wire.lines(self._fields, headers)
        length = {"Content-Length": str(len(body or b""))}
        return wire.lines(self._fields, {"Content-Type": "application/octet-stream"}, headers, length)

    async def _proxy(self, polling: PollSettings) -> Proxy | None:
        ref = polling.proxy
        return None if ref is None else read(ref, await secret.value_of(ref, self._environ, self._files_root))

    def _names(self) -> Resolver:
        return self._resolver if self._resolver is not None else Resolver(guarded=True)

    async def _allowed(self, url: URL, polling: PollSettings, now: datetime) -> timedelta | None:
        """The site's `Crawl-delay`. Raises `Failure` where robots.txt does not let us ask."""
        agent = polling.user_agent or self._user_agent
        verdict = await self._robots.verdict(url, agent, private_addresses=polling.private_addresses, now=now)
        if verdict.is_ours:
            raise Failure(FailureKind.OFFLINE, verdict.why, remedy=_CHECK_NETWORK)
        if not verdict.allowed:
            raise Failure(
                FailureKind.ROBOTS, verdict.why, remedy="set robots: false for this source to ask all the same"
            )
        return verdict.delay

    def _wire(self, private_addresses: bool) -> wire.Wire:
        found = self._wires.get(private_addresses)
        if found is None:
            raise RuntimeError("the fetcher is not open; use it as 'async with Fetcher(...)'")
        return found

    def _through_proxy(self, *, unusual: bool = False) -> aiohttp.ClientSession:
        """aiohttp's client, which knows how to speak to proxies; another one for what it cannot send (`exact`)."""
        connector = self._connectors.get(True)
        if connector is None:
            raise RuntimeError("the fetcher is not open; use it as 'async with Fetcher(...)'")
        if unusual not in self._sessions:
            self._sessions[unusual] = self._session(connector, is_exact=unusual)
        return self._sessions[unusual]


def _broken(problem: Exception, source: str, now: datetime) -> FetchFailed:
    """R16: a mistake of ours on one server's answer must not stop the others. It is told by its place alone: a
    traceback may be shown with its variables, and there are credentials among them."""
    _log.error("fetch broke", source=source, problem=type(problem).__name__, places=_places(problem))
    detail = f"the answer could not be handled ({type(problem).__name__})"
    return Failure(FailureKind.PROTOCOL, detail).of(source, now)


def _places(problem: Exception) -> list[str]:
    """The innermost places that an exception came through, the deepest last."""
    frames = traceback.extract_tb(problem.__traceback__)[-4:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _may_follow(answer: Response, method: str) -> bool:
    """Whether the redirect says how to go on: 301 and 302 do not, for what was sent (RFC 9110, 15.4.2)."""
    return answer.status in (MOVED if method in ("GET", "HEAD") else (303, 307, 308))
