"""Who subscribes, and what goes out to them by itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, false

from aggregator.store.tables.columns import Instant, metadata

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
    Column("language", Text, comment="of the page on which it applied; it is written to in it"),
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

quotas = Table(
    "quotas",
    metadata,
    Column("key", Text, primary_key=True, comment="form and digest of the address; form alone: all together"),
    Column("since", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    comment="How often public forms were sent in the running hour",
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
