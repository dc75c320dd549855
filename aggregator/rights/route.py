"""What is kept for answers that are remembered: of an entry, of a way that entries travel, and of an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from aggregator.model.decision import Decision, Hop, Question, Step, Trace
from aggregator.model.entry import Component, Entry, NoticeKind
from aggregator.model.policy import ImageRule
from aggregator.model.use import Form
from aggregator.rights import times
from aggregator.rights.facts import Facts, reckoned
from aggregator.rights.hops import Party, hop_of, hop_of_source
from aggregator.rights.limits import credited
from aggregator.rights.names import fold
from aggregator.rights.opinion import told
from aggregator.rights.spelled import spelled
from aggregator.rights.times import Moment

if TYPE_CHECKING:
    from aggregator.model.policy import Policy
    from aggregator.model.use import Use
    from aggregator.rights.conditions import Verdict
    from aggregator.rights.opinion import Say, Seat, Shape, Signature

CREDITS_MAX = 4_096
_RIGHTS = NoticeKind.RIGHTS


def _named(text: str | None) -> bool:
    """Whether a text says anything once it is folded."""
    if not text:
        return False
    return not text.isspace() if text.isascii() else bool(fold(text))


_Mark = tuple[bool, bool]
_MARKS: dict[_Mark, _Mark] = {(one, other): (one, other) for one in (False, True) for other in (False, True)}
_MARK_ALONE: dict[_Mark, tuple[_Mark, ...]] = {mark: (mark,) for mark in _MARKS}
"""Kept once: what is kept of each entry is to be little."""


class Way:
    """One entry: whom it went through, what the conditions of rules come to, and the facts that any hop may look at.

    Args:
        question: about the entry.
        travelled: its parties, or those of another entry with the same `way_of`.

    Attributes:
        told: for each hop what its duties look at: whether an author is told there, and whether a link is missing.
        base: the facts that any hop may look at, beside the conditions of rules.
        is_plain: whether the entry says nothing of its rights that may tighten.
        lacks: forms for which there is nothing to show.
    """

    __slots__ = (
        "_at",
        "_parties",
        "_text",
        "_verdicts",
        "base",
        "hops",
        "is_plain",
        "lacks",
        "policy",
        "stored",
        "told",
        "travelled",
    )

    def __init__(self, question: Question, travelled: tuple[Party, ...]) -> None:
        self.stored = question.stored
        self.policy = question.policy
        self.travelled = travelled
        entry = self.stored.entry
        if len(travelled) == 1 and not entry.origins:
            hop, article = hop_of_source(travelled[0], entry)
            self.hops: tuple[Hop, ...] = (hop,)
            self.told: tuple[_Mark, ...] = _MARK_ALONE[told(hop.author), not article]
            notice = False
        else:
            filled = [hop_of(party, entry) for party in travelled]
            self.hops = tuple([hop for hop, _ in filled])
            self.told = tuple([_MARKS[told(hop.author), not article] for hop, article in filled])
            notice = any(told(origin.notice) for origin in entry.origins)
        self._parties: tuple[Party, ...] | None = None
        self._verdicts: tuple[tuple[Verdict, ...], ...] | None = None
        self._at: datetime | None = None
        self._text: str | None = None
        stated: Signature = ()
        if entry.notices:
            said, stated = _stated(entry)
            notice = notice or said
        self.is_plain = not stated
        authors = entry.authors
        self.base: Signature = (
            bool(authors) and (_named(authors[0].name) or any(_named(author.name) for author in authors)),
            not entry.url,
            not told(entry.title),
            entry.size is None,
            entry.has_summary,
            notice,
            stated,
        )
        self.lacks: tuple[Form, ...] = ()
        if entry.size is None or self.base[1] or self.base[2]:
            facts = Facts(question)
            self.lacks = tuple([form for form in Form if facts.lacks(form) is not None])

    @property
    def parties(self) -> tuple[Party, ...]:
        """With this entry's own links and authors."""
        if self._parties is None:
            entry = self.stored.entry
            self._parties = tuple(
                [
                    replace(party, hop=hop, article=hop_of(party, entry)[1])
                    for party, hop in zip(self.travelled, self.hops, strict=True)
                ]
            )
        return self._parties

    def verdicts(self, route: Route, question: Question) -> tuple[tuple[Verdict, ...], ...]:
        """What the conditions of the policies come to that are heard at each hop: the same in all uses."""
        found = self._verdicts
        if found is None or not (route.of_entry or (question.at == self._at and question.text is self._text)):
            self._at, self._text = question.at, question.text
            found = tuple([tuple([one.verdict(question) for one in heard]) for heard in route.conditions])
            self._verdicts = found
        return found


def _stated(entry: Entry) -> tuple[bool, Signature]:
    """Whether the entry tells a copyright notice, and what else it says of its rights."""
    notice = False
    stated: Signature = ()
    for one in entry.notices:
        if one.kind is not _RIGHTS:
            stated = (*stated, one.kind, one.level, one.value, one.carrier, one.limits)
        else:
            notice = notice or told(one.value)
            if named := spelled(one.value):
                stated = (*stated, one.kind, one.level, named, one.carrier)
    return notice, stated


class Known:
    """An answer for all questions of one signature: what they differ in is filled in for each."""

    __slots__ = ("decision", "since", "taken", "until")

    def __init__(self, decision: Decision, facts: Facts) -> None:
        """
        Args:
            decision: of one of the questions.
            facts: of that question.
        """
        self.decision = decision
        urls = list(dict.fromkeys(one.url for one in facts.entry.components)) if decision.removed else []
        self.taken = tuple([urls.index(url) for url in decision.removed])
        """Which of the entry's components are taken out."""
        self.until = _each_clock(facts.ends)
        self.since = _each_clock(facts.starts)

    def filled(self, way: Way, question: Question, find_trace: Callable[[], Sequence[Step]]) -> Decision:
        """The answer with what is an entry's own."""
        removed: tuple[str, ...] = ()
        if self.taken:
            urls = list(dict.fromkeys(component.url for component in question.stored.entry.components))
            removed = tuple([urls[place] for place in self.taken])
        # It stands for the tuple of its steps (see `Decision.trace`).
        trace = cast("tuple[Step, ...]", Trace(find_trace))
        since = _latest(self.since, question) if self.since else None
        until = _soonest(self.until, question) if self.until else None
        return self.decision.filled(way.hops, removed, since, until, trace)


def _each_clock(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    return tuple({one.clock or one.at: one for one in moments}.values()) if moments else ()


def _at(moment: Moment, question: Question) -> datetime | None:
    """When a moment comes for an entry; None: never."""
    at = moment.at if moment.clock is None else reckoned(moment.clock, question)
    return None if at is None or at >= times.NEVER else at


def _soonest(moments: tuple[Moment, ...], question: Question) -> datetime | None:
    return min([at for one in moments if (at := _at(one, question)) is not None], default=None)


def _latest(moments: tuple[Moment, ...], question: Question) -> datetime | None:
    return max([at for one in moments if (at := _at(one, question)) is not None], default=None)


class Route:
    """One way that entries travel, for one use: the seats of its hops, and the answers that are known.

    Args:
        policies: all that are asked, the source's own among them.
        shapes: of each of them.
        travelled: the way; kept, so that its identity is nobody else's, as is the use.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        shapes: Sequence[Shape],
        use: Use,
        seats: Sequence[Seat],
        travelled: tuple[Party, ...],
    ) -> None:
        self.seats = tuple(seats)
        self.use = use
        self.travelled = travelled
        self.forms = use.forms
        self.answers: dict[Signature, Known] = {}
        self.lacking: dict[Form, Say] = {}
        """Where there is nothing to show in a form."""
        self.conditions = tuple([seat.voice.conditions for seat in seats])
        """Of the policies that are heard at each hop."""
        self.of_entry = all(one.of_entry for heard in self.conditions for one in heard)
        self.unconditional: tuple[tuple[Verdict, ...], ...] | None = (
            None if any(self.conditions) else ((),) * len(seats)
        )
        """What conditions come to where there are none."""
        self.translates = use.language is not None
        self.keeps_images = all(policy.images.rule is ImageRule.SAME for policy in policies)
        """Whether no policy of the way treats images as such apart."""
        self._owners = tuple(dict.fromkeys(names for shape in shapes for names in shape.owners))
        self._whole_images = all(shape.whole_images for shape in shapes)
        self._credits: dict[str | None, tuple[bool, ...]] = {}

    def components(self, components: tuple[Component, ...]) -> Signature:
        """Of two with one address the later counts, as `strip` has it."""
        if self._whole_images and all(one.licence is None for one in components):
            return (len({one.url for one in components}),)
        kept = {one.url: one for one in components}.values()
        return tuple([(one.kind, self._credited(one), one.licence) for one in kept])

    def _credited(self, component: Component) -> tuple[bool, ...]:
        """Whether a component names anybody, and each publisher whose own images are treated apart."""
        found = self._credits.get(component.credit)
        if found is None:
            if len(self._credits) >= CREDITS_MAX:
                self._credits.clear()
            found = (told(component.credit), *[credited(component, names) for names in self._owners])
            self._credits[component.credit] = found
        return found
