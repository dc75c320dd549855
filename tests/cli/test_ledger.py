"""Proof: what was public is exported whole, and what was decided is decided again with the same answer."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, edit


def test_an_export_tells_where_when_and_under_which_rule(built: Path, cli: Cli, tmp_path: Path):
    standing = [e for e in cli("entries", "list", "--limit", "500", "--json").json if "community" in e["outputs"]]
    entry = next(e["key"] for e in standing if e["source"] == "harbor-light")
    cli("entries", "withdraw", entry, "--reason", "asked by letter")
    cli("build")
    lines = [json.loads(line) for line in cli("ledger", "export", "--entry", entry).out.splitlines()]
    head, *rest = lines
    assert (head["type"], head["of"], head["ledger"]["problems"]) == ("export", f"article {entry}", [])
    releases = [line for line in rest if line["type"] == "release"]
    assert {one["entry"] for one in releases} == {entry}
    told = next(one for one in releases if one["output"] == "community")
    assert told["until"] is not None
    assert "withdrawn: asked by letter" in told["ended_because"]
    assert told["outcome"] == "allow"
    assert any(rule.startswith("harbor-light:") for rule in told["rules"])
    assert "name the author" in told["must"]
    records = [line for line in rest if line["type"] == "record"]
    assert {"release", "end", "withdrawal"} <= {record["kind"] for record in records}
    chain = {one["number"]: one["hash"] for one in cli("ledger", "show", "--limit", "10000", "--json").json}
    assert all(chain[record["number"]] == record["hash"] for record in records)

    everything = [json.loads(line) for line in cli("ledger", "export").out.splitlines()]
    assert len(everything) > len(lines)
    of = [json.loads(line) for line in cli("ledger", "export", "--publisher", "Harbor Light").out.splitlines()]
    assert all("Harbor Light" in one["publishers"] for one in of if one["type"] == "release")
    assert len([one for one in of if one["type"] == "release"]) > 1
    assert len(cli("ledger", "export", "--to", "2020-01-01").out.splitlines()) == 1
    assert cli("ledger", "export", "--from", "2026-01-02", "--to", "2026-01-01").code == 2
    assert cli("ledger", "export", "--entry", "nothing").code == 2
    page = tmp_path / "report.html"
    said = cli("ledger", "export", "--publisher", "harbor-light", "--out", str(page), "--json")
    assert (said.code, said.json["format"]) == (0, "html")
    html = page.read_text()
    assert "@media print" in html
    assert "The ledger is whole" in html
    assert "withdrawn: asked by letter" in html
    assert "harbor-light:" in html
    assert list(tmp_path.glob(".*.part")) == []


def test_a_replay_gives_the_stored_answers_and_tells_those_that_are_others(built: Path, cli: Cli):
    """By the policies and rulings of then: whatever was edited, granted or refused since."""
    report = cli("ledger", "replay", "--json")
    assert (report.code, report.json["different"], report.json["unknown"]) == (0, 0, 0)
    assert report.json["decisions"] > 20
    (built / "config/policies/tests/harbor-light.yaml").unlink()
    edit(built / "config/policies/harbor-light.yaml", "  - allow: [full, excerpt]", "  - allow: [excerpt]")
    cli("build")
    key = next(e["key"] for e in cli("entries", "list", "-s", "talbote", "--json").json)
    cli("refusals", "add", "--entry", key, "--evidence", "no")
    cli("grants", "add", "--source", "talbote", "--evidence", "yes")
    cli("build")
    report = cli("ledger", "replay", "--json")
    assert (report.code, report.json["different"], report.json["unknown"]) == (0, 0, 0), report.json["differences"]
    assert len(report.json["versions"]) == 2
    one = next(iter(report.json["versions"]))
    assert cli("ledger", "replay", "--policies", one[:12], "--json").json["decisions"] == report.json["versions"][one]
    config = [r for r in cli("ledger", "show", "--limit", "10000", "--json").json if r["kind"] == "config"]
    assert len(config) == 2

    with sqlite3.connect(built / "data/aggregator.db") as database:
        row = database.execute("SELECT digest, decision FROM decisions LIMIT 1").fetchone()
        forged = row[1].replace(b'"form":"full"', b'"form":"excerpt"').replace(b'"form":"headline"', b'"form":"full"')
        assert forged != row[1]
        database.execute("UPDATE decisions SET decision = ? WHERE digest = ?", (forged, row[0]))
    said = cli("ledger", "replay", "--json")
    assert (said.code, said.json["different"]) == (1, 1)
    assert said.json["differences"][0]["decision"] == row[0]


@pytest.mark.parametrize("arguments", [["--format", "pdf"], ["--publisher", " "]])
def test_nonsense_is_refused(arguments: list[str], fresh: Path, cli: Cli):
    assert cli("ledger", "export", *arguments).code == 2
