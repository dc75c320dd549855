"""Why an entry is, or is not, in an output: asked now, of the same engine that builds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.errors import StoreError
from aggregator.publishing.select import is_same_story
from aggregator.rights.decide import decide
from aggregator.rights.explain import explained
from aggregator.service.assess import Desk, is_selected, looks_at_text, question_of, ruled_out
from aggregator.service.shares import gather_shares
from aggregator.service.terms_watch import holds_of
from aggregator.service.withdraw import find_entry
from aggregator.store import dossier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output
    from aggregator.service.world import World
    from aggregator.store import End, Store
    from aggregator.store.dossier import Dossier


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
    known = await store.read(dossier.read, stored.key)
    if known is None:
        raise StoreError(f"entry '{name}' was deleted at this moment; ask again")
    return await explain_known(known, outputs, world, store, now)


async def explain_known(
    known: Dossier, outputs: Sequence[str], world: World, store: Store, now: datetime
) -> list[Explanation]:
    """The same for an entry of which all is read.

    Raises:
        UsageError: there is no such output.
    """
    stored = known.stored
    standing = {one.output for one in known.releases if one.closed_at is None}
    asked = world.pick_outputs(outputs)
    ruled = known.rulings
    common = Desk(grants=(*ruled.grants, *holds_of(ruled.unread, world)))
    gone = ruled_out(stored, Desk(withdrawals=ruled.withdrawals))
    found = [await _explained(known, output, common, gone, world, store, now) for output in asked]
    wanted = [one.output for one in found if one.decision.allowed and one.selected and one.withdrawn is None]
    missing = [output for output in wanted if output not in standing]
    there = await store.read(dossier.standing_in, missing) if missing else {}
    return [_unplaced(one, stored, there[one.output]) if one.output in there else one for one in found]


async def _explained(
    known: Dossier, output: Output, common: Desk, gone: End | None, world: World, store: Store, now: datetime
) -> Explanation:
    """The decision on an entry for one output.

    Args:
        common: the grants, which concern all outputs.
        gone: by which withdrawal it left them all; None: by none.
    """
    stored, key = known.stored, known.stored.key
    opened = [one.opened_at for one in known.releases if one.output == output.id]
    desk = replace(
        common,
        approvals={key: known.approvals[output.id]} if output.id in known.approvals else {},
        first_releases={key: min(opened)} if opened and world.counts_from_release else {},
        told=frozenset({key} if output.id in known.told else ()),
        shares=await gather_shares(store, output, world, now),
    )
    text = known.content.text if looks_at_text(stored, output, world) else None
    question = question_of(stored, output, world, desk, now, text, {stored.entry.source: known.said})
    decision = decide(question, world.policies, desk.grants).told()
    ruled = gone or ruled_out(stored, desk)
    return Explanation(
        entry=key,
        source=stored.entry.source,
        title=stored.entry.title,
        output=output.id,
        selected=is_selected(stored, output, world, text, now),
        standing=any(one.output == output.id and one.closed_at is None for one in known.releases),
        withdrawn=_why(ruled) if ruled else None,
        instead=None,
        unplaced="",
        decision=decision,
        lines=explained(question, world.policies, desk.grants, decision),
    )


def _unplaced(one: Explanation, stored: StoredEntry, there: Sequence[StoredEntry]) -> Explanation:
    """With why an entry that may stand in an output, and that it selects, does not: the entry that stands there as the
    same article (ruling 16), or its turn has not come."""
    twin = next((other for other in there if is_same_story(stored.entry, other.entry)), None)
    if twin is None:
        return replace(one, unplaced=NOT_THERE_YET)
    return replace(one, instead=twin.key, unplaced=_told(twin))


def _told(twin: StoredEntry) -> str:
    title = f"'{twin.entry.title}' " if twin.entry.title else ""
    return (
        f"It is not in it: {title}of source '{twin.entry.source}' ({twin.key}) is the same article and nearer to its "
        "origin, and each story is shown once."
    )


def _why(end: End) -> str:
    return end.reason.removeprefix("withdrawn: ")
