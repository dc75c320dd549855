"""Through whose hands an entry went: hops from elements and from credit lines in its text, each with its evidence.

A credit line is a line of its own that starts with a phrase of `phrases`; links in running text make no hops (ruling
14). What may or may not name a third party is `unsure` (ruling 13). The publisher itself is never a hop here. The
phrases, language by language, stand in `docs/provenance.md`.
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.intake.article import MARKUP_MAX, Line
from aggregator.intake.claims import FeedClaims, ItemClaims, Mention, SourceClaim
from aggregator.intake.phrases import AGENCIES, ORIGINALLY, SOURCES, forbids
from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.origin import Certainty, Origin
from aggregator.model.parsed import ParseRequest

LINE_MAX = 300
"""Characters of a credit line; a longer one is running text."""
EVIDENCE_MAX = 300
NAME_MAX = 80
SIGNATURE_MAX = 60
BYLINE_MAX = 120

_SPACE = re.compile(r"\s+")

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
_COPYRIGHT = re.compile(
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
_BARE_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?:/\S*)?", re.IGNORECASE)
_DATELINE = re.compile(r"^[^()]{0,80}?\(([^()]{2,40})\)\s*(?:[—–:]|-{1,2}\s)")
_SIGNATURE = re.compile(r"^[\s\W]*([^()]{2,40}?)[\s\W]*$")
_UNKNOWN_AGENCY = re.compile(r"[A-Z]{2,6}")
_SLASHES = re.compile(r"\s*[/,]\s*")
_BYLINE_PARTS = re.compile(r"\s*(?:[,/|;–—]|\s-\s|\bfor\b|\bof\b|\bvia\b|\()\s*")


@dataclass(frozen=True, slots=True)
class Known:
    """Who is who, from the operator's configuration and the feed's own address."""

    names: frozenset[str]
    """The publisher's, in `same_name` form."""
    domains: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    """(domain, name) of other publishers."""
    authors: tuple[str, ...]
    """The entry's, as it names them."""

    def wrote(self, name: str) -> bool:
        return any(same_name(name) == same_name(author) for author in self.authors)

    def owns(self, name: str | None, url: str | None) -> bool:
        """Whether it is the publisher itself. To loosen, an address must match where there is one (ruling 15)."""
        if url is not None and not self.is_own_url(url):
            return False
        if name is None:
            return url is not None
        return same_name(name) in self.names or self._own_domain_name(name)

    def _own_domain_name(self, name: str) -> bool:
        match = _BARE_DOMAIN.fullmatch(name.strip())
        return match is not None and within(match[1].lower(), self.domains)

    def is_own_url(self, url: str) -> bool:
        return within(host(url), self.domains)

    def other(self, url: str | None) -> str | None:
        """Name of the known publisher whose address it is."""
        if url is None or not self.others:
            return None
        place = host(url)
        if within(place, self.domains):
            return None
        return next((name for domain, name in self.others if within(place, (domain,))), None)

    def is_known_exactly(self, name: str) -> bool:
        """As `is_known`, but names of up to three letters with their case: `RT` is an outlet, `rt` is a typo."""
        return self.is_known(name) and (len(name) > 3 or any(name == other for _, other in self.others))

    def is_known(self, name: str) -> bool:
        return same_name(name) in _names_of(self.others)


class _Names:
    """The names of publishers as they are compared. The list is one and the same for all entries of a document, and as
    long as the operator's: to hash it would take longer than to look a name up in it."""

    others: tuple[tuple[str, str], ...] = ()
    names: frozenset[str] = frozenset()


def _names_of(others: tuple[tuple[str, str], ...]) -> frozenset[str]:
    if _Names.others is not others:
        _Names.names, _Names.others = frozenset(same_name(name) for _, name in others), others
    return _Names.names


@lru_cache(maxsize=4_096)
def same_name(name: str) -> str:
    """A name as it is compared: NFKC, case folded, white space collapsed, no leading article or closing dot."""
    folded = _SPACE.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip(" .,;:'\"“”‘’«»")
    return folded.removeprefix("the ")


@lru_cache(maxsize=1_024)
def host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def within(name: str, domains: tuple[str, ...]) -> bool:
    """Whether a host is one of the domains or below one. `notexample.org` is not below `example.org`."""
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def known(request: ParseRequest, feed: FeedClaims, authors: tuple[str, ...]) -> Known:
    """Who is who for one entry."""
    names, domains = _publisher(request.own_names, request.own_domains, request.url, feed.title)
    return Known(names, domains, request.others, authors)


@lru_cache(maxsize=16)
def _publisher(
    names: frozenset[str], domains: frozenset[str], address: str, title: str | None
) -> tuple[frozenset[str], tuple[str, ...]]:
    """(names, domains) of the feed's own publisher, as they are compared: the same for all entries of a document."""
    own = tuple(domain.lower().removeprefix("www.") for domain in sorted(domains))
    if not own:
        # Without a policy nobody vouches for domains: the place that was polled is the publisher's, and no other.
        own = (re.sub(r"^(?:www|feeds?|rss)\.", "", host(address)),)
    called = {same_name(name) for name in names}
    if not called and title:
        called.add(same_name(title))
    return frozenset(called), own


def origins(
    claims: ItemClaims, feed: FeedClaims, url: str | None, lines: list[Line], who: Known, request: ParseRequest
) -> tuple[Origin, ...]:
    """The hops of one entry, the first originated it; the publisher itself is not among them.

    Args:
        url: the entry's permalink.
        lines: of its text.
    """
    found = [
        *credit_lines(lines, who),
        *_bylines(who),
        *_canonical(claims, who),
        *(origin for mention in claims.mentions if (origin := _mention(mention, who)) is not None),
        *_source(claims.source, feed, who, request),
        *_entry_link(url, who),
        *_via(claims, who),
        *_held_by_others(claims, who),
    ]
    return _merged(found, tuple(_chain(claims, who)))


# Elements


def _chain(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    """The hops that the item lists one by one: several of one name or host are as many hops."""
    for hop in claims.chain:
        if not who.owns(hop.name, hop.url):
            told = " ".join(filter(None, (hop.name, hop.url, hop.author, hop.notice)))
            yield Origin(
                name=hop.name,
                url=hop.url,
                author=hop.author,
                notice=hop.notice,
                carrier=hop.carrier,
                evidence=told[:EVIDENCE_MAX],
            )


def _canonical(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    for link in claims.links:
        if link.rel == "canonical" and not who.is_own_url(link.href):
            yield Origin(
                name=who.other(link.href), url=link.href, carrier="rel=canonical", evidence=link.href[:EVIDENCE_MAX]
            )


def _via(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    for link in claims.links:
        if link.rel == "via" and not who.is_own_url(link.href):
            name = who.other(link.href) or link.title
            yield Origin(name=name, url=link.href, carrier="rel=via", evidence=link.href[:EVIDENCE_MAX])


def _entry_link(url: str | None, who: Known) -> Iterator[Origin]:
    name = who.other(url)
    if name is not None and url is not None:
        yield Origin(name=name, url=url, carrier="entry-link", evidence=url[:EVIDENCE_MAX])


def _source(source: SourceClaim | None, feed: FeedClaims, who: Known, request: ParseRequest) -> Iterator[Origin]:
    if source is None or _is_this_feed(source, feed, who, request):
        return
    yield Origin(
        name=source.title,
        url=source.url,
        author=source.author,
        notice=source.rights,
        feed_id=source.feed_id,
        feed_url=source.feed_url,
        carrier=source.carrier,
        evidence=" ".join(part for part in (source.title, source.feed_id, source.url, source.feed_url) if part)[
            :EVIDENCE_MAX
        ],
    )


def _is_this_feed(source: SourceClaim, feed: FeedClaims, who: Known, request: ParseRequest) -> bool:
    addresses = [address for address in (source.feed_url, source.url) if address]
    if addresses:
        mine = {request.url, feed.self_url, feed.url}
        return all(address in mine or who.is_own_url(address) for address in addresses)
    if source.feed_id is not None:
        return source.feed_id == feed.feed_id
    return source.title is None or who.owns(source.title, None) or source.title == feed.title


def _mention(mention: Mention, who: Known) -> Origin | None:
    if mention.url is not None:
        if who.is_own_url(mention.url):
            return None
        name = who.other(mention.url)
    else:
        name = (mention.name or "")[:NAME_MAX]
        if not name or who.owns(name, None) or who.wrote(name):
            return None
    sure = mention.carrier in {"dc:source", "dcterms:source", "dcterms:isVersionOf"} and not (
        name or ""
    ).lower().startswith(("urn:", "isbn"))
    return Origin(
        name=name,
        url=mention.url,
        carrier=mention.carrier,
        evidence=mention.text[:EVIDENCE_MAX],
        certainty=Certainty.SURE if sure else Certainty.UNSURE,
    )


def _held_by_others(claims: ItemClaims, who: Known) -> Iterator[Origin]:
    """Copyright notices of the item that name an agency or a publisher that we know as another."""
    for notice in claims.notices:
        if notice.level is Level.ENTRY and notice.kind is NoticeKind.RIGHTS and _COPYRIGHT.match(notice.value):
            for name in _holders(notice.value):
                if not who.owns(name, None) and (name in AGENCIES or who.is_known(name)):
                    yield Origin(
                        name=AGENCIES.get(name, name),
                        notice=notice.value[:EVIDENCE_MAX],
                        carrier="copyright-line",
                        evidence=notice.value[:EVIDENCE_MAX],
                    )


# Lines of the text


def credit_lines(lines: list[Line], who: Known) -> list[Origin]:
    """Hops that lines of their own tell: original-source lines, copyright lines, source lines, datelines."""
    found: list[Origin] = []
    last = len(lines) - 1
    for position, line in enumerate(lines):
        if len(line.text) > LINE_MAX:
            if position < 2:
                found += _dateline(line, who)
            continue
        text = line.text.replace("’", "'")
        if match := _ORIGINALLY.match(text):
            found += _originally(line, text, match, who)
        elif match := _COPYRIGHT.match(text):
            _copyright(line, text, match, who, found)
        elif position < 2 and (origins := _dateline(line, who)):
            found += origins
        elif not line.caption and len(text) <= BYLINE_MAX and (position < 3 or position > last - 3):
            signed = [] if position <= last - 3 else _closing(line, text, who, is_last=position == last)
            found += signed or _for_others(text, who, "credit-line")
        elif position > last - 3 and not line.caption:
            found += _closing(line, text, who, is_last=position == last)
    return found


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
    domain = _BARE_DOMAIN.match(rest.strip(" :"))
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
    holders = _holders(text)
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


def _holders(text: str) -> list[str]:
    """Names in a copyright line, in order: without sign, years and "all rights reserved"."""
    match = _COPYRIGHT.match(text)
    rest = _BOILERPLATE.sub("", text[match.end() if match else 0 :])
    parts = re.split(r"\s*[,;|/]\s*|\s+(?:and|und|et|y|for|by)\s+", _YEARS.sub(",", rest))
    names = [part.strip(" .©-–—:()'\"") for part in parts]
    return [name for name in names if 2 <= len(name) <= NAME_MAX and any(char.isalpha() for char in name)][:4]


def _dateline(line: Line, who: Known) -> list[Origin]:
    match = _DATELINE.match(line.text[:160])
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
    match = _SOURCE.match(text)
    if match is None or len(text) > 160:
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


def _bylines(who: Known) -> Iterator[Origin]:
    """Agencies, and publishers that we know as others, that stand in the byline: alone, or behind a person."""
    for author in who.authors:
        parts = [part.strip(" ).") for part in _BYLINE_PARTS.split(author[:200])]
        for part in dict.fromkeys((author.strip(), *parts)):
            name = AGENCIES.get(part) or (part if who.is_known_exactly(part) else None)
            if name is not None and not who.owns(part, None) and not who.owns(name, None):
                person = parts[0] if parts[0] != part and author.strip() != part else None
                yield Origin(name=name, author=person, carrier="byline", evidence=author[:EVIDENCE_MAX])
        yield from _for_others(author, who, "byline")


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


def _wrote_for(words: str, who: Known) -> tuple[str, str] | None:
    """(person, outlet) of a byline that names both: `Jane Roe for Zed News`, `Jane Roe / Zed News Service`."""
    match = _WROTE_FOR.fullmatch(words[:200].strip())
    if match is None:
        return None
    person, outlet = match["person"], (match["outlet"] or match["named"]).strip(" .")
    if not all(part[:1].isupper() or not part[:1].isascii() for part in (*person.split(), outlet)):
        return None
    return None if _GENERIC.fullmatch(outlet) or who.owns(outlet, None) or who.wrote(outlet) else (person, outlet)


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


# Together


def _merged(found: list[Origin], listed: tuple[Origin, ...] = ()) -> tuple[Origin, ...]:
    """Each publisher once, where it first stood, with all that was told of it.

    Args:
        listed: hops in their order, which stand as they are; what else was found of them completes them.
    """
    kept = list(listed)
    for origin in found:
        at = next((position for position, other in enumerate(kept) if _same(origin, other)), None)
        if at is None:
            kept.append(origin)
        else:
            kept[at] = _joined(kept[at], origin)
    return tuple(kept)


def _same(one: Origin, other: Origin) -> bool:
    hosts, others = _hosts(one), _hosts(other)
    if hosts and others:
        return bool(hosts & others)
    return one.name is not None and other.name is not None and same_name(one.name) == same_name(other.name)


def _hosts(origin: Origin) -> set[str]:
    return {host(url).removeprefix("www.") for url in (origin.url, origin.feed_url) if url}


def _joined(first: Origin, second: Origin) -> Origin:
    sure = Certainty.SURE in (first.certainty, second.certainty)
    return replace(
        first,
        name=first.name or second.name,
        url=first.url or second.url,
        author=first.author or second.author,
        notice=first.notice or second.notice,
        feed_id=first.feed_id or second.feed_id,
        feed_url=first.feed_url or second.feed_url,
        certainty=Certainty.SURE if sure else Certainty.UNSURE,
    )


def forbidding_lines(lines: list[Line]) -> tuple[Notice, ...]:
    """Short lines at the head or the end of a text that refuse republication (ruling 13)."""
    near = lines if len(lines) <= 9 else [*lines[:3], *lines[-6:]]
    return tuple(
        Notice(kind=NoticeKind.FORBID, level=Level.ENTRY, value=line.text, carrier="text")
        for line in near
        if len(line.text) <= LINE_MAX and not line.caption and forbids(line.text)
    )


_LICENCE_PLACE = re.compile(
    r"creativecommons\.org[:\d]*/+(?:licen[sc]es?|publicdomain)/|/open-government-licence", re.I
)
_LICENCE_WORDS = re.compile(r"\bcc[\s_/-]{0,2}by\b|\bcreative[\s-]commons\b|\bGFDL\b|\bODbL\b", re.I)
_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_SAYS_LICENCE = re.compile(r'<a(?=[^<>]*\srel="license")[^<>]*\shref="([^"]*)"', re.I)


def licence_lines(lines: list[Line], html: str = "") -> tuple[Notice, ...]:
    """Licences that the text names: links that say so of themselves, anywhere; lines at its head or its end.

    A caption speaks of its picture. Links in running text that name a licence may be what the article is about.

    Args:
        html: the whole text, cleaned: a link may hold a badge and no words.
    """
    near = lines if len(lines) <= 9 else [*lines[:3], *lines[-6:]]
    found = []
    if 'rel="license"' in html:
        links = _SAYS_LICENCE.finditer(_FIGURE.sub("", html))
        found += [(entities.unescape(match[1]), "a rel=license") for match in links]
    for line in lines:
        if line.caption or len(line.markup) > MARKUP_MAX:
            continue
        if len(line.text) <= LINE_MAX and any(line is one for one in near):
            places = [address for _, _, address in line.links() if _LICENCE_PLACE.search(address)]
            if places or _LICENCE_PLACE.search(line.text) or _LICENCE_WORDS.search(line.text):
                found.append((" ".join([line.text, *places]), "text"))
    return tuple(
        Notice(kind=NoticeKind.LICENCE_WORDS, level=Level.ENTRY, value=value, carrier=carrier)
        for value, carrier in dict.fromkeys(found)
    )


def own_notices(lines: list[Line], who: Known) -> tuple[Notice, ...]:
    """Copyright lines in the text by which the publisher or the author speaks for itself.

    A line that names somebody else belongs to that hop (see `origins`). Many publishers state their copyright here and
    nowhere else, and ask others to repeat it.
    """
    return tuple(
        Notice(kind=NoticeKind.RIGHTS, level=Level.ENTRY, value=line.text, carrier="text")
        for line in lines
        if len(line.text) <= LINE_MAX and not line.caption and _COPYRIGHT.match(line.text) and _is_own(line.text, who)
    )


def _is_own(text: str, who: Known) -> bool:
    holders = _holders(text)
    return any(who.owns(holder, None) for holder in holders) or (len(holders) == 1 and who.wrote(holders[0]))
