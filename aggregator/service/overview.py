"""The house at a glance: what needs a person, how sources do, what goes out. Bounded, whatever is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.model.output import Access
from aggregator.model.use import Selection
from aggregator.store import outside, overview
from aggregator.store import terms as watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from aggregator.model.policy import Policy
    from aggregator.service.world import World
    from aggregator.store import OutputState, Store
    from aggregator.store.overview import Pulse, Waiting

HEALTH = ("failing", "gone", "new", "ok", "disabled")
"""The order in which they need a person."""
UNWELL = ("failing", "gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source in a list."""

    id: str
    title: str
    feed: str
    policy: str | None
    tags: tuple[str, ...]
    health: str
    """One of `HEALTH`."""
    entries: int
    pulse: Pulse | None
    """None: never polled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRow:
    """An output in a list."""

    id: str
    title: str
    public: bool
    audience: str
    medium: str
    form: str
    reviewed: bool
    """Whether a person picks what stands in it."""
    entries: int
    held: int
    """Candidates that it would like to carry and may not, by its last build."""
    picks: int
    """Those that only wait for a pick."""
    waiting: int
    """Open flags that it waits for."""
    built_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy in a list."""

    id: str
    publisher: str
    contact: str | None
    where: str
    licence: str | None
    rules: int
    sources: tuple[str, ...]
    waiting: int
    """Open flags that its publisher could answer."""
    read: str
    """Day on which the terms were read; empty: nobody says."""
    is_due: bool
    """Whether they should be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The first page of the desk."""

    waiting: tuple[Waiting, ...]
    overdue: int
    mine: int
    """Waiting flags that are assigned to whoever looks."""
    picks: tuple[OutputRow, ...]
    """Reviewed outputs for which entries wait."""
    terms_due: tuple[PolicyRow, ...]
    terms_changed: tuple[str, ...]
    """Ids of policies whose texts say something else than when a person last looked."""
    applications: int
    """Sites that wait for a word."""
    health: Mapping[str, int]
    """How many sources, by `HEALTH`; those of which there is none are missing."""
    unwell: tuple[SourceRow, ...]
    outputs: tuple[OutputRow, ...]


class Glance:
    """What lists show, with the counts of entries kept between two looks. One per process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: dict[str, tuple[int, int]] = {}

    async def counts(self) -> dict[str, int]:
        """How many entries each source has; only what has changed since the last look is counted."""
        self._counts = await self._store.read(overview.entry_counts, self._counts)
        return {id_: count for id_, (_, count) in self._counts.items()}

    async def sources(self, world: World) -> list[SourceRow]:
        """All configured sources, in the order of the configuration."""
        pulses = await self._store.read(overview.pulses)
        counts = await self.counts()
        return [_source(id_, world, pulses.get(id_), counts.get(id_, 0)) for id_ in world.sources]

    async def outputs(self, world: World) -> list[OutputRow]:
        """All configured outputs, in the order of the configuration."""
        states = await self._store.output_states()
        waiting = await self._store.read(overview.waiting_by_output)
        return [_output(id_, world, states.get(id_), waiting.get(id_, 0)) for id_ in world.outputs]

    async def policies(self, world: World, now: datetime) -> list[PolicyRow]:
        """All policies, in the order of the configuration."""
        policies = world.configuration.policies
        names = [policy.publisher.name for policy in policies]
        waiting = await self._store.read(overview.waiting_by, "publisher", names)
        sources: dict[str, list[str]] = {}
        for source in world.configuration.sources:
            if source.policy:
                sources.setdefault(source.policy, []).append(source.id)
        return [
            _policy(policy, sources.get(policy.id, ()), waiting.get(policy.publisher.name, 0), now)
            for policy in policies
        ]

    async def overview(self, world: World, name: str, now: datetime, unwell: int = 8, terms: int = 8) -> Overview:
        """What needs a person.

        Args:
            name: of the account that looks.
            unwell: at most so many sources that are not well.
            terms: at most so many policies whose terms are to be read again.
        """
        outputs = await self.outputs(world)
        sources = await self.sources(world)
        late, mine = await self._store.read(overview.overdue, now.date().isoformat(), name)
        policies = await self.policies(world, now)
        known = {row.id for row in policies}
        due = [row for row in policies if row.is_due]
        return Overview(
            waiting=tuple(await self._store.read(overview.waiting, now)),
            overdue=late,
            mine=mine,
            picks=tuple(row for row in outputs if row.reviewed and row.picks),
            terms_due=tuple(due[:terms]),
            terms_changed=tuple([id_ for id_ in await self._store.read(watched.changed) if id_ in known]),
            applications=await self._store.read(outside.count_waiting),
            health=_counted(row.health for row in sources),
            unwell=tuple([row for row in sources if row.health in UNWELL][:unwell]),
            outputs=tuple(outputs),
        )


def _counted(found: Iterable[str]) -> dict[str, int]:
    counts = Counter(found)
    return {health: counts[health] for health in HEALTH if counts[health]}


def _source(id_: str, world: World, pulse: Pulse | None, entries: int) -> SourceRow:
    source = world.sources[id_]
    return SourceRow(
        id=id_,
        title=world.name_of(id_),
        feed=source.feed,
        policy=source.policy,
        tags=source.tags,
        health=health_of(pulse, enabled=source.enabled),
        entries=entries,
        pulse=pulse,
    )


def health_of(pulse: Pulse | None, *, enabled: bool) -> str:
    """One of `HEALTH`."""
    if not enabled:
        return "disabled"
    if pulse is None or pulse.polled_at is None:
        return "new"
    if pulse.is_gone:
        return "gone"
    return "failing" if pulse.failures else "ok"


def _output(id_: str, world: World, state: OutputState | None, waiting: int) -> OutputRow:
    output = world.outputs[id_]
    return OutputRow(
        id=id_,
        title=output.title,
        public=output.access is Access.PUBLIC,
        audience=output.use.audience,
        medium=output.use.medium,
        form=output.use.form,
        reviewed=output.use.selection is Selection.REVIEWED,
        entries=state.entries if state else 0,
        held=state.held if state else 0,
        picks=state.picks if state else 0,
        waiting=waiting,
        built_at=state.built_at if state else None,
        problem=state.problem if state else None,
    )


def _policy(policy: Policy, sources: Sequence[str], waiting: int, now: datetime) -> PolicyRow:
    terms = policy.terms
    due = terms.read is not None and terms.review_every is not None and terms.read + terms.review_every <= now.date()
    return PolicyRow(
        id=policy.id,
        publisher=policy.publisher.name,
        contact=policy.contact,
        where=policy.where,
        licence=policy.licence,
        rules=len(policy.rules),
        sources=tuple(sources),
        waiting=waiting,
        read=terms.read.isoformat() if terms.read else "",
        is_due=due,
    )
