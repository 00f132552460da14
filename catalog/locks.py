"""Advisory locks between processes, in the catalog's database.

Postgres releases them when the connection of a killed process ends. A SQLite catalog belongs to an
embedded index, which only one process may open at a time, so nothing is locked there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from catalog.database import Database

VASARI = 0x7661
"""Sets the locks of this product apart from others in the same database."""


class AdvisoryLock(IntEnum):
    """What is locked; the values are the keys in Postgres."""

    CLAIM = 1
    """Claiming tasks."""
    INDEX = 2
    """Writing to the index, which many may do at once (shared); or changing its generations or
    vectors, which one process does alone (exclusive)."""
    COLLECTION = 3
    """Fitting and measuring what depends on the collection as a whole."""
    ARTISTS = 4
    """Adding artists to the catalog."""


@contextmanager
def advisory_lock(
    database: Database, what: AdvisoryLock, *, shared: bool = False
) -> Iterator[None]:
    """Wait for a lock, and hold it until the block ends.

    Args:
        shared: together with others that share it, and with none that holds it exclusively.

    Raises:
        CatalogUnreachable: the server was lost while waiting.
    """
    if not database.is_server:
        yield
        return
    kind = "_shared" if shared else ""
    with database.connected() as connection:
        _call(connection, f"pg_advisory_lock{kind}", what)
        try:
            yield
        finally:
            try:
                _call(connection, f"pg_advisory_unlock{kind}", what)
            except DBAPIError:
                # The server released the lock itself when it lost the connection.
                connection.invalidate()


def lock_for_transaction(session: Session, what: AdvisoryLock) -> None:
    """Wait for a lock, and hold it until the session's transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        _call(session.connection(), "pg_advisory_xact_lock", what)


def _call(connection: Connection, function: str, what: AdvisoryLock) -> None:
    connection.execute(
        text(f"SELECT {function}(:vasari, :what)"), {"vasari": VASARI, "what": int(what)}
    )
