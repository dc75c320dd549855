"""What a page's style keeps from being seen: a credit that is in the bytes, but not on the screen, is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cssselect import HTMLTranslator, SelectorError, parse
from lxml import etree

from aggregator.publishing.html import text_in

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
"""The innermost blocks: what stands in `@media` and the like counts as if it always held."""
_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"
    r"|(?:opacity|font-size|font|zoom|(?:max-)?(?:width|height|inline-size|block-size))\s*:\s*0*\.?0+(?![\d.])"
    r"|color\s*:\s*transparent|clip\s*:\s*rect|clip-path\s*:\s*(?!none)|filter\s*:[^;]*opacity\(\s*0"
    r"|transform\s*:[^;]*scale[xy]?\(\s*0*\.?0+\s*[,)]"
    r"|(?:text-indent|left|top|right|bottom|inset[a-z-]*)\s*:\s*-\s*(?:\d{3}|\d{2}(?:r?em|ch|%|v[a-z])))",
    re.IGNORECASE,
)


class Style:
    """The style of a page, as far as it hides something."""

    def __init__(self, css: str) -> None:
        hiding = dict(_hiding(_COMMENT.sub(" ", css)))
        self._hiding = tuple((selector, etree.XPath(path)) for selector, path in hiding.items())
        # One question for all of them: most entries hold nothing that any of them is about.
        self._anything = etree.XPath(f"boolean({' | '.join(hiding.values())})") if hiding else None

    def hides(self, article: Any, credit: Any) -> str | None:
        """The selector that keeps a part of an entry's credit from being seen; None: nothing does.

        Args:
            article: an entry of a page, taken out of whatever holds it.
            credit: the element in it that holds the credit.
        """
        if self._anything is None:
            return None
        _on_a_page(article)
        if not self._anything(article):
            return None
        for selector, matches in self._hiding:
            for node in matches(article):
                if _shows_something(node) and (_is_within(node, credit) or _is_within(credit, node)):
                    return selector
        return None


def _hiding(css: str) -> Iterator[tuple[str, str]]:
    """(selector, XPath) of each rule that hides something."""
    for selectors, declarations in _RULE.findall(css):
        if not _HIDES.search(declarations):
            continue
        try:
            found = parse(selectors.strip())
        except SelectorError:
            continue  # an at-rule, or what no browser takes either
        for one in found:
            if one.pseudo_element is None:
                yield one.canonical(), HTMLTranslator().selector_to_xpath(one, prefix="/descendant-or-self::")


def _on_a_page(article: Any) -> None:
    """Puts an entry where `river/page.html` has it."""
    page = etree.Element("html")
    body = etree.SubElement(page, "body", {"class": "h-feed"})
    etree.SubElement(body, "main", {"id": "entries"}).append(article)


def _shows_something(node: Any) -> bool:
    return bool(text_in(node).strip()) or node.tag == "img" or node.find(".//img") is not None


def _is_within(node: Any, other: Any) -> bool:
    return node is other or any(parent is other for parent in node.iterancestors())
