"""The conditions of a policy's rules, compiled once.

Each rule is one bit. For each kind of condition the rules' wanted values are prepared, and what an entry's fact comes
to is two masks: the rules for which it does not hold, and those for which nobody can know. The masks of all kinds
together are a verdict: entries with one verdict are alike for every rule of the policy, whatever they are called. Two
entries that share a category, a byline or a day share its masks, too.

`judge.weigh` says the same of one rule, with every check in words: a law holds the two together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from aggregator.model.decision import Truth
from aggregator.model.policy import Effect
from aggregator.rights import times
from aggregator.rights.facts import Facts, reckoned
from aggregator.rights.judge import Judged, any_of, covers, in_territory, looks_at
from aggregator.rights.names import fold, seen, stands_in
from aggregator.rights.times import Clock, Moment, Start
from aggregator.rights.twins import addressed, spellings, spoken

if TYPE_CHECKING:
    from aggregator.model.decision import Question
    from aggregator.model.policy import Policy, Rule
    from aggregator.model.use import Form, Use

Verdict = tuple[int, int, int, tuple[int, ...]]
"""Masks of rules: does not apply; is not known to apply; of the first, waits for the end of its embargo. Then, where
anything is not known, for which rules each kind of condition is not."""
Masks = tuple[int, int]
"""Rules for which a condition does not hold, and for which it is not known."""
Bits = Sequence[tuple[int, "Rule"]]
MASKS_MAX = 4_096
"""Facts of which the masks are kept, a kind and policy. At the bound it starts again from nothing."""


class Kind(ABC):
    """The conditions of one kind in the rules of one policy."""

    name = ""
    """As in `Check.name` and `judge.looks_at`."""

    def __init__(self, rules: Bits) -> None:
        self.all = sum(bit for bit, _ in rules)
        self._prepare(rules)

    @abstractmethod
    def _prepare(self, rules: Bits) -> None:
        """Keeps what the rules want, ready to be looked up."""

    @abstractmethod
    def masks(self, question: Question) -> Masks:
        """What the entry comes to for each rule."""

    def missing(self, rule: Rule) -> tuple[str, ...]:
        """Names of the facts that a rule lacks where this is not known."""
        return (self.name,)


class _Remembered(Kind):
    """Looks at one fact, which entries share: what it comes to is kept."""

    def __init__(self, rules: Bits) -> None:
        super().__init__(rules)
        self._known: dict[Hashable, Masks] = {}

    def masks(self, question: Question) -> Masks:
        fact = self._fact(question)
        found = self._known.get(fact)
        if found is None:
            if len(self._known) >= MASKS_MAX:
                self._known.clear()
            found = self._known[fact] = self._look(fact)
        return found

    @abstractmethod
    def _fact(self, question: Question) -> Hashable:
        """What the entry says of it."""

    @abstractmethod
    def _look(self, fact: Any) -> Masks:
        """What a fact comes to for each rule."""


class _Categories(_Remembered):
    name = "category"

    def _prepare(self, rules: Bits) -> None:
        self._by_name = _bits((fold(name), bit) for bit, rule in rules for name in rule.when.category)

    def _fact(self, question: Question) -> Hashable:
        return question.stored.entry.categories

    def _look(self, fact: Any) -> Masks:
        names = [name for name in map(fold, fact) if name]
        if not names:
            return 0, self.all
        holds = 0
        for name in names:
            holds |= self._by_name.get(name, 0)
        return self.all & ~holds, 0


class _Authors(_Remembered):
    name = "author"

    def _prepare(self, rules: Bits) -> None:
        self._by_name = _bits((fold(name), bit) for bit, rule in rules for name in rule.when.author)

    def _fact(self, question: Question) -> Hashable:
        authors = question.stored.entry.authors
        return authors[0].name if len(authors) == 1 else tuple([author.name for author in authors])

    def _look(self, fact: Any) -> Masks:
        told = (fact,) if isinstance(fact, str) else fact
        lines = [line for line in map(fold, told) if line]
        if not lines:
            return 0, self.all
        holds = 0
        for name, bits in self._by_name.items():
            if any(name in line and stands_in(name, line) for line in lines):
                holds |= bits
        return self.all & ~holds, 0


class _Language(_Remembered):
    name = "language"

    def _prepare(self, rules: Bits) -> None:
        self._rules = [(bit, rule.when.language) for bit, rule in rules]

    def _fact(self, question: Question) -> Hashable:
        return question.stored.entry.language

    def _look(self, fact: Any) -> Masks:
        told = Facts.declared(fact)
        if told is None:
            return 0, self.all
        return _sorted((bit, any_of(spoken(one, told) for one in wanted)) for bit, wanted in self._rules)


class _Url(_Remembered):
    name = "url"

    def _prepare(self, rules: Bits) -> None:
        self._rules = [(bit, rule.when.url) for bit, rule in rules]

    def _fact(self, question: Question) -> Hashable:
        return question.stored.entry.url

    def _look(self, fact: Any) -> Masks:
        if not fact:
            return 0, self.all
        url = spellings(str(fact))
        return _sorted((bit, any_of([addressed(glob, url) for glob in globs])) for bit, globs in self._rules)


class _Marker(Kind):
    name = "marker"

    def _prepare(self, rules: Bits) -> None:
        self._by_mark = _bits((fold(seen(mark)), bit) for bit, rule in rules for mark in rule.when.marker)

    def masks(self, question: Question) -> Masks:
        # Not remembered: hardly two entries have one text.
        holds = 0
        for name in map(fold, question.stored.entry.categories):
            holds |= self._by_mark.get(name, 0) if name else 0
        if holds == self.all:
            return 0, 0
        if question.text is None:
            return 0, self.all & ~holds
        text = fold(seen(question.text))
        for mark, bits in self._by_mark.items():
            if bits & ~holds and stands_in(mark, text):
                holds |= bits
        return self.all & ~holds, 0


class _Day(Kind):
    """Days are compared as instants: between two bounds of the rules, all dates come to the same."""

    name = "day"

    def _prepare(self, rules: Bits) -> None:
        spans = [(bit, rule.when.since or date.min, rule.when.until or date.max) for bit, rule in rules]
        begun = {since for _, since, _ in spans if since > date.min}
        days = sorted(begun | {until + timedelta(1) for _, _, until in spans if until < date.max})
        self._bounds = [times.start_of(day) for day in days]
        self._masks = [
            (sum(bit for bit, since, until in spans if not since <= day <= until), 0) for day in (date.min, *days)
        ]
        """Before the first bound, and from each on."""

    def masks(self, question: Question) -> Masks:
        published = question.stored.entry.published_at
        if published is None:
            return 0, self.all
        return self._masks[bisect_right(self._bounds, published)]

    def missing(self, rule: Rule) -> tuple[str, ...]:
        when = rule.when
        return tuple(name for name, bound in (("since", when.since), ("until", when.until)) if bound is not None)


KINDS: dict[str, type[Kind]] = {
    "categories": _Categories,
    "authors": _Authors,
    "language": _Language,
    "url": _Url,
    "marker": _Marker,
    "day": _Day,
}
"""In the order of the checks. The conditions that time decides are `Conditions`' own: they are never remembered."""


def _bits(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, bit in pairs:
        if name:
            found[name] = found.get(name, 0) | bit
    return found


def _sorted(found: Iterable[tuple[int, bool | None]]) -> Masks:
    no = unknown = 0
    for bit, holds in found:
        if holds is None:
            unknown |= bit
        elif not holds:
            no |= bit
    return no, unknown


class Conditions:
    """The rules of a policy whose conditions look at the entry: a bit each, in file order. Compiled once for all uses.

    The others say the same of every entry, and have no bit.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        looking = [(1 << place, rule, looks_at(rule)) for place, rule in enumerate(policy.rules)]
        self.rules = tuple([(bit, rule) for bit, rule, looked_at in looking if looked_at])
        kinds: dict[str, list[tuple[int, Rule]]] = {}
        for bit, rule, looked_at in looking:
            for name in looked_at:
                kinds.setdefault(name, []).append((bit, rule))
        self._kinds = tuple([kind(kinds[name]) for name, kind in KINDS.items() if name in kinds])
        self._embargoes = [(bit, rule.when.embargo) for bit, rule in self.rules if rule.when.embargo is not None]
        self._windows = [
            (bit, rule.when.window, rule.effect is Effect.ALLOW)
            for bit, rule in self.rules
            if rule.when.window is not None
        ]
        self.of_entry = not (self._embargoes or self._windows or _Marker.name in kinds)
        """Whether the verdict hangs on the entry alone: not on the instant of asking, nor on its text."""

    def verdict(self, question: Question) -> Verdict:
        """What all conditions come to."""
        no, unknown, open_by_kind = 0, 0, []
        for kind in self._kinds:
            against, open_ = kind.masks(question)
            no |= against
            unknown |= open_
            open_by_kind.append(open_)
        if self._windows:
            closed, open_ = self._closed(question)
            no |= closed
            unknown |= open_
            open_by_kind.append(open_)
        waits = self._waiting(question) & ~no if self._embargoes else 0
        no |= waits
        unknown &= ~no
        return no, unknown, waits, tuple(open_by_kind) if unknown else ()

    def missing(self, rule: Rule, bit: int, by_kind: Sequence[int]) -> tuple[str, ...]:
        """Names of the facts that a rule lacks."""
        names = [kind.missing(rule) for kind in self._kinds] + [("window",)] * bool(self._windows)
        return tuple([name for mask, lacks in zip(by_kind, names, strict=True) if bit & mask for name in lacks])

    def _waiting(self, question: Question) -> int:
        """Rules whose embargo has not ended."""
        start = question.stored.entry.published_at or question.stored.first_seen_at
        return sum([bit for bit, embargo in self._embargoes if question.at < times.later(start, embargo)])

    def _closed(self, question: Question) -> Masks:
        """Rules whose window is closed, and those of which nobody knows: see `judge`."""
        start = question.stored.earliest_at
        if start is None:
            return (
                sum(bit for bit, _, allows in self._windows if allows),
                sum(bit for bit, _, allows in self._windows if not allows),
            )
        return sum([bit for bit, window, _ in self._windows if question.at >= times.later(start, window)]), 0


class Ballot:
    """Which rules of a policy have a say in one form of a use.

    Args:
        conditions: of the policy.
    """

    def __init__(self, conditions: Conditions, use: Use, form: Form) -> None:
        self.form = form
        self._conditions = conditions
        covering = [(bit, rule) for bit, rule in conditions.rules if covers(rule, use, form)]
        self._elsewhere = tuple([rule for _, rule in covering if not in_territory(rule, use)])
        self._live = tuple([(bit, rule) for bit, rule in covering if in_territory(rule, use)])
        self.mask = sum(bit for bit, _ in self._live)
        """Of the rules that apply if their conditions hold."""
        self._bars = sum(bit for bit, rule in self._live if rule.effect is not Effect.ALLOW)
        self._allows = self.mask & ~self._bars
        self._ruled = sum(bit for bit, rule in self._live if rule.when.other)
        self._windows = sum(bit for bit, rule in self._live if rule.when.window is not None)
        known = {id(rule) for _, rule in conditions.rules}
        fixed = [
            rule
            for rule in conditions.policy.rules
            if id(rule) not in known and covers(rule, use, form) and in_territory(rule, use)
        ]
        self._is_barred = any(rule.effect is not Effect.ALLOW for rule in fixed)
        allowed = [rule for rule in fixed if rule.effect is Effect.ALLOW]
        self._is_allowed = any(not rule.when.other for rule in allowed)
        self._is_ruled = bool(allowed)

    def state(self, verdict: Verdict) -> tuple[int, ...]:
        """What a verdict comes to, where a bar silences all that allows, and what holds all that is not known.

        Verdicts of one state make the policy say the same to this form (`speak.hear_policy`), at clocks of the same
        kinds.
        """
        no, unknown, waits, by_kind = verdict
        clocks = waits & self.mask, self._windows & ~no
        barred = self._bars & ~no
        if barred or self._is_barred:
            return (1, *clocks, barred, *[open_ & unknown & barred for open_ in by_kind])
        usable = self._allows & ~no & ~unknown
        allowed = usable & ~self._ruled
        if allowed or self._is_allowed:
            return (2, *clocks, allowed)
        if usable or self._is_ruled:
            return (3, *clocks, usable)
        return (4, *clocks, *[open_ & unknown & self._allows for open_ in by_kind])

    def judged(self, verdict: Verdict, question: Question) -> dict[int, Judged]:
        """Each rule against a question of this verdict, by the rule's identity; without its checks in words."""
        found = {id(rule): Judged(rule, Truth.NO, ()) for rule in self._elsewhere}
        for bit, rule in self._live:
            found[id(rule)] = self._judged(rule, bit, verdict, question)
        return found

    def _judged(self, rule: Rule, bit: int, verdict: Verdict, question: Question) -> Judged:
        no, unknown, waits, by_kind = verdict
        if bit & no and not bit & waits:
            return Judged(rule, Truth.NO, ())
        moments = [_moment(clock, question) for clock in _clocks(rule, waits=bool(bit & waits))]
        changes = tuple([one for one in moments if one is not None and one.at > question.at])
        if bit & waits:
            return Judged(rule, Truth.NO, (), (), changes)
        missing = self._conditions.missing(rule, bit, by_kind) if bit & unknown else ()
        since = None if rule.when.embargo is None else _moment(Clock(Start.PUBLISHED, rule.when.embargo), question)
        holds = Truth.UNKNOWN if missing else Truth.YES
        return Judged(rule, holds, (), (*missing, *["other"] * bool(rule.when.other)), changes, since)


def _clocks(rule: Rule, *, waits: bool) -> list[Clock]:
    """The clocks at which what a rule says may change."""
    clocks = []
    if waits and rule.when.embargo is not None:
        clocks.append(Clock(Start.PUBLISHED, rule.when.embargo))
    if rule.when.window is not None:
        clocks.append(Clock(Start.EARLIEST, rule.when.window))
    return clocks


def _moment(clock: Clock, question: Question) -> Moment | None:
    at = reckoned(clock, question)
    return None if at is None else Moment(at, clock)
