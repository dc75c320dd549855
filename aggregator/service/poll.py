"""One poll of one source: ask, read, plan, write."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Protocol

import structlog
from msgspec import structs

from aggregator.intake.plan import (
    body_digest,
    failure_of,
    known_digests,
    plan_failed,
    plan_parsed,
    plan_unchanged,
    remembered,
)
from aggregator.model.fetched import Deferred, FailureKind, Fetched, FetchFailed, Outcome, Validators
from aggregator.model.parsed import ParsedFeed, ParseFailed, ParseRequest
from aggregator.model.poll import IntakePlan, PollReport, PollState
from aggregator.polling import rhythm
from aggregator.polling.backlog import Backlog
from aggregator.polling.due import next_poll_at
from aggregator.polling.holds import Holds
from aggregator.service import tracing
from aggregator.service.aside import LARGE, MANY, aside
from aggregator.service.bring import bring, with_older_parts
from aggregator.service.evidence import hear_feed
from aggregator.service.metrics import METRICS
from aggregator.service.schedule import addressed, conditions, hold_of, learn, noticed, plan_deferred, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aggregator.model.source import Source
    from aggregator.service.world import Reading, World
    from aggregator.store import Store


class Fetch(Protocol):
    """One conditional request under all limits; failures are values."""

    async def __call__(
        self, source: Source, validators: Validators, now: datetime, *, believed: str | None = None
    ) -> Outcome | Deferred: ...


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
    holds: Holds = field(default_factory=Holds)
    """The fetcher's: hosts that are not asked for now."""
    backlog: Backlog = field(default_factory=Backlog)
    """The fetcher's: documents that wait for a reader."""
    cut_off: Callable[[], None] | None = None
    """Told when this machine has lost its network. Then nothing is written of the poll: another machine makes it. None:
    there is no other, so the source says what is the matter."""


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
    state = addressed(remembered(state, reading.digest), source)
    asked = conditions(state, now)
    if state.believed_url is None:
        outcome = await tools.fetch(source, asked, now)
    else:
        outcome = await tools.fetch(source, asked, now, believed=state.believed_url)
    if tools.cut_off is not None and isinstance(outcome, FetchFailed) and outcome.kind is FailureKind.OFFLINE:
        tools.cut_off()
        return PollReport(source=source.id, outcome="failed", detail=outcome.detail, next_poll_at=now)
    if isinstance(outcome, Deferred):
        plan = plan_deferred(state, source, outcome, now)
    else:
        hold = hold_of(outcome, source, now)
        if hold is not None:
            tools.holds.put(hold)  # at once: its other feeds may stand in line
        plan = await _plan(source, state, outcome, world, tools, now)
        if hold is not None:
            plan = structs.replace(plan, hold=hold)
    if not await tools.store.apply(plan, tools.owner):
        lost = "another process polled it meanwhile; nothing was written"
        return structs.replace(plan.report, outcome="failed", detail=lost)
    if plan.state.feed.said != state.feed.said:
        await hear_feed(source, plan.state.feed.said, tools.store, now)
    if plan.report.new and state.pushed_until is not None and state.pushed_until > now:
        # The hub owed us these: until it delivers again it is not relied upon.
        usual = max(source.polling.interval, source.polling.min_interval)
        await tools.store.set_pushed(source.id, None, now + usual)
    return plan.report


async def _plan(
    source: Source, state: PollState, outcome: Outcome, world: World, tools: Polling, now: datetime
) -> IntakePlan:
    parsed: ParsedFeed | None = None
    digest: str | None = None
    if isinstance(outcome, Fetched):
        digest = await aside(len(outcome.body) >= LARGE, body_digest, outcome.body)
    if isinstance(outcome, Fetched) and digest != state.body_digest:
        request = _request(source, state, outcome, world.reading(source))
        tools.backlog.add(len(request.body))
        try:
            read = await tools.parse(request)
        finally:
            tools.backlog.take(len(request.body))
        if isinstance(read, ParsedFeed):
            parsed = read
            if state.last_success_at is None and parsed.feed.earlier is not None:
                parsed = await with_older_parts(source, parsed, request, tools, now)
        else:
            outcome = failure_of(outcome, read)
    learned = await learn(state, source, outcome, world, tools.store, now)
    state = learned.state
    if parsed is None or not isinstance(outcome, Fetched):
        due, why = next_poll_at(outcome, state, source.polling, state.feed, source.id)
        if isinstance(outcome, FetchFailed):
            plan = plan_failed(state, outcome, next_poll_at=due, why=why, now=now)
        else:
            plan = plan_unchanged(state, outcome, next_poll_at=due, why=why, now=now)
    else:
        brought = await bring(source, state, parsed, tools.store, now)
        changed = bool(brought.parsed.entries)
        dates = (date for read in brought.parsed.entries if (date := read.entry.published_at or read.entry.updated_at))
        state = rhythm.learn(state, dates, now, changed=changed)
        due, why = next_poll_at(outcome, state, source.polling, parsed.feed, source.id, changed=changed)
        plan = await aside(
            len(brought.parsed.items) >= MANY or len(outcome.body) >= LARGE,
            plan_parsed,
            state,
            outcome,
            brought.parsed,
            brought.known,
            next_poll_at=due,
            why=why,
            now=now,
            digest=digest,
            is_partial=brought.is_partial,
        )
    if learned.warning:
        told = structs.replace(plan.report, warnings=(*plan.report.warnings, learned.warning))
        plan = structs.replace(plan, report=told)
    if plan.state.gone_at is not None:
        plan = structs.replace(plan, report=structs.replace(plan.report, next_poll_at=None))
    events = (*learned.events, *noticed(state, plan.state, source, world))
    return structs.replace(plan, record=record_of(plan, outcome), events=events)


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
        detect_language=reading.detect_language,
    )


_FIRST = secrets.randbits(31)
_number = count()
"""Of the polls of this process, from a number by chance: to draw one for each poll would ask the system for it."""


async def _watched(
    source: Source,
    state: PollState,
    world: World,
    tools: Polling,
    clock: Callable[[], datetime],
    on_report: Callable[[PollReport], None] | None,
) -> PollReport:
    """A poll under an id that stands in every line logged on the way, counted, timed and traced."""
    began, id_, now = time.perf_counter(), f"{_FIRST + next(_number):x}", clock()
    # Each poll is a task of its own: what is bound here ends with it. To unbind it, and to open a span that nobody
    # sees, would cost a tenth of a poll that brings nothing.
    structlog.contextvars.bind_contextvars(poll=id_)
    if tracing.is_on():
        with tracing.span("poll", source=source.id, poll_id=id_):
            report = await poll(source, state, world, tools, now)
    else:
        report = await poll(source, state, world, tools, now)
    due_at = state.next_poll_at if state.last_polled_at is not None else None
    METRICS.polled(report, time.perf_counter() - began, due_at, now)
    if on_report:
        on_report(report)
    return report


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
    polls = (_watched(source, state, world, tools, clock, on_report) for source, state in due)
    results = await asyncio.gather(*polls, return_exceptions=True)
    reports = []
    for (source, _), result in zip(due, results, strict=True):
        if isinstance(result, PollReport):
            reports.append(result)
        elif isinstance(result, Exception):
            reports.append(PollReport(source=source.id, outcome="failed", detail=str(result) or type(result).__name__))
        else:
            raise result
    return reports
