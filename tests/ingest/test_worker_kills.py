"""Workers killed at random moments, while others go on, on real servers."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from catalog.artworks import list_artworks
from catalog.filters import Filter
from catalog.models import EmbeddingTask, TaskState, now
from deployment import Deployment
from embedders import decode_image
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.pictures import make_folder

WORKS = 120
WORKERS = 3
KILLS = 3
LEASE_SECONDS = 2.0
SECONDS_A_PICTURE = 0.03
DEADLINE_SECONDS = 300
ROOT = Path(__file__).parents[2]


@dataclass
class Kill:
    """A worker that was killed with works in hand."""

    machine: str
    moment: datetime
    tasks: int
    lease_ran_until: datetime
    free_at: datetime | None = None
    """When nothing was claimed in its name any more."""


@dataclass
class WorkerPool:
    """Worker processes on one queue, killed and replaced."""

    settings: Settings
    passes: Path
    lease_seconds: float = LEASE_SECONDS
    seconds_a_picture: float = SECONDS_A_PICTURE
    seconds_a_batch: float = 4 * SECONDS_A_PICTURE
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    _started: int = 0

    def start(self) -> None:
        """Start one more worker, on a machine that no other is on."""
        assert self.settings.database_url is not None
        self._started += 1
        machine = f"machine-{self._started}"
        environment = {name: value for name, value in os.environ.items() if "VASARI" not in name}
        environment |= {
            "VASARI_HOME": str(self.settings.home),
            "VASARI_QDRANT_URL": str(self.settings.qdrant_url),
            "VASARI_QDRANT_ALIAS": self.settings.qdrant_alias,
            "VASARI_DATABASE_URL": self.settings.database_url.get_secret_value(),
            "VASARI_MODELS": ",".join(self.settings.models),
            "VASARI_BATCH_SIZE": str(self.settings.batch_size),
            "VASARI_DOWNLOADS_AT_ONCE": "4",  # also how far a worker claims ahead
            "VASARI_LEASE_SECONDS": str(self.lease_seconds),
            "OMP_NUM_THREADS": "1",
        }
        program = [sys.executable, "-m", "tests.ingest.counting_worker"]
        self.running[machine] = subprocess.Popen(
            [*program, machine, str(self.passes), str(self.seconds_a_picture)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill_one_at_work(self, deployment: Deployment, chance: random.Random) -> bool:
        """Kill a worker that holds works, and start another; tell whether any held some."""
        held = {
            item: leases for item, leases in _leases(deployment).items() if item in self.running
        }
        if not held:
            return False
        machine = chance.choice(sorted(held))
        victim = self.running.pop(machine)
        victim.kill()
        victim.wait()
        # Looked at again: it may have renewed, claimed or finished up to the last moment.
        if leases := _leases(deployment).get(machine):
            self.kills.append(Kill(machine, now(), len(leases), max(leases)))
        self.start()
        return True

    def passes_so_far(self) -> int:
        """Return how many pictures a model has completed a pass over."""
        return self.passes.read_bytes().count(b"\n") if self.passes.exists() else 0

    def look_who_is_free(self, deployment: Deployment) -> None:
        """Note which killed workers' works have been taken over."""
        held = _leases(deployment)
        for kill in self.kills:
            if kill.free_at is None and kill.machine not in held:
                kill.free_at = now()

    def stop(self) -> None:
        """End what still runs."""
        for worker in self.running.values():
            worker.kill()
            worker.wait()


def _leases(deployment: Deployment) -> dict[str, list[datetime]]:
    """Return until when each machine holds the tasks that are claimed in its name."""
    leases: dict[str, list[datetime]] = {}
    with deployment.database.transaction() as session:
        claimed = select(EmbeddingTask.claimed_by, EmbeddingTask.lease_expires_at).where(
            EmbeddingTask.state == TaskState.CLAIMED
        )
        for holder, until in session.execute(claimed).tuples():
            assert holder is not None
            assert until is not None
            leases.setdefault(holder.rpartition(":")[0], []).append(until)
    return leases


def run_with_kills(pool: WorkerPool, *, kills: int, pictures: int, seed: int) -> None:
    """Run workers until the queue is empty, and kill some of them at random moments.

    The moments are drawn from the course of the work, not from the time that it takes: on a busy
    machine workers would be killed before they have done anything.
    """
    chance = random.Random(seed)
    in_all = pictures * len(pool.settings.models)
    moments = sorted(chance.sample(range(in_all * 9 // 10), kills))
    for _ in range(WORKERS):
        pool.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    with Deployment(pool.settings) as deployment:
        while any(worker.poll() is None for worker in pool.running.values()):
            assert time.monotonic() < deadline
            pool.look_who_is_free(deployment)
            if moments and pool.passes_so_far() >= moments[0]:
                # Or all were killed just after a pass.
                time.sleep(chance.uniform(0, 2 * pool.seconds_a_batch))
                if pool.kill_one_at_work(deployment, chance):
                    moments.pop(0)
            time.sleep(0.01)
        pool.look_who_is_free(deployment)
    assert not moments, "the works were done before all kills"
    assert {worker.returncode for worker in pool.running.values()} == {0}


def passes_of_each_picture(file: Path) -> dict[str, Counter[str]]:
    """Return how often each model completed a pass over each picture, by the picture's hash."""
    passes: dict[str, Counter[str]] = {}
    for line in file.read_text().splitlines():
        model, picture = line.split()
        passes.setdefault(model, Counter())[picture] += 1
    return passes


@pytest.fixture
def pool(served_settings: Settings, tmp_path: Path) -> WorkerPool:
    settings = served_settings.model_copy(update={"batch_size": 4})
    return WorkerPool(settings, tmp_path / "passes")


def test_whatever_moments_workers_are_killed_at_every_work_is_there_once(
    pool: WorkerPool, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "many", WORKS)
    with Deployment(pool.settings) as deployment:
        embedders = [deployment.embedder(name) for name in pool.settings.models]
        summary = ingest(
            FolderReader(folder), deployment.ingest_context(embedders), queue_only=True
        )
        assert sum(summary.embedded.values()) == 0
        try:
            run_with_kills(pool, kills=KILLS, pictures=WORKS, seed=4)
        finally:
            pool.stop()

        with deployment.database.transaction() as session:
            works = {item.id for item in list_artworks(session, Filter(), limit=WORKS).artworks}
            states = select(EmbeddingTask.state, func.count()).group_by(EmbeddingTask.state)
            assert dict(session.execute(states).tuples().all()) == {TaskState.DONE: 2 * WORKS}
        status = deployment.index.status()
        assert len(works) == WORKS
        assert set(deployment.index.ids()) == works
        assert {status.points, *(held.points for held in status.vectors.values())} == {WORKS}
        # What depends on the collection as a whole was brought up to date by a worker.
        assert "colour_grid_identity" in status.vectors

    # A lease is honoured to its end, and then the works are another's.
    assert pool.kills
    assert all(kill.free_at and kill.free_at >= kill.lease_ran_until for kill in pool.kills)

    prepare = embedders[0].prepare
    pictures = {
        hashlib.sha256(prepare(decode_image(file)).data).hexdigest()
        for file in (folder / "images").iterdir()
    }
    passes = passes_of_each_picture(pool.passes)
    assert passes.keys() == set(pool.settings.models)
    for counted in passes.values():
        assert counted.keys() == pictures
        assert max(counted.values()) <= 2
