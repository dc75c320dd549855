"""Webhooks: addresses that are told of what changes, signed."""

from __future__ import annotations

from aggregator.errors import UsageError
from aggregator.model.account import Role
from aggregator.service import webhooks as use
from aggregator.service.delivery import delivery_summary
from aggregator.web.api.operation import PREFIX, Call, Operation, Reply
from aggregator.web.api.paging import Page, Paged, linked, page_of
from aggregator.web.api.problem import missing
from aggregator.web.api.shapes import Answer, Asked, Instant, Name, Names


class WebhookRow(Answer):
    """A webhook and how it is doing; its address may hold a secret, so only its host is shown."""

    id: str
    host: str
    subscriber: str | None
    """Id of the subscriber whose it is; null: the operator's."""
    events: tuple[str, ...]
    delivered: int
    dropped: int
    """Messages that were given up after a day."""
    waiting: int
    last_success_at: Instant | None
    problem: str | None


class WebhookPage(Page):
    items: tuple[WebhookRow, ...]


class WebhookAsked(Asked):
    """A webhook to be stored."""

    id: Name
    """Letters a–z, digits and `-`."""
    url: Name
    """Where to POST."""
    events: Names = ()
    """`output.changed`, `entry.withdrawn`, `flag.opened`, `flag.closed`; the first two if left out."""
    outputs: Names = ()
    """Ids of outputs of whose changes it is told; all if left out."""
    subscriber: Name | None = None
    """Whose it is; it is told of its outputs only."""
    private_addresses: bool = False
    """It may be on the service's machine or in a private network."""


class WebhookMade(Answer):
    """What was stored, with the key of its signatures, which is shown this once."""

    id: str
    events: tuple[str, ...]
    outputs: tuple[str, ...]
    secret: str | None
    """Null where this answer is given again."""

    def without_secrets(self) -> WebhookMade:
        return self.model_copy(update={"secret": None})


async def list_webhooks(call: Call[Paged, None]) -> Reply:
    found = (await delivery_summary(call.world, call.store, call.now)).webhooks
    shown, following = page_of(found, lambda one: one.id, call.query, "webhooks")
    return linked(call, WebhookPage(items=tuple(map(WebhookRow.model_validate, shown)), next=following))


async def add_webhook(call: Call[None, WebhookAsked]) -> Reply:
    asked = call.body
    if any(one.id == asked.id for one in await call.store.hubs.webhooks()):
        raise UsageError("there is a webhook '%(id)s' already; give this one another id", id=asked.id)
    hook = await use.add_webhook(
        asked.id,
        asked.url,
        call.world,
        call.store,
        call.now,
        events=asked.events,
        outputs=asked.outputs,
        subscriber=asked.subscriber,
        private_addresses=asked.private_addresses,
    )
    made = WebhookMade(id=hook.id, events=hook.events, outputs=hook.outputs, secret=str(hook.secret))
    return Reply(answer=made, headers={"Location": f"{PREFIX}/webhooks"})


async def delete_webhook(call: Call[None, None]) -> None:
    await use.remove_webhook(await _known(call), call.world, call.store)


async def try_webhook(call: Call[None, None]) -> None:
    await use.try_webhook(await _known(call), call.world, call.store, call.now)


async def _known(call: Call[None, None]) -> str:
    id_ = call.named("id")
    configured = [one.id for one in call.world.configuration.settings.webhooks]
    if id_ not in {*configured, *(one.id for one in await call.store.hubs.webhooks())}:
        raise missing(f"there is no webhook '{id_}'")
    return id_


OPERATIONS = (
    Operation(
        method="GET",
        path="/webhooks",
        handler=list_webhooks,
        summary="The webhooks and how they are doing",
        about="Configured ones and stored ones.",
        role=Role.OPERATOR,
        query=Paged,
        answer=WebhookPage,
    ),
    Operation(
        method="POST",
        path="/webhooks",
        handler=add_webhook,
        summary="Store a webhook",
        about="The key of its signatures is shown once (Standard Webhooks).",
        role=Role.OPERATOR,
        body=WebhookAsked,
        answer=WebhookMade,
        status=201,
        creates=True,
    ),
    Operation(
        method="DELETE",
        path="/webhooks/{id}",
        handler=delete_webhook,
        summary="Forget a stored webhook, and what waits for it",
        about="One that stands in the configuration is deleted there.",
        role=Role.OPERATOR,
        refuses=True,
    ),
    Operation(
        method="POST",
        path="/webhooks/{id}/trial",
        handler=try_webhook,
        summary="Send a webhook a try",
        about="The running service sends it; the list says how it went.",
        role=Role.OPERATOR,
        creates=True,
    ),
)
