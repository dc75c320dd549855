"""How sources are polled: for all of them, and what one may set for itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from aggregator.config.words import (
    Line,
    Secret,
    Size,
    duration_between,
    word,
)
from aggregator.config.written.keys import Written, key
from aggregator.model.source import HoldScope, Rhythm

Interval = Annotated[timedelta, duration_between("1s", "90d")]
Timeout = Annotated[timedelta, duration_between("1s", "10m")]


class SourcePollKeys(Written):
    """The polling keys that a source may override."""

    interval: Interval | None = key("How often a feed is asked.", default=None)
    min_interval: Interval | None = key("Never more often than this, whatever a feed says.", default=None)
    max_interval: Interval | None = key("Never less often than this, whatever a feed says.", default=None)
    timeout: Timeout | None = key("Total time of one poll.", default=None)
    max_size: Size | None = key("Largest feed that is read, decompressed.", default=None)
    per_host: int | None = key("Requests to one host at once.", default=None, ge=1, le=64)
    daily_entries: int | None = key(
        "New entries that one feed may bring in 24 hours; the rest comes on the days after.",
        default=None,
        ge=1,
        le=100_000,
    )
    archive_pages: int | None = key(
        "Older pages or archives that are read when a feed is read for the first time.", default=None, ge=0, le=1000
    )
    private_addresses: bool | None = key(
        "Whether feeds on this machine or in a private network may be asked.", default=None
    )
    rhythm: Annotated[Rhythm, word(Rhythm, "rhythm")] | None = key(
        "learned: feeds that publish seldom are asked less often than interval; or fixed.", default=None
    )
    retry_after: Annotated[HoldScope, word(HoldScope, "retry_after")] | None = key(
        "For whom a Retry-After with 429 or 503 holds: all feeds of the host, or that feed only.", default=None
    )
    robots: bool | None = key("Whether robots.txt is asked for and honoured.", default=None)
    user_agent: Line | None = key("User-Agent sent instead of our own.", default=None)
    proxy: Secret | None = key(
        "Where the address of an HTTP proxy stands, http://[USER:PASSWORD@]HOST:PORT: env:NAME or file:PATH.",
        default=None,
    )


class PollingKeys(SourcePollKeys):
    concurrency: int | None = key("Requests at once in all.", default=None, ge=1, le=1000)
