"""When a source is asked again: pure, so that the whole schedule can be tested without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from aggregator.model.fetched import FailureKind, FetchFailed, Outcome
from aggregator.model.poll import PollState
from aggregator.model.source import PollSettings

WAIT_MAX = timedelta(days=7)
"""Whatever a publisher asks for: one wrong header must not silence a feed for good."""

BACK_OFF_MAX = timedelta(hours=24)
"""Ceiling of the back-off, unless the operator's `max_interval` is longer (R5)."""

_SPREAD = 0.1
_DOUBLINGS_MAX = 20  # 2^20 intervals are beyond every ceiling, and a timedelta cannot hold 2^100 of them
_OURS = frozenset({FailureKind.FILE, FailureKind.SECRET})


def next_poll_at(
    outcome: Outcome, state: PollState, settings: PollSettings, ttl: timedelta | None, seed: str
) -> tuple[datetime, str]:
    """When the source may be asked again, and why then.

    Args:
        outcome: of the poll that has just ended.
        state: as it was before that poll; its `failures` and `last_error_kind` count.
        settings: the source's; `interval` is first brought between `min_interval` and `max_interval`.
        ttl: what the feed itself asks for (RSS `ttl`), if it does.
        seed: spreads sources that were asked together, by up to 10 % of the wait to either side; the same seed always
            gives the same answer. The source's id.
    Returns:
        An instant from `asked_at + min_interval` up to 7 days after `asked_at`, and one line for a person. It is never
        before what the publisher asks for; a success without Retry-After is never followed by more than
        `max_interval`, a failure without it never by more than a day (or `max_interval`, if that is longer).
    Source: RFC 9110, 10.2.3 (Retry-After); RFC 9111, 4.2.1 (freshness); RSS 2.0, `ttl`.
    """
    longest = max(settings.max_interval, settings.min_interval)
    interval = min(max(settings.interval, settings.min_interval), longest, WAIT_MAX)
    wait, why = interval, f"every {_words(interval)}"
    if isinstance(outcome, FetchFailed):
        longest = max(longest, BACK_OFF_MAX)
        wait, why = _after_failure(outcome, state, interval, longest)
    shortest = settings.min_interval
    for wish, name, most in _wishes(outcome, settings, ttl):
        granted = min(wish, most)
        shortest, longest = max(shortest, granted), max(longest, granted)
        if granted > wait:
            bounded = "" if granted == wish else f", granted {_words(granted)}"
            wait, why = granted, f"publisher asks for {_words(wish)} ({name}){bounded}"
    spread = wait * (1 + _SPREAD * _position(seed))
    return outcome.asked_at + min(max(spread, shortest), max(longest, wait), WAIT_MAX), why


def _wishes(
    outcome: Outcome, settings: PollSettings, ttl: timedelta | None
) -> Iterator[tuple[timedelta, str, timedelta]]:
    """(what the publisher would like, where it says so, the most that is granted).

    What else a feed can ask for as a length of time (sy:update*) is one more line here; what it asks for as hours or
    days (skipHours, skipDays) moves the instant that comes out of it all.
    """
    if not isinstance(outcome, FetchFailed):
        if outcome.max_age is not None:
            yield outcome.max_age, "Cache-Control", settings.max_interval
        if ttl is not None:
            yield ttl, "ttl", settings.max_interval
    if outcome.retry_after is not None:
        yield outcome.retry_after, "Retry-After", WAIT_MAX


def _after_failure(
    outcome: FetchFailed, state: PollState, interval: timedelta, ceiling: timedelta
) -> tuple[timedelta, str]:
    if outcome.kind in _OURS:  # nobody is burdened by another look, and the operator is waiting for it
        return interval, f"every {_words(interval)}, until it can be read"
    if outcome.kind is FailureKind.GONE:
        again = state.last_error_kind is FailureKind.GONE
        return (WAIT_MAX if again else ceiling), "gone (410): asked only to see whether it is back"
    failures = state.failures + 1
    wait = min(interval * 2 ** min(state.failures, _DOUBLINGS_MAX), ceiling)
    if failures == 1:
        return wait, f"failed once; again in {_words(wait)}"
    return wait, f"{failures} failures in a row; backing off, again in {_words(wait)}"


@lru_cache(maxsize=16_384)
def _position(seed: str) -> float:
    """A number from -1 to 1 that is spread evenly over seeds."""
    drawn = int.from_bytes(blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")
    return drawn / 0xFFFF_FFFF * 2 - 1


@lru_cache(maxsize=1_024)
def _words(wait: timedelta) -> str:
    """`30 min`, `1 h 30 min`, `7 d`: the two largest units."""
    left = int(wait.total_seconds())
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"
