"""What an ODRL policy that a site names adds to what its publisher's policy here says: prohibitions. It never permits.

Its rules are taken one by one, before its own conflict strategy is asked: a permission beside a prohibition takes
nothing of it away. Conditions of time and place are not weighed: whoever prohibits under a condition is asked.
Source: ODRL Information Model 2.2, 2.6; TDMRep, 7.
"""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.model.entry import NoticeKind
from aggregator.model.evidence import PolicyWord
from aggregator.model.odrl import Ref, Statements
from aggregator.model.policy import Effect, LimitName
from aggregator.model.use import Audience, Medium
from aggregator.rights.odrl_constraints import Draft
from aggregator.rights.odrl_core import NO_CONCERN, PROHIBITED_LIMITS, PROHIBITS, TDM
from aggregator.rights.odrl_terms import ODRL
from aggregator.rights.odrl_understand import drafts_of, policies_in
from aggregator.rights.odrl_values import shown

POLICIES_MAX = 20
WORDS_MAX = 100
_MINING = frozenset({TDM + "mine", ODRL + "use"})
"""Prohibited, they leave no use by artificial intelligence."""


def said_in_odrl(statements: Statements) -> tuple[tuple[PolicyWord, ...], tuple[str, ...]]:
    """What the policies of a document say, as far as it is understood; and a warning for each thing that is not."""
    names = policies_in(statements)
    warnings = [] if names else ["ODRL: it holds no policy"]
    words: dict[PolicyWord, None] = {}
    if len(names) > POLICIES_MAX:
        warnings.append(f"ODRL: it holds {len(names)} policies; {POLICIES_MAX} are read")
    for name in names[:POLICIES_MAX]:
        drafts, odd = drafts_of(statements, name)
        warnings += odd
        for draft in drafts:
            warnings += _not_understood(draft)
            words |= dict.fromkeys(_words(draft))
    if len(words) > WORDS_MAX:
        warnings.append(f"ODRL: more than {WORDS_MAX} rules; the rest is left out")
    # Those that tighten first, so that no number of others crowds them out.
    ordered = sorted(words, key=lambda word: word.kind is NoticeKind.MACHINE)
    return tuple(ordered[:WORDS_MAX]), tuple(dict.fromkeys(warnings))


def _words(draft: Draft) -> Iterator[PolicyWord]:
    said = _told(draft)
    found: list[tuple[NoticeKind, frozenset[Audience], frozenset[Medium]]] = []
    to = frozenset() if Audience.ANYONE in draft.to else draft.to
    if draft.effect is Effect.DENY and draft.forms:
        found.append((NoticeKind.FORBID, to, draft.media))
    limits = _limits(draft)
    if limits and not found:
        found.append((NoticeKind.LIMIT, to, draft.media))
    if _refuses_mining(draft):
        found.append((NoticeKind.NO_AI, frozenset(), frozenset()))
    for kind, audiences, media in found or [(NoticeKind.MACHINE, frozenset(), frozenset())]:
        yield PolicyWord(
            kind=kind,
            said=said,
            limits=limits if kind is NoticeKind.LIMIT else (),
            to=tuple(sorted(audiences)),
            media=tuple(sorted(media)),
            targets=draft.when.url[:50],
        )


def _limits(draft: Draft) -> tuple[str, ...]:
    """What a prohibition bars a copy from, short of barring the copy."""
    if draft.effect is not Effect.DENY:
        return ()
    named = (limit for action in draft.actions for limit in PROHIBITED_LIMITS.get(action, ()))
    return tuple(dict.fromkeys(limit.value for limit in named if limit is not LimitName.NO_AI))


def _refuses_mining(draft: Draft) -> bool:
    """Whether it prohibits mining, or permits it to those only who have asked or paid."""
    if draft.effect is Effect.DENY:
        return bool(_MINING & set(draft.actions))
    return any(limit.name is LimitName.NO_AI for limit in draft.binding)


def _not_understood(draft: Draft) -> Iterator[str]:
    if draft.effect is not Effect.DENY:
        return
    if not draft.actions:
        yield "ODRL: a prohibition that does not say of what"
    for name in draft.actions:
        if name not in PROHIBITS and name not in PROHIBITED_LIMITS and name not in NO_CONCERN:
            yield f"ODRL: prohibition of '{shown(Ref(name))}' is not understood"


def _told(draft: Draft) -> str:
    verb = {Effect.DENY: "prohibits", Effect.ASK: "permits after asking", Effect.ALLOW: "permits"}[draft.effect]
    parts = [f"{verb} {' '.join(shown(Ref(name)) for name in draft.actions) or 'what it does not say'}"]
    if draft.to:
        parts.append(f"to {' '.join(sorted(draft.to))}")
    if draft.media:
        parts.append(f"in {' '.join(sorted(draft.media))}")
    named = [shown(Ref(name)) for name in sorted(draft.targets) if not name.startswith("_:")]
    if named:
        parts.append(f"of {' '.join(named[:3])}")
    return ", ".join(parts)[:400]
