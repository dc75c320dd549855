"""What an operator should know of the licences that policies name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.errors import Problem
from aggregator.rights.licences import known

if TYPE_CHECKING:
    from aggregator.service.world import World


def unknown_licences(world: World) -> tuple[Problem, ...]:
    """Policies whose licence nobody knows: it supplies no rules, so what their own are silent about is asked for."""
    problems = []
    for policy in world.configuration.policies:
        if policy.licence is None or known(policy.licence) is not None:
            continue
        file, _, line = policy.where.rpartition(":")
        message = (
            f"licence '{policy.licence}' is not known, so it supplies no rules and means ask; "
            "write its SPDX id or the address of its text, such as CC-BY-4.0, or write its terms as rules"
        )
        problems.append(Problem(file=file, line=int(line), message=message))
    return tuple(problems)
