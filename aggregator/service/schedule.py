"""What a poll teaches about its source beside its entries: where it is, whether it is gone, how it is asked next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from aggregator.model.fetched import Deferred, Fetched, FetchFailed, Outcome, Validators
from aggregator.model.poll import (
    HostHold,
    IntakePlan,
    PollRecord,
    PollReport,
    PollState,
    SourceEvent,
    SourceEventKind,
)
from aggregator.model.source import HoldScope
from aggregator.polling import moves
from aggregator.polling.due import after_hold, is_gone_for_good
from aggregator.store import happenings

if TYPE_CHECKING:
    from aggregator.model.source import Source
    from aggregator.service.world import World
    from aggregator.store import Store

FULL_EVERY = timedelta(days=1)
"""A server that answers 304 by mistake hides what is new for no longer than this (R9)."""
_BUSY = (429, 503)


def addressed(state: PollState, source: Source) -> PollState:
    """The state as far as it holds for the configured address: under another one no move and no 410 does."""
    if state.feed_url == source.feed:
        return state
    if state.feed_url is None:
        return structs.replace(state, feed_url=source.feed)
    return structs.replace(state, feed_url=source.feed, move=None, believed_url=None, gone_at=None)


def conditions(state: PollState, now: datetime) -> Validators:
    """What to send: nothing, where the last whole document is a day old."""
    if state.full_at is None or now - state.full_at >= FULL_EVERY:
        return Validators()
    return state.validators


@dataclass(frozen=True, slots=True)
class Learned:
    """What one poll teaches about its source."""

    state: PollState
    """For the plan: all but what the plan itself decides."""
    events: tuple[SourceEvent, ...] = ()
    warning: str = ""


async def learn(
    state: PollState, source: Source, outcome: Outcome, world: World, store: Store, now: datetime
) -> Learned:
    """Where the source is after this poll.

    Args:
        state: as `addressed` gave it.
        outcome: a document that could not be read is a failure here.
    """
    known = structs.replace(
        state,
        polls=state.polls + 1,
        full_at=outcome.asked_at if isinstance(outcome, Fetched) and not outcome.is_delta else state.full_at,
    )
    if is_gone_for_good(outcome, state):
        if state.gone_at is not None:
            return Learned(known)
        return Learned(structs.replace(known, gone_at=now), (_gone(source, world),))
    events: tuple[SourceEvent, ...] = ()
    if state.gone_at is not None and not isinstance(outcome, FetchFailed):
        known = structs.replace(known, gone_at=None)
        events = (SourceEvent(kind=SourceEventKind.BACK, source=source.id, facts=(("why", "it answered again"),)),)
    if state.move is None and state.believed_url is None and getattr(outcome, "permanent_url", None) is None:
        return Learned(known, events)  # nearly every poll
    return await _moved(known, source, outcome, world, store, now, events)


async def _moved(
    known: PollState,
    source: Source,
    outcome: Outcome,
    world: World,
    store: Store,
    now: datetime,
    events: tuple[SourceEvent, ...],
) -> Learned:
    if moves.has_failed(known, outcome):
        facts = (("from", known.believed_url or ""), ("why", "it failed three times"))
        event = SourceEvent(kind=SourceEventKind.MOVE_FORGOTTEN, source=source.id, facts=facts)
        back = structs.replace(known, believed_url=None, move=None, validators=Validators(), body_digest=None)
        return Learned(back, (*events, event), f"asked at its configured address again; {facts[0][1]} failed")
    asked = known.believed_url or source.feed
    move = moves.seen(known, outcome, asked, now)
    known = structs.replace(known, move=move)
    if move is None or not moves.has_held(move, now):
        return Learned(known, events)
    holder = world.source_at(move.to)
    if (holder is not None and holder != source.id) or await store.read(happenings.asked_elsewhere, move.to, source.id):
        return Learned(known, events, f"has moved to {move.to}, where source '{holder or 'another'}' is; remove one")
    since, polls = move.since.isoformat(), str(move.polls)
    event = SourceEvent(
        kind=SourceEventKind.MOVED,
        source=source.id,
        facts=(("from", asked), ("to", move.to), ("since", since), ("polls", polls)),
    )
    believed = None if move.to == source.feed else move.to
    told = f"has moved for good to {move.to}; write it as 'feed', or run 'aggregator sources unmove {source.id}'"
    return Learned(structs.replace(known, believed_url=believed, move=None), (*events, event), told)


def _gone(source: Source, world: World) -> SourceEvent:
    return _about(SourceEventKind.GONE, (("url", source.feed),), source, world)


def _about(kind: SourceEventKind, facts: tuple[tuple[str, str], ...], source: Source, world: World) -> SourceEvent:
    policy = world.policy_of(source.id)
    return SourceEvent(
        kind=kind,
        source=source.id,
        facts=(*facts, ("where", source.where)),
        title=world.name_of(source.id),
        contact=policy.contact if policy else None,
        publisher=policy.publisher.name if policy else "",
    )


def noticed(before: PollState, after: PollState, source: Source, world: World) -> tuple[SourceEvent, ...]:
    """What the document of this poll has for an admin that the one before had not, or has not any more."""
    was, now, names = before.feed, after.feed, SourceEventKind
    found: list[tuple[SourceEventKind, str]] = []
    if now.empty_since is not None and was.empty_since is None:
        found.append((names.EMPTIED, str(len(after.items))))
    elif was.empty_since is not None and now.empty_since is None:
        found.append((names.FILLED if after.items else names.EMPTY_BELIEVED, str(len(before.items))))
    if now.waiting and not was.waiting:
        found.append((names.FLOODED, str(now.waiting)))
    elif was.waiting and not now.waiting:
        found.append((names.FLOOD_OVER, str(was.waiting)))
    return tuple(_about(kind, (("entries", count),), source, world) for kind, count in found)


def hold_of(outcome: Outcome | Deferred, source: Source, now: datetime) -> HostHold | None:
    """What an answer means for all feeds of its host (R6)."""
    if (
        isinstance(outcome, FetchFailed)
        and outcome.status in _BUSY
        and outcome.retry_after
        and outcome.host is not None
        and source.polling.retry_after is HoldScope.HOST
    ):
        return HostHold(host=outcome.host, until=now + outcome.retry_after)
    return None


def plan_deferred(state: PollState, source: Source, outcome: Deferred, now: datetime) -> IntakePlan:
    """Nothing was asked, so nothing changes but when it is asked."""
    due = after_hold(outcome.until, source.polling, source.id)
    why = f"{outcome.host} asked to be left alone (Retry-After)"
    report = PollReport(
        source=source.id,
        outcome="deferred",
        detail=f"not asked: {outcome.host} wants to be left alone until {outcome.until:%Y-%m-%d %H:%M} UTC",
        next_poll_at=due,
    )
    return IntakePlan(state=structs.replace(state, next_poll_at=due, why_due=why), report=report, at=now)


def record_of(plan: IntakePlan, outcome: Outcome) -> PollRecord:
    """What is kept of the poll for people."""
    report = plan.report
    return PollRecord(
        at=outcome.asked_at,
        took=outcome.took,
        outcome=report.outcome,
        status=plan.state.last_status,
        size=len(outcome.body) if isinstance(outcome, Fetched) else 0,
        new=report.new,
        revised=report.revised,
        deleted=report.deleted,
        detail=report.detail,
        next_poll_at=report.next_poll_at,
        why=plan.state.why_due,
    )
