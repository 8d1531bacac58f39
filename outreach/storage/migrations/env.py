"""Runs migrations on the connection that :mod:`outreach.storage.migrate` hands over."""

from alembic import context

import outreach.storage.tables
import outreach.storage.web_tables  # noqa: F401
from bookings.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    transactional_ddl=True,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
