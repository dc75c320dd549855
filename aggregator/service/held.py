"""What an output holds back, each with the decision behind it: a page at a time, counted exactly.

The list is the one that the output's last build made; what stands on a page is decided anew when it is looked at, so
nothing is shown that is not so now, and a page costs what it shows, however much is held back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.output import Approval
from aggregator.rights.explain import explained
from aggregator.service.assess import Desk, Verdict, awaits_pick, gather_desk, judge, judge_page
from aggregator.service.shelf import Shown
from aggregator.store import held as stored
from aggregator.store.held import HeldBack, HeldList
from aggregator.store.tables import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from aggregator.model.output import Output
    from aggregator.service.world import World
    from aggregator.store import Store

STATES = ("waiting", "lapsed", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPage:
    """A page of what is held back."""

    rows: tuple[Shown, ...]
    total: int
    """Of all pages."""
    page: int
    """From 1."""
    pages: int
    next: str
    """Key of the entry behind which the next page begins; empty: there is none."""
    tally: Mapping[str, int]
    """As `tally` gives it."""
    reasons: Mapping[str, int]
    """How many are held for each `Reason`, in the states that were asked for; the most first."""


def held_back(verdicts: Iterable[Verdict], desk: Desk) -> tuple[HeldBack, ...]:
    """Those candidates of a build that may not stand in its output, in their order."""
    return tuple(
        HeldBack(
            verdict.stored.key,
            state_of(verdict, desk.approvals.get(verdict.stored.key)),
            verdict.decision.reason.value,
            to_microseconds(verdict.stored.ordered_at),
        )
        for verdict in verdicts
        if not verdict.decision.allowed
    )


def state_of(verdict: Verdict, approval: Approval | None) -> str:
    """One of `STATES`, of a candidate that may not stand in its output."""
    if not awaits_pick(verdict.decision):
        return "held"
    return "lapsed" if approval is not None and not approval.rejected else "waiting"


async def held(
    output: Output,
    world: World,
    store: Store,
    now: datetime,
    *,
    page: int = 1,
    after: str | None = None,
    reason: str = "",
    states: Sequence[str] = STATES,
    limit: int = 25,
) -> HeldPage:
    """Candidates that the output would like to carry and may not, the newest first.

    Args:
        page: from 1; one behind the last is the last.
        after: `HeldPage.next` of the page before, in place of a number.
        reason: only those that are held for this `Reason`; empty: any.
        states: only those in these states.
    """
    desk = await gather_desk(store, output, world, now)
    listed, out = await _listed(output, world, desk, store, now)
    wanted = frozenset(states)
    asked = [at for at, state in enumerate(listed.states) if state in wanted and at not in out]
    counts = Counter([listed.reasons[at] for at in asked])
    reasons = {listed.names[number]: count for number, count in counts.most_common()}
    if reason:
        asked = [at for at in asked if listed.names[listed.reasons[at]] == reason]
        reasons.setdefault(reason, 0)
    pages = max(1, -(-len(asked) // limit))
    start = (min(max(page, 1), pages) - 1) * limit
    if after:
        start = await _behind(after, listed, asked, store)
    shown = [listed.entries[at] for at in asked[start : start + limit]]
    return HeldPage(
        rows=tuple(await _decided(shown, output, world, desk, store, now)),
        total=len(asked),
        page=start // limit + 1,
        pages=pages,
        next=shown[-1] if shown and start + limit < len(asked) else "",
        tally=_tally(listed, out, desk),
        reasons=reasons,
    )


async def tally(output: Output, world: World, store: Store, now: datetime) -> dict[str, int]:
    """How many entries a person can look at in each part of an output's queue: `waiting` (lapsed ones among them),
    `held`, and those that people `approved` or `rejected`."""
    desk = await gather_desk(store, output, world, now)
    return _tally(*await _listed(output, world, desk, store, now), desk)


def _tally(listed: HeldList, out: frozenset[int], desk: Desk) -> dict[str, int]:
    held = listed.states.count("held") - sum(listed.states[at] == "held" for at in out)
    rejected = sum(one.rejected for one in desk.approvals.values())
    return {
        "waiting": len(listed) - len(out) - held,
        "approved": len(desk.approvals) - rejected,
        "rejected": rejected,
        "held": held,
    }


async def _listed(
    output: Output, world: World, desk: Desk, store: Store, now: datetime
) -> tuple[HeldList, frozenset[int]]:
    """The list of the last build; and which of its places people have ruled on since: the next build takes them out."""
    dated = await store.read(stored.read, output.id)
    if dated is None:
        verdicts, _ = await judge(output, world, desk, store, now)
        return HeldList.of(held_back(verdicts, desk)), frozenset()
    found, since = dated
    gone = {key for key, one in desk.withdrawals.items() if one.at > since}
    ruled = {key for key, one in desk.approvals.items() if one.at > since}
    if not gone and not ruled:
        return found, frozenset()
    return found, frozenset(
        at for at, key in enumerate(found.entries) if key in gone or (key in ruled and found.states[at] != "held")
    )


async def _behind(key: str, listed: HeldList, asked: Sequence[int], store: Store) -> int:
    """Where the list goes on behind an entry, which may have left it meanwhile."""
    found = next((number for number, at in enumerate(asked) if listed.entries[at] == key), None)
    if found is not None:
        return found + 1
    behind = (await store.entries_by_key([key])).get(key)
    if behind is None:
        return len(asked)
    oldest_first = [(listed.places[at], listed.entries[at]) for at in reversed(asked)]
    return len(asked) - bisect_right(oldest_first, (to_microseconds(behind.ordered_at), behind.key))


async def _decided(
    keys: Sequence[str], output: Output, world: World, desk: Desk, store: Store, now: datetime
) -> list[Shown]:
    """The entries of a page with the answers that they get now; what may stand by now is left out."""
    entries = await store.entries_by_key(list(keys))
    known = [entries[key] for key in keys if key in entries]
    if desk.shares is None:
        verdicts = await judge_page(known, output, world, desk, store, now)
    else:  # what may stand depends on what stands before it
        everyone, _ = await judge(output, world, desk, store, now)
        verdicts = [verdict for verdict in everyone if verdict.stored.key in entries]
    return [
        Shown(
            stored=verdict.stored,
            decision=verdict.decision,
            lines=explained(verdict.question, world.policies, desk.grants, verdict.decision),
            state=state_of(verdict, approval),
            ruling=approval,
        )
        for verdict in verdicts
        if not verdict.decision.allowed
        for approval in (desk.approvals.get(verdict.stored.key),)
    ]
