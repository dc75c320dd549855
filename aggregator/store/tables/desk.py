"""What people ruled and what waits for them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, false, text

from aggregator.store.tables.columns import Instant, Number, metadata

_STANDS = text("closed_at IS NULL")

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

grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("given_at", Instant, comment="as the grant says"),
    Column("revoked_at", Instant),
    Column("facts", Text, nullable=False, comment="JSON of model.Grant as it was given"),
    comment="Recorded written permissions, and refusals: those with the effect deny",
)

evidence_files = Table(
    "evidence_files",
    metadata,
    Column(
        "grant",
        Text,
        ForeignKey("grants.id", ondelete="CASCADE"),
        primary_key=True,
        comment="a permission, or a refusal",
    ),
    Column("digest", Text, primary_key=True, comment="SHA-256 of the file"),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("kept_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="Letters that prove permissions and refusals, as files",
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
    Column("sending_at", Instant, comment="since when somebody hands it to the mail server"),
    Index("ix_letters_drafted", "drafted_at"),
    comment="Requests to publishers and their answers",
)

answer_files = Table(
    "answer_files",
    metadata,
    Column("letter", Text, ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, primary_key=True, comment="SHA-256 of the file"),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("kept_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="Publishers' answers as files: evidence of permissions and refusals",
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

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("version", Text, primary_key=True, comment="digest of the configuration, as decisions name it"),
    Column("kept_at", Instant, nullable=False),
    Column("unknown_policy", Text, nullable=False),
    Column("policies", LargeBinary, nullable=False, comment="zlib of JSON: the policies as they were read"),
    comment="Policies of every configuration that was in force, so that decisions can be made again",
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
