"""Answers for questions that differ in nothing that counts.

An output asks of each of its entries, at every build. Most differ only in what no rule looks at: title, text, id.
For one policy and one use a `Plan` says which facts an answer may depend on; those facts are the signature of a
question, and one answer is worked out per signature. What is the entry's own (the hop's link and author, the addresses
of what is taken out) is filled in again. Where an answer depends on text, on other publishers or on a
release's own clock, nothing is kept.

A law holds this to `evaluate`: with memory and without, every question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from aggregator.model.decision import Decision, Hop, Question
from aggregator.model.entry import Entry, Notice, NoticeKind
from aggregator.model.policy import Duty, DutyName, Grant, ImageRule, Limit, LimitName, Policy
from aggregator.model.use import Use
from aggregator.rights import times
from aggregator.rights.facts import number
from aggregator.rights.names import fold

if TYPE_CHECKING:
    from aggregator.rights.policies import Policies

Evaluate = Callable[[Question, "Policies", Sequence[Grant]], Decision]
Signature = tuple[object, ...]

PLANS_MAX = 4_096
ANSWERS_MAX = 4_096
"""Per plan. At the bound it starts again from nothing: simpler than ageing, and a build fills it in milliseconds."""

_RIGHTS = NoticeKind.RIGHTS


def _flat_duties(duties: Iterable[Duty]) -> list[Duty]:
    return [part for duty in duties for part in (duty, *_flat_duties(duty.any_of))]


def _flat_limits(limits: Iterable[Limit]) -> list[Limit]:
    return [part for limit in limits for part in (limit, *_flat_limits(limit.any_of))]


class Plan:
    """What answers under one policy for one use may depend on."""

    def __init__(self, policy: Policy | None, use: Use) -> None:
        self.use = use
        self.answers: dict[Signature, Decision] = {}
        rules = policy.rules if policy else ()
        duties = _flat_duties(duty for rule in rules for duty in rule.duties)
        limits = _flat_limits(limit for rule in rules for limit in rule.limits)
        whens = [rule.when for rule in rules]
        self.name = policy.publisher.name if policy else None
        self.home = policy.publisher.url if policy else None
        self.policy = policy.id if policy else None
        self.category = any(when.category for when in whens)
        self.author = any(when.author for when in whens)
        self.url = any(when.url for when in whens)
        self.language = use.language is not None or any(when.language for when in whens)
        self.day = any(when.since or when.until for when in whens)
        self.caps = [
            (str(limit.param("unit") or "words"), number(limit.param("n")))
            for limit in limits
            if limit.name is LimitName.EXCERPT_MAX
        ]
        self.embargoes = tuple({when.embargo for when in whens if when.embargo is not None})
        self.windows = tuple({when.window for when in whens if when.window is not None})
        self.timed = bool(self.embargoes or self.windows)
        self.usable = (
            not any(when.marker for when in whens)
            and all(duty.name is not DutyName.REMOVE_AFTER for duty in duties)
            and all(limit.name is not LimitName.MAX_SHARE for limit in limits)
        )
        self.whole_images = (
            (policy is None or policy.images.rule is not ImageRule.OWN_CREDIT)
            and all(limit.name is not LimitName.OWN_IMAGES_ONLY and not limit.components for limit in limits)
            and all(not limit.any_of for limit in limits)
            and all(not duty.components for duty in duties)
        )
        """Whether components stay or go together."""

    def signature(self, question: Question) -> Signature | None:
        """All facts of a question on which its answer may depend; None: too many to remember."""
        entry = question.stored.entry
        authors = entry.authors
        notice = False
        stated: list[Notice] = []
        for one in entry.notices:
            if one.kind is not _RIGHTS:
                stated.append(one)
            elif one.value and not one.value.isspace():
                notice = True
        found: Signature = (
            question.approved,
            bool(authors) and (bool(fold(authors[0].name)) or any(fold(author.name) for author in authors)),
            not entry.url,
            not entry.title or entry.title.isspace(),
            entry.size is None,
            entry.has_summary,
            notice,
            entry.source,
            tuple((one.kind, one.level, one.value, one.carrier) for one in stated) if stated else (),
        )
        if self.timed:
            found = (*found, *self._phase(question))
        if entry.components:
            if not self.whole_images or any(component.licence for component in entry.components):
                return None
            return (*found, self._conditions(entry), len({component.url for component in entry.components}))
        return (*found, self._conditions(entry))

    def _conditions(self, entry: Entry) -> Signature:
        if not (self.category or self.author or self.url or self.language or self.day or self.caps):
            return ()
        return (
            entry.categories if self.category else (),
            entry.author_names if self.author else (),
            entry.url if self.url else None,
            entry.language if self.language else None,
            self._day(entry) if self.day else None,
            tuple(self._above(entry, unit, cap) for unit, cap in self.caps),
        )

    def _phase(self, question: Question) -> Signature:
        """The dates from which times are counted, and which of those times have come: between two of them the instant
        of asking does not matter. It serves the next build, which asks of the same entries again.
        """
        stored, at = question.stored, question.at
        start, first = stored.entry.published_at or stored.first_seen_at, stored.earliest_at
        begun = tuple(at >= times.later(start, embargo) for embargo in self.embargoes)
        if first is None:
            return (start, begun)
        return (start, begun, first, tuple(at < times.later(first, window) for window in self.windows))

    def _day(self, entry: Entry) -> date | None:
        return None if entry.published_at is None else times.day(entry.published_at)

    def _above(self, entry: Entry, unit: str, cap: float | None) -> bool | None:
        if entry.size is None or cap is None:
            return None
        measured = {"words": entry.size.words, "chars": entry.size.chars, "paragraphs": entry.size.paragraphs}.get(unit)
        return None if measured is None else measured > cap

    def answer(self, known: Decision, entry: Entry) -> Decision:
        """A remembered answer with what is this entry's own."""
        hop = Hop(
            name=self.name if self.name is not None else entry.source,
            policy=self.policy,
            url=entry.url or self.home,
            author=entry.authors[0].name if entry.authors else None,
            carrier="source",
        )
        removed = known.removed
        if removed:
            removed = tuple(dict.fromkeys(component.url for component in entry.components))
        return Decision(
            outcome=known.outcome,
            form=known.form,
            reason=known.reason,
            sentence=known.sentence,
            duties=known.duties,
            duty_hops=known.duty_hops,
            limits=known.limits,
            removed=removed,
            hops=(hop,),
            relied_on=known.relied_on,
            held_by=known.held_by,
            holds=known.holds,
            missing=known.missing,
            contact=known.contact,
            valid_from=known.valid_from,
            valid_until=known.valid_until,
            policy_version=known.policy_version,
            engine_version=known.engine_version,
            trace=known.trace,
        )


class Memory:
    """Plans by policy and use, bounded."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str | None, int], Plan] = {}
        self._granted: tuple[Sequence[Grant], frozenset[str | None]] = ((), frozenset())

    def recall(self, question: Question, policies: Policies, grants: Sequence[Grant], evaluate: Evaluate) -> Decision:
        """The answer, remembered where that is safe."""
        entry = question.stored.entry
        if entry.origins or policies.leads_elsewhere(entry.url, question.policy):
            return evaluate(question, policies, grants)
        if grants and self._concerned(question, grants):
            return evaluate(question, policies, grants)
        plan = self._plans.get((question.policy, id(question.use)))
        if plan is None or plan.use is not question.use:  # an id may be used again once its use is gone
            plan = self._plan(question, policies)
        signature = plan.signature(question) if plan.usable else None
        if signature is None:
            return evaluate(question, policies, grants)
        known = plan.answers.get(signature)
        if known is None:
            if len(plan.answers) >= ANSWERS_MAX:
                plan.answers.clear()
            known = plan.answers[signature] = evaluate(question, policies, ())
            return known
        return plan.answer(known, entry)

    def _plan(self, question: Question, policies: Policies) -> Plan:
        if len(self._plans) >= PLANS_MAX:
            self._plans.clear()
        plan = Plan(policies.by_id(question.policy), question.use)
        self._plans[question.policy, id(question.use)] = plan
        return plan

    def _concerned(self, question: Question, grants: Sequence[Grant]) -> bool:
        """Whether some grant may speak for the polled source's hop."""
        if isinstance(grants, tuple):
            if self._granted[0] is not grants:
                self._granted = (grants, frozenset(grant.policy for grant in grants))
            by = self._granted[1]
        else:
            by = frozenset(grant.policy for grant in grants)
        return None in by or question.policy in by
