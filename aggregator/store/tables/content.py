"""What was read: entries, their former revisions, and what the sites behind sources say."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, false, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from aggregator.store.tables.columns import Instant, Number, metadata

entries = Table(
    "entries",
    metadata,
    Column("key", Text, primary_key=True, comment="digest of source and the feed's id: unique means exactly once"),
    Column("source", Text, ForeignKey("sources.id"), nullable=False),
    Column("id_digest", BigInteger, nullable=False, comment="of the feed's id, which may be too long for an index"),
    Column("url_digest", BigInteger, comment="of the permalink; null: none"),
    Column("revision", Text, nullable=False),
    Column("ordered_at", Instant, nullable=False, comment="place in outputs, fixed at the first sighting"),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False, comment="exact once the entry has left its document"),
    Column("earliest_at", Instant, comment="earliest date that any revision gave"),
    Column("revised_at", Instant, comment="when the newest revision was stored; null: it is the first"),
    Column("deleted_at", Instant, comment="when it was deleted upstream; null: it was not"),
    Column("facts", Text, nullable=False, comment="JSON of model.Entry"),
    Column("content", Text, nullable=False, comment="JSON of model.Content; last, so that reading facts skips it"),
    Index("ix_entries_source", "source", "ordered_at", "key", "deleted_at"),
    Index("ix_entries_order", "ordered_at", "key", "source", "deleted_at"),
    Index("ix_entries_id", "id_digest"),
    Index("ix_entries_url", "url_digest"),
    comment="Newest revision of each entry",
)

entry_search = Table(
    "entry_search",
    metadata,
    Column("number", Number, primary_key=True, comment="order of arrival"),
    Column("entry", Text, ForeignKey("entries.key", ondelete="CASCADE"), nullable=False, unique=True),
    Column(
        "words",
        TSVECTOR().with_variant(Text, "sqlite"),
        nullable=False,
        comment="see store.words; SQLite keeps an FTS5 index over it (entry_words), PostgreSQL a GIN index",
    ),
    Column(
        "pending",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="whether its words are still to be made",
    ),
    Index("ix_entry_search_pending", "number", sqlite_where=text("pending = 1"), postgresql_where=text("pending")),
    comment="What full-text search looks at",
)

revisions = Table(
    "revisions",
    metadata,
    Column("number", Number, primary_key=True),
    Column("entry", Text, ForeignKey("entries.key", ondelete="CASCADE"), nullable=False),
    Column("revision", Text, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="when this revision was stored"),
    Column("facts", Text, nullable=False),
    Column("content", Text, nullable=False),
    Index("ix_revisions_entry", "entry", "number"),
    comment="Former revisions, appended when a newer one replaces them; never changed",
)

evidence = Table(
    "evidence",
    metadata,
    Column("source", Text, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("url", Text, primary_key=True, comment="of the document"),
    Column("kind", Text, nullable=False, comment="robots.txt, tdmrep.json or rsl"),
    Column("origin", Text, nullable=False, comment="of the feed: what the document speaks for"),
    Column("words", Text, comment="JSON of model.SiteWords; null: it is not there, or says nothing"),
    Column("quote", Text, nullable=False, comment="the same in a line, as written"),
    Column("read_at", Instant, comment="last good reading; null: there was none"),
    Column("next_at", Instant, nullable=False, comment="when it is asked for again"),
    Column("failures", Integer, nullable=False, comment="failed readings in a row; they delete nothing"),
    Column("problem", Text, comment="what failed or was odd, one line"),
    comment="What the sites behind sources say to machines, a row for each document that was asked for",
)
