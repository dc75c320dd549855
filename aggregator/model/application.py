"""A site that asks, by the public form, to take outputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.use import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteApplication:
    """Who asks, for what, and what became of it."""

    id: str
    name: str
    url: str
    contact: str
    """Mail address of who runs it."""
    use: Use
    """What it declares to do with the copies."""
    outputs: tuple[str, ...]
    note: str = ""
    """In its own words."""
    accepted: tuple[str, ...] = ()
    """The conditions, as they were shown and accepted."""
    language: str | None = None
    """Of the page on which it applied: what it is written in. None: it applied by other means."""
    asked_at: datetime
    mail_digest: str | None = None
    """Of the secret of the link that confirms its address; None: none was sent, or it was followed."""
    confirmed_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    refused: bool = False
    reason: str = ""
    subscriber: str | None = None
    """Id of what it became."""
    link_digest: str | None = None
    """Of the secret of the link that shows its addresses, once."""
    link_expires_at: datetime | None = None
    collected_at: datetime | None = None

    @property
    def state(self) -> str:
        """`asked`, `confirmed` (its mail address), `refused`, `admitted` or `collected` (it has its addresses)."""
        if self.refused:
            return "refused"
        if self.decided_at is not None:
            return "collected" if self.collected_at is not None else "admitted"
        return "confirmed" if self.confirmed_at is not None else "asked"

    @property
    def waits(self) -> bool:
        """Whether somebody must say yes or no."""
        return self.decided_at is None
