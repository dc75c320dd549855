"""Who builds an output: one process at a time, on a database that machines share."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.errors import AggregatorError
from aggregator.store import builds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from aggregator.store import Store

CLAIM = timedelta(seconds=10)
"""How long an output is one process's to build; renewed while it does."""


class Claims:
    """The claims of one process."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self.owner = secrets.token_hex(8)
        """Under which they are known to others."""

    @contextlib.asynccontextmanager
    async def held(self, ids: Sequence[str]) -> AsyncIterator[dict[str, int]]:
        """Those of the outputs that this process may build now, each with the number of its last build.

        What is still in the dictionary at the end was not built: its claim is given back. Publishing ends a claim.
        """
        if not self._store.is_shared:
            yield await self._store.read(builds.numbers_of, ids)
            return
        claimed = await self._store.write(builds.claim, ids, self.owner, self._clock(), CLAIM)
        if not claimed:
            yield claimed
            return
        renewal = asyncio.create_task(self._renew(claimed), name=f"claims of {len(claimed)} outputs")
        try:
            yield claimed
        finally:
            renewal.cancel()
            if claimed:
                with contextlib.suppress(AggregatorError):  # they end by themselves
                    await self._store.write(builds.release, sorted(claimed), self.owner)

    async def _renew(self, claimed: dict[str, int]) -> None:
        while True:
            await asyncio.sleep(CLAIM.total_seconds() / 3)
            with contextlib.suppress(AggregatorError):
                await self._store.write(builds.claim, sorted(claimed), self.owner, self._clock(), CLAIM)
