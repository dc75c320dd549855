"""Documents in pieces: what stands around their entries, and the bytes of entries once for all documents.

A document of before stays as it is, whole, until its output is built again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fragments",
        sa.Column("digest", sa.Text(), nullable=False, comment="hex BLAKE2b-128 of the bytes"),
        sa.Column("uses", sa.Integer(), nullable=False, comment="how often it stands in documents; 0: never kept"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        comment="Bytes of entries, as they stand in documents",
    )
    ended = sa.text("closed_at IS NOT NULL")
    op.create_index(
        "ix_releases_ended", "releases", ["output", "closed_at"], sqlite_where=ended, postgresql_where=ended
    )
    op.alter_column("documents", "body", new_column_name="opening")
    parts = "digests of its entries' bytes, in order"
    empty = sa.text("''")
    op.add_column(
        "documents",
        sa.Column("separator", sa.Text(), nullable=False, server_default=empty, comment="between two entries"),
    )
    op.add_column("documents", sa.Column("closing", sa.LargeBinary(), nullable=True))
    op.add_column("documents", sa.Column("parts", sa.Text(), nullable=False, server_default=empty, comment=parts))


def downgrade() -> None:
    # What it was put together from cannot be told apart any more: the next build writes it whole.
    op.execute("DELETE FROM documents")
    op.execute("UPDATE outputs SET built_from = ''")
    op.drop_column("documents", "parts")
    op.drop_column("documents", "closing")
    op.drop_column("documents", "separator")
    op.alter_column("documents", "opening", new_column_name="body")
    op.drop_index("ix_releases_ended", "releases")
    op.drop_table("fragments")
