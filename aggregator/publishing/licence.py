"""The licence under which everything in a finished document stands, if it is one: for its Link header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
from lxml import etree

from aggregator.model.output import Format
from aggregator.publishing.xml import ATOM, CC

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER_SAFE = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,=%-]{1,300}")
"""An address that cannot end its place in a header (P16)."""


def common_licence(format_: Format, body: bytes) -> str | None:
    """The address of the one licence that every entry of a document names, and names alone; None: there is none.

    A document's own licence would be taken for that of entries that name another, or none.

    Args:
        body: a document of ours, proved.
    """
    first: frozenset[str] | None = None
    for found in _LICENCES.get(format_, lambda _: iter(()))(body):
        if len(found) != 1 or (first is not None and found != first):
            return None
        first = found
    licence = next(iter(first)) if first else None
    return licence if licence is not None and _HEADER_SAFE.fullmatch(licence) else None


def _atom(body: bytes) -> Iterator[frozenset[str]]:
    for entry in _root(body).iterchildren(f"{{{ATOM}}}entry"):
        links = entry.iterchildren(f"{{{ATOM}}}link")
        yield frozenset(link.get("href", "") for link in links if link.get("rel") == "license")


def _rss(body: bytes) -> Iterator[frozenset[str]]:
    for item in _root(body).iterfind("channel/item"):
        yield frozenset(licence.text or "" for licence in item.iterchildren(f"{{{CC}}}license"))


def _json(body: bytes) -> Iterator[frozenset[str]]:
    for item in orjson.loads(body)["items"]:
        licences = item.get("_rights", {}).get("licences", [])
        yield frozenset(licence.get("url", "") for licence in licences)


def _root(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


_LICENCES = {Format.ATOM: _atom, Format.RSS: _rss, Format.JSON: _json}
