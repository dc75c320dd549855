"""Whether this process can do its work now: what a load balancer or an orchestrator asks before it sends anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.errors import AggregatorError, SchemaError
from aggregator.service.metrics import METRICS
from aggregator.store import PING_SECONDS, patience
from aggregator.store.migrate import HEAD, check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.service.house import House

log = structlog.get_logger(__name__)

TICK_MAX = timedelta(seconds=60)
"""A job that runs each second and has not ended well for so long is stuck, or the process is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be so."""

    name: str
    ok: bool
    reason: str = ""
    """What is wrong, and how to put it right; no names and no addresses, because anyone may ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The answer."""

    ready: bool
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
    """What a person should look at; requests are served all the same."""

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(check.reason for check in self.checks if not check.ok)


async def readiness(house: House, jobs: Sequence[str] = ()) -> Readiness:
    """Looks at database, schema, configuration, jobs and documents.

    Args:
        jobs: names of the jobs that this process must have done lately.
    """
    with patience(PING_SECONDS):
        database = await _database(house)
        checks = [*database, Check(name="configuration", ok=True), *map(_job, jobs)]
        if all(one.ok for one in database):
            checks.append(await _documents(house))
    warnings = []
    if house.keeper.problems:
        warnings.append("an edit of the configuration was not taken; the last good one is in force")
    if house.store.problem is not None:
        warnings.append("the database answers, but takes nothing; what feeds bring meanwhile is asked for again")
    return Readiness(ready=all(one.ok for one in checks), checks=tuple(checks), warnings=tuple(warnings))


async def _database(house: House) -> list[Check]:
    store = house.store
    try:
        await store.read(check, store.address)
    except SchemaError as error:
        log.error("not ready", error=str(error))
        reason = f"the database has another schema than this program's ({HEAD}); run 'aggregator db upgrade'"
        return [Check(name="database", ok=True), Check(name="schema", ok=False, reason=reason)]
    except AggregatorError as error:
        log.error("not ready", error=str(error))
        return [Check(name="database", ok=False, reason="the database does not answer; the log says why")]
    return [Check(name="database", ok=True), Check(name="schema", ok=True)]


def _job(name: str) -> Check:
    since = METRICS.since_success(name)
    if since is None:
        return Check(name=name, ok=False, reason=f"'{name}' has not run yet; it does within seconds of the start")
    if since > TICK_MAX:
        late = int(since.total_seconds())
        return Check(
            name=name, ok=False, reason=f"'{name}' last ended well {late} s ago; the log says what it waits for"
        )
    return Check(name=name, ok=True)


async def _documents(house: House) -> Check:
    """Each configured output has each of its documents: then there is something to serve, whatever happens."""
    try:
        there = {(one.output, one.format) for one in await house.store.documents()}
    except AggregatorError as error:
        log.error("not ready", error=str(error))
        return Check(name="documents", ok=False, reason="the documents cannot be read; the log says why")
    wanted = {(output.id, format_) for output in house.world.outputs.values() for format_ in output.formats}
    missing = len(wanted - there)
    reason = f"{missing} documents of {len(wanted)} are not built yet; that takes seconds after a start or an edit"
    return Check(name="documents", ok=not missing, reason=reason if missing else "")
