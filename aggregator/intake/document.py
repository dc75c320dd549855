"""One XML document as a tree: made well-formed where that is plain, bounded, and its items told apart.

The one lxml tree of a reading: the bounds are checked on it, known items are taken out of it (`prune`), and rights and
sources are read from it (`carriers`). No entity, DTD or network address is ever resolved.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

from lxml import etree

from aggregator.intake.glance import rare_characters
from aggregator.intake.mend import MENDERS, CutOffError, named_rightly, with_characters, with_numbers, without_torn_end
from aggregator.model.parsed import ParseLimits

Element = Any
"""An lxml element; lxml ships no types."""

AUTHOR_MAX = 1_000
"""Characters of a name. feedparser's author pattern is quadratic: 32 KB take 3.8 s."""
TITLE_MAX = 10_000
"""Characters of a title, date, link, category."""

FEED_NAMESPACES = frozenset(
    {
        "",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://purl.org/rss/1.0/",
        "http://purl.org/net/rss1.1#",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://purl.org/atom/ns#",
        "http://www.w3.org/2005/Atom",
    }
)
_AUTHORS = frozenset(
    {"author", "creator", "publisher", "managingeditor", "webmaster", "name", "email", "owner", "contributor"}
)
_LONG = frozenset(
    {"description", "summary", "content", "encoded", "body", "fullitem", "abstract", "subtitle", "tagline"}
)

_NAMESPACES_MAX = 250
"""Declared for a whole feed: each item is serialised with them. Feeds declare up to some thirty."""
_TOPICS = ("{*}category", "{*}subject", "{*}keywords")
_TOPICS_MAX = 1_000
"""Elements of an entry, or of a feed, that name its topics. feedparser compares each with all: 50,000 take 27 s."""
_WORDS_MAX = 100
"""Of one element that lists several."""
_ECHOES = frozenset(
    f"{{{uri}}}summary"
    for uri in ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/DTDs/PodCast-1.0.dtd")
)
LIFTED_MIN = 200
"""Characters from which a text is worth lifting."""
_READ_FROM_TREE = frozenset(
    {"guid", "id", "link", "origlink", "author", "creator", "enclosure", "comments", "thumbnail"}
)
_TEXTS = _LONG | {"title", "guid", "id", "link", "pubdate", "published", "updated", "date", "category", "subject"}
_TEXT_NAMESPACES = FEED_NAMESPACES | {
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/terms/",
    "http://purl.org/rss/1.0/modules/content/",
}
_C1 = re.compile("[\x80-\x9f]")

_ILLEGAL_BYTES = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D}) + b"\x7f"
# What a DOCTYPE names before its own declarations, of any length, piece by piece: nothing of it is tried twice.
_NAMED = re.compile(rb"""[^"'\[>]+|"[^"]*"|'[^']*'""")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_ITEM_TAGS = [
    "{*}" + "".join(letters) for name in ("item", "entry") for letters in product(*zip(name, name.upper(), strict=True))
]
"""In any namespace and any case. To ask for each spelling takes a fiftieth of the time of an expression that folds."""
_PARSERS_OWN = re.compile(r" \(<string>, line \d+\)$")
_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})


class RefusedError(Exception):
    """The document is not read at all. `str()` is one line for a person."""


@dataclass(slots=True)
class Document:
    """The tree, and what is known of it."""

    data: bytes
    """UTF-8, as feedparser shall read it."""
    root: Element
    strict: bool
    """Whether it is well-formed: only then items are told apart."""
    kind: str
    """`rss`, `rdf`, `atom` where items stand where they belong; `other`."""
    items: list[Element]
    changed: bool = False
    """Whether the tree is no longer what `data` says."""
    truncated: bool = False
    """Whether its end is missing."""
    is_part: bool = False
    """Whether items beyond the bound were left out."""
    warnings: list[str] = field(default_factory=list)


def legal(data: bytes) -> bytes:
    """UTF-8 bytes without characters, and references to characters, that XML forbids (R15).

    One stray control character would cost the strict reading, and with it the evidence of rights and sources.
    """
    data = data.translate(None, _ILLEGAL_BYTES)
    # Few documents hold the one byte: to look for it takes a twentieth of the time that both take.
    if b"\xef" in data and b"\xef\xbf" in data:
        data = data.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    if all(_is_legal(*reference) for reference in set(_REFERENCE.findall(data))):
        return data
    # What is left out may have stood in the midst of another reference: `&#xD8&#xD800;00;`. What takes the place of
    # that one joins nothing.
    data = _REFERENCE.sub(lambda match: _legal_reference(match, b""), data)
    return _REFERENCE.sub(lambda match: _legal_reference(match, "\ufffd".encode()), data)


def _legal_reference(match: re.Match[bytes], instead: bytes) -> bytes:
    return match[0] if _is_legal(match[1], match[2]) else instead


def _is_legal(hexadecimal: bytes, decimal: bytes) -> bool:
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def refuse_entities(data: bytes) -> None:
    """Raise `RefusedError` where the document declares entities: no feed needs them, every entity bomb does (P9)."""
    doctype = _doctype(data)
    if doctype >= 0 and _declares(data, doctype) and b"<!ENTITY" in data[doctype:].upper():
        raise RefusedError(
            "its DOCTYPE declares entities, which is not read; ask the publisher for a feed without them"
        )


def _declares(data: bytes, doctype: int) -> bool:
    """Whether the DOCTYPE that starts there has declarations of its own."""
    at = doctype
    while (piece := _NAMED.match(data, at)) is not None:
        at = piece.end()
    return data.startswith(b"[", at)


def _doctype(data: bytes) -> int:
    """Where the DOCTYPE starts, -1 without one. Looks at the prolog only."""
    at = 0
    while (at := data.find(b"<", at)) >= 0:
        if data.startswith(b"<!--", at):
            at = data.find(b"-->", at)
        elif data.startswith(b"<?", at):
            at = data.find(b"?>", at)
        else:
            return at if data[at : at + 9].upper() == b"<!DOCTYPE" else -1
        if at < 0:
            return -1
        at += 1
    return -1


def read(data: bytes, limits: ParseLimits) -> Document | None:
    """The document as a tree.

    Args:
        data: UTF-8 without characters that XML forbids.
    Returns:
        The document; not strict where it is not well-formed. None where not even a torn tree can be had.
    Raises:
        RefusedError: it is not a feed, or breaks a bound that protects the reader.
    """
    refuse_entities(data)
    data = named_rightly(data)
    if _doctype(data) >= 0:
        data = with_characters(data)
    root, error = _tree(data)
    if root is None and "Excessive depth" in error:
        raise RefusedError(f"its elements nest deeper than {limits.depth}")
    mended: list[str] = []
    truncated = False
    for mend, said in MENDERS:
        if root is None and (better := mend(data, error)) is not None:
            data = better
            root, error = _tree(data)
            mended.append(said)
    if root is None and (cut := _whole_items(data)) is not None:
        truncated = True
        mended.append("the document is cut off; its last, torn item was left out")
        data = cut
        root, error = _tree(data)
    strict = root is not None
    if root is None:
        mended.append(f"not well-formed XML ({error[:120]}): marks of licence and source may be missing")
        root, _ = _tree(with_numbers(data), recover=True)
    if root is None:
        return None
    if local(root) in {"entry", "deleted-entry"} and namespace(root) in _ALONE:
        root, data = _in_a_feed(root)
    _check_bounds(root, limits)
    kind, items = _items(root)
    if strict and kind == "other" and (quoted := _quoted(items)):
        for item in quoted:
            item.getparent().remove(item)
        mended.append("an item inside of another one's text was left out")
        kind, items = _items(root)
        data = bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
    document = Document(data, root, strict, kind, items, truncated=truncated, warnings=mended)
    if len(items) > limits.entries:
        _keep_first(document, limits.entries)
    return document


def _tree(data: bytes, *, recover: bool = False) -> tuple[Element | None, str]:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        strip_cdata=False,
        remove_comments=True,
        remove_pis=True,
        # Left out, it makes libxml2 open the external DTD, whatever `load_dtd` says (P9).
        collect_ids=b"<!DOCTYPE" in data,
        recover=recover,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(data, parser), ""
    except etree.XMLSyntaxError as error:
        return None, _PARSERS_OWN.sub("", " ".join(str(error).split()))
    except ValueError as error:
        return None, str(error)


def _whole_items(data: bytes) -> bytes | None:
    try:
        return without_torn_end(data)
    except CutOffError:
        raise RefusedError("the document is cut off before its first item ends") from None


def local(element: Element) -> str:
    """The element's name without namespace, in lower case."""
    return name_of(element.tag)[1]


def namespace(element: Element) -> str:
    return name_of(element.tag)[0]


@lru_cache(maxsize=4_096)
def name_of(tag: object) -> tuple[str, str]:
    """(namespace, name in lower case); both empty for what is no element."""
    if not isinstance(tag, str):
        return "", ""
    uri, _, name = tag.rpartition("}")
    return uri[1:], name.lower()


_ALONE = {"http://www.w3.org/2005/Atom", "http://purl.org/atompub/tombstones/1.0"}


def _in_a_feed(root: Element) -> tuple[Element, bytes]:
    """An entry or a tombstone that is a document of its own (RFC 4287, 2; RFC 6721, 6), as the only one of a feed."""
    feed = etree.Element("{http://www.w3.org/2005/Atom}feed", nsmap={None: "http://www.w3.org/2005/Atom"})
    feed.append(root)
    return feed, bytes(etree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _check_bounds(root: Element, limits: ParseLimits) -> None:
    name = local(root)
    if name == "html":
        raise RefusedError("answered with HTML; run 'aggregator sources discover'")
    if name not in _ROOTS:
        raise RefusedError(f"answered with XML that is not a feed (root element '{name[:40]}')")
    channels = (child for child in root if local(child) == "channel")
    if any(len(place.nsmap) > _NAMESPACES_MAX for place in (root, *channels)):
        raise RefusedError(f"it declares more than {_NAMESPACES_MAX} namespaces")
    if _found_by(f"boolean(//*[@*[{limits.attributes + 1}]])")(root):
        raise RefusedError(f"an element has more than {limits.attributes} attributes")
    if _found_by(f"boolean(/*{'/*' * limits.depth})")(root):
        raise RefusedError(f"its elements nest deeper than {limits.depth}")


@lru_cache(maxsize=16)  # read anew, a long path takes the longer part of the time
def _found_by(path: str) -> Any:
    return etree.XPath(path)


def _items(root: Element) -> tuple[str, list[Element]]:
    """Where the items stand, and the items, in document order."""
    found = [item for item in root.iterdescendants(*_ITEM_TAGS) if namespace(item) in FEED_NAMESPACES]
    name = local(root)
    if name == "rss":
        channels = [child for child in root if local(child) == "channel"]
        place = channels[0] if len(channels) == 1 else None
        kind, item = "rss", "item"
    elif name == "rdf":
        place, kind, item = root, "rdf", "item"
    else:
        place, kind, item = root, "atom", "entry"
    in_place = (
        []
        if place is None
        else [child for child in place if local(child) == item and namespace(child) in FEED_NAMESPACES]
    )
    # feedparser sees items wherever they stand: where there are others, they cannot be told apart here.
    if name != "channel" and place is not None and len(in_place) == len(found):
        return kind, in_place
    return "other", found


def _quoted(items: list[Element]) -> list[Element]:
    """Items that another one quotes, in its content (RFC 4287, 4.1.3.3) or an extension: they are not the feed's own.

    One that stands directly in another is what follows an item whose end is missing.
    """
    known = set(items)
    inside = [item for item in items if (parent := item.getparent()) is not None and parent not in known]
    return [item for item in inside if not known.isdisjoint(item.getparent().iterancestors())]


def _keep_first(document: Document, count: int) -> None:
    for item in document.items[count:]:
        item.getparent().remove(item)
    document.warnings.append(f"has {len(document.items)} items; only the first {count} were read")
    document.items = document.items[:count]
    document.changed = document.is_part = True


def bound_topics(document: Document) -> None:
    """Leave out categories and keywords beyond what can count, before feedparser sees them: it compares each with all.

    Of an entry 100 are kept, so what is left out here is none of them, unless most say the same.
    """
    found = list(document.root.iter(*_TOPICS))
    if len(found) <= _TOPICS_MAX:
        return
    items = set(document.items)
    room: dict[Element, int] = {}
    for element in found:
        owner = next((above for above in element.iterancestors() if above in items), document.root)
        text = (element.text or "")[:TITLE_MAX] if local(element) == "keywords" else ""
        left = room.get(owner, _TOPICS_MAX)
        if left <= 0:
            element.getparent().remove(element)
            document.changed = True
        room[owner] = left - min(1 + text.count(",") + text.count(" "), _WORDS_MAX)


def bound_fields(document: Document, parents: list[Element], limits: ParseLimits) -> None:
    """Cut what is longer than its kind may be, before feedparser sees it.

    A text is never cut short: one that is too long is left out, or a torn copy would pass for the whole article.
    """
    for parent in parents:
        for child in parent:
            name = local(child)
            if not name or name in {"item", "entry"}:
                continue
            if len(child):
                if name in _AUTHORS or name == "source":
                    for part in child.iter():
                        _bound(document, part, local(part), limits)
            else:
                _bound(document, child, name, limits)


def _bound(document: Document, element: Element, name: str, limits: ParseLimits) -> None:
    if name in _LONG and len(document.data) <= limits.field:
        return  # no text is longer than its document, so the long ones of most need not be read for that
    text = element.text
    if text is None or len(text) <= AUTHOR_MAX:
        return
    if name == "keywords":
        element.text = ",".join(" ".join(text[:TITLE_MAX].split()[: 4 * _WORDS_MAX]).split(",")[:_WORDS_MAX])
        document.changed = True
        return
    if name in _LONG:
        if len(text) > limits.field:
            element.text = ""
            document.changed = True
            document.warnings.append(f"a field '{name}' of {len(text)} characters was left out")
        return
    bound = AUTHOR_MAX if name in _AUTHORS else TITLE_MAX
    if len(text) > bound:
        element.text = text[:bound]
        document.changed = True
        document.warnings.append(f"a field '{name}' of {len(text)} characters was cut")


def drop_echoes(document: Document) -> None:
    """Take Apple's copy of a description out of items that have their own: feedparser takes whichever stands first."""
    for item in document.items:
        echoes = [child for child in item if child.tag in _ECHOES]
        if echoes and any(child.tag == "description" and (child.text or "").strip() for child in item):
            for echo in echoes:
                item.remove(echo)
                document.changed = True


def lift(document: Document, items: list[Element]) -> dict[str, str]:
    """Take long escaped texts out of items, each for a token, so that feedparser need not read them.

    Its pure Python spends half its time on texts that only pass through. What it would do to them is done by
    `lifted_text`. Texts in elements of their own (XHTML), in base64 or of a type to be guessed stay.
    """
    lifted: dict[str, str] = {}
    if not document.strict:
        return lifted
    for item in items:
        for child in item:
            text = child.text
            if text is None or len(text) < LIFTED_MIN or len(child) or not _is_escaped_html(child):
                continue
            token = f"\ue000{len(lifted)}\ue000"
            lifted[token] = text
            child.text = token
            document.changed = True
    return lifted


def lighten(document: Document, items: list[Element]) -> None:
    """Take out of items what was read from the tree already, to the same end. Comes after all other reading."""
    if not document.strict or document.kind == "other":
        return
    for item in items:
        for child in list(item):
            if local(child) in _READ_FROM_TREE and not (child.tail or "").strip():
                item.remove(child)
                document.changed = True


def strip_to_texts(document: Document) -> None:
    """Leave of the document what carries titles, texts, dates and names of items, in namespaces that are known."""
    items = set(document.items)
    for item in document.items:
        for child in list(item):
            if local(child) not in _TEXTS or namespace(child) not in _TEXT_NAMESPACES:
                item.remove(child)
    for place in (document.root, *document.root):
        for child in list(place):
            if child not in items and local(child) not in {"channel", "title"} and items.isdisjoint(child.iter()):
                place.remove(child)
    etree.cleanup_namespaces(document.root)
    document.changed = True


def _is_escaped_html(element: Element) -> bool:
    kind = element.get("type")
    if local(element) in {"encoded", "description"}:
        return kind is None and element.get("mode") is None
    return (
        local(element) in {"content", "summary"}
        and kind in {"html", "text/html"}
        and element.get("mode") in {None, "escaped"}
    )


def lifted_text(text: str) -> str:
    """The text as feedparser would give it: doubly encoded UTF-8 and stray Windows-1252 characters put right."""
    text = text.strip()
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):  # raised where it is not doubly encoded
        text = text.encode("iso-8859-1").decode("utf-8")
    if _C1.search(rare_characters(text)) is None:
        return text
    return _C1.sub(_windows, text)


def _windows(match: re.Match[str]) -> str:
    return bytes([ord(match[0])]).decode("cp1252", "ignore") or match[0]
