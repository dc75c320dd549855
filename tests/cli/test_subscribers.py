"""aggregator subscribers …, as an operator types it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.subscriber import Fetch
from aggregator.store import subscribers as on_record
from aggregator.wiring import open_house, utc_now
from tests.cli.conftest import Cli, edit


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


async def took(folder: Path, subscribers: list[str], output: str) -> None:
    """Each of them has just fetched the output's document."""
    async with open_house(folder / "config") as house:
        now = utc_now()
        await house.store.write(
            on_record.note,
            [
                Fetch(
                    subscriber=id_, output=output, modified_at=now, first_at=now, last_at=now, count=1, formats=("rss",)
                )
                for id_ in subscribers
            ],
        )


def test_a_withdrawal_tells_those_who_have_copies(built: Path, cli: Cli):
    """`--notify` writes to those with an address and names the others; without it nobody is written to; `--notice`
    adds words and a dry run does nothing."""
    edit(built / "config" / "aggregator.yaml", "smtp: null ", "smtp: smtp://127.0.0.1:9 ")
    ids = {}
    for name, more in (("Harbour", ("--contact", "desk@harbour.example")), ("Quiet", ()), ("Absent", ())):
        asked = ("add", name, "--to", "community", "--output", "community", *more, "--json")
        ids[name] = cli("subscribers", *asked).json["id"]
    there = [one["key"] for one in cli("entries", "list", "--json").json if "community" in one["outputs"]][:3]
    asyncio.run(took(built, [ids["Harbour"], ids["Quiet"]], "community"))
    cli("entries", "withdraw", there[0], "--reason", "a silent one")
    assert mails(built) == []
    told = cli("entries", "withdraw", there[1], "--reason", "the author asked", "--notify").out
    assert "A mail goes to Harbour, if the service runs." in told
    assert "These have copies and must be told by other ways: Quiet." in told
    [mail] = mails(built)
    assert (mail["to"], "Absent" in told) == ("desk@harbour.example", False)
    words = ("--reason", "an error", "--notice", "Please delete the 3rd paragraph", "--json")
    done = cli("entries", "withdraw", there[2], *words).json
    assert (done["told"], done["untold"]) == (["Harbour"], ["Quiet"])
    assert "Please delete the 3rd paragraph" in mails(built)[1]["body"]
    source = cli("entries", "withdraw", "--source", "harbor-light", "--notify", "--dry-run", "--json")
    assert (source.code, len(mails(built))) == (0, 2)


def mails(folder: Path) -> list[dict[str, Any]]:
    """What waits for the mail server, the first first."""
    with closing(sqlite3.connect(folder / "data" / "aggregator.db")) as database:
        rows = database.execute("SELECT facts FROM outbox WHERE kind = 'mail' ORDER BY created_at, rowid").fetchall()
    return [json.loads(facts) for (facts,) in rows]


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
