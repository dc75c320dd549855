"""A policy can be read by those who do not read YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import run
from aggregator.config import load
from aggregator.config.read import read
from aggregator.model.policy import Duty, DutyName, Limit, LimitName, Policy
from aggregator.rights.portray import portray
from aggregator.rights.wording import must, must_not

TABLE: list[dict[str, Any]] = read(Path(__file__).with_name("portraits.yaml").read_bytes()).value
SAMPLES = Path(__file__).parents[2] / "config"


def written(policy: dict[str, Any], folder: Path) -> Policy:
    """As the configuration reads it."""
    (folder / "policies.yaml").write_text(json.dumps({"id": "it", **policy}, ensure_ascii=False), encoding="utf-8")
    [found] = load(folder).policies
    return found


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["about"])
def test_a_policy_is_told_in_plain_words(case: dict[str, Any], tmp_path: Path) -> None:
    lines = portray(written(case["policy"], tmp_path))
    told = [re.sub(r" \([^ ]*policies\.yaml:\d+\)$", " (here)", line) for line in lines]
    assert told == case["lines"].splitlines()


def test_the_table_has_every_duty_and_limit() -> None:
    text = json.dumps([case["policy"] for case in TABLE])
    assert [name for name in (*DutyName, *LimitName) if f'"{name}"' not in text] == []


@pytest.mark.parametrize("name", DutyName)
def test_a_duty_without_its_parameters_is_told_too(name: DutyName) -> None:
    assert "None" not in must(Duty(name=name))


@pytest.mark.parametrize("name", LimitName)
def test_a_limit_without_its_parameters_is_told_too(name: LimitName) -> None:
    assert must_not(Limit(name=name))


def test_every_rule_has_its_place() -> None:
    for policy in load(SAMPLES).policies:
        text = "\n".join(portray(policy))
        assert [rule.where for rule in policy.rules if f"({rule.where})" not in text] == []


def test_the_command_shows_it_to_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", str(SAMPLES), "policy", "show", "talbote"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[1]) == ("Talbote (talbote)", "Ask: redaktion@talbote.example")
    assert "   - take it out 730 days after it was first shown" in lines
    assert run(["--config", str(SAMPLES), "policy", "show", "talbote", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["id"], shown["publisher"]["name"], shown["default"]) == ("talbote", "Talbote", "deny")
    assert shown["rules"][0]["duties"][-1] == {
        "name": "remove-after",
        "params": [["days", 730]],
        "media": [],
        "components": [],
        "requested": False,
        "any_of": [],
    }


def test_a_policy_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--config", str(SAMPLES), "policy", "show", "talbot"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("aggregator: policy 'talbot' is not configured; there is: 'commons-garden'")
