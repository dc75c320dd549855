"""Laws that hold for every question, each with deliberate bugs that it catches (test_planted.py)."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aggregator.model.decision import Decision, FlagKind
from aggregator.model.entry import Notice
from aggregator.model.policy import DutyName, Effect, Grant, Policy, When
from aggregator.model.use import Ads, Form
from aggregator.rights import Policies, decide, explain
from aggregator.rights.decide import evaluate
from aggregator.rights.foresee import foresee
from tests.build import a_limit, a_notice, a_rule, an_origin
from tests.rights.pools import NOTICES, ORIGINS, REFUSALS, SAID, WORLDS, World, a_random_world, rules
from tests.rights.reference import Reference

EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "100"))
"""A hundred on every change; `LAW_EXAMPLES=3000` nightly: a green run of a hundred proves little."""
NO_AI = a_limit("no-ai")
law = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def answer(world: World) -> Decision:
    return decide(world.question, Policies(world.policies, world.unknown), world.grants)


def shown(world: World, decision: Decision) -> int:
    """How much is shown: 0 nothing, else the place of the form from the smallest."""
    forms = world.question.use.forms
    return len(forms) - forms.index(decision.form) if decision.allowed else 0


def without_terms_on_condition(policy: Policy) -> Policy:
    bare = [rule if rule.when == When() else replace(rule, duties=(), limits=()) for rule in policy.rules]
    return replace(policy, rules=tuple(bare))


def leads_home(world: World) -> bool:
    """A link to another publisher is evidence of a hop, and no law holds for what is hidden of that."""
    return "wire.example" not in (world.entry.url or "")


def gist(decision: Decision) -> tuple[object, ...]:
    pairs = {(hop, duty.name.value) for duty, hop in zip(decision.duties, decision.duty_hops, strict=True)}
    return decision.outcome.value, decision.form.value, pairs, set(decision.removed)


@law
@given(WORLDS)
def test_agrees_with_the_reference(world: World) -> None:
    reference = Reference(world.question, list(world.policies), world.unknown, list(world.grants))
    assert gist(answer(world)) == reference.answer()


@law
@given(WORLDS, WORLDS)
def test_memory_changes_no_answer(world: World, other: World) -> None:
    """Whatever was asked before, of an entry like it or not, now or later."""
    policies = Policies(world.policies, world.unknown)
    for entry in (other.entry, world.entry, replace(world.entry, title="Other", id="2")):
        question = world.telling(**{name: getattr(entry, name) for name in ("title", "id", "authors", "url")}).question
        for asked in (question, replace(question, stored=replace(question.stored, entry=entry))):
            for at in (asked.at, asked.at, asked.at + timedelta(days=2)):
                now = replace(asked, at=at)
                assert decide(now, policies, world.grants) == evaluate(now, policies, world.grants)


def with_an_embargo(world: World) -> World:
    """Each policy also allows what was published more than 400 days ago."""
    rule = a_rule(Effect.ALLOW, Form.FULL, Form.EXCERPT, when=When(embargo=timedelta(days=400)))
    return replace(world, policies=tuple(replace(one, rules=(*one.rules, rule)) for one in world.policies))


@law
@given(WORLDS)
def test_what_is_foreseen_comes(world: World) -> None:
    """At that instant, by itself, and it is more than there is now; who is told of it is told no more than that."""
    world = with_an_embargo(world)
    policies = Policies(world.policies, world.unknown)
    decision = decide(world.question, policies, world.grants)
    later = foresee(world.question, policies, world.grants, decision)
    lines = explain(decision, later)
    assert sum("without anybody doing anything" in line for line in lines) == (later is not None)
    if later is None:
        return
    then = world.asking(at=later.at)
    assert later.at > world.question.at
    assert later.decision == evaluate(then.question, policies, world.grants)
    assert shown(then, later.decision) > shown(world, decision)
    assert lines[0].startswith("Yes") == decision.allowed


def test_the_law_of_what_is_foreseen_is_not_empty() -> None:
    random, seen = Random(1), 0
    for world in (with_an_embargo(a_random_world(random)) for _ in range(60)):
        policies = Policies(world.policies, world.unknown)
        decision = decide(world.question, policies, world.grants)
        seen += foresee(world.question, policies, world.grants, decision) is not None
    assert seen >= 3, seen


@law
@given(WORLDS, st.lists(st.sampled_from(REFUSALS), min_size=1, max_size=2, unique_by=lambda one: one.id))
def test_a_refusal_never_shows_more_and_is_remembered_by_none(world: World, refusals: list[Grant]) -> None:
    """Whatever was granted, and at every later instant; and no answer without it is given in its place."""
    policies = Policies(world.policies, world.unknown)
    for at in (world.question.at, world.question.at + timedelta(days=2)):
        now = world.asking(at=at)
        before = decide(now.question, policies, now.grants)
        refused = replace(now, grants=(*now.grants, *refusals))
        after = decide(refused.question, policies, refused.grants)
        assert after == evaluate(refused.question, policies, refused.grants)
        assert shown(refused, after) <= shown(now, before)
        assert shown(now, decide(now.question, policies, now.grants)) == shown(now, before)


@law
@given(WORLDS, st.sampled_from(REFUSALS[:1]))
def test_a_refusal_without_limits_keeps_all_of_its_publisher_out(world: World, refusal: Grant) -> None:
    assume(world.question.policy == "herald")
    decision = answer(replace(world, grants=(*world.grants, refusal)))
    assert decision.outcome is Effect.DENY
    assert decision.held_by[0] in (refusal.id, "nothing-to-show")


@law
@given(WORLDS)
def test_silence_is_never_consent(world: World) -> None:
    """Without a rule that allows, a licence, a grant or a covering policy, nothing is shown."""
    silent = tuple(
        replace(
            p, rules=tuple(r for r in p.rules if r.effect is not Effect.ALLOW), licence=None, trust_entry_licence=False
        )
        for p in world.policies
    )
    decision = answer(replace(world, policies=silent, grants=()))
    assert not decision.allowed or decision.relied_on == ("unknown_policy",) or "third_party" in decision.relied_on
    assert not decision.allowed or world.question.policy is None


@law
@given(WORLDS, st.randoms(use_true_random=False))
def test_order_and_duplicates_of_rules_do_not_matter(world: World, random: object) -> None:
    shuffled = [*world.herald.rules, *world.herald.rules[:1]]
    random.shuffle(shuffled)
    assert gist(answer(world)) == gist(answer(world.ruling(*shuffled)))


@law
@given(WORLDS, st.one_of(rules(Effect.ASK), rules(Effect.DENY)))
def test_another_ask_or_deny_never_shows_more(world: World, rule: object) -> None:
    stricter = world.ruling(*world.herald.rules, rule)
    assert shown(world, answer(stricter)) <= shown(world, answer(world))


@law
@given(WORLDS, rules(Effect.ALLOW))
def test_another_allow_without_terms_never_shows_less(world: World, rule: object) -> None:
    bare = a_rule(when=replace(rule.when, other=()), to=rule.to, media=rule.media)
    assert shown(world, answer(world.ruling(*world.herald.rules, bare))) >= shown(world, answer(world))


@law
@given(WORLDS, st.sampled_from(NOTICES))
def test_what_a_feed_says_of_itself_never_shows_more(world: World, notice: object) -> None:
    """A notice to keep may meet a duty to keep one; that is its purpose."""
    assume(notice.kind != "rights")
    bare = world.ruling(*world.herald.rules, trust_entry_licence=False).telling(notices=())
    duties = [duty for rule in bare.herald.rules for duty in rule.duties]
    assume(all(duty.name is not DutyName.LICENCE_NOTICE for duty in duties))
    assert shown(bare, answer(bare.telling(notices=(notice,)))) <= shown(bare, answer(bare))


@law
@given(WORLDS, st.sampled_from(SAID))
def test_what_a_site_says_never_shows_more_whatever_the_policy_trusts(world: World, notice: Notice) -> None:
    more = replace(world, question=replace(world.question, said=(*world.question.said, notice)))
    assume(not any(one.kind == "licence" for one in world.question.said))  # beside another one it is a choice
    assert shown(world, answer(more)) <= shown(world, answer(world))


@law
@given(WORLDS)
def test_words_to_machines_alone_hold_nothing(world: World) -> None:
    machine = (a_notice("no-ai", "train-ai=n", "site"), a_notice("machine", "search=n", "site"))
    bare, told = (answer(replace(world, question=replace(world.question, said=said))) for said in ((), machine))
    assert gist(bare) == gist(told)
    assert set(told.limits) == (set(bare.limits) | {NO_AI} if told.allowed else set())


@law
@given(WORLDS, st.sampled_from(ORIGINS))
def test_another_hop_never_shows_more(world: World, origin: object) -> None:
    """A hop, not another mention of one: that may settle who it was, or bring the link that is to be given."""
    assume(all(known.certainty == "sure" for known in world.entry.origins))
    more = world.telling(origins=(*world.entry.origins, replace(origin, notice=None)))
    assume(len(answer(more).hops) > len(answer(world).hops))
    assert shown(world, answer(more)) <= shown(world, answer(world))


@law
@given(WORLDS)
def test_a_link_to_another_known_publisher_never_shows_more_whether_intake_told_of_it_or_not(world: World) -> None:
    """Nor does it matter what intake knew: policies may have been edited since (ruling 14)."""
    world = world.telling(origins=tuple(one for one in world.entry.origins if one.name != "Wire"))
    url = "https://wire.example/linked"
    linked = world.telling(url=url)
    home = world.telling(url="https://nobody.example/linked")
    if all(not rule.when.url for policy in world.policies for rule in policy.rules):
        assert shown(linked, answer(linked)) <= shown(home, answer(home))
    told = linked.telling(origins=(*linked.entry.origins, an_origin("Wire", url=url, carrier="entry-link")))
    assert answer(told) == answer(linked)
    nobody = replace(told, policies=world.policies[:1])
    assert answer(nobody) == answer(nobody.telling(origins=world.entry.origins))


@law
@given(WORLDS)
def test_hiding_a_fact_never_shows_more(world: World) -> None:
    """Where several rules allow, their terms add up, and an allow that falls silent takes its terms along (rulings 4
    and 7): so here an allow on condition has no terms of its own.
    """
    world = replace(world, policies=tuple(without_terms_on_condition(policy) for policy in world.policies))
    before = shown(world, answer(world))
    for hidden in (
        world.telling(authors=()),
        world.telling(categories=()).asking(text=None),  # a marker may stand in either
        world.telling(language=None),
        world.telling(url=None if leads_home(world) else world.entry.url),
        world.telling(size=None),
        world.telling(title=""),
        world.asking(text=None),
        world.asking(shares=()),
        world.using(copies=None),
        world.asking(stored=replace(world.question.stored, earliest_at=None)),
    ):
        assert shown(hidden, answer(hidden)) <= before


@law
@given(WORLDS, st.sampled_from(sorted(DutyName)))
def test_an_output_that_can_less_or_breaks_more_never_gets_more(world: World, duty: str) -> None:
    world = replace(world, policies=tuple(without_terms_on_condition(policy) for policy in world.policies))
    use, before = world.question.use, shown(world, answer(world))
    for worse in (
        world.using(can_discharge=use.can_discharge - {duty}),
        world.using(ads=Ads.ITEM),
        world.using(paywall=True),
        world.using(sold=True),
        world.using(territory=frozenset()),
    ):
        assert shown(worse, answer(worse)) <= before


@law
@given(WORLDS)
def test_what_is_relied_on_covers_the_form_and_its_duties_are_carried(world: World) -> None:
    decision = answer(world)
    rules = {rule.key: rule for policy in world.policies for rule in policy.rules}
    names = {name for duty in decision.duties for name in (duty.name, *(one.name for one in duty.any_of))}
    for key in decision.relied_on:
        if key in rules:
            rule = rules[key]
            assert rule.effect is Effect.ALLOW
            assert decision.form in rule.forms
            owed = [d for d in rule.duties if not d.requested and not d.media and not d.any_of]
            text_bound = {"end-note", "keep-links", "label-changes"} if decision.form is Form.HEADLINE else set()
            waived = {name for grant in world.grants for name in grant.waive}
            assert {duty.name for duty in owed} - text_bound - waived <= names
    assert len(decision.duties) == len(decision.duty_hops)


@law
@given(WORLDS)
def test_an_answer_holds_until_it_says(world: World) -> None:
    decision = answer(world)
    end = decision.valid_until or world.question.at + timedelta(days=400)
    assert end > world.question.at
    for at in (world.question.at + (end - world.question.at) / 2, end - timedelta(microseconds=1)):
        assert gist(answer(world.asking(at=at))) == gist(decision)


@law
@given(WORLDS)
def test_each_rule_that_held_is_enough_to_hold(world: World) -> None:
    """And with all that it names gone, the next look names something new or allows."""
    world = replace(world, grants=())
    asked = world.using(fallback=())
    decision = answer(asked)
    by_key = {rule.key: rule for rule in world.herald.rules}
    for key in decision.held_by:
        if key in by_key:
            allows = [rule for rule in world.herald.rules if rule.effect is Effect.ALLOW and rule.key != key]
            assert not answer(asked.ruling(*allows, by_key[key])).allowed
    if not decision.allowed:
        assert decision.held_by or decision.holds
        assert decision.holds
    kept = [rule for rule in world.herald.rules if rule.key not in decision.held_by]
    if len(kept) < len(world.herald.rules):
        assert not set(answer(asked.ruling(*kept)).held_by) & set(by_key).intersection(decision.held_by)


@law
@given(WORLDS)
def test_approval_lifts_nothing_but_the_want_of_a_pick(world: World) -> None:
    unpicked = answer(world.asking(approved=False))
    picked = answer(world.asking(approved=True))
    assert shown(world, picked) >= shown(world, unpicked)
    asked = world.question.use.form
    if picked.allowed and picked.form is asked:
        text_holds = [hold for hold in unpicked.holds if hold.rule != "images" and hold.kind is not FlagKind.NOTICE]
        assert all(hold.kind is FlagKind.REVIEW for hold in text_holds if hold.rule in unpicked.held_by)


@law
@given(WORLDS)
def test_a_grant_never_shows_less(world: World) -> None:
    assert shown(world, answer(world)) >= shown(world, answer(replace(world, grants=())))


@law
@given(WORLDS)
def test_every_answer_can_be_explained(world: World) -> None:
    decision = answer(world)
    lines = explain(decision)
    assert (
        lines[0].partition(":")[0].split(",")[0] == {"allow": "Yes", "ask": "Not yet", "deny": "No"}[decision.outcome]
    )
    assert lines[1] == f"Why: {decision.sentence}."
    assert all("\n" not in hold.sentence for hold in decision.holds)
    assert decision.trace
    if decision.outcome is Effect.ASK:
        assert any(hold.effect is Effect.ASK for hold in decision.holds), "an ask must say who is asked"
    if decision.allowed:
        assert len(decision.hops) == 1 or decision.relied_on


def test_the_pools_hold_enough_of_each_answer() -> None:
    """A law about allows proves nothing where hardly anything is allowed."""
    seen: Counter[str] = Counter()

    random = Random(11)
    for world in (a_random_world(random) for _ in range(1_000)):
        decision = answer(world)
        seen[decision.outcome.value] += 1
        seen[decision.reason.value] += 1
        seen["smaller"] += decision.allowed and decision.form is not world.question.use.form
        seen["timed"] += decision.valid_until is not None
    assert seen["allow"] > 120, seen
    assert seen["deny"] > 50, seen
    for reason in (
        "denied",
        "must-ask",
        "duty-unmet",
        "limit-broken",
        "no-rule",
        "third-party",
        "notice",
        "not-picked",
    ):
        assert seen[reason] >= 5, (reason, seen)
    assert seen["smaller"] > 30, seen
    assert seen["timed"] > 20, seen


def test_agrees_with_the_reference_on_a_thousand_more() -> None:
    """Drawn evenly, where Hypothesis likes to repeat itself."""
    random = Random()
    for world in (a_random_world(random) for _ in range(1_000)):
        reference = Reference(world.question, list(world.policies), world.unknown, list(world.grants))
        assert gist(answer(world)) == reference.answer(), world
