"""What this process counts, and what monitoring reads (Prometheus; names and units by its conventions).

`METRICS` is the one registry of the process: whoever does something worth counting calls a method of it. Labels take
their values from short lists, or from the configuration: never from a feed, an address or a person.
"""

from __future__ import annotations

import contextlib
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from aggregator import __version__
from aggregator.errors import AggregatorError
from aggregator.store import UnavailableError, figures, patience
from aggregator.store.migrate import HEAD

if TYPE_CHECKING:
    from aggregator.model.poll import PollReport
    from aggregator.service.build import BuildReport
    from aggregator.service.house import House
    from aggregator.service.world import World
    from aggregator.store.figures import Figures

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
LAGS = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
FRESH = 5.0
"""Seconds for which what was read of the database is given again: several that scrape cost no more than one."""
PATIENCE = 4.0
"""Seconds that a scrape waits for the database: Prometheus waits ten for the whole answer."""
COUNT_EVERY = 300.0
"""Seconds between two counts of all entries: with many sources that takes longer than all the rest."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Spread(Collector):
    """A histogram for what happens thousands of times a second: Prometheus' own goes through its buckets under a lock
    each time, which was a twentieth of a poll that brings nothing. Used from the event loop only."""

    def __init__(self, name: str, about: str, bounds: Sequence[float]) -> None:
        self._name, self._about, self._bounds = name, about, bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """One more of this size."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def collect(self) -> Iterable[Metric]:
        """For whoever scrapes: how many were at most as large as each bound."""
        bounds = (*map(floatToGoString, self._bounds), "+Inf")
        buckets = list(zip(bounds, accumulate(self._counts), strict=True))
        yield HistogramMetricFamily(self._name, self._about, buckets=buckets, sum_value=self._sum)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        Info("aggregator", "This program.", registry=self.registry).info({"version": __version__, "schema": HEAD})
        self._make_counters()
        self._make_gauges()
        self._read_at = float("-inf")
        self._counted_at = float("-inf")
        self._ticked: dict[str, float] = {}
        self._at_hand: dict[tuple[str, str, int], int] = {}
        self._polled: dict[str, int] = {}

    def _make_counters(self) -> None:
        of = self.registry
        self.polls = Counter("aggregator_polls", "Polls that ended.", ["outcome"], registry=of)
        self.poll_seconds = Spread("aggregator_poll_duration_seconds", "From asking to stored.", SECONDS)
        self.poll_lag = Spread("aggregator_poll_lag_seconds", "How long after its due time a poll began.", LAGS)
        of.register(self.poll_seconds)
        of.register(self.poll_lag)
        self.changes = Counter("aggregator_entry_changes", "Entries that polls brought.", ["change"], registry=of)
        self.builds = Counter("aggregator_builds", "Builds of outputs that ended.", ["result"], registry=of)
        self.build_seconds = Histogram(
            "aggregator_build_duration_seconds", "One build of one output.", buckets=SECONDS, registry=of
        )
        self.decisions = Counter("aggregator_decisions", "Answers that builds were given.", ["outcome"], registry=of)
        self.refusals = Counter(
            "aggregator_unproved_entries", "Entries that builds left out: a duty was not met.", registry=of
        )
        self.requests = Counter(
            "aggregator_http_requests", "Requests that were answered.", ["route", "method", "status"], registry=of
        )
        self.request_seconds = Histogram(
            "aggregator_http_request_duration_seconds",
            "Until the answer stood.",
            ["route"],
            buckets=SECONDS,
            registry=of,
        )
        self.documents = Counter(
            "aggregator_documents_served", "Public documents that were asked for.", ["format", "answer"], registry=of
        )
        self.jobs = Counter("aggregator_jobs", "Runs of the process's own jobs.", ["job", "result"], registry=of)
        self.letters = Counter("aggregator_letters_sent", "Letters handed to the mail relay.", ["result"], registry=of)

    def _make_gauges(self) -> None:
        of = self.registry
        self.up = Gauge("aggregator_database_up", "1 where the database answers.", registry=of)
        self.writable = Gauge("aggregator_database_writable", "1 where it took what it was last given.", registry=of)
        self.sources = Gauge("aggregator_sources", "Sources that are polled.", ["health"], registry=of)
        self.due = Gauge("aggregator_sources_due", "Sources whose time has come and that wait.", registry=of)
        self.leased = Gauge(
            "aggregator_sources_leased", "Sources that are being polled because they were due.", registry=of
        )
        self.overdue = Gauge(
            "aggregator_source_overdue_seconds", "How long the source that waits longest is overdue.", registry=of
        )
        self.entries = Gauge(
            "aggregator_entries",
            "Entries that are stored and were not deleted upstream; counted every 5 minutes.",
            registry=of,
        )
        self.output_entries = Gauge("aggregator_output_entries", "Entries in an output.", ["output"], registry=of)
        self.output_built = Gauge(
            "aggregator_output_built_timestamp_seconds", "Last build of an output.", ["output"], registry=of
        )
        self.output_problem = Gauge(
            "aggregator_output_problem", "1 where the last build was not published.", ["output"], registry=of
        )
        self.flags = Gauge(
            "aggregator_flags", "Open flags; age is day, week, month or older.", ["kind", "state", "age"], registry=of
        )
        self.flag_age = Gauge("aggregator_flag_oldest_seconds", "Age of the oldest open flag.", registry=of)
        self.outbox = Gauge("aggregator_outbox_messages", "Requests that wait to be sent.", ["kind"], registry=of)
        self.outbox_age = Gauge("aggregator_outbox_oldest_seconds", "Age of the oldest of them.", registry=of)
        self.queue = Gauge("aggregator_queue_jobs", "Jobs of the distributed engine.", ["state"], registry=of)
        self.ledger = Gauge("aggregator_ledger_records", "Records of the ledger.", registry=of)
        self.subscribers = Gauge("aggregator_subscribers", "Who may fetch now.", ["kind"], registry=of)
        self.ticked = Gauge(
            "aggregator_job_last_success_timestamp_seconds", "When a job last ended well.", ["job"], registry=of
        )
        self.config_loaded = Gauge(
            "aggregator_config_loaded_timestamp_seconds", "When the configuration in force was loaded.", registry=of
        )
        self.config_problems = Gauge("aggregator_config_problems", "Why a newer one was not taken.", registry=of)

    # What happens

    def polled(self, report: PollReport, seconds: float, due_at: datetime | None, began_at: datetime) -> None:
        """One poll has ended.

        Args:
            seconds: it took.
            due_at: when it was due; None: the source is new, or was polled by hand.
        """
        self._polled[report.outcome] = self._polled.get(report.outcome, 0) + 1
        self.poll_seconds.observe(seconds)
        if due_at is not None:
            self.poll_lag.observe(max(0.0, (began_at - due_at).total_seconds()))
        if report.outcome != "changed":
            return
        for change, count in (("new", report.new), ("revised", report.revised), ("deleted", report.deleted)):
            if count:
                self.changes.labels(change).inc(count)

    def built(self, report: BuildReport, seconds: float) -> None:
        """One output was built."""
        self.builds.labels("changed" if report.changed else "unchanged").inc()
        self.build_seconds.observe(seconds)
        for outcome, count in report.outcomes.items():
            self.decisions.labels(outcome).inc(count)
        if report.problems:
            self.refusals.inc(len(report.problems))

    def build_failed(self) -> None:
        self.builds.labels("failed").inc()

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered.

        Args:
            route: the pattern that took it, or a fixed word; never the path.
        """
        self.requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        self.request_seconds.labels(route).observe(seconds)

    def served_at_hand(self, format_: str, method: str, status: int) -> None:
        """A document was answered from memory. A dictionary counts until somebody looks: a counter of Prometheus with
        its labels costs a tenth of such an answer. What takes microseconds is not timed."""
        key = format_, method, status
        self._at_hand[key] = self._at_hand.get(key, 0) + 1

    def _add_up(self) -> None:
        polled, self._polled = self._polled, {}
        for outcome, count in polled.items():
            self.polls.labels(outcome).inc(count)
        counted, self._at_hand = self._at_hand, {}
        for (format_, method, status), count in counted.items():
            self.requests.labels("feeds", method if method in METHODS else "other", str(status)).inc(count)
            if status in (200, 304):
                self.documents.labels(format_, str(status)).inc(count)

    def worked(self, job: str, well: bool) -> None:
        """One of the process's own jobs ended."""
        self.jobs.labels(job, "success" if well else "failure").inc()
        if well:
            self._ticked[job] = time.monotonic()
            self.ticked.labels(job).set_to_current_time()

    def since_success(self, job: str) -> timedelta | None:
        """How long ago a job last ended well in this process; None: never."""
        at = self._ticked.get(job)
        return None if at is None else timedelta(seconds=time.monotonic() - at)

    # What is

    async def look(self, house: House) -> None:
        """Brings the gauges up to date, where they are older than `FRESH`. A database that does not answer is told."""
        self._add_up()
        keeper = house.keeper
        self.config_loaded.set(keeper.loaded_at.timestamp())
        self.config_problems.set(len(keeper.problems))
        self.writable.set(house.store.problem is None)
        if time.monotonic() - self._read_at < FRESH:
            return
        now = house.clock()
        try:
            with patience(PATIENCE):
                found = await house.store.read(figures.gather, now)
                await self._count(house)
        except AggregatorError:
            self.up.set(0)
            self.writable.set(0)
            return  # old counts stay; `up` says that they are old, and the log of whoever needed it says why
        self._read_at = time.monotonic()
        self.up.set(1)
        self._show(found, house.world, now)

    async def _count(self, house: House) -> None:
        """Counts the entries, now and then; where there are too many to count in time, the count of before stays."""
        if time.monotonic() - self._counted_at > COUNT_EVERY:
            self._counted_at = time.monotonic()
            with contextlib.suppress(UnavailableError):
                self.entries.set(await house.store.read(figures.count_entries))

    def _show(self, found: Figures, world: World, now: datetime) -> None:
        def age(since: datetime | None) -> float:
            return 0.0 if since is None else max(0.0, (now - since).total_seconds())

        well = max(0, len(world.active) - sum(found.unwell.values()))
        _fill(self.sources, {("ok",): well} | {(health,): count for health, count in found.unwell.items()})
        self.due.set(found.due)
        self.leased.set(found.leased)
        self.overdue.set(age(found.due_since))
        outputs = {id_: facts for id_, facts in found.outputs.items() if id_ in world.outputs}
        _fill(self.output_entries, {(id_,): facts[0] for id_, facts in outputs.items()})
        _fill(self.output_built, {(id_,): facts[1].timestamp() for id_, facts in outputs.items()})
        _fill(self.output_problem, {(id_,): not facts[2] for id_, facts in outputs.items()})
        _fill(self.flags, found.flags)
        self.flag_age.set(age(found.flag_since))
        _fill(self.outbox, {(kind,): count for kind, count in found.outbox.items()})
        self.outbox_age.set(age(found.outbox_since))
        self.ledger.set(found.ledger)
        _fill(self.subscribers, {("secret address",): found.subscribers, ("hub",): found.hub_subscribers})


def _fill(gauge: Gauge, values: Mapping[Any, float]) -> None:
    """Makes these, by label values, all that a gauge tells; without an await, so that no scrape sees half of it."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


METRICS = Metrics()
"""Of this process."""
