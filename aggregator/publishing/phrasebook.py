"""Sentences of the program in a reader's language: catalogues, and what recognises what was kept in English."""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

import re2
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from aggregator.errors import AggregatorError
from aggregator.publishing.phrases import FOR_COMMAND_LINES, LISTS, PHRASES, WORDED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOMAIN = "admin"
LENGTH_MAX = 2_000
"""Characters of a sentence that is looked at; a longer one is none of ours."""
DEPTH_MAX = 6
KEPT_MAX = 4_096
_PLACE = re2.compile(r"%\((\w+)\)s")
_SHAPES = {
    "number": r"[\d.,]+",
    "count": r"[\d.,]+",
    "form": "[Tt]he full text|[Aa]n excerpt|[Tt]he headline",
    "parts": r"(?:the full text|an excerpt|the headline|, | or | and )+",
    "places": r"(?:on the web|in a newsletter|on social media|in print|on air|anywhere|, | or | and )+",
    "key": r"[\w-]+(?: [\w-]+)?",
    "value": r"[^']*",
    "sample": r"[^;]+",
    "titles": r"[^;]+",
    "low": r"[\w-]+",
    "high": r"[\w-]+",
    "place": r"[^; ]+",
    "duration": r"\d[\d a-z]*",
    "page": r"https?://\S+",
    "size": r"[\d.,]+(?: \w+)?",
}
"""Places that hold no other values than these."""
_MARK = re2.compile(r"^(\s*(?:[+?-] )?)(.*)$")
_OF_A_LIST = "   - "
"""Before what a policy's rule asks for: one sentence, where a step of a trace is several."""
_WHAT_ALLOWS = re2.compile(r"(\(|; )(licence|written permission) ")
_CLAUSES = re2.compile(r"(?:, | and )((?:its|it|a person) )")
"""Where the next condition of a rule begins."""
_AT_ITS_END = re2.compile(r"^(.+) \(([^()]*(?:\([^()]*\))?[^()]*)\)$")
"""A sentence, and in brackets where it stands: a file and line, a carrier, a publisher."""


@cache
def translations(folders: tuple[Path, ...], language: str) -> NullTranslations:
    """The words of a language, from the catalogue's text: there is nothing to compile at installation."""
    for folder in folders:
        path = folder / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        if path.is_file():
            with path.open("rb") as file:
                catalogue = read_po(file, locale=language.replace("-", "_"))
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            compiled.seek(0)
            return Translations(compiled, domain=DOMAIN)
    return NullTranslations()


class PhraseBook:
    """Words what the program says for the readers of one language. What it does not recognise stays as it is."""

    def __init__(self, folders: tuple[Path, ...], language: str) -> None:
        self._translated: Callable[[str], str] = translations(folders, language).gettext
        self._and, self._or = f" {self._translated('and')} ", f" {self._translated('or')} "
        self.told = lru_cache(maxsize=KEPT_MAX)(self._told)
        """A sentence, or several with `; ` between them, in the reader's language."""

    def error(self, error: AggregatorError) -> str:
        """An error as a sentence, without what only helps at a command line."""
        return _as_sentence(error.worded(self._translated))

    def _told(self, text: str) -> str:
        if not text or len(text) > LENGTH_MAX:
            return text
        if (known := self._translated(text)) != text:
            return known
        mark, said = _MARK.match(text).groups() if "\n" not in text else ("", text)
        if mark.strip() and mark != _OF_A_LIST:
            return mark + self._step(said)
        return mark + (self._sentence(said, 0) or said)

    def _step(self, text: str) -> str:
        """A step of a decision's trace: what a rule says, what it looked at, and why it could not be relied on."""
        head, above, _ = text.partition(". It cannot be used, as said above")
        if above:
            return self._translated("%(step)s. It cannot be used, as said above") % {"step": self._step(head)}
        head, _, why = text.partition(". It cannot be used: ")
        told = "; ".join(self._sentence(part, 0) or part for part in head.split("; "))
        if not why:
            return told
        parts = [self._sentence(part, 0) for part in why.split("; ")]
        reason = "; ".join(filter(None, parts)) if all(parts) else self._sentence(why, 0) or why
        return self._translated("%(step)s. It cannot be used: %(why)s") % {"step": told, "why": reason}

    def _sentence(self, text: str, depth: int) -> str | None:
        """The sentence reworded; None where nothing of it is recognised."""
        if not text or depth > DEPTH_MAX:
            return None
        if (known := self._exact(text)) is not None:
            return known
        if text.endswith(".") and (found := self._sentence(text[:-1], depth + 1)) is not None:
            return f"{found}."
        at = _AT_ITS_END.match(text)
        if at and ".yaml:" in at[2] and (found := self._cased(at[1], depth)) is not None:
            return f"{found} {self._places(f'({at[2]})')}"
        if (found := self._cased(text, depth)) is not None:
            return found
        if at and (found := self._cased(at[1], depth)) is not None:
            return f"{found} {self._places(f'({at[2]})')}"
        return self._several(text, depth)

    def _places(self, text: str) -> str:
        """Where something is written, in brackets: files and lines as they are, what else it is in words."""
        told: str = _WHAT_ALLOWS.sub(lambda found: f"{found[1]}{self._translated(found[2])} ", text)
        return told

    def _cased(self, text: str, depth: int) -> str | None:
        """The sentence as it is, or as it would stand within another."""
        if (found := self._whole(text, depth)) is not None:
            return found
        low = f"{text[0].lower()}{text[1:]}"
        if low != text and (found := self._whole(low, depth)) is not None:
            return f"{found[0].upper()}{found[1:]}"
        return None

    def _exact(self, text: str) -> str | None:
        for ending in ("", "."):
            known = FOR_COMMAND_LINES.get(text + ending, text + ending)
            if known in _EXACT:
                return self._translated(known).removesuffix(ending)
        return None

    def _whole(self, text: str, depth: int) -> str | None:
        if (known := self._exact(text)) is not None:
            return known
        for number in sorted(_candidates().Match(text) or ()):
            pattern, message = _patterns()[number]
            found = pattern.fullmatch(text)
            if found is not None:
                values = {name: self._value(name, value, depth) for name, value in found.groupdict().items()}
                told = self._translated(message)
                if told == message and "audiences" in values:  # in English they begin the sentence
                    values["audiences"] = f"{values['audiences'][0].upper()}{values['audiences'][1:]}"
                return told % values
        return None

    def _value(self, name: str, value: str, depth: int) -> str:
        if name == "rules":  # who allows: names of theirs, and behind each where that is written
            return self._places(value)
        if name not in WORDED:
            return value
        if name == "audiences":  # at the beginning of an English sentence, and in the middle of another one
            value = f"{value[0].lower()}{value[1:]}"
        if name == "titles":  # names of theirs, with a word of ours before the last
            return self._named(value)
        if name == "hops":  # names of theirs, each with a word of ours behind it where it is only claimed
            return " > ".join(self._sentence(hop, depth + 1) or hop for hop in value.split(" > "))
        if name == "conditions":
            clauses = _CLAUSES.sub("\n\\1", value).split("\n")
            told = [self._sentence(clause, depth + 1) or clause for clause in clauses]
            return self._and.join(filter(None, (", ".join(told[:-1]), told[-1])))
        if name in LISTS:
            at = _AT_ITS_END.match(value)
            several = self._listed(at[1] if at else value)
            if several is not None:
                return f"{several} ({at[2]})" if at else several
        return self._sentence(value, depth + 1) or self._translated(value)

    def _several(self, text: str, depth: int) -> str | None:
        parts = text.split("; ")
        if len(parts) == 1:
            return None
        told = [self._sentence(part, depth + 1) for part in parts]
        if all(one is None for one in told):
            return None
        return "; ".join(one or part for one, part in zip(told, parts, strict=True))

    def _named(self, text: str) -> str:
        """`A, B and C`, where each is a name of theirs: only the last word between them is ours."""
        for last, joined in ((" and ", self._and), (" or ", self._or)):
            head, found, tail = text.rpartition(last)
            if found:
                return f"{head}{joined}{tail}"
        return text

    def _listed(self, text: str) -> str | None:
        """`a, b and c`, where each is a word of ours."""
        for last, joined in ((" and ", self._and), (" or ", self._or), (", ", ", ")):
            for head, tail in {tuple(text.split(last, 1)), tuple(text.rsplit(last, 1))} if last in text else ():
                parts = [*head.split(", "), tail]
                told = [self._translated(part) for part in parts]
                if all(part in _EXACT or one != part for part, one in zip(parts, told, strict=True)):
                    return joined.join((", ".join(told[:-1]), told[-1]))
        return None


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


_EXACT = frozenset(phrase for phrase in PHRASES if "%(" not in phrase)


def _regex(phrase: str) -> str:
    parts, seen = [], set()
    place = 0
    for found in _PLACE.finditer(phrase):
        name = found[1]
        parts += [re2.escape(phrase[place : found.start()]), f"(?P<{name}>{_SHAPES.get(name, '.+?')})"]
        if name in seen:
            raise AssertionError(f"'{phrase}' has two places of one name")
        seen.add(name)
        place = found.end()
    return "".join([*parts, re2.escape(phrase[place:])])


@cache
def _patterns() -> tuple[tuple[re2._Regexp, str], ...]:
    return tuple((re2.compile(_regex(phrase)), phrase) for phrase in PHRASES if "%(" in phrase)


@cache
def _candidates() -> re2.Set:
    """All patterns at once: which of them fit, in time that grows with the sentence and not with their number."""
    found = re2.Set.FullMatchSet()
    for pattern, _ in _patterns():
        found.Add(pattern.pattern)
    found.Compile()
    return found
