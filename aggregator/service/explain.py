"""Why an entry is, or is not, in an output: asked now, of the same engine that builds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.publishing.select import is_same_story
from aggregator.rights.decide import decide
from aggregator.rights.explain import explain
from aggregator.service.assess import gather_desk, is_selected, question_of, ruled_out, texts_for
from aggregator.service.withdraw import find_entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import StoredEntry
    from aggregator.service.world import World
    from aggregator.store import End, Store


NOT_THERE_YET = "It is not in it now: it waits for the next build, or newer entries take all its places."


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
    instead: str | None
    """Key of the entry that stands there as the same article, from another source; None: there is none, or it stands
    itself."""
    unplaced: str
    """Why it does not stand there now although it may; empty where it does, or may not."""
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
        wanted = is_selected(stored, output, world, text, now)
        twin, unplaced = None, ""
        if decision.allowed and wanted and ruled is None and output.id not in standing:
            twin = await _twin(stored, output.id, store)
            unplaced = _told(twin) if twin is not None else NOT_THERE_YET
        explanations.append(
            Explanation(
                entry=stored.key,
                source=stored.entry.source,
                title=stored.entry.title,
                output=output.id,
                selected=wanted,
                standing=output.id in standing,
                withdrawn=_why(ruled) if ruled else None,
                instead=twin.key if twin is not None else None,
                unplaced=unplaced,
                decision=decision,
                lines=tuple(explain(decision)),
            )
        )
    return explanations


async def _twin(stored: StoredEntry, output: str, store: Store) -> StoredEntry | None:
    """The entry that stands in an output as the same article (ruling 16)."""
    there = await store.entries_by_key(list(await store.open_releases(output)))
    return next((other for other in there.values() if is_same_story(stored.entry, other.entry)), None)


def _told(twin: StoredEntry) -> str:
    title = f"'{twin.entry.title}' " if twin.entry.title else ""
    return (
        f"It is not in it: {title}of source '{twin.entry.source}' ({twin.key}) is the same article and nearer to its "
        "origin, and each story is shown once."
    )


def _why(end: End) -> str:
    return end.reason.removeprefix("withdrawn: ")
