"""The ledger: its records, and whether its chain is whole."""

from __future__ import annotations

from aggregator.model.account import Role
from aggregator.store.ledger import head
from aggregator.web.api.changes import Change, change_of, may_see
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
from aggregator.web.api.shapes import Answer


class LedgerRecord(Change):
    """A record with what binds it to the one before."""

    body: str
    """Canonical JSON, as it is hashed."""
    previous: str
    """Hash of the record before; empty for the first."""
    hash: str


class RecordPage(Page):
    items: tuple[LedgerRecord, ...]


class Verified(Answer):
    """Whether the chain is whole."""

    ok: bool
    problems: tuple[str, ...]
    """A line for each break."""
    records: int
    head: str
    """Hash of the last record: note it elsewhere, and nothing can be cut off unseen."""


async def list_records(call: Call[Paged, None]) -> Reply:
    after = place("ledger", call.query.after, int)
    found = await call.store.ledger(max(0, after[0]) if after else 0, call.query.limit + 1)
    shown, following = cut(found, call.query.limit, lambda record: cursor("ledger", record.number))
    items = tuple(
        LedgerRecord(**change_of(record).model_dump(), body=record.body, previous=record.previous, hash=record.hash)
        for record in shown
        if may_see(call, record.kind)
    )
    return linked(call, RecordPage(items=items, next=following))


async def verify_ledger(call: Call[None, None]) -> Verified:
    problems = await call.store.verify_ledger()
    number, newest = await call.store.read(head)
    return Verified(ok=not problems, problems=tuple(problems), records=number, head=newest)


OPERATIONS = (
    Operation(
        method="GET",
        path="/ledger",
        handler=list_records,
        summary="The ledger's records, the oldest first",
        about="Records about accounts are for administrators: to others the numbers have gaps.",
        query=Paged,
        answer=RecordPage,
    ),
    Operation(
        method="GET",
        path="/ledger/verification",
        handler=verify_ledger,
        summary="Verify the chain",
        role=Role.REVIEWER,
        answer=Verified,
    ),
)
