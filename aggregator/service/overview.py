"""The house at a glance: what needs a person, how sources do, what goes out. Bounded, whatever is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from aggregator.model.output import Access
from aggregator.model.use import Selection
from aggregator.store import outside, overview
from aggregator.store import terms as watched
from aggregator.store.sources import entry_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from aggregator.model.policy import Policy
    from aggregator.service.world import World
    from aggregator.store import OutputState, Store
    from aggregator.store.overview import Pulse, Waiting

HEALTH = ("failing", "gone", "new", "ok", "disabled")
"""The order in which they need a person."""
UNWELL = ("failing", "gone")
FEW = 1_000
"""Up to so many sources are looked up one by one; to read the numbers of all is quicker for more."""
COLUMNS = ("name", "health", "entries", "changed", "next")
"""By which a list of sources can be sorted."""


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
    read: date | None
    """Day on which the terms were read; None: nobody says."""
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
    """What lists show."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def sources(self, world: World, ids: Sequence[str]) -> list[SourceRow]:
        """These configured sources, in this order: those of a page, because there may be a hundred thousand."""
        pulses = await self._store.read(overview.pulses, ids)
        counts = await self._store.read(entry_counts, ids)
        return [_source(id_, world, pulses.get(id_), counts.get(id_, 0)) for id_ in ids]

    async def health(self, world: World) -> dict[str, str]:
        """One of `HEALTH` for each configured source, in the order of the configuration."""
        unusual = await self._store.read(overview.unusual)
        return {id_: unusual.get(id_, "ok") if source.enabled else "disabled" for id_, source in world.sources.items()}

    async def key(self, world: World, column: str, ids: Sequence[str]) -> Callable[[str], Any]:
        """By what these sources are put in order, of their ids: a column of `COLUMNS`."""

        def name(id_: str) -> str:
            return world.name_of(id_).casefold()

        if column == "health":
            health = await self.health(world)
            return lambda id_: (HEALTH.index(health[id_]), name(id_))
        if column == "entries":
            counts = await self._store.read(entry_counts, ids if len(ids) < FEW else None)
            return lambda id_: counts.get(id_, 0)
        if column in ("changed", "next"):
            moments = await self._store.read(overview.moments, column)
            return lambda id_: moments.get(id_, 0)
        return name

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
        return [
            _policy(policy, world.sources_by_policy.get(policy.id, ()), waiting.get(policy.publisher.name, 0), now)
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
        unusual = await self._store.read(overview.unusual)
        # Only those that are not well are looked at one by one: there may be a hundred thousand.
        health = Counter(word for id_, word in unusual.items() if (one := world.sources.get(id_)) and one.enabled)
        health["disabled"] = len(world.sources) - len(world.active)
        health["ok"] = len(world.sources) - health.total()
        ill = {id_ for id_, word in unusual.items() if word in UNWELL}
        shown = list(islice((id_ for id_ in world.active if id_ in ill), unwell)) if ill else []
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
            health={word: health[word] for word in HEALTH if health[word]},
            unwell=tuple(await self.sources(world, shown)),
            outputs=tuple(outputs),
        )


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
        read=terms.read,
        is_due=due,
    )
