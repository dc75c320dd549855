"""Feeds of every format in which every field of every entry says the same thing, and it is nothing good."""

# ruff: noqa: E501  documents are easier to read unbroken

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "a": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "podcast": "https://podcastindex.org/namespace/1.0",
        "cc": "http://backend.userland.com/creativeCommonsRssModule",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "georss": "http://www.georss.org/georss",
        "thr": "http://purl.org/syndication/thread/1.0",
        "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
        "h": "http://www.w3.org/1999/xhtml",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "xi": "http://www.w3.org/2001/XInclude",
    }.items()
)


def legal(text: str) -> str:
    return _ILLEGAL.sub("", text)


def an_item(id_: str, words: str, address: str, *, atom: bool = False) -> str:
    """All that RSS and its modules have, in one item; the id alone is our own, so that entries can be counted."""
    text, url = escape(legal(words)), quoteattr(legal(address))
    fields = [f"<{name}>{text}</{name}>" for name in ("title", "author", "category", "description", "comments")]
    fields += [f"<{name}>{escape(legal(address))}</{name}>" for name in ("link", "feedburner:origLink", "dc:source")]
    fields += [
        f"<{name}>{text}</{name}>"
        for name in (
            *("dc:creator", "dc:rights", "dc:subject", "dc:publisher", "dcterms:rightsHolder", "dcterms:provenance"),
            *(
                "content:encoded",
                "itunes:author",
                "itunes:summary",
                "itunes:subtitle",
                "itunes:title",
                "podcast:person",
            ),
            *(
                "media:title",
                "media:description",
                "media:keywords",
                "media:copyright",
                "media:credit",
                "podcast:license",
            ),
            *("slash:comments", "georss:point", "cc:license", "dcterms:license", "a:rights", "a:summary"),
        )
    ]
    fields += [
        f"<enclosure url={url} type={quoteattr(legal(words))} length={quoteattr(legal(words))}/>",
        f"<source url={url}>{text}</source>",
        f"<media:content url={url} medium={quoteattr(legal(words))}><media:thumbnail url={url}/></media:content>",
        f"<media:player url={url}/><itunes:image href={url}/><podcast:transcript url={url}/>",
        f"<thr:in-reply-to ref={url} href={url}/>",
        *(
            f"<a:link rel={quoteattr(rel)} href={url} title={quoteattr(legal(words))} type={quoteattr(legal(words))}/>"
            for rel in (
                "alternate",
                "via",
                "canonical",
                "license",
                "enclosure",
                "related",
                "self",
                "replies",
                "stylesheet",
            )
        ),
        f"<a:author><a:name>{text}</a:name><a:uri>{escape(legal(address))}</a:uri></a:author>",
        f"<xi:include href={url}/>",
    ]
    identity = f"<a:id>{id_}</a:id>" if atom else f'<guid isPermaLink="false">{id_}</guid>'
    return f"{identity}{''.join(fields)}"


def _meta(words: str, address: str) -> str:
    text, url = escape(legal(words)), escape(legal(address))
    names = ("title", "description", "copyright", "managingEditor", "webMaster", "generator", "category", "dc:rights")
    return (
        "".join(f"<{name}>{text}</{name}>" for name in names)
        + f"<link>{url}</link><docs>{url}</docs><image><url>{url}</url><title>{text}</title><link>{url}</link></image>"
        + f"<a:link rel='self' href={quoteattr(legal(address))}/><a:link rel='hub' href={quoteattr(legal(address))}/>"
    )


def an_rss(name: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    items = "".join(f"<item>{an_item(f'{name}-{n}', *pair)}</item>" for n, pair in enumerate(pairs))
    return f'<rss version="2.0" {NAMESPACES}><channel>{_meta(*pairs[0])}{items}</channel></rss>'.encode()


def an_rdf(name: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    items = "".join(
        f"<item rdf:about='{name}-{n}'>{an_item(f'{name}-{n}', *pair)}</item>" for n, pair in enumerate(pairs)
    )
    default = 'xmlns="http://purl.org/rss/1.0/"'
    return f"<rdf:RDF {default} {NAMESPACES}><channel>{_meta(*pairs[0])}</channel>{items}</rdf:RDF>".encode()


def an_atom(name: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    """Each text in each of its types; the markup of XHTML in elements of its own."""
    entries = []
    for number, (words, address) in enumerate(pairs):
        text, url = escape(legal(words)), quoteattr(legal(address))
        kind = ("html", "text", "xhtml", "text/html", "image/svg+xml", "text/plain")[number % 6]
        body = (
            f"<h:div><h:a href={url} onclick={quoteattr(legal(words))} style={quoteattr(legal(words))}>{text}</h:a>"
            f"<h:script>{text}</h:script><h:img src={url}/><h:iframe srcdoc={quoteattr(legal(words))}/>"
            "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script><a href='javascript:x'/></svg>"
            "<math xmlns='http://www.w3.org/1998/Math/MathML'><maction actiontype='statusline' href='javascript:x'/></math></h:div>"
            if kind == "xhtml"
            else text
        )
        entries.append(
            f"<a:entry><a:id>{name}-{number}</a:id><a:title type={quoteattr('html' if number % 2 else 'text')}>{text}</a:title>"
            f"<a:content type={quoteattr(kind)}>{body}</a:content><a:summary type='html'>{text}</a:summary>"
            f"<a:author><a:name>{text}</a:name><a:uri>{escape(legal(address))}</a:uri><a:email>{text}</a:email></a:author>"
            f"<a:contributor><a:name>{text}</a:name></a:contributor><a:category term={quoteattr(legal(words))} label={quoteattr(legal(words))}/>"
            f"<a:rights type='html'>{text}</a:rights><a:link href={url}/><a:link rel='enclosure' href={url}/><a:link rel='license' href={url}/>"
            f"<a:source><a:id>{text}</a:id><a:title type='html'>{text}</a:title><a:link href={url}/><a:rights>{text}</a:rights></a:source>"
            "</a:entry>"
        )
    head = f"<a:title type='html'>{escape(legal(pairs[0][0]))}</a:title><a:id>urn:{name}</a:id>"
    return f"<a:feed {NAMESPACES} xml:base='javascript:alert(1)'>{head}{''.join(entries)}</a:feed>".encode()


def an_atom03(name: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    entries = "".join(
        f"<entry><id>{name}-{n}</id><title mode='escaped' type='text/html'>{escape(legal(words))}</title>"
        f"<link rel='alternate' href={quoteattr(legal(address))}/><author><name>{escape(legal(words))}</name></author>"
        f"<content mode='escaped' type='text/html'>{escape(legal(words))}</content></entry>"
        for n, (words, address) in enumerate(pairs)
    )
    return f"<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>T</title>{entries}</feed>".encode()


def a_json(name: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    items = [
        {
            "id": f"{name}-{n}",
            **dict.fromkeys(("title", "content_html", "summary", "language"), words),
            **dict.fromkeys(("url", "external_url", "image", "banner_image"), address),
            "authors": [{"name": words, "url": address, "avatar": address}],
            "tags": [words],
            "attachments": [{"url": address, "mime_type": words, "title": words}],
            "_rights": {"licence": words, "url": address},
        }
        for n, (words, address) in enumerate(pairs)
    ]
    words, address = pairs[0]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": words, "home_page_url": address, "icon": address}
    return json.dumps({**head, "description": words, "items": items}).encode()


_RIGHTS = re.compile(r"<(cc:license|dcterms:license|podcast:license)>[^<]*</\1>|<a:link rel=['\"]license['\"][^>]*/>")


def without_licences(body: bytes) -> bytes:
    """The same with nothing said of licences: one that nobody knows holds an entry, and what is held shows nothing."""
    return _RIGHTS.sub("", body.decode()).encode()


def a_cdf(name: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    items = "".join(
        f"<ITEM HREF={quoteattr(legal(address))}><TITLE>{name}-{n} {escape(legal(words))}</TITLE>"
        f"<ABSTRACT>{escape(legal(words))}</ABSTRACT></ITEM>"
        for n, (words, address) in enumerate(pairs)
    )
    return f"<CHANNEL HREF='javascript:alert(1)'><TITLE>T</TITLE>{items}</CHANNEL>".encode()


FORMATS: dict[str, Callable[[str, Sequence[tuple[str, str]]], bytes]] = {
    "rss": an_rss,
    "rdf": an_rdf,
    "atom": an_atom,
    "atom03": an_atom03,
    "json": a_json,
    "cdf": a_cdf,
}
