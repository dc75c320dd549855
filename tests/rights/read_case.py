"""A decision case as an operator writes it → model values. Short on purpose: the program's own reader is in config."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.model.decision import Decision, Question
from aggregator.model.entry import Component, ComponentKind, Notice
from aggregator.model.origin import Origin
from aggregator.model.policy import (
    Duty,
    Effect,
    Grant,
    ImageRule,
    Images,
    Limit,
    Policy,
    Rule,
    ThirdParty,
    UnknownPolicy,
    When,
)
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights import Policies
from aggregator.rights.foresee import foresee
from tests.build import (
    ALL_DUTIES,
    NOW,
    a_duty,
    a_grant,
    a_limit,
    a_notice,
    a_policy,
    a_publisher,
    a_question,
    a_rule,
    a_stored,
    a_use,
    an_entry,
    an_origin,
)
from tests.tables import table

UNITS = {"h": "hours", "d": "days", "m": "minutes"}


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    question: Question
    policies: tuple[Policy, ...]
    unknown: UnknownPolicy
    grants: tuple[Grant, ...]
    expect: dict[str, Any]


def duration(text: Any) -> timedelta:
    """`36h`, `{hours: 36}`."""
    if isinstance(text, dict):
        return timedelta(**text)
    match = re.fullmatch(r"(\d+)([hdm])", str(text))
    assert match, f"not a duration: {text}"
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def instant(text: Any) -> datetime:
    """An ISO date, or what lies before (`-3d`) or after (`+12h`) the tests' now."""
    text = str(text)
    if text[0] in "+-":
        return NOW + duration(text[1:]) * (1 if text[0] == "+" else -1)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def term(written: Any, build: Any) -> Any:
    """A duty or a limit in any of its spellings (ruling 5)."""
    if isinstance(written, str):
        return build(written)
    written = dict(written)
    scope = {
        "media": frozenset(map(Medium, listed(written.pop("medium", [])))),
        "components": frozenset(listed(written.pop("component", []))),
    }
    ((name, value),) = written.items()
    if name == "any_of":
        choices = [term(one, build) for one in value]
        return replace(build(choices[0].name, any_of=choices), **scope)
    if name == "requested":
        return replace(term(value, build), requested=True, **scope)
    if name == "other":
        return replace(build("other", text=value), **scope)
    params = {key: tuple(one) if isinstance(one, list) else one for key, one in (value or {}).items()}
    return replace(build(name, **params), **scope)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def when(written: dict[str, Any]) -> When:
    facts: dict[str, Any] = {}
    for key, value in written.items():
        if key in ("embargo", "window"):
            facts[key] = duration(value)
        elif key in ("since", "until"):
            facts[key] = value if isinstance(value, date) else date.fromisoformat(value)
        else:
            facts[key] = tuple(listed(value))
    return When(**facts)


def rule(written: dict[str, Any]) -> Rule:
    effect = next(effect for effect in Effect if effect.value in written)
    return a_rule(
        effect,
        *listed(written[effect.value]),
        to=listed(written.get("to", [])),
        media=listed(written.get("in", [])),
        when=when(written.get("when", {})),
        duties=[term(one, a_duty) for one in written.get("duties", [])],
        limits=[term(one, a_limit) for one in written.get("limits", [])],
        waive=written.get("waive", []),
    )


def policy(written: dict[str, Any]) -> Policy:
    facts = dict(written)
    id_ = facts.pop("id")
    publisher = {"name": id_.capitalize(), "domains": [f"{id_}.example"], "url": f"https://{id_}.example/"}
    publisher |= facts.pop("publisher", {})
    for name in ("domains", "aliases"):
        publisher[name] = tuple(publisher.get(name, ()))
    given: dict[str, Any] = {"id": id_, "publisher": a_publisher(**publisher), "contact": f"desk@{id_}.example"}
    images = facts.pop("images", "same")
    if isinstance(images, dict):
        given["images"] = Images(rule=ImageRule.OWN_CREDIT, credits=tuple(images["own_credit"]))
    else:
        given["images"] = Images(rule=ImageRule(images))
    given["third_party"] = ThirdParty(facts.pop("third_party", "ask"))
    given["default"] = Effect(facts.pop("default", "ask"))
    given["waive"] = frozenset(facts.pop("waive", ()))
    rules = [rule(one) for one in facts.pop("rules", [])]
    return a_policy(*rules, **(given | facts))


def origin(written: dict[str, Any]) -> Origin:
    facts = dict(written)
    sure = not facts.pop("unsure", False)
    if "feed" in facts:
        facts["feed_url"] = facts.pop("feed")
    return an_origin(facts.pop("name", None), sure=sure, **facts)


def notice(written: dict[str, Any]) -> Notice:
    facts = dict(written)
    level = facts.pop("at", "entry")
    ((kind, value),) = facts.items()
    return a_notice(kind, str(value), level)


def component(number: int, written: dict[str, Any] | None) -> Component:
    facts = dict(written or {})
    kind = ComponentKind(facts.pop("kind", "image"))
    return Component(kind=kind, url=f"https://herald.example/{number}.{kind}", **facts)


def question(written: dict[str, Any]) -> Question:
    entry = dict(written.get("entry", {}))
    stored: dict[str, Any] = {}
    for name in ("first_seen", "earliest"):
        if name in entry:
            value = entry.pop(name)
            stored[f"{name}_at"] = None if value is None else instant(value)
    if "published" in entry:
        value = entry.pop("published")
        entry["published_at"] = None if value is None else instant(value)
    images = entry.pop("images", [entry.pop("image")] if "image" in entry else [])
    text = entry.pop("text", None)
    source = entry.get("source", written.get("policy", {}).get("id", "herald"))
    facts = {
        "source": source,
        "components": tuple(component(number, one) for number, one in enumerate(images)),
        "origins": tuple(map(origin, entry.pop("origins", []))),
        "notices": tuple(map(notice, entry.pop("notices", []))),
        "categories": tuple(entry.pop("categories", [])),
    }
    if "summary" in entry:
        facts["has_summary"] = entry.pop("summary")
    use = dict(written.get("use", {}))
    can = frozenset(use.pop("can")) if "can" in use else ALL_DUTIES - frozenset(use.pop("cannot", []))
    use["territory"] = frozenset(use.get("territory", []))
    forms = [use.pop("form", "full"), *use.pop("fallback", [])]
    return a_question(
        a_stored(an_entry(**(entry | facts)), **stored),
        a_use(*forms, can_discharge=can, **use),
        policy=written["policy"]["id"] if "policy" in written else None,
        text=text,
        at=instant(written.get("at", "+0h")),
        approved=written.get("approved", False),
        told=written.get("told", False),
        released_at=instant(written["released"]) if "released" in written else None,
        shares=tuple((period, float(share)) for period, share in written.get("shares", {}).items()),
    )


def grant(written: dict[str, Any]) -> Grant:
    facts = dict(written)
    for name in ("waive", "lift"):
        facts[name] = frozenset(facts.get(name, []))
    facts["forms"] = frozenset(map(Form, facts.get("forms", [])))
    facts["to"] = frozenset(map(Audience, facts.get("to", [])))
    facts["media"] = frozenset(map(Medium, facts.pop("in", [])))
    facts["outputs"] = tuple(facts.get("outputs", []))
    if "effect" in facts:
        facts["effect"] = Effect(facts["effect"])
    if facts.get("entry") == "this":
        facts["entry"] = an_entry().key
    if "revoked" in facts:
        facts["revoked_at"] = instant(facts.pop("revoked"))
    return a_grant(**facts)


def cases(path: Path) -> list[Case]:
    """The cases of a file: one, or under `cases` several that share what stands above."""
    written = table(path.read_text(encoding="utf-8"))
    found = []
    for number, part in enumerate(written.pop("cases", [{}]), 1):
        whole = written | {
            key: written[key] | value if key != "expect" and isinstance(written.get(key), dict) else value
            for key, value in part.items()
        }
        policies = [
            policy(one) for one in [*([whole["policy"]] if "policy" in whole else []), *whole.get("others", [])]
        ]
        unknown = UnknownPolicy(whole.get("unknown_policy", "hold"))
        grants = tuple(map(grant, whole.get("grants", [])))
        name = f"{path.stem}-{number}" if number > 1 or "use" in part or "entry" in part else path.stem
        found.append(Case(name, whole["about"], question(whole), tuple(policies), unknown, grants, whole["expect"]))
    return found


def told(decision: Decision, case: Case, asked: set[str]) -> dict[str, Any]:
    """What a decision says of what a case expects, in the case's words."""
    kinds = {one.url: one.kind.value for one in case.question.stored.entry.components}
    end = decision.valid_until

    def names(terms: tuple[Duty | Limit, ...]) -> list[str]:
        return sorted({one.name.value for one in terms})

    holds = [
        {
            "kind": hold.kind.value,
            "publisher": hold.publisher,
            "contact": hold.contact,
            "effect": hold.effect.value,
            "rule": hold.rule,
        }
        for hold in decision.holds
    ]
    wanted = case.expect.get("holds", [])
    later = foresee(case.question, Policies(case.policies, case.unknown), case.grants, decision)
    found: dict[str, Any] = {
        "later": None if later is None else {"at": later.at.isoformat(), "form": later.decision.form.value},
        "outcome": decision.outcome.value,
        "form": decision.form.value,
        "reason": decision.reason.value,
        "duties": names(decision.duties),
        "limits": names(decision.limits),
        "removed": [kinds[url] for url in decision.removed],
        "kept": len(kinds) - len(decision.removed),
        "relied_on": list(decision.relied_on),
        "held_by": list(decision.held_by),
        "missing": list(decision.missing),
        "contact": decision.contact,
        "hops": [hop.name for hop in decision.hops],
        "valid_until": None if end is None else end.isoformat(),
        "valid_from": None if decision.valid_from is None else decision.valid_from.isoformat(),
        "holds": [
            {key: value for key, value in hold.items() if number >= len(wanted) or key in wanted[number]}
            for number, hold in enumerate(holds)
        ],
    }
    return {key: value for key, value in found.items() if key in asked}


def expected(case: Case) -> dict[str, Any]:
    expect = dict(case.expect)
    for name in ("valid_until", "valid_from"):
        if expect.get(name) is not None:
            expect[name] = instant(expect[name]).isoformat()
    if expect.get("later") is not None:
        expect["later"] = {**expect["later"], "at": instant(expect["later"]["at"]).isoformat()}
    for name in ("duties", "limits"):
        if name in expect:
            expect[name] = sorted(expect[name])
    return expect
