"""One remembered answer, and what is filled into it for each entry: the trace with what the conditions found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aggregator.model.decision import Check, Decision, Step
from aggregator.rights.facts import Facts

if TYPE_CHECKING:
    from aggregator.rights.conditions import Look


class Known:
    """An answer for all questions of one signature: what they differ in is filled in for each."""

    def __init__(self, decision: Decision, facts: Facts, places: Mapping[int, tuple[int, int]]) -> None:
        """
        Args:
            decision: of one of the questions.
            facts: of that question.
            places: (group, place within it) of each rule whose conditions look at the entry, by its identity.
        """
        self.decision = decision
        components = facts.entry.components
        urls = list(dict.fromkeys(component.url for component in components)) if decision.removed else []
        self.taken = tuple([urls.index(url) for url in decision.removed])
        """Which of the entry's components are taken out."""
        self.until = tuple(dict.fromkeys(moment.clock for moment in facts.ends if moment.clock is not None))
        self.since = tuple(dict.fromkeys(moment.clock for moment in facts.starts if moment.clock is not None))
        self.holes = _holes(decision, facts, places)
        self.filled: dict[tuple[int, Look], tuple[tuple[int, Step], ...]] = {}
        self.traces: dict[tuple[Look, ...], tuple[Step, ...]] = {}

    def trace(self, looks: tuple[Look, ...]) -> tuple[Step, ...]:
        """The trace with what these conditions found."""
        trace = list(self.decision.trace)
        for group, holes in self.holes:
            key = group, looks[group]
            steps = self.filled.get(key)
            if steps is None:
                judged = looks[group].judged
                steps = tuple([(place, _found(trace[place], judged[rule].checks)) for place, rule in holes])
                self.filled[key] = steps
            for place, step in steps:
                trace[place] = step
        return tuple(trace)


def _holes(
    decision: Decision, facts: Facts, places: Mapping[int, tuple[int, int]]
) -> tuple[tuple[int, tuple[tuple[int, int], ...]], ...]:
    """By group: (place in the trace, rule within the group) of each step that tells what an entry's facts were."""
    # A step holds the very checks of its rule: two rules never share them, whatever they are called.
    rules = {id(judged.checks): places[rule] for rule, judged in facts.judged.items() if rule in places}
    holes: dict[int, list[tuple[int, int]]] = {}
    for place, step in enumerate(decision.trace):
        found = rules.get(id(step.checks)) if step.checks else None
        if found is not None:
            holes.setdefault(found[0], []).append((place, found[1]))
    return tuple((group, tuple(steps)) for group, steps in holes.items())


def _found(step: Step, checks: tuple[Check, ...]) -> Step:
    """The same step of another entry."""
    return Step(
        hop=step.hop,
        layer=step.layer,
        rule=step.rule,
        where=step.where,
        effect=step.effect,
        form=step.form,
        holds=step.holds,
        unusable=step.unusable,
        checks=checks,
    )
