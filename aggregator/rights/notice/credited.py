"""Lines of credit that a notice gives in quotes, to be printed letter for letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUOTED = re.compile(
    r"“([^“”]{8,200})”|\"([^\"]{8,200})\"|«\s*([^«»]{8,200}?)\s*»|„([^„“”]{8,200})[“”]|‘([^‘’]{8,200})’"
)
_CREDITS = re.compile(
    r"\b(?:(?:originally|first) (?:published|appeared)|(?:re)?published (?:by|in|on|with|from)"
    r"|reprinted|reproduced|courtesy of"
    r"|(?:story|article|piece|report) (?:was|is|by|from|appeared)|(?:zuerst|ursprünglich|erstmals) |erschienen|quelle:"
    r"|source\s*:"
    r"|publié|paru|publicad[oa]|pubblicat[oa]|gepubliceerd|verschenen|fuente:|fonte:|bron:)"
)
"""What a line of credit says of an article."""
_GAP = re.compile(r"\[|\]|…|\.\.\.|[<>{}_]|\bXX+\b")
"""A place in such a line that is to be filled in: for a name, a date, a link."""


def credit_lines(text: str) -> Iterator[str]:
    """Words in quotes that credit somebody with an article."""
    for found in _QUOTED.finditer(text):
        words = next(filter(None, found.groups())).strip()
        if _CREDITS.search(words.lower()):
            yield words


def without_credit_lines(text: str) -> str:
    """The text without such words, and without what they are called: `o aviso “Publicado …”`."""
    for words in credit_lines(text):
        text = re.sub(r"(?:\b\w+:? ?)?[“\"«„‘]\s*" + re.escape(words), " §line ", text)
    return text


def has_gap(words: str) -> bool:
    """Whether a line of credit has a place to be filled in: for a name, a date, a link."""
    return _GAP.search(words) is not None
