"""Everything about one source: as configured, as polled, as it says itself, and what outputs take of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from aggregator.config.words import in_words
from aggregator.model.policy import Effect
from aggregator.service.read import SourceSummary, source_summary
from aggregator.store import history
from aggregator.store.overview import carried_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from aggregator.model.evidence import Evidence
    from aggregator.model.hub import Subscription
    from aggregator.model.parsed import FeedFacts
    from aggregator.model.policy import Policy
    from aggregator.model.poll import Move, PollRecord
    from aggregator.model.source import PollSettings, Source
    from aggregator.service.world import World
    from aggregator.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an output carries of the source."""

    output: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Our subscription at the feed's hub, without its secret and its callback."""

    state: str
    hub: str | None
    lease_until: datetime | None
    deliveries: int
    ignored: int
    """Deliveries without a good signature."""
    last_delivery_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDetail:
    """One source."""

    summary: SourceSummary
    where: str
    """file:line of its definition."""
    tags: tuple[str, ...]
    polling: PollSettings
    sends: tuple[str, ...]
    """Names of what is sent along: headers and kinds of credentials, never their values."""
    terms: str
    """Its policy in a line."""
    claims: FeedFacts | None
    """What the feed says of itself; None: it was never read."""
    moved_to: str | None
    """Where it is asked for, since it has moved there for good."""
    move: Move | None
    """A permanent redirect that is not believed yet."""
    gone_at: datetime | None
    """When it was retired, because the server said twice that it is gone."""
    pause: timedelta | None
    """The usual time between two publications, as far as it is known."""
    pushed_until: datetime | None
    """A hub delivers until then."""
    push: Push | None
    """None: the feed names no hub, or was never asked about one."""
    outputs: tuple[Standing, ...]
    """Those that select it, with what stands in each now."""
    polls: tuple[PollRecord, ...]
    """The last ones, the newest first."""
    evidence: tuple[Evidence, ...]
    """What its site says to machines."""

    def lines(self) -> list[str]:
        """For a person."""
        return [*self._head(), *self._schedule(), *self._claims(), *self._use(), *self._said(), *self._polls()]

    def _head(self) -> Iterator[str]:
        yield f"{self.summary.title} ({self.summary.id})"
        yield f"  feed       {self.summary.feed}"
        if self.moved_to:
            yield f"  moved to   {self.moved_to}, where it is asked for"
        yield f"  configured {self.where}"
        yield f"  tags       {', '.join(self.tags) or '-'}"
        if self.sends:
            yield f"  sends      {', '.join(self.sends)} (values are not shown)"
        yield f"  policy     {self.terms}"

    def _schedule(self) -> Iterator[str]:
        found = self.summary
        failing = f" since {_polls(found.failures)}" if found.failures else ""
        yield f"  health     {found.health}{failing}"
        if found.error:
            yield f"  error      {found.error}"
        yield f"  last poll  {_at(found.last_polled_at)}"
        yield f"  last good  {_at(found.last_success_at)}"
        yield f"  changed    {_at(found.last_changed_at)}"
        if self.gone_at:
            yield f"  next poll  never: it is gone; 'aggregator sources revive {found.id}' polls it again"
        elif found.enabled:
            why = f" ({found.why_due})" if found.why_due else ""
            yield f"  next poll  {_at(found.next_poll_at, 'as soon as somebody polls')}{why}"
        else:
            yield "  next poll  never: it is switched off by 'enabled: false'"
        low, usual, high = self.polling.min_interval, self.polling.interval, self.polling.max_interval
        yield f"  interval   {in_words(usual)}, between {in_words(low)} and {in_words(high)}"
        if self.pause:
            yield f"  rhythm     publishes about every {_about(self.pause)}"
        if self.move:
            seen = f"since {_at(self.move.since)}, {_polls(self.move.polls)}"
            yield f"  redirects  for good to {self.move.to}, {seen}; not believed yet"
        if self.gone_at:
            yield f"  gone       answered 410 twice, {_at(self.gone_at)}: it is not polled any more"
        if self.push:
            yield f"  hub        {_pushed(self.push)}"

    def _claims(self) -> Iterator[str]:
        if self.claims is None or not self.claims.format:
            return
        told = (self.claims.title, self.claims.url, self.claims.language, self.claims.rights)
        names = ("title", "home page", "language", "rights")
        yield f"The feed says of itself ({self.claims.format}):"
        yield from (f"  {name}: {value}" for name, value in zip(names, told, strict=True) if value)

    def _use(self) -> Iterator[str]:
        yield f"Entries: {self.summary.entries} stored."
        if not self.outputs:
            yield "  no output selects it"
        for standing in self.outputs:
            yield f"  output '{standing.output}' carries {standing.entries}"

    def _said(self) -> Iterator[str]:
        if not self.evidence:
            return
        yield "What its site says to machines:"
        for one in self.evidence:
            words = one.quote or one.problem or "nothing"
            yield f"  {one.url} (read {_at(one.read_at, 'never')}): {words}"

    def _polls(self) -> Iterator[str]:
        if not self.polls:
            return
        yield "Last polls:"
        yield from map(_poll, self.polls)


def _pushed(push: Push) -> str:
    """A subscription at a hub in a line."""
    parts = [f"{push.hub or 'named by the feed'}: {push.state}"]
    if push.lease_until:
        parts.append(f"until {_at(push.lease_until)}")
    parts.append(f"{push.deliveries} deliveries, the last {_at(push.last_delivery_at, 'never')}")
    if push.ignored:
        parts.append(f"{push.ignored} without a good signature, ignored")
    if push.problem:
        parts.append(push.problem)
    return "; ".join(parts)


def _poll(poll: PollRecord) -> str:
    """A past poll in a line."""
    numbers = ((poll.new, "new"), (poll.revised, "revised"), (poll.deleted, "deleted"))
    facts = [
        f"{poll.outcome} {poll.status or ''}".strip(),
        f"{poll.took.total_seconds():.2f} s",
        *([f"{poll.size:,} bytes"] if poll.size else []),
        *(f"{count} {name}" for count, name in numbers if count),
    ]
    return f"  {_at(poll.at)}  {', '.join(facts)}{': ' + poll.detail if poll.detail else ''}"


def _polls(count: int) -> str:
    return "1 poll" if count == 1 else f"{count} polls"


def _about(span: timedelta) -> str:
    """A span in its largest unit, rounded: nobody publishes by the second."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 72 * 60 else f"{round(minutes / 1440)} days"


def _at(instant: datetime | None, none: str = "-") -> str:
    """UTC, to the second."""
    return none if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


async def source_detail(id_: str, world: World, store: Store) -> SourceDetail:
    """All that is known of a source.

    Raises:
        UsageError: there is none of this id.
    """
    (source,) = world.pick_sources([id_])
    state = (await store.poll_states([id_])).get(id_)
    takers = world.takers.get(id_, ())
    carried = await store.read(carried_of, id_, takers)
    return SourceDetail(
        summary=await source_summary(id_, world, store),
        where=source.where,
        tags=source.tags,
        polling=source.polling,
        sends=_sends(source),
        terms=_terms(world, source),
        claims=state.feed if state else None,
        moved_to=state.believed_url if state else None,
        move=state.move if state else None,
        gone_at=state.gone_at if state else None,
        pause=state.pause if state else None,
        pushed_until=state.pushed_until if state else None,
        push=_push((await store.hubs.subscriptions([id_])).get(id_)),
        outputs=tuple(Standing(output=output, entries=carried.get(output, 0)) for output in takers),
        polls=tuple(await store.read(history.of_source, id_)),
        evidence=tuple(await store.evidence(id_)),
    )


def _push(found: Subscription | None) -> Push | None:
    if found is None:
        return None
    return Push(
        state=found.state,
        hub=found.hub,
        lease_until=found.lease_until,
        deliveries=found.deliveries,
        ignored=found.ignored,
        last_delivery_at=found.last_delivery_at,
        problem=found.problem,
    )


def _sends(source: Source) -> tuple[str, ...]:
    names = [name for name, _ in source.headers]
    names += [f"cookie {name}" for name, _ in source.cookies]
    names += ["basic credentials"] if source.basic_auth else []
    names += ["a bearer token"] if source.bearer_auth else []
    return tuple(names)


def _terms(world: World, source: Source) -> str:
    policy = world.policy_of(source.id)
    if policy is None:
        return f"none: 'unknown_policy: {world.policies.unknown_policy}' decides"
    return f"{policy.id}: {_in_a_line(policy)}"


def _in_a_line(policy: Policy) -> str:
    """What a policy comes to, as far as a line can tell; `aggregator policy show` tells it all."""
    parts = []
    for effect in Effect:
        forms = [form for rule in policy.rules if rule.effect is effect for form in sorted(rule.forms)]
        if forms:
            parts.append(f"{effect} {', '.join(dict.fromkeys(forms))}")
    if policy.licence:
        parts.append(f"licence {policy.licence}")
    parts.append(f"else {policy.default}")
    if policy.contact:
        parts.append(f"contact {policy.contact}")
    return "; ".join(parts)
