"""What if: an entry under another use, or on another day, decided by the same engine that decides for outputs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.publishing.abilities import can_discharge
from aggregator.rights.decide import decide
from aggregator.rights.explain import explained
from aggregator.service.assess import Desk, question_of

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output
    from aggregator.model.use import Use
    from aggregator.service.world import World
    from aggregator.store import Store


async def what_if(
    stored: StoredEntry, use: Use, like: Output, world: World, store: Store, at: datetime
) -> tuple[Decision, tuple[str, ...]]:
    """The decision on an entry for a use that no output has, and its trace in plain words.

    Args:
        use: its `output` is empty: no grant that names outputs speaks for it.
        like: an output whose formats and own language it would have.
        at: when; grants and dates of rules count by it. What was released, counted or told is not supposed.
    """
    output = replace(like, use=replace(use, can_discharge=can_discharge(like.formats)))
    text = None
    if world.looks_at_text:
        content = (await store.contents([stored.key])).get(stored.key)
        text = content.text if content else None
    evidence = await store.evidence_said([stored.entry.source])
    desk = Desk(grants=await store.grants())
    question = question_of(stored, output, world, desk, at, text, evidence)
    decision = decide(question, world.policies, desk.grants)
    return decision, explained(question, world.policies, desk.grants, decision)
