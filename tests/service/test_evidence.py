"""What a site says to machines is fetched once a day, tightens what is published, and never loosens it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.intake.odrl_read import read_odrl
from aggregator.model.entry import NoticeKind
from aggregator.model.evidence import Evidence, EvidenceKind, SiteWords
from aggregator.model.fetched import FailureKind, FetchFailed, NotModified, Validators
from aggregator.model.output import Format
from aggregator.model.source import PollSettings, SecretRef, Source
from aggregator.model.use import Audience, Medium, Use
from aggregator.rights.odrl_said import said_in_odrl
from aggregator.rights.site import site_notices
from aggregator.service.evidence import EvidenceReport, due_sources, gather_evidence, look_at, read_answer
from aggregator.service.explain import explain_entry
from aggregator.service.inspect import entry_detail
from aggregator.service.read import source_summaries
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


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin().running() as running:
        running.serve("/feed", a_feed(running.url("/story/1")))
        yield running


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


@pytest.fixture
async def told(origin: Origin, tmp_path: Path) -> AsyncIterator[Told]:
    async with configured(tmp_path, origin).opened() as open_:
        await open_.poll()
        yield Told(origin, open_)


async def test_a_silent_site_is_asked_once_a_day_and_changes_nothing(told: Told) -> None:
    assert await told.look() == [EvidenceReport(source="herald", read=2)]
    assert await told.look(NOW + DAY - timedelta(minutes=1)) == []
    assert [told.origin.times(path) for path in (ROBOTS, TDMREP)] == [1, 1]
    assert await told.look(NOW + DAY) == [EvidenceReport(source="herald", read=2)]
    assert await told.outcome() == ("allow", (), "an excerpt is allowed by herald:1")


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


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────

BY_NC_ND = '<https://creativecommons.org/licenses/by-nc-nd/4.0/>; rel="license"'
DATED = "unavailable_after: Sunday, 25 Jun 2028 15:00:00 PST"
HEADERS = [
    ({"TDM_Reservation": "1", "TDM_Policy": "/p"}, ("no-ai",), "no-ai", "tdm-reservation", "tdm-reservation=1"),
    ({"tdm_reservation": "0"}, (), "machine", "tdm-reservation", "tdm-reservation=0"),
    ({"tdm_reservation": "0, 1"}, ("no-ai",), "no-ai", "tdm-reservation", "tdm-reservation=1"),
    ({"Content_Usage": "search=y, train-ai=n;x=1"}, ("no-ai",), "no-ai", "Content-Usage", "train-ai=n"),
    ({"Content_Usage": "train-ai=y"}, (), "machine", "Content-Usage", "train-ai=y"),
    ({"X_Robots_Tag": "noindex, NoAI"}, ("no-ai",), "no-ai", "X-Robots-Tag", "noai"),
    ({"X_Robots_Tag": "anybot: noimageai"}, ("no-ai",), "no-ai", "X-Robots-Tag", "noimageai"),
    ({"X_Robots_Tag": DATED}, (), "machine", "X-Robots-Tag", DATED),
    ({"X_Robots_Tag": f"{DATED}, noai"}, ("no-ai",), "no-ai", "X-Robots-Tag", "noai"),
]


async def notices(told: Told) -> tuple[str, ...]:
    detail = await entry_detail("herald:1", told.open.house.world, told.store)
    return tuple(line.strip() for line in detail.lines())


@pytest.mark.parametrize(("sent", "limits", "kind", "name", "said"), HEADERS)
async def test_the_header_of_the_feeds_answer_is_heard(
    told: Told, sent: dict[str, str], limits: tuple[str, ...], kind: str, name: str, said: str
) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), **sent)  # the same bytes under another header
    await told.open.poll()
    assert (await told.outcome())[:2] == ("allow", limits), "it acts before anybody looks at the site"
    (report,) = await told.look()
    assert report.speaking == 1
    assert (await told.outcome())[:2] == ("allow", limits)
    assert f"{kind} (feed, HTTP header {name} in {told.origin.url('/feed')}): {said}" in await notices(told)
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")))
    await told.open.poll()
    assert (await told.outcome())[:2] == ("allow", ())
    await told.look(NOW + DAY)
    assert (await told.outcome())[:2] == ("allow", ())


@pytest.mark.parametrize(("path", "body"), [(ROBOTS, b"User-agent: *"), (TDMREP, b"[]"), ("/", b"<p>Hello.</p>")])
@pytest.mark.parametrize(("sent", "limits", "kind", "name", "said"), HEADERS[:1] + HEADERS[3:4] + HEADERS[5:6])
async def test_the_header_of_a_document_of_the_site_is_heard(
    paged: Told,
    path: str,
    body: bytes,
    sent: dict[str, str],
    limits: tuple[str, ...],
    kind: str,
    name: str,
    said: str,
) -> None:
    paged.origin.serve(path, body, **sent)
    await paged.look()
    assert (await paged.outcome())[:2] == ("allow", limits)
    assert f"{kind} (site, HTTP header {name} in {paged.origin.url(path)}): {said}" in await notices(paged)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"tdm_reservation": "perhaps"}, "HTTP header tdm-reservation: 'perhaps' is not understood"),
        ({"Content_Usage": "train-ai=(n"}, "HTTP header Content-Usage: 'train-ai=(n' is not understood"),
        ({"Content_Usage": '"n"'}, "HTTP header Content-Usage: '\"n\"' is not understood"),
        ({"X_Robots_Tag": "no-ai"}, "HTTP header X-Robots-Tag: 'no-ai' is not understood"),
        ({"tdm_policy": "mailto:desk@herald.example"}, "HTTP header tdm-policy: 'mailto:desk@herald.example' is not"),
        ({"Link": '</terms>; rel="license"'}, "/terms' is no licence that is known"),
    ],
)
async def test_a_header_that_is_not_understood_is_named_once_and_permits_nothing(
    told: Told, sent: dict[str, str], says: str
) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1"), "<category>new</category>"), **sent)
    await told.open.poll()
    (report,) = await told.look()
    assert says in "; ".join(report.warnings)
    assert report.speaking == 0
    assert (await told.outcome())[:2] == ("allow", ())
    (report,) = await told.look(NOW + DAY)
    assert report.warnings == ()


@pytest.mark.parametrize("where", ["/feed", ROBOTS])
async def test_a_licence_in_a_header_binds_and_a_looser_one_beside_it_takes_nothing_back(
    told: Told, where: str
) -> None:
    bodies = {"/feed": a_feed(told.origin.url("/story/1")), ROBOTS: b"User-agent: *"}
    told.origin.serve(where, bodies[where], Link=BY_NC_ND)
    await told.open.poll()
    await told.look()
    bound = await told.outcome()
    assert bound != ("allow", (), "an excerpt is allowed by herald:1")
    (other,) = set(bodies) - {where}
    told.origin.serve(other, bodies[other], Link=BY_NC_ND.replace("by-nc-nd", "by"))
    await told.open.poll()
    await told.look(NOW + DAY)
    assert (await told.rows())["feed"].words is not None
    now = await told.outcome()
    assert now[0] == bound[0]
    assert set(bound[1]) <= set(now[1])


async def test_an_answer_without_news_costs_nothing_and_keeps_what_was_said(told: Told) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), ETag='"1"', X_Robots_Tag="noai")
    await told.open.poll()
    told.origin.serve("/feed", b"", 304, X_Robots_Tag="all")
    await told.open.poll()
    await told.look()
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))


async def test_a_header_of_another_server_does_not_speak_for_the_site(told: Told, tmp_path: Path) -> None:
    with Origin().running() as other:
        other.serve(ROBOTS, b"User-agent: *", X_Robots_Tag="noai")
        told.origin.serve(ROBOTS, b"", 302, Location=other.url(ROBOTS))
        (report,) = await told.look()
    assert (report.speaking, report.warnings) == (0, ())


# ── policies ─────────────────────────────────────────────────────────────────────────────────────────────────────

PREFIXES = "@prefix odrl: <http://www.w3.org/ns/odrl/2/> . @prefix tdm: <http://www.w3.org/ns/tdmrep#> . "


def turtle(rules: str, target: str = "urn:herald:articles") -> bytes:
    return f"{PREFIXES}<urn:p> a odrl:Offer ; {rules} .".replace("T]", f"odrl:target <{target}>]").encode()


def json_ld(action: str) -> bytes:
    return (
        '{"@context": ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}], "@type": "Offer",'
        f' "uid": "urn:p", "prohibition": [{{"target": "urn:all", "action": "{action}"}}]}}'
    ).encode()


def barred(action: str, more: str = "") -> bytes:
    return turtle(f"odrl:prohibition [ odrl:action {action} ; {more} T]")


FOR = "odrl:constraint [ odrl:leftOperand odrl:{} ; odrl:operator odrl:eq ; odrl:rightOperand {} ] ;"
POLICIES = [
    (barred("odrl:distribute"), "ask", ()),
    (barred("odrl:use"), "ask", ()),
    (barred("tdm:mine"), "allow", ("no-ai",)),
    (json_ld("distribute"), "ask", ()),
    (json_ld("tdm:mine"), "allow", ("no-ai",)),
    (turtle("odrl:permission [ odrl:action odrl:distribute ; T]"), "allow", ()),
    (turtle("odrl:permission [ odrl:action tdm:mine ; odrl:duty [ odrl:action odrl:obtainConsent ] ; T]"), "allow",
     ("no-ai",)),
    (turtle("odrl:conflict odrl:perm ; odrl:permission [ odrl:action odrl:use ; T] ;"
            " odrl:prohibition [ odrl:action odrl:distribute ; T]"), "ask", ()),
    (barred("odrl:print"), "allow", ()),
    (barred("odrl:commercialize"), "allow", ()),
    (barred("odrl:distribute", FOR.format("dateTime", '"2030-01-01"')), "ask", ()),
    (barred("odrl:textToSpeech"), "allow", ()),
    (barred("odrl:translate"), "allow", ("no-translation",)),
    (barred("odrl:modify"), "allow", ("no-edits",)),
    (barred("odrl:sell"), "allow", ("no-resale",)),
    (barred("odrl:unheardOf"), "allow", ()),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "outcome", "limits"), POLICIES)
async def test_a_policy_that_the_site_names_only_tightens(
    told: Told, policy: bytes, outcome: str, limits: tuple[str, ...]
) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), tdm_policy="/p")
    told.origin.serve("/p", policy)
    await told.open.poll()
    (report,) = await told.look()
    assert report.read == 3
    found = await told.outcome()
    assert found[:2] == (outcome, limits)
    if outcome == "ask":
        assert "its site says that it is not for republication (odrl in http" in found[2]
    assert await told.look(NOW + DAY - timedelta(minutes=1)) == []
    assert told.origin.times("/p") == 1


@pytest.mark.parametrize(
    ("feed", "page", "tdmrep"),
    [
        ({"Link": '</p>; rel="license"; type="text/turtle"'}, "", b"[]"),
        ({}, '<link rel="license" type="text/turtle" href="/p">', b"[]"),
        ({}, '<meta name="tdm-policy" content="/p">', b"[]"),
        ({}, '<link rel="tdm-policy" href="/p">', b"[]"),
        ({}, "", b'[{"location": "/story/*", "tdm-reservation": 0, "tdm-policy": "/p"}]'),
    ],
)
async def test_a_policy_is_read_wherever_it_is_named(
    paged: Told, feed: dict[str, str], page: str, tdmrep: bytes
) -> None:
    paged.origin.serve("/feed", a_feed(paged.origin.url("/story/1"), home=paged.origin.url("/")), **feed)
    paged.origin.serve("/", a_page(page))
    paged.origin.serve(TDMREP, tdmrep)
    paged.origin.serve("/p", barred("odrl:distribute"), Content_Type="text/turtle")
    await paged.open.poll()
    await paged.look()
    assert (await paged.outcome())[0] == "ask"


@pytest.mark.parametrize("body", [b'[{"location": "/members/*", "tdm-reservation": 1, "tdm-policy": "/p"}]'])
async def test_a_policy_that_is_named_for_other_paths_is_not_heard(told: Told, body: bytes) -> None:
    told.origin.serve(TDMREP, body)
    told.origin.serve("/p", barred("odrl:distribute"))
    await told.look()
    assert told.origin.times("/p") == 1
    assert (await told.outcome())[:2] == ("allow", ())


@pytest.mark.parametrize(
    ("target", "outcome"),
    [("/story/1", "ask"), ("/story", "ask"), ("/", "ask"), ("/story/2", "allow"), ("/stor", "allow")],
)
async def test_a_policy_of_one_page_speaks_of_that_page(told: Told, target: str, outcome: str) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), tdm_policy="/p")
    told.origin.serve("/p", turtle("odrl:prohibition [ odrl:action odrl:distribute ; T]", told.origin.url(target)))
    await told.open.poll()
    await told.look()
    assert (await told.outcome())[0] == outcome


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (b"<!doctype html><p>Ask us.</p>", "/p: not read as a policy"),
        (b'{"@context": "http://elsewhere.example/c", "@type": "Offer"}', "/p: not read as a policy"),
        (b"{" * 100, "/p: not read as a policy"),
        (b"# nothing\n" + b" " * 600_000, "500,000 are read at most"),
        (b" " * 1_000_001, "larger than 1,000,000 bytes"),
        (f"{PREFIXES}<urn:p> a odrl:Request .".encode(), "ODRL: it holds no policy"),
        (barred("odrl:unheardOf"), "prohibition of 'unheardOf' is not understood"),
    ],
)
async def test_a_policy_that_is_not_understood_is_named_and_permits_nothing(
    told: Told, policy: bytes, says: str
) -> None:
    told.origin.serve("/feed", a_feed(told.origin.url("/story/1")), tdm_policy="/p", tdm_reservation="1")
    told.origin.serve("/p", policy)
    await told.open.poll()
    (report,) = await told.look()
    assert says in "; ".join(report.warnings)
    assert (await told.outcome())[:2] == ("allow", ("no-ai",))


@pytest.mark.parametrize(
    ("action", "audience", "medium", "sold", "is_heard"),
    [
        ("commercialize", Audience.COMMERCIAL, Medium.WEB, False, True),
        ("commercialize", Audience.COMMUNITY, Medium.WEB, True, True),
        ("commercialize", Audience.COMMUNITY, Medium.WEB, False, False),
        ("commercialize", Audience.ANYONE, Medium.WEB, False, True),
        ("print", Audience.COMMUNITY, Medium.PRINT, False, True),
        ("print", Audience.COMMUNITY, Medium.WEB, False, False),
    ],
)
def test_a_prohibition_is_heard_by_those_whom_it_concerns(
    action: str, audience: Audience, medium: Medium, sold: bool, is_heard: bool
) -> None:
    statements, _ = read_odrl(barred(f"odrl:{action}"))
    assert statements is not None
    words, _ = said_in_odrl(statements)
    at = {"source": "herald", "origin": "https://herald.example", "next_at": NOW}
    site = [
        Evidence(kind=EvidenceKind.ODRL, url="https://e.example/p", words=SiteWords(policy=words), **at),
        Evidence(kind=EvidenceKind.FEED, url="f", words=SiteWords(policies=("https://e.example/p",)), **at),
    ]
    found = site_notices(
        site, "https://herald.example/feed", None, Use(output="", audience=audience, medium=medium, sold=sold)
    )
    assert [notice.kind for notice in found] == [NoticeKind.FORBID] * is_heard


# ── without a network ────────────────────────────────────────────────────────────────────────────────────────────


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


# ── the home page ────────────────────────────────────────────────────────────────────────────────────────────────


def a_page(head: str) -> bytes:
    return f"<!doctype html><html><head><title>Herald</title>{head}</head><body><p>Hello.</p></body></html>".encode()


@pytest.fixture
async def paged(origin: Origin, tmp_path: Path) -> AsyncIterator[Told]:
    """Whose feed names a home page at its own origin."""
    origin.serve("/feed", a_feed(origin.url("/story/1"), home=origin.url("/")))
    async with configured(tmp_path, origin).opened() as open_:
        await open_.poll()
        yield Told(origin, open_)


BARS = '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license><prohibits type="usage">all</prohibits>'
INLINE = f'<script type="application/rsl+xml">{BARS}</license></content></rsl></script>'
CC = '<a rel="license" href="http://creativecommons.org/licenses/by-nc-nd/4.0/deed.de">Licence</a>'
LINKED = '<script type="application/ld+json">{"@type": "WebSite", "license": "https://creativecommons.org/licenses/by/4.0/"}</script>'


@pytest.mark.parametrize(
    ("head", "outcome", "limits"),
    [
        ("", "allow", ()),
        ('<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/p">', "allow", ("no-ai",)),
        ('<meta name="tdm-reservation" content="0">', "allow", ()),
        ('<meta name="robots" content="index, noai">', "allow", ("no-ai",)),
        ('<meta name="Content-Usage" content="train-ai=n">', "allow", ("no-ai",)),
        (INLINE, "ask", ()),
        ('<link rel="license" type="application/rsl+xml" href="/rsl.xml">', "ask", ()),
        ('<link rel="license" href="/our-own-terms">', "allow", ()),
    ],
)
async def test_what_the_home_page_says_only_tightens(
    paged: Told, head: str, outcome: str, limits: tuple[str, ...]
) -> None:
    paged.origin.serve("/", a_page(head))
    paged.origin.serve("/rsl.xml", rsl())
    await paged.look()
    assert (await paged.outcome())[:2] == (outcome, limits)


@pytest.mark.parametrize("head", [CC, LINKED])
async def test_a_licence_that_the_home_page_names_binds_what_the_policy_does_not_name(paged: Told, head: str) -> None:
    """It adds the licence's own duties and limits; it never loosens."""
    paged.origin.serve("/", a_page(head))
    await paged.look()
    assert (await paged.rows())["page"].words.stated
    found = await paged.outcome()
    assert found[0] in {"allow", "ask"}


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('<meta name="tdm-reservation" content="perhaps">', "tdm-reservation: 'perhaps' is not understood"),
        ('<script type="application/rsl+xml"><rsl></script>', "not read"),
        ('<link rel="license" href="/our-own-terms">', "is no licence that is known"),
        ('<script type="application/ld+json">{</script>', "is not JSON"),
        ('<link rel="license" type="text/turtle" href="/p.ttl">', "/p.ttl: answered 404"),
    ],
)
async def test_what_a_page_says_wrongly_is_named_and_ignored(paged: Told, head: str, says: str) -> None:
    paged.origin.serve("/", a_page(head))
    (report,) = await paged.look()
    assert says in "; ".join(report.warnings)
    assert (await paged.outcome())[:2] == ("allow", ())
