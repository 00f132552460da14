"""The backups of a place: parts named by what is in them, and a manifest of each backup.

``parts/AB/ABCD...`` is a file of a backup under its SHA-256, or, where it is sealed, under a name
that the key gives that. Backups that hold the same share it. ``backups/MOMENT-CHECKSUM`` is a
manifest, written when all its parts are there: without it there is no backup.
"""

import hashlib
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from maintenance.backup.encryption import MAGIC, Key, NotOpened, sealed_size
from maintenance.backup.place import BackupDamaged, BackupPlace, BackupRefused
from maintenance.moving.manifest import LARGEST, MANIFEST, Manifest, read_manifest
from maintenance.moving.origin import MoveRefused

BACKUPS, PARTS = "backups", "parts"
_MOMENT = "%Y%m%dT%H%M%S%fZ"
_CHECKSUM_DIGITS = 16
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{16}")


@dataclass(frozen=True)
class Backup:
    """One backup of a place, of which the manifest was read.

    Args:
        key: by which its parts are sealed.
    """

    id: str
    manifest: Manifest
    key: Key | None


@dataclass(frozen=True, kw_only=True)
class BackupSummary:
    """A backup that was made or brought back.

    Args:
        backup: its id.
        artworks, points, thumbnails: how many it holds.
        pending: works that wait to be embedded, since their vectors were being made.
        bytes: that were written.
        seconds: that it took.
    """

    backup: str
    artworks: int
    points: int
    thumbnails: int
    pending: int
    bytes: int
    seconds: float


class Vault:
    """The backups of one place.

    Args:
        key: seals what is written, and opens what was sealed.
    """

    def __init__(self, place: BackupPlace, key: Key | None = None) -> None:
        self.place = place
        self._key = key

    def ids(self) -> list[str]:
        """Return the backups that there are, the oldest first."""
        names = (name.partition("/")[2] for name in self.place.names(BACKUPS))
        return sorted(name for name in names if _ID.fullmatch(name))

    def read(self, backup_id: str, scratch: Path) -> Backup:
        """Read what a backup says of itself.

        Args:
            scratch: a folder, into which its manifest is written.

        Raises:
            BackupDamaged: it is not as it was written.
            BackupRefused: it is sealed and there is no key.
        """
        name = f"{BACKUPS}/{backup_id}"
        with self.place.reading(name) as file:
            data = file.read(2 * LARGEST)
        if _checksum(data) != backup_id.rpartition("-")[2]:
            raise BackupDamaged(f"{name}: it is not as it was written")
        key = self._key if data.startswith(MAGIC) else None
        if data.startswith(MAGIC):
            data = self._opened(name, data)
        scratch.mkdir(parents=True, exist_ok=True)
        (scratch / MANIFEST).write_bytes(data)
        try:
            manifest = read_manifest(scratch)
        except MoveRefused as error:
            raise BackupRefused(f"{name}: {error}") from error
        if manifest.backup is None or manifest.sizes.keys() != manifest.files.keys():
            raise BackupRefused(f"{name}: it is no manifest of a backup")
        return Backup(backup_id, manifest, key)

    def new_id(self, manifest: bytes) -> str:
        """Return an id that comes after those of all backups there are."""
        moment = datetime.now(UTC)
        for former in self.ids()[-1:]:
            last = datetime.strptime(former.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
            moment = max(moment, last + timedelta(microseconds=1))
        return f"{moment:{_MOMENT}}-{_checksum(manifest)}"

    def write(self, manifest: str, scratch: Path) -> str:
        """Write the manifest, with which a backup is there, and return its id.

        Raises:
            BackupRefused: it could not be read again.
        """
        sealed = io.BytesIO()
        if self._key is None:
            sealed.write(manifest.encode())
        else:
            self._key.seal(io.BytesIO(manifest.encode()), sealed)
        backup_id = self.new_id(sealed.getvalue())
        (scratch / MANIFEST).write_bytes(sealed.getvalue())
        self.place.put(f"{BACKUPS}/{backup_id}", scratch / MANIFEST)
        try:
            self.read(backup_id, scratch)
        except BackupRefused:
            self.place.remove(f"{BACKUPS}/{backup_id}")
            raise
        return backup_id

    def held(self) -> dict[str, int]:
        """Return the parts that there are: name -> bytes."""
        return self.place.names(PARTS)

    def has(self, sha256: str, size: int, held: dict[str, int]) -> bool:
        """Tell whether a part is among those that there are, and as long as it should be."""
        return held.get(part_name(sha256, self._key)) == stored_size(size, self._key)

    def put(self, written: Path, sha256: str) -> int:
        """Write a file as a part, read it back, and return how many bytes it has there.

        Raises:
            BackupDamaged: what is read is not what was written.
        """
        size = written.stat().st_size
        name = part_name(sha256, self._key)
        if self._key is None:
            self.place.put(name, written)
        else:
            sealed = written.with_name(f"{written.name}.sealed")
            with written.open("rb") as source, sealed.open("wb") as to:
                self._key.seal(source, to)
            self.place.put(name, sealed)
            sealed.unlink()
        self.copy(sha256, self._key)
        return stored_size(size, self._key)

    def is_whole(self, sha256: str) -> bool:
        """Tell whether a part of a new backup is there as it should be."""
        try:
            self.copy(sha256, self._key)
        except BackupDamaged:
            return False
        return True

    def copy(self, sha256: str, key: Key | None, to: Path | None = None) -> None:
        """Read a part, into a file if one is named.

        Raises:
            BackupDamaged: it is missing, or not as it was written.
        """
        name = part_name(sha256, key)
        with self.place.reading(name) as source, to.open("wb") if to else nullcontext() as file:
            hashing = _Hashing(file)
            if key is None:
                shutil.copyfileobj(source, hashing, 1 << 20)
            else:
                try:
                    key.open(source, hashing)
                except NotOpened as error:
                    raise BackupDamaged(f"{name}: {error}") from None
            if hashing.digest.hexdigest() != sha256:
                raise BackupDamaged(f"{name}: it is not as it was written")

    def forget(self, keep: int, scratch: Path) -> list[str]:
        """Remove all but the newest backups, and the parts that no backup names.

        Returns:
            the backups that were removed.

        Raises:
            BackupRefused: one of those that stay cannot be read, so that nobody knows its parts.
        """
        ids = self.ids()
        gone, named = ids[:-keep], set[str]()
        for backup in (self.read(backup_id, scratch) for backup_id in ids[-keep:]):
            files = backup.manifest.files.values()
            named |= {part_name(sha256, backup.key) for sha256 in files}
        for backup_id in gone:
            self.place.remove(f"{BACKUPS}/{backup_id}")
        for name in self.held().keys() - named:
            self.place.remove(name)
        return gone

    def _opened(self, name: str, data: bytes) -> bytes:
        if self._key is None:
            raise BackupRefused(
                f"{name} is encrypted: name the file of its key (--key-file, "
                "VASARI_BACKUP_KEY_FILE), or set VASARI_BACKUP_KEY"
            )
        opened = io.BytesIO()
        try:
            self._key.open(io.BytesIO(data), opened)
        except NotOpened:
            raise BackupRefused(f"{name} cannot be opened: it was made with another key") from None
        return opened.getvalue()


class _Hashing:
    """Adds up what is written, and passes it on to a file if there is one."""

    def __init__(self, to: IO[bytes] | None) -> None:
        self._to = to
        self.digest = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        self.digest.update(data)
        return self._to.write(data) if self._to else len(data)


def part_name(sha256: str, key: Key | None) -> str:
    """Return the name of the part that holds a file."""
    name = key.name_of(sha256) if key else sha256
    return f"{PARTS}/{name[:2]}/{name}"


def stored_size(size: int, key: Key | None) -> int:
    """Return how long the part is that holds a file of so many bytes."""
    return sealed_size(size) if key else size


def parts_of(backup: Backup) -> Iterator[tuple[str, str]]:
    """Go through the files of a backup: the name of its part, and its SHA-256."""
    for sha256 in sorted(set(backup.manifest.files.values())):
        yield part_name(sha256, backup.key), sha256


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_CHECKSUM_DIGITS]
