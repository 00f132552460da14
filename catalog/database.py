"""Opening the catalog's database, Postgres or SQLite, at the schema that this code knows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    StatementError,
)
from sqlalchemy.orm import Session, sessionmaker

from catalog.errors import (
    CatalogBusy,
    CatalogDamaged,
    CatalogError,
    CatalogUnreachable,
    InvalidAddress,
    SchemaOutdated,
    SchemaTooNew,
    SchemaUnclear,
)
from catalog.healing import heal
from catalog.plain_text import UnfitValue
from catalog.revisions import known_revisions, migrate, newest_revision
from catalog.silent_server import KEEPALIVE, watch
from catalog.sqlite import copy_catalog, how_to_go_back, prepare, schema_transaction
from catalog.sqlite_faults import explanation

YIELDED = frozenset({"40001", "40P01"})
"""Postgres: a serialisation failure, a deadlock."""

LOST = ("08", "57P", "53300")
"""Postgres: how the codes begin of a connection that failed, of a server that is shutting down or
starting up, of one with no connection left."""

TOO_LARGE = "54"
"""Postgres: how the codes begin of what is longer than an index, a row or a statement holds."""

BEGINNINGS = "the address of the database begins with postgresql:// or sqlite:///"

CONNECT_SECONDS = 10
"""For a connection, unless the address says otherwise."""


class Database:
    """The catalog's database.

    Args:
        url: an SQLAlchemy URL, ``sqlite:///...`` or ``postgresql+psycopg://...``.
    """

    def __init__(self, url: str) -> None:
        self.engine = _create_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def name(self) -> str:
        """The address without its passwords, fit for a log."""
        url = self.engine.url
        secret = [name for name in url.query if "password" in name.lower()]
        return url.difference_update_query(secret).render_as_string(hide_password=True)

    @property
    def is_server(self) -> bool:
        """Whether it is on a server, which several processes may speak to at once."""
        return self.engine.url.get_backend_name() != "sqlite"

    @property
    def _file(self) -> Path:
        return Path(self.engine.url.database or "").absolute()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that commits at the end, or rolls back if an exception leaves it.

        Raises:
            CatalogUnreachable: the server was lost. Whether the transaction holds is not known.
            UnfitValue: a value in it is one that no database holds; nothing of it holds.
            CatalogBusy: another transaction stood in its way; nothing of this one holds.
            CatalogError: the file is damaged, or cannot be read or written.
        """
        with self._explained(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Give a session that reads the catalog as it is at one moment, whoever writes meanwhile.

        Raises:
            CatalogUnreachable: the server was lost.
            CatalogError: the file is damaged, or cannot be read.
        """
        with self._explained(), self.engine.connect() as connection:
            if self.is_server:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            else:
                # Python's driver begins a transaction only where something is written.
                connection.exec_driver_sql("BEGIN")
            with Session(connection) as session:
                yield session

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Give a connection on which every statement stands for itself.

        Raises:
            CatalogUnreachable: the server was lost.
        """
        with self._explained(), self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session to read with, whose statements stand for themselves.

        It asks a server without the words that begin and end a transaction, for which a search
        would wait as long as for its rows.

        Raises:
            CatalogUnreachable: the server was lost.
            CatalogError: the file is damaged, or cannot be read.
        """
        with self.connected() as connection, Session(connection) as session:
            yield session

    def require_sound(self) -> None:
        """Read a catalog's file through; servers look after their own.

        Raises:
            CatalogDamaged: its tables or their indexes are not as SQLite wrote them.
        """
        if self.is_server:
            return
        with self.connected() as connection:
            fault = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if fault != "ok":
            raise CatalogDamaged(f"{self._file} is damaged: {fault}. {how_to_go_back(self._file)}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            plain = self._plainly(error)
            if plain is None:
                raise
            raise plain from error
        except (OverflowError, UnicodeEncodeError) as error:
            # From SQLite's driver, which could not even send a value.
            raise UnfitValue(f"the catalog cannot store a value: {error}") from error

    def _plainly(self, error: DBAPIError | sqlite3.Error) -> CatalogError | None:
        """Return the catalog's own error for one of the database as a whole."""
        if not self.is_server:
            # What is done as a connection opens is not wrapped.
            cause = error.orig if isinstance(error, DBAPIError) else error
            return explanation(cause, self._file)
        state: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
        if state in YIELDED:
            return CatalogBusy(f"the database at {self.name} was busy: {_first_line(error)}")
        if getattr(error, "connection_invalidated", False) or (
            isinstance(error, OperationalError) and (state or LOST[0]).startswith(LOST)
        ):
            return CatalogUnreachable(f"no database answers at {self.name}: {_first_line(error)}")
        return None

    def revision(self) -> str | None:
        """Return the schema revision that the database is at; ``None`` for an empty database.

        Raises:
            CatalogError: it cannot be read.
        """
        try:
            with self._explained(), self.engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            if not self.is_server:
                raise
            raise CatalogUnreachable(
                f"no database answers at {self.name}: {_first_line(error)}"
            ) from error

    def upgrade(self) -> None:
        """Migrate to the newest schema that this code knows.

        A file is migrated whole or not at all, and copied before; what an earlier version left of
        a migration that was cut short is taken away.

        Raises:
            SchemaTooNew: the database is already past it.
            SchemaUnclear: its tables are those of no schema.
        """
        self._refuse_newer(self.revision())
        if self.is_server:
            with self.engine.begin() as connection:
                migrate(connection)
            return
        with self._explained(), schema_transaction(self.engine) as connection:
            revision = heal(connection, self._file)
            if revision is not None and revision != newest_revision():
                copy_catalog(self._file)
            migrate(connection)

    def ensure_schema(self, *, migrate: bool) -> None:
        """Make sure that the schema is the one this code knows.

        An empty database is always filled in. An older schema is migrated where ``migrate`` says
        so (an embedded deployment has nobody else to do it).

        Raises:
            SchemaTooNew: a newer Vasari has migrated this database.
            SchemaOutdated: a migration is due and ``migrate`` is false.
            SchemaUnclear: the tables are those of no schema.
        """
        revision = self.revision()
        self._refuse_newer(revision)
        if revision == newest_revision():
            return
        if self.is_server and revision is None and inspect(self.engine).has_table("artworks"):
            raise SchemaUnclear(
                f"{self.name} has tables of the catalog but no schema revision; "
                "it was not made by `vasari db upgrade`, so nothing was changed"
            )
        if revision is None or migrate:
            self.upgrade()
            return
        raise SchemaOutdated(
            f"{self.name} is at schema {revision} and this Vasari needs {newest_revision()}: "
            "run `vasari db upgrade`"
        )

    def _refuse_newer(self, revision: str | None) -> None:
        if revision is not None and revision not in known_revisions():
            raise SchemaTooNew(
                f"{self.name} is at schema {revision}, which this Vasari does not know: "
                "it was migrated by a newer version. Install that version; nothing was changed"
            )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def is_refused_value(error: Exception) -> bool:
    """Tell whether a transaction failed for a value in it, and not for the database's own state."""
    if isinstance(error, DataError | IntegrityError):
        return True
    if isinstance(error, DBAPIError):
        state: str | None = getattr(error.orig, "sqlstate", None)
        return state is not None and state.startswith(TOO_LARGE)
    # What the driver could not even send: a whole number too large for SQLite, half a surrogate.
    cause = error.orig if isinstance(error, StatementError) else error
    return isinstance(cause, OverflowError | UnicodeError | UnfitValue)


def with_password(url: str, password: str) -> str:
    """Return the address of a database with this password in it, whatever signs that has.

    Raises:
        InvalidAddress: it is no address.
    """
    return _address(url).set(password=password).render_as_string(hide_password=False)


def has_password(url: str) -> bool:
    """Tell whether an address of a database holds a password.

    Raises:
        InvalidAddress: it is no address.
    """
    address = _address(url)
    return address.password is not None or any("password" in name for name in address.query)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = None
    # A host or a name with @ in it is half a password that has an @ or a / in it.
    is_server = address is not None and address.get_backend_name() != "sqlite"
    if address is None or (is_server and "@" in f"{address.host}{address.database}"):
        # Without it in the message: what cannot be read may be a password.
        raise InvalidAddress(
            "the address of the database cannot be read. It is written "
            "postgresql://user:password@host/name, / and @ in the password as %2F and %40"
        )
    return address


def _create_engine(url: str) -> Engine:
    address = _address(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("postgresql", "sqlite"):
        raise InvalidAddress(
            f"the catalog cannot be kept in {address.get_backend_name()}: {BEGINNINGS}"
        )
    if address.get_backend_name() != "sqlite":
        try:
            make_conninfo(**dict.fromkeys(address.query, ""))
        except ProgrammingError:
            known = "the address of the database has an option that Postgres does not know"
            raise InvalidAddress(f"{known}: leave out what follows its ?") from None
        # Of a host that is gone, nothing else would be heard for minutes.
        given = {**KEEPALIVE, "connect_timeout": CONNECT_SECONDS} | dict(address.query)
        engine = _engine(address, pool_pre_ping=True, connect_args=given)
        watch(engine)
        return engine
    if address.database in (None, "", ":memory:"):
        raise InvalidAddress("the address of the database names no file: sqlite:///FOLDER/FILE")
    engine = _engine(address)
    event.listen(engine, "connect", prepare)
    return engine


def _engine(address: URL, **options: Any) -> Engine:
    try:
        engine = create_engine(address, **options)
    except (ArgumentError, ImportError) as error:
        raise InvalidAddress(
            f"there is no driver {address.drivername} here: {error}. The address of the database "
            "begins with postgresql:// or sqlite:///"
        ) from error
    if engine.dialect.is_async:
        raise InvalidAddress(f"the driver {address.drivername} cannot be used: {BEGINNINGS}")
    return engine


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
