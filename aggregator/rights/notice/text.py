"""A notice as sentences: headings, lists with what leads them in, questions with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.rights.notice.language import Language
from aggregator.rights.notice.languages import LANGUAGES

TEXT_MAX = 60_000
"""Characters of a notice that are read."""
SENTENCE_MAX = 1_200
SENTENCES_MAX = 1_500
MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(r"(?:https?://|www\.)[^\s<>()\"'“”„«»,;]+[^\s<>()\"'“”„«»,;.:!?]")
_MARK = re.compile(
    r"^\s*(?:[-*•·–▪◦+]|\(?\d{1,2}[.)、．]|\(?[a-z][)]|[a-z]\.(?=\s)|[一二三四五六七八九十]{1,3}[、．]|第[一二三四五六七八九十]+条)\s*"
)
_CHINESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LANGUAGE_TAG = re.compile(r"^\s*\[([A-Za-z]{2})\]\s*")
_END = re.compile(r"(?<=[.!?…])[\"”’»“)]*\s+(?=[\"“„«‘(¿¡\[]?[^\Wa-zß-öø-ÿ]|\()|(?<=[。!?;])|(?<=;)\s+|(?<=\?)\s+")
_SHORT = re.compile(
    r"(?:^|[\s(\"“„«])(?:e\.g|i\.e|etc|z\.\s?b|bzw|u\.\s?a|d\.\s?h|ggf|abs|art|nr|no|vgl|inkl|max|ca|p\.\s?ex|cf|ej|p\.\s?ej|s\.\s?a|av|dr|mr|mrs|ms|prof|st|"
    r"u\.s|u\.k|inc|ltd|co|corp|art|sig|dott|ecc|es|pag|núm|n|bv|b\.v|n\.v|m\.u\.v|o\.a|t\.a\.v|evt|tel|[a-z])\.$"
)
QUOTED = re.compile(r"[\"“„«»‟「『《]\s?([^\"“”„«»「」『』《》\n]{2,80}?)\s?[\"”“»«」』》]")
_PRONOUN = re.compile(r"\b(?:I|You|We|Can|May|Ai)\b")
_NOT = re.compile(r"n't\b")
_SINGLE = r"[A-ZÀ-Þ][a-zà-ÿ]{3,}\b(?! [A-ZÀ-Þ])"
"""A word with a capital inside of a sentence: a name, where nouns have none."""
_GENERIC = frozenset(
    [
        "Reuters",
        "Getty",
        "Ansa",
        "Lusa",
        "Creative",
        "Commons",
        "Attribution",
        "Licence",
        "License",
        "Open",
        "Government",
        "Version",
        "Internet",
        "Google",
        "Facebook",
        "Twitter",
        "Atom",
        "Feeds",
        "Terms",
        "Content",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "English",
        "German",
        "French",
        "Spanish",
        "Italian",
        "Dutch",
        "Article",
        "AP",
        "AFP",
        "EFE",
        "DPA",
        "Agency",
        "Web",
        "Online",
        "Crown",
        "State",
        "States",
        "United",
    ]
)
_NAME = re.compile(
    r"\b[^\W\d_a-zß-öø-ÿ][\w'’&-]*(?:\s+(?:(?:of|the|and|&|de|del|della|delle|di|da|do|dos|das|la|le|les|el|los|des|du|van|der|den|the|der|die|von|of)\s+)*"
    r"[^\W\d_a-zß-öø-ÿ][\w'’&-]*)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, or one piece of it between semicolons."""

    text: str
    """As it stands in the notice, spaces made single: what is quoted."""
    low: str
    """Lower case, names and addresses replaced, number words as digits: what is searched."""
    language: Language
    item: bool = False
    """Whether it stands in a list."""
    lead: int | None = None
    """Place of the sentence that leads the list in."""
    heading: bool = False
    paragraph: int = 0
    marked: str | None = None
    """Language that the text itself names for its paragraph: `[DE]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    text: str
    item: bool
    heading: bool
    paragraph: int


def language_of(text: str, otherwise: Language, margin: int = 2) -> Language:
    """The language that most of the words belong to, by at least so many more than the one that is expected."""
    if len(_CHINESE.findall(text)) * 4 > len(text.strip()):
        return next(one for one in LANGUAGES if one.code == "zh")
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = [(sum(word in one.frequent for word in words), one) for one in LANGUAGES]
    best, found = max(counts, key=lambda pair: pair[0])
    own = next(count for count, one in counts if one is otherwise)
    return otherwise if best < max(margin, own + margin, len(words) // 12) else found


def _blocks(text: str) -> Iterator[_Block]:
    """Paragraphs and list items, hard line breaks joined."""
    held: list[str] = []
    item = False
    paragraph = 0

    def done() -> Iterator[_Block]:
        nonlocal held
        if held:
            whole = " ".join(" ".join(held).split())
            heading = whole.startswith("#") or (
                not item and len(whole) <= 80 and whole[-1] not in ".!:;,。;:" and len(held) == 1
            )
            yield _Block(text=_plain(whole), item=item, heading=heading, paragraph=paragraph)
        held = []

    for line in text.splitlines():
        if not line.strip() or re.fullmatch(r"\s*(?:[-=*_#~]\s*){3,}", line):
            yield from done()
            item = False
            paragraph += 1
            continue
        mark = _MARK.match(line)
        if (
            mark
            or _LANGUAGE_TAG.match(line)
            or line.startswith("#")
            or re.match(r"^\s{0,8}[A-Za-z_][\w.:-]{1,30}: \S", line)
        ):
            yield from done()
            item = bool(mark)
            if item:
                line = line[mark.end() :] if mark else line
        held.append(line.strip())
        if line.startswith("#"):
            yield from done()
            item = False
    yield from done()


def _plain(text: str) -> str:
    """Without Markdown's marks."""
    text = re.sub(r"^#+\s*", "", text)
    text = re.sub(r"\[([^\]\n]{1,200})\]\((?:mailto:)?([^)\s]{1,400})[^)]*\)", r"\1 (\2)", text)
    return re.sub(r"\*\*|__|(?<!\w)[*`]|[*`](?!\w)", "", text).strip()


def _split(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        head = text[start : match.start()]
        if head.endswith(".") and _SHORT.search(head.lower()[-12:]):
            continue
        if match.end() > start and text[start : match.end()].strip():
            yield text[start : match.end()].strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _names(text: str, language: Language) -> list[str]:
    """What looks like a publisher's name: in quotes and short, or capitalised and repeated. Longest first."""
    quoted = {name.strip(" ,.") for name in QUOTED.findall(text) if len(name.split()) <= 5 and name[:1].isupper()}
    quoted -= _GENERIC
    counts: dict[str, int] = {}
    for match in _NAME.finditer(text):
        name = match[0]
        if len(name.split()) >= 2 or len(name) > 3:
            counts[name] = counts.get(name, 0) + 1
    if language.code == "de":  # every noun has a capital there: only quotes tell
        return sorted(quoted, key=len, reverse=True)[:40]
    inside = {name for name in re.findall(r"(?<=[a-z] )" + _NAME.pattern, text) if len(name.split()) >= 2}
    inside |= set(re.findall(r"(?<=[a-zà-ÿ] )" + _SINGLE, text)) - _GENERIC
    repeated = inside | {name for name, count in counts.items() if count >= 2 and len(name.split()) >= 2}
    return sorted((name for name in quoted | repeated if name and not _PRONOUN.search(name)), key=len, reverse=True)[
        :40
    ]


def _low(text: str, language: Language, names: list[str]) -> str:
    low = URL.sub(" §url ", MAIL.sub(" §mail ", text))
    for name in names:
        low = low.replace(name, "§name")
    low = low.lower().replace("’", "'").replace("‑", "-")
    low = _NOT.sub(" not", low.replace("can't", "cannot").replace("won't", "will not"))
    low = re.sub(r"§name(?:'s|s)?(?=\W|$)", "§name", low)
    for word, number in language.number_words.items():
        if word in low:
            edges = (r"(?<![\w-])", r"(?![\w-])") if language.spaced else ("", language.after_number)
            low = re.sub(f"{edges[0]}{re.escape(word)}{edges[1]}", str(number), low)
    return " ".join(low.split())[:SENTENCE_MAX]


def sentences(text: str) -> list[Sentence]:
    """A notice's sentences, in order, at most `SENTENCES_MAX`."""
    text = text[:TEXT_MAX].replace("\r\n", "\n").replace("\u00a0", " ").replace("\u00ad", "")
    whole = language_of(text, LANGUAGES[0], 1)
    names = _names(text, whole)
    found: list[Sentence] = []
    lead: int | None = None
    marked: str | None = None
    for block in _blocks(text):
        tag = _LANGUAGE_TAG.match(block.text)
        marked = tag[1].lower() if tag else marked
        words = block.text[tag.end() :] if tag else block.text
        language = language_of(words, whole)
        for piece in _split(words):
            if not re.search(r"\w", piece):
                continue
            found.append(
                Sentence(
                    text=" ".join(piece.split()),
                    low=_low(piece, language, names),
                    language=language,
                    item=block.item,
                    lead=lead if block.item else None,
                    heading=block.heading,
                    paragraph=block.paragraph,
                    marked=marked,
                )
            )
            if len(found) >= SENTENCES_MAX:
                return found
        if not block.item and found:
            lead = len(found) - 1 if re.search(r"[::,]$|\bif$|si$|wenn$", found[-1].text.rstrip('"”» ')) else None
    return found
