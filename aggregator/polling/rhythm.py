"""How often a feed publishes, learned from what was seen of it; and how often it is then worth asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import structs

from aggregator.model.poll import PollState

SHARE = 20
"""A feed is asked about this many times in its usual pause, or in the pause that it makes now if that is longer. So
news come at most a twentieth of that pause late: a weekly paper's within nine hours, an hourly one's by `interval`."""

NEWEST = 20
"""Dates of a first document from which a pause is guessed."""
DATES_MIN = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait, and from what that follows."""

    wait: timedelta
    pause: timedelta
    quiet: bool
    """Whether `pause` is the one it makes now, and longer than usual."""

    def words(self, written: Callable[[timedelta], str]) -> str:
        """For a person."""
        if self.quiet:
            return f"nothing new for {written(self.pause)}"
        return f"publishes about every {written(self.pause)}"


def learned(state: PollState, now: datetime, *, changed: bool = False) -> Pace | None:
    """How long to wait for a feed that publishes as this one does; None: nothing is known yet.

    What was not watched is not trusted: dates in a document can be anything, so the pause counts only up to the time
    for which this feed has been polled.

    Args:
        changed: whether it has published just now.
    """
    if state.watched_since is None:
        return None
    last = state.last_changed_at if state.last_changed_at is not None else state.watched_since
    quiet = timedelta() if changed else now - last
    pause = max(quiet, state.pause or timedelta())
    watched = now - state.watched_since
    return Pace(max(min(pause, watched), timedelta()) / SHARE, pause, quiet > (state.pause or timedelta()))


def learn(state: PollState, dates: Iterable[datetime], now: datetime, *, changed: bool) -> PollState:
    """The state with what a document that was read teaches.

    Args:
        state: before this poll.
        dates: of the entries that were read, as far as they have any.
        changed: whether any of them was new or changed.
    """
    if state.watched_since is None:
        return structs.replace(state, watched_since=now, pause=_guessed(dates, now))
    if not changed or state.last_changed_at is None:
        return state
    pause = max(now - state.last_changed_at, timedelta())
    # A moving average over about the last seven: one quiet summer is soon forgotten.
    known = pause if state.pause is None else (3 * state.pause + pause) / 4
    return structs.replace(state, pause=known)


def _guessed(dates: Iterable[datetime], now: datetime) -> timedelta | None:
    known = sorted({date for date in dates if date <= now}, reverse=True)[:NEWEST]
    if len(known) < DATES_MIN:
        return None
    return (known[0] - known[-1]) / (len(known) - 1)
