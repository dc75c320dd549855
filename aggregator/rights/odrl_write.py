"""Policy → ODRL 2.2 as JSON-LD, in our profile. Nothing that a policy holds is lost but where it was written.

Who may: assignees. What: `odrl:distribute`, refined by form. Where, when and the limits: constraints, so that a reader
who does not know one of them cannot take the permission for wider than it is. What must be asked for is a permission
with the duty `odrl:obtainConsent`. Deny beats allow: the conflict strategy is `prohibit`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from aggregator.model.odrl import XSD
from aggregator.model.policy import Duty, Effect, Limit, Param, Policy, Rule, When
from aggregator.rights.odrl_terms import (
    ISO_COUNTRY,
    MEASURES,
    NS,
    ODRL_CONTEXT,
    PARAMS,
    PREFIX,
    PROFILE,
    VCARD,
    Kind,
)

Json = dict[str, Any]


def to_odrl(policy: Policy) -> tuple[Json, tuple[str, ...]]:
    """The policy as a JSON-LD document (an ODRL Offer), and what of it could not be said.

    Its `uid` is made from its content: a policy that says something else is another one.
    """
    losses: list[str] = []
    body = _Writer(losses).policy(policy)
    digest = uuid.uuid5(uuid.UUID(PROFILE.removeprefix("urn:uuid:")), json.dumps(body, sort_keys=True))
    document = _renamed(body, f"urn:uuid:{digest}")
    return document, tuple(dict.fromkeys(losses))


_SELF = "_SELF_"


def _renamed(value: Any, uid: str) -> Any:
    """With the policy's name wherever a uid or reference within it stands. Texts of the publisher are left alone."""
    if isinstance(value, dict):
        return {
            key: uid + inner.removeprefix(_SELF)
            if key in {"uid", "@id"} and isinstance(inner, str) and inner.startswith(_SELF)
            else _renamed(inner, uid)
            for key, inner in value.items()
        }
    return [_renamed(inner, uid) for inner in value] if isinstance(value, list) else value


def _name(kind: Kind, name: str) -> str:
    return f"{PREFIX}:{name if kind is Kind.PROPERTY else f'{kind}-{name}'}"


def _ref(kind: Kind, name: str) -> Json:
    return {"@id": _name(kind, name)}


def _own(name: str) -> str:
    return _name(Kind.PROPERTY, name)


def _list(values: Iterable[Any]) -> Json:
    return {"@list": list(values)}


def _refs(kind: Kind, names: Iterable[str]) -> list[Json]:
    return [_ref(kind, name) for name in sorted(names)]


def _day(value: date) -> Json:
    return {"@type": "xsd:date", "@value": value.isoformat()}


def duration(span: timedelta) -> str:
    """As xsd:duration: `P90D`, `P1DT30S`."""
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    seconds = f"{span.seconds}" + (f".{span.microseconds:06d}" if span.microseconds else "")
    time = f"T{seconds}S" if span.seconds or span.microseconds else ""
    return f"{sign}P{span.days}D{time}"


def _span(value: timedelta) -> Json:
    return {"@type": "xsd:duration", "@value": duration(value)}


def _param(value: Param) -> Any:
    if isinstance(value, tuple):
        return _list(value)
    if isinstance(value, float):
        return {"@type": "xsd:double", "@value": repr(value)}
    return value


def _constraint(left: str, operator: str, right: Any) -> Json:
    return {"@type": "Constraint", "leftOperand": left, "operator": operator, "rightOperand": right}


def _any_of(left: str, values: Iterable[Any]) -> Json:
    return _constraint(left, "isAnyOf", _list(values))


class _Writer:
    """One export, with the list of what it could not say."""

    def __init__(self, losses: list[str]) -> None:
        self.losses = losses

    def policy(self, policy: Policy) -> Json:
        permissions: list[Json] = []
        prohibitions: list[Json] = []
        for position, rule in enumerate(policy.rules, start=1):
            (prohibitions if rule.effect is Effect.DENY else permissions).append(self._rule(rule, position))
        terms = policy.terms
        facts = {
            "id": policy.id,
            "terms-url": terms.url,
            "terms-read": None if terms.read is None else _day(terms.read),
            "terms-review-every": None if terms.review_every is None else _span(terms.review_every),
            "terms-evidence": terms.evidence or None,
            "licence": policy.licence,
            "waive": sorted(policy.waive) or None,
            "third-party": _ref(Kind.VALUE, policy.third_party),
            "images": _ref(Kind.VALUE, policy.images.rule),
            "image-credits": _list(policy.images.credits) if policy.images.credits else None,
            "default": _ref(Kind.VALUE, policy.default),
            "trust-entry-licence": policy.trust_entry_licence,
        }
        document: Json = {
            "@context": [ODRL_CONTEXT, {PREFIX: NS, "vcard": VCARD, "xsd": XSD}],
            "@type": "Offer",
            "uid": _SELF,
            "profile": PROFILE,
            "conflict": "prohibit",
            "assigner": self._publisher(policy),
            # One collection stands for all that the publisher's feed carries: rules narrow it by constraints.
            "target": {"@type": "AssetCollection", "uid": f"{_SELF}#articles"},
            **{_own(name): value for name, value in facts.items() if value is not None},
        }
        return document | {
            key: rules for key, rules in (("permission", permissions), ("prohibition", prohibitions)) if rules
        }

    def _publisher(self, policy: Policy) -> Json:
        publisher = policy.publisher
        facts = {
            "url": publisher.url,
            "domains": _list(publisher.domains) if publisher.domains else None,
            "aliases": _list(publisher.aliases) if publisher.aliases else None,
            "contact": policy.contact,
        }
        return {
            "@type": ["Party", "vcard:Organization"],
            "uid": f"{_SELF}#publisher",
            "vcard:fn": publisher.name,
            **{_own(name): value for name, value in facts.items() if value is not None},
        }

    def _rule(self, rule: Rule, position: int) -> Json:
        denies = rule.effect is Effect.DENY
        duties = [self._duty(duty, rule, place) for place, duty in enumerate(rule.duties, start=1)]
        limits = [self._limit(limit, rule, place) for place, limit in enumerate(rule.limits, start=1)]
        constraints = list(_conditions(rule.when))
        if rule.media:
            constraints.insert(0, _any_of("media", _refs(Kind.MEDIUM, rule.media)))
        if rule.effect is Effect.ASK:
            duties.append(
                {"@type": "Duty", "action": "obtainConsent", "consentingParty": {"@id": f"{_SELF}#publisher"}}
            )
        written: Json = {
            "@type": "Prohibition" if denies else "Permission",
            "uid": f"{_SELF}#rule-{position}",
            _own("position"): position,
            "action": {
                "rdf:value": {"@id": "odrl:distribute"},
                "refinement": _any_of(_name(Kind.WHEN, "form"), _refs(Kind.FORM, rule.forms)),
            },
            "assignee": _refs(Kind.AUDIENCE, rule.to),
            # A prohibition that is constrained is narrower, so a limit or duty must not stand there as one.
            "constraint": constraints + ([] if denies else limits),
            _own("idle-limit"): limits if denies else [],
            _own("idle-duty") if denies else "duty": duties,
            _own("waive"): sorted(rule.waive),
        }
        return {key: value for key, value in written.items() if value != []}

    def _scope(self, term: Duty | Limit, position: int | None) -> Json:
        written: Json = {
            _own("position"): position,
            _own("in-medium"): _refs(Kind.MEDIUM, term.media) or None,
            _own("of-component"): sorted(term.components) or None,
            _own("requested"): True if term.requested else None,
        }
        return {key: value for key, value in written.items() if value is not None}

    def _params(self, term: Duty | Limit, rule: Rule, without: str | None = None) -> Iterator[tuple[str, Any]]:
        for name, value in term.params:
            if name not in PARAMS:
                self.losses.append(f"{rule.key}: parameter '{name}' of {term.name} is not in the profile; left out")
            elif name != without:
                yield _name(Kind.PARAM, name), _param(value)

    def _alternatives(self, term: Duty | Limit, rule: Rule) -> None:
        """A group has the name of its first alternative and no parameters; anything else cannot be said."""
        if term.any_of and (term.name is not term.any_of[0].name or term.params):
            self.losses.append(
                f"{rule.key}: '{term.name}' stands over alternatives that start with '{term.any_of[0].name}'; "
                "only the alternatives are kept"
            )

    def _duty(self, duty: Duty, rule: Rule, position: int | None = None) -> Json:
        self._alternatives(duty, rule)
        written: Json = {"@type": "Duty", **self._scope(duty, position)}
        if duty.any_of:
            # ODRL has no choice between duties: who does not know ours reads the first alternative as required.
            written["action"] = _name(Kind.DUTY, duty.any_of[0].name)
            written[_own("alternatives")] = _list(self._duty(inner, rule) for inner in duty.any_of)
            return written
        refinements = [_constraint(name, "eq", value) for name, value in self._params(duty, rule)]
        if not refinements:
            return written | {"action": _name(Kind.DUTY, duty.name)}
        value = {"rdf:value": _ref(Kind.DUTY, duty.name), "refinement": refinements}
        return written | {"action": value}

    def _limit(self, limit: Limit, rule: Rule, position: int | None = None) -> Json:
        self._alternatives(limit, rule)
        scope = self._scope(limit, position)
        if limit.any_of:
            return {
                "@type": "LogicalConstraint",
                "or": _list(self._limit(inner, rule) for inner in limit.any_of),
                **scope,
            }
        left = _name(Kind.LIMIT, limit.name)
        measure = MEASURES.get(limit.name)
        most = None if measure is None else limit.param(measure)
        if isinstance(most, int | float):
            written = _constraint(left, "lteq", _param(most))
        else:
            written, measure = _constraint(left, "eq", True), None
        return written | scope | dict(self._params(limit, rule, without=measure))


def _conditions(when: When) -> Iterator[Json]:
    """The constraints of a rule: core words where the core has them."""
    for name in ("category", "author", "url", "marker"):
        values: tuple[str, ...] = getattr(when, name)
        if values:
            yield _any_of(_name(Kind.WHEN, name), values)
    if when.language:
        yield _any_of("language", when.language)
    if when.territory:
        yield _any_of("spatial", (_country(code) for code in when.territory))
    if when.embargo is not None:
        yield _constraint("delayPeriod", "gteq", _span(when.embargo))
    if when.window is not None:
        yield _constraint("elapsedTime", "lteq", _span(when.window))
    if when.since is not None:
        yield _constraint(_name(Kind.WHEN, "published"), "gteq", _day(when.since))
    if when.until is not None:
        yield _constraint(_name(Kind.WHEN, "published"), "lteq", _day(when.until))
    if when.other:
        yield _constraint(_name(Kind.WHEN, "other"), "isAllOf", _list(when.other))


def _country(code: str) -> Json | str:
    usual = len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()
    return {"@id": ISO_COUNTRY + code} if usual else code
