"""Servers that go away while a job runs, and come back; or do not."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from catalog import jobs, silent_server
from catalog.database import Database
from catalog.errors import CatalogBusy, CatalogUnreachable
from catalog.filters import Filter
from deployment import Deployment
from ingest.job import ingest
from ingest.outages import Outage, RetryPolicy
from ingest.progress import NullProgress
from ingest.readers.folder import FolderReader
from search.index.contract import IndexUnreachable
from search.index.server import silence
from search.index.server.connection import connect
from settings import Settings
from tests.servers import Lifecycle
from tests.servers.postgres import PostgresServer
from tests.servers.qdrant import QdrantServer

AWAY_SECONDS = 2.5
FROZEN_SECONDS = 4.0


class Witness(NullProgress):
    """Lets something happen after the first batch, and remembers what was waited for."""

    def __init__(self, after_the_first_batch: Callable[[], None]) -> None:
        self._happens: Callable[[], None] | None = after_the_first_batch
        self.heard: list[str] = []

    def finished(self, works: int, failed: int) -> None:
        if self._happens is not None:
            happens, self._happens = self._happens, None
            happens()

    def waiting(self, server: str, seconds: float) -> None:
        self.heard.append(f"waiting for the {server}")

    def going_on(self) -> None:
        self.heard.append("going on")


@pytest.mark.parametrize(
    ("error", "heard"),
    [
        (IndexUnreachable("away"), ["waiting for the index", "going on"]),
        (CatalogUnreachable("away"), ["waiting for the catalog", "going on"]),
        (CatalogBusy("locked"), ["going on"]),
    ],
)
def test_the_server_that_is_waited_for_is_named(error: Exception, heard: list[str]) -> None:
    witness, answers = Witness(lambda: None), [error]

    def step() -> int:
        if answers:
            raise answers.pop()
        return 7

    assert RetryPolicy(30, witness)(step) == 7
    assert witness.heard == heard


def _goes_away(lifecycle: Lifecycle) -> Callable[[], None]:
    def away() -> None:
        lifecycle.stop()
        Timer(AWAY_SECONDS, lifecycle.start).start()

    return away


def _freezes(lifecycle: Lifecycle) -> Callable[[], None]:
    def freezes() -> None:
        lifecycle.freeze()
        Timer(FROZEN_SECONDS, lifecycle.thaw).start()

    return freezes


@pytest.fixture
def served(
    tiny_settings: Settings, stoppable_qdrant: QdrantServer, qdrant_alias: str, postgres_url: str
) -> Iterator[Deployment]:
    settings = tiny_settings.model_copy(
        update={
            "qdrant_url": stoppable_qdrant.url,
            "qdrant_alias": qdrant_alias,
            "database_url": SecretStr(postgres_url),
        }
    )
    with Deployment(settings) as opened:
        yield opened


def _take_in(deployment: Deployment, pictures: Path, witness: Witness) -> dict[str, int]:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    summary = ingest(FolderReader(pictures), deployment.ingest_context(embedders), witness)
    assert (summary.added, summary.failed, summary.left) == (24, 0, 0)
    return dict(summary.embedded)


def _complete(deployment: Deployment) -> bool:
    status = deployment.index.status()
    return {status.points, *(held.points for held in status.vectors.values())} == {24}


def test_an_index_that_goes_away_is_waited_for_and_nothing_is_lost(
    served: Deployment, stoppable_qdrant: QdrantServer, pictures: Path
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    witness = Witness(_goes_away(stoppable_qdrant.lifecycle))
    embedded = _take_in(served, pictures, witness)
    assert witness.heard == ["waiting for the index", "going on"]
    assert embedded == {"colour_grid": 24, "edge_grid": 24}
    assert _complete(served)


def test_a_catalog_that_goes_away_is_waited_for_and_nothing_is_lost(
    served: Deployment, postgres_server: PostgresServer, pictures: Path
) -> None:
    if postgres_server.lifecycle is None:
        pytest.skip("a Postgres server that was named for the tests is not theirs to stop")
    witness = Witness(_goes_away(postgres_server.lifecycle))
    embedded = _take_in(served, pictures, witness)
    assert witness.heard == ["waiting for the catalog", "going on"]
    assert embedded == {"colour_grid": 24, "edge_grid": 24}
    assert _complete(served)


def test_a_catalog_that_freezes_is_waited_for_and_nothing_is_lost(
    served: Deployment,
    postgres_server: PostgresServer,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if postgres_server.lifecycle is None:
        pytest.skip("a Postgres server that was named for the tests is not theirs to stop")
    monkeypatch.setattr(silent_server, "ASK_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(silent_server, "ANSWER_SECONDS", 2)
    witness = Witness(_freezes(postgres_server.lifecycle))
    embedded = _take_in(served, pictures, witness)
    assert witness.heard == ["waiting for the catalog", "going on"]
    assert embedded == {"colour_grid": 24, "edge_grid": 24}
    assert _complete(served)


def test_an_index_that_freezes_is_waited_for_and_nothing_is_lost(
    served: Deployment,
    stoppable_qdrant: QdrantServer,
    pictures: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    monkeypatch.setattr(silence, "ASK_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(silence, "ANSWER_SECONDS", 1.0)
    witness = Witness(_freezes(stoppable_qdrant.lifecycle))
    embedded = _take_in(served, pictures, witness)
    assert witness.heard == ["waiting for the index", "going on"]
    assert embedded == {"colour_grid": 24, "edge_grid": 24}
    assert _complete(served)


def test_a_search_of_a_frozen_index_is_told_so(
    stoppable_qdrant: QdrantServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    monkeypatch.setattr(silence, "ASK_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(silence, "ANSWER_SECONDS", 0.5)
    stoppable_qdrant.lifecycle.freeze()
    try:
        with pytest.raises(IndexUnreachable, match="says nothing"):
            connect(stoppable_qdrant.url, api_key=None).get_collections()
    finally:
        stoppable_qdrant.lifecycle.thaw()


def test_a_long_request_to_an_index_that_is_alive_is_not_given_up(
    stoppable_qdrant: QdrantServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "ASK_AFTER_SECONDS", 0.1)

    def slow() -> int:
        sleep(0.7)
        return 7

    assert silence.unless_silent(stoppable_qdrant.url, slow) == 7


def test_a_long_statement_of_a_catalog_that_answers_is_not_given_up(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_server, "ASK_AFTER_SECONDS", 0.2)
    database = Database(postgres_url)
    with database.transaction() as session:
        assert session.scalar(text("SELECT 7 FROM pg_sleep(1)")) == 7
    database.close()


def test_ctrl_c_ends_the_wait_for_a_frozen_catalog(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    if postgres_server.lifecycle is None:
        pytest.skip("a Postgres server that was named for the tests is not theirs to stop")
    database = Database(postgres_url)
    begun = 0.0
    # Whatever other tests have left in its place.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), database.transaction() as session:  # noqa: PT012
            session.execute(text("SELECT 1"))
            postgres_server.lifecycle.freeze()
            Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            begun = monotonic()
            session.execute(text("SELECT 2"))
        assert monotonic() - begun < 4
    finally:
        signal.signal(signal.SIGINT, former)
        postgres_server.lifecycle.thaw()
        database.close()


def test_an_index_that_stays_away_ends_the_job_which_the_next_one_finishes(
    served: Deployment, stoppable_qdrant: QdrantServer, pictures: Path
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    impatient = Deployment(served.settings.model_copy(update={"outage_patience_seconds": 0.5}))
    with impatient, pytest.raises(Outage, match="run the same command again"):
        _take_in(impatient, pictures, Witness(stoppable_qdrant.lifecycle.stop))
    with served.database.transaction() as session:
        (job,) = jobs.listing(session)
    assert job.state == "failed"
    assert "no Qdrant server answers" in (job.error or "")
    stoppable_qdrant.lifecycle.start()
    again = served.ingest_context([served.embedder(name) for name in served.settings.models])
    assert ingest(FolderReader(pictures), again).failed == 0
    assert _complete(served)


def test_a_search_of_an_index_that_is_away_is_told_in_plain_words(
    served: Deployment, stoppable_qdrant: QdrantServer, pictures: Path
) -> None:
    assert stoppable_qdrant.lifecycle is not None
    _take_in(served, pictures, Witness(lambda: None))
    query = served.embedder("colour_grid").embed([pictures / "images" / "000.jpg"])[0]
    stoppable_qdrant.lifecycle.stop()
    with pytest.raises(IndexUnreachable, match="no Qdrant server answers"):
        served.index.nearest("colour_grid", query, wanted=Filter(), top=3)


def test_a_catalog_that_is_away_is_told_in_plain_words_without_its_password() -> None:
    database = Database("postgresql+psycopg://vasari:s3cret@127.0.0.1:1/vasari")
    with (
        pytest.raises(CatalogUnreachable, match="no database answers") as failure,
        database.transaction() as session,
    ):
        jobs.listing(session)
    assert "s3cret" not in str(failure.value)
