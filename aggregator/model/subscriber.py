"""A site that takes outputs at addresses of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.output import Format
from aggregator.model.use import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A site, what it declared to do with the copies, and what it may take. Its secret is kept nowhere."""

    id: str
    name: str
    url: str | None = None
    contact: str | None = None
    """Mail address of who runs it."""
    use: Use
    """As declared; `form`, `fallback` and `selection` say nothing here: they are the outputs'."""
    outputs: tuple[str, ...]
    """Ids of the outputs that it may take, as long as its use fits theirs."""
    formats: tuple[Format, ...] = ()
    """Empty: all that an output has."""
    rate: int
    """Requests in an hour."""
    created_at: datetime
    created_by: str
    issued_at: datetime
    """When its secret was made."""
    expires_at: datetime | None = None
    """From when it is refused; None: never."""
    revoked_at: datetime | None = None
    reason: str = ""
    """Why it was revoked."""

    def state(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """That a subscriber took one version of an output's documents."""

    subscriber: str
    output: str
    modified_at: datetime
    """Of the document: which version."""
    first_at: datetime
    last_at: datetime
    """When it last took that version, or was told that it has it already."""
    count: int
    """Requests."""
    formats: tuple[str, ...]
