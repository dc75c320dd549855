"""When a source is asked again: laws for every outcome, and the words for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from aggregator.model.fetched import FailureKind, Fetched, FetchFailed, NotModified, Outcome, Validators
from aggregator.model.parsed import FeedFacts
from aggregator.model.poll import PollState
from aggregator.model.source import PollSettings
from aggregator.polling.due import next_poll_at

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SETTINGS = PollSettings()
STATE = PollState(source="herald")

waits = st.none() | st.sampled_from([timedelta(0), MINUTE, HOUR, 2 * HOUR, DAY, 6 * DAY, 7 * DAY, 400 * DAY])
kinds = st.sampled_from(FailureKind)
seeds = st.text(max_size=5)
states = st.builds(
    PollState, source=st.just("herald"), failures=st.integers(0, 10**9), last_error_kind=st.none() | kinds
)
settings = st.builds(
    lambda interval, low, high: PollSettings(interval=interval, min_interval=low, max_interval=max(low, high)),
    *[st.timedeltas(timedelta(seconds=1), 7 * DAY)] * 3,
)
successes = st.builds(
    NotModified, source=st.just("herald"), asked_at=st.just(NOW), validators=st.just(Validators()),
    retry_after=waits, max_age=waits,
) | st.builds(
    Fetched, source=st.just("herald"), asked_at=st.just(NOW), final_url=st.just("http://x/"), status=st.just(200),
    body=st.just(b""), content_type=st.none(), retry_after=waits, max_age=waits,
)  # fmt: skip
failures = st.builds(
    FetchFailed, source=st.just("herald"), asked_at=st.just(NOW), kind=kinds, detail=st.just(""), retry_after=waits
)
NOT_MODIFIED = NotModified(source="herald", asked_at=NOW, validators=Validators())
FAILED = FetchFailed(source="herald", asked_at=NOW, kind=FailureKind.TIMEOUT, detail="no answer within 30 s")


def wait(
    outcome: Outcome,
    state: PollState = STATE,
    bounds: PollSettings = SETTINGS,
    ttl: timedelta | None = None,
    seed: str = "s",
) -> timedelta:
    return next_poll_at(outcome, state, bounds, FeedFacts(ttl=ttl), seed)[0] - NOW


def nearly(found: timedelta, meant: timedelta) -> bool:
    return 0.9 * meant <= found <= 1.1 * meant


def but(outcome: Outcome, **changes: object) -> Outcome:
    """The outcome with other values."""
    if isinstance(outcome, NotModified):
        return structs.replace(outcome, **changes)
    return replace(outcome, **changes)  # type: ignore[arg-type]


@given(successes | failures, states, settings, waits, seeds)
def test_the_next_poll_lies_between_the_shortest_interval_and_seven_days(
    outcome: Outcome, state: PollState, bounds: PollSettings, ttl: timedelta | None, seed: str
) -> None:
    at, why = next_poll_at(outcome, state, bounds, FeedFacts(ttl=ttl), seed)
    assert NOW + bounds.min_interval <= at <= NOW + 7 * DAY
    assert why
    assert why.isprintable()


@given(successes | failures, states, settings, waits, seeds)
def test_the_same_question_has_the_same_answer(
    outcome: Outcome, state: PollState, bounds: PollSettings, ttl: timedelta | None, seed: str
) -> None:
    assert next_poll_at(outcome, state, bounds, FeedFacts(ttl=ttl), seed) == next_poll_at(
        outcome, state, bounds, FeedFacts(ttl=ttl), seed
    )


@given(failures, states, settings, seeds)
def test_one_failure_more_never_means_sooner(
    outcome: FetchFailed, state: PollState, bounds: PollSettings, seed: str
) -> None:
    more = structs.replace(state, failures=state.failures + 1)
    assert wait(outcome, state, bounds, seed=seed) <= wait(outcome, more, bounds, seed=seed)


@given(successes | failures, states, settings, waits, st.sampled_from([MINUTE, HOUR, DAY, 9 * DAY]), seeds)
def test_retry_after_is_never_undercut_below_seven_days(
    outcome: Outcome, state: PollState, bounds: PollSettings, ttl: timedelta | None, asked: timedelta, seed: str
) -> None:
    told = but(outcome, retry_after=asked)
    assert wait(told, state, bounds, ttl, seed) >= min(asked, 7 * DAY)
    if not isinstance(outcome, FetchFailed) and ttl is not None:
        assert wait(told, state, bounds, ttl, seed) >= min(ttl, bounds.max_interval)
    assert wait(told, state, bounds, ttl, seed) >= wait(but(outcome, retry_after=None), state, bounds, ttl, seed)


@given(successes, settings, waits, seeds)
def test_what_a_feed_would_like_never_means_sooner_nor_later_than_the_operator_allows(
    outcome: Fetched | NotModified, bounds: PollSettings, ttl: timedelta | None, seed: str
) -> None:
    asking = but(outcome, retry_after=None)
    plain = but(asking, max_age=None)
    assert wait(plain, STATE, bounds, None, seed) <= wait(asking, STATE, bounds, ttl, seed) <= bounds.max_interval


@given(successes, states, settings, waits, seeds)
def test_a_success_forgets_all_failures(
    outcome: Outcome, state: PollState, bounds: PollSettings, ttl: timedelta | None, seed: str
) -> None:
    assert wait(outcome, state, bounds, ttl, seed) == wait(outcome, STATE, bounds, ttl, seed)


def test_sources_that_were_asked_together_are_asked_apart() -> None:
    found = sorted(wait(NOT_MODIFIED, seed=f"source-{number}") for number in range(300))
    assert 27 * MINUTE <= found[0] <= 28 * MINUTE
    assert 32 * MINUTE <= found[-1] <= 33 * MINUTE
    assert max(later - sooner for sooner, later in pairwise(found)) < MINUTE


@pytest.mark.parametrize(
    ("outcome", "ttl", "meant", "why"),
    [
        (NOT_MODIFIED, None, 30 * MINUTE, "every 30 min"),
        (NOT_MODIFIED, 5 * MINUTE, 30 * MINUTE, "every 30 min"),
        (NOT_MODIFIED, HOUR, HOUR, "publisher asks for 1 h (ttl)"),
        (
            structs.replace(NOT_MODIFIED, max_age=90 * MINUTE),
            HOUR,
            90 * MINUTE,
            "publisher asks for 1 h 30 min (Cache-Control)",
        ),
        (
            structs.replace(NOT_MODIFIED, max_age=3 * DAY),
            None,
            DAY,
            "publisher asks for 3 d (Cache-Control), granted 1 d",
        ),
        (structs.replace(NOT_MODIFIED, retry_after=2 * HOUR), None, 2 * HOUR, "publisher asks for 2 h (Retry-After)"),
        (structs.replace(NOT_MODIFIED, retry_after=MINUTE), None, 30 * MINUTE, "every 30 min"),
        (replace(FAILED, retry_after=3 * DAY), None, 3 * DAY, "publisher asks for 3 d (Retry-After)"),
        (FAILED, None, 30 * MINUTE, "failed once; again in 30 min"),
        (replace(FAILED, kind=FailureKind.GONE), None, DAY, "gone (410): asked once more before it is given up"),
        (replace(FAILED, kind=FailureKind.FILE), None, 30 * MINUTE, "every 30 min, until it can be read"),
    ],
)
def test_when_and_why(outcome: Outcome, ttl: timedelta | None, meant: timedelta, why: str) -> None:
    at, told = next_poll_at(outcome, STATE, SETTINGS, FeedFacts(ttl=ttl), "herald")
    assert nearly(at - NOW, meant)
    assert told == why


@pytest.mark.parametrize(
    ("failed", "meant", "why"),
    [
        (1, HOUR, "2 failures in a row; backing off, again in 1 h"),
        (2, 2 * HOUR, "3 failures in a row; backing off, again in 2 h"),
        (5, 16 * HOUR, "6 failures in a row; backing off, again in 16 h"),
        (6, DAY, "7 failures in a row; backing off, again in 1 d"),
        (1_000, DAY, "1001 failures in a row; backing off, again in 1 d"),
    ],
)
def test_failures_back_off_to_once_a_day(failed: int, meant: timedelta, why: str) -> None:
    at, told = next_poll_at(FAILED, structs.replace(STATE, failures=failed), SETTINGS, FeedFacts(), "herald")
    assert nearly(at - NOW, meant)
    assert told == why


def test_gone_twice_is_asked_once_a_week() -> None:
    gone = replace(FAILED, kind=FailureKind.GONE)
    assert nearly(wait(gone, structs.replace(STATE, failures=1, last_error_kind=FailureKind.GONE)), 7 * DAY)


@pytest.mark.parametrize("kind", [FailureKind.FILE, FailureKind.SECRET, FailureKind.OFFLINE])
def test_what_is_missing_here_is_looked_for_at_every_interval(kind: FailureKind) -> None:
    """Nobody is burdened, and the operator who mends it is waiting."""
    missing = replace(FAILED, kind=kind)
    assert nearly(wait(missing, structs.replace(STATE, failures=50)), 30 * MINUTE)


def test_short_intervals_are_for_the_operator_to_choose() -> None:
    bounds = PollSettings(interval=timedelta(seconds=5), min_interval=timedelta(seconds=1))
    assert nearly(wait(NOT_MODIFIED, bounds=bounds), timedelta(seconds=5))
