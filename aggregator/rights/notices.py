"""What an entry, its feed or its site says of itself: an overlay that only tightens (ruling 13)."""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.model.decision import FlagKind, Reason, Truth
from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Effect, Limit, LimitName
from aggregator.rights.licences import same, stated_licences
from aggregator.rights.sheet import Sheet
from aggregator.rights.speak import Hearing, choose

_STRICT = {
    NoticeKind.DRAFT: (Effect.DENY, "the feed marks it as a draft"),
    NoticeKind.DENY: (Effect.DENY, "the feed denies access to it"),
    NoticeKind.FORBID: (Effect.ASK, "it says of itself that it is not for republication"),
}


QUOTE_MAX = 200
"""Characters of a statement that a reason quotes."""


def overlay(hearing: Hearing, beaten: bool) -> None:
    """Tighten by what the entry says of itself, and by what is said of it beside. Nothing here loosens.

    Args:
        hearing: of the source's hop; to a sheet that has heard every hop.
        beaten: whether a grant of the source's publisher goes before notices (ruling 23).
    """
    own, said = hearing.facts.entry.notices, hearing.facts.question.said
    for notice in (*own, *said):
        if notice.kind is NoticeKind.NO_AI:
            hearing.step("notice", notice.kind.value, Effect.ALLOW, Truth.YES, notice.carrier)
            hearing.sheet.bind(Limit(name=LimitName.NO_AI))
        if notice.kind not in _STRICT:
            continue
        effect, says = _STRICT[notice.kind]
        beats = "a grant goes before it" if beaten else ""
        hearing.step("notice", notice.kind.value, effect, Truth.YES, notice.carrier, beats)
        if not beaten:
            says = _quoting(notice) or says
            hearing.hold(FlagKind.NOTICE, Reason.NOTICE, effect, notice.kind.value, says, notice.carrier)
    if not beaten:
        _licences(hearing, own)
        # Heard apart: beside the licence that the feed states, another one must not become a choice that shows more.
        _licences(hearing, said)


def _quoting(notice: Notice) -> str:
    """The reason in the words of the statement, where those were meant for machines."""
    if notice.level is not Level.SITE and not notice.carrier.startswith("rsl"):
        return ""
    who = "its site" if notice.level is Level.SITE else "it"
    return f'{who} bars automated use, or asks a price for it: "{notice.value[:QUOTE_MAX]}"'


def _licences(hearing: Hearing, notices: Iterable[Notice]) -> None:
    """Its licences, as a choice. One that is the policy's own says nothing that the policy has not weighed already."""
    stated = stated_licences(notices)
    policy = hearing.party.policy
    own = policy.licence if policy is not None else None
    if not stated or any(same(own, value) for value, _ in stated):
        return
    scratch = Sheet(hearing.sheet.form)
    choose(Hearing(scratch, hearing.index, hearing.party, hearing.facts), stated, layer="notice")
    scratch.spoken.clear()  # it tightens; it never speaks for a publisher
    scratch.relied_on.clear()
    hearing.sheet.take(scratch)
