"""Images, recordings and embeds of an entry: each is listed, so that each can be decided.

INVARIANT: an address of a picture or recording that stands in cleaned HTML is the `url` of a component of its entry.
Decisions take components out by address; what is not listed would pass by them. So what is beyond the bound is cut.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from aggregator.intake.clean import clean_text, text_of
from aggregator.intake.marks import terms_in_words
from aggregator.model.entry import Component, ComponentKind

# Exact on what nh3 writes: attribute values are double-quoted and hold no raw quotes.
_MEDIUM = re.compile(r'<(img|audio|video|source)((?:\s[a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')
_FIGURE = re.compile(r"<(/?)figure[\s>]")
_CAPTION = re.compile(r'<figcaption(?:\s[a-z-]+="[^"]*")*>')
_LINK = re.compile(r'<a(?=\s)[^<>]*\shref="([^"]*)"')
_ADDRESSES = ("src", "poster")
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".bmp", ".ico")
_MEDIA_SUFFIXES = (".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".flac", ".mp4", ".m4v", ".mov", ".webm", ".ogv")
CREDIT_MAX = 300


def find_components(texts: Iterable[str | None], enclosed: tuple[Component, ...]) -> tuple[Component, ...]:
    """What stands in the texts, in order, then what is enclosed.

    A credit or licence that one copy of an address carries holds for all of them. Where they name different licences,
    both are told: nobody knows which holds, so rights takes them for terms that must be asked about.
    """
    inside = [part for text in texts if text and _has_media(text) for part in _inside(text)]
    if not inside and not enclosed:
        return ()
    if len(inside) == 1 and not enclosed and "; " not in (inside[0].licence or ""):
        return (inside[0],)
    found: dict[tuple[str, bool], Component] = {}
    told: dict[str, Component] = {}
    for part in (*inside, *enclosed):
        found.setdefault((part.url, part.enclosed), part)
        if part.credit or part.licence:
            known = told.setdefault(part.url, part)
            if known is not part:
                told[part.url] = replace(
                    known, credit=known.credit or part.credit, licence=_both(known.licence, part.licence)
                )
    return tuple(_with_credit(part, told.get(part.url)) for part in found.values())


def _both(one: str | None, other: str | None) -> str | None:
    """Two statements of a licence as one."""
    if one is None or other is None or other in one.split("; "):
        return one or other
    return f"{one}; {other}"[:CREDIT_MAX]


def _with_credit(part: Component, told: Component | None) -> Component:
    if told is None:
        return part
    credit, licence = part.credit or told.credit, _both(told.licence, part.licence)
    return part if (credit, licence) == (part.credit, part.licence) else replace(part, credit=credit, licence=licence)


def without_unlisted(html: str, listed: frozenset[str]) -> str:
    """The cleaned HTML without pictures and recordings at other addresses than these."""

    def keep(match: re.Match[str]) -> str:
        attributes = [
            (name, value)
            for name, value in _ATTRIBUTE.findall(match[2])
            if name not in _ADDRESSES or entities.unescape(value) in listed
        ]
        if match[1] in {"img", "source"} and not any(name == "src" for name, _ in attributes):
            return ""
        return f"<{match[1]}" + "".join(f' {name}="{value}"' for name, value in attributes) + ">"

    return _MEDIUM.sub(keep, html) if _has_media(html) else html


def _has_media(html: str) -> bool:
    return "<img" in html or "<source" in html or "<video" in html or "<audio" in html


def _inside(html: str) -> Iterator[Component]:
    figures = list(_figures(html)) if "<figure" in html else []
    for medium in _MEDIUM.finditer(html):
        attributes = dict(_ATTRIBUTE.findall(medium[2]))
        at, credit, licence = medium.start(), None, None
        for start, end, caption in figures:
            if start <= at < end:
                credit, licence = _told(caption)
                break
        for name in _ADDRESSES:
            if name in attributes and (address := entities.unescape(attributes[name])):
                yield Component(
                    kind=_kind(medium[1], name, attributes.get("type", ""), address),
                    url=address,
                    credit=credit,
                    licence=licence,
                    type=attributes.get("type"),
                    title=_alt(attributes),
                )


def _told(caption: str) -> tuple[str | None, str | None]:
    """(credit, terms) that a caption tells of its picture; the terms in words or by a link."""
    text = text_of(caption)
    links = [entities.unescape(address) for address in _LINK.findall(caption)] if "<a" in caption else []
    return clean_text(text, CREDIT_MAX) or None, next(filter(None, map(terms_in_words, (*links, text))), None)


def _figures(html: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, caption as HTML) of each figure; of nested ones the inner first."""
    opened: list[int] = []
    for edge in _FIGURE.finditer(html):
        if not edge[1]:
            opened.append(edge.start())
        elif opened:
            start = opened.pop()
            caption = _CAPTION.search(html, start, edge.start())
            if caption is None:
                continue
            end = html.find("</figcaption>", caption.end(), edge.start())
            if end >= 0:
                yield start, edge.start(), html[caption.end() : end]


def _kind(tag: str, attribute: str, declared: str, address: str) -> ComponentKind:
    """`source` stands in `picture`, too: what looks like an image is one, so that a rule on images holds for it."""
    if tag == "img" or attribute == "poster":
        return ComponentKind.IMAGE
    found = kind_of(declared, address)
    return found if tag == "source" and found is ComponentKind.IMAGE else ComponentKind.MEDIA


def kind_of(declared: str, address: str) -> ComponentKind:
    """By the declared media type or medium (`image`, `audio/mpeg`), else by the address' ending."""
    declared = declared.lower()
    if declared.startswith("image"):
        return ComponentKind.IMAGE
    if declared.startswith(("audio", "video")):
        return ComponentKind.MEDIA
    path = address.partition("?")[0].partition("#")[0].lower()
    if path.endswith(_IMAGE_SUFFIXES):
        return ComponentKind.IMAGE
    return ComponentKind.MEDIA if path.endswith(_MEDIA_SUFFIXES) else ComponentKind.EMBED


def _alt(attributes: dict[str, str]) -> str | None:
    return clean_text(entities.unescape(attributes.get("alt") or attributes.get("title") or ""), CREDIT_MAX) or None
