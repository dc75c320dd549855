"""A policy written as YAML is read back as the same policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.config.policy_text import policy_yaml
from aggregator.model.policy import Policy, Publisher, Terms
from aggregator.rights.notice.proposal import propose
from aggregator.rights.vocabulary import WORDS, Kind
from tests.rights.read_notice import labelled

CONFIG = Path(__file__).resolve().parents[2] / "config"
SETTINGS = "site: {name: A, url: 'https://a.example/', email: a@a.example}\n"


def every_word() -> str:
    """A policy that uses every word of the vocabulary, as its reference page writes it."""
    conditions = [word.example for word in WORDS if word.kind is Kind.CONDITION]
    lines = [
        "id: words",
        "publisher: {name: 'Of: all “words”', domains: [words.example], aliases: ['no', '007']}",
        "rules:",
    ]
    lines += [f"  - {{allow: [full], when: {condition}}}" for condition in conditions]
    lines += ["  - allow: [full]", "    to: [community, nonprofit]", "    in: [web, print]", "    duties:"]
    lines += [f"      - {word.example}" for word in WORDS if word.kind is Kind.DUTY]
    lines += ["      - {any_of: [canonical-or-noindex, {credit-line: {text: 'Zuerst: hier', slot: top}}]}"]
    lines += ["      - {requested: tracker, medium: web}".replace("tracker", "credit-source")]
    lines += ["      - {copyright-notice: {text: '© A'}, medium: [web, social], component: image}", "    limits:"]
    lines += [f"      - {word.example}" for word in WORDS if word.kind is Kind.LIMIT]
    return "\n".join([*lines, "waive: [label-changes]", "images: {own_credit: [Words]}", "default: deny", ""])


def loaded(text: str, folder: Path) -> Policy:
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "policies" / "one.yaml").write_text(text, encoding="utf-8")
    (folder / "aggregator.yaml").write_text(SETTINGS, encoding="utf-8")
    (policy,) = load(folder).policies
    terms = replace(policy.terms, evidence=policy.terms.evidence.strip())
    return replace(policy, where="", terms=terms, rules=tuple(replace(rule, where="") for rule in policy.rules))


@pytest.mark.parametrize("file", sorted((CONFIG / "policies").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_samples_come_back(file: Path, tmp_path: Path) -> None:
    once = loaded(file.read_text(encoding="utf-8"), tmp_path)
    assert loaded(policy_yaml(once, ["what: it ‘says’", "# and so on"]), tmp_path) == once


def test_every_word_comes_back(tmp_path: Path) -> None:
    once = loaded(every_word(), tmp_path)
    assert loaded(policy_yaml(once), tmp_path) == once


def test_what_is_proposed_from_any_notice_loads(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "aggregator.yaml").write_text(SETTINGS, encoding="utf-8")
    for notice in labelled():
        publisher = Publisher(name=f"{notice.id}: “Odd” #name")
        found = propose(notice.text, publisher, notice.id, Terms(read=date(2026, 11, 26))).policy
        (tmp_path / "policies" / f"{notice.id}.yaml").write_text(policy_yaml(found), encoding="utf-8")
    assert len(load(tmp_path).policies) == len(labelled())
