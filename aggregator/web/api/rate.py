"""How often a token, or an address that sends none, may ask: a bucket for each that fills evenly."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

BUCKETS_MAX = 10_000
"""Remembered at once: the longest unused are forgotten, and they are full by then."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rate:
    """A bound on requests. One per process.

    Args:
        per_minute: how many on the whole; as many may come at once after a minute of quiet.
    """

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, who: str, now: float) -> int:
        """Takes one request from a bucket.

        Args:
            who: whose bucket.
            now: seconds by a clock that never goes back.
        Returns:
            0, or the whole seconds after which there is one again.
        """
        bucket = self._buckets.pop(who, None) or _Bucket(self._most, now)
        bucket.left = min(self._most, bucket.left + max(0.0, now - bucket.at) * self._most / 60)
        bucket.at = now
        self._buckets[who] = bucket
        while len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            return max(1, math.ceil((1 - bucket.left) * 60 / self._most))
        bucket.left -= 1
        return 0
