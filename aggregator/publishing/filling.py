"""When an output is full: how many of its candidates that takes, and what stands in it then."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aggregator.publishing.select import Stories, arrange

if TYPE_CHECKING:
    from aggregator.model.decision import Decision
    from aggregator.model.entry import StoredEntry
    from aggregator.publishing.select import Placed

_STEP = 16
"""A share of what was arranged before must have come since: then even where nearly nothing but copies comes, all
arranging together looks at a few dozen times as many entries as there are, not at their square."""


class Filling:
    """Candidates that may stand in an output, the newest first, until they fill it.

    Copies of one story take one place, so only arranging tells how many places are taken. That is done when as many
    stories have come as are missing, by a count that goes by order of arrival; where that led too far, the shortest
    beginning that fills the output is looked for by halving.
    """

    def __init__(self, site_url: str, newest: int, per_source: int | None) -> None:
        self.placed: list[Placed] = []
        """As last arranged."""
        self.count: int | None = None
        """So many of the first candidates fill it; None: those so far do not."""
        self._site_url = site_url
        self._newest = newest
        self._per_source = per_source
        self._pairs: list[tuple[StoredEntry, Decision]] = []
        self._stories = Stories()
        self._told: Counter[str] = Counter()
        self._estimate = 0
        """Places that are taken, as if what came first were nearest to its origin."""
        self._due = newest
        """The estimate from which on it may be full."""
        self._arranged = 0
        """So many were arranged and did not fill it."""

    def __len__(self) -> int:
        """Candidates that it has taken."""
        return len(self._pairs)

    def add(self, stored: StoredEntry, decision: Decision) -> bool:
        """Takes a candidate that is allowed.

        Returns:
            Whether the output is full.
        """
        self._pairs.append((stored, decision))
        if self._stories.is_new(stored.entry):
            self._told[stored.entry.source] += 1
            if self._per_source is None or self._told[stored.entry.source] <= self._per_source:
                self._estimate += 1
        due = self._estimate >= self._due and len(self._pairs) >= self._arranged + self._arranged // _STEP
        return due and self._is_full()

    def settle(self, *, last: bool) -> bool:
        """At the end of a page, where the estimate may have been too low: arranges what has come.

        Args:
            last: whether there are no further candidates.
        Returns:
            Whether the output is full.
        """
        new = len(self._pairs) - self._arranged
        return new > 0 and (last or 4 * new >= self._arranged) and self._is_full()

    def _is_full(self) -> bool:
        count = len(self._pairs)
        placed = self._first(count)
        if len(placed) < self._newest:
            self.placed, self._arranged = placed, count
            self._due = self._estimate + self._newest - len(placed)
            return False
        low, probe = max(self._arranged, self._newest - 1), count - 1
        while count - low > 1:
            found = self._first(probe)
            if len(found) >= self._newest:
                count, placed = probe, found
            else:
                low = probe
            probe = (low + count) // 2
        self.placed, self.count = placed, count
        return True

    def _first(self, count: int) -> list[Placed]:
        return arrange(self._pairs[:count], self._site_url, self._newest, self._per_source)
