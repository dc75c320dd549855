"""In which language a site that applied is written to; and that a letter is on its way, so that it goes once."""

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


def downgrade() -> None:
    op.drop_column("letters", "sending_at")
    op.drop_column("applications", "language")
