"""A test of the tests: bugs that somebody could write, and the law that catches each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from aggregator.model.decision import Decision, Truth
from aggregator.model.policy import Effect
from aggregator.rights import Policies, components, duties, grants, hops, judge, limits, notices, speak
from aggregator.rights.decide import evaluate
from aggregator.rights.sheet import Sheet
from tests.rights.pools import World, a_random_world
from tests.rights.reference import Reference
from tests.rights.test_laws import gist

decide_module = sys.modules["aggregator.rights.decide"]
"""The module: in the package its name is that of the function."""
Plant = Callable[[pytest.MonkeyPatch], None]


def unknown_is_yes(patch: pytest.MonkeyPatch) -> None:
    """A fact that is missing reads as if the condition held."""
    patch.setattr(judge, "_all", lambda checks: Truth.NO if any(c.holds is Truth.NO for c in checks) else Truth.YES)


def unknown_deny_is_silent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judge, "_all", lambda checks: Truth.YES if all(c.holds is Truth.YES for c in checks) else Truth.NO)


def duties_of_the_first_allow_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(speak, "accept", lambda h, p, allows, real=speak.accept: real(h, p, allows[:1]))


def duties_are_never_checked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(duties, "unmet", lambda *_: None)


def limits_are_never_broken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits, "broken", lambda *_: Truth.NO)


def a_broken_limit_always_asks(patch: pytest.MonkeyPatch) -> None:
    def softer(sheet: Sheet, *rest: Any, real: Any = limits._hold) -> None:
        before = len(sheet.holds)
        real(sheet, *rest)
        sheet.holds[before:] = [replace(hold, effect=Effect.ASK) for hold in sheet.holds[before:]]

    patch.setattr(limits, "_hold", softer)


def the_source_speaks_for_all_hops(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide_module, "parties", lambda q, p, real=hops.parties: real(q, p)[-1:])


def names_loosen_at_any_address(patch: pytest.MonkeyPatch) -> None:
    real = Policies.recognise
    patch.setattr(Policies, "recognise", lambda self, o: replace(real(self, o), has_address=False))


def links_make_no_hops(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Policies, "leads_elsewhere", lambda *_: False)


def unsure_is_sure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(hops, "_party", lambda *given, real=hops._party: replace(real(*given), sure=True))


def notices_are_not_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide_module, "overlay", lambda *_: None)


def every_grant_beats_notices(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide_module, "overlay", lambda h, beaten, real=notices.overlay: real(h, True))


def grants_never_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "ends", lambda grant: None)


def grants_cover_every_use(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(grants, "covers_use", lambda grant, form, use: not grant.forms or form in grant.forms)


def images_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(components, "_take", lambda *_, **__: None)


def licence_duties_are_dropped(patch: pytest.MonkeyPatch) -> None:
    def without(policy: Any, rules: Any, waive: Any, real: Any = speak.terms_of) -> Any:
        owed, bounds = real(policy, rules, waive)
        return [item for item in owed if not item.by_licence], bounds

    patch.setattr(speak, "terms_of", without)


def what_a_site_says_is_not_heard(patch: pytest.MonkeyPatch) -> None:
    def deaf(hearing: Any, beaten: bool, real: Any = notices.overlay) -> None:
        question = replace(hearing.facts.question, said=())
        real(replace(hearing, facts=type(hearing.facts)(question)), beaten)

    patch.setattr(decide_module, "overlay", deaf)


PLANTED: list[Plant] = [
    what_a_site_says_is_not_heard,
    unknown_is_yes,
    unknown_deny_is_silent,
    duties_of_the_first_allow_only,
    duties_are_never_checked,
    limits_are_never_broken,
    a_broken_limit_always_asks,
    the_source_speaks_for_all_hops,
    names_loosen_at_any_address,
    links_make_no_hops,
    unsure_is_sure,
    notices_are_not_read,
    every_grant_beats_notices,
    grants_never_end,
    grants_cover_every_use,
    images_stay,
    licence_duties_are_dropped,
]


def answer(world: World) -> Decision:
    """By the plain way: what is compiled and remembered is held to it by laws of its own (test_memory)."""
    return evaluate(world.question, Policies(world.policies, world.unknown), world.grants)


@pytest.fixture(scope="module")
def bank() -> list[tuple[World, object]]:
    """Questions with the answers of the reference, drawn once; the seed is fixed, so that this is no lottery."""
    random = Random(7)
    found: list[tuple[World, object]] = []
    for world in (a_random_world(random) for _ in range(2_000)):
        reference = Reference(world.question, list(world.policies), world.unknown, list(world.grants))
        found.append((world, reference.answer()))
    return found


def test_without_a_bug_nothing_is_caught(bank: list[tuple[World, object]]) -> None:
    assert all(gist(answer(world)) == wanted for world, wanted in bank)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_caught(
    plant: Plant, bank: list[tuple[World, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert any(gist(answer(world)) != wanted for world, wanted in bank)
