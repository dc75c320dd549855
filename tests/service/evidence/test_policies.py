"""ODRL policies that a site names only tighten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.intake.odrl_read import read_odrl
from aggregator.model.entry import NoticeKind
from aggregator.model.evidence import Evidence, EvidenceKind, SiteWords
from aggregator.model.use import Audience, Medium, Use
from aggregator.rights.odrl_said import said_in_odrl
from aggregator.rights.site import site_notices
from tests.service.evidence.publisher import DAY, NOW, TDMREP, Told, a_feed, a_page

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
