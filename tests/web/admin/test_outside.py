"""The public forms: a request, from the form to the withdrawal; a site, from its declaration to its feeds."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from aggregator.model.subscriber import Fetch
from aggregator.service.withdraw import Scope
from aggregator.service.withdrawals import withdraw_and_tell
from aggregator.store import cases, outside
from aggregator.store import subscribers as on_record
from aggregator.store.cases import Filter
from tests.relay import Relay, delivered, relay
from tests.web.admin.conftest import Office, open_office

__all__ = ["relay"]

REQUEST = {
    "kind": "takedown",
    "name": "J. Doe",
    "publisher": "Harbor Light",
    "contact": "j.doe@harborlight.example",
    "words": "This was never for republication. <script>alert(1)</script>",
}
SITE = {
    "name": "Green Valley Neighbours",
    "url": "https://green-valley.example/",
    "contact": "desk@green-valley.example",
    "audience": "community",
    "medium": "web",
    "ads": "none",
    "outputs": "community",
}


async def test_a_request_opens_a_flag_and_its_withdrawal_closes_it(office: Office) -> None:
    store = office.house.store
    standing = await store.open_releases("community")
    stored = {one.entry.source: one for one in (await store.entries_by_key(sorted(standing))).values() if one.entry.url}
    entry, other = stored["harbor-light"], stored["commons-garden"]
    pasted = (entry.entry.url or "").rstrip("/") + "/?utm_source=x#top"
    async with office.visitor() as outside_:
        assert (await outside_.post("/contact", REQUEST, csrf="none"))[0] == 403
        status, page = await outside_.get("/contact")
        assert status == 200
        assert (await outside_.post("/contact", {**REQUEST, "words": "a\0b"}))[0] == 400, "no text has it"
        status, page = await outside_.post("/contact", {**REQUEST, "contact": "nobody", "words": ""})
        assert status == 422
        assert "This is not a mail address" in page
        assert "Please say what it is about." in page
        status, page = await outside_.post("/contact", {**REQUEST, "urls": f"see {pasted}, please", "website": "spam"})
        assert status == 200
        assert [flag for flag in await store.flags(open_only=True) if flag.kind == "takedown"] == []
        bare = (other.entry.url or "").partition("://")[2]
        status, page = await outside_.post("/contact", {**REQUEST, "urls": f"see {pasted}, please, and {bare}."})
        assert status == 200
        assert "2 articles that it names" in page
        assert "alert" not in page
        assert "j.doe" not in page, "nothing that was typed comes back"
        more = [{**REQUEST, "name": f"J. Doe {number}"} for number in range(5)]
        statuses = [(await outside_.post("/contact", one))[0] for one in more]
        assert statuses == [200, 200, 200, 200, 429]
    raised = {one.entry: one for one in await store.flags(open_only=True) if one.kind == "takedown" and one.entry}
    assert set(raised) == {entry.key, other.key}
    flag = raised[entry.key]
    assert flag.publisher == "Harbor Light"
    assert "never for republication" in (await store.read(cases.read_comments, flag.id))[0].text
    async with office.visitor("reviewer") as reviewer:
        status, page = await reviewer.get(f"/admin/flags/{flag.id}")
        assert "<script>alert" not in page
        form = {"scope": "entry", "name": entry.key, "reason": "asked by J. Doe"}
        status, page = await reviewer.get(f"/admin/withdraw?scope=entry&name={entry.key}&reason=asked")
        assert status == 200
        assert "Withdraw 1 entry" in re.sub(r"\s+", " ", page) or "entries" in page
        assert "Riverside world and local news (1)" in re.sub(r"<[^>]+>", "", page)
        status, page = await reviewer.post("/admin/withdraw", form)
        assert entry.key not in await store.withdrawals(), "nothing happens before it is confirmed"
        status, page = await reviewer.post("/admin/withdraw", {**form, "reason": "", "sure": "1"})
        assert status == 422
        status, page = await reviewer.post("/admin/withdraw", {**form, "sure": "1"})
        assert status == 200
        assert "is withdrawn" in page
        await office.house.build_stale()
        assert entry.key not in await store.open_releases("community")
        assert [one for one in await store.flags(open_only=True) if one.id == flag.id] == []
        status, page = await reviewer.get("/admin/withdrawals")
        assert "asked by J. Doe" in page
        act = re.search(r"/admin/withdrawals/([0-9a-f]{16})/undo", page)
        assert act is not None
        assert await reviewer.post(act[0], {"reason": "a mistake"}) == (303, "/admin/withdrawals?done=restored")
        assert (await reviewer.post(act[0]))[0] == 422
        await office.house.build_stale()
        assert entry.key in await store.open_releases("community")
    assert await store.verify_ledger() == []


async def test_a_site_declares_itself_and_sees_its_addresses_once(office: Office) -> None:
    async with office.visitor() as site, office.visitor("operator") as operator:
        status, page = await site.get("/subscribe?output=community")
        assert status == 200
        status, page = await site.post("/subscribe", {**SITE, "audience": "commercial"})
        assert status == 422
        assert "it is for community use" in page
        status, page = await site.post("/subscribe", {**SITE, "url": "javascript:alert(1)", "outputs": "none"})
        assert "This is not the address of a site" in page
        assert "Please choose at least one feed." in page
        status, page = await site.post("/subscribe", SITE)
        assert status == 200
        assert "Harbor Light" in page
        assert "Take a copy down when its feed says so" in page
        digest = re.search(r'name="conditions" value="([0-9a-f]{64})"', page)
        assert digest is not None
        accepted = {**SITE, "step": "2", "conditions": digest[1]}
        assert (await site.post("/subscribe", accepted))[0] == 422
        assert (await site.post("/subscribe", {**accepted, "conditions": "x", "accepted": "1"}))[0] == 422
        (status, page), again = await asyncio.gather(
            *(site.post("/subscribe", {**accepted, "accepted": "1"}) for _ in range(2))
        )
        assert (status, page) == again, "pressed twice, it applies once"
        assert status == 200
        [one] = await office.house.store.read(outside.read_applications)
        assert (one.state, one.outputs, len(one.accepted) > 4) == ("asked", ("community",), True)

        tile = '<a href="/admin/applications"><span class="number">1</span> site applies</a>'
        assert tile in (await operator.get("/admin/"))[1]
        status, page = await operator.get("/admin/applications")
        assert "Green Valley Neighbours" in page
        status, page = await operator.post(f"/admin/applications/{one.id}", {"act": "admit"})
        assert status == 200
        link = re.search(r"/subscribe/collect/[\w-]+", page)
        assert link is not None
        await operator.get("/admin/applications")
        assert (await operator.post(f"/admin/applications/{one.id}", {"act": "admit"}))[0] == 422
        assert tile not in (await operator.get("/admin/"))[1]

        status, page = await site.get(link[0])
        assert (status, "/s/" in page) == (200, False)
        status, page = await site.post(link[0])
        assert status == 200
        addresses = re.findall(r"/s/[\w-]+/community\.\w+", page)
        assert addresses
        assert (await site.get(link[0]))[0] == 404
        assert (await site.post(link[0]))[0] == 404
    [subscriber] = (await office.house.store.read(on_record.read)).values()
    assert (subscriber.name, subscriber.outputs) == ("Green Valley Neighbours", ("community",))
    assert await office.house.store.verify_ledger() == []


async def test_a_site_is_admitted_by_the_link_in_a_mail(sample: Path, tmp_path: Path, relay: Relay) -> None:
    """It declares itself, accepts, gets a mail in its page's language, follows its link, sees its addresses once."""
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    relay.configure(tmp_path / "config", "language: fr")
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    settings = tmp_path / "config/aggregator.yaml"
    settings.write_text(settings.read_text() + "\nsubscribe: mail\n")
    async with open_office(tmp_path, passwords=False) as office, office.visitor() as site:
        await site.get("/subscribe?output=community")
        status, page = await site.post("/subscribe", SITE, **german)
        assert "Artikel von Harbor Light: den Autor nennen;" in page
        assert "Articles of" not in page
        digest = re.search(r'name="conditions" value="([0-9a-f]{64})"', page)
        assert digest is not None
        sent = {**SITE, "step": "2", "conditions": digest[1], "accepted": "1"}
        status, page = await site.post("/subscribe", sent, **german)
        assert (status, "/subscribe/confirm/" in page) == (200, False), "the link stands in the mail alone"
        assert relay.taken == []
        await delivered(office.house)
        [text] = relay.texts()
        assert relay.subjects() == ["Bitte bestätigen: Feeds von Riverside Community News"]
        link = re.search(r"/subscribe/confirm/[\w-]+", text)
        assert link is not None

        status, page = await site.get(link[0])
        assert (status, "/s/" in page) == (200, False), "mail programs that look at links admit nobody"
        status, to = await site.post(link[0])
        assert (status, to[:19]) == (303, "/subscribe/collect/")
        await site.get(link[0])
        assert (await site.post(link[0]))[0] == 404
        await site.get(to)
        status, page = await site.post(to)
        assert len(re.findall(r"/s/[\w-]+/community\.atom", page)) == 1
        assert (await site.post(to))[1] == page, "pressed twice, they are not lost"
        await site.get(to)
        assert (await site.post(to))[0] == 404
        [one] = await office.house.store.read(outside.read_applications)
        assert (one.state, one.decided_by) == ("collected", "mail link")

        # What it took and must take down is told in the same language.
        house, now = office.house, office.house.clock()
        took = Fetch(
            subscriber=one.subscriber or "",
            output="community",
            modified_at=now,
            first_at=now,
            last_at=now,
            count=1,
            formats=("atom",),
        )
        await house.store.write(on_record.note, [took])
        key = sorted(await house.store.open_releases("community"))[0]
        scope = Scope(entry=key)
        await withdraw_and_tell(scope, "asked", "", "ada", house.world, house.store, office.desk.letters, now)
        await delivered(house)
        assert relay.subjects()[-1].startswith("Bitte nehmen Sie")
        assert await office.house.store.verify_ledger() == []


@pytest.mark.parametrize("path", ["/contact", "/subscribe"])
async def test_a_form_that_is_switched_off_is_not_there(path: str, office: Office, tmp_path: Path) -> None:
    settings = tmp_path / "config/aggregator.yaml"
    settings.write_text(settings.read_text() + "\nsubscribe: off\ncontact: false\n".replace("off", "'off'"))
    await office.house.refresh()
    async with office.visitor() as visitor:
        assert (await visitor.get(path))[0] == 404
        assert (await visitor.post(path, SITE))[0] == 404
        assert path not in (await visitor.get("/"))[1]


async def test_the_lists_of_flags_know_the_new_kind(office: Office) -> None:
    page = await office.house.store.read(cases.read_page, Filter(kind="takedown"), 1, office.house.clock().date())
    assert page.total == 0
