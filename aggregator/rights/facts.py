"""What can be known of an entry and its use, ready to be compared; what cannot be known is None."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from aggregator.model.decision import Question
from aggregator.model.entry import Entry, NoticeKind
from aggregator.model.policy import Param
from aggregator.model.use import Form, Use
from aggregator.rights import times
from aggregator.rights.names import fold, seen
from aggregator.rights.times import Clock, Moment, Start

if TYPE_CHECKING:
    from aggregator.model.decision import Step
    from aggregator.model.policy import Rule
    from aggregator.rights.judge import Judged


class Fixed:
    """What rules say of every entry alike, for one form of one kind of use: worked out once."""

    __slots__ = ("judged", "live", "steps")

    def __init__(self) -> None:
        self.judged: dict[int, Judged] = {}
        """By the rule's identity: those that do not cover the form or the use, and those without a condition on the
        entry."""
        self.steps: dict[tuple[int, int], Step] = {}
        """Of the trace, by the rule's identity and the hop."""
        self.live: dict[str, tuple[Rule, ...]] = {}
        """By policy: its rules that cover the form and the use."""


class Facts:
    """The facts of one question. Folding is done once, and only where a rule asks."""

    def __init__(self, question: Question, fixed: dict[Form, Fixed] | None = None) -> None:
        """
        Args:
            fixed: where what rules say of every entry alike is kept, by form, for uses like the question's.
        """
        self.question = question
        self.entry: Entry = question.stored.entry
        self.use: Use = question.use
        self.at = question.at
        self.judged: dict[int, Judged] = {}
        """What each rule's conditions have come to, by its identity: they are the same for every form and hop."""
        self.fixed: dict[Form, Fixed] = {} if fixed is None else fixed
        self.ends: tuple[Moment, ...] = ()
        """Of the answer, once there is one: the instants at which it may change."""
        self.starts: tuple[Moment, ...] = ()
        """Likewise: the instants from which it has held."""

    def fixed_in(self, form: Form) -> Fixed:
        """What rules say of every entry alike in a form."""
        found = self.fixed.get(form)
        if found is None:
            found = self.fixed[form] = Fixed()
        return found

    @cached_property
    def authors(self) -> tuple[str, ...]:
        """Folded bylines; empty: unknown."""
        return tuple(filter(None, (fold(author.name) for author in self.entry.authors)))

    @cached_property
    def authors_told(self) -> str:
        """Bylines as the feed has them."""
        return ", ".join([author.name for author in self.entry.authors])

    @cached_property
    def categories_told(self) -> str:
        """As the feed has them."""
        return ", ".join(self.entry.categories)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Folded; empty: unknown."""
        return tuple(filter(None, map(fold, self.entry.categories)))

    @cached_property
    def language(self) -> str | None:
        """As declared; None: unknown, also where it is declared undetermined."""
        return self.declared(self.entry.language)

    @staticmethod
    def declared(told: str | None) -> str | None:
        """A language as declared; None: unknown."""
        return told if told and told.strip() and told.strip().casefold() != "und" else None

    @cached_property
    def text(self) -> str | None:
        """All visible text, folded, without what readers do not see."""
        return None if self.question.text is None else fold(seen(self.question.text))

    @cached_property
    def has_notice(self) -> bool:
        """Whether entry, feed or an origin states its copyright in words."""
        return any(notice.kind is NoticeKind.RIGHTS and notice.value.strip() for notice in self.entry.notices) or any(
            origin.notice and origin.notice.strip() for origin in self.entry.origins
        )

    def lacks(self, form: Form) -> str | None:
        """What the entry lacks to be shown in a form; None: nothing.

        A feed that only carries summaries yields an excerpt, never the full text (ruling 9). A picture without words
        yields neither.
        """
        entry = self.entry
        if form is Form.FULL:
            return None if entry.size is not None else "its full text is not in the feed"
        if form is Form.EXCERPT:
            if entry.has_summary or (entry.size is not None and entry.size.chars):
                return None
            return "neither text nor summary is in the feed" if entry.size is None else "its text has no words"
        if not entry.title.strip():
            return "it has no title"
        return None if entry.url else "it has no link"


def reckoned(clock: Clock, question: Question) -> datetime | None:
    """When a clock runs out for an entry; None: there is no date from which it could run."""
    stored = question.stored
    start: datetime | None
    if clock.start is Start.PUBLISHED:
        start = stored.entry.published_at or stored.first_seen_at
    elif clock.start is Start.EARLIEST:
        start = stored.earliest_at
    else:
        start = question.released_at or question.at
    return None if start is None else times.later(start, clock.span)


def number(value: Param | None) -> float | None:
    """A parameter as a number; None if it is none."""
    if value is None or isinstance(value, tuple):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return None if found != found else found  # a NaN is no number


@lru_cache(maxsize=16_384)  # of rules, which are few and asked again and again
def words(values: frozenset[str] | tuple[str, ...]) -> str:
    """Alternatives for a person: `web or print`."""
    return " or ".join(sorted(map(str, values)))
