"""What a selection looks for in a text: words, phrases, beginnings of words, patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_TERM = re.compile(r'"(?P<phrase>[^"]*)"|/(?P<pattern>(?:[^/\\]|\\.)+)/(?=\s|$)|(?P<word>\S+)', re.DOTALL)

PATTERN_MAX = 500
"""Characters of one pattern."""
TERMS_MAX = 500
"""Of one query."""


class TermKind(StrEnum):
    WORDS = "words"
    """One word, or several in a row."""
    BEGINNING = "beginning"
    """A word that begins so: `climat*`."""
    PATTERN = "pattern"
    """A regular expression in RE2's syntax: `/colou?r/`."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for."""

    kind: TermKind
    text: str
    """Without quotes, star or slashes."""


def terms_of(query: str) -> tuple[Term, ...]:
    """The terms of a query, in order: `bridge "city hall" climat* /colou?r/`.

    A pattern stands between slashes, and a slash in it is written `\\/`. Anything else is a word; a word alone that
    holds a slash, such as `and/or`, is one.
    """
    found = []
    for match in _TERM.finditer(query):
        if match["phrase"] is not None:
            found.append(Term(TermKind.WORDS, match["phrase"]))
        elif match["pattern"] is not None:
            found.append(Term(TermKind.PATTERN, match["pattern"].replace("\\/", "/")))
        elif match["word"].endswith("*") and match["word"].strip("*"):
            found.append(Term(TermKind.BEGINNING, match["word"].rstrip("*")))
        else:
            found.append(Term(TermKind.WORDS, match["word"]))
    return tuple(found)
