"""Ids and dates are the publisher's: the same at every rebuild, from a fresh database, and on either kind of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from aggregator.model.output import Format
from tests.story.feeds import PUBLISHED, Article, an_rss
from tests.story.origin import Origin
from tests.story.site import Site
from tests.story.test_seed import OWN, TERMS, set_up

ODD = (
    OWN,
    Article(id="post-17", title="An id that is no IRI", link="https://www.globalresearch.ca/a/17"),
    Article(
        id="https://www.globalresearch.ca/?p=ü 1", title="An id with a space", link="https://www.globalresearch.ca/b"
    ),
    Article(id="tag:globalresearch.ca,2016:3", title="Older", link="https://www.globalresearch.ca/c", at=PUBLISHED),
)
FORMATS = (Format.RSS, Format.ATOM, Format.JSON, Format.HTML, Format.TEXT)


def told(bodies: dict[Format, bytes]) -> dict[str, Any]:
    """Ids and dates of all entries, by format."""
    atom, rss = etree.fromstring(bodies[Format.ATOM]), etree.fromstring(bodies[Format.RSS])
    names = ("{*}id", "{*}published", "{*}updated", "{*}source/{*}id")
    return {
        "feed": atom.findtext("{*}id"),
        "atom": [tuple(entry.findtext(name) for name in names) for entry in atom.findall("{*}entry")],
        "rss": [(item.findtext("guid"), item.findtext("pubDate")) for item in rss.iter("item")],
        "json": [
            (item["id"], item["date_published"], item["date_modified"])
            for item in orjson.loads(bodies[Format.JSON])["items"]
        ],
        "html": re.findall(rb'<article[^>]* id="(e-[0-9a-f]+)"', bodies[Format.HTML]),
        "txt": re.findall(rb"\[ ([0-9a-f]{16}) \]", bodies[Format.TEXT]),
    }


def prepare(site: Site, origin: Origin) -> None:
    set_up(site, origin)
    origin.serve("/feed", an_rss(*ODD), Content_Type="application/rss+xml")
    site.policy("global-research", **{**TERMS, "rules": [{"allow": ["full"], "duties": ["credit-source"]}]})
    site.write(
        "outputs.yaml", [{"id": "all", "title": "All", "use": {"audience": "community"}, "formats": list(FORMATS)}]
    )


async def bodies(site: Site) -> dict[Format, bytes]:
    async with site.opened() as running:
        await running.poll()
        await running.house.build_all()
        return {format_: await running.body("all", format_) for format_ in FORMATS}


async def test_ids_and_dates_do_not_depend_on_us(site_on: Site, origin: Origin, tmp_path: Path) -> None:
    prepare(site_on, origin)
    first = await bodies(site_on)
    facts = told(first)
    assert [id_ for id_, *_ in facts["json"]][-1] == OWN.id, facts["json"]
    assert {id_ for id_, *_ in facts["rss"]} == {article.id for article in ODD}
    assert all(published == "2016-12-13T09:30:00Z" for _, published, _, _ in facts["atom"][:3])
    # Built again from the same database: not a byte is new.
    assert await bodies(site_on) == first
    # Polled from scratch into a fresh database of the other kind, at another time, by another installation.
    fresh = Site(tmp_path / "fresh")
    prepare(fresh, origin)
    assert told(await bodies(fresh)) == facts
    # A correction changes a date, and no id.
    corrected = [replace(ODD[1], body="<p>Corrected.</p>", at=PUBLISHED - timedelta(hours=2)), *ODD[:1], *ODD[2:]]
    origin.serve("/feed", an_rss(*corrected), Content_Type="application/rss+xml")
    after = told(await bodies(fresh))
    for format_ in ("atom", "rss", "json"):
        assert {entry[0] for entry in after[format_]} == {entry[0] for entry in facts[format_]}
    assert sorted(after["html"]) == sorted(facts["html"])
    assert after["feed"] == facts["feed"]
