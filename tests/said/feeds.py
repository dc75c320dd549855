"""Feeds of one article each, with what a case puts into them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

NAMESPACES = " ".join(
    f"xmlns:{prefix}='{uri}'"
    for prefix, uri in {
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "app": "http://www.w3.org/2007/app",
        "media": "http://search.yahoo.com/mrss/",
        "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
        "cc": "http://creativecommons.org/ns#",
        "occ": "http://web.resource.org/cc/",
        "podcast": "https://podcastindex.org/namespace/1.0",
        "rsl": "https://rslstandard.org/rsl",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    }.items()
)
BODY = (
    "<p>The council met on Tuesday and talked at length about the old bridge by the mill, which has been closed since "
    "spring.</p><p>Nobody could say when it opens. A second meeting follows next month, and then a vote.</p>"
)
DATE, RFC_DATE = "2026-11-24T09:00:00Z", "Tue, 24 Nov 2026 09:00:00 GMT"


def rss(
    item: str = "", channel: str = "", body: str = BODY, link: str = "{base}/a/{id}", author: str | None = "Jane Roe"
) -> str:
    parts = [f"<link>{link}</link>"] if link else []
    parts += [f"<dc:creator>{author}</dc:creator>"] if author else []
    return (
        f"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' {NAMESPACES}><channel><title>{{id}} paper</title>"
        f"<link>{{base}}/</link><description>d</description>{channel}<item><title>Story {{id}}</title>{''.join(parts)}"
        f"<guid isPermaLink='false'>{{id}}</guid><pubDate>{RFC_DATE}</pubDate><description>They met.</description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>{item}</item></channel></rss>"
    )


def atom(entry: str = "", feed: str = "", source: str = "") -> str:
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom' {NAMESPACES}><id>urn:f:{{id}}</id><title>{{id}} paper</title>"
        f"<updated>{DATE}</updated><link href='{{base}}/'/>{feed}<entry><id>{{id}}</id><title>Story {{id}}</title>"
        f"<author><name>Jane Roe</name></author><updated>{DATE}</updated><link href='{{base}}/a/{{id}}'/>{source}"
        f"{entry}<content type='html'><![CDATA[{BODY}]]></content></entry></feed>"
    )


def json_feed(item: dict[str, Any] | None = None, feed: dict[str, Any] | None = None) -> str:
    told = {"id": "{id}", "title": "Story {id}", "url": "{base}/a/{id}", "content_html": BODY, "date_published": DATE}
    home = {"version": "https://jsonfeed.org/version/1.1", "title": "{id} paper", "home_page_url": "{base}/"}
    return json.dumps({**home, "items": [{**told, **(item or {})}], **(feed or {})})


KINDS: dict[str, Callable[..., str]] = {"rss": rss, "atom": atom, "json": json_feed}


def written(feed: str | dict[str, dict[str, Any]], id_: str, base: str) -> str:
    """The feed of a case: `rss`, or `{rss: {item: …, channel: …}}`."""
    [(kind, parts)] = feed.items() if isinstance(feed, dict) else [(feed, {})]
    parts = {key: value.replace("{BODY}", BODY) if isinstance(value, str) else value for key, value in parts.items()}
    return KINDS[kind](**parts).replace("{base}", base).replace("{id}", id_)
