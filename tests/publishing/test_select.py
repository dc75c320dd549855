"""Which entries an output would like, in which order, and each story once (ruling 16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.sketch import sketch_of
from aggregator.model.decision import Decision
from aggregator.model.entry import Author, Link, StoredEntry
from aggregator.model.origin import Origin
from aggregator.model.output import Selector
from aggregator.publishing.filling import Filling
from aggregator.publishing.select import arrange, needs_text, wanted
from tests.publishing.build_items import DAY, GLOBAL_RESEARCH, RT, SEEN, a_decision, a_stored, an_entry

SITE = "https://news.example.org/"


def likes(selector: Selector, text: str | None = None, **entry: object) -> bool:
    return wanted(selector, a_stored(an_entry(**entry)), text, SEEN)


@pytest.mark.parametrize(
    ("prefix", "language", "fits"),
    [
        ("en", "en", True),
        ("en", "en-GB", True),
        ("en", "EN_gb", True),
        ("en-GB", "en", False),
        ("en", "eng", False),
        ("en", None, False),
        ("zh-Hant", "zh-hant-TW", True),
    ],
)
def test_languages_are_chosen_by_prefix_and_unknown_is_none(prefix: str, language: str | None, fits: bool) -> None:
    assert likes(Selector(language=(prefix,)), language=language) is fits


def test_where_no_language_is_declared_the_one_that_the_text_seems_to_be_in_counts() -> None:
    assert likes(Selector(language=("de",)), language=None, detected_language="de")
    assert not likes(Selector(language=("de",)), language="nl", detected_language="de")


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("aleppo", True),
        ("ALEPPO streets", True),
        ('"streets have erupted"', True),
        ('"erupted streets"', False),
        ("stree", False),
        ("aleppo damascus", False),
        ("liberation", True),
        ("café", True),
        ("ﬁre", True),
        ("東京", True),
        ("-", True),
    ],
)
def test_all_words_and_phrases_must_stand_in_title_or_text(match: str, fits: bool) -> None:
    text = "Aleppo streets\nhave erupted; CAFE\u0301, fire. 知事は東京都に"
    assert likes(Selector(match=match), text) is fits


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("strea*", False),
        ("stre*", True),
        ("東*", True),
        ("ALEP* erupt*", True),
        ("*", True),
        ("/colou?r|aleppo/", True),
        ("/^Aleppo/", False),
        ("/(?m)^aleppo str/", True),
        ("/café/", False),
        (r"/have\/erupted/", False),
        (r"/a\/b/", True),
        ("and/or", False),
        ("a/b", True),
        ("/aleppo/ damascus", False),
        ("/unclosed", False),
    ],
)
def test_beginnings_of_words_and_patterns(match: str, fits: bool) -> None:
    text = "Aleppo streets\nhave erupted a/b; CAFE\u0301, fire. 知事は東京都に"
    assert likes(Selector(match=match), text) is fits


@pytest.mark.parametrize("exclude", ["strea* stre*", "/nothing/ /erupted/", "damascus ERUPTED"])
def test_any_beginning_or_pattern_keeps_an_entry_out(exclude: str) -> None:
    assert not likes(Selector(exclude=exclude), "Aleppo streets have erupted")
    assert likes(Selector(exclude=exclude), "A quiet day")


def test_a_pattern_made_to_be_slow_is_not() -> None:
    """Nested repetition takes a backtracking engine longer than the universe is old."""
    assert not likes(Selector(match="/(a+)+$|(a|aa)+x|(.*)*zq/"), "a" * 150_000 + "!")


def test_of_one_source_so_many_at_most_and_the_newest() -> None:
    entries = [
        (stored, a_decision())
        for source in ("one", "two")
        for place in range(4)
        for stored in [
            a_stored(
                an_entry(source=source, id=f"{source}/{place}", title=f"{source} {place}", url=None),
                ordered_at=SEEN - place * timedelta(days=1),
            )
        ]
    ]
    found = [(one.stored.entry.source, one.stored.entry.id) for one in arrange(entries, SITE, 10, 2)]
    assert sorted(found) == [("one", "one/0"), ("one", "one/1"), ("two", "two/0"), ("two", "two/1")]
    assert len(arrange(entries, SITE, 3, 2)) == 3
    assert len(arrange(entries, SITE, 10)) == 8


def test_any_excluded_word_keeps_an_entry_out() -> None:
    assert not likes(Selector(exclude="sport aleppo"), "Aleppo streets")
    assert likes(Selector(exclude="sport streetcar"), "Aleppo streets")


def test_without_its_text_an_entry_is_judged_by_its_title() -> None:
    assert likes(Selector(match="liberation"), None)
    assert not likes(Selector(match="streets"), None)
    assert (needs_text(Selector(match="x")), needs_text(Selector(exclude="x")), needs_text(Selector())) == (
        True,
        True,
        False,
    )


def test_authors_are_named_whole_also_within_a_byline_and_categories_match_whole() -> None:
    byline = {"authors": (Author(name="By Lizzie Phelan, Aleppo"),), "categories": ("World News",)}
    assert likes(Selector(author=("lizzie phelan",)), **byline)
    assert not likes(Selector(author=("Liz",)), **byline)
    assert likes(Selector(category=("world news",)), **byline)
    assert not likes(Selector(category=("news",)), **byline)


def test_what_is_too_old_is_not_wanted() -> None:
    selector = Selector(max_age=timedelta(days=1))
    assert likes(selector)
    assert not wanted(selector, a_stored(), None, DAY + timedelta(days=1))


def test_a_hostile_text_is_searched_in_one_pass() -> None:
    """Ends at once, because nothing is tried again from each word on; a backtracking search would not end today."""
    assert not likes(Selector(match=f'"{"a " * 1_000}b"'), "a " * 200_000)


def a_copy(source: str, id_: str, *, hops: int = 1, minutes: int = 0, **entry: object) -> tuple[StoredEntry, Decision]:
    when = DAY - timedelta(minutes=minutes)
    stored = a_stored(
        an_entry(source=source, id=id_, **entry), ordered_at=when, first_seen_at=SEEN - timedelta(minutes=minutes)
    )
    return stored, a_decision(hops=(RT,) * (hops - 1) + (GLOBAL_RESEARCH,))


def names(placed: list[object]) -> list[tuple[str, str | None]]:
    return [(one.stored.entry.source, one.outbound_id) for one in placed]


def test_newest_first_and_the_same_order_for_any_order_of_arrival() -> None:
    copies = [a_copy("a", f"{n}", minutes=n % 3, url=f"https://a.example/{n}", title=f"{n}") for n in range(9)]
    forwards, backwards = arrange(copies, SITE), arrange(copies[::-1], SITE)
    assert forwards == backwards
    assert [one.stored.ordered_at for one in forwards] == sorted((s.ordered_at for s, _ in copies), reverse=True)
    assert arrange(copies, SITE, 4) == forwards[:4]


@pytest.mark.parametrize(
    "copy",
    [
        {"id_": "x", "url": "https://wire.example/1"},
        {"id_": "x", "url": "http://www.wire.example/1/"},
        {"id_": "x", "url": "https://copy.example/9", "links": (Link(rel="canonical", href="https://wire.example/1"),)},
        {
            "id_": "x",
            "url": "https://copy.example/9",
            "origins": (Origin(url="https://wire.example/1", carrier="rel=canonical"),),
        },
        {"id_": "urn:example:1", "url": "https://copy.example/9"},
    ],
)
def test_one_story_by_two_routes_is_shown_once_from_nearest_its_origin(copy: dict[str, object]) -> None:
    original = a_copy("wire", "urn:example:1", url="https://wire.example/1")
    second = a_copy("copy", hops=2, minutes=30, **copy)
    for order in ([original, second], [second, original]):
        assert names(arrange(order, SITE)) == [("wire", None)]
    assert names(arrange([second], SITE)) == [("copy", None)]


def test_at_equal_distance_the_one_that_was_seen_first_is_shown() -> None:
    early = a_copy("early", "1", minutes=9, url="https://x.example/1")
    late = a_copy("late", "2", url="https://x.example/1")
    assert names(arrange([late, early], SITE)) == [("early", None)]


def test_the_same_id_of_different_stories_is_out_twice_the_later_under_a_derived_id() -> None:
    early = a_copy("early", "post-1", minutes=9, url="https://e.example/1", title="One")
    late = a_copy("late", "post-1", url="https://l.example/1", title="Two")
    placed = arrange([late, early], SITE)
    assert names(placed) == [("late", f"tag:news.example.org,2026:{late[0].key}"), ("early", None)]
    assert placed == arrange([early, late], SITE)


def test_entries_of_one_source_and_links_to_a_home_page_make_no_story() -> None:
    same_link = [a_copy("a", f"{n}", url="https://a.example/live", title=f"{n}") for n in range(3)]
    assert len(arrange(same_link, SITE)) == 3
    home = [a_copy(source, source, url="https://a.example/", title=source) for source in ("a", "b")]
    assert len(arrange(home, SITE)) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("12"), st.sampled_from("xy"), st.integers(0, 2)), max_size=8
    )
)
def test_no_id_and_no_story_stands_twice(drawn: list[tuple[str, str, str, int]]) -> None:
    unique = {(source, id_): (source, id_, page, minutes) for source, id_, page, minutes in drawn}
    copies = [
        a_copy(source, id_, minutes=minutes, url=f"https://x.example/{page}", title=page)
        for source, id_, page, minutes in unique.values()
    ]
    placed = arrange(copies, SITE)
    ids = [one.outbound_id or one.stored.entry.id for one in placed]
    assert len(ids) == len(set(ids)) or len({one.stored.entry.source for one in placed}) == 1
    pages = {(one.stored.entry.url, one.stored.entry.source) for one in placed}
    assert len({url for url, _ in pages}) == len(pages)


WORDS = [f"Sentence number {n} says something that no other sentence says." for n in range(12)]


def worded(source: str, sentences: list[str], minutes: int = 0, hops: int = 1, id_: str = "1") -> Any:
    facts = {"url": f"https://{source}.example/{id_}", "title": f"As {source} has it"}
    return a_copy(source, f"{source}-{id_}", minutes=minutes, hops=hops, sketch=sketch_of(" ".join(sentences)), **facts)


@pytest.mark.parametrize(
    ("sentences", "is_same"),
    [
        (WORDS, True),
        ([*WORDS, "This article was first published by the Gazette and is republished with permission."], True),
        ([sentence.upper() for sentence in WORDS], True),
        ([*WORDS[1:], "An editor wrote this one anew, and nobody else has it."], True),
        (WORDS[:3], False),
        ([*WORDS[:6], *(f"Quite another thing is told here, for the {n}th time." for n in range(6))], False),
        ([f"Another story altogether, told in sentence {n} of twelve." for n in range(12)], False),
    ],
)
def test_one_story_in_nearly_the_same_words_stands_once(sentences: list[str], is_same: bool) -> None:
    """Under other ids, addresses and headlines; of one source's own articles both stay, however alike."""
    original, copy = worded("gazette", WORDS, 9), worded("herald", sentences)
    wanted = ["gazette"] if is_same else ["herald", "gazette"]
    assert [one.stored.entry.source for one in arrange([copy, original], SITE)] == wanted
    assert len(arrange([original, worded("gazette", WORDS, id_="2")], SITE)) == 2


def test_of_two_copies_the_one_nearest_the_origin_stands() -> None:
    """The publisher's own, though it was seen later; of those that came within an hour the one published first."""
    own, borrowed = worded("gazette", WORDS), worded("herald", WORDS, 90, hops=2)
    assert names(arrange([own, borrowed], SITE)) == [("gazette", None)]
    early, late = worded("gazette", WORDS), worded("herald", WORDS, 90)
    assert names(arrange([early, late], SITE)) == [("herald", None)]
    together = [worded("gazette", WORDS), worded("herald", WORDS)]
    first = replace(together[1][0], ordered_at=DAY - timedelta(hours=3))
    assert names(arrange([together[0], (first, together[1][1])], SITE)) == [("herald", None)]


def test_what_readers_are_told_apart_by_tells_no_articles_apart() -> None:
    one = a_copy("a", "1", minutes=9, url="https://wire.example/1?utm_source=rss&page=2#top")
    other = a_copy("b", "2", url="https://wire.example/1?page=2&fbclid=x")
    assert names(arrange([one, other], SITE)) == [("a", None)]
    assert len(arrange([one, a_copy("b", "2", url="https://wire.example/1?page=3")], SITE)) == 2


def step_by_step(candidates: list[Any], newest: int, per_source: int | None) -> tuple[int, list[Any]]:
    """How many of the first candidates fill an output, each taken by itself; and what stands in it then."""
    for count in range(1, len(candidates) + 1):
        placed = arrange(candidates[:count], SITE, newest, per_source)
        if len(placed) >= newest:
            return count, placed
    return len(candidates), arrange(candidates, SITE, newest, per_source)


def filled(candidates: list[Any], newest: int, per_source: int | None, page: int = 7) -> tuple[int, list[Any]]:
    filling = Filling(SITE, newest, per_source)
    for start in range(0, len(candidates), page):
        last = start + page >= len(candidates)
        if any(filling.add(*one) for one in candidates[start : start + page]) or filling.settle(last=last):
            break
    return filling.count or len(candidates), filling.placed


@given(
    stories=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 90), st.integers(1, 2)), max_size=60),
    newest=st.integers(1, 7),
)
def test_an_output_is_full_as_soon_as_it_would_be_step_by_step(
    stories: list[tuple[int, int, int]], newest: int
) -> None:
    copies = [
        a_copy(f"s{n}", f"{n}", minutes=minutes, hops=hops, url=f"https://x.example/{page}", title=f"{page}")
        for n, (page, minutes, hops) in enumerate(stories)
    ]
    assert filled(copies, newest, None) == step_by_step(copies, newest, None)


@given(
    drawn=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.integers(0, 90)), max_size=40),
    newest=st.integers(1, 5),
    per_source=st.none() | st.integers(1, 3),
)
def test_whatever_comes_no_more_is_taken_than_fills_it(
    drawn: list[tuple[str, int, int]], newest: int, per_source: int | None
) -> None:
    """A source's own entries may share an address, so a copy that stands nearer can also empty places."""
    copies = [
        a_copy(source, f"{n}", minutes=minutes, url=f"https://x.example/{page}", title=f"{page}")
        for n, (source, page, minutes) in enumerate(drawn)
    ]
    count, placed = filled(copies, newest, per_source)
    assert placed == arrange(copies[:count], SITE, newest, per_source)
    if count < len(copies):
        assert len(placed) == newest
        assert len(arrange(copies[: count - 1], SITE, newest, per_source)) < newest


@pytest.mark.parametrize("hostile", [False, True])
def test_what_very_many_copies_cost_grows_with_their_number_not_its_square(
    hostile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place is left, and everybody tells one story; or one feed gives one address to all of its entries, which a copy
    that is nearer to its origin empties again."""
    looked_at: list[int] = []

    def counted(pairs: list[Any], *rest: Any) -> list[Any]:
        looked_at.append(len(pairs))
        return arrange(pairs, *rest)

    monkeypatch.setattr("aggregator.publishing.filling.arrange", counted)
    costs = []
    for number in (500, 2_000):
        looked_at.clear()
        first = [a_copy(f"o{n}", f"o{n}", url=f"https://o.example/{n}", title=f"o{n}") for n in range(9)]
        near = a_copy("near", "near", minutes=90, url="https://x.example/1", title="x")
        rest = [
            a_copy("a" if hostile else f"s{n}", f"{n}", url="https://x.example/1", title="x") for n in range(number)
        ]
        count, placed = filled([*first[:8], near, *rest], 10, None, page=200)
        assert (count, len(placed)) == (number + 9, 9)
        costs.append(sum(looked_at))
    assert costs[1] <= 8 * costs[0]  # four times as many; their square would be sixteen times
    assert costs[1] <= 40 * 2_000
