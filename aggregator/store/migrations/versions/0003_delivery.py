"""Subscribers and what they fetched, rejections, what ended a release and under which id it went out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("releases", recreate="never") as table:
        table.add_column(sa.Column("ending", sa.Text(), nullable=True, comment="model.Ending; null while it stands"))
        table.add_column(
            sa.Column(
                "outbound_id", sa.Text(), nullable=False, server_default=sa.text("''"), comment="in RSS and JSON Feed"
            )
        )
        table.add_column(
            sa.Column("atom_id", sa.Text(), nullable=False, server_default=sa.text("''"), comment="in Atom")
        )
    with op.batch_alter_table("approvals", recreate="never") as table:
        table.add_column(
            sa.Column(
                "rejected",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="true: must not stand there",
            )
        )
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("withdrawals", recreate="never") as table:
        table.add_column(
            sa.Column(
                "addresses",
                sa.Text(),
                nullable=False,
                server_default=sa.text("'[]'"),
                comment="JSON: addresses under which it stays out",
            )
        )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True, comment="its site"),
        sa.Column("contact", sa.Text(), nullable=True, comment="mail address of who runs it"),
        sa.Column(
            "use", sa.Text(), nullable=False, comment="JSON of model.Use: what it declared to do with the copies"
        ),
        sa.Column("outputs", sa.Text(), nullable=False, comment="JSON: ids of the outputs that it may take"),
        sa.Column("formats", sa.Text(), nullable=False, comment="JSON: formats that it may take; empty: all"),
        sa.Column("rate", sa.Integer(), nullable=False, comment="requests in an hour"),
        sa.Column(
            "secret_digest", sa.Text(), nullable=False, comment="hex SHA-256 of its secret, which is kept nowhere"
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False, comment="when its secret was made"),
        sa.Column("expires_at", sa.BigInteger(), nullable=True, comment="from when it is refused; null: never"),
        sa.Column(
            "revoked_at",
            sa.BigInteger(),
            nullable=True,
            comment="from when it is refused; null: it was not revoked",
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it was revoked"),
        sa.PrimaryKeyConstraint("id"),
        comment="Sites that take outputs at addresses of their own",
    )
    op.create_index("ix_subscribers_secret", "subscribers", ["secret_digest"], unique=True)
    op.create_table(
        "fetches",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False, comment="of the document: which of its versions"),
        sa.Column("first_at", sa.BigInteger(), nullable=False, comment="when it first took that version"),
        sa.Column(
            "last_at",
            sa.BigInteger(),
            nullable=False,
            comment="when it last took it, or was told that it has it",
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("formats", sa.Text(), nullable=False, comment="in which it took it, between commas"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber", "output", "modified_at"),
        comment="Which version of which output each subscriber took, and when",
    )
    op.create_index("ix_fetches_output", "fetches", ["output", "first_at"])
    op.create_index("ix_fetches_last", "fetches", ["last_at"])


def downgrade() -> None:
    op.drop_table("fetches")
    op.drop_table("subscribers")
    op.drop_column("withdrawals", "addresses")
    op.drop_column("approvals", "reason")
    op.drop_column("approvals", "rejected")
    for name in ("atom_id", "outbound_id", "ending"):
        op.drop_column("releases", name)
