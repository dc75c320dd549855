"""Stored questions decided again, by the policies and rulings of then: they must give the stored answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.rights.decide import ENGINE_VERSION, evaluate
from aggregator.rights.policies import Policies
from aggregator.service.assess import decision_digest
from aggregator.store import proving

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.policy import Grant
    from aggregator.service.world import World
    from aggregator.store import Store
    from aggregator.store.proving import Stored

DIFFERENCES_MAX = 1_000
"""That are listed; all are counted."""

TURN = 50
"""Decisions between two turns of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A stored answer that is another one now."""

    decision: str
    """Digest."""
    output: str
    entry: str
    title: str
    policy_version: str
    stored: str
    """`allow full: …`"""
    now: str
    engine: str | None = None
    """The program's version of then, where that is another: then a difference may be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What a replay found."""

    decisions: int
    same: int
    different: int
    unknown: int
    """Decided by policies that were not kept."""
    differences: tuple[Difference, ...]
    versions: dict[str, int]
    """Decisions by version of the configuration."""


async def replay(world: World, store: Store, version: str | None = None) -> ReplayReport:
    """Decides all stored questions again.

    Args:
        version: only those of this configuration, by the beginning of its digest; None: all.
    """
    grants = await store.read(proving.grants_then)
    known: dict[str, Policies | None] = {}
    counts: dict[str, int] = {}
    same = different = unknown = 0
    differences: list[Difference] = []
    after = ""
    while page := await store.read(proving.stored_decisions, after, None):
        for number, one in enumerate(page):
            if number % TURN == 0:
                await asyncio.sleep(0)  # a service has others to serve meanwhile
            if version is not None and not one.policy_version.startswith(version):
                continue
            counts[one.policy_version] = counts.get(one.policy_version, 0) + 1
            policies = await _policies(one.policy_version, known, world, store)
            if policies is None:
                unknown += 1
                continue
            again = evaluate(one.question, policies, _then(grants, one.decided_at))
            if decision_digest(again) == decision_digest(one.decision):
                same += 1
                continue
            different += 1
            if len(differences) < DIFFERENCES_MAX:
                differences.append(_difference(one, again))
        after = page[-1].digest
    return ReplayReport(
        decisions=same + different + unknown,
        same=same,
        different=different,
        unknown=unknown,
        differences=tuple(differences),
        versions=dict(sorted(counts.items())),
    )


async def _policies(version: str, known: dict[str, Policies | None], world: World, store: Store) -> Policies | None:
    """The policies of a configuration, ready to be asked; None: they were not kept."""
    if version not in known:
        if version == world.configuration.version:
            known[version] = world.policies
        else:
            found = await store.read(proving.policies_of, version)
            known[version] = None if found is None else Policies(found[0], found[1], version)
    return known[version]


def _then(grants: Sequence[tuple[Grant, datetime]], at: datetime) -> list[Grant]:
    """The grants and refusals that were recorded at an instant, as they were then."""
    return [
        replace(grant, revoked_at=None) if grant.revoked_at is not None and grant.revoked_at > at else grant
        for grant, recorded_at in grants
        if recorded_at <= at
    ]


def _difference(one: Stored, again: Decision) -> Difference:
    old = one.decision
    return Difference(
        decision=one.digest,
        output=one.question.use.output,
        entry=one.question.stored.key,
        title=one.question.stored.entry.title,
        policy_version=one.policy_version,
        stored=f"{old.outcome} {old.form}: {old.sentence}",
        now=f"{again.outcome} {again.form}: {again.sentence}",
        engine=old.engine_version if old.engine_version != ENGINE_VERSION else None,
    )
