"""What we publish, read back by our own intake: the same entries, the same chain, the same words about rights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.intake.clean import clean_text
from aggregator.intake.elements import person_name
from aggregator.intake.parse import parse
from aggregator.model.chain import understood, written
from aggregator.model.decision import Hop
from aggregator.model.entry import (
    Author,
    Component,
    ComponentKind,
    Content,
    Entry,
    Level,
    Link,
    Notice,
    NoticeKind,
    StoredEntry,
)
from aggregator.model.output import Format, Output
from aggregator.model.parsed import ParsedEntry, ParsedFeed, ParseRequest
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.compose import compose
from aggregator.publishing.duties import licence
from aggregator.publishing.item import Item
from aggregator.publishing.text import inert, legal, spaced
from tests.publishing.build_items import (
    CREDITS,
    GLOBAL_RESEARCH,
    IMAGE,
    PLACE,
    RT,
    SEEN,
    a_content,
    a_decision,
    a_duty,
    a_head,
    a_limit,
    a_stored,
    an_entry,
    an_item,
    an_output,
)

WRITERS: dict[Format, Any] = {Format.RSS: rss, Format.ATOM: atom, Format.JSON: jsonfeed}
FORMATS = list(WRITERS)


def read_back(format_: Format, *items: Item) -> list[ParsedEntry]:
    """The items' document as a second installation reads it, which has no policies."""
    writer = WRITERS[format_]
    body = writer.document(a_head(), [writer.fragment(item) for item in items])
    answer = parse(
        ParseRequest(
            source="riverside",
            url=f"https://news.example.org/feeds/community.{format_.value}",
            body=body,
            own_names=frozenset({"Riverside Community News"}),
            own_domains=frozenset({"news.example.org"}),
        )
    )
    assert isinstance(answer, ParsedFeed), answer
    assert not [one for one in answer.warnings if "dropped" not in one], answer.warnings
    return list(answer.entries)


def chain(entry: Entry) -> list[tuple[Any, ...]]:
    return [(origin.name, origin.url, origin.author, origin.notice) for origin in entry.origins]


def said(entry: Entry, kind: NoticeKind, level: Level) -> set[str]:
    return {notice.value for notice in entry.notices if notice.kind is kind and notice.level is level}


WIRE = Hop(
    name="Wire & Co; Ltd", policy=None, url="https://wire.example/a?id=1;b=2", claimed=True, notice="© Wire=2016"
)
LICENCE = "https://creativecommons.org/licenses/by-nc-nd/4.0/"
RICH = an_entry(
    notices=(
        Notice(kind=NoticeKind.LICENCE, level=Level.ENTRY, value=LICENCE, carrier="atom:link rel=license"),
        Notice(kind=NoticeKind.RIGHTS, level=Level.FEED, value="© Global Research", carrier="rss:copyright"),
    ),
    links=(
        Link(rel="canonical", href="https://rt.example/aleppo"),
        Link(rel="related", href="https://globalresearch.example/more", title="More"),
    ),
    components=(
        Component(kind=ComponentKind.IMAGE, url=IMAGE, credit="Agency / J. Doe", licence="CC-BY-4.0"),
        Component(
            kind=ComponentKind.MEDIA,
            url="https://rt.example/a.mp3",
            type="audio/mpeg",
            length=7,
            title="Heard",
            enclosed=True,
        ),
    ),
)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_second_installation_reads_what_the_first_knew(format_: Format) -> None:
    """Hops in order with all that is known of each, licences, notices, canonical address, whose the pictures are."""
    item = an_item(
        a_duty(DutyName.COPYRIGHT_NOTICE),
        stored=a_stored(RICH, revised_at=SEEN + timedelta(days=2)),
        hops=(WIRE, RT, GLOBAL_RESEARCH),
    )
    (parsed,) = read_back(format_, item)
    entry, content = parsed.entry, msgspec.json.decode(parsed.content, type=Content)
    assert (entry.id, entry.title, entry.url, entry.language) == (RICH.id, RICH.title, RICH.url, "en")
    assert (entry.authors, entry.categories) == (RICH.authors, RICH.categories)
    assert (entry.published_at, entry.updated_at) == (item.published_at, item.updated_at)
    assert chain(entry) == [
        (WIRE.name, WIRE.url, None, WIRE.notice),
        (RT.name, RT.url, RT.author, RT.notice),
        (GLOBAL_RESEARCH.name, GLOBAL_RESEARCH.url, None, None),
    ]
    assert said(entry, NoticeKind.LICENCE, Level.ENTRY) == {LICENCE}
    assert item.rights in said(entry, NoticeKind.RIGHTS, Level.ENTRY)
    assert {(link.rel, link.href) for link in entry.links if link.rel in ("via", "canonical", "related")} == {
        ("via", RICH.url),
        ("canonical", "https://rt.example/aleppo"),
        ("related", "https://globalresearch.example/more"),
    }
    parts = {(part.kind, part.url): (part.credit, part.licence) for part in entry.components}
    credit, named = parts[ComponentKind.IMAGE, IMAGE]
    assert (credit, licence(named or "").url) == ("Agency / J. Doe", "https://creativecommons.org/licenses/by/4.0/")
    assert (ComponentKind.MEDIA, "https://rt.example/a.mp3") in parts
    assert content.body is not None
    assert "Singing &amp; chanting" in content.body


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("form", [Form.EXCERPT, Form.HEADLINE])
def test_a_part_of_an_article_is_read_back_as_a_part(format_: Format, form: Form) -> None:
    """However long it is with its credit: whoever republishes it must not take it for the whole (ruling 9)."""
    long = "".join(f"<p>Sentence {number} of a text that goes on and on for a while.</p>" for number in range(60))
    lines = [a_duty(DutyName.CREDIT_LINE, text="Republished by kind permission. " * 20) for _ in range(3)]
    limits = (a_limit(300, "words"),)
    item = an_item(*lines, content=a_content(body=long, summary=None), form=form, limits=limits)
    (parsed,) = read_back(format_, item)
    content = msgspec.json.decode(parsed.content, type=Content)
    assert content.body is None
    assert parsed.entry.size is None
    assert parsed.entry.has_summary


@pytest.mark.parametrize("format_", FORMATS)
def test_an_article_without_a_link_and_many_names_comes_back(format_: Format) -> None:
    hops = tuple(
        Hop(name=f"Paper {number}", policy=None, url="https://shared.example/p", claimed=True) for number in range(5)
    )
    entry = an_entry(url=None, authors=(), id="opaque id")
    (parsed,) = read_back(format_, an_item(entry=entry, hops=(*hops, replace(GLOBAL_RESEARCH, url=None))))
    told = chain(parsed.entry)
    assert [name for name, *_ in told] == [*(hop.name for hop in hops), "Global Research"]
    assert {url for _, url, *_ in told[:-1]} == {"https://shared.example/p"}


RAW = st.text(st.one_of(st.sampled_from("<>&\"'\\;=]{%٣שé漢\u202e\u200b😀\x00"), st.characters()), max_size=25)
TEXT = RAW.map(clean_text).filter(lambda text: text and not re.search("[\xc2-\xf4][\x80-\xbf]", text))
"""What intake lets through of any text; feedparser takes UTF-8 that was read as Latin 1 for what was meant."""
PAIRS = st.dictionaries(
    st.sampled_from(["name", "url", "author", "notice"]), RAW.filter(lambda text: text and text == text.strip())
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["name", "url", "author", "notice"]), RAW.filter(lambda text: text and text == text.strip())
    )
)
def test_pairs_are_understood_as_written(values: dict[str, str]) -> None:
    assert understood(written(values)) == values


@pytest.mark.parametrize("prose", ["By Ann Lee. © Herald", "name", "name=x; and more", "=x", "a=b;;", "Source=x y; z"])
def test_prose_is_no_pairs(prose: str) -> None:
    assert understood(prose) == {} or prose == "name=x"


@st.composite
def published(draw: st.DrawFn) -> tuple[StoredEntry, Content, Output, Any]:
    names = draw(st.lists(TEXT, min_size=1, max_size=3, unique_by=lambda text: spaced(legal(text)).casefold()))
    hops = tuple(
        Hop(
            name=f"{place} {name}",
            policy=None,
            url=draw(st.sampled_from([None, f"https://h{place}.example/{place}?a=b;c"])),
            author=draw(st.none() | TEXT),
            notice=draw(st.none() | TEXT),
        )
        for place, name in enumerate(names)
    )
    entry = an_entry(
        id=draw(st.sampled_from(["https://globalresearch.example/?p=1", "tag:g.example,2026:x", "urn:x-odd:é"])),
        title="T" + draw(TEXT),
        authors=tuple(Author(name=f"A{place} {draw(TEXT)}") for place in range(draw(st.integers(0, 2)))),
        categories=tuple(draw(st.lists(TEXT.map(lambda text: f"c{text}"), max_size=2))),
        language=draw(st.sampled_from([None, "en", "ar", "zh-Hant"])),
    )
    form = draw(st.sampled_from(list(Form)))
    body = f"<p>{draw(st.sampled_from(['Plain words.', '日本語の文章です。', 'نص عربي']))}</p>" * draw(
        st.integers(1, 30)
    )
    return a_stored(entry), a_content(body=body), an_output(), a_decision(hops=hops, form=form)


def plain(categories: Iterable[str]) -> list[str]:
    """Categories as a format that takes them for HTML shows them."""
    return list(dict.fromkeys(text for one in categories if (text := clean_text(one, 200, markup=True))))


@settings(max_examples=80, deadline=None)
@given(st.lists(published(), min_size=1, max_size=1))
def test_any_entry_comes_back_with_its_chain(drawn: list[Any]) -> None:
    """In all three formats alike: who, in which order, where, and the entry's own facts."""
    ((stored, content, output, decision),) = drawn
    item = compose(stored, content, decision, output, PLACE, CREDITS)
    hops = [(hop.name, hop.url, hop.author, hop.notice) for hop in item.hops]
    found = {}
    for format_ in FORMATS:
        (parsed,) = read_back(format_, item)
        entry = parsed.entry
        assert chain(entry)[: len(hops)] == hops, format_
        assert entry.id == item.id_in(format_)
        assert entry.url == item.url
        # Readers of XML formats take names for HTML: what would open a tag in them goes out as a look-alike.
        shown = str if format_ is Format.JSON else inert
        names = [author.name for author in item.authors] or ([] if format_ is Format.RSS else [item.publisher])
        assert [person_name(author.name) for author in entry.authors] == [person_name(shown(name)) for name in names]
        assert plain(entry.categories) == plain(map(shown, item.categories))
        assert (entry.published_at, entry.updated_at or item.updated_at) == (item.published_at, item.updated_at)
        assert entry.size is None or item.form is Form.FULL
        found[format_] = entry.title
    assert found[Format.ATOM] == found[Format.JSON]
