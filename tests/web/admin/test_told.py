"""That a publisher was told, where it wants word: recorded on the entry's page and by program."""

from __future__ import annotations

from aggregator.model.account import Role
from tests.web.admin.conftest import Office, titles
from tests.web.admin.test_pages import key_of, last_record, read, words
from tests.web.api.conftest import Program

FERRY = "A Night on the Last Car Ferry"


async def test_a_publisher_that_was_told_lets_the_entry_out(office: Office) -> None:
    (office.house.keeper.folder / "policies" / "tests" / "harbor-light.yaml").unlink()  # it stands up for the old rules
    path = office.house.keeper.folder / "policies" / "harbor-light.yaml"
    text = path.read_text("utf-8")
    assert "{requested: {notify" in text
    told = "{notify: {when: after, contact: a@b.example}}"
    headlines = "  - allow: headline\n    duties: [credit-source, link-original]\n"
    assert headlines in text
    path.write_text(text.replace("{requested: {notify: {when: after}}}", told).replace(headlines, ""), "utf-8")
    await office.house.refresh()
    assert FERRY not in await titles(office, "community")
    key = await key_of(office, FERRY)
    here = f"/admin/entries/{key}"
    async with office.visitor("viewer") as visitor:
        page = words(await read(visitor, here))
        assert "Record that its publisher was told" not in page
        assert (await visitor.post(here, {"act": "told", "output": "community"}))[0] == 403
    async with office.visitor("reviewer") as visitor:
        page = await read(visitor, here)
        assert "tell it and record that" in words(page)
        assert "aggregator entries" not in page, "nobody is told to type a command"
        for wrong in ({"output": "nix"}, {"output": "community", "note": "x" * 2_001}):
            status, page = await visitor.post(here, {"act": "told", "note": "by telephone", **wrong})
            assert status == 422
            assert 'role="alert"' in page.partition('id="told"')[2].partition("</section>")[0], "beside the form"
            assert wrong.get("note", "by telephone") in page, "what was typed stays"
        sent = {"act": "told", "output": "community", "note": "by telephone <today>"}
        assert await visitor.post(here, sent) == (303, f"{here}?done=saved")
        page = await read(visitor, here)
        assert '<q dir="auto">by telephone &lt;today&gt;</q>' in page
        assert "in 0 seconds" not in page, "what was done at this moment is not ahead"
        assert '"by":"reviewer"' in await last_record(office, f"community/{key}")
        assert FERRY in await titles(office, "community")

        # The same by program: once, whatever is sent again.
        accounts = office.desk.accounts
        _, weak = await accounts.add_token("weak", "viewer", Role.VIEWER, lasts=None, by="test")
        _, strong = await accounts.add_token("strong", "reviewer", Role.REVIEWER, lasts=None, by="test")
        asked = {"output": "headlines", "note": "by mail"}
        place = f"/entries/{key}/notifications"
        assert (await Program(office.base, visitor.client, weak)("POST", place, asked)).status == 403
        program = Program(office.base, visitor.client, strong)
        made = await program("POST", place, asked, Idempotency_Key="1")
        assert (made.status, made.body["output"], made.body["by"]) == (201, "headlines", "reviewer")
        again = await program("POST", place, asked, Idempotency_Key="1")
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (await program("POST", place, asked | {"output": "nix"})).status == 409
        assert (await program("POST", place, asked | {"note": "x" * 2_001})).status == 400
        assert (await program("POST", "/entries/nix/notifications", asked)).status == 404
        kept = (await program("GET", f"/entries/{key}")).body["notified"]
        assert [(one["output"], one["note"]) for one in kept] == [
            ("community", "by telephone <today>"),
            ("headlines", "by mail"),
        ]
