"""The start page and health over HTTP."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import etree

from aggregator.errors import TemplateError
from aggregator.store import UnavailableError
from aggregator.web.site import PublicSite
from aggregator.wiring import template_folders
from tests.web.conftest import Served


async def test_the_start_page_shows_every_public_output_and_its_addresses(served: Served):
    answer = await served.ask("/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for output in served.house.world.outputs.values():
        assert output.title in answer.text
        for format_ in output.formats:
            assert f'href="http://127.0.0.1:8080/feeds/{output.id}.{format_}"' in answer.text


async def test_the_start_page_says_what_may_be_done_and_nothing_may_run_on_it(served: Served):
    policy = (await served.ask("/")).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == rules["form-action"] == rules["base-uri"] == "'none'"
    assert "script-src" not in rules
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]+'", rules["style-src"])


async def test_the_policy_of_a_river_allows_its_own_style_only(served: Served):
    answer = await served.ask("/feeds/community.html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text


async def test_the_start_page_is_asked_for_by_its_validator(served: Served):
    etag = (await served.ask("/")).headers["ETag"]
    again = await served.ask("/", headers={"If-None-Match": f"W/{etag}"})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


async def test_the_start_page_follows_a_new_configuration(folder: Path, served: Served):
    before = await served.ask("/")
    outputs = folder / "config/outputs.yaml"
    outputs.write_text(outputs.read_text().replace("title: Riverside headlines", "title: Town <b>lines</b>"))
    await served.house.refresh()
    after = await served.ask("/")
    assert "Town &lt;b&gt;lines&lt;/b&gt;" in after.text
    assert after.headers["ETag"] != before.headers["ETag"]


async def test_the_start_page_names_no_more_sources_than_people_read(folder: Path, served: Served):
    few = [
        f"- {{id: few-{number}, title: Few {number:03d}, feed: 'https://few-{number}.example/feed'}}"
        for number in range(310)
    ]
    sources = folder / "config/sources.yaml"
    before = len(served.house.world.names)
    sources.write_text(sources.read_text() + "\n" + "\n".join(few) + "\n")
    await served.house.refresh()
    page = (await served.ask("/")).text
    assert page.count("<li>Few ") <= 300
    assert f"and {before + 310 - 300} more" in page


async def test_health(served: Served):
    answer = await served.ask("/healthz")
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "ok": True,
        "configuration": "in force",
        "configuration_problems": 0,
        "database": "answers",
    }
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_broken_edit_is_told_by_health_and_changes_no_feed(folder: Path, served: Served):
    before = await served.ask("/feeds/community.rss")
    (folder / "config/outputs.yaml").write_text("- id: [")
    await served.house.refresh()
    health = json.loads((await served.ask("/healthz")).body)
    assert health["configuration"] == "the last good one is in force"
    assert health["configuration_problems"] > 0
    assert (await served.ask("/feeds/community.rss")).body == before.body


async def test_without_a_database_health_is_503_and_ready_feeds_stay_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
):
    """What a visitor is told names no path and no host."""
    feed = await served.ask("/feeds/community.rss")

    async def gone(*_: object) -> None:
        raise UnavailableError("database 'postgresql://me:***@10.0.0.7/x': connection refused")

    for name in ("ping", "document", "output_states", "documents", "flags"):
        monkeypatch.setattr(served.house.store, name, gone)
    health = await served.ask("/healthz")
    assert health.status == 503
    assert json.loads(health.body)["database"] == "does not answer"
    assert (await served.ask("/feeds/community.rss")).body == feed.body
    unread = await served.ask("/feeds/community.atom")
    assert (unread.status, unread.headers["Cache-Control"]) == (503, "no-store")
    assert unread.text == "The service has a problem just now. Please try again in a minute.\n"
    assert b"10.0.0.7" not in health.body + unread.body


async def test_a_mistake_of_ours_is_one_sentence(served: Served, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("in /srv/secret/place.py")

    monkeypatch.setattr(served.house.public, "current", broken)
    answer = await served.ask("/feeds/community.json")
    assert (answer.status, answer.text) == (500, "Something went wrong here. It has been logged.\n")


async def test_a_template_that_cannot_be_rendered_is_told_with_its_line(served: Served, tmp_path: Path):
    own = tmp_path / "own/river"
    own.mkdir(parents=True)
    (own / "index.html").write_text("<h1>\n{{ site.nome }}</h1>")
    folders = (tmp_path / "own", *template_folders(served.house.world.configuration.settings))
    with pytest.raises(TemplateError, match=r"^own/river/index\.html:2: .*nome"):
        await PublicSite(served.house, folders).start_page()


async def test_browsers_that_ask_for_an_icon_find_no_error(served: Served):
    """There is none, and a 404 would stand as an error in the console of every visitor."""
    answer = await served.ask("/favicon.ico")
    assert (answer.status, answer.body) == (204, b"")


async def test_the_rights_of_json_feed_are_explained_where_they_say(served: Served):
    feed = json.loads((await served.ask("/feeds/community.json")).text)
    about = feed["items"][0]["_rights"]["about"]
    assert about.endswith("/about/json-rights")
    page = await served.ask("/about/json-rights")
    assert page.status == 200
    for key in feed["items"][0]["_rights"]:
        assert f"<code>{key}</code>" in page.text


async def test_the_public_outputs_are_a_list_that_readers_take(served: Served):
    answer = await served.ask("/opml")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/x-opml; charset=utf-8")
    again = await served.ask("/opml", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    root = etree.fromstring(answer.body)
    assert root.get("version") == "2.0"
    outlines = root.findall("body/outline")
    assert [one.get("type") for one in outlines] == ["rss"] * len(outlines)
    addresses = [one.get("xmlUrl") for one in outlines]
    assert "http://127.0.0.1:8080/feeds/community.atom" in addresses
    assert all(one.get("text") for one in outlines)
    for address in addresses:
        assert (await served.ask(address.removeprefix("http://127.0.0.1:8080"))).status == 200
