"""Each duty and limit as people would say it: the end of "they must …" and of "they must not …"."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from aggregator.model.policy import Duty, DutyName, Limit, LimitName
from aggregator.model.use import Medium
from aggregator.rights.reasons import MEDIA
from aggregator.rights.times import days, span

_SLOTS = {"top": "at the top", "byline": "in the byline", "end": "at the end", "head": "before everything else"}
_EDITS = {
    "style": "house style",
    "headline": "the headline",
    "time-place": "words for time and place",
    "cut": "cuts",
    "translation": "translation",
}
_UNITS = {"words": "word", "chars": "character", "paragraphs": "paragraph", "sentences": "sentence"}
_PERIODS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}
_COMPONENTS = {"text": "the text", "image": "images", "media": "sound and film"}
_PERSON = "(a person must judge this)"


def must(duty: Duty) -> str:
    """What a duty asks for: `link to the original article`."""
    if duty.any_of:
        told = "either " + ", or ".join(_DUTIES[one.name](one) for one in duty.any_of)
    else:
        told = _DUTIES[duty.name](duty)
    return _scoped(duty, f"where possible, {told}" if duty.requested else told)


def asks(duty: Duty) -> str:
    """The same without its scope, for a sentence that tells that by itself."""
    return must(replace(duty, media=frozenset(), components=frozenset()))


def must_not(limit: Limit) -> str:
    """What a limit bars: `sell the copy`."""
    if limit.any_of:
        told = "both " + ", and ".join(_LIMITS[one.name](one) for one in limit.any_of)
    else:
        told = _LIMITS[limit.name](limit)
    return _scoped(limit, told)


def listed(values: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    found = list(values)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {last} {found[-1]}"


def _scoped(value: Duty | Limit, told: str) -> str:
    media = listed((MEDIA[medium] for medium in Medium if medium in value.media), "or")
    parts = listed((_COMPONENTS.get(part, part) for part in sorted(value.components)), "or")
    scope = listed(filter(None, (media, f"for {parts}" if parts else "")))
    return f"{scope}: {told}" if scope else told


def _quoted(term: Duty | Limit, name: str = "text") -> str:
    return f"“{' '.join(str(term.param(name) or '').split())}”"


def _notice(duty: Duty) -> str:
    instead = f", or where there is none {_quoted(duty)}" if duty.param("text") else ""
    return f"repeat the copyright notice{instead}"


def _notify(duty: Duty) -> str:
    when = "afterwards" if duty.text("when") == "after" else "beforehand"
    contact = duty.text("contact")
    return f"tell the publisher {when}{f' at {contact}' if contact else ''}"


def _licence(duty: Duty) -> str:
    named = duty.text("licence") or duty.text("url")
    return f"name the licence{f' ({named})' if named else ''} and link to it"


def _remove_after(duty: Duty) -> str:
    duration = days(duty.param("days"))
    return f"take it out {span(duration) if duration else 'some time'} after it was first shown"


_DUTIES: dict[DutyName, Callable[[Duty], str]] = {
    DutyName.CREDIT_SOURCE: lambda duty: "name the publisher",
    DutyName.CREDIT_AUTHOR: lambda duty: "name the author",
    DutyName.CREDIT_LINE: lambda duty: f"print {_SLOTS.get(duty.text('slot'), 'at the end')}: {_quoted(duty)}",
    DutyName.LINK_ORIGINAL: lambda duty: (
        "link to the publisher's home page" if duty.text("target") == "home" else "link to the original article"
    ),
    DutyName.KEEP_LINKS: lambda duty: "keep all links in the text",
    DutyName.END_NOTE: lambda duty: f"print below the text: {_quoted(duty)}",
    DutyName.COPYRIGHT_NOTICE: _notice,
    DutyName.LICENCE_NOTICE: _licence,
    DutyName.CANONICAL_OR_NOINDEX: lambda duty: "send search engines to the original (or keep them off the copy)",
    DutyName.TRACKER: lambda duty: f"include the publisher's counter, {duty.text('url')}",
    DutyName.NOTIFY: _notify,
    DutyName.LABEL_CHANGES: lambda duty: "say what was changed",
    DutyName.LOGO: lambda duty: f"show the publisher's logo, {duty.text('url')}",
    DutyName.SHARE_ALIKE: lambda duty: "pass the copy on under the same licence",
    DutyName.REMOVE_ON_REQUEST: lambda duty: "take it out when the publisher asks",
    DutyName.REMOVE_AFTER: _remove_after,
    DutyName.UPDATE_ON_CORRECTION: lambda duty: "take over corrections",
    DutyName.OTHER: lambda duty: f"do this {_PERSON}: {_quoted(duty)}",
}


def _names(limit: Limit, name: str) -> list[str]:
    value = limit.param(name)
    return [] if value is None else [str(one) for one in (value if isinstance(value, tuple) else (value,))]


def _edits(limit: Limit) -> str:
    fine = [_EDITS.get(name, name) for name in _names(limit, "except")]
    what = "change the text" if "translation" in fine else "change or translate the text"
    return what + (f", except for {listed(fine)}" if fine else " in any way")


def _excerpt(limit: Limit) -> str:
    number, unit = limit.param("n"), str(limit.param("unit"))
    if unit == "percent":
        return f"show more than {number} percent of the text"
    return f"show more than {_counted(number, _UNITS.get(unit, unit))}"


def _own_images(limit: Limit) -> str:
    names = listed(_names(limit, "credit"), "or")
    return f"show images whose credit does not name {names or 'the publisher'}"


def _share(limit: Limit) -> str:
    period = str(limit.param("period") or "")
    unit = _PERIODS.get(period[-1:])
    told = _counted(period[:-1].strip(), unit) if unit else period
    return f"take more than {limit.param('percent')} percent of what the publisher brings out in {told}"


def _counted(number: object, unit: str) -> str:
    return f"{number} {unit}{'' if str(number) == '1' else 's'}"


_LIMITS: dict[LimitName, Callable[[Limit], str]] = {
    LimitName.NO_EDITS: _edits,
    LimitName.FULL_ONLY: lambda limit: "show less than the whole text",
    LimitName.EXCERPT_MAX: _excerpt,
    LimitName.NO_IMAGES: lambda limit: "show images, sound or film",
    LimitName.OWN_IMAGES_ONLY: _own_images,
    LimitName.NO_RESALE: lambda limit: "sell the copy",
    LimitName.NO_ADS_AGAINST: lambda limit: "sell ads against it (ads elsewhere on the page are fine)",
    LimitName.NO_ADS: lambda limit: "have ads on the page",
    LimitName.NO_PAYWALL: lambda limit: "make readers pay or register",
    LimitName.NO_AUTOMATIC: lambda limit: "leave it to a machine: a person picks each article",
    LimitName.MAX_SHARE: _share,
    LimitName.MAX_COPIES: lambda limit: f"make more copies than {limit.param('n')}",
    LimitName.NO_TRANSLATION: lambda limit: "translate it",
    LimitName.NO_FRAMING: lambda limit: "show the publisher's page inside their own",
    LimitName.NO_ENDORSEMENT: lambda limit: "make it look as if the publisher endorsed them",
    LimitName.NO_AI: lambda limit: "use it for artificial intelligence",
    LimitName.OTHER: lambda limit: f"break this {_PERSON}: {_quoted(limit)}",
}
