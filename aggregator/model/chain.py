"""Facts of a chain of provenance as one line of text, so that another installation reads back what was meant.

RSS and Atom have no element for several hops. `dcterms:provenance` may stand as often as there are some, and DCMI has
a syntax for structured values in a text: `name=value` pairs between semicolons.
Source: DCMI DCSV (Structured Values), 2006.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HOP = ("name", "url", "author", "notice")
"""What a hop is written with; `claimed` stands behind them where only the feed says so."""
_RESERVED = re.compile(r"([\\;=])")
_PAIR = re.compile(r"\s*([a-z]+)\s*=((?:[^\\;]|\\.)*+)(?:;|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def written(values: Mapping[str, str | None]) -> str:
    """The pairs in their order; those without a value are left out."""
    return "; ".join(f"{name}={_escaped(value)}" for name, value in values.items() if value)


def _escaped(value: str) -> str:
    return _RESERVED.sub(r"\\\1", value)


def understood(text: str) -> dict[str, str]:
    """The pairs of a text; empty where it is prose, or anything else than pairs from its beginning to its end."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            return {}
        found.setdefault(pair[1], _ESCAPED.sub(r"\1", pair[2]).strip())
        at = pair.end()
    return found
