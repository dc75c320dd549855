"""That publishers were told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notified",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="how, and what was answered"),
        sa.PrimaryKeyConstraint("entry", "output"),
        comment="Entries whose publishers were told that they stand in an output",
    )
    op.create_index("ix_notified_output", "notified", ["output"])


def downgrade() -> None:
    op.drop_table("notified")
