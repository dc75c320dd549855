"""What one hop says to a use, worked out once for all entries that are alike to it.

A `Seat` is a hop's place at the table: whose policies are heard there, for which use, in which place of the way. Its
policies' conditions are compiled (`conditions`), and it knows which other facts their duties and limits look at.
Entries that come to the same in all of these get one `Opinion`, a sheet for each form; it is worked out by the very
functions that `decide.evaluate` uses, only that nothing is written down of the way to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from aggregator.model.policy import Duty, DutyName, ImageRule, Limit, LimitName
from aggregator.rights import times
from aggregator.rights.facts import number
from aggregator.rights.limits import names_in, own_names, share_broken
from aggregator.rights.names import fold
from aggregator.rights.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.model.decision import Question
    from aggregator.model.policy import Policy
    from aggregator.model.use import Form
    from aggregator.rights.conditions import Conditions, Verdict
    from aggregator.rights.facts import Facts
    from aggregator.rights.hops import Party

Signature = tuple[object, ...]


class Opinion:
    """What one hop says, form by form. Known by its identity: two entries with one opinion are alike to its hop."""

    __slots__ = ("sheets", "verdicts")

    def __init__(self, verdicts: tuple[Verdict, ...]) -> None:
        self.sheets: dict[Form, Sheet] = {}
        self.verdicts = verdicts
        """What the conditions of each policy of the seat come to."""

    def heard(self, form: Form, facts: Facts, seat: Seat, hear: Callable[[Sheet], object]) -> Sheet:
        """What it says to a form.

        Args:
            facts: of a question of which this is the opinion.
            hear: writes into an empty sheet what the hop says; asked once.
        """
        found = self.sheets.get(form)
        if found is None:
            seat.prepare(facts, self.verdicts)
            found = Sheet(form, quiet=True)
            hear(found)
            self.sheets[form] = found
        return found


class Shape:
    """Which facts of an entry the duties and limits of a policy look at, and how it treats images."""

    __slots__ = ("caps", "owners", "removals", "shares", "whole_images")

    def __init__(self, policy: Policy) -> None:
        limits = flat_limits(limit for rule in policy.rules for limit in rule.limits)
        duties = flat_duties(duty for rule in policy.rules for duty in rule.duties)
        caps = [one for one in limits if one.name is LimitName.EXCERPT_MAX]
        self.caps = {(str(limit.param("unit") or "words"), number(limit.param("n"))) for limit in caps}
        self.shares = {one.params: one for one in limits if one.name is LimitName.MAX_SHARE}
        removals = (times.days(duty.param("days")) for duty in duties if duty.name is DutyName.REMOVE_AFTER)
        self.removals = {duration for duration in removals if duration is not None}
        self.owners = tuple(_owners(policy, limits))
        """Names in a component's credit by which its own images are told from others."""
        self.whole_images = (
            not self.owners
            and all(not limit.components and not limit.any_of for limit in limits)
            and all(not duty.components for duty in duties)
        )
        """Whether components stay or go together, whatever their kind and credit."""


def _owners(policy: Policy, limits: Iterable[Limit]) -> Iterator[tuple[str, ...]]:
    own = own_names(policy)
    if policy.images.rule is ImageRule.OWN_CREDIT:
        yield tuple(map(fold, policy.images.credits)) or own
    for limit in limits:
        if limit.name is LimitName.OWN_IMAGES_ONLY:
            yield names_in(limit.param("credit")) or own


class Seat:
    """One hop's place.

    Args:
        shapes: of the policies that are heard there.
        conditions: of each of them, for the use.
    """

    def __init__(self, shapes: Sequence[Shape], conditions: Sequence[Conditions]) -> None:
        self.opinions: dict[Signature, Opinion] = {}
        self._conditions = tuple([one for one in conditions if one.rules])
        self._caps = tuple({cap for shape in shapes for cap in shape.caps})
        self._shares = tuple({key: limit for shape in shapes for key, limit in shape.shares.items()}.values())
        self._removals = tuple({duration for shape in shapes for duration in shape.removals})

    def opinion(self, base: int, question: Question, party: Party | None) -> tuple[Opinion, bool]:
        """What it thinks of an entry, and whether that is new.

        Args:
            base: stands for the facts that all hops look at.
            party: None: the source, alone on the way, of which `base` knows all.
        """
        verdicts = tuple([one.verdict(question) for one in self._conditions])
        signature: Signature
        if party is None:
            signature = (base, verdicts)
        else:
            hop = party.hop
            signature = (base, verdicts, hop.name, hop.carrier, told(hop.author), not party.article)
        if self._caps or self._shares:
            signature += self._bounds(question)
        if self._removals:
            signature += self._ends(question)
        found = self.opinions.get(signature)
        if found is not None:
            return found, False
        found = self.opinions[signature] = Opinion(verdicts)
        return found, True

    def prepare(self, facts: Facts, verdicts: tuple[Verdict, ...]) -> None:
        """Leave in the facts of a question what the conditions of the seat's policies come to."""
        for conditions, verdict in zip(self._conditions, verdicts, strict=True):
            facts.judged.update(conditions.judged(verdict, facts.question))

    def _bounds(self, question: Question) -> Signature:
        """Which limits of the policies an entry would break."""
        return (
            *[self._above(question, unit, cap) for unit, cap in self._caps],
            *[share_broken(limit, question) for limit in self._shares],
        )

    def _above(self, question: Question, unit: str, cap: float | None) -> bool | None:
        size = question.stored.entry.size
        if size is None or cap is None:
            return None
        measured = {"words": size.words, "chars": size.chars, "paragraphs": size.paragraphs}.get(unit)
        return None if measured is None else measured > cap

    def _ends(self, question: Question) -> Signature:
        """Which times to remove the copy have come; of those that have, when: the reason tells it."""
        start = question.released_at or question.at
        ends = [times.later(start, removal) for removal in self._removals]
        return (
            question.released_at is None,
            *[(end < times.NEVER if question.at < end else end) for end in ends],
        )


def flat_duties(duties: Iterable[Duty]) -> list[Duty]:
    return [part for duty in duties for part in (duty, *(flat_duties(duty.any_of) if duty.any_of else ()))]


def flat_limits(limits: Iterable[Limit]) -> list[Limit]:
    return [part for limit in limits for part in (limit, *(flat_limits(limit.any_of) if limit.any_of else ()))]


def told(text: str | None) -> bool:
    """Whether a text says anything."""
    return bool(text) and not text.isspace()  # type: ignore[union-attr]  # bool() has looked
