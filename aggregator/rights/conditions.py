"""The conditions of a policy's rules, made ready once for one use.

Rules that look at the same facts of an entry are weighed together, and only when those facts differ from all that were
seen before: entries share categories, languages and bylines, and the next build asks about the same entries again.
What they come to is a `Look`: the checks for the trace, and a number that is the same wherever all conditions held,
failed, or were unknown alike. An answer depends on the number alone; only its trace and dates hold more.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from aggregator.rights import times
from aggregator.rights.facts import Facts
from aggregator.rights.judge import Judged, looks_at, uncovered, weigh
from aggregator.rights.names import fold, stands_in

if TYPE_CHECKING:
    from aggregator.model.decision import Question
    from aggregator.model.policy import Policy, Rule
    from aggregator.model.use import Use

Read = Callable[["Question"], Hashable]


class Look:
    """What the conditions of some rules come to for some facts."""

    __slots__ = ("judged", "verdict")

    def __init__(self, judged: tuple[Judged, ...], verdict: int) -> None:
        self.judged = judged
        """Each rule's, in the order of the group."""
        self.verdict = verdict


class Group:
    """Rules of one policy whose conditions look at the same facts of an entry."""

    def __init__(self, rules: Sequence[Rule], reads: Sequence[Read]) -> None:
        self.rules = tuple(rules)
        self._reads = tuple(reads)
        self._only = reads[0] if len(reads) == 1 else None
        self.looks: dict[Hashable, Look] = {}
        self._verdicts: dict[Hashable, int] = {}

    def facts_of(self, question: Question) -> Hashable:
        """All of a question that the conditions look at."""
        return self._only(question) if self._only is not None else tuple([read(question) for read in self._reads])

    def weigh(self, question: Question, facts: Facts) -> Look:
        """What the conditions come to, worked out."""
        judged = tuple(weigh(rule, facts) for rule in self.rules)
        told = tuple(map(_verdict, judged))
        return Look(judged, self._verdicts.setdefault(told, len(self._verdicts)))


def _verdict(judged: Judged) -> Hashable:
    """All of a rule's conditions that an answer may depend on, beside what they found and when clocks run out."""
    return (
        tuple([check.holds.value for check in judged.checks]),
        tuple([moment.clock for moment in judged.changes]),
        judged.since and judged.since.clock,
    )


def groups_of(policy: Policy, use: Use) -> tuple[Group, ...]:
    """The rules that may apply to a use and whose conditions look at the entry, by the facts that they look at.

    The others say the same of every entry.
    """
    kinds: dict[tuple[str, ...], dict[int, Rule]] = {}
    for rule in policy.rules:
        looked_at = looks_at(rule)
        if looked_at and any(uncovered(rule, use, form) is None for form in use.forms):
            kinds.setdefault(looked_at, {})[id(rule)] = rule
    return tuple(
        Group(list(rules.values()), [_READS[kind](rules.values()) for kind in looked_at])
        for looked_at, rules in kinds.items()
    )


def _categories(question: Question) -> Hashable:
    return question.stored.entry.categories


def _authors(question: Question) -> Hashable:
    return tuple([author.name for author in question.stored.entry.authors])


def _language(question: Question) -> Hashable:
    return question.stored.entry.language


def _url(question: Question) -> Hashable:
    return question.stored.entry.url


def _day(question: Question) -> Hashable:
    published = question.stored.entry.published_at
    return None if published is None else times.day(published)


def _marked(rules: Iterable[Rule]) -> Read:
    """How each set of markers is met: in categories, in the text, not, or not known."""
    wanted = tuple(dict.fromkeys(tuple(map(fold, rule.when.marker)) for rule in rules))

    def read(question: Question) -> Hashable:
        categories = set(map(fold, question.stored.entry.categories)) - {""}
        text: str | None = None
        found: list[object] = []
        for markers in wanted:
            if not categories.isdisjoint(markers):
                found.append("category")
            elif question.text is None:
                found.append(None)
            else:
                text = fold(question.text) if text is None else text
                found.append(any(stands_in(marker, text) for marker in markers))
        return tuple(found)

    return read


def _embargoed(rules: Iterable[Rule]) -> Read:
    """The date from which embargoes count, and which of them have ended: between two ends `at` does not matter."""
    spans = tuple(dict.fromkeys(rule.when.embargo for rule in rules if rule.when.embargo is not None))

    def read(question: Question) -> Hashable:
        start = question.stored.entry.published_at or question.stored.first_seen_at
        return (start, *[question.at >= times.later(start, span) for span in spans])

    return read


def _windowed(rules: Iterable[Rule]) -> Read:
    """The date from which windows count, and which of them are closed."""
    spans = tuple(dict.fromkeys(rule.when.window for rule in rules if rule.when.window is not None))

    def read(question: Question) -> Hashable:
        start = question.stored.earliest_at
        return None if start is None else (start, *[question.at < times.later(start, span) for span in spans])

    return read


_READS: dict[str, Callable[[Iterable[Rule]], Read]] = {
    "categories": lambda _: _categories,
    "authors": lambda _: _authors,
    "language": lambda _: _language,
    "url": lambda _: _url,
    "marker": _marked,
    "day": lambda _: _day,
    "embargo": _embargoed,
    "window": _windowed,
}
