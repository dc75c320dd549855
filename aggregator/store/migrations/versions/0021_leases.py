"""Leases of sources have a table of their own, so that to poll one writes its row once and not twice."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="process that polls it now"),
        sa.Column("until", sa.BigInteger(), nullable=False, comment="UTC microseconds"),
        sa.PrimaryKeyConstraint("source"),
        comment="Sources that are polled now: no second process may meanwhile",
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO leases (source, owner, until) "
        "SELECT source, lease_owner, leased_until FROM polls WHERE lease_owner IS NOT NULL"
    )
    op.drop_column("polls", "leased_until")
    op.drop_column("polls", "lease_owner")
    _say("Schedule and validators: narrow, because every poll rewrites its row")


def downgrade() -> None:
    op.add_column(
        "polls",
        sa.Column(
            "leased_until",
            sa.BigInteger(),
            nullable=False,
            server_default="0",
            comment="UTC microseconds; 0: not leased",
        ),
    )
    op.add_column("polls", sa.Column("lease_owner", sa.Text(), comment="process that polls it now"))
    op.drop_table("leases")
    _say("Schedule, lease and validators: narrow, because every poll rewrites its row")


def _say(comment: str) -> None:
    if op.get_bind().dialect.supports_comments:
        op.create_table_comment("polls", comment)
