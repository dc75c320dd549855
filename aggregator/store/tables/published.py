"""What is out, why, and in which bytes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from aggregator.store.tables.columns import Instant, Number, metadata

_STANDS = text("closed_at IS NULL")
_ENDED = text("closed_at IS NOT NULL")

outputs = Table(
    "outputs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("built_at", Instant, nullable=False, comment="last build, whether or not it was published"),
    Column("built_from", Text, nullable=False, comment="digest of what it was built from"),
    Column("wake_at", Instant, comment="first instant at which a decision may differ; null: none by time alone"),
    Column("problem", Text, comment="why the last build was not published; null: it was"),
    Column("entries", Integer, nullable=False, comment="open releases"),
    Column("held", Integer, nullable=False, server_default=text("0"), comment="candidates that it could not carry"),
    Column("picks", Integer, nullable=False, server_default=text("0"), comment="those that only wait for a pick"),
    comment="What is known of the last build of each output",
)

held = Table(
    "held",
    metadata,
    Column("output", Text, primary_key=True),
    Column("digest", Text, nullable=False, comment="of the list: one that has not changed is not written"),
    Column("listed", Text, nullable=False, comment="JSON of store.held.HeldList"),
    comment="What each output held back at its last build",
)

builds = Table(
    "builds",
    metadata,
    Column("output", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="of its last build, over all outputs; 0: none"),
    Column("config", Text, nullable=False, comment="version of the configuration it was built under"),
    Column("change", BigInteger, nullable=False, comment="of sources, up to which it was built"),
    Column("desk", Text, nullable=False, comment="version of people's rulings it was built under"),
    Column("claimed_until", BigInteger, nullable=False, comment="UTC microseconds; 0: nobody builds it"),
    Column("claimed_by", Text, comment="process that builds it now"),
    Index("ix_builds_number", "number"),
    comment="Of which moment each output is, and who builds it now",
)

documents = Table(
    "documents",
    metadata,
    Column("output", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("etag", Text, nullable=False, comment="strong, with its quotes"),
    Column("modified_at", Instant, nullable=False),
    Column("entries", Integer, nullable=False),
    # A document is its opening, the entries' bytes with the separator between them, its closing.
    Column("opening", LargeBinary, nullable=False),
    Column("separator", Text, nullable=False, server_default=text("''"), comment="between two entries"),
    Column("closing", LargeBinary),
    Column("parts", Text, nullable=False, server_default=text("''"), comment="digests of its entries' bytes, in order"),
    comment="Ready bytes",
)

fragments = Table(
    "fragments",
    metadata,
    Column("digest", Text, primary_key=True, comment="hex BLAKE2b-128 of the bytes"),
    Column("uses", Integer, nullable=False, comment="how often it stands in documents; 0: never kept"),
    Column("body", LargeBinary, nullable=False),
    comment="Bytes of entries, as they stand in documents",
)

archives = Table(
    "archives",
    metadata,
    Column("output", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False, comment="entries that each document is made for"),
    Column("base", Text, nullable=False, comment="address of the output's feeds, without the ending"),
    Column("body", LargeBinary, nullable=False),
    Column("etag", Text, nullable=False, comment="strong, with its quotes"),
    Column("modified_at", Instant, nullable=False),
    Column("members", Text, nullable=False, comment="JSON: each entry, where it stands or when it went"),
    comment="Archive documents (RFC 5005), which stay as they are but for withdrawals",
)

decisions = Table(
    "decisions",
    metadata,
    Column("digest", Text, primary_key=True, comment="of question and decision, by whoever made them"),
    Column("policy_version", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("question", LargeBinary, nullable=False, comment="JSON"),
    Column("decision", LargeBinary, nullable=False, comment="JSON"),
    comment="Append-only: what was asked and answered, so that any release can be reproduced",
)

releases = Table(
    "releases",
    metadata,
    Column("number", Number, primary_key=True),
    Column("output", Text, nullable=False),
    Column("entry", Text, nullable=False, comment="no foreign key: proof outlives the entry"),
    Column("revision", Text, nullable=False),
    Column("decision", Text, nullable=False, comment="digest of the decision"),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant, comment="first instant at which it no longer stands; null while it does"),
    Column("reason", Text, nullable=False, comment="why it ended"),
    Column("ending", Text, comment="model.Ending; null while it stands"),
    Column("outbound_id", Text, nullable=False, server_default=text("''"), comment="in RSS and JSON Feed"),
    Column("atom_id", Text, nullable=False, server_default=text("''"), comment="in Atom"),
    Index("ix_releases_open", "output", "entry", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    Index("ix_releases_entry", "entry", "output"),
    Index("ix_releases_output", "output", "entry", "opened_at"),
    Index("ix_releases_ended", "output", "closed_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
    comment="That an entry stood in an output, from when until when, under which decision",
)

notified = Table(
    "notified",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("output", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False, comment="how, and what was answered"),
    Index("ix_notified_output", "output"),
    comment="Entries whose publishers were told that they stand in an output",
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column(
        "addresses",
        Text,
        nullable=False,
        server_default=text("'[]'"),
        comment="JSON: addresses under which it stays out",
    ),
    Column("sketch", Text, comment="sketch of its text, by which copies are known; null: too short to tell"),
    comment="Entries that a person took out everywhere; they stay out",
)
