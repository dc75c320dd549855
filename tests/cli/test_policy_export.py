"""`policy export`: a policy in ODRL and in RSL, and what each cannot hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator import cli
from aggregator.config import load
from aggregator.intake.odrl_read import read_odrl
from aggregator.intake.rsl_read import read_rsl
from aggregator.rights.odrl import from_odrl

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize("policy", load(CONFIG).policies, ids=lambda policy: policy.id)
def test_what_is_exported_as_odrl_is_read_back_as_the_same_terms(policy, capsys) -> None:
    """The document on standard output is the policy, whole."""
    assert cli.run(["policy", "export", policy.id, "--config", str(CONFIG)]) == 0
    said = capsys.readouterr()
    statements, warnings = read_odrl(said.out.encode())
    again, notes = from_odrl(statements)
    assert (warnings, notes, said.err) == ((), (), "")
    assert (again.id, again.publisher, again.terms, again.default, again.third_party) == (
        policy.id,
        policy.publisher,
        policy.terms,
        policy.default,
        policy.third_party,
    )
    assert [(rule.effect, rule.forms, rule.to, rule.media, rule.when, rule.duties) for rule in again.rules] == [
        (rule.effect, rule.forms, rule.to, rule.media, rule.when, rule.duties) for rule in policy.rules
    ]


def test_rsl_says_on_standard_error_what_it_cannot_hold(capsys) -> None:
    """The document stays a document; the list of losses goes beside it."""
    assert cli.run(["policy", "export", "delta-research", "--format", "rsl", "--config", str(CONFIG)]) == 0
    said = capsys.readouterr()
    document, warnings = read_rsl(said.out.encode())
    assert document is not None
    assert warnings == ()
    assert said.err.startswith("not in rsl: ")


def test_an_unknown_format_is_told(capsys) -> None:
    """With the two that there are."""
    assert cli.run(["policy", "export", "delta-research", "--format", "xacml", "--config", str(CONFIG)]) == 2
    assert capsys.readouterr().err == "aggregator: format 'xacml' is not known; use odrl or rsl\n"


def test_an_unknown_policy_is_told(capsys) -> None:
    """With those that there are."""
    assert cli.run(["policy", "export", "delta", "--config", str(CONFIG)]) == 2
    assert "policy 'delta' is not configured; there is: " in capsys.readouterr().err


def test_the_document_is_json_ld(capsys) -> None:
    """So that any ODRL tool can read it."""
    assert cli.run(["policy", "export", "meridian-science", "--config", str(CONFIG)]) == 0
    assert "@context" in json.loads(capsys.readouterr().out)
