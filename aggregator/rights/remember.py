"""Answers for questions that differ in nothing that counts.

An output asks of each of its entries, at every build. Most differ only in what no rule looks at: title, text, id.
For one use and the policies of one way that an entry can travel, a `Plan` says which facts an answer may depend on;
those facts are the signature of a question, and one answer is worked out per signature. What is the entry's own (the
links and authors of its hops, the addresses of what is taken out) is filled in again.

A law holds this to `evaluate`: with memory and without, every question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.model.decision import Decision, Hop, Question
from aggregator.model.entry import Component, Entry, NoticeKind
from aggregator.model.policy import Duty, DutyName, Grant, ImageRule, Limit, LimitName, Policy
from aggregator.model.use import Use
from aggregator.rights import times
from aggregator.rights.facts import number
from aggregator.rights.names import fold, stands_in

if TYPE_CHECKING:
    from aggregator.rights.hops import Party
    from aggregator.rights.policies import Policies

Evaluate = Callable[[Question, "Policies", Sequence[Grant], "tuple[Party, ...]"], Decision]
Signature = tuple[object, ...]

PLANS_MAX = 4_096
ANSWERS_MAX = 16_384
"""In all plans together. At a bound it starts again from nothing: simpler than ageing, and a build fills it at once."""

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
    """

    def __init__(self, own: Policy | None, heard: Sequence[Policy], use: Use) -> None:
        self.use = use
        self.answers: dict[Signature, tuple[Decision, tuple[int, ...]]] = {}
        """Answer, and which of the entry's components it takes out."""
        self.name = own.publisher.name if own else None
        self.home = own.publisher.url if own else None
        self.policy = own.id if own else None
        rules = [rule for policy in heard for rule in policy.rules]
        duties = _flat_duties(duty for rule in rules for duty in rule.duties)
        limits = _flat_limits(limit for rule in rules for limit in rule.limits)
        whens = [rule.when for rule in rules]
        self.category = any(when.category for when in whens)
        self.author = any(when.author for when in whens)
        self.url = any(when.url for when in whens)
        self.language = use.language is not None or any(when.language for when in whens)
        self.day = any(when.since or when.until for when in whens)
        self.markers = [tuple(map(fold, markers)) for markers in {when.marker for when in whens if when.marker}]
        self.embargoes = tuple({when.embargo for when in whens if when.embargo is not None})
        self.windows = tuple({when.window for when in whens if when.window is not None})
        self.caps = [
            (str(limit.param("unit") or "words"), number(limit.param("n")))
            for limit in limits
            if limit.name is LimitName.EXCERPT_MAX
        ]
        self.conditions = bool(
            self.category or self.author or self.url or self.language or self.day or self.caps or self.markers
        )
        self.share = any(limit.name is LimitName.MAX_SHARE for limit in limits)
        removals = (times.days(duty.param("days")) for duty in duties if duty.name is DutyName.REMOVE_AFTER)
        self.removals = tuple({duration for duration in removals if duration is not None})
        self.clocks = bool(self.embargoes or self.windows or self.removals or self.share)
        self.whole_images = (
            all(policy.images.rule is not ImageRule.OWN_CREDIT for policy in heard)
            and all(limit.name is not LimitName.OWN_IMAGES_ONLY and not limit.components for limit in limits)
            and all(not limit.any_of for limit in limits)
            and all(not duty.components for duty in duties)
        )
        """Whether components stay or go together, whatever their kind and credit."""

    def signature(self, question: Question, everyone: tuple[Party, ...]) -> Signature:
        """All facts of a question on which its answer may depend."""
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
            bool(authors) and (_told(authors[0].name) or any(_told(author.name) for author in authors)),
            not entry.url,
            not _plain(entry.title),
            entry.size is None,
            entry.has_summary,
            notice,
            entry.source,
            stated,
            question.said,
        )
        if everyone:
            found += (any(_plain(origin.notice) for origin in entry.origins), *map(_hop, everyone))
        if self.conditions:
            found += self._conditions(question)
        if self.clocks:
            found += self._clocks(question)
        return found + self._components(entry.components) if entry.components else found

    def _conditions(self, question: Question) -> Signature:
        entry = question.stored.entry
        return (
            entry.categories if self.category else (),
            entry.author_names if self.author else (),
            entry.url if self.url else None,
            entry.language if self.language else None,
            self._day(entry) if self.day else None,
            tuple(self._above(entry, unit, cap) for unit, cap in self.caps),
            self._marked(question) if self.markers else (),
        )

    def _marked(self, question: Question) -> Signature:
        """How each set of markers is met: in categories, in the text, not, or not known."""
        categories = set(map(fold, question.stored.entry.categories)) - {""}
        text: str | None = None
        found: list[object] = []
        for markers in self.markers:
            if not categories.isdisjoint(markers):
                found.append("category")
            elif question.text is None:
                found.append(None)
            else:
                text = fold(question.text) if text is None else text
                found.append(any(stands_in(marker, text) for marker in markers))
        return tuple(found)

    def _clocks(self, question: Question) -> Signature:
        """The dates from which times are counted, and which of those times have come: between two of them the instant
        of asking does not matter. It serves the next build, which asks of the same entries again.
        """
        stored, at = question.stored, question.at
        found: Signature = (question.shares,) if self.share else ()
        if self.embargoes:
            start = stored.entry.published_at or stored.first_seen_at
            found += (start, *(at >= times.later(start, embargo) for embargo in self.embargoes))
        if self.windows:
            found += self._passed(stored.earliest_at, self.windows, at)
        if self.removals:
            released = question.released_at
            # Before a release the clock starts at the instant of asking.
            found += (at,) if released is None else (None, *self._passed(released, self.removals, at))
        return found

    def _passed(self, start: datetime | None, spans: tuple[timedelta, ...], at: datetime) -> Signature:
        if start is None:
            return (None,)
        return (start, *(at < times.later(start, span) for span in spans))

    def _day(self, entry: Entry) -> date | None:
        return None if entry.published_at is None else times.day(entry.published_at)

    def _above(self, entry: Entry, unit: str, cap: float | None) -> bool | None:
        if entry.size is None or cap is None:
            return None
        measured = {"words": entry.size.words, "chars": entry.size.chars, "paragraphs": entry.size.paragraphs}.get(unit)
        return None if measured is None else measured > cap

    def _components(self, components: tuple[Component, ...]) -> Signature:
        """Of two with one address the later counts, as `strip` has it."""
        if self.whole_images and all(one.licence is None for one in components):
            return (len({one.url for one in components}),)
        kept = {one.url: one for one in components}.values()
        return tuple((one.kind, one.credit, one.licence) for one in kept)

    def keep(self, signature: Signature, decision: Decision, entry: Entry) -> None:
        """Remember an answer."""
        urls = list(dict.fromkeys(component.url for component in entry.components)) if decision.removed else []
        self.answers[signature] = (decision, tuple(urls.index(url) for url in decision.removed))

    def answer(self, known: Decision, taken: tuple[int, ...], entry: Entry, everyone: tuple[Party, ...]) -> Decision:
        """A remembered answer with what is this entry's own."""
        removed: tuple[str, ...] = ()
        if taken:
            urls = list(dict.fromkeys(component.url for component in entry.components))
            removed = tuple([urls[place] for place in taken])
        return Decision(
            outcome=known.outcome,
            form=known.form,
            reason=known.reason,
            sentence=known.sentence,
            duties=known.duties,
            duty_hops=known.duty_hops,
            limits=known.limits,
            removed=removed,
            hops=tuple([party.hop for party in everyone]) if everyone else (self._source(entry),),
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

    def _source(self, entry: Entry) -> Hop:
        return Hop(
            name=self.name if self.name is not None else entry.source,
            policy=self.policy,
            url=entry.url or self.home,
            author=entry.authors[0].name if entry.authors else None,
            carrier="source",
        )


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
        self._kept = 0
        self._granted: tuple[Sequence[Grant], frozenset[str | None]] = ((), frozenset())

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
            return evaluate(question, policies, grants, everyone)
        use = question.use
        key = (question.policy, id(use), *map(_way, everyone)) if everyone else (question.policy, id(use))
        plan = self._plans.get(key)
        if plan is None or plan.use is not use:  # an id may be used again once its use is gone
            plan = self._plan(key, question, everyone, policies)
        signature = plan.signature(question, everyone)
        known = plan.answers.get(signature)
        if known is not None:
            return plan.answer(*known, question.stored.entry, everyone)
        decision = evaluate(question, policies, (), everyone)
        if self._kept >= ANSWERS_MAX:
            self.forget()
        self._kept += 1
        plan.keep(signature, decision, question.stored.entry)
        return decision

    def forget(self) -> None:
        """Start again from nothing."""
        self._plans.clear()
        self._kept = 0

    def _plan(
        self, key: tuple[object, ...], question: Question, everyone: tuple[Party, ...], policies: Policies
    ) -> Plan:
        if len(self._plans) >= PLANS_MAX:
            self.forget()
        own = policies.by_id(question.policy)
        heard = {policy.id: policy for party in everyone for policy in (party.policy, *party.tighten) if policy}
        if own is not None:
            heard[own.id] = own
        plan = self._plans[key] = Plan(own, tuple(heard.values()), question.use)
        return plan

    def _concerned(self, question: Question, everyone: tuple[Party, ...], grants: Sequence[Grant]) -> bool:
        """Whether some grant may speak for one of the hops."""
        if isinstance(grants, tuple):
            if self._granted[0] is not grants:
                self._granted = (grants, frozenset(grant.policy for grant in grants))
            by = self._granted[1]
        else:
            by = frozenset(grant.policy for grant in grants)
        if None in by or question.policy in by:
            return True
        return any(party.policy is not None and party.policy.id in by for party in everyone)
