"""What the ledger's export and the replay read: releases with their decisions, records about them, policies of old."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, or_, select

from aggregator.model.decision import Decision, Question
from aggregator.model.policy import Grant, Policy, UnknownPolicy
from aggregator.store import desk, ledger
from aggregator.store.ledger import Record
from aggregator.store.statements import among, insert
from aggregator.store.tables import decisions, entries, policy_versions, releases
from aggregator.store.tables import ledger as records

PAGE = 500
_question = msgspec.json.Decoder(Question)
_decision = msgspec.json.Decoder(Decision)
_policies = msgspec.json.Decoder(tuple[Policy, ...])
_encode = msgspec.json.Encoder(order="sorted").encode
_facts = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One release as it was: where, when, under which decision."""

    number: int
    """Of the release, in the order in which they were made."""
    entry: str
    output: str
    revision: str
    opened_at: datetime
    closed_at: datetime | None
    reason: str
    ending: str | None
    digest: str
    """Of the decision."""
    source: str
    title: str
    url: str | None
    authors: tuple[str, ...]
    decided_at: datetime | None
    decision: Decision | None
    """None: it is not stored any more."""


def proofs(
    connection: Connection,
    after: tuple[str, int],
    *,
    entry: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Proof]:
    """A page of releases, by entry, then in their order.

    Args:
        after: entry and number of the last one of the page before.
        entry: only of this one.
        since, until: only those that stood at some instant from `since` on and before `until`.
    """
    read = select(
        releases, entries.c.source, entries.c.facts, decisions.c.decided_at, decisions.c.decision.label("answer")
    )
    read = read.select_from(
        releases.outerjoin(entries, entries.c.key == releases.c.entry).outerjoin(
            decisions, decisions.c.digest == releases.c.decision
        )
    )
    read = read.where(
        or_(releases.c.entry > after[0], and_(releases.c.entry == after[0], releases.c.number > after[1]))
    )
    if entry is not None:
        read = read.where(releases.c.entry == entry)
    if since is not None:
        read = read.where(or_(releases.c.closed_at.is_(None), releases.c.closed_at > since))
    if until is not None:
        read = read.where(releases.c.opened_at < until)
    rows = connection.execute(read.order_by(releases.c.entry, releases.c.number).limit(PAGE)).all()
    return [_proof(row) for row in rows]


def _proof(row: Any) -> Proof:
    facts = _facts.decode(row.facts) if row.facts else {}
    return Proof(
        number=row.number,
        entry=row.entry,
        output=row.output,
        revision=row.revision,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        reason=row.reason,
        ending=row.ending,
        digest=row.decision,
        source=row.source or "",
        title=facts.get("title") or "",
        url=facts.get("url"),
        authors=tuple(author.get("name", "") for author in facts.get("authors") or ()),
        decided_at=row.decided_at,
        decision=_decision.decode(row.answer) if row.answer is not None else None,
    )


def records_about(connection: Connection, subjects: Sequence[str]) -> list[Record]:
    """The ledger's records about these, in order."""
    read = select(records).where(among(connection, records.c.subject, list(subjects))).order_by(records.c.number)
    return [Record(**row._mapping) for row in connection.execute(read)]


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the ledger's last record; (0, ""): it is empty."""
    row = connection.execute(
        select(records.c.number, records.c.hash).order_by(records.c.number.desc()).limit(1)
    ).first()
    return (0, "") if row is None else (row.number, row.hash)


# Replay


def keep_policies(
    connection: Connection, version: str, policies: Sequence[Policy], unknown: UnknownPolicy, now: datetime
) -> None:
    """Keeps the policies of a configuration, so that what was decided by them can be decided again."""
    if connection.execute(select(policy_versions.c.version).where(policy_versions.c.version == version)).first():
        return
    row = {
        "version": version,
        "kept_at": now,
        "unknown_policy": unknown.value,
        "policies": zlib.compress(_encode(tuple(policies)), 6),
    }
    connection.execute(insert(connection.dialect.name, policy_versions).values(row).on_conflict_do_nothing())


def policies_of(connection: Connection, version: str) -> tuple[tuple[Policy, ...], UnknownPolicy] | None:
    """The policies of a configuration; None: they were not kept."""
    row = connection.execute(select(policy_versions).where(policy_versions.c.version == version)).first()
    if row is None:
        return None
    return _policies.decode(zlib.decompress(row.policies)), UnknownPolicy(row.unknown_policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A decision as it was made."""

    digest: str
    policy_version: str
    decided_at: datetime
    question: Question
    decision: Decision


def stored_decisions(connection: Connection, after: str, version: str | None) -> list[Stored]:
    """A page of stored decisions, by digest.

    Args:
        version: only those made under this configuration; None: all.
    """
    read: Select[Any] = select(decisions).where(decisions.c.digest > after).order_by(decisions.c.digest).limit(PAGE)
    if version is not None:
        read = read.where(decisions.c.policy_version == version)
    return [
        Stored(
            digest=row.digest,
            policy_version=row.policy_version,
            decided_at=row.decided_at,
            question=_question.decode(row.question),
            decision=_decision.decode(row.decision),
        )
        for row in connection.execute(read)
    ]


def grants_then(connection: Connection) -> list[tuple[Grant, datetime]]:
    """Each grant and refusal with the instant at which it was recorded, by the ledger."""
    found = {grant.id: grant for grant in desk.read_grants(connection)}
    at: dict[str, datetime] = {}
    for record in _of_kinds(connection, (ledger.GRANT, ledger.REFUSAL)):
        at.setdefault(record.subject, record.at)
    return [(grant, at[id_]) for id_, grant in found.items() if id_ in at]


def _of_kinds(connection: Connection, kinds: Sequence[str]) -> Iterator[Record]:
    read = select(records).where(records.c.kind.in_(kinds)).order_by(records.c.number)
    for row in connection.execute(read):
        yield Record(**row._mapping)
