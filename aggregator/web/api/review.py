"""The queue of entries that a person picks for outputs."""

from __future__ import annotations

from typing import Literal

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service import withdraw as use
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.outputs import Held
from aggregator.web.api.paging import Page, Paged, cursor, cut, linked, place
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
    state: Literal["waiting", "approved", "lapsed", "rejected", "carried", "held", "all"] = "waiting"
    """`waiting`: a pick would let it in; `lapsed`: picked once, then its origin, licence or notice changed; `carried`:
    it needs no pick; `held`: a pick would not help."""


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
    query, output = call.query, _known(call)
    found = await use.queue(output, call.world, call.store, call.now)
    after = place("review", query.after, str)
    rest = sorted(
        (one for one in found if query.state in ("all", one.state) and (after is None or one.entry > after[0])),
        key=lambda one: one.entry,
    )
    shown, following = cut(rest, query.limit, lambda one: cursor("review", one.entry))
    return linked(call, CandidatePage(items=tuple(map(Candidate.model_validate, shown)), next=following))


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
        raise missing(str(error)) from error


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
