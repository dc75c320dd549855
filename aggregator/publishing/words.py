"""The words of our own that stand around other people's texts, in several languages, and how names are set among them.

A language is a file `words/LANGUAGE.txt` in a template folder: `key: text`, a line each. The operator's own file comes
first, then ours, then English, key by key.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

from aggregator.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from jinja2.nodes import EvalContext

ENGLISH = "en"
FILE_MAX = 100_000
_SLOT = re.compile(r"\{([a-z]+)\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_RTL_LANGUAGES = frozenset(
    [
        "ar",
        "arc",
        "arz",
        "ckb",
        "dv",
        "fa",
        "glk",
        "he",
        "iw",
        "ji",
        "khw",
        "ks",
        "mzn",
        "nqo",
        "pnb",
        "ps",
        "sd",
        "syr",
        "ug",
        "ur",
        "yi",
    ]
)
_RTL_SCRIPTS = frozenset(["adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"])
_FSI, _PDI = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words, by key."""

    language: str
    texts: Mapping[str, str]

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return "rtl" if self.texts["direction"] == "rtl" else "ltr"

    def say(self, key: str, /, **values: object) -> str:
        """A text with its slots filled, plain."""
        return _SLOT.sub(lambda slot: str(values.get(slot[1], slot[0])), self.texts[key])

    def date(self, at: datetime) -> str:
        """A day as the language writes it; UTC."""
        month = self.texts["months"].split()[at.month - 1]
        return self.say("date", day=at.day, month=month, year=at.year)

    def instant(self, at: datetime) -> str:
        """The day with the time to the second; UTC."""
        return f"{self.date(at)}, {at:%H:%M:%S} UTC"


def script_direction(language: str | None) -> str:
    """`rtl` or `ltr` of a language tag (BCP 47): by its script where it names one, else by its language."""
    subtags = (language or "").lower().replace("_", "-").split("-")
    scripts = [part for part in subtags[1:3] if len(part) == 4 and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in _RTL_SCRIPTS else "ltr"
    return "rtl" if subtags[0] in _RTL_LANGUAGES else "ltr"


def text_direction(text: str) -> str | None:
    """`rtl` or `ltr` of a text by its first letter that has one (UAX 9, P2); None: it has none."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return None


@jinja2.pass_eval_context
def say(context: EvalContext, pattern: str, **values: object) -> str:
    """Jinja's filter: `{{ words.by | say(authors=who) }}`. In HTML everything that is no markup yet is escaped."""
    if not context.autoescape:
        return _SLOT.sub(lambda slot: str(values.get(slot[1], slot[0])), pattern)
    return Markup(_SLOT.sub(lambda slot: str(escape(values.get(slot[1], slot[0]))), str(escape(pattern))))  # noqa: S704  escaped


@jinja2.pass_context
def isolated(context: jinja2.runtime.Context, name: str) -> str:
    """Jinja's filter: a name that runs the other way than the words around it must not carry them along (UAX 9)."""
    around = context.get("direction", "ltr")
    if text_direction(name) in {None, around}:
        return name
    if context.eval_ctx.autoescape:
        return Markup("<bdi>{}</bdi>").format(name)
    return f"{_FSI}{name}{_PDI}"


FILTERS: dict[str, Any] = {"say": say, "isolated": isolated}


class Dictionary:
    """The words of all languages for which a template folder has a file."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Reads nothing yet.

        Args:
            folders: the operator's own first, then the one that comes with the program.
        """
        self._folders = tuple(folders)
        self._known: dict[str, Words] = {}

    def languages(self) -> list[str]:
        """Those that have a file."""
        return sorted({path.stem for folder in self._folders for path in (folder / "words").glob("*.txt")})

    def words(self, language: str | None) -> Words:
        """The words of a language, or of the nearest that has a file: `de` for `de-AT`, English for all others.

        Raises:
            TemplateError: a file cannot be read, or a line of it not understood.
        """
        asked = (language or ENGLISH).lower().replace("_", "-")
        if asked not in self._known:
            self._known[asked] = self._load(self._nearest(asked))
        return self._known[asked]

    def _nearest(self, asked: str) -> str:
        if not _LANGUAGE.fullmatch(asked):
            return ENGLISH
        while asked:
            if any((folder / "words" / f"{asked}.txt").is_file() for folder in self._folders):
                return asked
            asked = asked.rpartition("-")[0]
        return ENGLISH

    def _load(self, language: str) -> Words:
        texts: dict[str, str] = {}
        for name in dict.fromkeys((ENGLISH, language)):
            for folder in reversed(self._folders):
                texts |= _read(folder / "words" / f"{name}.txt")
        return Words(language, texts)


def _read(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    place = "/".join(path.parts[-3:])
    try:
        if path.stat().st_size > FILE_MAX:
            raise TemplateError(f"{place}: has more than {FILE_MAX} bytes; shorten it")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise TemplateError(f"{place}: cannot be read: {error}") from error
    texts: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, text = line.partition(":")
        if not colon or not text.strip():
            raise TemplateError(f"{place}:{number}: is no 'key: text'; write both, or begin the line with '#'")
        texts[key.strip()] = text.strip()
    if "months" in texts and len(texts["months"].split()) != 12:
        raise TemplateError(f"{place}: 'months' must name twelve, with spaces between them")
    return texts
