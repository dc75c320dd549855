"""What an operator does by program: finds feeds, moves lists, pauses sources, tells webhooks, proves the ledger."""

from __future__ import annotations

from pathlib import Path

from aggregator.model.account import Role
from tests.relay import Relay, relay
from tests.web.api.conftest import Programs

__all__ = ["relay"]

OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="World"><outline type="rss" text="Far Post" xmlUrl="https://far-post.example/feed"/></outline>
<outline type="rss" text="On disk" xmlUrl="file:///etc/passwd"/></body></opml>"""


async def test_feeds_are_found_and_lists_moved(programs: Programs, tmp_path: Path) -> None:
    program, reviewer = await programs.of(Role.OPERATOR), await programs.of(Role.REVIEWER)
    base = programs.office.base
    for path, body in (("/discoveries", {"url": base}), ("/opml", {"opml": OPML})):
        assert (await reviewer("POST", path, body)).status == 403
    closed = await program("POST", "/discoveries", {"url": f"{base}/"})
    assert (closed.status, closed.body["candidates"]) == (200, [])
    assert "private" in closed.body["problem"], closed
    settings = tmp_path / "config/aggregator.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("private_addresses: false", "private_addresses: true"), "utf-8")
    assert settings.read_text("utf-8") != text
    await programs.office.house.refresh()
    found = (await program("POST", "/discoveries", {"url": f"{base}/feeds/community.atom"})).body
    [feed] = [one for one in found["candidates"] if not one["problem"]]
    assert (feed["url"], feed["how"]) == (f"{base}/feeds/community.atom", "the address itself")
    assert feed["entries"] > 3
    assert {"Harbor Light"} <= set(feed["others"]), "whose articles it carries"
    assert (await program("POST", "/discoveries", {"url": "ftp://x"})).status == 409

    dry = await program("POST", "/opml", {"opml": OPML, "dry": True})
    assert (dry.body["added"], dry.body["dry"]) == (["far-post"], True)
    assert (await program("GET", "/sources/far-post")).status == 404
    taken = (await program("POST", "/opml", {"opml": OPML, "tags": ["far"], "enabled": False})).body
    assert (taken["added"], len(taken["refused"])) == (["far-post"], 1)
    source = (await program("GET", "/sources/far-post")).body
    assert (source["summary"]["enabled"], source["tags"]) == (False, ["far", "World"])
    again = (await program("POST", "/opml", {"opml": OPML})).body
    assert (again["added"], [one["url"] for one in again["there"]]) == ([], ["https://far-post.example/feed"])
    assert (await program("POST", "/opml", {"opml": "no list"})).status == 409
    listed = await reviewer("GET", "/opml?disabled=true", Accept="text/x-opml")
    assert (listed.status, b"far-post.example/feed" in listed.body) == (200, True)

    on = await program("PUT", "/sources/far-post/enabled", {"enabled": True})
    assert (on.status, on.body["enabled"]) == (200, True)
    assert (await program("POST", "/sources/far-post/revival")).status in (200, 409)
    assert (await program("POST", "/sources/nowhere/revival")).status == 404
    records = (await program("GET", "/changes?limit=200")).body["items"]
    assert ("config", "sources") in {(one["kind"], one["subject"]) for one in records}


async def test_mail_is_tried(programs: Programs, tmp_path: Path, relay: Relay) -> None:
    program, reviewer = await programs.of(Role.OPERATOR), await programs.of(Role.REVIEWER)
    assert (await program("POST", "/mail/trial", {"to": "desk@here.example"})).status == 409, "there is no server"
    relay.configure(tmp_path / "config", "language: en")
    await programs.office.house.refresh()
    assert (await reviewer("POST", "/mail/trial", {"to": "desk@here.example"})).status == 403
    refused = await program("POST", "/mail/trial", {"to": "nobody"})
    assert (refused.status, "'nobody'" in refused.body["detail"]) == (409, True), refused.body
    assert (await program("POST", "/mail/trial", {"to": "desk@here.example"})).status == 204
    [subject] = relay.subjects()
    assert subject.startswith("A test of ")


async def test_a_webhook_tells_its_key_once(programs: Programs) -> None:
    program = await programs.of(Role.OPERATOR)
    asked = {"id": "mine", "url": "https://hooks.example/x?key=y", "events": ["flag.opened"]}
    made = await program("POST", "/webhooks", asked, Idempotency_Key="1")
    assert (made.status, made.body["secret"][:6], made.body["events"]) == (201, "whsec_", ["flag.opened"])
    told = await program("POST", "/webhooks", asked, Idempotency_Key="1")
    assert (told.status, told.body["secret"]) == (201, None)
    assert (await program("POST", "/webhooks", asked)).status == 409
    assert (await program("POST", "/webhooks", asked | {"id": "b", "events": ["no"]})).status == 409
    [row] = [one for one in (await program("GET", "/webhooks")).body["items"] if one["id"] == "mine"]
    assert (row["host"], "key" in str(row)) == ("hooks.example", False)
    assert (await program("POST", "/webhooks/mine/trial")).status == 204
    [row] = [one for one in (await program("GET", "/webhooks")).body["items"] if one["id"] == "mine"]
    assert row["waiting"] == 1
    assert (await program("DELETE", "/webhooks/mine")).status == 204
    assert (await program("DELETE", "/webhooks/mine")).status == 404


async def test_what_was_public_is_proved_as_a_page_and_by_deciding_again(programs: Programs) -> None:
    program = await programs.of(Role.REVIEWER)
    page = await program("GET", "/ledger/export?publisher=Harbor%20Light&format=html", Accept="text/html")
    assert (page.status, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    assert b"Harbor Light" in page.body
    lines = await program("GET", "/ledger/export", Accept="application/jsonl")
    assert b'"type":"export"' in lines.body.splitlines()[0]
    again = (await program("GET", "/ledger/replay")).body
    assert again["decisions"] == again["same"] > 3
    assert (await program("GET", "/ledger/replay?version=f00")).body["decisions"] == 0
    async with programs.office.visitor() as nobody:
        assert (await nobody.get("/admin/ledger/export"))[0] == 303
