"""Answers for questions that differ in nothing that counts.

An output asks of each of its entries, at every build. Most differ only in what no rule looks at: title, text, id. What
each hop of an entry thinks of it is an `Opinion`; where all hops think alike and what remains (notices, images, what a
site says) is the same, one answer is worked out, from the opinions. What is the entry's own is filled in again: the
links and authors of its hops, the addresses of what is taken out, and when its clocks run out. The trace is found by
`evaluate` when somebody reads it.

A law holds this to `evaluate`: with memory and without, every question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from aggregator.model.decision import Decision, Hop, Question, Step, Trace
from aggregator.model.entry import Component, Entry, NoticeKind
from aggregator.model.policy import Effect, Grant, Policy
from aggregator.model.use import Use
from aggregator.rights import times
from aggregator.rights.conditions import Conditions
from aggregator.rights.decide import conclude, evaluate
from aggregator.rights.facts import Facts, reckoned
from aggregator.rights.grants import NOTHING_GRANTED, Permission
from aggregator.rights.hops import Party, parties
from aggregator.rights.limits import credited
from aggregator.rights.names import fold
from aggregator.rights.opinion import Opinion, Seat, Shape, Signature, told
from aggregator.rights.refusals import is_elsewhere
from aggregator.rights.speak import Hearing, hear
from aggregator.rights.spelled import spelled
from aggregator.rights.times import Moment

if TYPE_CHECKING:
    from aggregator.rights.policies import Policies
    from aggregator.rights.sheet import Sheet

ROUTES_MAX = 4_096
ANSWERS_MAX = 16_384
"""Answers and opinions, each in all. At a bound it starts again from nothing: simpler than ageing, and a build fills it
at once."""
USES_MAX = 4_096
WAYS_MAX = 16_384
"""Entries of which is known through whose hands they went."""
CREDITS_MAX = 4_096

_RIGHTS = NoticeKind.RIGHTS
_Way = object
"""Whose policies are heard at a hop, hashable."""


def _named(text: str | None) -> bool:
    """Whether a text says anything once it is folded."""
    if not text:
        return False
    return not text.isspace() if text.isascii() else bool(fold(text))


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


def _each_clock(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    return tuple({one.clock or one.at: one for one in moments}.values())


class Route:
    """One way that an entry can travel, for one use: the seats of its hops, and what is known of entries that came so.

    Args:
        own: the source's policy.
        shapes: of all policies that are asked, its own among them.
    """

    def __init__(self, own: Policy | None, shapes: Sequence[Shape], use: Use, seats: Sequence[Seat]) -> None:
        self.seats = tuple(seats)
        self.answers: dict[Signature, Known] = {}
        self.name = own.publisher.name if own else None
        self.home = own.publisher.url if own else None
        self.policy = own.id if own else None
        self.language = use.language is not None
        self.owners = tuple(dict.fromkeys(names for shape in shapes for names in shape.owners))
        self.whole_images = all(shape.whole_images for shape in shapes)
        self._credits: dict[str | None, tuple[bool, ...]] = {}

    def base(self, question: Question, *, alone: bool) -> Signature:
        """The facts of a question that any hop may look at, beside the conditions of rules."""
        entry = question.stored.entry
        authors = entry.authors
        notice = False
        stated: Signature = ()
        for one in entry.notices:
            if one.kind is not _RIGHTS:
                stated = (*stated, one.kind, one.level, one.value, one.carrier)
            else:
                notice = notice or told(one.value)
                if named := spelled(one.value):
                    stated = (*stated, one.kind, one.level, named, one.carrier)
        if not (notice or alone):
            notice = any(told(origin.notice) for origin in entry.origins)
        return (
            question.approved,
            question.told,
            bool(authors) and (_named(authors[0].name) or any(_named(author.name) for author in authors)),
            not entry.url,
            not told(entry.title),
            entry.size is None,
            entry.has_summary,
            notice,
            entry.source if self.policy is None else None,
            entry.language if self.language else None,
            stated,
            question.said,
        )

    def components(self, components: tuple[Component, ...]) -> Signature:
        """Of two with one address the later counts, as `strip` has it."""
        if self.whole_images and all(one.licence is None for one in components):
            return (len({one.url for one in components}),)
        kept = {one.url: one for one in components}.values()
        return tuple([(one.kind, self._credited(one), one.licence) for one in kept])

    def _credited(self, component: Component) -> tuple[bool, ...]:
        """Whether a component names anybody, and each publisher whose own images are treated apart."""
        found = self._credits.get(component.credit)
        if found is None:
            if len(self._credits) >= CREDITS_MAX:
                self._credits.clear()
            found = (told(component.credit), *[credited(component, names) for names in self.owners])
            self._credits[component.credit] = found
        return found

    def answer(
        self, known: Known, question: Question, everyone: tuple[Party, ...], policies: Policies, grants: Sequence[Grant]
    ) -> Decision:
        """A remembered answer with what is this entry's own."""
        entry = question.stored.entry
        decision = known.decision
        removed: tuple[str, ...] = ()
        if known.taken:
            urls = list(dict.fromkeys(component.url for component in entry.components))
            removed = tuple([urls[place] for place in known.taken])
        # It stands for the tuple of its steps (see `Decision.trace`).
        trace = cast("tuple[Step, ...]", Trace(lambda: evaluate(question, policies, grants, everyone).trace))
        return Decision(
            outcome=decision.outcome,
            form=decision.form,
            reason=decision.reason,
            sentence=decision.sentence,
            duties=decision.duties,
            duty_hops=decision.duty_hops,
            limits=decision.limits,
            removed=removed,
            hops=tuple([party.hop for party in everyone]) if everyone else (self._source(entry),),
            relied_on=decision.relied_on,
            held_by=decision.held_by,
            holds=decision.holds,
            missing=decision.missing,
            contact=decision.contact,
            valid_from=_latest(known.since, question) if known.since else None,
            valid_until=_soonest(known.until, question) if known.until else None,
            policy_version=decision.policy_version,
            engine_version=decision.engine_version,
            trace=trace,
        )

    def _source(self, entry: Entry) -> Hop:
        return Hop(
            name=self.name if self.name is not None else entry.source,
            policy=self.policy,
            url=entry.url or self.home,
            author=entry.authors[0].name if entry.authors else None,
            carrier="source",
        )


def _at(moment: Moment, question: Question) -> datetime | None:
    """When a moment comes for an entry; None: never."""
    at = moment.at if moment.clock is None else reckoned(moment.clock, question)
    return None if at is None or at >= times.NEVER else at


def _soonest(moments: tuple[Moment, ...], question: Question) -> datetime | None:
    return min((at for one in moments if (at := _at(one, question)) is not None), default=None)


def _latest(moments: tuple[Moment, ...], question: Question) -> datetime | None:
    return max((at for one in moments if (at := _at(one, question)) is not None), default=None)


def _way(party: Party) -> _Way:
    """Whose policies are heard at a hop, and whether it is sure that it is one."""
    own = party.policy.id if party.policy else None
    if party.tighten or not party.sure:
        return (own, party.sure, *(policy.id for policy in party.tighten))
    return own


class Memory:
    """Routes, seats and answers, bounded."""

    def __init__(self) -> None:
        self._routes: dict[tuple[object, ...], Route] = {}
        self._seats: dict[tuple[object, ...], Seat] = {}
        self._conditions: dict[tuple[str, int], Conditions] = {}
        self._shapes: dict[str, Shape] = {}
        self._bases: dict[Signature, int] = {}
        self._uses: dict[int, tuple[Use, Use]] = {}
        self._same: dict[Use, Use] = {}
        self._ways: dict[int, tuple[Entry, str | None, tuple[Party, ...]]] = {}
        self._kept = 0
        self._numbers = 0
        self._granted: tuple[Sequence[Grant], dict[str | None, list[int]]] = ((), {})

    def parties(self, question: Question, policies: Policies) -> tuple[Party, ...]:
        """Through whose hands an entry went: many outputs ask of one entry."""
        entry = question.stored.entry
        known = self._ways.get(id(entry))
        if known is not None and known[0] is entry and known[1] == question.policy:
            return known[2]
        if len(self._ways) >= WAYS_MAX:
            self._ways.clear()
        found = parties(question, policies)
        self._ways[id(entry)] = entry, question.policy, found  # kept, so that its identity is nobody else's
        return found

    def recall(
        self, question: Question, everyone: tuple[Party, ...], policies: Policies, grants: Sequence[Grant]
    ) -> Decision:
        """The answer, remembered where it can be.

        Args:
            everyone: whose word counts; empty: the source's alone.
        """
        known_use = self._uses.get(id(question.use))
        use = known_use[1] if known_use is not None and known_use[0] is question.use else self._use(question.use)
        key = (question.policy, id(use), *map(_way, everyone)) if everyone else (question.policy, id(use))
        route = self._routes.get(key)
        if route is None:
            route = self._route(key, question, everyone, policies, use)
        entry = question.stored.entry
        told_to_all = route.base(question, alone=not everyone)
        base = self._bases.get(told_to_all)
        if base is None:
            base = self._base(told_to_all)
        signature: Signature
        if everyone:
            opinions = [
                self._opinion(seat, base, question, party) for seat, party in zip(route.seats, everyone, strict=True)
            ]
            signature = (base, *opinions)
        else:
            opinions = [self._opinion(route.seats[0], base, question, None)]
            signature = (base, opinions[0])
        if entry.components:
            signature += route.components(entry.components)
        if grants and (granted := self._concerned(question, everyone, grants)):
            known = self._conclude(route, question, everyone, opinions, policies, granted)
            return route.answer(known, question, everyone, policies, grants)
        known_answer = route.answers.get(signature)
        if known_answer is None:
            known_answer = self._conclude(route, question, everyone, opinions, policies, ())
            self._count()
            route.answers[signature] = known_answer
        return route.answer(known_answer, question, everyone, policies, ())

    def _opinion(self, seat: Seat, base: int, question: Question, party: Party | None) -> Opinion:
        found, is_new = seat.opinion(base, question, party)
        if is_new:
            self._count()
        return found

    def _conclude(
        self,
        route: Route,
        question: Question,
        everyone: tuple[Party, ...],
        opinions: Sequence[Opinion],
        policies: Policies,
        grants: Sequence[Grant],
    ) -> Known:
        """Works an answer out, from what each hop thinks.

        Args:
            grants: those that may speak for one of the hops: what such a hop says is not remembered.
        """
        facts = Facts(question, policies.fixed(question.use))
        everyone = everyone or parties(question, policies)
        own, unknown = everyone[-1].policy, policies.unknown_policy

        def hear_hop(sheet: Sheet, index: int, facts: Facts) -> Permission:
            party, seat, opinion = everyone[index], route.seats[index], opinions[index]
            if grants:
                seat.prepare(facts, opinion.verdicts)
                return hear(Hearing(sheet, index, party, facts), own, unknown, grants)

            def think(empty: Sheet) -> None:
                hear(Hearing(empty, index, party, facts), own, unknown, ())

            sheet.take(opinion.heard(sheet.form, facts, seat, think))
            return NOTHING_GRANTED

        return Known(conclude(facts, everyone, policies.version, hear_hop, grants, quiet=True), facts)

    def forget(self) -> None:
        """Start again from nothing."""
        self._routes.clear()
        self._seats.clear()
        self._conditions.clear()
        self._bases.clear()
        self._uses.clear()
        self._same.clear()
        self._ways.clear()
        self._kept = 0

    def _count(self) -> None:
        """Keeps count of answers and opinions, and lets go of them at the bound."""
        self._kept += 1
        if self._kept < ANSWERS_MAX:
            return
        self._kept = 0
        for route in self._routes.values():
            route.answers.clear()
        for seat in self._seats.values():
            seat.opinions.clear()

    def _base(self, told_to_all: Signature) -> int:
        if len(self._bases) >= ANSWERS_MAX:
            self.forget()
        # Never a number that was given before: it may live on in a signature.
        self._numbers += 1
        self._bases[told_to_all] = self._numbers
        return self._numbers

    def _use(self, use: Use) -> Use:
        """One for all uses that differ only in whose they are: grants alone look at the output.

        It is kept, so that its identity is nobody else's.
        """
        if len(self._uses) >= USES_MAX:
            self.forget()
        anybody = replace(use, output="")
        same = self._same.setdefault(anybody, anybody)
        self._uses[id(use)] = use, same
        return same

    def _route(
        self, key: tuple[object, ...], question: Question, everyone: tuple[Party, ...], policies: Policies, use: Use
    ) -> Route:
        if len(self._routes) >= ROUTES_MAX:
            self._routes.clear()
            self._seats.clear()
            self._kept = 0
        own = policies.by_id(question.policy)
        heard = {policy.id: policy for party in everyone for policy in _heard_at(party)}
        if own is not None:
            heard[own.id] = own
        seats = [self._seat(place, party, question.policy, use) for place, party in enumerate(everyone)]
        if not everyone:
            seats = [self._source_seat(own, question.policy, use)]
        route = self._routes[key] = Route(own, [self._shape(policy) for policy in heard.values()], use, seats)
        return route

    def _seat(self, place: int, party: Party, source: str | None, use: Use) -> Seat:
        """The seat of a hop. Whose source it is matters where nobody else speaks for the hop."""
        whose = source if party.policy is None or not party.sure else None
        return self._seat_of((place, party.is_source, _way(party), whose, id(use)), _heard_at(party), use)

    def _source_seat(self, own: Policy | None, source: str | None, use: Use) -> Seat:
        """The seat of a source that stands alone."""
        if own is None:
            return self._seat_of((0, True, None, source, id(use)), (), use)
        return self._seat_of((0, True, own.id, None, id(use)), (own,), use)

    def _seat_of(self, key: tuple[object, ...], heard: tuple[Policy, ...], use: Use) -> Seat:
        found = self._seats.get(key)
        if found is None:
            conditions = [self._conditions_of(policy, use) for policy in heard]
            found = self._seats[key] = Seat([self._shape(policy) for policy in heard], conditions)
        return found

    def _shape(self, policy: Policy) -> Shape:
        found = self._shapes.get(policy.id)
        if found is None:
            found = self._shapes[policy.id] = Shape(policy)
        return found

    def _conditions_of(self, policy: Policy, use: Use) -> Conditions:
        key = policy.id, id(use)
        found = self._conditions.get(key)
        if found is None:
            found = self._conditions[key] = Conditions(policy, use)
        return found

    def _concerned(self, question: Question, everyone: tuple[Party, ...], grants: Sequence[Grant]) -> tuple[Grant, ...]:
        """The grants that may speak for one of the hops of this entry."""
        if isinstance(grants, tuple):
            if self._granted[0] is not grants:
                self._granted = (grants, _by_policy(grants))
            by = self._granted[1]
        else:
            by = _by_policy(grants)
        heard = {policy.id for party in everyone for policy in _heard_at(party)}
        givers = {None, question.policy, *heard}
        entry = question.stored.entry
        places = [place for giver in givers for place in by.get(giver, ()) if _reaches(grants[place], entry, everyone)]
        return tuple([grants[place] for place in sorted(places)])


def _heard_at(party: Party) -> tuple[Policy, ...]:
    return (party.policy, *party.tighten) if party.policy else party.tighten


def _by_policy(grants: Sequence[Grant]) -> dict[str | None, list[int]]:
    """Places of grants, by the policy that gave them."""
    found: dict[str | None, list[int]] = {}
    for place, grant in enumerate(grants):
        found.setdefault(grant.policy, []).append(place)
    return found


def _reaches(grant: Grant, entry: Entry, everyone: tuple[Party, ...]) -> bool:
    """Whether an entry may lie in a grant's scope: not where that is another entry, source, author or category.

    Only refusals name authors and categories of anybody, so only there is it worth a look before the answer is made.
    """
    if grant.source not in (None, entry.source) or grant.entry not in (None, entry.key):
        return False
    return grant.effect is Effect.ALLOW or not is_elsewhere(grant, entry, everyone)
