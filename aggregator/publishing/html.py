"""HTML on its way out: one more pass of the allowlist, components taken out, text with its links read from it.

Content was made safe on the way in. It is passed through an allowlist again here, because what is published must not
depend on how well something was stored years ago (P1); on safe HTML that changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import nh3
from lxml import etree
from lxml import html as lxml_html
from markupsafe import escape

from aggregator.publishing.text import legal

_GLOBAL = {"lang", "dir", "title"}
_PLAIN = (
    "p br hr em strong b i u s small mark sub sup abbr cite code kbd samp var dfn pre span div section article aside "
    "header footer address nav h1 h2 h3 h4 h5 h6 ul dl dt dd figure figcaption table caption colgroup thead tbody "
    "tfoot tr ruby rt rp bdi wbr details summary hgroup picture"
)
ATTRIBUTES: dict[str, set[str]] = {
    **{tag: set(_GLOBAL) for tag in _PLAIN.split()},
    "a": {*_GLOBAL, "href", "hreflang"},
    "img": {*_GLOBAL, "src", "alt", "width", "height"},
    "audio": {*_GLOBAL, "src", "controls"},
    "video": {*_GLOBAL, "src", "poster", "width", "height", "controls"},
    "source": {"src", "type"},
    "blockquote": {*_GLOBAL, "cite"},
    "q": {*_GLOBAL, "cite"},
    "ins": {*_GLOBAL, "cite", "datetime"},
    "del": {*_GLOBAL, "cite", "datetime"},
    "time": {*_GLOBAL, "datetime"},
    "ol": {*_GLOBAL, "start", "reversed", "type"},
    "li": {*_GLOBAL, "value"},
    "col": {"span"},
    "td": {*_GLOBAL, "colspan", "rowspan"},
    "th": {*_GLOBAL, "colspan", "rowspan", "scope"},
}
"""The elements and attributes of other people's HTML that may go out: those that intake lets in, and no others; nor
those that the W3C's feed validator does not know (`rb`, `rtc`) or calls a risk (`bdo`), whose words stay."""

URL_ATTRIBUTES = frozenset({"href", "src", "cite", "poster"})
SCHEMES = frozenset({"http", "https", "mailto"})

_GONE = "script style template svg math iframe noscript object select title"
# A second list beside intake's is meant: a hole torn into one of them by an edit is still closed by the other.
_cleaner = nh3.Cleaner(
    tags=set(ATTRIBUTES),
    attributes=ATTRIBUTES,
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=None,
    clean_content_tags=set(_GONE.split()),
)

_OBSOLETE_LIKE = re.compile(r"<(?:strike|tt|big|center)[\s/>]", re.IGNORECASE)
_lenient = nh3.Cleaner(
    tags={*ATTRIBUTES, *["strike", "tt", "big", "center"]},
    attributes={**ATTRIBUTES, **{tag: set(_GLOBAL) for tag in ["strike", "tt", "big", "center"]}},
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=None,
    clean_content_tags=set(_GONE.split()),
)

_BLOCK_NAMES = (
    "p div section article aside header footer main address nav h1 h2 h3 h4 h5 h6 ul ol li dl dt dd figure table "
    "caption thead tbody tfoot tr blockquote pre hr details summary hgroup center"
)
BLOCKS = frozenset(_BLOCK_NAMES.split())
# What these hold is not running text: captions belong to the picture, `rt` repeats its word in another script.
_ASIDE = frozenset({"figcaption", "audio", "video", "rt", "rp"})
_MEDIA = ("img", "video", "audio", "source")
_APART = frozenset({"br", "td", "th"})
"""Words before and after these are not one word."""


_OBSOLETE = re.compile(r'<(/?)(strike|tt|big|center)((?:\s[a-z-]+="[^"]*")*)>')
_TODAY = {"strike": "s", "tt": "code", "big": "strong", "center": "div"}
_IMAGE = re.compile(r'<img((?:\s[a-z-]+="[^"]*")*)>')


def scrub(html: str) -> str:
    """The HTML with nothing but `ATTRIBUTES` in it; the same string if it held nothing else.

    What HTML no longer has is said in today's elements, and a picture without words for those who do not see it says
    so: validators call the one obsolete and the other an error.
    """
    if not html:
        return ""
    html = legal(html)
    if _OBSOLETE_LIKE.search(html):
        # Written by the cleaner first, so that a tag is what it looks like.
        html = _OBSOLETE.sub(lambda tag: f"<{tag[1]}{_TODAY[tag[2]]}{tag[3]}>", _lenient.clean(html))
    cleaned = _cleaner.clean(html)
    return _IMAGE.sub(_with_words, cleaned) if "<img" in cleaned else cleaned


def _with_words(image: re.Match[str]) -> str:
    return image[0] if ' alt="' in image[1] else f'<img{image[1]} alt="">'


def parse(html: str) -> Any:
    """The fragment's tree under one `div`; an empty `div` of blank HTML."""
    if not html.strip():
        return lxml_html.Element("div")
    return lxml_html.fragment_fromstring(legal(html), create_parent="div")


def hrefs(tree: Any) -> tuple[str, ...]:
    """Targets of all links in document order."""
    return tuple(link.get("href") for link in tree.iter("a") if link.get("href"))


_LINK = re.compile(r'<a((?:\s[a-z-]+="[^"]*")*)>')
_HREF = re.compile(r'\shref="([^"]*)"')


def targets(html: str) -> tuple[str, ...]:
    """`hrefs` of what `scrub` wrote, without a tree: there, attributes are double-quoted and hold no raw quotes."""
    found = (_HREF.search(attributes) for attributes in _LINK.findall(html)) if "<a " in html else ()
    return tuple(unescape(href[1]) for href in found if href and href[1])


def without(html: str, removed: frozenset[str]) -> str:
    """The HTML without the components of those URLs: with their figure, their caption, their links.

    HTML that holds none of them comes back byte for byte.
    """
    if not removed or not html:
        return html
    tree = parse(html)
    gone = [node for node in tree.iter(*_MEDIA) if not removed.isdisjoint((node.get("src"), node.get("poster")))]
    linked = [node for node in tree.iter() if isinstance(node.tag, str) and not removed.isdisjoint(_addresses(node))]
    if not gone and not linked:
        return html
    for node in gone:
        _take_out(node)
    for node in linked:
        for attribute in URL_ATTRIBUTES & set(node.attrib):
            if node.get(attribute) in removed:
                del node.attrib[attribute]
        if node.tag == "a" and node.getparent() is not None:
            _unlink(node)
    return scrub(inner(tree))


def _addresses(node: Any) -> tuple[str, ...]:
    return tuple(node.get(attribute) for attribute in URL_ATTRIBUTES if node.get(attribute))


def _take_out(node: Any) -> None:
    """Takes out the component and whatever stood there only for it."""
    node = _holder(node)
    parent = node.getparent()
    if parent is None:
        return
    node.drop_tree()
    while parent is not None and parent.getparent() is not None and parent.tag in ("a", "p", "span", "center"):
        if len(parent) or (parent.text or "").strip():
            return
        parent, empty = parent.getparent(), parent
        empty.drop_tree()


def _holder(node: Any) -> Any:
    """The outermost element that is there for this component alone: its picture, its player, its figure."""
    for ancestor in node.iterancestors("picture", "video", "audio"):
        node = ancestor
    for figure in node.iterancestors("figure"):
        own = {id(inner_node) for inner_node in node.iter(*_MEDIA)}
        if all(id(other) in own for other in figure.iter(*_MEDIA)):
            return figure
    return node


def _unlink(link: Any) -> None:
    """A link to a component that may not be in the copy keeps its words."""
    if link.get("href") is None:
        link.drop_tag()


_TEXT_IN = etree.XPath("string()", smart_strings=False)


def text_in(node: Any) -> str:
    """All text in an element."""
    return str(_TEXT_IN(node))


def inner(tree: Any) -> str:
    """The HTML inside an element."""
    children = "".join(lxml_html.tostring(child, encoding="unicode") for child in tree)
    return str(escape(tree.text or "")) + children


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one paragraph, and where it links to."""

    text: str
    href: str | None = None


Paragraph = tuple[Run, ...]


def paragraphs(tree: Any) -> tuple[Paragraph, ...]:
    """The running text, with its links, without pictures and captions."""
    reader = _Runs()
    reader.read(tree, None)
    return reader.done()


class _Runs:
    """Collects runs while a tree is walked."""

    def __init__(self) -> None:
        self._done: list[Paragraph] = []
        self._open: list[Run] = []

    def read(self, root: Any, href: str | None) -> None:
        """Walks without recursion: content may be nested deeper than Python's stack."""
        links: list[str | None] = [href]
        skipping: Any = None
        for event, node in etree.iterwalk(root, events=("start", "end")):
            if not isinstance(node.tag, str):
                continue
            if event == "start":
                if skipping is None and node.tag in _ASIDE:
                    skipping = node
                self._start(node, links, silent=skipping is not None)
            else:
                self._end(node, links, root)
                if skipping is node:
                    skipping = None
                if skipping is None and node is not root:
                    self._add(node.tail, links[-1])

    def _start(self, node: Any, links: list[str | None], *, silent: bool) -> None:
        if node.tag in BLOCKS:
            self._break()
        links.append((node.get("href") or links[-1]) if node.tag == "a" else links[-1])
        if silent:
            return
        if node.tag in _APART:
            self._add(" ", links[-1])
        self._add(node.text, links[-1])

    def _end(self, node: Any, links: list[str | None], root: Any) -> None:
        links.pop()
        if node.tag in BLOCKS and node is not root:
            self._break()

    def _add(self, text: str | None, href: str | None) -> None:
        if text:
            self._open.append(Run(text, href))

    def _break(self) -> None:
        paragraph = _tidied(self._open)
        if paragraph:
            self._done.append(paragraph)
        self._open = []

    def done(self) -> tuple[Paragraph, ...]:
        self._break()
        return tuple(self._done)


def _tidied(runs: list[Run]) -> Paragraph:
    """Runs with white space collapsed over their borders, neighbours with one target joined."""
    tidy: list[Run] = []
    spaced = True
    for run in runs:
        text = " ".join(run.text.split())
        if not text:
            if not spaced:
                tidy.append(Run(" ", run.href if tidy[-1].href == run.href else None))
                spaced = True
            continue
        lead = " " if run.text[0].isspace() and not spaced else ""
        trail = " " if run.text[-1].isspace() else ""
        tidy.append(Run(lead + text + trail, run.href))
        spaced = bool(trail)
    return _joined(_stripped(tidy))


def _stripped(runs: list[Run]) -> list[Run]:
    while runs and not runs[-1].text.strip():
        runs.pop()
    if runs:
        runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].href)
    return runs


def _joined(runs: list[Run]) -> Paragraph:
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].href == run.href:
            joined[-1] = Run(joined[-1].text + run.text, run.href)
        else:
            joined.append(run)
    return tuple(joined)


def text_of(paragraph: Paragraph) -> str:
    """The plain text of a paragraph."""
    return "".join(run.text for run in paragraph)
