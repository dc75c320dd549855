"""Who is let in at a secret address, how often, and what was taken: all in memory, read and written in batches."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import AggregatorError
from aggregator.model.output import Access
from aggregator.model.subscriber import Fetch, Subscriber
from aggregator.service.subscribers import digest_of, refusals
from aggregator.store import subscribers as on_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.model.output import Format
    from aggregator.service.house import House
    from aggregator.service.world import World

log = structlog.get_logger(__name__)

LOOK = 1.0
"""Seconds between two looks for subscribers that were added, renewed or revoked."""
SECRET_MAX = 200
"""Characters of what is worth a digest."""
WAITING_MAX = 50_000
"""Records of fetches that wait to be written, while the database does not answer."""
FORGET_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A subscriber may have the document."""

    subscriber: Subscriber
    personal: bool
    """Whether the document has no public address, so that its links to itself must be the subscriber's own."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """It asks too often."""

    retry_after: int
    """Whole seconds until it may ask again."""


class _Bucket:
    """So many requests in an hour, all at once or one by one."""

    def __init__(self, rate: int, at: float) -> None:
        self.rate, self._left, self._at = rate, float(rate), at

    def take(self, at: float) -> int | None:
        """Takes one; else the whole seconds after which there is one again."""
        self._left = min(float(self.rate), self._left + (at - self._at) * self.rate / 3600)
        self._at = at
        if self._left >= 1:
            self._left -= 1
            return None
        return max(1, ceil((1 - self._left) * 3600 / self.rate))


class Admission:
    """The subscribers as this process knows them. One per process.

    Only digests of secrets are compared, so neither a lookup's time nor a dump of memory tells one.
    """

    def __init__(self, house: House, tick: Callable[[], float] = time.monotonic) -> None:
        self._house = house
        self._tick = tick
        self._known: dict[str, Subscriber] = {}
        self._buckets: dict[str, _Bucket] = {}
        self._fits: dict[tuple[str, str], bool] = {}
        """Whether a subscriber's use fits an output's, under `_world`."""
        self._world: World | None = None
        self._version = -1
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._waiting: dict[tuple[str, str, datetime, str], Fetch] = {}
        self._forgot_at: datetime | None = None

    async def admit(self, secret: str, output: str, format_: Format) -> Admitted | TooMany | None:
        """Whether whoever has the secret may have a document now.

        Returns:
            None for an unknown, expired or revoked secret, and for what is not for this subscriber: nobody can tell
            which of them it was.
        """
        await self._look()
        subscriber = self._find(secret)
        if subscriber is None or subscriber.state(self._house.clock()) != "active":
            return None
        wait = self._bucket(subscriber).take(self._tick())
        if wait is not None:
            return TooMany(wait)
        configured = self._house.world.outputs.get(output)
        if configured is None or format_ not in configured.formats or not self._may(subscriber, output, format_):
            return None
        return Admitted(subscriber=subscriber, personal=configured.access is not Access.PUBLIC)

    def _find(self, secret: str) -> Subscriber | None:
        # How long a look into this table takes depends on digests only, and nobody can choose what those begin with.
        return self._known.get(digest_of(secret)) if len(secret) <= SECRET_MAX else None

    def _bucket(self, subscriber: Subscriber) -> _Bucket:
        bucket = self._buckets.get(subscriber.id)
        if bucket is None or bucket.rate != subscriber.rate:
            bucket = self._buckets[subscriber.id] = _Bucket(subscriber.rate, self._tick())
        return bucket

    def _may(self, subscriber: Subscriber, output: str, format_: Format) -> bool:
        if output not in subscriber.outputs or (subscriber.formats and format_ not in subscriber.formats):
            return False
        world = self._house.world
        if world is not self._world:
            self._world, self._fits = world, {}
        key = subscriber.id, output
        if key not in self._fits:
            # Asked anew under each configuration: an output's use, or a publisher's rules, may have changed since.
            self._fits[key] = refusals(subscriber.use, world, [output])[output] is None
        return self._fits[key]

    async def _look(self) -> None:
        """Learns of changes that any process made, at most once in `LOOK` seconds."""
        if self._tick() - self._looked_at < LOOK:
            return
        async with self._looking:
            if self._tick() - self._looked_at < LOOK:
                return
            try:
                version = await self._house.store.read(on_record.version)
                if version != self._version:
                    self._known = await self._house.store.read(on_record.read)
                    self._version, self._fits = version, {}
                    ids = {subscriber.id for subscriber in self._known.values()}
                    self._buckets = {id_: bucket for id_, bucket in self._buckets.items() if id_ in ids}
            except AggregatorError as error:
                if self._version < 0:
                    raise  # nobody is known yet: that is no answer
                log.warning("subscribers as they were known last", error=str(error))
            self._looked_at = self._tick()

    # What they took

    def note(self, subscriber: Subscriber, output: str, format_: Format, modified_at: datetime) -> None:
        """Remembers that a subscriber took a version of a document, or has it already; `flush` writes it."""
        now = self._house.clock()
        key = subscriber.id, output, modified_at, format_.value
        seen = Fetch(
            subscriber=subscriber.id,
            output=output,
            modified_at=modified_at,
            first_at=now,
            last_at=now,
            count=1,
            formats=(format_.value,),
        )
        found = self._waiting.get(key)
        if found is None and len(self._waiting) >= WAITING_MAX:
            return
        self._waiting[key] = seen if found is None else _sum(found, seen)

    async def flush(self) -> None:
        """Writes what was taken since the last time, in one transaction; once a day, drops what is too old to matter.

        Raises:
            StoreError: the database does not answer; what waits is kept for the next time.
        """
        waiting, self._waiting = self._waiting, {}
        try:
            if waiting:
                await self._house.store.write(on_record.note, list(waiting.values()))
        except AggregatorError:
            for key, fetch in self._waiting.items():
                waiting[key] = _sum(waiting[key], fetch) if key in waiting else fetch
            self._waiting = dict(list(waiting.items())[-WAITING_MAX:])
            raise
        await self._forget()

    async def _forget(self) -> None:
        kept, now = self._house.world.configuration.settings.retention.entries, self._house.clock()
        if kept is None or (self._forgot_at is not None and now - self._forgot_at < FORGET_EVERY):
            return
        self._forgot_at = now
        await self._house.store.write(on_record.forget, now - kept)


def _sum(one: Fetch, other: Fetch) -> Fetch:
    return replace(
        one,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
        count=one.count + other.count,
    )
