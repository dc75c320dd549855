"""The desk's work by program: the same acts as in pages and commands, with the token's account in the ledger."""

from __future__ import annotations

import base64
from typing import Any

from aggregator.model.account import Role
from tests.web.api.conftest import Program, Programs


async def all_of(program: Program, path: str) -> list[dict[str, Any]]:
    told = await program("GET", f"{path}{'&' if '?' in path else '?'}limit=200")
    assert told.status == 200, told
    found: list[dict[str, Any]] = told.body["items"]
    return found


async def test_from_a_flag_to_a_grant_and_back(programs: Programs) -> None:
    """A commercial output's flag → letter → answer → grant → the entry is out → revoked → it is gone."""
    program = await programs.of(Role.OPERATOR)
    start = (await program("GET", "/changes?limit=200")).body["next"]
    flag = next(
        one for one in await all_of(program, "/flags?kind=permission") if one["entry"] and "@" in (one["contact"] or "")
    )
    output = flag["outputs"][0]
    etag = (await program("GET", f"/flags/{flag['id']}")).headers["ETag"]
    changed = await program(
        "PATCH",
        f"/flags/{flag['id']}",
        {"assignee": "reviewer", "due_on": "2027-01-31", "comment": "on it"},
        If_Match=etag,
    )
    assert (changed.body["assignee"], changed.body["due_on"]) == ("reviewer", "2027-01-31")
    assert [comment["by"] for comment in changed.body["comments"]] == ["operator"]

    same = ("publisher", "kind")
    others = [one for one in await all_of(program, "/flags") if all(one[name] == flag[name] for name in same)]
    both = list(dict.fromkeys([flag["id"], *(one["id"] for one in others if one["entry"])]))[:2]
    letter = (await program("POST", "/requests", {"flags": both, "language": "de"})).body
    assert (letter["state"], letter["to"]) == ("draft", flag["contact"])
    edited = await program("PATCH", f"/requests/{letter['id']}", {"subject": "May we?"})
    assert edited.body["subject"] == "May we?"
    mail = await program("GET", f"/requests/{letter['id']}/mail", Accept="message/rfc822")
    assert mail.body.startswith(b"From:") or b"Subject: May we?" in mail.body
    assert (await program("POST", f"/requests/{letter['id']}/sending", {"how": "smtp"})).status == 409
    assert (await program("POST", f"/requests/{letter['id']}/sending", {"how": "hand"})).body["state"] == "sent"
    assert (await program("GET", f"/flags/{flag['id']}")).body["state"] == "requested"
    answer = {
        "outcome": "granted",
        "text": "Yes, gladly.",
        "file": {"name": "C:\\mails\\jä ☃.txt", "content": base64.b64encode(b"yes").decode()},
    }
    answered = await program("POST", f"/requests/{letter['id']}/answer", answer)
    assert (answered.body["outcome"], "jä ☃.txt" in answered.body["answer_file"]) == ("granted", True)
    [kept] = (await program("GET", f"/requests/{letter['id']}/files")).body["items"]
    assert (kept["name"], kept["size"], kept["digest"] in answered.body["answer_file"]) == ("jä ☃.txt", 3, True)
    body = await program("GET", f"/requests/{letter['id']}/files/{kept['digest']}", Accept="*/*")
    assert (body.status, body.body) == (200, b"yes")
    assert body.headers["Content-Disposition"] == "attachment; filename*=UTF-8''j%C3%A4%20%E2%98%83.txt"
    assert (await program("GET", f"/requests/{letter['id']}/files/{'0' * 64}", Accept="*/*")).status == 404

    proposed = (await program("GET", f"/requests/{letter['id']}/grant")).body
    assert len(proposed["further"]) == 1
    alone = {**proposed, "entry": None}
    assert (await program("POST", "/grants", alone)).status == 409, "a whole publisher is not what was asked for"
    granted = await program("POST", "/grants", proposed)
    assert granted.status == 201, granted
    [other] = granted.body["further"]
    assert (await program("GET", f"/grants/{other}")).body["entry"] == proposed["further"][0]
    grant = granted.body
    assert grant["state"] == "in force"
    assert "recorded by operator" in grant["evidence"]
    built = (await program("POST", "/builds", {"outputs": [output]})).body["items"]
    assert flag["entry"] in built[0]["added"], (flag, built)
    standing = [one["entry"] for one in await all_of(program, f"/outputs/{output}/entries")]
    assert flag["entry"] in standing
    why = (await program("GET", f"/entries/{flag['entry']}/explanations?output={output}")).body["items"][0]
    assert (why["standing"], why["decision"]["outcome"]) == (True, "allow")
    assert (why["instead"], why["unplaced"]) == (None, "")

    revoked = await program("DELETE", f"/grants/{grant['id']}?reason=the%20contract%20ended")
    assert revoked.body["state"] == "revoked"
    assert (await program("DELETE", f"/grants/{grant['id']}")).status == 409
    built = (await program("POST", "/builds", {"outputs": [output]})).body["items"]
    assert flag["entry"] in [one["entry"] for one in built[0]["removed"]]

    page = (await program("GET", f"/changes?after={start}&limit=200")).body
    kinds = [change["kind"] for change in page["items"]]
    assert {"flag", "request", "grant", "release", "end"} <= set(kinds)
    assert "the contract ended" in str([change for change in page["items"] if change["kind"] == "grant"])
    assert "account" not in kinds
    assert page["more"] is False
    assert (await program("GET", f"/changes?after={page['next']}")).body["items"] == []
    only = (await program("GET", f"/changes?after={start}&kind=grant&kind=release")).body["items"]
    assert {change["kind"] for change in only} == {"grant", "release"}
    found = (await program("GET", "/ledger/verification")).body
    assert found["ok"] is True
    noted = f"{found['records']}:{found['head']}"
    assert (await program("GET", f"/ledger/verification?noted={noted}")).body["ok"] is True
    beyond = f"{found['records'] + 1}:{found['head']}"
    cut = (await program("GET", f"/ledger/verification?noted={noted},{beyond}")).body
    assert (cut["ok"], len(cut["problems"])) == (False, 1)
    assert (await program("GET", "/ledger/verification?noted=nonsense")).status in (400, 409, 422)


async def test_a_withdrawal_is_shown_before_it_is_made_and_can_be_undone(programs: Programs) -> None:
    program = await programs.of(Role.REVIEWER)
    entry = (await all_of(program, "/outputs/community/entries"))[0]["entry"]
    seen = (await program("POST", "/withdrawals/preview", {"entry": entry})).body["items"]
    assert "community" in seen[0]["outputs"]
    assert (await program("GET", f"/withdrawals/{entry}")).status == 404
    told = await program("POST", "/withdrawals", {"entry": entry, "reason": "the author asked"})
    assert (told.status, told.body["items"][0]["by"]) == (201, "reviewer")
    assert (await program("GET", f"/entries/{entry}")).body["withdrawn"] == "the author asked"
    await programs.office.house.build_stale()
    assert entry not in [one["entry"] for one in await all_of(program, "/outputs/community/entries")]
    assert (await program("POST", f"/withdrawals/{entry}/restoration", {"reason": "settled"})).status == 200
    assert (await program("GET", f"/withdrawals/{entry}")).status == 404
    assert (await program("POST", "/withdrawals", {"reason": "of nothing"})).status == 409


async def test_several_flags_at_once_and_picks(programs: Programs) -> None:
    program = await programs.of(Role.REVIEWER)
    ids = [flag["id"] for flag in (await all_of(program, "/flags"))[:3]]
    told = await program("PATCH", "/flags", {"flags": ids, "state": "dismissed", "comment": "not ours to ask"})
    assert [(one["id"], one["state"]) for one in told.body["items"]] == [(id_, "dismissed") for id_ in ids]
    assert (await program("PATCH", "/flags", {"flags": [*ids, "nothing"], "state": "open"})).status == 409
    assert (await program("GET", f"/flags/{ids[0]}")).body["state"] == "dismissed"
    assert (await program("PATCH", f"/flags/{ids[0]}", {"state": "granted"})).status == 400
    assert (await program("PATCH", f"/flags/{ids[0]}", {"assignee": "nobody"})).status == 409

    entry = (await all_of(program, "/entries"))[0]["key"]
    told = await program("PUT", f"/review/community/{entry}", {"ruling": "reject", "reason": "twice"})
    assert (told.body["rejected"], told.body["by"]) == (True, "reviewer")
    rejected = await all_of(program, "/review/community?state=rejected")
    assert [one["entry"] for one in rejected] == [entry]
    assert (await program("PUT", f"/review/nowhere/{entry}", {"ruling": "approve"})).status == 404
    assert (await program("DELETE", f"/review/community/{entry}")).status == 204
    assert (await program("DELETE", f"/review/community/{entry}")).status == 404


async def test_sources_and_subscribers(programs: Programs) -> None:
    program = await programs.of(Role.OPERATOR)
    asked = {"id": "herald", "feed": "https://herald.example/feed", "tags": ["world"], "interval": "2h"}
    told = await program("POST", "/sources", asked)
    assert (told.status, told.headers["Location"]) == (201, "/api/v1/sources/herald"), told
    assert (await program("GET", "/sources/herald")).body["summary"]["health"] == "new"
    assert (await program("POST", "/sources", asked)).status == 409
    for wrong in ({"feed": "file:x.xml"}, {"feed": "javascript:alert(1)"}, {"interval": "soon"}, {"policy": "none"}):
        told = await program("POST", "/sources", {**asked, "id": "other", "feed": "https://x.example/", **wrong})
        assert told.status == 409, wrong
    assert (await program("POST", "/polls", {"sources": ["herald"]})).body == {"sources": ["herald"]}
    assert (await program("DELETE", "/sources/herald")).status == 204
    assert (await program("GET", "/sources/herald")).status == 404

    site = {"name": "Hill Street Blog", "audience": "community", "outputs": ["community"]}
    made = await program("POST", "/subscribers", site)
    assert (made.status, bool(made.body["secret"])) == (201, True)
    id_ = made.body["subscriber"]
    assert all(f"/s/{made.body['secret']}/community." in one["url"] for one in made.body["addresses"])
    assert (await program("POST", "/subscribers", {**site, "audience": "commercial"})).status == 409
    renewed = await program("POST", f"/subscribers/{id_}/renewal", {"expires_at": "2027-01-01T00:00:00Z"})
    assert renewed.body["secret"] != made.body["secret"]
    revoked = await program("POST", f"/subscribers/{id_}/revocation", {"reason": "moved away"})
    assert (revoked.body["state"], revoked.body["reason"]) == ("revoked", "moved away")


async def test_accounts_are_for_administrators(programs: Programs) -> None:
    admin, viewer = await programs.of(Role.ADMIN), await programs.of(Role.VIEWER)
    told = await admin("POST", "/users", {"name": "ines", "role": "reviewer"})
    assert told.status == 201
    link = told.body["link"].partition("/admin")[2]
    async with programs.client.get(f"{programs.office.base}/admin{link}") as answer:
        assert answer.status == 200
    assert (await admin("PATCH", "/users/ines", {"disabled": True})).body["disabled_at"] is not None
    assert (await admin("PATCH", "/users/admin", {"role": "viewer"})).status == 409
    numbers = [record["number"] for record in await all_of(admin, "/ledger")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "account" not in {record["kind"] for record in await all_of(viewer, "/ledger")}


async def test_a_policy_is_checked_planned_and_saved_by_who_has_seen_it(programs: Programs) -> None:
    program = await programs.of(Role.OPERATOR)
    told = await program("GET", "/policies/delta-research")
    text, etag = told.body["text"], told.headers["ETag"]
    bad = {"id": "delta-research", "text": text.replace("default: ask", "default: perhaps")}
    checked = (await program("POST", "/policies/check", bad)).body
    assert (checked["ok"], checked["problems"][0]["line"] > 0) == (False, True)
    assert {line["mark"] for line in checked["diff"]} >= {"-", "+"}
    assert (await program("POST", "/policies/plan", bad)).status == 409
    for format_, told in (("odrl", '"@context"'), ("rsl", "<rsl")):
        made = (await program("GET", f"/policies/delta-research/export?format={format_}")).body
        assert (made["format"], told in made["document"], made["losses"] == []) == (format_, True, format_ == "odrl")
    assert (await program("GET", "/policies/delta-research/export?format=xml")).status == 400
    denied = {"id": "delta-research", "text": text.replace("default: ask", "default: deny")}
    planned = await program("POST", "/policies/plan", denied)
    assert (planned.status, isinstance(planned.body["withdraws"], bool)) == (200, True)

    commented = text + "# looked at again\n"
    assert (await program("PUT", "/policies/delta-research", {"text": commented})).status == 428
    assert (await program("PUT", "/policies/delta-research", {"text": commented}, If_Match='"x"')).status == 412
    saved = await program("PUT", "/policies/delta-research", {"text": commented}, If_Match=etag)
    assert (saved.status, len(saved.body["files"])) == (200, 1)
    assert (await program("PUT", "/policies/delta-research", {"text": text}, If_Match=etag)).status == 412
    assert (await program("GET", "/policies/delta-research")).body["text"] == commented
    assert (await program("PUT", "/policies/nobody", {"text": text}, If_Match="*")).status == 404
    versions = (await program("GET", "/policies/delta-research/versions")).body["items"]
    assert versions[0]["by"] == "operator"

    fresh = {
        "id": "herald",
        "text": "id: herald\npublisher: {name: The Herald, domains: [herald.example]}\nrules: []\n",
    }
    assert (await program("POST", "/policies", fresh)).headers["Location"] == "/api/v1/policies/herald"
    assert (await program("POST", "/policies", fresh)).status == 409
    assert (await program("POST", "/policies", {**fresh, "id": "../evil"})).status == 400


async def test_entries_are_searched_supposed_and_proved(programs: Programs) -> None:
    program = await programs.of(Role.REVIEWER)
    entry = (await all_of(program, "/outputs/community/entries"))[0]
    word = max(entry["title"].split(), key=len)
    found = (await program("GET", f"/entries?q={word}&limit=1")).body
    assert word.lower() in found["items"][0]["title"].lower() or found["items"]
    for ask in ("%22", "a OR b", "NEAR(", "-x", "* *", "title:x", "') --"):
        assert (await program("GET", f"/entries?q={ask}")).status in (200, 409), ask
    use = {"audience": "commercial", "medium": "print", "ads": "item", "sold": True}
    supposed = (await program("POST", f"/entries/{entry['entry']}/suppositions", use)).body
    assert supposed["decision"]["outcome"] in ("ask", "deny", "allow")
    assert supposed["lines"]
    preview = await program("GET", f"/review/community/{entry['entry']}/preview")
    assert entry["title"][:10] in preview.body["documents"]["html"]
    for form, kind in (("html", "text/html"), ("atom", "application/atom+xml"), ("json", "application/feed+json")):
        whole = await program("GET", f"/outputs/community/documents/{form}", Accept="*/*")
        assert (whole.status, whole.headers["Content-Type"].partition(";")[0]) == (200, kind)
        assert entry["title"][:10] in str(whole.body)
    assert (await program("GET", "/outputs/community/documents/pdf", Accept="*/*")).status == 404
    proof = await program("GET", f"/ledger/export?entry={entry['entry']}", Accept="application/jsonl")
    assert (proof.status, proof.headers["Content-Type"]) == (200, "application/jsonl")
    assert (await program("GET", "/ledger/export?entry=nothing", Accept="*/*")).status == 409


async def test_terms_are_looked_at_and_applications_decided(programs: Programs) -> None:
    program = await programs.of(Role.OPERATOR)
    rows = await all_of(program, "/terms")
    assert {row["policy"] for row in rows} == {row["id"] for row in await all_of(program, "/policies")}
    one = (await program("GET", f"/terms/{rows[0]['policy']}")).body
    assert set(one["seen"]) == {text["part"] for text in one["texts"]}
    assert (await program("POST", f"/terms/{rows[0]['policy']}/check")).status == 202
    assert (await program("POST", "/terms/nobody/check")).status == 404
    assert await all_of(program, "/applications") == []
    assert (await program("POST", "/applications/a-1/admission")).status == 404


async def test_a_permission_that_covers_nothing_says_so(programs: Programs) -> None:
    program = await programs.of(Role.OPERATOR)
    asked = {"source": "talbote", "author": "Nobody", "evidence": "Letter of 20 November"}
    added = await program("POST", "/grants", asked)
    assert added.status == 201, added
    told = added.body["idle"]
    assert told.startswith("no entry of the newest ")
    assert told.endswith(" has the author 'Nobody'")
    assert (await program("GET", f"/grants/{added.body['id']}")).body["idle"] == told
    used = await program("POST", "/grants", {**asked, "author": None})
    assert used.body["idle"] == ""
    listed = {one["id"]: one["idle"] for one in await all_of(program, "/grants")}
    assert listed == {added.body["id"]: told, used.body["id"]: ""}
    assert (await program("DELETE", f"/grants/{added.body['id']}")).body["idle"] == ""
