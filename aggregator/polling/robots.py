"""robots.txt, honoured where the operator asks for it (RFC 9309); never asked for otherwise."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego
from yarl import URL

from aggregator.model.fetched import Answer, Ask, FailureKind, FetchFailed
from aggregator.polling import header

SITES_MAX = 5_000
KEPT = timedelta(hours=24)
"""RFC 9309, 2.4: no longer than a day."""
KEPT_UNREACHABLE = timedelta(minutes=30)
SIZE_MAX = 2_000_000
_READ_MAX = 512_000
"""RFC 9309, 2.5: at least 500 KiB must be read; what follows is not."""
_TIMEOUT = timedelta(seconds=15)
_DELAY_MAX = timedelta(days=1)

AskAny = Callable[[Ask, datetime], Awaitable[Answer | FetchFailed]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an address may be asked."""

    allowed: bool
    why: str = ""
    """One line, where it may not."""
    delay: timedelta | None = None
    """`Crawl-delay`."""
    is_ours: bool = False
    """Whether nobody could be asked at all, for want of a network."""


@dataclass(frozen=True, slots=True)
class _Site:
    rules: Protego | None
    """None: there are none, or nobody knows them."""
    unreachable: str
    """Why nobody knows them; empty: somebody does."""
    until: datetime
    is_ours: bool = False


class Robots:
    """What sites say, each asked at most once a day."""

    def __init__(self, ask: AskAny) -> None:
        self._ask = ask
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._asking: dict[str, asyncio.Future[_Site]] = {}

    async def verdict(self, url: URL, agent: str, *, private_addresses: bool, now: datetime) -> Verdict:
        """Whether this address may be asked under this name.

        Args:
            agent: the whole User-Agent; its first product names us.
        """
        origin = str(url.origin())
        site = self._sites.get(origin)
        if site is None or site.until <= now:
            site = await self._fresh(origin, private_addresses, now)
        if site.unreachable:
            why = f"robots.txt of {url.raw_host} {site.unreachable}, so nothing may be asked"
            return Verdict(False, why, is_ours=site.is_ours)
        if site.rules is None:
            return Verdict(True)
        name = agent.split("/")[0].split(" ")[0]
        if not site.rules.can_fetch(str(url), name):
            return Verdict(False, f"robots.txt of {url.raw_host} does not allow '{name}' to ask this")
        return Verdict(True, delay=_delay(site.rules.crawl_delay(name)))

    async def _fresh(self, origin: str, private_addresses: bool, now: datetime) -> _Site:
        """Asks once, however many wait for the answer."""
        waiting = self._asking.get(origin)
        if waiting is None:
            waiting = self._asking[origin] = asyncio.ensure_future(self._read(origin, private_addresses, now))
            waiting.add_done_callback(lambda _: self._asking.pop(origin, None))
        site = await asyncio.shield(waiting)
        self._sites[origin] = site
        self._sites.move_to_end(origin)
        if len(self._sites) > SITES_MAX:
            self._sites.popitem(last=False)
        return site

    async def _read(self, origin: str, private_addresses: bool, now: datetime) -> _Site:
        answer = await self._ask(
            Ask(
                url=f"{origin}/robots.txt",
                accept="text/plain, */*;q=0.1",
                timeout=_TIMEOUT,
                max_size=SIZE_MAX,
                private_addresses=private_addresses,
                purpose="robots.txt",
            ),
            now,
        )
        if isinstance(answer, FetchFailed) and answer.kind is FailureKind.OFFLINE:
            return _Site(None, "cannot be read: no host can be reached", now, is_ours=True)
        if isinstance(answer, FetchFailed):
            return _Site(None, "cannot be read", now + KEPT_UNREACHABLE)
        if answer.status >= 500 or answer.status == 429:
            return _Site(None, f"answered {answer.status}", now + KEPT_UNREACHABLE)
        if answer.status >= 300:
            return _Site(None, "", now + KEPT)
        fresh = header.max_age(answer.headers, now)
        kept = KEPT if fresh is None else min(max(fresh, KEPT_UNREACHABLE), KEPT)
        text = answer.body[:_READ_MAX].decode("utf-8-sig", "replace")
        return _Site(Protego.parse(text), "", now + kept)


def _delay(seconds: float | None) -> timedelta | None:
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        return None
    return min(timedelta(seconds=min(seconds, 1e6)), _DELAY_MAX)
