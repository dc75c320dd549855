"""Answers for questions that differ in nothing that counts.

An output asks of each of its entries, at every build. Most differ only in what no rule looks at: title, text, id.
For one use and the policies of one way that an entry can travel, a `Plan` says which facts an answer may depend on, and
what the conditions of the rules come to (`conditions`): that is the signature of a question, and one answer is worked
out per signature. What is the entry's own is filled in again: the links and authors of its hops, the addresses of what
is taken out, what each condition found, and when its clocks run out.

A law holds this to `evaluate`: with memory and without, every question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.model.decision import Decision, Hop, Question
from aggregator.model.entry import Component, Entry, NoticeKind
from aggregator.model.policy import Duty, DutyName, Effect, Grant, ImageRule, Limit, LimitName, Policy
from aggregator.model.use import Use
from aggregator.rights import times
from aggregator.rights.conditions import Group, Look, groups_of
from aggregator.rights.facts import Facts, number, reckoned
from aggregator.rights.known import Known
from aggregator.rights.limits import credited, names_in, own_names, share_broken
from aggregator.rights.names import fold
from aggregator.rights.refusals import is_elsewhere
from aggregator.rights.times import Clock

if TYPE_CHECKING:
    from aggregator.rights.hops import Party
    from aggregator.rights.policies import Policies

Evaluate = Callable[[Question, "Policies", Sequence[Grant], "tuple[Party, ...]", Facts | None], Decision]
Signature = tuple[object, ...]

PLANS_MAX = 4_096
ANSWERS_MAX = 16_384
"""In all plans together. At a bound it starts again from nothing: simpler than ageing, and a build fills it at once."""
USES_MAX = 4_096
FILLED_MAX = 65_536
"""Looks at single entries' facts, and traces made of them, that are kept: about a kilobyte each."""
CREDITS_MAX = 4_096

_RIGHTS = NoticeKind.RIGHTS


def _flat_duties(duties: Iterable[Duty]) -> list[Duty]:
    return [part for duty in duties for part in (duty, *_flat_duties(duty.any_of))]


def _flat_limits(limits: Iterable[Limit]) -> list[Limit]:
    return [part for limit in limits for part in (limit, *_flat_limits(limit.any_of))]


def _told(text: str | None) -> bool:
    """Whether a text says anything once it is folded."""
    if not text:
        return False
    return not text.isspace() if text.isascii() else bool(fold(text))


def _plain(text: str | None) -> bool:
    return bool(text) and not text.isspace()  # type: ignore[union-attr]  # bool() has looked


class Plan:
    """What answers under some policies for one use may depend on.

    Args:
        own: the source's policy.
        heard: all policies that are asked, its own among them.
        groups: of the conditions of their rules.
    """

    def __init__(self, own: Policy | None, heard: Sequence[Policy], use: Use, groups: Sequence[Group]) -> None:
        self.groups = tuple(groups)
        self.places = {
            id(rule): (number, place)
            for number, group in enumerate(self.groups)
            for place, rule in enumerate(group.rules)
        }
        self.answers: dict[Signature, Known] = {}
        self.name = own.publisher.name if own else None
        self.home = own.publisher.url if own else None
        self.policy = own.id if own else None
        rules = [rule for policy in heard for rule in policy.rules]
        duties = _flat_duties(duty for rule in rules for duty in rule.duties)
        limits = _flat_limits(limit for rule in rules for limit in rule.limits)
        self.language = use.language is not None
        self.caps = tuple(
            {
                (str(limit.param("unit") or "words"), number(limit.param("n")))
                for limit in limits
                if limit.name is LimitName.EXCERPT_MAX
            }
        )
        self.shares = tuple({limit.params: limit for limit in limits if limit.name is LimitName.MAX_SHARE}.values())
        removals = (times.days(duty.param("days")) for duty in duties if duty.name is DutyName.REMOVE_AFTER)
        self.removals = tuple({duration for duration in removals if duration is not None})
        self.owners = _owners(heard)
        self.whole_images = (
            not self.owners
            and all(not limit.components and not limit.any_of for limit in limits)
            and all(not duty.components for duty in duties)
        )
        """Whether components stay or go together, whatever their kind and credit."""
        self._credits: dict[str | None, tuple[bool, ...]] = {}

    def signature(self, question: Question, everyone: tuple[Party, ...]) -> Signature:
        """All facts of a question on which its answer may depend, beside the conditions of rules."""
        entry = question.stored.entry
        authors = entry.authors
        notice = False
        stated: Signature = ()
        for one in entry.notices:
            if one.kind is not _RIGHTS:
                stated = (*stated, one.kind, one.level, one.value, one.carrier)
            elif _plain(one.value):
                notice = True
        found: Signature = (
            question.approved,
            question.told,
            bool(authors) and (_told(authors[0].name) or any(_told(author.name) for author in authors)),
            not entry.url,
            not _plain(entry.title),
            entry.size is None,
            entry.has_summary,
            notice,
            entry.source if self.policy is None else None,
            stated,
            question.said,
        )
        if everyone:
            found += (any(_plain(origin.notice) for origin in entry.origins), *map(_hop, everyone))
        if self.language or self.caps or self.shares:
            found += self._bounds(question)
        if self.removals:
            found += self._removals(question)
        return found + self._components(entry.components) if entry.components else found

    def _bounds(self, question: Question) -> Signature:
        """Which limits of the policies it would break."""
        entry = question.stored.entry
        return (
            entry.language if self.language else None,
            *[self._above(entry, unit, cap) for unit, cap in self.caps],
            *[share_broken(limit, question) for limit in self.shares],
        )

    def _above(self, entry: Entry, unit: str, cap: float | None) -> bool | None:
        if entry.size is None or cap is None:
            return None
        measured = {"words": entry.size.words, "chars": entry.size.chars, "paragraphs": entry.size.paragraphs}.get(unit)
        return None if measured is None else measured > cap

    def _removals(self, question: Question) -> Signature:
        """Which times to remove the copy have come; of those that have, when: the reason tells it."""
        start = question.released_at or question.at
        ends = [times.later(start, removal) for removal in self.removals]
        return (
            question.released_at is None,
            *[(end < times.NEVER if question.at < end else end) for end in ends],
        )

    def _components(self, components: tuple[Component, ...]) -> Signature:
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
            found = (_plain(component.credit), *[credited(component, names) for names in self.owners])
            self._credits[component.credit] = found
        return found

    def answer(
        self, known: Known, looks: tuple[Look, ...], question: Question, everyone: tuple[Party, ...]
    ) -> Decision:
        """A remembered answer with what is this entry's own."""
        entry = question.stored.entry
        decision = known.decision
        removed: tuple[str, ...] = ()
        if known.taken:
            urls = list(dict.fromkeys(component.url for component in entry.components))
            removed = tuple([urls[place] for place in known.taken])
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
            trace=known.traces[looks] if known.holes else decision.trace,
        )

    def _source(self, entry: Entry) -> Hop:
        return Hop(
            name=self.name if self.name is not None else entry.source,
            policy=self.policy,
            url=entry.url or self.home,
            author=entry.authors[0].name if entry.authors else None,
            carrier="source",
        )


def _soonest(clocks: tuple[Clock, ...], question: Question) -> datetime | None:
    return min((at for clock in clocks if (at := reckoned(clock, question)) is not None), default=None)


def _latest(clocks: tuple[Clock, ...], question: Question) -> datetime | None:
    return max((at for clock in clocks if (at := reckoned(clock, question)) is not None), default=None)


def _owners(heard: Iterable[Policy]) -> tuple[tuple[str, ...], ...]:
    """The names in a component's credit by which policies treat their own images apart."""
    found: dict[tuple[str, ...], None] = {}
    for policy in heard:
        own = own_names(policy)
        if policy.images.rule is ImageRule.OWN_CREDIT:
            found[tuple(map(fold, policy.images.credits)) or own] = None
        for limit in _flat_limits(limit for rule in policy.rules for limit in rule.limits):
            if limit.name is LimitName.OWN_IMAGES_ONLY:
                found[names_in(limit.param("credit")) or own] = None
    return tuple(found)


def _hop(party: Party) -> Signature:
    """All of a hop that an answer may depend on, beside its policies."""
    hop = party.hop
    return hop.name, hop.carrier, _plain(hop.author), not party.article, party.sure


def _way(party: Party) -> object:
    """Whose policies are heard at a hop."""
    own = party.policy.id if party.policy else None
    return (own, *(policy.id for policy in party.tighten)) if party.tighten else own


class Memory:
    """Plans by use and way travelled, bounded."""

    def __init__(self) -> None:
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._groups: dict[tuple[str, int], tuple[Group, ...]] = {}
        self._uses: dict[int, tuple[Use, Use]] = {}
        self._same: dict[Use, Use] = {}
        self._kept = 0
        self._filled = 0
        self._granted: tuple[Sequence[Grant], dict[str | None, tuple[Grant, ...]]] = ((), {})

    def recall(
        self,
        question: Question,
        everyone: tuple[Party, ...],
        policies: Policies,
        grants: Sequence[Grant],
        evaluate: Evaluate,
    ) -> Decision:
        """The answer, remembered where it can be.

        Args:
            everyone: whose word counts; empty: the source's alone.
        """
        if grants and self._concerned(question, everyone, grants):
            return evaluate(question, policies, grants, everyone, None)
        known_use = self._uses.get(id(question.use))
        use = known_use[1] if known_use is not None and known_use[0] is question.use else self._use(question.use)
        key = (question.policy, id(use), *map(_way, everyone)) if everyone else (question.policy, id(use))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plan(key, question, everyone, policies, use)
        looks = self._look(plan, question) if plan.groups else ()
        signature = plan.signature(question, everyone)
        if looks:
            signature += tuple([look.verdict for look in looks])
        known = plan.answers.get(signature)
        if known is None:
            facts = Facts(question, policies.fixed(question.use))
            decision = evaluate(question, policies, (), everyone, facts)
            if self._kept >= ANSWERS_MAX:
                self.forget()
            self._kept += 1
            plan.answers[signature] = Known(decision, facts, plan.places)
            return decision
        if known.holes and looks not in known.traces:
            self._note()
            known.traces[looks] = known.trace(looks)
        return plan.answer(known, looks, question, everyone)

    def forget(self) -> None:
        """Start again from nothing."""
        self._plans.clear()
        self._groups.clear()
        self._uses.clear()
        self._same.clear()
        self._kept = self._filled = 0

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

    def _look(self, plan: Plan, question: Question) -> tuple[Look, ...]:
        """What the conditions of all rules come to."""
        looks = []
        for group in plan.groups:
            facts = group.facts_of(question)
            look = group.looks.get(facts)
            if look is None:
                self._note()
                look = group.looks[facts] = group.weigh(question, Facts(question))
            looks.append(look)
        return tuple(looks)

    def _note(self) -> None:
        """Keeps count of what is remembered of single entries' facts, and lets go of it at the bound."""
        self._filled += 1
        if self._filled < FILLED_MAX:
            return
        self._filled = 0
        for group in (group for groups in self._groups.values() for group in groups):
            group.looks.clear()
        for known in (known for plan in self._plans.values() for known in plan.answers.values()):
            known.filled.clear()
            known.traces.clear()

    def _plan(
        self, key: tuple[object, ...], question: Question, everyone: tuple[Party, ...], policies: Policies, use: Use
    ) -> Plan:
        if len(self._plans) >= PLANS_MAX:
            self._plans.clear()
            self._kept = 0
        own = policies.by_id(question.policy)
        heard = {policy.id: policy for party in everyone for policy in (party.policy, *party.tighten) if policy}
        if own is not None:
            heard[own.id] = own
        groups = [group for policy in heard.values() for group in self._groups_of(policy, use)]
        plan = self._plans[key] = Plan(own, tuple(heard.values()), use, groups)
        return plan

    def _groups_of(self, policy: Policy, use: Use) -> tuple[Group, ...]:
        key = policy.id, id(use)
        if key not in self._groups:
            self._groups[key] = groups_of(policy, use)
        return self._groups[key]

    def _concerned(self, question: Question, everyone: tuple[Party, ...], grants: Sequence[Grant]) -> bool:
        """Whether some grant may speak for one of the hops of this entry."""
        if isinstance(grants, tuple):
            if self._granted[0] is not grants:
                self._granted = (grants, _by_policy(grants))
            by = self._granted[1]
        else:
            by = _by_policy(grants)
        heard = {policy.id for party in everyone for policy in (party.policy, *party.tighten) if policy is not None}
        givers = {None, question.policy, *heard}
        entry = question.stored.entry
        return any(_reaches(grant, entry, everyone) for giver in givers for grant in by.get(giver, ()))


def _by_policy(grants: Sequence[Grant]) -> dict[str | None, tuple[Grant, ...]]:
    found: dict[str | None, list[Grant]] = {}
    for grant in grants:
        found.setdefault(grant.policy, []).append(grant)
    return {policy: tuple(given) for policy, given in found.items()}


def _reaches(grant: Grant, entry: Entry, everyone: tuple[Party, ...]) -> bool:
    """Whether an entry may lie in a grant's scope: not where that is another entry, source, author or category.

    Only refusals name authors and categories of anybody, so only there is it worth a look before the answer is made.
    """
    if grant.source not in (None, entry.source) or grant.entry not in (None, entry.key):
        return False
    return grant.effect is Effect.ALLOW or not is_elsewhere(grant, entry, everyone)
