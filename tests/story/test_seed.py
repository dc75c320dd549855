"""The case that started it all: a site that lets community sites cross-post, and an article that is not its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from aggregator.model.output import FORMATS, Format
from tests.story.feeds import PUBLISHED, Article, an_rss, read_atom, read_html, read_json, read_rss
from tests.story.origin import Origin
from tests.story.site import Site, a_source

CONTACT = "publications@globalresearch.ca"
FOOTER = (
    "<p>Disclaimer: The contents of this article are of sole responsibility of the author(s). The Centre of Research "
    "on Globalization grants permission to cross-post Global Research articles on community internet sites as long the "
    "source and copyright are acknowledged together with a hyperlink to the original Global Research article. For "
    "publication of Global Research articles in print or other forms including commercial internet sites, contact: "
    f"{CONTACT}</p>"
)
RT_PAGE = "https://www.rt.com/news/quay"
THEIRS = Article(
    id="https://www.globalresearch.ca/?p=5562",
    title="Lights on the quay",
    link="https://www.globalresearch.ca/lights-on-the-quay/5562",
    author="Lizzie Phelan",
    body=(
        '<p>By <a href="https://www.globalresearch.ca/author/lizzie-phelan">Lizzie Phelan</a></p><p>Global Research, '
        f'December 13, 2016</p><p><a href="{RT_PAGE}">RT</a></p><p>People filled the quay within the hour, and stayed '
        "until the lamps were lit.</p>"
        f'<p>The original source of this article is <a href="{RT_PAGE}">RT</a><br/>Copyright © '
        f'<a href="https://www.rt.com/op-ed/authors/phelan">Lizzie Phelan</a>, <a href="{RT_PAGE}">RT</a>, 2016</p>'
        f"{FOOTER}"
    ),
)
OWN = Article(
    id="https://www.globalresearch.ca/?p=5561",
    at=PUBLISHED - timedelta(hours=1),
    body=(
        "<p>The first ferry left at dawn.</p><p>The original source of this article is Global Research<br/>Copyright © "
        f"Maren Oduya, Global Research, 2016</p>{FOOTER}"
    ),
)
TERMS: dict[str, Any] = {
    "publisher": {
        "name": "Global Research",
        "url": "https://www.globalresearch.ca/",
        "domains": ["globalresearch.ca"],
        "aliases": ["Centre for Research on Globalization"],
    },
    "contact": CONTACT,
    "rules": [
        {
            "allow": ["full", "excerpt", "headline"],
            "to": ["community", "nonprofit"],
            "in": ["web"],
            "duties": ["credit-source", "credit-author", "copyright-notice", "link-original"],
        },
        {"ask": ["full", "excerpt"], "to": ["commercial"]},
        {"ask": ["full", "excerpt"], "in": ["print"]},
    ],
    "third_party": "ask",
    "images": "same",
    "default": "ask",
}
RT: dict[str, Any] = {
    "publisher": {"name": "RT", "url": "https://www.rt.com/", "domains": ["rt.com"]},
    "contact": "press@rt.example",
    "rules": [{"allow": ["full"], "to": ["community"], "in": ["web"], "duties": ["credit-source", "copyright-notice"]}],
}
OUTPUTS = [
    {"id": "community", "title": "World news", "use": {"audience": "community"}},
    {"id": "commercial", "title": "Business", "use": {"audience": "commercial", "ads": "page"}},
    {"id": "print", "title": "The sheet", "use": {"audience": "community", "medium": "print"}},
]
FEED = "/feed"
THEIR_CREDIT = (
    "Originally published by RT, by Lizzie Phelan. Copyright © Lizzie Phelan, RT, 2016. "
    "Republished from Global Research: Lights on the quay."
)
OWN_CREDIT = "By Maren Oduya. Copyright © Maren Oduya, Global Research, 2016. Republished from Global Research"


def set_up(site: Site, origin: Origin, third_party: str = "ask") -> None:
    origin.serve(FEED, an_rss(THEIRS, OWN), Content_Type="application/rss+xml")
    site.write("sources.yaml", [a_source("global-research", origin, FEED, policy="global-research")])
    site.policy("global-research", **{**TERMS, "third_party": third_party})
    site.write("outputs.yaml", OUTPUTS)


async def test_the_third_party_article_waits_until_its_terms_are_known_and_leaves_with_them(
    site_on: Site, origin: Origin
) -> None:
    """Own articles go out with credit at once; another's with credit for both hops, while that one allows it."""
    set_up(site_on, origin)
    async with site_on.opened() as running:
        report = (await running.poll())["global-research"]
        assert (report.outcome, report.new, report.warnings) == ("changed", 2, ())
        await running.build()
        assert read_rss(await running.body("community", Format.RSS)).keys() == {OWN.id}
        before = await every_body(running)

        site_on.policy("rt", **RT)
        await running.edit()
        await running.build()
        assert origin.times(FEED) == 1
        for read, format_ in ((read_atom, Format.ATOM), (read_rss, Format.RSS), (read_json, Format.JSON)):
            shown = read(await running.body("community", format_))
            assert list(shown) == [THEIRS.id, OWN.id]
            theirs, own = shown[THEIRS.id], shown[OWN.id]
            assert (theirs.title, theirs.link) == (THEIRS.title, THEIRS.link)
            assert THEIR_CREDIT in theirs.text
            assert "People filled the quay within the hour" in theirs.text
            assert {THEIRS.link, RT_PAGE} <= set(theirs.links)
            assert theirs.authors == ("Lizzie Phelan",)
            assert "Copyright © Lizzie Phelan, RT, 2016" in theirs.rights
            assert theirs.source == ("Global Research", origin.url(FEED))
            assert OWN_CREDIT in own.text
            assert OWN.link in own.links
            assert own.authors == ("Maren Oduya",)
            assert "Copyright © Maren Oduya, Global Research, 2016" in own.rights
            assert "RT" not in own.rights
            if format_ is Format.JSON:
                assert (theirs.hops, own.hops) == (("RT", "Global Research"), ("Global Research",))
        page = read_html(await running.body("community", Format.HTML))
        assert len(page) == 2
        assert sum(THEIR_CREDIT in article for article in page) == 1
        assert sum(OWN_CREDIT in article for article in page) == 1

        site_on.remove("policies/rt.yaml")
        await running.edit()
        reports = await running.build()
        assert [why for _, why in reports["community"].removed] != []
        after = await every_body(running)
        for read, format_ in READERS:
            assert read(after["community", format_]) == read(before["community", format_])
        assert all(after[key] == before[key] for key in after if key[0] != "community")
        # Readers that have it are told that it is gone.
        assert f'ref="{THEIRS.id}"'.encode() in after["community", Format.ATOM]
        assert [one["id"] for one in orjson.loads(after["community", Format.JSON])["_tombstones"]["items"]] == [
            THEIRS.id
        ]
        assert await running.house.store.verify_ledger() == []
        assert origin.times(FEED) == 1


READERS: tuple[tuple[Any, Format], ...] = (
    (read_atom, Format.ATOM),
    (read_rss, Format.RSS),
    (read_json, Format.JSON),
    (read_html, Format.HTML),
)


async def every_body(running: Any) -> dict[tuple[str, Format], bytes]:
    return {(o["id"], format_): await running.body(o["id"], format_) for o in OUTPUTS for format_ in FORMATS}


async def test_what_is_held_names_whom_to_ask_and_nothing_of_it_is_out(site_on: Site, origin: Origin) -> None:
    """Commercial and print hold everything and name the address to write to; the third party is named."""
    set_up(site_on, origin)
    async with site_on.opened() as running:
        await running.poll()
        reports = await running.build()
        assert {output: (report.entries, report.held) for output, report in reports.items()} == {
            "community": (1, 1),
            "commercial": (0, 2),
            "print": (0, 2),
        }
        for output in ("commercial", "print"):
            for format_ in FORMATS:
                body = await running.body(output, format_)
                assert b"quay" not in body
                assert b"ferry" not in body
        flags = await running.house.store.flags()
        keys = {s.entry.id: s.key for s in await running.house.store.list_entries(limit=10)}
        theirs, own = keys[THEIRS.id], keys[OWN.id]
        assert {(f.kind, f.entry, f.publisher, f.contact, f.outputs) for f in flags} == {
            ("third-party", theirs, "RT", None, ("commercial", "community", "print")),
            ("permission", theirs, "Global Research", CONTACT, ("commercial", "print")),
            ("permission", own, "Global Research", CONTACT, ("commercial", "print")),
        }
        [question] = [flag for flag in flags if flag.kind == "third-party"]
        assert "RT" in question.reason
        assert "a credit line in its text" in question.reason

        site_on.policy("rt", **RT)
        await running.edit()
        await running.build()
        known = [f for f in await running.house.store.flags() if f.publisher == "RT"]
        assert {(f.kind, f.contact, f.outputs) for f in known} == {
            ("permission", "press@rt.example", ("commercial", "print"))
        }


@pytest.mark.parametrize(
    ("third_party", "carried", "kinds"),
    [("ask", {OWN.id}, {"third-party"}), ("deny", {OWN.id}, set()), ("covered", {OWN.id, THEIRS.id}, set())],
)
async def test_a_policy_says_what_holds_for_third_parties_without_one(
    third_party: str, carried: set[str], kinds: set[str], site: Site, origin: Origin
) -> None:
    """`covered` carries it with credit for both; `deny` holds it and asks nobody."""
    set_up(site, origin, third_party)
    async with site.opened() as running:
        await running.poll()
        await running.build()
        shown = read_json(await running.body("community", Format.JSON))
        assert set(shown) == carried
        waiting = {f.kind for f in await running.house.store.flags() if "community" in f.outputs}
        assert waiting == kinds
        if THEIRS.id in carried:
            assert shown[THEIRS.id].hops == ("RT", "Global Research")
            assert "Originally published by RT (according to the feed), by Lizzie Phelan." in shown[THEIRS.id].text


def test_the_same_story_by_commands(site: Site, origin: Origin, tmp_path: Path) -> None:
    """As an operator types it: poll, export, flags, explain; a policy is added; export again."""
    set_up(site, origin)
    polled = site.run("poll", "--json")
    assert (polled.code, polled.err) == (0, "")
    assert [(r["source"], r["outcome"], r["new"]) for r in polled.json] == [("global-research", "changed", 2)]
    out = tmp_path / "public"
    exported = site.run("export", str(out))
    assert (exported.code, exported.err) == (0, "")
    feed = out / "feeds" / "community.rss"
    assert read_rss(feed.read_bytes()).keys() == {OWN.id}
    flags = site.run("flags", "list")
    assert (flags.code, flags.err) == (0, "")
    assert [line.split()[1] for line in flags.out.splitlines()[1:]].count("third-party") == 1
    assert flags.out.count(CONTACT) == 2
    explained = site.run("explain", THEIRS.link, "--output", "commercial")
    assert (explained.code, explained.err) == (1, "")
    assert CONTACT in explained.out
    assert "RT" in explained.out

    site.policy("rt", **RT)
    assert site.run("export", str(out)).code == 0
    assert THEIR_CREDIT in read_rss(feed.read_bytes())[THEIRS.id].text
    assert origin.times(FEED) == 1
