"""What one hop's publisher says: grant › policy rules › licence › entry's own licence where trusted › default.

The first layer that speaks wins. Within a layer deny beats ask beats allow, over all rules that apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from aggregator.model.decision import FlagKind, Reason, Step, Truth
from aggregator.model.entry import Level
from aggregator.model.policy import (
    Duty,
    DutyName,
    Effect,
    Grant,
    Limit,
    LimitName,
    Policy,
    Rule,
    ThirdParty,
    UnknownPolicy,
)
from aggregator.model.use import Audience, Form, Use
from aggregator.rights import duties, limits
from aggregator.rights.duties import Owed
from aggregator.rights.facts import Facts
from aggregator.rights.grants import Permission, permission
from aggregator.rights.hops import Party
from aggregator.rights.judge import Judged, judge, live
from aggregator.rights.licences import NON_COMMERCIAL, Licence, choices, known
from aggregator.rights.limits import Bound
from aggregator.rights.reasons import at, described, told_by, unknown_facts
from aggregator.rights.sheet import Sheet
from aggregator.rights.times import Moment

COMMERCIAL = frozenset({Audience.COMMERCIAL, Audience.ANYONE})
"""Audiences that a non-commercial licence does not reach: a use for anyone is for commercial sites too."""
HEADLINE_DUTIES = (Duty(name=DutyName.CREDIT_SOURCE), Duty(name=DutyName.LINK_ORIGINAL))
"""What a headline of a source without a policy carries (ruling 3): title, link, and who it is from."""
QUOTE_MAX = 160
"""Characters of what proves a permission that are quoted; the whole of it stands in the trace."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One hop that is being heard about one form."""

    sheet: Sheet
    index: int
    party: Party
    facts: Facts

    def step(self, layer: str, rule: str, effect: Effect, holds: Truth, where: str = "", unusable: str = "") -> None:
        self.sheet.step(self.index, layer, rule, effect, holds, where=where, unusable=unusable)

    def hold(
        self,
        kind: FlagKind,
        reason: Reason,
        effect: Effect,
        rule: str,
        sentence: str,
        where: str = "",
        missing: Iterable[str] = (),
    ) -> None:
        self.sheet.hold(
            self.index, self.party, kind, reason, effect, rule, sentence + at(where), where=where, missing=missing
        )

    def allow(self, *keys: str, at: Iterable[str] = ()) -> None:
        """Something allows.

        Args:
            at: where each of it stands, for a person; left out: it is its own name.
        """
        sheet = self.sheet
        sheet.spoken.add(self.index)
        sheet.relied_on.extend(keys)
        for key, where in zip(keys, at or keys, strict=True):
            sheet.allowed_at.setdefault((self.index, key), where)

    def apart(self) -> Hearing:
        """The same hop, heard to a sheet of its own."""
        return Hearing(self.sheet.scratch(), self.index, self.party, self.facts)


# --- the policy's rules ---------------------------------------------------------------------------------------------


def hear_policy(hearing: Hearing, policy: Policy) -> None:
    """A policy without grants: its rules, its licence, the entry's licence where trusted, its default."""
    facts, form = hearing.facts, hearing.sheet.form
    if hearing.sheet.quiet:
        judged = [judge(rule, facts, form) for rule in live(policy, facts, form)]
        hearing.sheet.changes.extend([moment for found in judged for moment in found.changes])
    else:
        judged = [judge(rule, facts, form) for rule in policy.rules]
        _trace_rules(hearing, judged)
    if _hear_rules(hearing, policy, judged):
        return
    if policy.licence is not None:
        licence = known(policy.licence)
        hear_licence(hearing, licence, policy.licence, policy.waive, layer="licence", where=policy.where)
    elif not (policy.trust_entry_licence and _hear_trusted(hearing, policy)):
        _hear_default(hearing, policy, judged)


def _trace_rules(hearing: Hearing, judged: list[Judged]) -> None:
    sheet, fixed = hearing.sheet, hearing.facts.fixed_in(hearing.sheet.form)
    for found in judged:
        key = id(found.rule), hearing.index
        step = fixed.steps.get(key)
        if step is None:
            step = _step(hearing, found)
            if key[0] in fixed.judged:
                fixed.steps[key] = step
        sheet.steps.append(step)
        if found.changes:
            sheet.changes.extend(found.changes)


def _step(hearing: Hearing, found: Judged) -> Step:
    rule = found.rule
    return Step(
        hop=hearing.index,
        layer="policy",
        rule=rule.key,
        where=rule.where,
        effect=rule.effect,
        form=hearing.sheet.form,
        holds=Truth.UNKNOWN if found.needs_ruling and found.holds is Truth.YES else found.holds,
        checks=found.checks,
    )


def _hear_rules(hearing: Hearing, policy: Policy, judged: list[Judged]) -> bool:
    """Whether the rules spoke."""
    against = [one for one in judged if one.holds is not Truth.NO and one.rule.effect is not Effect.ALLOW]
    if against:
        for one in against:
            _hold_rule(hearing, one)
        return True
    usable = [one for one in judged if one.holds is Truth.YES and one.rule.effect is Effect.ALLOW]
    allows = [one for one in usable if not one.needs_ruling]
    if allows:
        accept(hearing, policy, allows)
        return True
    for one in usable:
        sentence = f"{policy.publisher.name} allows it on a condition that a person must rule on: " + "; ".join(
            f'"{text}"' for text in one.rule.when.other
        )
        hearing.hold(
            FlagKind.CONDITION, Reason.FACT_MISSING, Effect.ASK, one.rule.key, sentence, one.rule.where, ("ruling",)
        )
    return bool(usable)


def _hold_rule(hearing: Hearing, one: Judged) -> None:
    """An ask or a deny. Where a condition cannot be known it counts as ask (ruling 7)."""
    rule, form, use = one.rule, hearing.sheet.form, hearing.facts.use
    who = hearing.party.policy.publisher.name if hearing.party.policy else hearing.party.hop.name
    if one.holds is Truth.UNKNOWN or one.needs_ruling:
        facts = unknown_facts(one.missing)
        sentence = f"{who} {'bars' if rule.effect is Effect.DENY else 'must be asked about'} some entries, and {facts}"
        hearing.hold(FlagKind.CONDITION, Reason.FACT_MISSING, Effect.ASK, rule.key, sentence, rule.where, one.missing)
    elif rule.effect is Effect.DENY:
        sentence = f"{who} does not allow {described(form, use)}"
        hearing.hold(FlagKind.PERMISSION, Reason.DENIED, Effect.DENY, rule.key, sentence, rule.where)
    else:
        sentence = f"{who} must be asked about {described(form, use)}"
        hearing.hold(FlagKind.PERMISSION, Reason.MUST_ASK, Effect.ASK, rule.key, sentence, rule.where)


def accept(hearing: Hearing, policy: Policy, allows: list[Judged]) -> None:
    """Rely on all rules that allow: duties and limits add up, the licence's duties stay unless waived (ruling 4)."""
    rules = [one.rule for one in allows]
    hearing.allow(*(rule.key for rule in rules), at=[rule.where or rule.key for rule in rules])
    started = [one.since for one in allows if one.since is not None]
    if len(started) == len(allows):  # a rule that no time holds back has always allowed
        hearing.sheet.since.append(min(started, key=attrgetter("at")))
    waive = policy.waive.union(*(rule.waive for rule in rules))
    owed, bounds = terms_of(policy, rules, waive)
    duties.owe(hearing.sheet, hearing.index, hearing.party, hearing.facts, owed)
    limits.bind(hearing.sheet, hearing.index, hearing.party, hearing.facts, bounds)


def terms_of(policy: Policy, rules: Sequence[Rule], waive: frozenset[str]) -> tuple[list[Owed], list[Bound]]:
    """The duties and limits of rules of a policy, and the duties of its licence that are not waived."""
    owed = [Owed(duty, rule.key, rule.where) for rule in rules for duty in rule.duties]
    licence = known(policy.licence) if policy.licence is not None else None
    if licence is not None:
        owed += [Owed(d, f"licence {licence.id}", policy.where, True) for d in licence.duties if d.name not in waive]
    return owed, [Bound(limit, rule.key, rule.where) for rule in rules for limit in rule.limits]


def _hear_default(hearing: Hearing, policy: Policy, judged: list[Judged]) -> None:
    """No rule speaks. An allow whose condition cannot be known stays silent; what it lacked is named (ruling 7)."""
    lacking = [fact for one in judged if one.rule.effect is Effect.ALLOW for fact in one.missing]
    who, form, use = policy.publisher.name, hearing.sheet.form, hearing.facts.use
    where = f" ({', '.join(dict.fromkeys(lacking))} not known)" if lacking else ""
    if policy.default is Effect.DENY:
        sentence, kind = f"{who} allows nothing that covers {described(form, use)}{where}", Effect.DENY
    else:
        sentence, kind = f"no rule of {who} covers {described(form, use)}{where}, so it must be asked", Effect.ASK
    hearing.step("default", "default", kind, Truth.YES, policy.where)
    hearing.hold(FlagKind.PERMISSION, Reason.NO_RULE, kind, "default", sentence, policy.where, lacking)


# --- licences -------------------------------------------------------------------------------------------------------


def hear_licence(
    hearing: Hearing, licence: Licence | None, written: str, waive: frozenset[str], *, layer: str, where: str = ""
) -> None:
    """What a licence says to this use. One that nobody knows means ask (ruling 13)."""
    kind = FlagKind.NOTICE if layer == "notice" else FlagKind.PERMISSION
    name = licence_key(written)
    who = hearing.party.hop.name
    if licence is None or licence.effect is not Effect.ALLOW:
        why = f"the licence '{written}' of {who} is not known" if licence is None else f"{who} {licence.why}"
        hearing.step(layer, name, Effect.ASK, Truth.YES, where)
        hearing.hold(kind, Reason.MUST_ASK, Effect.ASK, name, f"{why}: it must be asked", where)
        return
    hearing.step(layer, name, Effect.ALLOW, Truth.YES, where)
    hearing.allow(name, at=[f"{name}, {where}" if where else name])
    if _commercial(licence, waive) and hearing.facts.use.audience in COMMERCIAL:
        effect = Effect.ASK if hearing.party.contact else Effect.DENY
        sentence = f"{who} licenses non-commercial use only ({licence.id}), and this use {_business(hearing.facts.use)}"
        hearing.hold(kind, Reason.LIMIT_BROKEN, effect, name, sentence, where)
    owed = [Owed(duty, name, where, True) for duty in licence.duties if duty.name not in waive]
    bounds = [Bound(limit, name, where) for limit in licence.limits if not _waived(limit, licence, waive)]
    flag = kind if kind is FlagKind.NOTICE else None
    duties.owe(hearing.sheet, hearing.index, hearing.party, hearing.facts, owed)
    limits.bind(hearing.sheet, hearing.index, hearing.party, hearing.facts, bounds, flag)


def licence_key(written: str) -> str:
    """What stands for a licence where a rule has its key: `licence CC-BY-4.0`."""
    licence = known(written)
    return f"licence {licence.id if licence else written.strip()}"


def _business(use: Use) -> str:
    return "is commercial" if use.audience is Audience.COMMERCIAL else "is for anyone, so for commercial sites too"


def _commercial(licence: Licence, waive: frozenset[str]) -> bool:
    return licence.non_commercial and NON_COMMERCIAL not in waive


def _waived(limit: Limit, licence: Licence, waive: frozenset[str]) -> bool:
    money = limit.name in (LimitName.NO_ADS, LimitName.NO_PAYWALL, LimitName.NO_RESALE)
    return limit.name in waive or (money and licence.non_commercial and NON_COMMERCIAL in waive)


def choose(hearing: Hearing, values: Sequence[tuple[str, str]], *, layer: str) -> None:
    """Hear licences that are offered as a choice: the one that leaves most is enough (ruling 13)."""
    sheets = []
    for value, carrier in values:
        scratch = hearing.apart()
        hear_licence(scratch, known(value), value, frozenset(), layer=layer, where=carrier)
        sheets.append(scratch.sheet)
    best = min(sheets, key=lambda sheet: sheet.severity)
    for sheet in sheets:
        if sheet is not best:
            hearing.sheet.steps += sheet.steps
    hearing.sheet.take(best)


def _hear_trusted(hearing: Hearing, policy: Policy) -> bool:
    """The entry's own licence, for the publisher's own content; whether it spoke."""
    if not hearing.party.is_source or hearing.index != 0:
        return False
    own = [notice for notice in hearing.facts.entry.notices if notice.level is not Level.SITE]
    stated = choices(own)
    for choice in stated:
        choose(hearing, choice, layer="entry-licence")
    return bool(stated)


# --- grants, and hops that no policy knows --------------------------------------------------------------------------


def hear(hearing: Hearing, source: Policy | None, unknown: UnknownPolicy, grants: Sequence[Grant]) -> Permission:
    """All that one hop says about one form.

    Args:
        source: the polled source's policy, whose `third_party` holds for hops that no policy knows.
    Returns:
        What is granted in writing for the hop, for what comes after: notices and images.
    """
    given = permission(grants, hearing.party, hearing.sheet.form, hearing.facts)
    hearing.sheet.changes.extend(map(Moment, given.changes))
    if given.grants:
        granted, plain = (hearing.apart() for _ in range(2))
        _hear_grants(granted, given)
        if granted.sheet.holds:
            # What the policy allows by itself needs no grant: a letter must never make things worse.
            _hear_ungranted(plain, source, unknown)
            if not plain.sheet.holds:
                hearing.sheet.steps += granted.sheet.steps
                hearing.sheet.take(plain.sheet)
                return given
        hearing.sheet.take(granted.sheet)
        return given
    _hear_ungranted(hearing, source, unknown)
    return given


def _hear_ungranted(hearing: Hearing, source: Policy | None, unknown: UnknownPolicy) -> None:
    covered = source is not None and source.third_party is ThirdParty.COVERED
    if not hearing.party.sure and not (covered and hearing.party.policy is None):
        _hear_unsure(hearing)
        return
    if hearing.party.policy is not None:
        hear_policy(hearing, hearing.party.policy)
    elif hearing.party.is_source:
        _hear_unknown_source(hearing, unknown)
    else:
        _hear_third_party(hearing, source)
    for policy in hearing.party.tighten:
        _hear_tightening(hearing, policy)


def _hear_grants(hearing: Hearing, given: Permission) -> None:
    """A written permission allows, whatever the policy says; the policy's duties and limits stay (ruling 23).

    They are those of the rules that would allow this use; where none does, those of all rules that allow the form;
    where none does that either, those of all that allow anything.
    """
    for grant in given.grants:
        hearing.step("grant", grant.id, Effect.ALLOW, Truth.YES, grant.evidence)
    hearing.allow(*(grant.id for grant in given.grants), at=[_letter(grant) for grant in given.grants])
    if given.since is not None:
        hearing.sheet.since.append(Moment(given.since))
    policy = hearing.party.policy
    if policy is None:
        return
    allowing = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
    judged = [judge(rule, hearing.facts, hearing.sheet.form) for rule in allowing]
    matching = [one.rule for one in judged if one.holds is Truth.YES]
    rules = matching or [rule for rule in allowing if hearing.sheet.form in rule.forms] or allowing
    waive = given.waive.union(policy.waive, *(rule.waive for rule in rules))
    owed, bounds = terms_of(policy, rules, waive)
    hearing.sheet.changes.extend(moment for one in judged for moment in one.changes)
    owed = [item for item in owed if not _names(item.duty) & given.waive]
    lifted = given.lift | ({"other"} & given.waive)
    bounds = [bound for bound in bounds if not _names(bound.limit) & lifted]
    duties.owe(hearing.sheet, hearing.index, hearing.party, hearing.facts, owed)
    limits.bind(hearing.sheet, hearing.index, hearing.party, hearing.facts, bounds)


def _letter(grant: Grant) -> str:
    """A written permission for a person: its number, and the beginning of what proves it."""
    words = " ".join(grant.evidence.split())
    quote = words if len(words) <= QUOTE_MAX else f"{words[:QUOTE_MAX]}…"
    return f"written permission {grant.id}: {quote}" if quote else f"written permission {grant.id}"


def _names(term: Duty | Limit) -> frozenset[str]:
    """All names under which a duty or limit may be waived or lifted."""
    return frozenset({term.name.value}).union(*(_names(choice) for choice in term.any_of))


def _hear_unknown_source(hearing: Hearing, unknown: UnknownPolicy) -> None:
    """A source without a policy (ruling 3)."""
    source = hearing.facts.entry.source
    if unknown is UnknownPolicy.HEADLINE and hearing.sheet.form is Form.HEADLINE and not hearing.facts.question.policy:
        hearing.step("default", "unknown_policy", Effect.ALLOW, Truth.YES)
        hearing.allow("unknown_policy", at=["'unknown_policy: headline'"])
        owed = [Owed(duty, "unknown_policy") for duty in HEADLINE_DUTIES]
        duties.owe(hearing.sheet, hearing.index, hearing.party, hearing.facts, owed)
        return
    hearing.step("default", "unknown_policy", Effect.ASK, Truth.YES)
    named = (
        f" (it names '{hearing.facts.question.policy}', which is not there)" if hearing.facts.question.policy else ""
    )
    sentence = f"source '{source}' has no policy{named}, so its publisher's terms are not known"
    hearing.hold(FlagKind.NO_POLICY, Reason.NO_POLICY, Effect.ASK, "unknown_policy", sentence)


def _hear_third_party(hearing: Hearing, source: Policy | None) -> None:
    """A hop that no policy knows follows the source policy's `third_party`; missing means ask."""
    rule = source.third_party if source else ThirdParty.ASK
    who, where = hearing.party.hop.name, source.where if source else ""
    seen = told_by(hearing.party.hop.carrier)
    if rule is ThirdParty.COVERED:
        hearing.step("third-party", "third_party", Effect.ALLOW, Truth.YES, where)
        hearing.allow("third_party", at=[where or "its source speaks for it"])
        return
    if rule is ThirdParty.DENY:
        effect, bars = Effect.DENY, source.publisher.name if source else "its source"
        sentence = f"{who} originated it ({seen} says), and {bars} bars third-party material"
    else:
        effect = Effect.ASK
        sentence = f"{who} originated it ({seen} says), and no policy tells its terms: {who} must be asked"
    hearing.step("third-party", "third_party", effect, Truth.YES, where)
    hearing.hold(FlagKind.THIRD_PARTY, Reason.THIRD_PARTY, effect, "third_party", sentence, where)


def _hear_unsure(hearing: Hearing) -> None:
    """A credit line that may or may not name a third party gives ask, whatever that party's terms are (ruling 13)."""
    hop = hearing.party.hop
    hearing.step("third-party", "unsure", Effect.ASK, Truth.YES, hop.carrier)
    sentence = f"it may come from {hop.name} ({told_by(hop.carrier)} may say so): a person must find out"
    hearing.hold(FlagKind.THIRD_PARTY, Reason.THIRD_PARTY, Effect.ASK, "unsure", sentence, "", ("origin",))


def _hear_tightening(hearing: Hearing, policy: Policy) -> None:
    """A publisher to whom only the name, or only the domain, points: its asks and denies count, its allows do not."""
    hop = replace(hearing.party.hop, name=policy.publisher.name)
    party = replace(hearing.party, hop=hop, policy=policy, tighten=(), is_source=False)
    scratch = Hearing(hearing.sheet.scratch(), hearing.index, party, hearing.facts)
    hear_policy(scratch, policy)
    hearing.sheet.steps += scratch.sheet.steps
    hearing.sheet.changes += scratch.sheet.changes
    hearing.sheet.holds += scratch.sheet.holds
    hearing.sheet.missing += scratch.sheet.missing
