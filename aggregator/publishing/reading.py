"""What a stranger's reader finds in our bytes: one entry of each format, read again from nothing but the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any, TypedDict

import orjson
from lxml import etree

from aggregator.model.chain import HOP
from aggregator.model.output import Format
from aggregator.publishing import atom, digest, rss
from aggregator.publishing.chain import read_chain
from aggregator.publishing.excerpt import CLASS
from aggregator.publishing.html import ATTRIBUTES, URL_ATTRIBUTES, text_in
from aggregator.publishing.media import read_media
from aggregator.publishing.text import legal, line, spaced, web_address
from aggregator.publishing.xml import ATOM, CC, CONTENT, DC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aggregator.publishing.chain import Told
    from aggregator.publishing.style import Style

_A = f"{{{ATOM}}}"
_ABSOLUTE = re.compile(r"https?://[^\s/?#]|mailto:[^\s]", re.IGNORECASE)
# What our own templates may add to the elements of other people's HTML.
_OURS = frozenset({"class", "id", "rel", "role", "loading"})
_HIDING = frozenset({"details", "audio", "video", "rp", "del", "s"})
"""Elements whose words browsers show late, never or as taken back: an article may have them, a credit may not."""
ENTRY_ID = "e-"
"""How ids of entries begin on a page: nothing inside an entry may look like one."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of HTML as a browser would show it."""

    shown: str = ""
    """Visible text, with its white space as it stands in the bytes."""
    hrefs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Addresses of images and media."""
    addresses: frozenset[str] = frozenset()
    """Every address in any attribute."""
    excerpt: tuple[str, ...] | None = None
    """Paragraphs of the marked excerpt; None: none is marked."""
    beside: str | None = None
    """Visible text outside the excerpt, as it stands; None: all of it is."""
    anchors: tuple[tuple[str, str, str], ...] = ()
    """(words, target, all visible text of the element around it) of each link that has words or a picture to go by.
    Of a credit alone: nobody asks for those of a text."""
    plain: bool = False
    """It is plain text, in which no words can be a link: a link is an address beside them."""
    danger: str | None = None
    """The first thing that is active or deceptive; None: nothing is."""

    # Most texts are never compared: of a full text the proof only asks whether it stands there letter for letter.
    @cached_property
    def text(self) -> str:
        """Visible text, white space collapsed."""
        return spaced(self.shown)

    @cached_property
    def rest(self) -> str:
        """Visible text outside the excerpt, white space collapsed."""
        return self.text if self.beside is None else spaced(self.beside)

    def leads_to(self, target: str) -> bool:
        """Whether somebody who reads it can get to an address."""
        return target in self.hrefs if self.plain else any(found[1] == target for found in self.anchors)

    def links(self, words: str, target: str, text: str) -> bool:
        """Whether just these words of a text are a link to the target."""
        if self.plain:
            return text in self.text and target in self.hrefs
        return any(found[:2] == (words, target) and text in found[2] for found in self.anchors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One entry as found."""

    id: str | None
    title: str
    url: str | None
    main: Piece
    """What is read."""
    side: Piece
    """The summary beside a full text."""
    credit: Piece
    """What of `main` is not the publisher's own text: a credit is looked for there alone, because a text may well name
    its publisher, or link to itself, without crediting anybody."""
    is_whole: bool = True
    """Whether the publisher's text stands in it letter for letter."""
    rights: str | None = None
    """None: the format has only what is visible."""
    licences: frozenset[str] = frozenset()
    canonical: str | None = None
    source: str | None = None
    credit_line: str | None = None
    """The credit as programs are told it."""
    enclosures: frozenset[str] = frozenset()
    media: frozenset[tuple[str, str | None, str | None]] = frozenset()
    """(address, credit, licence) of each image and recording with rights of its own."""
    chain: tuple[Told, ...] = ()
    """The hops as programs are told them."""


# Text nodes in document order: what is left of a text when the excerpt is taken out of it.
_OUTSIDE = etree.XPath(f".//text()[not(ancestor::div[@class='{CLASS}'])]")


class UnreadableError(ValueError):
    """The bytes are not a well-formed entry of the format."""


def xml_parser() -> Any:
    """A parser that resolves nothing and opens nothing (P9)."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


_HTML_PARSER = etree.HTMLParser(no_network=True)
"""Without lxml.html's own classes of elements: asking for the class of each node took a third of all reading."""


def _parsed(html: str) -> Any:
    """HTML as a browser would put it into a page, under one `div`.

    Raises:
        UnreadableError: some of it would end up outside.
    """
    page = etree.fromstring(f"<html><body>{html}</body></html>", _HTML_PARSER)
    body = page[0]
    if len(page) != 1 or body.tag != "body" or body.attrib or page.attrib:
        raise UnreadableError("some of it would stand, or act, outside its place on a page")
    body.tag = "div"
    return body


def _drop(node: Any) -> None:
    """Takes an element out; what follows it stays."""
    parent, before = node.getparent(), node.getprevious()
    if node.tail and before is not None:
        before.tail = (before.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def read(format_: Format, fragment: bytes, text: str = "", style: Style | None = None) -> Reading:
    """The entry that a fragment holds.

    Args:
        text: the HTML of the publisher's own text in it.
        style: of the page on which it stands.
    Raises:
        UnreadableError: it holds none, more than one, or bytes that no reader would take.
    """
    try:
        return _html(fragment, text, style) if format_ is Format.HTML else _READERS[format_](fragment, text)
    except (etree.LxmlError, orjson.JSONDecodeError, UnicodeError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(" ".join(str(error).split())) from error


def _only(entries: list[Any]) -> Any:
    if len(entries) != 1:
        raise UnreadableError(f"it holds {len(entries)} entries where one should be")
    return entries[0]


def _atom(fragment: bytes, text: str) -> Reading:
    root = etree.fromstring(atom.SHELL.wrapped(fragment), xml_parser())
    entry = _only(list(root))
    links = [(link.get("rel"), link.get("href")) for link in entry.findall(f"{_A}link")]
    content = entry.find(f"{_A}content")
    summary = entry.find(f"{_A}summary")
    main = content if content is not None else summary
    return Reading(
        id=entry.findtext(f"{_A}id"),
        title=_plain(entry.find(f"{_A}title")),
        url=_link(links, "alternate"),
        main=piece(_typed(main)),
        side=piece(_typed(summary)) if content is not None else Piece(),
        **_parted(_typed(main), text),
        rights=_plain(entry.find(f"{_A}rights")),
        licences=frozenset(href for rel, href in links if rel == "license"),
        canonical=_link(links, "canonical"),
        source=_plain(entry.find(f"{_A}source/{_A}title")),
        enclosures=frozenset(href for rel, href in links if rel == "enclosure"),
        media=read_media(entry),
        chain=read_chain(entry),
    )


def _typed(node: Any) -> str:
    """A text construct as HTML."""
    if node is None:
        return ""
    text = str(node.text or "")
    return text if node.get("type") == "html" else text.replace("&", "&amp;").replace("<", "&lt;")


def _plain(node: Any) -> str:
    """A text construct as plain text: what of it a reader would see."""
    if node is None:
        return ""
    text = str(node.text or "")
    return piece(text).text if node.get("type") == "html" else text


def _link(links: list[tuple[str, str]], rel: str) -> str | None:
    return next((href for kind, href in links if kind == rel), None)


def _rss(fragment: bytes, text: str) -> Reading:
    root = etree.fromstring(rss.SHELL.wrapped(fragment), xml_parser())
    entry = _only(list(root[0]))
    links = [(link.get("rel"), link.get("href")) for link in entry.findall(f"{_A}link")]
    full = entry.findtext(f"{{{CONTENT}}}encoded")
    description = entry.findtext("description") or ""
    enclosures = {part.get("url") for part in entry.findall("enclosure")}
    return Reading(
        id=entry.findtext("guid"),
        title=entry.findtext("title") or "",
        url=entry.findtext("link"),
        main=piece(description if full is None else full),
        side=piece(description) if full is not None else Piece(),
        **_parted(description if full is None else full, text),
        rights=entry.findtext(f"{{{DC}}}rights"),
        licences=frozenset(node.text for node in entry.findall(f"{{{CC}}}license")),
        canonical=_link(links, "canonical"),
        source=entry.findtext("source"),
        enclosures=frozenset(enclosures | {href for rel, href in links if rel == "enclosure"}),
        media=read_media(entry),
        chain=read_chain(entry),
    )


def _json(fragment: bytes, text: str) -> Reading:
    entry = orjson.loads(fragment)
    rights = entry["_rights"]
    if any(legal(text) != text for text in _strings(entry)):
        raise UnreadableError("it holds characters that XML forbids")
    return Reading(
        id=entry["id"],
        title=entry.get("title", ""),
        url=entry.get("url"),
        main=piece(entry["content_html"]),
        side=Piece(shown=entry.get("summary", "")),
        **_parted(entry["content_html"], text),
        rights=rights["notice"],
        licences=frozenset(licence["url"] for licence in rights.get("licences", ()) if "url" in licence),
        canonical=rights.get("canonical"),
        source=rights["source"]["name"],
        credit_line=rights["credit"],
        enclosures=frozenset(part["url"] for part in entry.get("attachments", ())),
        media=frozenset(
            (part["url"], part.get("credit"), part.get("licence")) for part in rights.get("components", ())
        ),
        chain=tuple(_json_hop(hop) for hop in rights["hops"]),
    )


def _json_hop(hop: dict[str, Any]) -> Told:
    return (*(hop.get(name) for name in HOP), "true" if hop.get("claimed") else None)


def _strings(value: Any) -> list[str]:
    """Every text in a JSON value, keys left out."""
    waiting, found = [value], []
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found


NEXT = "<footer>next</footer>"
_HREF = etree.XPath("a/@href", smart_strings=False)
_CANONICAL = etree.XPath("./p/a[@class='u-canonical']/@href", smart_strings=False)
_ENCLOSURES = etree.XPath("./ul/li/a[@class='u-enclosure']/@href", smart_strings=False)


def _html(fragment: bytes, text: str, style: Style | None) -> Reading:
    written = fragment.decode()
    if legal(written) != written:
        raise UnreadableError("it holds characters that XML forbids")
    article, body = _article(written)
    heading = _only(article.findall("h2"))
    told = _microdata(article, body)
    around, is_whole = without_text(written, text)
    canonical = _CANONICAL(article)
    return Reading(
        id=article.get("id"),
        title=spaced(text_in(heading)),
        url=next(iter(_HREF(heading)), None),
        main=_piece(body),
        # Whatever stands round the text on the page is held to the same rules.
        side=_around(_outside(article, body), article),
        credit=_credit_on_page(around, style),
        is_whole=is_whole,
        canonical=canonical[0] if canonical else None,
        enclosures=frozenset(_ENCLOSURES(article)),
        rights=told.get("copyrightNotice"),
        licences=frozenset(told.get("license", "").split()),
        credit_line=told.get("creditText"),
    )


def _credit_on_page(written: str, style: Style | None) -> Piece:
    """What is read in an entry of a page, as far as the page shows it."""
    article, body = _article(written)
    _microdata(article, body)
    found = _piece(body, credit=True)
    hidden = style.hides(article, body) if style is not None else None
    danger = f"the style of the page hides the credit by '{hidden}'; change river/style.css or the credit's templates"
    return found if found.danger or hidden is None else replace(found, danger=danger)


def _article(written: str) -> tuple[Any, Any]:
    """An entry of a page, and in it what is read."""
    # What follows it on the page must not end up within it: so a page of such fragments needs no reading of its own.
    tree = _parsed(written + NEXT)
    article = _only([node for node in tree.iter("article") if (node.get("id") or "").startswith(ENTRY_ID)])
    if article.getparent() is not tree or len(tree) != 2 or tree[1].tag != "footer" or tree[1].text != "next":
        raise UnreadableError("it holds more than its entry, or is left open")
    return article, _only([node for node in article if node.get("class") in ("e-content", "p-summary")])


_MICRODATA = ("itemprop", "itemscope", "itemtype")


def _microdata(article: Any, body: Any) -> dict[str, str]:
    """What stands in `link` and `meta` round the text, for machines: name → value, several by a space.

    It is taken out of the tree, and so are the marks on other elements: what is left is held to the rules for other
    people's HTML.
    """
    told: dict[str, str] = {}
    for node in [body, *_outside(article, body)]:
        if not isinstance(node.tag, str):
            raise UnreadableError("it holds a comment beside its text")
        name = node.get("itemprop")
        if name and node.tag in ("link", "meta") and set(node.attrib) <= {"itemprop", "href", "content"}:
            told[name] = f"{told.get(name, '')} {node.get('href') or node.get('content') or ''}".strip()
            _drop(node)
            continue
        for attribute in _MICRODATA:
            if node.get(attribute) is not None:
                del node.attrib[attribute]
    return told


_RULE = re.compile(r"-{20,}\[ ([0-9a-f]+) \]--")
_LINK_LINE = re.compile(r"  \[\d+\] (https?://\S+|mailto:\S+)")
_WEB_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\u2068\u2069]+", re.IGNORECASE)


def _text(fragment: bytes, text: str) -> Reading:
    written = fragment.decode()
    if legal(written) != written:
        raise UnreadableError("it holds characters that no reader takes")
    lines = written.split("\n")
    found = _only([match for row in lines if (match := _RULE.fullmatch(row))])
    if not _RULE.fullmatch(lines[0]) or not written.endswith("\n"):
        raise UnreadableError("it does not begin with its rule, or is left open")
    end = lines.index("")
    facts, rows = lines[1:end], lines[end:]
    links = [match[1] for row in rows if (match := _LINK_LINE.fullmatch(row))]
    body = [row for row in rows if (row.startswith("  ") or not row) and not _LINK_LINE.fullmatch(row)]
    credit = [row for row in rows if not row.startswith("  ")]
    around = plain_piece(spaced("\n".join(credit)), *_addresses("\n".join(facts)))
    hrefs = (*links, *around.hrefs)
    attached = [row.removeprefix(digest.ATTACHED).split(" ")[0] for row in facts if row.startswith(digest.ATTACHED)]
    return Reading(
        id=found[1],
        title=facts[0],
        url=next((row for row in facts[1:] if web_address(row)), None),
        main=Piece(
            shown="\n".join([*credit, *body]),
            hrefs=hrefs,
            addresses=frozenset(hrefs),
            excerpt=tuple(filter(None, (spaced(part) for part in "\n".join(body).split("\n\n")))),
            beside="\n".join(credit),
            plain=True,
        ),
        side=Piece(),
        credit=around,
        canonical=next((row.removeprefix(digest.CANONICAL) for row in facts if row.startswith(digest.CANONICAL)), None),
        enclosures=frozenset(attached),
    )


def _addresses(text: str) -> tuple[str, ...]:
    """Every address in running text, with and without the punctuation that follows it."""
    found = []
    for match in _WEB_ADDRESS.findall(text):
        address = match
        while address:
            found.append(address)
            address = address[:-1] if address[-1] in ").,;:!?»”" else ""
    return tuple(found)


def plain_piece(text: str, *addresses: str) -> Piece:
    """A piece of plain text, with addresses that stand elsewhere."""
    return Piece(shown=text, hrefs=(*addresses, *_addresses(text)), plain=True)


_READERS: dict[Format, Callable[[bytes, str], Reading]] = {
    Format.ATOM: _atom,
    Format.RSS: _rss,
    Format.JSON: _json,
    Format.TEXT: _text,
}


GAP = "\n"
"""Stands where the publisher's text stood, when the credit around it is read."""


_BEFORE, _AFTER = "> \n\t", "< \n\t"


class _Parts(TypedDict):
    credit: Piece
    is_whole: bool


def _parted(html: str, text: str) -> _Parts:
    """What is read beside the publisher's text, and whether that is there."""
    around, is_whole = without_text(html, text)
    return {"credit": piece(around, credit=True), "is_whole": is_whole}


def without_text(html: str, text: str) -> tuple[str, bool]:
    """The HTML without a text in it, and whether it was there.

    Looked for between tags or lines: the shortest of texts, a letter, can be found within any tag.
    """
    at = html.find(text) if text else -1
    while at >= 0:
        end = at + len(text)
        if (not at or html[at - 1] in _BEFORE) and (end == len(html) or html[end] in _AFTER):
            return f"{html[:at]}{GAP}{html[end:]}", True
        at = html.find(text, at + 1)
    return html, not text


@lru_cache(maxsize=8)
def piece(html: str, *, credit: bool = False) -> Piece:
    """A piece of HTML as a browser would show it. Four formats carry the same piece, so the last ones are kept.

    Args:
        credit: it is the credit of an entry: what would hide its words is a danger, and links are found by them.
    """
    if "<" not in html:
        return Piece(shown=unescape(html))
    return _piece(_parsed(legal(html)), credit=credit)


def _piece(tree: Any, *, credit: bool = False) -> Piece:
    hrefs: list[str] = []
    sources: list[str] = []
    links: list[Any] = []
    marked: list[Any] = []
    addresses: set[str] = set()
    danger = None
    for node in tree.iter("*"):
        tag, given = node.tag, node.items()
        if danger is None:
            danger = _danger(tag, given, is_root=node is tree) or (_hides(node) if credit else None)
        if not given:
            continue
        href = source = None
        for name, value in given:
            if name in URL_ATTRIBUTES:
                addresses.add(value)
            if name == "href":
                href = value
            elif name == "src":
                source = value
            elif name == "class" and value == CLASS and tag == "div":
                marked.append(node)
        if href and tag == "a":
            hrefs.append(href)
            links.append(node)
        elif source:
            sources.append(source)
    return Piece(
        shown=text_in(tree),
        hrefs=tuple(hrefs),
        sources=tuple(sources),
        addresses=frozenset(addresses),
        anchors=tuple(_anchors(links)) if credit else (),
        excerpt=tuple(spaced(text_in(p)) for p in marked[0]) if len(marked) == 1 else None,
        beside="".join(_OUTSIDE(tree)) if marked else None,
        danger=danger or ("it marks more than one excerpt" if len(marked) > 1 else None),
    )


def _anchors(links: Iterable[Any]) -> Iterator[tuple[str, str, str]]:
    """Links that somebody can see, with what stands around them."""
    texts: dict[Any, str] = {}
    for link in links:
        around = link.getparent()
        if around not in texts:
            texts[around] = spaced(text_in(around))
        words = spaced(text_in(link))
        if line(words) or link.find(".//img") is not None:
            yield words, link.get("href"), texts[around]


def _hides(node: Any) -> str | None:
    """Why the words of an element could be missed."""
    if node.tag in _HIDING:
        return f"element '{node.tag}' would hide or strike out the credit; leave it out of the credit's templates"
    if node.get("aria-hidden") is not None:
        return "attribute 'aria-hidden' would keep the credit from those who listen"
    return None


def _outside(article: Any, body: Any) -> Iterator[Any]:
    """An entry of a page and what it holds, but for what is read in it."""
    yield article
    for child in article:
        if child is not body:
            yield from child.iter()


def _around(nodes: Iterable[Any], root: Any) -> Piece:
    """What elements hold that may not be there: their addresses, and the first thing that is active."""
    addresses: set[str] = set()
    danger = None
    for node in nodes:
        if isinstance(node.tag, str):
            given = node.items()
            danger = danger or _danger(node.tag, given, is_root=node is root)
            addresses.update([value for name, value in given if name in URL_ATTRIBUTES])
    return Piece(addresses=frozenset(addresses), danger=danger)


def _danger(tag: str, given: Sequence[tuple[str, str]], *, is_root: bool) -> str | None:
    """What of an element, with these attributes, is active, or could pass for a part of the page."""
    known = ATTRIBUTES.get(tag)
    if known is None:
        return f"element '{tag}' may not go out"
    for name, value in given:
        if name not in known and name not in _OURS and not name.startswith("aria-"):
            return f"attribute '{name}' of element '{tag}' may not go out"
        if name in URL_ATTRIBUTES and not _ABSOLUTE.match(value):
            return f"address '{value[:80]}' is not absolute http(s)"
        if name == "id" and not is_root and value.startswith(ENTRY_ID):
            return f"id '{value}' could pass for an entry"
    return None
