"""Items that say everything in the common way are read from the tree; feedparser reads the others.

feedparser takes half the time of a reading, most of it for elements whose meaning is beyond doubt. An item is plain if
each of its elements is one of those, at most once where a second one would compete with it. What is read here equals
what feedparser reads, which a property test holds against it; in any doubt an item is not plain.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aggregator.intake.document import Document, Element, lifted_text, local

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_DCTERMS = "http://purl.org/dc/terms/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_MEDIA = "http://search.yahoo.com/mrss/"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_OTHER_VERSIONS = frozenset({"http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"})

Texts = dict[str, Any]
"""An item's texts under feedparser's names, so that both ways of reading go on alike."""


def _names(namespace: str, names: str) -> frozenset[str]:
    return frozenset(f"{{{namespace}}}{name}" if namespace else name for name in names.split())


_DATES = {
    "pubDate": "published",
    "published": "published",
    "updated": "updated",
    f"{{{_ATOM}}}published": "published",
    f"{{{_ATOM}}}updated": "updated",
    f"{{{_DC}}}date": "updated",
    f"{{{_DCTERMS}}}modified": "updated",
    f"{{{_DCTERMS}}}issued": "published",
    f"{{{_DCTERMS}}}created": "created",
}
# Read from the tree for their own sake (`carriers`), or of no use: none of them touches a text that feedparser reads.
_SILENT = (
    _names("", "link guid author comments enclosure source")
    | _names(_ATOM, "id link author contributor rights source")
    | _names(_DC, "creator rights source language publisher identifier format type relation coverage")
    | _names(_DCTERMS, "license rights rightsHolder source isVersionOf provenance accessRights")
    | _names(_MEDIA, "content thumbnail credit copyright license rating player restriction hash")
    | _names(_ITUNES, "author duration explicit image episode season episodeType title subtitle block order")
    | _names("http://rssnamespace.org/feedburner/ext/1.0", "origLink origEnclosureLink")
    | _names("http://www.w3.org/2007/app", "edited control")
    | _names("http://creativecommons.org/ns#", "license")
    | _names("http://backend.userland.com/creativeCommonsRssModule", "license")
)
# With the usual prefix of those that feedparser does not know: it goes by the prefix then.
_SILENT_NAMESPACES = {
    "http://purl.org/rss/1.0/modules/slash/": None,
    "http://wellformedweb.org/CommentAPI/": None,
    "http://www.georss.org/georss": None,
    "http://purl.org/syndication/thread/1.0": "thr",
    "https://podcastindex.org/namespace/1.0": "podcast",
}
# Inside of media elements these would stand for the item's own.
_LOUD = frozenset({"title", "description", "category", "keywords", "text", "summary"})
_INHERITED = frozenset({f"{_XML}lang", f"{_XML}base", f"{_XML}space"})
_ATOM_TYPES = {
    None: "text/plain",
    "text": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
}


def may_be_plain(document: Document) -> bool:
    """Whether items of the document can be: RSS without a namespace of its own, and Atom 1.0."""
    root = document.root
    if not document.strict or document.kind not in {"rss", "atom"}:
        return False
    if document.kind == "rss":
        name = "item" if root.tag == "rss" else ""
    else:
        is_known = root.tag == f"{{{_ATOM}}}feed" and not _OTHER_VERSIONS.intersection(root.nsmap.values())
        name = f"{{{_ATOM}}}entry" if is_known else ""
    return all(item.tag == name for item in document.items)


def read_plainly(item: Element, looks_like_html: Callable[[str], bool]) -> Texts | None:
    """The item's texts, or None where feedparser is to read it.

    Args:
        looks_like_html: feedparser's own test of a title of RSS, which does not say what it is.
    """
    if item.attrib and not _INHERITED.issuperset(item.attrib):
        return None
    is_atom = item.tag != "item"
    texts: Texts = {}
    tags: list[list[str | None]] = []
    for child in item:
        tag = child.tag
        if tag not in _SPOKEN and _is_silent(tag, child.prefix):
            if len(child) and not _says_nothing(child):
                return None
        elif len(child) or not _read(child, tag, is_atom, texts, tags, looks_like_html):
            return None
    if tags:
        texts["tags"] = [{"term": term, "label": label} for term, _, label in tags]
    return texts


def _read(
    child: Element,
    tag: str,
    is_atom: bool,
    texts: Texts,
    tags: list[list[str | None]],
    looks_like_html: Callable[[str], bool],
) -> bool:
    """Whether the element was read: it is of a kind that is known, and the first of its kind."""
    if tag in _CATEGORIES:
        return _category(child, tags)
    name = _DATES.get(tag)
    if name is not None:
        if name in texts or _surplus(child):
            return False
        texts[name] = lifted_text(child.text or "")
        return True
    name = (_ATOM_TEXTS if is_atom else _RSS_TEXTS).get(tag)
    if name is None or f"{name}_detail" in texts:
        return False
    kind = "text/html"
    if is_atom:
        if _surplus(child, "type") or (kind := _ATOM_TYPES.get(_lower(child.get("type")), "")) == "":
            return False
    elif _surplus(child):
        return False
    text = child.text or ""
    if name == "title" and not is_atom:
        kind = "text/html" if ("<" in text or "&" in text) and looks_like_html(text.strip()) else "text/plain"
    value = lifted_text(text)
    detail = {"type": kind, "value": value}
    texts[f"{name}_detail"] = detail
    texts[name] = [detail] if name == "content" else value
    return True


_ATOM_TEXTS = {f"{{{_ATOM}}}{name}": name for name in ("title", "summary", "content")}
_RSS_TEXTS = {"title": "title", "description": "summary", f"{{{_CONTENT}}}encoded": "content"}
_CATEGORIES = frozenset({"category", f"{{{_ATOM}}}category", f"{{{_DC}}}subject"})
_SPOKEN = _CATEGORIES.union(_DATES, _ATOM_TEXTS, _RSS_TEXTS)
"""What `_read` reads; none of it is silent."""


def _category(child: Element, tags: list[list[str | None]]) -> bool:
    """As feedparser does: attributes make a tag, and a text names the last one that has no name, else a new one."""
    if _surplus(child, "term", "scheme", "domain", "label"):
        return False
    tag = [child.get("term"), child.get("scheme", child.get("domain")), child.get("label")]
    if any(tag) and tag not in tags:
        tags.append(tag)
    text = lifted_text(child.text or "")
    if text:
        if tags and not tags[-1][0]:
            tags[-1][0] = text
        elif (tag := [text, None, None]) not in tags:
            tags.append(tag)
    return True


def _surplus(child: Element, *known: str) -> bool:
    return bool(child.attrib) and not all(name in known or name in _INHERITED for name in child.attrib)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


@lru_cache(maxsize=4_096)
def _is_silent(tag: Any, prefix: str | None) -> bool:
    if tag in _SILENT:
        return True
    namespace = tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""
    return namespace in _SILENT_NAMESPACES and _SILENT_NAMESPACES[namespace] in {None, prefix}


def _says_nothing(element: Element) -> bool:
    """Whether nothing in it stands for a text of the item."""
    if not element.tag.startswith(f"{{{_MEDIA}}}"):
        return True
    return not any(local(part) in _LOUD for part in element.iterdescendants())
