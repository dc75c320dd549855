"""Every decision case: an operator can read it, and the program answers it as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.model.decision import Reason
from aggregator.model.policy import DutyName, LimitName
from aggregator.rights import CATALOGUE, Policies, decide
from tests.rights.read_case import Case, cases, expected, told

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in cases(file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    decision = decide(case.question, Policies(case.policies, case.unknown), case.grants)
    wanted = expected(case)
    assert told(decision, case, set(wanted)) == wanted, f"{case.about}\n{decision.sentence}"


def test_every_reason_has_a_sentence_a_remedy_and_a_case() -> None:
    assert set(CATALOGUE) == set(Reason)
    met = {decide(c.question, Policies(c.policies, c.unknown), c.grants).reason for c in CASES}
    assert set(Reason) == met


def test_every_duty_limit_and_condition_has_a_case() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in FILES)
    conditions = ("category", "author", "language", "territory", "url", "marker", "embargo", "window", "since", "until")
    missing = [name for name in (*DutyName, *LimitName, *conditions) if str(name) not in text]
    assert not missing
