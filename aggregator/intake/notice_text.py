"""A notice in whatever form it comes → the text that a person would read: HTML, XML of feeds, JSON, else as it is."""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import etree

from aggregator.intake.notice_page import Page, read_page

_HTML = re.compile(r"<(?:!doctype html|html|head|body|div|section|article|main|p|h[1-6]|ul|ol|table|nav|span)\b", re.I)
_MARKUP = re.compile(r"^\s*(?:<\?xml[^>]*>\s*)?<[A-Za-z!]")
_LEAF = re.compile(r"<([A-Za-z][\w:.-]{0,60})((?:\s[^<>]{0,500})?)>([^<>]{1,2000})</\1\s*>")
LINES_MAX = 3_000


def page_of(text: str, url: str | None = None) -> Page:
    """A notice with what it tells machines, where it is a page that does."""
    start = text.lstrip("\ufeff \t\r\n")
    if (
        _HTML.search(start[:20_000])
        and not start.startswith("<?xml")
        and not re.match(r"<(?:rss|feed|channel|rdf)\b", start, re.I)
    ):
        page = read_page(_whole(text).encode(), url)
        return page if page.text.strip() else Page(text=re.sub(r"<[^>]{0,500}>", " ", text), warnings=page.warnings)
    if _MARKUP.match(start):
        return Page(text=_leaves(start))
    if start.startswith(("{", "[")):
        flat = _flat_json(start)
        if flat is not None:
            return Page(text=flat)
    return Page(text=text)


def _whole(text: str) -> str:
    return text if re.search(r"<(?:html|body)\b", text[:5_000], re.I) else f"<html><body>{text}</body></html>"


def _leaves(text: str) -> str:
    """`name: text` for each element that holds nothing but text; prefixes need not be declared."""
    lines = []
    for match in _LEAF.finditer(re.sub(r"<!\[CDATA\[(.*?)\]\]>", lambda found: _escaped(found[1]), text, flags=re.S)):
        value = " ".join(_unescaped(match[3]).split())
        lines.append(f"{match[1].rpartition(':')[2]}: {value}")
    return "\n".join(lines[:LINES_MAX])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unescaped(text: str) -> str:
    try:
        return etree.fromstring(f"<a>{text}</a>", etree.XMLParser(resolve_entities=False, no_network=True)).text or ""
    except etree.XMLSyntaxError:
        return text


def _flat_json(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    lines: list[str] = []
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting and len(lines) < LINES_MAX:
        name, node, depth = waiting.pop()
        if depth > 30:
            continue
        if isinstance(node, dict):
            waiting += [(str(key), one, depth + 1) for key, one in reversed(node.items())]
        elif isinstance(node, list):
            waiting += [(name, one, depth + 1) for one in reversed(node)]
        elif node is not None and not isinstance(node, bool):
            lines.append(f"{name}: {node}" if name else str(node))
    return "\n".join(lines)
