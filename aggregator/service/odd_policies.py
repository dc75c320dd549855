"""What an operator should know of policies that are no errors: their licences, and the days when terms were read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.errors import Problem
from aggregator.rights.licences import NON_COMMERCIAL, known

if TYPE_CHECKING:
    from datetime import date

    from aggregator.service.world import World


def odd_licences(world: World) -> tuple[Problem, ...]:
    """Policies whose licence nobody knows, and what they waive of a licence that does not ask for it."""
    problems: list[Problem] = []
    for policy in world.configuration.policies:
        if policy.licence is None:
            continue
        licence = known(policy.licence)
        if licence is None:
            message = (
                f"licence '{policy.licence}' is not known, so it supplies no rules and means ask; "
                "write its SPDX id or the address of its text, such as CC-BY-4.0, or write its terms as rules"
            )
            problems.append(_problem(policy.where, message))
            continue
        asked = {duty.name.value for duty in licence.duties} | {limit.name.value for limit in licence.limits}
        if licence.non_commercial:
            asked.add(NON_COMMERCIAL)
        for where, waived in ((policy.where, policy.waive), *((rule.where, rule.waive) for rule in policy.rules)):
            for name in sorted(waived - asked):
                what = ", ".join(sorted(asked)) or "nothing"
                message = f"waive '{name}' has no effect: {licence.id} does not ask for it; it asks for {what}"
                problems.append(_problem(where, message))
    return tuple(problems)


def odd_dates(world: World, today: date) -> tuple[Problem, ...]:
    """Policies whose terms were read on a day to come: nobody would be reminded of them in time."""
    return tuple(
        _problem(
            policy.where, f"terms: read {policy.terms.read} is a day to come; write the day on which they were read"
        )
        for policy in world.configuration.policies
        # A day more: where the operator lives it may be tomorrow already.
        if policy.terms.read is not None and policy.terms.read > today + timedelta(days=1)
    )


def _problem(where: str, message: str) -> Problem:
    file, _, line = where.rpartition(":")
    return Problem(file=file, line=int(line), message=message)
