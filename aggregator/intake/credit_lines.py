"""Hops that the text of an entry tells: credit lines, copyright lines, datelines, signatures, bylines.

A credit line is a line of its own that starts with a phrase of `phrases`; links in running text make no hops (ruling
14). What may or may not name a third party is `unsure` (ruling 13). The phrases, language by language, stand in
`docs/provenance.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from aggregator.intake.article import Line
from aggregator.intake.glance import Glance
from aggregator.intake.known import BARE_DOMAIN, Known, host, same_name
from aggregator.intake.phrases import AGENCIES, ODD, ORIGINALLY, SOURCES
from aggregator.model.origin import Certainty, Origin

LINE_MAX = 300
"""Characters of a credit line; a longer one is running text."""
EVIDENCE_MAX = 300
NAME_MAX = 80
SIGNATURE_MAX = 60
BYLINE_MAX = 120

# Possessive: two runs of marks that may give way to one another took 50 ms for a line of 290 dashes.
_PREFIX = (
    r"^\W*+(?:(?:editor'?s? note|ed\.? note|note|anmerkung|hinweis|nota|note de la rédaction)\s*+[:.—–-]\s*+)?+\W*+"
)
_DATE = (
    r"(?:\s+(?:on|am|le|el|em|il|op)?\s*"
    r"(?:[^\W\d_]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?|\d{1,2}\.? (?:de )?[^\W\d_]{3,9}\.?)"
    r"(?:,?\s*(?:de )?\d{4})?,?\s+(?:by|at|in|on|from|bei|in|auf|par|sur|en|por|em|su|da|op|door))?"
)
_BORDER = r"(?:(?<=[:：ב\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])|(?![\w-]))"
"""A phrase ends where its word does, or with a colon, or in a script that puts no spaces between words."""
_PHRASES = [phrase for phrases in ORIGINALLY.values() for phrase in phrases]
_ORIGINALLY = re.compile(
    _PREFIX + "(?:" + "|".join(f"(?:{phrase})" for phrase in _PHRASES) + ")" + _DATE + _BORDER,
    re.IGNORECASE,
)
_SOURCE = re.compile(
    _PREFIX + "(?:" + "|".join(phrase for phrases in SOURCES.values() for phrase in phrases) + ")" + _BORDER,
    re.IGNORECASE,
)


def _starts(starts: str) -> frozenset[str]:
    return frozenset(starts.split("|"))


# The first three characters, in lower case, of every line of ASCII that the patterns match, after what is no word: most
# lines start otherwise, and to know so takes a tenth of the time. A test works them out of the patterns.
_ORIGINALLY_STARTS = _starts(
    "a c|a f|ace|alk|alu|anm|apa|app|art|az |ble|bra|bu |by |byl|ce |cet|con|cou|cro|den|der|die|dit|ed |ed.|edi|eer|"
    "el |ens|er |ere|ers|est|exc|ez |fir|foi|fon|fue|gen|gje|ha |hab|har|has|hin|il |im |ini|is |ist|jes|jut|mak|mat|"
    "met|mit|nin|not|o a|o t|on |oor|opp|opr|ori|ory|ove|par|pie|po |pop|pos|pre|prz|pub|que|ran|re-|rep|rip|sak|se |"
    "sou|sto|sur|syn|tek|ten|tex|the|thi|tid|urs|use|var|was|wcz|wit|wpi|wur|yaz|zos|zue"
)
_SOURCE_STARTS = _starts(
    "anm|bro|by |ed |ed.|edi|fon|for|fro|fue|h/t|hat|hin|kay|kil|not|que|sou|sto|sur|via|za |za:|zdr"
)
_NO_WORD = re.compile(r"\W*")
COPYRIGHT = re.compile(
    r"^[\s\W]*(?:(?:copyright|urheberrecht)\b\s*(?:©|\(c\)|℗|by\b|:)?|©(?:\s*copyright)?|\(c\)(?=\s))\s*:?\s*",
    re.IGNORECASE,
)
_YEARS = re.compile(r"\b(?:19|20)\d\d(?:\s*[-–/]\s*(?:(?:19|20)?\d\d|present))?\b")
_BOILERPLATE = re.compile(
    r"[.,;|–—-]?\s*(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"todos os direitos reservados|tutti i diritti riservati|alle rechten voorbehouden|все права защищены)\b.*$",
    re.IGNORECASE,
)
_NAME_END = re.compile(
    r"[.,;:!|](?=\s|$)|[。，、；！？）」』】》]|\s[-–—(\[]|\s(?:on|and|under|with|where|as|in (?=\d|[A-Z][a-z]+ \d)|at (?=https?:)|am|und|et|y|e|en|и)\s|[)\]]|https?://"
)
_GENERIC = re.compile(
    r"(?:here|this|it|link|article|original|the original|original article|this article|this link|read more|source|"
    r"website|the website|our|my|your|their|a|an|hier|ici|aquí|aqui|qui|quelle|print|"
    r"english|spanish|french|german|russian|arabic|(?:our|my|this|the author's|a|an) .*|\d.*|"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\b.*)",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"^[^()]{0,80}?\(([^()]{2,40})\)\s*(?:[—–:]|-{1,2}\s)")
_SIGNATURE = re.compile(r"^[\s\W]*([^()]{2,40}?)[\s\W]*$")
_UNKNOWN_AGENCY = re.compile(r"[A-Z]{2,6}")
_SLASHES = re.compile(r"\s*[/,]\s*")
_BYLINE_PARTS = re.compile(r"\s*(?:[,/|;–—]|\s-\s|\bfor\b|\bof\b|\bvia\b|\()\s*")


def may_claim(text: Glance) -> bool:
    """Whether a line of a text may be one of copyright: to look at all of them at once costs less than at each."""
    folded = text.folded
    if b"copyright" in folded or b"(c)" in folded or b"urheberrecht" in folded:
        return True
    return "©" in text.rare or ODD.search(text.rare) is not None


def credit_lines(lines: list[Line], who: Known, *, claimed: bool = True) -> list[Origin]:
    """Hops that lines of their own tell: original-source lines, copyright lines, source lines, datelines.

    Args:
        claimed: what `may_claim` says of their text, where that is known.
    """
    found: list[Origin] = []
    last = len(lines) - 1
    for position, line in enumerate(lines):
        if len(line.text) > LINE_MAX:
            if position < 2:
                found += _dateline(line, who)
            continue
        text = line.text.replace("’", "'")
        if _may_start(text, _ORIGINALLY_STARTS) and (match := _ORIGINALLY.match(text)):
            found += _originally(line, text, match, who)
        elif claimed and (match := COPYRIGHT.match(text)):
            _copyright(line, text, match, who, found)
        elif 2 < position <= last - 3:
            continue
        elif position < 2 and (origins := _dateline(line, who)):
            found += origins
        elif not line.caption and len(text) <= BYLINE_MAX and (position < 3 or position > last - 3):
            signed = [] if position <= last - 3 else _closing(line, text, who, is_last=position == last)
            if signed:
                found += signed
            elif _TWO_NAMES.match(text) is not None:
                found += _for_others(text, who, "credit-line")
        elif position > last - 3 and not line.caption:
            found += _closing(line, text, who, is_last=position == last)
    return found


def _may_start(text: str, starts: frozenset[str]) -> bool:
    """Whether a line may start with one of the phrases that start so."""
    start = text[:3]
    if not start[:1].isalnum() and (found := _NO_WORD.match(text)) is not None:
        start = text[found.end() : found.end() + 3]
    return _is_start(start, starts)


@lru_cache(maxsize=2_048)  # there are not many
def _is_start(start: str, starts: frozenset[str]) -> bool:
    return start.lower() in starts or len(start) < 3 or not (start.isascii() and start.isprintable())


def _originally(line: Line, text: str, match: re.Match[str], who: Known) -> list[Origin]:
    if line.caption and re.match(r"[\s\W]*courtesy", text, re.IGNORECASE):
        return []
    late, start = _late(match)
    name, url = _named(line, late or text[start:], start)
    if name is None and url is None:
        unnamed = text[start:].strip(" .:")
        if not unnamed or _GENERIC.match(unnamed):
            return []
        return [Origin(carrier="credit-line", evidence=line.text[:EVIDENCE_MAX], certainty=Certainty.UNSURE)]
    if who.owns(name, url):
        return []
    if url is not None and who.is_own_url(url):
        url = None
    if name is None and url is None:
        return []
    return [Origin(name=name or who.other(url), url=url, carrier="credit-line", evidence=line.text[:EVIDENCE_MAX])]


def _late(match: re.Match[str]) -> tuple[str | None, int]:
    """The name that stands before its verb, and where; else where the phrase ends."""
    for group, words in match.groupdict().items():
        if words and group.startswith("late"):
            return words, match.start(group)
    return None, match.end()


def _named(line: Line, rest: str, start: int) -> tuple[str | None, str | None]:
    """Name and address that follow a phrase: the first link if it stands at once, else the words up to a stop."""
    rest_start = start + len(rest) - len(rest.lstrip(" :'\"“«"))
    words = _until_stop(rest)
    for at, text, address in line.links():
        if at < start - 1:
            continue
        if at <= rest_start + 5:
            name = text if not _generic(text) and len(text) <= NAME_MAX else None
            return (name or _domain_name(address) if name is None else name), address
        return (words if words and not _generic(words) else None), address
    earlier = next((address for at, text, address in line.links() if at < start), None)
    domain = BARE_DOMAIN.match(rest.strip(" :"))
    if domain is not None and (not words or "." in domain[0]):
        return domain[1].lower(), earlier or f"https://{domain[1].lower()}/"
    if words and not _generic(words):
        return words, earlier
    return None, earlier


def _until_stop(rest: str) -> str:
    rest = rest.strip(" :：'\"“«「『《【")
    stop = _NAME_END.search(rest)
    words = (rest[: stop.start()] if stop else rest).strip(" .'\"”»")
    if not words or len(words) > NAME_MAX or len(words.split()) > 8:
        return ""
    return words


def _generic(words: str) -> bool:
    first = words.removeprefix("the ").removeprefix("The ")[:1]
    return _GENERIC.fullmatch(words) is not None or not (
        first.isupper() or first.isdigit() or "." in words or not first.isascii()
    )


def _domain_name(url: str) -> str | None:
    return host(url).removeprefix("www.") or None


def _copyright(line: Line, text: str, match: re.Match[str], who: Known, found: list[Origin]) -> None:
    """A copyright line completes the hop before it, or is one."""
    holders = holders_in(text)
    if not holders or line.caption:
        return
    notice = line.text[:EVIDENCE_MAX]
    for at, origin in enumerate(found):
        if origin.carrier != "credit-line" or origin.notice is not None:
            continue
        same = [holder for holder in holders if origin.name is not None and same_name(holder) == same_name(origin.name)]
        if same:
            author = next((holder for holder in holders if holder not in same), origin.author)
            found[at] = replace(origin, author=author, notice=notice)
            return
    if any(who.owns(holder, None) for holder in holders):
        return
    outlet = holders[-1]
    author = holders[0] if len(holders) > 1 else None
    if author is None and who.wrote(outlet):
        return
    url = next((address for _, words, address in line.links() if same_name(words) == same_name(outlet)), None)
    if url is not None and who.is_own_url(url):
        url = None
    is_sure = outlet in AGENCIES or who.is_known(outlet) or who.other(url) is not None
    found.append(
        Origin(
            name=AGENCIES.get(outlet, outlet),
            url=url,
            author=author,
            notice=notice,
            carrier="copyright-line",
            evidence=notice,
            certainty=Certainty.SURE if is_sure else Certainty.UNSURE,
        )
    )


def holders_in(text: str) -> list[str]:
    """Names in a copyright line, in order: without sign, years and "all rights reserved"."""
    match = COPYRIGHT.match(text)
    rest = _BOILERPLATE.sub("", text[match.end() if match else 0 :])
    parts = re.split(r"\s*[,;|/]\s*|\s+(?:and|und|et|y|for|by)\s+", _YEARS.sub(",", rest))
    names = [part.strip(" .©-–—:()'\"") for part in parts]
    return [name for name in names if 2 <= len(name) <= NAME_MAX and any(char.isalpha() for char in name)][:4]


def _dateline(line: Line, who: Known) -> list[Origin]:
    text = line.text[:160]
    match = _DATELINE.match(text) if "(" in text else None
    if match is None:
        return []
    return _agencies(match[1], line, who, unknown=True)


def _agencies(words: str, line: Line, who: Known, *, unknown: bool) -> list[Origin]:
    found = []
    for part in _SLASHES.split(words):
        if who.owns(part, None):
            continue
        name = AGENCIES.get(part)
        if name is None and not (unknown and _UNKNOWN_AGENCY.fullmatch(part)):
            continue
        found.append(
            Origin(
                name=name or part,
                carrier="credit-line",
                evidence=line.text[:EVIDENCE_MAX],
                certainty=Certainty.SURE if name else Certainty.UNSURE,
            )
        )
    return found


def _closing(line: Line, text: str, who: Known, *, is_last: bool) -> list[Origin]:
    """A short line near the end: `Source: X`, `via X`, `(dpa)`."""
    if is_last and len(text) <= SIGNATURE_MAX and (match := _SIGNATURE.match(line.text)) is not None:
        signed = _agencies(match[1], line, who, unknown=False)
        if signed:
            return signed
    match = _SOURCE.match(text) if len(text) <= 160 and _may_start(text, _SOURCE_STARTS) else None
    if match is None:
        return []
    name, url = _named(line, text[match.end() :], match.end())
    if (name is None and url is None) or who.owns(name, url) or (name is None and url and who.is_own_url(url)):
        return []
    if url is not None and who.is_own_url(url):
        url = None
    return [
        Origin(
            name=AGENCIES.get(name, name) if name else who.other(url),
            url=url,
            carrier="credit-line",
            evidence=line.text[:EVIDENCE_MAX],
            certainty=Certainty.UNSURE,
        )
    ]


def bylines(who: Known) -> Iterator[Origin]:
    """Agencies, and publishers that we know as others, that stand in the byline: alone, or behind a person."""
    for author in who.authors:
        parts, names = _parts_of(author)
        for part in names:
            name = AGENCIES.get(part) or (part if who.is_known_exactly(part) else None)
            if name is not None and not who.owns(part, None) and not who.owns(name, None):
                person = parts[0] if parts[0] != part and author.strip() != part else None
                yield Origin(name=name, author=person, carrier="byline", evidence=author[:EVIDENCE_MAX])
        yield from _for_others(author, who, "byline")


@lru_cache(maxsize=256)  # the same few write most of a feed
def _parts_of(author: str) -> tuple[list[str], tuple[str, ...]]:
    """(what a byline is made of, all that may be a name in it, each once)."""
    parts = [part.strip(" ).") for part in _BYLINE_PARTS.split(author[:200])]
    return parts, tuple(dict.fromkeys((author.strip(), *parts)))


_PERSON = r"(?P<person>[^\W\d_][\w.'’-]+(?: [^\W\d_][\w.'’-]*){1,3})"
_OUTLET_WORD = (
    r"(?:news|newswire|wire|press|agency|service|times|post|media|journal|herald|tribune|magazine|gazette|network|radio|"
    r"tv|observer|chronicle|review|bulletin|reporter|dispatch|syndicate|nachrichten|zeitung|agence|agencia|agenzia|"
    r"noticias|notizie|presse|prensa|stampa)"
)
_WROTE_FOR = re.compile(
    rf"\W*(?:(?:by|von|par|por|di|door|av|af)\s+)?{_PERSON}\s*"
    rf"(?:\s(?:for|für|pour|para|per|voor|för)\s+(?:the )?(?P<outlet>\w[^,;|/()]{{1,60}}?)"
    rf"|\s*[/|,(–—-]\s*(?P<named>(?=[^,;|/()]*\b{_OUTLET_WORD}\b)\w[^,;|/()]{{1,60}}?))\W*",
    re.IGNORECASE,
)
# Who is named so has two names with capitals, or in a script that has none, and something stands between them and the
# outlet: few lines start like that.
_BETWEEN = re.compile(r"[/|,(–—-]|\s(?:for|für|pour|para|per|voor|för)\s", re.IGNORECASE)
_TWO_NAMES = re.compile(r"\W*(?:(?i:by|von|par|por|di|door|av|af)\s+)?[^\W\d_a-z]\S* [^\W\d_a-z]")


def _wrote_for(words: str, who: Known) -> tuple[str, str] | None:
    """(person, outlet) of a byline that names both: `Jane Roe for Zed News`, `Jane Roe / Zed News Service`."""
    words = words[:200].strip()
    if _TWO_NAMES.match(words) is None or _BETWEEN.search(words) is None:
        return None
    found = _both_named(words)
    return None if found is None or who.owns(found[1], None) or who.wrote(found[1]) else found


@lru_cache(maxsize=256)  # bylines say the same over and over
def _both_named(words: str) -> tuple[str, str] | None:
    match = _WROTE_FOR.fullmatch(words)
    if match is None:
        return None
    person, outlet = match["person"], (match["outlet"] or match["named"]).strip(" .")
    if not all(part[:1].isupper() or not part[:1].isascii() for part in (*person.split(), outlet)):
        return None
    return None if _GENERIC.fullmatch(outlet) else (person, outlet)


def _for_others(words: str, who: Known, carrier: str) -> Iterator[Origin]:
    found = _wrote_for(words, who)
    if found is not None:
        person, outlet = found
        sure = outlet in AGENCIES or who.is_known(outlet)
        yield Origin(
            name=AGENCIES.get(outlet, outlet),
            author=person,
            carrier=carrier,
            evidence=words[:EVIDENCE_MAX],
            certainty=Certainty.SURE if sure else Certainty.UNSURE,
        )
