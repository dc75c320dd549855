"""Builds: of which moment each output is, and who builds it now, so that nodes agree on what may be served."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "builds",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="of its last build, over all outputs; 0: none"),
        sa.Column("config", sa.Text(), nullable=False, comment="version of the configuration it was built under"),
        sa.Column("change", sa.BigInteger(), nullable=False, comment="of sources, up to which it was built"),
        sa.Column("desk", sa.Text(), nullable=False, comment="version of people's rulings it was built under"),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, comment="UTC microseconds; 0: nobody builds it"),
        sa.Column("claimed_by", sa.Text(), comment="process that builds it now"),
        sa.PrimaryKeyConstraint("output"),
        comment="Of which moment each output is, and who builds it now",
    )
    op.create_index("ix_builds_number", "builds", ["number"])
    op.execute("INSERT INTO counters (name, value) VALUES ('build', 0)")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'build'")
    op.drop_table("builds")
