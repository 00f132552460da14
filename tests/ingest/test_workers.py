"""Workers that share one queue: processes of their own on real servers, and what binds them."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from typer.testing import CliRunner

from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.locks import Turn, turn
from catalog.models import EmbeddingTask, TaskState
from deployment import Deployment
from ingest.job import ingest
from ingest.queue import ClaimedWork, TaskQueue
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.pictures import make_folder
from ui.cli import app

WORKS = 150
LEASE_SECONDS = 2.0
ROOT = Path(__file__).parents[2]


@pytest.fixture
def served_settings(
    tiny_settings: Settings, qdrant_url: str, qdrant_alias: str, postgres_url: str
) -> Settings:
    return tiny_settings.model_copy(
        update={
            "qdrant_url": qdrant_url,
            "qdrant_alias": qdrant_alias,
            "database_url": SecretStr(postgres_url),
            "batch_size": 4,
        }
    )


def _queue_all(settings: Settings, folder: Path) -> None:
    with Deployment(settings) as deployment:
        embedders = [deployment.embedder(name) for name in settings.models]
        workshop = deployment.workshop(embedders)
        summary = ingest(FolderReader(folder), workshop, queue_only=True)
        assert summary.embedded == dict.fromkeys(settings.models, 0)


def _worker(settings: Settings) -> subprocess.Popen[bytes]:
    assert settings.database_url is not None
    environment = {name: value for name, value in os.environ.items() if "VASARI" not in name}
    environment |= {
        "VASARI_HOME": str(settings.home),
        "VASARI_QDRANT_URL": str(settings.qdrant_url),
        "VASARI_QDRANT_ALIAS": settings.qdrant_alias,
        "VASARI_DATABASE_URL": settings.database_url.get_secret_value(),
        "VASARI_MODELS": ",".join(settings.models),
        "VASARI_BATCH_SIZE": str(settings.batch_size),
        "VASARI_DOWNLOADS_AT_ONCE": "4",  # also how far a worker claims ahead
        "VASARI_LEASE_SECONDS": str(LEASE_SECONDS),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-c", "from ui.cli import app; app()", "worker", "--until-empty"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _tasks(deployment: Deployment, *states: TaskState, of: str | None = None) -> int:
    with deployment.database.transaction() as session:
        chosen = select(func.count()).where(EmbeddingTask.state.in_(states))
        if of is not None:
            chosen = chosen.where(EmbeddingTask.claimed_by.endswith(of))
        return session.scalar(chosen) or 0


def test_a_killed_workers_batch_is_taken_over_and_every_work_is_there_once(
    served_settings: Settings, tmp_path: Path
) -> None:
    _queue_all(served_settings, make_folder(tmp_path / "many", WORKS))
    workers = [_worker(served_settings) for _ in range(3)]
    killed = workers[0]
    try:
        with Deployment(served_settings) as deployment:
            deadline = time.monotonic() + 120
            while not _tasks(deployment, TaskState.CLAIMED, of=f":{killed.pid}"):
                assert killed.poll() is None, killed.communicate()[0].decode()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            killed.send_signal(signal.SIGKILL)
            for worker in workers[1:]:
                told, _ = worker.communicate(timeout=180)
                assert worker.returncode == 0, told.decode()
            assert _tasks(deployment, TaskState.DONE) == 2 * WORKS
            with deployment.database.transaction() as session:
                assert session.scalar(select(func.max(EmbeddingTask.attempts))) == 2
                works = {item.id for item in list_artworks(session, Filter(), limit=WORKS).artworks}
            status = deployment.index.status()
            assert set(deployment.index.ids()) == works
            assert {status.points, *(held.points for held in status.vectors.values())} == {WORKS}
            # What depends on the collection as a whole was brought up to date by a worker.
            assert "colour_grid_identity" in status.vectors
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def test_two_workers_never_hold_the_same_work(served_settings: Settings, tmp_path: Path) -> None:
    _queue_all(served_settings, make_folder(tmp_path / "many", 60))
    taken: dict[str, list[UUID]] = {"one": [], "two": []}
    with Deployment(served_settings) as deployment:
        fingerprints = {
            name: deployment.embedder(name).fingerprint for name in served_settings.models
        }

        def claim_all(worker: str, models: list[str]) -> None:
            queue = TaskQueue(
                deployment.database, {name: fingerprints[name] for name in models}, worker
            )
            while claimed := queue.claim(3):
                taken[worker] += [work.artwork.id for work in claimed]

        # Also where they claim for different models: they would write to the same points.
        threads = [
            Thread(target=claim_all, args=("one", ["colour_grid", "edge_grid"])),
            Thread(target=claim_all, args=("two", ["edge_grid"])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not set(taken["one"]) & set(taken["two"])
    assert len(taken["one"]) + len(taken["two"]) == 60


def test_a_lease_is_renewed_while_its_batch_is_in_hand_and_lapses_without(
    deployment: Deployment, pictures: Path
) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.workshop(embedders), queue_only=True)
    fingerprints = {item.name: item.fingerprint for item in embedders}
    lease = timedelta(seconds=0.6)

    def queue(worker: str) -> TaskQueue:
        return TaskQueue(deployment.database, fingerprints, worker, lease=lease)

    def ids(claimed: list[ClaimedWork]) -> set[UUID]:
        return {work.artwork.id for work in claimed}

    slow, other = queue("elsewhere:1"), queue("elsewhere:2")
    mine = ids(slow.claim(5))
    with slow.leases_kept():
        time.sleep(1.0)
        assert not ids(other.claim(5)) & mine
    time.sleep(0.8)
    assert mine <= ids(other.claim(24))


def test_a_claim_of_which_the_answer_was_lost_is_not_lost(
    deployment: Deployment, pictures: Path
) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.workshop(embedders), queue_only=True)
    fingerprints = {item.name: item.fingerprint for item in embedders}
    TaskQueue(deployment.database, fingerprints, "elsewhere:1").claim(24)
    queue = TaskQueue(deployment.database, fingerprints, "elsewhere:1")
    assert queue.claim(24) == []
    queue.take_over_from_the_dead()
    in_hand = queue.claim(20)
    queue.take_over_from_the_dead()
    assert (len(in_hand), len(queue.claim(24))) == (20, 4)


def test_a_turn_is_held_by_one_alone_or_by_several_that_share_it(
    served_settings: Settings,
) -> None:
    entered = Event()
    with Deployment(served_settings) as deployment:
        database = deployment.database

        def enter() -> None:
            with turn(database, Turn.INDEX):
                entered.set()

        waiting = Thread(target=enter)
        with turn(database, Turn.INDEX, shared=True), turn(database, Turn.INDEX, shared=True):
            waiting.start()
            assert not entered.wait(0.3)
        assert entered.wait(10)
        waiting.join()


def test_an_embedded_collection_has_no_workers_and_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["worker", "--home", str(tmp_path / "home")])
    assert result.exit_code == 1
    assert "VASARI_QDRANT_URL" in result.output
