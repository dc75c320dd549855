"""Archive documents: written once, and again only where an entry is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, select

from aggregator.model.archive import ArchiveDocument, Member
from aggregator.store.statements import among, insert
from aggregator.store.tables import archives, releases

_members = msgspec.json.Decoder(tuple[Member, ...])


def one(connection: Connection, output: str, number: int) -> ArchiveDocument | None:
    """An archive document as it was written last; None: it was not yet."""
    row = connection.execute(select(archives).where(archives.c.output == output, archives.c.number == number)).first()
    if row is None:
        return None
    facts = dict(row._mapping) | {"body": bytes(row.body), "members": _members.decode(row.members)}
    return ArchiveDocument(**facts)


def numbers(connection: Connection, output: str, size: int) -> set[int]:
    """Numbers of the documents of an output that were written for so many entries each."""
    read = select(archives.c.number).where(archives.c.output == output, archives.c.size == size)
    return {row[0] for row in connection.execute(read)}


def count_carried(connection: Connection, output: str, others: Sequence[str] = ()) -> int:
    """How many entries ever stood in an output.

    Args:
        others: keys of entries that are about to; those that stood there before count once.
    """
    read = select(func.count(releases.c.entry.distinct())).where(releases.c.output == output)
    told: int = connection.execute(read).scalar_one()
    if not others:
        return told
    known = read.where(releases.c.entry.in_(list(others)))
    return told + len(set(others)) - int(connection.execute(known).scalar_one())


def keep(connection: Connection, document: ArchiveDocument) -> None:
    """Writes a document in place of the one with its number."""
    facts = {name: getattr(document, name) for name in ArchiveDocument.__slots__}
    facts["members"] = msgspec.json.encode(document.members).decode()
    new = insert(connection.dialect.name, archives).values(facts)
    others = {name: new.excluded[name] for name in facts if name not in ("output", "number")}
    connection.execute(new.on_conflict_do_update(index_elements=["output", "number"], set_=others))


def drop(connection: Connection, outputs: Sequence[str], size: int | None = None) -> None:
    """Forgets the archives of these outputs.

    Args:
        size: only documents that were made for another number of entries; None: all.
    """
    gone = delete(archives).where(archives.c.output.in_(list(outputs)))
    connection.execute(gone if size is None else gone.where(archives.c.size != size))


def outputs(connection: Connection) -> set[str]:
    """Ids of the outputs of which archive documents are kept."""
    return {row[0] for row in connection.execute(select(archives.c.output).distinct())}


Place = tuple[str, int, datetime | None]
"""An archive document that holds an entry, or did: output, number, when the entry was taken out."""


def holding(connection: Connection, output_ids: Sequence[str], keys: Sequence[str]) -> dict[str, list[Place]]:
    """The archive documents of these outputs that hold any of these entries, or did, by entry; in order."""
    read = select(archives.c.output, archives.c.number, archives.c.members).where(
        among(connection, archives.c.output, output_ids)
    )
    if len(keys) == 1:  # most documents need not be read then
        read = read.where(archives.c.members.contains(f'"{keys[0]}"', autoescape=True))
    wanted = frozenset(keys)
    found: dict[str, list[Place]] = {}
    for output, number, members in connection.execute(read.order_by(archives.c.output, archives.c.number)):
        for member in _members.decode(members):
            # One without an id never stood in it: it was gone before the document was written.
            if member.entry in wanted and member.atom_id:
                found.setdefault(member.entry, []).append((output, number, member.gone_at))
    return found
