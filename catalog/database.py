"""Opening the catalog's database, Postgres or SQLite, at the schema that this code knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    StatementError,
)
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from catalog.silent_server import KEEPALIVE, watch
from errors import VasariError

YIELDED = frozenset({"40001", "40P01"})
"""Postgres: a serialisation failure, a deadlock."""

LOST = ("08", "57P", "53300")
"""Postgres: how the codes begin of a connection that failed, of a server that is shutting down or
starting up, of one with no connection left."""

TOO_LARGE = "54"
"""Postgres: how the codes begin of what is longer than an index, a row or a statement holds."""

CONNECT_SECONDS = 10
"""For a connection, unless the address says otherwise."""

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class CatalogError(VasariError):
    """The catalog cannot be used as it is; the message says what to do."""


class InvalidAddress(CatalogError):
    """This is no address of a database."""


class CatalogUnreachable(CatalogError):
    """No database answers at the address given."""


class CatalogBusy(CatalogError):
    """Two transactions stood in one another's way, and this one gave in: it can be done again."""


class SchemaTooNew(CatalogError):
    """The database was migrated by a newer Vasari than this one."""


class SchemaOutdated(CatalogError):
    """The database waits for a migration that nobody has run."""


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

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that commits at the end, or rolls back if an exception leaves it.

        Raises:
            CatalogUnreachable: the server was lost. Whether the transaction holds is not known.
            CatalogBusy: another transaction stood in its way; nothing of this one holds.
        """
        with self._explained(), self._sessions.begin() as session:
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
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._plainly(error) from error

    def _plainly(self, error: DBAPIError) -> Exception:
        """Return the catalog's own error for one of a server, or the same error."""
        if not self.is_server:
            return error
        state: str | None = getattr(error.orig, "sqlstate", None)
        if state in YIELDED:
            return CatalogBusy(f"the database at {self.name} was busy: {_first_line(error)}")
        if error.connection_invalidated or (
            isinstance(error, OperationalError) and (state or LOST[0]).startswith(LOST)
        ):
            return CatalogUnreachable(f"no database answers at {self.name}: {_first_line(error)}")
        return error

    def revision(self) -> str | None:
        """Return the schema revision that the database is at; ``None`` for an empty database."""
        try:
            with self.engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            raise CatalogUnreachable(
                f"no database answers at {self.name}: {_first_line(error)}"
            ) from error

    def upgrade(self) -> None:
        """Migrate to the newest schema that this code knows.

        Raises:
            SchemaTooNew: the database is already past it.
        """
        self._refuse_newer(self.revision())
        config = alembic_config()
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def ensure_schema(self, *, migrate: bool) -> None:
        """Make sure that the schema is the one this code knows.

        An empty database is always filled in. An older schema is migrated where ``migrate`` says
        so (an embedded deployment has nobody else to do it).

        Raises:
            SchemaTooNew: a newer Vasari has migrated this database.
            SchemaOutdated: a migration is due and ``migrate`` is false.
        """
        revision = self.revision()
        self._refuse_newer(revision)
        if revision == newest_revision():
            return
        if revision is None and inspect(self.engine).has_table("artworks"):
            raise SchemaOutdated(
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
        if revision is not None and revision not in _known_revisions():
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
    return isinstance(cause, OverflowError | UnicodeError)


def newest_revision() -> str:
    """Return the schema revision that this code needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise CatalogError(f"no migrations in {MIGRATIONS}")
    return head


def _known_revisions() -> set[str]:
    scripts = ScriptDirectory.from_config(alembic_config())
    return {script.revision for script in scripts.walk_revisions()}


def alembic_config() -> Config:
    """Return how Alembic finds the migrations; it runs them on ``attributes["connection"]``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


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
    # A name with @ in it is half a password that has a / in it.
    is_server = address is not None and address.get_backend_name() != "sqlite"
    if address is None or (is_server and "@" in (address.database or "")):
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
    if address.get_backend_name() != "sqlite":
        # Of a host that is gone, nothing else would be heard for minutes.
        given = {**KEEPALIVE, "connect_timeout": CONNECT_SECONDS} | dict(address.query)
        engine = create_engine(address, pool_pre_ping=True, connect_args=given)
        watch(engine)
        return engine
    engine = create_engine(address)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Readers (another terminal's `jobs show`) must not wait for the writer, nor fail at once.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
