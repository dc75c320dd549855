"""Who may administer, as what, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account may do. Each may all that those before it may."""

    VIEWER = "viewer"
    """Sees everything but accounts."""
    REVIEWER = "reviewer"
    """Settles flags, asks publishers, records answers, picks and withdraws entries."""
    OPERATOR = "operator"
    """Edits the configuration, polls and builds, admits subscribers."""
    ADMIN = "admin"
    """Gives and takes accounts."""

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def covers(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        return self.rank >= other.rank


_RANKS = {role: rank for rank, role in enumerate(Role)}


SCOPES = (
    "status",
    "changes",
    "sources",
    "polls",
    "discoveries",
    "opml",
    "entries",
    "flags",
    "requests",
    "grants",
    "refusals",
    "review",
    "withdrawals",
    "outputs",
    "builds",
    "policies",
    "terms",
    "subscribers",
    "applications",
    "webhooks",
    "mail",
    "ledger",
    "users",
    "tokens",
)
"""Parts of the API, by the first word of their addresses: a token may be bound to some of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account of a person, without its secrets."""

    name: str
    """[a-z0-9._-], unique; stands in the ledger."""
    role: Role
    created_at: datetime
    email: str | None = None
    """For digests and reminders; None: not told."""
    has_totp: bool = False
    """Whether a code from a second device is asked for."""
    language: str | None = None
    """Of the pages, a BCP 47 tag; None: what the browser asks for."""
    disabled_at: datetime | None = None
    last_login_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A session of a person who has logged in."""

    user: User
    csrf: str
    """Must come back in every form of this session."""
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    """Whatever happens, it ends then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program's key to the API, without its secret."""

    id: str
    name: str
    """What it is for, in the words of whoever made it."""
    user: str
    """Whose it is: it may never do more than that account."""
    role: Role
    """What it may do at most."""
    created_at: datetime
    scopes: tuple[str, ...] = ()
    """Parts of the API (`SCOPES`) that it opens; empty: all that its role may."""
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    """Last use, to the minute."""
