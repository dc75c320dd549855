"""A configured inbound feed and how it is polled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """Where a secret stands; never the secret itself."""

    scheme: str
    """`env` or `file`."""
    name: str
    """Name of the variable, or path of the file."""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


class Rhythm(StrEnum):
    """How the time between two polls is found."""

    LEARNED = "learned"
    """Feeds that publish seldom are asked less often than `interval`."""
    FIXED = "fixed"


class HoldScope(StrEnum):
    """For whom a Retry-After with 429 or 503 is meant."""

    HOST = "host"
    FEED = "feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """How a source may be asked. Defaults are those of `config/aggregator.yaml`."""

    interval: timedelta = timedelta(minutes=30)
    min_interval: timedelta = timedelta(minutes=5)
    max_interval: timedelta = timedelta(hours=24)
    timeout: timedelta = timedelta(seconds=30)
    """Total time of one poll over all its redirect hops."""
    max_size: int = 20_000_000
    """Bytes of the decoded body."""
    concurrency: int = 64
    per_host: int = 2
    daily_entries: int = 1_000
    """New entries that a feed may bring in 24 hours; what is beyond comes on the days after. Not at its first poll."""
    archive_pages: int = 10
    """Older pages or archives that are read when a feed is read for the first time; 0: none."""
    private_addresses: bool = False
    """Whether addresses that are not global (loopback, private, link-local …) may be connected to."""
    rhythm: Rhythm = Rhythm.LEARNED
    retry_after: HoldScope = HoldScope.HOST
    robots: bool = False
    """Whether robots.txt is honoured (RFC 9309)."""
    user_agent: str | None = None
    """None: the service's own."""
    proxy: SecretRef | None = None
    """Refers to the `http://[user:password@]host:port` of a proxy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A configured inbound feed."""

    id: str
    """[a-z0-9-], unique."""
    feed: str
    """http(s) URL, or `file:` and a path inside `config/` (only ever from configuration files)."""
    policy: str | None = None
    """Id of the publisher's policy; None: `unknown_policy` decides."""
    tags: tuple[str, ...] = ()
    enabled: bool = True
    title: str | None = None
    """The operator's name for it; None: the policy's publisher, else the feed's own title, shown as a claim."""
    polling: PollSettings = PollSettings()
    headers: tuple[tuple[str, SecretRef | str], ...] = ()
    """Request headers sent to the feed's own origin only."""
    cookies: tuple[tuple[str, SecretRef | str], ...] = ()
    """Sent to the feed's own origin only; what the server sets is not kept."""
    basic_auth: SecretRef | None = None
    """Refers to `user:password`."""
    bearer_auth: SecretRef | None = None
    where: str = ""
    """file:line of its definition."""
