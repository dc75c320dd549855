"""Requests of programs that may be sent twice, tokens for parts of the API, accounts that log in by a provider."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repeats",
        sa.Column("key", sa.Text(), nullable=False, comment="digest of account, operation and Idempotency-Key"),
        sa.Column("asked", sa.Text(), nullable=False, comment="digest of the request"),
        sa.Column("status", sa.Integer(), nullable=True, comment="of the answer; null: not answered yet"),
        sa.Column("headers", sa.Text(), nullable=True, comment="JSON"),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="of the answer, without secrets"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        comment="Answers to requests with an Idempotency-Key, to be given again",
    )
    op.create_index("ix_repeats_expires", "repeats", ["expires_at"])
    op.add_column(
        "tokens",
        sa.Column("scopes", sa.Text(), nullable=False, server_default="[]", comment="JSON: parts of the API; []: all"),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="the provider's own name of a person: it never changes"
        ),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        comment="Who a person of an OpenID Connect provider is here",
    )
    op.create_index("ix_identities_user", "identities", ["user"])
    op.create_table(
        "oidc_logins",
        sa.Column("state", sa.Text(), nullable=False, comment="SHA-256 of it"),
        sa.Column("browser", sa.Text(), nullable=False, comment="SHA-256 of the cookie of the browser that began"),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False, comment="of PKCE"),
        sa.Column("target", sa.Text(), nullable=False, comment="page to go to afterwards"),
        sa.Column("user", sa.Text(), nullable=True, comment="account that is to be linked; null: a login"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state"),
        comment="Logins that wait for the provider's answer; a row is deleted when it comes",
    )
    op.create_index("ix_oidc_logins_expires", "oidc_logins", ["expires_at"])


def downgrade() -> None:
    op.drop_table("oidc_logins")
    op.drop_table("identities")
    op.drop_column("tokens", "scopes")
    op.drop_table("repeats")
