"""What stands in an output and what is held back, each with the decision behind it: a page at a time.

A look walks the output's candidates from its newest, as a build does, and decides those it passes: so nothing is shown
that is not so now, and a page costs what it shows, however much is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.publishing.render import Wanted
from aggregator.publishing.select import Placed
from aggregator.rights.approval import approval_digest
from aggregator.rights.decide import decide
from aggregator.rights.explain import explain
from aggregator.service.assess import (
    awaits_pick,
    decision_digest,
    gather_desk,
    judge_page,
    question_of,
    ruled_out,
    texts_for,
)
from aggregator.service.place import head_of, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Approval, Format, Output, Release
    from aggregator.publishing.render import Renderer
    from aggregator.service.assess import Desk, Verdict
    from aggregator.service.world import World
    from aggregator.store import Store

LOOKED_MAX = 600
"""Candidates that one page passes at most: at some 50 µs a decision that is met for the first time."""
STEP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry of an output, with the answer that it gets now."""

    stored: StoredEntry
    decision: Decision | None
    """None: it stands by the last build, and the next one takes it out, because it is not selected any more."""
    lines: tuple[str, ...]
    """The decision and its trace in plain words, as `explain` prints it."""
    state: str
    """`here`, `waiting` (a pick would let it in), `lapsed` (picked once, then what counts in it changed), `held`, or
    `rejected`."""
    since: datetime | None = None
    """From when it has stood here."""
    ruling: Approval | None = None
    """What a person ruled on it for this output."""

    @property
    def key(self) -> str:
        return self.stored.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A page of a walk."""

    rows: tuple[Shown, ...]
    next: str
    """Key of the entry behind which the next page begins; empty: there is none."""
    looked: int
    """Candidates that were passed."""
    is_cut: bool
    """Whether the walk ended because it had passed enough, so that more may come though the page is not full."""


async def contents(output: Output, world: World, store: Store, now: datetime) -> list[Shown]:
    """What stands in an output by its last build, in the order of its documents, with the answer that it gets now."""
    releases = await store.open_releases(output.id)
    stored = await store.entries_by_key(list(releases))
    desk = await gather_desk(store, output, world, now)
    entries = sorted(stored.values(), key=lambda one: (one.ordered_at, one.key), reverse=True)
    verdicts = {one.stored.key: one for one in await judge_page(entries, output, world, desk, store, now)}
    return [_here(one, verdicts.get(one.key), releases[one.key], desk) for one in entries]


def _here(stored: StoredEntry, verdict: Verdict | None, release: Release, desk: Desk) -> Shown:
    decision = verdict.decision if verdict else None
    return Shown(
        stored=stored,
        decision=decision,
        lines=tuple(explain(decision)) if decision else (),
        state="here",
        since=release.opened_at,
        ruling=desk.approvals.get(stored.key),
    )


async def held(
    output: Output,
    world: World,
    store: Store,
    now: datetime,
    *,
    after: str = "",
    reason: str = "",
    states: Sequence[str] = ("waiting", "lapsed", "held"),
    limit: int = 25,
) -> Stretch:
    """Candidates that the output would like to carry and may not, the newest first.

    Args:
        after: `Stretch.next` of the page before.
        reason: only those that are held for this `Reason`; empty: any.
        states: only those in these states.
    """

    def wanted(one: Shown) -> bool:
        return one.state in states and (not reason or (one.decision is not None and one.decision.reason == reason))

    floor = await _floor(output, store)
    return await _walk(output, world, store, now, after, wanted, limit, floor)


async def _floor(output: Output, store: Store) -> datetime | None:
    """Where an output that is full ends: what is older would not stand in it, whatever its rights."""
    releases = await store.open_releases(output.id)
    if len(releases) < output.select.newest:
        return None
    stored = await store.entries_by_key(list(releases))
    return min((one.ordered_at for one in stored.values()), default=None)


async def _walk(
    output: Output,
    world: World,
    store: Store,
    now: datetime,
    after: str,
    wanted: Callable[[Shown], bool],
    limit: int,
    floor: datetime | None,
) -> Stretch:
    desk = await gather_desk(store, output, world, now)
    sources = world.sources_of(output.select)
    since = now - output.select.max_age if output.select.max_age else None
    since = max(filter(None, (since, floor)), default=None)
    behind = (await store.entries_by_key([after])).get(after) if after else None
    place = (behind.ordered_at, behind.key) if behind else None
    rows: list[Shown] = []
    looked = 0
    while looked < LOOKED_MAX:
        page = await store.candidates(sources, since=since, limit=STEP, after=place)
        for verdict in await judge_page(page, output, world, desk, store, now):
            if verdict.decision.allowed:
                continue
            shown = _candidate(verdict, desk)
            if wanted(shown):
                rows.append(shown)
                if len(rows) == limit:
                    return Stretch(rows=tuple(rows), next=shown.key, looked=looked, is_cut=False)
        looked += len(page)
        if len(page) < STEP:
            return Stretch(rows=tuple(rows), next="", looked=looked, is_cut=False)
        place = page[-1].ordered_at, page[-1].key
    return Stretch(rows=tuple(rows), next=place[1] if place else "", looked=looked, is_cut=True)


def _candidate(verdict: Verdict, desk: Desk) -> Shown:
    approval = desk.approvals.get(verdict.stored.key)
    state = "held"
    if awaits_pick(verdict.decision):
        state = "lapsed" if approval is not None and not approval.rejected else "waiting"
    return Shown(
        stored=verdict.stored,
        decision=verdict.decision,
        lines=tuple(explain(verdict.decision)),
        state=state,
        ruling=approval,
    )


async def ruled(
    output: Output, world: World, store: Store, now: datetime, *, rejected: bool, page: int, limit: int = 25
) -> tuple[list[Shown], int]:
    """Entries on which people have ruled for this output, the last ruling first; and how many there are.

    Args:
        rejected: those that were kept out; else those that were picked.
        page: from 1.
    """
    desk = await gather_desk(store, output, world, now)
    rulings = [one for one in desk.approvals.values() if one.rejected is rejected]
    rulings.sort(key=lambda one: (one.at, one.entry), reverse=True)
    chosen = rulings[(page - 1) * limit : page * limit]
    stored = await store.entries_by_key([one.entry for one in chosen])
    evidence = await store.evidence_said(sorted({one.entry.source for one in stored.values()})) if stored else {}
    texts = await texts_for(stored.values(), output, world, store)
    standing = await store.open_releases(output.id)
    rows = []
    for ruling in chosen:
        if (entry := stored.get(ruling.entry)) is None:
            continue
        question = question_of(entry, output, world, desk, now, texts.get(entry.key), evidence)
        decision = decide(question, world.policies, desk.grants)
        lapsed = ruling.digest != approval_digest(entry.entry)
        state = "lapsed" if lapsed else "rejected" if rejected else "here" if entry.key in standing else "held"
        rows.append(
            Shown(
                stored=entry,
                decision=decision,
                lines=tuple(explain(decision)),
                state=state,
                since=standing[entry.key].opened_at if entry.key in standing else None,
                ruling=ruling,
            )
        )
    return rows, len(rulings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A copy of one entry as subscribers would get it."""

    decision: Decision
    """Under which it would stand: as if a person had picked it, where only a pick is missing."""
    documents: dict[Format, bytes]
    """A whole document with this entry alone, in each format of the output."""


async def preview(
    stored: StoredEntry, output: Output, world: World, store: Store, renderer: Renderer, now: datetime
) -> Preview | None:
    """An entry as an output would carry it, credit included; None: it may not, even if it were picked.

    Raises:
        EntryRefused: it cannot be made.
        TemplateError: a credit template cannot be used.
    """
    desk = await gather_desk(store, output, world, now)
    evidence = await store.evidence_said([stored.entry.source])
    text = (await texts_for([stored], output, world, store)).get(stored.key)
    question = question_of(stored, output, world, desk, now, text, evidence)
    decision = decide(replace(question, approved=True), world.policies, desk.grants)
    content = (await store.contents([stored.key])).get(stored.key)
    if not decision.allowed or content is None or ruled_out(stored, replace(desk, approvals={})) is not None:
        return None
    feeds = await store.feeds([stored.entry.source])
    one = Wanted(
        stored=stored,
        decision=decision,
        decision_digest=decision_digest(decision),
        place=place_of(Placed(stored=stored, decision=decision), world, feeds),
    )
    documents = renderer.alone(output, head_of(output, world), one, content)
    return Preview(decision=decision, documents=documents)
