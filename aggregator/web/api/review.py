"""The queue of entries that a person picks for outputs."""

from __future__ import annotations

from typing import Literal

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.output import Output
from aggregator.service import shelf
from aggregator.service import withdraw as use
from aggregator.service.held import held
from aggregator.web.api.entries import DecisionShape, decision
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.outputs import Held, fields_of
from aggregator.web.api.paging import Page, Paged, cursor, linked, place
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Text


class Candidate(Held):
    """An entry in an output's queue."""

    by: str | None
    """Who ruled last."""
    at: Instant | None


class CandidatePage(Page):
    items: tuple[Candidate, ...]


class QueueQuery(Paged):
    state: Literal["waiting", "lapsed", "held", "approved", "rejected"] = "waiting"
    """`waiting`: a pick would let it in; `lapsed`: picked once, then its origin, licence or notice changed; `held`: a
    pick would not help; `approved` and `rejected`: what people ruled, the last first."""


class RulingAsked(Asked):
    """A pick, or the opposite."""

    ruling: Literal["approve", "reject"]
    reason: Text = ""
    """Of a rejection."""


class Ruling(Answer):
    """What a person ruled on an entry for an output, until its origin, licence or notice changes."""

    entry: str
    output: str
    rejected: bool
    reason: str
    by: str
    at: Instant


def _known(call: Call[QueueQuery, None] | Call[None, RulingAsked] | Call[None, None]) -> str:
    output = call.named("output")
    if output not in call.world.outputs:
        raise missing(f"output '{output}' is not configured")
    return output


async def list_candidates(call: Call[QueueQuery, None]) -> Reply:
    query, output = call.query, call.world.outputs[_known(call)]
    if query.state in ("approved", "rejected"):
        return await _ruled(call, output)
    after = place("review", query.after, str)
    found = await held(
        output,
        call.world,
        call.store,
        call.now,
        after=after[0] if after else None,
        states=(query.state,),
        limit=query.limit,
    )
    following = cursor("review", found.next) if found.next else None
    return linked(call, CandidatePage(items=tuple(map(_candidate, found.rows)), next=following))


async def _ruled(call: Call[QueueQuery, None], output: Output) -> Reply:
    query = call.query
    after = place("rulings", query.after, int)
    page = min(max(after[0], 1), 1_000_000) if after else 1
    rows, total = await shelf.ruled(
        output,
        call.world,
        call.store,
        call.now,
        rejected=query.state == "rejected",
        page=page,
        limit=query.limit,
    )
    following = cursor("rulings", page + 1) if page * query.limit < total else None
    return linked(call, CandidatePage(items=tuple(map(_candidate, rows)), next=following))


def _candidate(one: shelf.Shown) -> Candidate:
    ruling = one.ruling
    fields = fields_of(one)
    if ruling is not None and ruling.rejected and ruling.reason:
        fields["why"] = ruling.reason
    return Candidate(**fields, by=ruling.by if ruling else None, at=ruling.at if ruling else None)


class Preview(Answer):
    """A copy of one entry as subscribers would get it, credit included."""

    decision: DecisionShape
    documents: dict[str, str]
    """Format → a whole document with this entry alone."""


async def preview_entry(call: Call[None, None]) -> Preview:
    output, key = call.world.outputs[_known(call)], await _entry(call)
    stored = (await call.store.entries_by_key([key]))[key]
    house = call.house
    found = await shelf.preview(stored, output, call.world, call.store, house.renderer, call.now)
    if found is None:
        raise UsageError("it may not stand in this output, even if it were picked; its explanation says why")
    documents = {one.value: body.decode("utf-8", "replace") for one, body in found.documents.items()}
    return Preview(decision=decision(found.decision), documents=documents)


async def rule_on_entry(call: Call[None, RulingAsked]) -> Ruling:
    output, key = _known(call), await _entry(call)
    asked = call.body
    if asked.ruling == "reject":
        ruled = await use.reject(key, output, asked.reason.strip(), call.by, call.world, call.store, call.now)
    else:
        ruled = await use.approve(key, output, call.by, call.world, call.store, call.now)
    return Ruling.model_validate(ruled)


async def undo_ruling(call: Call[None, None]) -> None:
    output, key = _known(call), await _entry(call)
    try:
        await use.unpick(key, output, call.by, call.world, call.store, call.now)
    except UsageError as error:
        raise missing(error.worded()) from error


async def _entry(call: Call[None, RulingAsked] | Call[None, None]) -> str:
    key = call.named("entry")
    if key not in await call.store.entries_by_key([key]):
        raise missing(f"there is no entry '{key}'")
    return key


OPERATIONS = (
    Operation(
        method="GET",
        path="/review/{output}",
        handler=list_candidates,
        summary="The queue of an output",
        query=QueueQuery,
        answer=CandidatePage,
    ),
    Operation(
        method="GET",
        path="/review/{output}/{entry}/preview",
        handler=preview_entry,
        summary="An entry as an output would carry it",
        role=Role.REVIEWER,
        answer=Preview,
        refuses=True,
    ),
    Operation(
        method="PUT",
        path="/review/{output}/{entry}",
        handler=rule_on_entry,
        summary="Pick an entry for an output, or keep it out of it",
        about="A pick lifts no ask and no deny: what rules hold stays held.",
        role=Role.REVIEWER,
        body=RulingAsked,
        answer=Ruling,
    ),
    Operation(
        method="DELETE",
        path="/review/{output}/{entry}",
        handler=undo_ruling,
        summary="Forget a pick or rejection",
        role=Role.REVIEWER,
    ),
)
