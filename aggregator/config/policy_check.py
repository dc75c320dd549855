"""Whether a policy says what it can mean: contradictions within a rule, rules that are never heard, terms that nobody
can meet. What cannot be meant is an error, what most likely is a slip a warning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aggregator.config.shape import lacks_contact
from aggregator.config.words import in_words, listed, quoted
from aggregator.errors import Problem
from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName, Policy, Rule, When
from aggregator.model.use import Audience, Form

if TYPE_CHECKING:
    from aggregator.config.check import Document


def policy_errors(document: Document, policy: Policy) -> Iterator[Problem]:
    """Rules that contradict themselves, and somebody to notify whom nobody names.

    A rule that never applies is no slip to live with: a 'deny' among them would hold nothing back.
    """
    for index, rule in enumerate(policy.rules):
        for message in _never(rule.when):
            yield document.problem(("rules", index), message)
        if policy.contact is None and any(map(lacks_contact, rule.duties)):
            yield document.problem(("rules", index), "notify names nobody; add 'contact' to it, or to the policy")


def _never(when: When) -> Iterator[str]:
    if when.since and when.until and when.since > when.until:
        yield f"since {when.since} is after until {when.until}, so this rule never applies; exchange them or delete one"
    if when.embargo and when.window and when.embargo >= when.window:
        yield (
            f"the window of {in_words(when.window)} ends before the embargo of {in_words(when.embargo)} does, so this "
            "rule never applies; make the window the longer one"
        )


def domain_warnings(policies: list[tuple[Document, Policy]]) -> Iterator[Problem]:
    claimed: dict[str, str] = {}
    for document, policy in policies:
        for domain in policy.publisher.domains:
            first = claimed.setdefault(domain, policy.id)
            if first != policy.id:
                yield document.problem(
                    ("publisher", "domains"),
                    f"domain {quoted(domain)} belongs to policy {quoted(first)} too; entries that link there"
                    " take the stricter of both",
                )


def policy_warnings(document: Document, policy: Policy) -> Iterator[Problem]:
    """What a policy says and most likely does not mean."""
    if not policy.rules and policy.licence is None and not policy.trust_entry_licence:
        yield document.problem((), f"policy {quoted(policy.id)} has no rules and no licence: all is '{policy.default}'")
    if policy.licence is None and (policy.waive or any(rule.waive for rule in policy.rules)):
        yield document.problem(("waive",) if policy.waive else (), "waive has no effect without a licence")
    if policy.contact is None and any(rule.effect is Effect.ASK for rule in policy.rules):
        yield document.problem((), "a rule asks and nobody is named to be asked; add 'contact'")
    silent = _silent_licence(policy)
    if silent:
        yield document.problem(("licence",), silent)
    for index, rule in enumerate(policy.rules):
        for message in (*_odd_times(rule, policy), *_odd_terms(rule), *_unmeetable(rule, policy), *_elsewhere(rule)):
            yield document.problem(("rules", index), message)
        shadows = (_shadow(rule, other) for other in policy.rules if other is not rule)
        shadow = next((message for message in shadows if message), None)
        if shadow:
            yield document.problem(("rules", index), shadow)


def _odd_times(rule: Rule, policy: Policy) -> Iterator[str]:
    for name in ("embargo", "window"):
        if getattr(rule.when, name) and policy.licence is None and rule.effect is not Effect.ALLOW:
            yield f"{name} on {_article(rule.effect)} rule says when that applies; was 'allow' meant?"
    if policy.licence is not None and rule.effect is Effect.ALLOW:
        yield from _licence_instead(rule, policy)


def _licence_instead(rule: Rule, policy: Policy) -> Iterator[str]:
    """An allow that time bounds holds nothing back where a licence speaks as soon as it is silent."""
    strict = [other.when for other in policy.rules if other.effect is not Effect.ALLOW]
    forms = ", ".join(form for form in Form if form in rule.forms)
    if rule.when.embargo and not any(when.window for when in strict):
        held = f"{{deny: [{forms}], when: {{window: {in_words(rule.when.embargo)}}}}}"
        yield f"until the embargo ends the licence speaks instead of this rule; to hold it back, add {held}"
    if rule.when.window and not any(when.embargo for when in strict):
        held = f"{{deny: [{forms}], when: {{embargo: {in_words(rule.when.window)}}}}}"
        yield f"when the window has ended the licence speaks instead of this rule; to take it out, add {held}"


def _odd_terms(rule: Rule) -> Iterator[str]:
    if rule.effect is not Effect.ALLOW and (rule.duties or rule.limits or rule.waive):
        yield f"duties, limits and waive have no effect on {_article(rule.effect)} rule"
    names = {limit.name for limit in rule.limits}
    if LimitName.EXCERPT_MAX in names and Form.FULL in rule.forms and rule.effect is Effect.ALLOW:
        yield "excerpt-max beside an allowed 'full': write a rule for the excerpt alone"
    if LimitName.FULL_ONLY in names and Form.FULL not in rule.forms:
        yield "full-only on a rule that does not allow 'full': nothing can satisfy it"
    elif LimitName.FULL_ONLY in names and Form.EXCERPT in rule.forms and rule.effect is Effect.ALLOW:
        yield "full-only beside an allowed 'excerpt': the excerpt is never out; take it out of this rule"


def _unmeetable(rule: Rule, policy: Policy) -> Iterator[str]:
    """Duties that no entry of this publisher can meet, in any form that the rule allows."""
    for duty in rule.duties:
        if duty.requested or duty.any_of or rule.effect is not Effect.ALLOW:
            continue
        if duty.name in (DutyName.TRACKER, DutyName.LOGO) and rule.forms == {Form.HEADLINE}:
            yield f"a headline cannot carry a {duty.name}: nothing can satisfy this rule; allow a larger form"
        elif duty.name is DutyName.LINK_ORIGINAL and duty.param("target") == "home" and not policy.publisher.url:
            yield "link-original: home needs the publisher's home page, which is not named; add 'url' to the publisher"
        elif duty.name is DutyName.LICENCE_NOTICE and policy.licence is None:
            yield "licence-notice without a licence holds each entry that states none of its own; add 'licence'"


def _elsewhere(rule: Rule) -> Iterator[str]:
    """Terms that are asked for in media that the rule does not speak of."""
    terms: tuple[Duty | Limit, ...] = (*rule.duties, *rule.limits)
    for term in terms:
        if term.media and rule.media and not term.media & rule.media:
            told, spoken = listed(sorted(term.media)), listed(sorted(rule.media))
            yield f"{term.name} is for {told} and this rule for {spoken}: it never applies; give it a rule for {told}"


def _silent_licence(policy: Policy) -> str | None:
    """Why nobody ever hears the policy's licence; None: somebody does."""
    if policy.licence is None:
        return None
    everything = Rule(key=f"{policy.id}:0", effect=Effect.ALLOW, forms=frozenset(Form))
    return next((message for rule in policy.rules if (message := _shadow(everything, rule))), None)


def _article(effect: Effect) -> str:
    return "an 'ask'" if effect is Effect.ASK else "a 'deny'"


_STRICTNESS = {Effect.ALLOW: 0, Effect.ASK: 1, Effect.DENY: 2}


def _shadow(rule: Rule, other: Rule) -> str | None:
    """Why `rule` says nothing beside `other`; None: it does."""
    number = _number(other)
    any_to = frozenset({Audience.ANYONE})
    covers_to = not other.to or other.to & any_to or (rule.to and rule.to <= other.to)
    covers_media = not other.media or (rule.media and rule.media <= other.media)
    if not covers_to or not covers_media or not rule.forms <= other.forms:
        return None
    if rule.effect is other.effect and _number(rule) > number:
        same = (rule.to, rule.media, rule.forms, rule.when, rule.duties, rule.limits, rule.waive) == (
            other.to,
            other.media,
            other.forms,
            other.when,
            other.duties,
            other.limits,
            other.waive,
        )
        return f"this rule says the same as rule {number}; delete one of them" if same else None
    if _STRICTNESS[other.effect] > _STRICTNESS[rule.effect] and _holds_wherever(other.when, rule.when):
        return f"never decides: rule {number} says '{other.effect}' to all that it covers: the stricter wins"
    return None


def _number(rule: Rule) -> int:
    return int(rule.key.rpartition(":")[2])


def _holds_wherever(wide: When, narrow: When) -> bool:
    """Whether the conditions `wide` hold for every entry for which `narrow` do."""
    for name in ("category", "author", "language", "territory", "url", "marker", "other"):
        among, values = getattr(wide, name), getattr(narrow, name)
        if among and not (values and set(values) <= set(among)):
            return False
    return (
        (wide.embargo is None or (narrow.embargo is not None and narrow.embargo >= wide.embargo))
        and (wide.window is None or (narrow.window is not None and narrow.window <= wide.window))
        and (wide.since is None or (narrow.since is not None and narrow.since >= wide.since))
        and (wide.until is None or (narrow.until is not None and narrow.until <= wide.until))
    )
