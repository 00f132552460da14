"""Workers that share one queue: processes of their own on real servers, and what binds them."""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from threading import Event, Thread
from uuid import UUID

import pytest
from typer.testing import CliRunner

from catalog import jobs
from catalog.locks import AdvisoryLock, advisory_lock
from deployment import Deployment
from ingest.claims import ClaimedWork
from ingest.job import ingest
from ingest.queue import TaskQueue
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.pictures import make_folder
from ui.cli import app


@pytest.fixture
def served_settings(served_settings: Settings) -> Settings:
    return served_settings.model_copy(update={"batch_size": 4})


def _queue_all(settings: Settings, folder: Path) -> None:
    with Deployment(settings) as deployment:
        embedders = [deployment.embedder(name) for name in settings.models]
        context = deployment.ingest_context(embedders)
        summary = ingest(FolderReader(folder), context, queue_only=True)
        assert summary.embedded == dict.fromkeys(settings.models, 0)


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
    ingest(FolderReader(pictures), deployment.ingest_context(embedders), queue_only=True)
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


def test_what_a_dead_process_of_this_machine_held_is_free_at_once(
    deployment: Deployment, pictures: Path
) -> None:
    _queue_all(deployment.settings, pictures)
    fingerprints = {name: deployment.embedder(name).fingerprint for name in ("colour_grid",)}
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = (f"{gethostname()}:{ended.pid}", "elsewhere:1", jobs.this_process())
    dead, elsewhere, here = (TaskQueue(deployment.database, fingerprints, name) for name in names)
    held = {work.artwork.id for work in dead.claim(10)}
    elsewhere.claim(14)
    here.take_over_from_the_dead()
    assert {work.artwork.id for work in here.claim(24)} == held


def test_a_claim_of_which_the_answer_was_lost_is_not_lost(
    deployment: Deployment, pictures: Path
) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders), queue_only=True)
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
            with advisory_lock(database, AdvisoryLock.INDEX):
                entered.set()

        waiting = Thread(target=enter)
        with (
            advisory_lock(database, AdvisoryLock.INDEX, shared=True),
            advisory_lock(database, AdvisoryLock.INDEX, shared=True),
        ):
            waiting.start()
            assert not entered.wait(0.3)
        assert entered.wait(10)
        waiting.join()


def test_an_embedded_collection_has_no_workers_and_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["worker", "--home", str(tmp_path / "home")])
    assert result.exit_code == 1
    assert "VASARI_QDRANT_URL" in result.output
