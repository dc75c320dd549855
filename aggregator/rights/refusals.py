"""Recorded refusals: somebody said no, so it stays out, whatever policies, licences and permissions say.

A refusal is a grant with the effect `deny`; one with the effect `ask` holds what changed terms cover until a person has
looked. It is heard for the whole entry: it bites where any hop is its publisher's, by policy, by name, or by half
(ruling 15: to tighten, either is enough).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aggregator.model.decision import Check, FlagKind, Reason, Truth
from aggregator.model.policy import Effect, Grant
from aggregator.model.use import Audience, Form, Use
from aggregator.rights import times
from aggregator.rights.grants import ends
from aggregator.rights.names import fold, is_short, same_case, stands_in
from aggregator.rights.reasons import described, unknown_facts
from aggregator.rights.times import Moment

if TYPE_CHECKING:
    from aggregator.model.entry import Entry
    from aggregator.rights.facts import Facts
    from aggregator.rights.hops import Party
    from aggregator.rights.sheet import Sheet

LAYER = "refusal"
QUOTE_MAX = 160
"""Characters of the evidence that a sentence quotes; the whole of it stands in the trace."""


def refuse(sheet: Sheet, everyone: Sequence[Party], facts: Facts, grants: Sequence[Grant]) -> None:
    """Holds the form wherever a refusal covers it. To be heard first: it is the first thing to tell a person."""
    for refusal in grants:
        if refusal.effect is Effect.ALLOW:
            continue
        index = _hop(refusal, everyone)
        if index is None or not _covers(refusal, sheet.form, facts):
            continue
        checks = _checks(refusal, everyone, facts)
        if any(check.holds is Truth.NO for check in checks) or not _stands(refusal, sheet, facts):
            continue
        _hold(refusal, sheet, index, everyone[index], facts, checks)


def _hop(refusal: Grant, everyone: Sequence[Party]) -> int | None:
    """The hop that is its publisher's, the first of several; the source where it names none; None: no hop is."""
    if refusal.policy is None and refusal.publisher is None:
        return len(everyone) - 1
    return next((index for index, party in enumerate(everyone) if _is_of(refusal, party)), None)


def _is_of(refusal: Grant, party: Party) -> bool:
    known = [policy for policy in (party.policy, *party.tighten) if policy is not None]
    if refusal.policy is not None:
        return any(policy.id == refusal.policy for policy in known)
    name = refusal.publisher or ""
    names = [one for policy in known for one in (policy.publisher.name, *policy.publisher.aliases)]
    return any(fold(name) == fold(one) for one in names) or _is_called(name, party.hop.name)


def _is_called(name: str, claim: str) -> bool:
    """Whether a claimed name is this one, alone or inside a longer one: `The Wire` in `The Wire, Oslo`."""
    if is_short(name):
        return stands_in(same_case(name), same_case(claim))
    return stands_in(fold(name), fold(claim))


def _covers(refusal: Grant, form: Form, facts: Facts) -> bool:
    """Whether entry, source, form and use lie in its scope. A bar counts where it touches any part of a use."""
    if refusal.source not in (None, facts.entry.source) or refusal.entry not in (None, facts.entry.key):
        return False
    return (not refusal.forms or form in refusal.forms) and _covers_use(refusal, facts.use)


def _covers_use(refusal: Grant, use: Use) -> bool:
    if refusal.outputs and use.output not in refusal.outputs:
        return False
    audiences = {use.audience, Audience.ANYONE}
    # A use for anyone is for those, too, whom it was refused (as with rules: ruling 4).
    if refusal.to and use.audience is not Audience.ANYONE and audiences.isdisjoint(refusal.to):
        return False
    return not refusal.media or use.medium in refusal.media


def _checks(refusal: Grant, everyone: Sequence[Party], facts: Facts) -> tuple[Check, ...]:
    """Its author and category against the entry's. What cannot be known is unknown, which holds (ruling 7)."""
    checks = []
    if refusal.author is not None:
        authors = _authors(facts.entry, everyone)
        wrote = any(stands_in(fold(refusal.author), byline) for byline in authors)
        checks.append(_check("author", refusal.author, ", ".join(authors), wrote))
    if refusal.category is not None:
        among = fold(refusal.category) in facts.categories
        checks.append(_check("category", refusal.category, facts.categories_told, among))
    return tuple(checks)


def _check(name: str, wanted: str, found: str, holds: bool) -> Check:
    truth = (Truth.YES if holds else Truth.NO) if found.strip() else Truth.UNKNOWN
    return Check(name=name, wanted=wanted, found=found or "unknown", holds=truth)


def _authors(entry: Entry, everyone: Sequence[Party]) -> list[str]:
    """Folded bylines, those of the hops too."""
    told = [*(author.name for author in entry.authors), *(party.hop.author or "" for party in everyone)]
    told += [origin.author or "" for origin in entry.origins]
    return list(dict.fromkeys(filter(None, map(fold, told))))


def _stands(refusal: Grant, sheet: Sheet, facts: Facts) -> bool:
    """Whether it holds now; notes the instants still to come at which that changes."""
    start = times.start_of(refusal.since) if refusal.since else None
    end = ends(refusal)
    if end is not None and (facts.at >= end or (start is not None and end <= start)):
        return False
    if start is not None and facts.at < start:
        sheet.changes.append(Moment(start))
        return False
    if end is not None and end < times.NEVER:
        sheet.changes.append(Moment(end))
    return True


def _hold(refusal: Grant, sheet: Sheet, index: int, party: Party, facts: Facts, checks: tuple[Check, ...]) -> None:
    unknown = tuple(check.name for check in checks if check.holds is Truth.UNKNOWN)
    truth = Truth.UNKNOWN if unknown else Truth.YES
    layer = LAYER if refusal.effect is Effect.DENY else "terms"
    sheet.step(index, layer, refusal.id, refusal.effect, truth, where=refusal.evidence, checks=checks)
    who = _who(refusal, party)
    if refusal.effect is Effect.ASK:
        sentence = f"{refusal.evidence}: a person must look first"
        kind, reason, effect = FlagKind.REVIEW, Reason.TERMS_CHANGED, Effect.ASK
    elif unknown:
        sentence = f"{who} refused some entries (refusal {refusal.id}), and {unknown_facts(unknown)}"
        kind, reason, effect = FlagKind.CONDITION, Reason.FACT_MISSING, Effect.ASK
    else:
        sentence = f"{who} refused {described(sheet.form, facts.use)} (refusal {refusal.id}{_quoted(refusal)})"
        kind, reason, effect = FlagKind.PERMISSION, Reason.REFUSED, Effect.DENY
    sheet.hold(index, party, kind, reason, effect, refusal.id, sentence, missing=unknown)


def _who(refusal: Grant, party: Party) -> str:
    if refusal.publisher:
        return refusal.publisher
    if refusal.policy is None and refusal.author is not None:
        return refusal.author
    known = (policy for policy in (party.policy, *party.tighten) if policy is not None and policy.id == refusal.policy)
    return next((policy.publisher.name for policy in known), party.hop.name)


def _quoted(refusal: Grant) -> str:
    words = " ".join(refusal.evidence.split())
    if not words:
        return ""
    return f": {words if len(words) <= QUOTE_MAX else f'{words[:QUOTE_MAX]}…'}"


def is_elsewhere(refusal: Grant, entry: Entry, everyone: tuple[Party, ...]) -> bool:
    """Whether author or category alone tell that it does not concern an entry: cheap, and right where it says yes.

    Args:
        everyone: whose word counts; empty: the source's alone.
    """
    if refusal.author is not None:
        authors = _authors(entry, everyone)
        if authors and not any(stands_in(fold(refusal.author), byline) for byline in authors):
            return True
    if refusal.category is None:
        return False
    categories = tuple(filter(None, map(fold, entry.categories)))
    return bool(categories) and fold(refusal.category) not in categories
