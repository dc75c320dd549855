"""In which language a site that applied is written to; that a letter is on its way; and answers as files."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = "of the page on which it applied; it is written to in it"
    op.add_column("applications", sa.Column("language", sa.Text(), nullable=True, comment=told))
    handing = "since when somebody hands it to the mail server"
    op.add_column("letters", sa.Column("sending_at", sa.BigInteger(), nullable=True, comment=handing))
    op.create_table(
        "answer_files",
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the file"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["letter"], ["letters.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("letter", "digest"),
        comment="Publishers' answers as files: evidence of permissions and refusals",
    )


def downgrade() -> None:
    op.drop_table("answer_files")
    op.drop_column("letters", "sending_at")
    op.drop_column("applications", "language")
