"""The feed of changes: what happened since a program last asked, from the ledger."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import Field

from aggregator.model.account import Role
from aggregator.store import ledger
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, cursor, linked, place
from aggregator.web.api.shapes import Answer, Instant, Word

LOOK_MAX = 2000
"""Records that one request looks through for those of its kinds."""


class Change(Answer):
    """One thing that happened."""

    number: int
    """Of its record in the ledger: from 1, growing."""
    at: Instant
    kind: str
    """`release`, `end`, `withdrawal`, `flag`, `approval`, `grant`, `request`, `subscriber`, `source`, `config` …"""
    subject: str
    """What it is about: `OUTPUT/ENTRY`, a flag's id, a grant's id …"""
    facts: dict[str, Any]
    """What the ledger keeps of it, by kind."""


class ChangePage(Page):
    items: tuple[Change, ...]
    next: str
    """Where to go on, now or later: it is never null."""
    more: bool
    """Whether there is more at once."""


class ChangeQuery(Paged):
    kind: tuple[Word, ...] = Field((), max_length=20)
    """Kinds; none: all that the token may see."""


async def list_changes(call: Call[ChangeQuery, None]) -> Reply:
    query = call.query
    after = place("changes", query.after, int)
    number = max(0, after[0]) if after else 0
    wanted = set(query.kind)
    shown: list[Change] = []
    looked = 0
    found: list[ledger.Record] = []
    while len(shown) < query.limit and looked < LOOK_MAX:
        found = await call.store.ledger(number, query.limit)
        looked += len(found)
        for record in found:
            number = record.number
            if may_see(call, record.kind) and (not wanted or record.kind in wanted):
                shown.append(change_of(record))
                if len(shown) == query.limit:
                    break
        if len(found) < query.limit:
            break
    more = bool(found) and (number < found[-1].number or len(found) == query.limit)
    page = ChangePage(items=tuple(shown), next=cursor("changes", number), more=more)
    return linked(call, page) if more else Reply(answer=page)


def may_see(call: Call[Any, Any], kind: str) -> bool:
    """Accounts are for administrators; everybody else sees what changed what is public."""
    return kind != ledger.ACCOUNT or call.may(Role.ADMIN)


def change_of(record: ledger.Record) -> Change:
    """A record as the feed tells it."""
    facts = msgspec.json.decode(record.body, type=dict[str, Any])
    return Change(number=record.number, at=record.at, kind=record.kind, subject=record.subject, facts=facts)


OPERATIONS = (
    Operation(
        method="GET",
        path="/changes",
        handler=list_changes,
        summary="What happened since",
        about=(
            "Releases, withdrawals, flags, grants, letters and all else that the ledger records, the oldest first. "
            "Keep `next`, and give it as `after` the next time: nothing is told twice or left out. Records about "
            "accounts are for administrators."
        ),
        query=ChangeQuery,
        answer=ChangePage,
    ),
)
