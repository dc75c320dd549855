"""When a source is asked again: pure, so that the whole schedule can be tested without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from aggregator.model.fetched import FailureKind, FetchFailed, Outcome
from aggregator.model.parsed import FeedFacts, Wishes
from aggregator.model.poll import PollState
from aggregator.model.source import PollSettings, Rhythm
from aggregator.polling.rhythm import learned

WAIT_MAX = timedelta(days=7)
"""Whatever a publisher asks for: one wrong header must not silence a feed for good."""

BACK_OFF_MAX = timedelta(hours=24)
"""Ceiling of the back-off, unless the operator's `max_interval` is longer (R5)."""

PUSHED_MAX = timedelta(days=1)
"""The most between two polls while a hub delivers: a hub may lose a delivery, or stop without a word."""

GONE_WHY = "gone (410 twice): not polled any more"

_SPREAD = 0.1
_DOUBLINGS_MAX = 20  # 2^20 intervals are beyond every ceiling, and a timedelta cannot hold 2^100 of them
_OURS = frozenset({FailureKind.FILE, FailureKind.SECRET, FailureKind.OFFLINE})
_HOUR = timedelta(hours=1)
_AFTER_SKIP = timedelta(minutes=10)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def next_poll_at(
    outcome: Outcome, state: PollState, settings: PollSettings, feed: FeedFacts, seed: str, *, changed: bool = False
) -> tuple[datetime, str]:
    """When the source may be asked again, and why then.

    Args:
        outcome: of the poll that has just ended.
        state: as it was before that poll; its `failures`, `last_error_kind`, rhythm and `pushed_until` count.
        settings: the source's; `interval` is first brought between `min_interval` and `max_interval`.
        feed: what the feed itself asks for (`ttl`, `wishes`).
        seed: spreads sources that were asked together, by up to 10 % of the wait to either side; the same seed always
            gives the same answer. The source's id.
        changed: whether the poll brought anything.
    Returns:
        An instant from `asked_at + min_interval` up to 7 days after `asked_at`, and one line for a person. It is never
        before what the publisher asks for; a success without Retry-After is never followed by more than
        `max_interval`, a failure without it never by more than a day (or `max_interval`, if that is longer).
    Source: RFC 9110, 10.2.3 (Retry-After); RFC 9111, 4.2.1 (freshness); RSS 2.0, `ttl`, `skipHours`, `skipDays`; RSS
        1.0 Syndication Module. `rhythm.learned` for what is learned.
    """
    longest = _longer(settings.max_interval, settings.min_interval)
    interval = _shorter(_shorter(_longer(settings.interval, settings.min_interval), longest), WAIT_MAX)
    wait, why = interval, _every(interval)
    if isinstance(outcome, FetchFailed):
        longest = _longer(longest, BACK_OFF_MAX)
        wait, why = _after_failure(outcome, state, interval, longest)
    else:
        if settings.rhythm is Rhythm.LEARNED and state.watched_since is not None:
            wait, why = _at_its_pace(outcome.asked_at, state, changed, wait, why, longest)
        if state.pushed_until is not None and state.pushed_until > outcome.asked_at:
            wait, why = _pushed(outcome.asked_at, state.pushed_until, wait, longest)
    shortest = settings.min_interval
    for wish, name, most in _wishes(outcome, settings, feed):
        granted = _shorter(wish, most)
        shortest, longest = _longer(shortest, granted), _longer(longest, granted)
        if granted > wait:
            bounded = "" if granted == wish else f", granted {_words(granted)}"
            wait, why = granted, f"publisher asks for {_words(wish)} ({name}){bounded}"
    spread = wait * (1 + _SPREAD * _position(seed))
    last = outcome.asked_at + _shorter(_longer(longest, wait), WAIT_MAX)
    at = outcome.asked_at + _longer(spread, shortest)
    at = at if at < last else last
    if feed.wishes.skip_hours or feed.wishes.skip_days:
        return _outside(at, last, feed.wishes, seed, why)
    return at, why


# `max` and `min` take three times as long, and a round asks eight times for each source.


def _longer(one: timedelta, other: timedelta) -> timedelta:
    return one if one >= other else other


def _shorter(one: timedelta, other: timedelta) -> timedelta:
    return one if one <= other else other


def _wishes(outcome: Outcome, settings: PollSettings, feed: FeedFacts) -> Iterator[tuple[timedelta, str, timedelta]]:
    """(what the publisher would like, where it says so, the most that is granted)."""
    if not isinstance(outcome, FetchFailed):
        most = settings.max_interval
        if outcome.max_age is not None:
            yield outcome.max_age, "Cache-Control", most
        every = feed.wishes.update_every
        if feed.ttl is not None and feed.ttl != every:
            yield feed.ttl, "ttl", most
        if every is not None:
            yield _until_update(outcome.asked_at, every, feed.wishes.update_base), "sy:updatePeriod", most
        if outcome.crawl_delay is not None:
            yield outcome.crawl_delay, "Crawl-delay", most
    if outcome.retry_after is not None:
        yield outcome.retry_after, "Retry-After", WAIT_MAX


def _until_update(now: datetime, every: timedelta, base: datetime | None) -> timedelta:
    """To the next of the instants at which the feed says that it is updated; without a base, one period."""
    if base is None or not every:
        return every
    return every - (now - base) % every


def _at_its_pace(
    now: datetime, state: PollState, changed: bool, wait: timedelta, why: str, longest: timedelta
) -> tuple[timedelta, str]:
    """A feed that publishes seldom is asked less often than `interval`, never more often."""
    pace = learned(state, now, changed=changed)
    if pace is None or pace.wait <= wait:
        return wait, why
    slower = min(pace.wait, longest)
    return slower, f"{pace.words(_words)}; asked every {_words(slower)}"


def _pushed(now: datetime, until: datetime, wait: timedelta, longest: timedelta) -> tuple[timedelta, str]:
    """While a hub delivers: seldom, and soon after it has stopped."""
    seldom = max(min(longest, PUSHED_MAX, max(until - now, wait)), wait)
    return seldom, f"a hub delivers; asked every {_words(seldom)} to be sure"


def _outside(at: datetime, last: datetime, wishes: Wishes, seed: str, why: str) -> tuple[datetime, str]:
    """The first instant that is in none of the hours and days to skip; not after `last`, which the operator allows."""
    start = at
    while at < last and (at.weekday() in wishes.skip_days or at.hour in wishes.skip_hours):
        at = at.replace(minute=0, second=0, microsecond=0) + _HOUR
    if at == start:
        return at, why
    # Those who come out of the same night do not all ask at its last stroke.
    at = min(at + _AFTER_SKIP * (_position(seed) + 1) / 2, last)
    if start.weekday() in wishes.skip_days:
        return at, f"publisher asks to skip {_DAYS[start.weekday()]} (skipDays)"
    return at, f"publisher asks to skip {start.hour}:00 UTC (skipHours)"


def after_hold(until: datetime, settings: PollSettings, seed: str) -> datetime:
    """When a source is asked whose host wanted to be left alone: not all of them at the same moment."""
    return until + settings.interval * _SPREAD * (_position(seed) + 1) / 2


def _after_failure(
    outcome: FetchFailed, state: PollState, interval: timedelta, ceiling: timedelta
) -> tuple[timedelta, str]:
    if outcome.kind in _OURS:  # nobody is burdened by another look, and the operator is waiting for it
        return interval, f"every {_words(interval)}, until it can be read"
    if outcome.kind is FailureKind.GONE:
        if is_gone_for_good(outcome, state):
            return WAIT_MAX, GONE_WHY
        return ceiling, "gone (410): asked once more before it is given up"
    failures = state.failures + 1
    wait = min(interval * 2 ** min(state.failures, _DOUBLINGS_MAX), ceiling)
    if failures == 1:
        return wait, f"failed once; again in {_words(wait)}"
    return wait, f"{failures} failures in a row; backing off, again in {_words(wait)}"


def is_gone_for_good(outcome: Outcome, state: PollState) -> bool:
    """Whether 410 was answered twice in a row (R7): then it is not polled any more."""
    return (
        isinstance(outcome, FetchFailed)
        and outcome.kind is FailureKind.GONE
        and (state.gone_at is not None or state.last_error_kind is FailureKind.GONE)
    )


@lru_cache(maxsize=16_384)
def _position(seed: str) -> float:
    """A number from -1 to 1 that is spread evenly over seeds."""
    drawn = int.from_bytes(blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")
    return drawn / 0xFFFF_FFFF * 2 - 1


@lru_cache(maxsize=1_024)
def _every(interval: timedelta) -> str:
    return f"every {_words(interval)}"


@lru_cache(maxsize=1_024)
def _words(wait: timedelta) -> str:
    """`30 min`, `1 h 30 min`, `7 d`: the largest unit, and what is over in the next."""
    left = int(wait.total_seconds())
    for (size, unit), (smaller, part) in pairwise(_UNITS):
        if left >= size:
            over = left % size // smaller
            return f"{left // size} {unit} {over} {part}" if over else f"{left // size} {unit}"
    return f"{left} s"


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
