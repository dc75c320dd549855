"""Feeds for the benchmarks: the same bytes on every machine, shaped like a newspaper's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from random import Random

ENTRIES = 25
"""Of one document."""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
"""Publication of entry 0; each further one is an hour later."""

_TEXT = (
    "the of and to in council bridge river harbour voted said that for was on with residents report budget energy a is "
    "school hospital minister water company court against after from people by new year percent government plan old "
    "city local night market union workers storm road station million first two three they have has not are which its "
    "their investigation election research climate farmers teachers prices museum festival railway forest island"
)
_WORDS = _TEXT.split()
_PEOPLE = ("Ann Lee", "José Álvarez", "Mirjam Özdemir", "Tom O’Hara", "Li Wei", "Grace Okafor", "Jean-Luc Petit")
_TOPICS = ("World", "Local", "Economy", "Science", "Culture", "Sport", "Climate")
_SIZES = (900, 1_100, 1_300, 1_500, 1_800, 2_200, 2_700, 3_400, 4_600, 7_400)
"""Characters of HTML an article, at least: 1 to 8 KB, so that 25 make a document of about 89 KB."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as its publisher has it."""

    id: str
    url: str
    title: str
    author: str
    topics: tuple[str, ...]
    published_at: datetime
    summary: str
    html: str


@lru_cache(maxsize=4_096)
def article(feed: int, number: int, size: int | None = None) -> Article:
    """Article `number` of a feed, whichever document it stands in; at least so many characters long."""
    draw = Random(feed * 100_003 + number)
    site = f"https://paper{feed}.example"
    return Article(
        id=f"tag:paper{feed}.example,2026:{number}",
        url=f"{site}/2026/{number}/{draw.choice(_WORDS)}-{draw.choice(_WORDS)}",
        title=_sentence(draw, 4, 10).rstrip("."),
        author=draw.choice(_PEOPLE),
        topics=tuple(draw.sample(_TOPICS, 2)),
        published_at=FIRST + timedelta(hours=number),
        summary=f"<p>{_sentence(draw, 15, 30)}</p>",
        html=_html(draw, site, size or draw.choice(_SIZES)),
    )


def _sentence(draw: Random, least: int, most: int) -> str:
    return " ".join(draw.choices(_WORDS, k=draw.randint(least, most))).capitalize() + "."


def _html(draw: Random, site: str, size: int) -> str:
    number = draw.randint(1, 99_999)
    figure = (
        f'<figure class="wp-block-image"><img src="{site}/img/{number}.jpg" alt="{_sentence(draw, 3, 6)}" width="1024" '
        f'height="683" loading="lazy"><figcaption>{_sentence(draw, 5, 9)} Photo: {draw.choice(_PEOPLE)}</figcaption>'
        "</figure>"
    )
    parts = [figure]
    while sum(map(len, parts)) < size:
        text = " ".join(_sentence(draw, 8, 20) for _ in range(draw.randint(2, 4)))
        shape = draw.randint(0, 9)
        if shape == 0:
            parts.append(f"<h2>{_sentence(draw, 3, 6)}</h2>")
        elif shape == 1:
            parts.append(f'<blockquote class="quote"><p>“{text}” &amp; more</p></blockquote>')
        elif shape == 2:
            parts.append("<ul>" + "".join(f"<li>{_sentence(draw, 4, 9)}</li>" for _ in range(4)) + "</ul>")
        else:
            link = f'<a href="{site}/tag/{draw.choice(_WORDS)}" rel="tag">{draw.choice(_WORDS)}</a>'
            parts.append(f'<p>{text} <em>{_sentence(draw, 3, 5)}</em> {link} &#8211; <strong class="b">x</strong></p>')
    return "\n".join(parts)


def document(feed: int, version: int = 0, entries: int = ENTRIES, size: int | None = None) -> bytes:
    """A feed's document: RSS for even feeds, Atom for odd ones; each version has two new entries at its top.

    Args:
        size: characters of HTML an article, at least; None: as newspapers have them.
    """
    newest = 2 * version + entries - 1
    articles = [article(feed, number, size) for number in range(newest, newest - entries, -1)]
    return (_atom if feed % 2 else _rss)(feed, articles).encode()


def _rss(feed: int, articles: list[Article]) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{one.url}</link><dc:creator><![CDATA[{one.author}]]></dc:creator>"
        f"<pubDate>{format_datetime(one.published_at)}</pubDate>"
        + "".join(f"<category><![CDATA[{topic}]]></category>" for topic in one.topics)
        + f'<guid isPermaLink="false">{one.id}</guid><description><![CDATA[{one.summary}]]></description>'
        f"<content:encoded><![CDATA[{one.html}]]></content:encoded></item>\n"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>Paper {feed}</title><link>https://paper{feed}.example/</link><description>News of {feed}</description>"
        f'<atom:link href="https://paper{feed}.example/feed" rel="self" type="application/rss+xml"/>'
        f"<language>en</language><lastBuildDate>{format_datetime(articles[0].published_at)}</lastBuildDate>\n"
        f"{items}</channel></rss>\n"
    )


def _atom(feed: int, articles: list[Article]) -> str:
    entries = "".join(
        f'<entry><title>{escape(one.title)}</title><link href="{one.url}"/><id>{one.id}</id>'
        f"<author><name>{one.author}</name></author><published>{one.published_at.isoformat()}</published>"
        f"<updated>{one.published_at.isoformat()}</updated>"
        + "".join(f'<category term="{topic}"/>' for topic in one.topics)
        + f'<summary type="html">{escape(one.summary)}</summary>'
        f'<content type="html">{escape(one.html)}</content></entry>\n'
        for one in articles
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f"<title>Paper {feed}</title><id>tag:paper{feed}.example,2026:feed</id>"
        f'<link href="https://paper{feed}.example/"/><link rel="self" href="https://paper{feed}.example/feed"/>'
        f"<updated>{articles[0].published_at.isoformat()}</updated>\n{entries}</feed>\n"
    )
