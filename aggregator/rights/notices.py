"""What an entry or its feed says of itself: an overlay that only tightens (ruling 13)."""

from __future__ import annotations

from aggregator.model.decision import FlagKind, Reason, Truth
from aggregator.model.entry import NoticeKind
from aggregator.model.policy import Effect
from aggregator.rights.licences import same, stated_licences
from aggregator.rights.sheet import Sheet
from aggregator.rights.speak import Hearing, choose

_STRICT = {
    NoticeKind.DRAFT: (Effect.DENY, "the feed marks it as a draft"),
    NoticeKind.DENY: (Effect.DENY, "the feed denies access to it"),
    NoticeKind.FORBID: (Effect.ASK, "it says of itself that it is not for republication"),
}


def overlay(hearing: Hearing, beaten: bool) -> None:
    """Tighten by what the entry says of itself. Prose holds nothing, and nothing here loosens.

    Args:
        hearing: of the source's hop; to a sheet that has heard every hop.
        beaten: whether a grant of the source's publisher goes before notices (ruling 23).
    """
    for notice in hearing.facts.entry.notices:
        if notice.kind not in _STRICT:
            continue
        effect, says = _STRICT[notice.kind]
        beats = "a grant goes before it" if beaten else ""
        hearing.step("notice", notice.kind.value, effect, Truth.YES, notice.carrier, beats)
        if not beaten:
            hearing.hold(FlagKind.NOTICE, Reason.NOTICE, effect, notice.kind.value, says, notice.carrier)
    if not beaten:
        _licences(hearing)


def _licences(hearing: Hearing) -> None:
    """Its licences, as a choice. One that is the policy's own says nothing that the policy has not weighed already."""
    stated = stated_licences(hearing.facts.entry.notices)
    policy = hearing.party.policy
    own = policy.licence if policy is not None else None
    if not stated or any(same(own, value) for value, _ in stated):
        return
    scratch = Sheet(hearing.sheet.form)
    choose(Hearing(scratch, hearing.index, hearing.party, hearing.facts), stated, layer="notice")
    scratch.spoken.clear()  # it tightens; it never speaks for a publisher
    scratch.relied_on.clear()
    hearing.sheet.take(scratch)
