"""Why an entry is, or is not, in an output: asked now, of the same engine that builds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.rights.decide import decide
from aggregator.rights.explain import explain
from aggregator.service.assess import gather_desk, is_selected, question_of, ruled_out, texts_for
from aggregator.service.withdraw import find_entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.service.world import World
    from aggregator.store import End, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One entry, one output."""

    entry: str
    source: str
    title: str
    output: str
    selected: bool
    """Whether the output's selection wants it at all."""
    standing: bool
    """Whether it stands in the published documents now."""
    withdrawn: str | None
    """Why a person took it out, everywhere or of this output; None if nobody did."""
    decision: Decision
    lines: tuple[str, ...]
    """The decision and its trace in plain words."""


async def explain_entry(
    name: str, outputs: Sequence[str], world: World, store: Store, now: datetime
) -> list[Explanation]:
    """The decision on an entry for each of the outputs; for all, if none is named.

    Raises:
        UsageError: there is no such entry or output.
    """
    stored = await find_entry(store, name)
    evidence = await store.evidence_said([stored.entry.source])
    standing = {one.output for one in await store.releases_of(stored.key) if one.closed_at is None}
    explanations = []
    for output in world.pick_outputs(outputs):
        desk = await gather_desk(store, output, world, now)
        texts = await texts_for([stored], output, world, store)
        text = texts.get(stored.key)
        question = question_of(stored, output, world, desk, now, text, evidence)
        decision = decide(question, world.policies, desk.grants).told()
        ruled = ruled_out(stored, desk)
        explanations.append(
            Explanation(
                entry=stored.key,
                source=stored.entry.source,
                title=stored.entry.title,
                output=output.id,
                selected=is_selected(stored, output, world, text, now),
                standing=output.id in standing,
                withdrawn=_why(ruled) if ruled else None,
                decision=decision,
                lines=tuple(explain(decision)),
            )
        )
    return explanations


def _why(end: End) -> str:
    return end.reason.removeprefix("withdrawn: ")
