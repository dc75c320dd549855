"""How much of everything there is, for monitoring: a handful of counts, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, literal, select, text

from aggregator.store.tables import (
    UNWELL,
    flag_states,
    flags,
    from_microseconds,
    hub_subscribers,
    leases,
    ledger,
    outbox,
    outputs,
    polls,
    sources,
    subscribers,
    to_microseconds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

AGES = (("day", timedelta(days=1)), ("week", timedelta(days=7)), ("month", timedelta(days=30)))
"""(name, younger than); what is older is `older`."""


# By the names of what is selected: PostgreSQL does not see that an expression with parameters is the selected one.
_BY_HEALTH = text("how_it_is")
_BY_RULING = text("ruled_as"), text("of_age")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of one moment."""

    unwell: Mapping[str, int]
    """Health → sources that are failing, gone or new. All others are well: to count those would read them all."""
    due: int
    """Sources whose time has come and that nobody polls yet."""
    leased: int
    """Sources that are being polled because they were due, or whose poller died within the lease."""
    due_since: datetime | None
    """Since when the one that waits longest is due; None: none is, or only new ones."""
    outputs: Mapping[str, tuple[int, datetime, bool]]
    """Output → entries that stand in it, last build, whether that build was published."""
    flags: Mapping[tuple[str, str, str], int]
    """(kind, state, age) → open flags."""
    flag_since: datetime | None
    """When the oldest open flag was opened."""
    outbox: Mapping[str, int]
    """Kind → requests that wait to be sent."""
    outbox_since: datetime | None
    ledger: int
    """Records."""
    subscribers: int
    """Who may fetch at a secret address now."""
    hub_subscribers: int


def gather(connection: Connection, now: datetime) -> Figures:
    """All counts that are cheap at any size of the database."""
    waiting, leased, since = _polls(connection, now)
    kinds = connection.execute(
        select(outbox.c.kind, func.count(), func.min(outbox.c.created_at)).group_by(outbox.c.kind)
    )
    queued = [(str(kind), count, at) for kind, count, at in kinds]
    held = flags.c.closed_at.is_(None)
    return Figures(
        unwell=_unwell(connection),
        due=waiting,
        leased=leased,
        due_since=since,
        outputs={
            row.id: (row.entries, row.built_at, row.problem is None)
            for row in connection.execute(
                select(outputs.c.id, outputs.c.entries, outputs.c.built_at, outputs.c.problem)
            )
        },
        flags=_flags(connection, now),
        flag_since=connection.execute(select(func.min(flags.c.opened_at)).where(held)).scalar(),
        outbox={kind: count for kind, count, _ in queued},
        outbox_since=min((at for _, _, at in queued), default=None),
        ledger=connection.execute(select(func.max(ledger.c.number))).scalar() or 0,
        subscribers=connection.execute(
            select(func.count())
            .select_from(subscribers)
            .where(
                subscribers.c.revoked_at.is_(None),
                (subscribers.c.expires_at.is_(None)) | (subscribers.c.expires_at > now),
            )
        ).scalar_one(),
        hub_subscribers=connection.execute(
            select(func.count()).select_from(hub_subscribers).where(hub_subscribers.c.lease_until > now)
        ).scalar_one(),
    )


def _unwell(connection: Connection) -> dict[str, int]:
    read = select(polls.c.gone_at, polls.c.last_polled_at).join(sources, sources.c.id == polls.c.source)
    read = read.where(sources.c.active, text(f"({UNWELL})"))
    health = case(
        (polls.c.gone_at.is_not(None), literal("gone")),
        (polls.c.last_polled_at.is_(None), literal("new")),
        else_=literal("failing"),
    ).label("how_it_is")
    found = connection.execute(read.with_only_columns(health, func.count()).group_by(_BY_HEALTH)).all()
    return {"failing": 0, "gone": 0, "new": 0} | {str(name): count for name, count in found}


def _polls(connection: Connection, now: datetime) -> tuple[int, int, datetime | None]:
    """How many wait, how many are leased, and since when the first waits: of those whose time has come, which are at
    the head of an index."""
    at = to_microseconds(now)
    free = leases.c.source.is_(None)
    waiting, leased, since = connection.execute(
        select(
            func.count(case((and_(free, polls.c.gone_at.is_(None)), 1))),
            func.count(case((~free, 1))),
            func.min(case((and_(free, polls.c.gone_at.is_(None), polls.c.next_poll_at > 0), polls.c.next_poll_at))),
        )
        .select_from(polls.outerjoin(leases, and_(leases.c.source == polls.c.source, leases.c.until > at)))
        .where(polls.c.active, polls.c.next_poll_at <= at)
    ).one()
    return waiting, leased, None if since is None else from_microseconds(since)


def _flags(connection: Connection, now: datetime) -> dict[tuple[str, str, str], int]:
    """Open flags by kind, state and age. A state that was ruled before the flag was opened again is void."""
    age = case(*((flags.c.opened_at > now - span, literal(name)) for name, span in AGES), else_=literal("older"))
    state = func.coalesce(flag_states.c.state, literal("open"))
    ruled = and_(flag_states.c.flag == flags.c.id, flag_states.c.opened_at == flags.c.opened_at)
    found = connection.execute(
        select(flags.c.kind, state.label("ruled_as"), age.label("of_age"), func.count())
        .select_from(flags.outerjoin(flag_states, ruled))
        .where(flags.c.closed_at.is_(None))
        .group_by(flags.c.kind, *_BY_RULING)
    )
    return {(str(kind), str(state), str(age)): count for kind, state, age, count in found}


def count_entries(connection: Connection) -> int:
    """How many entries there are that were not deleted upstream: a number kept with each source is added up."""
    return int(connection.execute(select(func.coalesce(func.sum(polls.c.entries), 0))).scalar_one())
