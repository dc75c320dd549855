"""RSL and policies. RSL speaks to machines: it has no word for people who read a copy, so nothing in it allows one.

In: limits (no AI), duties (credit and link), who and where, a contact, and evidence; `tightened` puts them to a policy.
Out: what of a policy RSL can say, with a list of what it cannot. Both read narrowly where RSL leaves room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from aggregator.model.entry import Level, Notice, NoticeKind
from aggregator.model.policy import Duty, DutyName, Effect, Limit, LimitName, Policy, Rule, When
from aggregator.model.rsl import RslContent, RslCopyright, RslDocument, RslLegal, RslLicense, RslPayment, RslTerms
from aggregator.model.use import Ads, Audience, Form, Use
from aggregator.rights.licences import known
from aggregator.rights.machine import TOKENS, MachineUse, path_matches

USAGE_TOKENS = TOKENS["rsl-1.0"]
CONTENTS_TOLD = 20
_FREE = frozenset({"free", "attribution"})
_ANY_USE_SOLD = frozenset({"purchase", "subscription", "crawl", "use"})
"""Payments that, where a licence names no use, are asked for each."""
_ATTRIBUTION = frozenset({DutyName.CREDIT_SOURCE, DutyName.CREDIT_AUTHOR, DutyName.CREDIT_LINE, DutyName.LINK_ORIGINAL})
_TO_USERS = {
    Audience.PERSONAL: "personal",
    Audience.COMMUNITY: "non-commercial",
    Audience.NONPROFIT: "non-commercial",
    Audience.EDUCATION: "education",
    Audience.GOVERNMENT: "government",
    Audience.COMMERCIAL: "commercial",
}
_PERMITTED = {
    "personal": frozenset({Audience.PERSONAL}),
    "non-commercial": frozenset({Audience.COMMUNITY, Audience.NONPROFIT}),
    "education": frozenset({Audience.EDUCATION}),
    "government": frozenset({Audience.GOVERNMENT}),
    "commercial": frozenset({Audience.COMMERCIAL}),
}
T = TypeVar("T")
_EU = "EU"
_PROHIBITED = _PERMITTED | {"non-commercial": frozenset(Audience) - {Audience.ANYONE, Audience.COMMERCIAL}}
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = tuple(_MEMBERS.split())
"""What `EU` stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RslReading:
    """What an RSL document says of one address."""

    refused: frozenset[MachineUse] = frozenset()
    """Machine uses that no free licence of it permits, and that one prohibits, leaves out of its list, or sells."""
    permitted: frozenset[MachineUse] = frozenset()
    forbids_all: bool = False
    """It prohibits, or sells, any automated processing: that is what an aggregator does."""
    duties: tuple[Duty, ...] = ()
    users: frozenset[Audience] | None = None
    """Who alone may; None: not told."""
    no_users: frozenset[Audience] = frozenset()
    territories: tuple[str, ...] | None = None
    """Where alone; None: not told."""
    no_territories: tuple[str, ...] = ()
    contact: str | None = None
    licences: tuple[str, ...] = ()
    """Known licences that it names as its standard terms: a choice."""
    terms: str | None = None
    statement: str = ""
    """All of it in a line, as evidence."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        return (Limit(name=LimitName.NO_AI),) if self.refused - {MachineUse.SEARCH} else ()


# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def from_rsl(document: RslDocument, url: str | None = None) -> tuple[RslReading | None, tuple[str, ...]]:
    """What a document says of an address.

    Args:
        url: absolute http(s); None: the page or item that holds the document.
    Returns:
        The reading, None where nothing in it is about the address; and a line for what was not taken at its word.
    """
    contents = _about(document.contents, url)
    if not contents:
        return None, (f"RSL: nothing in it is about {url or 'the page that holds it'}",)
    notes: list[str] = []
    licences = [(content, licence) for content in contents for licence in content.licenses]
    for content, licence in licences:
        if licence.unread:
            notes.append(f"RSL: its permissions are not relied on, for {', '.join(licence.unread)} is not understood")
        if content.server:
            notes.append(f"RSL: access needs a token of {content.server}; its permissions are not relied on")
    reading = RslReading(
        refused=frozenset(use for use in MachineUse if _combined(licences, use) is False),
        permitted=frozenset(use for use in MachineUse if _combined(licences, use) is True),
        forbids_all=bool(licences) and all(_bars(content, licence) for content, licence in licences),
        duties=_duties(licence for _, licence in licences),
        users=_only([_users(licence.permits, _PERMITTED) for _, licence in licences]),
        no_users=_common([_users(licence.prohibits, _PROHIBITED) or frozenset() for _, licence in licences]),
        territories=_places(_only([_codes(licence.permits) for _, licence in licences])),
        no_territories=_places(_common([_codes(licence.prohibits) or frozenset() for _, licence in licences])) or (),
        contact=_contact(contents),
        licences=tuple(dict.fromkeys(_standards(licence for _, licence in licences))),
        terms=next((content.terms for content in contents if content.terms), None),
        statement=statement(contents),
    )
    return reading, tuple(dict.fromkeys(notes))


def _about(contents: Iterable[RslContent], url: str | None) -> list[RslContent]:
    """Those whose pattern fits the address best: the longest. Inside an item or a page, all that stand there."""
    if url is None:
        return list(contents)
    found: dict[int, list[RslContent]] = {}
    for content in contents:
        if _fits(content.url, url):
            found.setdefault(len(_pattern(content.url)), []).append(content)
    return found[max(found)] if found else []


def _pattern(written: str) -> str:
    """The path of a pattern, which may be a whole address."""
    if "://" not in written:
        return written
    rest = written.partition("://")[2]
    return rest[rest.find("/") :] if "/" in rest else "/"


def _fits(written: str, url: str) -> bool:
    if not written:
        return True
    try:
        parts = urlsplit(url)
        host = urlsplit(written).netloc.lower() if "://" in written else parts.netloc.lower()
    except ValueError:
        return False
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host == parts.netloc.lower() and path_matches(_pattern(written), path)


def _level(terms: tuple[RslTerms, ...], use: MachineUse) -> int:
    """How narrowly a use is named: 3 by itself, 2 by its family, 1 by `all`, 0 not at all."""
    tokens = {token for one in terms if one.kind == "usage" for token in one.tokens}
    if use.value in tokens:
        return 3
    return 2 if "ai-all" in tokens and use is not MachineUse.SEARCH else 1 if "all" in tokens else 0


def _verdict(content: RslContent, licence: RslLicense, use: MachineUse) -> bool | None:
    """Whether one licence permits a use for nothing; None: it does not say."""
    yes, no = _level(licence.permits, use), _level(licence.prohibits, use)
    if no and no >= yes:
        return False
    if not yes:
        return False if any(terms.kind == "usage" for terms in licence.permits) else None
    if licence.payment is not None and licence.payment.kind not in _FREE:
        return False
    return None if licence.unread or content.server or licence.reporting else True


def _combined(licences: list[tuple[RslContent, RslLicense]], use: MachineUse) -> bool | None:
    """Over all licences, which are a choice: one that permits is enough, without one a refusal counts."""
    verdicts = [_verdict(content, licence, use) for content, licence in licences]
    return True if True in verdicts else False if False in verdicts else None


def _bars(content: RslContent, licence: RslLicense) -> bool:
    """Whether any automated processing is prohibited or has a price."""
    prohibited = any(terms.kind == "usage" and "all" in terms.tokens for terms in licence.prohibits)
    permitted = any(terms.kind == "usage" and "all" in terms.tokens for terms in licence.permits)
    named = any(terms.kind == "usage" for terms in (*licence.permits, *licence.prohibits))
    payment = licence.payment.kind if licence.payment is not None else "free"
    sold = (permitted and payment not in _FREE) or (not named and payment in _ANY_USE_SOLD)
    return prohibited or sold


def _duties(licences: Iterable[RslLicense]) -> tuple[Duty, ...]:
    """`attribution` is a credit with a working link."""
    asked = any(licence.payment is not None and licence.payment.kind == "attribution" for licence in licences)
    return (Duty(name=DutyName.CREDIT_SOURCE), Duty(name=DutyName.LINK_ORIGINAL)) if asked else ()


def _users(terms: tuple[RslTerms, ...], table: dict[str, frozenset[Audience]]) -> frozenset[Audience] | None:
    lists = [one.tokens for one in terms if one.kind == "user"]
    if not lists:
        return None
    return frozenset[Audience]().union(*(table.get(token, frozenset()) for tokens in lists for token in tokens))


def _codes(terms: tuple[RslTerms, ...]) -> frozenset[str] | None:
    tokens = [token for one in terms if one.kind == "geo" for token in one.tokens]
    if not any(one.kind == "geo" for one in terms):
        return None
    usual = [token for token in tokens if len(token) == 2 and token.isascii() and token.isalpha()]
    return frozenset(code for token in usual for code in (EU if token == _EU else (token,)))


def _only(found: list[frozenset[T] | None]) -> frozenset[T] | None:
    """Of alternatives, what one or another permits; None where one leaves it open."""
    closed = [one for one in found if one is not None]
    return frozenset[T]().union(*closed) if closed and len(closed) == len(found) else None


def _common(found: list[frozenset[T]]) -> frozenset[T]:
    """Of alternatives, what each of them prohibits."""
    return found[0].intersection(*found[1:]) if found else frozenset()


def _places(codes: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if codes is None else tuple(sorted(codes))


def _contact(contents: list[RslContent]) -> str | None:
    """The legal contact, else the owner's."""
    statements = [one for content in contents for licence in content.licenses for one in licence.legal]
    owners = [content.copyright for content in contents if content.copyright is not None]
    found = [value for one in statements if one.kind == "contact" for value in one.values]
    found += [value for owner in owners for value in (owner.email, owner.url) if value]
    return next((value.removeprefix("mailto:") for value in found if value), None)


def _standards(licences: Iterable[RslLicense]) -> Iterator[str]:
    """Known licences behind free terms. A rate card is no licence, and an unknown address says nothing."""
    for licence in licences:
        if licence.payment is not None and licence.payment.kind in _FREE:
            yield from (uri for uri in licence.payment.standards if known(uri) is not None)


def statement(contents: Iterable[RslContent]) -> str:
    """All terms in one line, for a person: `prohibits ai-all; permits user: non-commercial; payment attribution`."""
    told = [" ".join(_told(licence)) for content in contents for licence in content.licenses]
    return " or ".join(line for line in dict.fromkeys(told[:CONTENTS_TOLD]) if line)[:1_000]


def _told(licence: RslLicense) -> Iterator[str]:
    parts = []
    for verb, lists in (("permits", licence.permits), ("prohibits", licence.prohibits)):
        for terms in lists:
            kind = "" if terms.kind == "usage" else f"{terms.kind}: "
            parts.append(f"{verb} {kind}{' '.join(terms.tokens)}")
    if licence.payment is not None:
        more = [*licence.payment.standards, *licence.payment.customs]
        parts.append(" ".join(["payment", licence.payment.kind, *more]))
    parts += [f"reporting {report.kind}" for report in licence.reporting]
    yield "; ".join(parts)


def audiences_of(use: Use) -> frozenset[Audience]:
    """Whom a use is for; one that earns money is commercial, too, and one for anyone is for all of them."""
    if use.audience is Audience.ANYONE:
        return frozenset(Audience)
    earns = use.ads is not Ads.NONE or use.paywall or use.sold
    return frozenset({use.audience, *([Audience.COMMERCIAL] if earns else [])})


def _leaves_out(reading: RslReading, use: Use) -> bool:
    """Whether a document prohibits a use for whom or where it is, or names those who alone may."""
    users, places = audiences_of(use), use.territory
    if users & reading.no_users or (reading.users is not None and not users - {Audience.ANYONE} <= reading.users):
        return True
    barred = set(reading.no_territories)
    if barred and (not places or places & barred):  # a use that states no territory is worldwide (ruling 11)
        return True
    return reading.territories is not None and not (places and places <= set(reading.territories))


def notices_from_rsl(
    document: RslDocument, url: str | None = None, level: Level = Level.ENTRY, use: Use | None = None
) -> tuple[Notice, ...]:
    """A document as notices of an entry or feed: a bar on all machines or on AI, or its terms as evidence, and its
    known licences.

    Args:
        url: of the entry, to find what speaks of it; None: an `<rsl:content>` inside the entry itself.
        use: what is asked for: where the document leaves such users or places out, it is a bar. None: no use is known.
    """
    reading, _ = from_rsl(document, url)
    if reading is None:
        return ()
    carrier = "rsl:content" if url is None else "rsl"
    notices = []
    if reading.forbids_all or (use is not None and _leaves_out(reading, use)):
        notices.append(Notice(kind=NoticeKind.FORBID, level=level, value=reading.statement, carrier=carrier))
    if reading.limits:
        notices.append(Notice(kind=NoticeKind.NO_AI, level=level, value=reading.statement, carrier=carrier))
    elif reading.statement and not notices:
        notices.append(Notice(kind=NoticeKind.MACHINE, level=level, value=reading.statement, carrier=carrier))
    named = f"{carrier} standard"
    return *notices, *(
        Notice(kind=NoticeKind.LICENCE, level=level, value=uri, carrier=named) for uri in reading.licences
    )


def tightened(policy: Policy, reading: RslReading) -> Policy:
    """The policy with what a document adds: it allows nothing more than before.

    Limits, duties and places are put to every rule that allows; whom the document leaves out must ask. A contact and an
    address of terms are taken where the policy has none. A licence that it names stays evidence.
    """
    rules = [_tightened(rule, reading) if rule.effect is Effect.ALLOW else rule for rule in policy.rules]
    out = reading.no_users
    if reading.users is not None:
        out |= frozenset(Audience) - {Audience.ANYONE} - reading.users
    if reading.forbids_all:
        rules.append(_ask())
    elif out:
        rules.append(_ask(to=out))
    if reading.no_territories:
        rules.append(_ask(when=When(territory=reading.no_territories)))
    numbered = tuple(replace(rule, key=f"{policy.id}:{number}") for number, rule in enumerate(rules, start=1))
    terms = policy.terms if policy.terms.url else replace(policy.terms, url=reading.terms)
    return replace(policy, rules=numbered, contact=policy.contact or reading.contact, terms=terms)


def _ask(to: frozenset[Audience] = frozenset(), when: When | None = None) -> Rule:
    return Rule(key="", effect=Effect.ASK, forms=frozenset(Form), to=to, when=when or When())


def _tightened(rule: Rule, reading: RslReading) -> Rule:
    duties = tuple(duty for duty in reading.duties if duty not in rule.duties)
    limits = tuple(limit for limit in reading.limits if limit not in rule.limits)
    when = rule.when
    if reading.territories is not None:
        places = tuple(code for code in reading.territories if not when.territory or code in when.territory)
        if places:
            when = replace(when, territory=places)
        else:
            when = replace(when, other=(*when.other, "RSL: in none of the territories of this rule"))
    return replace(rule, duties=rule.duties + duties, limits=rule.limits + limits, when=when)


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_rsl(policy: Policy) -> tuple[RslDocument, tuple[str, ...]]:
    """What of a policy RSL can say, for all of the publisher's site; and a line for each thing that it cannot.

    Where rules differ, the narrowest stands for all of them.
    """
    losses = _Losses()
    allows = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
    for rule in policy.rules:
        _lost_of(rule, losses)
    _lost_of_policy(policy, losses)
    prohibits = _no_ai(allows, losses) + _denied(policy, losses)
    permits = _audiences(allows, losses) + _geo(allows, losses)
    contact = (RslLegal(kind="contact", values=("".join(policy.contact.split()),)),) if policy.contact else ()
    licence = RslLicense(permits=permits, prohibits=prohibits, payment=_payment(policy, allows), legal=contact)
    if not any(terms.kind == "usage" for terms in prohibits):
        losses.add("machine use: the policy says nothing of it; silence in the document is not a permission")
    email = policy.contact if policy.contact and "@" in policy.contact and "://" not in policy.contact else None
    content = RslContent(
        url="/",
        licenses=(licence,),
        copyright=RslCopyright(kind="organization", email=email, url=policy.publisher.url),
        terms=policy.terms.url,
    )
    return RslDocument(contents=(content,)), losses.lines


class _Losses:
    """What is lost, each with the rules that lose it."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, what: str, rule: Rule | None = None) -> None:
        rules = self.found.setdefault(what, [])
        if rule is not None and rule.key not in rules:
            rules.append(rule.key)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(f"{what} ({', '.join(rules)})" if rules else what for what, rules in self.found.items())


def _lost_of(rule: Rule, losses: _Losses) -> None:
    if rule.effect is Effect.ALLOW:
        losses.add("forms: RSL has no word for republishing full, excerpt or headline to people", rule)
    elif rule.effect is Effect.ASK:
        losses.add("ask: RSL has no word for it, only a contact", rule)
    elif not _plain_denial(rule):
        losses.add("deny: only one of an audience or of a territory, without more, can be said", rule)
    if rule.media:
        losses.add(f"in: {', '.join(sorted(rule.media))}", rule)
    for name in ("category", "author", "language", "url", "marker", "embargo", "window", "since", "until", "other"):
        if getattr(rule.when, name) not in ((), None):
            losses.add(f"when: {name}", rule)
    for duty in rule.duties:
        bare = duty.name in {DutyName.CREDIT_SOURCE, DutyName.LINK_ORIGINAL} and duty == Duty(name=duty.name)
        if rule.effect is not Effect.ALLOW or not bare:
            losses.add(f"duty: {duty.name}", rule)
    for limit in rule.limits:
        if rule.effect is not Effect.ALLOW or limit != Limit(name=LimitName.NO_AI):
            losses.add(f"limit: {limit.name}", rule)
    if rule.waive:
        losses.add(f"waive: {', '.join(sorted(rule.waive))}", rule)


def _lost_of_policy(policy: Policy, losses: _Losses) -> None:
    losses.add(f"publisher: its name{', domains and aliases' if policy.publisher.domains else ''}")
    licence = known(policy.licence) if policy.licence else None
    if policy.licence and (licence is None or licence.url is None):
        losses.add(f"licence: '{policy.licence}' has no address that is known")
    elif policy.licence:
        losses.add("licence: named as standard terms of machine use; whoever reads it back is asked what it means")
    told = {
        "terms: when they were read, and the evidence": bool(policy.terms.read or policy.terms.evidence),
        f"waive: {', '.join(sorted(policy.waive))}": bool(policy.waive),
        f"third_party: {policy.third_party}": True,
        f"images: {policy.images.rule}": True,
        f"default: {policy.default}": True,
        "trust_entry_licence": policy.trust_entry_licence,
    }
    for what, is_lost in told.items():
        if is_lost:
            losses.add(what)


def _no_ai(allows: list[Rule], losses: _Losses) -> tuple[RslTerms, ...]:
    wanted = [rule for rule in allows if Limit(name=LimitName.NO_AI) in rule.limits]
    if wanted and len(wanted) < len(allows):
        losses.add("limit: no-ai of some rules is said of all")
    return (RslTerms(kind="usage", tokens=("ai-all",)),) if wanted else ()


def _plain_denial(rule: Rule) -> bool:
    """Whether a denial is of nothing but an audience or a territory."""
    whole = rule.forms == frozenset(Form) and not rule.media and rule.when == When(territory=rule.when.territory)
    audiences = bool(rule.to) and Audience.ANYONE not in rule.to and rule.to <= set(_TO_USERS)
    return whole and (audiences != bool(rule.when.territory)) and (audiences or not rule.to)


def _denied(policy: Policy, losses: _Losses) -> tuple[RslTerms, ...]:
    denials = [rule for rule in policy.rules if rule.effect is Effect.DENY and _plain_denial(rule)]
    users = {_TO_USERS[audience] for rule in denials for audience in rule.to}
    codes = {code for rule in denials for code in rule.when.territory}
    if "non-commercial" in users:
        losses.add("deny: community and nonprofit are one word, non-commercial, which covers more")
    return _lists("user", users) + _lists("geo", codes)


def _audiences(allows: list[Rule], losses: _Losses) -> tuple[RslTerms, ...]:
    """Who may, where every rule says who."""
    if not allows or not all(rule.to and Audience.ANYONE not in rule.to for rule in allows):
        for rule in allows:
            if rule.to and Audience.ANYONE not in rule.to:
                losses.add("to: another rule is for anyone", rule)
        return ()
    audiences = frozenset[Audience]().union(*(rule.to for rule in allows))
    for audience in sorted(audiences - set(_TO_USERS)):
        losses.add(f"to: RSL has no word for {audience}")
    if len(audiences & {Audience.COMMUNITY, Audience.NONPROFIT}) == 1:
        losses.add("to: community and nonprofit are one word, non-commercial")
    if len({rule.to for rule in allows}) > 1:
        losses.add("to: audiences of all rules are said together")
    return _lists("user", {_TO_USERS[audience] for audience in audiences & set(_TO_USERS)})


def _geo(allows: list[Rule], losses: _Losses) -> tuple[RslTerms, ...]:
    lists = [frozenset(rule.when.territory) for rule in allows if rule.when.territory]
    if not lists:
        return ()
    codes = lists[0].intersection(*lists[1:])
    if len(lists) < len(allows) or len(set(lists)) > 1:
        losses.add("when: territory differs by rule; only what all have in common is said")
    if not codes:
        losses.add("when: territory: the rules have none in common, so none is said")
    return _lists("geo", codes)


def _lists(kind: str, tokens: Iterable[str]) -> tuple[RslTerms, ...]:
    found = tuple(sorted(tokens))
    return (RslTerms(kind=kind, tokens=found),) if found else ()


def _payment(policy: Policy, allows: list[Rule]) -> RslPayment | None:
    licence = known(policy.licence) if policy.licence else None
    standards = (licence.url,) if licence is not None and licence.url is not None else ()
    credited = [*(duty.name for rule in allows for duty in rule.duties if not duty.requested)]
    credited += [duty.name for duty in licence.duties] if licence is not None else []
    if _ATTRIBUTION & set(credited):
        return RslPayment(kind="attribution", standards=standards)
    return RslPayment(kind="free", standards=standards) if standards else None
