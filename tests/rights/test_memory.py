"""What is remembered never shows: with memory and without, every question gets the same answer, whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.decision import Question
from aggregator.model.entry import Author, TextSize
from aggregator.model.policy import Effect, Grant, ImageRule, Images, When
from aggregator.rights import Policies, conditions, decide, opinion, remember, route
from aggregator.rights.conditions import Ballot, Conditions
from aggregator.rights.decide import conclude, evaluate
from aggregator.rights.facts import Facts
from aggregator.rights.judge import covers, looks_at, weigh
from aggregator.rights.names import _parsed_host, host
from tests.build import (
    NOW,
    a_duty,
    a_limit,
    a_policy,
    a_publisher,
    a_question,
    a_rule,
    a_use,
    an_entry,
    an_image,
    an_origin,
)
from tests.rights.pools import World, a_random_world

NAMES = ("authors", "categories", "language", "url", "origins", "notices", "components", "size", "published_at")


def a_build(random: Random) -> tuple[World, list[Question]]:
    """A world, and questions that an output of it might ask: each differs from the world's own in one or two facts."""
    world = a_random_world(random)
    asked = []
    for number in range(25):
        other = a_random_world(random).question
        changed = random.sample((*NAMES, "question", "times"), random.choice([1, 1, 2]))
        facts: dict[str, Any] = {name: getattr(other.stored.entry, name) for name in changed if name in NAMES}
        if random.random() < 0.5:  # what no two entries have alike
            facts |= {
                "url": f"https://herald.example/{number}/bridge",
                "published_at": NOW - timedelta(hours=5 * number),
            }
        if random.random() < 0.3:
            facts |= {"categories": (f"Topic {number % 7}", "News"), "authors": (Author(name=f"Writer {number}, AP"),)}
        entry = replace(world.entry, id=str(number), title=f"Title {number}", **facts)
        base = other if "question" in changed else world.question
        times = other.stored if "times" in changed else world.question.stored
        if random.random() < 0.3:
            times = replace(times, earliest_at=NOW - timedelta(hours=7 * number))
        asked.append(
            replace(
                base,
                use=world.question.use,
                stored=replace(times, entry=entry),
                at=NOW + timedelta(hours=random.choice([0, 0, 0, 30, 80])),
            )
        )
    return world, asked


def disagreements(random: Random, builds: int) -> Iterator[Question]:
    """Questions of random builds to which memory gives another answer."""
    for _ in range(builds):
        world, asked = a_build(random)
        policies = Policies(world.policies, world.unknown)
        later = [replace(one, at=one.at + timedelta(hours=30)) for one in asked if random.random() < 0.5]
        for question in [*asked, *later, *reversed(asked)]:
            if decide(question, policies, world.grants) != evaluate(question, policies, world.grants):
                yield question


def test_compiled_conditions_come_to_what_they_come_to_in_words() -> None:
    random, told = Random(), 0
    for _ in range(60):
        world, asked = a_build(random)
        for policy in world.policies:
            compiled = Conditions(policy)
            ballots = [Ballot(compiled, world.question.use, form) for form in world.question.use.forms]
            for question, ballot in product(asked, ballots):
                judged = ballot.judged(compiled.verdict(question), question)
                for rule in policy.rules:
                    if looks_at(rule) and covers(rule, question.use, ballot.form):
                        plain = weigh(rule, Facts(question))
                        assert replace(plain, checks=()) == judged[id(rule)], (rule, question)
                        told += 1
    assert told > 300


def test_memory_changes_no_answer_of_a_build() -> None:
    assert next(disagreements(Random(), 40), None) is None


def forgets(kind: type, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A bug: one part of the signature is left out."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(kind, name, lambda *_: ())

    plant.__name__ = f"forgets_{name.strip('_')}"
    return plant


def does_not_look_at(kind: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A bug: rules with a condition of one kind are taken to hold."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(conditions.KINDS[kind], "masks", lambda *_: (0, 0))

    plant.__name__ = f"does_not_look_at_{kind}"
    return plant


def does_not_wait_for_embargoes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Conditions, "_waiting", lambda *_: 0)


def leaves_windows_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Conditions, "_closed", lambda *_: (0, 0))


def takes_the_unknown_for_held(patch: pytest.MonkeyPatch) -> None:
    real = Conditions.verdict
    patch.setattr(Conditions, "verdict", lambda *given: (real(*given)[0], 0, real(*given)[2], ()))


def tells_when_another_entrys_clocks_run_out(patch: pytest.MonkeyPatch) -> None:
    real, first = route.reckoned, {}

    def stopped(clock: Any, question: Question) -> Any:
        return first.setdefault(clock, real(clock, question))

    patch.setattr(route, "reckoned", stopped)


def forgets_whose_policies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remember, "_heard_at", lambda party: ())


def forgets_the_place_of_a_hop(patch: pytest.MonkeyPatch) -> None:
    real = remember.Memory._seat
    patch.setattr(remember.Memory, "_seat", lambda self, place, *rest: real(self, 0, *rest))


def forgets_that_a_fact_may_be_unknown_for_several_reasons(patch: pytest.MonkeyPatch) -> None:
    real = Conditions.verdict
    patch.setattr(Conditions, "verdict", lambda *given: (*real(*given)[:3], (real(*given)[1],) * len(real(*given)[3])))


def takes_the_verdict_of_another_instant(patch: pytest.MonkeyPatch) -> None:
    real = Conditions.__init__

    def always(self: Conditions, *given: Any) -> None:
        real(self, *given)
        self.of_entry = True

    patch.setattr(Conditions, "__init__", always)


def forgets_grants(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remember.Memory, "_concerned", lambda *_: ())


def takes_one_entrys_way_for_anothers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remember, "way_of", lambda question, _: len(question.stored.entry.origins))


def takes_all_entries_for_one_profile(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remember, "outlook", lambda _: ())


def forgets_what_hops_tell(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(remember, "_marks", lambda _: (None, False))


def takes_one_entrys_links_for_anothers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(route, "hop_of", lambda party, _: (party.hop, party.article))


@pytest.mark.parametrize(
    "plant",
    [
        forgets(opinion.Voice, "_ends"),
        forgets(remember.Route, "components"),
        *(does_not_look_at(kind) for kind in conditions.KINDS),
        does_not_wait_for_embargoes,
        leaves_windows_open,
        takes_the_unknown_for_held,
        tells_when_another_entrys_clocks_run_out,
        forgets_whose_policies,
        forgets_the_place_of_a_hop,
        forgets_that_a_fact_may_be_unknown_for_several_reasons,
        takes_the_verdict_of_another_instant,
        forgets_grants,
        takes_one_entrys_way_for_anothers,
        takes_one_entrys_links_for_anothers,
        takes_all_entries_for_one_profile,
        forgets_what_hops_tell,
        forgets(remember.Case, "state"),
    ],
    ids=lambda plant: plant.__name__,
)
def test_a_memory_that_looks_at_too_little_is_caught(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    try:
        found = next(disagreements(Random(6), 200), None)
    except (IndexError, KeyError, ValueError):  # an image or a hop of another entry, or a form that nobody spoke of
        return
    assert found is not None


def asked_in_turn(policies: Policies, *questions: Question) -> list[str]:
    """The outcomes; each the same as without memory."""
    told = [decide(question, policies) for question in questions]
    assert told == [evaluate(question, policies, ()) for question in questions]
    return [decision.outcome.value for decision in told]


def test_memory_looks_at_what_seldom_differs() -> None:
    """What random worlds seldom have: caps that one entry breaks, territories beside a category, names of nobody."""
    cap = Policies([a_policy(a_rule(limits=[a_limit("excerpt-max", n=100, unit="words")]), contact="desk@h.example")])
    sizes = [TextSize(words=words, chars=6 * words, paragraphs=2) for words in (50, 500, 80)]
    assert asked_in_turn(cap, *[a_question(an_entry(size=size)) for size in sizes]) == ["allow", "ask", "allow"]
    here = When(category=("News",), territory=("FI",))
    there = Policies([a_policy(a_rule(when=here))])
    uses = [a_use(territory=frozenset(codes)) for codes in ({"FI"}, {"FI", "SE"}, ())]
    entry = an_entry(categories=("News",))
    assert asked_in_turn(there, *[a_question(entry, use) for use in uses]) == ["allow", "ask", "ask"]
    nobody = Policies([a_policy(a_rule())])
    told = [an_entry(origins=(an_origin(name, carrier=carrier),)) for name in "AB" for carrier in ("rel=via", "x")]
    assert asked_in_turn(nobody, *map(a_question, told)) == ["ask"] * 4
    named = a_policy(
        a_rule(duties=["credit-author"]), id="wire", publisher=a_publisher("Wire", domains=("wire.example",))
    )
    told = [
        an_entry(authors=(), origins=(an_origin("Wire", url="https://wire.example/1", author=author),))
        for author in ("Ann", None, " ", "Bob")
    ]
    asked = asked_in_turn(Policies([a_policy(a_rule()), named]), *map(a_question, told))
    assert asked == ["allow", "ask", "ask", "allow"]
    own = Policies([a_policy(a_rule(), images=Images(rule=ImageRule.OWN_CREDIT, credits=("Herald",)))])
    shots = [
        an_entry(components=(an_image(credit, url="https://herald.example/1.jpg"),)) for credit in ("AP", "Herald")
    ]
    assert asked_in_turn(own, *map(a_question, shots)) == ["allow"] * 2


def test_a_use_that_takes_the_place_of_another_is_not_mistaken_for_it() -> None:
    """Memory goes by the identity of a use, and identities are given again."""
    policies = Policies([a_policy(a_rule(to=["community"]))])
    for _ in range(50):
        assert decide(a_question(use=a_use()), policies).outcome is Effect.ALLOW
        assert decide(a_question(use=a_use(audience="commercial")), policies).outcome is Effect.ASK


def test_memory_keeps_each_entrys_own_links_authors_and_images() -> None:
    wire = a_policy(a_rule(), id="wire", publisher=a_publisher("Wire", domains=("wire.example",)))
    policies = Policies([a_policy(a_rule(limits=["no-images"])), wire])
    use = a_use()
    for number in range(3):
        entry = an_entry(
            id=str(number),
            url=f"https://herald.example/{number}",
            authors=(f"Author {number}",),
            components=(an_image(url=f"https://herald.example/{number}.jpg"),),
            origins=(an_origin("Wire", url=f"https://wire.example/{number}", author=f"Writer {number}"),),
        )
        question = a_question(entry, use)
        decision = decide(question, policies)
        assert decision == evaluate(question, policies, ())
        assert decision.removed == (f"https://herald.example/{number}.jpg",)
        assert [hop.author for hop in decision.hops] == [f"Writer {number}", f"Author {number}"]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remember, "ANSWERS_MAX", 10)
    monkeypatch.setattr(remember, "SAYS_MAX", 10)
    monkeypatch.setattr(remember, "WAYS_MAX", 10)
    monkeypatch.setattr(remember, "ROUTES_MAX", 3)
    monkeypatch.setattr(remember, "CASES_MAX", 4)
    policies = Policies([a_policy(a_rule(duties=[a_duty("remove-after", days=3)]))])
    uses = [a_use() for _ in range(5)]
    for number in range(100):
        question = a_question(use=uses[number % 5], at=NOW + timedelta(seconds=number))
        assert decide(question, policies) == evaluate(question, policies, ())
        memory = policies.memory
        assert len(memory._routes) <= 3
        assert len(memory._ways) <= 10
        cases = [case for profile in memory._profiles.values() for case in profile.cases.values()]
        assert len(cases) <= 4
        assert sum(len(case.answers) for case in cases) <= 10
        assert sum(len(one.answers) for one in memory._routes.values()) <= 10
        assert sum(len(said) for seat in memory._seats.values() for said in seat.says.values()) <= 10
        assert sum(len(said) for voice in memory._voices.values() for said in voice.said.values()) <= 10


def test_a_grant_given_or_ended_acts_at_once() -> None:
    policies = Policies([a_policy(a_rule("ask"))])
    use = a_use()
    grant = Grant(id="g1", policy="herald")
    told = [
        decide(a_question(use=use), policies, grants).outcome.value
        for grants in ((), (grant,), (replace(grant, revoked_at=NOW),), [grant], ())
    ]
    assert told == ["ask", "allow", "ask", "allow", "ask"]


def test_grants_for_other_entries_and_sources_leave_what_is_remembered_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out = []
    real = remember.answer
    monkeypatch.setattr(remember, "answer", lambda *given: worked_out.append(1) or real(*given))
    monkeypatch.setattr(remember, "conclude", lambda *given, **more: worked_out.append(1) or conclude(*given, **more))
    policies, use = Policies([a_policy(a_rule("ask"))]), a_use()
    entries = [an_entry(id=str(number)) for number in range(20)]
    letter = Grant(id="g1", policy="herald", entry=entries[3].key)
    grants = (letter, Grant(id="g2", policy="herald", source="another"), Grant(id="g3", policy="wire"))
    told = [decide(a_question(entry, use), policies, grants).outcome.value for entry in entries]
    assert told == ["allow" if number == 3 else "ask" for number in range(20)]
    assert len(worked_out) == 2


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"https?://[a-zA-Z0-9.:@\-]*[/?#]?[a-z@:/?#\n]*", fullmatch=True),
    )
)
def test_the_short_way_to_a_host_ends_where_the_long_one_does(url: str) -> None:
    assert host(url) == (_parsed_host(url) if url else None)
