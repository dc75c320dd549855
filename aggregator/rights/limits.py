"""Which limits a use would break, or might."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.decision import FlagKind, Question, Reason, Truth
from aggregator.model.entry import Component
from aggregator.model.policy import Effect, Limit, LimitName, Param, Policy
from aggregator.model.use import Ads, Form, Selection
from aggregator.rights.facts import Facts, number
from aggregator.rights.judge import truth
from aggregator.rights.names import fold, primary, stands_in
from aggregator.rights.reasons import FORMS, at
from aggregator.rights.sheet import Sheet
from aggregator.rights.wording import must_not

if TYPE_CHECKING:
    from aggregator.rights.hops import Party

TEXT = "text"
ON_COMPONENTS = (LimitName.NO_IMAGES, LimitName.OWN_IMAGES_ONLY)


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit and the rule that sets it."""

    limit: Limit
    rule: str
    where: str = ""


def _excerpt_max(limit: Limit, form: Form, facts: Facts) -> bool | None:
    """Whether carrying this form would show more than the cap. An excerpt is cut to it, a full text is not."""
    cap, unit, size = number(limit.param("n")), str(limit.param("unit") or "words"), facts.entry.size
    if cap is None:
        return None
    if form is Form.EXCERPT and unit == "percent":
        return None if size is None else False
    if form is not Form.FULL:
        return False
    if unit == "percent":
        return cap < 100
    if size is None:
        return None
    measured = {"words": size.words, "chars": size.chars, "paragraphs": size.paragraphs}.get(unit)
    return None if measured is None else measured > cap


def _share(limit: Limit, form: Form, facts: Facts) -> bool | None:
    return share_broken(limit, facts.question)


def share_broken(limit: Limit, question: Question) -> bool | None:
    """Whether the output would carry more of its source than `max-share` allows; None: nobody can say."""
    cap, period = number(limit.param("percent")), str(limit.param("period") or "")
    shares = [percent for name, percent in question.shares if name == period]
    if cap is None or not shares or shares[0] != shares[0]:
        return None
    return max(shares) > cap


def _copies(limit: Limit, form: Form, facts: Facts) -> bool | None:
    cap = number(limit.param("n"))
    return None if cap is None or facts.use.copies is None else facts.use.copies > cap


def _translation(limit: Limit, form: Form, facts: Facts) -> bool | None:
    """Only a stated language of the output can make a translation (ruling 11)."""
    if facts.use.language is None:
        return False
    return None if facts.language is None else primary(facts.use.language) != primary(facts.language)


def _edits(limit: Limit, form: Form, facts: Facts) -> bool | None:
    """A translation is an edit, unless it is excepted by name; cutting and wrapping anew are none (docs/rights.md)."""
    if "translation" in names_in(limit.param("except")):
        return False
    return _translation(limit, form, facts)


_BROKEN: dict[LimitName, Callable[[Limit, Form, Facts], bool | None]] = {
    LimitName.FULL_ONLY: lambda limit, form, facts: form is not Form.FULL,
    LimitName.EXCERPT_MAX: _excerpt_max,
    LimitName.NO_RESALE: lambda limit, form, facts: facts.use.sold,
    LimitName.NO_ADS_AGAINST: lambda limit, form, facts: facts.use.ads is Ads.ITEM,
    LimitName.NO_ADS: lambda limit, form, facts: facts.use.ads is not Ads.NONE,
    LimitName.NO_PAYWALL: lambda limit, form, facts: facts.use.paywall,
    LimitName.NO_AUTOMATIC: lambda limit, form, facts: (
        facts.use.selection is Selection.AUTOMATIC and not facts.question.approved
    ),
    LimitName.MAX_SHARE: _share,
    LimitName.MAX_COPIES: _copies,
    LimitName.NO_TRANSLATION: _translation,
    LimitName.NO_EDITS: _edits,
    LimitName.OTHER: lambda limit, form, facts: None,
}
"""Limits that are not here are never broken by us: no-framing, no-endorsement and no-ai are carried,
no-images and own-images-only take the images away."""


def concerns_text(limit: Limit, facts: Facts) -> bool:
    if limit.media and facts.use.medium not in limit.media:
        return False
    return not limit.components or TEXT in limit.components


def broken(limit: Limit, form: Form, facts: Facts) -> Truth:
    """Whether a use breaks a limit. With alternatives: only where it breaks them all."""
    if limit.any_of:
        found = [broken(choice, form, facts) for choice in limit.any_of if not _elsewhere(choice, facts)]
        if not found or Truth.NO in found:
            return Truth.NO
        return Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.YES
    test = _BROKEN.get(limit.name)
    return Truth.NO if test is None else truth(test(limit, form, facts))


def _on_components(limit: Limit) -> bool:
    """Whether a limit may take components out of the copy."""
    if limit.components:
        return not limit.components <= {TEXT}
    return limit.name in ON_COMPONENTS or any(map(_on_components, limit.any_of))


def forbids(limit: Limit, component: Component, own: tuple[str, ...], form: Form, facts: Facts) -> bool:
    """Whether a limit bars one component. With alternatives: only where all of them do.

    Args:
        own: folded names of the publisher, for `own-images-only` without a `credit` of its own.
    """
    if limit.components and component.kind.value not in limit.components:
        return False
    if limit.any_of:
        return all(forbids(choice, component, own, form, facts) for choice in limit.any_of)
    if limit.name is LimitName.NO_IMAGES:
        return True
    if limit.name is LimitName.OWN_IMAGES_ONLY:
        return not credited(component, names_in(limit.param("credit")) or own)
    return broken(limit, form, facts) is not Truth.NO


def names_in(value: Param | None) -> tuple[str, ...]:
    """A parameter that names one or more, folded."""
    if value is None:
        return ()
    return tuple(fold(str(name)) for name in (value if isinstance(value, tuple) else (value,)))


def own_names(policy: Policy | None) -> tuple[str, ...]:
    """The names by which a publisher's own images are known, folded."""
    if policy is None:
        return ()
    return tuple(fold(name) for name in (policy.publisher.name, *policy.publisher.aliases))


def credited(component: Component, names: tuple[str, ...]) -> bool:
    """Whether a component's credit holds one of the names. Without a credit it is nobody's own (ruling 21)."""
    credit = fold(component.credit or "")
    return any(stands_in(name, credit) for name in names)


def _elsewhere(limit: Limit, facts: Facts) -> bool:
    return bool(limit.media) and facts.use.medium not in limit.media


def pickable(limit: Limit) -> bool:
    """Whether a person's pick would lift it."""
    return limit.name is LimitName.NO_AUTOMATIC or any(map(pickable, limit.any_of))


def bind(sheet: Sheet, hop: int, party: Party, facts: Facts, bounds: list[Bound], kind: FlagKind | None = None) -> None:
    """Take on the limits of one hop, or note which of them the use breaks.

    A broken limit asks where somebody can be asked, else denies (ruling 7); one that a pick would lift always asks.

    Args:
        kind: of the flag, where the limit is not a policy's but a notice's.
    """
    for bound in bounds:
        limit = bound.limit
        if limit.media and facts.use.medium not in limit.media:
            continue
        sheet.bind(limit)
        if _on_components(limit):
            sheet.component_limits.append((limit, hop, party, bound.rule))
        if limit.requested or not concerns_text(limit, facts):
            continue
        found = broken(limit, sheet.form, facts)
        if found is not Truth.NO:
            _hold(sheet, hop, party, bound, found, kind)


def _hold(sheet: Sheet, hop: int, party: Party, bound: Bound, found: Truth, kind: FlagKind | None) -> None:
    limit, who = bound.limit, party.hop.name
    place = at(bound.where, " or ".join(one.name for one in limit.any_of or (limit,)))
    says, form = f"{who} says not to {must_not(limit)}", FORMS[sheet.form]
    effect, reason, missing = Effect.ASK, Reason.LIMIT_BROKEN, ""
    if limit.name is LimitName.OTHER and not limit.any_of:
        kind, missing = kind or FlagKind.CONDITION, "ruling"
        sentence = f'a person must rule on what {who} asks: "{limit.param("text") or ""}"{place}'
    elif found is Truth.UNKNOWN:
        kind, reason, missing = kind or FlagKind.CONDITION, Reason.FACT_MISSING, limit.name.value
        sentence = f"{says}, and whether {form} here keeps to that cannot be known{place}"
    elif pickable(limit):
        kind = kind or FlagKind.REVIEW
        sentence = f"{who} bars automatic republication; a person may pick the entry{place}"
    else:
        kind, effect = kind or FlagKind.PERMISSION, Effect.ASK if party.contact else Effect.DENY
        sentence = f"{says}, which {form} in this output would do{place}"
    sheet.hold(
        hop,
        party,
        kind,
        reason,
        effect,
        bound.rule,
        sentence,
        where=bound.where,
        missing=(missing,) if missing else (),
    )
