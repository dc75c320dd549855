"""Arithmetic on instants that never fails: what would lie beyond the calendar is its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

NEVER = datetime.max.replace(tzinfo=UTC)


class Start(StrEnum):
    """From which of an entry's dates a time is counted."""

    PUBLISHED = "published"
    """Its publication, its first sighting where that is missing (ruling 10)."""
    EARLIEST = "earliest"
    """The earliest date that it ever gave (ruling 10)."""
    RELEASED = "released"
    """Its first release; before one, the instant of asking (ruling 17)."""


class Clock(NamedTuple):
    """A time that runs out for each entry on its own."""

    start: Start
    span: timedelta


class Moment(NamedTuple):
    """An instant at which an answer changes, or from which it has held."""

    at: datetime
    clock: Clock | None = None
    """What it was reckoned by; None: by the dates of a grant."""


def later(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return NEVER


def day(instant: datetime) -> date:
    """The UTC day of an instant (ruling 10)."""
    try:
        return instant.astimezone(UTC).date()
    except OverflowError:  # within hours of the calendar's ends
        return instant.date()


def start_of(when: date) -> datetime:
    return datetime.combine(when, time.min, UTC)


def end_of(when: date) -> datetime:
    """The first instant after a day: dates are inclusive."""
    return NEVER if when == date.max else start_of(when + timedelta(days=1))


def days(number: object) -> timedelta | None:
    """A number of days from a policy; None if it is not one."""
    try:
        return timedelta(days=float(number))  # type: ignore[arg-type]  # a str counts where it is a number
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return timedelta.max


def written(instant: datetime) -> str:
    """An instant for a person: `2026-11-20 14:00 UTC`."""
    try:
        instant = instant.astimezone(UTC)
    except OverflowError:
        return instant.isoformat()
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def span(duration: timedelta) -> str:
    """A duration for a person: `36 hours`, `90 days`."""
    seconds = duration.total_seconds()
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            number = int(seconds // size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"
