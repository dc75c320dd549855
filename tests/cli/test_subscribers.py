"""aggregator subscribers …, as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli


def test_from_the_first_day_to_the_last(built: Path, cli: Cli):
    assert "No subscriber is recorded yet" in cli("subscribers", "list").out
    said = cli("subscribers", "add", "Riverside School", "--audience", "community", "--url", "https://school.example/")
    assert said.code == 0, said.err
    assert "shown this once" in said.out
    assert "/community.atom" in said.out
    assert (
        "Not for this use: output 'commercial': it is for commercial use, and the declared use is community" in said.out
    )
    added = cli("subscribers", "add", "Harbour", "--to", "community", "--output", "community", "--json").json
    secret, id_ = added["secret"], added["id"]
    assert len(secret) >= 22
    assert [address["url"].rpartition("/")[2] for address in added["addresses"]] == [
        f"community.{ending}" for ending in ("rss", "atom", "json", "html")
    ]
    assert all(f"/s/{secret}/" in address["url"] for address in added["addresses"])
    assert added["use"]["audience"] == "community"
    database = b"".join(path.read_bytes() for path in built.rglob("aggregator.db*"))
    assert secret.encode() not in database
    for command in (("list",), ("show", id_), ("list", "--json"), ("show", "Harbour", "--json")):
        shown = cli("subscribers", *command)
        assert (shown.code, secret in shown.out) == (0, False)
    assert cli("subscribers", "show", id_, "--json").json["state"] == "active"
    renewed = cli("subscribers", "renew", id_, "--expires", "2030-01-01", "--json").json
    assert renewed["secret"] not in (None, secret)
    assert renewed["expires_at"] == "2030-01-02T00:00:00Z"
    kept = cli("subscribers", "renew", id_, "--keep-secret", "--expires", "never", "--json").json
    assert (kept["secret"], kept["expires_at"]) == (None, None)
    assert cli("subscribers", "revoke", id_, "--reason", "unpaid").code == 0
    assert cli("subscribers", "show", id_, "--json").json["state"] == "revoked"
    kinds = [record["kind"] for record in cli("ledger", "show", "--limit", "1000", "--json").json]
    assert kinds.count("subscriber") == 5
    assert cli("ledger", "verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "X", "--audience", "comunity"], "audience 'comunity' is not known; use one of: anyone, personal"),
        (
            ["add", "X", "--audience", "commercial", "--output", "community"],
            "the declared use does not allow output 'community': it is for community use, and the declared use is",
        ),
        (["add", "X", "--audience", "community", "--medium", "broadcast"], "the declared use does not allow output"),
        (["add", "X", "--audience", "community", "--output", "nix"], "output 'nix' is not configured"),
        (["add", " ", "--audience", "community"], "a subscriber needs a name in one line"),
        (["add", "X", "--audience", "community", "--expires", "soon"], "is neither a day nor a time"),
        (["add", "X", "--audience", "community", "--expires", "2020-01-01"], "it would have expired"),
        (["add", "X", "--audience", "community", "--url", "ftp://x"], "'ftp://x' is not the address of a site"),
        (["add", "X", "--audience", "community", "--rate", "0"], "a rate of 0 requests in an hour"),
        (["add", "X"], "missing option"),
        (["show", "nix"], "subscriber 'nix' is not recorded; 'aggregator subscribers list' shows those that are"),
        (["revoke", "nix"], "subscriber 'nix' is not recorded"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(arguments: list[str], told: str, built: Path, cli: Cli):
    said = cli("subscribers", *arguments)
    assert (said.code, said.out) == (2, "")
    assert len(said.lines) == 1
    assert told in said.err


def test_who_has_it_where_nobody_fetched(built: Path, cli: Cli):
    cli("build")
    entry = next(e for e in cli("entries", "list", "--json").json if "community" in e["outputs"])
    said = cli("entries", "show", entry["key"], "--releases")
    assert "no subscriber fetched it" in said.out
    report = cli("entries", "show", entry["key"], "--releases", "--json").json
    [release] = [one for one in report["releases"] if one["output"] == "community"]
    assert release["fetched_by"] == []
    assert release["decision"]["sentence"]
    assert release["atom_id"]
