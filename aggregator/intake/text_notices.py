"""What lines of a text say of its rights: that it is not to be republished, its licence, its publisher's copyright."""

from __future__ import annotations

import html as entities
import re

from aggregator.intake.article import MARKUP_MAX, RARE_REFERENCE, Line
from aggregator.intake.credit_lines import COPYRIGHT, LINE_MAX, holders_in
from aggregator.intake.glance import Glance
from aggregator.intake.known import Known
from aggregator.intake.phrases import forbids, may_forbid
from aggregator.model.entry import Level, Notice, NoticeKind

_HEAD, _TAIL = 3, 6
"""Lines at the head and at the end of a text that may speak of its rights."""


def near(lines: list[Line], whole: Glance | None = None) -> Glance:
    """The lines at the head and at the end of a text, as one.

    Args:
        whole: the text of all these lines, where it is at hand.
    """
    if whole is None:
        return Glance("\n".join([line.text for line in _near(lines)]))
    return whole if len(lines) <= _HEAD + _TAIL else whole.ends(_HEAD, _TAIL)


def forbidding_lines(lines: list[Line], seen: Glance | None = None) -> tuple[Notice, ...]:
    """Short lines at the head or the end of a text that refuse republication (ruling 13).

    Args:
        seen: what `near` gives of the lines, where it is at hand.
    """
    if not may_forbid(seen or near(lines)):  # all of them at once
        return ()
    texts = [line.text for line in _near(lines) if len(line.text) <= LINE_MAX and not line.caption]
    return tuple(
        Notice(kind=NoticeKind.FORBID, level=Level.ENTRY, value=text, carrier="text") for text in texts if forbids(text)
    )


def _near(lines: list[Line]) -> list[Line]:
    """Those at the head and at the end of a text."""
    return lines if len(lines) <= _HEAD + _TAIL else [*lines[:_HEAD], *lines[-_TAIL:]]


_LICENCE_PLACE = re.compile(
    r"creativecommons\.org[:\d]*/+(?:licen[sc]es?|publicdomain)/|/open-government-licence", re.I
)
_LICENCE_WORDS = re.compile(r"\bcc[\s_/-]{0,2}by\b|\bcreative[\s-]commons\b|\bGFDL\b|\bODbL\b", re.I)
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_SAYS_LICENCE = re.compile(r'<a(?=[^<>]*\srel="license")[^<>]*\shref="([^"]*)"', re.I)


def licence_lines(lines: list[Line], html: str = "", seen: Glance | None = None) -> tuple[Notice, ...]:
    """Licences that the text names: links that say so of themselves, anywhere; lines at its head or its end.

    A caption speaks of its picture. Links in running text that name a licence may be what the article is about.

    Args:
        html: the whole text, cleaned: a link may hold a badge and no words.
        seen: what `near` gives of the lines, where it is at hand.
    """
    looked_at, found = _near(lines), []
    may_link, may_name = _may_link(looked_at), _may_name(seen or near(lines))
    if 'rel="license"' in html:
        said = _SAYS_LICENCE.finditer(_FIGURE.sub("", html))
        found += [(entities.unescape(match[1]), "a rel=license") for match in said]
    for line in looked_at if may_link or may_name else ():
        if line.caption or len(line.markup) > MARKUP_MAX or len(line.text) > LINE_MAX:
            continue
        links = line.links() if may_link else []
        places = [address for _, _, address in links if _LICENCE_PLACE.search(address)]
        if places or (may_name and _names_licence(line.text)):
            found.append((" ".join([line.text, *places]), "text"))
    return tuple(
        Notice(kind=NoticeKind.LICENCE_WORDS, level=Level.ENTRY, value=value, carrier=carrier)
        for value, carrier in dict.fromkeys(found)
    )


def _may_link(lines: list[Line]) -> bool:
    """Whether a link to a licence may stand in one of the lines: to look at all of them at once costs next to nothing.

    Every address that `_LICENCE_PLACE` finds holds one of these, whose letters no other one stands for where case does
    not count; and so does the markup that it was read from, unless a reference hides it.
    """
    markup = "\n".join([line.markup for line in lines if "<a" in line.markup])
    lower = markup.encode("utf-8", "surrogatepass").lower()
    return b"ecommon" in lower or b"en-government-l" in lower or RARE_REFERENCE.search(markup) is not None


def _may_name(lines: Glance) -> bool:
    """Whether one of the lines may name a licence, as `_names_licence` looks at each."""
    text = lines.folded
    return b"cc" in text or b"creative" in text or b"licence" in text or b"gfdl" in text or b"odbl" in text


def _names_licence(text: str) -> bool:
    lower = text.casefold()  # every match holds one of these: to look for them takes a tenth of the time
    if not ("cc" in lower or "creative" in lower or "licence" in lower or "gfdl" in lower or "odbl" in lower):
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
