"""Grants: recorded written permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import field_serializer

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.policy import Effect, Grant
from aggregator.model.use import Audience, Form, Medium
from aggregator.rights.times import written
from aggregator.service import grants as use
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Day, Instant, Name, Names, Query, Said, Text


class ScopeShape(Answer):
    """What a permission or refusal covers: whatever is not narrowed."""

    policy: str | None
    """The policy whose publisher gave it."""
    publisher: str | None
    """Name of the publisher, where it has no policy."""
    source: str | None
    entry: str | None
    author: str | None
    category: str | None
    outputs: tuple[str, ...]
    """None: all."""
    forms: frozenset[Form]
    """None: all."""
    to: frozenset[Audience]
    """None: all."""
    media: frozenset[Medium]
    """None: all."""
    since: Day | None
    until: Day | None
    """Inclusive, UTC days."""
    evidence: str

    @field_serializer("forms", "to", "media")
    def _in_order(self, value: frozenset[Any]) -> list[str]:
        return sorted(map(str, value))


class GrantShape(ScopeShape):
    """What a permission covers, and what it dispenses with."""

    waive: frozenset[str]
    """Names of duties that it waives."""
    lift: frozenset[str]
    """Names of limits that it lifts."""
    over_notices: bool
    """Whether it beats what an entry says of itself."""

    @field_serializer("waive", "lift")
    def _names_in_order(self, value: frozenset[str]) -> list[str]:
        return sorted(value)


class GrantRow(GrantShape):
    """A recorded permission."""

    id: str
    state: str
    """`in force`, `not yet`, `expired` or `revoked`."""
    idle: str
    """Why one that is in force or not yet covers nothing so far: a slip, perhaps. Empty: it covers something."""
    given_at: Instant | None
    revoked_at: Instant | None


class GrantPage(Page):
    items: tuple[GrantRow, ...]


class ScopeAsked(Asked):
    """What somebody's word covers: whatever is not narrowed."""

    policy: Name | None = None
    """The policy whose publisher gave it."""
    publisher: Name | None = None
    """Name of the publisher, where it has no policy."""
    source: Name | None = None
    entry: Name | None = None
    """Any name of an entry."""
    author: Name | None = None
    category: Name | None = None
    outputs: Names = ()
    forms: tuple[Form, ...] = ()
    to: tuple[Audience, ...] = ()
    media: tuple[Medium, ...] = ()
    since: Day | None = None
    until: Day | None = None
    """Inclusive, UTC days."""

    def scope(self, effect: Effect = Effect.ALLOW) -> Grant:
        """A grant or refusal of this scope; names are unchecked."""
        return Grant(
            id="",
            effect=effect,
            policy=self.policy,
            publisher=self.publisher,
            source=self.source,
            entry=self.entry,
            author=self.author,
            category=self.category,
            outputs=self.outputs,
            forms=frozenset(self.forms),
            to=frozenset(self.to),
            media=frozenset(self.media),
            since=self.since,
            until=self.until,
        )


class GrantAsked(ScopeAsked):
    """A permission as somebody gave it."""

    evidence: Said
    """What proves it: who wrote what, and when. It stands in the ledger."""
    waive: Names = ()
    """Duties that it waives."""
    lift: Names = ()
    """Limits that it lifts."""
    over_notices: bool = False
    """It also beats what an entry says of itself."""
    further: Names = ()
    """Further entries, any name of each: the same permission is recorded for each of them, or for none."""


class GrantAdded(GrantRow):
    """A permission that was recorded."""

    further: tuple[str, ...]
    """Ids of those that were recorded with it, for further entries."""


def row(summary: use.GrantSummary) -> GrantRow:
    """A grant as lists show it."""
    grant = summary.grant
    return GrantRow(
        **{name: getattr(grant, name) for name in GrantRow.model_fields if name not in ("state", "idle")},
        state=summary.state,
        idle=summary.idle.worded() if summary.idle else "",
    )


async def list_grants(call: Call[Paged, None]) -> Reply:
    found = await use.list_grants(call.store, call.now)
    shown, following = page_of(found, lambda one: one.grant.id, call.query, "grants")
    looked = await use.looked_through(shown, call.world, call.store)
    return linked(call, GrantPage(items=tuple(map(row, looked)), next=following))


async def get_grant(call: Call[None, None]) -> GrantRow:
    return await _grant(call, call.named("id"))


async def _grant(call: Call[Any, Any], id_: str) -> GrantRow:
    found = next((one for one in await use.list_grants(call.store, call.now) if one.grant.id == id_), None)
    if found is None:
        raise missing(f"grant '{id_}' is not recorded")
    return row(*await use.looked_through([found], call.world, call.store))


async def add_grant(call: Call[None, GrantAsked]) -> Reply:
    asked = call.body
    grant = replace(
        asked.scope(),
        waive=frozenset(asked.waive),
        lift=frozenset(asked.lift),
        over_notices=asked.over_notices,
        evidence=asked.evidence,
    )
    if asked.further and asked.entry is None:
        raise UsageError("name the first article as 'entry', and others as 'further'")
    names = list(dict.fromkeys((asked.entry, *asked.further)))
    added, *others = await use.add_grants(grant, names, None, call.by, call.world, call.store, call.now)
    told = {**(await _grant(call, added.id)).model_dump(), "further": [one.id for one in others]}
    return Reply(answer=GrantAdded.model_validate(told), headers={"Location": f"{PREFIX}/grants/{added.id}"})


class GrantEnd(Query):
    """Why a permission ends."""

    reason: Text = ""
    """Stands in the ledger."""


async def revoke_grant(call: Call[GrantEnd, None]) -> GrantRow:
    found = await _grant(call, call.named("id"))
    if found.revoked_at is not None:
        raise UsageError(
            "grant '%(id)s' was revoked before, at %(revoked_at)s",
            id=found.id,
            revoked_at=written(found.revoked_at),
        )
    await use.revoke_grant(found.id, call.store, call.now, call.by, call.query.reason)
    return await _grant(call, found.id)


OPERATIONS = (
    Operation(
        method="GET", path="/grants", handler=list_grants, summary="List the grants", query=Paged, answer=GrantPage
    ),
    Operation(
        method="POST",
        path="/grants",
        handler=add_grant,
        summary="Record a permission",
        about="What it lets out stands in its outputs within seconds. `GET /requests/{id}/grant` answers a body.",
        role=Role.REVIEWER,
        body=GrantAsked,
        answer=GrantAdded,
        status=201,
        creates=True,
    ),
    Operation(method="GET", path="/grants/{id}", handler=get_grant, summary="One grant", answer=GrantRow),
    Operation(
        method="DELETE",
        path="/grants/{id}",
        handler=revoke_grant,
        summary="End a grant",
        about="It stays on record; what it carried leaves within seconds.",
        query=GrantEnd,
        role=Role.REVIEWER,
        answer=GrantRow,
        careful=True,
        refuses=True,
    ),
)
