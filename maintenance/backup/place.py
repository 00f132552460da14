"""Where backups lie: a folder, or whatever else fsspec has an address for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from embedders.file_lock import take_lock
from errors import VasariError
from ingest.place import Place
from search.index.disk_space import is_full


class BackupRefused(VasariError):
    """The backup cannot be made, read or brought back like this; the message says what to do."""


class BackupDamaged(BackupRefused):
    """A file of a backup is missing, or not as it was written; the message begins with its name."""


class BackupPlace(Place):
    """A folder of backups, here or far away.

    Raises:
        BackupRefused: nothing can be kept there. So does every method that fails for a reason
            that lies there.
    """

    def refusal(self, message: str, error: Exception) -> VasariError:
        """Return what is raised for an error that lies there."""
        if is_full(error):
            message += (
                ". Make room there, or keep fewer backups (--keep), and run the same command "
                "again: nothing is lost"
            )
        return BackupRefused(message)

    @contextmanager
    def reading(self, name: str) -> Iterator["Reading"]:
        """Open a file.

        Raises:
            BackupDamaged: it is not there.
        """
        with self.explained():
            try:
                file = self._files.open(f"{self.root}/{name}", "rb")
            except FileNotFoundError:
                raise BackupDamaged(f"{name}: it is missing in {self.name}") from None
        with file:
            yield Reading(file, self)

    def linked(self, name: str, to: Path) -> bool:
        """Make a link to a file, and tell whether that can be done: its place is this machine's."""
        if not self.is_folder:
            return False
        to.unlink(missing_ok=True)
        to.symlink_to(f"{self.root}/{name}")
        return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other backups of this machine from writing to the same folder.

        Raises:
            BackupRefused: one is.
        """
        if not self.is_folder:
            yield
            return
        with self.explained():
            try:
                lock = take_lock(Path(self.root) / ".lock", seconds=0)
            except TimeoutError:
                raise BackupRefused(
                    f"another backup is being written to {self.name}: wait until it has ended"
                ) from None
        with lock:
            yield


class Reading:
    """A file of a place that is being read."""

    def __init__(self, file: IO[bytes], place: BackupPlace) -> None:
        self._file = file
        self._place = place

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, or all that are left; none at the end."""
        with self._place.explained():
            return self._file.read(size)
