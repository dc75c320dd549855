"""The processes of a fleet: what each does, under which configuration, and when it last said so."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence  # at run time too: msgspec reads a note by its annotations
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from aggregator import __version__
from aggregator.model.role import Role
from aggregator.store import notes

if TYPE_CHECKING:
    from aggregator.service.house import House
    from aggregator.store import Store

PREFIX = "node:"
ALIVE = timedelta(seconds=30)
"""A node gives a sign of life every ten seconds."""
FORGOTTEN = timedelta(hours=1)
"""After its last sign of life, where it could not take its leave."""

NEEDED = (Role.SCHEDULER, Role.WORKER, Role.BUILDER)
"""Without one of each, feeds are not asked for, or nothing of them goes out. Without web, files may be exported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One process, as it last described itself."""

    id: str
    host: str
    """Name of the machine."""
    pid: int
    roles: tuple[Role, ...]
    program: str
    """Version of the program."""
    version: str
    """Of the configuration that it has loaded."""
    started_at: datetime
    seen_at: datetime
    """Its last sign of life."""
    loaded_at: datetime
    """When that configuration was loaded."""
    problems: tuple[str, ...] = ()
    """Why a newer edit of the configuration was not taken."""
    stands_by: bool = False
    """Whether it would build, but another does under a configuration that was loaded later."""
    alive: bool = False
    """Whether the sign of life is a recent one; filled in by whoever reads."""


class Presence:
    """This process, as it makes itself known to the others."""

    def __init__(self, house: House, roles: frozenset[Role], id_: str, started_at: datetime) -> None:
        self._house = house
        self._roles = tuple(role for role in Role if role in roles)
        self.id = id_
        self._started_at = started_at

    async def show(self) -> None:
        """Gives a sign of life.

        Raises:
            StoreError: the database does not take it.
        """
        now, keeper = self._house.clock(), self._house.keeper
        node = Node(
            id=self.id,
            host=platform.node(),
            pid=os.getpid(),
            roles=self._roles,
            program=__version__,
            version=keeper.world.configuration.version,
            started_at=self._started_at,
            seen_at=now,
            loaded_at=keeper.loaded_at,
            problems=tuple(map(str, keeper.problems)),
            stands_by=self._house.stands_by,
        )
        await self._house.store.write(notes.write, PREFIX + self.id, msgspec.json.encode(node), now)
        await self._house.store.write(notes.forget, PREFIX, now - FORGOTTEN)

    async def leave(self) -> None:
        """Takes leave: this process does nothing any more.

        Raises:
            StoreError: the database does not take it; the node is forgotten by itself.
        """
        await self._house.store.write(notes.delete, PREFIX + self.id)

    async def is_rivalled(self, version: str) -> bool:
        """Whether another process that builds is at work under this version of the configuration."""
        found = await read_nodes(self._house.store, self._house.clock())
        return any(
            node.alive and Role.BUILDER in node.roles and node.version == version and not node.stands_by
            for node in found
            if node.id != self.id
        )


async def read_nodes(store: Store, now: datetime) -> tuple[Node, ...]:
    """All processes that made themselves known and did not take leave."""
    found = [msgspec.json.decode(value, type=Node) for value in await store.read(notes.read_all, PREFIX)]
    return tuple(replace(node, alive=now - node.seen_at < ALIVE) for node in found)


def disagreement(nodes: Sequence[Node]) -> str | None:
    """What is wrong with the nodes as a whole, one line; None: they agree."""
    alive = [node for node in nodes if node.alive]
    if len({node.version for node in alive}) > 1:
        told = ", ".join(f"{node.host}/{node.pid} has {node.version[:12]}" for node in alive)
        return f"nodes have different configurations: {told}; give all the same files"
    if len({node.program for node in alive}) > 1:
        told = ", ".join(f"{node.host}/{node.pid} is {node.program}" for node in alive)
        return f"nodes are different versions of the program: {told}; upgrade the others"
    there = {role for node in alive for role in node.roles}
    absent = [role.value for role in NEEDED if role not in there]
    if alive and absent:
        roles = ",".join(absent)
        return f"of the nodes none is {' or '.join(absent)}; start one: aggregator run --role {roles}"
    return None
