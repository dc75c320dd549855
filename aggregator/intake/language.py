"""What language a text seems to be in, where neither entry nor feed declares one.

A guess, and kept as one: outputs that select by language may go by it, rights never do (ruling 11). It is only made
where an output selects by language: the detector takes 55 MB and half a millisecond an entry.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_LETTERS_MIN = 40
"""Letters from which a guess is worth anything in an alphabet; a character of East Asia says as much as three."""


def detected_language(text: str) -> str | None:
    """The language as a BCP 47 tag of two letters; None where the text is too short, or the detector is not sure."""
    text = text[:2_000]
    if sum(3 if char > "\u2e7f" else 1 for char in text if char.isalpha()) < _LETTERS_MIN:
        return None
    found = _detector().detect(text)
    return str(found.language) if found.language and found.is_reliable() else None


@cache
def _detector() -> Any:
    from eld import LanguageDetector

    return LanguageDetector()
