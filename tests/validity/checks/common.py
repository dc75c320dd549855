"""What all formats have in common: characters, dates, texts, HTML that is safe, links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from html.entities import name2codepoint
from typing import Any

import html5lib
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PREFIXES = {
    "http://www.w3.org/2005/Atom": {"atom", None},
    "http://purl.org/dc/elements/1.1/": {"dc"},
    "http://purl.org/dc/terms/": {"dcterms"},
    "http://purl.org/rss/1.0/modules/content/": {"content"},
    "http://backend.userland.com/creativeCommonsRssModule": {"creativeCommons"},
    "http://purl.org/atompub/tombstones/1.0": {"at"},
    "http://purl.org/syndication/history/1.0": {"fh"},
    "http://search.yahoo.com/mrss/": {"media"},
}
"""The prefixes that these vocabularies are known by: some readers look for them, wrong as that is."""
RELATIONS = {"alternate", "self", "via", "related", "enclosure", "license", "hub", "canonical"}
"""IANA's, as far as we use them. The W3C validator does not know `canonical` (RFC 6596) and says so."""

HISTORY = {"current", "prev-archive", "next-archive"}
"""RFC 5005, 4: in feeds, never in entries."""

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DAYS, _MONTHS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
RFC822 = re.compile(rf"({_DAYS}), \d\d ({_MONTHS}) \d{{4}} \d\d:\d\d:\d\d (GMT|[+-]\d{{4}})")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
WEB = re.compile(r"https?://[^\s/<>\"{}|\\^`]+[^\s<>\"{}|\\^`]*")
TAG_URI = re.compile(r"tag:([\w.-]+@)?[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:\S*")
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
BAD_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")


URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//)?[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]+")
"""An address in the characters of RFC 2396: the validator knows no others, and no IRI, in RSS and Media RSS."""
HTTP_URL = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*(?::\d+)?(?:/.*)?")
_ENTITY = re.compile(r"&(#?\w+)")
MAIL = re.compile(r"<[\w.+'-]+@[\w.-]+>")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAFE_TAGS = _words(
    "a abbr article aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div "
    "dl dt em figcaption figure footer header hgroup nav h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p "
    "picture pre q rp rt ruby s samp section small source span strong sub summary sup table tbody td tfoot th "
    "thead time tr u ul var video wbr"
)
SAFE_ATTRIBUTES = _words(
    "abbr alt cite class colspan controls datetime dir height href hreflang id lang poster rel reversed rowspan scope "
    "span src start title type value width"
)
"""Those that the W3C validator does not call a risk, and `controls`, without which sound cannot be heard."""


def utf8_xml(body: bytes) -> tuple[Any, list[str]]:
    """The document's root, and what is wrong with it as XML."""
    problems = []
    text = body.decode("utf-8")
    if not re.match(r"<\?xml version=['\"]1\.0['\"] encoding=['\"](utf|UTF)-8['\"]", text):
        problems.append("NotUTF8: the encoding is not told as UTF-8")
    if "<!DOCTYPE" in text or "<?xml-stylesheet" in text:
        problems.append("InvalidDoctype: DOCTYPE or style sheet")
    if bad := BAD_CHARACTERS.search(text):
        problems.append(f"BadCharacters: {bad[0]!r}")
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    for element in root.iter():
        if not isinstance(element.tag, str):
            problems.append("comment or processing instruction")
            continue
        for prefix, uri in element.nsmap.items():
            if prefix not in PREFIXES.get(uri, {prefix} if uri is None else set()):
                problems.append(f"NonstdPrefix: {prefix} for {uri}")
        language = element.get(XML_LANG)
        if language is not None and not LANGUAGE.fullmatch(language):
            problems.append(f"InvalidLanguage: {language}")
    return root, problems


def date_problems(where: str, value: str | None, pattern: re.Pattern[str]) -> Iterator[str]:
    if value is None or not pattern.fullmatch(value):
        yield f"{where}: InvalidDate: {value!r}"
        return
    at = parsedate_to_datetime(value) if pattern is RFC822 else datetime.fromisoformat(value)
    if pattern is RFC822 and at.strftime("%a") != value[:3]:
        yield f"{where}: IncorrectDOW: {value}"
    if at.year < 1990 or at > datetime.now(UTC) + timedelta(minutes=10):
        yield f"{where}: ImplausibleDate: {value}"


def text_problems(where: str, value: str | None, *, needed: bool = True) -> Iterator[str]:
    """Plain text: not blank, and nothing in it that a reader would take for markup."""
    if needed and not (value or "").strip():
        yield f"{where}: NotBlank"
    if value and (TAG.search(value) or unescape(value) != value):
        yield f"{where}: ContainsHTML: {value[:100]}"


def uri_problems(where: str, value: str | None) -> Iterator[str]:
    if value is None or not URI.fullmatch(value):
        yield f"{where}: InvalidFullLink or InvalidUriChar: {value!r}"


def character_problems(body: bytes, elements: Sequence[Any]) -> Iterator[str]:
    """Plain text in which a reader may see an entity, unless its `&` is written as the number of the character.

    The validator takes any `&` before a name of HTML's or before a word with a digit for one (ContainsHTML), and asks
    the lines of the element whether they hold such a number (the RSS Advisory Board's profile, "Character data").
    """
    lines = body.split(b"\n")
    for element in elements:
        text = element.text or ""
        named = [
            name for name in _ENTITY.findall(text) if name in name2codepoint or name == "apos" or not name.isalpha()
        ]
        first = element.sourceline - 1
        if named and not any(b"&#x" in line for line in lines[first : first + text.count("\n") + 1]):
            yield f"ContainsHTML: &{named[0]} in <{element.tag}> {text[:80]!r}"


def html_problems(where: str, value: str | None) -> Iterator[str]:
    """Markup for other people's pages: HTML5 without an error, absolute addresses, nothing that is a risk."""
    if not (value or "").strip():
        yield f"{where}: NotBlank"
        return
    assert value is not None
    try:
        fragment = html5lib.HTMLParser(strict=True).parseFragment(value)
    except html5lib.html5parser.ParseError as error:
        yield f"{where}: NotHtml: {error}"
        return
    for element in fragment.iter():
        if not isinstance(element.tag, str):
            yield f"{where}: comment"
            continue
        tag = element.tag.rpartition("}")[2]
        if tag == "DOCUMENT_FRAGMENT":
            continue
        if tag not in SAFE_TAGS:
            yield f"{where}: SecurityRisk: <{tag}>"
        for name, written in element.attrib.items():
            if name not in SAFE_ATTRIBUTES:
                yield f"{where}: SecurityRiskAttr: {name}"
            if name in {"href", "src", "cite", "poster"} and not (
                WEB.fullmatch(written) or (name == "href" and written.startswith("mailto:"))
            ):
                yield f"{where}: ContainsRelRef: {name}={written!r}"
        if tag == "img" and element.get("alt") is None:
            yield f"{where}: img without alt"


def repeated(where: str, values: list[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{where}: {count} times: {value}"


def id_problems(where: str, value: str | None) -> Iterator[str]:
    if not value or not ABSOLUTE.fullmatch(value):
        yield f"{where}: not an IRI: {value!r}"
    elif value.startswith("tag:") and not TAG_URI.fullmatch(value):
        yield f"{where}: InvalidTAG: {value}"


def link_problems(where: str, link: Any) -> Iterator[str]:
    rel = link.get("rel", "alternate")
    if rel not in RELATIONS and not (where == "feed" and rel in HISTORY):
        yield f"{where}: UnregisteredAtomLinkRel: {rel}"
    if not WEB.fullmatch(link.get("href", "")):
        yield f"{where}: link {rel}: not absolute: {link.get('href')!r}"
    yield from uri_problems(f"{where} link {rel}", link.get("href"))
    if link.get("type") is not None and not MEDIA_TYPE.fullmatch(link.get("type")):
        yield f"{where}: InvalidMIMEType: {link.get('type')}"
    if link.get("length") is not None and not link.get("length").isdigit():
        yield f"{where}: length: {link.get('length')}"
    if (link.text or "").strip() or len(link):
        yield f"{where}: AtomLinkNotEmpty"
    yield from text_problems(f"{where} link title", link.get("title"), needed=link.get("title") is not None)
    if unknown := set(link.attrib) - {"rel", "href", "type", "title", "length", "hreflang"}:
        yield f"{where}: UnexpectedAttribute: {unknown}"


def construct(where: str, element: Any) -> Iterator[str]:
    """A text construct (RFC 4287, 3.1)."""
    kind = element.get("type", "text")
    if kind not in {"text", "html"} or len(element):
        yield f"{where}: type {kind} with {len(element)} children"
    elif kind == "html":
        yield from html_problems(where, element.text)
    else:
        yield from text_problems(where, element.text)
