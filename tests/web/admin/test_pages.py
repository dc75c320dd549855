"""What the pages of the desk show and do: over HTTP, as a browser without script sees them."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text, update

from aggregator.model.output import Format
from aggregator.service.desk import assign
from aggregator.service.explain import explain_entry
from aggregator.store.tables import flags as flags_table
from tests.web.admin.conftest import Office, Visitor, titles

LIGHTS = "Lights on the Quay: Crowds Return to the Old Harbour After the Ceasefire"
BREAKWATER = "The Breakwater Contract Nobody Signed"


NO_FERRY = "- {deny: [full, excerpt, headline], when: {url: '*ferry*'}}  # Harbor Light asked for it by telephone"


def words(page: str) -> str:
    """A page as it is read: without tags, one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows(page: str) -> list[str]:
    """The heads of a table's rows."""
    return [words(head) for head in re.findall(r'<th scope="row">(.*?)</th>', page, re.S)]


async def read(visitor: Visitor, path: str, status: int = 200) -> str:
    found, page = await visitor.get(path)
    assert found == status, (path, found, page[:500])
    return page


async def key_of(office: Office, title: str) -> str:
    found = await office.house.store.list_entries(limit=100)
    return next(one.key for one in found if one.entry.title == title)


async def last_record(office: Office, subject: str) -> str:
    records = await office.house.store.ledger(limit=10_000)
    return next(record.body for record in reversed(records) if record.subject == subject)


async def test_the_first_page_says_what_needs_a_person(office: Office) -> None:
    async with office.visitor("viewer") as visitor:
        page = words(await read(visitor, "/admin/"))
        flags = await office.house.store.flags()
        for kind in {flag.kind for flag in flags}:
            told = {"no-policy": "no policy", "third-party": "third party"}.get(kind, kind)
            assert f"{sum(flag.kind == kind for flag in flags)} {told}" in page
        assert "Riverside printed newsletter community, print 0 16 12" in page
        assert "7 ok" in page
        assert "5 paused" in page
        assert "No service runs on this database" not in page  # none ever did
        assert "assigned to you" not in page
        for flag, days in ((flags[0], 8), (flags[1], 0)):
            await office.house.store.write(opened, flag.id, office.house.clock() - timedelta(days=days))
        await assign([flags[0].id], "viewer", date(2020, 1, 1), "admin", office.house.store, office.house.clock())
        await assign([flags[1].id], "viewer", None, "admin", office.house.store, office.house.clock())
        tiles = re.findall(r"<li><a [^>]*>.*?</a></li>", await read(visitor, "/admin/"))
        shown = {words(tile): re.findall(r'href="([^"]+)"', tile)[0] for tile in tiles}
        assert shown["2 assigned to you"] == "/admin/flags?assignee=viewer"
        assert shown["1 overdue"] == "/admin/flags?overdue=1"
        [old] = [tile for tile in shown if "1 older than a week" in tile]
        assert flags[0].kind.replace("-", " ") in old
        for text, address in shown.items():  # each leads to as many as it says
            if address.startswith("/admin/flags?"):
                number = text.split()[0]
                assert re.search(rf">\s*{number} flags?\b", await read(visitor, address.replace("&amp;", "&"))), text
        (office.house.keeper.folder / "outputs.yaml").write_text("- id: [", "utf-8")
        await office.house.refresh()
        assert "config/outputs.yaml:1" in words(await read(visitor, "/admin/"))


async def test_flags_are_sorted_over_all_their_pages(office: Office) -> None:
    async with office.visitor("viewer") as visitor:
        up = rows(await read(visitor, "/admin/flags?sort=title"))
        assert len(up) > 9
        assert up == sorted(up, key=str.lower)
        down = rows(await read(visitor, "/admin/flags?sort=-title"))
        assert down[0] == up[-1]
        assert down != up
        page = await read(visitor, "/admin/flags?kind=permission&sort=-publisher")
        assert 'aria-sort="descending"' in page
        assert "kind=permission&amp;sort=publisher" in page, "what was chosen stays"
        await read(visitor, "/admin/flags?sort=nix&page=x")


async def test_what_was_done_to_many_flags_is_said(office: Office) -> None:
    async with office.visitor("reviewer") as visitor:
        page = await read(visitor, "/admin/flags?kind=permission")
        flag = re.findall(r'name="flag" value="(\w+)"', page)[0]
        status, to = await visitor.post("/admin/flags?kind=permission", {"act": "assign", "flag": flag})
        assert (status, to) == (303, "/admin/flags?kind=permission&done=saved")
        assert "Saved." in await read(visitor, to)


async def test_what_was_typed_about_flags_stays_where_it_is_refused(office: Office) -> None:
    async with office.visitor("reviewer") as visitor:
        await read(visitor, "/admin/flags")
        flag = (await office.house.store.flags())[0].id
        sent = {"flag": flag, "act": "assign", "assignee": "viewer", "due_on": "soon", "comment": "about <this>"}
        for place in ("/admin/flags", f"/admin/flags/{flag}"):
            status, page = await visitor.post(place, sent)
            assert status == 422
            assert "is no day" in page
            assert 'value="soon"' in page
            assert "about &lt;this&gt;" in page
            assert "<option selected>viewer</option>" in page
        status, page = await visitor.post("/admin/flags", sent)
        assert f'value="{flag}" checked' in page


async def test_sources_are_sorted_filtered_asked_for_and_paused(office: Office) -> None:
    house, place = office.house, office.house.keeper.folder / "sources.yaml"
    async with office.visitor("operator") as visitor:
        up = rows(await read(visitor, "/admin/sources?sort=name"))
        assert up == sorted(up, key=str.casefold)
        assert rows(await read(visitor, "/admin/sources?sort=-name")) == up[::-1]
        assert len(rows(await read(visitor, "/admin/sources?health=disabled"))) == 5
        assert [one.split()[0] for one in rows(await read(visitor, "/admin/sources?text=harbor-light"))] == ["Harbor"]
        assert "No source is like this." in await read(visitor, "/admin/sources?text=%3Cscript%3E&page=99&sort=nix")

        page = await read(visitor, "/admin/sources/harbor-light")
        assert "<svg" in page
        assert "Last polls" in page
        assert "Ask: republish@harborlight.example" in words(page)
        now = house.clock()
        assert (await visitor.post("/admin/sources/harbor-light", {"act": "poll"}))[0] == 303
        due = (await house.store.poll_states(["harbor-light"]))["harbor-light"].next_poll_at
        assert due is not None
        assert now <= due <= house.clock()
        assert "operator asked for it" in await read(visitor, "/admin/sources/harbor-light")

        before = place.read_text("utf-8")
        assert "harbor-light" in house.world.active
        assert (await visitor.post("/admin/sources/harbor-light", {"act": "pause"}))[0] == 303
        assert "harbor-light" not in house.world.active
        after = place.read_text("utf-8")
        comments = [line for line in before.splitlines() if line.lstrip().startswith("#")]
        assert [line for line in after.splitlines() if line.lstrip().startswith("#")] == comments
        assert '"by":"operator"' in await last_record(office, "source:harbor-light")
        assert (await visitor.post("/admin/sources/harbor-light", {"act": "poll"}))[0] == 422
        assert (await visitor.post("/admin/sources/harbor-light", {"act": "resume"}))[0] == 303
        assert "harbor-light" in house.world.active
        assert (await visitor.post("/admin/sources/nix", {"act": "pause"}))[0] == 404
    async with office.visitor("reviewer") as visitor:
        await read(visitor, "/admin/sources/harbor-light")
        assert (await visitor.post("/admin/sources/harbor-light", {"act": "pause"}))[0] == 403


async def test_a_policy_is_checked_planned_saved_and_never_written_over_somebody_elses(office: Office) -> None:
    path = office.house.keeper.folder / "policies" / "harbor-light.yaml"
    before = path.read_text("utf-8")
    async with office.visitor("operator") as visitor:
        page = await read(visitor, "/admin/policies/harbor-light")
        assert "Ask: republish@harborlight.example" in words(page)
        for format_, told in (("odrl", '"@context"'), ("rsl", "<rsl")):
            assert f"/admin/policies/harbor-light/export/{format_}" in page
            assert told in await read(visitor, f"/admin/policies/harbor-light/export/{format_}")
        await read(visitor, "/admin/policies/harbor-light/export/xml", 404)
        form = await read(visitor, "/admin/policies/harbor-light/edit")
        shown = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", form, re.S)[1])
        assert shown == before
        begun = re.search(r'name="begun" value="([0-9a-f]+)"', form)[1]

        async def act(what: str, body: str, began: str = begun) -> tuple[int, str]:
            sent = {"act": what, "text": body.replace("\n", "\r\n"), "begun": began}
            return await visitor.post("/admin/policies/harbor-light/edit", sent)

        wrong = before.replace("allow:", "alow:", 1)
        number = next(number for number, line in enumerate(wrong.splitlines(), 1) if "alow" in line)
        for what in ("check", "plan", "save"):
            status, page = await act(what, wrong)
            assert status == 422
            assert f'<li value="{number}" class="wrong-line"' in page
            assert "did you mean" in words(page)
            assert wrong.splitlines()[0] in html.unescape(page)  # what was typed is still there
        # Its own tests stand up for what it grants.
        status, page = await act("save", before.replace("allow:", "deny:"))
        assert (status, "policy test" in page) == (422, True)
        barred = before.replace("images:", f"  {NO_FERRY}\nimages:")
        status, page = await act("plan", barred)
        assert status == 200, words(page)[:800]
        assert "Something would be withdrawn." in page
        assert "A Night on the Last Car Ferry" in page
        assert "+" in page
        assert path.read_text("utf-8") == before

        path.write_text(f"{before}# somebody else was here\n", "utf-8")
        status, page = await act("save", barred)
        assert status == 422
        assert "was changed by somebody else while you edited it" in page
        assert path.read_text("utf-8").endswith("here\n")
        path.write_text(before, "utf-8")
        assert await act("save", barred) == (303, "/admin/policies/harbor-light?done=policy")
        assert path.read_text("utf-8") == barred
        assert '"by":"operator"' in await last_record(office, "policy:harbor-light")
        assert (
            "operator" in words(await read(visitor, "/admin/policies/harbor-light")).partition("Edits at this page")[2]
        )
        await office.house.build_stale()
        found = await office.house.public.current("community", Format.ATOM)
        assert found is not None
        assert b"Last Car Ferry" not in found[0].body.partition(b"<entry")[2]

        # A new one: read from the words of its terms, and from nothing.
        terms = (
            "You may republish our articles on non-commercial sites if you credit The Herald and link to the original."
        )
        asked = {"act": "propose", "id": "herald", "name": "The Herald", "terms": terms}
        status, page = await visitor.post("/admin/policies/new", asked)
        assert status == 200
        proposal = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.S)[1])
        assert "id: herald" in proposal
        assert "credit-source" in proposal
        assert (await visitor.post("/admin/policies/new", {**asked, "id": "harbor-light"}))[0] == 422
        assert (await visitor.post("/admin/policies/new", {**asked, "id": "../x"}))[0] == 422
        status, page = await visitor.post("/admin/policies/new", {"act": "propose", "id": "stub", "name": 'A "B": c'})
        stub = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.S)[1])
        saved = {"act": "save", "id": "stub", "text": stub}
        status, told = await visitor.post("/admin/policies/new", saved)
        assert (status, told) == (303, "/admin/policies/stub?done=policy"), words(told)
        assert office.house.world.policies.by_id("stub").publisher.name == 'A "B": c'


async def test_an_output_says_why_of_each_entry_and_shows_its_very_bytes(office: Office) -> None:
    folder = office.house.keeper.folder
    async with office.visitor("operator") as visitor:
        page = words(await read(visitor, "/admin/outputs/community"))
        assert f"{BREAKWATER} Delta Research Centre" in page
        assert "here because the full text is allowed by Delta Research Centre (" in page
        held = words(await read(visitor, "/admin/outputs/commercial?show=held"))
        assert "not here because Delta Research Centre must be asked" in held
        assert "What to do: Write to the contact" in held
        only = words(await read(visitor, "/admin/outputs/commercial?show=held&reason=third-party"))
        assert LIGHTS in only
        assert BREAKWATER not in only
        for format_ in ("rss", "atom", "json", "html"):
            async with visitor.client.get(f"{office.base}/admin/outputs/community/preview/{format_}") as answer:
                policy, body = answer.headers["Content-Security-Policy"], await answer.read()
            found = await office.house.public.current("community", Format(format_))
            assert found is not None
            assert body == found[0].body
            assert policy.startswith("sandbox; default-src 'none';")
            assert "script-src" not in policy
            assert "frame-ancestors 'self'" in policy
        assert await visitor.post("/admin/outputs/community/build") == (303, "/admin/outputs/community?done=built")
        assert "Built just now" in await read(visitor, "/admin/outputs/community?done=built")
        source = await read(visitor, "/admin/outputs/community?show=preview&format=atom")
        assert "&lt;feed xmlns=" in source
        await read(visitor, "/admin/outputs/community/preview/nix", 404)
        await read(visitor, "/admin/outputs/nix", 404)

        # Of an output that is not public no address is told, and no subscriber's.
        outputs = (folder / "outputs.yaml").read_text("utf-8")
        (folder / "outputs.yaml").write_text(
            outputs.replace("- id: classroom", "- access: registered\n  id: classroom")
        )
        await office.house.refresh()
        assert "classroom" in office.house.world.outputs
        page = await read(visitor, "/admin/outputs/classroom?show=preview")
        assert "/feeds/classroom" not in page.partition("<main")[2].partition("<pre")[0]
        assert "which are secrets and not shown" in page


async def test_a_reviewer_picks_rejects_and_undoes(office: Office) -> None:
    folder, house = office.house.keeper.folder, office.house
    outputs = (folder / "outputs.yaml").read_text("utf-8")
    (folder / "outputs.yaml").write_text(outputs.replace("selection: automatic", "selection: reviewed"), "utf-8")
    await house.refresh()
    assert house.world.outputs["community"].use.selection == "reviewed"
    await house.build_stale()
    assert (await house.store.output_states())["community"].picks > 5
    async with office.visitor("viewer") as visitor:
        await read(visitor, "/admin/review/community")
        assert (await visitor.post("/admin/review/community", {"approve": "x"}))[0] == 403
    async with office.visitor("reviewer") as visitor:
        picks = (await house.store.output_states())["community"].picks
        tile = f'<a href="/admin/review/community"><span class="number">{picks}</span> to review for '
        assert tile in await read(visitor, "/admin/")
        page = await read(visitor, "/admin/review/community")
        keys = re.findall(r'name="approve" value="([0-9a-f]+)"', page)
        assert len(keys) > 5
        preview = await read(visitor, f"/admin/review/community/preview/{keys[0]}")
        (first,) = (await house.store.entries_by_key([keys[0]])).values()
        assert html.escape(first.entry.title, quote=False) in preview
        assert house.world.name_of(first.entry.source) in preview  # its credit
        held = await key_of(office, LIGHTS)
        assert "may not stand" in await read(visitor, f"/admin/review/community/preview/{held}")

        assert (await visitor.post("/admin/review/community", {"approve": keys[0]}))[1].endswith("?done=approve")
        sent = {"act": "reject", "entry": keys[1], "reason": "old news"}
        assert (await visitor.post("/admin/review/community?state=waiting", sent))[0] == 303
        await house.build_stale()
        assert list(await house.store.open_releases("community")) == [keys[0]]
        assert keys[0] not in await read(visitor, "/admin/review/community")
        assert "old news" in words(await read(visitor, "/admin/review/community?state=rejected"))
        assert "approved by reviewer" in words(await read(visitor, "/admin/review/community?state=approved"))
        assert (await visitor.post("/admin/review/community", {"undo": keys[0]}))[0] == 303
        await house.build_stale()
        assert await house.store.open_releases("community") == {}
        assert (await visitor.post("/admin/review/community", {"act": "approve"}))[0] == 422
        assert (await visitor.post("/admin/review/community", {"approve": "nix"}))[0] == 422
        # A pick lifts nothing that must be asked for.
        assert (await visitor.post("/admin/review/community", {"approve": held}))[0] == 303
        await house.build_stale()
        assert await house.store.open_releases("community") == {}
        await read(visitor, "/admin/review/nix", 404)


async def test_a_site_is_admitted_once_shown_and_revoked(office: Office) -> None:
    async with office.visitor("operator") as visitor:
        sent = {"name": "A <b>site</b>", "audience": "community", "medium": "web", "until": "2030-01-31"}
        status, page = await visitor.post("/admin/subscribers/new", sent)
        assert status == 200
        addresses = re.findall(r"http://127\.0\.0\.1:8080(/s/[\w-]+/community\.rss)", page)
        assert len(addresses) == 1
        assert "A &lt;b&gt;site" in page
        assert (
            "Not for it: output 'commercial'" in words(page) or "commercial" not in words(page).partition("Formats")[0]
        )
        async with visitor.client.get(office.base + addresses[0]) as answer:
            assert answer.status in (200, 404)  # served by the service proper, which is not part of this office
        assert (await visitor.post("/admin/subscribers/new", {**sent, "name": "Zebra", "until": ""}))[0] == 200
        for order, first in (("name", "A &lt;b"), ("-name", "Zebra"), ("ends", "A &lt;b"), ("-ends", "Zebra")):
            page = await read(visitor, f"/admin/subscribers?sort={order}")
            assert page.partition("<tbody>")[2].partition('scope="row">')[2].partition(">")[2].startswith(first)
        (listed,) = re.findall(r'href="(/admin/subscribers/s-\w+)">A ', await read(visitor, "/admin/subscribers"))
        page = await read(visitor, listed)
        assert "/s/" not in page
        assert "Revoke" in page
        assert (await visitor.post(listed, {"act": "revoke", "reason": "closed"}))[0] == 303
        assert "revoked" in words(await read(visitor, listed))
        assert (await visitor.post(listed, {"act": "revoke"}))[0] == 422
        status, page = await visitor.post("/admin/subscribers/new", {**sent, "audience": "commercial", "until": "soon"})
        assert status == 422
        assert "soon" in page
        wide = {**sent, "audience": "commercial", "outputs": "community"}
        status, page = await visitor.post("/admin/subscribers/new", wide)
        assert status == 422
        assert "does not allow" in words(page)
    async with office.visitor("viewer") as visitor:
        assert "Admit a site" not in await read(visitor, "/admin/subscribers")


async def test_the_ledger_is_filtered_paged_and_verified(office: Office) -> None:
    key = await key_of(office, BREAKWATER)
    async with office.visitor("viewer") as visitor:
        page = await read(visitor, "/admin/ledger")
        first = int(re.search(r'data-label="No.">(\d+)<', page)[1])
        assert first == len(await office.house.store.ledger())
        older = html.unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
        assert int(re.search(r'data-label="No.">(\d+)<', await read(visitor, older))[1]) == first - 50
        mine = await read(visitor, f"/admin/ledger?subject={key}&kind=release")
        assert set(re.findall(r"<pre[^>]*>release (\S+)", mine)) == {f"community/{key}"}
        assert f'<a href="/admin/entries/{key}" dir="auto">{BREAKWATER}</a>' in mine
        assert "Riverside world and local news" in mine.partition("<tbody>")[2]
        today = office.house.clock().date()
        assert "No record is like this." in await read(visitor, "/admin/ledger?until=2020-01-01")
        assert f'data-label="No.">{first}<' in await read(visitor, f"/admin/ledger?since={today}&until={today}")
        assert "No record is like this." in await read(visitor, "/admin/ledger?since=2999-01-01")
        await read(visitor, "/admin/ledger?since=nonsense&until=9999-12-31&after=-1&kind=nix")
        assert "The ledger is whole" in (await visitor.post("/admin/ledger/verify"))[1]
        page = (await visitor.post("/admin/ledger/verify"))[1]
        noted = re.search(r">(\d+:[0-9a-f]{64})<", page)[1]
        assert "The ledger is whole" in (await visitor.post("/admin/ledger/verify", {"noted": noted}))[1]
        beyond = f"{int(noted.partition(':')[0]) + 1}:{noted.partition(':')[2]}"
        _, page = await visitor.post("/admin/ledger/verify", {"noted": f"{noted}, {beyond}"})
        assert "was noted, and is gone" in words(page)
        assert (await visitor.post("/admin/ledger/verify", {"noted": "1:abc"}))[0] == 422
        change = text("UPDATE ledger SET body = '{}' WHERE number = 3")
        await office.house.store.write(lambda connection: connection.execute(change))
        assert "record 3: was changed" in words((await visitor.post("/admin/ledger/verify"))[1])
    async with office.visitor("reviewer") as visitor:
        page = words((await visitor.post("/admin/ledger/replay"))[1])
        assert re.search(r"(\d+) stored questions were decided again .*: \1 gave the stored answer, 0 another", page)


async def test_the_settings_show_no_secret(office: Office) -> None:
    settings = office.house.world.configuration.settings
    mail = replace(settings.mail, smtp="smtp://user:hunter2@127.0.0.1:1")
    told = replace(settings, mail=mail)
    world = replace(office.house.world, configuration=replace(office.house.world.configuration, settings=told))
    office.house.keeper.world = world
    async with office.visitor("operator") as visitor:
        page = await read(visitor, "/admin/settings")
        assert "smtp://•••@127.0.0.1:1" in page
        assert "hunter2" not in page
        status, page = await visitor.post("/admin/settings/mail", {"to": "desk@example.org"})
        assert status == 422
        assert "did not take the letter" in page
        assert 'aria-describedby="e-to"' in page
        assert "hunter2" not in page
    async with office.visitor("reviewer") as visitor:
        await read(visitor, "/admin/settings", 403)


def opened(connection: Connection, flag: str, at: datetime) -> None:
    connection.execute(update(flags_table).where(flags_table.c.id == flag).values(opened_at=at))


async def test_a_period_the_wrong_way_round_is_told_beside_the_form(office: Office) -> None:
    """The ledger's export: nothing is sent, the form stays open with what was given."""
    async with office.visitor("reviewer") as visitor:
        page = await read(visitor, "/admin/ledger/export?since=2026-12-02&until=2026-12-01&format=jsonl", 422)
        assert '<details class="card" open>' in page
        assert re.search(r'role="alert">The period ends before it begins; swap the days\.</p>', page)
        assert 'value="2026-12-02"' in page
        assert "aggregator ledger" not in page
        page = await read(visitor, "/admin/ledger/export?entry=nix", 422)
        assert "No entry is called &#39;nix&#39;." in page
        await visitor.post("/admin/account/settings", {"language": "de", "email": ""})
        page = await read(visitor, "/admin/ledger/export?since=2026-12-02&until=2026-12-01", 422)
        assert "Der Zeitraum endet vor seinem Beginn; tauschen Sie die Tage." in page


async def test_entries_are_searched_and_asked_what_if(office: Office) -> None:
    house = office.house
    async with office.visitor("viewer") as visitor:
        page = await read(visitor, "/admin/entries?q=old+harbo*")
        assert rows(page)[0].startswith("Lights on the Quay: Crowds Return to the Old Harbour"), rows(page)
        assert "<mark>Old</mark> <mark>Harbour</mark>" in page
        assert "Nothing has all these words." in await read(visitor, "/admin/entries?q=%22harbour+old%22")
        assert "&lt;script&gt;" in await read(visitor, "/admin/entries?q=%3Cscript%3Ealert(1)%3C/script%3E")
        assert "search for a word" in (await read(visitor, "/admin/entries?q=-x", 422)).lower()
        both = await read(visitor, "/admin/entries?q=the&source=harbor-light&sort=newest")
        assert {"Harbor Light"} == set(re.findall(r'data-label="Source">([^<]+)<', both))

        key = await key_of(office, BREAKWATER)
        for one in await explain_entry(key, (), house.world, house.store, house.clock()):
            page = words(await read(visitor, f"/admin/entries/{key}?all=1"))
            told = " ".join(line for line in one.lines if not line.startswith("What to do:"))
            shown = re.sub(r"What to do: .*?\. (?=Ask|Settle|Also|Came)", "", page)
            assert not one.selected or " ".join(told.split()) in shown
        async with visitor.client.get(f"{office.base}/admin/entries/{key}/text") as answer:
            assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
            stored = (await house.store.contents([key]))[key].body or ""
            assert stored[:200] in await answer.text()
        await read(visitor, "/admin/entries/none/text", 404)
        asked = f"/admin/entries/{key}?audience=commercial&medium=web&form=full"
        assert "ask Delta Research Centre must be asked" in words(await read(visitor, asked))
        asked = f"/admin/entries/{key}?audience=community&medium=web&form=full&on=2026-12-24&territory=de,at"
        assert "allow the full text is allowed by Harbor Light (" in words(await read(visitor, asked))
        for wrong in ("audience=nix", "audience=news&on=soon", "audience=news&territory=Bavaria"):
            assert 'role="alert"' in await read(visitor, f"/admin/entries/{key}?{wrong}")


async def test_an_administrator_ends_somebodys_sessions(office: Office) -> None:
    async with office.visitor("viewer") as viewer, office.visitor("admin") as admin:
        assert "the sessions of viewer" in await read(admin, "/admin/users")
        await read(viewer, "/admin/")
        assert (await admin.post("/admin/users/viewer", {"act": "sessions"}))[0] == 303
        assert "the sessions of viewer" not in await read(admin, "/admin/users")
        assert await viewer.get("/admin/") == (303, "/admin/login")


async def test_a_source_leaves_after_a_look_at_what_goes_with_it(office: Office) -> None:
    """First what it reaches, then the step; the file keeps its comments, and the ledger says who."""
    async with office.visitor("reviewer") as visitor:
        assert "/admin/sources/harbor-light/remove" not in await read(visitor, "/admin/sources/harbor-light")
        await read(visitor, "/admin/sources/harbor-light/remove", 403)
    file = office.house.keeper.folder / "sources.yaml"
    before = file.read_text("utf-8")
    async with office.visitor("operator") as visitor:
        page = words(await read(visitor, "/admin/sources/harbor-light/remove"))
        assert "3 stored: they stay stored, and no output carries them" in page
        assert re.search(r"Riverside world and local news : \d entr", page), page
        assert "Policy harbor-light stays" in page
        assert file.read_text("utf-8") == before
        assert await visitor.post("/admin/sources/harbor-light/remove") == (303, "/admin/sources?done=source-removed")
        assert "is taken out of the configuration" in await read(visitor, "/admin/sources?done=source-removed")
        await read(visitor, "/admin/sources/harbor-light", 404)
    assert "harbor-light" not in office.house.world.sources
    after = file.read_text("utf-8")
    assert "# The feeds that are read." in after
    assert "samples/harbor-light.xml" not in after
    assert "Last Car Ferry" not in (await titles(office, "community")).partition("<entry")[2]
    assert '"by":"operator"' in await last_record(office, "source:harbor-light")


async def test_a_source_that_an_output_cannot_do_without_stays(office: Office) -> None:
    """An output that selects this source alone would carry everything without it."""
    file = office.house.keeper.folder / "outputs.yaml"
    file.write_text(file.read_text("utf-8").replace("  select: {}", "  select: {sources: [talbote]}"), "utf-8")
    await office.house.refresh()
    async with office.visitor("operator") as visitor:
        assert "its select names the source" in words(await read(visitor, "/admin/sources/talbote/remove"))
        status, page = await visitor.post("/admin/sources/talbote/remove")
        assert status == 422
        assert "would carry every source without it" in words(page)
    assert "talbote" in office.house.world.sources


async def test_a_move_that_is_believed_is_forgotten(office: Office) -> None:
    async with office.visitor("operator") as visitor:
        await read(visitor, "/admin/sources/talbote")
        status, page = await visitor.post("/admin/sources/talbote", {"act": "unmove"})
        assert status == 422
        assert "has not moved" in words(page)
        moved = text("UPDATE polls SET believed_url = 'https://new.example/feed' WHERE source = 'talbote'")
        await office.house.store.write(lambda connection: connection.execute(moved))
        assert "moved for good to https://new.example/feed" in words(await read(visitor, "/admin/sources/talbote"))
        assert (await visitor.post("/admin/sources/talbote", {"act": "unmove"}))[0] == 303
        assert "new.example" not in await read(visitor, "/admin/sources/talbote")


OPML = """<opml version="2.0"><head><title>Mine</title></head><body><outline text="Coast">
<outline type="rss" text="Gulls" xmlUrl="https://gulls.example/feed"/>
<outline type="rss" text="Local" xmlUrl="file:///etc/passwd"/></outline></body></opml>"""


async def test_a_list_is_looked_at_and_then_taken_in(office: Office) -> None:
    async with office.visitor("operator") as visitor:
        await read(visitor, "/admin/sources/import")
        status, page = await visitor.post("/admin/sources/import", {"act": "look", "list": OPML, "tags": "sea"})
        assert status == 200
        assert "1 source would be added" in page
        assert "1 cannot be taken" in page
        assert "gulls" not in office.house.world.sources
        status, page = await visitor.post("/admin/sources/import", {"act": "take", "list": OPML, "tags": "sea"})
        assert "1 source is added" in page
        assert office.house.world.sources["gulls"].tags == ("sea", "Coast")
        for given, said in (({"list": ""}, "choose a file"), ({"list": "<x"}, "the list")):
            status, page = await visitor.post("/admin/sources/import", {"act": "look", **given})
            assert status == 422
            assert said.lower() in words(page).lower()
        exported = await read(visitor, "/admin/sources/list.opml")
        assert 'xmlUrl="https://gulls.example/feed"' in exported
    assert '"imported":"Mine"' in await last_record(office, "sources")


async def test_a_webhook_is_added_tried_and_removed(office: Office) -> None:
    async with office.visitor("reviewer") as visitor:
        await read(visitor, "/admin/webhooks", 403)
    async with office.visitor("operator") as visitor:
        await read(visitor, "/admin/webhooks")
        hook = {"id": "newsroom", "url": "https://hooks.example/in?key=hunter2", "events": "flag.opened"}
        status, page = await visitor.post("/admin/webhooks", hook)
        assert status == 200
        assert "whsec_" in page
        page = await read(visitor, "/admin/webhooks")
        assert "whsec_" not in page
        assert "hunter2" not in page
        assert "newsroom hooks.example a flag is opened 0 0 0" in words(page)
        assert (await visitor.post("/admin/webhooks", hook))[0] == 422
        assert (await visitor.post("/admin/webhooks", {**hook, "id": "Bad id"}))[0] == 422
        assert (await visitor.post("/admin/webhooks/newsroom", {"act": "try"}))[0] == 303
        assert "newsroom hooks.example a flag is opened 0 1 0" in words(await read(visitor, "/admin/webhooks"))
        assert (await visitor.post("/admin/webhooks/newsroom", {"act": "remove"}))[0] == 303
        await read(visitor, "/admin/webhooks")
        assert (await visitor.post("/admin/webhooks/newsroom", {"act": "remove"}))[0] == 422
    assert await office.house.store.hubs.webhooks() == []
