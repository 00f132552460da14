"""Turns that processes take through the catalog's database.

On Postgres they are advisory locks, which end with the connection of a process that is killed. A
SQLite catalog belongs to an embedded index, which one process at a time may hold: nobody there has
to be waited for.
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


class Turn(IntEnum):
    """What processes take turns at."""

    CLAIM = 1
    """Claiming tasks."""
    INDEX = 2
    """Writing to the index, which many may do together; or changing what it is made of, which one
    does alone."""
    COLLECTION = 3
    """Fitting and measuring what depends on the collection as a whole."""
    ARTISTS = 4
    """Adding artists to the catalog."""


@contextmanager
def turn(database: Database, what: Turn, *, shared: bool = False) -> Iterator[None]:
    """Wait for a turn, and hold it until the block ends.

    Args:
        shared: beside others that share it, but beside nobody who holds it alone.

    Raises:
        CatalogUnreachable: the server was lost while waiting.
    """
    if not database.is_server:
        yield
        return
    with database.connected() as connection:
        _call(connection, "pg_advisory_lock_shared" if shared else "pg_advisory_lock", what)
        try:
            yield
        finally:
            try:
                _call(
                    connection,
                    "pg_advisory_unlock_shared" if shared else "pg_advisory_unlock",
                    what,
                )
            except DBAPIError:
                # The server gave the turn back itself when it lost the connection.
                connection.invalidate()


def take_turn(session: Session, what: Turn) -> None:
    """Wait for a turn, and hold it until the session's transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        _call(session.connection(), "pg_advisory_xact_lock", what)


def _call(connection: Connection, function: str, what: Turn) -> None:
    connection.execute(
        text(f"SELECT {function}(:vasari, :what)"), {"vasari": VASARI, "what": int(what)}
    )
