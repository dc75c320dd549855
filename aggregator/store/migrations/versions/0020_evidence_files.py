"""Letters that prove permissions and refusals, as files."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("grant", sa.Text(), nullable=False, comment="a permission, or a refusal"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the file"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["grants.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("grant", "digest"),
        comment="Letters that prove permissions and refusals, as files",
    )


def downgrade() -> None:
    op.drop_table("evidence_files")
