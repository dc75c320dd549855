"""The permission desk: flags, picks, withdrawals, grants and refusals, each change with its record in the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, case, delete, func, select, update

from aggregator.errors import StoreError
from aggregator.model.desk import FlagState
from aggregator.model.output import Approval, Flag, Notified, Withdrawal, Withdrawals
from aggregator.model.policy import Effect, Grant
from aggregator.store import evidence_files, ledger
from aggregator.store.ledger import Note
from aggregator.store.statements import Query, among, insert, text_of
from aggregator.store.tables import (
    approvals,
    flag_outputs,
    flag_states,
    flags,
    from_microseconds,
    grants,
    notified,
    terms_watch,
    withdrawals,
)

NO_LONGER_NEEDED = "no longer needed"
REFUSED = "its publisher said no"
GRANTED = "its publisher agreed"

_grant = msgspec.json.Decoder(Grant)
_DESCRIBED = ("title", "contact", "reason", "rule", "where")
"""What may change while a flag stays the same question."""


def flag_id(subject: str, publisher: str, kind: str) -> str:
    """The id of the one flag about this subject, publisher and kind (ruling 24): 16 hex digits, stable."""
    return blake2b(f"{subject}\0{publisher}\0{kind}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """What people have ruled, as far as one output is concerned."""

    grants: tuple[Grant, ...]
    """All, revoked ones too, by id."""
    approvals: dict[str, Approval]
    """The picks for the output, by entry."""
    withdrawals: Withdrawals
    told: frozenset[str] = frozenset()
    """Entries whose publishers were told that they stand in the output."""
    unread: tuple[tuple[str, str, datetime | None, str], ...] = ()
    """(policy, part, since when, address) of each text of terms at which nobody has looked since it
    changed."""


def rulings(connection: Connection, output: str) -> Rulings:
    """All rulings that a decision for the output may depend on, as of one moment."""
    return of_output(connection, output, common(connection))


def common(connection: Connection) -> Rulings:
    """The rulings that concern all outputs."""
    return Rulings(
        grants=tuple(read_grants(connection)),
        approvals={},
        withdrawals=read_withdrawals(connection),
        unread=tuple(
            (policy, part, None if at is None else from_microseconds(at), url)
            for policy, part, at, url in _unread.rows(connection)
        ),
    )


def of_output(connection: Connection, output: str, known: Rulings) -> Rulings:
    """The same with those that concern this output alone."""
    told = frozenset(entry for (entry,) in _told.rows(connection, output=output))
    return replace(known, approvals=approvals_of(connection, output), told=told)


def sync_flags(connection: Connection, output: str, raised: Sequence[Flag], now: datetime) -> list[Note]:
    """Makes `raised` all that this output waits for: new questions open, known ones learn that it waits too, and those
    that nobody waits for any more close themselves; they open again when they are needed again.

    Returns:
        What the ledger is to record.
    """
    wanted = {flag.id: flag for flag in raised}
    waiting = {row[0] for row in _waiting.rows(connection, output=output)}
    gone = sorted(waiting - wanted.keys())
    notes = _raise(connection, wanted, now) if wanted else []
    if new := sorted(wanted.keys() - waiting):
        connection.execute(flag_outputs.insert(), [{"flag": flag, "output": output} for flag in new])
    if gone:
        ended = delete(flag_outputs).where(flag_outputs.c.output == output)
        connection.execute(ended.where(among(connection, flag_outputs.c.flag, gone)))
        notes += _close_unneeded(connection, gone, now)
    return notes


_unread = Query(
    lambda dialect: (
        select(terms_watch.c.policy, terms_watch.c.part, terms_watch.c.seen_at, terms_watch.c.url)
        .where(terms_watch.c.seen.is_not(None))
        .order_by(terms_watch.c.policy, terms_watch.c.part)
    )
)
_waiting = Query(lambda dialect: select(flag_outputs.c.flag).where(flag_outputs.c.output == bindparam("output")))


def _raise(connection: Connection, wanted: dict[str, Flag], now: datetime) -> list[Note]:
    read = select(flags).where(among(connection, flags.c.id, sorted(wanted)))
    stored = {row.id: row._mapping for row in connection.execute(read)}
    notes: list[Note] = []
    fresh: list[dict[str, Any]] = []
    for flag_id, flag in sorted(wanted.items()):
        row = stored.get(flag_id)
        if row is None:
            fresh.append(_row(flag) | {"opened_at": now, "closed_at": None, "closed_because": ""})
            notes.append(_flag_note(flag, "opened"))
        elif row["closed_at"] is not None:
            opened = _row(flag) | {"opened_at": now, "closed_at": None, "closed_because": ""}
            connection.execute(update(flags).where(flags.c.id == flag_id).values(opened))
            notes.append(_flag_note(flag, "opened again"))
        elif any(row[name] != getattr(flag, name) for name in _DESCRIBED):
            connection.execute(update(flags).where(flags.c.id == flag_id).values(_row(flag)))
    if fresh:
        connection.execute(flags.insert(), fresh)
    return notes


def raise_flags(connection: Connection, raised: Sequence[Flag], now: datetime) -> list[Note]:
    """Opens flags for which no output waits: about a source itself. Those that stand open stay.

    Returns:
        What the ledger is to record.
    """
    return _raise(connection, {flag.id: flag for flag in raised}, now)


def close_flags(connection: Connection, subject: str, kind: str, why: str, now: datetime) -> list[Note]:
    """Closes the open flags of this kind about a subject.

    Returns:
        What the ledger is to record.
    """
    closed = update(flags).where(flags.c.subject == subject, flags.c.kind == kind, flags.c.closed_at.is_(None))
    rows = connection.execute(closed.values(closed_at=now, closed_because=why).returning(flags)).all()
    return [_flag_note(_flag(row._mapping, ()), "closed") for row in sorted(rows, key=lambda row: str(row.id))]


def _close_unneeded(connection: Connection, ids: Sequence[str], now: datetime) -> list[Note]:
    ruled = select(flag_states.c.state).where(
        flag_states.c.flag == flags.c.id, flag_states.c.opened_at == flags.c.opened_at
    )
    why = {FlagState.REFUSED.value: REFUSED, FlagState.GRANTED.value: GRANTED}
    closed = (
        update(flags)
        .where(among(connection, flags.c.id, ids), flags.c.closed_at.is_(None))
        .where(~select(flag_outputs.c.flag).where(flag_outputs.c.flag == flags.c.id).exists())
        .values(closed_at=now, closed_because=case(why, value=ruled.scalar_subquery(), else_=NO_LONGER_NEEDED))
        .returning(flags)
    )
    rows = connection.execute(closed).all()
    return [_flag_note(_flag(row._mapping, ()), "closed") for row in sorted(rows, key=lambda row: str(row.id))]


def read_flags(connection: Connection, open_only: bool) -> list[Flag]:
    """Flags in the order in which they were opened; `outputs` are those that wait now."""
    outputs: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(flag_outputs).order_by(flag_outputs.c.output)):
        outputs[row.flag].append(row.output)
    read = select(flags).order_by(flags.c.opened_at, flags.c.id)
    if open_only:
        read = read.where(flags.c.closed_at.is_(None))
    return [_flag(row._mapping, tuple(outputs[row.id])) for row in connection.execute(read)]


def approve(connection: Connection, approval: Approval) -> None:
    """Stores a person's pick or rejection; a newer one for the same entry and output replaces it."""
    row = _fields(approval)
    new = insert(connection.dialect.name, approvals).values(row)
    changed = {name: new.excluded[name] for name in ("digest", "at", "by", "rejected", "reason")}
    connection.execute(new.on_conflict_do_update(index_elements=["entry", "output"], set_=changed))
    body: dict[str, Any] = {"digest": approval.digest, "by": approval.by}
    if approval.rejected:
        body |= {"rejected": True, "reason": approval.reason}
    ledger.append(connection, [_pick_note(approval.output, approval.entry, body)], approval.at)


def unpick(connection: Connection, entry: str, output: str, by: str, now: datetime) -> bool:
    """Forgets a pick or rejection.

    Returns:
        False if there was none.
    """
    ended = delete(approvals).where(approvals.c.entry == entry, approvals.c.output == output)
    if connection.execute(ended.returning(approvals.c.entry)).first() is None:
        return False
    ledger.append(connection, [_pick_note(output, entry, {"by": by, "undone": True})], now)
    return True


def _pick_note(output: str, entry: str, body: dict[str, Any]) -> Note:
    return Note(kind=ledger.APPROVAL, subject=f"{output}/{entry}", body=body)


def approvals_of(connection: Connection, output: str) -> dict[str, Approval]:
    """The picks for an output, by entry."""
    return {row[0]: _approval(row) for row in _approvals.rows(connection, output=output)}


def approvals_on(connection: Connection, entry: str) -> dict[str, Approval]:
    """The picks of an entry, by output."""
    return {row[1]: _approval(row) for row in _approvals_on.rows(connection, entry=entry)}


def _approval(row: Sequence[Any]) -> Approval:
    """From a row in the database's own types."""
    entry, output, digest, at, by, rejected, reason = row
    return Approval(
        entry=entry,
        output=output,
        digest=digest,
        at=from_microseconds(at),
        by=by,
        rejected=bool(rejected),
        reason=reason,
    )


_PICK = tuple(approvals.c[name] for name in ("entry", "output", "digest", "at", "by", "rejected", "reason"))
_approvals = Query(lambda dialect: select(*_PICK).where(approvals.c.output == bindparam("output")))
_approvals_on = Query(lambda dialect: select(*_PICK).where(approvals.c.entry == bindparam("entry")))


def tell(connection: Connection, told: Notified) -> None:
    """Records that an entry's publishers were told; a newer record replaces it."""
    row = _fields(told)
    new = insert(connection.dialect.name, notified).values(row)
    changed = {name: new.excluded[name] for name in ("at", "by", "note")}
    connection.execute(new.on_conflict_do_update(index_elements=["entry", "output"], set_=changed))
    body = {"by": told.by, "note": told.note}
    note = Note(kind=ledger.NOTIFIED, subject=f"{told.output}/{told.entry}", body=body)
    ledger.append(connection, [note], told.at)


def told_of(connection: Connection, entry: str) -> dict[str, Notified]:
    """That an entry's publishers were told, by output."""
    return {
        output: Notified(entry=entry, output=output, at=from_microseconds(at), by=by, note=note)
        for output, at, by, note in _told_of.rows(connection, entry=entry)
    }


_told_of = Query(
    lambda dialect: (
        select(notified.c.output, notified.c["at"], notified.c.by, notified.c.note)
        .where(notified.c.entry == bindparam("entry"))
        .order_by(notified.c.output)
    )
)
_told = Query(lambda dialect: select(notified.c.entry).where(notified.c.output == bindparam("output")))


def withdraw(connection: Connection, asked: Sequence[Withdrawal]) -> list[str]:
    """Blocks entries for good. Their releases end at the next build. The first withdrawal of an entry stands.

    Returns:
        Keys of those that were not withdrawn before.
    """
    ledger.lock(connection)
    fresh = []
    for withdrawal in asked:
        row = _fields(withdrawal) | {"addresses": text_of(list(withdrawal.addresses))}
        new = insert(connection.dialect.name, withdrawals).values(row).on_conflict_do_nothing()
        if connection.execute(new.returning(withdrawals.c.entry)).first() is not None:
            fresh.append(withdrawal)
    for withdrawal in fresh:
        body = {"by": withdrawal.by, "reason": withdrawal.reason}
        ledger.append(connection, [Note(kind=ledger.WITHDRAWAL, subject=withdrawal.entry, body=body)], withdrawal.at)
    return [withdrawal.entry for withdrawal in fresh]


def restore(connection: Connection, entries: Sequence[str], by: str, reason: str, now: datetime) -> list[str]:
    """Ends withdrawals: the entries are decided anew at the next build.

    Returns:
        Keys of those that were withdrawn.
    """
    ledger.lock(connection)
    ended = delete(withdrawals).where(among(connection, withdrawals.c.entry, entries)).returning(withdrawals.c.entry)
    keys = sorted(str(row[0]) for row in connection.execute(ended))
    body = {"by": by, "reason": reason, "undone": True}
    ledger.append(connection, [Note(kind=ledger.WITHDRAWAL, subject=key, body=body) for key in keys], now)
    return keys


def read_withdrawals(connection: Connection) -> Withdrawals:
    """All withdrawals, by entry."""
    return Withdrawals(
        (
            entry,
            Withdrawal(
                entry=entry,
                at=from_microseconds(at),
                by=by,
                reason=reason,
                addresses=_addresses.decode(addresses),
                sketch=sketch,
            ),
        )
        for entry, at, by, reason, addresses, sketch in _withdrawals.rows(connection)
    )


_addresses = msgspec.json.Decoder(tuple[str, ...])
_withdrawals = Query(
    lambda dialect: select(*(withdrawals.c[name] for name in ("entry", "at", "by", "reason", "addresses", "sketch")))
)


def add_grant(connection: Connection, grant: Grant, now: datetime) -> None:
    """Stores a grant as it was given.

    Raises:
        StoreError: its id is taken.
    """
    ledger.lock(connection)
    if connection.execute(select(grants.c.id).where(grants.c.id == grant.id)).first() is not None:
        raise StoreError("grant '%(id)s' is recorded already; give this one another id", id=grant.id)
    row = {"id": grant.id, "given_at": grant.given_at, "revoked_at": grant.revoked_at, "facts": text_of(grant)}
    connection.execute(grants.insert(), row)
    kind = ledger.REFUSAL if grant.effect is Effect.DENY else ledger.GRANT
    ledger.append(connection, [Note(kind=kind, subject=grant.id, body={kind: grant})], now)


def add_grants(
    connection: Connection, given: Sequence[Grant], now: datetime, letter: tuple[str, bytes] | None = None
) -> None:
    """Stores several, all or none.

    Args:
        letter: (name, bytes) of the file that proves them; it is kept with each.
    Raises:
        StoreError: an id is taken.
    """
    for grant in given:
        add_grant(connection, grant, now)
    if letter is not None:
        evidence_files.keep(connection, [grant.id for grant in given], *letter, now)


def revoke_grant(connection: Connection, grant: str, now: datetime, by: str = "", reason: str = "") -> bool:
    """Ends a grant or refusal.

    Args:
        by, reason: who ended it, and why; empty: not told.
    Returns:
        False if there is no such grant, or it was revoked before.
    """
    ended = update(grants).where(grants.c.id == grant, grants.c.revoked_at.is_(None)).values(revoked_at=now)
    row = connection.execute(ended.returning(grants.c.facts)).first()
    if row is None:
        return False
    kind = ledger.REFUSAL if _grant.decode(row.facts).effect is Effect.DENY else ledger.GRANT
    told = {name: value for name, value in (("by", by), ("reason", reason)) if value}
    ledger.append(connection, [Note(kind=kind, subject=grant, body={"revoked": True, **told})], now)
    return True


def read_grants(connection: Connection) -> list[Grant]:
    """All grants and refusals, revoked ones too, by id."""
    return [
        replace(_grant.decode(facts), revoked_at=None if revoked_at is None else from_microseconds(revoked_at))
        for facts, revoked_at in _grants.rows(connection)
    ]


def read_grants_saying(connection: Connection, words: str) -> list[Grant]:
    """The grants and refusals whose facts, evidence included, hold these words, by id."""
    read = select(grants.c.facts, grants.c.revoked_at).where(grants.c.facts.contains(words, autoescape=True))
    return [
        replace(_grant.decode(row.facts), revoked_at=row.revoked_at)
        for row in connection.execute(read.order_by(grants.c.id))
    ]


_grants = Query(lambda dialect: select(grants.c.facts, grants.c.revoked_at).order_by(grants.c.id))


def _row(flag: Flag) -> dict[str, Any]:
    row = _fields(flag)
    for name in ("outputs", "opened_at", "closed_at", "closed_because"):
        del row[name]
    return row


def _fields(value: Flag | Approval | Withdrawal | Notified) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).__slots__}


def _flag(row: Any, outputs: Iterable[str]) -> Flag:
    return Flag(**row, outputs=tuple(outputs))


def _flag_note(flag: Flag, what: str) -> Note:
    body = {"what": what, "kind": flag.kind, "subject": flag.subject, "publisher": flag.publisher}
    return Note(kind=ledger.FLAG, subject=flag.id, body=body)


def version(connection: Connection) -> str:
    """Changes whenever a person rules: a pick, a withdrawal, a grant or refusal recorded or ended, a publisher told."""
    # Each has its record, whatever its own date is: a count or a newest date would miss one that replaces another.
    kinds = (ledger.APPROVAL, ledger.WITHDRAWAL, ledger.GRANT, ledger.REFUSAL, ledger.NOTIFIED)
    numbers = [ledger.last_number(connection, kind) for kind in kinds]
    # Of changed terms, only what may hold something back counts: a first reading changes nothing.
    return f"{max(numbers)}:{_terms_version.rows(connection)[0][0] or 0}"


_terms_version = Query(lambda dialect: select(func.max(terms_watch.c.ruled_at)))
