"""Dates as feeds write them: RFC 3339, RFC 822, the languages that publishers write months in, and what is left.

A date is read whole or not at all. feedparser completes what a text leaves open from today's date, and takes a text
for a year that merely starts with four digits: its own readings are not used.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser as dates

_MONTHS_BY_LANGUAGE = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "janvier février mars avril mai juin juillet aout septembre octobre novembre décembre",
    "ene fev mrz abr mayo giu lug ago set ott nov dic",
    "enero febrero marzo abril maio junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "ian feb mar apr mai iun iul aug sept oct noi dec",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "января февраля марта апреля май июня июля августа сентября октября ноября декабря",
    "јан феб мар апр мај јун јул авг сеп окт нов дец",
    "яну фев март апр май юни юли авг сеп окт ное дек",
    "січ лют бер кві тра чер лип сер вер жов лис гру",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "led úno bře dub kvě čvn čvc srp zář říj lis pro",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "január február március április május június július augusztus szeptember október november december",
    "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "ιαν φεβ μάρ απρ μάι ιούν ιούλ αύγ σεπ οκτ νοέ δεκ",
    "ιαν φεβ μαρ απρ μαϊ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
)
# Short forms that are not the first letters of a name in the table.
_SHORT = {
    "gen": 1, "sty": 1, "jänner": 1, "febr": 2, "lut": 2, "mrt": 3, "avr": 4, "kwi": 4, "إبريل": 4, "mag": 5, "mei": 5,
    "μαΐ": 5, "cze": 6, "lip": 7, "sie": 8, "wrz": 9, "out": 10, "paź": 10, "lis": 11, "gru": 12, "des": 12,
}  # fmt: skip
_MONTHS = {name: at for names in _MONTHS_BY_LANGUAGE for at, name in enumerate(names.split(), 1)} | _SHORT

_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2,
    "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "sast": 2, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "adt": -3, "ast": -4, "edt": -4, "est": -5, "cdt": -5, "cst": -6,
    "mdt": -6, "mst": -7, "pdt": -7, "pst": -8, "akdt": -8, "akst": -9, "hst": -10,
}  # fmt: skip
_ZONES = {name.upper(): hours * 3600 for name, hours in _HOURS.items()}
_AFTERNOON = frozenset({"pm", "오후", "下午", "午後"})
_HALVES = "am|pm|오전|오후|上午|下午|午前|午後"

# A time of day, with what stands between it and the date, and the zone after it.
_TIME = (
    r"(?:(?:,|\s|t(?=\d)|[-–]\s|(?:um|at|à|às|a las|o|kl\.?|в|klo|alle|saat)\s)+(?:(?P<half>" + _HALVES + r")\s*)?"
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?\s*(?:uhr|h)?\s*(?P<half_after>(?:am|pm)\b)?"
    r"\s*(?P<zone>[a-z]{1,5}(?:\d[a-z]{3})?|[a-z]+/[a-z_]+(?:/[a-z_]+)?)?\s*(?P<offset>[+-]\d{1,2}(?::?\d\d)?)?(?:\s*[a-z]{1,5})?"
    r"(?:\s*\([^()]{1,60}\))?)?"
)
_WEEKDAY = r"(?:[^\W\d]{1,12}[.,]*\s+){0,2}?(?:[^\W\d]{2,12},)?\s*(?:den\s+|le\s+)?"
_NAME = r"(?P<month>[^\W\d]{3,12})"
_BY_NAME = (
    # 13 December 2016, Di, 13. Dez 2016, 13 de diciembre de 2016, 13 декабря 2016 г.
    re.compile(
        _WEEKDAY + r"(?P<day>\d{1,2})(?:\.|º|er)?[\s-]*(?:de\s+|d['’]\s*)?" + _NAME + r"\.?,?(?:\s+|-)(?:de\s+)?"
        r"(?P<year>\d{4}|\d\d)(?![\d:h])(?:\s*г(?:ода)?\.?|\s*р\.)?" + _TIME
    ),
    # Tue Dec 13 10:00:00 CET 2016 is for `_loose`; this is Tue Dec 13 2016 10:00:00 GMT+0100 (…), December 13th, 2016
    re.compile(
        _WEEKDAY + _NAME + r"\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})(?![\d:h])" + _TIME
    ),
    # 2016. december 13., 2004-július-13T9:15-05:00
    re.compile(
        r"(?P<year>\d{4})[.\s-]+(?:gada\s+)?" + _NAME + r"\.?[\s-]*(?P<day>\d{1,2})(?!\d)\.?" + _TIME
    ),
)  # fmt: skip
# As nearly all RSS writes it (RFC 822, with four digits of the year). Read at once, as the other forms would be.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{2}) ([A-Z][a-z]{2}) ([12]\d{3}) ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) "
    r"(?:GMT|([+-](?:[01]\d|2[0-3])[0-5]\d))",
    re.ASCII,
)
_ENGLISH = {name.capitalize(): f"{at:02}" for at, name in enumerate(_MONTHS_BY_LANGUAGE[0].split(), 1)}
_EAST = re.compile(
    r"(?P<year>\d{4})\s*[年년-]\s*(?P<month>\d{1,2})\s*[月월-]\s*(?P<day>\d{1,2})\s*[日일]?"
    r"(?:[^\d:]{0,8}?(?:(?P<half>" + _HALVES + r")\s*)?(?P<hour>\d{1,2})(?::|\s*[時时시点點]\s*)(?P<minute>\d{1,2})"
    r"(?:(?::|\s*[分분]\s*)(?P<second>\d{1,2}))?\s*[分분秒초]?)?"
)
_NUMERIC = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})" + _TIME)
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d{1,9})?")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?!\d)(?=$|T)", re.IGNORECASE)
_MIDNIGHT = re.compile(r"(?<=[T\s])24:00(?::00)?(?![:\d])")
_COMPACT = re.compile(r"(\d{8})(\d{6})Z?")
_SECOND_ZONE = re.compile(r"([+-]\d\d:?\d\d)\s+[A-Z]{3,5}$")
_TRAILER = re.compile(r"\s*\[[^\[\]]{1,40}\]$|\s*\([^()]{1,60}\)$")
_LEAP_SECOND = re.compile(r"(:\d\d):60(?!\d)")
_ISO = re.compile(r"\d{4}-?(?:\d\d-?\d\d|W\d\d-?\d)(?:$|[T\s]\s*\d)", re.IGNORECASE)
_DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001  only to see what a text leaves open
_LENGTH_MAX = 100
_YEAR_MIN = 1_000


def read_instant(text: object) -> datetime | None:
    """A date as an instant in UTC, whole seconds; None where it cannot be read, or not without guessing.

    Without a zone it is taken as UTC, as is a zone that nobody knows (RFC 5322, 4.3). A bare number of ten or thirteen
    digits counts seconds or milliseconds since 1970. Years before 1000 are a program's zero, not a date.
    """
    if not isinstance(text, str) or not 6 <= len(text := text.strip()) <= _LENGTH_MAX:
        return None
    return _instant(text)


@lru_cache(maxsize=256)  # an entry of Atom that was never changed says the same twice
def _instant(text: str) -> datetime | None:
    try:
        found = _read(" ".join(text.split()))
        found = None if found is None else found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found is not None and found.year >= _YEAR_MIN else None


def _read(text: str) -> datetime | None:
    if (usual := _USUAL.fullmatch(text)) is not None:
        day, month, year, time, offset = usual.groups()
        if month in _ENGLISH:
            return datetime.fromisoformat(f"{year}-{_ENGLISH[month]}-{day}T{time}{offset or '+0000'}")
    text = text.replace("\u2212", "-")  # the sign that ISO 8601 prefers for an offset
    if _ISO.match(text) and (found := _iso(text)) is not None:
        return found
    if text.startswith("-"):  # years before our era, which a looser reading would take for ours
        return None
    if (number := _EPOCH.fullmatch(text)) is not None:
        return datetime.fromtimestamp(int(number[1]), UTC)
    if (compact := _COMPACT.fullmatch(text)) is not None:
        text = f"{compact[1]}T{compact[2]}"
    midnight = _MIDNIGHT.search(text)
    if midnight is not None:
        found = _read(text[: midnight.start()] + "00:00:00" + text[midnight.end() :])
        return None if found is None else found + timedelta(days=1)
    if (ordinal := _ORDINAL.match(text)) is not None:
        day = datetime(int(ordinal[1]), 1, 1, tzinfo=UTC) + timedelta(days=int(ordinal[2]) - 1)
        if not 1 <= int(ordinal[2]) <= 366 or day.year != int(ordinal[1]):
            return None
        text = f"{day:%Y-%m-%d}{text[ordinal.end() :]}"
    found = _iso(_TRAILER.sub("", _SECOND_ZONE.sub(r"\1", text))) if _ISO.match(text) else None
    return found or _by_name(text.casefold()) or _numbers(text.casefold()) or _loose(_TRAILER.sub("", text))


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(_LEAP_SECOND.sub(r"\1:59", text.upper().replace(" +", "+")))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _by_name(text: str) -> datetime | None:
    """A date whose month is a word."""
    for form in _BY_NAME:
        match = form.fullmatch(text)
        if match is None:
            continue
        name = match["month"].removesuffix("kuuta")
        month = _MONTHS.get(name) or _MONTHS.get(name[:3] if name.isascii() else name[:4]) or _MONTHS.get(name[:3])
        if month is not None:
            return _made(match, month, _zone(match["zone"], match["offset"]))
    return None


def _numbers(text: str) -> datetime | None:
    """Year, month, day as East Asia writes them, or day.month.year with its points."""
    if (match := _EAST.fullmatch(text)) is not None:
        # Korea has one zone, and its feeds leave it out; Chinese or Japanese texts do not say which of the two it is.
        korean = "년" in text or "오전" in text or "오후" in text
        return _made(match, int(match["month"]), timezone(timedelta(hours=9 if korean else 0)))
    if (match := _NUMERIC.fullmatch(text)) is not None:
        return _made(match, int(match["month"]), _zone(match["zone"], match["offset"]))
    return None


def _made(match: re.Match[str], month: int, zone: tzinfo) -> datetime:
    parts = match.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year < 90 else 1900
    hour, half = int(parts["hour"] or 0), parts["half"] or parts.get("half_after")
    if half is not None:
        if not 1 <= hour <= 12:
            half = None  # `13:00 PM` says the same twice
        else:
            hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    return datetime(
        year, month, int(parts["day"]), hour, int(parts["minute"] or 0), min(int(parts["second"] or 0), 59), tzinfo=zone
    )


def _zone(name: str | None, offset: str | None) -> tzinfo:
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        away = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-away if offset[0] == "-" else away)
    if name and "/" in name:
        return _region(name)
    return timezone(
        timedelta(hours=_HOURS.get(name or "", _HOURS.get((name or "")[:3], 0) if len(name or "") > 5 else 0))
    )


@lru_cache(maxsize=256)
def _region(name: str) -> tzinfo:
    """A zone by its name in the IANA database, in any case; UTC where the system does not know it."""
    wanted = "/".join("_".join(word.capitalize() for word in part.split("_")) for part in name.split("/"))
    try:
        return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _loose(text: str) -> datetime | None:
    """A date in another form, where year, month and day are all there and can be told apart."""
    if len(text) < 8 or not re.search(r"(?<!\d)(?:19|20)\d{2}(?!\d)", text):
        return None
    # dateutil reads `UTC+2` by the rule of POSIX, where it is west of Greenwich; nobody who writes a feed does.
    text = re.sub(r"\b(?:UTC|GMT)\s*(?=[+-]\d)", "", text, flags=re.IGNORECASE)
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
