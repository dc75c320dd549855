"""A notice as a whole: is it one, what does it decide for six questions, and which sentences say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from aggregator.rights.notice.doubt import is_borrowed, is_of_other_things
from aggregator.rights.notice.hear import Frame, Mood, hear
from aggregator.rights.notice.language import Language
from aggregator.rights.notice.licence import Found, elements, licences_in
from aggregator.rights.notice.terms import (
    Term,
    contact_in,
    duties_in,
    excerpt_in,
    first_of,
    limits_in,
    times_in,
)
from aggregator.rights.notice.text import Sentence, sentences
from aggregator.rights.notice.unheard import is_unheard
from aggregator.rights.notice.void import taken_back


class Answer(StrEnum):
    """What a notice says to one question."""

    ALLOW = "allow"
    CONDITIONAL = "conditional"
    PERMISSION = "permission"
    DENY = "deny"
    UNKNOWN = "unknown"


QUESTIONS = ("community_online", "nonprofit_online", "commercial_online", "print", "translation", "excerpt")
_OFFLINE = re.compile(
    r"\bonline (?:re-?publication|publication|use|reproduction)\b"
    r"|\b(?:not|never|no) (?:\S+ ){0,6}(?:online|on the web)\b"
    r"|\bonline-(?:veröffentlichung|nutzung)\b|\b(?:publication|reproduction|reprise) en ligne\b"
)
_FREE = frozenset({"CC0-1.0", "PDM-1.0", "US-PD", "PD"})
_WHO = {"community_online": "community", "nonprofit_online": "nonprofit", "commercial_online": "commercial"}


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was understood of a notice."""

    sentences: list[Sentence]
    decision: dict[str, Answer]
    licence: Found | None = None
    licence_at: int | None = None
    duties: list[Term] = field(default_factory=list)
    limits: list[Term] = field(default_factory=list)
    times: list[Term] = field(default_factory=list)
    excerpt: Term | None = None
    third_party: Term | None = None
    takedown: Term | None = None
    contact: Term | None = None
    grants_nothing: bool = False
    why: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Question → places of the sentences that decided it."""
    look: str = ""
    """What a page that grants nothing looks like: `contributor`, `privacy`, `inbound`, `news`, or empty."""

    @property
    def licence_id(self) -> str | None:
        return self.licence.id if self.licence else None


def judge_notice(text: str) -> Verdict:
    """Everything that is understood of a notice's text."""
    found = _prevailing(sentences(text))
    look = _look(found)
    if look == "news" and (below := _below_an_article(found)):
        # An article with its publisher's terms below it: only those are the notice.
        found, look = below, _look(below)
    frames = hear(found)
    if look:
        nothing = dict.fromkeys(QUESTIONS, Answer.UNKNOWN)
        return Verdict(sentences=found, decision=nothing, grants_nothing=True, look=look)
    spoken = _spoken(found)
    verdict = Verdict(sentences=found, decision={})
    _licence(verdict, found)
    _decide(verdict, frames)
    granted = [name for name in QUESTIONS if verdict.decision[name] in {Answer.ALLOW, Answer.CONDITIONAL}]
    if granted:
        verdict.duties = duties_in(found, spoken)
    verdict.limits = limits_in(found, spoken, bool(granted))
    _images(verdict, frames, granted=bool(granted))
    if granted:
        verdict.times = times_in(found, spoken)
        _excerpt(verdict, frames)
    letters = elements(verdict.licence_id)
    if "nd" in letters:
        verdict.limits.append(Term(name="no_derivatives", sentence=verdict.licence_at or 0))
    if "sa" in letters:
        verdict.limits.append(Term(name="share_alike", sentence=verdict.licence_at or 0))
    asks = [one.sentence for one in frames if one.mood is Mood.ASK]
    grants = [one.sentence for one in frames if one.mood is Mood.GRANT]
    verdict.contact = contact_in(found, asks, grants)
    verdict.takedown = first_of(found, "takedown", spoken) if granted else None
    verdict.third_party = first_of(found, "third", spoken) if granted else None
    _free(verdict)
    return verdict


def _prevailing(found: list[Sentence]) -> list[Sentence]:
    """Only the version that a notice in several languages itself says is the one that counts."""
    marked = {one.marked for one in found if one.marked}
    if len(marked) < 2:
        return found
    for one in found:
        match = one.language.search("prevails").search(one.low)
        if match is None:
            continue
        for code, name in _CODES.items():
            if code in marked and re.search(name, one.low):
                return [other for other in found if other.marked in {code, None}]
    return found


_CODES = {
    "de": r"german|deutsch\w*|allemand\w*|tedesc\w+|alemán\w*|alemã\w*|duits\w*",
    "fr": r"french|französisch\w*|français\w*|francese|francés|francesa|frans\w*",
    "en": r"english|englisch\w*|anglais\w*|inglese|inglés|inglesa|inglês|engels\w*",
    "it": r"italian|italienisch\w*|italien\w*|italian[oa]|italiaans\w*",
    "es": r"spanish|spanisch\w*|espagnol\w*|spagnol\w+|español\w*|espanhol\w*|castellan\w*|spaans\w*",
    "nl": r"dutch|niederländisch\w*|néerlandais\w*|olandese|neerlandés|holandês|nederlands\w*",
    "pt": r"portuguese|portugiesisch\w*|portugais\w*|portoghese|portugu[eéê]s\w*",
}


def _spoken(found: Sequence[Sentence]) -> dict[int, bool]:
    """Sentences that are no statements: questions, and what a question leads in."""
    silent: dict[int, bool] = {}
    for place, one in enumerate(found):
        asked = one.low.rstrip("\"' )").endswith(("?", "?"))
        whether = one.language.search("whether").search(one.low) and one.low.endswith((":", ":"))
        if asked or whether or (one.lead is not None and silent.get(one.lead) is False):
            silent[place] = False
    return silent


def _look(found: Sequence[Sentence]) -> str:
    """Whether a page only looks like a notice: it speaks to contributors, of data, to members, or of others' news."""
    counts: dict[str, int] = {}
    for name in ("contributor", "privacy", "inbound", "news"):
        counts[name] = sum(len(one.language.search(name).findall(one.low)) for one in found)
    own = sum(
        1
        for one in found
        if one.language.search("offer").search(one.low) and not one.language.search("news").search(one.low)
    )
    name, count = max(counts.items(), key=lambda pair: pair[1])
    return name if count >= 3 and own == 0 and count * 3 >= len(found) else ""


FOOTER_REACH = 2
"""Sentences: how near to the permission the address to ask must stand for both to be an article's own footer."""


def _below_an_article(found: Sequence[Sentence]) -> list[Sentence]:
    """The publisher's own terms below an article: from the sentence that grants permission to republish, where the
    address for other uses stands beside it. Empty if there are none: a report about somebody's permission has none."""
    for place in range(len(found) - 1, -1, -1):
        one = found[place]
        near = found[place : place + FOOTER_REACH + 1]
        if one.language.search("footer").search(one.low) and any("§mail" in other.low for other in near):
            return list(found[place:])
    return []


def _licence(verdict: Verdict, found: Sequence[Sentence]) -> None:
    for place, one in enumerate(found):
        language = one.language
        others = any(_is_of(language.search(name), one.low, language) for name in ("image", "other_object"))
        others = others or is_of_other_things(one.low, language.search("text")) or is_borrowed(one.low)
        if others or _EXPLAINS.match(one.low) or one.low.endswith("?"):
            continue
        if taken_back(place, found) is not None or is_unheard(one.low, language):
            continue
        named = licences_in(one.text)
        if named:
            best = max(named, key=lambda f: any(char.isdigit() for char in f.id))
            if verdict.licence is None or (
                not re.search(r"\d\.\d", verdict.licence.id) and re.search(r"\d\.\d", best.id)
            ):
                verdict.licence, verdict.licence_at = best, place
        elif verdict.licence is None and language.search("public_domain").search(one.low):
            us = any(other.language.search("us").search(other.low) for other in found)
            verdict.licence, verdict.licence_at = Found("US-PD" if us else "PD", one.text), place


_EXPLAINS = re.compile(
    r"(?:an? |the )?(?:cc|creative commons)\b[\w ./-]{0,40}? (?:lets?|allows?|means?|permits?|works?)\b"
)
"""A sentence that says what a licence is, not that something is under it."""
JOINED_MAX = 12
"""Characters between two things that are named together: `photos and all texts`."""


def _is_of(thing: re.Pattern[str], low: str, language: Language) -> bool:
    """Whether a sentence is about such things: it names no text, or names it only as the place where they stand."""
    found, text = thing.search(low), language.search("text").search(low)
    if found is None or text is None:
        return found is not None
    return found.start() < text.start() and text.start() - found.end() > JOINED_MAX


# ── six questions ────────────────────────────────────────────────────────────────────────────────────────────────


def _decide(verdict: Verdict, frames: Sequence[Frame]) -> None:
    whole = [one for one in frames if "whole" in one.uses]
    for question, who in _WHO.items():
        verdict.decision[question], verdict.why[question] = _online(verdict, whole, who)
    _print(verdict, whole)
    _translation(verdict, frames)
    _quote(verdict, frames)


def _places(frames: Iterable[Frame]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one.sentence for one in frames))


def _online(verdict: Verdict, whole: Sequence[Frame], who: str) -> tuple[Answer, tuple[int, ...]]:
    """The answer for one audience: what names it goes before what names nobody; of equals the narrower one."""
    grants = [one for one in whole if one.mood is Mood.GRANT]
    asks = [one for one in whole if one.mood is Mood.ASK]
    refuses = [one for one in whole if one.mood is Mood.REFUSE]
    if offline := _offline(verdict, refuses):
        grants = [one for one in grants if not one.print]
        if not any(who in one.audiences for one in grants):
            return Answer.DENY, _places(offline)
    return _by_name(grants, asks, refuses, who) or _of_the_rest(verdict, grants, asks, refuses, who)


def _offline(verdict: Verdict, refuses: Sequence[Frame]) -> list[Frame]:
    """What refuses everybody the web in so many words: then who may print may not do so there."""
    return [
        one
        for one in refuses
        if not one.audiences and not one.part and _OFFLINE.search(verdict.sentences[one.sentence].low)
    ]


def _by_name(
    grants: Sequence[Frame], asks: Sequence[Frame], refuses: Sequence[Frame], who: str
) -> tuple[Answer, tuple[int, ...]] | None:
    """What is said to this audience by name."""
    named = [one for one in refuses if who in one.audiences]
    named_asks = [one for one in asks if who in one.audiences]
    named_grants = [one for one in grants if who in one.audiences]
    if named_grants and not named and not named_asks:
        return Answer.CONDITIONAL, _places(named_grants)
    if named_asks:
        return Answer.PERMISSION, _places(named_asks)
    if named:
        return (Answer.PERMISSION if _offers(asks) else Answer.DENY), _places(named)
    return None


def _of_the_rest(
    verdict: Verdict, grants: Sequence[Frame], asks: Sequence[Frame], refuses: Sequence[Frame], who: str
) -> tuple[Answer, tuple[int, ...]]:
    """What is said to everybody else, to everybody, or by a licence."""
    licensed = verdict.licence is not None
    general = [one for one in grants if not one.audiences - {"anyone"}]
    limited = [one for one in grants if one.audiences - {"anyone"}]
    for refused, answer in ((asks, Answer.PERMISSION), (refuses, Answer.PERMISSION if asks else Answer.DENY)):
        others = [one for one in refused if "others" in one.audiences and not general]
        if others and (limited or not licensed):
            return answer, _places(others)
    if "nc" in elements(verdict.licence_id) and who == "commercial":
        return Answer.DENY, _at(verdict)
    plain_asks = [one for one in asks if not one.audiences - {"anyone", "personal"} and not _is_of_print(one, licensed)]
    if licensed and (general or not plain_asks):
        return Answer.CONDITIONAL, _at(verdict) + _places(general)
    if plain_asks:
        return Answer.PERMISSION, _places(plain_asks)
    plain_refuses = [one for one in refuses if not one.audiences - {"anyone", "personal"}]
    if plain_refuses:
        # A plain yes beside a plain no is no yes.
        answer = Answer.UNKNOWN if general else Answer.PERMISSION if asks else Answer.DENY
        return answer, _places([*plain_refuses, *general])
    if general and not _is_reserved(verdict, general):
        return Answer.CONDITIONAL, _places(general)
    if _is_reserved(verdict, ()) and not grants:
        return (Answer.PERMISSION if asks else Answer.DENY if refuses else Answer.UNKNOWN), ()
    if asks and any(one.audiences & {"personal", "narrow"} for one in grants):
        return Answer.PERMISSION, _places(asks)
    return Answer.UNKNOWN, ()


def _at(verdict: Verdict) -> tuple[int, ...]:
    return (verdict.licence_at,) if verdict.licence_at is not None else ()


def _is_of_print(frame: Frame, licensed: bool) -> bool:
    """Whether an ask beside a licence is of print alone."""
    return licensed and frame.print and not frame.strong


def _offers(asks: Sequence[Frame]) -> bool:
    """Whether somebody may ask for more."""
    return any(not one.audiences - {"anyone", "others", "commercial"} for one in asks)


def _is_reserved(verdict: Verdict, grants: Sequence[Frame]) -> bool:
    """Whether all rights are reserved, and nothing but a call to share says otherwise."""
    reserved = any(one.language.search("reserved").search(one.low) for one in verdict.sentences)
    return reserved and not any(one.strong for one in grants)


def _print(verdict: Verdict, whole: Sequence[Frame]) -> None:
    online = {verdict.decision[name] for name in _WHO}
    grants = [one for one in whole if one.mood is Mood.GRANT and one.print and one.audiences != {"personal"}]
    asks = [one for one in whole if one.mood is Mood.ASK and one.print]
    refuses = [one for one in whole if one.mood is Mood.REFUSE and one.print]
    good = online & {Answer.CONDITIONAL, Answer.ALLOW}
    if grants and good:
        verdict.decision["print"], verdict.why["print"] = Answer.CONDITIONAL, _places(grants)
    elif asks:
        verdict.decision["print"], verdict.why["print"] = Answer.PERMISSION, _places(asks)
    elif refuses:
        verdict.decision["print"], verdict.why["print"] = Answer.DENY, _places(refuses)
    elif verdict.licence is not None and good:
        verdict.decision["print"] = Answer.CONDITIONAL
    elif len(online) == 1 and not good:
        verdict.decision["print"] = next(iter(online))
    else:
        verdict.decision["print"] = Answer.UNKNOWN


def _translation(verdict: Verdict, frames: Sequence[Frame]) -> None:
    named = [one for one in frames if "translate" in one.uses]
    letters = elements(verdict.licence_id)
    if "nd" in letters:
        answer = Answer.DENY
    elif any(one.mood is Mood.ASK for one in named):
        answer = Answer.PERMISSION
    elif any(one.mood is Mood.REFUSE for one in named):
        answer = Answer.DENY
    elif any(one.mood is Mood.GRANT for one in named) or (verdict.licence is not None and _good(verdict)):
        answer = Answer.CONDITIONAL
    else:
        answer = Answer.UNKNOWN
    verdict.decision["translation"], verdict.why["translation"] = answer, _places(named)


def _asks(frames: Sequence[Frame]) -> bool:
    return any(one.mood is Mood.ASK and "whole" in one.uses for one in frames)


def _good(verdict: Verdict) -> bool:
    return any(verdict.decision[name] is Answer.CONDITIONAL for name in _WHO)


def _quote(verdict: Verdict, frames: Sequence[Frame]) -> None:
    named = [one for one in frames if "quote" in one.uses]
    grants = [one for one in named if one.mood is Mood.GRANT and "personal" not in one.audiences]
    parts = [one for one in frames if one.part and one.mood in {Mood.ASK, Mood.REFUSE}]
    refused = [one for one in named if one.mood is Mood.REFUSE]
    if grants:
        answer, places = Answer.CONDITIONAL, _places(grants)
    elif verdict.licence is not None and _good(verdict):
        answer, places = Answer.CONDITIONAL, ()
    elif any(one.mood is Mood.ASK for one in (*named, *parts)) or (refused and _asks(frames)):
        answer, places = Answer.PERMISSION, _places([*named, *parts])
    elif parts:
        answer, places = (
            (Answer.PERMISSION if Answer.PERMISSION in verdict.decision.values() else Answer.DENY),
            _places(parts),
        )
    else:
        answer, places = Answer.UNKNOWN, ()
    verdict.decision["excerpt"], verdict.why["excerpt"] = answer, places


def _excerpt(verdict: Verdict, frames: Sequence[Frame]) -> None:
    """How much, where a part is all that is offered."""
    grants = [one for one in frames if one.mood is Mood.GRANT and "quote" in one.uses]
    whole = [one for one in frames if one.mood is Mood.GRANT and "whole" in one.uses and not one.feed]
    good = any(verdict.decision[name] is Answer.CONDITIONAL for name in _WHO)
    if grants and verdict.licence is None and not (good and whole):
        verdict.excerpt = excerpt_in(verdict.sentences, _places(grants))


def _images(verdict: Verdict, frames: Sequence[Frame], *, granted: bool) -> None:
    """Pictures that were asked about, or offered, in sentences of their own."""
    names = {term.name for term in verdict.limits}
    only = [one for one in frames if one.uses == {"image"}]
    refused = [one for one in only if one.mood is not Mood.GRANT]
    if granted and refused and "no_images" not in names and not any(one.mood is Mood.GRANT for one in only):
        low, language = verdict.sentences[refused[0].sentence].low, verdict.sentences[refused[0].sentence].language
        if low.startswith(_NO) or language.search("no").search(low):
            verdict.limits.append(Term(name="no_images", sentence=refused[0].sentence))
    offered = [one for one in only if one.mood is Mood.GRANT]
    if offered and not {"no_images", "images_with_credit"} & names:
        for place, one in enumerate(verdict.sentences):
            if "photographer" in one.low and one.language.search("image_credit").search(one.low):
                verdict.limits.append(Term(name="images_with_credit", sentence=place))
                return


_NO = ("no", "nein", "non", "nee")


def _free(verdict: Verdict) -> None:
    """Public domain without any duty is an allow, not a condition."""
    if verdict.licence_id in _FREE and not verdict.duties:
        for name in QUESTIONS:
            if verdict.decision[name] is Answer.CONDITIONAL:
                verdict.decision[name] = Answer.ALLOW
