"""Archive documents of outputs, as they were written."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archives",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="entries that each document is made for"),
        sa.Column("base", sa.Text(), nullable=False, comment="address of the output's feeds, without the ending"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False, comment="strong, with its quotes"),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False, comment="JSON: each entry, where it stands or when it went"),
        sa.PrimaryKeyConstraint("output", "number"),
        comment="Archive documents (RFC 5005), which stay as they are but for withdrawals",
    )

    # Topics at secret addresses were never taken: a hub would be told a secret.
    op.drop_column("hub_subscribers", "subscriber")


def downgrade() -> None:
    op.add_column(
        "hub_subscribers",
        sa.Column(
            "subscriber", sa.Text(), nullable=True, comment="whose secret address the topic is; null: a public one"
        ),
    )
    op.drop_table("archives")
