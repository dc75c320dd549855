"""Marks of licence, reservation and refusal that a feed or an item carries, each with the name of its carrier.

Sources: RFC 4287, 4946, 5023, Media RSS 1.5.1, the Creative Commons, Dublin Core and podcast namespaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from aggregator.intake.clean import clean_text, clean_url
from aggregator.intake.document import Element, local
from aggregator.intake.elements import RDF_RESOURCE, VALUE_MAX, Fields, relation_of, text_of
from aggregator.intake.phrases import forbids
from aggregator.model.entry import Level, Notice, NoticeKind

BaseOf = Callable[[Element, str | None], str | None]
"""The base of an element, from `xml:base` of it and its ancestors; else what is given."""

_SPDX_LIKE = re.compile(r"cc-by(?:-(?:nc|nd|sa))*-\d\.\d(?:-[a-z]{2,3})?|cc0-1\.0|pdm-1\.0|cc-pddc")
_NAMED = re.compile(
    r"creativecommons\.org[:\d]*/+(?:licen[sc]es?|publicdomain)/|\bcc(?:[\s_/-]{0,2}by\b|[\s-]?0\b)"
    r"|\bcreative[\s-]commons\b.{0,40}?\b(?:attribution|by|zero|non-?\s?commercial|no-?\s?deriv|share-?\s?alike|licen[sc]"
    r"|namensnennung|nicht-?\s?kommerziell|reconocimiento|atribuci|paternit|attribuzione|naamsvermelding)",
    re.IGNORECASE,
)
"""A picture's line that names a licence."""
_PROSE = (
    *("atom:rights", "atom:copyright", "rss:copyright", "dc:rights", "dcterms:rights", "dcterms:accessrights"),
    *("dcterms:rightsholder", "media:copyright", "media:restriction"),
)
_NO = frozenset({"no", "false", "0"})
_SPEAKS = frozenset(
    {*_PROSE, "app:control", "app:draft", "podcast:block", "access:restriction", "atom:link", "creativeCommons:license"}
    | {"cc:license", "dcterms:license", "podcast:license", "podcast:locked"}
)
"""What `marks_of` reads, but for `rss:link`, of which only one with attributes could say something."""

_LINKS = frozenset({"atom:link"})


def _says_nothing(fields: Fields) -> bool:
    """Whether there is no mark among them, as in most items."""
    links = fields.get("rss:link", ())
    if fields.keys().isdisjoint(_SPEAKS):
        return not any(link.attrib for link in links)
    if links or fields.keys() & _SPEAKS != _LINKS:
        return False
    return not any(relation_of(link) == "license" for link in fields["atom:link"])


def marks_of(fields: Fields, level: Level, base: str | None, base_of: BaseOf) -> tuple[Notice, ...]:
    """All that these fields say about rights, each once.

    Args:
        level: whose fields they are.
        base: what relative addresses are relative to, where `base_of` finds nothing nearer.
    """
    if _says_nothing(fields):
        return ()
    notices = [*_licences(fields, level, base, base_of), *_prose(fields, level)]
    for control in (*fields.get("app:control", ()), *fields.get("app:draft", ())):
        draft = control if local(control) == "draft" else next((c for c in control if local(c) == "draft"), None)
        # RFC 5023, 13.1.1, knows yes and no; who writes another word has thought of it, so only a no is one.
        if draft is not None and (draft.text or "").strip().lower() not in _NO:
            notices.append(Notice(kind=NoticeKind.DRAFT, level=level, value="yes", carrier="app:draft"))
    notices.extend(
        Notice(kind=NoticeKind.DENY, level=level, value="block", carrier="podcast:block")
        # With an id it speaks to one platform, and we are none of those that have one.
        for element in fields.get("podcast:block", ())
        if not element.get("id") and clean_text(element.text, 20).lower() == "yes"
    )
    notices.extend(
        # No platform is to take the feed in; whoever may lift that is named beside it.
        Notice(
            kind=NoticeKind.FORBID,
            level=level,
            value=f"locked; ask {owner}" if (owner := clean_text(element.get("owner"), 200)) else "locked",
            carrier="podcast:locked",
        )
        for element in fields.get("podcast:locked", ())
        if clean_text(element.text, 20).lower() == "yes"
    )
    notices.extend(
        Notice(kind=NoticeKind.DENY, level=level, value="deny", carrier="access:restriction")
        for element in fields.get("access:restriction", ())
        if clean_text(element.get("relationship"), 20).lower() == "deny"
    )
    return tuple(dict.fromkeys(notices))


def _licences(fields: Fields, level: Level, base: str | None, base_of: BaseOf) -> Iterator[Notice]:
    for element in (*fields.get("atom:link", ()), *fields.get("rss:link", ())):
        href = (element.get("href") or "").strip()
        if relation_of(element) == "license" and href:
            # Compared as strings (RFC 4946): as written where it is absolute.
            value = href if "://" in href else clean_url(href, base_of(element, base)) or href
            yield _licence(level, value, "atom:link rel=license")
    for key in ("creativeCommons:license", "cc:license", "dcterms:license", "podcast:license"):
        for element in fields.get(key, ()):
            value = element.get(RDF_RESOURCE) or element.get("url") or element.text or ""
            if value.strip():
                yield _licence(level, value if key != "podcast:license" else _podcast_licence(element), key)
    for key in ("dc:rights", "dcterms:rights", "atom:rights", "rss:copyright"):
        for element in fields.get(key, ()):
            value = (element.get(RDF_RESOURCE) or element.text or "").strip()
            if "creativecommons.org/" in value and clean_url(value) is not None:
                yield _licence(level, value, key)


def medium_licence(inner: Fields, around: Fields) -> str | None:
    """A picture's licence: in Media RSS's own element, in Dublin Core's, or as the terms of its copyright or credit."""
    for element in inner.get("media:license") or around.get("media:license") or ():
        return element.get("href") or text_of(element) or None
    for element in inner.get("dcterms:license", ()):
        return element.get(RDF_RESOURCE) or text_of(element) or None
    for element in inner.get("media:copyright") or around.get("media:copyright") or ():
        if element.get("url"):
            return str(element.get("url"))
    lines = (
        text_of(element)
        for key in ("media:copyright", "media:credit")
        for element in inner.get(key) or around.get(key) or ()
    )
    return next(filter(None, map(terms_in_words, lines)), None)


def terms_in_words(line: str) -> str | None:
    """What a caption, credit or copyright line says of its picture's terms; None: it names nobody's terms.

    A refusal, or the name of a licence. "Creative Commons" alone says nothing, as it does in prose.
    """
    line = clean_text(line, 2_000)
    if not (forbids(line) or _names_licence(line)):
        return None
    # Of a long caption the end, where terms stand; a semicolon would part two statements.
    return line[-VALUE_MAX:].replace("; ", ", ")


def _names_licence(line: str) -> bool:
    lower = line.casefold()  # every name holds one of these, in letters that no other one stands for
    return ("cc" in lower or "reat" in lower) and _NAMED.search(line) is not None


def medium_restriction(inner: Fields, around: Fields) -> str | None:
    """What keeps a medium from some readers, as terms that nobody knows: it must be asked; None: nothing does.

    Which countries or sites readers come from is not known, so a restriction to some of them holds for all. `all` and
    `none` are told apart; nothing named is all (Media RSS 1.5.1, `restriction`).
    """
    for element in inner.get("media:restriction") or around.get("media:restriction") or ():
        allows = clean_text(element.get("relationship"), 20).lower() != "deny"
        kind, whom = clean_text(element.get("type"), 20).lower(), text_of(element, 200)
        named = "all" if kind == "sharing" or not whom else whom.lower()
        if named not in {"all", "none"} or allows != (named == "all"):
            return " ".join(filter(None, ("media:restriction", "allow" if allows else "deny", kind, whom)))
    return None


def _licence(level: Level, value: str, carrier: str) -> Notice:
    return Notice(kind=NoticeKind.LICENCE, level=level, value=clean_text(value, VALUE_MAX), carrier=carrier)


def _podcast_licence(element: Element) -> str:
    """An SPDX id in lower case stands for a known licence; any other word for the text at its `url`.

    Source: podcast namespace 1.0, `license`.
    """
    name, address = clean_text(element.text, 128), (element.get("url") or "").strip()
    slug = "-".join(name.lower().replace("_", "-").split())
    if _SPDX_LIKE.fullmatch(slug):
        return slug
    return address or name


def _prose(fields: Fields, level: Level) -> Iterator[Notice]:
    for key in _PROSE:
        for element in fields.get(key, ()):
            text = text_of(element) or clean_text(element.get(RDF_RESOURCE), VALUE_MAX)
            if key == "media:restriction":
                text = " ".join(
                    (clean_text(element.get("relationship"), 20), clean_text(element.get("type"), 20), text)
                ).strip()
            if text:
                kind = NoticeKind.FORBID if forbids(text) else NoticeKind.RIGHTS
                yield Notice(kind=kind, level=level, value=text, carrier=key)
