"""How much of what a source publishes an output carries: the facts that `max-share` is held against."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.config.words import duration
from aggregator.model.policy import LimitName
from aggregator.store import outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from aggregator.model.entry import StoredEntry
    from aggregator.model.output import Output
    from aggregator.model.policy import Limit, Policy
    from aggregator.service.world import World
    from aggregator.store import Carried, Store

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Share = tuple[str, float]
"""(period as the policy writes it, percent)."""


class Shares:
    """The counts of one output at one instant. What is allowed on the way is counted at once.

    An article is held against the period up to now, an older one against the period that began with it: what was too
    much does not become less by waiting. What an output carried once counts whether it still stands there or not, for a
    copy that was shown was made. Those that came first keep their place where the publisher brings out less.
    """

    def __init__(
        self, found: Iterable[Carried], periods: Mapping[str, Sequence[tuple[str, timedelta]]], now: datetime
    ) -> None:
        """
        Args:
            found: all entries of the sources.
            periods: source → (period as written, its length).
        """
        self._periods = periods
        self._now = now
        self._published: dict[str, list[datetime]] = defaultdict(list)
        self._carried: dict[str, dict[str, datetime]] = defaultdict(dict)
        rows = list(found)
        for one in sorted(rows, key=lambda one: one.ordered_at):
            self._published[one.source].append(one.ordered_at)
        for one in sorted((one for one in rows if one.opened_at is not None), key=_first_come):
            self._carried[one.source][one.entry] = one.ordered_at

    def of(self, stored: StoredEntry) -> tuple[Share, ...]:
        """What the output would carry of the entry's source with it, for each period that a limit names."""
        source = stored.entry.source
        return tuple((written, self._percent(stored, source, span)) for written, span in self._periods.get(source, ()))

    def _percent(self, stored: StoredEntry, source: str, span: timedelta) -> float:
        at = stored.ordered_at
        recent = at > self._now - span
        dates = self._published[source]
        published = len(dates) - bisect_right(dates, self._now - span)
        if not recent:
            published = bisect_left(dates, at + span) - bisect_left(dates, at)
        place = 1
        for key, other in self._carried[source].items():
            if key == stored.key:
                break
            place += self._is_inside(other, at, span, recent=recent)
        return 100 * place / max(published, 1)

    def _is_inside(self, one: datetime, at: datetime, span: timedelta, *, recent: bool) -> bool:
        """Whether an instant is in the period against which an article of `at` is held."""
        return self._now - span < one <= self._now if recent else at <= one < at + span

    def take(self, stored: StoredEntry) -> None:
        """Counts an entry that will be carried."""
        if stored.entry.source in self._periods:
            self._carried[stored.entry.source].setdefault(stored.key, stored.ordered_at)

    @property
    def wake_at(self) -> datetime | None:
        """When the next entry leaves a period: the shares are others then."""
        ends = (
            at + span for source, spans in self._periods.items() for at in self._published[source] for _, span in spans
        )
        return min((end for end in ends if end > self._now), default=None)


def _first_come(one: Carried) -> tuple[datetime | None, timedelta, str]:
    """Those that were shown first; of one build the newer, which it decided on first."""
    return one.opened_at, _EPOCH - one.ordered_at, one.entry


async def gather_shares(store: Store, output: Output, world: World, now: datetime) -> Shares | None:
    """The counts for one output; None: no policy of its sources limits a share."""
    periods = {
        source: spans for source in world.sources_of(output.select) if (spans := world.share_periods.get(source))
    }
    if not periods:
        return None
    return Shares(await store.read(outputs.carried, output.id, sorted(periods), now), periods, now)


def periods_of(policy: Policy) -> tuple[tuple[str, timedelta], ...]:
    """The periods that a policy's limits name, as written, with their lengths."""
    limits = (limit for rule in policy.rules for limit in rule.limits)
    found = {str(one.param("period")) for one in _flat(limits) if one.name is LimitName.MAX_SHARE}
    return tuple((written, duration(written)) for written in sorted(found))


def _flat(limits: Iterable[Limit]) -> Iterator[Limit]:
    for limit in limits:
        yield limit
        yield from _flat(limit.any_of)
