"""What SQLite says of a file that is damaged, full, closed to writing or in use, in plain words."""

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from catalog.errors import (
    CatalogBusy,
    CatalogDamaged,
    CatalogDiskFull,
    CatalogError,
    CatalogNotAccessible,
)
from catalog.sqlite import how_to_go_back

PRIMARY = 0xFF
"""What of an error's code says its kind; the rest says where it was met."""

PAGES_NEEDED = 1 << 16
"""Bytes without which SQLite cannot even open a database in this mode."""

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
CLOSED = {
    sqlite3.SQLITE_READONLY: "cannot be written",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PERM: "cannot be opened",
    sqlite3.SQLITE_IOERR: "cannot be read or written",
}


def explanation(error: BaseException | None, catalog: Path) -> CatalogError | None:
    """Return the catalog's own error for one of SQLite about its file; ``None`` for any other."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", None)
    kind = None if code is None else code & PRIMARY
    if kind in DAMAGED or _lacks_what_it_should_hold(error):
        return CatalogDamaged(f"{catalog} is damaged: {error}. {how_to_go_back(catalog)}")
    # The file that readers and writers share says of a full disk only that it failed.
    if kind == sqlite3.SQLITE_FULL or (kind == sqlite3.SQLITE_IOERR and _is_full(catalog.parent)):
        return CatalogDiskFull(
            f"the disk is full where {catalog} lies, so nothing was written. Make room, and run "
            "the same command again"
        )
    if kind in BUSY:
        return CatalogBusy(f"{catalog} is in use by another process: {error}")
    if kind in CLOSED:
        return CatalogNotAccessible(
            f"{catalog} {CLOSED[kind]}: {error}. See that it and its folder may be read and "
            "written, and that the disk is sound and has room"
        )
    return None


def _is_full(folder: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(folder).free < PAGES_NEEDED
    return False


def _lacks_what_it_should_hold(error: sqlite3.Error) -> bool:
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith(
        ("no such table", "no such column", "Could not decode")
    )
