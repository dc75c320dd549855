"""The proof of an entry, told: each duty of its decision, and where its bytes discharge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing.abilities import TEXT_BOUND
from aggregator.publishing.duties import ELSEWHERE, link_target
from aggregator.publishing.reading import read
from aggregator.publishing.text import line
from aggregator.publishing.verify import verify_fragment

if TYPE_CHECKING:
    from aggregator.model.policy import Duty
    from aggregator.publishing.item import Item
    from aggregator.publishing.reading import Reading
    from aggregator.publishing.style import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where one format discharges one duty."""

    duty: str
    """By its name, with what it prescribes."""
    format: Format
    where: str
    """The element and the words or address in it."""


_BODY = {Format.RSS: "content:encoded", Format.ATOM: "content", Format.JSON: "content_html", Format.HTML: ".e-content"}
_PART = {Format.RSS: "description", Format.ATOM: "summary", Format.JSON: "content_html", Format.HTML: ".p-summary"}
_NOTICE = {
    Format.RSS: "dc:rights",
    Format.ATOM: "rights",
    Format.JSON: "_rights.notice",
    Format.HTML: "copyrightNotice",
}
_LICENCE = {
    Format.RSS: "creativeCommons:license",
    Format.ATOM: "link rel=license",
    Format.JSON: "_rights.licences",
    Format.HTML: "itemprop=license",
}
_AUTHOR = {Format.RSS: "dc:creator", Format.ATOM: "author", Format.JSON: "authors", Format.HTML: ".p-author"}
_CANONICAL = {
    Format.RSS: "atom:link rel=canonical",
    Format.ATOM: "link rel=canonical",
    Format.JSON: "_rights.canonical",
    Format.HTML: "robots noindex",
}


def prove(format_: Format, fragment: bytes, item: Item, style: Style | None = None) -> list[Found]:
    """Where an entry's bytes discharge each duty that is due, after all of them were found there.

    Args:
        style: of the page on which it stands, in HTML.
    Raises:
        EntryRefused: one is not.
    """
    verify_fragment(format_, fragment, item, style)
    reading = read(format_, fragment)
    return [
        Found(duty=told(duty), format=format_, where=_where(format_, reading, item, duty, hop))
        for duty, hop in zip(item.duties, item.duty_hops, strict=True)
    ]


def told(duty: Duty) -> str:
    """A duty in a line: `credit-line "First published by …"`."""
    if duty.any_of:
        return " or ".join(map(told, duty.any_of))
    said = " ".join(f'"{line(str(value))}"' for _, value in duty.params)
    return f"{duty.name.value} {said}".strip()


def _where(format_: Format, found: Reading, item: Item, duty: Duty, hop: int) -> str:
    named = [one for one in duty.any_of if one.name.value in item.discharges]
    if duty.any_of and named:
        return f"{named[0].name.value}: {_where(format_, found, item, named[0], hop)}"
    if duty.requested and duty.name.value not in item.discharges:
        return "asked for, and could not be done"
    if duty.name in ELSEWHERE:
        return "kept by what is done, not by what is printed"
    if item.form is Form.HEADLINE and duty.name in TEXT_BOUND:
        return "not due: there is no text"
    text = (_BODY if item.form is Form.FULL else _PART).get(format_, "text")
    return "; ".join(_places(format_, found, item, duty, hop, text))


def _places(format_: Format, found: Reading, item: Item, duty: Duty, hop: int, text: str) -> list[str]:
    name = duty.name
    if name in {DutyName.CREDIT_LINE, DutyName.END_NOTE}:
        linked = f", linked to {link_target(duty, item.url, item.hops, hop)}" if duty.text("link") else ""
        return [f'{text}: "{line(duty.text("text"))}"{linked}']
    if name is DutyName.CREDIT_AUTHOR:
        names = ", ".join(author.name for author in item.authors) or item.hops[hop].author or item.hops[hop].name
        return [f'{text}: "{names}"', *([_AUTHOR[format_]] if format_ in _AUTHOR else [])]
    if name is DutyName.COPYRIGHT_NOTICE:
        return [f'{text}: "{item.rights}"', *([_NOTICE[format_]] if format_ in _NOTICE else [])]
    if name in {DutyName.LICENCE_NOTICE, DutyName.SHARE_ALIKE}:
        licences = ", ".join(one.url or one.name for one in item.licences)
        return [f"{text}: {licences}", *([_LICENCE[format_]] if format_ in _LICENCE else [])]
    if name is DutyName.CANONICAL_OR_NOINDEX:
        return [f"{_CANONICAL.get(format_, 'Canonical:')}: {found.canonical}"]
    if name is DutyName.LINK_ORIGINAL:
        return [f"{text}: link to {_target(item, duty, hop)}"]
    if name in {DutyName.TRACKER, DutyName.LOGO}:
        return [f"{text}: image {duty.text('url')}"]
    if name is DutyName.KEEP_LINKS:
        return [f"{text}: {len(item.links)} links kept"]
    if name is DutyName.LABEL_CHANGES:
        return [f'{text}: "{" ".join(item.changes)}"' if item.changes else "nothing was changed"]
    return [f'{text}: "{item.hops[hop].name}"']


def _target(item: Item, duty: Duty, hop: int) -> str | None:
    last = hop == len(item.hops) - 1
    if duty.text("target", "article") == "home":
        return item.home if last else item.hops[hop].url
    return item.url if last else item.hops[hop].url or item.url
