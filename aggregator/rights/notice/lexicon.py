"""The words that a plain permission is made of: one that holds another word is to be asked about.

Tables of restrictions are never complete; offers, on the other hand, say much the same everywhere. What narrows one (a
place, a day, a kind of text, a form to fill in) brings words of its own, and unknown never becomes allow. Names, which
are written with a capital, are no words; where one tells a place (*in Scotland*), it narrows. So it does in German,
where every noun has a capital: a name that counts as one stands in quotes there, or after *von* and the like.

The words stand beside the other tables of a language (`Language.plain`). A language without any has no plain
permission: whatever grants in it is to be asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.rights.notice.credited import without_credit_lines
from aggregator.rights.notice.language import Language
from aggregator.rights.notice.text import MAIL, QUOTED, URL

ENDING_MAX = 5
"""Letters that may follow a word's stem: enough for an ending, too few for the second half of a compound."""
_CLITIC = re.compile(r"(?<=[aei]r)(?:se)?l[aeo]s?$")
NAME_MIN = 2
"""Letters."""
NAME_MAX = 5
"""Words of a name in quotes."""
_TOKEN = re.compile(r"[\w§]+(?:['’-][\w§]+)*['’]?")
_PLACE = {
    "en": "in within across outside inside throughout for around at until before since during of from",
    "de": "in im aus für um bei",
    "fr": "en à au aux dans de du des d pour",
    "es": "en de del para por desde",
    "it": "in a ad di del della dell dei delle da dal dalla nel nella nell per",
    "pt": "em no na nos nas de do da dos das para por",
    "nl": "in uit van binnen voor te",
}
"""Words after which a name tells a place, or may: with *de* it does as often as not."""
_ARTICLES = frozenset(
    re.findall(r"\w+", "the der die das den dem des le la les l el los las il lo gli i o a os as het")
)
"""What may stand between such a word and the name."""
_NAMED = {
    "en": "article articles story stories text texts content name names credit copyright author source reporting work",
    "fr": "celui articles textes contenus auteur auteurs nom mention source site signature lien crédit rédaction",
    "es": "artículos textos contenidos autor nombre fuente sitio firma enlace crédito mención redacción web copyright",
    "it": "articoli testi contenuti autore nome fonte sito firma link credito menzione redazione copyright",
    "pt": "artigos textos conteúdos autor nome fonte site crédito menção redação link reportagens matérias copyright",
    "nl": "artikelen teksten berichten auteur naam bron site vermelding link redactie copyright",
}
"""What is of somebody (*the name of*), and not of a place."""
_NONE: frozenset[str] = frozenset()
_PLACES = {code: frozenset(words.split()) for code, words in _PLACE.items()}
_OWNED = {code: frozenset(words.split()) for code, words in _NAMED.items()}
_AUDIENCES = ("either", "noncommercial", "anyone", "community", "nonprofit")
TAUGHT = re.compile(
    r"\w*schul|bildung|univers|\w*school|onderwijs|bibliot|école|ense[gñ]|enseign|établiss|scolaire|pédag|escuel|colegi"
    r"|edu[ck]|docent|profes|scuol|didatt|insegn|escola|szk|uczeln|学校|高校|教"
)
"""Schools and the like: an audience of its own, narrower than the one that they are counted among."""
_OF_A_PLACE = re.compile(
    r"(?:\b(?:aus|in|im|der|des|du|de|d|del|della|dell|dei|di|do|da|dos|uit|van|within|from|of)[ '’])"
    r"(?:(?:the|der|dem|den|la|le|l|el|las|los|de|het|o|a|un\w*|ein\w*|een)[ '’])?$"
)
"""Before a word that names an audience elsewhere: *uit de buurt* tells where, *buurtwebsites* for whom."""


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """What a notice names in quotes anywhere, be it the end of a line of credit: `“来源:南湖笔记”`."""
    quoted = (match[1] for text in texts for match in QUOTED.finditer(text))
    names = (re.split(r"[::]", words)[-1].strip(" ,.") for words in quoted)
    return frozenset(name for name in names if len(name) >= NAME_MIN and len(name.split()) <= NAME_MAX)


def has_strange_words(text: str, language: Language, names: Iterable[str] = ()) -> bool:
    """Whether a sentence holds a word that is none of those of plain permissions in its language.

    Args:
        text: as it stands in the notice.
        names: what the notice names in quotes.
    """
    text = URL.sub(" §url ", MAIL.sub(" §mail ", without_credit_lines(text)))
    if not language.plain:
        return True
    for name in sorted(names, key=len, reverse=True):
        if name[:1].isupper() or not language.spaced:
            text = text.replace(name, " §name ")
    text = _without_audiences(QUOTED.sub(_unquoted, text), language)
    if not language.spaced:
        return _is_strange_unspaced(text, language)
    place, named = _PLACES.get(language.code, _NONE), _OWNED.get(language.code, _NONE)
    before, owner = "", ""
    for position, match in enumerate(_TOKEN.finditer(text)):
        token = match[0].replace("’", "'")
        word = token.lower().rstrip("'")
        tells_place = before in place and owner not in named
        is_name = position > 0 and token[0].isupper() and not tells_place and language.code != "de"
        if not (is_name or _is_plain(word, language)):
            return True
        if (
            word not in _ARTICLES or before not in place
        ):  # in the Republic: what stands before the article tells a place
            owner, before = before, word.rpartition("'")[0] or word
    return False


def _is_plain(word: str, language: Language) -> bool:
    """Whether a word, or each half of it (*l'auteur*, *Community-Seiten*), is one of a plain permission."""
    return _is_listed(word, language) or all(_is_listed(part, language) for part in re.split(r"['-]", word) if part)


def _is_listed(word: str, language: Language) -> bool:
    if word[0].isdigit() or word[0] == "§" or word in language.plain_words or word in language.number_words:
        return True
    if language.code == "en":
        return word.removesuffix("'s") in language.plain_words
    bare = _CLITIC.sub("", word) if language.code == "es" else word  # traducirlos
    if bare in language.plain_words:
        return True
    return any(word.startswith(stem) and len(word) - len(stem) <= ENDING_MAX for stem in language.plain_stems)


def _is_strange_unspaced(text: str, language: Language) -> bool:
    """Likewise where no spaces part the words: whether anything is left when all known ones are taken out."""
    for word in sorted([*language.plain_words, *language.number_words], key=len, reverse=True):
        text = text.replace(word, " ")
    return any(not (token.isdigit() or token[0] == "§") for token in re.findall(r"§?\w+", text.lower()))


def _unquoted(match: re.Match[str]) -> str:
    """A short name in quotes, as one."""
    name = match[1].strip()
    return " §name " if name[:1].isupper() and len(name.split()) <= NAME_MAX else match[0]


def _without_audiences(text: str, language: Language) -> str:
    """A sentence without the words for whom it is, of which the reader's tables know more."""
    low = text.lower()
    if len(low) != len(text):
        return text
    for start, end in reversed(_audiences_in(low, language)):
        text = f"{text[:start]} §who {text[end:]}"
    return text


def _audiences_in(low: str, language: Language) -> list[tuple[int, int]]:
    """Where a sentence names those whom it is for, from the front."""
    taken: list[tuple[int, int]] = []
    taught: list[tuple[int, int]] = []
    for name in _AUDIENCES:  # whole phrases before the words that they are made of
        for match in language.search(name).finditer(low):
            start, end = match.span()
            if start == end or any(start < other_end and other < end for other, other_end in taken):
                continue
            if _OF_A_PLACE.search(low[:start]) or low.startswith("loca", start):
                continue
            (taught if TAUGHT.match(low, start) else taken).append((start, end))
    return sorted([*taken, *(taught if taken else ())])
