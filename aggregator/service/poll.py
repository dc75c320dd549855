"""One poll of one source: ask, read, plan, write."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from aggregator.intake.plan import (
    failure_of,
    known_digests,
    plan_failed,
    plan_parsed,
    plan_unchanged,
    remembered,
    same_body,
)
from aggregator.model.fetched import Fetched, FetchFailed, Outcome, Validators
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from aggregator.model.poll import IntakePlan, PollReport, PollState
from aggregator.polling.due import next_poll_at
from aggregator.service.bring import bring, with_older_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aggregator.model.source import Source
    from aggregator.service.world import Reading, World
    from aggregator.store import Store


class Fetch(Protocol):
    """One conditional request under all limits; failures are values."""

    async def __call__(self, source: Source, validators: Validators, now: datetime) -> Outcome: ...


class Parse(Protocol):
    """Reads one document in a worker that can be killed; failures are values."""

    async def __call__(self, request: ParseRequest) -> ParsedFeed | ParseFailed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """What a poll works with."""

    store: Store
    fetch: Fetch
    parse: Parse
    owner: str
    """Who holds the leases: one random name a process."""


async def poll(source: Source, state: PollState, world: World, tools: Polling, now: datetime) -> PollReport:
    """Polls one source and stores what came of it, in one transaction.

    Args:
        source: as configured.
        state: what is remembered of it, just read under this process's lease.
        now: the start of the poll.
    Returns:
        What happened; a failure is a report too.
    Raises:
        StoreError: the database could not take the result. Nothing was written; the lease ends by itself.
    """
    reading = world.reading(source)
    state = remembered(state, reading.digest)
    outcome = await tools.fetch(source, state.validators, now)
    plan = await _plan(source, state, outcome, reading, tools, now)
    if not await tools.store.apply(plan, tools.owner):
        return replace(plan.report, outcome="failed", detail="another process polled it meanwhile; nothing was written")
    if plan.report.new and state.pushed_until is not None and state.pushed_until > now:
        # The hub owed us these: until it delivers again it is not relied upon.
        usual = max(source.polling.interval, source.polling.min_interval)
        await tools.store.set_pushed(source.id, None, now + usual)
    return plan.report


async def _plan(
    source: Source, state: PollState, outcome: Outcome, reading: Reading, tools: Polling, now: datetime
) -> IntakePlan:
    if isinstance(outcome, Fetched) and not same_body(state, outcome):
        request = _request(source, state, outcome, reading)
        parsed = await tools.parse(request)
        if isinstance(parsed, ParsedFeed):
            if state.last_success_at is None and parsed.feed.earlier is not None:
                parsed = await with_older_parts(source, parsed, request, tools, now)
            brought = await bring(source, state, parsed, tools.store, now)
            due, why = next_poll_at(outcome, state, source.polling, parsed.feed.ttl, source.id)
            return plan_parsed(
                state,
                outcome,
                brought.parsed,
                brought.known,
                next_poll_at=due,
                why=why,
                now=now,
                is_partial=brought.is_partial,
            )
        outcome = failure_of(outcome, parsed)
    due, why = next_poll_at(outcome, state, source.polling, state.feed.ttl, source.id)
    if isinstance(outcome, FetchFailed):
        return plan_failed(state, outcome, next_poll_at=due, why=why, now=now)
    return plan_unchanged(state, outcome, next_poll_at=due, why=why, now=now)


def _request(source: Source, state: PollState, outcome: Fetched, reading: Reading) -> ParseRequest:
    return ParseRequest(
        source=source.id,
        url=outcome.final_url,
        body=outcome.body,
        content_type=outcome.content_type,
        content_location=outcome.content_location,
        known=known_digests(state),
        own_domains=reading.own_domains,
        own_names=reading.own_names,
        others=reading.others,
    )


async def poll_many(
    due: Sequence[tuple[Source, PollState]],
    world: World,
    tools: Polling,
    clock: Callable[[], datetime],
    on_report: Callable[[PollReport], None] | None = None,
) -> list[PollReport]:
    """Polls many sources side by side; the fetcher bounds how many at once, in all and per host.

    One source's failure, of whatever kind, stays with that source (R16): a database error becomes its report.
    """

    async def one(source: Source, state: PollState) -> PollReport:
        report = await poll(source, state, world, tools, clock())
        if on_report:
            on_report(report)
        return report

    results = await asyncio.gather(*(one(source, state) for source, state in due), return_exceptions=True)
    reports = []
    for (source, _), result in zip(due, results, strict=True):
        if isinstance(result, PollReport):
            reports.append(result)
        elif isinstance(result, Exception):
            reports.append(PollReport(source=source.id, outcome="failed", detail=str(result) or type(result).__name__))
        else:
            raise result
    return reports
