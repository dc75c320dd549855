"""Whatever comes in, what goes out is well formed, says who wrote it, and reads the same in strangers' readers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.errors import RenderError
from aggregator.model.entry import Author, Component, ComponentKind, Content, Level, Link, Notice, NoticeKind
from aggregator.model.origin import Origin
from aggregator.model.output import Format
from aggregator.model.policy import DutyName
from aggregator.model.use import Form
from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.abilities import can_discharge
from aggregator.publishing.compose import compose
from aggregator.publishing.html import scrub
from aggregator.publishing.ids import is_iri
from aggregator.publishing.item import EntryRefused, FeedOfOrigin, Item, Tombstone
from aggregator.publishing.text import legal
from aggregator.publishing.verify import verify_fragment
from aggregator.publishing.verify_document import verify_document
from aggregator.publishing.xml import Shell
from tests.publishing.build_items import (
    CREDITS,
    DIGEST,
    PLACE,
    RIVER,
    RT,
    SEEN,
    a_content,
    a_decision,
    a_duty,
    a_head,
    a_stored,
    an_entry,
    an_item,
    an_output,
)

WRITERS = {Format.RSS: rss, Format.ATOM: atom, Format.JSON: jsonfeed, Format.HTML: RIVER, Format.TEXT: DIGEST}
XML = [(Format.RSS, rss.SHELL), (Format.ATOM, atom.SHELL)]
# Everything that XML, HTML, JSON or a reader's eye could trip over, and all of Unicode beside it.
NASTY = st.text(
    st.one_of(
        st.sampled_from("<>&\"'\\]]>{{%}\x00\x0b\x7f\x85\u2028\ufffe\ud800\u202e\u200b\U0001fffe]"),
        st.characters(),
    ),
    max_size=30,
)
DUTIES = (
    a_duty(DutyName.CREDIT_SOURCE),
    a_duty(DutyName.CREDIT_AUTHOR),
    a_duty(DutyName.LINK_ORIGINAL),
    a_duty(DutyName.KEEP_LINKS),
)


@st.composite
def entries(draw: st.DrawFn) -> tuple[Any, Content, Form]:
    entry = an_entry(
        id=draw(NASTY.filter(bool)),
        title="T" + draw(NASTY),
        authors=tuple(Author(name="A" + draw(NASTY)) for _ in range(draw(st.integers(0, 2)))),
        categories=tuple(draw(st.lists(NASTY, max_size=2))),
        notices=(Notice(kind=NoticeKind.RIGHTS, level=Level.ENTRY, value=draw(NASTY), carrier="atom:rights"),),
        components=(
            Component(
                kind=ComponentKind.MEDIA, url="https://a.example/a", type=draw(NASTY), title=draw(NASTY), enclosed=True
            ),
        ),
    )
    content = Content(
        body=scrub("words " + draw(NASTY) + draw(st.sampled_from(["<p>", "<ul><li>x", "<b><p>y</b>", ""])))
    )
    return entry, content, draw(st.sampled_from(list(Form)))


@settings(max_examples=60, deadline=None)
@given(entries(), NASTY, NASTY)
def test_any_text_goes_out_well_formed_and_proved(drawn: tuple[Any, Content, Form], hop: str, end: str) -> None:
    entry, content, form = drawn
    decision = a_decision(
        *DUTIES,
        a_duty(DutyName.CREDIT_LINE, text="L" + end),
        hops=(replace(RT, name="N" + hop, notice=end), a_decision().hops[1]),
        form=form,
    )
    item = compose(a_stored(entry), content, decision, an_output(), replace(PLACE, source_title="S" + hop), CREDITS)
    for format_, writer in WRITERS.items():
        fragment = writer.fragment(item)
        verify_fragment(format_, fragment, item)
        body = writer.document(a_head(title="H" + hop), [fragment])
        verify_document(format_, body, [item.id_in(format_)])
        assert legal(body.decode()) == body.decode()


@settings(max_examples=60, deadline=None)
@given(st.text("<>/abip img src=\"'&;#x0-!\n", max_size=120))
def test_any_markup_that_the_sanitiser_lets_through_goes_out_and_is_proved(markup: str) -> None:
    item = an_item(*DUTIES, content=Content(body=scrub(f"<p>words</p>{markup}")))
    for format_, writer in WRITERS.items():
        fragment = writer.fragment(item)
        verify_fragment(format_, fragment, item)
        verify_document(format_, writer.document(a_head(), [fragment]), [item.id_in(format_)])


@pytest.mark.parametrize(("format_", "shell"), XML)
def test_an_entrys_bytes_declare_no_namespace_and_stand_unchanged_in_the_document(
    format_: Format, shell: Shell
) -> None:
    item = an_item(a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-4.0"), a_duty(DutyName.CANONICAL_OR_NOINDEX))
    fragment = WRITERS[format_].fragment(item)
    assert b"xmlns" not in fragment
    etree.fromstring(shell.wrapped(fragment))
    body = WRITERS[format_].document(a_head(), [fragment, fragment])
    assert body.count(fragment) == 2
    assert len(etree.fromstring(body).xpath("//*[local-name()='item' or local-name()='entry']")) == 2


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_a_feed_reader_finds_credit_link_and_licence(format_: Format, form: Form) -> None:
    item = an_item(a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-4.0"), form=form)
    body = WRITERS[format_].document(a_head(), [WRITERS[format_].fragment(item)])
    feed = feedparser.parse(body)
    assert not feed.bozo
    (entry,) = feed.entries
    shown = " ".join([entry.get("summary", ""), *(part.value for part in entry.get("content", ()))])
    assert (entry.id, entry.link, entry.title) == (item.original_id, item.url, "The Liberation of Aleppo")
    assert "Originally published by" in shown
    assert f'<a href="{item.url}">Global Research</a>' in shown
    assert "Copyright © Lizzie Phelan, RT, 2016" in shown
    assert entry.author == "Lizzie Phelan"
    assert entry.source.title == "Global Research"
    assert "https://creativecommons.org/licenses/by/4.0/" in str(entry)
    assert ("Aleppo streets" in shown) == (form is not Form.HEADLINE)


def test_json_has_the_same_facts_under_rights() -> None:
    item = an_item(a_duty(DutyName.LICENCE_NOTICE, licence="CC-BY-4.0"), form=Form.EXCERPT)
    feed = orjson.loads(jsonfeed.document(a_head(), [jsonfeed.fragment(item)]))
    rights = feed["items"][0]["_rights"]
    assert {key for key in rights if "." in key} == set()
    assert rights["form"] == "excerpt"
    assert rights["original_id"] == item.original_id
    assert [hop["name"] for hop in rights["hops"]] == ["RT", "Global Research"]
    assert rights["hops"][0]["claimed"] is True
    assert rights["notice"] == "Copyright © Lizzie Phelan, RT, 2016"
    assert rights["licences"] == [{"name": "CC-BY-4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}]


def test_an_id_that_is_no_iri_becomes_a_tag_in_atom_and_the_original_stays_beside_it() -> None:
    item = an_item(entry=an_entry(id="post 17"))
    assert (item.id, item.original_id) == ("post 17", "post 17")
    assert item.atom_id == f"tag:news.example.org,2026:{item.key}"
    entry = etree.fromstring(atom.SHELL.wrapped(atom.fragment(item)))[0]
    assert entry.findtext("{http://purl.org/dc/elements/1.1/}identifier") == "post 17"


def test_a_derived_id_goes_out_in_every_format_with_the_original_beside_it() -> None:
    item = an_item(place=replace(PLACE, outbound_id="tag:news.example.org,2026:abc"))
    for format_ in (Format.RSS, Format.ATOM, Format.JSON):
        data = WRITERS[format_].fragment(item).decode()
        assert item.id_in(format_) == "tag:news.example.org,2026:abc"
        assert "https://globalresearch.example/?p=5562169" in data


@pytest.mark.parametrize("id_", ["javascript:alert(1)", " JavaScript:alert(1)", "vb\tscript:x", "data:text/html,x"])
def test_an_id_that_is_a_script_goes_out_in_no_format(id_: str) -> None:
    shown = an_item(entry=an_entry(id=id_, url=None))
    assert shown.id == shown.atom_id
    assert shown.id.startswith("tag:")


@pytest.mark.parametrize(
    ("id_", "fits"),
    [
        ("https://a.example/?p=1", True),
        ("HTTP://A.example/ü", True),
        ("urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6", True),
        ("urn:uuid:1", False),
        ("tag:a.example,2005:1", True),
        ("tag:a.example,2005:ü", False),
        ("tag:1", False),
        ("urn:example:a/b", True),
        ("urn:example:ü", False),
        ("post-17", False),
        ("1", False),
        ("https://a.example/a b", False),
        ("https:///a", False),
        ("https://a.example/%zz", False),
        ("", False),
        ("javascript:alert(1)", False),
        ("https://a.example/\u202e", False),
    ],
)
def test_only_ids_that_every_reader_takes_go_out_in_atom(id_: str, fits: bool) -> None:
    assert is_iri(id_) is fits


def test_no_document_says_anything_of_rights_for_the_feed_as_a_whole() -> None:
    for format_, writer in WRITERS.items():
        body = writer.document(a_head(), []).lower()
        assert not re.search(rb"<rights|<copyright|license|_rights", body), format_


@pytest.mark.parametrize(
    ("published", "updated", "wanted"),
    [
        (None, None, (SEEN, SEEN)),
        (SEEN + timedelta(days=3), None, (SEEN, SEEN)),
        (datetime(1, 1, 1, tzinfo=UTC), None, (SEEN, SEEN)),
        (SEEN - timedelta(days=2), SEEN - timedelta(days=3), (SEEN - timedelta(days=2), SEEN - timedelta(days=2))),
        (SEEN - timedelta(days=2), SEEN + timedelta(days=9), (SEEN - timedelta(days=2), SEEN - timedelta(days=2))),
        (None, SEEN - timedelta(days=1), (SEEN - timedelta(days=1), SEEN - timedelta(days=1))),
    ],
)
def test_dates_are_true_and_in_order_whatever_the_feed_says(
    published: datetime | None, updated: datetime | None, wanted: tuple[datetime, datetime]
) -> None:
    item = an_item(stored=a_stored(an_entry(published_at=published, updated_at=updated), ordered_at=SEEN))
    assert (item.published_at, item.updated_at) == wanted


def test_undated_entries_of_one_document_have_dates_of_their_own() -> None:
    """In the order of the document: two entries with the same date are a warning of W3C's validator."""
    undated = an_entry(published_at=None, updated_at=None)
    items = [an_item(stored=a_stored(undated, ordered_at=SEEN - timedelta(seconds=place))) for place in range(3)]
    assert [item.updated_at for item in items] == [SEEN - timedelta(seconds=place) for place in range(3)]


def test_a_revision_without_a_date_of_its_own_is_dated_by_when_it_was_seen() -> None:
    revised = SEEN + timedelta(days=5)
    item = an_item(stored=a_stored(an_entry(), revised_at=revised))
    assert (item.published_at, item.updated_at) == (an_entry().published_at, revised)


def test_an_entry_without_authors_is_by_its_publisher() -> None:
    item = an_item(entry=an_entry(authors=()), hops=a_decision().hops[1:])
    author = etree.fromstring(atom.SHELL.wrapped(atom.fragment(item)))[0].find("{*}author/{*}name")
    assert author.text == "Global Research"
    assert b"dc:creator" not in rss.fragment(item)


def test_no_element_of_a_feed_is_empty() -> None:
    item = an_item(
        entry=an_entry(title="", authors=(), categories=("", " "), url=None), content=a_content(summary=None)
    )
    for format_, _ in XML:
        body = WRITERS[format_].document(a_head(description=""), [WRITERS[format_].fragment(item)])
        for node in etree.fromstring(body).iter():
            assert len(node) or (node.text or "").strip() or node.attrib, node.tag


def test_a_second_enclosure_does_not_break_rss() -> None:
    parts = tuple(
        Component(kind=ComponentKind.MEDIA, url=f"https://a.example/{n}.mp3", enclosed=True, length=n) for n in range(3)
    )
    item: Item = an_item(entry=an_entry(components=parts))
    entry = etree.fromstring(rss.SHELL.wrapped(rss.fragment(item)))[0][0]
    assert [dict(node.attrib) for node in entry.findall("enclosure")] == [
        {"url": "https://a.example/0.mp3", "length": "0", "type": "audio/mpeg"}
    ]
    assert len(entry.findall("{*}link[@rel='enclosure']")) == 2


def test_names_from_a_feed_are_shown_as_claims_without_marks_that_deceive() -> None:
    forged = replace(RT, name="\u202eRT\u200b News\u200d")
    item = an_item(hops=(forged, a_decision().hops[1]))
    assert '<a href="https://rt.example/">RT News</a> (according to the feed)' in item.html
    assert "Global Research (according" not in item.html.replace("</a>", "")


@pytest.mark.parametrize(("told", "declared"), [("en_GB", "en-GB"), ("English", None), ('en" x="', None), (None, None)])
def test_only_languages_that_are_some_are_declared(told: str | None, declared: str | None) -> None:
    assert an_item(entry=an_entry(language=told)).language == declared


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/a", "//a.example/", "https://", "https://a.example/ b", "ftp://a.example/"]
)
def test_an_address_that_no_reader_should_be_sent_to_goes_nowhere(url: str) -> None:
    entry = an_entry(
        url=url,
        authors=(Author(name="A", url=url),),
        links=(Link(rel="canonical", href=url),),
        components=(Component(kind=ComponentKind.MEDIA, url=url, enclosed=True),),
        origins=(Origin(name="O", url=url, feed_url=url, carrier="atom:source"),),
    )
    item = an_item(entry=entry, hops=(replace(RT, url=url), replace(a_decision().hops[1], url=url)))
    for format_, writer in WRITERS.items():
        fragment = writer.fragment(item)
        verify_fragment(format_, fragment, item)
        assert f'"{url}"'.encode() not in fragment
        assert f">{url}<".encode() not in fragment


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM, Format.JSON])
def test_such_an_address_is_found_in_the_bytes_too(format_: Format) -> None:
    item = replace(an_item(), url="javascript:alert(1)")
    with pytest.raises(EntryRefused, match="not an absolute"):
        verify_fragment(format_, WRITERS[format_].fragment(item), item)


def test_a_title_that_looks_like_markup_opens_no_tag_in_a_reader_that_takes_titles_for_html() -> None:
    """RSS does not say what a title is; Atom and JSON Feed do, so there it stands as it was written."""
    item = replace(an_item(), title="On <script>alert(1)</script> & 3 < 4")
    title = etree.fromstring(rss.SHELL.wrapped(rss.fragment(item))).findtext(".//item/title")
    assert title == "On ‹script>alert(1)‹/script> & 3 < 4"
    verify_fragment(Format.RSS, rss.fragment(item), item)
    title = etree.fromstring(atom.SHELL.wrapped(atom.fragment(item)))[0].find("{*}title")
    assert (title.get("type"), title.text) == ("html", "On &lt;script&gt;alert(1)&lt;/script&gt; &amp; 3 &lt; 4")
    verify_fragment(Format.ATOM, atom.fragment(item), item)


A_PHOTO = Component(
    kind=ComponentKind.IMAGE,
    url="https://a.example/p.jpg?a=1&b=2",
    credit="Ann Lee <Agency>",
    licence="https://creativecommons.org/licenses/by/4.0/",
    type="image/jpeg",
    title="A square",
    enclosed=True,
)


@pytest.mark.parametrize(("format_", "shell"), XML)
def test_whose_a_picture_is_stands_beside_it(format_: Format, shell: Shell) -> None:
    item = an_item(entry=an_entry(components=(A_PHOTO,)))
    fragment = WRITERS[format_].fragment(item)
    verify_fragment(format_, fragment, item)
    (media,) = etree.fromstring(shell.wrapped(fragment)).iterfind(".//{http://search.yahoo.com/mrss/}content")
    assert dict(media.attrib) == {"url": A_PHOTO.url, "type": "image/jpeg", "medium": "image"}
    assert [(etree.QName(node).localname, node.text) for node in media] == [
        ("title", "A square"),
        ("credit", "Ann Lee ‹Agency>"),
        ("copyright", "CC BY 4.0"),
        ("license", A_PHOTO.licence),
    ]


def test_json_feed_says_whose_a_picture_is_and_which_one_stands_for_the_item() -> None:
    told = orjson.loads(jsonfeed.fragment(an_item(entry=an_entry(components=(A_PHOTO,)))))
    assert told["image"] == A_PHOTO.url
    assert told["_rights"]["components"] == [
        {"url": A_PHOTO.url, "kind": "image", "credit": A_PHOTO.credit, "licence": A_PHOTO.licence}
    ]


@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM, Format.JSON])
def test_a_picture_whose_owner_is_lost_on_the_way_is_found_out(format_: Format) -> None:
    item = an_item(entry=an_entry(components=(A_PHOTO,)))
    fragment = WRITERS[format_].fragment(replace(item, components=(replace(A_PHOTO, credit="Somebody"),)))
    with pytest.raises(EntryRefused, match="whose"):
        verify_fragment(format_, fragment, item)


def _licence(level: Level, value: str) -> Notice:
    return Notice(kind=NoticeKind.LICENCE, level=level, value=value, carrier="atom:link rel=license")


BY, ND = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-nd/4.0/"
UNSPECIFIED = "http://purl.org/atompub/license#unspecified"


@pytest.mark.parametrize(
    ("notices", "of_entry", "of_source"),
    [
        ((), [], []),
        ((_licence(Level.FEED, BY),), [BY], [BY]),
        ((_licence(Level.ENTRY, ND), _licence(Level.FEED, BY)), [ND], [BY]),
        ((_licence(Level.ENTRY, UNSPECIFIED), _licence(Level.FEED, BY)), [UNSPECIFIED], [BY]),
        ((_licence(Level.ENTRY, BY), _licence(Level.ENTRY, BY), _licence(Level.ENTRY, ND)), [BY, ND], []),
    ],
)
def test_licences_stand_where_they_were_said_and_none_is_inherited_by_mistake(
    notices: tuple[Notice, ...], of_entry: list[str], of_source: list[str]
) -> None:
    """RFC 4946, 2.4: an entry without a licence of its own has that of its source."""
    entry = etree.fromstring(atom.SHELL.wrapped(atom.fragment(an_item(entry=an_entry(notices=notices)))))[0]
    assert [link.get("href") for link in entry.findall("{*}link[@rel='license']")] == of_entry
    assert [link.get("href") for link in entry.findall("{*}source/{*}link[@rel='license']")] == of_source


def test_what_an_entry_calls_related_goes_out_and_an_address_that_leads_nowhere_does_not() -> None:
    links = (
        Link(rel="related", href="https://a.example/r", title="Background"),
        Link(rel="related", href="javascript:alert(1)"),
        Link(rel="replies", href="https://a.example/replies"),
    )
    item = an_item(entry=an_entry(links=links))
    entry = etree.fromstring(atom.SHELL.wrapped(atom.fragment(item)))[0]
    assert [(link.get("href"), link.get("title")) for link in entry.findall("{*}link[@rel='related']")] == [
        ("https://a.example/r", "Background")
    ]
    assert orjson.loads(jsonfeed.fragment(item))["_rights"]["related"] == [
        {"url": "https://a.example/r", "title": "Background"}
    ]
    assert b"https://a.example/r" in rss.fragment(item)


STONE = Tombstone(
    id="post 17",
    atom_id="tag:news.example.org,2026:x",
    at=SEEN,
    by="Riverside <b>",
    comment="Withdrawn & gone.",
    source=FeedOfOrigin(id="urn:example:feed", title="The Herald", url="https://h.example/", feed=None, rights=None),
)


def test_atom_says_what_is_gone_whose_it_was_and_who_took_it_out() -> None:
    """RFC 6721, 3."""
    body = atom.document(a_head(tombstones=(STONE,)), [])
    verify_document(Format.ATOM, body, [])
    at = "{http://purl.org/atompub/tombstones/1.0}"
    (node,) = etree.fromstring(body).findall(f"{at}deleted-entry")
    assert dict(node.attrib) == {"ref": STONE.atom_id, "when": "2016-12-13T10:00:00Z"}
    assert node.findtext(f"{at}by/{{*}}name") == "Riverside ‹b>"
    assert node.findtext(f"{at}comment") == "Withdrawn & gone."
    assert [node.findtext(f"{{*}}source/{{*}}{tag}") for tag in ("id", "title")] == ["urn:example:feed", "The Herald"]
    assert b"tombstones" not in atom.document(a_head(), [])


def test_json_feed_says_it_in_an_extension() -> None:
    feed = orjson.loads(jsonfeed.document(a_head(tombstones=(STONE,)), []))
    (told,) = feed["_tombstones"]["items"]
    assert (told["id"], told["date_deleted"]) == ("post 17", "2016-12-13T10:00:00Z")


@pytest.mark.parametrize("format_", [Format.ATOM, Format.JSON])
def test_no_document_says_of_an_entry_that_it_holds_that_it_is_gone(format_: Format) -> None:
    item = an_item()
    stone = replace(STONE, id=item.id, atom_id=item.atom_id)
    body = WRITERS[format_].document(a_head(tombstones=(stone,)), [WRITERS[format_].fragment(item)])
    with pytest.raises(RenderError, match="says that it is gone"):
        verify_document(format_, body, [item.id_in(format_)])


def test_a_digest_keeps_every_link_and_breaks_no_address() -> None:
    long = "https://a.example/" + "x" * 120
    item = an_item(
        a_duty(DutyName.KEEP_LINKS), content=Content(body=f'<p>{"word " * 40}<a href="{long}">there</a></p>')
    )
    text = DIGEST.fragment(item).decode()
    verify_fragment(Format.TEXT, text.encode(), item)
    assert "there [1]" in text
    assert f"\n  [1] {long}\n" in text
    with pytest.raises(EntryRefused, match="lost"):
        verify_fragment(Format.TEXT, text.replace(long, "https://a.example/").encode(), item)


@pytest.mark.parametrize("name", [DutyName.TRACKER, DutyName.LOGO])
def test_plain_text_does_not_claim_to_load_a_picture(name: DutyName) -> None:
    assert name.value not in can_discharge([Format.RSS, Format.TEXT])
    item = an_item(a_duty(name, url="https://count.example/1.gif"))
    with pytest.raises(EntryRefused, match="not loaded"):
        verify_fragment(Format.TEXT, DIGEST.fragment(item), item)
