"""The public page of an output: every entry with its credit, readable without script (h-feed, h-entry)."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from aggregator.model.output import Format
from aggregator.publishing.credit import Templates
from aggregator.publishing.frame import Frame
from aggregator.publishing.jsonfeed import MEDIA_TYPES
from aggregator.publishing.reading import ENTRY_ID
from aggregator.publishing.style import Style
from aggregator.publishing.text import line
from aggregator.publishing.words import Dictionary, script_direction, text_direction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.publishing.item import Head, Item

_HERE = "\0"
"""Stands for the entries while the page around them is rendered: no text of ours may hold it, and their bytes, written
and proved before, need not become text again."""
_NAMES = {Format.RSS: "RSS", Format.ATOM: "Atom", Format.JSON: "JSON Feed"}


class River:
    """Writes pages from the templates in `river/`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads the folders' templates.

        Args:
            folders: template folders with a `river/` in each, the operator's own first.
        """
        self._templates = Templates(folders)
        self._dictionary = Dictionary(folders)
        self._css = self._templates.render(["river/style.css"])
        self.style = Style(self._css)
        digest = base64.b64encode(sha256(self._css.encode()).digest()).decode()
        self.policy = (
            f"default-src 'none'; img-src https: http:; media-src https: http:; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'"
        )
        """The content security policy under which a page looks and works as meant; it also stands in the page."""

    @property
    def version(self) -> str:
        """Changes with any template."""
        return self._templates.version

    def fragment(self, item: Item) -> bytes:
        """The entry's bytes, as they stand on a page of ours."""
        words = self._dictionary.words(item.credit.language)
        direction = script_direction(item.language) if item.language else text_direction(item.title) or words.direction
        text = self._templates.render(
            ["river/entry.html"],
            item=item,
            content=Markup(item.html),  # noqa: S704  scrubbed text and rendered credit
            credit_line=line(item.credit.text),
            direction=direction,
            words=words,
            iso=_iso,
        )
        return text.strip().encode()

    def document(self, head: Head, fragments: Sequence[bytes]) -> bytes:
        """A whole page around the bytes of its entries."""
        return self.frame(head, len(fragments)).around(fragments)

    def stamps(self, head: Head) -> tuple[str, ...]:
        """The ways in which a page tells its date."""
        words = self._dictionary.words(head.own_language)
        return _iso(head.updated_at), str(escape(words.instant(head.updated_at)))

    def frame(self, head: Head, entries: int) -> Frame:
        """What stands around so many entries."""
        head = replace(head, title=line(head.title), description=line(head.description), site_name=line(head.site_name))
        words = self._dictionary.words(head.own_language)
        names = {**_NAMES, Format.TEXT: words.say("plain-text")}
        others = [(names[kind], MEDIA_TYPES[kind], url) for kind, url in head.selves if kind in names]
        text = self._templates.render(
            ["river/page.html"],
            head=head,
            own=head.self_in(Format.HTML),
            others=others,
            style=Markup(self._css),  # noqa: S704  a file of the operator's, no value of a feed's
            policy=self.policy,
            words=words,
            direction=words.direction,
            entries=Markup(_HERE if entries else ""),  # noqa: S704  a mark of ours
            # More than one page: the document holds all entries, and `paged` cuts it.
            marks=_MARKS if entries > head.per_page else None,
            iso=_iso,
        )
        opening, _, closing = text.encode().partition(_HERE.encode())
        return Frame(opening, b"\n", closing)


_MARKS = {"page": "@page@", "pages": "@pages@", "newer": "@newer@", "older": "@older@"}
"""What stands in the frame of a river that has several pages, for each page to fill in."""
_OPENING = re.compile(rb'<article[^>]* id="' + ENTRY_ID.encode())
_NEWER = re.compile(rb"<!--newer-->.*?<!--/newer-->\n?", re.DOTALL)
_OLDER = re.compile(rb"<!--older-->.*?<!--/older-->\n?", re.DOTALL)
_MARK = re.compile(rb"<!--/?(?:newer|older|pages)-->\n?")


def paged(body: bytes, home: str, size: int) -> list[bytes]:
    """The pages of a river, the newest first; at least one.

    The document is stored with all its entries, which were proved in it. Each stands on one page, byte for byte.

    Args:
        body: as `River.document` wrote it.
        home: address of the output's feeds without the ending: the first page is `HOME.html`, the second
            `HOME/page/2.html`.
        size: entries on each page.
    """
    starts = [found.start() for found in _OPENING.finditer(body)]
    if len(starts) <= size or b"<!--pages-->" not in body:
        return [body]
    end = body.rindex(b"</article>") + len(b"</article>")
    head, tail = body[: starts[0]], body[end:]
    count = -(-len(starts) // size)
    cuts = [*starts[::size], end]
    return [
        b"".join(
            (
                _filled(head, number, count, home),
                body[cuts[number - 1] : cuts[number]].rstrip(),
                _filled(tail, number, count, home),
            )
        )
        for number in range(1, count + 1)
    ]


def _filled(frame: bytes, number: int, count: int, home: str) -> bytes:
    """Head or tail of a page, with its number and its neighbours."""
    if number == 1:
        frame = _NEWER.sub(b"", frame)
    if number == count:
        frame = _OLDER.sub(b"", frame)
    newer = f"{home}.html" if number == 2 else f"{home}/page/{number - 1}.html"
    told = {"page": str(number), "pages": str(count), "newer": newer, "older": f"{home}/page/{number + 1}.html"}
    for name, value in told.items():
        frame = frame.replace(_MARKS[name].encode(), str(escape(value)).encode())
    if number > 1:
        own = '<link rel="self" type="text/html" href="{}">'
        here = own.format(escape(f"{home}/page/{number}.html")).encode()
        frame = frame.replace(own.format(escape(f"{home}.html")).encode(), here)
    return _MARK.sub(b"", frame)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
