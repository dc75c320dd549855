"""What is old enough to go, and room that can be given back.

INVARIANT: nothing goes that stands in an output or an archive of one, that a person is asked about, or that a release
names as its revision. Ledger, releases and decisions are never pruned: they are the proof.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, create_engine, delete, exists, func, or_, select, text

from aggregator.errors import StoreError
from aggregator.store import sources as source_rows
from aggregator.store.notes import write as write_note
from aggregator.store.statements import among
from aggregator.store.tables import (
    applications,
    attempts,
    decisions,
    entries,
    flag_comments,
    flag_states,
    flags,
    hub_subscribers,
    invitations,
    leases,
    letter_flags,
    notes,
    policy_versions,
    polls,
    releases,
    revisions,
    sessions,
    sources,
    to_microseconds,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from aggregator.store.address import Address

UPKEEP = "upkeep"
"""The note that says when it was last done."""
BATCH = 1000
"""Rows of one transaction: polls that wait for it should not notice."""
RECALLED = timedelta(days=31)
"""For so long what was recalled is told to readers, out of the entry as it was."""

UNCONFIRMED = timedelta(days=30)
"""How long an application is kept whose mail address nobody confirmed."""

Place = tuple[datetime, str]
"""(ordered_at, key) of the last entry that was looked at."""

_items = msgspec.json.Decoder(list[tuple[str, str]])


class _Named(msgspec.Struct):
    """An entry's facts, as far as they are needed here."""

    id: str


_named = msgspec.json.Decoder(_Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Room that a database takes."""

    size: int
    """Bytes."""
    free: int
    """Bytes of it that hold nothing any more; 0 where the database gives them out again by itself."""


def prune_entries(
    connection: Connection, before: datetime, now: datetime, archived: Sequence[str], after: Place | None, dry: bool
) -> tuple[int, Place | None]:
    """Deletes entries that were last seen before an instant, with their former revisions: one batch of them.

    Args:
        archived: outputs with an archive: what ever stood in one stays.
        after: where the batch before ended.
        dry: only counts.
    Returns:
        How many went, and where this batch ended; None: it was the last.
    """
    # What was last seen before then was placed before then: the index of places finds the old ones.
    old = (
        select(entries.c.key, entries.c.source, entries.c.facts, entries.c.last_seen_at, entries.c.ordered_at)
        .where(entries.c.ordered_at < before)
        .order_by(entries.c.ordered_at, entries.c.key)
        .limit(BATCH)
    )
    if after is not None:
        at, key = after
        old = old.where(or_(entries.c.ordered_at > at, and_(entries.c.ordered_at == at, entries.c.key > key)))
    rows = connection.execute(old).all()
    if not rows:
        return 0, None
    aged = [row for row in rows if row.last_seen_at < before]
    there = _in_documents(connection, {row.source for row in aged})
    gone = [row.key for row in aged if _named.decode(row.facts).id not in there[row.source]]
    gone = _without_wanted(connection, gone, now, archived)
    if gone and not dry:
        source_rows.lock(connection, {row.source for row in aged})
        connection.execute(delete(revisions).where(revisions.c.entry.in_(gone)))
        went = delete(entries).where(entries.c.key.in_(gone)).returning(entries.c.source, entries.c.deleted_at)
        fewer = Counter(row.source for row in connection.execute(went) if row.deleted_at is None)
        source_rows.count_more(connection, {id_: -count for id_, count in fewer.items()})
    return len(gone), (rows[-1].ordered_at, rows[-1].key) if len(rows) == BATCH else None


def recount(connection: Connection, after: str) -> tuple[int, str | None]:
    """Counts again how many entries each source has, where the number that is kept is wrong: a program of before may
    have written beside this one, or a person by hand. One batch of sources.

    Args:
        after: where the batch before ended; empty: from the first.
    Returns:
        How many were wrong, and where this batch ended; None: it was the last.
    """
    read = select(polls.c.source, polls.c.entries).where(polls.c.source > after).order_by(polls.c.source)
    kept: dict[str, int] = {row[0]: row[1] for row in connection.execute(read.limit(BATCH).with_for_update())}
    if not kept:
        return 0, None
    count = select(entries.c.source, func.count()).where(entries.c.deleted_at.is_(None)).group_by(entries.c.source)
    found: dict[str, int] = {
        row[0]: row[1] for row in connection.execute(count.where(among(connection, entries.c.source, kept)))
    }
    more = {id_: found.get(id_, 0) - known for id_, known in kept.items() if found.get(id_, 0) != known}
    source_rows.count_more(connection, more)
    return len(more), max(kept) if len(kept) == BATCH else None


def _in_documents(connection: Connection, ids: set[str]) -> dict[str, set[str]]:
    """Ids of the entries that the last document of each source held: they are seen still."""
    found: dict[str, set[str]] = {id_: set() for id_ in ids}
    if ids:
        read = select(sources.c.id, sources.c.known_items).where(sources.c.id.in_(sorted(ids)), sources.c.active)
        for id_, items in connection.execute(read):
            found[id_] = {entry for _, entry in _items.decode(items)}
    return found


def _without_wanted(connection: Connection, keys: Sequence[str], now: datetime, archived: Sequence[str]) -> list[str]:
    """Those of the entries that nobody needs any more."""
    if not keys:
        return []
    stands = or_(
        releases.c.closed_at.is_(None), releases.c.closed_at > now - RECALLED, releases.c.output.in_(list(archived))
    )
    wanted = set(connection.execute(select(releases.c.entry).where(releases.c.entry.in_(keys), stands)).scalars())
    asked = select(flags.c.entry).where(flags.c.entry.in_(keys), flags.c.closed_at.is_(None))
    wanted |= set(connection.execute(asked).scalars())
    return [key for key in keys if key not in wanted]


def prune_revisions(connection: Connection, before: datetime, after: int, dry: bool) -> tuple[int, int | None]:
    """Deletes former revisions that were stored before an instant, and that no release names: one batch of them.

    Returns:
        How many went, and where this batch ended; None: it was the last.
    """
    read = select(revisions.c.number, revisions.c.seen_at).where(revisions.c.number > after)
    rows = connection.execute(read.order_by(revisions.c.number).limit(BATCH)).all()
    aged = [row.number for row in rows if row.seen_at < before]
    named = exists().where(releases.c.entry == revisions.c.entry, releases.c.revision == revisions.c.revision)
    wanted = select(revisions.c.number).where(revisions.c.number.in_(aged), named)
    kept = set(connection.execute(wanted).scalars()) if aged else set()
    gone = [number for number in aged if number not in kept]
    if gone and not dry:
        connection.execute(delete(revisions).where(revisions.c.number.in_(gone)))
    # Numbers grow with time: the first that is young enough ends the walk.
    return len(gone), rows[-1].number if len(rows) == BATCH and len(aged) == len(rows) else None


def prune_flags(connection: Connection, before: datetime, dry: bool) -> tuple[int, bool]:
    """Deletes flags that were closed before an instant and that nobody has said or written anything about: one batch.

    Returns:
        How many went, and whether there may be more.
    """
    touched = or_(
        exists().where(letter_flags.c.flag == flags.c.id),
        exists().where(flag_states.c.flag == flags.c.id),
        exists().where(flag_comments.c.flag == flags.c.id),
    )
    old = select(flags.c.id).where(flags.c.closed_at < before, ~touched)
    if dry:
        return connection.execute(select(func.count()).select_from(old.subquery())).scalar_one(), False
    gone = list(connection.execute(old.limit(BATCH)).scalars())
    if gone:
        connection.execute(delete(flags).where(flags.c.id.in_(gone)))
    return len(gone), len(gone) == BATCH


def prune_ended(connection: Connection, now: datetime, dry: bool) -> int:
    """Deletes what has ended by itself: sessions, one-time links, locks after failed logins, leases of subscribers,
    applications whose mail address nobody confirmed."""
    old = now - timedelta(days=1)
    is_free = or_(attempts.c.locked_until.is_(None), attempts.c.locked_until < now)
    ended = (
        (sessions, sessions.c.expires_at < now),
        (invitations, invitations.c.expires_at < now),
        (attempts, and_(attempts.c.last_at < old, is_free)),
        (hub_subscribers, hub_subscribers.c.lease_until < old),
        (leases, leases.c.until < to_microseconds(old)),  # nobody claims a source again that is configured no more
        # Nobody followed the link, and nobody here said a word: perhaps it was not even who it said it was.
        (
            applications,
            and_(
                applications.c.mail_digest.is_not(None),
                applications.c.decided_at.is_(None),
                applications.c.asked_at < now - UNCONFIRMED,
            ),
        ),
    )
    count = 0
    for table, done in ended:
        if dry:
            count += connection.execute(select(func.count()).select_from(table).where(done)).scalar_one()
        else:
            count += connection.execute(delete(table).where(done)).rowcount
    return count


def unused_policies(connection: Connection, before: datetime) -> list[str]:
    """Versions of the configuration by which nothing was decided that ever went out, and that are older than an
    instant: they prove nothing. The newest is never among them."""
    newest = select(func.max(policy_versions.c.kept_at)).scalar_subquery()
    used = set(connection.execute(select(decisions.c.policy_version).distinct()).scalars())
    kept = select(policy_versions.c.version).where(
        policy_versions.c.kept_at < before, policy_versions.c.kept_at < newest
    )
    return [version for version in connection.execute(kept).scalars() if version not in used]


def drop_policies(connection: Connection, versions: Sequence[str]) -> None:
    """Forgets the policies of these versions of the configuration."""
    connection.execute(delete(policy_versions).where(among(connection, policy_versions.c.version, versions)))


def claim_upkeep(connection: Connection, now: datetime, every: timedelta) -> bool:
    """Whether it is this process that does the upkeep now: of several that ask, one is told so in each period."""
    last = connection.execute(select(notes.c.at).where(notes.c.name == UPKEEP).with_for_update()).scalar_one_or_none()
    if last is not None and timedelta(0) <= now - last < every:
        return False
    write_note(connection, UPKEEP, b"true", now)
    return True


def space(connection: Connection) -> Space:
    """What the database takes on disk."""
    if connection.dialect.name == "postgresql":
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return Space(size=size, free=0)
    page, pages, free = (
        connection.execute(text(f"PRAGMA {name}")).scalar_one()
        for name in ("page_size", "page_count", "freelist_count")
    )
    return Space(size=page * pages, free=page * free)


def vacuum(address: Address) -> None:
    """Gives room back and renews what the database knows of its tables. Writers wait meanwhile; readers do not.

    Raises:
        StoreError: the database is in use in a way that does not allow it, or there is no room for a copy.
    """
    if address.file is not None:
        try:
            with closing(sqlite3.connect(address.file, timeout=10, isolation_level=None)) as connection:
                connection.execute("PRAGMA busy_timeout = 10000")
                connection.execute("VACUUM")
                connection.execute("PRAGMA optimize = 0x10002")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise StoreError(f"database '{address.name}': {error}; try again when less is going on") from error
        return
    engine = create_engine(address.url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("VACUUM (ANALYZE)"))
    finally:
        engine.dispose()


def tidy(connection: Connection) -> None:
    """The small upkeep: what the planner knows of the tables. Costs milliseconds where little has changed."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA optimize"))
