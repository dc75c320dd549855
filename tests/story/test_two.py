"""Two services on one database share the work: nobody is asked twice, nothing is stored or published twice."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta

import orjson

from aggregator.store import Store
from tests.story.feeds import Article, an_rss
from tests.story.origin import Origin
from tests.story.site import Site, a_source, until

SOURCES = [f"paper-{number}" for number in range(6)]
INTERVAL = timedelta(seconds=2)
TURNS = 4


async def test_two_services_on_one_database_poll_each_source_once_an_interval(
    site_on: Site, origin: Origin, database_url: str
) -> None:
    """Whoever comes first holds the lease; builds of both leave one release an entry."""
    seconds = f"{INTERVAL.seconds}s"
    site_on.settings["polling"] |= {"interval": seconds, "min_interval": seconds, "max_interval": "1h"}
    site_on.write("aggregator.yaml", site_on.settings)
    site_on.write("sources.yaml", [a_source(id_, origin, f"/{id_}", policy="papers") for id_ in SOURCES])
    publisher = {"name": "Papers", "url": "https://papers.example/", "domains": ["papers.example"]}
    site_on.policy("papers", publisher=publisher, rules=[{"allow": ["full"]}])
    site_on.write("outputs.yaml", [{"id": "all", "title": "All", "use": {"audience": "community"}}])

    def print_edition(*numbers: int) -> None:
        for id_ in SOURCES:
            articles = (
                Article(id=f"{id_}/{n}", title=f"{id_} no {n}", link=f"https://papers.example/{id_}/{n}")
                for n in numbers
            )
            origin.serve(f"/{id_}", an_rss(*articles))

    print_edition(1)
    start = time.monotonic()
    with ExitStack() as stack:
        services = [stack.enter_context(site_on.serving()) for _ in range(2)]
        until(lambda: all(origin.times(f"/{id_}") for id_ in SOURCES), "each source was polled")
        print_edition(1, 2)
        until(lambda: all(origin.times(f"/{id_}") >= TURNS for id_ in SOURCES), "each source had its turns")
        # However slow the machine is: a source that is polled once an interval is polled no oftener than this.
        most = (time.monotonic() - start) // INTERVAL.total_seconds() + 1
        assert max(origin.times(f"/{id_}") for id_ in SOURCES) <= most
        for service in services:
            until(service.shows(f"{SOURCES[-1]} no 2", "/feeds/all.json"), "both serve what either has polled")
        items = [orjson.loads(service.get("/feeds/all.json")[1])["items"] for service in services]
    expected = sorted(f"{id_}/{number}" for id_ in SOURCES for number in (1, 2))
    assert [sorted(item["id"] for item in each) for each in items] == [expected, expected]
    for service in services:
        assert not [line for line in service.log if "error" in line or "warning" in line]
    store = await Store.open(database_url)
    assert sorted(entry.entry.id for entry in await store.list_entries(limit=100)) == expected
    assert {len(await store.revisions(entry.key)) for entry in await store.list_entries(limit=100)} == {1}
    released = [record.subject for record in await store.ledger(limit=1000) if record.kind == "release"]
    assert len(released) == len(set(released)) == len(expected)
    assert await store.verify_ledger() == []
    await store.close()
