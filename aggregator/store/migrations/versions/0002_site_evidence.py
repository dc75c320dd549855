"""What sites say to machines."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="of the document"),
        sa.Column("kind", sa.Text(), nullable=False, comment="robots.txt, tdmrep.json or rsl"),
        sa.Column("origin", sa.Text(), nullable=False, comment="of the feed: what the document speaks for"),
        sa.Column(
            "words", sa.Text(), nullable=True, comment="JSON of model.SiteWords; null: it is not there, or says nothing"
        ),
        sa.Column("quote", sa.Text(), nullable=False, comment="the same in a line, as written"),
        sa.Column("read_at", sa.BigInteger(), nullable=True, comment="last good reading; null: there was none"),
        sa.Column("next_at", sa.BigInteger(), nullable=False, comment="when it is asked for again"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failed readings in a row; they delete nothing"),
        sa.Column("problem", sa.Text(), nullable=True, comment="what failed or was odd, one line"),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "url"),
        comment="What the sites behind sources say to machines, a row for each document that was asked for",
    )


def downgrade() -> None:
    op.drop_table("evidence")
