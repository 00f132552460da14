"""Reading backups: whether they are sound, and bringing one back, by importing it."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedders.weights.file_hash import file_sha256
from errors import VasariError
from maintenance.backup.place import BackupDamaged, BackupRefused
from maintenance.backup.vault import (
    BACKUPS,
    Backup,
    BackupSummary,
    Vault,
    part_name,
    parts_of,
    stored_size,
)
from maintenance.moving.fill import require_empty_catalog
from maintenance.moving.importing import import_folder
from maintenance.moving.origin import Collection, MoveRefused, Report
from maintenance.moving.parquet_folder import ParquetFolder
from maintenance.moving.verification import check_contents
from search.index.disk_space import ask_for_room

SCRATCH = "restore.unfinished"
_NOTE = "backup"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a place was found to hold.

    Args:
        backups: that were looked at.
        faults: what is wrong, each beginning with the name of the file.
        bytes: that were read.
    """

    backups: tuple[str, ...]
    faults: tuple[str, ...]
    bytes: int

    @property
    def sound(self) -> bool:
        """Whether every backup can be brought back."""
        return not self.faults


def verify(vault: Vault, report: Report = lambda _what, _done, _all: None) -> Verified:
    """Read every part of every backup, and the newest backup through as a restore would.

    Raises:
        BackupRefused: there is no backup, or one is sealed and there is no key for it.
    """
    ids = _ids(vault)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        backups = []
        for backup_id in ids:
            try:
                backups.append(vault.read(backup_id, scratch / backup_id))
            except BackupDamaged as error:
                faults.append(str(error))
        read: dict[str, int] = {}
        for backup in reversed(backups):
            found = list(_damaged(vault, backup, read, report))
            faults += found
            if backup.id == ids[-1] and not found:
                unpack(vault, backup, scratch / backup.id, report)
                try:
                    check_contents(ParquetFolder(scratch / backup.id), report)
                except MoveRefused as error:
                    faults.append(f"{BACKUPS}/{backup.id}: {error}")
    return Verified(backups=tuple(ids), faults=tuple(faults), bytes=sum(read.values()))


def restore(
    target: Collection,
    vault: Vault,
    *,
    backup_id: str | None = None,
    weights_dir: Path,
    report: Report = lambda _what, _done, _all: None,
) -> BackupSummary:
    """Bring a backup back into an empty collection, and say what there is now.

    Killed at any moment, it is gone on with by the same call.

    Args:
        backup_id: by default the newest one's.

    Raises:
        BackupRefused: there is no such backup, or it cannot be read.
        MoveRefused: the target is not empty, or other weights are installed: nothing was written.
        MoveFailed: what arrived is not what was sent; the target's catalog is still empty.
    """
    began = time.monotonic()
    ids = _ids(vault)
    chosen = backup_id or ids[-1]
    if chosen not in ids:
        raise BackupRefused(
            f"{vault.place.name} has no backup {chosen!r}; it has {', '.join(ids[-10:])}"
        )
    scratch = target.home / SCRATCH
    if not _is_begun(scratch, chosen):
        require_empty_catalog(target)
    with _kept(scratch, chosen):
        backup = vault.read(chosen, scratch)
        unpack(vault, backup, scratch, report)
        import_folder(target, ParquetFolder(scratch), weights_dir=weights_dir, report=report)
    contents, about = backup.manifest.contents, backup.manifest.backup
    return BackupSummary(
        backup=chosen,
        artworks=contents.rows.get("artworks", 0),
        points=contents.points,
        thumbnails=contents.thumbnails,
        pending=about.pending if about else 0,
        bytes=sum(backup.manifest.sizes.values()),
        seconds=round(time.monotonic() - began, 3),
    )


def unpack(vault: Vault, backup: Backup, folder: Path, report: Report) -> None:
    """Make the folder of an export of a backup: links where the place is a folder of this machine.

    What is there already, whole, is not fetched again.

    Raises:
        BackupDamaged: a part is missing, or not as it was written.
        DiskFull: the disk has no room for it.
    """
    manifest = backup.manifest
    total = len(manifest.files)
    is_room_known = False
    for done, (name, sha256) in enumerate(sorted(manifest.files.items())):
        report("files fetched", done, total)
        to = folder / name
        to.parent.mkdir(parents=True, exist_ok=True)
        if backup.key is None and vault.place.linked(part_name(sha256, None), to):
            vault.copy(sha256, None)
            continue
        if not is_room_known:
            ask_for_room(folder, _missing(backup, folder))
            is_room_known = True
        if not (to.is_file() and to.stat().st_size == manifest.sizes[name]) or (
            file_sha256(to) != sha256
        ):
            vault.copy(sha256, backup.key, to)
    report("files fetched", total, total)


def _missing(backup: Backup, folder: Path) -> int:
    sizes = backup.manifest.sizes
    return sum(size for name, size in sizes.items() if not (folder / name).exists())


def _damaged(vault: Vault, backup: Backup, read: dict[str, int], report: Report) -> Iterator[str]:
    """Go through the faults of those parts of a backup that have not been read."""
    sizes = {sha256: backup.manifest.sizes[name] for name, sha256 in backup.manifest.files.items()}
    parts = [(name, sha256) for name, sha256 in parts_of(backup) if name not in read]
    for done, (name, sha256) in enumerate(parts):
        report(f"parts of {backup.id}", done, len(parts))
        read[name] = stored_size(sizes[sha256], backup.key)
        try:
            vault.copy(sha256, backup.key)
        except BackupDamaged as error:
            yield str(error)
    report(f"parts of {backup.id}", len(parts), len(parts))


def _ids(vault: Vault) -> list[str]:
    ids = vault.ids()
    if not ids:
        raise BackupRefused(
            f"{vault.place.name} holds no backup; `vasari backup {vault.place.name}` makes one"
        )
    return ids


@contextmanager
def _kept(folder: Path, backup_id: str) -> Iterator[None]:
    """Have a folder during the block that stays where the process is killed, for the next one."""
    if not _is_begun(folder, backup_id):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / _NOTE).write_text(backup_id, "utf-8")
    try:
        yield
    except VasariError:  # there is nothing to go on with
        shutil.rmtree(folder, ignore_errors=True)
        raise
    # The note last: by it a restore that has been killed here is known.
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
    shutil.rmtree(folder)


def _is_begun(folder: Path, backup_id: str) -> bool:
    note = folder / _NOTE
    return note.is_file() and note.read_text("utf-8") == backup_id
