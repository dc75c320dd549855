"""A source that answers anything but a good feed: one clear line, nothing lost, nobody held up, nothing active out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import orjson
import pytest
from lxml import etree, html

from aggregator.model.entry import StoredEntry
from aggregator.store import Store
from tests.story.feeds import Article, an_rss
from tests.story.origin import Origin, Reply
from tests.story.site import Ran, Site, a_source
from tests.tables import table

CASES: dict[str, dict[str, Any]] = table(Path(__file__).with_name("broken.yaml").read_text())
HEALTHY = "healthy"
FORMATS = ("rss", "atom", "json", "html")
ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "meta", "base", "link", "svg", "math"}
"""Elements that do something, or load something that does."""


def is_active(element: Any) -> bool:
    """Whether a browser does anything with it. A `meta` or `link` that is microdata and nothing else is a value (HTML,
    5.2.2): our own page says licence and credit with them."""
    if element.tag in {"meta", "link"} and "itemprop" in element.attrib:
        return not set(element.attrib) <= {"itemprop", "content", "href"}
    return element.tag in ACTIVE


@dataclass(frozen=True)
class Story:
    """What came of it all."""

    first: Ran
    second: Ran
    status: dict[str, Any]
    entries: dict[str, list[StoredEntry]]
    """By source."""
    bodies: dict[str, bytes]
    """By format."""

    def report(self, name: str) -> dict[str, Any]:
        return {report["source"]: report for report in self.second.json}[name]


def edition(name: str, *words: str) -> bytes:
    link = "https://papers.example"
    return an_rss(*(Article(id=f"{name}-{w}", title=f"{name} {w}", link=f"{link}/{name}/{w}") for w in words))


def reply(case: dict[str, Any]) -> Reply:
    item = (
        "<item><title>item</title><guid isPermaLink='false'>item</guid><link>https://papers.example/item</link></item>"
    )
    body = case.get("body", "").replace("{item}", item).encode(case.get("encoding", "utf-8"))
    headers = {"Content-Type": "application/rss+xml", **case.get("headers", {})}
    times = case.get("times", 1)
    if "every" in case:
        return Reply(slowly(body * times, case["every"]), headers=headers)
    if times > 1:
        block = 10_000
        return Reply((body * block for _ in range(times // block)), headers=headers)
    return Reply(body, case.get("status", 200), headers)


def slowly(body: bytes, every: float) -> Iterator[bytes]:
    for number in range(len(body)):
        yield body[number : number + 1]
        time.sleep(every)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One round in which all is well, and one in which every source but one is broken in its own way."""
    site = Site(tmp_path_factory.mktemp("broken") / "site")
    with Origin().running() as origin:
        names = [HEALTHY, *CASES]
        for name in names:
            origin.serve(f"/{name}", edition(name, "kept"))
        slow = {name: {"timeout": "1s"} for name, case in CASES.items() if "every" in case}
        site.write("sources.yaml", [a_source(n, origin, f"/{n}", policy="papers", **slow.get(n, {})) for n in names])
        publisher = {"name": "Papers", "url": "https://papers.example/", "domains": ["papers.example"]}
        rules = [{"allow": ["full", "excerpt", "headline"], "duties": ["credit-source"]}]
        site.policy("papers", publisher=publisher, rules=rules, third_party="covered")
        use = {"audience": "community", "form": "full"}
        site.write(
            "outputs.yaml",
            [{"id": "all", "title": "All", "select": {"newest": 500}, "use": use, "fallback": ["excerpt", "headline"]}],
        )
        first = site.run("poll", "--json")
        origin.serve(f"/{HEALTHY}", edition(HEALTHY, "kept", "fresh"))
        origin.paths.update({f"/{name}": reply(case) for name, case in CASES.items()})
        second = site.run("poll", "--json")
    exported = site.run("export", str(site.folder / "public"))
    assert (exported.code, exported.err) == (0, "")
    bodies = {format_: (site.folder / "public" / "feeds" / f"all.{format_}").read_bytes() for format_ in FORMATS}
    status = site.run("status", "--json")
    assert status.code == 1
    return Story(first, second, status.json, asyncio.run(stored(site, names)), bodies)


async def stored(site: Site, names: list[str]) -> dict[str, list[StoredEntry]]:
    store = await Store.open(f"sqlite:///{site.folder / 'data' / 'aggregator.db'}")
    found = {name: await store.list_entries(source=name, limit=100) for name in names}
    await store.close()
    return found


def test_one_broken_source_is_no_other_sources_trouble(story: Story) -> None:
    """The command says that something failed; what is well is as fresh as ever."""
    assert (story.first.code, story.first.err) == (0, "")
    assert {report["new"] for report in story.first.json} == {1}
    assert story.second.code == 1
    assert story.second.err == ""
    assert len(story.second.json) == len(CASES) + 1
    assert {entry.entry.title for entry in story.entries[HEALTHY]} == {"healthy kept", "healthy fresh"}
    assert shown(story) >= {"healthy kept", "healthy fresh"}


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_and_what_is_kept(name: str, story: Story) -> None:
    """One line that names the trouble; what was stored stays stored and published; what could be read is there."""
    case, report = CASES[name], story.report(name)
    wanted = case.get("entries", [])
    assert report["outcome"] == ("changed" if wanted else "failed"), report["detail"]
    assert report["new"] == len(wanted)
    assert case.get("says", "") in report["detail"]
    assert report["detail"].isprintable()
    assert len(report["detail"]) <= 300
    health = {source["id"]: source for source in story.status["sources"]}[name]
    if wanted:
        assert (health["health"], health["error"]) == ("ok", None)
    else:
        assert report["detail"]
        assert (health["health"], health["error"], health["failures"]) == ("failing", report["detail"], 1)
    titles = [entry.entry.title for entry in story.entries[name] if entry.deleted_at is None]
    assert f"{name} kept" in titles
    assert len(titles) == 1 + len(wanted)
    assert all(any(title.startswith(want) for title in titles) for want in wanted)
    assert set(titles) <= shown(story)


def shown(story: Story) -> set[str]:
    return {item["title"] for item in orjson.loads(story.bodies["json"])["items"]}


def test_no_date_lifts_an_entry_to_the_top(story: Story) -> None:
    """A date that cannot be, or cannot be read, is when we first saw it."""
    now = datetime.now(UTC)
    for name in ("in-the-future", "unreadable-dates"):
        assert all(entry.ordered_at <= entry.first_seen_at <= now for entry in story.entries[name])
    for item in orjson.loads(story.bodies["json"])["items"]:
        assert datetime.fromisoformat(item["date_published"]) <= now


def test_nothing_active_is_in_any_output(story: Story) -> None:
    """Not in the page, and in nothing that a format holds for HTML; and no address of any format is active."""
    page = html.fromstring(story.bodies["html"]).find("body")
    fragments = [item["content_html"] for item in orjson.loads(story.bodies["json"])["items"]]
    addresses = [text for text in strings(orjson.loads(story.bodies["json"])) if ":" in text]
    for format_ in ("rss", "atom"):
        for element in etree.fromstring(story.bodies[format_]).iter():
            name = etree.QName(element).localname
            if name in {"description", "encoded"} or element.get("type") == "html":
                fragments.append(element.text or "")
            addresses += [element.text or "", *element.attrib.values()]
    assert len(fragments) > 3 * len(CASES)
    for root in (page, *(html.fragment_fromstring(text, create_parent="div") for text in fragments)):
        assert not [element.tag for element in root.iter() if is_active(element)]
        assert_inert(root)
    for address in addresses:
        assert not address.strip().lower().startswith(("javascript:", "data:", "vbscript:", "file:")), address
    for format_ in ("rss", "atom"):
        for entry in feedparser.parse(story.bodies[format_], sanitize_html=False).entries:
            assert urlsplit(entry.get("link", "")).scheme in {"https", "tag", "urn", ""}
    assert b"root:" not in b"".join(story.bodies.values())


def assert_inert(root: Any) -> None:
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name not in {"style", "srcdoc", "formaction"}, (element.tag, name)
            if name in {"href", "src", "action", "data", "poster"}:
                assert urlsplit(value).scheme in {"http", "https", "mailto", ""}, value


def strings(value: Any) -> Iterator[str]:
    """All texts of a document."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)


def test_a_host_that_wants_to_be_left_alone_is_asked_by_name_only(site: Site, origin: Origin) -> None:
    """R6: also by the next process, and by all of its feeds."""
    site.write("sources.yaml", [a_source(name, origin, f"/{name}") for name in ("one", "two")])
    site.write("outputs.yaml", [])
    origin.serve("/one", b"", 429, Retry_After="7200")
    origin.serve("/two", edition("two", "a"))
    site.run("poll", "one")
    before = origin.times("/one")
    reports = site.run("poll", "--json").json
    assert {report["outcome"] for report in reports} == {"deferred"}
    assert all("wants to be left alone" in report["detail"] for report in reports)
    assert (origin.times("/one"), origin.times("/two")) == (before, 0)
    (report,) = site.run("poll", "two", "--json").json
    assert (report["outcome"], origin.times("/two")) == ("changed", 1)


def test_one_that_is_gone_is_asked_by_name_only(site: Site, origin: Origin) -> None:
    """R7: a `poll` of all, as from a timer, leaves it alone and says how it comes back."""
    site.write("sources.yaml", [a_source("herald", origin, "/herald"), a_source("other", origin, "/other")])
    site.write("outputs.yaml", [])
    origin.serve("/other", edition("other", "a"))
    origin.serve("/herald", b"", 410)
    for _ in range(2):
        site.run("poll")
    origin.serve("/herald", edition("herald", "a"))
    reports = {report["source"]: report for report in site.run("poll", "--json").json}
    assert origin.times("/herald") == 2
    assert origin.times("/other") == 3
    assert (reports["herald"]["outcome"], reports["other"]["outcome"]) == ("deferred", "unchanged")
    assert "aggregator sources revive herald" in reports["herald"]["detail"]
    (report,) = site.run("poll", "herald", "--json").json
    assert (report["outcome"], report["new"]) == ("changed", 1)
    assert site.run("poll", "--json").json[0]["outcome"] == "unchanged", "it has answered, so it is back"
