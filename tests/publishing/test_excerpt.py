"""Laws of the excerpt (ruling 9)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.entry import TextSize
from aggregator.model.policy import Limit, LimitName
from aggregator.publishing.excerpt import ELLIPSIS, excerpt
from aggregator.publishing.html import hrefs, parse
from aggregator.publishing.text import count_sentences, count_words, spaced
from tests.publishing.build_items import a_limit

WORDS = st.lists(
    st.sampled_from(["one", "two", "can't", "3.14", "ünïcode", "漢字", "&", "—", "naïve?", "x" * 30]), max_size=90
)
PARAGRAPHS = st.lists(WORDS.map(" ".join), max_size=4)


def html(paragraphs: list[str]) -> str:
    return "".join(f"<p>{text.replace('&', '&amp;')}</p>" for text in paragraphs)


def plain(text: str) -> str:
    return spaced(text.replace(ELLIPSIS, " "))


def test_without_a_limit_it_is_the_summary_at_most_fifty_words_and_a_third_of_the_text() -> None:
    summary, body = html(["word " * 80]), html(["text " * 90])
    made, _ = excerpt(summary, body, (), None)
    assert made.text == ("word " * 30).strip() + ELLIPSIS
    made, _ = excerpt(summary, html(["text " * 900]), (), None)
    assert count_words(made.text) == 50


def test_without_a_summary_it_is_the_beginning_of_the_text() -> None:
    made, _ = excerpt(None, "<p>one two three four five six</p>", (), None)
    assert (made.text, made.html) == (f"one two{ELLIPSIS}", f"<p>one two{ELLIPSIS}</p>")


def test_cells_of_a_table_are_not_one_word() -> None:
    rows = "<tr><th>Party</th><td>Seats</td></tr><tr><td>Greens</td><td><p>12</p></td></tr>"
    made, _ = excerpt(f"<table>{rows}</table>", html(["text " * 90]), (), None)
    assert made.text == "Party Seats\n\nGreens\n\n12"


def test_a_short_summary_is_not_touched() -> None:
    made, _ = excerpt("<p>A short one.</p>", html(["text " * 90]), (), None)
    assert (made.text, made.cut) == ("A short one.", False)


def test_a_feed_that_carries_only_summaries_is_measured_by_the_fifty_words() -> None:
    made, _ = excerpt(html(["word " * 80]), None, (), None)
    assert count_words(made.text) == 50


def test_a_limit_cuts_the_publishers_summary_too() -> None:
    made, _ = excerpt("<p>one two three four</p>", "<p>text</p>", (a_limit(2, "words"),), None)
    assert made.text == f"one two{ELLIPSIS}"


def test_the_strictest_of_several_limits_counts() -> None:
    made, _ = excerpt("<p>one two three four</p>", None, (a_limit(3, "words"), a_limit(8, "chars")), None)
    assert made.text == f"one two{ELLIPSIS}"


def test_percent_is_of_the_full_text_as_it_was_counted() -> None:
    size = TextSize(words=40, chars=200, paragraphs=2)
    made, measure = excerpt(html(["word " * 30]), "<p>x</p>", (a_limit(10, "percent"),), size)
    assert (count_words(made.text), measure.words) == (4, 4)


def test_scripts_without_spaces_are_cut_between_their_words() -> None:
    made, _ = excerpt("<p>東京都知事選挙は七月に行われる。</p>", None, (a_limit(4, "words"),), None)
    assert made.text == f"東京都知{ELLIPSIS}"


def test_a_first_word_longer_than_all_that_is_allowed_is_cut_within() -> None:
    made, _ = excerpt("<p>Donaudampfschifffahrt</p>", None, (a_limit(6, "chars"),), None)
    assert made.text == f"Donau{ELLIPSIS}"


def test_links_stay_links_and_pictures_and_captions_stay_out() -> None:
    body = (
        '<figure><img src="https://a.example/i.jpg" alt="alt"><figcaption>Caption</figcaption></figure>'
        '<p>See <a href="https://a.example/?a=1&amp;b=2">this <b>page</b></a> and more &lt;tags&gt; here now</p>'
    )
    made, _ = excerpt(None, body, (a_limit(6, "words"),), None)
    assert made.html == f'<p>See <a href="https://a.example/?a=1&amp;b=2">this page</a> and more &lt;tags{ELLIPSIS}</p>'
    assert hrefs(parse(made.html)) == ("https://a.example/?a=1&b=2",)


@pytest.mark.parametrize("limit", [Limit(name=LimitName.NO_ADS), Limit(name=LimitName.EXCERPT_MAX)])
def test_limits_that_say_nothing_of_length_change_nothing(limit: Limit) -> None:
    body = html(["word " * 90])
    assert excerpt(None, body, (limit,), None) == excerpt(None, body, (), None)


@settings(deadline=None)
@given(PARAGRAPHS, PARAGRAPHS, st.sampled_from(["words", "chars", "paragraphs", "percent"]), st.integers(1, 60))
def test_it_is_never_longer_than_its_limit(lead: list[str], text: list[str], unit: str, n: int) -> None:
    made, measure = excerpt(html(lead), html(text), (a_limit(n, unit),), None)
    shown = [spaced(p.text_content()) for p in parse(made.html)]
    if unit in ("words", "percent"):
        assert sum(map(count_words, shown)) <= (measure.words or 0)
        assert unit == "percent" or measure.words == n
    elif unit == "chars":
        assert sum(map(len, shown)) + max(0, len(shown) - 1) <= n
    else:
        assert len(shown) <= n


@settings(deadline=None)
@given(PARAGRAPHS, PARAGRAPHS, st.sampled_from(["words", "chars"]), st.integers(1, 60))
def test_it_is_a_beginning_of_what_the_publisher_wrote(lead: list[str], text: list[str], unit: str, n: int) -> None:
    made, _ = excerpt(html(lead), html(text), (a_limit(n, unit),), None)
    whole = spaced(" ".join(lead)) or spaced(" ".join(text))
    assert whole.startswith(plain(made.text))


@settings(deadline=None)
@given(PARAGRAPHS, st.integers(1, 40))
def test_a_larger_limit_never_shows_less(text: list[str], n: int) -> None:
    smaller, _ = excerpt(None, html(text), (a_limit(n, "words"),), None)
    larger, _ = excerpt(None, html(text), (a_limit(n + 1, "words"),), None)
    assert plain(larger.text).startswith(plain(smaller.text))


@settings(deadline=None)
@given(PARAGRAPHS)
def test_it_ends_with_a_sign_exactly_where_there_is_more(text: list[str]) -> None:
    made, _ = excerpt(None, html(text), (a_limit(20, "words"),), None)
    assert made.text.endswith(ELLIPSIS) == made.cut or not made.text


THAI = "<p>น้ำประปาหยุดไหลในสามเขต เจ้าหน้าที่กล่าวว่าจะซ่อมเสร็จพรุ่งนี้ ชาวบ้านยังรออยู่</p>"
HAN = "<p>今天天气很好。我们去公园。他没有来。</p>"
THREE = "<p>Dr. J. Doe of the U.S. Army paid 3.50 for it. “Was it fair?” she asked! Nobody knows.</p><p>The end.</p>"


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [
        (THREE, {"n": 1, "unit": "sentences"}, "Dr. J. Doe of the U.S. Army paid 3.50 for it. …"),
        (THREE, {"n": 3, "unit": "sentences"}, THREE[3:88] + " …"),
        (THREE, {"n": 12, "unit": "words", "end": "sentence"}, "Dr. J. Doe of the U.S. Army paid 3.50 for it. …"),
        (THREE, {"n": 4, "unit": "words", "end": "sentence"}, "Dr. J. Doe of…"),
        ("<p>One two.</p><p>Three four five.</p>", {"n": 4, "unit": "words", "end": "paragraph"}, "One two. …"),
        ("<p>One two.</p><p>Three four five.</p>", {"n": 4, "unit": "words"}, "One two.\n\nThree four…"),
        (HAN, {"n": 2, "unit": "sentences"}, "今天天气很好。我们去公园。 …"),
        (HAN, {"n": 15, "unit": "chars", "end": "sentence"}, "今天天气很好。我们去公园。 …"),
        (THAI, {"n": 1, "unit": "sentences"}, "น้ำประปาหยุดไหลในสามเขต …"),
        (THAI, {"n": 2, "unit": "sentences"}, "น้ำประปาหยุดไหลในสามเขต เจ้าหน้าที่กล่าวว่าจะซ่อมเสร็จพรุ่งนี้ …"),
        (THAI, {"n": 40, "unit": "chars", "end": "sentence"}, "น้ำประปาหยุดไหลในสามเขต …"),
        ("<p>هل هذا صحيح؟ نعم. لا.</p>", {"n": 1, "unit": "sentences"}, "هل هذا صحيح؟ …"),
    ],
)  # fmt: skip
def test_it_ends_on_what_the_limit_says(text: str, limit: dict[str, object], wanted: str) -> None:
    made, _ = excerpt(None, text, (Limit(name=LimitName.EXCERPT_MAX, params=tuple(sorted(limit.items()))),), None)
    assert made.text == wanted


@settings(deadline=None)
@given(PARAGRAPHS, st.sampled_from(["words", "chars", "sentences", "paragraphs"]), st.integers(1, 40),
       st.sampled_from(["word", "sentence", "paragraph"]))  # fmt: skip
def test_wherever_it_ends_it_is_no_longer_than_allowed(text: list[str], unit: str, n: int, end: str) -> None:
    limit = Limit(name=LimitName.EXCERPT_MAX, params=(("end", end), ("n", n), ("unit", unit)))
    made, allowed = excerpt(None, html([part.replace("—", ". —") for part in text]), (limit,), None)
    parts = made.text.split("\n\n") if made.text else []
    assert sum(map(count_words, parts)) <= (allowed.words or 10**6)
    assert sum(map(count_sentences, parts)) <= (allowed.sentences or 10**6)
    assert len("\n\n".join(parts)) - 1 * max(0, len(parts) - 1) <= (allowed.chars or 10**6)
