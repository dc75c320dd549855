"""What stands in an output and what people ruled on it, each with the decision behind it as it is now; and how an entry
would look in it. What it holds back: `service.held`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.publishing.render import Wanted
from aggregator.publishing.select import Placed
from aggregator.rights.approval import approval_digest
from aggregator.rights.decide import decide
from aggregator.rights.explain import explained
from aggregator.service.assess import (
    decision_digest,
    gather_desk,
    judge_page,
    question_of,
    ruled_out,
    texts_for,
)
from aggregator.service.place import head_of, place_of

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.decision import Decision
    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Approval, Format, Output, Release
    from aggregator.publishing.render import Renderer
    from aggregator.service.assess import Desk, Verdict
    from aggregator.service.world import World
    from aggregator.store import Store


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


async def contents(
    output: Output, world: World, store: Store, now: datetime, *, page: int = 1, limit: int = 25
) -> tuple[list[Shown], int, int]:
    """A page of what stands in an output by its last build, in the order of its documents, with the answers that it
    gets now; the number of that page, and how many entries there are on all.

    Args:
        page: from 1; one behind the last is the last.
    """
    releases = await store.open_releases(output.id)
    stored = await store.entries_by_key(list(releases))
    desk = await gather_desk(store, output, world, now)
    entries = sorted(stored.values(), key=lambda one: (one.ordered_at, one.key), reverse=True)
    page = min(max(page, 1), max(1, -(-len(entries) // limit)))
    shown = entries[(page - 1) * limit : page * limit]
    # Where shares are limited, what may stand depends on what stands before it.
    asked = shown if desk.shares is None else entries
    verdicts = {one.stored.key: one for one in await judge_page(asked, output, world, desk, store, now)}
    return [_here(one, verdicts.get(one.key), releases[one.key], world, desk) for one in shown], page, len(entries)


def _here(stored: StoredEntry, verdict: Verdict | None, release: Release, world: World, desk: Desk) -> Shown:
    decision = verdict.decision if verdict else None
    return Shown(
        stored=stored,
        decision=decision,
        lines=explained(verdict.question, world.policies, desk.grants, verdict.decision) if verdict else (),
        state="here",
        since=release.opened_at,
        ruling=desk.approvals.get(stored.key),
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
                lines=explained(question, world.policies, desk.grants, decision),
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
    documents = renderer.alone(output, head_of(output, world, renderer.words_of(output)), one, content)
    return Preview(decision=decision, documents=documents)
