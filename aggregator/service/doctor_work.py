"""Looks over what an installation does: whether sources answer, outputs are built, news leave, nodes agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.service.delivery import delivery_summary
from aggregator.service.finding import Finding, ok, problem, warning
from aggregator.service.nodes import disagreement, read_nodes
from aggregator.service.read import output_summaries, source_summaries

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.service.world import World
    from aggregator.store import Store


async def examine_work(world: World, store: Store, now: datetime) -> list[Finding]:
    """All of it.

    Raises:
        StoreError: the database does not answer.
    """
    found = []
    if differ := disagreement(await read_nodes(store, now)):
        what, _, remedy = differ.rpartition("; ")
        found.append(problem("nodes", what, remedy))
    found.append(await _sources(world, store))
    found += await _outputs(world, store)
    found.append(await _sending(world, store, now))
    return found


async def _sources(world: World, store: Store) -> Finding:
    asked = [one for one in await source_summaries(world, store) if one.enabled and one.health != "new"]
    unwell = [one for one in asked if one.health != "ok"]
    if not unwell:
        return ok("sources", f"{len(asked)} were asked, and answered" if asked else "none has been asked yet")
    worst = max(unwell, key=lambda one: one.failures)
    times = f", {worst.failures} times in a row" if worst.failures > 1 else ""
    what = f"{len(unwell)} of {len(asked)} are not well, such as '{worst.id}': {worst.error or worst.health}{times}"
    return (problem if len(unwell) == len(asked) > 1 else warning)(
        "sources",
        what,
        "'aggregator sources list' has all, 'sources show ID' each try; 'sources discover SITE' finds one that moved",
    )


async def _outputs(world: World, store: Store) -> list[Finding]:
    outputs = await output_summaries(world, store)
    broken = [one for one in outputs if one.problem]
    if broken:
        what = f"'{broken[0].id}' goes on with its last good documents: {broken[0].problem}"
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        return [problem("outputs", what + more, f"'aggregator build {broken[0].id}' says what is wrong, or mends it")]
    absent = [one.id for one in outputs if one.built_at is None]
    if absent:
        return [warning("outputs", f"'{absent[0]}' was never built", "start 'aggregator run', or 'aggregator build'")]
    return [ok("outputs", f"{len(outputs)} are built")]


async def _sending(world: World, store: Store, now: datetime) -> Finding:
    sent = await delivery_summary(world, store, now)
    failing = [f"webhook '{hook.id}': {hook.problem}" for hook in sent.webhooks if hook.problem]
    failing += sent.problems
    waiting = ", ".join(f"{count} {kind}" for kind, count in sent.waiting.items())
    if not failing:
        return ok("sending", f"{waiting} wait to be sent" if waiting else "nothing waits to be sent")
    remedy = "it is tried again by itself; look whether that address is right (websub.hubs, webhooks, mail) and answers"
    return warning("sending", f"waiting: {waiting or 'nothing'}; {failing[0]}", remedy)
