"""A digest in plain text, for a terminal or a mail: every entry with its credit and its links.

An entry is a rule with its key, lines of facts up to a blank line, then credit at the margin and the text indented, so
that neither can pass for the other:

    ------------------------------------------------------[ 0123456789abcdef ]--
    Title
    Publisher · Author · 13 December 2016
    https://publisher.example/article

      The text, with its links numbered [1].

      [1] https://elsewhere.example/

    Originally published by …
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from aggregator.model.use import Form
from aggregator.publishing.frame import Frame
from aggregator.publishing.html import paragraphs, parse
from aggregator.publishing.media import type_of
from aggregator.publishing.text import legal, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aggregator.publishing.html import Paragraph
    from aggregator.publishing.item import Head, Item
    from aggregator.publishing.words import Dictionary, Words

WIDTH = 76
INDENT = "  "
CANONICAL, ATTACHED = "Canonical: ", "Attached: "
"""How lines of facts begin that a program may look for."""


def rule(key: str) -> str:
    """The line that begins an entry."""
    return f"{'-' * (WIDTH - len(key) - 6)}[ {key} ]--"


class Digest:
    """Writes plain text in the words of an output's language."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def fragment(self, item: Item) -> bytes:
        """The entry's bytes, as they stand in a digest of ours; they end with a line break."""
        words = self._dictionary.words(item.credit.language)
        blocks = [
            "\n".join((rule(item.key), *_facts(item, words))),
            _wrapped(item.credit.lead),
            *_text(item),
            _wrapped(item.credit.tail),
        ]
        return (legal("\n\n".join(filter(None, blocks))) + "\n").encode()

    def document(self, head: Head, fragments: Sequence[bytes]) -> bytes:
        """A whole digest around the bytes of its entries."""
        return self.frame(head, len(fragments)).around(fragments)

    def stamps(self, head: Head) -> tuple[str, ...]:
        """How a document's date stands in it."""
        words = self._dictionary.words(head.own_language)
        return (f"{words.date(head.updated_at)}, {head.updated_at:%H:%M} UTC",)

    def frame(self, head: Head, entries: int) -> Frame:
        """What stands around so many entries."""
        words = self._dictionary.words(head.own_language)
        facts = [line(head.title), "=" * min(WIDTH, max(3, len(line(head.title)))), *_lines(line(head.description), "")]
        facts.append(f"{line(head.site_name)} · {head.site_url}")
        facts.append(head.home)
        if entries:
            facts.append(words.say("last-changed", date=self.stamps(head)[0]))
        else:
            facts += ["", words.say("empty")]
        opening = legal("\n".join(facts)) + "\n\n"
        return Frame(opening.encode(), b"\n", b"\n" * bool(entries) + self._closing(words))

    def _closing(self, words: Words) -> bytes:
        return f"{'-' * WIDTH}\n{_wrapped(words.say('belongs'))}\n".encode()


def _facts(item: Item, words: Words) -> Iterator[str]:
    yield item.title or item.publisher
    people = ", ".join(author.name for author in item.authors)
    day = words.date(item.published_at)
    if item.updated_at.date() != item.published_at.date():
        day += f" ({words.say('updated')} {words.date(item.updated_at)})"
    yield " · ".join(filter(None, (item.publisher, people, day)))
    if item.categories:
        yield f"{words.say('categories')}: {', '.join(item.categories)}"
    if item.url:
        yield item.url
    if item.canonical:
        yield CANONICAL + item.canonical
    for part in item.enclosures:
        yield f"{ATTACHED}{part.url} ({', '.join(filter(None, (type_of(part), part.title)))})"


def _text(item: Item) -> Iterator[str]:
    """Paragraphs and, below them, where their links lead. In an excerpt no mark of ours stands among the words."""
    if not item.text_html:
        return
    for paragraph in paragraphs(parse(item.text_html)):
        words = "".join(_run(paragraph, item)) if item.form is Form.FULL else "".join(run.text for run in paragraph)
        yield "\n".join(_lines(words, INDENT))
    if item.links:
        yield "\n".join(f"{INDENT}[{number}] {url}" for number, url in enumerate(item.links, 1))


def _run(paragraph: Paragraph, item: Item) -> Iterator[str]:
    for run in paragraph:
        yield run.text
        if run.href in item.links:
            yield f" [{item.links.index(run.href) + 1}]"


def _wrapped(text: str) -> str:
    return "\n".join("\n".join(_lines(part, "")) for part in text.split("\n"))


def _lines(text: str, indent: str) -> list[str]:
    """A paragraph in lines. A word, an address or a script without spaces is never broken: it must read the same."""
    return textwrap.wrap(
        text.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
