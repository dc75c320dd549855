"""What the web asks of a house: its documents, each as it may be served at this moment."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from aggregator.errors import StoreError
from aggregator.model.output import Access, Format
from aggregator.publishing.page import paged
from aggregator.service.archive import archived
from aggregator.service.currency import seconds
from aggregator.store import FragmentsLostError, documents

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.model.output import Document, Output
    from aggregator.service.build import BuildReport
    from aggregator.service.house import House

log = structlog.get_logger(__name__)

PATIENCE = 1.0
"""Seconds that a process which only serves gives a builder, before it builds what it is asked for itself."""
AGAIN = 0.1
"""Seconds between two looks whether another process has built."""
IN_TIME = 3.0
"""Seconds that a request waits for the database, or for a build, before it is answered from memory, or that it cannot
be."""


class Serving:
    """The documents of a house (see `web.feeds.Shelf`).

    INVARIANT: a document is given only if it was built from the rulings and the configuration of this moment, and no
    decision in it may have changed by time since; and from the entries of this moment, or of a second ago while builds
    go on. Otherwise it is built first; where nothing can be, entries may be as old as `server.unconfirmed` says.
    """

    def __init__(self, house: House, *, whole: bool = False) -> None:
        """
        Args:
            whole: also those that have no public address.
        """
        self._house = house
        self._whole = whole
        self._looking: asyncio.Task[set[str]] | None = None
        self._looked_at = 0.0
        self._building: dict[str, tuple[float, asyncio.Task[BuildReport]]] = {}
        """The last build of each output that a request asked for, and when it began."""

    async def current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        """The document as it may be served now, and the first instant at which it may not be any more; of a river its
        first page."""
        found = await self._current(output, format_)
        if found is None or format_ is not Format.HTML:
            return found
        page = self._paged(found[0], 1)
        return None if page is None else (page, found[1])

    async def page(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """A page of a river, the newest is 1; None: there is none of that number. All are of one and the same document,
        so that no entry stands on two of them or on none."""
        found = await self._current(output, Format.HTML)
        page = None if found is None else self._paged(found[0], number)
        return None if found is None or page is None else (page, found[1])

    async def archive(self, output: str, number: int) -> tuple[Document, datetime | None] | None:
        """An archive document, decided and made now; None: there is none of that number."""
        configured = self._offered(output, Format.ATOM)
        if configured is None:
            return None
        await self._bring_up_to_date(output)
        house = self._house
        found = await archived(configured, number, house.world, house.store, house.renderer, house.clock())
        return None if found is None else (found.document, found.until)

    def version(self) -> int:
        return self._house.version()

    def is_trusted(self) -> bool:
        return self._house.is_trusted()

    def public_url(self) -> str:
        return self._house.public_url()

    def hubs(self) -> tuple[str, ...]:
        return self._house.hubs()

    def _offered(self, output: str, format_: Format) -> Output | None:
        """The output, if it has such a document for those who ask here."""
        found = self._house.world.outputs.get(output)
        if found is None or format_ not in found.formats:
            return None
        return found if self._whole or found.access is Access.PUBLIC else None

    async def _current(self, output: str, format_: Format) -> tuple[Document, datetime | None] | None:
        if self._offered(output, format_) is None:
            return None
        rest = await self._bring_up_to_date(output)
        document = await self._stored(output, format_)
        if document is None:
            return None
        house = self._house
        wake_at = house.currency.wake_at(output)
        if not rest:
            return document, wake_at
        until = house.clock() + timedelta(seconds=rest)
        return document, until if wake_at is None else min(until, wake_at)

    async def _stored(self, output: str, format_: Format) -> Document | None:
        """The document as it was built. Where somebody has taken bytes of it out of the database it is made anew."""
        store = self._house.store
        try:
            return await store.document(output, format_)
        except FragmentsLostError as error:
            log.error("document made anew", output=output, why=str(error))
            await store.write(documents.drop, output)
            await self._house.build_one(output)
            return await store.document(output, format_)

    def _paged(self, whole: Document, number: int) -> Document | None:
        """One page of a river's document; None: it has not so many."""
        configured = self._house.world.outputs.get(whole.output)
        if configured is None:
            return None
        pages = paged(whole.body, f"{self.public_url()}/feeds/{whole.output}", configured.per_page)
        if not 1 <= number <= len(pages):
            return None
        if len(pages) == 1:
            return whole
        return replace(whole, body=pages[number - 1], etag=f'"{whole.etag.strip(chr(34))}-{number}"')

    async def _bring_up_to_date(self, output: str) -> float:
        """Has a stale output built: here, or where this process only serves, by a builder, if one comes to it soon.

        Returns:
            Seconds for which it may be served though polls have brought more; 0: it is current.
        Raises:
            StoreError: nobody can tell now whether it is current.
        """
        house = self._house
        if output not in await self._look_in_time():
            return 0.0
        age = house.currency.age(output, house.world, house.clock())
        if age is not None and age < house.lag:
            return house.lag - age
        if house.currency.follows:
            for _ in range(round(PATIENCE / AGAIN)):
                house.changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(house.changed.wait(), AGAIN)
                if output not in await self._look_in_time():
                    return 0.0
            if house.currency.in_force not in ("", house.world.configuration.version):
                raise StoreError(
                    f"output '{output}': stale, and this process has another configuration than the builder's; "
                    "give all nodes the same files"
                )
        overdue = house.currency.overdue(output, house.world, house.clock())
        if overdue is not None and overdue < house.bearable:
            return await self._built_in_time(output)
        await house.build_one(output)
        return 0.0

    async def _built_in_time(self, output: str) -> float:
        """Has an output built that lacks nothing but what polls brought. Where that takes long, or the database takes
        nothing just now, what is there is served meanwhile.

        Returns:
            As `_bring_up_to_date`.
        """
        begun_at, task = self._building.get(output, (0.0, None))
        if task is None or task.done():
            begun_at, task = seconds(), asyncio.create_task(self._house.build_one(output), name="build")
            task.add_done_callback(_seen)
            self._building[output] = begun_at, task
        left = begun_at + IN_TIME - seconds()
        if left > 0:
            await asyncio.wait([task], timeout=left)
        if not task.done():
            return IN_TIME
        try:
            task.result()
        except StoreError as error:
            log.warning("document served as it was; the database takes nothing", output=output, error=str(error))
            return IN_TIME
        return 0.0

    async def _look_in_time(self) -> set[str]:
        """As `House.notice`, but for those who cannot wait: a database that hangs must not hold up every request."""
        if self._looking is not None and not self._looking.done() and seconds() - self._looked_at > IN_TIME:
            raise StoreError("the database does not answer in time")
        task = asyncio.create_task(self._house.notice(), name="look")
        if self._looking is None or self._looking.done():
            self._looking, self._looked_at = task, seconds()
        task.add_done_callback(_seen)
        done, _ = await asyncio.wait([task], timeout=IN_TIME)
        if not done:
            raise StoreError("the database does not answer in time")
        return task.result()


def _seen(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()  # whoever asked has been told, or has left
