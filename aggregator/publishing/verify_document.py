"""The proof of whole documents: exactly these entries, in this order, each once, and nothing active around them.

What each entry holds was proved when its bytes were made (`verify`); they stand in the document unchanged.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.parsers import expat
from xml.sax.saxutils import unescape

import orjson
from lxml import etree

from aggregator.errors import RenderError
from aggregator.model.output import Format
from aggregator.publishing import atom, rss
from aggregator.publishing.reading import ENTRY_ID, UnreadableError, xml_parser
from aggregator.publishing.text import legal
from aggregator.publishing.xml import ATOM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aggregator.publishing.frame import Frame
    from aggregator.publishing.xml import Shell

_A = f"{{{ATOM}}}"
_NOT_READ = (
    etree.LxmlError,
    expat.ExpatError,
    orjson.JSONDecodeError,
    UnicodeError,
    KeyError,
    TypeError,
    AttributeError,
)


def verify_document(format_: Format, body: bytes, ids: Sequence[str]) -> None:
    """Reads a whole document and looks that it holds exactly these entries, in this order, and nothing active.

    What each entry holds was proved when its bytes were made; they stand here unchanged.

    Raises:
        RenderError: it is not well formed, or holds other entries or one of them twice.
    """
    _hold(format_, body, _found(format_, body), ids)


def verify_around(format_: Format, frame: Frame, *, holds: bool) -> frozenset[str]:
    """What stands around the entries of a document in pieces is well formed, and leaves them where entries belong.

    Their bytes, each one whole entry in the document's own root, were proved before; `verify_ids` looks at their ids.

    Args:
        holds: whether there are to be entries in it.
    Returns:
        The ids of which it says that they are gone.
    Raises:
        RenderError: it cannot be read, holds an entry itself, or would have them elsewhere.
    """
    around = frame.opening + frame.closing
    found = _found(format_, around)
    if holds and (frame.between != BETWEEN[format_] or not _IS_INSIDE[format_](frame.opening)):
        raise RenderError(f"the {format_.value} document: its entries would not stand where entries belong")
    if found:
        raise RenderError(f"the {format_.value} document holds other entries than it should: '{found[0]}'")
    return frozenset(tombstones_in(format_, around))


def verify_ids(format_: Format, ids: Sequence[str], gone: frozenset[str]) -> None:
    """Each entry of a document stands in it once, and none of them is said to be gone.

    Raises:
        RenderError: one breaks a promise.
    """
    if len(set(ids)) != len(ids):
        raise RenderError(f"the {format_.value} document holds the id '{_twice(ids)}' twice")
    if not gone.isdisjoint(ids):
        raise RenderError(f"the {format_.value} document holds '{min(gone & set(ids))}' and says that it is gone")


def _found(format_: Format, body: bytes) -> list[str]:
    try:
        return _IDS[format_](body)
    except _NOT_READ as error:
        raise RenderError(
            f"the {format_.value} document cannot be read again: {' '.join(str(error).split())}"
        ) from error
    except UnreadableError as error:
        raise RenderError(f"the {format_.value} document: {error}") from error


def _twice(ids: Sequence[str]) -> str | None:
    return next((id_ for id_, times in Counter(ids).items() if times > 1), None)


def _hold(format_: Format, body: bytes, found: Sequence[str], ids: Sequence[str]) -> None:
    verify_ids(format_, found, frozenset(tombstones_in(format_, body)))
    if list(found) != list(ids):
        odd = next(iter(set(ids) ^ set(found)), "their order")
        raise RenderError(f"the {format_.value} document holds other entries than it should: '{odd}'")


BETWEEN = {
    Format.ATOM: b"\n",
    Format.RSS: b"\n",
    Format.JSON: b",\n",
    Format.HTML: b"\n",
    Format.TEXT: b"\n",
}
"""What stands between two entries."""


def _is_in(shell: Shell) -> Callable[[bytes], bool]:
    """Whether the opening of a document ends within the element that holds the entries."""

    def is_inside(opening: bytes) -> bool:
        open_: list[str] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = lambda tag, _: open_.append(tag)
        parser.EndElementHandler = lambda _: open_.pop()
        parser.Parse(opening, False)
        return open_ == [tag.removeprefix("{").replace("}", " ") for tag in shell.path]

    return is_inside


def _is_in_main(opening: bytes) -> bool:
    return b"<main" in opening and b"</main" not in opening


_IS_INSIDE: dict[Format, Callable[[bytes], bool]] = {
    Format.ATOM: _is_in(atom.SHELL),
    Format.RSS: _is_in(rss.SHELL),
    Format.JSON: lambda opening: opening.endswith(b',"items":['),
    Format.HTML: _is_in_main,
    Format.TEXT: lambda opening: opening.endswith(b"\n\n"),
}


_DELETED = re.compile(rb'<at:deleted-entry [^>]*?ref="([^"]*)"')


def tombstones_in(format_: Format, body: bytes) -> list[str]:
    """The ids that a document says are gone."""
    if format_ is Format.ATOM:
        return [_unescaped(ref.decode().replace("&quot;", '"')) for ref in _DELETED.findall(body)]
    if format_ is Format.JSON and b'"_tombstones":' in body:
        return [one["id"] for one in orjson.loads(body).get("_tombstones", {}).get("items", ())]
    return []


def _atom_ids(body: bytes) -> list[str]:
    head, ids = _xml_entries(body, _ATOM_ENTRY, _ATOM_OPENING, atom.SHELL)
    if not all(head.findtext(f"{_A}{tag}") for tag in ("id", "title", "updated")):
        raise UnreadableError("it has no id, title or date of its own")
    return ids


def _rss_ids(body: bytes) -> list[str]:
    head, ids = _xml_entries(body, _RSS_ENTRY, _RSS_OPENING, rss.SHELL)
    if not all(head.findtext(f"channel/{tag}") for tag in ("title", "link", "description")):
        raise UnreadableError("it has no title, link or description of its own")
    return ids


# Where text is escaped, these bytes can only be elements; every entry of ours begins so, or it is not found.
_ATOM_ENTRY = re.compile(rb"<entry(?: [^>]*)?><id>([^<]*)</id>")
_RSS_ENTRY = re.compile(rb'<guid isPermaLink="false">([^<]*)</guid>')
# Not `bytes.count`: it takes four times as long for these.
_ATOM_OPENING = re.compile(rb"<entry[ >]")
_RSS_OPENING = re.compile(rb"<item[ >]")


def _xml_entries(
    body: bytes, shape: re.Pattern[bytes], opening: re.Pattern[bytes], shell: Shell
) -> tuple[Any, list[str]]:
    """(head of a document without its entries, ids of its entries), after all of it was found well formed.

    The whole is only read by expat, which builds nothing: a tree of 200 KB costs more than all else in a build.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.Parse(body, True)
    ids = [_unescaped(found.decode()) for found in shape.findall(body)]
    if len(ids) != len(opening.findall(body)):
        raise UnreadableError("it holds an entry without an id")
    first = opening.search(body)
    head = etree.fromstring(body[: first.start()] + shell.close if first else body, xml_parser())
    if head.nsmap != shell.namespaces:
        raise UnreadableError("its root is not the one in which its entries were read")
    return head, ids


def _unescaped(text: str) -> str:
    return unescape(text, {"&#13;": "\r"}) if "&" in text else text


def _json_ids(body: bytes) -> list[str]:
    feed: Any = orjson.loads(body)
    if feed["version"] != "https://jsonfeed.org/version/1.1" or not feed["title"]:
        raise UnreadableError("it has no version or title of its own")
    return [item["id"] for item in feed["items"]]


_FORBIDDEN = re.compile(rb"<(script|iframe|object|embed|form|svg|math|base|template)[\s/>]", re.IGNORECASE)
_NOINDEX = re.compile(rb'<meta name="robots" content="[^"]*noindex[^"]*">')
_OPENED, _CLOSED = re.compile(rb"<article"), re.compile(rb"</article>")
_ARTICLE = re.compile(rb'<article[^>]* id="(' + ENTRY_ID.encode() + rb'[^"]*)"[^>]*>')


def _html_ids(body: bytes) -> list[str]:
    """Ids of the entries of a page, by its bytes: text is escaped, so they can only be elements.

    No tree is built: each entry was read as it stands on the page, and found closed, when its bytes were made, and a
    tree of all of them costs more than all else in a build.
    """
    active = _FORBIDDEN.search(body)
    if active is not None:
        raise UnreadableError(f"element '{active[1].decode().lower()}' may not go out")
    head, _, rest = body.partition(b"<main")
    if not _NOINDEX.search(head):
        raise UnreadableError("it does not keep search engines out")
    entries, end, _ = rest.partition(b"</main>")
    if not end or len(_OPENED.findall(entries)) != len(_CLOSED.findall(entries)):
        raise UnreadableError("its entries are not closed")
    body.decode()  # raises where it is not UTF-8
    return [found.decode() for found in _ARTICLE.findall(entries)]


_RULE = re.compile(rb"^-{20,}\[ ([0-9a-f]+) \]--$", re.MULTILINE)


def _text_ids(body: bytes) -> list[str]:
    text = body.decode()
    if legal(text) != text:
        raise UnreadableError("it holds characters that no reader takes")
    return [found.decode() for found in _RULE.findall(body)]


_IDS: dict[Format, Callable[[bytes], list[str]]] = {
    Format.ATOM: _atom_ids,
    Format.RSS: _rss_ids,
    Format.JSON: _json_ids,
    Format.HTML: _html_ids,
    Format.TEXT: _text_ids,
}
