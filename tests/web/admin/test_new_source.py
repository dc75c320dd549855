"""A source is added at a page: looked for, chosen, checked, written; whatever is wrong stands beside its field."""

from __future__ import annotations

import html
import re

from aggregator.model.account import Role
from tests.web.admin.conftest import Office
from tests.web.admin.test_pages import last_record, read, words
from tests.web.api.conftest import Program

HERE = "/admin/sources/new"


async def allow_private(office: Office) -> None:
    settings = office.house.keeper.folder / "aggregator.yaml"
    text = settings.read_text("utf-8")
    assert "private_addresses: false" in text
    text = text.replace("private_addresses: false", "private_addresses: true")
    settings.write_text(text.replace("http://127.0.0.1:8080", office.base), "utf-8")  # its start page names its feeds
    await office.house.refresh()


async def test_a_source_is_looked_for_chosen_checked_and_written(office: Office) -> None:
    folder = office.house.keeper.folder
    sources = folder / "sources.yaml"
    feed = f"{office.base}/feeds/community.atom"
    async with office.visitor("reviewer") as visitor:
        await read(visitor, HERE, 403)
        assert "Add a source" not in await read(visitor, "/admin/sources")
    async with office.visitor("operator") as visitor:
        assert f'href="{HERE}"' in await read(visitor, "/admin/sources")
        await read(visitor, HERE)
        # What no look may reach, and what is no address: told beside the field, with what was typed.
        for wrong, told in (
            (office.base, "private"),
            ("ftp://x.example", "is not a web address"),
            ("file:/etc/passwd", "is a file"),
            ("https://u:p@x.example/feed", "user name or password"),
            ("a\x1bb", "is not a web address"),
            ("x" * 2_001, "longer than any address"),
            ("", "name a site, a page or a feed"),
        ):
            status, page = await visitor.post(HERE, {"act": "look", "url": wrong})
            assert status == 422, wrong
            [beside] = re.findall(r'id="e-url" role="alert">(.*?)</p>', page, re.DOTALL)
            assert told in words(beside).lower() or told in words(beside), (wrong, beside)
            assert html.escape(wrong[:50]) in page

        await allow_private(office)
        status, page = await visitor.post(HERE, {"act": "look", "url": office.base})
        assert status == 200, words(page)
        offered = re.findall(r'name="feed" value="([^"]+)"', page)
        assert feed in offered
        assert "Says of its rights" in page
        assert "Harbor Light" in words(page), "whose articles it carries"
        assert re.findall(r'name="feed" value="([^"]+)"[^>]*checked', page) == offered[:1]

        # Each field's own mistake; nothing is lost, nothing is written.
        before = sources.read_text("utf-8")
        sent = {
            "act": "add",
            "url": office.base,
            "feed": feed,
            "title": "Our <own>",
            "tags": "far, near",
            "policy": "+",
        }
        for name, value, told in (
            ("id", "Not An Id", "may hold a-z"),
            ("id", "harbor-light", "is there already"),
            ("interval", "soon", "is no time"),
            ("policy", "nix", "is not defined"),
        ):
            status, page = await visitor.post(HERE, {**sent, name: value})
            assert status == 422
            [beside] = re.findall(rf'id="e-{name}" role="alert">(.*?)</p>', page, re.DOTALL)
            assert told in words(beside)
            assert f'value="{value}"' in page
            assert "Our &lt;own&gt;" in page
        status, page = await visitor.post(HERE, {**sent, "interval": "1s"})
        assert status == 422
        assert "Nothing was written" in page
        status, page = await visitor.post(HERE, {**sent, "act": "check", "id": "far"})
        assert status == 200
        assert "everything passes the check" in page
        assert f"feed: {feed}" in words(page)
        assert "default: ask" in words(page), "the policy that comes with it"
        assert sources.read_text("utf-8") == before

        assert await visitor.post(HERE, {**sent, "id": "far"}) == (303, "/admin/sources/far?done=source")
        comments = [line for line in before.splitlines() if line.lstrip().startswith("#")]
        after = sources.read_text("utf-8")
        assert [line for line in after.splitlines() if line.lstrip().startswith("#")] == comments
        made = office.house.world.sources["far"]
        assert (made.feed, made.tags, made.enabled) == (feed, ("far", "near"), False)
        policy = office.house.world.policies.by_id(made.policy)
        assert policy is not None
        assert policy.rules == ()
        assert '"by":"operator"' in await last_record(office, "source:far")
        assert '"by":"operator"' in await last_record(office, f"policy:{made.policy}")
        assert "it is read within seconds" in await read(visitor, "/admin/sources/far?done=source")
        status, page = await visitor.post(HERE, {"act": "look", "url": feed})
        assert status == 200
        assert "It is read already" in page

        # The same by program, where a policy is made of what the feed says.
        _, secret = await office.desk.accounts.add_token("t", "operator", Role.OPERATOR, lasts=None, by="test")
        program = Program(office.base, visitor.client, secret)
        asked = {"feed": f"{office.base}/feeds/headlines.rss", "id": "near", "stub_policy": True}
        assert (await program("POST", "/sources", {**asked, "feed": office.base})).status == 409
        added = await program("POST", "/sources", asked, Idempotency_Key="1")
        assert (added.status, added.body["new_policy"]) == (201, True), added
        assert "Seen in the feed" in (folder / "policies" / f"{added.body['policy']}.yaml").read_text("utf-8")
        assert (await program("POST", "/sources", {**asked, "id": "again", "stub_policy": False})).status == 409
