"""A decision on one screen for a person, from the decision alone. The whole trace is in the decision itself."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.model.decision import Check, Decision, FlagKind, Hold, Step, Truth
from aggregator.model.policy import Duty, Effect, Limit
from aggregator.model.use import Form
from aggregator.rights import times
from aggregator.rights.reasons import CATALOGUE, FORMS, at
from aggregator.rights.wording import listed, must, must_not

SHOWN_MAX = 12
"""Of steps, and of questions to people: what a screen holds. The rest is counted."""

_MARKS = {Effect.ALLOW: "+", Effect.ASK: "?", Effect.DENY: "-"}
_OUTCOMES = {
    Effect.ALLOW: "may be shown",
    Effect.ASK: "waits: somebody must be asked first",
    Effect.DENY: "may not be shown",
}
_SAYS = {Effect.ALLOW: "allows", Effect.ASK: "wants to be asked about", Effect.DENY: "does not allow"}
_WOULD = {Effect.ALLOW: "would allow", Effect.ASK: "would want to be asked about", Effect.DENY: "would not allow"}
_USE = frozenset({"form", "audience", "medium"})
"""Checks by which a rule does not concern the use at all, whatever the entry is."""
_TO_ASK = frozenset({FlagKind.PERMISSION, FlagKind.THIRD_PARTY, FlagKind.NOTICE})
"""Kinds of obstacle that somebody outside can take away; the others are settled here."""


def explain(decision: Decision) -> list[str]:
    """Lines for a person: the answer, whom to ask, what must accompany the copy, dates, then how it was found.

    Of the trace, only the steps that spoke or nearly did: a rule for another form, audience or medium is counted, and
    so are forms that were neither asked for nor let out.
    """
    return [
        f"{decision.outcome}: {FORMS[decision.form]} {_outcome(decision)} ({decision.reason})",
        *_because(decision),
        *_people(decision),
        *_carried(decision),
        *_dates(decision),
        "Came through: " + " > ".join(_hop(decision, index) for index in range(len(decision.hops))),
        "How this was found:",
        *_steps(decision),
    ]


def _outcome(decision: Decision) -> str:
    if decision.outcome is Effect.ASK and not any(_is_for_others(hold) for hold in decision.holds):
        return "waits: a person must settle something"
    return _OUTCOMES[decision.outcome]


def _because(decision: Decision) -> Iterator[str]:
    yield f"{decision.sentence[:1].upper()}{decision.sentence[1:]}."
    if not decision.allowed:
        yield f"What to do: {CATALOGUE[decision.reason].remedy}"


def _is_for_others(hold: Hold) -> bool:
    return hold.effect is Effect.ASK and hold.kind in _TO_ASK


def _people(decision: Decision) -> Iterator[str]:
    """Who can take away what stands in the way; what the first line has said already is not said again."""
    holds = [hold for hold in decision.holds if hold.effect is Effect.ASK]
    for hold in holds[:SHOWN_MAX]:
        said = "" if " ".join(hold.sentence.split()) == decision.sentence else f": {hold.sentence}"
        if _is_for_others(hold):
            yield f"Ask {hold.publisher}, {hold.contact or 'whose address is not known'}{said}"
        elif said:
            yield f"Settle{said}"
    if len(holds) > SHOWN_MAX:
        yield f"… and {len(holds) - SHOWN_MAX} more of this kind"
    for hold in decision.holds:
        if hold.effect is Effect.DENY and " ".join(hold.sentence.split()) != decision.sentence:
            yield f"Also: {hold.sentence}"


def _carried(decision: Decision) -> Iterator[str]:
    pairs = zip(decision.duties, decision.duty_hops, strict=True)
    for number, (duty, hop) in enumerate(pairs):
        yield f"{'Must go with it: ' if not number else '                 '}{must(duty)} ({decision.hops[hop].name})"
    for number, limit in enumerate(decision.limits):
        yield f"{'          ' if number else 'Must not: '}{must_not(limit)}"
    if decision.removed:
        yield f"Taken out: {', '.join(decision.removed)}"
    if decision.missing:
        yield f"Not known: {', '.join(decision.missing)}"


def _dates(decision: Decision) -> Iterator[str]:
    if decision.valid_from is not None:
        yield f"Since: {times.written(decision.valid_from)}"
    if decision.valid_until is not None:
        yield f"Until: {times.written(decision.valid_until)}, when it is decided again"


def _hop(decision: Decision, index: int) -> str:
    hop = decision.hops[index]
    return f"{hop.name} (says the feed)" if hop.claimed else hop.name


def term(value: Duty | Limit) -> str:
    """A duty or limit by its name: `credit-line text "Originally published by The Herald"`."""
    if value.any_of:
        return " or ".join(map(term, value.any_of))
    told = ", ".join(f'{name} "{text}"' for name, text in value.params)
    return f"{value.name} {told}".strip() + (" (requested)" if value.requested else "")


def _steps(decision: Decision) -> Iterator[str]:
    """Steps that spoke or nearly did, those that differ in their form alone as one; then how many others there are."""
    wanted = {decision.form, decision.trace[0].form if decision.trace else decision.form}
    spoke: dict[tuple[object, ...], list[Step]] = {}
    for step in decision.trace:
        if step.form in wanted and _is_near(step):
            same = (step.hop, step.layer, step.rule, step.effect, step.holds, step.unusable, step.checks)
            spoke.setdefault(same, []).append(step)
    shown = list(spoke.values())[:SHOWN_MAX]
    yield from (_step(decision, steps) for steps in shown)
    told = {(steps[0].hop, steps[0].rule) for steps in shown}
    others = len({(step.hop, step.rule) for step in decision.trace} - told)
    if others:
        yield f"  {others} other rule{' does' if others == 1 else 's do'} not concern this use."


def _is_near(step: Step) -> bool:
    """Whether a rule spoke, or was kept from it by this entry and not by the use alone."""
    return step.holds is not Truth.NO or any(check.name not in _USE for check in step.checks)


def _step(decision: Decision, steps: list[Step]) -> str:
    step = steps[0]
    says = _SAYS if step.holds is Truth.YES else _WOULD
    forms = listed((FORMS[form] for form in Form if any(one.form is form for one in steps)), "or")
    # One fact that fails is the whole reason why a rule does not apply; what it would also have wanted does not matter.
    failed = [check for check in step.checks if check.holds is step.holds] if step.holds is not Truth.YES else []
    head = f"  {_MARKS[step.effect]} {decision.hops[step.hop].name}: "
    if step.layer in ("images", "use"):
        return f"{head}{_subject(step)}: {step.unusable}{at(step.where)}"
    line = f"{head}{_subject(step)} {says[step.effect]} {forms}"
    line += at(step.where)
    line += "".join(f"; {_check(check)}" for check in failed or step.checks)
    return line + (f". Not usable: {step.unusable}" if step.unusable else "")


def _subject(step: Step) -> str:
    """The layer and rule of a step as the subject of a sentence."""
    return {
        "refusal": f"recorded refusal {step.rule}",
        "terms": f"the watch on terms ({step.rule})",
        "grant": f"written permission {step.rule}",
        "policy": f"rule {step.rule}",
        "licence": f"the {step.rule}",
        "entry-licence": f"the entry's own {step.rule}",
        "default": "this installation's 'unknown_policy'" if step.rule == "unknown_policy" else "the policy's default",
        "third-party": "an uncertain origin" if step.rule == "unsure" else "'third_party' of the source's policy",
        "notice": f"what the entry says of itself ({step.rule})",
        "images": "images" if step.rule == "images" else f"images, by {step.rule}",
        "use": "what the feed carries" if step.rule != "selection" else "the output's own selection",
    }.get(step.layer, f"{step.layer} {step.rule}")


_FOUND = {Truth.YES: "", Truth.NO: ", so it does not apply", Truth.UNKNOWN: ", so it cannot be told"}


def _check(check: Check) -> str:
    return f"{check.name}: wanted {check.wanted}, found {check.found}{_FOUND[check.holds]}"
