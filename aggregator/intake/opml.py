"""Reads a subscription list: OPML 1.0, 1.1 and 2.0, as feed readers write it and as people break it.

Bounded in bytes, depth and number; a document type, and with it every entity, is refused; nothing is ever fetched.

Source: https://opml.org/spec2.opml ("Subscription lists", "The category attribute").
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import Any

from lxml import etree

from aggregator.intake.page import without_feed_scheme

BODY_BYTES_MAX = 10_000_000
DEPTH_MAX = 50
OUTLINES_MAX = 20_000
TAG_CHARS_MAX = 20_000
TITLE_CHARS_MAX = 200
WORD_CHARS_MAX = 64
WORDS_MAX = 20
NAMESPACE = "urn:aggregator:opml"
"""Of the attributes in which our own lists keep what OPML has no place for: `id`, `policy`."""


class OpmlRefusedError(Exception):
    """The document is not read at all. `str()` is one line for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of the list, as written there."""

    url: str
    line: int
    """1-based, in the file."""
    title: str | None = None
    tags: tuple[str, ...] = ()
    """The folders that hold it, from the outermost; then its categories."""
    id: str | None = None
    policy: str | None = None
    disabled: bool = False
    """`isComment`: the feed is kept in the list and not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionList:
    title: str | None
    feeds: tuple[Subscription, ...]
    warnings: tuple[str, ...] = ()
    """What was wrong but could be read, or was passed over, one line each."""


def read_opml(body: bytes) -> SubscriptionList:
    """The feeds of a list, in its order.

    Raises:
        OpmlRefusedError: it is too large, too deep, declares a document type, or is no OPML.
    """
    if len(body) > BODY_BYTES_MAX:
        raise OpmlRefusedError(f"is larger than {BODY_BYTES_MAX // 1_000_000} MB; split it")
    warnings: list[str] = []
    text = _decoded(body, warnings)
    root = _root(text, warnings)
    title = next((_line(found.text or "") for found in root.iter() if _name(found) == "title"), None)
    feeds = tuple(_feeds(root, warnings))
    return SubscriptionList(title=title or None, feeds=feeds, warnings=tuple(warnings))


def _decoded(body: bytes, warnings: list[str]) -> str:
    """The text, by byte order mark, declaration, UTF-8, or as Windows wrote it; never refused for its encoding."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if body[:4] == b"<\x00?\x00":
        return body.decode("utf-16-le", "replace")
    if body[:4] == b"\x00<\x00?":
        return body.decode("utf-16-be", "replace")
    declared = re.match(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})", body)
    name = declared[1].decode() if declared else "utf-8"
    for encoding in dict.fromkeys((name, "utf-8")):
        try:
            if codecs.lookup(encoding)._is_text_encoding:
                return body.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    warnings.append(f"is not in the encoding that it declares ({name}); read as windows-1252")
    return body.decode("cp1252", "replace")


_LONG_TAG = re.compile(rf"<[^<>]{{{TAG_CHARS_MAX}}}")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31};)?")


def _root(text: str, warnings: list[str]) -> Any:
    """The tree. Stray ampersands, which half of all lists have, and HTML's names for characters are put right."""
    start = re.search(r"<\s*(?:[\w.-]+:)?opml\b", text, re.IGNORECASE)
    if start is None:
        raise OpmlRefusedError("is no OPML: it has no element 'opml'; export the list from your reader again")
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text[: start.start()], re.IGNORECASE):
        raise OpmlRefusedError("declares a document type, which may hold entities; delete the line '<!DOCTYPE …>'")
    if _LONG_TAG.search(text):  # libxml2 is quadratic in the attributes of one element
        raise OpmlRefusedError(f"holds an element of more than {TAG_CHARS_MAX} characters; no list needs one")
    head = re.sub(r"<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text[: start.start()], count=1)
    whole = _AMPERSAND.sub(_escaped, _ILLEGAL.sub("", head + text[start.start() :]))
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(whole.encode(), parser)
    except etree.LxmlError as error:
        raise OpmlRefusedError(f"cannot be read as XML: {error}") from None
    if root is None or _name(root) != "opml" or root.getroottree().docinfo.internalDTD is not None:
        raise OpmlRefusedError("is no OPML: its outermost element is not 'opml'")
    errors = [error for error in parser.error_log if error.level >= etree.ErrorLevels.ERROR]
    if errors:
        first = errors[0]
        what = " ".join(first.message.split())[:120]
        if "depth" in what.lower():
            raise OpmlRefusedError(f"is nested deeper than {DEPTH_MAX} levels")
        warnings.append(f"line {first.line}: is not well-formed ({what}); what could be read was taken")
    return root


def _escaped(found: re.Match[str]) -> str:
    character = html5.get(found[1]) if found[1] else None
    if character is None:
        return "&amp;" + (found[1] or "")
    return "".join(f"&#{ord(letter)};" for letter in character)


def _name(element: Any) -> str:
    """Its name without namespace, in lower case; empty for a comment."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _feeds(root: Any, warnings: list[str]) -> Iterator[Subscription]:
    stack: list[tuple[Any, tuple[str, ...], bool]] = [(root, (), False)]
    count = 0
    while stack:
        element, folders, commented = stack.pop()
        if len(folders) > DEPTH_MAX:
            raise OpmlRefusedError(f"is nested deeper than {DEPTH_MAX} levels")
        inside = folders
        if _name(element) == "outline":
            count += 1
            if count > OUTLINES_MAX:
                raise OpmlRefusedError(f"holds more than {OUTLINES_MAX} outlines; split it")
            said = {name.rpartition("}")[2].lower(): value for name, value in element.attrib.items() if "}" not in name}
            own = {
                name.rpartition("}")[2]: value for name, value in element.attrib.items() if f"{{{NAMESPACE}}}" in name
            }
            commented = commented or said.get("iscomment", "").strip().lower() == "true"
            title = _line(said.get("title") or said.get("text") or "")
            if said.get("xmlurl", "").strip():
                yield _subscription(element, said, own, title, folders, commented)
            elif said.get("type", "").lower() == "include":
                warnings.append(f"line {element.sourceline}: another list is linked, and not followed")
            inside = (*folders, title)
        stack.extend((child, inside, commented) for child in reversed(element) if _name(child) in {"body", "outline"})


def _subscription(
    element: Any, said: dict[str, str], own: dict[str, str], title: str, folders: tuple[str, ...], commented: bool
) -> Subscription:
    url = without_feed_scheme(said["xmlurl"].strip())
    categories = [part for path in said.get("category", "").split(",") for part in path.split("/")]
    words = [_line(word)[:WORD_CHARS_MAX].strip() for word in (*folders, *categories)]
    return Subscription(
        url=url,
        line=element.sourceline or 0,
        title=title if title and title != url else None,
        tags=tuple(dict.fromkeys(word for word in words if word))[:WORDS_MAX],
        id=own.get("id"),
        policy=own.get("policy"),
        disabled=commented,
    )


def _line(text: str) -> str:
    """Plain text on one line; names that were escaped twice are read, tags are not."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in unescape(text)).split())
    return plain[:TITLE_CHARS_MAX].rstrip()
