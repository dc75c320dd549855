"""What people do about flags, and letters to publishers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flag_states",
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="open, requested, granted, refused or dismissed"),
        sa.Column("assignee", sa.Text(), nullable=True, comment="name of an account"),
        sa.Column("due_on", sa.Text(), nullable=True, comment="ISO day"),
        sa.Column(
            "opened_at",
            sa.BigInteger(),
            nullable=False,
            comment="of the flag when somebody ruled: opened again, it is void",
        ),
        sa.Column("facts", sa.Text(), nullable=False, comment="digest of the question as it was then"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag"], ["flags.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("flag"),
        comment="What people did about a flag; builds never write here",
    )
    op.create_index("ix_flag_states_assignee", "flag_states", ["assignee"])
    op.create_index("ix_flag_states_due", "flag_states", ["due_on"])
    op.create_table(
        "flag_comments",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag"], ["flags.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        comment="What people said of a flag",
    )
    op.create_index("ix_flag_comments_flag", "flag_comments", ["flag", "number"])
    op.create_table(
        "letters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False, comment="mail address; empty: it must go by other ways"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Text(), nullable=True, comment="ISO day by which an answer is wanted"),
        sa.Column("sent_at", sa.BigInteger(), nullable=True, comment="null: a draft"),
        sa.Column("sent_how", sa.Text(), nullable=False, comment="smtp, eml or hand"),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_file", sa.Text(), nullable=False, comment="name and SHA-256 of the answer as a file"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="granted, refused or other; empty until answered"),
        sa.PrimaryKeyConstraint("id"),
        comment="Requests to publishers and their answers",
    )
    op.create_index("ix_letters_drafted", "letters", ["drafted_at"])
    op.create_table(
        "letter_flags",
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False, comment="no foreign key: a letter outlives its cause"),
        sa.Column("number", sa.Integer(), nullable=False, comment="order in the letter"),
        sa.ForeignKeyConstraint(["letter"], ["letters.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("letter", "flag"),
        comment="What a letter asks about",
    )
    op.create_index("ix_letter_flags_flag", "letter_flags", ["flag"])


def downgrade() -> None:
    for table in ("letter_flags", "letters", "flag_comments", "flag_states"):
        op.drop_table(table)
