"""Decisions: a second's worth on one core, for the sample policies and for harder ones."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from aggregator.config import load
from aggregator.model.decision import Question
from aggregator.model.entry import Author, Component, ComponentKind, Entry, StoredEntry, TextSize
from aggregator.model.origin import Certainty, Origin
from aggregator.model.policy import Policy, UnknownPolicy, When
from aggregator.rights.decide import decide, evaluate
from aggregator.rights.policies import Policies
from aggregator.service.world import World
from benchmarks.content import article
from benchmarks.house import NOW, ROOT, expect, sample
from benchmarks.measure import Row, cost, promised

PROMISE = 1 / 100_000
PROMISE_FOR_HARDER = 1 / 50_000
PROMISE_FOR_MANY = 1 / 30_000
"""Twenty rules a policy, and three policies an entry."""
"""CPU seconds a decision."""
LOAD = 1.0
"""CPU seconds in which a thousand policies are read, checked and made ready."""
POLICIES = 1_000


async def decisions(quick: bool) -> list[Row]:
    """Questions of the sample's outputs about entries of the sample's policies; then with 20 rules and 3 hops."""
    entries, rounds = (20, 2) if quick else (120, 5)
    world = World.of(sample())
    plain = _questions(world, world.policies, entries, hops=0)
    hops = _questions(world, world.policies, entries, hops=2)
    many = Policies(map(_with_many_rules, world.policies), world.policies.unknown_policy, "many")
    naive = _naive(world, plain[:: max(1, len(plain) // 200)])
    hard = _questions(world, many, entries, hops=2)
    return [
        await _loaded(100 if quick else POLICIES),
        *await _rows(plain, world.policies, rounds, f"decisions, {len(list(world.policies))} sample policies", naive),
        *await _rows(
            _questions(world, many, entries, hops=0),
            many,
            rounds,
            "the same with 20 rules a policy",
            promise=PROMISE_FOR_HARDER,
        ),
        *await _rows(hops, world.policies, rounds, "the same with 3 hops", promise=PROMISE_FOR_HARDER),
        *await _rows(hard, many, rounds, "the same with 20 rules and 3 hops", promise=PROMISE_FOR_MANY),
    ]


async def _loaded(count: int) -> Row:
    """A configuration of so many policies, each in a file of its own."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name) / "config"
        shutil.copytree(ROOT / "config", folder)
        pattern = (folder / "policies" / "global-voices.yaml").read_text()
        for number in range(count):
            text = pattern.replace("global-voices", f"paper-{number}").replace("globalvoices.org", f"p{number}.example")
            (folder / "policies" / f"paper-{number}.yaml").write_text(text.replace("Global Voices", f"Paper {number}"))

        async def read(_: int) -> None:
            world = World.of(load(folder))
            expect(len(list(world.policies)) > count, "not all policies were read")

        costs = [await cost(read, number) for number in range(3)]
    return promised(
        costs,
        1,
        scenario="decisions",
        what=f"{count:,} policies read, checked and made ready",
        unit="load",
        promise=LOAD * count / POLICIES,
    )


async def _rows(
    questions: Sequence[Question],
    policies: Policies,
    rounds: int,
    what: str,
    notes: tuple[str, ...] = (),
    promise: float = PROMISE,
) -> list[Row]:
    """Two rows: the questions as a build asks them again, and as they are asked when nothing has been asked before."""

    async def ask(_: int) -> None:
        for question in questions:
            decide(question, policies)

    some = questions[:: max(1, len(questions) // 400)]

    async def without_memory(_: int) -> None:
        for question in some:
            evaluate(question, policies, ())

    first: list[float] = []
    for number in range(rounds):
        # Nothing is remembered of these policies yet: each question, and each of their rules, is new to them.
        fresh = Policies(policies, policies.unknown_policy, policies.version)

        async def ask_first(_: int, fresh: Policies = fresh) -> None:
            for question in questions:
                decide(question, fresh)

        first.append(await cost(ask_first, number))
    await cost(ask, -1)
    again, bare = [], []
    for number in range(rounds):
        again.append(await cost(ask, number))
        bare.append(await cost(without_memory, number))
    evaluated = len(some) / sorted(bare)[rounds // 2]
    rows = []
    for costs, name in ((again, what), (first, f"{what}, each for the first time")):
        rate = len(questions) / sorted(costs)[rounds // 2]
        said = f"{name}: {rate:,.0f} a second; {evaluated:,.0f} where nothing at all is remembered"
        rows.append(
            promised(
                costs,
                len(questions),
                scenario="decisions",
                what=name,
                unit="decision",
                promise=promise,
                notes=(said, *notes),
            )
        )
        notes = ()
    return rows


def _questions(world: World, policies: Policies, entries: int, hops: int) -> list[Question]:
    """Each output's question about so many entries of each policy."""
    return [
        Question(stored=_stored(place, number, policy, policies, hops), policy=policy.id, use=output.use, at=NOW)
        for output in world.outputs.values()
        for place, policy in enumerate(policies)
        for number in range(entries)
    ]


def _stored(feed: int, number: int, policy: Policy, policies: Policies, hops: int) -> StoredEntry:
    one = article(feed, number)
    image = Component(kind=ComponentKind.IMAGE, url=f"{one.url}.jpg", credit=one.author if number % 3 else None)
    others = [other for other in policies if other.id != policy.id]
    origins = tuple(
        Origin(
            name=others[(number + hop) % len(others)].publisher.name,
            url=others[(number + hop) % len(others)].publisher.url,
            certainty=Certainty.SURE,
            carrier="credit-line",
        )
        for hop in range(hops)
    )
    entry = Entry(
        source=policy.id,
        id=one.id,
        revision="1",
        title=one.title,
        url=one.url,
        authors=(Author(name=one.author),),
        categories=one.topics,
        language="en",
        published_at=one.published_at,
        components=(image,) if number % 2 else (),
        origins=origins,
        size=TextSize(words=len(one.html) // 6, chars=len(one.html), paragraphs=8),
        has_summary=True,
    )
    return StoredEntry(
        entry=entry, first_seen_at=one.published_at, ordered_at=one.published_at, earliest_at=one.published_at
    )


def _with_many_rules(policy: Policy) -> Policy:
    """The policy's rules, then some under conditions that seldom hold, up to 20."""
    rules = list(policy.rules)
    while rules and len(rules) < 20:
        number = len(rules)
        when = (When(category=(f"Topic {number}",)), When(author=(f"Writer {number}",)), When(since=NOW.date()))
        rules.append(
            replace(rules[number % len(policy.rules)], key=f"{policy.id}:{number + 1}", when=when[number % len(when)])
        )
    return replace(policy, rules=tuple(rules))


def _naive(world: World, questions: Sequence[Question]) -> tuple[str, ...]:
    """How much slower the tests' plain evaluator is; nothing where the tests are not at hand."""
    try:
        reference: Any = import_module("tests.rights.reference")
    except ImportError:
        return ()
    policies = list(world.policies)

    def slowly() -> None:
        for question in questions:
            reference.Reference(question, policies, UnknownPolicy.HOLD, []).answer()

    def ours() -> None:
        for question in questions:
            evaluate(question, world.policies, ())

    return (f"the tests' naive evaluator takes {_cpu(slowly) / _cpu(ours):.1f} times as long as ours without memory",)


def _cpu(work: Callable[[], None]) -> float:
    work()
    before = time.process_time()
    for _ in range(5):
        work()
    return time.process_time() - before
