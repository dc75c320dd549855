"""Hosts: which of them a worker polls now, and which sources each has."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("polls", sa.Column("host", sa.Text(), comment="that is asked, with its port; null: not known yet"))
    op.create_table(
        "host_leases",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="'queued', or the run of a job"),
        sa.Column("until", sa.BigInteger(), nullable=False, comment="UTC microseconds"),
        sa.PrimaryKeyConstraint("host"),
        comment="Hosts for which a job waits or runs: no second one may ask them meanwhile",
    )


def downgrade() -> None:
    op.drop_table("host_leases")
    op.drop_column("polls", "host")
