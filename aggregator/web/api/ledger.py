"""The ledger: its records, and whether its chain is whole."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aggregator.model.account import Role
from aggregator.service.ledger_export import Extent, whole
from aggregator.service.ledger_proof import verify_chain
from aggregator.service.replay import replay
from aggregator.web.api.changes import Change, change_of, may_see
from aggregator.web.api.operation import Call, Operation, Raw, Reply
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
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


class VerifyQuery(Query):
    noted: Word = ""
    """`NUMBER:HASH` of records as they were noted elsewhere, with commas between them: that nothing was cut off the end
    shows only against these."""


async def verify_ledger(call: Call[VerifyQuery, None]) -> Verified:
    found = await verify_chain([one for one in call.query.noted.split(",") if one.strip()], call.store)
    number, _, newest = found.head.partition(":")
    return Verified(ok=not found.problems, problems=found.problems, records=int(number or 0), head=newest)


class ExtentQuery(Query):
    """What an export is about; all that are given must hold."""

    entry: Word = ""
    """Any name of an article."""
    publisher: Word = ""
    """Name, alias or policy id: all that it published or originated."""
    since: Instant | None = None
    until: Instant | None = None
    """Exclusive."""
    format: Literal["jsonl", "html"] = "jsonl"
    """`html`: a page that stands by itself and prints well."""


async def export_ledger(call: Call[ExtentQuery, None]) -> Raw:
    query = call.query
    extent = Extent(entry=query.entry or None, publisher=query.publisher or None, since=query.since, until=query.until)
    given = (extent, query.format, call.world, call.store, call.desk.letters, call.now)
    media = "text/html" if query.format == "html" else "application/jsonl"
    return Raw(body=await whole(*given, EXPORT_MAX), media=media)


class DifferenceShape(Answer):
    """A stored answer that is another one now."""

    decision: str
    """Digest."""
    output: str
    entry: str
    title: str
    policy_version: str
    stored: str
    now: str
    engine: str | None
    """The program's version of then, where that is another: then a difference may be meant."""


class Replayed(Answer):
    """What a replay found."""

    decisions: int
    same: int
    different: int
    unknown: int
    """Decided by policies that were not kept."""
    differences: tuple[DifferenceShape, ...]
    """The first ones."""
    versions: dict[str, int]
    """Decisions by version of the configuration."""


class ReplayQuery(Query):
    version: str | None = Field(None, min_length=1, max_length=64, pattern=r"^[0-9a-f]+$")
    """Only what this version of the configuration decided, by the beginning of its digest."""


async def replay_decisions(call: Call[ReplayQuery, None]) -> Replayed:
    return Replayed.model_validate(await replay(call.world, call.store, call.query.version))


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
        query=VerifyQuery,
        refuses=True,
        answer=Verified,
    ),
    Operation(
        method="GET",
        path="/ledger/export",
        handler=export_ledger,
        summary="Prove what was public: where, when, under which rule",
        about="JSON Lines: a head, then for each article its releases and the records about it; or a page to print.",
        role=Role.REVIEWER,
        query=ExtentQuery,
        media=("application/jsonl", "text/html"),
        refuses=True,
    ),
    Operation(
        method="GET",
        path="/ledger/replay",
        handler=replay_decisions,
        summary="Decide all stored questions again",
        about="By the policies and rulings of then: each must get the answer that is stored.",
        role=Role.REVIEWER,
        query=ReplayQuery,
        answer=Replayed,
    ),
)
