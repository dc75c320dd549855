"""A decision as lines for a person, from the decision alone."""

from __future__ import annotations

from aggregator.model.decision import Check, Decision, Hold, Step, Truth
from aggregator.model.policy import Duty, Effect, Limit
from aggregator.rights import times
from aggregator.rights.reasons import CATALOGUE

_MARKS = {Effect.ALLOW: "+", Effect.ASK: "?", Effect.DENY: "-"}
_HOLDS = {Truth.YES: "applies", Truth.NO: "does not apply", Truth.UNKNOWN: "cannot be known"}


def explain(decision: Decision) -> list[str]:
    """Lines for a person: the answer, whom to ask, what must accompany the copy, dates, then every step to it."""
    lines = [f"{decision.outcome} ({decision.reason}): {decision.form}", decision.sentence]
    if not decision.allowed:
        lines.append(CATALOGUE[decision.reason].remedy)
    lines += [_hold(hold) for hold in decision.holds]
    lines += _carried(decision)
    lines += _dates(decision)
    lines.append("Through: " + " > ".join(_hop(decision, index) for index in range(len(decision.hops))))
    lines.append("Steps:")
    lines += [_step(decision, step) for step in decision.trace]
    return lines


def _hold(hold: Hold) -> str:
    ask = f"; write to {hold.contact}" if hold.contact and hold.effect is Effect.ASK else ""
    return f"{_MARKS[hold.effect]} {hold.sentence}{ask}"


def _carried(decision: Decision) -> list[str]:
    lines = []
    if decision.duties:
        asked = [f"{term(duty)} ({decision.hops[hop].name})" for duty, hop in _pairs(decision)]
        lines.append("Duties: " + ", ".join(asked))
    if decision.limits:
        lines.append("Limits: " + ", ".join(map(term, decision.limits)))
    if decision.removed:
        lines.append("Taken out: " + ", ".join(decision.removed))
    if decision.missing:
        lines.append("Not known: " + ", ".join(decision.missing))
    return lines


def _pairs(decision: Decision) -> list[tuple[Duty, int]]:
    return list(zip(decision.duties, decision.duty_hops, strict=True))


def _dates(decision: Decision) -> list[str]:
    lines = []
    if decision.valid_from is not None:
        lines.append(f"Since: {times.written(decision.valid_from)}")
    if decision.valid_until is not None:
        lines.append(f"Until: {times.written(decision.valid_until)}, when it is decided again")
    return lines


def _hop(decision: Decision, index: int) -> str:
    hop = decision.hops[index]
    return f"{hop.name} (says the feed)" if hop.claimed else hop.name


def term(value: Duty | Limit) -> str:
    """A duty or limit for a person: `credit-line "Originally published by The Herald"`."""
    if value.any_of:
        return " or ".join(map(term, value.any_of))
    told = ", ".join(f'{name} "{text}"' for name, text in value.params)
    return f"{value.name} {told}".strip() + (" (requested)" if value.requested else "")


def _step(decision: Decision, step: Step) -> str:
    where = f" ({step.where})" if step.where else ""
    line = f"  {_MARKS[step.effect]} {step.form}, {decision.hops[step.hop].name}, {step.layer} {step.rule}{where}: "
    line += _HOLDS[step.holds] + (f", {step.unusable}" if step.unusable else "")
    return line + "".join(map(_check, step.checks))


def _check(check: Check) -> str:
    return f"; {check.name}: wanted {check.wanted}, found {check.found}"
