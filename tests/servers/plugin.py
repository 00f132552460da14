"""Pytest fixtures of the servers: one of each for a whole run, names of its own for each test."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest

from . import Server, ServerUnavailable
from .postgres import PostgresServer, running_postgres
from .qdrant import QdrantServer, running_qdrant


@pytest.fixture(scope="session")
def qdrant_server() -> Iterator[QdrantServer]:
    """The Qdrant server of this test run; the test is skipped, with the reason, where none is."""
    with _or_skip(running_qdrant()) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The Postgres server of this test run; skipped, with the reason, where none is."""
    with _or_skip(running_postgres()) as server:
        yield server


@pytest.fixture
def qdrant_url(qdrant_server: QdrantServer) -> str:
    """The address of the Qdrant server, which answers: one that a test stopped is started."""
    if qdrant_server.lifecycle is not None:
        qdrant_server.lifecycle.start()
    return qdrant_server.url


@pytest.fixture
def stoppable_qdrant(qdrant_server: QdrantServer, qdrant_url: str) -> QdrantServer:
    """The Qdrant server, for tests of outages; skipped where it is someone else's to stop."""
    if qdrant_server.lifecycle is None:
        pytest.skip("a Qdrant server that was named for the tests is not theirs to stop")
    return qdrant_server


@pytest.fixture
def qdrant_alias(qdrant_server: QdrantServer, qdrant_url: str) -> Iterator[str]:
    """A random name; aliases and collections whose names start with it are deleted afterwards."""
    with qdrant_server.unique_alias() as alias:
        yield alias


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh empty database, dropped after the test."""
    if postgres_server.lifecycle is not None:
        postgres_server.lifecycle.start()
    with postgres_server.fresh_database() as url:
        yield url


@contextmanager
def _or_skip(running: AbstractContextManager[Server]) -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running)
        except ServerUnavailable as reason:
            pytest.skip(" ".join(str(reason).split()))  # on one line, as summaries show it
        yield server
