"""What Alembic runs: on the connection, and in the transaction, that `migrate.upgrade` hands over."""

from alembic import context

from aggregator.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by building it anew
)
with context.begin_transaction():
    context.run_migrations()
