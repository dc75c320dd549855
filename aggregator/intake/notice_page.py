"""An HTML page as it is meant to be read: the text without what stands around it, and what it tells machines.

Licence links, RSL and ODRL that it names or holds, TDM and robots metadata, schema.org: each as it is written, with the
carrier's name. What any of it means is for `rights` to say. Nothing on a page is run, fetched or resolved here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import lxml.html
from lxml import etree

from aggregator.intake.rsl_read import read_rsl
from aggregator.model.rsl import RslContent

SIZE_MAX = 2_000_000
"""Bytes of a page that are read."""
DEPTH_MAX = 200
SAID_MAX = 40
VALUE_MAX = 500
_SKIPPED = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "nav",
    "form",
    "button",
    "select",
    "iframe",
    "head",
    "object",
    "canvas",
    "math",
}
_AROUND = {"header", "footer", "aside"}
_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "main",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "blockquote",
    "pre",
} | {"h1", "h2", "h3", "h4", "h5", "h6", "figure", "figcaption", "address", "hr", "header", "footer", "aside", "body"}
_META = {"robots", "googlebot", "googlebot-news", "tdm-reservation", "tdm-policy", "content-usage"} | {
    "copyright",
    "rights",
    "dc.rights",
    "dcterms.rights",
    "dcterms.license",
}
_RELATIONS = ("license", "tdm-policy", "item-license", "principles", "usageinfo")
RSL_TYPE = "application/rsl+xml"
ODRL_TYPES = frozenset({"application/ld+json", "text/turtle", "application/json+ld"})
_SCHEMA_TERMS = (
    "license",
    "usageInfo",
    "acquireLicensePage",
    "copyrightNotice",
    "conditionsOfAccess",
    "creditText",
    "copyrightHolder",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that a page tells machines."""

    carrier: str
    """`rel=license`, `meta robots`, `meta tdm-reservation`, `schema.org license` …"""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, read."""

    text: str = ""
    """Headings, paragraphs and list items, a blank line between blocks; addresses of mail and licence links stay."""
    title: str = ""
    said: tuple[Said, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    """(media type, absolute address) of licence documents that it names: RSL and ODRL."""
    rsl: tuple[RslContent, ...] = ()
    """Of RSL that stands in the page itself."""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    said: dict[Said, None] = field(default_factory=dict)
    documents: dict[tuple[str, str], None] = field(default_factory=dict)
    rsl: list[RslContent] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)

    def say(self, carrier: str, value: str | None) -> None:
        line = " ".join((value or "").split())[:VALUE_MAX]
        if line and len(self.said) < SAID_MAX:
            self.said[Said(carrier=carrier, value=line)] = None


def read_page(data: bytes, url: str | None = None) -> Page:
    """What a page says. One that cannot be read is empty, with a warning.

    Args:
        url: where it stands, by which relative addresses are completed.
    """
    if len(data) > SIZE_MAX:
        return Page(warnings=(f"page: not read: {len(data):,} bytes; {SIZE_MAX:,} are read at most",))
    if not data.strip():
        return Page()
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, encoding=encoding_of(data))
    try:
        root = lxml.html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        return Page(warnings=(f"page: not read: {' '.join(str(error).split())[:120]}",))
    found = _Found()
    for element in root.iter("link", "a", "meta", "script"):
        _machine(element, url, found)
    for element in root.iter():
        _microdata(element, found)
    title = root.findtext(".//title") or ""
    return Page(
        text="\n".join(_lines(root)),
        title=" ".join(title.split())[:300],
        said=tuple(found.said),
        documents=tuple(found.documents)[:5],
        rsl=tuple(found.rsl[:10]),
        warnings=tuple(found.warnings)[:20],
    )


def encoding_of(data: bytes) -> str:
    """The encoding that a page names and can be read in, else UTF-8 or Windows-1252."""
    head = data[:2_000].decode("ascii", errors="replace").lower()
    named = re.search(r"charset\s*=\s*[\"']?([a-z0-9_-]{3,20})", head)
    for name in (named[1] if named else "utf-8", "utf-8", "windows-1252"):
        try:
            data.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
        return name
    return "windows-1252"


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(root: Any) -> Iterator[str]:
    """The text in blocks. Headers and footers of a page are left out, unless there is nothing else."""
    body = root.find("body")
    found = list(_blocks(body if body is not None else root, around=False))
    if sum(len(line) for line in found) < 80:
        found = list(_blocks(body if body is not None else root, around=True))
    for line in found:
        yield line
        yield ""


def _blocks(root: Any, *, around: bool) -> Iterator[str]:
    pieces: list[str] = []
    stack: list[tuple[Any, bool]] = [(root, False)]

    def done(prefix: str = "") -> Iterator[str]:
        line = " ".join("".join(pieces).split())
        pieces.clear()
        if line:
            yield prefix + line

    kinds: list[str] = []
    while stack:
        element, closing = stack.pop()
        name = element.tag if isinstance(element.tag, str) else ""
        block = name in _BLOCKS or name == "li"
        if closing:
            if block:
                yield from done(_prefix(kinds))
                kinds.pop()
            elif name == "a":
                pieces.append(_address(element))
            pieces.append(element.tail or "")
            continue
        if (
            not name
            or name in _SKIPPED
            or (name in _AROUND and not around)
            or len(kinds) > DEPTH_MAX
            or _is_hidden(element)
        ):
            pieces.append(element.tail or "")
            continue
        if block:
            yield from done(_prefix(kinds))
            kinds.append(name)
        elif name == "br":
            pieces.append(" ")
        pieces.append(element.text or "")
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))
    yield from done()


def _prefix(kinds: list[str]) -> str:
    if "li" in kinds:
        return "- "
    return "# " if kinds and re.fullmatch(r"h[1-6]", kinds[-1]) else ""


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or element.get("aria-hidden") == "true"


def _address(element: Any) -> str:
    """Where a link leads, where that matters: mail and licences."""
    href = (element.get("href") or "").strip()
    words = "".join(element.itertext())
    if href.lower().startswith("mailto:"):
        address = href[7:].partition("?")[0]
        return "" if address in words else f" ({address})"
    shown = "creativecommons.org" in href or "license" in (element.get("rel") or "").lower().split()
    return f" ({href})" if shown and href not in words and href.startswith("http") else ""


# ── for machines ─────────────────────────────────────────────────────────────────────────────────────────────────


def _machine(element: Any, url: str | None, found: _Found) -> None:
    if element.tag in {"link", "a"}:
        _link(element, url, found)
    elif element.tag == "meta":
        name = (element.get("name") or element.get("property") or "").strip().lower()
        if name in _META:
            found.say(f"meta {name}", element.get("content"))
    elif (element.get("type") or "").partition(";")[0].strip().lower() == RSL_TYPE:
        document, odd = read_rsl((element.text or "").strip().encode())
        for line in odd:
            found.warnings[f"page: {line}"] = None
        if document is not None:
            found.rsl += document.contents
    elif (element.get("type") or "").partition(";")[0].strip().lower() == "application/ld+json":
        _linked_data(element.text or "", found)


def _link(element: Any, url: str | None, found: _Found) -> None:
    relations = (element.get("rel") or "").lower().split()
    href = (element.get("href") or "").strip()
    relation = next((one for one in _RELATIONS if one in relations), None)
    if not href or relation is None:
        return
    try:
        address = urljoin(url or "", href)
    except ValueError:
        found.warnings[f"page: rel={relation}: '{href[:80]}' is not an address"] = None
        return
    if not address.startswith(("http://", "https://")) and url is not None:
        found.warnings[f"page: rel={relation}: '{href[:80]}' is not a web address"] = None
        return
    kind = (element.get("type") or "").partition(";")[0].strip().lower()
    if relation == "license" and (kind == RSL_TYPE or kind in ODRL_TYPES):
        found.documents[(kind, address)] = None
    else:
        found.say(f"rel={relation}", address)


def _microdata(element: Any, found: _Found) -> None:
    name = element.get("itemprop") if isinstance(element.tag, str) else None
    if name in _SCHEMA_TERMS:
        found.say(
            f"schema.org {name}",
            element.get("href") or element.get("content") or "".join(element.itertext())[:VALUE_MAX],
        )


def _linked_data(text: str, found: _Found) -> None:
    try:
        value = json.loads(text[:500_000])
    except (ValueError, RecursionError):
        found.warnings["page: a block of application/ld+json is not JSON"] = None
        return
    waiting: list[tuple[Any, int]] = [(value, 0)]
    seen = 0
    while waiting and seen < 5_000:
        node, depth = waiting.pop()
        seen += 1
        if isinstance(node, dict):
            for term in _SCHEMA_TERMS:
                for one in node[term] if isinstance(node.get(term), list) else [node.get(term)]:
                    told = one.get("url") or one.get("@id") or one.get("name") if isinstance(one, dict) else one
                    if isinstance(told, str):
                        found.say(f"schema.org {term}", told)
        if depth < 20 and isinstance(node, dict | list):
            waiting += [(one, depth + 1) for one in (node.values() if isinstance(node, dict) else node)]
