"""Atom 1.0 with its extensions (RFC 4287, 4946, 5005, 6721)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.validity.checks.common import (
    ATOM,
    HISTORY,
    MAIL,
    RFC3339,
    character_problems,
    construct,
    date_problems,
    id_problems,
    link_problems,
    repeated,
    text_problems,
    uri_problems,
    utf8_xml,
)
from tests.validity.checks.media import media_problems

_PLAIN = ("title", "subtitle", "name", "rights", "summary")
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
    if uri is not None:
        yield from uri_problems(f"{where} author", uri)
    if MAIL.search(person.findtext(f"{ATOM}name") or ""):
        yield f"{where}: ContainsEmail: {person.findtext(f'{ATOM}name')}"


def check_atom(body: bytes, location: str) -> list[str]:
    """RFC 4287, and the rest."""
    feed, problems = utf8_xml(body)
    if feed.tag != f"{ATOM}feed":
        return [*problems, f"root is {feed.tag}"]
    problems += _children("feed", feed, _FEED)
    problems += id_problems("feed id", feed.findtext(f"{ATOM}id"))
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
        problems += link_problems("feed", link)
    for name in ("title", "subtitle", "rights"):
        if (element := feed.find(f"{ATOM}{name}")) is not None:
            problems += construct(f"feed {name}", element)
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
    plain = [node for node in feed.iter(*(f"{ATOM}{name}" for name in _PLAIN)) if node.get("type", "text") == "text"]
    problems += character_problems(body, plain)
    for entry in entries:
        problems += _atom_entry(entry, has_feed_author=feed.find(f"{ATOM}author") is not None)
    return problems


def _atom_entry(entry: Any, *, has_feed_author: bool) -> Iterator[str]:
    where = f"entry {entry.findtext(f'{ATOM}id')}"
    yield from _children(where, entry, _ENTRY)
    yield from id_problems(where, entry.findtext(f"{ATOM}id"))
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
    yield from media_problems(where, entry)
    if (source := entry.find(f"{ATOM}source")) is not None:
        yield from _children(f"{where} source", source, _FEED - {"entry"})
        yield from id_problems(f"{where} source", source.findtext(f"{ATOM}id"))
        yield from date_problems(f"{where} source", source.findtext(f"{ATOM}updated"), RFC3339)
        for link in source.findall(f"{ATOM}link"):
            yield from link_problems(f"{where} source", link)
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
        yield from id_problems(where, one.get("ref"))
        yield from date_problems(f"{where} when", one.get("when"), RFC3339)
        if one.get("ref") in live:
            yield f"{where}: its entry stands in the feed"
        if len(one.findall(f"{ATOM}source")) != 1 or len(one.findall(f"{AT}by")) > 1:
            yield f"{where}: needs one source, and one 'by' at most"
        for source in one.findall(f"{ATOM}source"):
            yield from _children(f"{where} source", source, _FEED - {"entry"})
            yield from id_problems(f"{where} source", source.findtext(f"{ATOM}id"))
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
        yield from link_problems(where, link)
    content, summary = entry.find(f"{ATOM}content"), entry.find(f"{ATOM}summary")
    if content is None and not alternates:
        yield f"{where}: MissingContentOrAlternate"
    if content is None and summary is None:
        yield f"{where}: MissingTextualContent"
    for name in ("title", "summary", "content", "rights"):
        if (element := entry.find(f"{ATOM}{name}")) is not None:
            yield from construct(f"{where} {name}", element)
