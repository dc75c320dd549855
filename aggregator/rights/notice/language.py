"""What a language's table must hold, and how it is made ready for searching."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, kw_only=True)
class Language:
    """The phrases by which one language grants, refuses, asks, and says what must go with a copy.

    Patterns are searched in lower-case text in which names stand as `§name`, mail addresses as `§mail` and web
    addresses as `§url`. Each line of a pattern is one alternative.
    """

    code: str
    """ISO 639-1."""
    common: str
    """Frequent words, by which the language of a paragraph is recognised."""
    numbers: str = ""
    """Words for 0, 1, 2 … in order."""
    tens: dict[str, int] = field(default_factory=dict)
    """Other words for numbers."""
    one: str = ""
    """Article that stands for `1` before a unit of time: `an?`."""
    units: dict[str, str] = field(default_factory=dict)
    """hours, days, weeks, months, years."""
    sizes: dict[str, str] = field(default_factory=dict)
    """words, sentences, characters, lines, paragraphs, percent."""
    patterns: dict[str, str] = field(default_factory=dict)
    plain: str = ""
    """Words of a plain permission; one that ends in `~` stands for itself and for what has a short ending more. Empty:
    none are known, and no sentence in this language is taken for a permission."""
    spaced: bool = True
    """Whether words are separated by spaces."""

    @cached_property
    def searches(self) -> dict[str, re.Pattern[str]]:
        """The patterns, compiled."""
        return {name: _compiled(text) for name, text in self.patterns.items()}

    @cached_property
    def after_number(self) -> str:
        """What must follow a number's word where words are not separated: a unit."""
        return "(?=" + "|".join([*self.units.values(), *self.sizes.values()]) + ")"

    @cached_property
    def frequent(self) -> frozenset[str]:
        return frozenset(self.common.split())

    @cached_property
    def plain_words(self) -> frozenset[str]:
        """Words of a plain permission that are spelled out."""
        return frozenset(word for word in self.plain.split() if not word.endswith("~"))

    @cached_property
    def plain_stems(self) -> tuple[str, ...]:
        """Those that may have an ending."""
        return tuple(word.rstrip("~") for word in self.plain.split() if word.endswith("~"))

    @cached_property
    def number_words(self) -> dict[str, int]:
        """Word → number."""
        plain = {word: number for number, word in enumerate(self.numbers.split()) if word != "-"}
        both = plain | self.tens
        return dict(sorted(both.items(), key=lambda pair: -len(pair[0])))

    def search(self, name: str) -> re.Pattern[str]:
        """The pattern of that name; one that never matches where the language has none."""
        return self.searches.get(name, NEVER)


def _compiled(text: str) -> re.Pattern[str]:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return re.compile("|".join(f"(?:{line})" for line in lines))
