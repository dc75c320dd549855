"""An address that is told of what changes, signed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aggregator.model.source import SecretRef


class WebhookEvent(StrEnum):
    """What a webhook may be told of."""

    CHANGED = "output.changed"
    """Entries entered or left an output, or changed in it."""
    WITHDRAWN = "entry.withdrawn"
    """A person took an entry out everywhere; told before the next build."""
    FLAG_OPENED = "flag.opened"
    FLAG_CLOSED = "flag.closed"


OF_OUTPUTS = (WebhookEvent.CHANGED, WebhookEvent.WITHDRAWN)
"""What concerns whoever takes an output; flags are the operator's own business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One address with what it is told."""

    id: str
    """[a-z0-9-]; of a configured one as written, of a stored one drawn."""
    url: str
    secret: SecretRef | str
    """The key of its signatures: where it stands, for a configured one; the key itself, for a stored one."""
    events: tuple[WebhookEvent, ...] = OF_OUTPUTS
    outputs: tuple[str, ...] = ()
    """Ids of outputs of whose changes it is told; empty: all."""
    private_addresses: bool = False
    """Whether it may be on this machine or in a private network."""
    subscriber: str | None = None
    """Whose it is; None: the operator's."""
