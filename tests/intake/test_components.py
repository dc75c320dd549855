"""Every picture and recording that stays in a text is listed, so that a decision can take it out by its address."""

# ruff: noqa: E501  tables are easier to read unbroken

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from aggregator.intake.parse import parse
from aggregator.model.entry import Component, ComponentKind, Content, Entry
from aggregator.model.parsed import ParsedFeed, ParseLimits, ParseRequest

URLS = st.sampled_from(
    [
        "i.png",
        "/j.jpg?a=1&b=2",
        "https://cdn.example/ü k.webp",
        "//cdn.example/v.mp4",
        "javascript:x",
        "",
        "a'b.gif",
        "#x",
    ]
)
TAGS = st.sampled_from(
    [
        '<img src="{}">', '<img srcset="{} 2x" src="{}" title="x">', "<picture><source srcset='{}'><source src='{}'><img src='{}'></picture>",
        '<video poster="{}" src="{}"><source src="{}" type="video/mp4"></video>', '<audio src="{}"></audio>', '<source src="{}">',
        '<p style="background:url({})">', "<figure><img src='{}'><figcaption>© {}</figcaption></figure>", '<svg><image href="{}"/></svg>',
        '<input type=image src="{}">', '<object data="{}"><img src="{}"></object>', '<body background="{}">', '<table background="{}"><td>',
        '<a href="{}"><img src="{}"></a>', '<embed src="{}">', '<iframe src="{}"></iframe>', '<link rel=icon href="{}">', "<img src={} alt='<img src=x>'>",
        "<noscript><img src='{}'></noscript>", "<figure><figure><img src='{}'></figure><figcaption>c</figcaption>", "<image src='{}'>", "</figure>", "<p>",
    ]
)  # fmt: skip
HTML = st.lists(st.tuples(TAGS, URLS), max_size=12).map(
    lambda parts: "".join(tag.replace("{}", url) for tag, url in parts)
)


def read(
    body: str | None, summary: str | None, limit: int = 100, enclosed: int = 0
) -> tuple[Entry, Content, ParsedFeed]:
    parts = "".join(
        f"<{name}>{text.replace('&', '&amp;').replace('<', '&lt;')}</{name}>"
        for name, text in (("content:encoded", body), ("description", summary))
        if text is not None
    )
    parts += "".join(f"<enclosure url='https://e.example/{n}.mp3' type='audio/mpeg'/>" for n in range(enclosed))
    feed = (
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title>"
        f"<link>https://a.example/</link><item><guid>1</guid>{parts}</item></channel></rss>"
    )
    request = ParseRequest(
        source="s", url="https://a.example/feed", body=feed.encode(), limits=ParseLimits(per_entry=limit)
    )
    parsed = parse(request)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed.entries[0].entry, msgspec.json.decode(parsed.entries[0].content, type=Content), parsed


def shown(content: Content) -> set[str]:
    """Every address that a reader's program would load, as another parser sees it."""
    found: set[str] = set()
    for html in filter(None, (content.body, content.summary)):
        for element in lxml_html.fragment_fromstring(f"<div>{html}</div>").iter():
            found |= {
                value
                for name, value in element.attrib.items()
                if name not in {"href", "cite", "alt", "title", "type"} and ("/" in value or "." in value)
            }
    return found


@given(HTML, HTML, st.integers(1, 4), st.integers(0, 3))
def test_every_picture_that_stays_is_listed(body: str, summary: str, limit: int, enclosed: int):
    entry, content, _ = read(body, summary, limit, enclosed)
    assert shown(content) <= {component.url for component in entry.components}
    assert len(entry.components) <= limit


@given(HTML, HTML)
def test_nothing_is_cut_that_is_within_the_bound(body: str, summary: str):
    _, bounded, parsed = read(body, summary, 100)
    _, unbounded, _ = read(body, summary, 10_000)
    assert bounded == unbounded
    assert not any("were kept" in warning for warning in parsed.warnings)


def test_pictures_beyond_the_bound_are_cut_with_a_warning():
    html = "".join(f'<p>{n}<img src="/{n}.png"></p>' for n in range(130))
    entry, content, parsed = read(html, '<p>s<img src="/s.png"></p>', enclosed=2)
    assert [component.url for component in entry.components] == [f"https://a.example/{n}.png" for n in range(100)]
    assert (content.body or "").count("<img") == 100
    assert "<p>129</p>" in (content.body or "")
    assert content.summary == "<p>s</p>"
    assert parsed.warnings == ("an entry has 133 images, recordings and enclosures; only the first 100 were kept",)


def test_authors_beyond_the_bound_are_cut_with_a_warning():
    """In every format: whoever is left out is not credited, so it must be said."""
    people = [f"Person {number}" for number in range(103)]
    rss = "".join(f"<dc:creator>{name}</dc:creator>" for name in people)
    atom = "".join(f"<author><name>{name}</name></author>" for name in people)
    feeds = {
        "rss": f"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>T</title>"
        f"<link>https://a.example/</link><item><guid>1</guid><title>x</title>{rss}</item></channel></rss>",
        "atom": f"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id><title>T</title><updated>2026-01-01T00:00:00Z"
        f"</updated><entry><id>urn:y</id><title>x</title><updated>2026-01-01T00:00:00Z</updated>{atom}</entry></feed>",
        "json": json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "T",
                "items": [{"id": "1", "content_text": "x", "authors": [{"name": name} for name in people]}],
            }
        ),
    }
    for name, feed in feeds.items():
        parsed = parse(ParseRequest(source="s", url="https://a.example/feed", body=feed.encode()))
        assert isinstance(parsed, ParsedFeed), name
        assert [author.name for author in parsed.entries[0].entry.authors] == people[:100]
        assert parsed.warnings == ("an entry has more than 100 authors; only the first 100 were kept",), name


def test_a_credit_beyond_the_bound_still_holds_for_the_picture():
    """Or a hundred anonymous enclosures would hide whose picture it is."""
    media = "".join(f"<media:content url='https://a.example/{n}.png'/>" for n in range(120))
    feed = (
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>T</title><link>https://a.example/</link><item>"
        f"<guid>1</guid><description>&lt;img src='x.png'></description>{media}<media:content url='https://a.example/x.png'>"
        "<media:credit>Agency</media:credit></media:content></item></channel></rss>"
    )
    parsed = parse(ParseRequest(source="s", url="https://a.example/feed", body=feed.encode()))
    assert isinstance(parsed, ParsedFeed)
    assert parsed.entries[0].entry.components[0] == Component(
        kind=ComponentKind.IMAGE, url="https://a.example/x.png", credit="Agency"
    )


@pytest.mark.parametrize("name", ["content_html", "summary"])
def test_json_feeds_are_held_to_the_same(name: str):
    html = "".join(f'<img src="/{n}.png">' for n in range(130))
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", name: html, "attachments": [{"url": f"/{n}.mp3"} for n in range(130)]}],
    }
    parsed = parse(ParseRequest(source="s", url="https://a.example/feed", body=json.dumps(feed).encode()))
    assert isinstance(parsed, ParsedFeed)
    entry, content = parsed.entries[0].entry, msgspec.json.decode(parsed.entries[0].content, type=Content)
    assert len(entry.components) == 100
    assert shown(content) <= {component.url for component in entry.components}
