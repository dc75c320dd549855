"""Elements of a feed by names of our own, whatever prefix or namespace they came under, and what stands in them."""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.intake.clean import clean_text
from aggregator.intake.document import Element, name_of, namespace
from aggregator.model.entry import Link

XML = "{http://www.w3.org/XML/1998/namespace}"
_PREFIXES = {
    "": "rss",
    "http://backend.userland.com/rss": "rss",
    "http://backend.userland.com/rss2": "rss",
    "http://blogs.law.harvard.edu/tech/rss": "rss",
    "http://purl.org/rss/1.0/": "rss",
    "http://purl.org/net/rss1.1#": "rss",
    "http://my.netscape.com/rdf/simple/0.9/": "rss",
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "creativeCommons",
    "http://web.resource.org/cc/": "cc",
    "http://creativecommons.org/ns#": "cc",
    "http://creativecommons.org/ns#license": "cc",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/DTDs/Podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/DTDs/PodCast-1.0.dtd": "itunes",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://www.w3.org/2007/app": "app",
    "http://purl.org/atom/app#": "app",
    "http://www.bloglines.com/about/specs/fac-1.0": "access",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://prismstandard.org/namespaces/basic/2.0/": "prism",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
}
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
RDF_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_ADDRESS = r"(?:mailto:)?[^\s@()<>\"]+@[^\s@()<>\"]+"
_ADDRESS_NAME = re.compile(rf"{_ADDRESS}\s*[(\"]([^()\"]*)[)\"]", re.IGNORECASE)
_NAME_ADDRESS = re.compile(rf"\"?([^<>@\"]*?)\"?[\s,|·–—-]*(?:<{_ADDRESS}>|\({_ADDRESS}\)|\s{_ADDRESS})", re.IGNORECASE)
_MAILTO = re.compile(r"\Amailto:\s*", re.IGNORECASE)
VALUE_MAX = 1_000
RELATIONS = "http://www.iana.org/assignments/relation/"
"""What a link relation is short for."""
Fields = dict[str, list[Element]]


def relation_of(element: Element) -> str:
    """A link's relation in its short form: it may be written as a whole address (RFC 4287, 4.2.7.2)."""
    return _short(element.get("rel"))


@lru_cache(maxsize=256)
def _short(relation: str | None) -> str:
    return clean_text(relation, 100).lower().removeprefix(RELATIONS)


def fields_of(element: Element, wanted: frozenset[str] | None = None) -> Fields:
    """The children, by `prefix:name` with our own prefixes and names in lower case; foreign ones are left out.

    Args:
        wanted: names of those that are asked for; None: all.
    """
    fields: Fields = {}
    for child in element:
        name = _our_name(child.tag)
        if name and (wanted is None or name in wanted):
            fields.setdefault(name, []).append(child)
    return fields


@lru_cache(maxsize=4_096)
def _our_name(tag: object) -> str:
    """The `prefix:name` of an element; empty for a foreign one, and for what is no element."""
    uri, name = name_of(tag)
    prefix = _PREFIXES.get(uri)
    return f"{prefix}:{name}" if prefix is not None and name else ""


def text_of(element: Element, limit: int = VALUE_MAX) -> str:
    """The element's text on one line; markup resolved where the element declares some, or plainly holds some."""
    text = element.text or ""
    if len(element):
        text = "".join(element.itertext())
        return clean_text(text, limit)
    declared = (element.get("type") or "").lower()
    plain = declared in {"text", "text/plain", "plain"} or (
        not declared and namespace(element) == "http://www.w3.org/2005/Atom"
    )
    return clean_text(text, limit, markup=not plain)


def first_text(fields: Fields, *keys: str) -> str:
    return next((text for key in keys for element in fields.get(key, ()) if (text := text_of(element))), "")


def raw(fields: Fields, key: str) -> str | None:
    for element in fields.get(key, ()):
        text = ("".join(element.itertext()) if len(element) else element.text or "").strip()
        if text:
            return text[:10_000]
    return None


def has_text(elements: list[Element] | None) -> bool:
    # To ask whether it is white space takes none of it apart.
    return any(len(element) or ((text := element.text) and not text.isspace()) for element in elements or ())


def attribute(element: Element, name: str) -> str | None:
    """An attribute, whatever the case of its name (CDF and old RSS write them in capitals)."""
    for key, value in element.attrib.items():
        if isinstance(key, str) and key.lower() == name:
            return str(value)
    return None


def item_id(item: Element, fields: Fields | None = None) -> str | None:
    """The item's own id as written, surrounding white space removed."""
    fields = fields_of(item) if fields is None else fields
    return raw(fields, "atom:id") or raw(fields, "rss:guid") or (item.get(RDF_ABOUT) or "").strip() or None


def permalink(links: list[Link]) -> str | None:
    alternates = [link for link in links if link.rel == "alternate"]
    html = [link for link in alternates if link.type in {None, "text/html", "application/xhtml+xml"}]
    return next((link.href for link in (*html, *alternates)), None)


def language_of(element: Element, fields: Fields) -> str | None:
    tagged = element.get(f"{XML}lang")
    if not tagged:
        tagged = next((e.text for key in ("dc:language", "rss:language") for e in fields.get(key, ()) if e.text), None)
    return language_tag(tagged)


def language_tag(tag: str | None) -> str | None:
    """A BCP 47 tag in its usual case (`pt-BR`, `zh-Hant`), or None for what is none."""
    if not tag:
        return None
    parts = tag.strip().replace("_", "-").split("-")
    if not (2 <= len(parts[0]) <= 3 and parts[0].isascii() and parts[0].isalpha()):
        return None
    if not all(1 <= len(part) <= 8 and part.isascii() and part.isalnum() for part in parts[1:]):
        return None
    rest = [
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 and part.isalpha() else part.lower()
        for part in parts[1:]
    ]
    return "-".join([parts[0].lower(), *rest])


@lru_cache(maxsize=256)  # the same few write most of a feed
def person_name(text: str | None) -> str:
    """The name in `Name`, `address (Name)`, `Name (address)`, `Name <address>` or `Name address`.

    Credit names people: where the feed tells a name, the address that stands beside it is never shown. Where there is
    no name, it is the address.
    """
    name = clean_text(text, 300, markup="<" in (text or "") and "@" not in (text or ""))
    if "@" not in name:
        return name
    match = _ADDRESS_NAME.fullmatch(name) or _NAME_ADDRESS.fullmatch(name)
    return (match[1].strip() if match else "") or _MAILTO.sub("", name)


_COUNT_MAX = 999_999


def count_of(text: str | None) -> int:
    """A whole number; one that is longer than any that is meant is as much as can be."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return 0
    digits = digits.lstrip("0")
    return min(int(digits or "0"), _COUNT_MAX) if len(digits) <= 9 else _COUNT_MAX
