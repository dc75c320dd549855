"""What is polled, when, and what came of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from aggregator.store.tables.columns import Instant, metadata

UNWELL = "failures > 0 OR gone_at IS NOT NULL OR last_polled_at IS NULL"
"""Those are few, and lists and monitoring ask for them again and again: they have an index of their own."""

sources = Table(
    "sources",
    metadata,
    Column("id", Text, primary_key=True, comment="as configured"),
    Column("active", Boolean, nullable=False, comment="configured and enabled; polled only then"),
    Column("added_at", Instant, nullable=False),
    Column("retired_at", Instant, comment="when it left the configuration; null while it is there"),
    Column("change", BigInteger, nullable=False, comment="number of the last change of its entries; 0: none yet"),
    Column("known_items", Text, nullable=False, comment="JSON: (digest, entry id) of the items of the last document"),
    Column("feed_facts", Text, nullable=False, comment="JSON: what the last document says of the feed itself"),
    Index("ix_sources_change", "change"),
    comment="What is rewritten only where a document changed; what every poll writes stands in polls",
)

polls = Table(
    "polls",
    metadata,
    Column("source", Text, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("active", Boolean, nullable=False, comment="as in sources, for the index"),
    Column("next_poll_at", BigInteger, nullable=False, comment="UTC microseconds; 0: never polled, so due"),
    Column("etag", Text, comment="byte for byte as the server sent it"),
    Column("last_modified", Text, comment="byte for byte as the server sent it"),
    Column("body_digest", Text),
    Column("config_digest", Text),
    Column("failures", Integer, nullable=False, comment="failed polls in a row"),
    Column("last_polled_at", Instant),
    Column("last_success_at", Instant),
    Column("last_changed_at", Instant),
    Column("last_error", Text, comment="one line; null after a success"),
    Column("last_error_kind", Text),
    Column("last_status", Integer, comment="HTTP status"),
    Column("why_due", Text, nullable=False, comment="why next_poll_at is what it is"),
    Column("full_at", BigInteger, comment="UTC microseconds: when the whole document was last sent"),
    Column("feed_url", Text, comment="the configured address when it was last polled"),
    Column("moved_to", Text, comment="a permanent redirect that is not believed yet"),
    Column("moved_since", BigInteger),
    Column("moved_polls", Integer),
    Column("believed_url", Text, comment="where it is asked for since it has moved; null: as configured"),
    Column("gone_at", BigInteger, comment="second 410 in a row: not polled any more"),
    Column("polls", BigInteger, comment="polls so far; null: none"),
    Column("watched_since", BigInteger, comment="first document that was read"),
    Column("pause", BigInteger, comment="usual time between publications, in microseconds"),
    Column("pushed_until", BigInteger, comment="a hub delivers until then; null: none does"),
    Column("host", Text, comment="that is asked, with its port; null: not known yet"),
    Column("entries", Integer, nullable=False, server_default="0", comment="entries that were not deleted upstream"),
    Index("ix_polls_due", "next_poll_at", sqlite_where=text("active = 1"), postgresql_where=text("active")),
    Index(
        "ix_polls_unwell",
        *("source", "failures", "gone_at", "last_polled_at"),
        sqlite_where=text(UNWELL),
        postgresql_where=text(UNWELL),
    ),
    comment="Schedule and validators: narrow, because every poll rewrites its row",
)

leases = Table(
    "leases",
    metadata,
    # No foreign key: whoever takes one has just read the row in polls, and PostgreSQL would lock the source's, too.
    Column("source", Text, primary_key=True),
    Column("owner", Text, nullable=False, comment="process that polls it now"),
    Column("until", BigInteger, nullable=False, comment="UTC microseconds"),
    sqlite_with_rowid=False,
    comment="Sources that are polled now: no second process may meanwhile",
)

poll_history = Table(
    "poll_history",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False, comment="polls go round: number of the poll mod 12"),
    Column("source", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("took", Integer, nullable=False, comment="milliseconds"),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("size", BigInteger, nullable=False, comment="bytes of the body, decoded"),
    Column("new", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("detail", Text),
    Column("next_poll_at", BigInteger),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
    comment="The last polls of each source. Slot first: the polls of one round lie together, which halves their cost",
)

host_holds = Table(
    "host_holds",
    metadata,
    Column("host", Text, primary_key=True),
    Column("until", BigInteger, nullable=False, comment="UTC microseconds"),
    comment="Hosts that asked to be left alone (Retry-After with 429 or 503); rows that have ended are deleted",
)

host_leases = Table(
    "host_leases",
    metadata,
    Column("host", Text, primary_key=True),
    Column("owner", Text, nullable=False, comment="'queued', or the run of a job"),
    Column("until", BigInteger, nullable=False, comment="UTC microseconds"),
    comment="Hosts for which a job waits or runs: no second one may ask them meanwhile",
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="Counters whose row lock makes the order of numbers the order of commits, which a sequence would not",
)

notes = Table(
    "notes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False, comment="JSON"),
    Column("at", Instant, nullable=False),
    comment="What a running service says of itself: its last sign of life, an edit that it did not take",
)
