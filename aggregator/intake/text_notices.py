"""What lines of a text say of its rights: that it is not to be republished, its licence, its publisher's copyright."""

from __future__ import annotations

import html as entities
import re

from aggregator.intake.article import MARKUP_MAX, Line
from aggregator.intake.credit_lines import COPYRIGHT, LINE_MAX, holders_in
from aggregator.intake.known import Known
from aggregator.intake.phrases import forbids
from aggregator.model.entry import Level, Notice, NoticeKind


def forbidding_lines(lines: list[Line]) -> tuple[Notice, ...]:
    """Short lines at the head or the end of a text that refuse republication (ruling 13)."""
    near = lines if len(lines) <= 9 else [*lines[:3], *lines[-6:]]
    return tuple(
        Notice(kind=NoticeKind.FORBID, level=Level.ENTRY, value=line.text, carrier="text")
        for line in near
        if len(line.text) <= LINE_MAX and not line.caption and forbids(line.text)
    )


_LICENCE_PLACE = re.compile(
    r"creativecommons\.org[:\d]*/+(?:licen[sc]es?|publicdomain)/|/open-government-licence", re.I
)
_LICENCE_WORDS = re.compile(r"\bcc[\s_/-]{0,2}by\b|\bcreative[\s-]commons\b|\bGFDL\b|\bODbL\b", re.I)
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_SAYS_LICENCE = re.compile(r'<a(?=[^<>]*\srel="license")[^<>]*\shref="([^"]*)"', re.I)


def licence_lines(lines: list[Line], html: str = "") -> tuple[Notice, ...]:
    """Licences that the text names: links that say so of themselves, anywhere; lines at its head or its end.

    A caption speaks of its picture. Links in running text that name a licence may be what the article is about.

    Args:
        html: the whole text, cleaned: a link may hold a badge and no words.
    """
    near = lines if len(lines) <= 9 else [*lines[:3], *lines[-6:]]
    found = []
    if 'rel="license"' in html:
        links = _SAYS_LICENCE.finditer(_FIGURE.sub("", html))
        found += [(entities.unescape(match[1]), "a rel=license") for match in links]
    for line in lines:
        if line.caption or len(line.markup) > MARKUP_MAX:
            continue
        if len(line.text) <= LINE_MAX and any(line is one for one in near):
            places = [address for _, _, address in line.links() if _LICENCE_PLACE.search(address)]
            if places or _names_licence(line.text):
                found.append((" ".join([line.text, *places]), "text"))
    return tuple(
        Notice(kind=NoticeKind.LICENCE_WORDS, level=Level.ENTRY, value=value, carrier=carrier)
        for value, carrier in dict.fromkeys(found)
    )


def _names_licence(text: str) -> bool:
    folded = text.casefold()  # every match holds one of these: to look for them takes a tenth of the time
    if not ("cc" in folded or "creative" in folded or "licence" in folded or "gfdl" in folded or "odbl" in folded):
        return False
    return _LICENCE_PLACE.search(text) is not None or _LICENCE_WORDS.search(text) is not None


def own_notices(lines: list[Line], who: Known) -> tuple[Notice, ...]:
    """Copyright lines in the text by which the publisher or the author speaks for itself.

    A line that names somebody else belongs to that hop (see `origins`). Many publishers state their copyright here and
    nowhere else, and ask others to repeat it.
    """
    return tuple(
        Notice(kind=NoticeKind.RIGHTS, level=Level.ENTRY, value=line.text, carrier="text")
        for line in lines
        if len(line.text) <= LINE_MAX and not line.caption and COPYRIGHT.match(line.text) and _is_own(line.text, who)
    )


def _is_own(text: str, who: Known) -> bool:
    holders = holders_in(text)
    return any(who.owns(holder, None) for holder in holders) or (len(holders) == 1 and who.wrote(holders[0]))
