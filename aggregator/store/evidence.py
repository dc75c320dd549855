"""What sites say to machines: a row for each document that was asked for, replaced whole for one source at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from aggregator.model.evidence import Evidence, EvidenceKind, SiteWords
from aggregator.store.sources import next_change
from aggregator.store.statements import Query, among, insert, one_of, packed, text_of
from aggregator.store.tables import evidence, from_microseconds, sources

_words = msgspec.json.Decoder(SiteWords)


def schedule(connection: Connection) -> dict[str, tuple[str, datetime]]:
    """(origin, when its first document is due again) of each source that was ever looked at."""
    read = select(evidence.c.source, func.max(evidence.c.origin), func.min(evidence.c.next_at))
    rows = connection.execute(read.group_by(evidence.c.source)).all()
    return {row[0]: (row[1], row[2]) for row in rows}


def of_source(connection: Connection, source: str) -> list[Evidence]:
    """All documents of one source, silent ones too, in the order of their addresses."""
    rows = connection.execute(select(evidence).where(evidence.c.source == source).order_by(evidence.c.url)).all()
    return [_evidence(row) for row in rows]


def said(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Evidence, ...]]:
    """The documents of these sources that say something, by source, in the order of their addresses."""
    found: dict[str, list[Evidence]] = {}
    for row in _said.rows(connection, ids=packed(connection, ids)):
        found.setdefault(row[0], []).append(_typed(*row))
    return {source: tuple(rows) for source, rows in found.items()}


_NAMES = ("source", "kind", "url", "origin", "words", "quote", "read_at", "next_at", "failures", "problem")
_said = Query(
    lambda dialect: (
        select(*(evidence.c[name] for name in _NAMES))
        .where(evidence.c.words.is_not(None), one_of(dialect, evidence.c.source, "ids"))
        .order_by(evidence.c.source, evidence.c.url)
    )
)


def _typed(
    source: str,
    kind: str,
    url: str,
    origin: str,
    words: str,
    quote: str,
    read_at: int | None,
    next_at: int,
    failures: int,
    problem: str | None,
) -> Evidence:
    """A document that says something, from a row in the database's own types: builds ask for it."""
    return Evidence(
        source=source,
        kind=EvidenceKind(kind),
        url=url,
        origin=origin,
        words=_words.decode(words),
        quote=quote,
        read_at=None if read_at is None else from_microseconds(read_at),
        next_at=from_microseconds(next_at),
        failures=failures,
        problem=problem,
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many documents of each source say something."""
    read = select(evidence.c.source, func.count()).where(evidence.c.words.is_not(None)).group_by(evidence.c.source)
    return {row[0]: row[1] for row in connection.execute(read)}


def keep(connection: Connection, source: str, rows: Sequence[Evidence]) -> bool:
    """Makes these all that is known of a source's site. A source that is not stored any more is left alone.

    Returns:
        Whether something else is said now: then the source counts as changed, and its outputs are built again.
    """
    stored = connection.execute(select(sources.c.id).where(sources.c.id == source).with_for_update()).first()
    if stored is None:
        return False
    before = of_source(connection, source)
    gone = [one.url for one in before if one.url not in {row.url for row in rows}]
    connection.execute(delete(evidence).where(evidence.c.source == source, among(connection, evidence.c.url, gone)))
    for row in rows:
        values = {
            "source": source,
            "url": row.url,
            "kind": row.kind.value,
            "origin": row.origin,
            "words": None if row.words is None else text_of(row.words),
            "quote": row.quote,
            "read_at": row.read_at,
            "next_at": row.next_at,
            "failures": row.failures,
            "problem": row.problem,
        }
        statement = insert(connection.dialect.name, evidence).values(values)
        fresh = {name: statement.excluded[name] for name in values if name not in ("source", "url")}
        connection.execute(statement.on_conflict_do_update(index_elements=["source", "url"], set_=fresh))
    changed = _heard(before) != _heard(rows)
    if changed:
        number = next_change(connection)
        connection.execute(update(sources).where(sources.c.id == source).values(change=number))
    return changed


def _heard(rows: Sequence[Evidence]) -> set[tuple[str, str, SiteWords]]:
    return {(row.url, row.origin, row.words) for row in rows if row.words is not None}


def _evidence(row: Row[tuple[object, ...]]) -> Evidence:
    return Evidence(
        source=row.source,
        kind=EvidenceKind(row.kind),
        url=row.url,
        origin=row.origin,
        words=None if row.words is None else _words.decode(row.words),
        quote=row.quote,
        read_at=row.read_at,
        next_at=row.next_at,
        failures=row.failures,
        problem=row.problem,
    )
