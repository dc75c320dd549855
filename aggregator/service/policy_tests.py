"""The operator's own cases: policies are asked, answers are compared with what was expected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.errors import Problem
from aggregator.model.output import FORMATS
from aggregator.publishing.abilities import can_discharge
from aggregator.rights.decide import decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.config import PolicyTest
    from aggregator.model.decision import Decision
    from aggregator.service.world import World


def run_policy_tests(world: World) -> tuple[Problem, ...]:
    """One problem for each expectation that does not hold, with the test's file and line; empty if all hold."""
    able = can_discharge(FORMATS)
    problems: list[Problem] = []
    for test in world.configuration.policy_tests:
        use = test.question.use
        question = replace(test.question, use=replace(use, can_discharge=use.can_discharge or able))
        decision = decide(question, world.policies)
        file, _, line = test.where.rpartition(":")
        problems.extend(
            Problem(file=file, line=int(line), message=f"policy test '{test.about}': {miss}")
            for miss in _misses(test, decision)
        )
    return tuple(problems)


def _misses(test: PolicyTest, decision: Decision) -> Iterator[str]:
    expect = test.expect
    removed = {component.url: component.kind for component in test.question.stored.entry.components}
    compared: tuple[tuple[str, object, object], ...] = (
        ("outcome", expect.outcome, decision.outcome),
        ("form", expect.form, decision.form),
        ("reason", expect.reason, decision.reason),
        ("duties", expect.duties, frozenset(duty.name.value for duty in decision.duties)),
        ("limits", expect.limits, frozenset(limit.name.value for limit in decision.limits)),
        ("relied_on", expect.relied_on, frozenset(decision.relied_on)),
        ("held_by", expect.held_by, frozenset(decision.held_by)),
        ("hops", expect.hops, tuple(hop.name for hop in decision.hops)),
        ("contact", expect.contact, decision.contact),
    )
    for name, wanted, found in compared:
        if wanted is not None and wanted != found:
            yield f"{name}: expected {_words(wanted)}, got {_words(found)}; {decision.sentence}"
    if expect.removed is not None:
        names = {part for url in decision.removed for part in (url, str(removed.get(url, "")))}
        if not expect.removed <= names or (not expect.removed and decision.removed):
            yield f"removed: expected {_words(expect.removed)}, got {_words(decision.removed)}"


def _words(value: object) -> str:
    if isinstance(value, (frozenset, tuple)):
        return "[" + ", ".join(sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)) + "]"
    return str(value)
