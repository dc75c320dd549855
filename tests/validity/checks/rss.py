"""RSS 2.0 and the RSS Advisory Board's profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.validity.checks.common import (
    ATOM,
    HTTP_URL,
    LANGUAGE,
    MEDIA_TYPE,
    RFC822,
    WEB,
    character_problems,
    date_problems,
    html_problems,
    link_problems,
    repeated,
    text_problems,
    uri_problems,
    utf8_xml,
)
from tests.validity.checks.media import media_problems

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
_MEDIA = "{http://search.yahoo.com/mrss/}"
_PLAIN = ("title", "category", "source", f"{_DC}rights", f"{_MEDIA}title", f"{_MEDIA}copyright")


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
        problems += link_problems("channel", link)
    items = channel.findall("item")
    if items and any(child.tag != "item" for child in items[0].itersiblings()):
        problems.append("MisplacedItem: an element of the channel after an item")
    problems += repeated("guid", [item.findtext("guid") or "" for item in items])
    for item in items:
        problems += _rss_item(item)
    plain = [channel.find("title"), channel.find("description"), *channel.iterfind("item//*")]
    problems += character_problems(body, [node for node in plain if node.tag in _PLAIN or node.getparent() is channel])
    return problems


def _rss_item(item: Any) -> Iterator[str]:
    where = f"item {item.findtext('guid')}"
    yield from _plain_children(where, item, _ITEM, {"category"})
    if item.findtext("title") is None and item.findtext("description") is None:
        yield f"{where}: ItemMustContainTitleOrDescription"
    if (title := item.findtext("title")) is not None:
        yield from text_problems(f"{where} title", title)
    if (link := item.findtext("link")) is not None:
        yield from uri_problems(f"{where} link", link)
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
        yield from link_problems(where, link)
    yield from _item_places(where, item)
    yield from media_problems(where, item)


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
        yield from uri_problems(f"{where} creativeCommons:license", licence.text)


def _item_places(where: str, item: Any) -> Iterator[str]:
    if (source := item.find("source")) is not None:
        yield from text_problems(f"{where} source", source.text)
        yield from uri_problems(f"{where} source url", source.get("url"))
    enclosure = item.find("enclosure")
    if enclosure is None:
        return
    told = dict(enclosure.attrib)
    yield from uri_problems(f"{where} enclosure", told.get("url"))
    well = HTTP_URL.fullmatch(told.get("url", "")) and MEDIA_TYPE.fullmatch(told.get("type", ""))
    if not well or set(told) != {"url", "length", "type"} or not told["length"].isdigit():
        yield f"{where}: enclosure {told}"
