"""How everything is, at a glance: also where the configuration has just been broken by an edit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime  # at run time too: msgspec reads a note by its annotations
from typing import TYPE_CHECKING

import msgspec

from aggregator.config import load, load_settings
from aggregator.errors import AggregatorError, ConfigError, Problem, StoreError
from aggregator.service.delivery import DeliverySummary, delivery_summary
from aggregator.service.nodes import Node, disagreement, read_nodes
from aggregator.service.read import OutputSummary, SourceSummary, output_summaries, source_summaries
from aggregator.service.world import World
from aggregator.store import Store, notes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aggregator.service.keeper import Keeper

NOTE = "service"
ALIVE_SECONDS = 30
"""A running service gives a sign of life every ten seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNote:
    """What a running service says of itself, in the database."""

    started_at: datetime
    seen_at: datetime
    """Its last sign of life."""
    loaded_at: datetime
    """When the configuration in force was loaded."""
    version: str
    """Of that configuration."""
    problems: tuple[str, ...] = ()
    """Why a newer edit of the configuration was not taken."""
    ended: bool = False
    """Whether it took its leave."""
    alive: bool = False
    """Whether the sign of life is a recent one; filled in by whoever reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Sources, outputs and open flags at a glance."""

    ok: bool
    problems: tuple[Problem, ...]
    """Of the configuration as it is now."""
    service: ServiceNote | None
    """The service that runs, or ran last, on this database; None: none ever did."""
    database_error: str | None
    sources: tuple[SourceSummary, ...]
    outputs: tuple[OutputSummary, ...]
    open_flags: Mapping[str, int]
    """Kind → how many."""
    delivery: DeliverySummary | None
    """How news travel; None where that cannot be told."""
    nodes: tuple[Node, ...] = ()
    """All processes that are at work on this database, or were lately and took no leave."""
    disagreement: str | None = None
    """What is wrong with the nodes as a whole; None: they agree."""
    readable: bool = True
    """Whether the database could be asked at all: one that is full or locked takes nothing, but tells."""


async def read_status(folder: Path, now: datetime) -> Status:
    """The state of the installation.

    A broken configuration, or a database that cannot be used, is part of the answer.

    Raises:
        ConfigError: not even the settings can be read, so that nobody knows which database to ask.
    """
    problems: tuple[Problem, ...] = ()
    world: World | None = None
    try:
        configuration = load(folder)
        settings, world = configuration.settings, World.of(configuration)
    except ConfigError as error:
        problems = error.problems
        settings = load_settings(folder)
    try:
        store = await Store.open(settings.database)
    except AggregatorError as error:
        return _unreachable(problems, str(error))
    try:
        return await status_of(problems, world, store, now)
    except StoreError as error:
        return _unreachable(problems, str(error))
    finally:
        await store.close()


def _unreachable(problems: tuple[Problem, ...], error: str) -> Status:
    return Status(
        ok=False,
        problems=problems,
        service=None,
        database_error=error,
        sources=(),
        outputs=(),
        open_flags={},
        delivery=None,
        readable=False,
    )


async def status_of(problems: tuple[Problem, ...], world: World | None, store: Store, now: datetime) -> Status:
    """The state of an installation whose database is open.

    Args:
        problems: of the configuration files as they are now.
        world: the configuration in force; None: there is none.
    """
    sources = await source_summaries(world, store) if world else []
    outputs = await output_summaries(world, store) if world else []
    flags = Counter(flag.kind for flag in await store.flags(open_only=True))
    service = await read_note(store, now)
    nodes = await read_nodes(store, now)
    differ = disagreement(nodes)
    try:
        await store.try_to_write(now)
    except AggregatorError as error:
        trouble: str | None = str(error)
    else:
        trouble = None
    unwell = any(source.health == "failing" for source in sources) or any(output.problem for output in outputs)
    return Status(
        ok=not problems and not unwell and trouble is None and not (service and service.problems) and differ is None,
        problems=problems,
        service=service,
        database_error=trouble,
        sources=tuple(sources),
        outputs=tuple(outputs),
        open_flags=dict(sorted(flags.items())),
        delivery=await delivery_summary(world, store, now) if world else None,
        nodes=nodes,
        disagreement=differ,
    )


async def write_note(store: Store, keeper: Keeper, started_at: datetime, now: datetime, *, ended: bool = False) -> None:
    """Leaves a sign of life of this service, or that it ends."""
    note = ServiceNote(
        started_at=started_at,
        seen_at=now,
        loaded_at=keeper.loaded_at,
        version=keeper.world.configuration.version,
        problems=tuple(map(str, keeper.problems)),
        ended=ended,
    )
    await store.write(notes.write, NOTE, msgspec.json.encode(note), now)


async def read_note(store: Store, now: datetime) -> ServiceNote | None:
    """The last sign of life of a service on this database; None: there never was one."""
    blob = await store.read(notes.read, NOTE)
    if blob is None:
        return None
    note = msgspec.json.decode(blob, type=ServiceNote)
    return replace(note, alive=not note.ended and (now - note.seen_at).total_seconds() < ALIVE_SECONDS)
