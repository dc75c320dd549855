"""The running whole: which outputs are stale, and building them. What of them may be served: `service.serving`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import AggregatorError, StoreError
from aggregator.service.affected import affected, edited
from aggregator.service.archive import settle
from aggregator.service.build import Build, BuildReport, gather_facts
from aggregator.service.claims import Claims
from aggregator.service.currency import Currency, seconds
from aggregator.service.metrics import METRICS
from aggregator.service.round import Round
from aggregator.service.serving import AGAIN, Serving
from aggregator.service.tracing import span
from aggregator.store import Built, FragmentsLostError, SupersededError, archives, builds, proving
from aggregator.store import outputs as output_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime, timedelta

    from aggregator.publishing.render import Renderer
    from aggregator.service.affected import Named
    from aggregator.service.keeper import Keeper
    from aggregator.service.world import World
    from aggregator.store import BuildResult, Store

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""Outputs that are built together: each of them waits for all."""
WAIT = 0.1
"""Seconds after which what has been prepared is published, whether or not there is more to come."""
BUSY = 20.0
"""Seconds to wait for another process that builds the same output."""
HEARD = 4.0
"""Seconds for which one look at the database is good: with `LAG` a document is never older than five behind it."""
LAG = 1.0
"""Seconds for which a document that has just been built is good enough while polls bring more: else every request of a
busy time would wait for a build."""


async def _nobody(_version: str) -> bool:
    return False


class House:
    """Knows what is stale and builds it. One per process.

    An output is stale when a source that it takes from has changed entries, when a person has ruled, when an edit of
    the configuration can affect it, or when the instant has come at which one of its decisions may differ.
    """

    def __init__(self, keeper: Keeper, store: Store, renderer: Renderer, clock: Callable[[], datetime]) -> None:
        self.keeper = keeper
        self.store = store
        self.renderer = renderer
        self.clock = clock
        self.observers: list[Callable[[BuildReport], Awaitable[None]]] = []
        """Told of each build that changed documents or what stands in them."""
        self.lag = 0.0
        """Seconds for which a document is served though polls have brought more since it was built (`LAG`)."""
        self.claims = Claims(store, clock)
        self.rival: Callable[[str], Awaitable[bool]] = _nobody
        """Whether another process that builds is at work under this version of the configuration."""
        self.stands_by = False
        """Whether this process would build, but another does under a configuration that was loaded later."""
        self.changed = asyncio.Event()
        """Set when another process may have changed something."""
        self.currency = Currency(self.world.outputs)
        self._named: dict[str, Named] = {}
        """Whom the candidates of each output name, by its last build in this process."""
        self._version = 0
        self._round: Round | None = None
        """What the outputs of one round of building share."""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._is_follower = False
        self.public = Serving(self)
        """The documents that have a public address."""
        self.whole = Serving(self, whole=True)
        """All documents, for subscribers and for those who look after them."""

    @property
    def world(self) -> World:
        return self.keeper.world

    def follow(self) -> None:
        """Leaves building, and what configuration is in force, to other processes. Before anything else."""
        self._is_follower = self.currency.follows = True

    async def sync(self, before: World | None = None) -> None:
        """Makes the store know the configured sources and forget outputs that are no longer configured.

        Args:
            before: the configuration under which the outputs were built; None: not known, so all are stale.
        """
        # First of all: whatever fails after it, no document of before is handed out.
        affected_now = self._note_stale(before)
        if not self._is_follower:
            await self.store.sync_sources(self.world.active, self.clock(), feeds=self.world.feeds)
            await self._take_force(before)
            await self._forget_outputs()
            if before is not None:
                kept = sorted(self.world.outputs.keys() - affected_now)
                versions = before.configuration.version, self.world.configuration.version
                await self.store.write(builds.carry_over, kept, *versions)
        self._version += 1

    async def _take_force(self, before: World | None = None) -> None:
        """Puts this process's configuration into force: the one that a builder loaded last is."""
        configuration, now = self.world.configuration, self.clock()
        unknown = configuration.settings.unknown_policy
        await self.store.write(proving.keep_policies, configuration.version, configuration.policies, unknown, now)
        await self.store.note_config(configuration.version, now, edited(before, self.world))
        self.currency.in_force = configuration.version
        self._set_by(False)

    async def _forget_outputs(self) -> None:
        """Drops outputs and archives that are no longer configured."""
        outputs = self.world.outputs
        for output in await self.store.output_states():
            if output not in outputs:
                await self.store.write(output_rows.drop, output, self.clock())
        with_archives = await self.store.read(archives.outputs)
        if gone := sorted(id_ for id_ in with_archives if id_ not in outputs or not outputs[id_].archive):
            await self.store.write(archives.drop, gone)

    def _set_by(self, stands_by: bool) -> None:
        self.stands_by = stands_by
        self.currency.follows = self._is_follower or stands_by
        if stands_by:
            self.currency.read_all()

    def _note_stale(self, before: World | None) -> set[str]:
        """Marks what another configuration may affect."""
        outputs = self.world.outputs
        if before is None:
            marked = set(outputs)
            self.currency.mark_all(outputs)
        else:
            # One that is being built now is built under the configuration of before.
            built_now = {id_ for id_, lock in self._locks.items() if lock.locked()}
            marked = built_now | affected(before, self.world, self._named) | self.currency.stale
            self.currency.stale |= marked
        self.currency.keep_only(outputs)
        self._named = {id_: known for id_, known in self._named.items() if id_ in outputs}
        return marked

    def concerned(self, after: World) -> set[str]:
        """Ids of the outputs that another configuration may concern: all others stay as they are."""
        return affected(self.world, after, self._named)

    async def refresh(self) -> bool:
        """Takes an edited configuration into force, if it is a good one.

        Returns:
            True if the files were edited, for better or worse.
        """
        seen, before = self.keeper.seen, self.world
        if await self.keeper.refresh(self.clock()):
            await self.sync(None if self.stands_by else before)
        return seen != self.keeper.seen

    async def notice(self) -> set[str]:
        """Looks for what has become stale since the last time, in this process or another.

        Returns:
            Ids of all stale outputs.
        Raises:
            StoreError: the database does not answer in time.
        """
        news, documents = await self.currency.look(self.store, self.world, self.clock())
        if self._round is not None and news:
            self._round.forget()
        if documents:
            self._version += 1
        if not self._is_follower and self.currency.in_force != self.world.configuration.version:
            await self._contest()
        elif self.stands_by:
            self._set_by(False)
        return set(self.currency.stale)

    async def _contest(self) -> None:
        """Another configuration is in force: that of a builder at work, for which this one stands by, or of a command
        that has ended, after which this one is in force again."""
        if not self.currency.in_force:
            return  # none was ever: `sync` comes first
        stands_by = await self.rival(self.currency.in_force)
        if stands_by:
            if not self.stands_by:
                log.warning(
                    "a builder with another configuration is at work; this one stands by",
                    version=self.currency.in_force,
                )
                self._set_by(True)
        else:
            self.currency.stale = set(self.world.outputs)
            await self._take_force()

    async def build_stale(self) -> list[BuildReport]:
        """Builds every stale output that no other process builds; one that fails stays stale and does not stop the
        others."""
        outputs = sorted(await self.notice(), key=self._selection)
        if self.currency.follows:
            return []
        reports = []
        self._round = Round(self.store)
        try:
            for at in range(0, len(outputs), AT_ONCE):
                some = outputs[at : at + AT_ONCE]
                built: dict[str, BuildReport | AggregatorError] = {}
                try:
                    built = await self._build(some)
                except AggregatorError as error:
                    built.update(dict.fromkeys(some, error))  # the database cannot be used just now
                for output, made in built.items():
                    if isinstance(made, BuildReport):
                        reports.append(made)
                    elif isinstance(made, SupersededError | FragmentsLostError):
                        log.debug("build dropped", output=output, why=str(made))
                    else:
                        log.error("build failed", output=output, error=str(made))
        finally:
            self._round = None
        return reports

    def _selection(self, output_id: str) -> tuple[object, ...]:
        """Brings outputs together that take from the same sources: they share what is read and what is rendered."""
        select = self.world.outputs[output_id].select
        return select.tags, select.sources, output_id

    async def build_one(self, output_id: str) -> BuildReport:
        """Builds one output now, whether or not it is stale; waits for another process that does.

        Raises:
            StoreError: the database could not be read or written, or another process holds the output for too long;
                what was published stays as it is.
        """
        for _ in range(round(BUSY / AGAIN)):
            made = (await self._build([output_id], always=True)).get(output_id)
            if isinstance(made, BuildReport):
                return made
            if made is None:
                if output_id not in self.world.outputs:
                    raise StoreError(f"output '{output_id}': it has left the configuration meanwhile")
                await asyncio.sleep(AGAIN)
                continue
            if not isinstance(made, SupersededError | FragmentsLostError):
                raise made
            log.debug("built once more", output=output_id, why=str(made))
            await self.notice()
        raise StoreError(f"output '{output_id}': another process has been building it for {BUSY:g} s; try again")

    async def _build(self, ids: Sequence[str], *, always: bool = False) -> dict[str, BuildReport | AggregatorError]:
        """Builds outputs, several in one transaction.

        Args:
            always: also those that have turned out not to be stale.
        Returns:
            Of each what was done, or why nothing was; one that another process builds, or has built, is missing.
        """
        async with contextlib.AsyncExitStack() as locks:
            for id_ in sorted(ids):
                await locks.enter_async_context(self._locks[id_])
            world = self.world
            async with self.claims.held(ids) as claimed:
                wanted = [id_ for id_ in ids if id_ in claimed and id_ in world.outputs]
                if not always and any(self.currency.number(id_) != claimed[id_] for id_ in wanted):
                    await self.notice()
                    wanted = [id_ for id_ in wanted if id_ in self.currency.stale]  # others have built the rest
                made = await self._build_claimed(wanted, world, claimed)
            now = self.clock()
            for id_, report in made.items():
                if isinstance(report, BuildReport):
                    try:
                        await settle(world.outputs[id_], world, self.store, self.renderer, now)
                    except AggregatorError as error:
                        made[id_] = error
        for report in made.values():
            if isinstance(report, BuildReport):
                await self._tell(report)
        return made

    async def _build_claimed(
        self, ids: Sequence[str], world: World, claimed: dict[str, int]
    ) -> dict[str, BuildReport | AggregatorError]:
        """Builds outputs that are this process's to build, and takes those that are published out of `claimed`."""
        if not ids:
            return {}
        stamp, as_of = self.currency.stamp(world), seconds()
        # Before anything is read: what changes from now on must make the outputs stale again.
        self.currency.stale.difference_update(ids)
        made: dict[str, BuildReport | AggregatorError] = {}
        try:
            facts = await gather_facts(self.store, ids, self.clock())
            waiting: list[tuple[Build, BuildResult]] = []
            began = time.perf_counter()
            for place, id_ in enumerate(ids):
                build = Build(
                    world.outputs[id_], world, self.store, self.renderer, self.clock(), facts[id_], self._round, stamp
                )
                try:
                    with span("build", output=id_):
                        waiting.append((build, await build.prepare()))
                except AggregatorError as error:
                    made[id_] = error
                if place == len(ids) - 1 or time.perf_counter() - began > WAIT:
                    published = await self._publish(waiting, began, as_of)
                    made |= published
                    for done in [done for done, told in published.items() if isinstance(told, BuildReport)]:
                        del claimed[done]
                    waiting, began = [], time.perf_counter()
        finally:
            for id_ in ids:
                report = made.get(id_)
                if not isinstance(report, BuildReport):
                    self.currency.stale.add(id_)
                if not isinstance(report, BuildReport | SupersededError | FragmentsLostError):
                    METRICS.build_failed()
        return made

    async def _publish(
        self, waiting: Sequence[tuple[Build, BuildResult]], began: float, as_of: float
    ) -> dict[str, BuildReport | AggregatorError]:
        """Publishes what was prepared, and takes note of it."""
        numbers = await self.store.publish_all([result for _, result in waiting])
        each = (time.perf_counter() - began) / max(1, len(waiting))
        made: dict[str, BuildReport | AggregatorError] = {}
        for (build, result), number in zip(waiting, numbers, strict=True):
            if isinstance(number, StoreError):
                made[result.output] = number
                if isinstance(number, FragmentsLostError):
                    build.forget()
                continue
            report = made[result.output] = build.report()
            METRICS.built(report, each)
            if result.stamp is not None:
                built = Built(number=number, stamp=result.stamp, wake_at=report.wake_at)
                self.currency.note_own(result.output, built, as_of)
            self._named[result.output] = report.named
            self._version += 1
        return made

    async def _tell(self, report: BuildReport) -> None:
        log_build(report)
        if report.changed or report.added or report.removed:
            for observer in self.observers:
                await observer(report)

    async def build_all(self, outputs: Sequence[str] = ()) -> list[BuildReport]:
        """Builds the outputs of these ids; all, if none is named.

        Raises:
            UsageError: one of them is not configured.
        """
        await self.notice()
        return [await self.build_one(output.id) for output in self.world.pick_outputs(outputs)]

    def version(self) -> int:
        """Grows, too, while the database has not been heard for a while: then something may have changed unseen."""
        if seconds() - self.currency.confirmed_at > HEARD:
            self._version += 1
        return self._version

    def is_trusted(self) -> bool:
        """Whether what was current when the database was last heard may be served still, where it cannot be asked."""
        return self.unconfirmed <= self.bearable

    @property
    def bearable(self) -> float:
        """Seconds for which a document is served where nobody can tell whether polls have brought more, or build it."""
        configured: timedelta = self.world.configuration.settings.server.unconfirmed
        return configured.total_seconds()

    @property
    def unconfirmed(self) -> float:
        """Seconds since the database was last asked whether documents are current."""
        return seconds() - self.currency.confirmed_at

    def hubs(self) -> tuple[str, ...]:
        return self.world.hubs

    def public_url(self) -> str:
        return self.world.configuration.settings.server.public_url.rstrip("/")


def log_build(report: BuildReport) -> None:
    """One line a build: quiet where nothing changed."""
    facts = {"output": report.output, "entries": report.entries, "held": report.held}
    for problem in report.problems:
        log.error("entry left out", output=report.output, problem=problem)
    if report.changed:
        log.info("output built", added=len(report.added), removed=len(report.removed), **facts)
    else:
        log.debug("output unchanged", **facts)
