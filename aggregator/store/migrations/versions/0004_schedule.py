"""When sources are polled: moves, retirement, rhythm, history, hosts that want to be left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column(
            "full_at", sa.BigInteger(), nullable=True, comment="UTC microseconds: when the whole document was last sent"
        ),
        sa.Column("feed_url", sa.Text(), nullable=True, comment="the configured address when it was last polled"),
        sa.Column("moved_to", sa.Text(), nullable=True, comment="a permanent redirect that is not believed yet"),
        sa.Column("moved_since", sa.BigInteger(), nullable=True),
        sa.Column("moved_polls", sa.Integer(), nullable=True),
        sa.Column(
            "believed_url",
            sa.Text(),
            nullable=True,
            comment="where it is asked for since it has moved; null: as configured",
        ),
        sa.Column("gone_at", sa.BigInteger(), nullable=True, comment="second 410 in a row: not polled any more"),
        sa.Column("polls", sa.BigInteger(), nullable=True, comment="polls so far; null: none"),
        sa.Column("watched_since", sa.BigInteger(), nullable=True, comment="first document that was read"),
        sa.Column("pause", sa.BigInteger(), nullable=True, comment="usual time between publications, in microseconds"),
        sa.Column("pushed_until", sa.BigInteger(), nullable=True, comment="a hub delivers until then; null: none does"),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("polls", column)
    op.create_table(
        "poll_history",
        sa.Column(
            "slot",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="polls go round: number of the poll mod 12",
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("took", sa.Integer(), nullable=False, comment="milliseconds"),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes of the body, decoded"),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "source"),
        sqlite_with_rowid=False,
        comment="The last polls of each source. Slot first: the polls of one round lie together, which halves their"
        " cost",
    )
    op.create_table(
        "host_holds",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False, comment="UTC microseconds"),
        sa.PrimaryKeyConstraint("host"),
        comment="Hosts that asked to be left alone (Retry-After with 429 or 503); rows that have ended are deleted",
    )


def downgrade() -> None:
    op.drop_table("host_holds")
    op.drop_table("poll_history")
    for column in reversed(_columns()):
        op.drop_column("polls", column.name)
