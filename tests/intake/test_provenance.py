"""Credit lines, bylines and elements name the hands an article went through, and nobody else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake import phrases
from aggregator.intake.article import read_article
from aggregator.intake.claims import FeedClaims, ItemClaims, Mention, SourceClaim
from aggregator.intake.clean import clean_html
from aggregator.intake.known import known, same_name
from aggregator.intake.phrases import FORBIDDEN, ORIGINALLY, SOURCES, forbids
from aggregator.intake.provenance import origins
from aggregator.intake.text_notices import forbidding_lines, licence_lines
from aggregator.model.entry import Link
from aggregator.model.origin import Certainty, Origin
from aggregator.model.parsed import ParseRequest
from tests.tables import table

TABLE = table((Path(__file__).parent / "credit_lines.yaml").read_text("utf-8"))
CASES = [case for cases in TABLE.values() for case in cases]
REQUEST = ParseRequest(
    source="s",
    url="https://example.org/feed",
    body=b"",
    own_names=frozenset({"Example News"}),
    own_domains=frozenset({"example.org"}),
    others=(("rt.com", "RT"), ("wire.example", "The Wire")),
)
FEED = FeedClaims(
    title="Example News Feed", url="https://example.org/", feed_id="urn:feed", self_url="https://example.org/feed"
)


def hops(
    html: str = "", authors: tuple[str, ...] = ("Jane Writer",), url: str | None = None, **claims: Any
) -> tuple[Origin, ...]:
    who = known(REQUEST, FEED, authors)
    return origins(ItemClaims(**claims), FEED, url, read_article(clean_html(html)).lines, who, REQUEST)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["html"][:60])
def test_a_credit_line_says_what_the_table_says(case: dict[str, Any]):
    before = "" if case.get("first") else "<p>Running text of an article.</p><p>More of it.</p>"
    found = hops(before + case["html"])
    if case.get("none"):
        assert found == ()
    elif "all_sure" in case:
        assert [(hop.name, hop.certainty) for hop in found] == [(name, Certainty.SURE) for name in case["all_sure"]]
    else:
        certainty = Certainty.SURE if "sure" in case else Certainty.UNSURE
        assert [(hop.name, hop.url, hop.author, hop.certainty) for hop in found] == [
            (*case.get("sure", case.get("unsure")), certainty)
        ]
        assert all(hop.evidence for hop in found)


def test_links_in_running_text_are_no_hops():
    assert (
        hops('<p>As <a href="https://www.rt.com/1">RT</a> reported, it was <a href="https://x.example/">so</a>.</p>')
        == ()
    )


def test_an_entry_that_links_to_a_known_publisher_came_from_there():
    assert hops(url="https://www.rt.com/1") == (
        Origin(name="RT", url="https://www.rt.com/1", carrier="entry-link", evidence="https://www.rt.com/1"),
    )
    assert hops(url="https://redirector.example/1") == ()
    assert hops(url="https://notrt.com/1") == ()
    assert hops(url="https://sub.example.org/1") == ()


def test_travel_order_is_originator_first_and_each_publisher_stands_once():
    found = hops(
        '<p>x</p><p>Originally published by <a href="https://www.rt.com/1">RT</a>.</p>',
        url="https://www.rt.com/1",
        links=(Link(rel="canonical", href="https://rt.com/1"), Link(rel="via", href="https://planet.example/")),
        source=SourceClaim(
            carrier="atom:source", title="Planet", feed_id="urn:p", feed_url="https://planet.example/feed"
        ),
    )
    assert [(hop.name, hop.carrier) for hop in found] == [("RT", "credit-line"), ("Planet", "atom:source")]
    assert found[1].url == "https://planet.example/"


@pytest.mark.parametrize(
    ("source", "is_hop"),
    [
        (SourceClaim(carrier="rss:source", title="Example News Feed", feed_url="https://example.org/feed"), False),
        (SourceClaim(carrier="rss:source", title="Example News Feed", feed_url="https://evil.example/feed"), True),
        (SourceClaim(carrier="rss:source", title="Other", feed_url="https://example.org/feed"), False),
        (SourceClaim(carrier="rss:source", title="Example News"), False),
        (SourceClaim(carrier="rss:source", title="Ｅxample Νews"), True),
        (SourceClaim(carrier="rss:source", title="Other"), True),
        (SourceClaim(carrier="atom:source", title="x", feed_id="urn:feed"), False),
        (SourceClaim(carrier="atom:source", title="Example News", feed_id="urn:other"), True),
    ],
)
def test_a_source_that_is_the_feed_itself_is_no_hop(source: SourceClaim, is_hop: bool):
    assert bool(hops(source=source)) is is_hop


@pytest.mark.parametrize(
    ("byline", "found"),
    [
        ("AFP", [("AFP", None)]),
        ("Jane Doe, Associated Press", [("Associated Press", "Jane Doe")]),
        ("Jane Doe (Reuters)", [("Reuters", "Jane Doe")]),
        ("AP Smith", []),
        ("Jane Pa", []),
        ("afp", []),
        ("RT", [("RT", None)]),
        ("rt", []),
        ("Jane Doe, RT", [("RT", "Jane Doe")]),
        ("Example News", []),
    ],
)
def test_an_agency_or_another_known_publisher_in_the_byline_is_a_hop(byline: str, found: list[tuple[str, str | None]]):
    assert [(hop.name, hop.author) for hop in hops(authors=(byline,))] == found


@pytest.mark.parametrize(
    ("mention", "certainty"),
    [
        (Mention(carrier="dc:source", name="Daily Wire", text="Daily Wire"), Certainty.SURE),
        (Mention(carrier="dc:source", name="urn:isbn:1", text="urn:isbn:1"), Certainty.UNSURE),
        (Mention(carrier="dcterms:rightsHolder", name="Somebody", text="Somebody"), Certainty.UNSURE),
        (Mention(carrier="dcterms:rightsHolder", name="Jane Writer", text="Jane Writer"), None),
        (Mention(carrier="dc:publisher", name="Daily Wire", text="Daily Wire"), Certainty.UNSURE),
        (Mention(carrier="dc:publisher", name="web@wire.example", text="web@wire.example"), None),
        (Mention(carrier="dc:source", name="EXAMPLE  NEWS", text="EXAMPLE  NEWS"), None),
        (Mention(carrier="dc:source", url="https://www.example.org/x", text="https://www.example.org/x"), None),
        (Mention(carrier="dc:source", url="https://www.rt.com/x", text="https://www.rt.com/x"), Certainty.SURE),
    ],
)
def test_elements_that_name_a_source_make_hops(mention: Mention, certainty: Certainty | None):
    assert [hop.certainty for hop in hops(mentions=(mention,))] == ([] if certainty is None else [certainty])


def test_without_a_policy_the_polled_place_is_the_publishers():
    request = ParseRequest(source="s", url="https://feeds.a.example/x", body=b"")
    who = known(request, FeedClaims(title="Alpha"), ())
    assert who.owns("Alpha", None)
    assert who.owns(None, "https://www.a.example/1")
    assert not who.owns("Alpha", "https://b.example/")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Wire", "wire", True),
        ("Ａlpha\u00a0Review", "alpha review.", True),
        ("Аlpha", "Alpha", False),
        ("RT", "R T", False),
    ],
)
def test_names_are_compared_by_what_they_are_not_by_how_they_look(one: str, other: str, same: bool):
    assert (same_name(one) == same_name(other)) is same


@pytest.mark.parametrize(
    ("text", "is_refusal"),
    [
        ("Not for republication", True),
        ("This article may not be republished.", True),
        ("Do not reprint without permission.", True),
        ("Reproduction in whole or in part without permission is prohibited.", True),
        ("No part of this publication may be reproduced.", True),
        ("Nachdruck, auch auszugsweise, verboten", True),
        ("Nachdruck nicht gestattet", True),
        ("Reproduction interdite", True),
        ("Prohibida su reproducción", True),
        ("Reprodução proibida", True),
        ("Riproduzione riservata", True),
        ("Overname niet toegestaan", True),
        ("Перепечатка запрещена", True),
        ("This material may not be published, broadcast, rewritten or redistributed.", True),
        ("Must not be copied, sold, or published elsewhere", True),
        ("Do not repub\u00adlish.", True),
        ("(c) The Publisher. No syndication or republication without written permission.", True),
        ("No republication, translation or reprint is permitted", True),
        ("No republication.", True),
        ("No redistribution fees apply.", False),
        ("All rights reserved", False),
        ("Alle Rechte vorbehalten", False),
        ("© 2016 Example", False),
        ("You may republish this article.", False),
        ("Republication is welcome with credit.", False),
        ("The drug is not for human use.", False),
    ],
)
def test_only_an_explicit_refusal_is_one(text: str, is_refusal: bool):
    line = read_article(f"<p>x</p><p>{text}</p>").lines[1].as_seen()
    assert forbids(line.text) is is_refusal
    assert bool(forbidding_lines([line])) is is_refusal


def test_the_words_that_publishers_are_advised_to_use_are_understood():
    page = (Path(__file__).parents[2] / "docs/for-publishers.md").read_text(encoding="utf-8")
    (advised,) = re.findall(r"<copyright>(.*)</copyright>", page)
    assert forbids(advised)


PHRASES = [phrase for refusals in FORBIDDEN.values() for phrase in refusals]
WORDS = [*re.findall(r"[^\W\d]+", " ".join(PHRASES)), "not", "REPOſT", "\u212aопирование", "ᲀоспроизведение"]


@given(st.lists(st.sampled_from(WORDS)))
def test_what_is_looked_for_first_hides_no_refusal(words: list[str]):
    for text in (" ".join(words), " ".join(words).upper(), " ".join(words).title()):
        assert forbids(text) is (phrases._FORBIDDEN.search(text) is not None)


@given(st.sampled_from(PHRASES).flatmap(lambda phrase: st.from_regex(re.compile(phrase, re.IGNORECASE))))
def test_every_refusal_holds_what_is_looked_for_first(text: str):
    assert forbids(text[:2_000].replace("’", "'")) is (phrases._FORBIDDEN.search(text[:2_000]) is not None)


def test_a_refusal_in_running_text_is_none():
    html = "<p>a</p>" * 5 + "<p>The label said: not for republication.</p>" + "<p>b</p>" * 8
    assert forbidding_lines(read_article(html).lines) == ()


def test_the_document_names_every_language_that_the_code_knows():
    text = (Path(__file__).parents[2] / "docs" / "provenance.md").read_text("utf-8")
    for words in (ORIGINALLY, SOURCES, FORBIDDEN):
        for language in words:
            assert f"\n| {language} |" in text
    assert set(TABLE) == set(ORIGINALLY) == set(SOURCES) == set(FORBIDDEN)


CC = "https://creativecommons.org/licenses/by-nc/4.0/"


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        (f'<p>Text.</p><p>This work is under a <a href="{CC}">Creative Commons licence</a>.</p>', [("text", CC)]),
        ("<p>Text.</p><p>Licensed under CC BY-NC 4.0</p>", [("text", "CC BY-NC 4.0")]),
        (f'<p><a rel="nofollow license" href="{CC}">Terms</a></p>', [("a rel=license", CC), ("text", CC)]),
        ('<p>Read <a href="https://e.example/terms" rel=LICENSE>our terms</a></p>', [("a rel=license", "terms")]),
        (
            f'<p>One.</p><p><a rel="license" href="{CC}"><img src="https://e.example/c.png"></a></p>',
            [("a rel=license", CC)],
        ),
        (f'<figure><a rel="license" href="{CC}"><img src="https://e.example/c.png"></a></figure><p>One.</p>', []),
        (f'<p>One.</p><figure><img src="https://e.example/a.jpg"><figcaption>{CC}</figcaption></figure>', []),
        ("<p>Creative work is common.</p>", []),
        ("".join(f"<p>{number}</p>" for number in range(5)) + f"<p>About {CC}.</p>" + "<p>And on.</p>" * 9, []),
    ],
)
def test_a_licence_that_the_text_names_is_a_notice(html: str, wanted: list[tuple[str, str]]) -> None:
    html = clean_html(html)
    found = licence_lines(read_article(html).lines, html)
    assert [(one.carrier, one.kind.value) for one in found] == [(carrier, "licence-words") for carrier, _ in wanted]
    assert all(words in one.value for one, (_, words) in zip(found, wanted, strict=True))
