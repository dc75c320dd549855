"""Accounts of people and programs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="viewer, reviewer, operator or admin"),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column(
            "password", sa.Text(), nullable=True, comment="argon2id; null: none yet, so nobody can log in by one"
        ),
        sa.Column("totp", sa.Text(), nullable=True, comment="base32 secret of the second factor; null: none"),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, comment="time step of the last code: none works twice"),
        sa.Column("language", sa.Text(), nullable=True, comment="of the pages; null: as the browser asks"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_login_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
        comment="Accounts of people who administer",
    )
    op.create_table(
        "sessions",
        sa.Column(
            "digest", sa.Text(), nullable=False, comment="SHA-256 of the cookie: a copy of this table opens nothing"
        ),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="to the minute"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
        comment="Who is logged in; rows are deleted when they end",
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_index("ix_sessions_expires", "sessions", ["expires_at"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True, comment="to the minute"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        comment="Keys of programs to the API",
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the link's secret"),
        sa.Column(
            "user", sa.Text(), nullable=True, comment="whose password it sets; null: it makes the first administrator"
        ),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        comment="One-time links; a row is deleted when it is used",
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False, comment="account:NAME or address:IP"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        comment="Failed logins, for the brake on guessing",
    )
    op.create_index("ix_attempts_last", "attempts", ["last_at"])


def downgrade() -> None:
    for table in ("attempts", "invitations", "tokens", "sessions", "users"):
        op.drop_table(table)
