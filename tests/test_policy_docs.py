"""The reference page of a policy's words is whole, true to the program, and not stale."""

from __future__ import annotations

import os
import textwrap
from dataclasses import fields
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.model.policy import DutyName, LimitName, When
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.vocabulary import WORDS, Kind, Word, page

PAGE = Path(__file__).parent.parent / "docs" / "policies.md"
REWRITE = "REWRITE_DOCS"
"""`REWRITE_DOCS=1 pytest tests/test_policy_docs.py` writes the page anew."""
KNOWN = {
    Kind.FORM: [str(form) for form in Form],
    Kind.AUDIENCE: [str(audience) for audience in Audience],
    Kind.MEDIUM: [str(medium) for medium in Medium],
    Kind.CONDITION: [field.name for field in fields(When)],
    Kind.DUTY: [str(duty) for duty in DutyName],
    Kind.LIMIT: [str(limit) for limit in LimitName],
}


def test_the_page_is_what_the_table_says() -> None:
    if os.environ.get(REWRITE):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), f"run {REWRITE}=1 pytest {Path(__file__).name}"


@pytest.mark.parametrize("kind", Kind)
def test_every_word_of_the_model_has_a_row_in_its_order_and_no_other_has_one(kind: Kind) -> None:
    assert [word.name for word in WORDS if word.kind is kind] == KNOWN[kind]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word.kind}-{word.name}")
def test_every_row_says_what_it_means_and_who_asks(word: Word) -> None:
    assert word.meaning.endswith(".")
    assert word.asked
    if word.kind in (Kind.DUTY, Kind.LIMIT, Kind.CONDITION):
        assert word.kept.endswith(".")
        assert word.example
        assert word.carrier


def test_every_example_loads_as_it_stands_and_means_its_own_word(tmp_path: Path) -> None:
    """What people copy from the page must work."""
    rules = [
        f"  - {{allow: full, {'when' if word.kind is Kind.CONDITION else word.kind + 's'}: {_written(word)}}}"
        for word in WORDS
        if word.example and word.kind is not Kind.LIMIT
    ]
    rules += [f"  - {{allow: full, limits: {_written(word)}}}" for word in WORDS if word.kind is Kind.LIMIT]
    rules[:] = [rule.replace("dutys", "duties") for rule in rules]
    policies = tmp_path / "policies"
    policies.mkdir()
    head = "id: example\npublisher: {name: Example News, domains: [news.example]}\nlicence: CC-BY-4.0\nrules:\n"
    (policies / "example.yaml").write_text(head + "\n".join(rules) + "\n", encoding="utf-8")
    settings = "site: {name: Test, url: https://news.example.org/}\ndatabase: sqlite:///a.db\n"
    (tmp_path / "aggregator.yaml").write_text(textwrap.dedent(settings), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("[]\n", encoding="utf-8")
    (tmp_path / "outputs.yaml").write_text("[]\n", encoding="utf-8")
    (policy,) = load(tmp_path).policies
    examples = [word for word in WORDS if word.kind in (Kind.CONDITION, Kind.DUTY, Kind.LIMIT)]
    for word, rule in zip(examples, policy.rules, strict=True):
        if word.kind is Kind.CONDITION:
            assert getattr(rule.when, word.name), word.name
        else:
            assert [term.name for term in (rule.duties or rule.limits)] == [word.name]


def _written(word: Word) -> str:
    return word.example if word.kind is Kind.CONDITION else f"[{word.example}]"
