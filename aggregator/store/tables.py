"""All tables, as Core metadata: one schema for SQLite and PostgreSQL. `migrations/` builds the same step by step.

Conventions: instants are UTC microseconds in a BIGINT (exact, small and equal on both databases; PostgreSQL's own type
and SQLite's text would cost a parse for each value); JSON is text, so that a person with a database shell can read it
(`facts ->> '$.title'`), and so that an escaped NUL in a feed's text is no trouble for PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

if TYPE_CHECKING:
    from sqlalchemy import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970, exactly.

    Raises:
        ValueError: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"instant '{instant}' has no time zone")
    return (instant - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The aware UTC instant."""
    return EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as UTC microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


Number = BigInteger().with_variant(Integer, "sqlite")
"""Counts up by itself; only SQLite's INTEGER does there."""

_STANDS = text("closed_at IS NULL")

metadata = MetaData()

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
    Column("leased_until", BigInteger, nullable=False, comment="UTC microseconds; 0: not leased"),
    Column("lease_owner", Text, comment="process that polls it now"),
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
    Index("ix_polls_due", "next_poll_at", sqlite_where=text("active = 1"), postgresql_where=text("active")),
    comment="Schedule, lease and validators: narrow, because every poll rewrites its row",
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
    Column("body", LargeBinary, nullable=False),
    comment="Ready bytes",
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
    comment="That an entry stood in an output, from when until when, under which decision",
)

flags = Table(
    "flags",
    metadata,
    Column("id", Text, primary_key=True, comment="digest of subject, publisher and kind"),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="entry:KEY or source:ID"),
    Column("source", Text, nullable=False),
    Column("entry", Text),
    Column("title", Text, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("contact", Text),
    Column("reason", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("where", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_because", Text, nullable=False),
    Index("ix_flags_opened", "opened_at"),
    Index("ix_flags_waiting", "kind", "opened_at", sqlite_where=_STANDS, postgresql_where=_STANDS),
    Index("ix_flags_publisher", "publisher", sqlite_where=_STANDS, postgresql_where=_STANDS),
    Index("ix_flags_source", "source", sqlite_where=_STANDS, postgresql_where=_STANDS),
    comment="Questions to an admin",
)

flag_outputs = Table(
    "flag_outputs",
    metadata,
    Column("flag", Text, ForeignKey("flags.id", ondelete="CASCADE"), primary_key=True),
    Column("output", Text, primary_key=True),
    Index("ix_flag_outputs_output", "output"),
    comment="Which outputs wait for the answer",
)

approvals = Table(
    "approvals",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("output", Text, primary_key=True),
    Column("digest", Text, nullable=False, comment="of origin, licence and notice when it was picked"),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("rejected", Boolean, nullable=False, server_default=false(), comment="true: must not stand there"),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Index("ix_approvals_output", "output"),
    comment="Entries that a person picked for an output",
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
    comment="Entries that a person took out everywhere; they stay out",
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, comment="its site"),
    Column("contact", Text, comment="mail address of who runs it"),
    Column("use", Text, nullable=False, comment="JSON of model.Use: what it declared to do with the copies"),
    Column("outputs", Text, nullable=False, comment="JSON: ids of the outputs that it may take"),
    Column("formats", Text, nullable=False, comment="JSON: formats that it may take; empty: all"),
    Column("rate", Integer, nullable=False, comment="requests in an hour"),
    Column("secret_digest", Text, nullable=False, comment="hex SHA-256 of its secret, which is kept nowhere"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("issued_at", Instant, nullable=False, comment="when its secret was made"),
    Column("expires_at", Instant, comment="from when it is refused; null: never"),
    Column("revoked_at", Instant, comment="from when it is refused; null: it was not revoked"),
    Column("reason", Text, nullable=False, comment="why it was revoked"),
    Index("ix_subscribers_secret", "secret_digest", unique=True),
    comment="Sites that take outputs at addresses of their own",
)

fetches = Table(
    "fetches",
    metadata,
    Column("subscriber", Text, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("output", Text, primary_key=True),
    Column("modified_at", Instant, primary_key=True, comment="of the document: which of its versions"),
    Column("first_at", Instant, nullable=False, comment="when it first took that version"),
    Column("last_at", Instant, nullable=False, comment="when it last took it, or was told that it has it"),
    Column("count", BigInteger, nullable=False),
    Column("formats", Text, nullable=False, comment="in which it took it, between commas"),
    Index("ix_fetches_output", "output", "first_at"),
    Index("ix_fetches_last", "last_at"),
    comment="Which version of which output each subscriber took, and when",
)

grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("given_at", Instant, comment="as the grant says"),
    Column("revoked_at", Instant),
    Column("facts", Text, nullable=False, comment="JSON of model.Grant as it was given"),
    comment="Recorded written permissions, and refusals: those with the effect deny",
)

flag_states = Table(
    "flag_states",
    metadata,
    Column("flag", Text, ForeignKey("flags.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False, comment="open, requested, granted, refused or dismissed"),
    Column("assignee", Text, comment="name of an account"),
    Column("due_on", Text, comment="ISO day"),
    Column("opened_at", Instant, nullable=False, comment="of the flag when somebody ruled: opened again, it is void"),
    Column("facts", Text, nullable=False, comment="digest of the question as it was then"),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("ix_flag_states_assignee", "assignee"),
    Index("ix_flag_states_due", "due_on"),
    comment="What people did about a flag; builds never write here",
)

flag_comments = Table(
    "flag_comments",
    metadata,
    Column("number", Number, primary_key=True),
    Column("flag", Text, ForeignKey("flags.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_flag_comments_flag", "flag", "number"),
    comment="What people said of a flag",
)

letters = Table(
    "letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("publisher", Text, nullable=False),
    Column("to", Text, nullable=False, comment="mail address; empty: it must go by other ways"),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("answer_by", Text, comment="ISO day by which an answer is wanted"),
    Column("sent_at", Instant, comment="null: a draft"),
    Column("sent_how", Text, nullable=False, comment="smtp, eml or hand"),
    Column("reminded_at", Instant),
    Column("answered_at", Instant),
    Column("answer", Text, nullable=False),
    Column("answer_file", Text, nullable=False, comment="name and SHA-256 of the answer as a file"),
    Column("outcome", Text, nullable=False, comment="granted, refused or other; empty until answered"),
    Column("chased_at", Instant, comment="reminder by the clock"),
    Index("ix_letters_drafted", "drafted_at"),
    comment="Requests to publishers and their answers",
)

letter_flags = Table(
    "letter_flags",
    metadata,
    Column("letter", Text, ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True),
    Column("flag", Text, primary_key=True, comment="no foreign key: a letter outlives its cause"),
    Column("number", Integer, nullable=False, comment="order in the letter"),
    Index("ix_letter_flags_flag", "flag"),
    comment="What a letter asks about",
)

terms_watch = Table(
    "terms_watch",
    metadata,
    Column("policy", Text, primary_key=True),
    Column("part", Text, primary_key=True, comment="page, or source:ID"),
    Column("url", Text, nullable=False),
    Column("kept", Text, comment="text that a person looked at; null: never read"),
    Column("kept_at", Instant),
    Column("seen", Text, comment="text that says something else; null: it does not"),
    Column("seen_at", Instant),
    Column("checked_at", Instant, comment="last good reading"),
    Column("next_at", Instant, nullable=False),
    Column("failing_since", Instant),
    Column("failures", Integer, nullable=False, comment="failed readings in a row"),
    Column("problem", Text, comment="of the last reading, one line"),
    Column("looked_at", Instant, comment="when a person last confirmed it"),
    Column("looked_by", Text),
    Column("ruled_at", BigInteger, nullable=False, comment="last change or confirmation; 0: none"),
    Index("ix_terms_watch_next", "next_at"),
    comment="The texts behind policies, as a person last looked at them and as they are now",
)

applications = Table(
    "applications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False, comment="its site"),
    Column("contact", Text, nullable=False, comment="mail address of who runs it"),
    Column("use", Text, nullable=False, comment="JSON of model.Use: what it declares"),
    Column("outputs", Text, nullable=False, comment="JSON: ids of the outputs it asks for"),
    Column("note", Text, nullable=False, comment="in its own words"),
    Column("accepted", Text, nullable=False, comment="JSON: the conditions as they were shown"),
    Column("asked_at", Instant, nullable=False),
    Column("mail_digest", Text, comment="SHA-256 of the confirming link's secret"),
    Column("confirmed_at", Instant, comment="when the link in the mail was followed"),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    Column("refused", Boolean, nullable=False, server_default=false()),
    Column("reason", Text, nullable=False),
    Column("subscriber", Text, comment="id of what it became"),
    Column("link_digest", Text, comment="SHA-256 of the link that shows its addresses once"),
    Column("link_expires_at", Instant),
    Column("collected_at", Instant),
    Index("ix_applications_asked", "asked_at"),
    Index("ix_applications_mail", "mail_digest"),
    Index("ix_applications_link", "link_digest"),
    comment="Sites that asked to take outputs",
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("version", Text, primary_key=True, comment="digest of the configuration, as decisions name it"),
    Column("kept_at", Instant, nullable=False),
    Column("unknown_policy", Text, nullable=False),
    Column("policies", LargeBinary, nullable=False, comment="zlib of JSON: the policies as they were read"),
    comment="Policies of every configuration that was in force, so that decisions can be made again",
)

quotas = Table(
    "quotas",
    metadata,
    Column("key", Text, primary_key=True, comment="form and digest of the address; form alone: all together"),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    comment="How often public forms were sent in the running hour",
)

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False, comment="viewer, reviewer, operator or admin"),
    Column("email", Text),
    Column("password", Text, comment="argon2id; null: none yet, so nobody can log in by one"),
    Column("totp", Text, comment="base32 secret of the second factor; null: none"),
    Column("totp_step", BigInteger, nullable=False, comment="time step of the last code: none works twice"),
    Column("language", Text, comment="of the pages; null: as the browser asks"),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("last_login_at", Instant),
    Column("digest", Text, comment="daily, weekly or never; null: as set"),
    Column("digest_at", Instant, comment="when the last was made"),
    comment="Accounts of people who administer",
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of the cookie: a copy of this table opens nothing"),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="to the minute"),
    Column("expires_at", Instant, nullable=False),
    Index("ix_sessions_user", "user"),
    Index("ix_sessions_expires", "expires_at"),
    comment="Who is logged in; rows are deleted when they end",
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 of the secret"),
    Column("name", Text, nullable=False),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("used_at", Instant, comment="to the minute"),
    Column("scopes", Text, nullable=False, server_default="[]", comment="JSON: parts of the API; []: all"),
    comment="Keys of programs to the API",
)

repeats = Table(
    "repeats",
    metadata,
    Column("key", Text, primary_key=True, comment="digest of account, operation and Idempotency-Key"),
    Column("asked", Text, nullable=False, comment="digest of the request"),
    Column("status", Integer, comment="of the answer; null: not answered yet"),
    Column("headers", Text, comment="JSON"),
    Column("body", LargeBinary, comment="of the answer, without secrets"),
    Column("expires_at", Instant, nullable=False),
    Index("ix_repeats_expires", "expires_at"),
    comment="Answers to requests with an Idempotency-Key, to be given again",
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True, comment="the provider's own name of a person: it never changes"),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Index("ix_identities_user", "user"),
    comment="Who a person of an OpenID Connect provider is here",
)

oidc_logins = Table(
    "oidc_logins",
    metadata,
    Column("state", Text, primary_key=True, comment="SHA-256 of it"),
    Column("browser", Text, nullable=False, comment="SHA-256 of the cookie of the browser that began"),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False, comment="of PKCE"),
    Column("target", Text, nullable=False, comment="page to go to afterwards"),
    Column("user", Text, comment="account that is to be linked; null: a login"),
    Column("expires_at", Instant, nullable=False),
    Index("ix_oidc_logins_expires", "expires_at"),
    comment="Logins that wait for the provider's answer; a row is deleted when it comes",
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of the link's secret"),
    Column("user", Text, comment="whose password it sets; null: it makes the first administrator"),
    Column("expires_at", Instant, nullable=False),
    comment="One-time links; a row is deleted when it is used",
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True, comment="account:NAME or address:IP"),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Index("ix_attempts_last", "last_at"),
    comment="Failed logins, for the brake on guessing",
)

ledger = Table(
    "ledger",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="from 1, without gaps"),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False, comment="release, end, withdrawal, flag, approval, grant, config"),
    Column("subject", Text, nullable=False, comment="what it is about: output/entry, flag, grant …"),
    Column("body", Text, nullable=False, comment="canonical JSON"),
    Column("previous", Text, nullable=False, comment="hash of the record before; empty for the first"),
    Column("hash", Text, nullable=False, comment="hex SHA-256 over all columns before this one"),
    Index("ix_ledger_kind", "kind", "number"),
    Index("ix_ledger_subject", "subject"),
    comment="Append-only, hash-chained: what changed what is public, and who or what decided it",
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("source", Text, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", Text, nullable=False, comment="the feed's rel=self"),
    Column("hubs", Text, nullable=False, comment="JSON: addresses as the feed names them"),
    Column("hub", Text, comment="the one that was asked last"),
    Column("state", Text, nullable=False),
    Column("callback", Text, comment="our address for it; null: never asked"),
    Column("token", Text, comment="the unguessable part of the callback"),
    Column("secret", Text, comment="key of its deliveries' signatures"),
    Column("asked_at", Instant, comment="of a request that is pending"),
    Column("lease_until", Instant),
    Column("next_at", Instant, comment="when something is to be done; null: nothing is"),
    Column("claimed_until", BigInteger, nullable=False, comment="UTC microseconds; 0: nobody is at it"),
    Column("failures", Integer, nullable=False, comment="failed requests in a row"),
    Column("deliveries", Integer, nullable=False),
    Column("ignored", Integer, nullable=False, comment="deliveries without a good signature"),
    Column("last_delivery_at", Instant),
    Column("problem", Text),
    Index("ix_subscriptions_token", "token", unique=True),
    Index("ix_subscriptions_next", "next_at"),
    comment="Ours, at the WebSub hubs of sources",
)

hub_subscribers = Table(
    "hub_subscribers",
    metadata,
    Column("key", Text, primary_key=True, comment="digest of topic and callback"),
    Column("topic", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False, comment="of the callback"),
    Column("secret", Text, comment="key of our deliveries' signatures; null: they are not signed"),
    Column("created_at", Instant, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("failures", Integer, nullable=False, comment="failed deliveries in a row"),
    Column("last_success_at", Instant),
    Column("problem", Text),
    Index("ix_hub_subscribers_topic", "output", "format"),
    Index("ix_hub_subscribers_host", "host"),
    Index("ix_hub_subscribers_lease", "lease_until"),
    comment="Others, at our own WebSub hub",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True, comment="the same for what makes the other superfluous"),
    Column("kind", Text, nullable=False, comment="ping, verify, deliver, deny or webhook"),
    Column("target", Text, nullable=False, comment="hub, subscription or webhook"),
    Column("facts", Text, nullable=False, comment="JSON, by kind"),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("version", Integer, nullable=False, comment="grows when it is wanted again while it waits"),
    Column("claimed_until", BigInteger, nullable=False, comment="UTC microseconds; 0: nobody is at it"),
    Column("owner", Text, comment="process that sends it now"),
    Column("problem", Text, comment="of the last try"),
    Index("ix_outbox_next", "next_at"),
    Index("ix_outbox_target", "kind", "target"),
    comment="Requests that wait to be sent to hubs, subscribers of our hub, and webhooks",
)

announced = Table(
    "announced",
    metadata,
    Column("output", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    comment="The documents that hubs and subscribers were last told of",
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subscriber", Text, comment="whose it is; null: the operator's"),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False, comment="key of its signatures"),
    Column("events", Text, nullable=False, comment="JSON"),
    Column("outputs", Text, nullable=False, comment="JSON; empty: all"),
    Column("private_addresses", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    comment="Addresses that are told of changes, beside those of the configuration",
)

webhook_states = Table(
    "webhook_states",
    metadata,
    Column("id", Text, primary_key=True),
    Column("delivered", Integer, nullable=False),
    Column("dropped", Integer, nullable=False, comment="given up after a day"),
    Column("last_success_at", Instant),
    Column("last_failure_at", Instant),
    Column("problem", Text, comment="of the last try; null: it succeeded"),
    comment="How each webhook is doing, configured ones too",
)
