"""When a feed would like to be asked, or not: RSS `skipHours` and `skipDays`, the syndication module's `update*`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.intake.document import Element, local
from aggregator.model.parsed import Wishes

PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHILDREN_MAX = 100
_CHARS_MAX = 100
_NONE = Wishes()


def wishes_of(fields: dict[str, list[Element]]) -> Wishes:
    """What the feed asks for; what cannot be understood asks for nothing.

    Source: RSS 2.0, `skipHours` (0 to 23, GMT; 0.91 counts to 24), `skipDays`; RSS 1.0 Syndication Module.
    """
    every = update_every(fields)
    hours = (text for text in _children(fields, "rss:skiphours", "hour") if text.isascii() and text.isdigit())
    days = (text.lower() for text in _children(fields, "rss:skipdays", "day"))
    found = Wishes(
        update_every=every,
        update_base=None if every is None else _instant(_text(fields, "sy:updatebase")),
        skip_hours=tuple(sorted({int(text[:4]) % 24 for text in hours if int(text[:4]) <= 24})),
        skip_days=tuple(sorted({_DAYS.index(text) for text in days if text in _DAYS})),
    )
    return _NONE if found == _NONE else found


def update_every(fields: dict[str, list[Element]]) -> timedelta | None:
    """`sy:updatePeriod` divided by `sy:updateFrequency`; None: the feed names no period."""
    period = PERIODS.get(_text(fields, "sy:updateperiod").lower())
    if period is None:
        return None
    times = _text(fields, "sy:updatefrequency")
    return period / (int(times) if times.isascii() and times.isdigit() and len(times) <= 6 and int(times) else 1)


def _text(fields: dict[str, list[Element]], key: str) -> str:
    for element in fields.get(key, ()):
        if text := (element.text or "").strip():
            return text[:_CHARS_MAX]
    return ""


def _children(fields: dict[str, list[Element]], key: str, name: str) -> list[str]:
    return [
        (child.text or "").strip()[:_CHARS_MAX]
        for element in fields.get(key, ())[:1]
        for child in list(element)[:_CHILDREN_MAX]
        if isinstance(child.tag, str) and local(child) == name
    ]


def _instant(text: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(text.upper())
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
