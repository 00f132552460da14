"""Backups of small collections in a folder, and what is done with them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployment import Deployment
from maintenance.backup import making, snapshot
from maintenance.backup.encryption import Key
from maintenance.backup.making import BackupMade, Choices, make_backup
from maintenance.backup.place import BackupPlace
from maintenance.backup.restoring import restore
from maintenance.backup.vault import BackupSummary, Vault
from tests.maintenance.moving.conftest import collection, embedded, other_home, served

__all__ = ["embedded", "other_home", "served"]

Back = Callable[..., BackupMade]


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of 24 works there are several parts.
    monkeypatch.setattr(snapshot, "CUT", 4)
    monkeypatch.setattr(making, "THUMBNAIL_CUT", 4)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "place"


def back_up(
    deployment: Deployment, place: Path | str, key: Key | None = None, **choices: Any
) -> BackupMade:
    """Back a collection up."""
    vault = Vault(BackupPlace(str(place)), key)
    return make_backup(collection(deployment), vault, Choices(**choices))


def bring_back(
    deployment: Deployment, place: Path | str, key: Key | None = None, **options: Any
) -> BackupSummary:
    """Bring a backup back."""
    weights = deployment.settings.weights_dir
    vault = Vault(BackupPlace(str(place)), key)
    return restore(collection(deployment), vault, weights_dir=weights, **options)


def files_in(place: Path) -> dict[str, bytes]:
    """Return all files of a place but the lock."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.name != ".lock"
    }
