"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of origin, licence and notice when it was picked"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "output"),
        comment="Entries that a person picked for an output",
    )
    op.create_index("ix_approvals_output", "approvals", ["output"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        comment="Counters whose row lock makes the order of numbers the order of commits, which a sequence would not",
    )
    op.create_table(
        "notes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        comment="What a running service says of itself: its last sign of life, an edit that it did not take",
    )
    op.create_table(
        "decisions",
        sa.Column("digest", sa.Text(), nullable=False, comment="of question and decision, by whoever made them"),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False, comment="JSON"),
        sa.Column("decision", sa.LargeBinary(), nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("digest"),
        comment="Append-only: what was asked and answered, so that any release can be reproduced",
    )
    op.create_table(
        "documents",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False, comment="strong, with its quotes"),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("output", "format"),
        comment="Ready bytes",
    )
    op.create_table(
        "flags",
        sa.Column("id", sa.Text(), nullable=False, comment="digest of subject, publisher and kind"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="entry:KEY or source:ID"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Questions to an admin",
    )
    op.create_index("ix_flags_opened", "flags", ["opened_at"], unique=False)
    op.create_table(
        "grants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=True, comment="as the grant says"),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON of model.Grant as it was given"),
        sa.PrimaryKeyConstraint("id"),
        comment="Recorded written permissions",
    )
    op.create_table(
        "ledger",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="from 1, without gaps"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="release, end, withdrawal, flag, approval, grant, config"),
        sa.Column("subject", sa.Text(), nullable=False, comment="what it is about: output/entry, flag, grant …"),
        sa.Column("body", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("previous", sa.Text(), nullable=False, comment="hash of the record before; empty for the first"),
        sa.Column("hash", sa.Text(), nullable=False, comment="hex SHA-256 over all columns before this one"),
        sa.PrimaryKeyConstraint("number"),
        comment="Append-only, hash-chained: what changed what is public, and who or what decided it",
    )
    op.create_index("ix_ledger_kind", "ledger", ["kind", "number"], unique=False)
    op.create_index("ix_ledger_subject", "ledger", ["subject"], unique=False)
    op.create_table(
        "outputs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("built_at", sa.BigInteger(), nullable=False, comment="last build, whether or not it was published"),
        sa.Column("built_from", sa.Text(), nullable=False, comment="digest of what it was built from"),
        sa.Column(
            "wake_at",
            sa.BigInteger(),
            nullable=True,
            comment="first instant at which a decision may differ; null: none by time alone",
        ),
        sa.Column("problem", sa.Text(), nullable=True, comment="why the last build was not published; null: it was"),
        sa.Column("entries", sa.Integer(), nullable=False, comment="open releases"),
        sa.PrimaryKeyConstraint("id"),
        comment="What is known of the last build of each output",
    )
    op.create_table(
        "releases",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False, comment="no foreign key: proof outlives the entry"),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False, comment="digest of the decision"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "closed_at",
            sa.BigInteger(),
            nullable=True,
            comment="first instant at which it no longer stands; null while it does",
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it ended"),
        sa.PrimaryKeyConstraint("number"),
        comment="That an entry stood in an output, from when until when, under which decision",
    )
    op.create_index("ix_releases_entry", "releases", ["entry", "output"], unique=False)
    op.create_index(
        "ix_releases_open",
        "releases",
        ["output", "entry"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_releases_output", "releases", ["output", "entry", "opened_at"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", sa.Text(), nullable=False, comment="as configured"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="configured and enabled; polled only then"),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "retired_at",
            sa.BigInteger(),
            nullable=True,
            comment="when it left the configuration; null while it is there",
        ),
        sa.Column(
            "change", sa.BigInteger(), nullable=False, comment="number of the last change of its entries; 0: none yet"
        ),
        sa.Column(
            "known_items",
            sa.Text(),
            nullable=False,
            comment="JSON: (digest, entry id) of the items of the last document",
        ),
        sa.Column(
            "feed_facts", sa.Text(), nullable=False, comment="JSON: what the last document says of the feed itself"
        ),
        sa.PrimaryKeyConstraint("id"),
        comment="What is rewritten only where a document changed; what every poll writes stands in polls",
    )
    op.create_index("ix_sources_change", "sources", ["change"], unique=False)
    op.create_table(
        "withdrawals",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry"),
        comment="Entries that a person took out everywhere; they stay out",
    )
    op.create_table(
        "entries",
        sa.Column(
            "key", sa.Text(), nullable=False, comment="digest of source and the feed's id: unique means exactly once"
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "id_digest", sa.BigInteger(), nullable=False, comment="of the feed's id, which may be too long for an index"
        ),
        sa.Column("url_digest", sa.BigInteger(), nullable=True, comment="of the permalink; null: none"),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column(
            "ordered_at", sa.BigInteger(), nullable=False, comment="place in outputs, fixed at the first sighting"
        ),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "last_seen_at", sa.BigInteger(), nullable=False, comment="exact once the entry has left its document"
        ),
        sa.Column("earliest_at", sa.BigInteger(), nullable=True, comment="earliest date that any revision gave"),
        sa.Column(
            "revised_at",
            sa.BigInteger(),
            nullable=True,
            comment="when the newest revision was stored; null: it is the first",
        ),
        sa.Column(
            "deleted_at", sa.BigInteger(), nullable=True, comment="when it was deleted upstream; null: it was not"
        ),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON of model.Entry"),
        sa.Column(
            "content", sa.Text(), nullable=False, comment="JSON of model.Content; last, so that reading facts skips it"
        ),
        sa.ForeignKeyConstraint(
            ["source"],
            ["sources.id"],
        ),
        sa.PrimaryKeyConstraint("key"),
        comment="Newest revision of each entry",
    )
    op.create_index("ix_entries_id", "entries", ["id_digest"], unique=False)
    op.create_index("ix_entries_order", "entries", ["ordered_at", "key", "source", "deleted_at"], unique=False)
    op.create_index("ix_entries_source", "entries", ["source", "ordered_at", "key", "deleted_at"], unique=False)
    op.create_index("ix_entries_url", "entries", ["url_digest"], unique=False)
    op.create_table(
        "flag_outputs",
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag"], ["flags.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("flag", "output"),
        comment="Which outputs wait for the answer",
    )
    op.create_index("ix_flag_outputs_output", "flag_outputs", ["output"], unique=False)
    op.create_table(
        "polls",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, comment="as in sources, for the index"),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=False, comment="UTC microseconds; 0: never polled, so due"),
        sa.Column("leased_until", sa.BigInteger(), nullable=False, comment="UTC microseconds; 0: not leased"),
        sa.Column("lease_owner", sa.Text(), nullable=True, comment="process that polls it now"),
        sa.Column("etag", sa.Text(), nullable=True, comment="byte for byte as the server sent it"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="byte for byte as the server sent it"),
        sa.Column("body_digest", sa.Text(), nullable=True),
        sa.Column("config_digest", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failed polls in a row"),
        sa.Column("last_polled_at", sa.BigInteger(), nullable=True),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_changed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True, comment="one line; null after a success"),
        sa.Column("last_error_kind", sa.Text(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True, comment="HTTP status"),
        sa.Column("why_due", sa.Text(), nullable=False, comment="why next_poll_at is what it is"),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source"),
        comment="Schedule, lease and validators: narrow, because every poll rewrites its row",
    )
    op.create_index(
        "ix_polls_due",
        "polls",
        ["next_poll_at"],
        unique=False,
        sqlite_where=sa.text("active = 1"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "revisions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="when this revision was stored"),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        comment="Former revisions, appended when a newer one replaces them; never changed",
    )
    op.create_index("ix_revisions_entry", "revisions", ["entry", "number"], unique=False)
    op.execute("INSERT INTO counters (name, value) VALUES ('change', 0)")
    if op.get_bind().dialect.name == "postgresql":
        # Every poll rewrites its row: room in the page for the new version keeps the table from growing.
        op.execute("ALTER TABLE polls SET (fillfactor = 80)")


def downgrade() -> None:
    op.drop_table("revisions")
    op.drop_table("polls")
    op.drop_table("flag_outputs")
    op.drop_table("entries")
    op.drop_table("withdrawals")
    op.drop_table("sources")
    op.drop_table("releases")
    op.drop_table("outputs")
    op.drop_table("ledger")
    op.drop_table("grants")
    op.drop_table("flags")
    op.drop_table("documents")
    op.drop_table("decisions")
    op.drop_table("notes")
    op.drop_table("counters")
    op.drop_table("approvals")
