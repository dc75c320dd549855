"""What each sentence of a notice grants, refuses or keeps for asking: to whom, and which use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from aggregator.rights.notice.doubt import (
    READING,
    SHARING,
    excepted,
    is_denied,
    is_for_readers,
    is_for_somebody,
    is_narrow,
    is_of_a_group,
    is_of_other_things,
    is_of_titles,
    is_on_paper,
    is_sold,
    speaks_to_somebody,
    without_titles,
)
from aggregator.rights.notice.language import Language
from aggregator.rights.notice.lexicon import has_strange_words, names_in
from aggregator.rights.notice.licence import licences_in
from aggregator.rights.notice.terms import Term, has_unheard_time, times_in
from aggregator.rights.notice.text import Sentence
from aggregator.rights.notice.unheard import is_denied_afar, is_priced, is_unheard
from aggregator.rights.notice.void import Taken, taken_back


class Mood(StrEnum):
    GRANT = "grant"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One statement: who may, may not, or must ask to do what."""

    mood: Mood
    uses: frozenset[str]
    """whole, quote, translate, image; empty: nothing that is decided here."""
    audiences: frozenset[str]
    """community, nonprofit, commercial, anyone, others, personal, narrow; empty: whoever reads it."""
    print: bool = False
    part: bool = False
    """Whether it speaks of parts too: `no part of …`."""
    strong: bool = False
    """Whether its verb means copying, not only sharing."""
    feed: bool = False
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A question that waits for its answer."""

    uses: frozenset[str]
    audiences: frozenset[str]
    left: int = 4


def mood_of(low: str, language: Language) -> Mood | None:
    """What a clause does, None for nothing. A refusal with a way to ask is an ask; the narrower reading wins."""
    if language.search("free").search(low):
        return Mood.GRANT
    if language.search("ask").search(low):
        telling = language.search("notify").search(low) and language.search("notify_context").search(low)
        if not telling or language.search("ask_firm").search(low):
            return Mood.ASK
    plain = language.search("noncommercial").sub(" ", language.search("either").sub(" ", low))
    plain = language.search("not_grant").sub(" ", plain)
    without = language.search("without")
    grants = language.search("grant").search(plain)
    if grants and without.search(plain) and not language.search("refuse").search(without.sub(" ", plain)):
        return Mood.GRANT
    denied = grants and (is_denied(plain, language.search("grant")) or is_denied_afar(plain, language.search("grant")))
    if language.search("refuse").search(plain) or denied:
        return Mood.REFUSE
    if language.search("grant").search(plain):
        return Mood.GRANT
    return None


def uses_of(low: str, language: Language, mood: Mood | None, *, feed: bool = False) -> frozenset[str]:
    """The uses that a clause names."""

    def has(name: str) -> bool:
        return language.search(name).search(low) is not None

    text = has("text")
    if has("image") and not text:
        return frozenset({"image"})
    if (has("other_object") and not text) or is_of_other_things(low, language.search("text")):
        return frozenset({"other"})
    whole = {match[0] for match in language.search("whole").finditer(low)}
    if mood is Mood.GRANT and all(map(SHARING.search, whole)) and (whole or READING.search(low)):
        # Read, or passed on as a link: nothing is said of copies.
        return frozenset({"quote"} if has("quote") else {"other"})
    return _uses_of_text(low, language, mood, whole, feed=feed)


def _uses_of_text(low: str, language: Language, mood: Mood | None, whole: set[str], *, feed: bool) -> frozenset[str]:
    """Likewise, of a clause that is about texts.

    Args:
        whole: its words for copying.
    """

    def has(name: str) -> bool:
        return language.search(name).search(low) is not None

    found = set()
    special = has("auto") or has("ai_train") or has("sell") or has("edit")
    if whole and not (mood is Mood.REFUSE and special and len(whole) < 2):
        found.add("whole")
    if mood is not Mood.GRANT and (has("auto") or has("ai_train")) and len(whole) < 3:
        found.discard("whole")
        found.add("machine")
    if has("translate"):
        found.add("translate")
        if mood is Mood.GRANT and _translates_only(low, language):
            found.discard("whole")
    if has("quote"):
        found.add("quote")
        if mood is Mood.GRANT and (feed or has("feed")) and has("show"):
            found.add("whole")
        elif mood is Mood.GRANT and not has("both"):
            found.discard("whole")
    if not found and special:
        found.add("special")
    if has("image") and has("text") and mood is Mood.GRANT:
        found.add("image")
    return frozenset(found)


def _translates_only(low: str, language: Language) -> bool:
    """Whether it is the translation that may be published: no word for copying stands before the one for that."""
    translated, copied = language.search("translate").search(low), language.search("whole").search(low)
    return translated is not None and (copied is None or translated.start() < copied.start())


def audiences_of(low: str, language: Language, mood: Mood | None) -> frozenset[str]:
    """Whom a clause names."""
    found: set[str] = set()
    if language.search("either").search(low):
        found |= {"anyone", "commercial"}
        low = language.search("either").sub(" ", low)
    if language.search("personal").search(low):
        found.add("personal")
    if language.search("noncommercial").search(low):
        found |= {"community", "nonprofit"}
        low = language.search("noncommercial").sub(" ", low)
    low = language.search("holder").sub(" ", low)
    for name in ("community", "nonprofit", "commercial", "anyone", "others", "narrow"):
        if name == "commercial" and mood is Mood.GRANT:
            low = language.search("ads").sub(" ", low)
        if language.search(name).search(low):
            found.add(name)
            if name == "nonprofit":
                low = language.search(name).sub(" ", low)
    if "community" in found:
        found.add("nonprofit")
    if found & {"community", "nonprofit"} and "commercial" not in found and mood is Mood.GRANT:
        found -= {"anyone", "personal"}
    if "narrow" in found and mood is Mood.GRANT:
        found = found & {"community", "nonprofit"} or {"narrow"}
    if "others" in found:
        found.discard("anyone")
    return frozenset(found)


def hear(sentences: Sequence[Sentence]) -> list[Frame]:
    """All statements of a notice, in order."""
    frames: list[Frame] = []
    doubts = Doubts(sentences)
    moods: dict[int, Mood | None] = {}
    asked: set[int] = set()
    pending: _Pending | None = None
    for place, sentence in enumerate(sentences):
        low, language = sentence.low, sentence.language
        if sentence.lead in asked:
            asked.add(place)
            continue
        if low.rstrip("\"' )").endswith(("?", "?")):
            pending = _question(low, language)
            asked.add(place)
            continue
        if language.search("whether").search(low) and low.endswith((":", ":")):
            asked.add(place)
            continue
        feed = any(one.language.search("feed").search(one.low) for one in sentences[max(0, place - 2) : place])
        found = [
            one for one in _clauses(sentence, place, pending, feed=feed) if not _is_of_others(one, place, sentences)
        ]
        led = moods.get(sentence.lead) if sentence.lead is not None else None
        if not found and led is not None:
            uses = uses_of(low, language, led)
            if uses:
                found = [_frame(led, uses, audiences_of(low, language, led), low, language, place)]
        if any(one.mood is Mood.GRANT for one in found):
            found = _carried_on(found, place, sentences)
            found = _left(found, taken_back(place, sentences))
            found = _doubted(found, place, sentences, doubts)
        moods[place] = found[0].mood if found else mood_of(low, language)
        frames += found
        if pending is not None:
            pending = replace(pending, left=pending.left - 1) if pending.left > 1 else None
    return frames


_CONDITION = re.compile(r"^(?:if|wenn|falls|sofern|si|se|als|indien|jeśli|jeżeli|om)\b")


def _carried_on(found: list[Frame], place: int, sentences: Sequence[Sentence]) -> list[Frame]:
    """Permissions that name nobody, for whom the sentence before them was (`If you run a village site, …`)."""
    before = sentences[place - 1] if place else None
    if before is None or before.paragraph != sentences[place].paragraph or not _CONDITION.search(before.low):
        return found
    whom = audiences_of(before.low, before.language, Mood.GRANT) - {"anyone", "others"}
    return [
        replace(one, audiences=whom) if whom and one.mood is Mood.GRANT and not one.audiences else one for one in found
    ]


def _doubted(found: list[Frame], place: int, sentences: Sequence[Sentence], doubts: Doubts) -> list[Frame]:
    """What is left of a sentence's permissions by what else it says, and by what stands beside it."""
    low, language = sentences[place].low, sentences[place].language
    before = sentences[place - 1] if place and sentences[place - 1].paragraph == sentences[place].paragraph else None
    after = sentences[place + 1].low if place + 1 < len(sentences) else ""
    if is_for_readers(low):
        return [one for one in found if one.mood is not Mood.GRANT]
    narrow = is_narrow(low) or is_sold(low, after) or is_on_paper(low)
    narrow = narrow or is_denied_afar(low, language.search("grant")) or (before is not None and is_priced(before.low))
    unheard = place in doubts
    somebody = is_for_somebody(low)
    somebody = somebody or is_of_a_group(low, language.code, language.search("text"))
    return [
        replace(one, mood=Mood.ASK)
        if one.mood is Mood.GRANT
        and (narrow or (unheard and one.uses != {"quote"}) or (somebody and not one.audiences - {"anyone"}))
        else one
        for one in found
    ]


class Doubts:
    """Which sentences of a notice that permit say more than is understood, or not of what they speak."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self._sentences = sentences

    def __contains__(self, place: int) -> bool:
        low, language = self._sentences[place].low, self._sentences[place].language
        about = self._sentences[max(0, place - NAMED_MAX) : place + 1]
        named = any(one.language.search("text").search(one.low) for one in about)
        named = named or bool(licences_in(self._sentences[place].text)) or _is_of_republication(low, about)
        return (
            not named
            or is_unheard(low, language)
            or _is_of_titles_alone(low, language)
            or self.is_strange(place)
            or has_unheard_time(place, self._sentences, self._times)
        )

    def is_strange(self, place: int) -> bool:
        """Whether a sentence holds words that no plain permission is made of."""
        return has_strange_words(self._sentences[place].text, self._sentences[place].language, self._names)

    @cached_property
    def _names(self) -> frozenset[str]:
        return names_in(one.text for one in self._sentences)

    @cached_property
    def _times(self) -> list[Term]:
        return times_in(self._sentences, {})


def _left(found: list[Frame], taken: Taken | None) -> list[Frame]:
    """What is left of a sentence's permissions where they are taken back."""
    if taken is None:
        return found
    if taken is Taken.INBOUND:
        return [one for one in found if one.mood is not Mood.GRANT]
    mood = Mood.REFUSE if taken is Taken.VOID else Mood.ASK
    return [replace(one, mood=mood) if one.mood is Mood.GRANT else one for one in found]


def _is_of_others(frame: Frame, place: int, sentences: Sequence[Sentence]) -> bool:
    """Whether a refusal is of what belongs to others: it says nothing of the publisher's own."""
    if frame.mood is not Mood.REFUSE:
        return False
    near = [sentences[place]]
    if place and sentences[place - 1].paragraph == sentences[place].paragraph:
        near.append(sentences[place - 1])
    return any(one.language.search("third").search(one.low) for one in near)


def _question(low: str, language: Language) -> _Pending | None:
    uses = uses_of(low, language, None)
    if not uses and language.search("text").search(low):
        uses = frozenset({"whole"})
    audiences = audiences_of(low, language, Mood.ASK)
    return _Pending(uses, audiences - {"narrow", "anyone"}) if uses or audiences else None


def _clauses(sentence: Sentence, place: int, pending: _Pending | None, *, feed: bool) -> Iterator[Frame]:
    low, language = sentence.low, sentence.language
    known: frozenset[str] = frozenset()
    whom: frozenset[str] = frozenset()
    whole = mood_of(low, language)
    pieces = re.split(language.search("but"), low) if whole is not Mood.ASK else [low]
    for piece in pieces:
        mood = mood_of(piece, language)
        if pending is not None and mood is None:
            mood = _answer(piece, language)
        uses = uses_of(piece, language, mood, feed=feed)
        audiences = audiences_of(piece, language, mood)
        if mood is None:
            known, whom = uses or known, audiences or whom
            continue
        if uses == {"special"} and mood is Mood.GRANT and audiences:
            uses = frozenset({"whole"})
        if not uses and pending is not None and not pending.uses and pending.audiences:
            uses, audiences = frozenset({"whole"}), audiences or pending.audiences
        if not uses and pending is not None and pending.uses:
            uses = pending.uses
            audiences = audiences or pending.audiences
        elif not uses and audiences and not sentence.heading:
            uses = frozenset({"whole"})
        elif not uses:
            uses = known
        audiences = audiences or (whom if not uses - {"whole"} else audiences)
        if not audiences and pending is not None and uses == frozenset({"whole"}) and mood is not Mood.GRANT:
            audiences = pending.audiences
        if pending is not None and pending.uses == {"image"} and not language.search("text").search(piece):
            uses = frozenset({"image"})
        audiences, barred = _without_excepted(piece, language, mood, audiences)
        yield from (_frame(Mood.REFUSE, frozenset({"whole"}), whom, piece, language, place) for whom in barred)
        if uses:
            yield replace(
                _frame(mood, uses, audiences, piece, language, place), feed=feed or _has_feed(piece, language)
            )
        known, whom = uses or known, audiences or whom


def _is_of_republication(low: str, about: Sequence[Sentence]) -> bool:
    """Whether it is said what may be done, without a word for what: to somebody, or of republication as such."""
    for one in about:
        strong = one.language.search("strong").search(one.low)
        if strong is not None and (strong.start() < AT_ITS_HEAD or speaks_to_somebody(low, one.language.code)):
            return True
    return False


AT_ITS_HEAD = 16
"""Characters of a sentence in which its subject stands: `The republication of …`."""


def _is_of_titles_alone(low: str, language: Language) -> bool:
    return is_of_titles(low) and not language.search("text").search(without_titles(low))


NAMED_MAX = 6
"""Sentences back in which must stand what it is that may be copied: articles, stories, content."""
_NAMED = frozenset({"community", "nonprofit", "commercial"})


def _without_excepted(
    low: str, language: Language, mood: Mood, audiences: frozenset[str]
) -> tuple[frozenset[str], list[frozenset[str]]]:
    """Whom a permission names, and whom its exception does, if anybody."""
    parts = excepted(low) if mood is Mood.GRANT else None
    barred = audiences_of(parts[1], language, Mood.REFUSE) & _NAMED if parts else frozenset[str]()
    if parts is None or not barred:
        return audiences, []
    return audiences_of(parts[0], language, mood), [barred]


def _has_feed(low: str, language: Language) -> bool:
    return language.search("feed").search(low) is not None


def _answer(low: str, language: Language) -> Mood | None:
    if language.search("yes").search(low):
        return Mood.GRANT
    return Mood.REFUSE if language.search("no").search(low) else None


def _frame(
    mood: Mood, uses: frozenset[str], audiences: frozenset[str], low: str, language: Language, place: int
) -> Frame:
    return Frame(
        mood=mood,
        uses=uses,
        audiences=audiences,
        print=language.search("print").search(low) is not None,
        part=language.search("part").search(low) is not None,
        strong=language.search("strong").search(low) is not None,
        feed=_has_feed(low, language),
        sentence=place,
    )
