"""When a source is asked again: pure, so that the whole schedule can be tested without waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified, Outcome
from aggregator.model.poll import PollState
from aggregator.model.source import PollSettings

WAIT_MAX = timedelta(days=7)
"""Whatever a publisher asks for: one wrong header must not silence a feed for good."""

BACK_OFF_MAX = timedelta(hours=24)
"""Ceiling of the back-off, unless the operator's `max_interval` is longer (R5)."""

_SPREAD = 0.1
_DOUBLINGS_MAX = 20  # 2^20 intervals are beyond every ceiling, and a timedelta cannot hold 2^100 of them
_OURS = frozenset({FailureKind.FILE, FailureKind.SECRET})

_Wait = tuple[timedelta, str]


def next_poll_at(
    outcome: Outcome, state: PollState, settings: PollSettings, ttl: timedelta | None, seed: str
) -> tuple[datetime, str]:
    """When the source may be asked again, and why then.

    Args:
        outcome: of the poll that has just ended.
        state: as it was before that poll; its `failures` and `last_error_kind` count.
        settings: the source's; `interval` is first brought between `min_interval` and `max_interval`.
        ttl: what the feed itself asks for (RSS `ttl`), if it does.
        seed: spreads sources that were asked together; the same seed always gives the same answer. The source's id.
    Returns:
        An instant from `asked_at + min_interval` up to 7 days after `asked_at`, and one line for a person. It lies up
        to 10 % before or after the plain interval, and never before what the publisher or the back-off asks for.
    Source: RFC 9110, 10.2.3 (Retry-After); RFC 9111, 4.2.1 (freshness); RSS 2.0, `ttl`.
    """
    interval = min(max(settings.interval, settings.min_interval), max(settings.max_interval, settings.min_interval))
    if isinstance(outcome, FetchFailed):
        wait, why = _after_failure(outcome, state, settings, interval)
    else:
        wait, why = _after_success(outcome, settings, interval, ttl)
    if outcome.retry_after is not None and min(outcome.retry_after, WAIT_MAX) > wait:
        wait, why = (
            min(outcome.retry_after, WAIT_MAX),
            f"publisher asks for {_words(outcome.retry_after)} (Retry-After)",
        )
    shortest = settings.min_interval if wait == interval else wait
    spread = wait * (1 + _SPREAD * _position(seed))
    return outcome.asked_at + min(max(spread, shortest), max(WAIT_MAX, settings.min_interval)), why


def _after_success(
    outcome: Fetched | NotModified, settings: PollSettings, interval: timedelta, ttl: timedelta | None
) -> _Wait:
    """The longest of the interval and what the publisher would like, within the operator's bounds.

    What else a feed can ask for (skipHours, sy:update*) is one more wish in this list.
    """
    wishes = ((outcome.max_age, "Cache-Control"), (ttl, "ttl"))
    wait, why = interval, f"every {_words(interval)}"
    for wish, name in wishes:
        if wish is None or min(wish, settings.max_interval) <= wait:
            continue
        wait = min(wish, settings.max_interval)
        bounded = "" if wait == wish else f", at most {_words(wait)} by max_interval"
        why = f"publisher asks for {_words(wish)} ({name}){bounded}"
    return wait, why


def _after_failure(outcome: FetchFailed, state: PollState, settings: PollSettings, interval: timedelta) -> _Wait:
    if outcome.kind in _OURS:  # nobody is burdened by another look, and the operator is waiting for it
        return interval, f"every {_words(interval)}, until it can be read"
    ceiling = max(BACK_OFF_MAX, settings.max_interval, interval)
    if outcome.kind is FailureKind.GONE:
        again = state.last_error_kind is FailureKind.GONE
        return (WAIT_MAX if again else ceiling), "gone (410): asked only to see whether it is back"
    failures = state.failures + 1
    wait = min(interval * 2 ** min(state.failures, _DOUBLINGS_MAX), ceiling)
    if failures == 1:
        return wait, f"failed once; again in {_words(wait)}"
    return wait, f"{failures} failures in a row; backing off, again in {_words(wait)}"


def _position(seed: str) -> float:
    """A number from -1 to 1 that is spread evenly over seeds."""
    drawn = int.from_bytes(blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")
    return drawn / 0xFFFF_FFFF * 2 - 1


def _words(wait: timedelta) -> str:
    """`30 min`, `1 h 30 min`, `7 d`: the two largest units."""
    left = int(wait.total_seconds())
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"
