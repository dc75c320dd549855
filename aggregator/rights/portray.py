"""A policy in plain language, for those who do not read YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.model.policy import Duty, Effect, ImageRule, Limit, Policy, Rule, ThirdParty, When
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.explain import term
from aggregator.rights.reasons import FORMS, MEDIA
from aggregator.rights.times import span

AUDIENCES = {
    Audience.ANYONE: "anyone",
    Audience.PERSONAL: "people for themselves",
    Audience.COMMUNITY: "community sites",
    Audience.NONPROFIT: "non-profit organisations",
    Audience.EDUCATION: "schools and universities",
    Audience.GOVERNMENT: "public bodies",
    Audience.NEWS: "news organisations",
    Audience.ACCREDITED: "accredited organisations",
    Audience.COMMERCIAL: "commercial sites",
}

_EFFECTS = {
    Effect.ALLOW: "may republish",
    Effect.ASK: "must ask before they republish",
    Effect.DENY: "may not republish",
}
_THIRD_PARTY = {
    ThirdParty.ASK: "What another publisher originated waits until that publisher's terms are known.",
    ThirdParty.DENY: "What another publisher originated is not republished.",
    ThirdParty.COVERED: "What another publisher originated is covered by these terms.",
}
_IMAGES = {
    ImageRule.SAME: "Images and media follow the text.",
    ImageRule.ASK: "Images and media are taken out until the publisher has been asked.",
    ImageRule.DENY: "Images and media are taken out.",
    ImageRule.OWN_CREDIT: "Images and media stay only where their credit names",
}


def portray(policy: Policy) -> list[str]:
    """The policy as sentences, a line each, rules in file order with their places."""
    terms = policy.terms
    return [
        f"{policy.publisher.name} ({policy.id})",
        *_about(policy),
        *(line for rule in policy.rules for line in _rule(rule)),
        *_licence(policy),
        _THIRD_PARTY[policy.third_party],
        _images(policy),
        *(
            ["What an entry says of its own licence is trusted for the publisher's own articles."]
            if policy.trust_entry_licence
            else []
        ),
        _otherwise(policy),
        *([f"Evidence: {' '.join(terms.evidence.split())}"] if terms.evidence else []),
    ]


def _about(policy: Policy) -> Iterator[str]:
    publisher, terms = policy.publisher, policy.terms
    if publisher.aliases:
        yield f"Also called {_and(publisher.aliases)}."
    if publisher.domains:
        yield f"Found at {_and(publisher.domains)} and below."
    yield f"Ask at {policy.contact}." if policy.contact else "Nobody to ask is known."
    if terms.url or terms.read:
        read = f", read on {terms.read.isoformat()}" if terms.read else ""
        again = f", to be read again every {span(terms.review_every)}" if terms.review_every else ""
        yield f"Terms: {terms.url or 'no address'}{read}{again}."


def _rule(rule: Rule) -> Iterator[str]:
    who = _and((AUDIENCES[audience] for audience in sorted(rule.to)), "or") or "Anyone"
    where = _and((MEDIA[medium] for medium in Medium if medium in rule.media), "or") or "in any medium"
    what = _and((FORMS[form] for form in Form if form in rule.forms), "or")
    condition = _and(_conditions(rule.when))
    place = f" [{rule.where}]" if rule.where else ""
    only = f", where {condition}" if condition else ""
    yield f"- {who[0].upper()}{who[1:]} {_EFFECTS[rule.effect]} {what} {where}{only}.{place}"
    if rule.duties:
        yield f"    with: {_terms(rule.duties)}"
    if rule.limits:
        yield f"    but: {_terms(rule.limits)}"
    if rule.waive:
        yield f"    waiving of the licence: {', '.join(sorted(rule.waive))}"


def _conditions(when: When) -> Iterator[str]:
    lists = (
        ("its category is", when.category),
        ("its author is", when.author),
        ("its language is", when.language),
        ("the territory is", when.territory),
        ("its address is like", when.url),
        ("it carries the mark", when.marker),
    )
    for phrase, values in lists:
        if values:
            yield f"{phrase} {_and(values, 'or')}"
    if when.embargo is not None:
        yield f"{span(when.embargo)} have passed since publication"
    if when.window is not None:
        yield f"no more than {span(when.window)} have passed since publication"
    if when.since is not None:
        yield f"it was published on {when.since.isoformat()} or later"
    if when.until is not None:
        yield f"it was published on {when.until.isoformat()} or earlier"
    yield from (f"a person confirms: {text}" for text in when.other)


def _licence(policy: Policy) -> Iterator[str]:
    if policy.licence:
        waived = f", without {', '.join(sorted(policy.waive))}" if policy.waive else ""
        yield f"Where no rule speaks, the licence does: {policy.licence}{waived}."


def _images(policy: Policy) -> str:
    if policy.images.rule is ImageRule.OWN_CREDIT:
        return f"{_IMAGES[policy.images.rule]} {_and(policy.images.credits, 'or')}."
    return _IMAGES[policy.images.rule]


def _otherwise(policy: Policy) -> str:
    if policy.default is Effect.DENY:
        return "Everything else is not allowed."
    return "For everything else the publisher must be asked."


def _terms(values: Iterable[Duty | Limit]) -> str:
    return "; ".join(_scoped(value) for value in values)


def _scoped(value: Duty | Limit) -> str:
    media = _and((MEDIA[medium] for medium in Medium if medium in value.media), "or")
    parts = _and(sorted(value.components), "or")
    return " ".join(filter(None, (term(value), media, f"for {parts}" if parts else "")))


def _and(values: Iterable[str], last: str = "and") -> str:
    found = list(values)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {last} {found[-1]}"
