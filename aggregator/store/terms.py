"""The texts behind policies: what a person looked at, and what they say now; each change with its ledger record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from aggregator.model.output import Flag
from aggregator.model.terms import Watched
from aggregator.store import desk, ledger
from aggregator.store.ledger import Note
from aggregator.store.statements import insert
from aggregator.store.tables import flags, terms_watch, to_microseconds

_FIELDS = tuple(Watched.__slots__)


def all_watched(connection: Connection, policy: str | None = None) -> list[Watched]:
    """What is known of every text, or of one policy's, the terms page first."""
    read = select(terms_watch).order_by(terms_watch.c.policy, terms_watch.c.part)
    if policy is not None:
        read = read.where(terms_watch.c.policy == policy)
    return [_watched(row) for row in connection.execute(read)]


def _watched(row: Row[Any]) -> Watched:
    return Watched(**{name: row._mapping[name] for name in _FIELDS})


def claim(connection: Connection, due: Sequence[tuple[str, str]], now: datetime, lease: timedelta) -> list[str]:
    """Which of these pages (policy, address) are to be asked for by this process: each by one, until the lease ends."""
    taken = []
    for policy, url in due:
        row = {
            "policy": policy,
            "part": "page",
            "url": url,
            "next_at": now + lease,
            "failures": 0,
            "ruled_at": 0,
        }
        new = insert(connection.dialect.name, terms_watch).values(row)
        again = new.on_conflict_do_update(
            index_elements=["policy", "part"],
            set_={"next_at": now + lease},
            where=terms_watch.c.next_at <= now,
        )
        if connection.execute(again.returning(terms_watch.c.policy)).first() is not None:
            taken.append(policy)
    return taken


def keep(connection: Connection, rows: Iterable[Watched], now: datetime) -> None:
    """Stores readings. What began to say something else, or says again what it did, is recorded in the ledger."""
    notes: list[Note] = []
    for row in rows:
        read = select(terms_watch).where(terms_watch.c.policy == row.policy, terms_watch.c.part == row.part)
        found = connection.execute(read).first()
        before = _watched(found) if found is not None else None
        if before is not None and before.ruled_at > row.ruled_at:
            continue  # somebody looked while it was being read
        what = _what(before, row)
        if what:
            row = replace(row, ruled_at=_tick(connection, now) if what != "kept" else row.ruled_at)
            body = {"what": what, "url": row.url, "kept": digest(row.kept), "seen": digest(row.seen)}
            notes.append(Note(kind=ledger.TERMS, subject=f"{row.policy}/{row.part}", body=body))
        values = {name: getattr(row, name) for name in _FIELDS}
        new = insert(connection.dialect.name, terms_watch).values(values)
        fresh = {name: value for name, value in values.items() if name not in ("policy", "part")}
        connection.execute(new.on_conflict_do_update(index_elements=["policy", "part"], set_=fresh))
    ledger.append(connection, notes, now)


def _tick(connection: Connection, now: datetime) -> int:
    """A number above all before: outputs are built anew where the greatest is another, whatever the clock does."""
    last = connection.execute(select(func.max(terms_watch.c.ruled_at))).scalar_one_or_none() or 0
    return max(to_microseconds(now), last + 1)


def _what(before: Watched | None, after: Watched) -> str:
    if after.kept is not None and (before is None or before.kept is None or before.url != after.url):
        return "kept"
    if before is None or before.seen == after.seen:
        return ""
    if after.seen is None:
        return "as before again"
    return "changed" if before.seen is None else "changed again"


def digest(text: str | None) -> str | None:
    """By which the ledger names a text; None: there is none."""
    return None if text is None else sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def confirm(
    connection: Connection, policy: str, seen: dict[str, str | None], by: str, note: str, now: datetime
) -> list[str]:
    """Records that a person has looked at a policy's texts as they are now.

    Args:
        seen: part → digest of the text that was looked at; one that is another by now is not confirmed.
    Returns:
        The parts that say something else than what was looked at.
    """
    late, notes = [], []
    tick = _tick(connection, now)
    for row in all_watched(connection, policy):
        if row.part not in seen or digest(row.seen) != seen[row.part]:
            if row.changed:
                late.append(row.part)
            continue
        values: dict[str, Any] = {"looked_at": now, "looked_by": by, "ruled_at": tick}
        if row.seen is not None:
            values |= {"kept": row.seen, "kept_at": row.seen_at, "seen": None, "seen_at": None}
        where = (terms_watch.c.policy == policy, terms_watch.c.part == row.part)
        connection.execute(update(terms_watch).where(*where).values(values))
        body = {"what": "confirmed", "by": by, "note": note, "was": digest(row.kept), "now": digest(row.seen)}
        notes.append(Note(kind=ledger.TERMS, subject=f"{policy}/{row.part}", body=body))
    ledger.append(connection, notes, now)
    return late


def drop(connection: Connection, policy: str, part: str) -> None:
    """Forgets a text that is not watched any more."""
    connection.execute(terms_watch.delete().where(terms_watch.c.policy == policy, terms_watch.c.part == part))


def sync_flags(connection: Connection, wanted: Sequence[Flag], now: datetime) -> None:
    """Makes these all open flags about policies: others close themselves."""
    kept = {flag.id for flag in wanted}
    notes = desk.raise_flags(connection, wanted, now) if wanted else []
    read = select(flags.c.subject, flags.c.id, flags.c.kind).where(
        flags.c.subject.startswith("policy:"), flags.c.closed_at.is_(None)
    )
    for subject, id_, kind in connection.execute(read).all():
        if id_ not in kept:
            notes += desk.close_flags(connection, subject, kind, LOOKED, now)
    ledger.append(connection, notes, now)


LOOKED = "a person has looked, or it is as it was"


def open_flags(connection: Connection) -> set[tuple[str, str]]:
    """(id, reason) of the open flags about policies."""
    read = select(flags.c.id, flags.c.reason).where(flags.c.subject.startswith("policy:"), flags.c.closed_at.is_(None))
    return {(str(id_), str(reason)) for id_, reason in connection.execute(read)}


def overview(connection: Connection) -> list[Watched]:
    """What is known of every text but the texts: an empty one stands where there is one."""
    bare = [terms_watch.c[name] for name in _FIELDS if name not in ("kept", "seen")]
    has = [terms_watch.c[name].is_not(None).label(name) for name in ("kept", "seen")]
    rows = connection.execute(select(*bare, *has).order_by(terms_watch.c.policy, terms_watch.c.part))
    return [
        Watched(**{**row._mapping, "kept": "" if row.kept else None, "seen": "" if row.seen else None}) for row in rows
    ]


def changed(connection: Connection) -> list[str]:
    """Ids of the policies whose texts have changed since a person looked, in order."""
    read = select(terms_watch.c.policy).where(terms_watch.c.seen.is_not(None)).distinct()
    return [row[0] for row in connection.execute(read.order_by(terms_watch.c.policy))]


def ask_soon(connection: Connection, policy: str, now: datetime) -> bool:
    """Makes a policy's page due. False: it is not watched yet, so it is due anyway."""
    due = update(terms_watch).where(terms_watch.c.policy == policy).values(next_at=now)
    return connection.execute(due.returning(terms_watch.c.part)).first() is not None
