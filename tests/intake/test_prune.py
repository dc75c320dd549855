"""What is known is not read again, and what is read reads as if all had been."""

# ruff: noqa: E501  documents and tables are easier to read unbroken

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake import document, parse
from aggregator.model.parsed import ParsedFeed, ParseLimits, ParseRequest

NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:cc="http://creativecommons.org/ns#" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:a="http://www.w3.org/2005/Atom" '
    'xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
LONG = "Words &amp; more words with an é and “quotes”, enough of them to be lifted past the reader. " * 4
PARTS = [
    "<title>T &amp;amp; U</title>", "<title>plain</title>", "<link>https://a.example/x</link>", "<link>/relative</link>",
    "<description>short</description>", f"<description>{LONG}</description>", "<dc:language>de</dc:language>",
    f"<content:encoded><![CDATA[<p>{LONG} <a href='y'>y</a></p>]]></content:encoded>", "<dc:creator>Jane</dc:creator>",
    "<content:encoded>&lt;p&gt;b&lt;/p&gt;</content:encoded>", "<source url='https://b.example/'>B</source>",
    "<media:description>caption</media:description>", "<category>c</category>", "<cc:license>https://l.example/</cc:license>",
    "<pubDate>Tue, 13 Dec 2016 10:00:00 GMT</pubDate>", "<dc:date>2016-12-13</dc:date>", "<media:title>m</media:title>",
    f"<description>{'Ã©tÃ© ' * 60}</description>", f"<description>{'â€™ ' * 100}\x80</description>", "<unknown a='b'>x</unknown>",
    "<image><url>i.png</url><title>in image</title></image>", "<enclosure url='z.mp3' type='audio/mpeg' length='3'/>",
    f"<summary>{LONG}</summary>", f"<fullitem>{LONG}</fullitem>", "<author>a@b.example (Joe)</author>", "<!-- note -->",
    f"<content type='html'>{LONG}</content>", "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div></content>",
    "<category domain='d'>c</category>", "<category term='t' label='L'/>", "<category term='t' scheme='s'>c</category>",
    "<category term=''>d</category>", "<category scheme='s'/>", "<dc:subject>c</dc:subject>", "<media:keywords>k, l</media:keywords>",
    "<published>2016-12-13T10:00:00Z</published>", "<updated>2016-12-14</updated>", "<pubDate>13 Dec 2016</pubDate>", "<pubDate>soon</pubDate>",
    "<dcterms:modified>2016-12-15</dcterms:modified>", "<dcterms:created>2016-12-12</dcterms:created>", "<title>a &lt;b>x&lt;/b> &amp;eacute;</title>",
    "<title>a &lt;b> x &lt; y</title>", "<title type='html'>&lt;i>x&lt;/i></title>", "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></title>",
    "<title> Ã©tÃ© \x80</title>", "<title/>", "<summary/>", "<description/>", "<content/>", "<summary type='html'>&lt;p>s&lt;/p></summary>",
    "<content type='html' xml:lang='fr' xml:base='https://b.example/'>&lt;a href='y'>b&lt;/a></content>", "<content type='image/png'>aGk=</content>",
    "<content src='https://a.example/x' type='text/html'/>", "<content type='text'>a &lt; b</content>", "<slash:comments>3</slash:comments>",
    "<thr:total>3</thr:total>", "<media:content url='i.png'><media:description>md</media:description></media:content>",
    "<media:content url='i.png'><media:credit>C</media:credit></media:content>", "<media:group><media:title>mt</media:title></media:group>",
    "<dc:title>dt</dc:title>", "<dc:description>dd</dc:description>", "<a:title>at</a:title>", "<a:summary>as</a:summary>", "<a:updated>2016-12-16</a:updated>",
    "<source><title>st</title><updated>2016-12-17</updated><a:content>sc</a:content></source>", "<post-id xmlns='com-wordpress:feed-additions:1'>7</post-id>",
    "<title>one<!-- two -->three</title>", "<TITLE>capitals</TITLE>", "<guid>again</guid>", "<xhtml:body><xhtml:p>xb</xhtml:p></xhtml:body>",
]  # fmt: skip
ITEMS = st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6), min_size=1, max_size=6)
SHAPES = {
    "rss": ("<rss version='2.0' {}><channel><title>F</title><link>https://a.example/</link>", "<item>{}</item>", "</channel></rss>"),
    "rdf": (
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' {}>"
            "<channel><title>F</title><link>https://a.example/</link></channel>"
        ),
        "<item>{}</item>",
        "</rdf:RDF>",
    ),
    "atom": ("<feed xmlns='http://www.w3.org/2005/Atom' {}><title>F</title>", "<entry>{}</entry>", "</feed>"),
}  # fmt: skip


def a_document(shape: str, items: list[list[str]], first: int = 0, extra: str = "") -> bytes:
    head, item, tail = SHAPES[shape]
    name = "id" if shape == "atom" else "guid"
    texts = [item.format(f"<{name}>{n + first}</{name}>" + "".join(parts)) for n, parts in enumerate(items)]
    return (head.format(NAMESPACES) + extra + "".join(texts) + tail).encode()


def read(body: bytes, known: frozenset[str] = frozenset(), **facts: Any) -> ParsedFeed:
    answer = parse.parse(ParseRequest(source="s", url="https://p.example/feed", body=body, known=known, **facts))
    assert isinstance(answer, ParsedFeed), answer
    return answer


@given(st.sampled_from(sorted(SHAPES)), ITEMS, st.data())
def test_pruned_equals_whole(shape: str, items: list[list[str]], data: st.DataObject):
    body = a_document(shape, items)
    whole = read(body)
    digests = [digest for digest, _ in whole.items]
    known = frozenset(data.draw(st.lists(st.sampled_from(digests), unique=True)))
    pruned = read(body, known)
    assert pruned.entries == tuple(entry for entry in whole.entries if entry.digest not in known)
    assert [digest for digest, _ in pruned.items] == digests
    assert replace(pruned, entries=(), items=(), warnings=()) == replace(whole, entries=(), items=(), warnings=())


@given(st.sampled_from(sorted(SHAPES)), ITEMS)
def test_what_feedparser_is_spared_changes_nothing(shape: str, items: list[list[str]]):
    body = a_document(shape, items)
    assert read(body) == read_whole(body)


def read_whole(body: bytes) -> ParsedFeed:
    """As feedparser reads it, told everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "LIFTED_MIN", 10**9)
        patch.setattr(parse, "may_be_plain", lambda _: False)
        patch.setattr(parse, "lighten", lambda *_: None)
        return read(body)


def test_an_item_keeps_its_digest_among_other_neighbours():
    first = read(a_document("rss", [[PARTS[0]], [PARTS[1]]]))
    second = read(a_document("rss", [[PARTS[4]], [PARTS[1]]]), frozenset(digest for digest, _ in first.items))
    assert [entry.entry.id for entry in second.entries] == ["0"]
    assert second.items[1] == (first.items[1][0], "")


@pytest.mark.parametrize(
    ("extra", "is_read_again"),
    [
        ("<copyright>© 2017</copyright>", True),
        ("<language>de</language>", True),
        ("<cc:license>https://l.example/</cc:license>", True),
        ("<unknown>x</unknown>", True),
        ("<lastBuildDate>Tue, 13 Dec 2016 10:00:00 GMT</lastBuildDate>", False),
        (
            "<pubDate>Tue, 13 Dec 2016 10:00:00 GMT</pubDate><ttl>5</ttl><generator>g</generator><!-- served in 5 ms -->",
            False,
        ),
    ],
)
def test_what_items_inherit_is_part_of_them(extra: str, is_read_again: bool):
    """A licence that the feed changes must reach entries that stand in it unchanged."""
    known = frozenset(digest for digest, _ in read(a_document("rss", [[PARTS[0]]])).items)
    assert bool(read(a_document("rss", [[PARTS[0]]], extra=extra), known).entries) is is_read_again


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel><item><guid>1</guid></item></channel><channel><item><guid>2</guid></item></channel></rss>",
        b"<rss><channel><x><item><guid>1</guid></item></x><item><guid>2</guid></item></channel></rss>",
        b"<rss><item><guid>1</guid></item><channel><title>T</title></channel></rss>",
        b"<channel><item><guid>1</guid></item></channel>",
        b"<rss><channel><item><guid>1</guid><title>a <b></title></item></channel></rss>",
    ],
)
def test_odd_documents_are_read_whole(body: bytes):
    whole = read(body)
    assert whole.entries
    assert {digest for digest, _ in whole.items} == {""}


def test_an_entry_beside_its_tombstone_is_read_again():
    """Whether the entry is newer than the tombstone decides, so its dates must be known."""
    stone = '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="0" when="2016-12-13T00:00:00Z"/>'
    known = frozenset(
        digest for digest, _ in read(a_document("atom", [["<updated>2016-12-14T00:00:00Z</updated>"]])).items
    )
    again = read(a_document("atom", [["<updated>2016-12-14T00:00:00Z</updated>"]], extra=stone), known)
    assert [entry.entry.id for entry in again.entries] == ["0"]


def test_json_items_are_known_by_digest_too():
    feed = b'{"version": "https://jsonfeed.org/version/1.1", "title": "%b", "items": [{"id": "1"}, {"id": "2", "title": "%b"}]}'
    known = frozenset(digest for digest, _ in read(feed % (b"T", b"a")).items)
    assert [entry.entry.id for entry in read(feed % (b"T", b"b"), known).entries] == ["2"]
    assert len(read(feed % (b"U", b"a"), known).entries) == 2


def test_a_document_with_more_items_than_are_read_is_pruned_like_any_other():
    """Or it would be read whole at every poll."""
    body = a_feed("".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(20)))
    limits = ParseLimits(entries=15)
    first = parse.parse(ParseRequest(source="s", url="https://a.example/", body=body, limits=limits))
    assert isinstance(first, ParsedFeed)
    known = frozenset(digest for digest, _ in first.items)
    again = parse.parse(ParseRequest(source="s", url="https://a.example/", body=body, limits=limits, known=known))
    assert isinstance(again, ParsedFeed)
    assert (len(first.entries), len(again.entries)) == (15, 0)


def a_feed(items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
