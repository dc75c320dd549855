"""An excerpt as ruling 9 has it: of the publisher's own words, on a word boundary, with its links."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup, escape

from aggregator.model.policy import LimitName
from aggregator.publishing.html import Paragraph, Run, paragraphs, parse, text_of
from aggregator.publishing.item import Measure
from aggregator.publishing.text import count_sentences, count_words, sentence_ends, spaced, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.model.entry import TextSize
    from aggregator.model.policy import Limit

WORDS_MAX = 50
"""Of an excerpt for which the publisher has set no limit; never more than a third of the text either."""
ELLIPSIS = "…"
CLASS = "republished-excerpt"
"""Class of the element that holds the excerpt and nothing else: the proof measures it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Some of a text."""

    html: str
    text: str
    cut: bool
    """Whether there was more."""


class _Length(NamedTuple):
    words: int
    chars: int
    paragraphs: int


def measure(limits: Sequence[Limit], whole: _Length | None) -> Measure:
    """How long an excerpt may be.

    Args:
        limits: all that bind the copy; of alternatives the first is kept to. Those that say nothing of length are
            passed over.
        whole: length of the full text; None where the feed does not carry it, so that no part of it can be counted.
    """
    found = [bound for limit in limits for bound in _bounds(limit.any_of[0] if limit.any_of else limit, whole)]
    if not found:
        third = max(1, whole.words // 3) if whole else WORDS_MAX
        return Measure(words=min(WORDS_MAX, third))
    return Measure(
        words=min((n for unit, n in found if unit == "words"), default=None),
        chars=min((n for unit, n in found if unit == "chars"), default=None),
        paragraphs=min((n for unit, n in found if unit == "paragraphs"), default=None),
        sentences=min((n for unit, n in found if unit == "sentences"), default=None),
    )


def _bounds(limit: Limit, whole: _Length | None) -> list[tuple[str, int]]:
    if limit.name is not LimitName.EXCERPT_MAX:
        return []
    n = limit.param("n")
    unit = limit.param("unit") or "words"
    if not isinstance(n, int | float):
        return []
    if unit == "percent":
        # A part of a text that the feed does not carry cannot be counted: then the house's own measure stands in.
        return [("words", max(1, int(whole.words * n / 100)) if whole else WORDS_MAX)]
    return [(str(unit), max(1, int(n)))]


def excerpt(
    summary: str | None, body: str | None, limits: Sequence[Limit], size: TextSize | None
) -> tuple[Excerpt, Measure]:
    """Some of an entry, by ruling 9: of the publisher's summary if there is one, else the beginning of the text.

    Args:
        summary: safe HTML without what had to be removed; None or blank if there is none.
        body: the same of the full text.
        limits: all that bind the copy.
        size: of the full text, where intake has counted it.
    """
    lead = paragraphs(parse(summary)) if summary else ()
    text = paragraphs(parse(body)) if body else ()
    allowed = measure(limits, _whole(text, size))
    kept, cut = _cut(lead or text, allowed, _end_unit(limits))
    return Excerpt(html=_html(kept), text="\n\n".join(map(text_of, kept)), cut=cut), allowed


def _whole(text: Sequence[Paragraph], size: TextSize | None) -> _Length | None:
    if not text:
        return None
    if size is not None:
        return _Length(size.words, size.chars, size.paragraphs)
    plain = [text_of(paragraph) for paragraph in text]
    return _Length(sum(map(count_words, plain)), sum(map(len, plain)), len(plain))


_ENDS = ("word", "sentence", "paragraph")


def _end_unit(limits: Sequence[Limit]) -> str:
    """On what the excerpt ends: the largest unit that any limit asks for."""
    asked = [limit.any_of[0] if limit.any_of else limit for limit in limits]
    found = [str(one.param("end")) for one in asked if one.name is LimitName.EXCERPT_MAX and one.param("end")]
    return max((unit for unit in found if unit in _ENDS), key=_ENDS.index, default="word")


def _cut(text: Sequence[Paragraph], allowed: Measure, unit: str = "word") -> tuple[list[Paragraph], bool]:
    """As many paragraphs, sentences, words and characters as are allowed.

    The last one ends on a word, or on the unit asked for: whole sentences or paragraphs, as long as one is left.
    """
    kept: list[Paragraph] = []
    words_left, chars_left, sentences_left = allowed.words, allowed.chars, allowed.sentences
    for paragraph in islice(text, allowed.paragraphs):
        plain = text_of(paragraph)
        end = _end(plain, words_left, chars_left)
        stop = _sentence_stop(plain, sentences_left)
        if end is not None or stop is not None:
            if stop is not None and (end is None or stop <= end):
                kept += [_head(paragraph, stop)] if stop else []
            else:
                kept = _ended(kept, paragraph, end or 0, unit)
            return _trailing_off(kept, None if allowed.chars is None else allowed.chars - _length(kept)), True
        kept.append(paragraph)
        if sentences_left is not None:
            sentences_left -= count_sentences(plain)
        if words_left is not None:
            words_left -= count_words(plain)
        if chars_left is not None:
            chars_left -= len(plain) + 1
    if len(kept) < len(text):
        return _trailing_off(kept, chars_left), True
    return kept, False


def _sentence_stop(plain: str, sentences_left: int | None) -> int | None:
    """Where the paragraph must be cut for its sentences; None if all of them may stay."""
    if sentences_left is None or count_sentences(plain) <= sentences_left:
        return None
    return next(islice(sentence_ends(plain), sentences_left - 1, None), len(plain)) if sentences_left > 0 else 0


def _ended(kept: list[Paragraph], paragraph: Paragraph, end: int, unit: str) -> list[Paragraph]:
    """What is kept, with as much of a paragraph that must be cut at `end` as ends on the unit."""
    if unit != "word":
        stop = (
            max((at for at in sentence_ends(text_of(paragraph)) if at <= end), default=0) if unit == "sentence" else 0
        )
        if stop:
            return [*kept, _head(paragraph, stop)]
        if kept:
            return kept
    part = _shortened(paragraph, end)
    return [*kept, part] if part else kept


def _length(kept: Sequence[Paragraph]) -> int:
    """In characters, as the proof counts them."""
    return sum(len(text_of(paragraph)) + 1 for paragraph in kept) - bool(kept)


def _trailing_off(kept: list[Paragraph], chars_left: int | None) -> list[Paragraph]:
    """The same with a sign that there is more, where it has none yet and there is room for it."""
    if kept and kept[-1][-1].text != ELLIPSIS and (chars_left is None or chars_left > len(ELLIPSIS)):
        kept[-1] = (*kept[-1], Run(f" {ELLIPSIS}"))
    return kept


def _end(plain: str, words_left: int | None, chars_left: int | None) -> int | None:
    """Where the paragraph must be cut; None if all of it may stay."""
    end: int | None = None
    if words_left is not None:
        spans = list(islice(words(plain), words_left + 1))
        if len(spans) > words_left:
            end = spans[words_left - 1][1] if words_left else 0
    if chars_left is not None and len(plain) > chars_left:
        room = max(0, chars_left - len(ELLIPSIS))
        last = max((stop for _, stop in _until(plain, room)), default=0)
        fits = last or room  # a first word longer than all that is allowed is cut within
        end = fits if end is None else min(end, fits)
    return end


def _until(plain: str, room: int) -> Iterable[tuple[int, int]]:
    for span in words(plain):
        if span[1] > room:
            return
        yield span


def _shortened(paragraph: Paragraph, end: int) -> Paragraph:
    kept = _head(paragraph, end)
    return (*kept, Run(ELLIPSIS)) if kept else ()


def _head(paragraph: Paragraph, end: int) -> Paragraph:
    """The paragraph up to a place in its text."""
    if end <= 0:
        return ()
    kept: list[Run] = []
    for run in paragraph:
        if end <= len(run.text):
            kept.append(Run(run.text[:end].rstrip(), run.href))
            break
        kept.append(run)
        end -= len(run.text)
    return tuple(kept)


def _html(kept: Iterable[Paragraph]) -> str:
    return "".join(Markup("<p>{}</p>").format(Markup("").join(map(_run, paragraph))) for paragraph in kept)


def _run(run: Run) -> Markup:
    return Markup('<a href="{}">{}</a>').format(run.href, run.text) if run.href else escape(run.text)


def shown(html: str) -> str:
    """The excerpt in the element by which the proof finds it again."""
    return str(Markup('<div class="{}">{}</div>').format(CLASS, Markup(html)))  # noqa: S704  made of escaped runs


def gist(summary: str | None) -> str:
    """The publisher's own summary as a line of plain text, for the summary elements beside a full text."""
    lead = paragraphs(parse(summary)) if summary else ()
    kept, _ = _cut(lead, Measure(words=WORDS_MAX))
    return spaced(" ".join(map(text_of, kept)))
