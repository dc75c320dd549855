"""Commands that do the work: check, config schema, poll, build, export, db upgrade."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.store.migrate import HEAD
from tests.cli.conftest import CONFIG, Cli, edit

FORMATS = {
    "community": ["rss", "atom", "json", "html"],
    "commercial": ["rss", "atom", "json", "html"],
    "print": ["html"],
    "headlines": ["rss", "atom", "json", "html"],
    "classroom": ["atom", "html"],
}


def counts(folder: Path) -> tuple[int, int, int, int]:
    """How many sources, policies, outputs and policy tests the folder configures."""
    found = load(folder / "config")
    return len(found.sources), len(found.policies), len(found.outputs), len(found.policy_tests)


def test_check_says_what_it_found_in_one_line(fresh: Path, cli: Cli):
    said = cli("check")
    sources, policies, outputs, tests = counts(fresh)
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == f"config: {sources} sources, {policies} policies, {outputs} outputs, {tests} policy tests: all good\n"
    )


def test_check_needs_no_database_and_makes_none(fresh: Path, cli: Cli):
    cli("check")
    assert sorted(path.name for path in fresh.iterdir()) == ["config"]


def test_check_tells_all_problems_of_all_files_at_once(fresh: Path, cli: Cli):
    edit(fresh / "config/sources.yaml", "policy: talbote", "policy: talbot")
    edit(fresh / "config/outputs.yaml", "form: headline}", "form: hedline}")
    edit(fresh / "config/aggregator.yaml", "interval: 30m", "interval: soon")
    said = cli("check")
    assert (said.code, said.out) == (2, "")
    assert [line.split(":")[0] for line in said.lines] == [
        "config/aggregator.yaml",
        "config/outputs.yaml",
        "config/sources.yaml",
    ]
    assert "did you mean 'talbote'?" in said.err
    report = cli("check", "--json")
    assert report.code == 2
    assert report.json["ok"] is False
    assert [problem["file"] for problem in report.json["problems"]] == [line.split(":")[0] for line in said.lines]
    assert report.json["problems"][0].keys() == {"file", "line", "message"}


def test_check_fails_where_a_policy_fails_its_own_test(fresh: Path, cli: Cli):
    edit(fresh / "config/policies/tests/continental-wire.yaml", "outcome: ask", "outcome: allow")
    for command in (["check"], ["policy", "test"]):
        said = cli(*command)
        assert said.code == 2
        assert "config/policies/tests/continental-wire.yaml:" in said.out + said.err
        report = cli(*command, "--json")
        assert (report.code, report.json["ok"]) == (2, False)


def test_check_warns_of_terms_that_were_read_on_a_day_to_come(fresh: Path, cli: Cli):
    edit(fresh / "config/policies/harbor-light.yaml", "read: 2026-11-18", "read: 2926-11-18")
    said = cli("check")
    assert said.code == 0
    assert re.fullmatch(
        r"warning: config/policies/harbor-light\.yaml:\d+: terms: read 2926-11-18 is a day to come; .+\n",
        said.err,
    )


def test_check_as_json(fresh: Path, cli: Cli):
    said = cli("check", "--json")
    names = ("sources", "policies", "outputs", "policy_tests")
    assert said.code == 0
    assert said.json == {"ok": True, "problems": [], "warnings": [], **dict(zip(names, counts(fresh), strict=True))}


def test_a_schema_for_each_kind_of_file(cli: Cli, tmp_path: Path):
    every = cli("config", "schema").json
    assert set(every) == {"aggregator", "sources", "policies", "outputs", "policy-tests"}
    assert cli("config", "schema", "sources").json == every["sources"]
    assert cli("config", "schema", "--write", str(tmp_path / "made")).code == 0
    written = {path.stem: json.loads(path.read_bytes()) for path in (tmp_path / "made").iterdir()}
    assert written == every


def test_a_schema_that_there_is_not(cli: Cli):
    said = cli("config", "schema", "source")
    assert (said.code, said.out) == (2, "")
    assert said.lines == [
        "aggregator: there is no schema 'source'; there is: aggregator, sources, policies, outputs, policy-tests"
    ]


def test_schemas_into_a_place_that_is_a_file(cli: Cli, tmp_path: Path):
    (tmp_path / "file").touch()
    said = cli("config", "schema", "--write", str(tmp_path / "file"))
    assert said.code == 2
    assert said.lines == [f"aggregator: cannot write to '{tmp_path / 'file'}': File exists; name another folder"]


def test_poll_asks_at_once_whatever_is_due_and_says_what_came(built: Path, cli: Cli):
    """A poll by hand, right after another, asks again: nothing has changed."""
    said = cli("poll")
    assert (said.code, said.err) == (0, "")
    rows = [line.split() for line in said.out.splitlines()]
    assert rows[0] == ["source", "outcome", "new", "revised", "deleted", "detail"]
    assert {tuple(row[1:]) for row in rows[1:]} == {("unchanged", "0", "0", "0")}
    assert len(rows) == 8


def test_poll_of_named_sources(built: Path, cli: Cli):
    said = cli("poll", "talbote", "commons-garden", "talbote", "--json")
    assert said.code == 0
    assert [report["source"] for report in said.json] == ["talbote", "commons-garden"]
    assert said.json[0].keys() == {
        "source",
        "outcome",
        "new",
        "revised",
        "deleted",
        "detail",
        "next_poll_at",
        "warnings",
    }


@pytest.mark.parametrize("command", ["poll", "build"])
def test_an_unknown_name_is_refused_with_those_that_there_are(command: str, built: Path, cli: Cli):
    said = cli(command, "nix")
    assert (said.code, said.out) == (2, "")
    (line,) = said.lines
    assert "'nix' is not configured; there is: " in line
    assert ("'talbote'" if command == "poll" else "'community'") in line


def test_a_source_that_fails_is_told_and_the_others_go_on(fresh: Path, cli: Cli):
    (fresh / "config/samples/talbote.xml").write_text("<html><body>Out of order</body></html>")
    said = cli("poll", "--json")
    assert said.code == 1
    outcomes = {report["source"]: report["outcome"] for report in said.json}
    assert outcomes.pop("talbote") == "failed"
    assert set(outcomes.values()) == {"changed"}
    status = cli("status", "--json")
    assert status.code == 1
    health = {source["id"]: (source["health"], bool(source["error"])) for source in status.json["sources"]}
    assert health["talbote"] == ("failing", True)
    assert health["harbor-light"] == ("ok", False)


def test_build_says_what_it_did(built: Path, cli: Cli):
    said = cli("build", "--json")
    assert (said.code, said.err) == (0, "")
    assert [report["output"] for report in said.json] == list(FORMATS)
    assert said.json[0].keys() == {
        "output",
        "entries",
        "held",
        "added",
        "removed",
        "changed",
        "flags",
        "wake_at",
        "recalled",
        "named",
        "outcomes",
        "problems",
    }
    assert {report["output"] for report in said.json if report["changed"]} == set()
    assert cli("build", "print").out.splitlines()[1].split() == ["print", "0", "0", "0", "16", "as", "before"]


def test_export_writes_every_format_of_every_public_output_also_of_empty_ones(built: Path, cli: Cli):
    said = cli("export", "site", "--json")
    expected = {f"feeds/{output}.{format_}" for output, formats in FORMATS.items() for format_ in formats}
    assert (said.code, said.err) == (0, "")
    assert said.json.keys() == {"folder", "written", "unchanged", "removed", "packed"}
    assert set(said.json["written"]) == expected | {"index.html", "outputs.opml", "about/json-rights.html"}
    on_disk = {str(path.relative_to(built / "site")) for path in (built / "site/feeds").iterdir()}
    packed = {f"{name}{ending}" for name in expected for ending in (".gz", ".br", ".zst")}
    assert on_disk - {"feeds/.exported.json", "feeds/.lock"} == expected | packed
    assert b"Nothing is published here" in (built / "site/feeds/print.html").read_bytes()
    assert cli("export", "site").out == "site: 0 files written, 18 as before, 0 removed; 54 compressed beside them\n"


def test_export_needs_neither_a_build_nor_a_poll_before(fresh: Path, cli: Cli):
    said = cli("export", "site")
    assert (said.code, said.out) == (0, "site: 18 files written, 0 as before, 0 removed; 54 compressed beside them\n")


def test_export_never_writes_what_has_stopped_being_allowed(built: Path, cli: Cli):
    cli("export", "site")
    before = (built / "site/feeds/community.atom").read_text()
    assert "Delta Research Centre" in before
    edit(
        built / "config/policies/delta-research.yaml",
        "  - allow: [full, excerpt, headline]",
        "  - deny: [full, excerpt, headline]",
    )
    (built / "config/policies/tests/delta-research.yaml").unlink()  # it says that they may be out
    said = cli("export", "site", "--json")
    assert said.code == 0
    assert "feeds/community.atom" in said.json["written"]
    after = (built / "site/feeds/community.atom").read_text()
    # What is gone is named by its tombstones, before the first entry, and stands nowhere else.
    head, _, entries = after.partition("<entry")
    assert "at:deleted-entry" in head
    assert "delta-research.example" not in entries
    assert "Harbor Light" in after


def test_export_takes_files_away_that_are_no_longer_public_and_no_others(built: Path, cli: Cli):
    cli("export", "site")
    (built / "site/feeds/mine.html").write_text("kept")
    edit(built / "config/outputs.yaml", "- id: headlines\n", "- id: headlines\n  access: registered\n")
    said = cli("export", "site", "--json")
    assert said.json["removed"] == [f"feeds/headlines.{format_}" for format_ in ("atom", "html", "json", "rss")]
    assert not list((built / "site/feeds").glob("headlines.*"))
    assert (built / "site/feeds/mine.html").read_text() == "kept"


def test_export_into_a_file_is_refused(built: Path, cli: Cli):
    (built / "site").touch()
    said = cli("export", "site")
    assert (said.code, said.out) == (2, "")
    assert said.lines == ["aggregator: cannot write to 'site': Not a directory; name another folder"]


def test_db_upgrade_may_be_run_again_and_needs_the_settings_only(fresh: Path, cli: Cli):
    (fresh / "config/sources.yaml").write_text("- id: broken\n  feed: 12\n")
    assert cli("db", "upgrade").out == f"The database is up to date (schema {HEAD}).\n"
    assert cli("db", "upgrade", "--json").json == {"ok": True, "schema": HEAD}


@pytest.fixture
def careless() -> Iterator[str]:
    """A site of five feeds that answers every question with one of them, its robots.txt included."""
    feed = (CONFIG / "samples/delta-research.xml").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(feed)))
            self.end_headers()
            self.wfile.write(feed)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_what_is_wrong_with_a_site_is_said_once_for_all_of_its_feeds(careless: str, fresh: Path, cli: Cli):
    (fresh / "config/sources.yaml").write_text(
        "".join(
            f"- {{id: s{n}, feed: '{careless}/{n}', policy: delta-research, private_addresses: true}}\n"
            for n in range(5)
        )
    )
    said = cli("poll")
    assert said.code == 0
    told = [line for line in said.lines if "not a robots.txt" in line]
    assert told == [f"sources 's0', 's1', 's2' and 2 more: {careless}/robots.txt: a page, not a robots.txt"]
