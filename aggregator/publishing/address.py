"""The same document at another address: its links to itself and its siblings, and nothing that an entry says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.model.output import Format

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where the entries begin and end, by format. None of these can stand in what surrounds them: texts there are escaped.
_ENTRIES: Mapping[str, tuple[tuple[bytes, ...], bytes]] = {
    "rss": ((b"<item",), b"</item>"),
    "atom": ((b"<entry", b"<at:deleted-entry"), b"</entry>"),
    "json": ((b'"items":',), b"]"),
    "html": ((b"<article",), b"</article>"),
    "txt": ((b"\n----------",), b"\n----------"),
}
_REFERRER = re.compile(rb'<meta name="referrer" content="[^"]*">')


def readdressed(format_: Format, body: bytes, old: str, new: str) -> bytes:
    """The document with another address of its own.

    What an entry carries stays as it is, also where it names the old address: a publisher must not be able to make
    readers of a copy see an address that is its subscriber's alone.

    Args:
        old: its address so far without the format: `https://news.example.org/feeds/community`.
        new: the other one.
    """
    begins, end = _ENTRIES[format_.value]
    first = min((at for at in map(body.find, begins) if at >= 0), default=len(body))
    last = max(body.rfind(end), first)
    head, entries, tail = body[:first], body[first:last], body[last:]
    if format_ is Format.HTML:
        head = _REFERRER.sub(b'<meta name="referrer" content="no-referrer">', head)
    return b"".join((_moved(head, old, new), entries, _moved(tail, old, new)))


def _moved(part: bytes, old: str, new: str) -> bytes:
    # Its id is the address alone: it stays the same for everybody.
    for following in (".", "/archive/", "/page/"):
        part = part.replace(f"{old}{following}".encode(), f"{new}{following}".encode())
    return part
