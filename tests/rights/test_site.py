"""What sites say to machines is read narrowly: it may tighten, and nothing in it ever lets anything out."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.decision import FlagKind
from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.evidence import Evidence, EvidenceKind, Reservation, SiteWords
from aggregator.model.policy import Effect
from aggregator.model.rsl import RslContent, RslLicense, RslPayment, RslTerms
from aggregator.rights import Policies, decide
from aggregator.rights.machine import robots_licences
from aggregator.rights.site import origin_of, quote, read_robots, read_tdmrep, site_notices
from tests.build import NOW, a_duty, a_limit, a_notice, a_policy, a_question, a_rule, an_entry

FEED = "https://herald.example/feed"
STORY = "https://herald.example/story/1"
ROBOTS = """\
User-agent: GPTBot
Disallow: /
License: https://herald.example/gptbot.xml

User-agent: *
Content-Signal: search=yes, ai-train=no
Content-Usage: /story/ train-ai=n
Allow: /

License: https://herald.example/license.xml
License: /relative.xml
"""


def evidence(words: SiteWords | None, kind: EvidenceKind = EvidenceKind.ROBOTS, **given: Any) -> Evidence:
    url = f"https://herald.example/{kind.value}"
    facts = {"source": "herald", "url": url, "origin": "https://herald.example", "next_at": NOW}
    return Evidence(kind=kind, words=words, **(facts | given))


def rsl(*licences: RslLicense, url: str = "/") -> SiteWords:
    return SiteWords(contents=(RslContent(url=url, licenses=licences),))


def usage(*tokens: str) -> tuple[RslTerms, ...]:
    return (RslTerms(kind="usage", tokens=tokens),)


def told(notices: tuple[Notice, ...]) -> list[tuple[str, str, str]]:
    assert all(notice.level is Level.SITE for notice in notices)
    return [(notice.kind.value, notice.value, notice.carrier) for notice in notices]


def test_robots_txt_tells_its_signals_and_names_its_licences() -> None:
    words, warnings = read_robots(ROBOTS)
    assert words == SiteWords(
        rules=(("content-signal", "search=yes, ai-train=no"), ("content-usage", "/story/ train-ai=n")),
        licences=("https://herald.example/license.xml",),
    )
    assert warnings == ("robots.txt: License: '/relative.xml' is not an absolute web address",)
    assert quote(words).startswith("content-signal: search=yes, ai-train=no; content-usage: /story/ train-ai=n;")


@pytest.mark.parametrize(
    "silent", ["", "User-agent: *\nDisallow: /private\nSitemap: https://x.example/s.xml", "\x00\xff"]
)
def test_a_robots_txt_without_such_lines_says_nothing(silent: str) -> None:
    assert read_robots(silent) == (None, ())


def test_a_line_that_is_not_understood_is_named_and_says_nothing() -> None:
    words, warnings = read_robots("Content-Signal: ai-train=perhaps\nContent-Usage: /a train-ai=n, wishes=n")
    assert warnings == (
        "robots.txt: Content-Signal: 'ai-train=perhaps' is not understood",
        "robots.txt: Content-Usage: 'wishes' is not known",
    )
    assert words is not None
    assert site_notices([evidence(words)], FEED, STORY) == ()


@pytest.mark.parametrize(
    ("robots", "agent", "named"),
    [
        ("License: a\nUser-agent: *\nAllow: /", "bot", ("a",)),
        ("License: a\nUser-agent: *\nLicense: b", "bot", ("b",)),
        ("License: a\nUser-agent: other\nLicense: b", "bot", ("a",)),
        ("User-agent: other\nLicense: b", "bot", ()),
        ("User-agent: other\nDisallow: /\n\nLicense: a", "bot", ("a",)),
        ("User-agent: *\nLicense: a\nUser-agent: bot\nUser-agent: x\nLicense: b\nLicense: c", "bot", ("b", "c")),
        ("user-agent: Bot/2.1\nLICENSE:  a  # ours", "bot", ("a",)),
    ],
)
def test_a_group_that_names_licences_hides_the_others(robots: str, agent: str, named: tuple[str, ...]) -> None:
    assert robots_licences(robots, agent) == named


def test_what_is_said_of_a_path_is_heard_there_and_what_is_said_of_the_feed_everywhere() -> None:
    words = SiteWords(rules=(("content-usage", "/story/ train-ai=n"), ("content-usage", "/feed search=n")))
    at = "Content-Usage in https://herald.example/robots.txt"
    assert told(site_notices([evidence(words)], FEED, STORY)) == [
        ("machine", "search=n", at),
        ("no-ai", "train-ai=n", at),
    ]
    for elsewhere in ("https://herald.example/other", "https://cdn.example/story/1", None):
        assert told(site_notices([evidence(words)], FEED, elsewhere)) == [("machine", "search=n", at)]


def test_a_site_speaks_for_itself_alone() -> None:
    words = SiteWords(rules=(("content-signal", "ai-train=no"),))
    moved = evidence(words, origin="https://elsewhere.example")
    assert site_notices([moved], FEED, STORY) == ()
    assert site_notices([evidence(None)], FEED, STORY) == ()


def test_a_reservation_is_that_of_the_nearest_location() -> None:
    rules = [
        {"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://herald.example/tdm.json"},
        {"location": "/feed", "tdm-reservation": 0},
        {"location": "/open/", "tdm-reservation": "0"},
        {"location": "/odd", "tdm-reservation": 2},
        {"tdm-reservation": 1},
        "words",
    ]
    words, warnings = read_tdmrep(json.dumps(rules).encode())
    assert words is not None
    assert words.reservations[1:] == (
        Reservation(location="/feed", reserved=False),
        Reservation(location="/open/", reserved=False),
    )
    assert len(warnings) == 3
    assert all(line.startswith("tdmrep.json: ") and line.endswith("is not understood") for line in warnings)
    of = evidence(words, EvidenceKind.TDMREP)
    kinds = {url: [n.kind for n in site_notices([of], FEED, url)] for url in (STORY, "https://herald.example/open/1")}
    assert kinds[STORY] == [NoticeKind.MACHINE, NoticeKind.NO_AI]
    assert set(kinds["https://herald.example/open/1"]) == {NoticeKind.MACHINE}


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"location": "/"}', b"<html>", b"\xff\xfe", b"[" * 100_000, b'["\\ud800"]', b"null"]
)
def test_what_is_no_list_of_rules_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(not JSON|not a list of rules)$"):
        read_tdmrep(data)


@given(st.text(max_size=200), st.binary(max_size=100))
def test_no_text_of_a_site_breaks_the_reading(text: str, data: bytes) -> None:
    words, _ = read_robots("Content-Usage: " + text)
    if words is not None:
        quote(words)
        site_notices([evidence(words)], FEED, STORY)
    with contextlib.suppress(ValueError):
        read_tdmrep(data)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://User:secret@Herald.example:8443/feed?x", "https://herald.example:8443"),
        ("http://[2001:db8::1]/feed", "http://[2001:db8::1]"),
        ("file:feeds/a.xml", None),
        ("https://herald.example:port/", None),
        ("https:///feed", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin


# ── what it does to a decision ───────────────────────────────────────────────────────────────────────────────────

POLICIES = Policies([a_policy(a_rule(), contact="desk@herald.example")])


def decided(words: SiteWords, kind: EvidenceKind = EvidenceKind.RSL, policies: Policies = POLICIES) -> Any:
    said = site_notices([evidence(words, kind)], FEED, STORY)
    return decide(a_question(an_entry(url=STORY), said=said), policies)


def test_a_refusal_of_ai_is_carried_as_a_limit_and_holds_nothing() -> None:
    for words, kind in (
        (SiteWords(rules=(("content-signal", "ai-input=no"),)), EvidenceKind.ROBOTS),
        (SiteWords(reservations=(Reservation(location="/", reserved=True),)), EvidenceKind.TDMREP),
        (rsl(RslLicense(prohibits=usage("ai-train"))), EvidenceKind.RSL),
    ):
        decision = decided(words, kind)
        assert (decision.outcome, decision.limits, decision.holds) == (Effect.ALLOW, (a_limit("no-ai"),), ())
        assert any(step.layer == "notice" and "herald.example" in step.where for step in decision.trace)


@pytest.mark.parametrize(
    "licence",
    [
        RslLicense(prohibits=usage("all")),
        RslLicense(permits=usage("all"), payment=RslPayment(kind="crawl")),
        RslLicense(payment=RslPayment(kind="use")),
    ],
)
def test_a_bar_on_all_machines_asks_and_quotes(licence: RslLicense) -> None:
    decision = decided(rsl(licence))
    assert decision.outcome is Effect.ASK
    (hold,) = decision.holds
    assert (hold.kind, hold.contact) == (FlagKind.NOTICE, "desk@herald.example")
    quoted = site_notices([evidence(rsl(licence), EvidenceKind.RSL)], FEED, STORY)[0].value
    assert "its site bars automated use, or asks a price for it (" in hold.sentence
    assert f'"{quoted}")' in hold.sentence
    assert "https://herald.example/rsl" in hold.sentence


@pytest.mark.parametrize(
    "licence", [RslLicense(permits=usage("all")), RslLicense(prohibits=usage("search")), RslLicense()]
)
def test_other_words_to_machines_change_no_answer(licence: RslLicense) -> None:
    decision = decided(rsl(licence))
    assert (decision.outcome, decision.limits) == (Effect.ALLOW, ())


def test_a_site_permits_nothing_even_where_the_policy_trusts_what_entries_say() -> None:
    trusting = a_policy(trust_entry_licence=True)
    free = rsl(
        RslLicense(
            permits=usage("all"), payment=RslPayment(standards=("https://creativecommons.org/licenses/by/4.0/",))
        )
    )
    assert decided(free, policies=Policies([trusting])).outcome is Effect.ASK
    written = a_question(an_entry(notices=(a_notice("licence", "CC-BY-4.0", "site"),)))
    assert decide(written, Policies([trusting])).outcome is Effect.ASK


def test_a_licence_of_the_site_never_turns_the_feeds_own_into_a_choice() -> None:
    strict = a_question(an_entry(url=STORY, notices=(a_notice("licence", "Herald Licence 1.0", "feed"),)))
    said = (a_notice("licence", "CC0-1.0", "site"),)
    assert decide(strict, POLICIES).outcome is Effect.ASK
    assert decide(replace(strict, said=said), POLICIES).outcome is Effect.ASK


def test_words_to_machines_meet_no_duty_to_keep_a_copyright_notice() -> None:
    policies = Policies([a_policy(a_rule(duties=(a_duty("copyright-notice"),)))])
    said = (a_notice("machine", "search=y", "site"), a_notice("no-ai", "train-ai=n", "site"))
    for question in (a_question(an_entry(), said=said), a_question(an_entry(notices=said))):
        assert decide(question, policies).outcome is Effect.ASK
