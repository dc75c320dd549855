"""Dates as feeds write them: RFC 3339, RFC 822, the languages that publishers write months in, and what is left.

A date is read whole or not at all. feedparser completes what a text leaves open from today's date, and takes a text
for a year that merely starts with four digits: its own readings are not used.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone

from dateutil import parser as dates

_MONTHS_BY_LANGUAGE = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "january february march april may june july august sept october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "janvier février mars avril mai juin juillet aout septembre octobre novembre décembre",
    "ene fev mrz abr mayo giu lug ago set ott nov dic",
    "enero febrero marzo abril maio junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "января февраля марта апреля май июня июля августа сентября октября ноября декабря",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ιαν φεβ μάρ απρ μάι ιούν ιούλ αύγ σεπ οκτ νοέ δεκ",
)
# Short forms that are not the first letters of a name in the table.
_SHORT = {
    "gen": 1, "sty": 1, "jänner": 1, "febr": 2, "lut": 2, "mrt": 3, "avr": 4, "kwi": 4, "mag": 5, "mei": 5, "cze": 6,
    "lip": 7, "sie": 8, "wrz": 9, "out": 10, "paź": 10, "lis": 11, "gru": 12,
}  # fmt: skip
_MONTHS = {name: at for names in _MONTHS_BY_LANGUAGE for at, name in enumerate(names.split(), 1)} | _SHORT

_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2,
    "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "adt": -3,
    "ast": -4, "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
}  # fmt: skip
_ZONES = {name.upper(): hours * 3600 for name, hours in _HOURS.items()}

_RFC822 = re.compile(
    r"(?:[^\W\d]{2,12}\.?,?\s+(?:den\s+|le\s+)?)?(\d{1,2})(?:\.|º|er)?[\s-]*(?:de\s+)?([^\W\d]{3,12})\.?,?[\s-]*(?:de\s+)?"
    r"(\d{4}|\d\d)(?![\d:])(?:,?\s+(?:[^\W\d]{1,4}\s+)?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?"
    r"\s*(?:uhr|h)?\s*((?!am|pm)[a-z/]{1,12})?\s*([+-]\d\d:?\d\d)?(?:\s*\([^()]{1,40}\))?)?"
)
_EAST = re.compile(
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일](?:\D{0,8}?(\d{1,2})(?::|\s*[時时시]\s*)(\d{1,2})"
    r"(?:(?::|\s*[分분]\s*)(\d{1,2}))?\s*[분分秒초]?)?"
)
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:$|[T\s]\s*\d)", re.IGNORECASE)
_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001  only to see what a text leaves open
_LENGTH_MAX = 80


def read_instant(text: object) -> datetime | None:
    """A date as an instant in UTC, whole seconds; None where it cannot be read, or not without guessing.

    Without a zone it is taken as UTC, as is a zone that nobody knows (RFC 5322, 4.3).
    """
    if not isinstance(text, str) or not 6 <= len(text := text.strip()) <= _LENGTH_MAX:
        return None
    try:
        found = _iso(text) if _ISO.match(text) else _rfc822(text) or _eastern(text)
        found = found or _loose(text)
        return None if found is None else found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError, TypeError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.upper().replace(" +", "+").replace(":60", ":59"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _rfc822(text: str) -> datetime | None:
    match = _RFC822.fullmatch(text.casefold())
    if match is None:
        return None
    day, name, years, hour, minute, second, zone, offset = match.groups()
    month = _MONTHS.get(name) or _MONTHS.get(name[:3] if name.isascii() else name[:4])
    if month is None:
        return None
    year = int(years)
    if len(years) == 2:
        year += 2000 if year < 90 else 1900
    at = (int(hour or 0), int(minute or 0), min(int(second or 0), 59))
    return datetime(year, month, int(day), *at, tzinfo=_zone(zone, offset))


def _zone(name: str | None, offset: str | None) -> timezone:
    if offset:
        digits = offset.replace(":", "")
        away = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
        return timezone(-away if offset[0] == "-" else away)
    return timezone(timedelta(hours=_HOURS.get(name or "", 0)))


def _eastern(text: str) -> datetime | None:
    match = _EAST.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    # Korea has one zone, and its feeds leave it out; a Chinese or Japanese text does not say which of the two it is.
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(timedelta(hours=9 if "년" in text else 0)))


def _loose(text: str) -> datetime | None:
    """A date in another form, where year, month and day are all there and can be told apart."""
    if len(text) < 8 or not re.search(r"(?<!\d)(?:19|20)\d{2}(?!\d)", text):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        readings = {
            dates.parse(text, default=default, tzinfos=_ZONES, dayfirst=day_first)
            for default in _DEFAULTS
            for day_first in (False, True)
        }
    if len(readings) != 1:
        return None
    found = readings.pop()
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
