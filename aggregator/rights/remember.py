"""Answers for questions that differ in nothing that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aggregator.model.decision import Decision, Question
from aggregator.model.policy import Grant

if TYPE_CHECKING:
    from aggregator.rights.policies import Policies

Evaluate = Callable[[Question, "Policies", Sequence[Grant]], Decision]


class Memory:
    def recall(self, question: Question, policies: Policies, grants: Sequence[Grant], evaluate: Evaluate) -> Decision:
        return evaluate(question, policies, grants)
