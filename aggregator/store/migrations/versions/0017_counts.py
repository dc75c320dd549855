"""How many entries each source has is kept with it, and those that are not well have an index."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    many = "entries that were not deleted upstream"
    op.add_column("polls", sa.Column("entries", sa.Integer(), nullable=False, server_default="0", comment=many))
    op.execute(
        "UPDATE polls SET entries = "
        "(SELECT count(*) FROM entries WHERE entries.source = polls.source AND entries.deleted_at IS NULL)"
    )
    unwell = sa.text("failures > 0 OR gone_at IS NOT NULL OR last_polled_at IS NULL")
    op.create_index(
        "ix_polls_unwell",
        "polls",
        ["source", "failures", "gone_at", "last_polled_at"],
        sqlite_where=unwell,
        postgresql_where=unwell,
    )


def downgrade() -> None:
    op.drop_index("ix_polls_unwell", "polls")
    op.drop_column("polls", "entries")
