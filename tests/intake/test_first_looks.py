"""What is looked at first, to spare texts a closer look, hides nothing from it."""

# ruff: noqa: E501  pieces are easier to read side by side

from __future__ import annotations

import re
import sys
from hashlib import sha256
from typing import Any
from unittest.mock import patch
from zlib import crc32

import msgspec
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.intake import (
    assemble,
    clean,
    components,
    credit_lines,
    document,
    elements,
    glance,
    instants,
    marks,
    mend,
    phrases,
    plain,
    sketch,
    text_notices,
)
from aggregator.intake.article import Line, _plain, read_article
from aggregator.intake.clean import all_is_seen, clean_html, single_spaced, strip_illegal, tidy
from aggregator.intake.glance import Glance, count_words, folded, rare_characters
from aggregator.intake.instants import read_instant
from aggregator.intake.known import Known
from aggregator.intake.parse import parse
from aggregator.intake.phrases import FORBIDDEN, ORIGINALLY, SOURCES
from aggregator.intake.sketch import sketch_of
from aggregator.model.entry import Content, Entry, Level
from aggregator.model.parsed import ParsedFeed, ParseRequest
from aggregator.model.story import SENTENCES_MIN

NOBODY = Known(frozenset(), (), (), ())
ODD = "aZ9 \t\n\x01\x7f\x85\xa0\xadéÉßſ\u212aİıΣςᲀ\u200b\u200c\u200d\u2028“…漢\ud800\udc00\ufdd0\ufeff😀\U0001fffe"
odd_texts = st.text(alphabet=ODD, max_size=30)
PIECES = [
    *("<p>", "</p>", "<br>", "<b>", "</b>", "<figure><img src='https://a.example/i.png'><figcaption>", "</figcaption></figure>"),
    *('<a href="https://creativecommons.org/licenses/by/4.0/">', '<a href="https://CreativeCommonſ.org/licenseſ/by/">'),
    *('<a href="https://a.example/Open-Government-Licence">', '<a href="https://a.example/1">', "</a>", "text ", "success "),
    *('<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">', "CC BY 4.0", "cc-By", "creative", "\u212a"),
    *("Creative Commons", "creatİve commons", "GFDL", "odbl", "Not for republication", "no reprint", "REPOſT", "prınt"),
    *("do not re-post", "&shy;", "&amp;shy;", "\u00ad", "\u200d", "é", "&#99;c by", "&nbsp;", "a  b\tc\n", "\u2003", "\xa0", "3.14 l’été", "&Eacute;É", "\x1f", "Nachdruck verboten", "禁止转载"),
]  # fmt: skip
articles = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)


@given(odd_texts)
def test_rare_characters_are_all_but_the_common_ones(text: str):
    assert rare_characters(text) == re.sub("[\t\n\r -~]", "", text)


@given(odd_texts, st.sampled_from([0, 300]))
def test_long_texts_lose_what_short_ones_do(text: str, more: int):
    assert strip_illegal(text + more * "x") == clean._ILLEGAL.sub("", text) + more * "x"


@given(odd_texts)
def test_what_is_unseen_is_found_among_the_rare(text: str):
    assert all_is_seen(text) is (text.isascii() or clean._UNSEEN.search(text) is None)


@given(
    st.lists(
        st.tuples(st.sampled_from(["<p>", "<p>", "<p>", "<p >", "<P>", ""]), odd_texts, st.sampled_from(["</p>", "</p>", "</p>", "</p >", ""]),
                  st.sampled_from(["", "\n", " \t", "\r", "x", "&"])).map("".join),
        min_size=1, max_size=4,
    ).map("".join)
)  # fmt: skip
def test_paragraphs_of_mere_text_are_what_the_parser_writes(html: str):
    cleaned = clean_html(html)
    with patch.object(clean, "_PARAGRAPHS", re.compile("(?!)")):
        assert cleaned == clean_html(html)


def test_references_that_need_no_look_are_to_legal_characters():
    usual = [code for code in range(20_000) if clean._ODD_REFERENCE.search(f"&#{code};") is None]
    assert len(usual) == 95 + 840 + 1_000
    assert [code for code in usual if strip_illegal(chr(code)) == ""] == []
    for reference in ("&#1;", "&#128;", "&#x41;", "&#8211", "&#8211 ;", "&#08211;", "&#88888;", "&#", "&#12a;"):
        assert clean._ODD_REFERENCE.search(f"&#8211; {reference}")


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "a", " ", "\n", "\r", "&amp;", ">", "\xa0", "é"]), max_size=8)
    .map("".join)
)  # fmt: skip
def test_the_text_of_one_paragraph_is_its_line(html: str):
    for whole in (html, f"<p>{html}</p>"):
        assert clean.text_of(whole) == clean._lines(clean._flow(whole).replace("\r", "\n"))


@given(odd_texts | st.text(alphabet="a \t\n\x0b\x1c\x1f\x85\xa0\u2003\u2028\u3000é\u200b"))
def test_runs_of_white_space_are_one_space_whichever_way_they_are_read(text: str):
    assert single_spaced(text) == " ".join(text.split())
    slowly = re.sub(r"\s+", " ", clean.unseen_removed(clean._ILLEGAL.sub("", " ".join(text.split())))).strip()
    assert tidy(text) == slowly


@given(odd_texts | st.text())
def test_folded_is_as_python_folds(text: str):
    assert folded(text) == text.casefold().encode("utf-8", "replace")


@given(st.lists(odd_texts.map(single_spaced), max_size=8), st.integers(1, 3), st.integers(1, 3))
def test_a_glance_shows_what_a_closer_look_does(lines: list[str], head: int, tail: int):
    seen = Glance("\n".join(lines))
    assert seen.rare == ("" if seen.text.isascii() else rare_characters(seen.text))
    assert seen.folded == folded(seen.text)
    if len(lines) > head + tail:
        ends = seen.ends(head, tail)
        assert ends.text == "\n".join([*lines[:head], *lines[-tail:]])
        assert ends.folded == folded(ends.text)
        assert set(ends.rare) >= set(Glance(ends.text).rare)


@given(
    st.lists(st.sampled_from(["<", ">", "svg", "MATH", "\u017fvg", "Svg>", "p ", "/", "x" * 998, "xx", " "]), max_size=8).map("".join)
)  # fmt: skip
def test_one_look_finds_what_two_did(html: str):
    foreign = clean._FOREIGN.search(html) is not None
    assert (clean._FOREIGN_OR_LONG.search(html) is not None) is (foreign or re.search("<[^<>]{1000}", html) is not None)


FIGURES = ["<figure>", "</figure>", '<figure title="x">', "<figcaption>", '<figcaption lang="de">', "</figcaption>", "a", "\n<b>b</b>"]  # fmt: skip


@given(st.lists(st.sampled_from(FIGURES), max_size=14).map("".join))
def test_a_caption_ends_where_it_is_closed(html: str):
    caption = re.compile(r'<figcaption(?:\s[a-z-]+="[^"]*")*>(.*?)</figcaption>', re.DOTALL)
    opened: list[int] = []
    expected = []
    for edge in re.finditer(r"<(/?)figure[\s>]", html):
        if not edge[1]:
            opened.append(edge.start())
        elif opened and (found := caption.search(html, start := opened.pop(), edge.start())):
            expected.append((start, edge.start(), found[1]))
    assert list(components._figures(html)) == expected


@given(st.text(alphabet="aZé9_ .,:;'’‘-—\n\u0483ª\xa0"))
def test_every_mark_that_joins_words_is_seen(text: str):
    runs = re.sub(f"[{glance._MARK}’]", " ", text)
    words = len(re.findall("[0-9A-Za-z_\x80-\U0010ffff]+", runs))
    assert count_words(text) == words - len(glance._JOINT.findall(text))


def sentences_of(text: str) -> list[bytes]:
    """As `sketch_of` takes a text apart, one after another."""
    parts = re.split("[.!?\n]", folded(text[: sketch._CHARS_MAX]).decode("utf-8", "replace"))
    return [part.lstrip(" ").encode() for part in parts]


@given(st.lists(st.sampled_from(["Words that make a sentence as long as most.", ".", "A? ", "Short!", "x" * 24 + ".", " y" * 13]), max_size=12))  # fmt: skip
def test_a_sketch_is_of_the_same_sentences_however_they_are_found(pieces: list[str]):
    text = single_spaced(" ".join(pieces))
    hashes = sorted({crc32(one) for one in sentences_of(text) if len(one) >= sketch._SENTENCE_MIN})
    expected = "".join(f"{one:08x}" for one in hashes[: sketch.SIZE]) if len(hashes) >= SENTENCES_MIN else None
    assert sketch_of(text) == sketch_of(Glance(text)) == expected


@pytest.mark.parametrize("stem", phrases._STEMS)
def test_every_stem_is_found_by_its_rarest_letter(stem: str):
    for around in ("", "a", "é", "p", "k"):
        assert phrases._STEM.search((around + stem + around).encode())
    assert not phrases._STEM.search(stem[:-1].encode()) or any(other in stem[:-1] for other in phrases._STEMS)


@given(articles)
def test_lines_are_as_readers_see_them_whichever_way_they_are_read(html: str):
    for text in (html, clean_html(html)):
        article = read_article(text)
        assert [line.text for line in article.lines] == [_plain(line.markup) for line in article.lines]
        assert article.size(article.glance()) == article.size(Glance(article.text))
        assert article.glance().folded == folded(article.text)
        assert article.seen_lines() == [line.as_seen() for line in article.lines]


MARKS = [
    *("<link>https://a.example/</link>", "<link href='/l' rel='license'/>", "<link a='b'/>", "<a:link href='/x'/>", "<a:link rel='license' href='/l'/>"),
    *("<a:link rel='http://www.iana.org/assignments/relation/license' href='/l'/>", "<a:link rel='via' href='/v'/>", "<a:rights>All</a:rights>"),
    *("<copyright>C</copyright>", "<title>T</title>", "<a:title>T</a:title>"),
]  # fmt: skip


@given(st.lists(st.sampled_from(MARKS), max_size=5))
def test_no_mark_is_passed_over(pieces: list[str]):
    fields = elements.fields_of(
        etree.fromstring(f"<item xmlns:a='http://www.w3.org/2005/Atom'>{''.join(pieces)}</item>")
    )

    def marks_found() -> object:
        return marks.marks_of(fields, Level.ENTRY, "https://a.example/", lambda _, base: base)

    found = marks_found()
    with patch.object(marks, "_says_nothing", lambda _: False):
        assert marks_found() == found


@given(st.text(alphabet="a é\x80\x85\x9f\x81Ãâ€™") | odd_texts)
def test_a_text_is_put_right_whether_it_is_looked_at_first_or_not(text: str):
    with patch.object(document, "rare_characters", lambda _: "\x80"):
        expected = document.lifted_text(text)
    assert document.lifted_text(text) == expected


REFERENCES = ["&#", "&#x", "1;", "0;", "xD", "8", "D800;", "55296;", "65;", "&#65535;", "x", ";"]


@given(st.lists(st.sampled_from(REFERENCES), max_size=12))
def test_references_that_are_all_legal_stay_as_they_are(pieces: list[str]):
    data = slowly = "".join(pieces).encode()
    for instead in (b"", "\ufffd".encode()):
        slowly = document._REFERENCE.sub(lambda match, by=instead: document._legal_reference(match, by), slowly)
    assert document.legal(data) == slowly


def test_items_are_found_in_any_namespace_and_spelling():
    names = [
        "item",
        "ITEM",
        "iTeM",
        "a:item",
        "entry",
        "b:Entry",
        "ENTRy",
        "items",
        "entries",
        "ite",
        "item2",
        "a:guid",
        "deleted-entry",
    ]
    xml = "".join(f"<{name}><item/></{name}>" for name in names)
    root = etree.fromstring(f"<rss xmlns:a='https://a.example/' xmlns:b='https://b.example/'>{xml}<!-- item --></rss>")
    expected = [one for one in root.iterdescendants() if document.local(one) in {"item", "entry"}]
    assert list(root.iterdescendants(*document._ITEM_TAGS)) == expected


def test_no_element_is_read_that_is_silent():
    tags = [*plain._SPOKEN, *plain._SILENT]
    assert [tag for tag in tags if plain._is_silent(tag, None) and tag in plain._SPOKEN] == []


DECLARATIONS = [
    *("<rss", "<feed", " xmlns", ":dc", ":media", " = ", "=", '"', "'", ">", "\n", "/>", "<item>", "x"),
    *("https://purl.org/dc/elements/1.1", "http://search.yahoo.com/mrss", "http://www.w3.org/2005/Atom/", "purl.org/"),
    *('xmlns:dc="HTTP://PURL.ORG/DC/ELEMENTS/1.1/"', " xmlns='https://www.w3.org/2005/atom'"),
]


@given(st.lists(st.sampled_from(DECLARATIONS), max_size=16).map(lambda pieces: "".join(pieces).encode()))
def test_every_declaration_of_a_namespace_is_put_right(head: bytes):
    class Nowhere(bytes):
        """A document in which no last declaration can be made out, so that all of it is looked at."""

        def __getitem__(self, key: Any) -> Any:
            return Nowhere(super().__getitem__(key))

        def find(self, *_: Any) -> int:
            return -1

    assert mend.named_rightly(head) == mend.named_rightly(Nowhere(head))


@given(
    st.lists(
        st.sampled_from(["<img", "<img>", ' src="https://a.example/i.png"', ' alt="<img"', ' width="1"', ">", "x"])
    )
)
def test_each_image_is_looked_at_once(pieces: list[str]):
    html = "".join(pieces)
    if (at := html.find("<img")) >= 0:
        assert clean._images_of_note(html, at) == clean._CLEAN_IMG.sub(clean._image, html)


@given(st.from_type(Entry), st.from_type(Content))
def test_a_revision_is_of_all_facts_that_are_not_empty(entry: Entry, content: Content):
    facts = msgspec.to_builtins(entry)
    for name in ("revision", "sketch", "detected_language"):
        del facts[name]
    written = msgspec.json.encode([assemble._filled(facts), content.body, content.summary], order="sorted")
    assert assemble.revision_of(entry, content) == sha256(written).hexdigest()


MONTHS = ["Jan", "feb", "MAR", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Sept", "Mai", "Foo"]


@given(
    st.sampled_from(["", "Mon, ", "Foo, ", "mon,"]),
    st.sampled_from(["0", "1", "05", "29", "30", "31", "32", "٣"]),
    st.sampled_from(MONTHS),
    st.sampled_from(["0000", "0999", "1900", "2023", "2024", "99"]),
    st.sampled_from(["00:00:00", "23:59:59", "24:00:00", "12:60:00", "12:00:60", "7:00:00", "12:00"]),
    st.sampled_from(["GMT", "gmt", "+0000", "-0000", "+0530", "-1200", "+2400", "+9999", "+02:00", "EST", "", "Z"]),
    st.sampled_from([" ", "  "]),
)
def test_a_date_of_the_usual_form_is_what_it_is_in_any(
    weekday: str, day: str, month: str, year: str, time: str, zone: str, between: str
):
    date = weekday + between.join([day, month, year, time, zone])
    with patch.object(instants, "_USUAL", re.compile("(?!)")):
        expected = instants._instant.__wrapped__(date.strip()) if len(date.strip()) >= 6 else None
    assert read_instant(date) == expected


def starts_of(pattern: re.Pattern[str]) -> set[str]:
    """The first three characters of ASCII, lower case, with which a match may start at once, letter by letter."""
    known_as_partial = regex.compile(pattern.pattern, regex.IGNORECASE)
    letters = [chr(code) for code in range(0x20, 0x7F) if not chr(code).isupper()]
    starts = [letter for letter in letters if letter.isalnum() or letter == "_"]
    for _ in range(3):
        starts = [start for start in starts if known_as_partial.match(start, partial=True)]
        longer, starts = starts, [start + letter for start in starts for letter in letters]
    return set(longer)


@pytest.mark.parametrize(
    ("pattern", "starts"),
    [
        (credit_lines._ORIGINALLY, credit_lines._ORIGINALLY_STARTS),
        (credit_lines._SOURCE, credit_lines._SOURCE_STARTS),
    ],
)
def test_a_credit_line_starts_as_its_patterns_do(pattern: re.Pattern[str], starts: frozenset[str]):
    assert starts_of(pattern) == starts


CREDITS = [phrase for table in (ORIGINALLY, SOURCES) for phrases_ in table.values() for phrase in phrases_]
LEADS = ["", " ", "— ", "“", "(", "Note: ", "Editor's note: ", "_", "1. ", "ANMERKUNG – ", "N", "é"]


@given(
    st.sampled_from(LEADS),
    st.sampled_from(CREDITS).flatmap(lambda phrase: st.from_regex(re.compile(phrase, re.IGNORECASE), fullmatch=True)),
    st.sampled_from(["", ":", " Alpha Review", "x"]),
)
def test_no_phrase_is_passed_over(lead: str, phrase: str, rest: str):
    line = lead + phrase + rest
    for pattern, starts in (
        (credit_lines._ORIGINALLY, credit_lines._ORIGINALLY_STARTS),
        (credit_lines._SOURCE, credit_lines._SOURCE_STARTS),
    ):
        assert pattern.match(line) is None or credit_lines._may_start(line, starts)


@given(
    st.lists(
        st.sampled_from(
            ["By", "von", "Jane", "Roe", "jane", "Élan", "élan", "東京", "O'Hara", "de", "for", "per", "the", "/", ",", "(",
             "Zed", "News", "weekly", "Press", "“", "-", "3", "_a"]
        ),
        max_size=9,
    ),
    st.sampled_from([" ", "  ", "\u00a0", ""]),
)  # fmt: skip
def test_whoever_is_named_in_a_byline_has_two_names(words: list[str], between: str):
    byline = between.join(words) if between else " ".join(words).replace(" , ", ", ")
    everything = re.compile("")
    with patch.object(credit_lines, "_TWO_NAMES", everything), patch.object(credit_lines, "_BETWEEN", everything):
        expected = credit_lines._wrote_for(byline, NOBODY)
    assert credit_lines._wrote_for(byline, NOBODY) == expected


def test_no_letter_stands_for_one_of_a_refusal_without_being_folded_to_it():
    letters = sorted(set("".join(phrases._STEMS)))
    alike = re.compile("[" + "".join(letters) + "]", re.IGNORECASE)
    for char in map(chr, range(sys.maxunicode + 1)):
        if alike.match(char) and not phrases.ODD.match(char):
            assert char.casefold() in letters, f"{char!r} folds to {char.casefold()!r}"
            assert re.match(re.escape(char.casefold()), char, re.IGNORECASE)


@given(st.lists(st.sampled_from(["cc", "CC0", " by", "-BY", "creat\u0130ve", "Creative ", "commons ", "attribution", "great",
       "CREATIVECOMMONS.ORG/licenses/", "zero", "licen\u017fe", "x", "é", "0"]), max_size=6).map("".join))  # fmt: skip
def test_no_licence_of_a_picture_is_passed_over(line: str):
    assert marks._names_licence(line) is (marks._NAMED.search(line) is not None)


CLAIMS = ["copyright", "COPYR\u0131ght", "Copyr\u0130ght", "Urheberrecht", "(c) ", "(C) ", "\u00a9", "By ", "Ann Lee", "2024", " ", "\n", "— ", "A News", "é"]  # fmt: skip


@given(st.lists(st.sampled_from(CLAIMS), max_size=10).map("".join))
def test_no_claim_is_passed_over(text: str):
    lines = [Line(part, part, False) for part in map(single_spaced, text.split("\n")) if part]
    whole = Glance("\n".join(line.text for line in lines))
    if not credit_lines.may_claim(whole):
        assert [line for line in lines if credit_lines.COPYRIGHT.match(line.text)] == []
        assert credit_lines.credit_lines(lines, NOBODY, claimed=False) == credit_lines.credit_lines(lines, NOBODY)


REFUSALS = [phrase for refusals in FORBIDDEN.values() for phrase in refusals]


@given(
    st.sampled_from(REFUSALS).flatmap(lambda phrase: st.from_regex(re.compile(phrase, re.IGNORECASE))),
    st.lists(st.sampled_from(["Text.", "Σ", "İ", "é"]), max_size=3),
)
def test_a_refusal_is_found_in_whatever_it_stands(refusal: str, around: list[str]):
    if phrases._FORBIDDEN.search(refusal.replace("’", "'")):
        assert phrases.may_forbid("\n".join([*around, refusal, *around]))


def notices(lines: list[Line], html: str, seen: Glance | None = None) -> list[object]:
    return [text_notices.forbidding_lines(lines, seen), text_notices.licence_lines(lines, html, seen)]


@given(articles)
def test_lines_that_are_looked_at_together_say_what_each_says(pieces: str):
    for html in (pieces, clean_html(pieces)):
        lines = read_article(html).seen_lines()
        found = notices(lines, html)
        whole = Glance("\n".join(line.text for line in lines))
        assert notices(lines, html, text_notices.near(lines, whole)) == found
        with (
            patch.object(text_notices, "may_forbid", lambda _: True),
            patch.object(text_notices, "_may_link", lambda _: True),
            patch.object(text_notices, "_may_name", lambda _: True),
        ):
            assert found == notices(lines, html)


def test_the_revision_of_an_entry_that_was_read_is_of_all_that_it_holds():
    feed = parse(
        ParseRequest(
            source="s",
            url="https://a.example/feed",
            body=b"""<rss xmlns:dc='http://purl.org/dc/elements/1.1/' version='2.0'><channel><title>A</title><item><guid>1</guid>
            <title>T</title><link>https://a.example/1</link><dc:creator>Ann</dc:creator><category>C</category>
            <pubDate>Tue, 13 Dec 2016 10:00:00 GMT</pubDate><dc:rights>Ann</dc:rights><dc:source>Zed</dc:source>
            <description>&lt;p>A short one.&lt;/p></description><enclosure url='/a.mp3' type='audio/mpeg' length='3'/>
            </item></channel></rss>""",
        )
    )
    assert isinstance(feed, ParsedFeed)
    (one,) = feed.entries
    assert one.entry.revision == assemble.revision_of(one.entry, msgspec.json.decode(one.content, type=Content))
