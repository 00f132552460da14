"""Runs the migrations on the connection that the caller hands over."""

from alembic import context
from sqlalchemy import text

from catalog.models import Base

ADVISORY_LOCK = 7_611_527_114
"""Any fixed number: processes that start together migrate one after the other."""


def run() -> None:
    """Migrate within the caller's transaction."""
    connection = context.config.attributes["connection"]
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
