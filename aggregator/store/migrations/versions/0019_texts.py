"""A withdrawal keeps by what its text is known, so that the same text stays out under another address."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    what = "sketch of its text, by which copies are known; null: too short to tell"
    op.add_column("withdrawals", sa.Column("sketch", sa.Text(), comment=what))


def downgrade() -> None:
    op.drop_column("withdrawals", "sketch")
