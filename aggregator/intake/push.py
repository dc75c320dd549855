"""What a hub's delivery writes: merged like a page of a longer document, because absence is no removal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from msgspec import structs

from aggregator.intake.plan import plan_parsed
from aggregator.model.fetched import Fetched
from aggregator.model.parsed import ParsedFeed
from aggregator.model.poll import IntakePlan, KnownEntry, PollState

ITEMS_MAX = 5_000
"""Items that are remembered over many deliveries; the next poll counts anew."""


def pushed(source: str, url: str, body: bytes, content_type: str | None, now: datetime) -> Fetched:
    """A delivery as the answer that a poll would have brought."""
    return Fetched(source=source, asked_at=now, final_url=url, status=200, body=body, content_type=content_type)


def ids_of_push(parsed: ParsedFeed) -> tuple[str, ...]:
    """Ids of the entries that `plan_pushed` must know."""
    ids = {entry.entry.id for entry in parsed.entries} | {stone.ref for stone in parsed.tombstones}
    return tuple(sorted(ids))


def plan_pushed(
    state: PollState,
    outcome: Fetched,
    parsed: ParsedFeed,
    known: Mapping[str, KnownEntry],
    *,
    next_poll_at: datetime,
    why: str,
    now: datetime,
) -> IntakePlan:
    """New and changed entries, and deletions that it names. What polls remember of the server stays as it is.

    Args:
        state: as `remembered` gave it.
        known: by the feed's own id, at least for `ids_of_push`.
    """
    before = {digest: entry_id for digest, entry_id in state.items if digest}
    named = tuple((digest, entry_id or before.get(digest, "")) for digest, entry_id in parsed.items)
    whole = replace(parsed, items=named, feed=replace(parsed.feed, complete=False))
    # Without the items of before nothing has left; they are put back below.
    plan = plan_parsed(
        structs.replace(state, items=()), outcome, whole, known, next_poll_at=next_poll_at, why=why, now=now
    )
    spoken = {entry_id for _, entry_id in plan.state.items}
    kept = tuple(item for item in state.items if item[1] not in spoken)
    merged = structs.replace(
        state,
        items=(*plan.state.items, *kept)[:ITEMS_MAX],
        feed=replace(state.feed, twins=True) if parsed.feed.twins else state.feed,
        last_changed_at=plan.state.last_changed_at,
        next_poll_at=next_poll_at,
        why_due=why,
    )
    return structs.replace(plan, state=merged, departed=())
