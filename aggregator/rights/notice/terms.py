"""What a notice asks for beside its yes: duties, limits, times, a contact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.rights.notice.language import Language
from aggregator.rights.notice.text import MAIL, URL, Sentence

HOURS = {"hours": 1, "days": 24, "weeks": 24 * 7, "months": 24 * 30, "years": 24 * 365}
HOURS_MAX = 24 * 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One duty, limit, time or contact, and the sentence that says it."""

    name: str
    sentence: int
    value: str | int | None = None


def duties_in(sentences: Sequence[Sentence], spoken: Mapping[int, bool]) -> list[Term]:
    """Duties that sentences spell out.

    Args:
        spoken: place → False for a sentence that is no statement: a question, an item of one.
    """
    found: list[Term] = []
    for place, sentence in enumerate(sentences):
        if spoken.get(place, True) and not (sentence.heading and place < 2):
            found += [Term(name=name, sentence=place) for name in _duties(sentence)]
    kept: dict[str, Term] = {}
    for term in found:
        kept.setdefault(term.name, term)
    if "link_original" in kept and "link_home" in kept and kept["link_original"].sentence == kept["link_home"].sentence:
        kept.pop("link_original")
    return list(kept.values())


def _duties(sentence: Sentence) -> Iterator[str]:
    language = sentence.language
    for low in _without_wishes(sentence):
        if language.search("not_duty").search(low):
            continue
        yield from _credits(low, language)
        yield from _links(low, language)
        yield from (duty for duty in _PLAIN if language.search(duty).search(low))

        def has(name: str, low: str = low) -> bool:
            return language.search(name).search(low) is not None

        if has("notify") and has("notify_context") and not has("takedown"):
            yield "notify"
        if has("bio") and not has("copyright_notice"):
            yield "bio_line"
        if has("top") and (has("credit_source") or has("credit_author") or has("link")):
            yield "top_placement"


_PLAIN = ("keep_links", "canonical", "tracker", "copyright_notice", "licence_notice")
"""Duties whose pattern alone tells them."""


def _credits(low: str, language: Language) -> Iterator[str]:
    """Whom to name for the text; who is named for a picture is another matter."""
    if language.search("image").search(low) and not any(language.search(name).search(low) for name in ("text", "link")):
        return
    if language.search("credit_source").search(low):
        yield "credit_source"
    if language.search("credit_author").search(language.search("author_not").sub(" ", low)):
        yield "credit_author"


def _links(low: str, language: Language) -> Iterator[str]:
    rest = language.search("keep_links").sub(" ", low)
    if language.search("link").search(rest) and not language.search("not_link").search(low):
        home = language.search("link_home").search(low) and not language.search("link_article_strict").search(low)
        yield "link_home" if home else "link_original"


def _without_wishes(sentence: Sentence) -> list[str]:
    """The clauses of a sentence that demand; a wish is no duty."""
    wish = sentence.language.search("wish")
    if not wish.search(sentence.low):
        return [sentence.low]
    pieces = re.split(sentence.language.search("but"), sentence.low)
    return [piece for piece in pieces if not wish.search(piece)] if len(pieces) > 1 else []


def _is_takedown(low: str, language: Language) -> bool:
    return language.search("takedown").search(low) is not None


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────


def limits_in(sentences: Sequence[Sentence], spoken: Mapping[int, bool], granted: bool) -> list[Term]:
    """Limits that sentences spell out; those of machines hold whether anything is granted or not."""
    kept: dict[str, Term] = {}
    for place, sentence in enumerate(sentences):
        led = sentences[sentence.lead].low if sentence.lead is not None else ""
        answer = sentences[place + 1].low if low_asks(sentence) and place + 1 < len(sentences) else ""
        for name in _machine_limits(sentence, led or answer):
            kept.setdefault(name, Term(name=name, sentence=place))
        if not granted or not spoken.get(place, True):
            continue
        for name in _limits(sentence, led):
            kept.setdefault(name, Term(name=name, sentence=place))
    return list(kept.values())


def low_asks(sentence: Sentence) -> bool:
    """Whether a sentence is a question."""
    return sentence.low.rstrip("\"' )").endswith(("?", "?"))


def _machine_limits(sentence: Sentence, led: str) -> Iterator[str]:
    language, low = sentence.language, sentence.low
    refused = any(
        language.search(name).search(text)
        for name in ("refuse", "ask", "not_allow", "no")
        for text in (low, led)
        if text
    )
    if language.search("other_object").search(low) and not language.search("text").search(low):
        return
    if refused and language.search("ai_train").search(low):
        yield "no_ai_training"
    if refused and language.search("auto").search(low):
        yield "no_automated"


def _limits(sentence: Sentence, led: str) -> Iterator[str]:
    language, low = sentence.language, sentence.low

    def has(name: str, text: str = low) -> bool:
        return language.search(name).search(text) is not None

    refused = has("refuse") or has("refuse", led) or has("ask")
    images = has("image")
    if images and has("image_excluded") and not _is_of_agency(low, language) and has("image", _DRAWN.sub(" ", low)):
        yield "no_images"
    elif images and not refused and has("grant") and (has("image_credit")):
        yield "images_with_credit"
    about_text = not images or has("text") or has("edit")
    edits = has("edit")
    if about_text and (has("no_edits") or (edits and has("refuse") and not has("ask") and not has("image_only"))):
        yield "no_edits"
    if (edits or has("minor")) and has("minor") and has("may_edit") and (edits or has("no_edits") or "no_edits" in led):
        yield "minor_edits_ok"
    if has("headline") and (edits or has("own_headline")) and has("may_edit_headline"):
        yield "headline_ok"
    if has("no_sell"):
        yield "no_selling"
    if has("ads_against"):
        yield "no_ads_against"
    if has("translate") and has("refuse") and not has("ask"):
        yield "no_translation"


_DRAWN = re.compile(r"\b(?:cartoons?|vignett\w+|viñetas|charges|karikaturen|dessins|cartoon's)\b|漫画")


def _is_of_agency(low: str, language: Language) -> bool:
    """Whether the images spoken of are an agency's, not the publisher's: they are a third party's then."""
    for image in language.search("image").finditer(low):
        for agency in language.search("agency").finditer(low):
            between = (
                low[agency.end() : image.start()]
                if agency.end() <= image.start()
                else low[image.end() : agency.start()]
            )
            if len(between) <= 14 and not re.search(
                r"[,;:.]|\b(?:and|und|et|y|e|en|i|och|og|or|oder|ou)\b|和|及", between
            ):
                return True
    return False


def excerpt_in(sentences: Sequence[Sentence], places: Sequence[int]) -> Term | None:
    """How much may be quoted, by the sentences that allow it: `excerpt_only(75 words)`."""
    for place in places:
        language, low = sentences[place].language, sentences[place].low
        for unit, words in language.sizes.items():
            gap = r"\s*" if not language.spaced else r"\s+(?:\w+\s+)?"
            match = re.search(rf"(\d{{1,5}}){gap}(?:{words})", low)
            if match:
                return Term(name=f"excerpt_only({match[1]} {unit})", sentence=place, value=int(match[1]))
            match = (
                re.search(rf"\b(?:{language.one or '(?!)'})\s+(?:\w+\s+)?(?:{words})\b", low) if language.one else None
            )
            if match and unit in {"paragraphs", "sentences"}:
                return Term(name=f"excerpt_only(1 {unit})", sentence=place, value=1)
    for place in places:
        language, low = sentences[place].language, sentences[place].low
        if language.search("headline").search(low):
            return Term(name="excerpt_only(headline+summary)", sentence=place)
    return Term(name="excerpt_only(short extract)", sentence=places[0]) if places else None


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _durations(sentence: Sentence) -> Iterator[tuple[int, int, int]]:
    """(hours, start, end) of each duration in a sentence."""
    language, low = sentence.language, sentence.low
    gap = r"\s*" if not language.spaced else r"[\s-]+(?:\w+\s+)?"
    for unit, words in language.units.items():
        numbers = r"\d{1,4}" + (rf"|(?<![\w]){language.one}" if language.one else "")
        for match in re.finditer(
            rf"(?<![\w.,])({numbers}){gap}(?:{words})(?!\w)" if language.spaced else rf"(\d{{1,4}}){gap}(?:{words})",
            low,
        ):
            count = int(match[1]) if match[1].isdigit() else 1
            hours = count * HOURS[unit]
            if 0 < hours <= HOURS_MAX:
                yield hours, match.start(), match.end()


def times_in(sentences: Sequence[Sentence], spoken: Mapping[int, bool]) -> list[Term]:
    """embargo_h, remove_after_d and window_d with their values."""
    kept: dict[str, Term] = {}
    for place, sentence in enumerate(sentences):
        if not spoken.get(place, True):
            continue
        language = sentence.language
        for hours, start, end in _durations(sentence):
            low = sentence.low
            if language.search("about_time_ignored").search(low) or _is_takedown(low, language):
                continue
            near = low[max(0, start - 120) : end + 120]
            if language.search("remove").search(near) and not language.search("embargo_strict").search(low):
                kept.setdefault(
                    "remove_after_d", Term(name="remove_after_d", sentence=place, value=max(1, round(hours / 24)))
                )
            elif language.search("window").search(low) and language.search("after_publication").search(near):
                kept.setdefault("window_d", Term(name="window_d", sentence=place, value=max(1, round(hours / 24))))
            elif language.search("embargo").search(near):
                kept.setdefault("embargo_h", Term(name="embargo_h", sentence=place, value=hours))
    return list(kept.values())


def has_unheard_time(place: int, sentences: Sequence[Sentence], times: Sequence[Term]) -> bool:
    """Whether a sentence tells more durations than were understood: in which sense, it may be the condition of all.

    Args:
        times: those that were, of all sentences.
    """
    return sum(1 for _ in _durations(sentences[place])) > sum(1 for one in times if one.sentence == place)


# ── whom to ask ──────────────────────────────────────────────────────────────────────────────────────────────────


def contact_in(sentences: Sequence[Sentence], asks: Sequence[int], grants: Sequence[int]) -> Term | None:
    """Where to ask about reuse: an address in a sentence that asks, else near one, else the only one there is."""
    best: tuple[int, int, Term] | None = None
    everywhere = {match[0] for sentence in sentences for match in MAIL.finditer(sentence.text)}
    for place, sentence in enumerate(sentences):
        language = sentence.language
        if _OF_THE_FEED.match(sentence.low):
            continue
        addresses = [(match[0], 0) for match in MAIL.finditer(sentence.text)]
        if not addresses:
            addresses = [(match[0], 1) for match in URL.finditer(sentence.text) if _is_contact_page(match[0])]
        for address, page in addresses[:3]:
            score = (
                4 * (place in asks)
                + 2 * bool(language.search("contact_context").search(sentence.low))
                + (place in grants)
            )
            score += any(abs(place - other) <= 1 for other in (*asks, *grants))
            score -= 4 * bool(language.search("contact_ignored").search(sentence.low))
            score -= 2 * bool(
                language.search("image").search(sentence.low) and not language.search("text").search(sentence.low)
            )
            score -= page
            score += len(everywhere) == 1 and not page and bool(grants)
            term = Term(name="contact", sentence=place, value=address.rstrip(".,;:"))
            if score > 0 and (best is None or score > best[0]):
                best = (score, place, term)
    return best[2] if best else None


_OF_THE_FEED = re.compile(r"(?:managingeditor|webmaster|generator):")


def _is_contact_page(url: str) -> bool:
    low = url.lower()
    if "creativecommons.org" in low:
        return False
    return (
        re.search(
            r"contact|kontakt|licen|permission|rights|syndicat|reprint|rechte|droits|derech|diritti|conta[ct]to|toestemming",
            low,
        )
        is not None
    )


def first_of(sentences: Sequence[Sentence], name: str, spoken: Mapping[int, bool]) -> Term | None:
    """The first sentence in which a pattern is found."""
    for place, sentence in enumerate(sentences):
        if spoken.get(place, True) and sentence.language.search(name).search(sentence.low):
            return Term(name=name, sentence=place)
    return None
