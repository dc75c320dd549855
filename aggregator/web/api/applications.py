"""Applications: sites that ask, by the public form, to take outputs."""

from __future__ import annotations

from typing import Any

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.model.application import SiteApplication
from aggregator.service import applications as use
from aggregator.store import outside
from aggregator.web.api.operation import Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Text
from aggregator.web.api.subscribers import UseShape


class ApplicationShape(Answer):
    """Who asks, for what, and what became of it."""

    id: str
    state: str
    """`asked`, `confirmed` (its mail address), `refused`, `admitted` or `collected` (it has its addresses)."""
    name: str
    url: str
    contact: str
    use: UseShape
    outputs: tuple[str, ...]
    note: str
    accepted: tuple[str, ...]
    """The conditions, as they were shown and accepted."""
    asked_at: Instant
    confirmed_at: Instant | None
    decided_at: Instant | None
    decided_by: str | None
    reason: str
    subscriber: str | None
    """Id of what it became."""
    collected_at: Instant | None


class ApplicationPage(Page):
    items: tuple[ApplicationShape, ...]


class TurningDown(Asked):
    reason: Text = ""
    """It goes to the site by mail, where mail is configured and its address was confirmed."""


class Admitted(Answer):
    """A site that was admitted."""

    application: ApplicationShape
    link: str | None
    """Where it gets its addresses, once; mailed to it where mail is configured. Null where this answer is given
    again."""

    def without_secrets(self) -> Admitted:
        return self.model_copy(update={"link": None})


async def list_applications(call: Call[Paged, None]) -> Reply:
    found = await call.store.read(outside.read_applications)
    shown, following = page_of(found, lambda one: one.id, call.query, "applications")
    return linked(call, ApplicationPage(items=tuple(map(ApplicationShape.model_validate, shown)), next=following))


async def get_application(call: Call[None, None]) -> ApplicationShape:
    return ApplicationShape.model_validate(await _application(call))


async def _application(call: Call[Any, Any]) -> SiteApplication:
    try:
        return await use.find_application(call.named("id"), call.store)
    except UsageError as error:
        raise missing(error.worded()) from error


async def admit_application(call: Call[None, None]) -> Admitted:
    asked = await _application(call)
    one, secret = await use.admit_site(asked.id, call.by, call.world, call.store, call.desk.letters, call.now)
    link = f"{call.house.public_url()}/subscribe/collect/{secret}"
    return Admitted(application=ApplicationShape.model_validate(one), link=link)


async def turn_down_application(call: Call[None, TurningDown]) -> ApplicationShape:
    asked = await _application(call)
    one = await use.turn_down(asked.id, call.body.reason, call.by, call.world, call.store, call.desk.letters, call.now)
    return ApplicationShape.model_validate(one)


OPERATIONS = (
    Operation(
        method="GET",
        path="/applications",
        handler=list_applications,
        summary="Sites that ask to take outputs",
        query=Paged,
        answer=ApplicationPage,
    ),
    Operation(
        method="GET",
        path="/applications/{id}",
        handler=get_application,
        summary="One application",
        answer=ApplicationShape,
    ),
    Operation(
        method="POST",
        path="/applications/{id}/admission",
        handler=admit_application,
        summary="Admit a site",
        about="For those of its outputs that its declared use allows.",
        role=Role.OPERATOR,
        answer=Admitted,
        creates=True,
    ),
    Operation(
        method="POST",
        path="/applications/{id}/refusal",
        handler=turn_down_application,
        summary="Turn a site down",
        role=Role.OPERATOR,
        body=TurningDown,
        answer=ApplicationShape,
        creates=True,
    ),
)
