"""What a feed's history teaches: seldom asked where it seldom publishes, never more than was watched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.fetched import NotModified, Validators
from aggregator.model.parsed import FeedFacts, Wishes
from aggregator.model.poll import PollState
from aggregator.model.source import PollSettings, Rhythm
from aggregator.polling.due import next_poll_at
from aggregator.polling.rhythm import learn, learned
from tests.polling.test_due import DAY, HOUR, MINUTE, NOW, nearly

SETTINGS = PollSettings()
spans = st.timedeltas(timedelta(0), 900 * DAY)


def asked(state: PollState, settings: PollSettings = SETTINGS, *, changed: bool = False) -> tuple[timedelta, str]:
    outcome = NotModified(source="herald", asked_at=NOW, validators=Validators())
    at, why = next_poll_at(outcome, state, settings, FeedFacts(), "herald", changed=changed)
    return at - NOW, why


def a_state(*, watched: timedelta, quiet: timedelta, pause: timedelta | None = None) -> PollState:
    return PollState(source="herald", watched_since=NOW - watched, last_changed_at=NOW - quiet, pause=pause)


@pytest.mark.parametrize(
    ("state", "meant", "why"),
    [
        (a_state(watched=90 * DAY, quiet=2 * HOUR, pause=HOUR), 30 * MINUTE, "every 30 min"),
        (
            a_state(watched=90 * DAY, quiet=HOUR, pause=7 * DAY),
            8 * HOUR + 24 * MINUTE,
            "publishes about every 7 d; asked every 8 h 24 min",
        ),
        (
            a_state(watched=90 * DAY, quiet=HOUR, pause=DAY + timedelta(seconds=1)),
            72 * MINUTE,
            "publishes about every 1 d; asked every 1 h 12 min",
        ),
        (a_state(watched=90 * DAY, quiet=10 * DAY), 12 * HOUR, "nothing new for 10 d; asked every 12 h"),
        (a_state(watched=90 * DAY, quiet=80 * DAY), DAY, "nothing new for 80 d; asked every 1 d"),
        (a_state(watched=HOUR, quiet=HOUR, pause=7 * DAY), 30 * MINUTE, "every 30 min"),
        (
            a_state(watched=DAY, quiet=HOUR, pause=7 * DAY),
            72 * MINUTE,
            "publishes about every 7 d; asked every 1 h 12 min",
        ),
    ],
)  # fmt: skip
def test_a_feed_is_asked_as_it_publishes(state: PollState, meant: timedelta, why: str) -> None:
    found, told = asked(state)
    assert (nearly(found, meant), told) == (True, why)


def test_a_feed_that_wakes_up_is_asked_as_usual_again() -> None:
    sleeper = a_state(watched=90 * DAY, quiet=80 * DAY)
    assert nearly(asked(sleeper, changed=True)[0], 30 * MINUTE)


def test_the_operator_can_switch_it_off() -> None:
    state = a_state(watched=90 * DAY, quiet=80 * DAY)
    assert asked(state, PollSettings(rhythm=Rhythm.FIXED))[1] == "every 30 min"


@given(spans, spans, st.none() | spans, st.booleans())
def test_what_is_learned_stays_within_the_operators_bounds(
    watched: timedelta, quiet: timedelta, pause: timedelta | None, changed: bool
) -> None:
    state = a_state(watched=watched, quiet=quiet, pause=pause)
    found, _ = asked(state, changed=changed)
    assert 0.9 * SETTINGS.interval <= found <= SETTINGS.max_interval
    pace = learned(state, NOW, changed=changed)
    assert pace is not None
    assert pace.wait <= watched / 20


@given(st.lists(st.datetimes().map(lambda date: date.replace(tzinfo=NOW.tzinfo)), max_size=40), st.booleans())
def test_no_dates_can_break_it(dates: list, changed: bool) -> None:
    state = learn(PollState(source="herald"), dates, NOW, changed=changed)
    assert state.watched_since == NOW
    assert state.pause is None or state.pause > timedelta(0)


def test_a_first_document_tells_its_pause_and_what_follows_moves_it() -> None:
    state = learn(PollState(source="herald"), [NOW - number * 7 * DAY for number in range(5)], NOW, changed=True)
    assert state.pause == 7 * DAY
    state = learn(a_state(watched=90 * DAY, quiet=3 * DAY, pause=7 * DAY), [], NOW, changed=True)
    assert state.pause == 6 * DAY
    assert learn(state, [], NOW, changed=False) == state
    assert learn(PollState(source="herald"), [NOW, NOW - DAY], NOW, changed=True).pause is None


# --- what a feed itself asks for


def wait(wishes: Wishes, at: timedelta = timedelta(0), **more: object) -> tuple[timedelta, str]:
    outcome = NotModified(source="herald", asked_at=NOW + at, validators=Validators())
    settings = PollSettings(**more)
    due, why = next_poll_at(outcome, PollState(source="herald"), settings, FeedFacts(wishes=wishes), "herald")
    return due - NOW, why


def test_hours_to_skip_are_skipped() -> None:
    """NOW is a Monday, 12:00."""
    found, why = wait(Wishes(skip_hours=tuple(range(12, 18))))
    assert 6 * HOUR <= found <= 6 * HOUR + 10 * MINUTE
    assert why == "publisher asks to skip 12:00 UTC (skipHours)"
    assert wait(Wishes(skip_hours=(3, 4)))[1] == "every 30 min"


def test_days_to_skip_are_skipped() -> None:
    found, why = wait(Wishes(skip_days=(0,)))
    assert 12 * HOUR <= found <= 12 * HOUR + 10 * MINUTE
    assert why == "publisher asks to skip Monday (skipDays)"


@given(st.sets(st.integers(0, 23)), st.sets(st.integers(0, 6)), st.timedeltas(timedelta(0), 7 * DAY))
def test_skipping_never_goes_beyond_what_the_operator_allows(hours: set[int], days: set[int], at: timedelta) -> None:
    wishes = Wishes(skip_hours=tuple(hours), skip_days=tuple(days))
    found, _ = wait(wishes, at)
    assert 27 * MINUTE <= found - at <= DAY
    due = NOW + found
    if found - at < DAY:
        assert due.hour not in hours
        assert due.weekday() not in days


@pytest.mark.parametrize(
    ("wishes", "meant", "why"),
    [
        (Wishes(update_every=6 * HOUR), 6 * HOUR, "publisher asks for 6 h (sy:updatePeriod)"),
        (Wishes(update_every=DAY, update_base=NOW - 3 * DAY + 2 * HOUR), 2 * HOUR,
         "publisher asks for 2 h (sy:updatePeriod)"),
        (Wishes(update_every=DAY, update_base=NOW + 900 * DAY - HOUR), 23 * HOUR,
         "publisher asks for 23 h (sy:updatePeriod)"),
        (Wishes(update_every=30 * DAY), DAY, "publisher asks for 30 d (sy:updatePeriod), granted 1 d"),
        (Wishes(update_every=timedelta(minutes=1)), 30 * MINUTE, "every 30 min"),
        (Wishes(update_every=timedelta(0), update_base=NOW), 30 * MINUTE, "every 30 min"),
    ],
)  # fmt: skip
def test_periods_and_their_base(wishes: Wishes, meant: timedelta, why: str) -> None:
    found, told = wait(wishes)
    assert (nearly(found, meant), told) == (True, why)


# --- while a hub delivers


@pytest.mark.parametrize(
    ("until", "more", "meant", "why"),
    [
        (9 * DAY, {}, DAY, "a hub delivers; asked every 1 d to be sure"),
        (9 * DAY, {"max_interval": 3 * DAY}, DAY, "a hub delivers; asked every 1 d to be sure"),
        (9 * DAY, {"max_interval": 6 * HOUR}, 6 * HOUR, "a hub delivers; asked every 6 h to be sure"),
        (5 * HOUR, {}, 5 * HOUR, "a hub delivers; asked every 5 h to be sure"),
        (MINUTE, {}, 30 * MINUTE, "a hub delivers; asked every 30 min to be sure"),
        (timedelta(0), {}, 30 * MINUTE, "every 30 min"),
    ],
)
def test_while_a_hub_delivers_polls_are_seldom(
    until: timedelta, more: dict[str, object], meant: timedelta, why: str
) -> None:
    state = PollState(source="herald", pushed_until=NOW + until)
    found, told = asked(state, PollSettings(**more))
    assert (nearly(found, meant), told) == (True, why)
