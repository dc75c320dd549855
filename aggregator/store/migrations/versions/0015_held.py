"""Held: what each output held back at its last build, so that pages count it exactly."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of the list: one that has not changed is not written"),
        sa.Column("listed", sa.Text(), nullable=False, comment="JSON of store.held.HeldList"),
        sa.PrimaryKeyConstraint("output"),
        comment="What each output held back at its last build",
    )


def downgrade() -> None:
    op.drop_table("held")
