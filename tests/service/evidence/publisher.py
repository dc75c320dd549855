"""A publisher whose site says something to machines, and an installation that takes its feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.model.evidence import Evidence
from aggregator.service.evidence import EvidenceReport, gather_evidence
from aggregator.service.explain import explain_entry
from aggregator.service.inspect import entry_detail
from tests.story.origin import Origin
from tests.story.site import Open, Site

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ROBOTS = "/robots.txt"
TDMREP = "/.well-known/tdmrep.json"
RSL = '<rsl xmlns="https://rslstandard.org/rsl"><content url="{url}"><license>{terms}</license></content></rsl>'
BAR = '<prohibits type="usage">all</prohibits>'


def rsl(terms: str = BAR, url: str = "/", age: str = "") -> bytes:
    return RSL.format(url=url, terms=terms).replace("<rsl ", f"<rsl {age} ", 1).encode()


def a_feed(link: str, item: str = "", home: str = "https://elsewhere.example/") -> bytes:
    return (
        '<rss version="2.0" xmlns:rsl="https://rslstandard.org/rsl"><channel><title>T</title>'
        f"<link>{home}</link><item><guid>1</guid><title>Ferries</title><link>{link}</link>"
        f"<description>They run again.</description>{item}</item></channel></rss>"
    ).encode()


class Told:
    """A publisher's server, and an installation that takes its feed."""

    def __init__(self, origin: Origin, open_: Open) -> None:
        self.origin = origin
        self.open = open_
        self.store = open_.house.store

    async def look(self, at: datetime = NOW) -> list[EvidenceReport]:
        return await gather_evidence(self.open.house.world, self.store, self.open.tools.fetch, lambda: at)

    async def rows(self) -> dict[str, Evidence]:
        return {row.kind.value: row for row in await self.store.evidence("herald")}

    async def outcome(self) -> tuple[str, tuple[str, ...], str]:
        (one,) = await explain_entry("herald:1", ["community"], self.open.house.world, self.store, NOW)
        decision = one.decision
        return decision.outcome.value, tuple(limit.name.value for limit in decision.limits), decision.sentence


def configured(folder: Path, origin: Origin, **source: Any) -> Site:
    site = Site(folder / "site")
    site.policy(
        "herald",
        publisher={"name": "The Herald", "url": "https://herald.example/"},
        contact="desk@herald.example",
        rules=[{"allow": ["full", "excerpt", "headline"]}],
    )
    site.write("sources.yaml", [{"id": "herald", "feed": origin.url("/feed"), "policy": "herald", **source}])
    use = {"audience": "community", "medium": "web", "form": "excerpt"}
    site.write("outputs.yaml", [{"id": "community", "title": "News", "use": use, "formats": ["json"]}])
    return site


async def notices(told: Told) -> tuple[str, ...]:
    detail = await entry_detail("herald:1", told.open.house.world, told.store)
    return tuple(line.strip() for line in detail.lines())


def a_page(head: str) -> bytes:
    return f"<!doctype html><html><head><title>Herald</title>{head}</head><body><p>Hello.</p></body></html>".encode()
