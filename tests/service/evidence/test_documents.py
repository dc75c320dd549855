"""What a site says to machines is fetched once a day, tightens what is published, and never loosens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.evidence import Evidence, EvidenceKind
from aggregator.model.fetched import FailureKind, FetchFailed, NotModified, Validators
from aggregator.model.output import Format
from aggregator.model.source import PollSettings, SecretRef, Source
from aggregator.service.evidence import EvidenceReport, due_sources, look_at, read_answer
from aggregator.service.inspect import entry_detail
from aggregator.service.read import source_summaries
from tests.service.evidence.publisher import BAR, DAY, NOW, ROBOTS, TDMREP, Told, a_feed, configured, rsl
from tests.story.origin import Origin


async def test_a_silent_site_is_asked_once_a_day_and_changes_nothing(told: Told) -> None:
    assert await told.look() == [EvidenceReport(source="herald", read=2)]
    assert await told.look(NOW + DAY - timedelta(minutes=1)) == []
    assert [told.origin.times(path) for path in (ROBOTS, TDMREP)] == [1, 1]
    assert await told.look(NOW + DAY) == [EvidenceReport(source="herald", read=2)]
    assert await told.outcome() == ("allow", (), "an excerpt is allowed by The Herald (config/policies/herald.yaml:9)")


async def test_a_refusal_of_ai_is_carried_and_told(told: Told) -> None:
    told.origin.serve(ROBOTS, b"User-agent: *\nContent-Signal: search=yes, ai-train=no\n")
    (report,) = await told.look()
    assert report == EvidenceReport(source="herald", read=2, speaking=1, changed=True)
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))
    (summary,) = await source_summaries(told.open.house.world, told.store)
    assert summary.evidence == 1
    detail = await entry_detail("herald:1", told.open.house.world, told.store)
    where = f"Content-Signal in {told.origin.url(ROBOTS)}"
    assert f"  no-ai (site, {where}): ai-train=no" in detail.lines()
    assert (await told.rows())["robots.txt"].quote == "content-signal: search=yes, ai-train=no"


async def test_a_reservation_is_carried(told: Told) -> None:
    told.origin.serve(TDMREP, b'[{"location": "/story/*", "tdm-reservation": 1}]')
    await told.look()
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))


async def test_a_licence_that_robots_txt_names_may_bar_the_entry_and_is_quoted(told: Told) -> None:
    told.origin.serve(ROBOTS, f"License: {told.origin.url('/license.xml')}\n".encode())
    told.origin.serve("/license.xml", rsl())
    house = told.open.house
    before = await told.open.body("community", Format.JSON)
    assert b"Ferries" in before
    (report,) = await told.look()
    assert (report.read, report.speaking, report.changed) == (3, 2, True)
    assert await house.notice() == {"community"}
    assert b"Ferries" not in await told.open.body("community", Format.JSON)
    outcome, limits, sentence = await told.outcome()
    assert (outcome, limits) == ("ask", ())
    assert "its site bars automated use, or asks a price for it (rsl in http" in sentence
    assert ': "prohibits all")' in sentence
    (flag,) = await told.store.flags()
    assert (flag.kind, flag.contact) == ("notice", "desk@herald.example")


async def test_a_licence_of_another_path_is_not_heard(told: Told) -> None:
    told.origin.serve(ROBOTS, f"License: {told.origin.url('/license.xml')}\n".encode())
    told.origin.serve("/license.xml", rsl(url="/members/"))
    await told.look()
    assert (await told.outcome())[:2] == ("allow", ())


async def test_a_licence_that_the_feeds_answer_links_to_is_read(told: Told) -> None:
    told.origin.serve(
        "/feed",
        a_feed(told.origin.url("/story/1"), "<category>new</category>"),
        Link='</rsl.xml>; rel="license"; type="application/rsl+xml", </other>; rel="license"',
    )
    told.origin.serve("/rsl.xml", rsl('<permits type="usage">search</permits>'))
    await told.open.poll()
    (report,) = await told.look()
    assert (report.read, report.speaking) == (3, 1)
    assert told.origin.times("/other") == 0
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))


async def test_rsl_inside_an_item_is_heard_without_asking_anybody(told: Told) -> None:
    terms = f'<rsl:content url=""><rsl:license>{BAR.replace("prohibits", "rsl:prohibits")}</rsl:license></rsl:content>'
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1"), terms))
    await told.open.poll()
    outcome, _, sentence = await told.outcome()
    assert outcome == "ask"
    assert 'the entry itself bars automated use, or asks a price for it (rsl:content: "prohibits all")' in sentence
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1"), terms.replace("all", "ai-all")))
    await told.open.poll()
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))


async def test_what_goes_wrong_says_nothing_and_is_named(told: Told) -> None:
    """Malformed, too large, an error, a redirect to where nobody may go, more licences than are read."""
    huge = b"Content-Signal: ai-train=no\n" + b"#" * 1_000_000
    named = "".join(f"License: {told.origin.url(f'/{name}.xml')}\n" for name in ("bad", "html", "large", "more"))
    told.origin.serve(ROBOTS, huge)
    told.origin.serve(TDMREP, b'{"location": "/", "tdm-reservation": 1}')
    (report,) = await told.look()
    assert report.warnings == (
        f"{told.origin.url(ROBOTS)}: larger than 1,000,000 bytes",
        f"{told.origin.url(TDMREP)}: not a list of rules",
    )
    told.origin.serve(ROBOTS, named.encode())
    told.origin.serve(TDMREP, b"", 302, Location="ftp://127.0.0.1/tdmrep.json")
    told.origin.serve("/bad.xml", rsl()[:-3])
    told.origin.serve("/html.xml", b"<html>License</html>")
    told.origin.serve("/large.xml", rsl() + b" " * 1_000_000)
    (report,) = await told.look(NOW + DAY)
    assert [warning.partition(": ")[0] for warning in report.warnings] == [
        told.origin.url(path) for path in (ROBOTS, TDMREP, "/bad.xml", "/html.xml", "/large.xml")
    ]
    assert "4 documents are named" in report.warnings[0]
    assert "redirected to where we may not go" in report.warnings[1]
    assert "not well-formed" in report.warnings[2]
    assert (await told.outcome())[:2] == ("allow", ())
    assert told.origin.times("/more.xml") == 0


async def test_a_failure_takes_nothing_back_and_waits_longer_each_time(told: Told) -> None:
    told.origin.serve(ROBOTS, b"Content-Signal: ai-train=no")
    await told.look()
    read = (await told.rows())["robots.txt"]
    at = NOW
    for status, body, days in (
        (503, b"", 1),
        (403, b"", 2),
        (200, b"<!doctype html>", 4),
        (500, b"", 8),
        (500, b"", 8),
    ):
        told.origin.serve(ROBOTS, body, status)
        at = (await told.rows())["robots.txt"].next_at
        await told.look(at)
        row = (await told.rows())["robots.txt"]
        assert (row.words, row.read_at, row.next_at) == (read.words, NOW, at + days * DAY)
        assert row.problem is not None
        assert row.problem.startswith(told.origin.url(ROBOTS))
        assert (await told.outcome())[1] == ("no-ai",)
    told.origin.serve(ROBOTS, b"", 404)
    (report,) = [one for one in await told.look(at + 8 * DAY) if one.changed]
    assert report.speaking == 0
    row = (await told.rows())["robots.txt"]
    assert (row.words, row.failures, row.problem) == (None, 0, None)
    assert (await told.outcome())[1] == ()


async def test_a_licence_that_is_named_no_more_is_forgotten_and_one_that_is_gone_is_not(told: Told) -> None:
    told.origin.serve(ROBOTS, f"License: {told.origin.url('/license.xml')}".encode())
    told.origin.serve("/license.xml", rsl(age='max-age="1"'))
    await told.look()
    told.origin.serve("/license.xml", b"", 404)
    await told.look(NOW + DAY)
    assert (await told.outcome())[0] == "ask"
    told.origin.serve(ROBOTS, b"")
    await told.look(NOW + 2 * DAY)
    assert set(await told.rows()) == {"robots.txt", "tdmrep.json"}
    assert (await told.outcome())[0] == "allow"


@pytest.mark.parametrize(("age", "days"), [("", 30), ('max-age="7"', 7), ('max-age="365"', 30), ('max-age="0"', 30)])
async def test_a_licence_is_kept_as_long_as_it_says_within_a_month(told: Told, age: str, days: int) -> None:
    told.origin.serve(ROBOTS, f"License: {told.origin.url('/license.xml')}".encode())
    told.origin.serve("/license.xml", rsl(age=age))
    await told.look()
    assert (await told.rows())["rsl"].next_at == NOW + days * DAY
    await told.look(NOW + DAY)
    assert told.origin.times("/license.xml") == 1


async def test_a_hundred_sources_are_heard_in_two_rounds_and_a_site_that_several_share_is_asked_once(
    origin: Origin, tmp_path: Path
) -> None:
    """Each of them holds what the site says, by its own name."""
    site = configured(tmp_path, origin)
    names = [f"herald-{number}" for number in range(100)]
    site.write("sources.yaml", [{"id": name, "feed": origin.url(f"/{name}"), "policy": "herald"} for name in names])
    origin.serve(ROBOTS, b"Content-Signal: ai-train=no\n")
    async with site.opened() as open_:
        told = Told(origin, open_)
        first, second = await told.look(), await told.look()
        assert (len(first), len(second), await told.look()) == (60, 40, [])
        assert {one.source for one in (*first, *second)} == set(names)
        assert {one.speaking for one in (*first, *second)} == {1}
        assert (origin.times(ROBOTS), origin.times(TDMREP)) == (2, 2)
        for name in (names[0], names[-1]):
            assert [row.url for row in await told.store.evidence(name) if row.words is not None] == [origin.url(ROBOTS)]


async def test_credentials_stay_with_the_feed(origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERALD_LOGIN", "ann:s3cret")
    site = configured(tmp_path, origin, auth={"basic": "env:HERALD_LOGIN"}, headers={"X-Key": "k3y"})
    async with site.opened() as open_:
        await open_.poll()
        await Told(origin, open_).look()
    assert {asked.path: "authorization" in asked.headers or "x-key" in asked.headers for asked in origin.asked} == {
        "/feed": True,
        ROBOTS: False,
        TDMREP: False,
    }


async def test_private_addresses_are_not_asked_unless_the_source_may(origin: Origin, tmp_path: Path) -> None:
    site = configured(tmp_path, origin, private_addresses=False)
    async with site.opened() as open_:
        told = Told(origin, open_)
        (report,) = await told.look()
        assert len(report.warnings) == 2
        assert all("127.0.0.1" in warning and "not" in warning for warning in report.warnings)
    assert origin.asked == []


async def test_two_looks_at_once_store_the_same(told: Told) -> None:
    told.origin.serve(ROBOTS, b"Content-Signal: ai-train=no")
    source = told.open.house.world.sources["herald"]
    await look_at(source, told.store, told.open.tools.fetch, NOW)
    before = await told.rows()
    report = await look_at(source, told.store, told.open.tools.fetch, NOW)
    assert (report.read, report.changed) == (0, False)
    assert await told.rows() == before


def a_source(id_: str, feed: str = "https://herald.example/feed", **given: Any) -> Source:
    return Source(id=id_, feed=feed, **given)


def test_sites_that_were_never_seen_go_first_then_those_that_wait_longest() -> None:
    sources = [a_source(name) for name in ("late", "later", "fresh", "new", "moved")] + [a_source("file", "file:a.xml")]
    here = "https://herald.example"
    schedule = {
        "later": (here, NOW - 2 * DAY),
        "late": (here, NOW),
        "fresh": (here, NOW + timedelta(seconds=1)),
        "moved": ("https://old.example", NOW + DAY),
    }
    assert [source.id for source in due_sources(sources, schedule, NOW)] == ["moved", "new", "later", "late"]


async def test_a_request_keeps_the_rules_of_its_source_and_none_of_its_secrets(told: Told) -> None:
    asked: list[Source] = []

    async def fetch(source: Source, validators: object, now: datetime) -> FetchFailed:
        asked.append(source)
        return FetchFailed(source=source.id, asked_at=now, kind=FailureKind.DNS, detail="no such host")

    secret = SecretRef(scheme="env", name="KEY")
    polling = PollSettings(private_addresses=True, timeout=timedelta(seconds=3))
    source = a_source("herald", polling=polling, headers=(("X", secret),), basic_auth=secret, bearer_auth=secret)
    report = await look_at(source, told.store, fetch, NOW)
    assert asked == [
        a_source("herald", f"https://herald.example{path}", polling=replace(polling, max_size=1_000_000))
        for path in (ROBOTS, TDMREP)
    ]
    assert report.warnings == tuple(f"{one.feed}: no such host" for one in asked)


def test_a_publisher_who_asks_for_patience_gets_it() -> None:
    known = Evidence(source="a", kind=EvidenceKind.ROBOTS, url="https://a.example/robots.txt", origin="", next_at=NOW)
    failed = FetchFailed(
        source="a",
        asked_at=NOW,
        kind=FailureKind.HTTP_STATUS,
        detail="answered 429; wait",
        status=429,
        retry_after=3 * DAY,
    )
    row = read_answer(known, failed, NOW)
    assert (row.next_at, row.failures, row.problem) == (NOW + 3 * DAY, 1, f"{known.url}: answered 429")
    assert read_answer(known, NotModified(source="a", asked_at=NOW, validators=Validators()), NOW).failures == 1
