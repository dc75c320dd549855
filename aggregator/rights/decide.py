"""Question → decision: the strictest over all hops, form after form, with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.model.decision import Decision, FlagKind, Hold, Question, Reason, Truth
from aggregator.model.policy import Effect, Grant
from aggregator.model.use import Form, Selection
from aggregator.rights.components import strip
from aggregator.rights.facts import Facts
from aggregator.rights.grants import Permission
from aggregator.rights.hops import Party, parties
from aggregator.rights.notices import overlay
from aggregator.rights.reasons import FORMS, at
from aggregator.rights.refusals import refuse
from aggregator.rights.sheet import STRICTNESS, Sheet
from aggregator.rights.speak import Hearing, hear

if TYPE_CHECKING:
    from aggregator.rights.opinion import Joined
    from aggregator.rights.policies import Policies

ENGINE_VERSION = "8"
"""Changes where the same question may get another answer."""


def decide(question: Question, policies: Policies, grants: Sequence[Grant] = ()) -> Decision:
    """Whether an entry may be shown in a use, in which form, under which duties, and why.

    Total: any value of the types gets an answer. The forms of the use are tried in order; the first that is allowed
    is the answer, else the best outcome (ask before deny) in its earliest form. The trace is found when it is read.
    """
    return policies.memory.recall(question, policies, grants)


def evaluate(
    question: Question,
    policies: Policies,
    grants: Sequence[Grant],
    everyone: tuple[Party, ...] = (),
) -> Decision:
    """`decide` without its memory, and with the trace at hand.

    Args:
        everyone: all whose word counts, where that has been found out already.
    """
    facts = Facts(question, policies.fixed(question.use))
    everyone = everyone or parties(question, policies)
    own = everyone[-1].policy

    def hear_hop(sheet: Sheet, index: int, facts: Facts) -> Permission:
        return hear(Hearing(sheet, index, everyone[index], facts), own, policies.unknown_policy, grants)

    return conclude(facts, everyone, policies.version, hear_hop, grants, quiet=False)


HearHop = Callable[[Sheet, int, Facts], Permission]


def conclude(
    facts: Facts,
    everyone: tuple[Party, ...],
    version: str,
    hear_hop: HearHop,
    grants: Sequence[Grant],
    *,
    quiet: bool,
) -> Decision:
    """The answer, from what each hop says to each form.

    Args:
        facts: of the question; the instants on which the answer depends are left in them.
        hear_hop: writes what the hop of an index says into a sheet, and gives what is granted in writing for it.
        grants: of which the refusals are heard here, before everything else.
        quiet: leave the trace out.
    """
    sheets: list[Sheet] = []
    for form in facts.use.forms:
        sheets.append(_hear_form(Sheet(form, quiet), facts, everyone, hear_hop, grants))
        if sheets[-1].effect is Effect.ALLOW:
            break
    return answer(facts, everyone, version, sheets)


def _hear_form(
    sheet: Sheet, facts: Facts, everyone: tuple[Party, ...], hear_hop: HearHop, grants: Sequence[Grant]
) -> Sheet:
    """Everything there is to say about one form."""
    last = len(everyone) - 1
    if lacking(sheet, facts, everyone):
        return sheet
    if grants:
        refuse(sheet, everyone, facts, grants)
    given = [hear_hop(sheet, index, facts) for index in range(len(everyone))]
    if facts.entry.notices or facts.question.said:
        overlay(Hearing(sheet, last, everyone[last], facts), given[last].over_notices)
    if facts.entry.components:
        strip(sheet, everyone, facts, given)
    for index, party in enumerate(everyone):
        if index not in sheet.spoken and all(hold.hop != index for hold in sheet.holds):
            sentence = f"nothing is known that lets {party.hop.name}'s part be shown"
            sheet.hold(index, party, FlagKind.PERMISSION, Reason.NO_RULE, Effect.ASK, "default", sentence)
    _mark_unusable(sheet)
    return sheet


def lacking(sheet: Sheet, facts: Facts, everyone: tuple[Party, ...]) -> bool:
    """Whether there is nothing to show in a form, which is then noted; what anybody says to it does not matter."""
    form, last = sheet.form, len(everyone) - 1
    lacks = facts.lacks(form)
    if lacks is None:
        return False
    sheet.step(last, "use", NOTHING, Effect.DENY, Truth.YES, unusable=lacks)
    sentence = f"{FORMS[form]} cannot be shown: {lacks}"
    sheet.hold(last, everyone[last], FlagKind.REVIEW, Reason.NOTHING_TO_SHOW, Effect.DENY, NOTHING, sentence)
    return True


def _mark_unusable(sheet: Sheet) -> None:
    """Write into the trace why a rule that allows could not be relied on."""
    if not sheet.holds or sheet.quiet:
        return
    for number, step in enumerate(sheet.steps):
        if step.effect is Effect.ALLOW and step.holds is not Truth.NO and not step.unusable:
            why = [hold.sentence for hold in sheet.holds if hold.rule == step.rule and hold.hop == step.hop]
            if why:
                sheet.steps[number] = replace(step, unusable="; ".join(why))


NOTHING = "nothing-to-show"


def answer(facts: Facts, everyone: tuple[Party, ...], version: str, sheets: Sequence[Sheet | Joined]) -> Decision:
    """The answer, from what all hops together say to each form that was tried."""
    asked = sheets[0]
    chosen = asked if len(sheets) == 1 else min(sheets, key=lambda sheet: STRICTNESS[sheet.effect])
    in_the_way = asked.holds
    own = holds = _strongest(in_the_way, asked.effect)
    if chosen is not asked:
        own = _strongest(chosen.holds, chosen.effect)
        if chosen.effect is Effect.ASK:
            holds = [*holds, *[hold for hold in own if hold not in holds]]
    steps = [step for sheet in sheets for step in sheet.steps]
    ends = [moment for sheet in sheets for moment in sheet.changes]
    missing = list(asked.missing)
    outcome = chosen.effect
    if outcome is Effect.ALLOW:
        ends += chosen.on_release
        if chosen.form is not Form.HEADLINE:
            holds = [*holds, *chosen.image_holds]
        if facts.use.selection is Selection.REVIEWED and not facts.question.approved:
            outcome = Effect.ASK
            review = _unpicked(chosen, everyone, sheet := chosen.scratch())
            steps += sheet.steps
            holds = [*holds, review]
    allowed = outcome is Effect.ALLOW
    if not allowed:
        missing += chosen.missing
    first = None if allowed else own[0] if own else holds[-1]
    facts.ends, facts.starts = tuple(ends), tuple(chosen.since) if allowed else ()
    carried = chosen.duties if allowed else []
    relied_on = tuple(dict.fromkeys(chosen.relied_on)) if chosen.effect is Effect.ALLOW else ()
    return Decision(
        outcome=outcome,
        form=chosen.form,
        reason=Reason.ALLOWED if first is None else first.reason,
        sentence=_sentence(asked, chosen, everyone, first, in_the_way),
        duties=tuple([duty for duty, _ in carried]),
        duty_hops=tuple([hop for _, hop in carried]),
        limits=tuple(chosen.limits) if allowed else (),
        removed=tuple(dict.fromkeys(chosen.removed)) if allowed else (),
        hops=tuple([party.hop for party in everyone]),
        relied_on=relied_on if allowed else (),
        held_by=tuple(dict.fromkeys([hold.rule for hold in in_the_way])),
        holds=tuple(holds),
        missing=tuple(dict.fromkeys(missing)),
        contact=None if allowed else next((hold.contact for hold in own or holds if hold.contact), None),
        valid_from=max((moment.at for moment in facts.starts), default=None),
        valid_until=min((moment.at for moment in ends), default=None),
        policy_version=version,
        engine_version=ENGINE_VERSION,
        trace=tuple(steps),
    )


def _strongest(holds: Sequence[Hold], effect: Effect) -> list[Hold]:
    """The obstacles that decide: where something is denied, asking about the rest helps nobody."""
    return [hold for hold in holds if hold.effect is effect]


def _unpicked(chosen: Sheet | Joined, everyone: tuple[Party, ...], sheet: Sheet) -> Hold:
    """A reviewed output carries only what a person picked (ruling 22). Asked last: there must be something to pick."""
    last = len(everyone) - 1
    sheet.step(last, "use", "selection", Effect.ASK, Truth.YES, unusable="nobody has picked this entry")
    sentence = f"{FORMS[chosen.form]} is allowed, and this output carries only entries that a person picked"
    sheet.hold(last, everyone[last], FlagKind.REVIEW, Reason.NOT_PICKED, Effect.ASK, "selection", sentence)
    return sheet.holds[0]


def _sentence(
    asked: Sheet | Joined, chosen: Sheet | Joined, everyone: tuple[Party, ...], first: Hold | None, holds: list[Hold]
) -> str:
    """The reason for a person, one line."""
    if first is not None:
        return " ".join(first.sentence.split())
    text = f"{FORMS[chosen.form]} is allowed by {_allowing(chosen, everyone)}"
    if chosen is not asked:
        text += f"; {FORMS[asked.form]} is not: {_strongest(holds, asked.effect)[0].sentence}"
    return " ".join(text.split())


def _allowing(chosen: Sheet | Joined, everyone: tuple[Party, ...]) -> str:
    """Who allows, hop by hop, and where that is written: `The Wire (policies/wire.yaml:11), Herald (a letter)`."""
    by_hop: dict[int, list[str]] = {}
    for (hop, _), where in chosen.allowed_at.items():
        by_hop.setdefault(hop, []).append(where)
    return ", ".join(f"{everyone[hop].hop.name}{at('; '.join(dict.fromkeys(by_hop[hop])))}" for hop in sorted(by_hop))
