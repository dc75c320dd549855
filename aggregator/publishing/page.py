"""The public page of an output: every entry with its credit, readable without script (h-feed, h-entry)."""

from __future__ import annotations

import base64
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from markupsafe import Markup

from aggregator.model.output import Format
from aggregator.publishing.credit import Templates
from aggregator.publishing.jsonfeed import MEDIA_TYPES
from aggregator.publishing.text import line
from aggregator.publishing.words import Dictionary, script_direction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.publishing.item import Head, Item

_HERE = "\0"
"""Stands for the entries while the page around them is rendered: no text of ours may hold it, and their bytes, written
and proved before, need not become text again."""
_NAMES = {Format.RSS: "RSS", Format.ATOM: "Atom", Format.JSON: "JSON Feed", Format.TEXT: "plain text"}


class River:
    """Writes pages from the templates in `river/`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads the folders' templates.

        Args:
            folders: template folders with a `river/` in each, the operator's own first.
        """
        self._templates = Templates(folders)
        self._dictionary = Dictionary(folders)
        self._style = self._templates.render(["river/style.css"])
        digest = base64.b64encode(sha256(self._style.encode()).digest()).decode()
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
        words, direction = self._dictionary.words(item.credit.language), script_direction(item.language)
        text = self._templates.render(
            ["river/entry.html"],
            item=item,
            content=Markup(item.html),  # noqa: S704  scrubbed text and rendered credit
            credit_line=line(item.credit.text),
            direction=direction if item.language and "rtl" in (direction, words.direction) else None,
            words=words,
            iso=_iso,
            exact=_exact,
        )
        return text.strip().encode()

    def document(self, head: Head, fragments: Sequence[bytes]) -> bytes:
        """A whole page around the bytes of its entries."""
        head = replace(head, title=line(head.title), description=line(head.description), site_name=line(head.site_name))
        others = [(_NAMES[kind], MEDIA_TYPES[kind], url) for kind, url in head.selves if kind in _NAMES]
        text = self._templates.render(
            ["river/page.html"],
            head=head,
            own=head.self_in(Format.HTML),
            others=others,
            style=Markup(self._style),  # noqa: S704  a file of the operator's, no value of a feed's
            policy=self.policy,
            words=self._dictionary.words(head.own_language),
            entries=Markup(_HERE if fragments else ""),  # noqa: S704  a mark of ours
            iso=_iso,
            exact=_exact,
        )
        return text.encode().replace(_HERE.encode(), b"\n".join(fragments))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B} {at.year}"


def _exact(at: datetime) -> str:
    return f"{_day(at)}, {at:%H:%M:%S} UTC"
