"""Plain text on its way out: characters that XML forbids, marks that deceive, words by Unicode's rules."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html.entities import html5
from itertools import islice
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

# XML 1.0, 2.2, without the C1 controls and the non-characters that it only discourages: every reader chokes on some.
# Nor the mark of a character that was lost on the way, which validators take for an encoding gone wrong.
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd\ufffe\uffff"
    + "".join(chr((plane << 16) | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_C0 = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})
# The first bytes in UTF-8 of what lies beyond C0: C1 controls, U+FDD0 and following, the ends of all planes.
_SUSPICIOUS = re.compile(b"\xc2[\x80-\x9f]")
_SUSPICIOUS_PARTS = (b"\xef\xb7", b"\xbf\xbd", b"\xbf\xbe", b"\xbf\xbf")
_LEADS = (b"\xef", b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
"""First bytes of characters of which those parts are: few texts have any, and one byte is looked for at once."""
_JOINED = "Arab Syrc Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr"
# Embeddings, overrides and isolates turn the text after them round; the rest cannot be seen at all.
_DECEPTIVE = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\u00ad\u180e]")
_JOINING = "".join(rf"\p{{{script}}}" for script in _JOINED.split())
# Joiners are letters' business in these scripts and a disguise anywhere else.
_DISGUISE = regex.compile(
    rf"[\u200e\u200f\u061c]|(?<![{_JOINING}\p{{M}}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}\p{{M}}])"
)
_WEB = re.compile(r"https?://[^\s/?#\\]+[^\s\\]*", re.IGNORECASE)
_WORD = regex.compile(r"\b\w.*?\b", regex.WORD | regex.DOTALL)


def is_legal(data: bytes) -> bool:
    """Whether UTF-8 text surely holds no character that `legal` would take out; False: it may hold one.

    Looks at bytes, because `re` over 200 KB of text costs more than all the rest of a build (7 ms against 0.2).
    """
    if len(data.translate(None, _C0)) != len(data):
        return False
    if data.isascii():
        return True
    if any(lead in data for lead in _LEADS) and any(part in data for part in _SUSPICIOUS_PARTS):
        return False
    return _SUSPICIOUS.search(data) is None


def legal(text: str) -> str:
    """The text without characters that may not stand in an XML document."""
    # Most texts are short and hold nothing but what can be printed, which is quickly asked; U+FFFD can be, too.
    if text.isprintable() and "\ufffd" not in text:
        return text
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return _ILLEGAL.sub("", text)
    return text if is_legal(data) else _ILLEGAL.sub("", text)


def spaced(text: str) -> str:
    """The text with every run of white space as one space: how texts are compared letter for letter."""
    return " ".join(text.split())


def line(text: str) -> str:
    """One line of plain text that shows what it says."""
    if text.isascii() and text.isprintable():
        return spaced(text)
    return spaced(_DECEPTIVE.sub("", legal(text)))


def name(text: str) -> str:
    """A name out of a feed, without marks that make two different names look the same (P32)."""
    if text.isascii() and text.isprintable():
        return spaced(text)
    return spaced(_DISGUISE.sub("", line(text)))


def words(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each word by UAX 29, which also counts where a script writes no spaces."""
    return (match.span() for match in _WORD.finditer(text))


def count_words(text: str, at_most: int | None = None) -> int:
    """How many words by UAX 29, counted no further than `at_most`."""
    return sum(1 for _ in islice(_WORD.finditer(text), at_most))


_TERMINAL = "!?…؟।॥۔。！？｡"
_CLOSING = "\"'”’»)\\]】」』）"
_SHORT = "Dr Mr Mrs Ms Prof St Hr Fr Nr Sen Gov Rep Gen Sgt Lt Col Jr Sr Mt No vs ca bzw usw etc Mme Mlle Sra"
# Where UAX 29 breaks between sentences, with the exceptions that it leaves to whoever uses it: a full stop ends none
# after a single capital (J. Doe, U.S.) or a short form, and, as it says itself, before a digit or a small letter;
# scripts that write no spaces need none after their own stops. Thai and Lao have no stops at all: a space ends a
# sentence or a part of one, and taking it for the end is the reading that shows less.
_SENTENCE_END = regex.compile(
    rf"(?:[{_TERMINAL}]|\.(?<!\b(?:\p{{Lu}}|{'|'.join(_SHORT.split())})\.))+[{_CLOSING}]*(?=\s+(?!\p{{Ll}})|$)"
    rf"|[。！？｡]+[{_CLOSING}]*"
    r"|(?<=[\p{Thai}\p{Lao}])(?=\s+\S)"
)


def sentence_ends(text: str) -> Iterator[int]:
    """Where each sentence ends, its closing quotes included; a last one without a full stop is not among them."""
    for found in _SENTENCE_END.finditer(text):
        yield found.end()


def count_sentences(text: str) -> int:
    """How many sentences there are; a beginning of one counts, a mark that something was left out does not."""
    text = text.rstrip().removesuffix("…").rstrip()
    ends = list(sentence_ends(text))
    return len(ends) + bool(text[ends[-1] if ends else 0 :].strip())


@lru_cache(maxsize=4_096)
def web_address(url: str | None) -> str | None:
    """The address if a reader can be sent there: absolute http(s), without controls and spaces; else None (P3)."""
    return url if url and _WEB.fullmatch(url) and legal(url) == url else None


def folded(text: str) -> str:
    """The text as names and words are compared: NFKC, without case, single spaces."""
    return spaced(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))


_TAG_LIKE = re.compile(r"<(?=[a-zA-Z/!?])")
# HTML reads the oldest of its entities without a semicolon, too, whatever follows: `&notify` is `¬ify`.
_OLD_ENTITIES = "|".join(sorted((name for name in html5 if not name.endswith(";")), key=len, reverse=True))
_ENTITY_LIKE = re.compile(rf"&(?=#?\w{{1,32}};|#[0-9]|#[xX][0-9A-Fa-f]|(?:{_OLD_ENTITIES}))", re.ASCII)


def inert(text: str) -> str:
    """Plain text for where some readers expect HTML, as in RSS titles: what could open a tag or an entity opens none.

    RSS 2.0 does not say what a title is. Escaping it twice would show the marks of escaping in readers that take it for
    text; a look-alike of the one character is right in both.
    """
    return _ENTITY_LIKE.sub("＆", _TAG_LIKE.sub("‹", text)) if "<" in text or "&" in text else text
