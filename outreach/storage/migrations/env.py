"""Runs migrations on the connection that :mod:`outreach.storage.migrate` hands over."""

from alembic import context

import outreach.storage.tables  # noqa: F401  (fills the metadata)
from bookings.models import metadata

connection = context.config.attributes["connection"]
if connection.dialect.name == "sqlite":
    # A table that is rebuilt is dropped for a moment; what points at it is checked again at the commit.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
context.configure(
    connection=connection,
    transactional_ddl=True,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
