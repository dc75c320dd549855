"""What becomes of an answer by itself: the same question at the instants at which its answer may change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from aggregator.rights.decide import decide

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision, Question
    from aggregator.model.policy import Grant
    from aggregator.rights.policies import Policies

STEPS_MAX = 4
"""Changes looked ahead at: an embargo, a window, the beginning and the end of a grant."""


class Later(NamedTuple):
    """An answer to come."""

    at: datetime
    decision: Decision


def foresee(question: Question, policies: Policies, grants: Sequence[Grant], decision: Decision) -> Later | None:
    """When more may be shown than now although nobody does anything: an embargo ends, a grant begins.

    Args:
        decision: the answer that the question has now.
    Returns:
        The first answer to come that allows the entry, or allows it in a larger form than this one does; None: nothing
        within reach does.
    """
    forms = question.use.forms
    now, later = decision, decision
    for _ in range(STEPS_MAX):
        if later.valid_until is None or later.valid_until <= question.at:
            return None
        question = replace(question, at=later.valid_until)
        later = decide(question, policies, grants)
        if later.allowed and (not now.allowed or forms.index(later.form) < forms.index(now.form)):
            return Later(question.at, later)
    return None
