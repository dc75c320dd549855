"""Texts as the words that are searched for: the same for both databases, for what is stored and for what is asked.

Neither database's own reading of a text would do: they disagree on case, accents, hyphens and addresses, and both take
a sentence of Chinese, Japanese or Thai for one word. Here a word is a run of letters, marks and digits, folded; where a
script writes no spaces, each pair of neighbouring characters is one, so that any two characters of a text are found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

import msgspec
import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.model.entry import Entry

CHARS_MAX = 60_000
"""Characters of a text that are searched; a text may be a megabyte, and what stands behind a novel's first chapters is
looked for by nobody."""
WORDS_MAX = 15_000
"""PostgreSQL knows no place behind the 16,383rd."""
WORD_MAX = 80
"""Characters of a word; what is longer is no word, and found by its beginning."""
TITLE_WEIGHT = 4
"""How often a word of the title counts. Ours: 2 to 8 order the same way in what we tried."""
_PLACES_MAX = 200
"""Of one word in one text; PostgreSQL keeps 255."""

_ASCII = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
"""What stands for each character between the words of a folded text."""
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+|[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)
_IS_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_ACCENTS = re.compile("[\u0300-\u036f]")


class _Text(msgspec.Struct):
    """What is read of a stored content."""

    text: str = ""


_text = msgspec.json.Decoder(_Text)


def fold(text: str) -> str:
    """Without case and accents; compatibility forms as their plain ones (NFKC)."""
    if text.isascii():
        return text.lower()
    # Twice, because a compatibility form may stand for capitals (℡), and a folded letter for several.
    apart = normalize("NFKD", normalize("NFKD", text).casefold())
    return normalize("NFC", _ACCENTS.sub("", apart))


def words_of(text: str) -> list[str]:
    """The words of a text in order, as they are searched for."""
    folded = fold(text[:CHARS_MAX])
    if folded.isascii():
        found = folded.translate(_ASCII).split()  # in a third of the time of a regular expression
    else:
        found = _WORD.findall(folded)
        if _IS_UNSPACED.search(folded):
            found = [part for word in found for part in _parts(word)]
    found = found[:WORDS_MAX]
    if len(max(found, key=len, default="")) > WORD_MAX:
        return [word[:WORD_MAX] for word in found]
    return found


def _parts(word: str) -> Iterable[str]:
    """A run of letters, where a script without spaces is cut into pairs. The last character stands alone besides, so
    that one character is found wherever it stands: at the head of a pair, or there."""
    for run in _UNSPACED.findall(word):
        if len(run) > 1 and _IS_UNSPACED.match(run):
            yield from (run[place : place + 2] for place in range(len(run) - 1))
            yield run[-1]
        else:
            yield run


def is_one_character(word: str) -> bool:
    """Whether a word is a single character of a script without spaces: to be looked for as the head of a pair."""
    return len(word) == 1 and _IS_UNSPACED.match(word) is not None


_NOT_IN_IDS = re.compile(r"[^a-z0-9-]")


def source_word(source: str) -> str:
    """The word by which the entries of a source are found; no text has it. What is no source's id finds nothing: it may
    be anything that somebody typed, and stands between quotes in a question to the database."""
    return "=" + _NOT_IN_IDS.sub("?", source)


def stored_words(dialect: str, entry: Entry, content: bytes | str) -> str:
    """An entry as its database searches it.

    Args:
        content: JSON of `model.Content`.
    Returns:
        Words with spaces between them; for PostgreSQL the text of a `tsvector`.
    """
    title = words_of(entry.title)
    others = [word for name in (*entry.author_names, *entry.categories) for word in words_of(name)]
    text = words_of(_text.decode(content).text)
    own = source_word(entry.source)
    if dialect == "postgresql":
        return _vector(title, [own, *others, *text][:WORDS_MAX])
    return " ".join([*title * TITLE_WEIGHT, own, *others, *text])


def _vector(title: list[str], others: list[str]) -> str:
    places: dict[str, list[str]] = {}
    for place, word in enumerate(title[:1000], 1):
        places.setdefault(word, []).append(f"{place}A")
    for place, word in enumerate(others, len(title[:1000]) + 10):
        places.setdefault(word, []).append(str(place))
    # A word holds nothing but letters, marks and digits, or is a source's id: there is nothing to escape.
    return " ".join(f"'{word}':{','.join(found[:_PLACES_MAX])}" for word, found in places.items())
