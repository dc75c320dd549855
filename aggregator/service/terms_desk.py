"""The terms behind policies, for the people who look at them: what changed, what is late, and that they have looked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.errors import UsageError
from aggregator.intake.terms_text import changes
from aggregator.model.terms import PAGE, Change, Watched
from aggregator.service.terms_watch import find_policy, overview, raise_flags, read_again_on, reasons
from aggregator.store import terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from aggregator.model.policy import Policy
    from aggregator.service.world import World
    from aggregator.store import Store

NOTE_MAX = 2_000
"""Characters of what somebody found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsView:
    """A policy's watched texts, for a person."""

    policy: Policy
    page: Watched | None
    """None: its page is not watched, or not read yet."""
    words: tuple[Watched, ...]
    """What its sources' sites and feeds say."""
    read_again_on: date | None
    """The day on which a person is to read them again; None: only when they change."""
    overdue: bool
    reasons: tuple[str, ...]
    """Why somebody should look; empty: nothing to do."""
    sources: tuple[str, ...]
    changes: dict[str, tuple[Change, ...]]
    """Part → what changed."""

    @property
    def state(self) -> str:
        """`changed`, `overdue`, `unreadable`, `fine`, `unread` or `not watched`."""
        if any(one.changed for one in (self.page, *self.words) if one is not None):
            return "changed"
        if self.overdue:
            return "overdue"
        if self.page is None:
            return "unread" if self.policy.terms.url else "not watched"
        if self.page.failures:
            return "unreadable"
        return "fine" if self.page.kept is not None else "unread"


async def list_terms(world: World, store: Store, now: datetime) -> list[TermsView]:
    """All policies with the state of their terms: what needs a person first. Without texts and comparisons."""
    by_policy = await overview(store)
    views = [_view(policy, by_policy.get(policy.id, []), world, now, {}) for policy in world.configuration.policies]
    return sorted(views, key=lambda view: (not view.reasons, view.state == "not watched", view.policy.id))


async def show_terms(id_: str, world: World, store: Store, now: datetime) -> TermsView:
    """One policy's terms, with what changed in them.

    Raises:
        UsageError: there is no such policy.
    """
    policy = find_policy(id_, world)
    rows = await store.read(terms.all_watched, policy.id)
    compared_ = await asyncio.to_thread(
        lambda: {row.part: changes(row.kept or "", row.seen) for row in rows if row.seen is not None}
    )
    return _view(policy, rows, world, now, compared_)


def _view(
    policy: Policy, rows: Sequence[Watched], world: World, now: datetime, compared_: dict[str, tuple[Change, ...]]
) -> TermsView:
    again = read_again_on(policy, rows)
    return TermsView(
        policy=policy,
        page=next((row for row in rows if row.part == PAGE), None),
        words=tuple(row for row in rows if row.part != PAGE),
        read_again_on=again,
        overdue=again is not None and again <= now.date(),
        reasons=tuple(reasons(policy, rows, now)),
        sources=tuple(id_ for id_ in world.active if world.sources[id_].policy == policy.id),
        changes=compared_,
    )


def looked_at(view: TermsView) -> dict[str, str | None]:
    """Part → digest of the text that a view shows: what a confirmation speaks of."""
    return {row.part: terms.digest(row.seen) for row in (view.page, *view.words) if row is not None}


async def confirm_terms(
    id_: str, seen: dict[str, str | None] | None, note: str, by: str, world: World, store: Store, now: datetime
) -> None:
    """Records that a person has looked at a policy's terms as they are, and ends what their change holds back.

    Args:
        seen: as `looked_at` gives it, of the view that was looked at; None: of now.
        note: what they found; it stands in the ledger.
    Raises:
        UsageError: there is no such policy, nothing was read yet, or the terms changed again meanwhile.
    """
    view = await show_terms(id_, world, store, now)
    current = looked_at(view)
    if not current:
        raise UsageError(
            "the terms of '%(id)s' were not read yet", command="'aggregator terms check %(id)s' reads them", id=id_
        )
    if len(note) > NOTE_MAX:
        raise UsageError("the note is longer than %(note_max)s characters; shorten it", note_max=NOTE_MAX)
    late = await store.write(terms.confirm, id_, current if seen is None else seen, by, note.strip(), now)
    await raise_flags(world, store, now)
    if late:
        raise UsageError("they changed again while you were looking; look at what they say now")
