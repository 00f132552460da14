"""A full disk: a job stops with a sentence, and the same command ends what it began.

The disk is a small one in memory, and the commands are processes of their own: the engine maps its
files into memory, and one that finds no room for a page ends without a word.
"""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.jobs import listing
from catalog.models import JobState
from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.drift import find_drift
from search.index import disk_space
from search.index.disk_space import DiskFull, ask_for_room, is_full
from settings import Settings
from tests.conftest import TINY_MODELS
from tests.pictures import make_folder

MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 MB; skipped where this user may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def _vasari(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"VASARI_HOME": str(home), "VASARI_MODELS": ",".join(TINY_MODELS)}
    return subprocess.run(
        [sys.executable, "-c", "from ui.cli import app; app()", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _leave(disk: Path, free: int) -> None:
    """Fill a disk until so many bytes are left."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, os.statvfs(disk).f_bavail * 4096 - free)


@pytest.mark.slow
def test_a_job_on_a_full_disk_stops_with_a_sentence_and_loses_nothing(
    small_disk: Path, pictures: Path
) -> None:
    home = small_disk / "home"
    half = make_folder(pictures.parent / "half", 6)
    assert _vasari(home, "ingest", "folder", str(half)).returncode == 0
    for free in (2, 33):
        _leave(small_disk, free * MEGABYTE)
        stopped = _vasari(home, "ingest", "folder", str(pictures))
        said = " ".join(stopped.stderr.split())
        assert stopped.returncode == 1, (free, stopped.returncode, said)
        assert "disk is full" in said
        assert "run the same command again" in said
        assert "Traceback" not in stopped.stdout + stopped.stderr
    (small_disk / "filler").unlink()
    assert _vasari(home, "ingest", "folder", str(pictures)).returncode == 0
    with Deployment(Settings(home=home, models=TINY_MODELS)) as deployment:
        assert deployment.index.status().points == 24
        assert not find_drift(
            deployment.database, deployment.index, deployment.image_store, deployment.registry
        )


@pytest.mark.slow
def test_a_job_stops_before_it_takes_the_last_room(
    deployment: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = deployment.ingest_context([deployment.embedder(name) for name in TINY_MODELS])
    roomy = disk_space.free_bytes
    asked = iter(range(1_000))
    # Room enough until the job is well under way.
    monkeypatch.setattr(
        disk_space, "free_bytes", lambda at: roomy(at) if next(asked) < 9 else MEGABYTE
    )
    with pytest.raises(DiskFull, match="MB more are needed"):
        ingest(FolderReader(pictures), context)
    with deployment.database.transaction() as session:
        (job,) = listing(session, limit=1)
    assert job.state == JobState.FAILED
    assert "the disk is full" in (job.error or "")
    monkeypatch.undo()
    assert ingest(FolderReader(pictures), context).left == 0
    assert not find_drift(
        deployment.database, deployment.index, deployment.image_store, deployment.registry
    )


def test_a_disk_that_fills_up_is_told_from_other_faults(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="nothing is lost"):
        ask_for_room(tmp_path, 1 << 60)
    assert is_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_full(Exception("Service runtime error: IO Error: No space left (os error 28)"))
    assert is_full(Exception("(sqlite3.OperationalError) database or disk is full"))
    assert not is_full(OSError(errno.EACCES, "Permission denied"))
