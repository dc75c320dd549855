"""A cleaned text as a reader sees it: lines, their links, and which of them are captions."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass

from aggregator.intake.clean import BLOCK_NAMES, all_is_seen, single_spaced, strip_illegal, tidy, unseen_removed
from aggregator.intake.glance import Glance, count_words, rare_characters
from aggregator.model.entry import TextSize

# Exact on what nh3 writes, as are all patterns here: attribute values are double-quoted and hold no raw quotes.
_ATTRIBUTES = r'(?:\s[a-z-]+="[^"]*")*'
_EDGE = re.compile(rf"<(/?(?:{BLOCK_NAMES}|br)){_ATTRIBUTES}>")
_CELL = re.compile(rf"<t[dh]{_ATTRIBUTES}>")
_ANY_TAG = re.compile(rf"</?[a-z][a-z0-9]*{_ATTRIBUTES}>")
_LINK = re.compile(
    rf'<a(?=[\s>])(?:\s(?!href=)[a-z-]+="[^"]*")*(?:\shref="([^"]*)"{_ATTRIBUTES})?>(.*?)</a>', re.DOTALL
)
RARE_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp);)")
"""nh3 writes these references and no others."""
MARKUP_MAX = 20_000
"""Characters of a line with its markup; beyond, its links are not looked at: it is made to cost time."""


@dataclass(slots=True)
class Line:
    """A line of an article."""

    text: str
    markup: str
    """The same with its inline elements."""
    caption: bool
    """In a figure or right after an image: it may speak of the image, not of the text."""

    def as_seen(self) -> Line:
        """Without what readers do not see: a soft hyphen or a joiner in a credit line must not hide it."""
        if self.text.isascii():
            return self
        return Line(tidy(self.text), unseen_removed(self.markup), self.caption)

    def links(self) -> list[tuple[int, str, str]]:
        """(where its words start in `text`, the words, the address) of each link, in order."""
        found: list[tuple[int, str, str]] = []
        if "<a" not in self.markup or len(self.markup) > MARKUP_MAX:
            return found
        for match in _LINK.finditer(self.markup):
            words = _plain(match[2])
            if match[1] and words:
                found.append((len(_plain(f"{self.markup[: match.start()]}|")) - 1, words, entities.unescape(match[1])))
        return found


@dataclass(slots=True)
class Article:
    """A text by lines, with its measure."""

    lines: list[Line]
    html: str
    """As it was read: the lines' markup is of it."""
    paragraphs: int = 0
    rare: str = ""
    """`rare_characters` of the HTML."""

    @property
    def text(self) -> str:
        return "\n".join([line.text for line in self.lines])

    def seen_lines(self) -> list[Line]:
        """The lines as `as_seen` gives each."""
        # The lines hold what the HTML does; what its references stand for is seen, but for the rare ones.
        if all_is_seen(self.html, self.rare) and (self.holds_what_is_written or all_is_seen(self.text)):
            return self.lines
        return [line.as_seen() for line in self.lines]

    @property
    def holds_what_is_written(self) -> bool:
        """Whether no reference stands for a character beyond ASCII, but for spaces."""
        return RARE_REFERENCE.search(self.html) is None

    def glance(self) -> Glance:
        """Its text, with what is known of it already."""
        return Glance(self.text, self.rare if self.holds_what_is_written else None)

    def size(self, text: Glance) -> TextSize:
        """How long it is; `text` is its own."""
        return TextSize(words=count_words(text.text, text.rare), chars=len(text.text), paragraphs=self.paragraphs)


def read_article(html: str) -> Article:
    """The lines of cleaned HTML: one per block or `<br>`; a paragraph is a block with words, whatever breaks it has."""
    if "<t" in html:
        html = _CELL.sub(" ", html)
    pieces = iter([*_EDGE.split(html), ""])
    rare = rare_characters(html)
    # Then white space is spaces and line feeds, and to look for two of them is all that is left to do.
    is_usual = not ("\t" in html or "\r" in html or any(map(str.isspace, set(rare))))
    lines: list[Line] = []
    paragraphs, figures, after_image, in_paragraph = 0, 0, False, False
    for markup, edge in zip(pieces, pieces, strict=True):
        if markup and not markup.isspace():
            if is_usual and "&" not in markup:
                text = (_ANY_TAG.sub("", markup) if "<" in markup else markup).strip()
                if "  " in text or "\n" in text:
                    text = " ".join(text.split())
            else:
                text = _plain(markup)
            if text:
                lines.append(Line(text, markup, figures > 0 or after_image))
                if not in_paragraph:
                    paragraphs += 1
                in_paragraph, after_image = True, False
            else:
                after_image = "<img" in markup
        if edge != "br":
            in_paragraph = False
            if edge == "figure":
                figures += 1
            elif edge == "/figure" and figures:
                figures -= 1
    return Article(lines, html, paragraphs, rare)


def _plain(markup: str) -> str:
    if "<" in markup:
        markup = _ANY_TAG.sub("", markup)
    if "&" in markup:
        markup = strip_illegal(entities.unescape(markup))
    return single_spaced(markup)
