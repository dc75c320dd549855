"""What several ask of a text: its rare characters, the text case folded, its words. Each is worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

_COMMON = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_FEW = 6
"""Other capitals than those of ASCII above which they are folded all at once."""
_WORD = regex.compile(r"(?w)\b\w")
# What the quick count of words knows: letters of Latin, Greek and Cyrillic, and the marks between them.
_MARK = "\xa0¡¢£¤¥¦§¨©«¬®¯°±²³´¶¸¹»¼½¾¿×÷‐-―‖“”„‟†‡•…‰‹›€™‘‚"
_BEYOND_EUROPE = re.compile(f"[^\x00-~ªµºÀ-ʯΆΈ-ωА-ԯ’{_MARK}]")
# The mark stands before its conditions: a pattern that starts with a look-behind is tried at every character.
_JOINT = re.compile(r"[.,:;'’‘](?:(?<![,;])(?<=[^\W\d_].)(?=[^\W\d_])|(?<!:)(?<=\d.)(?=\d))")
_LATER = bytes(range(0x80, 0xC0))
"""Bytes of UTF-8 that no character starts with."""


def _kind(byte: int) -> str:
    """What a byte stands for that is the first of a character: a mark that may join runs, what runs are of, or else.

    Marks of `_MARK` start with 0xC2 and 0xE2, as letters do not.
    """
    if byte >= 0x80:
        return "x" if byte > 0xC2 and byte != 0xE2 else " "
    return "." if chr(byte) in ".,:;'" else "x" if chr(byte).isalnum() or chr(byte) == "_" else " "


_KINDS = "".join(map(_kind, range(256))).encode()
_ODD_MARKS = {"’": b"'", "‘": b"'", "×": b" ", "÷": b" ", "ª": b"x", "µ": b"x", "º": b"x"}
"""What is otherwise than its first byte says."""
_NO_LETTERS = frozenset(char for char in map(chr, range(0x80, 0x530)) if not char.isalpha()).difference(_MARK)
_DIGITS = b"0123456789"
_MAY_JOIN = re.compile(rb"\.x")
_DIGIT_APOSTROPHE = re.compile(r"['’‘](?<=\d.)(?=\d)")
_INNER_APOSTROPHE = re.compile(r"['’‘](?<=[^\W\d_].)(?=[^\W\d_])")
_APOSTROPHE = re.compile(r"['’‘]")


def rare_characters(text: str) -> str:
    """The characters of a text that are not of printable ASCII, tabs or line breaks, in their order.

    Nearly all of a text goes by in two calls of C, a quarter of the time that a pattern takes; what is asked of single
    characters is then asked of the few that are left.
    """
    return text.encode("utf-8", "surrogatepass").translate(None, _COMMON).decode("utf-8", "surrogatepass")


@dataclass(slots=True)
class Glance:
    """A text that several look at, and what each of them asks first: worked out once, when it is asked for."""

    text: str
    _rare: str | None = None
    _folded: bytes | None = None

    @property
    def rare(self) -> str:
        """As `rare_characters` gives them, or some more; a text of ASCII has none."""
        if self._rare is None:
            self._rare = "" if self.text.isascii() else rare_characters(self.text)
        return self._rare

    @property
    def folded(self) -> bytes:
        """As `folded` gives it."""
        if self._folded is None:
            self._folded = folded(self.text, self.rare)
        return self._folded

    def ends(self, head: int, tail: int) -> Glance:
        """Of a text of more lines than that, the first and the last ones."""
        lines, texts = self.folded.split(b"\n"), self.text.split("\n")
        ends = "\n".join([*texts[:head], *texts[-tail:]])
        return Glance(ends, self._rare, b"\n".join([*lines[:head], *lines[-tail:]]))


def folded(text: str, rare: str | None = None) -> bytes:
    """The text case folded, in UTF-8; a `?` for what that cannot hold.

    ASCII is folded as bytes and the few other capitals of most texts one by one, a fifth of the time.

    Args:
        rare: its `rare_characters`, where they are at hand.
    """
    if rare is None:
        rare = "" if text.isascii() else rare_characters(text)
    capitals = [char for char in set(rare) if char != char.casefold()]
    if len(capitals) > _FEW:
        return text.casefold().encode("utf-8", "replace")
    found = text.encode("utf-8", "replace").lower()
    for char in capitals:
        found = found.replace(char.encode(), char.casefold().encode())
    return found


def count_words(text: str, rare: str | None = None) -> int:
    """Words by UAX 29.

    In alphabets of Europe a word is a run of letters and digits, and marks inside one join two runs: counted by
    runs less marks, a tenth of the time that the general rule takes.

    Args:
        rare: its `rare_characters`, where they are at hand.
    """
    if rare is None:
        rare = "" if text.isascii() else rare_characters(text)
    if _BEYOND_EUROPE.search(rare) is not None:
        # The library breaks words at apostrophes before vowels, a French custom that UAX 29 leaves to French.
        text = _APOSTROPHE.sub(" ", _INNER_APOSTROPHE.sub("·", _DIGIT_APOSTROPHE.sub(",", text)))
        return sum(1 for _ in _WORD.finditer(text))
    plain = text.encode()
    odd = set(rare)
    for mark in odd.intersection(_ODD_MARKS):
        plain = plain.replace(mark.encode(), _ODD_MARKS[mark])
    # Each character a byte: of a letter beyond ASCII, and of a mark, the first tells which it is.
    kinds = plain.translate(_KINDS, _LATER)
    joints = _MAY_JOIN.findall(kinds)
    words = kinds.startswith(b"x") + kinds.count(b" x") + len(joints)
    if not joints:
        return words
    if odd.isdisjoint(_NO_LETTERS):
        plain = plain.translate(None, _LATER)
        return words - sum(_joins(plain, kinds, match.start()) for match in _MAY_JOIN.finditer(kinds))
    return words - len(_JOINT.findall(text))


def _joins(text: bytes, kinds: bytes, at: int) -> bool:
    """Whether the mark there joins two runs, as `_JOINT` has it: what is a run and beyond ASCII is a letter."""
    if at == 0 or kinds[at - 1] != ord("x"):
        return False
    before, mark, after = text[at - 1], text[at], text[at + 1]
    if before in _DIGITS or after in _DIGITS:
        return before in _DIGITS and after in _DIGITS and mark != ord(":")
    return mark not in b",;" and ord("_") not in (before, after)
