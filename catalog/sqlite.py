"""What SQLite needs beside a server: its settings, whole migrations, and a copy before each."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from catalog.errors import CatalogError
from catalog.listing import fold

BUSY_MS = 30_000
"""How long a process waits for another one's writes."""


def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set a new connection up."""
    # Readers (another terminal's `jobs show`) must not wait for the writer, nor fail at once.
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function("folded", 1, fold, deterministic=True)


@contextmanager
def schema_transaction(engine: Engine) -> Iterator[Connection]:
    """Give a connection in one transaction that holds the schema's changes too, and commit it.

    Python's driver by itself begins a transaction at the first row that is written, and leaves the
    tables made before outside of it. Foreign keys are looked at once, at the end: while they are
    enforced, to replace a table by an altered copy deletes all rows that refer to it.

    Raises:
        CatalogError: rows would refer to others that are not there; nothing was changed.
    """
    migrating = create_engine(engine.url, poolclass=NullPool)
    event.listen(migrating, "connect", prepare)
    event.listen(migrating, "connect", _leave_transactions_alone)
    event.listen(migrating, "begin", _begin_immediate)
    try:
        with migrating.begin() as connection:
            before = _dangling(connection)
            yield connection
            if _dangling(connection) > before:
                raise CatalogError(
                    f"the schema of {engine.url.database} cannot be changed: rows would refer to "
                    "others that are not there. Nothing was changed"
                )
    finally:
        migrating.dispose()


def _leave_transactions_alone(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    # A migration must be on the disk before anything is written that needs it.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # At once for writing: of two processes the second one waits, and finds the work done.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _dangling(connection: Connection) -> int:
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())


def copy_path(catalog: Path) -> Path:
    """Return where the copy of a catalog is that was made before its last upgrade."""
    return catalog.with_name(f"{catalog.name}.before-upgrade")


def copy_catalog(catalog: Path) -> Path:
    """Copy a catalog as it was committed last, whole or not at all, and return the copy's path.

    Raises:
        CatalogError: there is no room for the copy, or its folder cannot be written.
    """
    target = copy_path(catalog)
    unfinished = target.with_name(f"{target.name}.tmp")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=catalog.stat().st_mode & 0o777)
        with (
            closing(sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True)) as origin,
            closing(sqlite3.connect(unfinished)) as copy,
        ):
            origin.backup(copy)
            # A copy in one file, whatever is beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        unfinished.chmod(catalog.stat().st_mode & 0o777)
        unfinished.replace(target)
        _sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise CatalogError(
            f"{catalog} must be upgraded, and cannot be copied to {target} before: {error}. "
            "Make room on the disk or the folder writable, and run the command again; "
            "nothing was changed"
        ) from error
    return target


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def how_to_go_back(catalog: Path) -> str:
    """Return the sentence that says how to go back to the copy, or that there is none."""
    copy = copy_path(catalog)
    if not copy.exists():
        return f"There is no copy at {copy}; bring {catalog} back from a backup"
    return (
        f"Its copy of before the last upgrade, which lacks what was done since, is at {copy}. "
        f"To go back to it, keep {catalog} elsewhere, then `rm -f '{catalog}-wal' '{catalog}-shm' "
        f"&& cp '{copy}' '{catalog}'`"
    )
