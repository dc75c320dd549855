"""What people rule by hand: picks and rejections of an output's queue; withdrawals of one entry or many, and back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli, edit


@pytest.fixture
def reviewed(built: Path, cli: Cli) -> Cli:
    """The community output carries only what a person picked."""
    edit(built / "config/outputs.yaml", "selection: automatic ", "selection: reviewed ")
    cli("build")
    return cli


def states(cli: Cli, *options: str) -> dict[str, str]:
    return {one["entry"]: one["state"] for one in cli("entries", "queue", "community", *options, "--json").json}


def carried(cli: Cli, output: str = "community") -> set[str]:
    cli("build")
    return {e["key"] for e in cli("entries", "list", "--limit", "500", "--json").json if output in e["outputs"]}


def test_a_queue_is_ruled_on_and_stays_ruled(reviewed: Cli):
    cli = reviewed
    assert carried(cli) == set()
    waiting = [key for key, state in states(cli).items() if state == "waiting"]
    assert len(waiting) > 3
    good, bad, changed = waiting[:3]
    assert cli("entries", "approve", good, "--output", "community").code == 0
    said = cli("entries", "reject", bad, "--output", "community", "--reason", "an advertisement")
    assert said.code == 0
    assert "is kept out of 'community', until its origin, licence or notice changes" in said.out
    cli("entries", "reject", changed, "--output", "community")
    cli("entries", "approve", changed, "--output", "community")
    assert carried(cli) == {good, changed}
    cli("poll")
    assert carried(cli) == {good, changed}
    everything = states(cli, "--all")
    assert (everything[good], everything[bad], everything[changed]) == ("approved", "rejected", "approved")
    assert bad not in states(cli)
    [told] = [one for one in cli("entries", "queue", "community", "--all", "--json").json if one["entry"] == bad]
    assert (told["why"], bool(told["by"]), bool(told["at"])) == ("an advertisement", True, True)
    assert "rejected for this output: an advertisement" in cli("explain", bad, "-o", "community").out
    assert cli("entries", "reject", bad, "--output", "community", "--undo").code == 0
    assert states(cli)[bad] == "waiting"
    assert cli("entries", "approve", good, "--output", "community", "--undo").code == 0
    assert carried(cli) == {changed}
    assert cli("ledger", "verify").code == 0


def test_a_rejection_in_an_automatic_output_leaves_the_others_alone(built: Path, cli: Cli):
    both = carried(cli, "community") & carried(cli, "headlines")
    one = sorted(both)[0]
    cli("entries", "reject", one, "-o", "community", "--reason", "off topic")
    assert one not in carried(cli, "community")
    assert one in carried(cli, "headlines")
    ends = [r["body"] for r in cli("ledger", "show", "--limit", "5000", "--json").json if r["kind"] == "end"]
    assert any("rejected for this output: off topic" in body for body in ends)


def test_all_of_a_source_goes_and_comes_back(built: Path, cli: Cli):
    before = carried(cli)
    [mine] = [{e["key"] for e in cli("entries", "list", "-s", "harbor-light", "--json").json}]
    assert before & mine
    looked = cli("entries", "withdraw", "--source", "harbor-light", "--dry-run", "--json").json
    assert {one["entry"] for one in looked if not one["copy"]} == mine
    assert {one["entry"] for one in looked if one["outputs"]} >= before & mine
    refused = cli("entries", "withdraw", "--source", "harbor-light")
    assert refused.code == 2
    assert "look with --dry-run, then say --yes" in refused.err
    assert carried(cli) == before
    done = cli("entries", "withdraw", "--source", "harbor-light", "--yes", "--reason", "asked by letter", "--json").json
    assert {one["entry"] for one in done["withdrawn"]} == mine
    cli("poll", "harbor-light")
    assert not carried(cli) & mine
    assert set(cli("entries", "restore", "--source", "harbor-light", "--json").json["restored"]) == mine
    assert carried(cli) == before
    again = cli("entries", "restore", "--source", "harbor-light")
    assert (again.code, again.err) == (
        2,
        "aggregator: none of these entries is withdrawn; there is nothing to undo\n",
    )
    assert cli("ledger", "verify").code == 0


def test_the_same_article_does_not_come_back_under_another_id(built: Path, cli: Cli):
    """Its publisher gives it a new guid, or another source carries it with the same canonical address."""
    sample = built / "config/samples/harbor-light.xml"
    entry = next(e for e in cli("entries", "list", "-s", "harbor-light", "--json").json if "community" in e["outputs"])
    facts: dict[str, Any] = cli("entries", "show", entry["key"], "--json").json["stored"]["entry"]
    cli("entries", "withdraw", entry["key"], "--reason", "asked by letter")
    text = sample.read_text()
    old = f'<guid isPermaLink="true">{facts["id"]}</guid>'
    (item,) = [part for part in re.findall(r"<item>.*?</item>", text, re.DOTALL) if old in part]
    again = item.replace(old, "<guid>tag:harbor.example,2026:born-again</guid>")

    def found_in(document: str) -> list[dict[str, Any]]:
        sample.write_text(document)
        cli("poll", "harbor-light")
        cli("build")
        listed = cli("entries", "list", "-s", "harbor-light", "--json").json
        return [e for e in listed if e["title"] == entry["title"]]

    in_its_place = found_in(text.replace(item, again))
    assert [(e["key"], e["outputs"]) for e in in_its_place] == [(entry["key"], [])], "it is known for the same entry"
    found = found_in(text.replace(item, again.replace("born-again", "born-anew") + item))
    assert len(found) == 2, "the entry came back under another id"
    assert [e["outputs"] for e in found] == [[], []]
    new = next(e["key"] for e in found if e["key"] != entry["key"])
    assert "the same article as" in cli("explain", new, "-o", "community").out
    assert "withdrawn: asked by letter" in cli("entries", "show", new).out
    cli("entries", "restore", entry["key"])
    assert {entry["key"], new} & carried(cli)


def test_the_same_text_does_not_come_back_under_another_address(built: Path, cli: Cli):
    """Its publisher puts it up again beside the first, under a new id, link and headline."""
    sample = built / "config/samples/harbor-light.xml"
    text = sample.read_text()
    item = next(part for part in re.findall(r"<item>.*?</item>", text, re.DOTALL) if part.count(". ") >= 6)
    id_ = re.search(r"<guid[^>]*>([^<]*)</guid>", item)
    assert id_ is not None
    key = next(e["key"] for e in cli("entries", "list", "-s", "harbor-light", "--json").json if e["id"] == id_[1])
    cli("entries", "withdraw", key, "--reason", "asked by letter")
    again = re.sub(r"<guid[^>]*>[^<]*</guid>", '<guid isPermaLink="false">born-again</guid>', item)
    again = re.sub(r"<link>[^<]*</link>", "<link>https://harborlight.example/again</link>", again)
    again = re.sub(r"<title>[^<]*</title>", "<title>Once more, with feeling</title>", again)
    sample.write_text(text.replace(item, again + item))
    cli("poll", "harbor-light")
    cli("build")
    new = next(e for e in cli("entries", "list", "-s", "harbor-light", "--json").json if e["id"] == "born-again")
    assert new["outputs"] == []
    assert f"the same text as {key}" in cli("explain", new["key"], "-o", "community").out
    assert "withdrawn: asked by letter" in cli("entries", "show", new["key"]).out
    cli("entries", "restore", key)
    assert {key, new["key"]} & carried(cli)


def test_scopes_by_author_and_publisher(built: Path, cli: Cli):
    entry = next(e for e in cli("entries", "list", "--limit", "500", "--json").json if e["source"] == "talbote")
    detail: dict[str, Any] = cli("entries", "show", entry["key"], "--json").json["stored"]["entry"]
    author = detail["authors"][0]["name"]
    by_author = cli("entries", "withdraw", "--author", author, "--dry-run", "--json").json
    assert entry["key"] in {one["entry"] for one in by_author}
    wire = cli("entries", "withdraw", "--publisher", "Continental Wire", "--dry-run", "--json").json
    assert {one["source"] for one in wire} >= {"continental-wire"}
    assert cli("entries", "withdraw", "--publisher", "continental-wire", "--dry-run", "--json").json == wire
    assert cli("entries", "withdraw", "--author", "Nobody Knows", "--dry-run", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["withdraw"], "name one entry, or one of source, author and publisher; give ENTRY, --source"),
        (
            ["withdraw", "x", "--source", "y"],
            "name one entry, or one of source, author and publisher; give ENTRY, --source",
        ),
        (["withdraw", "nix"], "no entry is called 'nix'"),
        (["withdraw", "--source", "nix", "--yes"], "source 'nix' is not configured"),
        (["withdraw", "--author", " ", "--yes"], "the author is empty"),
        (["restore", "nix"], "no entry is called 'nix'"),
        (["queue", "nix"], "output 'nix' is not configured"),
        (["reject", "nix", "-o", "community"], "no entry is called 'nix'"),
        (["reject", "nix", "-o", "nix"], "output 'nix' is not configured"),
    ],
)
def test_what_cannot_be_ruled(arguments: list[str], told: str, built: Path, cli: Cli):
    said = cli("entries", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert len(said.lines) == 1


def test_a_refusal_keeps_it_out_and_its_end_brings_it_back(built: Path, cli: Cli):
    before = carried(cli)
    [mine] = [{e["key"] for e in cli("entries", "list", "-s", "harbor-light", "--json").json}]
    one = sorted(before & mine)[0]
    for words in ("", "  "):
        empty = cli("grants", "add", "--entry", one, "--evidence", words)
        assert (empty.code, empty.out) == (2, "")
        assert "what proves it? Say who wrote what, and when" in empty.err
    past = cli("grants", "add", "--entry", one, "--until", "2020-01-31", "--evidence", "an old letter")
    assert "its last day was 2020-01-31, so it permits nothing any more" in past.out
    cli("grants", "add", "--entry", one, "--evidence", "they agreed")
    added = cli("refusals", "add", "--entry", one, "--output", "community", "--evidence", "J. Doe said no", "--json")
    refusal = added.json["id"]
    assert (added.code, refusal[:2], added.json["effect"]) == (0, "r-", "deny")
    assert carried(cli) == before - {one}
    told = cli("explain", one, "-o", "community").out
    assert f"recorded refusal {refusal}" in told
    assert "J. Doe said no" in told
    ends = [r["body"] for r in cli("ledger", "show", "--limit", "5000", "--json").json if r["kind"] == "end"]
    assert any(f"refusal {refusal}: J. Doe said no" in body for body in ends)
    assert [one["id"] for one in cli("grants", "list", "--json").json] != [refusal]
    assert [(one["id"], one["state"]) for one in cli("refusals", "list", "--json").json] == [(refusal, "in force")]
    assert cli("grants", "revoke", refusal).code == 2
    assert cli("refusals", "revoke", refusal, "--reason", "they changed their mind").code == 0
    assert cli("refusals", "revoke", refusal).code == 2
    assert carried(cli) == before
    notes = [r for r in cli("ledger", "show", "--limit", "5000", "--json").json if r["kind"] == "refusal"]
    assert ["they changed their mind" in one["body"] for one in notes] == [False, True]
    assert cli("ledger", "verify").code == 0


def test_a_flag_that_is_refused_writes_the_denial(built: Path, cli: Cli):
    """It then stays out though the policy is loosened; the flag says why it closed."""
    flag = next(one for one in cli("flags", "list", "-o", "commercial", "--json").json if one["kind"] == "permission")
    assert cli("flags", "resolve", flag["id"], "--as", "refused", "--comment", "no, by telephone").code == 0
    sent = cli("flags", "request", flag["id"], "--send")
    assert (sent.code, "no mail server is configured" in sent.err) == (2, True)
    assert cli("flags", "show", flag["id"], "--json").json["letters"] == [], "and no draft is left behind"
    [refusal] = cli("refusals", "list", "--json").json
    assert (refusal["entry"], refusal["outputs"]) == (flag["entry"], flag["outputs"])
    cli("grants", "add", "--entry", flag["entry"], "--over-notices", "--evidence", "somebody else agreed")
    assert flag["entry"] not in carried(cli, "commercial")
    shown = cli("flags", "show", flag["id"], "--json").json["case"]
    assert (shown["state"], shown["flag"]["closed_because"]) == ("refused", "its publisher said no")


def test_a_draft_is_sent_later_and_signed_by_whoever_is_named(built: Path, cli: Cli):
    flag = next(one for one in cli("flags", "list", "-o", "commercial", "--json").json if one["kind"] == "permission")
    drafted = cli("flags", "request", flag["id"], "--signed", " Jane  Doe ", "--json").json
    assert (drafted["sent_at"], "\n\nJane Doe\nRiverside" in drafted["body"]) == (None, True)
    nobody = cli("flags", "request", flag["id"], "--signed", "", "--json").json
    assert "With kind regards\n\nRiverside" in nobody["body"]
    assert cli("flags", "send", drafted["id"]).code == 2, "no mail server is configured"
    sent = cli("flags", "send", drafted["id"], "--by-hand")
    assert (sent.code, sent.out) == (0, f"letter {drafted['id']} is sent; to nobody known\n")
    assert cli("flags", "show", flag["id"], "--json").json["case"]["state"] == "requested"
    again = cli("flags", "send", drafted["id"], "--by-hand")
    assert (again.code, "was sent before" in again.err) == (2, True)
    unknown = cli("flags", "send", "l-0", "--by-hand")
    assert (unknown.code, "there is no letter 'l-0'" in unknown.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "a refusal needs a scope"),
        (["--policy", "harbor-light"], "what proves it"),
        (["--policy", "nobody", "--evidence", "x"], "policy 'nobody' is not configured"),
        (["--author", " ", "--evidence", "x"], "'author' is empty"),
        (["--source", "harbor-light", "--from", "2026-12-02", "--until", "2026-12-01", "--evidence", "x"], "swap"),
        (["--entry", "nothing", "--evidence", "x"], "no entry is called 'nothing'"),
    ],
)
def test_a_refusal_of_nothing_is_refused(arguments: list[str], told: str, fresh: Path, cli: Cli):
    said = cli("refusals", "add", *arguments)
    assert (said.code, told in said.err) == (2, True), said.err


def test_the_letter_is_kept_and_a_permission_for_nothing_is_told_as_that(
    built: Path, cli: Cli, tmp_path_factory: pytest.TempPathFactory
):
    """Months later somebody must say why: the letter is there, byte for byte, and an idle permission does not hide."""
    folder = tmp_path_factory.mktemp("letters")
    letter = folder / "yes.eml"
    letter.write_bytes(b"Dear all,\r\nyes you may.\xff\r\n")
    source = ("--source", "harbor-light", "--evidence-file", str(letter))
    given = cli("grants", "add", *source, "--json").json["id"]
    refused = cli("refusals", "add", *source, "--author", "Nobody", "--json").json["id"]
    idle = cli("grants", "add", *source, "--author", "Nobody", "--json").json["id"]
    for command, id_ in (("grants", given), ("refusals", refused)):
        to = folder / id_
        said = cli(command, "evidence", id_, "--to", str(to))
        assert said.out.splitlines() == [str(to / "yes.eml")]
        assert (to / "yes.eml").read_bytes() == letter.read_bytes()
        again = cli(command, "evidence", id_, "--to", str(to))
        assert (again.code, again.out) == (2, "")
        assert "is there already; name another folder" in again.err
    assert "is recorded as 'g-none'" in cli("grants", "evidence", "g-none").err
    told = cli("grants", "list").out
    assert f"{idle} covers nothing so far: no entry of the newest" in told
    assert f"{given} covers" not in told
    cli("grants", "revoke", idle)
    assert "covers nothing" not in cli("grants", "list").out
    worded = cli("grants", "add", "--source", "harbor-light", "--evidence", "by word of mouth", "--json").json["id"]
    assert "No file is kept" in cli("grants", "evidence", worded).out
