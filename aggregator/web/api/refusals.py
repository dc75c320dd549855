"""Refusals: recorded noes, which beat grants and policies inside their scope."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.policy import Effect
from aggregator.service import refusals as use
from aggregator.service.grants import GrantSummary
from aggregator.web.api.grants import ScopeAsked, ScopeShape
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Asked, Instant, Said, Text


class RefusalRow(ScopeShape):
    """A recorded no."""

    id: str
    state: str
    """`in force`, `not yet`, `expired` or `revoked`."""
    given_at: Instant | None
    revoked_at: Instant | None


class RefusalPage(Page):
    items: tuple[RefusalRow, ...]


class RefusalAsked(ScopeAsked):
    """A no as somebody said it: of policy, publisher, source, entry, author and category at least one."""

    evidence: Said
    """Who said no, and when. It stands in the ledger."""


class RefusalEnd(Asked):
    reason: Text = ""
    """Why it holds no more."""


def _row(summary: GrantSummary) -> RefusalRow:
    names = RefusalRow.model_fields.keys() - {"state"}
    return RefusalRow(**{name: getattr(summary.grant, name) for name in names}, state=summary.state)


async def list_refusals(call: Call[Paged, None]) -> Reply:
    found = await use.list_refusals(call.store, call.now)
    shown, following = page_of(found, lambda one: one.grant.id, call.query, "refusals")
    return linked(call, RefusalPage(items=tuple(map(_row, shown)), next=following))


async def get_refusal(call: Call[None, None]) -> RefusalRow:
    return await _refusal(call, call.named("id"))


async def _refusal(call: Call[Any, Any], id_: str) -> RefusalRow:
    found = next((one for one in await use.list_refusals(call.store, call.now) if one.grant.id == id_), None)
    if found is None:
        raise missing(f"refusal '{id_}' is not recorded")
    return _row(found)


async def add_refusal(call: Call[None, RefusalAsked]) -> Reply:
    asked = call.body
    refusal = replace(asked.scope(Effect.DENY), evidence=asked.evidence)
    added = await use.add_refusal(refusal, None, call.by, call.world, call.store, call.now)
    return Reply(answer=await _refusal(call, added.id), headers={"Location": f"{PREFIX}/refusals/{added.id}"})


async def end_refusal(call: Call[None, RefusalEnd]) -> RefusalRow:
    found = await _refusal(call, call.named("id"))
    if found.revoked_at is not None:
        raise UsageError(
            "refusal '%(id)s' was ended before, at %(revoked_at)s", id=found.id, revoked_at=found.revoked_at
        )
    await use.revoke_refusal(found.id, call.by, call.body.reason, call.store, call.now)
    return await _refusal(call, found.id)


OPERATIONS = (
    Operation(
        method="GET",
        path="/refusals",
        handler=list_refusals,
        summary="List the refusals",
        query=Paged,
        answer=RefusalPage,
    ),
    Operation(
        method="POST",
        path="/refusals",
        handler=add_refusal,
        summary="Record a refusal",
        about="What it covers leaves its outputs within seconds and stays out, whatever grants and policies say.",
        role=Role.REVIEWER,
        body=RefusalAsked,
        answer=RefusalRow,
        status=201,
        creates=True,
    ),
    Operation(method="GET", path="/refusals/{id}", handler=get_refusal, summary="One refusal", answer=RefusalRow),
    Operation(
        method="POST",
        path="/refusals/{id}/end",
        handler=end_refusal,
        summary="End a refusal",
        about="It stays on record; what nothing else bars comes back.",
        role=Role.REVIEWER,
        body=RefusalEnd,
        answer=RefusalRow,
        creates=True,
    ),
)
