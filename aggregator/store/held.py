"""What outputs hold back, as their last builds found it: a list for each output, so that pages count and page exactly
without deciding anew on all that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from sqlalchemy import ClauseElement, Connection, bindparam, delete, select

from aggregator.store.statements import Bulk, insert
from aggregator.store.tables import held, outputs


class HeldBack(NamedTuple):
    """A candidate that an output would like to carry and may not."""

    entry: str
    """Key."""
    state: str
    """`waiting` (a pick would let it in), `lapsed` (picked once, then what counts in it changed) or `held`."""
    reason: str
    """`model.decision.Reason`."""
    place: int
    """Among the candidates: `ordered_at` of the entry, in microseconds."""


class HeldList(msgspec.Struct, frozen=True, kw_only=True):
    """What an output held back at a build, newest first, in columns: of twenty thousand rows a page makes fifty."""

    entries: list[str]
    states: list[str]
    reasons: list[int]
    """Places in `names`."""
    names: list[str]
    places: list[int]

    @classmethod
    def of(cls, rows: Sequence[HeldBack]) -> HeldList:
        names = sorted({row.reason for row in rows})
        numbers = {name: number for number, name in enumerate(names)}
        return cls(
            entries=[row.entry for row in rows],
            states=[row.state for row in rows],
            reasons=[numbers[row.reason] for row in rows],
            names=names,
            places=[row.place for row in rows],
        )

    def __len__(self) -> int:
        return len(self.entries)


_decode = msgspec.json.Decoder(HeldList).decode
_encode = msgspec.json.Encoder().encode


def put(connection: Connection, output: str, listed: Sequence[HeldBack]) -> None:
    """Keeps what an output holds back, newest first. A list that has not changed is not written."""
    text = _encode(HeldList.of(listed))
    _put.run(connection, [(output, blake2b(text, digest_size=16).hexdigest(), text.decode())])


def _upsert(dialect: str) -> ClauseElement:
    new = insert(dialect, held).values({name: bindparam(name) for name in _COLUMNS})
    fresh = {name: new.excluded[name] for name in _COLUMNS[1:]}
    changed = held.c.digest != new.excluded.digest
    return new.on_conflict_do_update(index_elements=["output"], set_=fresh, where=changed)


_COLUMNS = ("output", "digest", "listed")
_put = Bulk(_upsert, _COLUMNS)


def read(connection: Connection, output: str) -> tuple[HeldList, datetime] | None:
    """What an output held back at its last build, newest first, and when that was; None: no build has told it."""
    listed = select(held.c.listed, outputs.c.built_at).join(outputs, outputs.c.id == held.c.output)
    found = connection.execute(listed.where(held.c.output == output)).one_or_none()
    return None if found is None else (_decode(found[0]), found[1])


def drop(connection: Connection, output: str) -> None:
    """Forgets the list of an output."""
    connection.execute(delete(held).where(held.c.output == output))
