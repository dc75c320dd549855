"""What an entry or its feed says of itself: an overlay that only tightens (ruling 13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.model.decision import FlagKind, Hold, Reason, Truth
from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Effect, Limit, LimitName
from aggregator.rights.licences import alike, choices, same
from aggregator.rights.limits import Bound, bind
from aggregator.rights.reasons import FORMS, at
from aggregator.rights.speak import Hearing, choose, licence_key
from aggregator.rights.spelled import spelled

_STRICT = {
    NoticeKind.DRAFT: (Effect.DENY, "marks it as a draft"),
    NoticeKind.DENY: (Effect.DENY, "denies access to it"),
    NoticeKind.FORBID: (Effect.ASK, "says that it is not for republication"),
}
_SPEAKERS = {
    Level.ENTRY: "the entry itself",
    Level.SOURCE: "its atom:source",
    Level.FEED: "its feed",
    Level.SITE: "its site",
}
ODRL_CARRIER = "odrl"
LINK_CARRIER = "a rel=license"
_PROSE = frozenset({NoticeKind.RIGHTS, NoticeKind.LICENCE_WORDS})
QUOTE_MAX = 160
"""Characters of a notice that are quoted."""


def overlay(hearing: Hearing, beaten: bool) -> None:
    """Tighten by what the entry says of itself, and by what is said of it beside. Nothing here loosens.

    What contradicts the operator's policy says both sides: the policy with its line, the feed with carrier and words.

    Args:
        hearing: of the source's hop; to a sheet that has heard every hop.
        beaten: whether a grant of the source's publisher goes before notices (ruling 23).
    """
    side = _policy_side(hearing)
    own, said = hearing.facts.entry.notices, hearing.facts.question.said
    for notice in (*own, *said):
        if notice.kind is NoticeKind.NO_AI:
            hearing.step("notice", notice.kind.value, Effect.ALLOW, Truth.YES, notice.carrier)
            hearing.sheet.bind(Limit(name=LimitName.NO_AI))
        if notice.kind is NoticeKind.LIMIT:
            _limits(hearing, notice, beaten)
        if notice.kind not in _STRICT:
            continue
        effect, says = _STRICT[notice.kind]
        beats = "a grant goes before it" if beaten else ""
        hearing.step("notice", notice.kind.value, effect, Truth.YES, notice.carrier, beats)
        if not beaten:
            if _is_for_machines(notice):
                says = "bars automated use, or asks a price for it"
            sentence = f"{side}{_SPEAKERS[notice.level]} {says} ({_evidence(notice.value, notice.carrier)})"
            _hold(hearing, Reason.NOTICE, effect, notice.kind.value, sentence, notice.carrier)
    if not beaten:
        _licences(hearing, side, own)
        # Heard apart: beside the licence that the feed states, another one must not become a choice that shows more;
        # nor must what one document of a site says beside another.
        for carrier in dict.fromkeys(one.carrier for one in said if one.kind is NoticeKind.LICENCE):
            _licences(hearing, side, [one for one in said if one.carrier == carrier])
        for one in in_words(own):
            _licences(hearing, side, [one])


def _limits(hearing: Hearing, notice: Notice, beaten: bool) -> None:
    """Limits that are set beside the policy's."""
    beats = "a grant goes before it" if beaten else ""
    hearing.step("notice", notice.kind.value, Effect.DENY, Truth.YES, notice.carrier, beats)
    if beaten:
        return
    bounds = [Bound(Limit(name=LimitName(name)), notice.kind.value, notice.carrier) for name in notice.limits]
    bind(hearing.sheet, hearing.index, hearing.party, hearing.facts, bounds, FlagKind.NOTICE)


def in_words(notices: Sequence[Notice]) -> list[Notice]:
    """The licences that notices name in prose, each as a notice of its own: they are no choice, and no way to loosen.

    What stands further away than the licence that is stated for machines is not heard, as with those (RFC 4946, 2.4).
    """
    levels = list(Level)
    near = min((levels.index(one.level) for one in notices if one.kind is NoticeKind.LICENCE), default=len(levels))
    found: dict[tuple[Level, str], Notice] = {}
    for one in notices:
        if one.kind not in _PROSE or levels.index(one.level) > near:
            continue
        names = spelled(one.value)
        if not names and one.carrier == LINK_CARRIER:
            names = (one.value.strip(),)
        for name in names:
            found.setdefault((one.level, name), replace(one, kind=NoticeKind.LICENCE, value=name))
    return list(found.values())


def _is_for_machines(notice: Notice) -> bool:
    """Whether a refusal was written for programs: by the site, or in RSL. An ODRL policy speaks of people, too."""
    return notice.carrier.startswith("rsl") or (
        notice.level is Level.SITE and not notice.carrier.startswith(ODRL_CARRIER)
    )


def _evidence(value: str, carrier: str) -> str:
    """Carrier and words: `dc:rights: "Not for republication."`."""
    words = " ".join(value.split())
    quote = words if len(words) <= QUOTE_MAX else f"{words[:QUOTE_MAX]}…"
    return f'{carrier}: "{quote}"' if quote else carrier


def _policy_side(hearing: Hearing) -> str:
    """What was allowed before the notice was heard: `The Herald allows the full text (policies/herald.yaml:11), but `.

    Empty where the source's hop is held anyway: then the notice contradicts nobody.
    """
    sheet = hearing.sheet
    if hearing.index not in sheet.spoken or any(hold.hop == hearing.index for hold in sheet.holds):
        return ""
    relied = set(sheet.relied_on)
    told = (where for (hop, rule), where in sheet.allowed_at.items() if hop == hearing.index and rule in relied)
    where = next(told, None)
    if where is None:
        return ""
    return f"{hearing.party.hop.name} allows {FORMS[sheet.form]} ({where}), but "


def _hold(hearing: Hearing, reason: Reason, effect: Effect, rule: str, sentence: str, carrier: str) -> None:
    party, kind = hearing.party, FlagKind.NOTICE
    hearing.sheet.hold(hearing.index, party, kind, reason, effect, rule, sentence, where=carrier)


def _licences(hearing: Hearing, side: str, notices: Iterable[Notice]) -> None:
    """Its licences. One that is the policy's own says nothing that the policy has not weighed already."""
    notices = tuple(notices)
    for choice in choices(notices):
        _choice(hearing, side, notices, choice)


def _choice(hearing: Hearing, side: str, notices: tuple[Notice, ...], stated: Sequence[tuple[str, str]]) -> None:
    prose = {one.carrier for one in hearing.facts.entry.notices if one.kind in _PROSE}
    policy = hearing.party.policy
    own = policy.licence if policy is not None else None
    if any(same(own, value) for value, _ in stated):
        return
    if len(stated) == 1 and own is not None and stated[0][1] in prose and alike(own, stated[0][0]):
        return  # words seldom tell version and port, and no version bars more than another
    scratch = hearing.sheet.scratch()
    choose(Hearing(scratch, hearing.index, hearing.party, hearing.facts), stated, layer="notice")
    scratch.spoken.clear()  # it tightens; it never speaks for a publisher
    scratch.relied_on.clear()
    scratch.allowed_at.clear()
    scratch.holds = [_both_sides(hold, side, notices) for hold in scratch.holds]
    hearing.sheet.take(scratch)


def _both_sides(hold: Hold, side: str, notices: tuple[Notice, ...]) -> Hold:
    """The obstacle that a stated licence makes, with the words that state it."""
    stated = [one for one in notices if one.kind is NoticeKind.LICENCE and licence_key(one.value) == hold.rule]
    if not stated:
        return hold
    notice = stated[0]
    told = _evidence(notice.value.strip(), notice.carrier)
    why = hold.sentence.removesuffix(at(notice.carrier))
    return replace(hold, sentence=f"{side}{_SPEAKERS[notice.level]} names a licence ({told}): {why}")
