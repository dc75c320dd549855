"""Documents: what stands around their entries, and the bytes of entries, each kept once for all documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, literal_column, select, update

from aggregator.errors import StoreError
from aggregator.model.output import Document, Format, Laid
from aggregator.store import ledger
from aggregator.store.statements import Bulk, Query, insert, one_of, packed
from aggregator.store.tables import documents, fragments, from_microseconds, to_microseconds


class FragmentsLostError(StoreError):
    """A document names bytes that the store does not have and was not given: make them anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInfo:
    """A document without its bytes."""

    output: str
    format: Format
    etag: str
    modified_at: datetime
    entries: int


def write(
    connection: Connection,
    output: str,
    laid: Sequence[Laid],
    bodies: Mapping[str, bytes],
    gone: Collection[Format] = (),
) -> None:
    """Writes documents of an output in place of those of before, in a transaction that holds the ledger's lock.

    Args:
        bodies: bytes of entries by digest: at least those that no document had before.
        gone: formats in which it is no longer offered.
    Raises:
        FragmentsLostError: bytes are missing.
    """
    if not laid and not gone:
        return
    changed = {one.format.value for one in laid} | {form.value for form in gone}
    before = {form: parts.split() for form, parts in _parts.rows(connection, output=output) if form in changed}
    uses: Counter[str] = Counter()
    for one in laid:
        _count_changes(uses, one.parts, before.pop(one.format.value, ()))
    for parts in before.values():
        _count_changes(uses, (), parts)
    _use(connection, uses, bodies)
    if gone:
        names = [form.value for form in gone]
        connection.execute(delete(documents).where(documents.c.output == output, documents.c.format.in_(names)))
    _put.run(connection, [_row(one) for one in laid])


def _count_changes(uses: Counter[str], after: Sequence[str], before: Sequence[str]) -> None:
    """Adds what a document takes more of than before, and takes off what less: nearly all of it stays."""
    new, old = set(after), set(before)
    uses.update(new - old)
    uses.subtract(old - new)


def _use(connection: Connection, uses: Mapping[str, int], bodies: Mapping[str, bytes]) -> None:
    """Counts how much more or less often each of these bytes stands in documents; those that do no more are dropped."""
    more = {digest: count for digest, count in uses.items() if count > 0}
    _add.run(connection, [(digest, count, bodies[digest]) for digest, count in more.items() if digest in bodies])
    known = {digest: count for digest, count in more.items() if digest not in bodies}
    if known:
        there = {row[0] for row in _there.rows(connection, digests=packed(connection, known))}
        if lost := known.keys() - there:
            raise FragmentsLostError(f"the bytes of {len(lost)} entries are not stored, such as '{min(lost)}'")
    changed = known | {digest: count for digest, count in uses.items() if count < 0}
    _count.run(connection, [(count, digest) for digest, count in changed.items()])
    if unused := [digest for digest, count in changed.items() if count < 0]:
        _drop_unused.run(connection, digests=packed(connection, unused))


_parts = Query(
    lambda dialect: select(documents.c.format, documents.c.parts).where(documents.c.output == bindparam("output"))
)
_there = Query(lambda dialect: select(fragments.c.digest).where(one_of(dialect, fragments.c.digest, "digests")))
_count = Bulk(
    lambda dialect: (
        update(fragments)
        .where(fragments.c.digest == bindparam("of"))
        .values(uses=fragments.c.uses + bindparam("by", type_=fragments.c.uses.type))
    ),
    ("by", "of"),
)
_drop_unused = Query(
    lambda dialect: delete(fragments).where(
        one_of(dialect, fragments.c.digest, "digests"), fragments.c.uses <= literal_column("0")
    )
)
_FRAGMENT = ("digest", "uses", "body")


def _added(dialect: str) -> Any:
    new = insert(dialect, fragments).values({name: bindparam(name) for name in _FRAGMENT})
    return new.on_conflict_do_update(index_elements=["digest"], set_={"uses": fragments.c.uses + new.excluded.uses})


_add = Bulk(_added, _FRAGMENT)
_KEY, _OTHERS = ("output", "format"), ("etag", "modified_at", "entries", "opening", "separator", "closing", "parts")
_SECOND = 1_000_000
"""In microseconds."""


def _replacing(dialect: str) -> Any:
    """A document in place of its last version, and later than it: who asks by date alone must not be told that nothing
    has changed, where two were made within one second, or the clock was set back."""
    new = insert(dialect, documents).values({name: bindparam(name) for name in (*_KEY, *_OTHERS)})
    before, after = documents.c.modified_at, new.excluded.modified_at
    dated = case((after > before, after), else_=before + literal_column(str(_SECOND)))
    changed = {name: new.excluded[name] for name in _OTHERS} | {"modified_at": dated}
    return new.on_conflict_do_update(index_elements=_KEY, set_=changed)


_put = Bulk(_replacing, (*_KEY, *_OTHERS))


def _row(one: Laid) -> tuple[Any, ...]:
    return (
        one.output,
        one.format.value,
        one.etag,
        to_microseconds(one.modified_at),
        len(one.parts),
        one.opening,
        one.between.decode(),
        one.closing,
        " ".join(one.parts),
    )


def drop(connection: Connection, output: str) -> None:
    """Drops the documents of an output that is no longer configured, or whose bytes are lost."""
    ledger.lock(connection)
    write(connection, output, (), {}, list(etags(connection, output)))


def etags(connection: Connection, output: str) -> dict[Format, str]:
    """The validators of an output's documents."""
    return {Format(row[0]): row[1] for row in _etags.rows(connection, output=output)}


_etags = Query(
    lambda dialect: select(documents.c.format, documents.c.etag).where(documents.c.output == bindparam("output"))
)


def infos(connection: Connection) -> list[DocumentInfo]:
    """All documents, without their bytes, by output and format."""
    names = ("output", "format", "etag", "modified_at", "entries")
    read = select(*(documents.c[name] for name in names)).order_by(documents.c.output, documents.c.format)
    return [DocumentInfo(**{**row._mapping, "format": Format(row.format)}) for row in connection.execute(read)]


def one(connection: Connection, output: str, form: Format) -> Document | None:
    """The ready bytes of an output in one format; None: there are none.

    Raises:
        FragmentsLostError: somebody has taken bytes out of the database.
    """
    lost: set[str] = set()
    for _ in range(3):
        rows = _one.rows(connection, output=output, format=form.value)
        if not rows:
            return None
        etag, modified_at, entries, opening, between, closing, told = rows[0]
        parts = told.split()
        found = _bodies.rows(connection, digests=packed(connection, set(parts))) if parts else ()
        bodies = {row[0]: bytes(row[1]) for row in found}
        lost = set(parts) - bodies.keys()
        if not lost:
            break
        # PostgreSQL reads each statement's own moment: a build may have come between the two.
    if lost:
        raise FragmentsLostError(f"output '{output}', {form.value}: bytes of {len(lost)} entries are not stored")
    inner = between.encode().join([bodies[part] for part in parts])
    return Document(
        output=output,
        format=form,
        body=b"".join((opening, inner, closing or b"")),
        etag=etag,
        modified_at=from_microseconds(modified_at),
        entries=entries,
    )


_one = Query(
    lambda dialect: select(*(documents.c[name] for name in _OTHERS)).where(
        documents.c.output == bindparam("output"), documents.c.format == bindparam("format")
    )
)
_bodies = Query(
    lambda dialect: select(fragments.c.digest, fragments.c.body).where(one_of(dialect, fragments.c.digest, "digests"))
)
