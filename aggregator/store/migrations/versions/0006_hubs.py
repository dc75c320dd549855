"""WebSub in both roles, webhooks, and the queue of what waits to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False, comment="the feed's rel=self"),
        sa.Column("hubs", sa.Text(), nullable=False, comment="JSON: addresses as the feed names them"),
        sa.Column("hub", sa.Text(), nullable=True, comment="the one that was asked last"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=True, comment="our address for it; null: never asked"),
        sa.Column("token", sa.Text(), nullable=True, comment="the unguessable part of the callback"),
        sa.Column("secret", sa.Text(), nullable=True, comment="key of its deliveries' signatures"),
        sa.Column("asked_at", sa.BigInteger(), nullable=True, comment="of a request that is pending"),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True, comment="when something is to be done; null: nothing is"),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, comment="UTC microseconds; 0: nobody is at it"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failed requests in a row"),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("ignored", sa.Integer(), nullable=False, comment="deliveries without a good signature"),
        sa.Column("last_delivery_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source"),
        comment="Ours, at the WebSub hubs of sources",
    )
    op.create_index("ix_subscriptions_token", "subscriptions", ["token"], unique=True)
    op.create_index("ix_subscriptions_next", "subscriptions", ["next_at"])
    op.create_table(
        "hub_subscribers",
        sa.Column("key", sa.Text(), nullable=False, comment="digest of topic and callback"),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False, comment="of the callback"),
        sa.Column(
            "secret", sa.Text(), nullable=True, comment="key of our deliveries' signatures; null: they are not signed"
        ),
        sa.Column(
            "subscriber", sa.Text(), nullable=True, comment="whose secret address the topic is; null: a public one"
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failed deliveries in a row"),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        comment="Others, at our own WebSub hub",
    )
    op.create_index("ix_hub_subscribers_topic", "hub_subscribers", ["output", "format"])
    op.create_index("ix_hub_subscribers_host", "hub_subscribers", ["host"])
    op.create_index("ix_hub_subscribers_lease", "hub_subscribers", ["lease_until"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False, comment="the same for what makes the other superfluous"),
        sa.Column("kind", sa.Text(), nullable=False, comment="ping, verify, deliver, deny or webhook"),
        sa.Column("target", sa.Text(), nullable=False, comment="hub, subscription or webhook"),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON, by kind"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="grows when it is wanted again while it waits"),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, comment="UTC microseconds; 0: nobody is at it"),
        sa.Column("owner", sa.Text(), nullable=True, comment="process that sends it now"),
        sa.Column("problem", sa.Text(), nullable=True, comment="of the last try"),
        sa.PrimaryKeyConstraint("id"),
        comment="Requests that wait to be sent to hubs, subscribers of our hub, and webhooks",
    )
    op.create_index("ix_outbox_next", "outbox", ["next_at"])
    op.create_index("ix_outbox_target", "outbox", ["kind", "target"])
    op.create_table(
        "announced",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("output", "format"),
        comment="The documents that hubs and subscribers were last told of",
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=True, comment="whose it is; null: the operator's"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False, comment="key of its signatures"),
        sa.Column("events", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("outputs", sa.Text(), nullable=False, comment="JSON; empty: all"),
        sa.Column("private_addresses", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Addresses that are told of changes, beside those of the configuration",
    )
    op.create_table(
        "webhook_states",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False, comment="given up after a day"),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_failure_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True, comment="of the last try; null: it succeeded"),
        sa.PrimaryKeyConstraint("id"),
        comment="How each webhook is doing, configured ones too",
    )


def downgrade() -> None:
    op.drop_table("webhook_states")
    op.drop_table("webhooks")
    op.drop_table("announced")
    op.drop_table("outbox")
    op.drop_table("hub_subscribers")
    op.drop_table("subscriptions")
