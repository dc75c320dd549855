"""Entries: what is known of them, what outputs may choose from, and how a person finds one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, any_, bindparam, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer, Text

from aggregator.model.entry import Content, Entry, StoredEntry, entry_key
from aggregator.model.poll import KnownEntry
from aggregator.store.same import Same
from aggregator.store.statements import Query, among, digest_of, one_of, packed
from aggregator.store.tables import Instant, entries, from_microseconds, revisions, to_microseconds

_entry = msgspec.json.Decoder(Entry)
_content = msgspec.json.Decoder(Content)

FEW = 64
"""Up to so many sources, the newest entries of each are looked up, at about 0.1 ms a source; for more, all entries are
walked newest first, which is short where a fair share of what comes in belongs to one of the sources."""

After = tuple[datetime, str]
"""(ordered_at, key) of the last entry of the page before."""

_KEY = re.compile("[0-9a-f]{16}")
_NAMES = ("facts", "first_seen_at", "ordered_at", "earliest_at", "revised_at", "deleted_at")
_FACTS = tuple(entries.c[name] for name in _NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision of an entry."""

    revision: str
    seen_at: datetime
    entry: Entry
    content: Content


@dataclass(frozen=True, slots=True)
class Asked:
    """Entries of one source, of which is asked what is stored."""

    keys: dict[str, str]
    """Key → the feed's own id."""
    dated: frozenset[str]
    """Keys of those whose own date of update is wanted, too: their facts must be read for it."""


def asked(source: str, ids: Iterable[str], dated: Iterable[str] = ()) -> Asked:
    """The entries with these ids; those of `dated` are among them."""
    keys = {entry_key(source, feed_id): feed_id for feed_id in ids}
    return Asked(keys, frozenset(entry_key(source, feed_id) for feed_id in dated))


def known(connection: Connection, many: Sequence[Asked]) -> list[dict[str, KnownEntry]]:
    """What is stored of the entries that are asked of: for each asked, by id."""
    wanted = sorted({key for one in many for key in one.keys})
    rows = {row[0]: row for row in _known_rows.rows(connection, keys=packed(connection, wanted))} if wanted else {}
    dated = sorted({key for one in many for key in one.dated})
    dates = {key: _own_date(stored.entry) for key, stored in by_key(connection, dated).items()} if dated else {}
    return [
        {
            feed_id: KnownEntry(
                key=key,
                id=feed_id,
                revision=row[1],
                first_seen_at=from_microseconds(row[2]),
                earliest_at=None if row[3] is None else from_microseconds(row[3]),
                deleted_at=None if row[4] is None else from_microseconds(row[4]),
                updated_at=dates.get(key) if key in one.dated else None,
            )
            for key, feed_id in one.keys.items()
            if (row := rows.get(key)) is not None
        }
        for one in many
    ]


_known_rows = Query(
    lambda dialect: select(
        entries.c.key, entries.c.revision, entries.c.first_seen_at, entries.c.earliest_at, entries.c.deleted_at
    ).where(one_of(dialect, entries.c.key, "keys"))
)


def _own_date(entry: Entry) -> datetime | None:
    return entry.updated_at or entry.published_at


def candidates(
    connection: Connection, sources: Sequence[str], since: datetime | None, limit: int, after: After | None
) -> list[StoredEntry]:
    """The newest entries of these sources that were not deleted upstream, newest first, then by key downwards.

    Args:
        sources: ids; none gives none.
        since: entries placed before it are left out.
        limit: how many at most.
        after: the place after which to go on.
    """
    wanted = sorted(set(sources))
    given = {"sources": packed(connection, wanted), "limit": limit}
    if since is not None:
        given["since"] = to_microseconds(since)
    if after is not None:
        given |= {"at": to_microseconds(after[0]), "behind": after[1]}
    read = _candidates(len(wanted) <= FEW, since is not None, after is not None)
    return [_same.of(tuple(row)) for row in read.rows(connection, **given)]


@cache
def _candidates(of_few: bool, bounded: bool, goes_on: bool) -> Query:
    """First the places, which stand in an index, then the facts of the few that are wanted."""
    return Query(lambda dialect: _places(dialect == "postgresql", of_few, bounded, goes_on))


def _places(on_postgresql: bool, of_few: bool, bounded: bool, goes_on: bool) -> Select[Any]:
    newest = partial(_newest, bounded=bounded, goes_on=goes_on)
    places = (_of_few if of_few else _of_many)(on_postgresql, newest).subquery("places")
    read = select(*_FACTS).join(places, places.c.key == entries.c.key)
    return read.order_by(places.c.ordered_at.desc(), places.c.key.desc())


def _newest(read: Select[Any], place: Any, *, bounded: bool, goes_on: bool) -> Select[Any]:
    """The filters, order and bound of candidates, on whatever has the columns of `entries`."""
    read = read.where(place.deleted_at.is_(None))
    if bounded:
        read = read.where(place.ordered_at >= bindparam("since"))
    if goes_on:
        read = read.where(_behind(place, bindparam("at", type_=Instant), bindparam("behind")))
    return read.order_by(place.ordered_at.desc(), place.key.desc()).limit(bindparam("limit", type_=Integer))


def _behind(place: Any, at: Any, key: Any) -> ColumnElement[bool]:
    # The first term alone bounds the walk through the index; the second decides among entries of the same instant.
    return and_(place.ordered_at <= at, or_(place.ordered_at < at, place.key < key))


def _of_many(on_postgresql: bool, newest: Callable[..., Select[Any]]) -> Select[Any]:
    """Places of all entries, newest first, until there are enough of these sources."""
    read = select(entries.c.ordered_at, entries.c.key)
    if on_postgresql:
        return newest(read.where(entries.c.source == any_(bindparam("sources", type_=ARRAY(Text)))), entries.c)
    listed = func.json_each(bindparam("sources", type_=Text)).table_valued("value")
    return newest(read.where(entries.c.source.in_(select(listed.c.value))), entries.c)


def _of_few(on_postgresql: bool, newest: Callable[..., Select[Any]]) -> Select[Any]:
    """The newest places of each source, then the newest of those."""
    if on_postgresql:
        each = func.unnest(bindparam("sources", type_=ARRAY(Text))).table_valued("value").render_derived()
        mine = select(entries.c.ordered_at, entries.c.key, entries.c.deleted_at).where(entries.c.source == each.c.value)
        found = newest(mine, entries.c).lateral("found")
        return newest(select(found.c.ordered_at, found.c.key).select_from(each.join(found, true())), found.c)
    # SQLite knows no LATERAL, but a correlated subquery with a LIMIT, which here never leaves the index.
    listed = func.json_each(bindparam("sources", type_=Text)).table_valued("value")
    inner = entries.alias("mine")
    keys = newest(select(inner.c.key).where(inner.c.source == listed.c.value), inner.c).correlate(listed)
    read = select(entries.c.ordered_at, entries.c.key).select_from(listed.join(entries, entries.c.key.in_(keys)))
    return newest(read, entries.c)


def by_key(connection: Connection, keys: Sequence[str]) -> dict[str, StoredEntry]:
    """The entries with these keys, deleted ones too; those that do not exist are missing."""
    read = select(entries.c.key, *_FACTS).where(among(connection, entries.c.key, keys))
    return {row.key: _stored(row) for row in connection.execute(read)}


def contents(connection: Connection, keys: Sequence[str]) -> dict[str, Content]:
    """The content of the newest revision of these entries."""
    return {row[0]: _content.decode(row[1]) for row in _contents.rows(connection, keys=packed(connection, keys))}


_contents = Query(
    lambda dialect: select(entries.c.key, entries.c.content).where(one_of(dialect, entries.c.key, "keys"))
)


def find(connection: Connection, name: str) -> list[StoredEntry]:
    """The entries that a person may mean (ruling 25): by internal id or `SOURCE:ID`, else by the feed's id, else by
    URL. Several: the name is ambiguous."""
    source, colon, feed_id = name.partition(":")
    # Names reach the database only as digests: not every text that a person may paste is one for PostgreSQL.
    keys = [name] if _KEY.fullmatch(name) else [entry_key(source, feed_id)] if colon else []
    digest = digest_of(name)
    for condition in (
        among(connection, entries.c.key, keys),
        entries.c.id_digest == digest,
        entries.c.url_digest == digest,
    ):
        read = select(*_FACTS).where(condition).order_by(entries.c.ordered_at.desc(), entries.c.key)
        if found := [stored for stored in map(_stored, connection.execute(read)) if _is_named(stored.entry, name)]:
            return found
    return []


def at_url(connection: Connection, source: str, url: str) -> list[StoredEntry]:
    """The entries of a source with this permalink, as it is written; deleted ones too."""
    read = select(*_FACTS).where(entries.c.url_digest == digest_of(url), entries.c.source == source)
    return [stored for stored in map(_stored, connection.execute(read)) if stored.entry.url == url]


def _is_named(entry: Entry, name: str) -> bool:
    """Whether it is really so called: two texts may share a digest."""
    return name in (entry.key, f"{entry.source}:{entry.id}", entry.id, entry.url)


def listed(connection: Connection, source: str | None, limit: int, after: After | None) -> list[StoredEntry]:
    """Entries newest first, deleted ones too."""
    read = select(*_FACTS).order_by(entries.c.ordered_at.desc(), entries.c.key.desc()).limit(limit)
    if source is not None:
        read = read.where(entries.c.source == source)
    if after is not None:
        read = read.where(_behind(entries.c, *after))
    return [_stored(row) for row in connection.execute(read)]


def history(connection: Connection, key: str) -> list[Revision]:
    """All revisions of an entry, oldest first; the last is the one that stands."""
    former = select(revisions.c.revision, revisions.c.seen_at, revisions.c.facts, revisions.c.content)
    current = select(
        entries.c.revision,
        func.coalesce(entries.c.revised_at, entries.c.first_seen_at).label("seen_at"),
        entries.c.facts,
        entries.c.content,
    ).where(entries.c.key == key)
    rows = [
        *connection.execute(former.where(revisions.c.entry == key).order_by(revisions.c.number)),
        *connection.execute(current),
    ]
    return [
        Revision(
            revision=row.revision,
            seen_at=row.seen_at,
            entry=_entry.decode(row.facts),
            content=_content.decode(row.content),
        )
        for row in rows
    ]


def _from_own_types(row: tuple[Any, ...]) -> StoredEntry:
    """From a row of `_FACTS` in the database's own types."""
    return _stored((row[0], *(None if value is None else from_microseconds(value) for value in row[1:])))


_same = Same(_from_own_types)


def _stored(row: Sequence[Any]) -> StoredEntry:
    facts, first_seen_at, ordered_at, earliest_at, revised_at, deleted_at = row[-len(_FACTS) :]
    return StoredEntry(
        entry=_entry.decode(facts),
        first_seen_at=first_seen_at,
        ordered_at=ordered_at,
        earliest_at=earliest_at,
        revised_at=revised_at,
        deleted_at=deleted_at,
    )
