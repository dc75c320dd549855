"""What comes in by public forms: bounds on how often, requests of publishers, applications of sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from aggregator.model.application import SiteApplication
from aggregator.model.desk import Comment
from aggregator.model.hub import Outgoing
from aggregator.model.output import Flag
from aggregator.model.use import Use
from aggregator.store import cases, desk, ledger, outbox
from aggregator.store.ledger import Note
from aggregator.store.statements import insert, text_of
from aggregator.store.tables import applications, quotas

WINDOW = timedelta(hours=1)
_use = msgspec.json.Decoder(Use)
_texts = msgspec.json.Decoder(tuple[str, ...])
_PLAIN = tuple(name for name in SiteApplication.__slots__ if name not in ("use", "outputs", "accepted"))


def take(connection: Connection, wanted: Sequence[tuple[str, int]], now: datetime) -> bool:
    """Counts one more under each key, if none of them is at its bound for the running hour.

    Args:
        wanted: (key, bound).
    """
    connection.execute(delete(quotas).where(quotas.c.since <= now - WINDOW))
    found: dict[str, int] = {}
    for key, bound in sorted(wanted):
        read = select(quotas.c["count"]).where(quotas.c.key == key).with_for_update()
        found[key] = connection.execute(read).scalar_one_or_none() or 0
        if found[key] >= bound:
            return False
    for key in found:
        new = insert(connection.dialect.name, quotas).values({"key": key, "since": now, "count": 1})
        more = {"count": quotas.c["count"] + 1}
        connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=more))
    return True


# Requests of publishers


def receive(
    connection: Connection,
    id_: str,
    raised: Sequence[Flag],
    said: str,
    body: dict[str, Any],
    mails: Sequence[Outgoing],
    now: datetime,
) -> None:
    """Opens the flags of a request, keeps its words with each, records it, and hands its receipt to the outbox."""
    notes = desk.raise_flags(connection, raised, now)
    for flag in raised:
        cases.add_comment(connection, flag.id, Comment(at=now, by="public form", text=said))
    notes.append(Note(kind=ledger.CONTACT, subject=id_, body=body))
    outbox.put(connection, mails)
    ledger.append(connection, notes, now)


# Applications of sites


def apply(connection: Connection, asked: SiteApplication, mails: Sequence[Outgoing]) -> None:
    """Stores an application."""
    connection.execute(applications.insert(), _row(asked))
    outbox.put(connection, mails)
    body = {"what": "asked", "name": asked.name, "url": asked.url, "outputs": asked.outputs, "accepted": asked.accepted}
    ledger.append(connection, [Note(kind=ledger.APPLICATION, subject=asked.id, body=body)], asked.asked_at)


def change(
    connection: Connection,
    before: SiteApplication,
    changes: dict[str, Any],
    told: dict[str, Any],
    mails: Sequence[Outgoing],
    now: datetime,
) -> SiteApplication | None:
    """Changes an application, if it still is as it was read; None: somebody was quicker.

    Args:
        told: what the ledger is to record of it.
    """
    same = [applications.c.id == before.id]
    for name in ("confirmed_at", "decided_at", "collected_at", "mail_digest", "link_digest"):
        value = getattr(before, name)
        same.append(applications.c[name].is_(None) if value is None else applications.c[name] == value)
    done = update(applications).where(*same).values(changes).returning(applications.c.id)
    if connection.execute(done).first() is None:
        return None
    outbox.put(connection, mails)
    ledger.append(connection, [Note(kind=ledger.APPLICATION, subject=before.id, body=told)], now)
    return replace(before, **changes)


def read_applications(connection: Connection, limit: int = 500) -> list[SiteApplication]:
    """The newest first."""
    read = select(applications).order_by(applications.c.asked_at.desc(), applications.c.id).limit(limit)
    return [_application(row) for row in connection.execute(read)]


def find_application(connection: Connection, /, **by: str) -> SiteApplication | None:
    """The application with this `id`, `mail_digest` or `link_digest`."""
    ((name, value),) = by.items()
    row = connection.execute(select(applications).where(applications.c[name] == value)).first()
    return None if row is None else _application(row)


def languages(connection: Connection) -> dict[str, str]:
    """By subscriber, the language of the page on which it applied, where it did and one is known."""
    named = select(applications.c.subscriber, applications.c.language).where(
        applications.c.subscriber.is_not(None), applications.c.language.is_not(None)
    )
    return {row.subscriber: row.language for row in connection.execute(named)}


def count_waiting(connection: Connection) -> int:
    """How many applications wait for a word."""
    waits = select(func.count()).select_from(applications).where(applications.c.decided_at.is_(None))
    return int(connection.execute(waits).scalar_one())


def _row(one: SiteApplication) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in _PLAIN}
    return {**row, "use": text_of(one.use), "outputs": text_of(one.outputs), "accepted": text_of(one.accepted)}


def _application(row: Row[Any]) -> SiteApplication:
    values = {name: row._mapping[name] for name in _PLAIN}
    values |= {"refused": bool(row.refused)}
    return SiteApplication(
        **values,
        use=_use.decode(row.use),
        outputs=_texts.decode(row.outputs),
        accepted=_texts.decode(row.accepted),
    )
