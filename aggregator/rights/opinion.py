"""What one hop says to a form of a use, worked out once for all entries that are alike to it.

A `Seat` is a hop's place at the table: whose policies are heard there, for which use, in which place of the way. Its
policies' conditions are compiled (`conditions`), and it knows which other facts their duties and limits look at.
Entries that come to the same in those that count for a form get one `Say`; it is worked out by the very functions that
`decide.evaluate` uses, only that nothing is written down of the way to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from aggregator.model.policy import Duty, DutyName, Effect, ImageRule, Limit, LimitName
from aggregator.rights import times
from aggregator.rights.components import strip
from aggregator.rights.facts import number
from aggregator.rights.grants import NOTHING_GRANTED
from aggregator.rights.limits import names_in, own_names, share_broken
from aggregator.rights.names import fold
from aggregator.rights.sheet import Sheet, once, strictest

if TYPE_CHECKING:
    from aggregator.model.decision import Hold, Question, Step
    from aggregator.model.policy import Policy
    from aggregator.model.use import Form
    from aggregator.rights.conditions import Ballot, Verdict
    from aggregator.rights.facts import Facts
    from aggregator.rights.hops import Party
    from aggregator.rights.times import Moment

Signature = tuple[object, ...]


class Say:
    """What one hop says to a form. Known by its identity: two entries to which it says the same are alike to it."""

    __slots__ = ("effect", "settles", "sheet")

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.effect = sheet.effect
        self.settles = bool(sheet.holds or sheet.spoken)
        """Whether it either allows or holds."""


class Joined:
    """What all hops say to one form, read as one sheet: for entries of which there is nothing else to be said."""

    __slots__ = ("_sheets", "_stripped", "effect", "form", "holds", "missing")

    steps: Sequence[Step] = ()

    def __init__(self, form: Form, said: Sequence[Say]) -> None:
        self.form = form
        self.effect = strictest([say.effect for say in said])
        self._sheets = sheets = [say.sheet for say in said]
        self._stripped: Sheet | None = None
        self.holds: list[Hold] = []
        self.missing: list[str] = []
        if self.effect is not Effect.ALLOW:
            for sheet in sheets:
                self.holds += sheet.holds
                self.missing += sheet.missing

    def strip(self, everyone: tuple[Party, ...], facts: Facts) -> None:
        """Take components out that any hop keeps back. Only of a form that is let out does anybody look at them."""
        self._stripped = sheet = self.scratch()
        for one in self._sheets:
            sheet.duties += one.duties
            sheet.component_limits += one.component_limits
            sheet.component_duties += one.component_duties
        strip(sheet, everyone, facts, [NOTHING_GRANTED] * len(everyone))

    @property
    def removed(self) -> Sequence[str]:
        return self._stripped.removed if self._stripped else ()

    @property
    def image_holds(self) -> Sequence[Hold]:
        return self._stripped.image_holds if self._stripped else ()

    @property
    def duties(self) -> list[tuple[Duty, int]]:
        if self._stripped is not None:
            return self._stripped.duties
        return [duty for sheet in self._sheets for duty in sheet.duties]

    @property
    def limits(self) -> list[Limit]:
        return once([limit for sheet in self._sheets for limit in sheet.limits])

    @property
    def relied_on(self) -> list[str]:
        return [key for sheet in self._sheets for key in sheet.relied_on]

    @property
    def allowed_at(self) -> dict[tuple[int, str], str]:
        return {key: where for sheet in self._sheets for key, where in sheet.allowed_at.items()}

    @property
    def changes(self) -> list[Moment]:
        return [moment for sheet in self._sheets for moment in sheet.changes]

    @property
    def on_release(self) -> list[Moment]:
        return [moment for sheet in self._sheets for moment in sheet.on_release]

    @property
    def since(self) -> list[Moment]:
        return [moment for sheet in self._sheets for moment in sheet.since]

    def scratch(self) -> Sheet:
        """An empty one for the same form."""
        return Sheet(self.form, quiet=True)


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


class Voice:
    """What is said by one that is heard in a use, wherever on the way it stands.

    Args:
        shapes: of the policies that are heard.
        ballots: for each form, of those of them whose rules look at the entry.
    """

    def __init__(self, shapes: Sequence[Shape], ballots: dict[Form, tuple[Ballot, ...]]) -> None:
        self.ballots = ballots
        self.said: dict[Form, dict[Signature, Sheet]] = {form: {} for form in ballots}
        """As from the first place of a way."""
        of_forms = [[one.mask for one in of_form] for of_form in ballots.values()]
        self.masks = {form: tuple(found) for form, found in zip(ballots, of_forms, strict=True)}
        """Of the rules that count for a form, policy by policy."""
        self.all_masks = tuple([reduce(or_, found) for found in zip(*of_forms, strict=True)])
        """Likewise, for any form."""
        self._caps = tuple({cap for shape in shapes for cap in shape.caps})
        self._shares = tuple({key: limit for shape in shapes for key, limit in shape.shares.items()}.values())
        self._removals = tuple({duration for shape in shapes for duration in shape.removals})
        self.looks_further = bool(self._caps or self._shares or self._removals)
        """Whether duties or limits look at facts of the entry that `further` tells."""

    def state(self, form: Form, verdicts: Sequence[Verdict]) -> Signature:
        """What the conditions of the policies come to, as far as it counts for what is said to a form."""
        return tuple([one.state(verdict) for one, verdict in zip(self.ballots[form], verdicts, strict=True)])

    def prepare(self, form: Form, facts: Facts, verdicts: Sequence[Verdict]) -> None:
        """Leave in the facts of a question what the conditions of the policies come to."""
        for ballot, verdict in zip(self.ballots[form], verdicts, strict=True):
            facts.judged.update(ballot.judged(verdict, facts.question))

    def further(self, question: Question) -> Signature:
        """Which limits of the policies an entry would break, and which of their times to remove the copy have come."""
        return (*self._bounds(question), *self._ends(question))

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
        if not self._removals:
            return ()
        start = question.released_at or question.at
        ends = [times.later(start, removal) for removal in self._removals]
        return (
            question.released_at is None,
            *[(end < times.NEVER if question.at < end else end) for end in ends],
        )


class Seat:
    """One hop's place in a use: a voice, and how far from the originator it speaks."""

    __slots__ = ("place", "says", "voice")

    def __init__(self, place: int, voice: Voice) -> None:
        self.place = place
        self.voice = voice
        self.says: dict[Form, dict[Signature, Say]] = {form: {} for form in voice.said}


def flat_duties(duties: Iterable[Duty]) -> list[Duty]:
    return [part for duty in duties for part in (duty, *(flat_duties(duty.any_of) if duty.any_of else ()))]


def flat_limits(limits: Iterable[Limit]) -> list[Limit]:
    return [part for limit in limits for part in (limit, *(flat_limits(limit.any_of) if limit.any_of else ()))]


def told(text: str | None) -> bool:
    """Whether a text says anything."""
    return bool(text) and not text.isspace()  # type: ignore[union-attr]  # bool() has looked
