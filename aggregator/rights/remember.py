"""Answers for questions that differ in nothing that counts.

An output asks of each of its entries, at every build. Most differ only in what no rule looks at: title, text, id. What
each hop of an entry says to a form of a use is a `Say`; where all hops say the same and what remains (notices, images,
what a site says) is the same, one answer is worked out, from what they say. What is the entry's own is filled in again:
the links and authors of its hops, the addresses of what is taken out, and when its clocks run out. The trace is found
by `evaluate` when somebody reads it.

A law holds this to `evaluate`: with memory and without, every question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.model.decision import Decision, Question
from aggregator.model.entry import Entry
from aggregator.model.policy import Effect, Grant, Policy
from aggregator.model.use import Form, Use
from aggregator.rights.conditions import Conditions
from aggregator.rights.decide import answer, conclude, evaluate, lacking
from aggregator.rights.facts import Facts
from aggregator.rights.grants import NOTHING_GRANTED, Permission
from aggregator.rights.hops import Party, parties, way_of
from aggregator.rights.opinion import Joined, Say, Seat, Shape, Signature, Voice
from aggregator.rights.refusals import is_elsewhere
from aggregator.rights.route import Known, Route, Way
from aggregator.rights.sheet import Sheet, strictest
from aggregator.rights.speak import Hearing, hear

if TYPE_CHECKING:
    from aggregator.rights.conditions import Verdict
    from aggregator.rights.policies import Policies

ROUTES_MAX = 4_096
"""Ways to travel that are kept, with what is said on each."""
ANSWERS_MAX = 16_384
SAYS_MAX = 32_768
"""Answers, and what hops say, each in all. At a bound it starts again from nothing: simpler than ageing, and a build
fills it at once."""
USES_MAX = 4_096
WAYS_MAX = 16_384
"""Entries of which is known through whose hands they went, and what the conditions of rules come to."""


class Memory:
    """Ways, seats and answers, bounded."""

    def __init__(self) -> None:
        self._travelled: dict[tuple[object, ...], tuple[Party, ...]] = {}
        """Those who had a hand in it, by `way_of`."""
        self._routes: dict[tuple[int, int], Route] = {}
        """By the identity of a way and of a use."""
        self._seats: dict[tuple[int, Signature], Seat] = {}
        self._voices: dict[Signature, Voice] = {}
        self._conditions: dict[str, Conditions] = {}
        self._shapes: dict[str, Shape] = {}
        self._bases: dict[Signature, Signature] = {}
        self._uses: dict[int, tuple[Use, Use]] = {}
        self._same: dict[Use, Use] = {}
        self._ways: dict[int, Way] = {}
        self._answers = self._says = 0
        self._numbers = 0
        self._granted: tuple[Sequence[Grant], dict[str | None, list[int]]] = ((), {})

    def recall(self, question: Question, policies: Policies, grants: Sequence[Grant]) -> Decision:
        """The answer, remembered where it can be."""
        stored = question.stored
        way = self._ways.get(id(stored))
        if way is None or way.stored is not stored or way.policy != question.policy:
            way = self._way(question, policies)
        known_use = self._uses.get(id(question.use))
        use = known_use[1] if known_use is not None and known_use[0] is question.use else self._use(question.use)
        route = self._routes.get((id(way.travelled), id(use)))
        if route is None:
            route = self._route(way, use, question.policy, policies)
        if grants and (granted := self._concerned(question, way.travelled, grants)):
            known = self._granted_answer(route, way, question, policies, granted)
            return known.filled(way, question, lambda: evaluate(question, policies, grants).trace)
        base = self._told_to_all(way, question, route)
        verdicts = route.unconditional or way.verdicts(route, question)
        spoken: list[list[Say]] = []
        signature: Signature = base
        plain = way.is_plain and not question.said
        for form in route.forms:
            if form in way.lacks:
                said = [self._lacking(route, way, form, question)]
            else:
                said = self._hear(route, way, form, base, verdicts, question, policies)
            spoken.append(said)
            signature += tuple(said)
            if plain and said[0].effect is Effect.ALLOW and strictest([say.effect for say in said]) is Effect.ALLOW:
                break
        components = question.stored.entry.components
        if components:
            signature += route.components(components)
        known_answer = route.answers.get(signature)
        if known_answer is None:
            known_answer = self._answer(route, way, spoken, question, policies, plain=plain)
            self._count_answer()
            route.answers[signature] = known_answer
        return known_answer.filled(way, question, lambda: evaluate(question, policies, ()).trace)

    def forget(self) -> None:
        """Start again from nothing."""
        for kept in (
            self._travelled,
            self._routes,
            self._seats,
            self._voices,
            self._bases,
            self._uses,
            self._same,
            self._ways,
        ):
            kept.clear()
        self._answers = self._says = 0

    # --- what is known of an entry, a use and a route ---

    def _way(self, question: Question, policies: Policies) -> Way:
        """Through whose hands an entry went, and what is known of it: many outputs ask of one entry."""
        stored, own = question.stored, question.policy
        key: tuple[object, ...]
        # Most entries have no hop but their source: nothing is to be found out about hops then.
        if not stored.entry.origins and not policies.leads_elsewhere(stored.entry.url, own):
            key = (own,) if policies.by_id(own) is not None else (own, stored.entry.source)
        else:
            key = way_of(question, policies)
        travelled = self._travelled.get(key)
        if travelled is None:
            if len(self._travelled) >= ROUTES_MAX:
                self.forget()
            travelled = self._travelled[key] = parties(question, policies)
        way = Way(question, travelled)
        way.base = self._base(way.base)
        if len(self._ways) >= WAYS_MAX:
            self._ways.clear()
        self._ways[id(stored)] = way  # which keeps it: its identity is nobody else's
        return way

    def _base(self, told: Signature) -> Signature:
        """What stands for facts in signatures: a number."""
        found = self._bases.get(told)
        if found is None:
            if len(self._bases) >= ANSWERS_MAX:
                self._bases.clear()
            # Never a number that was given before: it may live on in a signature.
            self._numbers += 1
            found = self._bases[told] = (self._numbers,)
        return found

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

    def _route(self, way: Way, use: Use, source: str | None, policies: Policies) -> Route:
        if len(self._routes) >= ROUTES_MAX:
            for kept in (self._routes, self._seats, self._voices):
                kept.clear()
            self._answers = self._says = 0
        own = policies.by_id(source)
        heard = {policy.id: policy for party in way.travelled for policy in _heard_at(party)}
        if own is not None:
            heard[own.id] = own
        shapes = [self._shape(policy) for policy in heard.values()]
        seats = [self._seat(place, party, source, use) for place, party in enumerate(way.travelled)]
        route = Route(list(heard.values()), shapes, use, seats, way.travelled)
        self._routes[id(way.travelled), id(use)] = route
        return route

    def _seat(self, place: int, party: Party, source: str | None, use: Use) -> Seat:
        """The seat of a hop. Whose source it is matters where nobody else speaks for the hop."""
        heard = _heard_at(party)
        key = (
            party.is_source and (place == 0 or "second-hand"),
            party.sure,
            party.policy is None,
            *[policy.id for policy in heard],
            source if party.policy is None or not party.sure else None,
            party.hop.name,
            party.hop.carrier,
            id(use),
        )
        found = self._seats.get((place, key))
        if found is None:
            voice = self._voices.get(key)
            if voice is None:
                shapes = [self._shape(policy) for policy in heard]
                voice = self._voices[key] = Voice(shapes, [self._conditions_of(policy) for policy in heard], use)
            found = self._seats[place, key] = Seat(place, voice)
        return found

    def _shape(self, policy: Policy) -> Shape:
        found = self._shapes.get(policy.id)
        if found is None:
            found = self._shapes[policy.id] = Shape(policy)
        return found

    def _conditions_of(self, policy: Policy) -> Conditions:
        found = self._conditions.get(policy.id)
        if found is None:
            found = self._conditions[policy.id] = Conditions(policy)
        return found

    # --- what is said, and what it comes to ---

    def _told_to_all(self, way: Way, question: Question, route: Route) -> Signature:
        """The facts of a question that any hop may look at, beside the conditions of rules."""
        if question.approved or question.told or question.said or route.translates:
            language = question.stored.entry.language if route.translates else None
            return (*way.base, question.approved, question.told, question.said, language)
        return way.base

    def _lacking(self, route: Route, way: Way, form: Form, question: Question) -> Say:
        """That there is nothing to show in a form: what anybody says to it does not matter."""
        found = route.lacking.get(form)
        if found is None:
            lacking(sheet := Sheet(form, quiet=True), Facts(question), way.parties)
            found = route.lacking[form] = Say(sheet)
        return found

    def _hear(
        self,
        route: Route,
        way: Way,
        form: Form,
        base: Signature,
        verdicts: Sequence[Sequence[Verdict]],
        question: Question,
        policies: Policies,
    ) -> list[Say]:
        """What each hop says to a form."""
        said = []
        for seat, mark, heard in zip(route.seats, way.told, verdicts, strict=True):
            told = signature = base + mark
            if seat.voice.looks_further:
                told = signature = base + mark + seat.voice.further(question)
            for mask, (no, unknown, waits, by_kind) in zip(seat.masks[form], heard, strict=True):
                signature += (no & mask, waits & mask)
                if unknown & mask:
                    signature += (tuple([one & unknown & mask for one in by_kind]),)
            say = seat.says[form].get(signature)
            if say is None:
                say = self._say(seat, way, form, told, heard, question, policies)
                self._count_say()
                seat.says[form][signature] = say
            said.append(say)
        return said

    def _say(
        self,
        seat: Seat,
        way: Way,
        form: Form,
        told: Signature,
        verdicts: Sequence[Verdict],
        question: Question,
        policies: Policies,
    ) -> Say:
        """What a hop says to a form: as it says it from the first place of a way, moved to its own."""
        voice = seat.voice
        state = (*told, *voice.state(form, verdicts))
        sheet = voice.said[form].get(state)
        if sheet is None:
            facts = Facts(question, policies.fixed(question.use))
            voice.prepare(form, facts, verdicts)
            party, sheet = way.parties[seat.place], Sheet(form, quiet=True)
            first = 0 if seat.place == 0 or not party.is_source else 1
            hear(Hearing(sheet, first, party, facts), way.travelled[-1].policy, policies.unknown_policy, ())
            self._count_say()
            voice.said[form][state] = sheet
        return Say(sheet if seat.place == 0 else sheet.moved(seat.place))

    def _answer(
        self,
        route: Route,
        way: Way,
        spoken: Sequence[Sequence[Say]],
        question: Question,
        policies: Policies,
        *,
        plain: bool,
    ) -> Known:
        """Works an answer out, from what each hop says to each form that is to be tried.

        Args:
            plain: nothing that the entry or its site says of its rights is to be heard.
        """
        facts = Facts(question, policies.fixed(question.use))
        if plain and all(say.settles for said in spoken for say in said) and self._keeps_all(route, way, spoken):
            joined = [Joined(form, said) for form, said in zip(route.forms, spoken, strict=False)]
            # The hops are those of another entry, perhaps: each entry's own are filled in.
            return Known(answer(facts, way.travelled, policies.version, joined), facts)
        by_form = dict(zip(route.forms, spoken, strict=False))

        def hear_hop(sheet: Sheet, index: int, facts: Facts) -> Permission:
            sheet.take(by_form[sheet.form][index].sheet)
            return NOTHING_GRANTED

        return Known(conclude(facts, way.parties, policies.version, hear_hop, (), quiet=True), facts)

    def _keeps_all(self, route: Route, way: Way, spoken: Sequence[Sequence[Say]]) -> bool:
        """Whether no component can be taken out."""
        components = way.stored.entry.components
        if not components:
            return True
        if not route.keeps_images or any(one.licence for one in components):
            return False
        sheets = [say.sheet for said in spoken for say in said]
        return not any(sheet.component_limits or sheet.component_duties for sheet in sheets)

    def _granted_answer(
        self, route: Route, way: Way, question: Question, policies: Policies, grants: Sequence[Grant]
    ) -> Known:
        """An answer under grants that may speak for one of the hops: what is said then is not remembered."""
        facts = Facts(question, policies.fixed(question.use))
        everyone, own = way.parties, way.travelled[-1].policy

        def hear_hop(sheet: Sheet, index: int, facts: Facts) -> Permission:
            return hear(Hearing(sheet, index, everyone[index], facts), own, policies.unknown_policy, grants)

        return Known(conclude(facts, everyone, policies.version, hear_hop, grants, quiet=True), facts)

    def _count_say(self) -> None:
        self._says += 1
        if self._says >= SAYS_MAX:
            self._says = 0
            for seat in self._seats.values():
                for says in seat.says.values():
                    says.clear()
            for voice in self._voices.values():
                for said in voice.said.values():
                    said.clear()

    def _count_answer(self) -> None:
        self._answers += 1
        if self._answers >= ANSWERS_MAX:
            self._answers = 0
            for route in self._routes.values():
                route.answers.clear()

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
