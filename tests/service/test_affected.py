"""An edit of the configuration builds again what it can affect, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from aggregator.config import Configuration, load
from aggregator.model.entry import Entry
from aggregator.model.output import Output, Selector
from aggregator.model.policy import Policy
from aggregator.model.source import Source
from aggregator.rights import Policies, decide
from aggregator.service.affected import affected, named
from aggregator.service.house import House
from aggregator.service.world import World
from tests.build import a_policy, a_publisher, a_rule, a_use, an_entry, an_origin
from tests.rights.pools import a_random_policy, a_random_world

COUNT = 200
NOBODY = named([])


@pytest.fixture(scope="module")
def bare(sample: Path) -> Configuration:
    return replace(load(sample / "config"), sources=(), policies=(), outputs=())


def a_paper(number: int, **changes: object) -> Policy:
    publisher = a_publisher(f"Paper number {number}", domains=(f"paper{number}.example",), aliases=(f"P{number}",))
    return replace(a_policy(a_rule(), id=f"paper-{number}", publisher=publisher), **changes)


@pytest.fixture(scope="module")
def world(bare: Configuration) -> World:
    """Each output takes from a source of its own, each source has a policy of its own."""
    numbers = range(COUNT)
    return World.of(
        replace(
            bare,
            policies=tuple(map(a_paper, numbers)),
            sources=tuple(Source(id=f"s{n}", feed=f"https://paper{n}.example/f", policy=f"paper-{n}") for n in numbers),
            outputs=tuple(
                Output(id=f"o{n}", title="", select=Selector(sources=(f"s{n}",)), use=a_use(output=f"o{n}"))
                for n in numbers
            ),
        )
    )


def with_policy(world: World, number: int, policy: Policy) -> World:
    policies = list(world.configuration.policies)
    policies[number] = policy
    return World.of(replace(world.configuration, policies=tuple(policies), version="another"))


def test_an_edited_policy_concerns_its_own_sources_outputs_alone(world: World):
    known = dict.fromkeys(world.outputs, NOBODY)
    edited = with_policy(world, 7, a_paper(7, rules=(a_rule("deny"),)))
    assert affected(world, edited, known) == {"o7"}
    assert affected(world, World.of(replace(world.configuration, version="another")), known) == set()


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(url="https://www.paper7.example/1"),
        an_entry(origins=(an_origin("Somebody", url="https://paper7.example/1"),)),
        an_entry(origins=(an_origin("PAPER  number 7"),)),
        an_entry(origins=(an_origin("P7, Washington"),)),
        an_entry(origins=(replace(an_origin(None), feed_url="https://feeds.paper7.example/rss"),)),
    ],
    ids=["link", "domain", "name", "alias", "feed"],
)
def test_and_the_outputs_whose_entries_lead_to_its_publisher(world: World, entry: Entry):
    known = dict.fromkeys(world.outputs, named([an_entry(url="https://herald.example/1")]))
    known |= {"o3": named([an_entry(), entry])}
    edited = a_paper(7, rules=(a_rule("deny"),))
    elsewhere = replace(edited, publisher=a_publisher("Elsewhere", domains=("elsewhere.example",)))
    assert affected(world, with_policy(world, 7, edited), known) == {"o3", "o7"}
    assert affected(world, with_policy(world, 7, elsewhere), known) == {"o3", "o7"}, "as it was"
    assert affected(with_policy(world, 7, elsewhere), world, known) == {"o3", "o7"}, "as it is now"


def test_an_edited_output_or_source_concerns_its_own(world: World):
    known = dict.fromkeys(world.outputs, NOBODY)
    outputs = [replace(one, where=f"outputs.yaml:{n}") for n, one in enumerate(world.configuration.outputs)]
    outputs[5] = replace(outputs[5], title="Other")
    sources = list(world.configuration.sources)
    sources[6] = replace(sources[6], title="Other")
    sources[8] = replace(sources[8], enabled=False)
    moved = [replace(one, where=f"sources.yaml:{n}") for n, one in enumerate(sources)]
    edited = World.of(replace(world.configuration, outputs=tuple(outputs), sources=tuple(moved)))
    assert affected(world, edited, known) == {"o5", "o6", "o8"}


def test_an_output_of_which_nothing_is_known_is_concerned_by_anything(world: World):
    known = dict.fromkeys(world.outputs, NOBODY)
    del known["o9"]
    assert affected(world, world, known) == {"o9"}


def test_what_is_passed_over_would_get_the_same_answers(bare: Configuration):
    """Of random policies one is written anew: where the output is not named, no decision is another."""
    random = Random(3)
    passed_over = 0
    for _ in range(400):
        asked = a_random_world(random)
        question = replace(asked.question, use=replace(asked.question.use, output="all"))
        source = Source(id=asked.entry.source, feed="https://herald.example/f", policy=question.policy)
        output = Output(id="all", title="", select=Selector(), use=question.use)
        before = World.of(replace(bare, policies=asked.policies, sources=(source,), outputs=(output,)))
        changed = random.choice([a_random_policy(random, "wire", "Wire"), a_random_policy(random, "nobody", "Nobody")])
        policies = tuple({policy.id: policy for policy in (*asked.policies, changed)}.values())
        after = World.of(replace(bare, policies=policies, sources=(source,), outputs=(output,)))
        if affected(before, after, {"all": named([asked.entry])}):
            continue
        passed_over += 1
        old, new = (Policies(some, asked.unknown) for some in (asked.policies, policies))
        assert decide(question, old, asked.grants) == decide(question, new, asked.grants)
    assert passed_over > 50


async def test_a_running_house_builds_only_what_an_edit_concerns(house: House, folder: Path):
    path = folder / "config/policies/propublica.yaml"
    path.write_text(path.read_text() + "\n# read again\n")
    assert await house.refresh()
    assert await house.build_stale() == [], "a remark changes no policy"
    path.write_text(path.read_text().replace("name: ProPublica,", "name: ProPublica Inc,"))
    assert await house.refresh()
    built = {report.output for report in await house.build_stale()}
    takes = {id_ for id_, one in house.world.outputs.items() if "propublica" in house.world.sources_of(one.select)}
    assert built == takes
    assert built < set(house.world.outputs)
