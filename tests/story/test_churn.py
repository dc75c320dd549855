"""Feeds that bring the same again under new names, more than a day can hold, or their past: what is new is new once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson

from aggregator.model.entry import StoredEntry
from aggregator.model.output import Format
from tests.story.feeds import PUBLISHED, Article, an_rss
from tests.story.origin import Origin
from tests.story.site import Open, Site, a_source

HOME = "https://papers.example"
ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def an_article(number: int, **given: Any) -> Article:
    sentences = (f"Sentence {n} of story number {number} tells what nobody else tells." for n in range(8))
    at = PUBLISHED + timedelta(hours=number)
    facts = {"id": f"id-{number}", "title": f"Story {number}", "link": f"{HOME}/story/{number}", "at": at}
    return Article(**(facts | {"body": f"<p>{' '.join(sentences)}</p>", "summary": "Short."} | given))


def set_up(site: Site, origin: Origin, **sources: dict[str, object]) -> None:
    site.write("sources.yaml", [a_source(id_, origin, f"/{id_}", policy="p", **keys) for id_, keys in sources.items()])
    publisher = {"name": "Papers", "url": f"{HOME}/", "domains": ["papers.example"]}
    site.policy("p", publisher=publisher, rules=[{"allow": ["full"], "duties": ["credit-source"]}])
    output = {"id": "all", "title": "All", "select": {"newest": 500}, "use": {"audience": "community"}}
    site.write("outputs.yaml", [{**output, "formats": ["json"]}])


async def stored(opened: Open, source: str) -> list[StoredEntry]:
    return await opened.house.store.list_entries(source=source, limit=10_000)


async def shown(opened: Open) -> list[str]:
    return [item["id"] for item in orjson.loads(await opened.body("all", Format.JSON))["items"]]


async def test_new_ids_at_every_poll_announce_nothing(site: Site, origin: Origin) -> None:
    """Known by their addresses, or by their words where those change as well; an edit among them is still an edit."""
    set_up(site, origin, churn={}, session={}, twins={})
    async with site.opened() as opened:
        for turn in range(3):
            churning = [
                an_article(n, id=f"{turn}-{n}", link=f"{HOME}/story/{n}?utm_source=rss{turn}") for n in range(6)
            ]
            if turn == 2:
                churning[0] = replace(churning[0], title="Story 0, corrected")
            origin.serve("/churn", an_rss(*churning))
            session = [an_article(n, id=f"{turn}-{n}", link=f"{HOME}/s{turn}/{n}") for n in range(6)]
            origin.serve("/session", an_rss(*session))
            # One address for all: nothing to be known by but title and text, and these differ each time.
            twins = [an_article(n + 10 * turn, id=f"{turn}-{n}", link=f"{HOME}/home") for n in range(4)]
            origin.serve("/twins", an_rss(*twins))
            reports = await opened.poll()
            wanted = {"churn": (6, 0), "session": (6, 0), "twins": (4, 0)}
            if turn:
                # Another address is a new fact of the entry: a revision, but no new entry.
                wanted = {"churn": (0, 6), "session": (0, 6), "twins": (4, 0)}
                assert "6 entries that were known came under other ids" in reports["churn"].detail
            assert {id_: (report.new, report.revised) for id_, report in reports.items()} == wanted
        assert {entry.entry.id for entry in await stored(opened, "churn")} == {f"0-{n}" for n in range(6)}
        assert {entry.entry.id for entry in await stored(opened, "session")} == {f"0-{n}" for n in range(6)}
        assert len(await stored(opened, "twins")) == 12
        again = await opened.poll("churn")
        assert again["churn"].outcome == "unchanged"


async def test_an_id_that_churns_among_others_announces_nothing(site: Site, origin: Origin) -> None:
    """One or two at a poll, where others stay. News of a ticker are news, though all have one title and one address:
    where they come at one end and leave at the other, and where one that is pinned stands before them."""
    set_up(site, origin, slow={}, usual={}, pinned={})
    async with site.opened() as opened:
        for turn in range(4):
            slow = [an_article(n, id=f"{n}-{turn if n in (3, turn) else 0}") for n in range(8)]
            origin.serve("/slow", an_rss(*slow))
            usual = [an_article(n, link=f"{HOME}/live") for n in range(10 + turn, turn, -1)]
            origin.serve("/usual", an_rss(*usual))
            origin.serve("/pinned", an_rss(an_article(99), *(replace(one, title="Status") for one in usual)))
            reports = await opened.poll()
            wanted = (8, 10, 11) if turn == 0 else (0, 1, 1)
            assert (reports["slow"].new, reports["usual"].new, reports["pinned"].new) == wanted
        assert {entry.entry.id for entry in await stored(opened, "slow")} == {f"{n}-0" for n in range(8)}


async def test_a_site_that_moves_is_known_by_titles_and_times_where_it_has_summaries_only(
    site: Site, origin: Origin
) -> None:
    """Two of one title and time are not told apart, so they are news."""
    set_up(site, origin, moved={})

    def edition(host: str, ids: str, *more: Article) -> bytes:
        links = {n: f"https://{host}/{ids}/{n}" for n in range(6)}
        return an_rss(*(an_article(n, id=f"{ids}{n}", link=link, body="") for n, link in links.items()), *more)

    def doubled(host: str) -> list[Article]:
        return [an_article(50, id=f"{host}{n}", link=f"https://{host}/x{n}", body="", summary=f"{n}") for n in (0, 1)]

    async with site.opened() as opened:
        origin.serve("/moved", edition("papers.example", "a", *doubled("papers.example")))
        assert (await opened.poll())["moved"].new == 8
        origin.serve("/moved", edition("new.example", "b", *doubled("new.example")))
        assert (await opened.poll())["moved"].new == 2
        ids = {entry.entry.id for entry in await stored(opened, "moved")}
        assert {id_ for id_ in ids if "." not in id_} == {f"a{n}" for n in range(6)}


async def test_ids_that_churn_alone_make_no_revision(site: Site, origin: Origin) -> None:
    set_up(site, origin, churn={})
    async with site.opened() as opened:
        for turn in range(3):
            origin.serve("/churn", an_rss(*(an_article(n, id=f"{turn}-{n}") for n in range(5))))
            report = (await opened.poll())["churn"]
        assert (report.new, report.revised, report.deleted, report.outcome) == (0, 0, 0, "unchanged")


async def test_an_archive_that_moves_or_is_dated_anew_is_not_news(site: Site, origin: Origin) -> None:
    """Under another host, other ids and today's date, all that was read over time comes again at once."""
    set_up(site, origin, moved={})
    async with site.opened() as opened:
        for start in (0, 40):
            origin.serve("/moved", an_rss(*(an_article(n) for n in range(start, start + 40))))
            assert (await opened.poll())["moved"].new == 40
        before = {entry.key: entry.ordered_at for entry in await stored(opened, "moved")}
        await opened.build()
        first = await shown(opened)
        again = [
            an_article(n, id=f"new-{n}", link=f"https://new.papers.example/{n}.html", at=PUBLISHED + timedelta(days=99))
            for n in range(81)
        ]
        origin.serve("/moved", an_rss(*again))
        report = (await opened.poll())["moved"]
        assert (report.new, report.revised) == (1, 80)
        after = {entry.key: entry.ordered_at for entry in await stored(opened, "moved")}
        assert {key: after[key] for key in before} == before
        await opened.build()
        assert [id_ for id_ in await shown(opened) if id_ != "new-80"] == first


async def test_a_flood_comes_in_a_day_at_a_time(site: Site, origin: Origin) -> None:
    """The newest of it first; what waits is told at each poll, and nothing is lost or taken for deleted."""
    set_up(site, origin, flood={"daily_entries": 30})
    async with site.opened() as opened:
        origin.serve("/flood", an_rss(*(an_article(n) for n in range(1_000, 1_050))), ETag='"1"')
        assert (await opened.poll())["flood"].new == 50, "a first poll is not bounded"
        origin.serve("/flood", an_rss(*(an_article(n) for n in range(2_000, 2_100))), ETag='"2"')
        report = (await opened.poll())["flood"]
        assert report.new == 0
        assert report.detail.startswith("100 new entries wait: a feed may bring 30 in a day (daily_entries)")
        await opened.poll()
        (flag,) = await opened.house.store.flags()
        assert (flag.kind, flag.subject) == ("review", "source:flood")
        assert "has 100 more new entries than it may bring in a day" in flag.reason
    site.write("sources.yaml", [a_source("flood", origin, "/flood", policy="p", daily_entries=80)])
    async with site.opened() as opened:
        report = (await opened.poll())["flood"]
        assert report.new == 30
        assert report.detail.startswith("70 new entries wait")
        ids = {entry.entry.id for entry in await stored(opened, "flood")}
        assert {f"id-{n}" for n in range(2_070, 2_100)} <= ids
        assert len(ids) == 80
        assert len(await opened.house.store.flags(open_only=True)) == 1
        origin.serve("/flood", an_rss(*(an_article(n) for n in range(2_080, 2_100))), ETag='"3"')
        await opened.poll()
        assert await opened.house.store.flags(open_only=True) == [], "nothing waits any more"


def an_atom(*parts: str, links: str = "") -> str:
    return (
        f'<feed xmlns="{ATOM}" xmlns:fh="{HISTORY}" xmlns:at="{TOMBSTONES}"><title>T</title><id>urn:f</id>'
        f"<updated>2016-12-13T09:00:00Z</updated>{links}{''.join(parts)}</feed>"
    )


def an_entry(id_: str, updated: str = "2016-12-13T09:00:00Z", title: str = "") -> str:
    link = f"<link href='{HOME}/{id_}'/>"
    return f"<entry><id>{id_}</id><title>{title or id_}</title>{link}<updated>{updated}</updated></entry>"


async def test_the_past_of_a_new_feed_is_read_up_to_a_bound(site: Site, origin: Origin) -> None:
    """Once, from the newest back; the same entry in two parts is as the newer has it, and a ring of parts ends."""
    set_up(
        site, origin, whole={}, ring={}, bounded={"archive_pages": 1}, none={"archive_pages": 0}, pages={}, broken={}
    )

    def part(name: str, number: int, earlier: int | str) -> str:
        title = f"{name}, part {number}"
        link = f"<link rel='prev-archive' href='{origin.url(f'/{name}/{earlier}')}'/>"
        return an_atom("<fh:archive/>", an_entry("both", title=title), an_entry(f"{number}"), links=link)

    for name in ("ring", "bounded", "none", "whole", "broken"):
        for number in (1, 2, 3):
            origin.serve(f"/{name}/{number}", part(name, number, number - 1 or 3).encode())
        current = part(name, 4, 3).replace("<fh:archive/>", "")
        origin.serve(f"/{name}", current.encode(), Content_Type="application/atom+xml")
    origin.serve("/whole/1", an_atom(an_entry("1")).encode())
    origin.serve("/broken/2", b"gone", 404)
    for number in (0, 1, 2):
        page = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": f"{number}", "content_text": "t"}]}
        path = f"/pages/{number}" if number else "/pages"
        origin.serve(path, orjson.dumps(page | {"next_url": f"/pages/{number + 1}"}), Content_Type="application/json")
    async with site.opened() as opened:
        reports = await opened.poll()
        ids = {name: sorted(entry.entry.id for entry in await stored(opened, name)) for name in reports}
        assert ids == {
            "whole": ["1", "2", "3", "4", "both"],
            "ring": ["1", "2", "3", "4", "both"],
            "bounded": ["3", "4", "both"],
            "none": ["4", "both"],
            "pages": ["0", "1", "2"],
            "broken": ["3", "4", "both"],
        }
        assert "answered 404" in reports["broken"].detail
        assert {e.entry.title for e in await stored(opened, "whole") if e.entry.id == "both"} == {"whole, part 4"}
        assert origin.times("/whole/3") == 1
        origin.serve("/whole", part("whole", 5, 3).replace("<fh:archive/>", "").encode())
        report = (await opened.poll("whole"))["whole"]
        assert (report.new, report.deleted) == (1, 0)
        assert origin.times("/whole/3") == 1, "the past is read once"


async def test_absence_is_removal_from_a_complete_feed_only(site: Site, origin: Origin) -> None:
    """Not where the document is a page or an archive, is cut off, is broken, or is longer than is read."""
    three = [an_entry(id_) for id_ in ("a", "b", "c")]
    later = {
        "complete": an_atom("<fh:complete/>", *three[:2]),
        "plain": an_atom(*three[:2]),
        "page": an_atom("<fh:complete/>", *three[:2], links="<link rel='next' href='?2'/>"),
        "archive": an_atom("<fh:complete/>", "<fh:archive/>", *three[:2]),
        "cut": an_atom("<fh:complete/>", *three[:2])[: -len("</feed>") - 10],
        "broken": an_atom("<fh:complete/>", *three[:2], "<entry><b></entry>"),
        "many": an_atom("<fh:complete/>", *three[:2], *(an_entry(f"n{n}") for n in range(5_001))),
        "empty": an_atom("<fh:complete/>"),
    }
    set_up(site, origin, **{name: {} for name in later})
    for name in later:
        origin.serve(f"/{name}", an_atom("<fh:complete/>", *three).encode())
    async with site.opened() as opened:
        assert {report.new for report in (await opened.poll()).values()} == {3}
        for name, body in later.items():
            origin.serve(f"/{name}", body.encode())
        await opened.poll()
        gone = {
            name: sorted(entry.entry.id for entry in await stored(opened, name) if entry.deleted_at) for name in later
        }
        nothing: list[str] = []
        assert gone == dict.fromkeys(later, nothing) | {"complete": ["c"]}, (
            "an empty document deletes nothing by itself"
        )


async def test_tombstones_take_back_what_this_feed_had(site: Site, origin: Origin) -> None:
    """RFC 6721: only entries of that feed, and not what was published again later; by and comment do no harm."""
    times = {"old": "2016-12-13T08:00:00Z", "new": "2016-12-13T10:00:00Z"}
    entries = [an_entry(id_) for id_ in ("buried", "newer", "beside", "unread", "stays")]
    set_up(site, origin, graves={}, other={})
    origin.serve("/graves", an_atom(*entries).encode())
    origin.serve("/other", an_atom(an_entry("theirs")).encode())
    stones = (
        f"<at:deleted-entry ref='buried' when='{times['new']}'><at:by><name>Ed</name></at:by><at:comment type='html'>"
        "&lt;script&gt;x&lt;/script&gt;Withdrawn</at:comment><x:y xmlns:x='urn:x'/></at:deleted-entry>"
        f"<at:deleted-entry ref='newer' when='{times['old']}'/>"
        f"<at:deleted-entry ref='beside' when='{times['old']}'/><at:deleted-entry ref='beside' when='{times['old']}'/>"
        "<at:deleted-entry ref='unread' when='whenever'/><at:deleted-entry ref='stays' when='never'/>"
        f"<at:deleted-entry ref='theirs' when='{times['new']}'/><at:deleted-entry when='{times['new']}'/>"
        f"<at:deleted-entry ref='theirs' when='{times['new']}'><source xmlns='{ATOM}'><id>urn:o</id></source>"
        "</at:deleted-entry>"
        "<at:deleted-entry ref='nobody'/>"
    )
    async with site.opened() as opened:
        await opened.poll()
        await opened.build()
        origin.serve("/graves", an_atom(stones, an_entry("beside"), an_entry("stays")).encode())
        reports = await opened.poll()
        assert reports["graves"].deleted == 2
        gone = {
            entry.entry.id for name in ("graves", "other") for entry in await stored(opened, name) if entry.deleted_at
        }
        assert gone == {"buried", "unread"}
        await opened.build()
        assert gone.isdisjoint(await shown(opened))
        newer = an_entry("buried", updated="2016-12-13T11:00:00Z", title="Back")
        origin.serve("/graves", an_atom(stones, newer).encode())
        assert (await opened.poll())["graves"].outcome == "changed"
        assert "buried" not in {entry.entry.id for entry in await stored(opened, "graves") if entry.deleted_at}
