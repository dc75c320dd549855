"""The running whole: which outputs are stale, building them one at a time, what the pages ask."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import AggregatorError
from aggregator.model.output import Access, Format
from aggregator.publishing.page import paged
from aggregator.service.affected import affected, edited
from aggregator.service.archive import archived, settle
from aggregator.service.build import BuildReport, build
from aggregator.service.metrics import METRICS
from aggregator.service.round import Round
from aggregator.service.tracing import span
from aggregator.store import archives, proving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from aggregator.model.output import Document
    from aggregator.publishing.render import Renderer
    from aggregator.service.affected import Named
    from aggregator.service.keeper import Keeper
    from aggregator.service.world import World
    from aggregator.store import Store

log = structlog.get_logger(__name__)


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
        self._stale: set[str] = set(self.world.outputs)
        self._wake_at: dict[str, datetime] = {}
        self._named: dict[str, Named] = {}
        """Whom the candidates of each output name, by its last build in this process."""
        self._seen_change = 0
        self._seen_desk = ""
        self._version = 0
        self._round: Round | None = None
        """What the outputs of one round of building share."""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def world(self) -> World:
        return self.keeper.world

    async def sync(self, before: World | None = None) -> None:
        """Makes the store know the configured sources and forget outputs that are no longer configured.

        Args:
            before: the configuration under which the outputs were built; None: not known, so all are stale.
        """
        # First of all: whatever fails after it, no document of before is handed out.
        self._note_stale(before)
        await self.store.sync_sources(self.world.active, self.clock(), feeds=self.world.feeds)
        configuration = self.world.configuration
        await self.store.write(
            proving.keep_policies,
            configuration.version,
            configuration.policies,
            configuration.settings.unknown_policy,
            self.clock(),
        )
        await self.store.note_config(configuration.version, self.clock(), edited(before, self.world))
        for output in await self.store.output_states():
            if output not in self.world.outputs:
                await self.store.drop_output(output, self.clock())
        kept = await self.store.read(archives.outputs)
        if gone := sorted(id_ for id_ in kept if id_ not in self.world.outputs or not self.world.outputs[id_].archive):
            await self.store.write(archives.drop, gone)
        self._version += 1

    def _note_stale(self, before: World | None) -> None:
        """Marks what another configuration may affect."""
        outputs = self.world.outputs
        if before is None:
            self._stale = set(outputs)
        else:
            # One that is being built now is built under the configuration of before.
            built_now = {id_ for id_, lock in self._locks.items() if lock.locked()}
            self._stale |= built_now | affected(before, self.world, self._named)
            self._stale &= outputs.keys()
        self._wake_at = {id_: at for id_, at in self._wake_at.items() if id_ in outputs}
        self._named = {id_: known for id_, known in self._named.items() if id_ in outputs}

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
            await self.sync(before)
        return seen != self.keeper.seen

    async def notice(self) -> set[str]:
        """Looks for what has become stale since the last time, in this process or another.

        Returns:
            Ids of all stale outputs.
        """
        self._seen_change, changed = await self.store.changed_since(self._seen_change)
        touched = set(changed)
        if touched:
            takers = self.world.takers
            self._stale.update(output for source in touched for output in takers.get(source, ()))
        desk = await self.store.desk_version()
        desk_changed = desk != self._seen_desk
        if desk_changed:
            self._seen_desk = desk
            self._stale.update(self.world.outputs)
        if self._round is not None and (touched or desk_changed):
            self._round.forget()
        now = self.clock()
        self._stale.update(output for output, at in self._wake_at.items() if at <= now and output in self.world.outputs)
        return set(self._stale)

    async def build_stale(self) -> list[BuildReport]:
        """Builds every stale output; one that fails stays stale and does not stop the others."""
        reports = []
        outputs = sorted(await self.notice(), key=self._selection)
        self._round = Round(self.store)
        try:
            for output in outputs:
                try:
                    reports.append(await self.build_one(output))
                except AggregatorError as error:
                    log.error("build failed", output=output, error=str(error))
        finally:
            self._round = None
        return reports

    def _selection(self, output_id: str) -> tuple[object, ...]:
        """Brings outputs together that take from the same sources: they share what is read and what is rendered."""
        select = self.world.outputs[output_id].select
        return select.tags, select.sources, output_id

    async def build_one(self, output_id: str) -> BuildReport:
        """Builds one output now, whether or not it is stale.

        Raises:
            StoreError: the database could not be read or written; what was published stays as it is.
        """
        async with self._locks[output_id]:
            world, began = self.world, time.perf_counter()
            # Before the build: what changes while it runs must make the output stale again.
            self._stale.discard(output_id)
            try:
                with span("build", output=output_id):
                    report = await build(
                        world.outputs[output_id], world, self.store, self.renderer, self.clock(), self._round
                    )
            except BaseException:
                METRICS.build_failed()
                self._stale.add(output_id)
                raise
            METRICS.built(report, time.perf_counter() - began)
            if report.wake_at is None:
                self._wake_at.pop(output_id, None)
            else:
                self._wake_at[output_id] = report.wake_at
            self._named[output_id] = report.named
            self._version += 1
            await settle(world.outputs[output_id], world, self.store, self.renderer, self.clock())
        log_build(report)
        if report.changed or report.added or report.removed:
            for observer in self.observers:
                await observer(report)
        return report

    async def build_all(self, outputs: Sequence[str] = ()) -> list[BuildReport]:
        """Builds the outputs of these ids; all, if none is named.

        Raises:
            UsageError: one of them is not configured.
        """
        await self.notice()
        return [await self.build_one(output.id) for output in self.world.pick_outputs(outputs)]

    # What the web asks (see `web.feeds.Shelf`).

    async def current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        """The public document as it may be served now, and the first instant at which it may not be any more."""
        configured = self.world.outputs.get(output)
        if configured is None or configured.access is not Access.PUBLIC:
            return None
        return await self.current_of_any(output, format_)

    async def current_of_any(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        """The same of any output, for subscribers.

        INVARIANT: a document is given only if it was built from the entries, rulings and configuration of this moment,
        and no decision in it may have changed by time since: otherwise it is built first.
        """
        configured = self.world.outputs.get(output)
        if configured is None or format_ not in configured.formats:
            return None
        if output in await self.notice():
            await self.build_one(output)
        document = await self.store.document(output, format_)
        if document is not None and format_ is Format.HTML:
            document = self._paged(document, 1)
        return None if document is None else (document, self._wake_at.get(output))

    async def page(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """A page of a public output's river, the newest is 1; None: there is none of that number."""
        configured = self.world.outputs.get(output)
        if configured is None or configured.access is not Access.PUBLIC:
            return None
        return await self.page_of_any(output, number)

    async def page_of_any(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """The same of any output, for subscribers. INVARIANT: as of `current_of_any`, and from one and the same
        document, so that no entry stands on two pages of it or on none."""
        if await self.current_of_any(output, Format.HTML) is None:
            return None
        whole = await self.store.document(output, Format.HTML)
        found = None if whole is None else self._paged(whole, number)
        return None if found is None else (found, self._wake_at.get(output))

    def _paged(self, whole: Document, number: int) -> Document | None:
        """One page of a river's document; None: it has not so many."""
        configured = self.world.outputs.get(whole.output)
        if configured is None:
            return None
        pages = paged(whole.body, f"{self.public_url()}/feeds/{whole.output}", configured.per_page)
        if not 1 <= number <= len(pages):
            return None
        if len(pages) == 1:
            return whole
        return replace(whole, body=pages[number - 1], etag=f'"{whole.etag.strip(chr(34))}-{number}"')

    async def archive(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """An archive document of a public output, decided and made now; None: there is none of that number."""
        configured = self.world.outputs.get(output)
        if configured is None or configured.access is not Access.PUBLIC:
            return None
        return await self.archive_of_any(output, number)

    async def archive_of_any(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """The same of any output, for subscribers."""
        configured = self.world.outputs.get(output)
        if configured is None or Format.ATOM not in configured.formats:
            return None
        if output in await self.notice():
            await self.build_one(output)
        now, world = self.clock(), self.world
        found = await archived(configured, number, world, self.store, self.renderer, now)
        return None if found is None else (found.document, found.until)

    def version(self) -> int:
        return self._version

    def hubs(self) -> tuple[str, ...]:
        return self.world.hubs

    def public_url(self) -> str:
        return self.world.configuration.settings.server.public_url.rstrip("/")


class WholeHouse:
    """A house with all its documents, also those that have no public address (see `web.feeds.Shelf`)."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        return await self._house.current_of_any(output, format_)

    async def page(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        return await self._house.page_of_any(output, number)

    async def archive(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        return await self._house.archive_of_any(output, number)

    def version(self) -> int:
        return self._house.version()

    def public_url(self) -> str:
        return self._house.public_url()

    def hubs(self) -> tuple[str, ...]:
        return self._house.hubs()


def log_build(report: BuildReport) -> None:
    """One line a build: quiet where nothing changed."""
    facts = {"output": report.output, "entries": report.entries, "held": report.held}
    for problem in report.problems:
        log.error("entry left out", output=report.output, problem=problem)
    if report.changed:
        log.info("output built", added=len(report.added), removed=len(report.removed), **facts)
    else:
        log.debug("output unchanged", **facts)
