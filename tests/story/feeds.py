"""Inbound documents as publishers write them, and outbound ones as independent programs read them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import feedparser
from lxml import etree, html

CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
ATOM = "http://www.w3.org/2005/Atom"
DELETED = "http://purl.org/atompub/tombstones/1.0"
PUBLISHED = datetime(2016, 12, 13, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Article:
    """One item of a publisher's feed."""

    id: str
    title: str = "Ferries run again"
    link: str = "https://www.globalresearch.ca/ferries/5561"
    author: str | None = "Maren Oduya"
    at: datetime | None = PUBLISHED
    body: str = "<p>The first ferry left the quay at dawn.</p>"
    summary: str = "The ferries are back."


def an_rss(*articles: Article, title: str = "Global Research", home: str = "https://www.globalresearch.ca/") -> bytes:
    """RSS 2.0 with full texts."""
    rss = etree.Element("rss", version="2.0", nsmap={"content": CONTENT, "dc": DC})
    channel = etree.SubElement(rss, "channel")
    for name, value in (("title", title), ("link", home), ("description", title), ("language", "en")):
        etree.SubElement(channel, name).text = value
    for article in articles:
        item = etree.SubElement(channel, "item")
        etree.SubElement(item, "title").text = article.title
        etree.SubElement(item, "link").text = article.link
        etree.SubElement(item, "guid", isPermaLink="false").text = article.id
        if article.author:
            etree.SubElement(item, f"{{{DC}}}creator").text = article.author
        if article.at:
            etree.SubElement(item, "pubDate").text = format_datetime(article.at)
        etree.SubElement(item, "description").text = article.summary
        etree.SubElement(item, f"{{{CONTENT}}}encoded").text = article.body
    return etree.tostring(rss, xml_declaration=True, encoding="UTF-8")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a reader of one format sees of one entry, and what its program is told."""

    id: str
    title: str
    link: str | None
    text: str
    """Visible text of the content, whitespace folded."""
    links: tuple[str, ...]
    """Targets in the content."""
    authors: tuple[str, ...] = ()
    rights: str = ""
    source: tuple[str, str] | None = None
    """Name and address of the feed of origin."""
    hops: tuple[Any, ...] = field(default=())


def read_atom(body: bytes) -> dict[str, Shown]:
    """As feedparser shows it; rights and source as lxml finds them, because feedparser drops half of them."""
    strict = {entry.findtext(f"{{{ATOM}}}id"): entry for entry in etree.fromstring(body).iter(f"{{{ATOM}}}entry")}
    shown = {}
    for entry in _parsed(body).entries:
        element = strict[entry.id]
        source = element.find(f"{{{ATOM}}}source")
        address = source.find(f"{{{ATOM}}}link[@rel='self']")
        shown[entry.id] = _shown(
            entry.id,
            entry,
            entry.content[0].value if "content" in entry else entry.get("summary", ""),
            rights=element.findtext(f"{{{ATOM}}}rights") or "",
            authors=tuple(name.text for name in element.findall(f"{{{ATOM}}}author/{{{ATOM}}}name")),
            source=(source.findtext(f"{{{ATOM}}}title"), "" if address is None else address.get("href")),
        )
    return shown


def read_rss(body: bytes) -> dict[str, Shown]:
    """Likewise."""
    strict = {item.findtext("guid"): item for item in etree.fromstring(body).iter("item")}
    shown = {}
    for entry in _parsed(body).entries:
        item = strict[entry.id]
        source = item.find("source")
        shown[entry.id] = _shown(
            entry.id,
            entry,
            entry.content[0].value if "content" in entry else entry.get("summary", ""),
            rights=item.findtext(f"{{{DC}}}rights") or "",
            authors=tuple(name.text for name in item.findall(f"{{{DC}}}creator")),
            source=None if source is None else (source.text, source.get("url")),
        )
    return shown


def read_json(body: bytes) -> dict[str, Shown]:
    """By the standard library."""
    shown = {}
    for item in json.loads(body)["items"]:
        rights = item["_rights"]
        text, links = visible(item["content_html"])
        shown[item["id"]] = Shown(
            id=item["id"],
            title=item["title"],
            link=item.get("url"),
            text=text,
            links=links,
            authors=tuple(author["name"] for author in item["authors"]),
            rights=rights["notice"],
            source=(rights["source"]["name"], rights["source"].get("feed_url", "")),
            hops=tuple(hop["name"] for hop in rights["hops"]),
        )
    return shown


def read_html(body: bytes) -> list[str]:
    """Visible text of each article of a page."""
    return [" ".join(article.text_content().split()) for article in html.fromstring(body).iter("article")]


def _parsed(body: bytes) -> Any:
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.bozo_exception
    return parsed


def _shown(id_: str, entry: Any, content: str, **given: Any) -> Shown:
    text, links = visible(content)
    return Shown(id=id_, title=entry.title, link=entry.get("link"), text=text, links=links, **given)


def visible(fragment: str) -> tuple[str, tuple[str, ...]]:
    """Text and link targets of a piece of HTML."""
    if not fragment.strip():
        return "", ()
    root = html.fragment_fromstring(fragment, create_parent="div")
    return " ".join(root.text_content().split()), tuple(link.get("href") for link in root.iter("a") if link.get("href"))
