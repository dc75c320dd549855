"""Of which moment each output is, and who builds it: what nodes must agree on before any of them serves it.

A build is stamped with what it was built from: the configuration, the last change of sources, the last ruling of a
person. So every node can tell, from the rows alone, whether the documents that another built are those of this moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ClauseElement, Connection, bindparam, delete, literal_column, null, select, update

from aggregator.errors import StoreError
from aggregator.store import ledger, sources
from aggregator.store.statements import Query, among, insert
from aggregator.store.tables import builds, counters, from_microseconds, outputs, to_microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Of which moment the documents of an output are."""

    config: str
    """Version of the configuration."""
    change: int
    """Number of the last change of sources that they may reflect."""
    desk: str
    """Version of people's rulings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The last build of an output, whoever made it."""

    number: int
    """Grows with each build, over all outputs; 0: none was made."""
    stamp: Stamp
    wake_at: datetime | None
    """First instant at which a decision may differ; None: none by time alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What has changed since the last look, of one moment."""

    changed: tuple[tuple[str, int], ...]
    """(source, number of its last change)."""
    built: dict[str, Built]
    """By output."""
    config: str
    """Version of the configuration in force: that of the builder which loaded one last; empty: there is none."""


class SupersededError(StoreError):
    """Another process has built the output meanwhile: nothing was published, and nothing is lost."""


def look(connection: Connection, change: int, build: int) -> Seen:
    """What has changed after these numbers."""
    last = ledger.last_of(connection, ledger.CONFIG, ledger.CONFIG_SUBJECT)
    return Seen(
        changed=tuple(sources.changed_rows(connection, change)),
        built={
            output: Built(
                number=number,
                stamp=Stamp(config=config, change=reached, desk=ruled),
                wake_at=None if wake_at is None else from_microseconds(wake_at),
            )
            for output, number, config, reached, ruled, wake_at in _built.rows(connection, number=build)
        },
        config="" if last is None else ledger.body_of(last).get("version", ""),
    )


_built = Query(
    lambda dialect: (
        select(builds.c.output, builds.c.number, builds.c.config, builds.c.change, builds.c.desk, outputs.c.wake_at)
        .join(outputs, outputs.c.id == builds.c.output)
        .where(builds.c.number > bindparam("number"))
    )
)
_number = Query(lambda dialect: select(builds.c.number).where(builds.c.output == bindparam("output")))


def newest(connection: Connection) -> int:
    """Number of the last build of any output."""
    return int(connection.execute(select(counters.c.value).where(counters.c.name == "build")).scalar_one())


def number_of(connection: Connection, output: str) -> int:
    """Number of the last build of an output; 0: there is none."""
    rows = _number.rows(connection, output=output)
    return int(rows[0][0]) if rows else 0


def numbers_of(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The same of several."""
    return {id_: number_of(connection, id_) for id_ in ids}


def claim(connection: Connection, ids: Sequence[str], owner: str, now: datetime, lease: timedelta) -> dict[str, int]:
    """Makes this process the only one that builds these outputs, until the lease ends.

    Returns:
        Number of the last build of each; one that another process builds now is missing.
    """
    # In one order for all processes, so that no two wait for each other.
    found = ((id_, _claim(connection, id_, owner, now, lease)) for id_ in sorted(ids))
    return {id_: number for id_, number in found if number is not None}


def _claim(connection: Connection, output: str, owner: str, now: datetime, lease: timedelta) -> int | None:
    until = to_microseconds(now + lease)
    row = {"output": output, "number": 0, "config": "", "change": 0, "desk": ""}
    new = insert(connection.dialect.name, builds).values(**row, claimed_until=until, claimed_by=owner)
    free = (builds.c.claimed_until <= to_microseconds(now)) | (builds.c.claimed_by == owner)
    taken = new.on_conflict_do_update(
        index_elements=["output"], set_={"claimed_until": until, "claimed_by": owner}, where=free
    )
    found = connection.execute(taken.returning(builds.c.number)).first()
    return None if found is None else int(found[0])


def release(connection: Connection, ids: Sequence[str], owner: str) -> None:
    """Ends claims of which no build came."""
    held = update(builds).where(among(connection, builds.c.output, ids), builds.c.claimed_by == owner)
    connection.execute(held.values(claimed_until=0, claimed_by=None))


def stamp(connection: Connection, output: str, after: int, made: Stamp) -> int:
    """Stamps an output that is being published, in the transaction that does so and holds the ledger's lock.

    Args:
        after: number of the build that was the last one when this one began.
    Returns:
        The number of this one.
    Raises:
        SupersededError: it is the last one no more.
    """
    if number_of(connection, output) != after:
        raise SupersededError(f"output '{output}': another process has built it meanwhile; nothing was published")
    number = _next(connection)
    _stamp.run(connection, output=output, number=number, config=made.config, change=made.change, desk=made.desk)
    return number


def _stamped(dialect: str) -> ClauseElement:
    names = ("number", "config", "change", "desk")
    fresh: dict[str, Any] = {name: bindparam(name) for name in names}
    new = insert(dialect, builds).values(output=bindparam("output"), **fresh, claimed_until=literal_column("0"))
    done = {"claimed_until": literal_column("0"), "claimed_by": null()}
    return new.on_conflict_do_update(index_elements=["output"], set_={n: new.excluded[n] for n in names} | done)


_stamp = Query(_stamped)
_taken = Query(
    lambda dialect: (
        update(counters)
        .where(counters.c.name == literal_column("'build'"))
        .values(value=counters.c.value + literal_column("1"))
        .returning(counters.c.value)
    )
)


def _next(connection: Connection) -> int:
    """A number above those of all builds before. Its row is locked until the transaction ends, so numbers become
    visible in their order."""
    return int(_taken.rows(connection)[0][0])


def carry_over(connection: Connection, ids: Sequence[str], before: str, after: str) -> None:
    """Takes documents that an edit of the configuration does not concern for ones of the new configuration."""
    if not ids:
        return
    number = _next(connection)
    same = update(builds).where(among(connection, builds.c.output, ids), builds.c.config == before)
    connection.execute(same.values(config=after, number=number))


def forget(connection: Connection, output: str) -> None:
    """Drops what is known of the builds of an output."""
    connection.execute(delete(builds).where(builds.c.output == output))
