"""What is read once for all outputs that are built one after the other.

A thousand outputs take from the same sources: the newest entries of those, what their sites say, and what their feeds
call themselves are the same for all of them, as long as nothing has changed. INVARIANT: what is read here is let go of
whenever the house notices a change, so that no output is built from entries older than the ones by which it was
found to be stale.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import datetime

    from aggregator.model.entry import StoredEntry
    from aggregator.model.evidence import Evidence
    from aggregator.model.parsed import FeedFacts
    from aggregator.service.build import Judged
    from aggregator.store import Store

KEPT_ENTRIES = 20_000
"""Of all pages together: some 40 MB."""


class Round:
    """A store whose answers about entries are remembered until something changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: OrderedDict[Hashable, list[StoredEntry]] = OrderedDict()
        self._kept = 0
        self._said: dict[str, tuple[Evidence, ...] | None] = {}
        self._feeds: dict[str, FeedFacts | None] = {}
        self.judged: dict[Hashable, Judged] = {}
        """What the candidates came to of outputs that were built, by what they ask for."""

    def forget(self) -> None:
        """Something has changed, or may have."""
        # New ones, not emptied: an answer that is under way belongs to the old.
        self._pages, self._kept, self._said, self._feeds = OrderedDict(), 0, {}, {}
        self.judged = {}

    async def candidates(
        self,
        sources: tuple[str, ...],
        *,
        since: datetime | None,
        limit: int,
        after: tuple[datetime, str] | None = None,
    ) -> Sequence[StoredEntry]:
        """As the store's. A page is read once for all outputs that take as many of the same sources."""
        key = sources, since, limit, after
        page = self._pages.get(key)
        if page is not None:
            return page
        pages, page = self._pages, await self._store.candidates(sources, since=since, limit=limit, after=after)
        if pages is self._pages and key not in pages:
            pages[key] = page
            self._kept += len(page)
        while self._kept > KEPT_ENTRIES:
            self._kept -= len(self._pages.popitem(last=False)[1])
        return page

    async def evidence_said(self, ids: Sequence[str]) -> Mapping[str, tuple[Evidence, ...]]:
        """As the store's."""
        known = self._said
        missing = [id_ for id_ in ids if id_ not in known]
        if missing:
            found = await self._store.evidence_said(missing)
            known.update({id_: found.get(id_) for id_ in missing})
        return {id_: said for id_ in ids if (said := known.get(id_)) is not None}

    async def feeds(self, ids: Sequence[str]) -> Mapping[str, FeedFacts]:
        """As the store's."""
        known = self._feeds
        missing = [id_ for id_ in ids if id_ not in known]
        if missing:
            found = await self._store.feeds(missing)
            known.update({id_: found.get(id_) for id_ in missing})
        return {id_: feed for id_ in ids if (feed := known.get(id_)) is not None}
