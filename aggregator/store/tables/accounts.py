"""Who may sign in, and by what."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from aggregator.store.tables.columns import Instant, metadata

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False, comment="viewer, reviewer, operator or admin"),
    Column("email", Text),
    Column("password", Text, comment="argon2id; null: none yet, so nobody can log in by one"),
    Column("totp", Text, comment="base32 secret of the second factor; null: none"),
    Column("totp_step", BigInteger, nullable=False, comment="time step of the last code: none works twice"),
    Column("language", Text, comment="of the pages; null: as the browser asks"),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("last_login_at", Instant),
    Column("digest", Text, comment="daily, weekly or never; null: as set"),
    Column("digest_at", Instant, comment="when the last was made"),
    comment="Accounts of people who administer",
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of the cookie: a copy of this table opens nothing"),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="to the minute"),
    Column("expires_at", Instant, nullable=False),
    Index("ix_sessions_user", "user"),
    Index("ix_sessions_expires", "expires_at"),
    comment="Who is logged in; rows are deleted when they end",
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 of the secret"),
    Column("name", Text, nullable=False),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("used_at", Instant, comment="to the minute"),
    Column("scopes", Text, nullable=False, server_default="[]", comment="JSON: parts of the API; []: all"),
    comment="Keys of programs to the API",
)

repeats = Table(
    "repeats",
    metadata,
    Column("key", Text, primary_key=True, comment="digest of account, operation and Idempotency-Key"),
    Column("asked", Text, nullable=False, comment="digest of the request"),
    Column("status", Integer, comment="of the answer; null: not answered yet"),
    Column("headers", Text, comment="JSON"),
    Column("body", LargeBinary, comment="of the answer, without secrets"),
    Column("expires_at", Instant, nullable=False),
    Index("ix_repeats_expires", "expires_at"),
    comment="Answers to requests with an Idempotency-Key, to be given again",
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True, comment="the provider's own name of a person: it never changes"),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Index("ix_identities_user", "user"),
    comment="Who a person of an OpenID Connect provider is here",
)

oidc_logins = Table(
    "oidc_logins",
    metadata,
    Column("state", Text, primary_key=True, comment="SHA-256 of it"),
    Column("browser", Text, nullable=False, comment="SHA-256 of the cookie of the browser that began"),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False, comment="of PKCE"),
    Column("target", Text, nullable=False, comment="page to go to afterwards"),
    Column("user", Text, comment="account that is to be linked; null: a login"),
    Column("expires_at", Instant, nullable=False),
    Index("ix_oidc_logins_expires", "expires_at"),
    comment="Logins that wait for the provider's answer; a row is deleted when it comes",
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of the link's secret"),
    Column("user", Text, comment="whose password it sets; null: it makes the first administrator"),
    Column("expires_at", Instant, nullable=False),
    comment="One-time links; a row is deleted when it is used",
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True, comment="account:NAME or address:IP"),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Index("ix_attempts_last", "last_at"),
    comment="Failed logins, for the brake on guessing",
)
