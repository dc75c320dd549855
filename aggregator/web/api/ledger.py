"""The ledger: its records, and whether its chain is whole."""

from __future__ import annotations

from aggregator.model.account import Role
from aggregator.service.ledger_export import Extent, lines
from aggregator.store.ledger import head
from aggregator.web.api.changes import Change, change_of, may_see
from aggregator.web.api.operation import Call, Operation, Raw, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
from aggregator.web.api.problem import Refused
from aggregator.web.api.shapes import Answer, Instant, Query, Word


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


class ExtentQuery(Query):
    """What an export is about; all that are given must hold."""

    entry: Word = ""
    """Any name of an article."""
    publisher: Word = ""
    """Name, alias or policy id: all that it published or originated."""
    since: Instant | None = None
    until: Instant | None = None
    """Exclusive."""


async def export_ledger(call: Call[ExtentQuery, None]) -> Raw:
    query = call.query
    extent = Extent(entry=query.entry or None, publisher=query.publisher or None, since=query.since, until=query.until)
    body = bytearray()
    async for line in lines(extent, call.world, call.store, call.now):
        body += line
        if len(body) > EXPORT_MAX:
            raise Refused(409, "this export is larger than 50 MB; ask for a shorter period, or use the command line")
    return Raw(body=bytes(body), media="application/jsonl")


EXPORT_MAX = 50_000_000
"""Bytes; `aggregator ledger export` knows no bound."""

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
    Operation(
        method="GET",
        path="/ledger/export",
        handler=export_ledger,
        summary="Prove what was public: where, when, under which rule",
        about="JSON Lines: a head, then for each article its releases and the records about it.",
        role=Role.REVIEWER,
        query=ExtentQuery,
        media=("application/jsonl",),
        refuses=True,
    ),
)
