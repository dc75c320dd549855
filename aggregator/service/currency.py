"""Which outputs are stale, whichever process changed something and whichever built them.

Kept by every node: what changed (sources, rulings, the configuration, time) against what the last build of each output
was made from. A node that builds also counts what it cannot read off those rows: its own start, an edit of its files.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aggregator.store import Stamp, builds
from aggregator.store import desk as desk_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from aggregator.service.world import World
    from aggregator.store import Built, Store

_seconds = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """A clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(_seconds)


class Currency:
    """What this process knows of how current each output is."""

    def __init__(self, outputs: Iterable[str]) -> None:
        self.stale: set[str] = set(outputs)
        self.in_force = ""
        """Version of the configuration under which the fleet builds."""
        self.confirmed_at = float("-inf")
        """When the database was last asked, by `seconds`."""
        self.follows = False
        """Whether others build, and this process goes by their stamps alone."""
        self._change = 0
        self._build: int | None = None
        self._void = 0
        """Number of the last build that counts for nothing."""
        self._desk = ""
        self._needed: dict[str, int] = {}
        """Number of the last change of what each output takes from."""
        self._built: dict[str, Built] = {}
        self._as_of: dict[str, float] = {}
        """The moment that each output's last build is of, by `seconds`; of one built elsewhere, when it was seen."""
        self._last_current: dict[str, float] = {}
        """When outputs that polls made stale were last known to be current, by `seconds`."""
        self._wake_at: dict[str, datetime] = {}

    async def look(self, store: Store, world: World, now: datetime) -> tuple[bool, bool]:
        """Looks for what has changed since the last time, in this process or another.

        Returns:
            Whether entries or rulings have; whether any document may have.
        Raises:
            StoreError: the database does not answer.
        """
        asked_at = seconds()
        if self._build is None:
            # What was built before this process began is of interest only to one that does not build itself.
            self._build = 0 if self.follows else await store.read(builds.newest)
        seen = await store.read(builds.look, self._change, self._build)
        desk = await store.read(desk_rows.version)
        before = set(self.stale)
        news = bool(seen.changed) or desk != self._desk
        self.in_force = seen.config
        self._note_changes(seen.changed, world)
        if desk != self._desk:
            self._desk = desk
            self.stale.update(world.outputs)
        built = self._note_built(seen.built, world)
        self.stale.update(id_ for id_, at in self._wake_at.items() if at <= now and id_ in world.outputs)
        if self.follows:
            self.stale.update(id_ for id_ in world.outputs if not self._is_fresh(id_, world, now))
        self.stale -= {id_ for id_ in self.stale if id_ not in world.outputs or self._is_fresh(id_, world, now)}
        self.confirmed_at = max(self.confirmed_at, asked_at)
        return news, built or self.stale != before

    def _note_changes(self, changed: Iterable[tuple[str, int]], world: World) -> None:
        for source, number in changed:
            self._change = max(self._change, number)
            for output in world.takers.get(source, ()):
                self._needed[output] = max(self._needed.get(output, 0), number)
                if output not in self.stale:
                    self._last_current[output] = self.confirmed_at
                    self.stale.add(output)

    def _note_built(self, built: dict[str, Built], world: World) -> bool:
        """Takes over what was built; whether any of it was built elsewhere."""
        elsewhere = False
        for output, one in built.items():
            self._build = max(self._build or 0, one.number)
            known = self._built.get(output)
            last = self._void if known is None else known.number
            if output not in world.outputs or one.number <= last:
                continue
            self._note(output, one, seconds())
            elsewhere = True
        return elsewhere

    def _is_fresh(self, output: str, world: World, now: datetime) -> bool:
        """Whether the last build that was seen is of this moment."""
        built = self._built.get(output)
        return (
            built is not None
            and built.stamp.change >= self._needed.get(output, 0)
            and self._is_in_force(built, world, now)
        )

    def _is_in_force(self, built: Built, world: World, now: datetime) -> bool:
        """Whether nothing but what polls brought is missing in a build: no ruling, no edit, no end of a permission."""
        return (
            built.stamp.config == ((self.follows and self.in_force) or world.configuration.version)
            and built.stamp.desk == self._desk
            and (built.wake_at is None or built.wake_at > now)
        )

    def age(self, output: str, world: World, now: datetime) -> float | None:
        """Seconds since the last build of a stale output, which lacks nothing but what polls brought; None: it does."""
        built = self._built.get(output)
        if built is None or not self._is_in_force(built, world, now):
            return None
        return seconds() - self._as_of[output]

    def overdue(self, output: str, world: World, now: datetime) -> float | None:
        """Seconds since a stale output was last known to be current; None: as `age`."""
        age = self.age(output, world, now)
        return None if age is None else min(age, seconds() - self._last_current.get(output, float("-inf")))

    def stamp(self, world: World) -> Stamp:
        """What a build that begins now is made from, at least."""
        return Stamp(config=world.configuration.version, change=self._change, desk=self._desk)

    def note_own(self, output: str, built: Built, as_of: float) -> None:
        """An output was built in this process, from what stood at this moment (by `seconds`)."""
        self._note(output, built, as_of)

    def _note(self, output: str, built: Built, as_of: float) -> None:
        self._built[output] = built
        self._as_of[output] = as_of
        self._last_current.pop(output, None)
        self._note_wake(output, built.wake_at)

    def _note_wake(self, output: str, wake_at: datetime | None) -> None:
        if wake_at is None:
            self._wake_at.pop(output, None)
        else:
            self._wake_at[output] = wake_at

    def number(self, output: str) -> int:
        """Of the last build of an output that was seen; 0: none was."""
        built = self._built.get(output)
        return 0 if built is None else built.number

    def mark_all(self, outputs: Iterable[str]) -> None:
        """Takes all outputs for stale, whatever they were built from."""
        self.stale = set(outputs)
        if not self.follows:
            self._void = max((one.number for one in self._built.values()), default=self._void)
            self._built = {}

    def read_all(self) -> None:
        """Has the next look read what all outputs were built from."""
        self._build, self._built, self._void = 0, {}, 0

    def wake_at(self, output: str) -> datetime | None:
        """First instant at which the documents of an output may not be served any more."""
        return self._wake_at.get(output)

    def keep_only(self, outputs: Iterable[str]) -> None:
        """Forgets outputs that are no longer configured."""
        kept = set(outputs)
        self.stale &= kept
        self._wake_at = {id_: at for id_, at in self._wake_at.items() if id_ in kept}
        self._built = {id_: one for id_, one in self._built.items() if id_ in kept}
        self._as_of = {id_: at for id_, at in self._as_of.items() if id_ in kept}
        self._last_current = {id_: at for id_, at in self._last_current.items() if id_ in kept}
