"""Webhooks beside those of the configuration: kept in the database, such as those of subscribers."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from aggregator.config.words import ID, one_of, web_url
from aggregator.errors import UsageError, Word
from aggregator.model.hub import Outgoing, OutgoingKind
from aggregator.model.webhook import OF_OUTPUTS, Webhook, WebhookEvent
from aggregator.publishing.messages import trial_message
from aggregator.service.subscribers import find_subscriber

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.service.world import World
    from aggregator.store import Store


async def add_webhook(
    id_: str,
    url: str,
    world: World,
    store: Store,
    now: datetime,
    *,
    events: Sequence[str] = (),
    outputs: Sequence[str] = (),
    subscriber: str | None = None,
    private_addresses: bool = False,
) -> Webhook:
    """Stores a webhook with a secret of its own, which is shown once: `Webhook.secret`.

    Args:
        events: names; empty: changed outputs and withdrawals.
        outputs: ids; empty: all. A subscriber's must name some, and is told of nothing but these.
    Raises:
        UsageError: a word is wrong.
        StoreError: the id is taken.
    """
    if not ID.match(id_):
        raise UsageError("id '%(id)s' may hold a-z, 0-9 and '-' only, at most 64", id=id_)
    if any(hook.id == id_ for hook in world.configuration.settings.webhooks):
        raise UsageError("webhook '%(id)s' is configured in aggregator.yaml; give this one another id", id=id_)
    try:
        address = web_url(url)
    except ValueError as error:
        remedy = "write one with http:// or https://, without password"
        raise UsageError("'%(url)s' is not a web address; %(remedy)s", url=url, remedy=remedy) from error
    wanted = tuple(dict.fromkeys(map(_event, events))) or OF_OUTPUTS
    if outputs:
        world.pick_outputs(outputs)
    if subscriber is not None and (not outputs or not set(wanted) <= set(OF_OUTPUTS)):
        known = one_of([event.value for event in OF_OUTPUTS])
        raise UsageError("a subscriber's webhook names its outputs, and is told of %(known)s only", known=known)
    owner = await _owner(subscriber, outputs, store, now) if subscriber is not None else None
    hook = Webhook(
        id=id_,
        url=address,
        secret=f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        events=wanted,
        outputs=tuple(dict.fromkeys(outputs)),
        private_addresses=private_addresses,
        subscriber=owner,
    )
    await store.hubs.add_webhook(hook, now)
    return hook


async def _owner(name: str, outputs: Sequence[str], store: Store, now: datetime) -> str:
    """The id of the subscriber whose webhook it is to be.

    Raises:
        UsageError: there is none of that name, its access has ended, or it does not take one of these outputs.
    """
    found = await find_subscriber(name, store)
    if found.state(now) != "active":
        raise UsageError(
            "subscriber '%(name)s' is %(state)s",
            command="'aggregator subscribers renew' lets it in again",
            name=name,
            state=Word(found.state(now)),
        )
    for output in outputs:
        if output not in found.outputs:
            raise UsageError(
                "subscriber '%(name)s' does not take output '%(output)s'; it takes %(known)s",
                name=name,
                output=output,
                known=", ".join(sorted(found.outputs)),
            )
    return found.id


def _event(name: str) -> WebhookEvent:
    try:
        return WebhookEvent(name)
    except ValueError:
        known = one_of([event.value for event in WebhookEvent])
        raise UsageError("event '%(name)s' is not known; use %(known)s", name=name, known=known) from None


async def remove_webhook(id_: str, world: World, store: Store) -> None:
    """Forgets a stored webhook, and what waits for it.

    Raises:
        UsageError: there is none of this id, or it stands in the configuration.
    """
    if any(hook.id == id_ for hook in world.configuration.settings.webhooks):
        raise UsageError("webhook '%(id)s' is configured in aggregator.yaml; delete it there", id=id_)
    if not await store.hubs.remove_webhook(id_):
        raise UsageError(
            "there is no webhook '%(id)s'", command="'aggregator webhooks list' shows those that there are", id=id_
        )


async def try_webhook(id_: str, world: World, store: Store, now: datetime) -> None:
    """Has a running service send a message that says nothing but that it is a try.

    Raises:
        UsageError: there is none of this id.
    """
    hooks = [*world.configuration.settings.webhooks, *await store.hubs.webhooks()]
    if not any(hook.id == id_ for hook in hooks):
        raise UsageError(
            "there is no webhook '%(id)s'", command="'aggregator webhooks list' shows those that there are", id=id_
        )
    message = trial_message(secrets.token_hex(8), now)
    outgoing = Outgoing(
        id=f"webhook:{id_}:{message.id}",
        kind=OutgoingKind.WEBHOOK,
        target=id_,
        facts=message.body.decode(),
        created_at=now,
        next_at=now,
    )
    await store.hubs.put([outgoing])
