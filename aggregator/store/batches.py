"""Batches: due sources of one host, leased together, so that one job asks them and no second one asks that host.

INVARIANT: the sources' rows are the truth, a job is only transport. A job that is lost heals when its leases end, and
one that comes twice finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, Integer, Text, bindparam, delete, func, literal, or_, select, update

from aggregator.model.poll import HostHold, PollState
from aggregator.store import holds, leases, sources
from aggregator.store.leases import QUEUED
from aggregator.store.statements import Bulk, Query, among, insert, one_of, packed
from aggregator.store.tables import host_leases, polls, to_microseconds

SIZE = 50
"""Sources of one batch, at most: a job's own cost no longer counts then, and it ends well before its lease."""
LOOK = 5_000
"""Due sources that one tick looks at, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Due sources of one host."""

    host: str
    sources: tuple[str, ...]
    """Ids, the longest due first; at most `SIZE`."""


def host_of(feed: str) -> str:
    """The host that is asked for a feed, with its port; files of the configuration folder are one host."""
    try:
        parts = urlsplit(feed)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return feed
    return f"{parts.hostname}:{port}" if parts.hostname else f"{parts.scheme}:"


def place(connection: Connection, feeds: Mapping[str, str]) -> None:
    """Notes the host of each of these sources, by configured address; one that has moved is at its new one."""
    read = select(polls.c.source, polls.c.host, polls.c.believed_url).where(among(connection, polls.c.source, feeds))
    known = connection.execute(read).all()
    wanted = [(host_of(believed or feeds[id_]), id_, host) for id_, host, believed in known]
    _place.run(connection, [(host, id_) for host, id_, before in wanted if host != before])


_place = Bulk(
    lambda dialect: update(polls).where(polls.c.source == bindparam("id")).values(host=bindparam("at")), ("at", "id")
)


def lease(connection: Connection, now: datetime, until: datetime, room: int) -> list[Batch]:
    """Leases the hosts that were due longest, each with its due sources, for jobs that are about to be made.

    Two ticks at once never get the same.

    Args:
        until: when the leases end, should no worker take the jobs.
        room: how many batches at most.
    """
    instant, end = to_microseconds(now), to_microseconds(until)
    if room <= 0:
        return []
    found: dict[str, list[str]] = {}
    for source, host in _due.rows(connection, now=instant, most=LOOK):
        if len(listed := found.setdefault(host, [])) < SIZE and (listed or len(found) <= room):
            listed.append(source)
    # In one order, so that two ticks that wait for one another's hosts do so in a line and not in a ring.
    hosts = sorted(host for host, listed in found.items() if listed)
    free = _free(connection, hosts, instant, end)
    wanted = [source for host in hosts if host in free for source in found[host]]
    if not wanted:
        return []
    locked = [row[0] for row in _lock_due.rows(connection, ids=packed(connection, wanted))]
    got = leases.take(connection, locked, QUEUED, instant, end)
    batches = [
        Batch(host=host, sources=tuple(source for source in listed if source in got))
        for host, listed in found.items()
        if host in free
    ]
    _drop(connection, [batch.host for batch in batches if not batch.sources])
    return [batch for batch in batches if batch.sources]


def _free(connection: Connection, hosts: Sequence[str], now: int, until: int) -> set[str]:
    """Leases the hosts that nobody has; gives those."""
    if not hosts:
        return set()
    new = insert(connection.dialect.name, host_leases)
    rows = [{"host": host, "owner": QUEUED, "until": until} for host in hosts]
    taken = new.values(rows).on_conflict_do_update(
        index_elements=["host"],
        set_={"owner": new.excluded.owner, "until": new.excluded.until},
        where=host_leases.c.until <= now,
    )
    return {row[0] for row in connection.execute(taken.returning(host_leases.c.host))}


_host = func.coalesce(polls.c.host, polls.c.source)
_due = Query(
    lambda dialect: (
        select(polls.c.source, _host)
        .where(polls.c.active, polls.c.next_poll_at <= bindparam("now"), ~leases.is_leased())
        .where(
            ~select(literal(1))
            .where(host_leases.c.host == _host, host_leases.c.until > bindparam("now"))
            .correlate(polls)
            .exists()
        )
        .order_by(polls.c.next_poll_at)
        .limit(bindparam("most", type_=Integer))
    )
)
_lock_due = Query(
    lambda dialect: (
        select(polls.c.source)
        .where(one_of(dialect, polls.c.source, "ids"))
        .order_by(polls.c.source)
        .with_for_update(skip_locked=True)
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a run of a job begins with."""

    states: tuple[PollState, ...]
    """Of what is due still."""
    holds: tuple[HostHold, ...]
    """Hosts that asked to be left alone, whichever node they told."""


def take(connection: Connection, batch: Batch, job: int, attempt: int, now: datetime, lease: timedelta) -> Taken | None:
    """Begins a batch: what of it is due still, for this run of the job alone.

    A run that stalled is taken over by the next one of the same job: what it brings afterwards is not written.

    Returns:
        None: another job is at this host, or was.
    """
    instant, end, run, mine = to_microseconds(now), to_microseconds(now + lease), run_of(job, attempt), f"{job}/%"
    if not _take_host.rows(connection, host=batch.host, now=instant, end=end, run=run, mine=mine):
        return None
    due = [row[0] for row in _still_due.rows(connection, ids=packed(connection, batch.sources), now=instant)]
    ids = leases.take(connection, due, run, instant, end, mine)
    states = tuple(sources.states(connection, sorted(ids)).values()) if ids else ()
    return Taken(states=states, holds=holds.read(connection, now) if ids else ())


_take_host = Query(
    lambda dialect: (
        update(host_leases)
        .where(
            host_leases.c.host == bindparam("host", type_=Text),
            or_(
                host_leases.c.owner == literal(QUEUED, Text),
                host_leases.c.owner.like(bindparam("mine", type_=Text)),
                host_leases.c.until <= bindparam("now"),
            ),
        )
        .values(owner=bindparam("run"), until=bindparam("end"))
        .returning(host_leases.c.host)
    )
)
_still_due = Query(
    lambda dialect: (
        select(polls.c.source)
        .where(one_of(dialect, polls.c.source, "ids"), polls.c.active, polls.c.next_poll_at <= bindparam("now"))
        .order_by(polls.c.source)
        .with_for_update()
    )
)


def run_of(job: int, attempt: int) -> str:
    """The owner of the leases of one run of a job."""
    return f"{job}/{attempt}"


def finish(connection: Connection, batch: Batch, run: str, keep: Iterable[str] = ()) -> None:
    """Ends a run: its host may be asked by others, and what it has not polled is due at once.

    Args:
        keep: sources whose lease is to end by itself, so that others try them later.
    """
    leases.give_back(connection, run, sorted(set(batch.sources) - set(keep)))
    _end_host.run(connection, host=batch.host, run=run)


_end_host = Query(
    lambda dialect: delete(host_leases).where(
        host_leases.c.host == bindparam("host"), host_leases.c.owner == bindparam("run")
    )
)


def give_back(connection: Connection, batches: Sequence[Batch]) -> None:
    """Undoes `lease` for batches of which no job came."""
    ids = sorted(source for batch in batches for source in batch.sources)
    leases.give_back(connection, QUEUED, ids)
    _drop(connection, [batch.host for batch in batches])


def _drop(connection: Connection, hosts: Sequence[str]) -> None:
    if hosts:
        queued = delete(host_leases).where(host_leases.c.owner == QUEUED)
        connection.execute(queued.where(among(connection, host_leases.c.host, sorted(hosts))))


def forget(connection: Connection, now: datetime) -> None:
    """Deletes the leases of hosts that have ended."""
    connection.execute(delete(host_leases).where(host_leases.c.until <= to_microseconds(now)))
