"""`policy read`: from a publisher's terms to a policy that a person can review, save and load."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.config.policy_text import policy_yaml
from aggregator.model.policy import Effect
from tests.cli.conftest import Cli

PAGE = """<!doctype html><html><head><title>Republish | Wren Valley News</title>
<meta name="tdm-reservation" content="1">
<link rel="license" href="https://creativecommons.org/licenses/by-nc-nd/4.0/">
<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl"><content url=""><license>
<prohibits type="usage">ai-all</prohibits></license></content></rsl></script></head>
<body><nav><a href="/">Home</a> You may copy everything.</nav><h1>Republish our stories</h1>
<p>Non-profit sites may republish our stories if they credit the author and Wren Valley News and link to the story.</p>
<p>Commercial sites need our written permission: <a href="mailto:desk@wren.example">write to us</a>.</p>
<footer>All rights reserved.</footer></body></html>"""


def write(folder: Path, text: str, name: str = "terms.txt") -> str:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_proposal_is_a_policy_that_loads(cli: Cli, fresh: Path) -> None:
    said = cli("policy", "read", write(fresh, PAGE, "page.html"), "--publisher", "Wren Valley News", "--id", "wren")
    assert said.code == 0
    (fresh / "config" / "policies" / "wren.yaml").write_text(said.out, encoding="utf-8")
    policy = next(one for one in load(fresh / "config").policies if one.id == "wren")
    assert policy.publisher.name == "Wren Valley News"
    assert policy.contact == "desk@wren.example"
    assert [rule.effect for rule in policy.rules][:2] == [Effect.ALLOW, Effect.ASK]
    assert {limit.name.value for limit in policy.rules[0].limits} >= {"no-ai", "no-translation"}
    assert "a person" in said.out or "compare each line" in said.out
    assert "You may copy everything" not in said.out


def test_json_holds_summary_evidence_and_policy(cli: Cli, fresh: Path) -> None:
    found = cli("policy", "read", write(fresh, PAGE, "page.html"), "--json").json
    assert found["summary"]["decision"]["nonprofit_online"] == "conditional"
    assert found["summary"]["decision"]["commercial_online"] == "permission"
    assert found["summary"]["license"] == "CC-BY-NC-ND-4.0"
    assert found["summary"]["contact"] == "desk@wren.example"
    quotes = {finding["term"]: finding["quote"] for finding in found["findings"]}
    assert quotes["duty credit_author"].startswith("Non-profit sites may republish")
    assert found["policy"]["rules"][0]["effect"] == "allow"


@pytest.fixture
def site() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/terms"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.encode() if found else b"gone")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_an_address_is_fetched_under_the_operators_rules(cli: Cli, fresh: Path, site: str) -> None:
    """A page on this machine is not asked for unless the operator allows private addresses."""
    said = cli("policy", "read", f"{site}/terms")
    assert said.code == 2
    assert len(said.lines) == 1
    settings = fresh / "config" / "aggregator.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("private_addresses: false", "private_addresses: true"), encoding="utf-8")
    if "private_addresses: true" not in settings.read_text(encoding="utf-8"):
        settings.write_text(text + "\npolling: {private_addresses: true}\n", encoding="utf-8")
    found = cli("policy", "read", f"{site}/terms", "--format", "json").json
    assert found["policy"]["publisher"]["name"] == "Wren Valley News"
    assert found["policy"]["terms"]["url"] == f"{site}/terms"
    missing = cli("policy", "read", f"{site}/nothing")
    assert (missing.code, missing.lines) == (
        2,
        [f"aggregator: {site}/nothing: answered 404; save the page as a file and give that"],
    )


def test_standard_input_is_read(cli: Cli, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"All rights reserved. Nothing may be reproduced without written permission.")

    monkeypatch.setattr("sys.stdin", Stdin())
    assert cli("policy", "read", "-", "--json").json["summary"]["decision"]["commercial_online"] == "permission"


RSL = """<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><permits type="usage">search</permits>
<prohibits type="user">commercial</prohibits><legal type="contact">rsl@wren.example</legal></license></content></rsl>"""
ROBOTS = "User-agent: *\nAllow: /\nContent-Signal: search=yes, ai-train=no\nLicense: https://wren.example/rsl.xml\n"
TDMREP = '[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://wren.example/tdm.json"}]'


@pytest.mark.parametrize(
    ("name", "text", "kind", "limits"),
    [
        ("terms.xml", RSL, "rsl", ["no_ai_training"]),  # it lists what machines may, and these are not among it
        ("robots.txt", ROBOTS, "robots.txt", ["no_ai_training"]),
        ("tdmrep.json", TDMREP, "tdmrep.json", ["no_ai_training"]),
    ],
)
def test_what_speaks_to_machines_permits_nothing(
    cli: Cli, fresh: Path, name: str, text: str, kind: str, limits: list[str]
) -> None:
    found = cli("policy", "read", write(fresh, text, name), "--json").json
    assert found["kind"] == kind
    assert found["summary"]["limits"] == limits
    assert not {"allow", "conditional"} & set(found["summary"]["decision"].values())
    assert all(rule["effect"] != "allow" for rule in found["policy"]["rules"])
    assert found["findings"][0]["quote"]


def test_an_export_is_proposed_again(cli: Cli, fresh: Path) -> None:
    """ODRL in, policy out: the terms that went out."""
    policy = next(one for one in load(fresh / "config").policies if one.id == "delta-research")
    exported = cli("policy", "export", "delta-research").out
    said = cli("policy", "read", write(fresh, exported, "delta.jsonld"))
    assert said.code == 0
    (fresh / "config" / "policies" / "delta-research.yaml").write_text(said.out, encoding="utf-8")
    for file in (fresh / "config" / "policies").glob("*.yaml"):
        if file.name != "delta-research.yaml" and "id: delta-research\n" in file.read_text(encoding="utf-8"):
            file.unlink()
    again = next(one for one in load(fresh / "config").policies if one.id == "delta-research")
    assert policy_yaml(again) == policy_yaml(policy)
    quotes = [line for line in said.out.splitlines() if line.startswith("# “")]
    assert quotes
    assert not [line for line in quotes if set(line) & set("{}[]") or "@" in line], "words, not the document's syntax"


HARBOUR = """id: harbour
publisher: {name: Harbour, url: https://harbour.example/}
contact: desk@harbour.example
terms: {url: https://harbour.example/terms}
rules:
  - allow: [full, excerpt]
    to: [community, nonprofit]
    when: {territory: [DE, AT], embargo: 24h}
    duties: [credit-source, link-original]
    limits: [no-ai, full-only]
  - deny: [full, excerpt, headline]
    to: [commercial]
"""


def test_an_export_for_machines_is_proposed_again_with_all_that_it_holds(cli: Cli, fresh: Path) -> None:
    """RSL in, policy out: contact, terms, who is left out; and what no rule is there to bear, for a person to write."""
    (fresh / "config" / "policies" / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    exported = cli("policy", "export", "harbour", "--format", "rsl", "--json").json
    losses = " ".join(exported["losses"])
    for lost in ("when: embargo (harbour:1)", "limit: full-only (harbour:1)", "its name", "default: ask"):
        assert lost in losses
    file = write(fresh, exported["document"], "harbour.xml")
    found = cli("policy", "read", file, "--publisher", "Harbour", "--json").json
    assert found["policy"]["contact"] == "desk@harbour.example"
    assert found["policy"]["terms"]["url"] == "https://harbour.example/terms"
    (rule,) = found["policy"]["rules"]
    assert rule["effect"] == "ask"
    assert "commercial" in rule["to"]
    assert not {"community", "nonprofit"} & set(rule["to"])
    asked = next(note for note in found["notes"] if note.startswith("RSL asks for"))
    for held in ("credit-source", "link-original", "no-ai", "AT, DE"):
        assert held in asked
    assert found["summary"]["limits"] == ["no_ai_training"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"%PDF-1.7\n\0\1\2", "it is no text"),
        (b'<rsl xmlns="https://rslstandard.org/rsl"><content></rsl>', "not well-formed"),
        (b'{"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "w3.org/ns/odrl"', "not read"),
    ],
)
def test_bad_input_gets_one_line(cli: Cli, fresh: Path, body: bytes, why: str) -> None:
    file = fresh / "terms.txt"
    file.write_bytes(body)
    said = cli("policy", "read", str(file))
    assert said.code != 0
    assert len(said.lines) == 1
    assert why in said.lines[0]
    assert said.out == ""


def test_a_file_that_is_not_there(cli: Cli, fresh: Path) -> None:
    said = cli("policy", "read", "nowhere.html")
    assert (said.code, len(said.lines)) == (2, 1)
    assert "nowhere.html: cannot be read" in said.lines[0]
    assert cli("policy", "read", str(fresh)).code == 2
    assert cli("policy", "read", "nowhere.html", "--format", "xml").code == 2


def test_a_licence_that_nobody_knows_is_told(cli: Cli, fresh: Path) -> None:
    """It loads, and means ask; and so is what a policy waives that no licence of its own asks for."""
    for id_, licence in (("odd", "FOO-1.0"), ("even", "CC-BY-4.0")):
        text = f"id: {id_}\npublisher: {{name: {id_}}}\nlicence: {licence}\nwaive: [logo, label-changes]\n"
        (fresh / "config" / "policies" / f"{id_}.yaml").write_text(text, encoding="utf-8")
    said = cli("check")
    assert said.code == 0
    assert any("licence 'FOO-1.0' is not known" in line and "means ask" in line for line in said.lines)
    waived = [line for line in said.lines if "waive" in line]
    assert len(waived) == 1
    assert "even.yaml:1: waive 'logo' has no effect: CC-BY-4.0 does not ask for it" in waived[0]


def test_what_is_called_json_and_is_none_is_told(cli: Cli, fresh: Path) -> None:
    broken = cli("policy", "read", write(fresh, "{", "terms.json"))
    assert "# TO DECIDE: it is called JSON and cannot be read as that, so it was read as plain words" in broken.out
    whole = cli("policy", "read", write(fresh, '{"terms": "All rights reserved."}', "terms.json"))
    assert "cannot be read as that" not in whole.out
