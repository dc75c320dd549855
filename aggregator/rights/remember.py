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
from aggregator.model.origin import Origin
from aggregator.model.policy import Effect, Grant, Policy
from aggregator.model.use import Form, Use
from aggregator.rights.conditions import Ballot, Conditions
from aggregator.rights.decide import answer, conclude, evaluate, lacking
from aggregator.rights.facts import Facts
from aggregator.rights.grants import NOTHING_GRANTED, Permission
from aggregator.rights.hops import Party, parties, way_of
from aggregator.rights.opinion import Joined, Say, Seat, Shape, Signature, Voice, told
from aggregator.rights.refusals import is_elsewhere
from aggregator.rights.route import Case, Journey, Known, Profile, Route, Way, outlook
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
CASES_MAX = 16_384


class Memory:
    """Ways, seats and answers, bounded."""

    def __init__(self) -> None:
        self._journeys: dict[object, Journey] = {}
        """By `way_of`."""
        self._profiles: dict[object, Profile] = {}
        self._routes: dict[tuple[int, int], Route] = {}
        """By the identity of a journey and of a use."""
        self._seats: dict[tuple[int, int, int], Seat] = {}
        self._voices: dict[tuple[int, int], Voice] = {}
        self._ballots: dict[tuple[str, int, Form], Ballot] = {}
        self._conditions: dict[str, Conditions] = {}
        self._shapes: dict[str, Shape] = {}
        self._numbered: dict[object, int] = {}
        self._uses: dict[int, tuple[Use, Use]] = {}
        self._same: dict[Use, Use] = {}
        self._ways: dict[int, Way] = {}
        self._answers = self._says = self._cases = 0
        self._numbers = 0
        self._granted: tuple[Sequence[Grant], dict[str | None, list[int]]] = ((), {})

    def recall(self, question: Question, policies: Policies, grants: Sequence[Grant]) -> Decision:
        """The answer, remembered where it can be."""
        stored = question.stored
        way = self._ways.get(id(stored))
        if way is None or way.stored is not stored or way.policy != question.policy:
            way = self._way(question, policies)
        profile = way.profile
        case = profile.cases.get(id(question.use))
        if case is None or case.asked is not question.use:
            case = self._case(question, profile, policies)
        if grants and (granted := self._concerned(question, profile.journey, grants)):
            known = self._granted_answer(way, question, policies, granted)
            return known.filled(way, question, lambda: evaluate(question, policies, grants).trace)
        state = case.state(way, question)
        known_answer = case.answers.get(state)
        if known_answer is None:
            known_answer = self._spoken_answer(case, way, question, policies)
            self._count_answer()
            case.answers[state] = known_answer
        return known_answer.filled(way, question, lambda: evaluate(question, policies, ()).trace)

    def forget(self) -> None:
        """Start again from nothing."""
        for kept in (
            self._journeys,
            self._profiles,
            self._routes,
            self._seats,
            self._voices,
            self._ballots,
            self._numbered,
            self._uses,
            self._same,
            self._ways,
        ):
            kept.clear()
        self._answers = self._says = self._cases = 0

    # --- what is known of an entry, a use and a route ---

    def _way(self, question: Question, policies: Policies) -> Way:
        """Through whose hands an entry went, and what is known of it: many outputs ask of one entry."""
        stored, own = question.stored, question.policy
        entry = stored.entry
        path: object
        marks: tuple[tuple[bool | None, bool], ...] = ()
        if entry.origins:
            path = way_of(question, policies)
            marks = tuple(map(_marks, entry.origins))
        elif policies.leads_elsewhere(entry.url, own):
            path = way_of(question, policies)
        else:  # most have no hop but their source: nothing is to be found out about hops then
            path = own if policies.by_id(own) is not None else (own, entry.source)
        told_of_it = outlook(entry)
        key = path, marks, told_of_it
        profile = self._profiles.get(key)
        if profile is None:
            if len(self._profiles) >= ANSWERS_MAX:
                self.forget()
            base = (self._number((told_of_it, any(notice for _, notice in marks))),)
            profile = self._profiles[key] = Profile(question, self._journey(path, question, policies), base)
        way = Way(question, profile)
        if len(self._ways) >= WAYS_MAX:
            self._ways.clear()
        self._ways[id(stored)] = way  # which keeps it: its identity is nobody else's
        return way

    def _journey(self, path: object, question: Question, policies: Policies) -> Journey:
        found = self._journeys.get(path)
        if found is not None:
            return found
        if len(self._journeys) >= ROUTES_MAX:
            self.forget()
        everyone = parties(question, policies)
        heard = [_heard_at(party) for party in everyone]
        asked = {policy.id: policy for at_hop in heard for policy in at_hop}
        own = policies.by_id(question.policy)
        if own is not None:
            asked[own.id] = own
        keys = [self._number(_seat_key(place, party, question.policy)) for place, party in enumerate(everyone)]
        compiled = [(policy, self._shape(policy), self._conditions_of(policy)) for policy in asked.values()]
        found = self._journeys[path] = Journey(everyone, heard, keys, compiled)
        return found

    def _number(self, told_of_it: object) -> int:
        """What stands for something in signatures."""
        found = self._numbered.get(told_of_it)
        if found is None:
            # Never a number that was given before: it may live on in a signature.
            self._numbers += 1
            found = self._numbered[told_of_it] = self._numbers
        return found

    def _case(self, question: Question, profile: Profile, policies: Policies) -> Case:
        if self._cases >= CASES_MAX:
            for one in self._profiles.values():
                one.cases.clear()
            self._cases = self._answers = 0
        self._cases += 1
        use = self._use(question.use)
        route = self._routes.get((id(profile.journey), id(use)))
        if route is None:
            route = self._route(profile.journey, use)
        case = profile.cases[id(question.use)] = Case(question.use, profile, route)
        return case

    def _use(self, use: Use) -> Use:
        """One for all uses that differ only in whose they are: grants alone look at the output.

        Both are kept, so that their identities are nobody else's.
        """
        known = self._uses.get(id(use))
        if known is not None and known[0] is use:
            return known[1]
        if len(self._uses) >= USES_MAX:
            self._forget_uses()
        anybody = replace(use, output="")
        same = self._same.setdefault(anybody, anybody)
        self._uses[id(use)] = use, same
        return same

    def _forget_uses(self) -> None:
        for kept in (self._routes, self._seats, self._voices, self._ballots, self._uses, self._same):
            kept.clear()
        for one in self._profiles.values():
            one.cases.clear()
        self._answers = self._says = self._cases = 0

    def _route(self, journey: Journey, use: Use) -> Route:
        if len(self._routes) >= ROUTES_MAX:
            self._forget_uses()
            use = self._use(use)
        seats = [self._seat(place, journey, use) for place in range(len(journey.parties))]
        route = self._routes[id(journey), id(use)] = Route(journey, use, seats)
        return route

    def _seat(self, place: int, journey: Journey, use: Use) -> Seat:
        """The seat of a hop."""
        key = journey.keys[place]
        found = self._seats.get((place, key, id(use)))
        if found is None:
            voice = self._voices.get((key, id(use)))
            if voice is None:
                voice = self._voices[key, id(use)] = self._voice(journey.parties[place], use)
            found = self._seats[place, key, id(use)] = Seat(place, voice)
        return found

    def _voice(self, party: Party, use: Use) -> Voice:
        heard = _heard_at(party)
        looking = [one for one in map(self._conditions_of, heard) if one.rules]
        ballots = {form: tuple([self._ballot(one, use, form) for one in looking]) for form in use.forms}
        return Voice([self._shape(policy) for policy in heard], ballots)

    def _ballot(self, conditions: Conditions, use: Use, form: Form) -> Ballot:
        key = conditions.policy.id, id(use), form
        found = self._ballots.get(key)
        if found is None:
            found = self._ballots[key] = Ballot(conditions, use, form)
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

    def _spoken_answer(self, case: Case, way: Way, question: Question, policies: Policies) -> Known:
        """The answer, from what each hop says: entries of other profiles may have been told the same."""
        route, profile = case.route, case.profile
        signature = base = self._told_to_all(case, question)
        spoken: list[list[Say]] = []
        plain = profile.is_plain and not question.said
        verdicts = way.verdicts(question)
        for form in route.forms:
            if form in profile.lacks:
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
        found = route.answers.get(signature)
        if found is None:
            found = self._answer(route, way, spoken, question, policies, plain=plain)
            self._count_answer()
            route.answers[signature] = found
        return found

    def _told_to_all(self, case: Case, question: Question) -> Signature:
        """The facts of a question that any hop may look at, beside the conditions of rules."""
        base = case.profile.base
        if question.approved or question.told or question.said or case.translates:
            language = question.stored.entry.language if case.translates else None
            return (*base, question.approved, question.told, question.said, language)
        return base

    def _lacking(self, route: Route, way: Way, form: Form, question: Question) -> Say:
        """That there is nothing to show in a form: what anybody says to it does not matter."""
        known = form, way.profile.lacks[form]
        found = route.lacking.get(known)
        if found is None:
            lacking(sheet := Sheet(form, quiet=True), Facts(question), way.parties())
            found = route.lacking[known] = Say(sheet)
        return found

    def _hear(
        self,
        route: Route,
        way: Way,
        form: Form,
        base: Signature,
        verdicts: Sequence[Verdict],
        question: Question,
        policies: Policies,
    ) -> list[Say]:
        """What each hop says to a form."""
        said = []
        profile = way.profile
        for seat, mark, places in zip(route.seats, profile.told, profile.journey.places, strict=True):
            voice = seat.voice
            told_of_it = signature = (*base, mark, *voice.further(question)) if voice.looks_further else (*base, mark)
            heard = [verdicts[place] for place in places]
            for mask, (no, unknown, waits, by_kind) in zip(voice.masks[form], heard, strict=True):
                signature += (no & mask, waits & mask)
                if unknown & mask:
                    signature += (tuple([one & unknown & mask for one in by_kind]),)
            say = seat.says[form].get(signature)
            if say is None:
                say = self._say(seat, way, form, told_of_it, heard, question, policies)
                self._count_say()
                seat.says[form][signature] = say
            said.append(say)
        return said

    def _say(
        self,
        seat: Seat,
        way: Way,
        form: Form,
        told_of_it: Signature,
        verdicts: Sequence[Verdict],
        question: Question,
        policies: Policies,
    ) -> Say:
        """What a hop says to a form: as it says it from the first place of a way, moved to its own."""
        voice = seat.voice
        state = (*told_of_it, *voice.state(form, verdicts))
        sheet = voice.said[form].get(state)
        if sheet is None:
            facts = Facts(question, policies.fixed(question.use))
            voice.prepare(form, facts, verdicts)
            party, sheet = way.party(seat.place), Sheet(form, quiet=True)
            first = 0 if seat.place == 0 or not party.is_source else 1
            own = way.profile.journey.parties[-1].policy
            hear(Hearing(sheet, first, party, facts), own, policies.unknown_policy, ())
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
        if plain and all(say.settles for said in spoken for say in said):
            joined = [Joined(form, said) for form, said in zip(route.forms, spoken, strict=False)]
            if question.stored.entry.components and joined[-1].effect is Effect.ALLOW:
                joined[-1].strip(way.parties(), facts)
            # The hops are those of another entry, perhaps: each entry's own are filled in.
            return Known(answer(facts, way.profile.journey.parties, policies.version, joined), facts)
        by_form = dict(zip(route.forms, spoken, strict=False))

        def hear_hop(sheet: Sheet, index: int, facts: Facts) -> Permission:
            sheet.take(by_form[sheet.form][index].sheet)
            return NOTHING_GRANTED

        return Known(conclude(facts, way.parties(), policies.version, hear_hop, (), quiet=True), facts)

    def _granted_answer(self, way: Way, question: Question, policies: Policies, grants: Sequence[Grant]) -> Known:
        """An answer under grants that may speak for one of the hops: what is said then is not remembered."""
        facts = Facts(question, policies.fixed(question.use))
        everyone, own = way.parties(), way.profile.journey.parties[-1].policy

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
            for profile in self._profiles.values():
                for case in profile.cases.values():
                    case.answers.clear()

    def _concerned(self, question: Question, journey: Journey, grants: Sequence[Grant]) -> tuple[Grant, ...]:
        """The grants that may speak for one of the hops of this entry."""
        if isinstance(grants, tuple):
            if self._granted[0] is not grants:
                self._granted = (grants, _by_policy(grants))
            by = self._granted[1]
        else:
            by = _by_policy(grants)
        givers = journey.givers if question.policy in journey.givers else journey.givers | {question.policy}
        entry, everyone = question.stored.entry, journey.parties
        places = [place for giver in givers for place in by.get(giver, ()) if _reaches(grants[place], entry, everyone)]
        return tuple([grants[place] for place in sorted(places)])


def _marks(origin: Origin) -> tuple[bool | None, bool]:
    """Whether an origin tells an author (None: nothing, False: nothing but spaces), and whether it tells a notice."""
    author = origin.author
    return not author.isspace() if author else None, told(origin.notice)


def _seat_key(place: int, party: Party, source: str | None) -> Signature:
    """What a hop's seat is known by. Whose source it is matters where nobody else speaks for the hop."""
    return (
        party.is_source and (place == 0 or "second-hand"),
        party.sure,
        party.policy is None,
        *[policy.id for policy in _heard_at(party)],
        source if party.policy is None or not party.sure else None,
        party.hop.name,
        party.hop.carrier,
    )


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
