"""A policy goes out as ODRL and comes back the same; what is not ours is never read as more than it says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from aggregator.config.load import load
from aggregator.intake.odrl_context import CONTEXT
from aggregator.intake.odrl_read import read_odrl
from aggregator.model.odrl import Ref, Statements
from aggregator.model.policy import (
    Duty,
    DutyName,
    Effect,
    ImageRule,
    Images,
    Limit,
    LimitName,
    Policy,
    Publisher,
    Rule,
    Terms,
    ThirdParty,
    When,
)
from aggregator.model.use import Ads, Audience, Form, Medium
from aggregator.rights.decide import decide
from aggregator.rights.odrl import from_odrl, policies_in, to_odrl
from aggregator.rights.odrl_terms import BY_IRI, NS, PROFILE, TERMS
from aggregator.rights.odrl_values import flat
from aggregator.rights.policies import Policies
from tests.build import a_publisher, a_question, a_use

ROOT = Path(__file__).parents[2]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
LINES = st.lists(TEXTS, max_size=3).map(tuple)
SPANS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4_000))
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1))


def params(**kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
    return st.fixed_dictionaries({}, optional=kinds).map(lambda found: tuple(sorted(found.items())))


def some(kind: Any) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(list(kind)), max_size=3)


NUMBERS = st.one_of(st.integers(1, 10_000), st.floats(0.5, 1e6))
PARAMS = params(
    text=TEXTS, slot=TEXTS, target=TEXTS, url=TEXTS, contact=TEXTS, days=NUMBERS, n=NUMBERS, unit=TEXTS,
    credit=LINES, percent=NUMBERS, period=TEXTS, when=TEXTS, **{"except": LINES},
)  # fmt: skip


def terms(kind: Any, names: Any) -> st.SearchStrategy[Any]:
    """Duties or limits: every name, any parameters, scopes, and groups of alternatives."""
    scopes = {
        "media": some(Medium),
        "components": st.frozensets(st.sampled_from(["text", "image", "media"])),
        "requested": st.booleans(),
    }
    plain = st.builds(kind, name=st.sampled_from(list(names)), params=PARAMS, **scopes)
    group = st.builds(
        lambda choices, facts: kind(name=choices[0].name, any_of=tuple(choices), **facts),
        st.lists(plain, min_size=2, max_size=3),
        st.fixed_dictionaries(scopes),
    )
    return st.one_of(plain, plain, group)


RULES = st.builds(
    Rule,
    key=st.just(""),
    effect=st.sampled_from(Effect),
    forms=st.frozensets(st.sampled_from(Form), min_size=1),
    to=some(Audience),
    media=some(Medium),
    when=st.builds(
        When,
        category=LINES, author=LINES, language=LINES, url=LINES, marker=LINES, other=LINES,
        territory=st.lists(st.sampled_from(["DE", "FR", "US"]), max_size=2).map(tuple),
        embargo=st.none() | SPANS, window=st.none() | SPANS, since=st.none() | DAYS, until=st.none() | DAYS,
    ),
    duties=st.lists(terms(Duty, DutyName), max_size=3).map(tuple),
    limits=st.lists(terms(Limit, LimitName), max_size=3).map(tuple),
    waive=some(["credit-author", "no-ads", "non-commercial"]),
)  # fmt: skip
POLICIES = st.builds(
    Policy,
    id=st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True),
    publisher=st.builds(Publisher, name=TEXTS, url=st.none() | TEXTS, domains=LINES, aliases=LINES),
    contact=st.none() | TEXTS,
    terms=st.builds(
        Terms,
        url=st.none() | TEXTS,
        read=st.none() | DAYS,
        review_every=st.none() | SPANS,
        evidence=st.just("") | TEXTS,
    ),
    licence=st.none() | TEXTS,
    rules=st.lists(RULES, max_size=4).map(tuple),
    waive=some(["credit-author", "no-edits"]),
    third_party=st.sampled_from(ThirdParty),
    images=st.builds(Images, rule=st.sampled_from(ImageRule), credits=LINES),
    default=st.sampled_from([Effect.ASK, Effect.DENY]),
    trust_entry_licence=st.booleans(),
)


def unplaced(policy: Policy) -> Policy:
    """Without the places where it was written, with the keys that its rules would have."""
    rules = tuple(replace(rule, key=f"{policy.id}:{n}", where="") for n, rule in enumerate(policy.rules, 1))
    return replace(policy, where="", rules=rules)


def read(document: Any, media_type: str | None = None) -> Statements:
    data = document.encode() if isinstance(document, str) else json.dumps(document).encode()
    statements, warnings = read_odrl(data, media_type)
    assert statements is not None, warnings
    return statements


def offer(*rules: dict[str, Any], **facts: Any) -> Any:
    """Somebody else's offer about `https://x.example/a`."""
    by_kind: dict[str, list[Any]] = {"permission": [], "prohibition": [], "obligation": []}
    for rule in rules:
        by_kind[next(iter(rule))].append(next(iter(rule.values())))
    return {
        "@context": "http://www.w3.org/ns/odrl.jsonld",
        "@type": "Offer",
        "uid": "https://x.example/policy",
        "target": "https://x.example/a",
        "assigner": {
            "uid": "https://x.example/",
            "http://www.w3.org/2006/vcard/ns#fn": "X News",
            "http://www.w3.org/2006/vcard/ns#hasEmail": {"@id": "mailto:desk@x.example"},
        },
        **{kind: rules for kind, rules in by_kind.items() if rules},
        **facts,
    }


def proposed(*rules: dict[str, Any], **facts: Any) -> tuple[Policy, tuple[str, ...]]:
    policy, notes = from_odrl(read(offer(*rules, **facts)), articles={"https://x.example/a"})
    assert policy is not None
    return policy, notes


def permits(action: Any = "distribute", **facts: Any) -> dict[str, Any]:
    return {"permission": {"action": action, **facts}}


def prohibits(action: Any = "distribute", **facts: Any) -> dict[str, Any]:
    return {"prohibition": {"action": action, **facts}}


def only(left: str, operator: str, right: Any, **more: Any) -> dict[str, Any]:
    return {"leftOperand": left, "operator": operator, "rightOperand": right, **more}


def allows(policy: Policy) -> list[Rule]:
    return [rule for rule in policy.rules if rule.effect is Effect.ALLOW and not rule.when.other]


# ── out and in again ─────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=20, deadline=None)
@given(POLICIES)
def test_a_policy_comes_back_as_it_went_out(policy: Policy) -> None:
    document, losses = to_odrl(policy)
    found, notes = from_odrl(read(document))
    assert (found, losses, notes) == (unplaced(policy), (), ())


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize("syntax", ["json-ld", "turtle"])
def test_the_samples_come_back_from_json_ld_and_turtle(syntax: str) -> None:
    """Turtle as another program would write it: the document says in RDF what it says in JSON."""
    for policy in load(ROOT / "config").policies:
        document, losses = to_odrl(policy)
        statements = read(document)
        if syntax == "turtle":
            graph = Graph().parse(
                data=json.dumps(document | {"@context": [CONTEXT, document["@context"][1]]}), format="json-ld"
            )
            statements = read(graph.serialize(format="turtle"), "text/turtle; charset=utf-8")
        assert (from_odrl(statements), losses) == ((unplaced(policy), ()), ())


def test_an_export_names_profile_strategy_and_a_uid_of_its_content() -> None:
    policy = load(ROOT / "config").policies[0]
    document, _ = to_odrl(policy)
    assert (document["profile"], document["conflict"], document["@type"]) == (PROFILE, "prohibit", "Offer")
    assert to_odrl(replace(policy, where="elsewhere:1"))[0]["uid"] == document["uid"]
    assert to_odrl(replace(policy, contact="other@example.org"))[0]["uid"] != document["uid"]


def test_what_the_profile_cannot_say_is_listed() -> None:
    duty = Duty(name=DutyName.CREDIT_LINE, params=(("colour", "red"), ("text", "By us")))
    group = Duty(name=DutyName.LOGO, any_of=(Duty(name=DutyName.CREDIT_SOURCE), Duty(name=DutyName.END_NOTE)))
    rule = Rule(key="p:1", effect=Effect.ALLOW, forms=frozenset(Form), duties=(duty, group))
    _, losses = to_odrl(Policy(id="p", publisher=Publisher(name="P"), rules=(rule,)))
    assert losses == (
        "p:1: parameter 'colour' of credit-line is not in the profile; left out",
        "p:1: 'logo' stands over alternatives that start with 'credit-source'; only the alternatives are kept",
    )


def test_every_word_that_an_export_uses_is_in_the_profile() -> None:
    used = set()
    for policy in load(ROOT / "config").policies:
        for name, node in read(to_odrl(policy)[0]).nodes.items():
            used |= {iri for iri in (name, *node) if iri.startswith(NS)}
            named = [value.iri for values in node.values() for value in flat(values) if isinstance(value, Ref)]
            used |= {iri for iri in named if iri.startswith(NS)}
    assert used <= set(BY_IRI)
    assert len(BY_IRI) == len(TERMS)


def test_a_stranger_reads_no_permission_wider_than_it_is() -> None:
    """Without our profile, every rule of ours has a condition that is not understood."""
    for policy in load(ROOT / "config").policies:
        document = json.loads(json.dumps(to_odrl(policy)[0]).replace(NS, "urn:somebody-else#"))
        document.pop("profile")
        found, _ = from_odrl(read(document))
        assert found is not None
        assert allows(found) == []


# ── other people's policies ──────────────────────────────────────────────────────────────────────────────────────


def test_core_words_become_a_proposal() -> None:
    policy, notes = proposed(
        permits(
            ["distribute", "extract"],
            duty=[{"action": "attribute"}, {"action": "http://creativecommons.org/ns#Notice"}],
            constraint=[
                only("media", "eq", "electronic"),
                only("delayPeriod", "gteq", {"@value": "P1D", "@type": "http://www.w3.org/2001/XMLSchema#duration"}),
                only("elapsedTime", "lteq", "P3M"),
                only("spatial", "isAnyOf", ["DE", "FR"]),
                only("language", "eq", "en"),
                only("recipient", "eq", "nonprofit"),
            ],
        ),
        permits("print", duty={"action": "obtainConsent"}),
    )
    assert policy.publisher == Publisher(name="X News", url="https://x.example/")
    assert (policy.id, policy.contact, policy.default) == ("x-news", "desk@x.example", Effect.ASK)
    first, second = policy.rules
    assert (first.effect, first.forms, first.media) == (
        Effect.ALLOW, frozenset({Form.FULL, Form.EXCERPT}), frozenset({Medium.WEB}),
    )  # fmt: skip
    assert [duty.name for duty in first.duties] == [DutyName.CREDIT_SOURCE, DutyName.COPYRIGHT_NOTICE]
    assert first.to == {Audience.NONPROFIT}
    when = first.when
    assert (when.embargo, when.window) == (timedelta(days=1), timedelta(days=84)), "months are read the strict way"
    assert (set(when.territory), when.language, when.other) == ({"DE", "FR"}, ("en",), ())
    assert (second.effect, second.media) == (Effect.ASK, frozenset({Medium.PRINT}))
    assert notes == ("ODRL: obtainConsent before print: a person must see to it",)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (permits(constraint=only("dateTime", "lt", "2027-01-01")), "dateTime lt 2027-01-01"),
        (permits(constraint=only("event", "lt", "policyUsage")), "event lt policyUsage"),
        (permits(constraint=only("https://y.example/mood", "eq", "good")), "https://y.example/mood eq good"),
        (permits(constraint=only("media", "eq", "hologram")), "media eq hologram"),
        (permits(constraint=only("media", "gt", "print")), "media gt print"),
        (permits(constraint=only("spatial", "eq", "Atlantis")), "spatial eq Atlantis"),
        (permits(constraint=only("elapsedTime", "lteq", "soon")), "elapsedTime lteq soon"),
        (permits(constraint=only("elapsedTime", "gteq", "P1D")), "elapsedTime gteq P1D"),
        (permits(constraint=only("percentage", "lteq", 0)), "percentage lteq 0"),
        (permits(constraint={"leftOperand": "media"}), "a broken constraint"),
        (permits(constraint={"xone": [only("media", "eq", "web")]}), "xone of media eq web"),
        (permits({"rdf:value": {"@id": "odrl:distribute"}, "refinement": only("resolution", "lt", 9)}), "resolution"),
        (permits("extract"), "does not say that the extract may be published"),
        (permits(assignee="https://y.example/members"), "only for https://y.example/members"),
        (permits(target={"uid": "https://x.example/b", "@type": "AssetCollection"}), "only of https://x.example/b"),
        (permits(target="https://x.example/*"), "only of https://x.example/*"),
        ({"permission": {}}, "does not say what may"),
    ],
)  # fmt: skip
def test_a_condition_that_is_not_understood_keeps_a_permission_from_speaking(rule: Any, says: str) -> None:
    policy, _ = proposed(rule)
    assert allows(policy) == []
    assert says in " ".join(text for rule in policy.rules for text in rule.when.other)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"inheritFrom": "https://x.example/parent"}, "inherits from 'https://x.example/parent'"),
        ({"profile": "https://y.example/profile"}, "profile 'https://y.example/profile', which is not known"),
        ({"@type": "Ticket"}, "it is a Ticket"),
    ],
)
def test_a_policy_that_is_not_whole_by_itself_allows_nothing(facts: Any, says: str) -> None:
    policy, notes = proposed(permits(), **facts)
    assert allows(policy) == []
    assert says in " ".join(notes)


def test_prohibitions_deny_or_bind() -> None:
    policy, notes = proposed(
        permits(),
        prohibits("translate"),
        prohibits("sell"),
        prohibits("http://creativecommons.org/ns#DerivativeWorks"),
        prohibits("https://y.example/shred"),
        prohibits("play"),
        prohibits("print"),
        conflict="prohibit",
    )
    (allowed,) = [rule for rule in policy.rules if rule.effect is Effect.ALLOW]
    assert {limit.name for limit in allowed.limits} == {
        LimitName.NO_TRANSLATION, LimitName.NO_RESALE, LimitName.NO_EDITS, LimitName.OTHER,
    }  # fmt: skip
    assert [(rule.forms, rule.media) for rule in policy.rules if rule.effect is Effect.DENY] == [
        (frozenset(Form), frozenset({Medium.PRINT}))
    ]
    assert "play" in " ".join(notes)


def test_commerce_is_more_than_who() -> None:
    policy, _ = proposed(permits(), prohibits("http://creativecommons.org/ns#CommercialUse"), conflict="prohibit")
    allowed, denied = sorted(policy.rules, key=lambda rule: rule.effect)
    assert {limit.name.value for limit in allowed.limits} == {"no-ads", "no-paywall", "no-resale"}
    assert (denied.forms, denied.to) == (frozenset(Form), frozenset({Audience.COMMERCIAL}))
    policy, _ = proposed(permits(constraint=only("purpose", "neq", "commercial")))
    assert {limit.name.value for limit in policy.rules[0].limits} == {"no-ads", "no-paywall", "no-resale"}
    assert Audience.COMMERCIAL not in policy.rules[0].to


@pytest.mark.parametrize("left", ["percentage", f"{NS}when-form"])
def test_a_part_of_what_is_not_published_is_not_published(left: str) -> None:
    """Found by the law below: to translate a fifth was read as to publish a fifth."""
    right = 20 if left == "percentage" else [{"@id": f"{NS}form-full"}]
    operator = "lteq" if left == "percentage" else "isAnyOf"
    policy, _ = proposed(permits("translate", constraint=only(left, operator, right)), profile=PROFILE)
    assert policy.rules == ()


def test_a_share_of_an_article_is_an_excerpt() -> None:
    policy, _ = proposed(permits(constraint=only("percentage", "lt", 25)))
    (rule,) = policy.rules
    assert rule.forms == {Form.EXCERPT}
    assert rule.limits == (Limit(name=LimitName.EXCERPT_MAX, params=(("n", 24), ("unit", "percent"))),)


@pytest.mark.parametrize(
    ("duty", "comes_to"),
    [
        ({"action": "attribute"}, [Duty(name=DutyName.CREDIT_SOURCE)]),
        ({"action": "attribute", "attributedParty": "https://y.example/"}, [DutyName.OTHER]),
        ({"action": "http://creativecommons.org/ns#Attribution"}, [DutyName.CREDIT_SOURCE, DutyName.CREDIT_AUTHOR]),
        ({"action": "http://creativecommons.org/ns#ShareAlike"}, [DutyName.SHARE_ALIKE]),
        ({"action": "inform"},
         [Duty(name=DutyName.NOTIFY, params=(("contact", "desk@x.example"), ("when", "before")))]),
        ({"action": "inform", "constraint": only("dateTime", "lt", "2027-01-01")}, [DutyName.OTHER]),
        ({"action": "nextPolicy", "target": "https://x.example/next"}, [DutyName.OTHER]),
        ({"action": "acceptTracking"}, [DutyName.OTHER]),
        ({"action": "delete", "constraint": only("elapsedTime", "lteq", "P90D")},
         [Duty(name=DutyName.REMOVE_AFTER, params=(("days", 90),))]),
        ({"action": "delete", "constraint": only("event", "lt", "policyUsage")}, [DutyName.OTHER]),
        ({"action": "delete"}, [DutyName.OTHER]),
        ({}, [DutyName.OTHER]),
    ],
)  # fmt: skip
def test_duties_are_met_or_asked_about(duty: Any, comes_to: list[Any]) -> None:
    """As a duty of a permission, and as an obligation of the whole policy."""
    for policy, _ in (proposed(permits(duty=duty)), proposed(permits(), {"obligation": duty})):
        (rule,) = policy.rules
        found = [
            found if isinstance(want, Duty) else found.name for found, want in zip(rule.duties, comes_to, strict=True)
        ]
        assert found == comes_to


@pytest.mark.parametrize("action", ["obtainConsent", "compensate"])
def test_who_must_consent_or_be_paid_must_be_asked(action: str) -> None:
    for policy, notes in (
        proposed(permits(duty={"action": action})),
        proposed(permits(), {"obligation": {"action": action}}),
    ):
        assert [rule.effect for rule in policy.rules] == [Effect.ASK]
        assert action in notes[0]


@pytest.mark.parametrize(
    ("facts", "effects"),
    [
        ({}, [Effect.ASK, Effect.DENY]),
        ({"conflict": "invalid"}, [Effect.ASK, Effect.DENY]),
        ({"conflict": ["perm", "prohibit"]}, [Effect.ASK, Effect.DENY]),
        ({"conflict": "prohibit"}, [Effect.ALLOW, Effect.DENY]),
        ({"conflict": "perm"}, [Effect.ALLOW]),
    ],
)
def test_a_conflict_is_settled_by_the_policy_or_makes_it_void(facts: Any, effects: list[Effect]) -> None:
    """To permit `use` and prohibit `print` is a conflict: a parent action covers its children."""
    policy, notes = proposed(permits("use"), prohibits("print"), **facts)
    assert [rule.effect for rule in policy.rules] == effects
    assert any("makes it void" in note for note in notes) == (effects[0] is Effect.ASK)


def test_rules_that_never_meet_are_no_conflict() -> None:
    policy, _ = proposed(permits(constraint=only("media", "eq", "web")), prohibits("print"))
    assert [rule.effect for rule in policy.rules] == [Effect.ALLOW, Effect.DENY]


def test_forms_that_are_told_twice_are_those_told_both_times() -> None:
    told = [only(f"{NS}when-form", "isAnyOf", [{"@id": f"{NS}form-{form}"}]) for form in ("full", "excerpt")]
    written = {"rdf:value": {"@id": "odrl:distribute"}, "refinement": told}
    policy, _ = proposed(permits(written), profile=PROFILE)
    assert policy.rules == ()


def test_a_page_is_one_page() -> None:
    policy, _ = from_odrl(read(offer(permits())))
    assert policy is not None
    assert policy.rules[0].when.url == ("https://x.example/a",)


def test_a_request_permits_nothing() -> None:
    statements = read(offer(permits(), **{"@type": "Request"}))
    assert policies_in(statements) == ()
    assert from_odrl(statements) == (None, ("ODRL: it holds no policy",))


def test_of_several_policies_one_must_be_named() -> None:
    context = "http://www.w3.org/ns/odrl.jsonld"
    two = [offer(permits()), offer(prohibits(), uid="https://x.example/other")]
    statements = read({"@context": context, "@graph": two})
    policy, notes = from_odrl(statements)
    assert policy is None
    assert "2 policies" in notes[0]
    named, _ = from_odrl(statements, "https://x.example/other")
    assert named is not None
    assert [rule.effect for rule in named.rules] == [Effect.DENY]


def test_a_mining_policy_binds_machines() -> None:
    """TDMRep: to mine needs consent, so no AI; whether people may read it elsewhere is not said."""
    tdm = "http://www.w3.org/ns/tdmrep#mine"
    policy, _ = proposed(
        permits(), permits(tdm, duty={"action": "obtainConsent"}), profile="http://www.w3.org/ns/tdmrep"
    )
    (rule,) = allows(policy)
    assert rule.limits == (Limit(name=LimitName.NO_AI),)
    policy, _ = proposed(permits(tdm))
    assert policy.rules == ()


@settings(max_examples=20, deadline=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["use", "agg:x", "eq", "media", "_:a", ""])),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from([
                    "permission", "prohibition", "obligation", "duty", "action", "constraint", "or", "and",
                    "refinement", "leftOperand", "operator", "rightOperand", "target", "assignee", "@id", "@list",
                ]),
                inner, max_size=4,
            ),
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_nothing_that_can_be_read_breaks_the_reading(body: Any) -> None:
    document = {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Offer", "permission": body, "uid": "urn:x:1"}
    statements, warnings = read_odrl(json.dumps(document).encode())
    if statements is None:
        assert warnings
        return
    for name in policies_in(statements):
        from_odrl(statements, name)


CONDITIONS = [
    only("media", "eq", "web"),
    only("media", "neq", "print"),
    only("media", "eq", "electronic"),
    only("recipient", "isAnyOf", ["community", "education"]),
    only("purpose", "eq", "commercial"),
    only("purpose", "neq", "commercial"),
    only("spatial", "eq", "US"),
    only("language", "eq", "de"),
    only("delayPeriod", "gteq", "P3D"),
    only("elapsedTime", "lt", "P2D"),
    only("percentage", "lteq", 20),
    only("count", "lteq", 5),
    only("dateTime", "lt", "2027-01-01"),
    {"or": {"@list": [only("media", "eq", "web"), only("media", "eq", "print")]}},
    {"and": {"@list": [only("media", "eq", "web"), only("language", "eq", "en")]}},
]
ACTIONS = ["use", "distribute", "print", "extract", "translate", "sell", "play", "https://y.example/x"]
CONDITIONAL = st.builds(
    lambda action, conditions, duties: {"action": action, "constraint": conditions, "duty": duties},
    st.sampled_from(ACTIONS),
    st.lists(st.sampled_from(CONDITIONS), max_size=2),
    st.lists(st.sampled_from([{"action": "attribute"}, {"action": "inform"}, {"action": "compensate"}]), max_size=1),
)
USES = [
    a_use(),
    a_use(Form.EXCERPT),
    a_use(medium=Medium.PRINT),
    a_use(audience=Audience.COMMERCIAL, ads=Ads.PAGE),
    a_use(territory=frozenset({"US"}), copies=3),
]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(CONDITIONAL, min_size=1, max_size=2),
    st.sampled_from(["prohibit", "perm", "invalid"]),
    st.one_of(
        st.sampled_from(CONDITIONS).map(lambda condition: ("constraint", condition)),
        CONDITIONAL.map(lambda rule: ("prohibition", rule)),
        st.just(("duty", {"action": "obtainConsent"})),
        st.just(("inheritFrom", "https://x.example/parent")),
    ),
)
def test_one_more_demand_never_allows_more(permitted: list[Any], strategy: str, more: tuple[str, Any]) -> None:
    """Of strangers' policies: a condition, duty, prohibition or parent that is added takes away or leaves as it is."""
    kind, value = more
    first = {"permission": permitted, "conflict": strategy}
    second = dict(first)
    if kind in {"constraint", "duty"}:
        second["permission"] = [rule | {kind: [*rule[kind], value]} for rule in permitted]
    else:
        second[kind] = value
    before, after = (
        Policies([replace(proposed(**facts)[0], id="herald", publisher=a_publisher())]) for facts in (first, second)
    )
    for use in USES:
        if decide(a_question(use=use), after).allowed:
            whole = replace(use, form=Form.FULL)  # a share of what may be published whole is an excerpt
            assert any(decide(a_question(use=one), before).allowed for one in (use, whole))


def test_a_policy_that_is_part_of_itself_is_read_once() -> None:
    turtle = """
    @prefix odrl: <http://www.w3.org/ns/odrl/2/> .
    <urn:x:p> a odrl:Offer ; odrl:permission [ odrl:action odrl:distribute ; odrl:target <https://x.example/a> ;
        odrl:constraint <urn:x:c> , <urn:x:d> ; odrl:duty <urn:x:e> ] .
    <urn:x:c> odrl:or <urn:x:c> . <urn:x:d> odrl:and <urn:x:d> .
    <urn:x:e> odrl:action <urn:x:e> ; odrl:refinement <urn:x:e> .
    """
    policy, _ = from_odrl(read(turtle))
    assert policy is not None
    assert allows(policy) == []
