"""The terms watch, applications of sites, digests and reminders by mail, and bounds on public forms."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "terms_watch",
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False, comment="page, or source:ID"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=True, comment="text that a person looked at; null: never read"),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=True, comment="text that says something else; null: it does not"),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True, comment="last good reading"),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failed readings in a row"),
        sa.Column("problem", sa.Text(), nullable=True, comment="of the last reading, one line"),
        sa.Column("looked_at", sa.BigInteger(), nullable=True, comment="when a person last confirmed it"),
        sa.Column("looked_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.BigInteger(), nullable=False, comment="last change or confirmation; 0: none"),
        sa.PrimaryKeyConstraint("policy", "part"),
        comment="The texts behind policies, as a person last looked at them and as they are now",
    )
    op.create_index("ix_terms_watch_next", "terms_watch", ["next_at"])
    op.create_table(
        "applications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="its site"),
        sa.Column("contact", sa.Text(), nullable=False, comment="mail address of who runs it"),
        sa.Column("use", sa.Text(), nullable=False, comment="JSON of model.Use: what it declares"),
        sa.Column("outputs", sa.Text(), nullable=False, comment="JSON: ids of the outputs it asks for"),
        sa.Column("note", sa.Text(), nullable=False, comment="in its own words"),
        sa.Column("accepted", sa.Text(), nullable=False, comment="JSON: the conditions as they were shown"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("mail_digest", sa.Text(), nullable=True, comment="SHA-256 of the confirming link's secret"),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True, comment="when the link in the mail was followed"),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=True, comment="id of what it became"),
        sa.Column("link_digest", sa.Text(), nullable=True, comment="SHA-256 of the link that shows its addresses once"),
        sa.Column("link_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("collected_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Sites that asked to take outputs",
    )
    op.create_index("ix_applications_asked", "applications", ["asked_at"])
    op.create_index("ix_applications_mail", "applications", ["mail_digest"])
    op.create_index("ix_applications_link", "applications", ["link_digest"])
    op.create_table(
        "policy_versions",
        sa.Column("version", sa.Text(), nullable=False, comment="digest of the configuration, as decisions name it"),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown_policy", sa.Text(), nullable=False),
        sa.Column("policies", sa.LargeBinary(), nullable=False, comment="zlib of JSON: the policies as they were read"),
        sa.PrimaryKeyConstraint("version"),
        comment="Policies of every configuration that was in force, so that decisions can be made again",
    )
    op.create_table(
        "quotas",
        sa.Column("key", sa.Text(), nullable=False, comment="form and digest of the address; form alone: all together"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        comment="How often public forms were sent in the running hour",
    )
    op.add_column(
        "users", sa.Column("digest", sa.Text(), nullable=True, comment="daily, weekly or never; null: as set")
    )
    op.add_column("users", sa.Column("digest_at", sa.BigInteger(), nullable=True, comment="when the last was made"))
    op.add_column("letters", sa.Column("chased_at", sa.BigInteger(), nullable=True, comment="reminder by the clock"))


def downgrade() -> None:
    op.drop_column("letters", "chased_at")
    op.drop_column("users", "digest_at")
    op.drop_column("users", "digest")
    op.drop_table("quotas")
    op.drop_table("policy_versions")
    op.drop_table("applications")
    op.drop_table("terms_watch")
