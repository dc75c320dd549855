"""Commands that look and rule: status, sources, entries, explain, flags, policy, ledger."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli, edit

DELTA = "delta-research:https://www.delta-research.example/?p=104417"


def entry_of(cli: Cli, source: str) -> dict[str, Any]:
    """The newest entry of a source."""
    found: dict[str, Any] = cli("entries", "list", "--source", source, "--limit", "1", "--json").json[0]
    return found


def test_status_before_anything_was_run(fresh: Path, cli: Cli):
    """It says how to begin, creates nothing, and does not pretend that all is well."""
    said = cli("status")
    assert said.code == 1
    assert said.out.count("\n") == 1
    assert "does not exist yet; run 'aggregator db upgrade' (or start with 'aggregator run'" in said.out
    assert cli("status", "--json").json["database_error"] in said.out
    assert not (fresh / "data").exists()


def test_status_at_a_glance(built: Path, cli: Cli):
    said = cli("status")
    assert (said.code, said.err) == (0, "")
    assert "No service has run on this database yet" in said.out
    assert "Open flags: " in said.out
    report = cli("status", "--json").json
    assert report.keys() == {
        "ok",
        "problems",
        "service",
        "database_error",
        "readable",
        "sources",
        "outputs",
        "open_flags",
        "delivery",
        "nodes",
        "disagreement",
    }
    assert report["ok"] is True
    assert report["sources"][0]["health"] == "ok"
    assert {output["id"]: output["entries"] for output in report["outputs"]}["print"] == 0


def test_status_tells_a_broken_edit_and_what_is_still_known(built: Path, cli: Cli):
    edit(built / "config/sources.yaml", "policy: talbote", "policy: talbot")
    said = cli("status")
    assert said.code == 2
    assert "config/sources.yaml:" in said.out
    assert "a running service keeps its last good one" in said.out
    assert "There is no source" not in said.out
    assert cli("status", "--json").json["problems"][0]["file"] == "config/sources.yaml"


@pytest.mark.parametrize(
    ("command", "empty"),
    [
        (["sources", "list"], None),
        (["entries", "list"], "No entries yet; 'aggregator poll' asks the sources.\n"),
        (["flags", "list"], "Nothing waits for an answer.\n"),
        (["ledger", "show"], "The ledger is empty: nothing has been published yet.\n"),
        (["ledger", "verify"], "The ledger is whole: every record follows from the one before.\n"),
    ],
    ids=str,
)
def test_commands_that_look_need_no_database_beforehand(command: list[str], empty: str | None, fresh: Path, cli: Cli):
    said = cli(*command)
    assert (said.code, said.err) == (0, "")
    if empty:
        assert said.out == empty


def test_sources_with_their_health(built: Path, cli: Cli):
    found = {source["id"]: source for source in cli("sources", "list", "--json").json}
    assert len(found) == 12
    assert (found["talbote"]["health"], found["talbote"]["entries"]) == ("ok", 3)
    assert found["wikinews"]["health"] == "disabled"
    assert found["talbote"].keys() == {
        "id",
        "title",
        "feed",
        "policy",
        "enabled",
        "health",
        "entries",
        "evidence",
        "last_polled_at",
        "last_success_at",
        "last_changed_at",
        "next_poll_at",
        "why_due",
        "failures",
        "error",
        "format",
        "claimed_title",
    }


def test_entries_newest_first_with_where_they_stand(built: Path, cli: Cli):
    found = cli("entries", "list", "--json").json
    dates = [entry["published_at"] for entry in found if entry["published_at"]]
    assert dates == sorted(dates, reverse=True)
    assert found[0].keys() == {
        "key",
        "source",
        "id",
        "title",
        "url",
        "authors",
        "published_at",
        "first_seen_at",
        "deleted_at",
        "withdrawn",
        "outputs",
    }
    assert len(cli("entries", "list", "--limit", "3", "--json").json) == 3
    assert {entry["source"] for entry in cli("entries", "list", "-s", "talbote", "--json").json} == {"talbote"}
    assert cli("entries", "list", "--source", "nix").code == 2


def test_an_entry_goes_by_four_names(built: Path, cli: Cli):
    entry = entry_of(cli, "harbor-light")
    for name in (entry["key"], f"harbor-light:{entry['id']}", entry["id"], entry["url"]):
        said = cli("entries", "show", name, "--json")
        assert (said.code, said.json["key"]) == (0, entry["key"])
    human = cli("entries", "show", entry["key"]).out
    assert entry["title"] in human
    assert "Releases:" in human


def test_an_entry_that_is_not_there(built: Path, cli: Cli):
    for command in (["entries", "show"], ["explain"], ["entries", "withdraw"], ["entries", "approve", "-o", "print"]):
        said = cli(*command, "nix")
        assert (said.code, said.out) == (2, "")
        assert said.lines == [
            "aggregator: no entry is called 'nix'; 'aggregator entries list' shows those that there are"
        ]


def test_a_name_that_two_entries_bear_is_refused_with_both(built: Path, cli: Cli):
    edit(
        built / "config/sources.yaml",
        "- id: harbor-light\n",
        "- {id: again, feed: 'file:samples/harbor-light.xml', policy: harbor-light}\n- id: harbor-light\n",
    )
    assert cli("poll", "again").code == 0
    entry = entry_of(cli, "harbor-light")
    said = cli("entries", "show", entry["id"])
    assert said.code == 2
    (line,) = said.lines
    assert "names 2 entries; say which by its internal id: " in line
    assert entry["key"] in line
    assert cli("entries", "show", f"again:{entry['id']}").code == 0


def test_explain_says_that_the_same_article_stands_there_already(built: Path, cli: Cli):
    """Allowed and yet not there would be a riddle."""
    edit(
        built / "config/sources.yaml",
        "- id: harbor-light\n",
        "- {id: again, feed: 'file:samples/harbor-light.xml', policy: harbor-light, tags: [local, world]}\n"
        "- id: harbor-light\n",
    )
    entry = next(e for e in cli("entries", "list", "-s", "harbor-light", "--json").json if "community" in e["outputs"])
    for command in (["poll", "again"], ["build"]):
        cli(*command)
    [report] = cli("explain", f"again:{entry['id']}", "-o", "community", "--json").json
    assert (report["selected"], report["standing"], report["instead"]) == (True, False, entry["key"])
    told = f"of source 'harbor-light' ({entry['key']}) is the same article"
    assert told in cli("explain", f"again:{entry['id']}", "-o", "community").out
    [original] = cli("explain", entry["key"], "-o", "community", "--json").json
    assert (original["standing"], original["instead"], original["unplaced"]) == (True, None, "")


def test_explain_gives_the_trace_for_each_output(built: Path, cli: Cli):
    said = cli("explain", DELTA)
    assert said.code == 1, "some output holds it"
    assert said.out.count(" → output '") == 5
    assert "config/policies/delta-research.yaml:" in said.out
    report = cli("explain", DELTA, "--json").json
    assert [one["output"] for one in report] == ["community", "commercial", "print", "headlines", "classroom"]
    assert report[0].keys() == {
        "entry",
        "source",
        "title",
        "output",
        "selected",
        "standing",
        "withdrawn",
        "instead",
        "unplaced",
        "decision",
        "lines",
    }


def test_explain_for_one_output_exits_by_its_decision_and_keeps_its_shape(built: Path, cli: Cli):
    key = entry_of(cli, "delta-research")["key"]
    allowed = cli("explain", key, "--output", "community", "--json")
    held = cli("explain", key, "-o", "commercial", "--json")
    assert (allowed.code, [one["decision"]["outcome"] for one in allowed.json]) == (0, ["allow"])
    assert (held.code, [one["decision"]["outcome"] for one in held.json]) == (1, ["ask"])
    assert cli("explain", key, "--output", "nix").code == 2


def test_the_entry_of_the_readme_is_there_and_held_as_it_says(built: Path, cli: Cli):
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text()
    typed = next(line for line in readme.splitlines() if "aggregator explain " in line)
    said = cli(*shlex.split(typed.partition("aggregator ")[2]))
    assert (said.code, said.err) == (1, "")
    assert "North Wire" in said.out


def test_flags_say_whom_to_ask(built: Path, cli: Cli):
    every = cli("flags", "list", "--json").json
    contacts = {flag["contact"] for flag in every if flag["source"] == "delta-research"}
    assert "publications@delta-research.example" in contacts
    of_print = cli("flags", "list", "--output", "print", "--json").json
    assert 0 < len(of_print) < len(every)
    assert all("print" in flag["outputs"] for flag in of_print)
    assert cli("flags", "list", "--output", "nix").code == 2
    assert "publications@delta-research.example" in cli("flags", "list").out


def test_an_entry_approved_for_a_reviewed_output_stands_in_it_after_the_next_build(built: Path, cli: Cli):
    entry = entry_of(cli, "commons-garden")
    said = cli("entries", "approve", entry["key"], "--output", "print", "--json")
    assert said.code == 0
    assert said.json.keys() == {"entry", "output", "digest", "at", "by"}
    assert cli("build", "print", "--json").json[0]["added"] == [entry["key"]]
    assert "print" in entry_of(cli, "commons-garden")["outputs"]
    assert cli("entries", "approve", entry["key"], "--output", "nix").code == 2


def test_a_withdrawn_entry_leaves_every_output_at_the_next_build_for_good(built: Path, cli: Cli):
    entry = entry_of(cli, "harbor-light")
    assert entry["outputs"]
    said = cli("entries", "withdraw", entry["key"], "--reason", "a letter of 20 November", "--json")
    assert said.code == 0
    assert said.json.keys() == {"entry", "at", "by", "reason"}
    assert cli("export", "site").code == 0
    written = [path for path in (built / "site/feeds").iterdir() if path.suffix not in {".gz", ".br", ".zst"}]
    assert len(written) > 5
    for path in written:
        assert entry["title"] not in path.read_text()
    cli("poll")
    cli("build")
    again = entry_of(cli, "harbor-light")
    assert (again["withdrawn"], again["outputs"]) == (True, [])
    assert "Withdrawn by hand: a letter of 20 November" in cli("explain", entry["key"]).out
    assert "withdrawn" in cli("entries", "list", "-s", "harbor-light").out


def test_policies_with_their_contacts(fresh: Path, cli: Cli):
    rows = {row["id"]: row for row in cli("policy", "list", "--json").json}
    assert rows["delta-research"]["contact"] == "publications@delta-research.example"
    assert rows["commons-garden"]["licence"] == "CC-BY-4.0"
    tests = cli("policy", "test", "--json").json
    assert tests == {"ok": True, "tests": tests["tests"], "passed": tests["tests"], "failures": []}
    assert cli("policy", "test").out == f"{tests['tests']} of {tests['tests']} policy tests hold\n"
    assert not (fresh / "data").exists(), "policies stand in files: no database is needed"


def test_the_ledger_in_pages(built: Path, cli: Cli):
    first = cli("ledger", "show", "--limit", "2", "--json").json
    assert [record["number"] for record in first] == [1, 2]
    assert first[0].keys() >= {"number", "at", "kind", "subject", "body", "hash"}
    human = cli("ledger", "show", "--limit", "2").out
    assert "{" not in human
    assert first[1]["hash"][:12] in human
    after = cli("ledger", "show", "--after", "2", "--limit", "1", "--json").json
    assert [record["number"] for record in after] == [3]
    found = cli("ledger", "verify", "--json").json
    assert (found["ok"], found["problems"]) == (True, [])
    assert cli("ledger", "verify", "--noted", found["head"]).code == 0
    number, _, digest = found["head"].partition(":")
    said = cli("ledger", "verify", "--noted", f"{int(number) + 1}:{digest}")
    assert (said.code, "was noted, and is gone" in said.out) == (1, True)
    assert cli("ledger", "verify", "--noted", "7").code == 2


def test_a_changed_record_is_found(built: Path, cli: Cli):
    with sqlite3.connect(built / "data/aggregator.db") as connection:
        connection.execute("DROP TRIGGER IF EXISTS ledger_no_update")
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE ledger SET subject = 'community/other' WHERE number = 3")
    connection.close()
    said = cli("ledger", "verify")
    assert said.code == 1
    assert "3" in said.out
    assert cli("ledger", "verify", "--json").json["ok"] is False


@pytest.mark.parametrize("command", [["entries", "list"], ["status"], ["flags", "list"]], ids=str)
def test_a_feed_cannot_write_to_the_terminal(command: list[str], fresh: Path, cli: Cli):
    """Control and bidi characters of a title become visible marks, and a line stays a line."""
    sample = fresh / "config/samples/commons-garden.json"
    text = sample.read_text()
    title = text.split('"title": "')[2].split('"')[0]
    hostile = title + "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\r\\nroot# \\u202egnp.exe"
    sample.write_text(text.replace(f'"title": "{title}"', f'"title": "{hostile}"'))
    assert cli("poll").code == 0
    said = cli(*command)
    assert not set("\x1b\x07\x9b\r\u202e") & set(said.out + said.err)


def test_spaces_and_joiners_of_a_title_survive():
    from aggregator.cli.common import safe

    assert safe("Qui\u00a0? e\u0301 👩\u200d🌾 co\u00adop\tx") == "Qui ? e\u0301 👩\u200d🌾 coop x"
    assert safe("a\x1b[31mb\u202ec\ud800") == "a�[31mb�c�"


def test_nobody_is_asked_about_a_copy_whose_original_stands(fresh: Path, cli: Cli):
    """The publisher's own entry is shown; that the republisher's copy may not be is nobody's question."""
    words = (
        "The bridge over the river was opened on Sunday by the mayor, who spoke of the years that it had taken. " * 4
    )
    sources = {}
    for name, effect in (("own", "allow"), ("other", "ask")):
        (fresh / f"config/{name}.xml").write_text(
            f"<rss version='2.0'><channel><title>{name}</title><link>https://{name}.example/</link><item>"
            f"<guid isPermaLink='false'>{name}-1</guid><title>The bridge is open</title>"
            f"<link>https://own.example/bridge</link><description>{words}</description></item></channel></rss>"
        )
        (fresh / f"config/policies/{name}.yaml").write_text(
            f"id: {name}\n"
            f"publisher: {{name: The {name} house, url: 'https://{name}.example/', domains: [{name}.example]}}\n"
            f"contact: desk@{name}.example\nterms: {{url: 'https://{name}.example/terms', read: 2026-11-20}}\n"
            f"rules:\n  - {effect}: [full, excerpt, headline]\nthird_party: covered\n"
        )
        sources[name] = f"- {{id: {name}, feed: 'file:{name}.xml', policy: {name}, tags: [bridge]}}\n"
    (fresh / "config/sources.yaml").write_text("".join(sources.values()))
    (fresh / "config/outputs.yaml").write_text(
        "- id: bridge\n  title: Bridges\n  select: {tags: [bridge]}\n"
        "  use: {audience: community, medium: web, form: full}\n  fallback: [headline]\n"
    )
    for path in (fresh / "config/policies/tests").glob("*.yaml"):
        path.unlink()
    assert cli("poll").code == 0
    built = cli("build", "--json").json[0]
    assert (built["entries"], built["flags"]) == (1, 0)
    assert cli("flags", "list", "--json").json == []
    (fresh / "config/sources.yaml").write_text(sources["other"])
    built = cli("build", "--json").json[0]
    assert (built["entries"], built["flags"]) == (0, 1)
    assert [one["publisher"] for one in cli("flags", "list", "--json").json] != []
