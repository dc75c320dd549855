"""What a reader of each format sees of an entry, and what its program is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import feedparser
from lxml import etree, html

from aggregator.model.output import Format

ATOM = "{http://www.w3.org/2005/Atom}"
CC = "{http://backend.userland.com/creativeCommonsRssModule}"
DC = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One entry in one document."""

    title: str
    url: str | None
    text: str
    """Visible text of the content, spaces folded."""
    links: frozenset[str]
    """Targets in the content, and the entry's own."""
    images: tuple[str, ...]
    """Pictures in the content: the publisher's, its logo and its counter."""
    authors: tuple[str, ...] | None = None
    """None where the format tells them only in words."""
    rights: str | None = None
    licences: frozenset[str] | None = None
    canonical: str | None = None
    enclosures: frozenset[str] = frozenset()
    form: str | None = None


def shown(format_: Format, body: bytes) -> dict[str, Shown]:
    """All entries of a document by id; of a page, which has none, by title."""
    return {Format.ATOM: _atom, Format.RSS: _rss, Format.JSON: _json, Format.HTML: _page}[format_](body)


def _parsed(body: bytes) -> dict[str, Any]:
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.bozo_exception
    return {entry.id: entry for entry in parsed.entries}


def _atom(body: bytes) -> dict[str, Shown]:
    readers = _parsed(body)
    found = {}
    for entry in etree.fromstring(body).iter(f"{ATOM}entry"):
        id_ = entry.findtext(f"{ATOM}id")
        links = [(link.get("rel"), link.get("href")) for link in entry.findall(f"{ATOM}link")]
        found[id_] = _of_feed(
            readers[id_],
            authors=tuple(name.text for name in entry.findall(f"{ATOM}author/{ATOM}name")),
            rights=entry.findtext(f"{ATOM}rights") or "",
            licences=frozenset(href for rel, href in links if rel == "license"),
            canonical=next((href for rel, href in links if rel == "canonical"), None),
            enclosures=frozenset(href for rel, href in links if rel == "enclosure"),
        )
    return found


def _rss(body: bytes) -> dict[str, Shown]:
    readers = _parsed(body)
    found = {}
    for item in etree.fromstring(body).iter("item"):
        id_ = item.findtext("guid")
        links = [(link.get("rel"), link.get("href")) for link in item.findall(f"{ATOM}link")]
        more = frozenset(href for rel, href in links if rel == "enclosure")
        found[id_] = _of_feed(
            readers[id_],
            authors=tuple(name.text for name in item.findall(f"{DC}creator")),
            rights=item.findtext(f"{DC}rights") or "",
            licences=frozenset(found.text for found in item.findall(f"{CC}license")),
            canonical=next((href for rel, href in links if rel == "canonical"), None),
            enclosures=more | {found.get("url") for found in item.findall("enclosure")},
        )
    return found


def _of_feed(entry: Any, **told: Any) -> Shown:
    content = entry.content[0].value if "content" in entry else entry.get("summary", "")
    return Shown(title=entry.get("title", ""), url=entry.get("link"), **_content(content, entry.get("link")), **told)


def _json(body: bytes) -> dict[str, Shown]:
    found = {}
    for item in json.loads(body)["items"]:
        rights = item["_rights"]
        found[item["id"]] = Shown(
            title=item.get("title", ""),
            url=item.get("url"),
            **_content(item["content_html"], item.get("url")),
            authors=tuple(author["name"] for author in item["authors"]),
            rights=rights.get("notice", ""),
            licences=frozenset(licence["url"] for licence in rights.get("licences", ()) if "url" in licence),
            canonical=rights.get("canonical"),
            enclosures=frozenset(part["url"] for part in item.get("attachments", ())),
            form=rights["form"],
        )
    return found


def _page(body: bytes) -> dict[str, Shown]:
    found = {}
    for article in html.fromstring(body).iter("article"):
        [heading] = article.iter("h2")
        [content] = article.xpath("./div[contains(@class, 'e-content') or contains(@class, 'p-summary')]")
        title = " ".join(heading.text_content().split())
        link = heading.find("a")
        url = None if link is None else link.get("href")
        found[title] = Shown(
            title=title,
            url=url,
            **_seen(content, url),
            canonical=next((a.get("href") for a in article.iter("a") if a.get("class") == "u-canonical"), None),
            enclosures=frozenset(a.get("href") for a in article.iter("a") if a.get("class") == "u-enclosure"),
        )
    return found


def _content(fragment: str, url: str | None) -> dict[str, Any]:
    return _seen(html.fragment_fromstring(fragment, create_parent="div"), url)


def _seen(root: Any, url: str | None) -> dict[str, Any]:
    return {
        "text": " ".join(root.text_content().split()),
        "links": frozenset(a.get("href") for a in root.iter("a")) | ({url} if url else set()),
        "images": tuple(img.get("src") for img in root.iter("img")),
    }
