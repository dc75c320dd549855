"""Outputs: what a build publishes, all of it or nothing, and what stands where since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import structs
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from aggregator.errors import StoreError
from aggregator.model.output import Ending, Flag, Format, Laid, Release
from aggregator.store import builds, decisions, desk, documents, ledger, signal
from aggregator.store import held as held_back
from aggregator.store.builds import Stamp
from aggregator.store.held import HeldBack
from aggregator.store.ledger import Note
from aggregator.store.statements import Bulk, Query, among, insert, one_of, packed, upsert
from aggregator.store.tables import (
    archives,
    entries,
    flag_outputs,
    from_microseconds,
    outputs,
    releases,
    to_microseconds,
    withdrawals,
)

PICKS = ("waiting", "lapsed")
"""States of what is held back for want of a person's pick alone."""
REPLACED = "replaced"
DROPPED = "the output is no longer configured"


class End(NamedTuple):
    """That an entry is to stand in an output no longer."""

    entry: str
    reason: str
    """In words."""
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """All that one build of one output changes."""

    output: str
    at: datetime
    built_from: str
    """Digest of what it was built from."""
    documents: tuple[Laid, ...] = ()
    """Those whose bytes changed."""
    bodies: Mapping[str, bytes] = field(default_factory=dict)
    """Bytes of their entries by digest: at least those that no document had before."""
    dropped_formats: tuple[Format, ...] = ()
    """Those in which it is no longer offered."""
    opened: tuple[Release, ...] = ()
    """One for an entry that stands already, with another revision or decision, replaces its release."""
    closed: tuple[End, ...] = ()
    """What ends; an entry that does not stand is passed over."""
    decisions: tuple[decisions.Made, ...] = ()
    flags: tuple[Flag, ...] = ()
    """All that the output waits for now."""
    wake_at: datetime | None = None
    """First instant at which a decision may differ; None: none by time alone."""
    problem: str | None = None
    """Why nothing could be published; the documents of before stay. None: it could."""
    held: tuple[HeldBack, ...] = ()
    """Candidates that it would like to carry and may not, newest first."""
    after: int = 0
    """Number of the build that was the last one of this output when this one began."""
    stamp: Stamp | None = None
    """Of which moment it is; None: of no interest to other processes, and `after` is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputState:
    """What is known of the last build of an output."""

    output: str
    built_at: datetime
    """Of the last build, whether or not it was published."""
    built_from: str
    wake_at: datetime | None
    problem: str | None
    entries: int
    """Open releases."""
    held: int = 0
    """Candidates that it would like to carry and may not."""
    picks: int = 0
    """Those of them that only wait for a person's pick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an output is before a build changes it."""

    state: OutputState | None
    """None: never built."""
    releases: dict[str, Release]
    """What stands in it, by entry."""
    etags: dict[Format, str]
    """Of its documents."""


def standing(connection: Connection, output: str) -> Standing:
    """All that a build must know of its output."""
    return Standing(
        state=next((_known_state(row) for row in _state_of.rows(connection, output=output)), None),
        releases=open_releases(connection, output),
        etags=documents.etags(connection, output),
    )


def _known_state(row: Sequence[Any]) -> OutputState:
    """From a row in the database's own types."""
    output, built_at, built_from, wake_at, problem, entries, held, picks = row
    return OutputState(
        output=output,
        built_at=from_microseconds(built_at),
        built_from=built_from,
        wake_at=None if wake_at is None else from_microseconds(wake_at),
        problem=problem,
        entries=entries,
        held=held,
        picks=picks,
    )


_state_of = Query(lambda dialect: select(outputs).where(outputs.c.id == bindparam("output")))


def publish_all(connection: Connection, results: Iterable[BuildResult]) -> list[int]:
    """As `publish`, of several outputs: all of it or nothing."""
    return [publish(connection, result) for result in results]


def publish(connection: Connection, result: BuildResult) -> int:
    """Writes what a build changes.

    Returns:
        The build's number, over all outputs; 0: it has no stamp.
    Raises:
        StoreError: an entry that would stand was withdrawn since the build looked; build again.
        SupersededError: another process has built it since this build looked.
        FragmentsLostError: the store has not all bytes that its documents are made of; build again, with all.
    """
    # First of all, so that no withdrawal comes between the look and the commit.
    ledger.lock(connection)
    number = 0
    if result.stamp is not None:
        number = builds.stamp(connection, result.output, result.after, result.stamp)
        signal.tell(connection)
    decisions.keep(connection, result.decisions, result.at)
    notes = _close(connection, result.output, result.closed, result.at)
    notes += _open(connection, result)
    if result.problem is None:
        _refuse_withdrawn(connection, result.output)
    notes += desk.sync_flags(connection, result.output, result.flags, result.at)
    documents.write(connection, result.output, result.documents, result.bodies, result.dropped_formats)
    _write_state(connection, result)
    ledger.append(connection, notes, result.at)
    return number


def _close(connection: Connection, output: str, closed: Iterable[End], at: datetime) -> list[Note]:
    reasons = {end.entry: end for end in closed}
    if not reasons:
        return []
    standing = _named.rows(connection, output=output, entries=packed(connection, sorted(reasons)))
    if not standing:
        return []
    instant = to_microseconds(at)
    standing = sorted(standing, key=lambda row: str(row[2]))
    ends = [
        (reasons[entry], number, entry, revision, decision) for number, _, entry, revision, decision, *_ in standing
    ]
    _end.run(connection, [(instant, end.reason, end.ending.value, number) for end, number, *_ in ends])
    return [
        Note(
            kind=ledger.END,
            subject=f"{output}/{entry}",
            body={"revision": revision, "decision": decision, "reason": end.reason},
        )
        for end, _, entry, revision, decision in ends
    ]


_end = Bulk(
    lambda dialect: (
        update(releases)
        .where(releases.c.number == bindparam("row"))
        .values(closed_at=bindparam("at"), reason=bindparam("why"), ending=bindparam("what"))
    ),
    ("at", "why", "what", "row"),
)


def _open(connection: Connection, result: BuildResult) -> list[Note]:
    standing = open_releases(connection, result.output, [release.entry for release in result.opened])
    fresh = [release for release in result.opened if not _stands(release, standing)]
    replaced = [End(release.entry, REPLACED, Ending.REPLACED) for release in fresh if release.entry in standing]
    notes = _close(connection, result.output, replaced, result.at)
    _begin.run(connection, [_release_row(release, result.output) for release in fresh])
    for release in fresh:
        body = {"revision": release.revision, "decision": release.decision}
        notes.append(Note(kind=ledger.RELEASE, subject=f"{result.output}/{release.entry}", body=body))
    return notes


def _stands(release: Release, standing: dict[str, Release]) -> bool:
    known = standing.get(release.entry)
    return known is not None and (known.revision, known.decision) == (release.revision, release.decision)


_RELEASE = ("output", "entry", "revision", "decision", "opened_at", "reason", "outbound_id", "atom_id")
_begin = Bulk(lambda dialect: insert(dialect, releases).values({name: bindparam(name) for name in _RELEASE}), _RELEASE)


def _release_row(release: Release, output: str) -> tuple[Any, ...]:
    opened_at = to_microseconds(release.opened_at)
    ids = release.outbound_id, release.atom_id
    return (output, release.entry, release.revision, release.decision, opened_at, "", *ids)


def _refuse_withdrawn(connection: Connection, output: str) -> None:
    if blocked := _withdrawn.rows(connection, output=output):
        raise StoreError(
            "output '%(output)s': entry '%(blocked)s' was withdrawn while it was built; build it again",
            output=output,
            blocked=blocked[0][0],
        )


_withdrawn = Query(
    lambda dialect: (
        select(releases.c.entry)
        .join(withdrawals, withdrawals.c.entry == releases.c.entry)
        .where(releases.c.output == bindparam("output"), releases.c.closed_at.is_(None))
        .order_by(releases.c.entry)
        .limit(1)
    )
)


_STATE = ("id",), ("built_at", "built_from", "wake_at", "problem", "entries", "held", "picks")
_put_state = Bulk(lambda dialect: upsert(dialect, outputs, *_STATE), (*_STATE[0], *_STATE[1]))
_count = Query(
    lambda dialect: (
        select(func.count())
        .select_from(releases)
        .where(releases.c.output == bindparam("output"), releases.c.closed_at.is_(None))
    )
)


def _write_state(connection: Connection, result: BuildResult) -> None:
    wake_at = None if result.wake_at is None else to_microseconds(result.wake_at)
    standing = _count.rows(connection, output=result.output)[0][0]
    row = (result.output, to_microseconds(result.at), result.built_from, wake_at, result.problem, standing)
    picks = sum(one.state in PICKS for one in result.held)
    _put_state.run(connection, [(*row, len(result.held), picks)])
    held_back.put(connection, result.output, result.held)


def drop(connection: Connection, output: str, now: datetime) -> None:
    """Ends an output that is no longer configured: its releases, documents and questions."""
    ledger.lock(connection)
    notes = _close(
        connection, output, [End(entry, DROPPED, Ending.DROPPED) for entry in open_releases(connection, output)], now
    )
    notes += desk.sync_flags(connection, output, (), now)
    documents.drop(connection, output)
    connection.execute(delete(archives).where(archives.c.output == output))
    connection.execute(delete(flag_outputs).where(flag_outputs.c.output == output))
    connection.execute(delete(outputs).where(outputs.c.id == output))
    held_back.drop(connection, output)
    builds.forget(connection, output)
    ledger.append(connection, notes, now)


def states(connection: Connection, output: str | None) -> dict[str, OutputState]:
    """Of the given output, None: of all that were ever built, by id."""
    read = select(outputs).order_by(outputs.c.id)
    if output is not None:
        read = read.where(outputs.c.id == output)
    return {row.id: _state(row._mapping) for row in connection.execute(read)}


def _state(row: Any) -> OutputState:
    fields = dict(row)
    return OutputState(output=fields.pop("id"), **fields)


def open_releases(connection: Connection, output: str, entries: Sequence[str] | None = None) -> dict[str, Release]:
    """What stands in an output, by entry, of these entries; None: of all."""
    if entries is None:
        return {row[0]: _read(output, *row) for row in _standing.rows(connection, output=output)}
    if entries:
        rows = _named.rows(connection, output=output, entries=packed(connection, entries))
        return {row[2]: _of_row(row) for row in rows}
    return {}


def _of_row(row: Sequence[Any]) -> Release:
    """A release from its whole row in the database's own types, but for its end."""
    _, output, entry, revision, decision, opened_at, _, reason, _, outbound_id, atom_id = row
    return _read(output, entry, revision, decision, opened_at, outbound_id, atom_id, reason)


def _read(
    output: str,
    entry: str,
    revision: str,
    decision: str,
    opened_at: int,
    outbound_id: str,
    atom_id: str,
    reason: str = "",
) -> Release:
    return Release(
        output=output,
        entry=entry,
        revision=revision,
        decision=decision,
        opened_at=from_microseconds(opened_at),
        reason=reason,
        outbound_id=outbound_id,
        atom_id=atom_id,
    )


def _of_output() -> Select[Any]:
    return select(releases).where(releases.c.output == bindparam("output"), releases.c.closed_at.is_(None))


# No column more than it takes: each build of each output reads this, of every entry that stands.
_STANDS = ("entry", "revision", "decision", "opened_at", "outbound_id", "atom_id")
_standing = Query(lambda dialect: _of_output().with_only_columns(*(releases.c[name] for name in _STANDS)))
_named = Query(lambda dialect: _of_output().where(one_of(dialect, releases.c.entry, "entries")))


def first_releases(connection: Connection, output: str, keys: Sequence[str] | None) -> dict[str, datetime]:
    """When each entry first stood in an output, of those that ever did; keys None: of all."""
    read = select(releases.c.entry, func.min(releases.c.opened_at)).where(releases.c.output == output)
    if keys is not None:
        read = read.where(among(connection, releases.c.entry, keys))
    return {row[0]: row[1] for row in connection.execute(read.group_by(releases.c.entry))}


class Carried(NamedTuple):
    """An entry of a time, and since when an output carries it, or carried it once."""

    entry: str
    source: str
    ordered_at: datetime
    opened_at: datetime | None
    """First release in the output; None: it never stood there."""


def carried(connection: Connection, output: str, sources: Sequence[str], until: datetime) -> list[Carried]:
    """What sources published up to an instant, and what of it an output ever carried."""
    read = (
        select(entries.c.key, entries.c.source, entries.c.ordered_at, func.min(releases.c.opened_at))
        .outerjoin(releases, (releases.c.entry == entries.c.key) & (releases.c.output == output))
        .where(among(connection, entries.c.source, sources))
        .where(entries.c.ordered_at <= until)
        .group_by(entries.c.key, entries.c.source, entries.c.ordered_at)
    )
    return [Carried(*row) for row in connection.execute(read)]


def releases_of(connection: Connection, entry: str) -> list[Release]:
    """Where an entry stood or stands, in the order of opening."""
    return releases_of_all(connection, [entry])[entry]


def releases_of_all(connection: Connection, keys: Sequence[str]) -> dict[str, list[Release]]:
    """Where each of these entries stood or stands, in the order of opening."""
    found: dict[str, list[Release]] = {key: [] for key in keys}
    read = select(releases).where(among(connection, releases.c.entry, keys))
    for row in connection.execute(read.order_by(releases.c.opened_at, releases.c.number)):
        found[row.entry].append(_release(row._mapping))
    return found


def recalled(connection: Connection, output: str, since: datetime, limit: int) -> list[Release]:
    """The last release of each entry that was recalled from an output and does not stand there again, newest end first.

    An entry that had left the output for another reason, and was withdrawn or deleted since, counts from that moment
    on and as that: readers still have it.

    Args:
        since: ends before it are left out.
        limit: how many at most.
    """
    given = {"output": output, "since": to_microseconds(since), "most": limit}
    found = [_ended(row[:-2]) for row in _recalled.rows(connection, **given)]
    for row in _gone_since.rows(connection, **given):
        *release_row, deleted, withdrawn = row
        release = _ended(release_row)
        at, ending = (deleted, Ending.DELETED) if withdrawn is None else (withdrawn, Ending.WITHDRAWN)
        told = from_microseconds(at)
        found.append(structs.replace(release, closed_at=max(told, release.closed_at or told), ending=ending))
    return sorted(found, key=lambda release: release.closed_at or since, reverse=True)[:limit]


def _past(*endings: Ending) -> Select[Any]:
    """The newest ends of an output, each of the last release of its entry."""
    later = releases.alias("later")
    again = select(later.c.number).where(
        later.c.output == releases.c.output, later.c.entry == releases.c.entry, later.c.number > releases.c.number
    )
    return (
        select(releases, entries.c.deleted_at, withdrawals.c.at)
        .outerjoin(entries, entries.c.key == releases.c.entry)
        .outerjoin(withdrawals, withdrawals.c.entry == releases.c.entry)
        .where(releases.c.output == bindparam("output"))
        .where(releases.c.closed_at >= bindparam("since", type_=BigInteger))
        .where(~again.exists())
        .where(or_(*(releases.c.ending == literal_column(f"'{ending.value}'") for ending in endings)))
        .order_by(releases.c.closed_at.desc(), releases.c.number.desc())
        .limit(bindparam("most", type_=Integer))
    )


_recalled = Query(lambda dialect: _past(*(ending for ending in Ending if ending.recalls)))
_gone_since = Query(
    lambda dialect: _past(Ending.NEWER, Ending.SELECTION).where(
        or_(entries.c.deleted_at.is_not(None), withdrawals.c.at.is_not(None))
    )
)


def _ended(row: Sequence[Any]) -> Release:
    """A release that has ended, from a row in the database's own types."""
    closed_at, ending = row[6], row[8]
    known = None if ending is None else Ending(ending)
    return structs.replace(_of_row(row), closed_at=from_microseconds(closed_at), ending=known)


def _release(row: Any) -> Release:
    fields = dict(row)
    del fields["number"]
    ending = fields.pop("ending")
    return Release(**fields, ending=None if ending is None else Ending(ending))
