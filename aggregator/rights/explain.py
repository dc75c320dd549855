"""A decision on one screen for a person, from the decision alone. The whole trace is in the decision itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aggregator.model.decision import Check, Decision, FlagKind, Hold, Step, Truth
from aggregator.model.policy import Effect
from aggregator.model.use import Form
from aggregator.rights import times
from aggregator.rights.foresee import foresee
from aggregator.rights.reasons import CATALOGUE, FORMS, at
from aggregator.rights.wording import listed, must, must_not

if TYPE_CHECKING:
    from aggregator.model.decision import Question
    from aggregator.model.policy import Grant
    from aggregator.rights.foresee import Later
    from aggregator.rights.policies import Policies

SHOWN_MAX = 12
"""Of steps, and of questions to people: what a screen holds. The rest is counted."""

ADDRESSES_MAX = 3
"""Of images and the like that are taken out."""

_MISSING = {
    "excerpt-max": "the length of its text",
    "max-share": "how much of its publisher this output carries",
    "max-copies": "how many copies are made",
    "no-edits": "its language",
    "no-translation": "its language",
    "language": "its language",
    "author": "its author",
    "category": "its category",
    "marker": "its text",
    "origin": "who wrote it first",
    "link": "its address",
    "url": "its address",
    "licence": "its licence",
    "since": "its date",
    "until": "its date",
    "window": "its date",
    "embargo": "its date",
    "text": "the words to print",
    "copyright notice": "its copyright notice",
    "notice sent": "whether its publisher was told",
    "ruling": "what a person says to it",
}
"""Facts that a person could supply, in words; what is not here is its own word."""
_SAID_OF_ITSELF = {
    "no-ai": "not for AI",
    "forbid": "not for republication",
    "deny": "no access",
    "draft": "a draft",
    "limit": "a limit",
}
_DEFAULTS = {"unknown_policy": "this installation's rule for sources without a policy"}
_MARKS = {Effect.ALLOW: "+", Effect.ASK: "?", Effect.DENY: "-"}
_SAYS = {Effect.ALLOW: "allows", Effect.ASK: "wants to be asked about", Effect.DENY: "does not allow"}
_WOULD = {Effect.ALLOW: "would allow", Effect.ASK: "would want to be asked about", Effect.DENY: "would not allow"}
_USE = frozenset({"form", "audience", "medium"})
"""Checks by which a rule does not concern the use at all, whatever the entry is."""
_TO_ASK = frozenset({FlagKind.PERMISSION, FlagKind.THIRD_PARTY, FlagKind.NOTICE})
"""Kinds of obstacle that somebody outside can take away; the others are settled here."""


def explained(question: Question, policies: Policies, grants: Sequence[Grant], decision: Decision) -> tuple[str, ...]:
    """The lines of `explain` for the answer that a question has, with what becomes of it by itself."""
    return tuple(explain(decision, foresee(question, policies, grants, decision)))


def explain(decision: Decision, later: Later | None = None) -> list[str]:
    """Lines for a person: the answer, whom to ask, what must accompany the copy, dates, then how it was found.

    Of the trace, only the steps that spoke or nearly did: a rule for another form, audience or medium is counted, and
    so are forms that were neither asked for nor let out.

    Args:
        later: what the answer will be by itself (`foresee`), where that is more than now.
    """
    return [
        *_outcome(decision, later),
        *_because(decision, later),
        *_people(decision, later),
        *_carried(decision),
        *_dates(decision, later),
        "Came through: " + " > ".join(_hop(decision, index) for index in range(len(decision.hops))),
        "How this was found:",
        *_steps(decision),
    ]


def _outcome(decision: Decision, later: Later | None) -> Iterator[str]:
    if later is None or decision.allowed:
        yield _of_now(decision)
    if later is not None:
        head = "From" if decision.allowed else "Not yet: from"
        form = FORMS[later.decision.form]
        yield f"{head} {times.written(later.at)} on, {form} may be shown, without anybody doing anything."


def _of_now(decision: Decision) -> str:
    form = FORMS[decision.form]
    if decision.outcome is Effect.DENY:
        return f"No: {form} may not be shown."
    if decision.outcome is Effect.ASK and any(_is_for_others(hold) for hold in decision.holds):
        return f"Not yet: {form} waits until somebody has been asked."
    if decision.outcome is Effect.ASK:
        return f"Not yet: {form} waits until a person here has settled something."
    if decision.held_by and decision.trace and decision.trace[0].form is not decision.form:
        return f"Yes, but less than was wanted: {form} may be shown."
    return f"Yes: {form} may be shown."


def _because(decision: Decision, later: Later | None) -> Iterator[str]:
    if decision.allowed or later is None:
        yield f"Why: {decision.sentence}."
    else:
        yield f"Until then: {decision.sentence}."
    if not decision.allowed and later is None:
        yield f"What to do: {CATALOGUE[decision.reason].remedy}"


def _is_for_others(hold: Hold) -> bool:
    return hold.effect is Effect.ASK and hold.kind in _TO_ASK


def _people(decision: Decision, later: Later | None) -> Iterator[str]:
    """Who can take away what stands in the way; what the first line has said already is not said again."""
    ask = "Ask" if later is None else "To have it sooner, ask"
    holds = [hold for hold in decision.holds if hold.effect is Effect.ASK]
    for hold in holds[:SHOWN_MAX]:
        said = "" if _is_said(hold, decision) else f": {hold.sentence}"
        if _is_for_others(hold):
            yield f"{ask} {hold.publisher}, {hold.contact or 'whose address is not known'}{said}"
        elif said:
            yield f"Settle{said}"
    if len(holds) > SHOWN_MAX:
        yield f"… and {len(holds) - SHOWN_MAX} more of this kind"
    for hold in decision.holds:
        if hold.effect is Effect.DENY and not _is_said(hold, decision):
            yield f"Also: {hold.sentence}"


def _is_said(hold: Hold, decision: Decision) -> bool:
    return " ".join(hold.sentence.split()) in decision.sentence


def _carried(decision: Decision) -> Iterator[str]:
    pairs = zip(decision.duties, decision.duty_hops, strict=True)
    for number, (duty, hop) in enumerate(pairs):
        yield f"{'Must go with it: ' if not number else '                 '}{must(duty)} ({decision.hops[hop].name})"
    for number, limit in enumerate(decision.limits):
        yield f"{'          ' if number else 'Must not: '}{must_not(limit)}"
    if decision.removed:
        more = f" and {len(decision.removed) - ADDRESSES_MAX} more" if len(decision.removed) > ADDRESSES_MAX else ""
        yield f"Taken out of the copy: {', '.join(decision.removed[:ADDRESSES_MAX])}{more}"
    if decision.missing:
        yield f"Not known: {listed(dict.fromkeys(_MISSING.get(fact, fact) for fact in decision.missing))}"


def _dates(decision: Decision, later: Later | None) -> Iterator[str]:
    if decision.valid_from is not None:
        yield f"Since: {times.written(decision.valid_from)}"
    if decision.valid_until is not None and (later is None or later.at != decision.valid_until):
        yield f"Until: {times.written(decision.valid_until)}, when it is decided again"


def _hop(decision: Decision, index: int) -> str:
    hop = decision.hops[index]
    return f"{hop.name} (says the feed)" if hop.claimed else hop.name


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
    if step.unusable == decision.sentence:
        return f"{line}. It cannot be used, as said above"
    return line + (f". It cannot be used: {step.unusable}" if step.unusable else "")


def _subject(step: Step) -> str:
    """The layer and rule of a step as the subject of a sentence."""
    return {
        "refusal": f"recorded refusal {step.rule}",
        "terms": "the watch on its terms",
        "grant": f"written permission {step.rule}",
        "policy": f"rule {step.rule.rpartition(':')[2]}",
        "licence": f"the {step.rule}",
        "entry-licence": f"the entry's own {step.rule}",
        "default": _DEFAULTS.get(step.rule, "the policy's default"),
        "third-party": "an uncertain origin" if step.rule == "unsure" else "the source's rule for articles of others",
        "notice": f"what the entry says of itself ({_SAID_OF_ITSELF.get(step.rule, step.rule)})",
        "images": "images" if step.rule == "images" else f"images, by {step.rule}",
        "use": "what the feed carries" if step.rule != "selection" else "the output's own selection",
    }.get(step.layer, f"{step.layer} {step.rule}")


_FOUND = {Truth.YES: "", Truth.NO: ", so it does not apply", Truth.UNKNOWN: ", so it cannot be told"}


def _check(check: Check) -> str:
    return f"{check.name}: wanted {check.wanted}, found {check.found}{_FOUND[check.holds]}"
