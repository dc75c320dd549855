"""A policy in plain language, for those who do not read YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.model.policy import Effect, ImageRule, Limit, Policy, Rule, ThirdParty, When
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.licences import NON_COMMERCIAL, known
from aggregator.rights.reasons import AUDIENCES, FORMS, MEDIA
from aggregator.rights.times import span
from aggregator.rights.wording import listed, must, must_not

_SAYS = {
    Effect.ALLOW: ("anyone", "may show"),
    Effect.ASK: ("everybody", "must ask before they show"),
    Effect.DENY: ("nobody", "may show"),
}
"""Of a rule: who, where it names no audience, and what holds for them."""
_THIRD_PARTY = {
    ThirdParty.ASK: "What somebody else wrote first waits until that publisher's terms are known.",
    ThirdParty.DENY: "What somebody else wrote first is not shown.",
    ThirdParty.COVERED: "What somebody else wrote first falls under these terms, too.",
}
_IMAGES = {
    ImageRule.SAME: "Images, sound and film follow the text.",
    ImageRule.ASK: "Images, sound and film are taken out until the publisher has been asked.",
    ImageRule.DENY: "Images, sound and film are taken out.",
    ImageRule.OWN_CREDIT: "Images, sound and film stay only where their credit names",
}


def portray(policy: Policy) -> list[str]:
    """The policy as lines: a title, then whom to ask, each rule with its place, and what holds beside the rules."""
    return [f"{policy.publisher.name} ({policy.id})", *_about(policy), "", *_rules(policy), *_beside(policy)]


def _about(policy: Policy) -> Iterator[str]:
    publisher, terms = policy.publisher, policy.terms
    yield f"Ask: {policy.contact}" if policy.contact else "Ask: nobody is known"
    if terms.url or terms.read:
        read = f", read on {terms.read.isoformat()}" if terms.read else ""
        again = f", to be read again every {span(terms.review_every)}" if terms.review_every else ""
        yield f"Terms: {terms.url or 'without an address'}{read}{again}"
    if terms.evidence:
        yield f"They say: {' '.join(terms.evidence.split())}"
    if publisher.aliases:
        yield f"Also called: {listed(publisher.aliases, 'or')}"
    if publisher.domains:
        yield f"Found at: {listed(publisher.domains)}, and below"


def _rules(policy: Policy) -> Iterator[str]:
    for number, rule in enumerate(policy.rules, 1):
        yield from _rule(number, rule)
    effects = [rule.effect for rule in policy.rules]
    if len(set(effects)) > 1:
        yield "Where several of these fit: not allowed goes before ask, and ask before allowed."
    if effects.count(Effect.ALLOW) > 1:
        yield "Where several that allow fit, all that they ask for holds."
    if policy.rules:
        yield ""


def _rule(number: int, rule: Rule) -> Iterator[str]:
    nobody_named, says = _SAYS[rule.effect]
    named = listed((AUDIENCES[audience] for audience in Audience if audience in rule.to), "or")
    if rule.effect is Effect.DENY and named:
        says = "may not show"
    who = named or nobody_named
    what = listed((FORMS[form] for form in Form if form in rule.forms), "or")
    where = listed((MEDIA[medium] for medium in Medium if medium in rule.media), "or") or "anywhere"
    place = f" ({rule.where})" if rule.where else ""
    yield f"{number}. {who[0].upper()}{who[1:]} {says} {what} {where}.{place}"
    conditions = list(_conditions(rule.when))
    if conditions:
        yield f"   Only where {listed(conditions)}."
    yield from _terms("They must", map(must, rule.duties))
    yield from _terms("They must not", map(must_not, rule.limits))
    if rule.waive:
        yield f"   Not needed of the licence: {_waived(rule.waive)}."


def _terms(head: str, said: Iterable[str], indent: str = "   ") -> Iterator[str]:
    lines = list(said)
    if lines:
        yield f"{indent}{head}"
        yield from (f"{indent}- {line}" for line in lines)


def _conditions(when: When) -> Iterator[str]:
    lists = (
        ("its category is", when.category),
        ("its author is", when.author),
        ("its language is", when.language),
        ("it is read only in", when.territory),
        ("its address is like", when.url),
        ("it carries the mark", when.marker),
    )
    for phrase, values in lists:
        if values:
            yield f"{phrase} {listed(values, 'or')}"
    if when.embargo is not None:
        yield f"it was published at least {span(when.embargo)} ago"
    if when.window is not None:
        yield f"it was published less than {span(when.window)} ago"
    if when.since is not None:
        yield f"it was published on {when.since.isoformat()} or later"
    if when.until is not None:
        yield f"it was published on {when.until.isoformat()} or earlier"
    yield from (f"a person finds that “{' '.join(text.split())}”" for text in when.other)


def _beside(policy: Policy) -> Iterator[str]:
    yield from _licence(policy)
    yield _THIRD_PARTY[policy.third_party]
    yield _images(policy)
    if policy.trust_entry_licence:
        yield "A licence that one of its own articles names for itself is believed."
    if policy.default is Effect.DENY:
        yield "Everything else is not allowed."
    elif not (policy.licence and known(policy.licence)):
        yield "Everything else must be asked for."


def _licence(policy: Policy) -> Iterator[str]:
    """The licence speaks where no rule does, and its duties go with the rules."""
    if not policy.licence:
        return
    licence = known(policy.licence)
    if licence is None:
        yield f"It names the licence {policy.licence}, which is not known here: where no rule fits, it must be asked."
        return
    address = f" ({licence.url})" if licence.url else ""
    if licence.effect is not Effect.ALLOW:
        yield f"Where no rule fits, it must be asked: {policy.licence}{address}."
        return
    head = "Where no rule fits, its licence holds" if policy.rules else "Its licence holds"
    free = licence.non_commercial and NON_COMMERCIAL not in policy.waive
    who = "Anyone but commercial sites" if free else "Anyone"
    yield f"{head}: {licence.id}{address}. {who} may show any of it anywhere."
    duties = [duty for duty in licence.duties if duty.name not in policy.waive]
    yield from _terms("They must" + (", here and under the rules" if policy.rules else ""), map(must, duties))
    yield from _terms("They must not", map(must_not, _bars(policy, licence.limits)))
    if policy.waive:
        yield f"   Not needed of it: {_waived(policy.waive)}."


def _bars(policy: Policy, limits: Iterable[Limit]) -> list[Limit]:
    """The licence's limits that the policy leaves standing."""
    money = {"no-ads", "no-paywall", "no-resale"} if NON_COMMERCIAL in policy.waive else set()
    return [limit for limit in limits if limit.name not in policy.waive | money]


def _waived(names: Iterable[str]) -> str:
    return listed(sorted(names))


def _images(policy: Policy) -> str:
    if policy.images.rule is ImageRule.OWN_CREDIT:
        return f"{_IMAGES[policy.images.rule]} {listed(policy.images.credits, 'or')}."
    return _IMAGES[policy.images.rule]
