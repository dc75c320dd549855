"""The formats' own rules, and what the W3C feed validator is known to warn of, as functions from bytes to problems.

Written from the specifications, without a line of the program: what the writers and their proof have in common with
each other, they do not have in common with this.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
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


def _id_problems(where: str, value: str | None) -> Iterator[str]:
    if not value or not ABSOLUTE.fullmatch(value):
        yield f"{where}: not an IRI: {value!r}"
    elif value.startswith("tag:") and not TAG_URI.fullmatch(value):
        yield f"{where}: InvalidTAG: {value}"


def _link_problems(where: str, link: Any) -> Iterator[str]:
    rel = link.get("rel", "alternate")
    if rel not in RELATIONS and not (where == "feed" and rel in HISTORY):
        yield f"{where}: UnregisteredAtomLinkRel: {rel}"
    if not WEB.fullmatch(link.get("href", "")):
        yield f"{where}: link {rel}: not absolute: {link.get('href')!r}"
    if link.get("type") is not None and not MEDIA_TYPE.fullmatch(link.get("type")):
        yield f"{where}: InvalidMIMEType: {link.get('type')}"
    if link.get("length") is not None and not link.get("length").isdigit():
        yield f"{where}: length: {link.get('length')}"
    if (link.text or "").strip() or len(link):
        yield f"{where}: AtomLinkNotEmpty"
    yield from text_problems(f"{where} link title", link.get("title"), needed=link.get("title") is not None)
    if unknown := set(link.attrib) - {"rel", "href", "type", "title", "length", "hreflang"}:
        yield f"{where}: UnexpectedAttribute: {unknown}"


def _construct(where: str, element: Any) -> Iterator[str]:
    """A text construct (RFC 4287, 3.1)."""
    kind = element.get("type", "text")
    if kind not in {"text", "html"} or len(element):
        yield f"{where}: type {kind} with {len(element)} children"
    elif kind == "html":
        yield from html_problems(where, element.text)
    else:
        yield from text_problems(where, element.text)


_ONCE = {"id", "title", "updated", "published", "rights", "summary", "content", "source", "subtitle", "generator"}
_FEED = {
    "id",
    "title",
    "updated",
    "subtitle",
    "author",
    "category",
    "link",
    "generator",
    "rights",
    "entry",
    "icon",
    "logo",
}
_ENTRY = {
    "id",
    "title",
    "updated",
    "published",
    "author",
    "contributor",
    "category",
    "link",
    "rights",
    "summary",
    "content",
    "source",
}


def _children(where: str, element: Any, known: set[str]) -> Iterator[str]:
    names = [child.tag.removeprefix(ATOM) for child in element if child.tag.startswith(ATOM)]
    for name, count in Counter(names).items():
        if name not in known:
            yield f"{where}: UndefinedElement: {name}"
        if name in _ONCE and count > 1:
            yield f"{where}: DuplicateElement: {name}"
    for name in ("id", "title", "updated"):
        if name not in names:
            yield f"{where}: MissingElement: {name}"
    if any(child.tag.startswith("{") is False for child in element):
        yield f"{where}: an element in no namespace"


def _person(where: str, person: Any) -> Iterator[str]:
    yield from text_problems(f"{where} author", person.findtext(f"{ATOM}name"))
    uri = person.findtext(f"{ATOM}uri")
    if uri is not None and not WEB.fullmatch(uri):
        yield f"{where}: author uri {uri!r}"


def check_atom(body: bytes, location: str) -> list[str]:
    """RFC 4287, and the rest."""
    feed, problems = utf8_xml(body)
    if feed.tag != f"{ATOM}feed":
        return [*problems, f"root is {feed.tag}"]
    problems += _children("feed", feed, _FEED)
    problems += _id_problems("feed id", feed.findtext(f"{ATOM}id"))
    problems += date_problems("feed updated", feed.findtext(f"{ATOM}updated"), RFC3339)
    first = feed.find(f"{ATOM}entry")
    if first is not None and any(child.tag != f"{ATOM}entry" for child in first.itersiblings()):
        problems.append("MisplacedMetadata: an element of the feed after an entry")
    links = feed.findall(f"{ATOM}link")
    selves = [link.get("href") for link in links if link.get("rel") == "self"]
    if not selves:
        problems.append("MissingSelf")
    elif selves != [location]:
        problems.append(f"SelfDoesntMatchLocation: {selves} is served at {location}")
    problems += repeated("feed link", [f"{link.get('rel')} {link.get('type')}" for link in links])
    for link in links:
        problems += _link_problems("feed", link)
    for name in ("title", "subtitle", "rights"):
        if (element := feed.find(f"{ATOM}{name}")) is not None:
            problems += _construct(f"feed {name}", element)
    for person in feed.findall(f"{ATOM}author"):
        problems += _person("feed", person)
    problems += _tombstones(feed)
    problems += _history(feed, {link.get("rel") for link in links})
    entries = feed.findall(f"{ATOM}entry")
    problems += repeated("DuplicateEntries", [entry.findtext(f"{ATOM}id") or "" for entry in entries])
    problems += repeated("DuplicateUpdated", [entry.findtext(f"{ATOM}updated") or "" for entry in entries])
    newest = max((entry.findtext(f"{ATOM}updated") or "" for entry in entries), default="")
    if newest > (feed.findtext(f"{ATOM}updated") or ""):
        problems.append("the feed is older than its newest entry")
    for entry in entries:
        problems += _atom_entry(entry, has_feed_author=feed.find(f"{ATOM}author") is not None)
    return problems


def _atom_entry(entry: Any, *, has_feed_author: bool) -> Iterator[str]:
    where = f"entry {entry.findtext(f'{ATOM}id')}"
    yield from _children(where, entry, _ENTRY)
    yield from _id_problems(where, entry.findtext(f"{ATOM}id"))
    yield from date_problems(f"{where} updated", entry.findtext(f"{ATOM}updated"), RFC3339)
    if (published := entry.findtext(f"{ATOM}published")) is not None:
        yield from date_problems(f"{where} published", published, RFC3339)
        if published > (entry.findtext(f"{ATOM}updated") or ""):
            yield f"{where}: published after updated"
    if entry.find(f"{ATOM}author") is None and not has_feed_author:
        yield f"{where}: MissingElement: author"
    for person in entry.findall(f"{ATOM}author"):
        yield from _person(where, person)
    for category in entry.findall(f"{ATOM}category"):
        yield from text_problems(f"{where} category", category.get("term"))
    yield from _entry_texts(where, entry)
    yield from _media(where, entry)
    if (source := entry.find(f"{ATOM}source")) is not None:
        yield from _children(f"{where} source", source, _FEED - {"entry"})
        yield from _id_problems(f"{where} source", source.findtext(f"{ATOM}id"))
        yield from date_problems(f"{where} source", source.findtext(f"{ATOM}updated"), RFC3339)
        for link in source.findall(f"{ATOM}link"):
            yield from _link_problems(f"{where} source", link)
    for element in (entry, source):
        yield from _licences(where, element)


FH = "{http://purl.org/syndication/history/1.0}"


def _history(feed: Any, relations: set[str]) -> Iterator[str]:
    """RFC 5005, 4: an archive document says that it is one, and where the current one is; no other says so."""
    marks = len(feed.findall(f"{FH}archive"))
    if marks > 1 or (marks == 1) != ("current" in relations):
        yield f"{marks} fh:archive, with links {sorted(relations & HISTORY)}"
    if not marks and "next-archive" in relations:
        yield "next-archive in a document that is no archive"


AT = "{http://purl.org/atompub/tombstones/1.0}"


def _tombstones(feed: Any) -> Iterator[str]:
    """RFC 6721, 3: what a tombstone must have in a feed that is not its entry's own."""
    found = feed.findall(f"{AT}deleted-entry")
    yield from repeated("deleted-entry", [f"{one.get('ref')} {one.get('when')}" for one in found])
    live = {entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")}
    for one in found:
        where = f"deleted-entry {one.get('ref')}"
        yield from _id_problems(where, one.get("ref"))
        yield from date_problems(f"{where} when", one.get("when"), RFC3339)
        if one.get("ref") in live:
            yield f"{where}: its entry stands in the feed"
        if len(one.findall(f"{ATOM}source")) != 1 or len(one.findall(f"{AT}by")) > 1:
            yield f"{where}: needs one source, and one 'by' at most"
        for source in one.findall(f"{ATOM}source"):
            yield from _children(f"{where} source", source, _FEED - {"entry"})
            yield from _id_problems(f"{where} source", source.findtext(f"{ATOM}id"))
        for by in one.findall(f"{AT}by"):
            yield from _person(where, by)
        if (one.get("when") or "") > (feed.findtext(f"{ATOM}updated") or ""):
            yield f"{where}: the feed is older than its tombstone"


UNSPECIFIED = "http://purl.org/atompub/license#unspecified"


def _licences(where: str, element: Any) -> Iterator[str]:
    """RFC 4946, 2 and 2.1: no two links alike, and `#unspecified` stands alone."""
    if element is None:
        return
    links = [(link.get("href"), link.get("type")) for link in element.findall(f"{ATOM}link[@rel='license']")]
    yield from repeated(f"{where} license", [f"{href} {kind}" for href, kind in links])
    if any(href == UNSPECIFIED for href, _ in links) and len(links) > 1:
        yield f"{where}: #unspecified beside another licence"


def _entry_texts(where: str, entry: Any) -> Iterator[str]:
    """Links and texts together: one may stand for the other (RFC 4287, 4.1.2)."""
    links = entry.findall(f"{ATOM}link")
    alternates = [link for link in links if link.get("rel", "alternate") == "alternate"]
    yield from repeated(f"{where} alternate", [f"{link.get('type')} {link.get('hreflang')}" for link in alternates])
    for link in links:
        yield from _link_problems(where, link)
    content, summary = entry.find(f"{ATOM}content"), entry.find(f"{ATOM}summary")
    if content is None and not alternates:
        yield f"{where}: MissingContentOrAlternate"
    if content is None and summary is None:
        yield f"{where}: MissingTextualContent"
    for name in ("title", "summary", "content", "rights"):
        if (element := entry.find(f"{ATOM}{name}")) is not None:
            yield from _construct(f"{where} {name}", element)


_MEDIA = "{http://search.yahoo.com/mrss/}"
_MEDIA_ONCE = {"title", "copyright"}
_MEDIA_KNOWN = {"title", "copyright", "credit"}
_DCTERMS = "{http://purl.org/dc/terms/}"


def _media(where: str, entry: Any) -> Iterator[str]:
    """Media RSS 1.5.1 as the W3C validator knows it: no `license` (it says UndefinedElement), no empty number."""
    for node in entry.findall(f"{_MEDIA}content"):
        place = f"{where} media:content"
        if not WEB.fullmatch(node.get("url", "")):
            yield f"{place}: url {node.get('url')!r}"
        if node.get("medium", "image") not in {"image", "audio", "video", "document", "executable"}:
            yield f"{place}: InvalidMediaMedium: {node.get('medium')}"
        if node.get("type") is not None and not MEDIA_TYPE.fullmatch(node.get("type")):
            yield f"{place}: InvalidMIMEAttribute: {node.get('type')}"
        if unknown := set(node.attrib) - {"url", "type", "medium"}:
            yield f"{place}: UnexpectedAttribute: {unknown}"
        names = [child.tag for child in node]
        for name in set(names):
            plain = name.removeprefix(_MEDIA)
            if plain not in _MEDIA_KNOWN and name != f"{_DCTERMS}license":
                yield f"{place}: UndefinedElement: {name}"
            if plain in _MEDIA_ONCE and names.count(name) > 1:
                yield f"{place}: DuplicateElement: {name}"
        for child in node:
            yield from text_problems(place, child.text)
            if child.get("url") is not None and not WEB.fullmatch(child.get("url")):
                yield f"{place}: {child.tag} url {child.get('url')!r}"


_CHANNEL = {
    "title",
    "link",
    "description",
    "language",
    "copyright",
    "pubDate",
    "lastBuildDate",
    "category",
    "generator",
    "docs",
    "ttl",
    "image",
    "item",
}
_ITEM = {"title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source"}
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CC = "{http://backend.userland.com/creativeCommonsRssModule}license"


def _plain_children(where: str, element: Any, known: set[str], many: set[str]) -> Iterator[str]:
    names = [child.tag for child in element if not child.tag.startswith("{")]
    for name, count in Counter(names).items():
        if name not in known:
            yield f"{where}: UndefinedElement: {name}"
        if name not in many and count > 1:
            yield f"{where}: DuplicateElement: {name}"


def check_rss(body: bytes, location: str) -> list[str]:
    """RSS 2.0, the RSS Advisory Board's best practices profile, and the rest."""
    rss, problems = utf8_xml(body)
    channel = rss.find("channel")
    if rss.tag != "rss" or rss.get("version") != "2.0" or channel is None or len(rss) != 1:
        return [*problems, "not RSS 2.0"]
    problems += _plain_children("channel", channel, _CHANNEL, {"item", "category"})
    for name in ("title", "description"):
        problems += text_problems(f"channel {name}", channel.findtext(name))
    if not WEB.fullmatch(channel.findtext("link") or ""):
        problems.append(f"channel link: {channel.findtext('link')!r}")
    if (language := channel.findtext("language")) is not None and not LANGUAGE.fullmatch(language):
        problems.append(f"channel language: {language}")
    problems += date_problems("lastBuildDate", channel.findtext("lastBuildDate"), RFC822)
    links = channel.findall(f"{ATOM}link")
    selves = [link for link in links if link.get("rel") == "self"]
    if [link.get("href") for link in selves] != [location]:
        problems.append(f"MissingAtomSelfLink or SelfDoesntMatchLocation: {[link.attrib for link in selves]}")
    elif selves[0].get("type") != "application/rss+xml":
        problems.append("SelfNotAtom: type of the self link")
    for link in links:
        problems += _link_problems("channel", link)
    items = channel.findall("item")
    if items and any(child.tag != "item" for child in items[0].itersiblings()):
        problems.append("MisplacedItem: an element of the channel after an item")
    problems += repeated("guid", [item.findtext("guid") or "" for item in items])
    for item in items:
        problems += _rss_item(item)
    return problems


def _rss_item(item: Any) -> Iterator[str]:
    where = f"item {item.findtext('guid')}"
    yield from _plain_children(where, item, _ITEM, {"category"})
    if item.findtext("title") is None and item.findtext("description") is None:
        yield f"{where}: ItemMustContainTitleOrDescription"
    if (title := item.findtext("title")) is not None:
        yield from text_problems(f"{where} title", title)
    if (link := item.findtext("link")) is not None and not WEB.fullmatch(link):
        yield f"{where}: link {link!r}"
    guid = item.find("guid")
    if guid is None or not (guid.text or "").strip():
        yield f"{where}: MissingGuid"
    elif guid.get("isPermaLink", "true") != "false" and not WEB.fullmatch(guid.text):
        yield f"{where}: InvalidHttpGUID"
    elif len(guid.text) < 9 and guid.text.isdigit():
        yield f"{where}: NotSufficientlyUnique"
    yield from date_problems(f"{where} pubDate", item.findtext("pubDate"), RFC822)
    yield from _item_texts(where, item)
    yield from _item_people(where, item)
    for link in item.findall(f"{ATOM}link"):
        yield from _link_problems(where, link)
    yield from _item_places(where, item)
    yield from _media(where, item)


def _item_texts(where: str, item: Any) -> Iterator[str]:
    yield from html_problems(f"{where} description", item.findtext("description"))
    order = [child.tag for child in item]
    if _CONTENT in order:
        yield from html_problems(f"{where} content:encoded", item.findtext(_CONTENT))
        if "description" not in order or order.index("description") > order.index(_CONTENT):
            yield f"{where}: NeedDescriptionBeforeContent"
    for category in item.findall("category"):
        yield from text_problems(f"{where} category", category.text)


def _item_people(where: str, item: Any) -> Iterator[str]:
    for core, extension in (("author", "creator"), ("category", "subject"), ("pubDate", "date"), ("source", "source")):
        if item.find(core) is not None and item.find(f"{_DC}{extension}") is not None:
            yield f"{where}: DuplicateItemSemantics: {core} and dc:{extension}"
    if (author := item.findtext("author")) is not None and "@" not in author:
        yield f"{where}: InvalidContact: {author}"
    for creator in item.findall(f"{_DC}creator"):
        yield from text_problems(f"{where} dc:creator", creator.text)
    if len(item.findall(f"{_DC}rights")) > 1:
        yield f"{where}: DuplicateElement: dc:rights"
    yield from text_problems(f"{where} dc:rights", item.findtext(f"{_DC}rights"), needed=False)
    for licence in item.findall(_CC):
        if not WEB.fullmatch(licence.text or ""):
            yield f"{where}: creativeCommons:license {licence.text!r}"


def _item_places(where: str, item: Any) -> Iterator[str]:
    if (source := item.find("source")) is not None:
        yield from text_problems(f"{where} source", source.text)
        if not WEB.fullmatch(source.get("url", "")):
            yield f"{where}: source url {source.get('url')!r}"
    enclosure = item.find("enclosure")
    if enclosure is None:
        return
    told = dict(enclosure.attrib)
    well = WEB.fullmatch(told.get("url", "")) and MEDIA_TYPE.fullmatch(told.get("type", ""))
    if not well or set(told) != {"url", "length", "type"} or not told["length"].isdigit():
        yield f"{where}: enclosure {told}"


_FEED_TYPES: dict[str, type] = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list,
    "items": list,
}  # fmt: skip
_ITEM_TYPES: dict[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str,
    "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list,
}  # fmt: skip


def _typed(where: str, value: dict[str, Any], types: dict[str, type]) -> Iterator[str]:
    for key, found in value.items():
        if key.startswith("_"):
            if not isinstance(found, dict):
                yield f"{where}: extension {key} is no object"
        elif key not in types:
            yield f"{where}: unknown key {key}"
        elif type(found) is not types[key]:
            yield f"{where}: {key} is a {type(found).__name__}"
        elif found in ("", []) and key != "items":
            yield f"{where}: {key} is empty"


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice: {keys}"
    return dict(pairs)


def check_json(body: bytes, location: str) -> list[str]:
    """JSON Feed 1.1."""
    feed = json.loads(body.decode("utf-8"), object_pairs_hook=_unrepeated)
    problems = list(_typed("feed", feed, _FEED_TYPES))
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        problems.append(f"version {feed.get('version')}")
    if feed.get("feed_url") != location:
        problems.append(f"feed_url {feed.get('feed_url')} is served at {location}")
    if not WEB.fullmatch(feed.get("home_page_url", "")):
        problems.append(f"home_page_url {feed.get('home_page_url')}")
    if "items" not in feed:
        problems.append("items is missing")
    problems += text_problems("feed title", feed.get("title"))
    problems += _authors("feed", feed)
    items = feed.get("items", [])
    problems += repeated("id", [item.get("id") for item in items])
    for item in items:
        problems += _json_item(item)
    return problems


def _authors(where: str, value: dict[str, Any]) -> Iterator[str]:
    for author in value.get("authors", []):
        if not set(author) <= {"name", "url", "avatar"} or not set(author):
            yield f"{where}: author {author}"
        if "url" in author and not WEB.fullmatch(author["url"]):
            yield f"{where}: author url {author['url']}"


def _json_item(item: dict[str, Any]) -> Iterator[str]:
    where = f"item {item.get('id')}"
    yield from _typed(where, item, _ITEM_TYPES)
    if not item.get("id"):
        yield f"{where}: id is missing"
    if "content_html" not in item and "content_text" not in item:
        yield f"{where}: no content"
    if "content_html" in item:
        yield from html_problems(where, item["content_html"])
    for key in ("url", "external_url"):
        if key in item and not WEB.fullmatch(item[key]):
            yield f"{where}: {key} {item[key]}"
    for key in ("date_published", "date_modified"):
        if key in item:
            yield from date_problems(f"{where} {key}", item[key], RFC3339)
    yield from _authors(where, item)
    for part in item.get("attachments", []):
        if not WEB.fullmatch(part.get("url", "")) or not MEDIA_TYPE.fullmatch(part.get("mime_type", "")):
            yield f"{where}: attachment {part}"
        if not isinstance(part.get("size_in_bytes", 0), int):
            yield f"{where}: attachment size {part}"


def check_html(body: bytes, location: str) -> list[str]:
    """HTML5 without a parse error, ids once, every link absolute or to a place on the page, nothing active."""
    text = body.decode("utf-8")
    problems = [f"BadCharacters: {bad[0]!r}" for bad in BAD_CHARACTERS.finditer(text)]
    try:
        root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    except html5lib.html5parser.ParseError as error:
        return [*problems, f"NotHtml: {error}"]
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    if not LANGUAGE.fullmatch(root.get("lang", "")):
        problems.append(f"lang {root.get('lang')!r}")
    problems += text_problems("title", root.findtext("head/title"))
    ids = [element.get("id") for element in elements if element.get("id")]
    problems += repeated("id", ids)
    tags = Counter(element.tag for element in elements)
    # Once each, however many articles there are around it.
    tags["h1"] -= len(set(root.findall(".//article//h1")))  # an article's own headings are its publisher's
    problems += [f"{tags[tag]} {tag}" for tag in ("h1", "main", "title") if tags[tag] != 1]
    active = ("script", "iframe", "object", "embed", "form", "base", "svg", "math", "template")
    problems += [f"SecurityRisk: <{tag}>" for tag in active if tags[tag]]
    for element in elements:
        problems += _attribute_problems(element, set(ids))
    own = [element.get("href") for element in elements if element.tag == "link" and element.get("rel") == "self"]
    if own != [location]:
        problems.append(f"SelfDoesntMatchLocation: {own} is served at {location}")
    return problems


def _attribute_problems(element: Any, ids: set[str]) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name.startswith("on") or name == "style":
            yield f"SecurityRiskAttr: {name}"
        if name not in {"href", "src", "poster", "cite"}:
            continue
        if value.startswith("#"):
            if value[1:] not in ids:
                yield f"a link to nowhere: {value}"
        elif not WEB.fullmatch(value) and not value.startswith("mailto:"):
            yield f"ContainsRelRef: {name}={value!r}"


def check_text(body: bytes, location: str) -> list[str]:
    """Lines that a terminal and a mail can show: no control, no trailing space, as wide as they may be."""
    text = body.decode("utf-8")
    problems = [f"BadCharacters: {bad[0]!r}" for bad in BAD_CHARACTERS.finditer(text)]
    if not text.endswith("\n") or "\n\n\n" in text or "\t" in text:
        problems.append("does not end with a line break, or has a tab or two blank lines")
    for row in text.split("\n"):
        if row != row.rstrip():
            problems.append(f"a space at the end: {row!r}")
        if len(row.encode()) > 998:  # RFC 5322, 2.1.1
            problems.append(f"too long for a mail: {row[:80]}")
    return problems


CHECKS = {"atom": check_atom, "rss": check_rss, "json": check_json, "html": check_html, "txt": check_text}
