"""What the pages of the desk look things up by: full-text search, what waits, what outputs hold back."""

import msgspec
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from aggregator.model.entry import Entry
from aggregator.store.words import stored_words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 500

# The words are folded and cut already: whatever stands between two spaces is one.
INDEX = """CREATE VIRTUAL TABLE entry_words USING fts5(
  words, content='entry_search', content_rowid='number',
  tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'"
)"""
# So many parts of the index are made one at a time: half as many cost a third more of each entry.
MERGE = "INSERT INTO entry_words (entry_words, rank) VALUES ('automerge', 16)"
# A row without words is not in the index. What a row loses goes before what it gets: the order of two triggers would
# be nobody's promise.
ADD = "INSERT INTO entry_words (rowid, words) SELECT new.number, new.words WHERE new.words != '';"
DROP = """INSERT INTO entry_words (entry_words, rowid, words)
  SELECT 'delete', old.number, old.words WHERE old.words != '';"""
FTS = (
    INDEX,
    MERGE,
    f"CREATE TRIGGER entry_search_added AFTER INSERT ON entry_search WHEN new.words != '' BEGIN {ADD} END",
    f"CREATE TRIGGER entry_search_gone AFTER DELETE ON entry_search WHEN old.words != '' BEGIN {DROP} END",
    f"CREATE TRIGGER entry_search_changed AFTER UPDATE OF words ON entry_search BEGIN {DROP} {ADD} END",
)


def upgrade() -> None:
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    op.create_table(
        "entry_search",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="order of arrival",
        ),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column(
            "words",
            TSVECTOR().with_variant(sa.Text(), "sqlite"),
            nullable=False,
            comment="see store.words; SQLite keeps an FTS5 index over it (entry_words), PostgreSQL a GIN index",
        ),
        sa.Column(
            "pending",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="whether its words are still to be made",
        ),
        sa.ForeignKeyConstraint(["entry"], ["entries.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("entry"),
        comment="What full-text search looks at",
    )
    op.create_index(
        "ix_entry_search_pending",
        "entry_search",
        ["number"],
        sqlite_where=sa.text("pending = 1"),
        postgresql_where=sa.text("pending"),
    )
    if on_sqlite:
        for statement in FTS:
            connection.exec_driver_sql(statement)
    _fill(connection)
    _waiting()
    if not on_sqlite:
        told = "Recorded written permissions, and refusals: those with the effect deny"
        op.create_table_comment("grants", told, existing_comment="Recorded written permissions")
        op.execute(sa.text("CREATE INDEX ix_entry_words ON entry_search USING gin (words)"))


def _waiting() -> None:
    stands = sa.text("closed_at IS NULL")
    for name, columns in (("waiting", ["kind", "opened_at"]), ("publisher", ["publisher"]), ("source", ["source"])):
        op.create_index(f"ix_flags_{name}", "flags", columns, sqlite_where=stands, postgresql_where=stands)
    told = {"held": "candidates that it could not carry", "picks": "those that only wait for a pick"}
    for name, comment in told.items():
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"), comment=comment)
        op.add_column("outputs", column)


def _fill(connection: sa.Connection) -> None:
    """Makes what is stored findable, the oldest first."""
    decode = msgspec.json.Decoder(Entry).decode
    to = sa.table(
        "entry_search", sa.column("entry", sa.Text), sa.column("words", TSVECTOR().with_variant(sa.Text(), "sqlite"))
    )
    add = to.insert()
    read = sa.text("""
        SELECT key, ordered_at, facts, content FROM entries
        WHERE ordered_at >= :at AND (ordered_at > :at OR key > :key) ORDER BY ordered_at, key LIMIT :batch
    """)
    place = {"at": -(2**62), "key": ""}
    while rows := connection.execute(read, {**place, "batch": BATCH}).all():
        found = [
            {"entry": row.key, "words": stored_words(connection.dialect.name, decode(row.facts), row.content)}
            for row in rows
        ]
        connection.execute(add, found)
        place = {"at": rows[-1].ordered_at, "key": rows[-1].key}


def downgrade() -> None:
    for name in ("held", "picks"):
        op.drop_column("outputs", name)
    for name in ("waiting", "publisher", "source"):
        op.drop_index(f"ix_flags_{name}", "flags")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text("DROP TABLE entry_words"))
    op.drop_table("entry_search")
