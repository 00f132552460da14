"""Where backups lie: a folder, or whatever else fsspec has an address for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import fsspec

from embedders.atomic_file import atomic_file
from embedders.file_lock import take_lock
from errors import VasariError
from ingest.web_address import is_web_address, without_credentials
from search.index.disk_space import is_full

UNFINISHED = ".part"


class BackupRefused(VasariError):
    """The backup cannot be made, read or brought back like this; the message says what to do."""


class BackupDamaged(BackupRefused):
    """A file of a backup is missing, or not as it was written; the message begins with its name."""


class Place:
    """A folder of backups, here or far away. Names within it are separated by slashes.

    Args:
        address: a path, or an fsspec URL such as ``s3://bucket/folder``.

    Raises:
        BackupRefused: nothing can be kept there. So does every method that fails for a reason
            that lies there.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.name = without_credentials(address) if is_web_address(address) else address
        try:
            where = address if is_web_address(address) else str(Path(address).absolute())
            self._files, self._root = fsspec.core.url_to_fs(where)
        except (ImportError, ValueError, TypeError) as error:
            raise BackupRefused(
                f"{self.name} cannot be used: {str(error).replace(address, self.name)}. Name a "
                "folder, or install what fsspec needs for this kind of address"
            ) from error
        self._root = self._root.rstrip("/")
        self._is_folder = "file" in _protocols(self._files)

    def path(self, name: str) -> str:
        """Return where a file lies, as messages name it."""
        return f"{self.name.rstrip('/')}/{name}"

    def names(self, folder: str) -> dict[str, int]:
        """Return the finished files in a folder and in those within it: name -> bytes."""
        return {
            path[path.rindex(f"{folder}/") :]: int(about["size"])
            for path, about in self._found(folder).items()
            if not path.endswith(UNFINISHED)
        }

    @contextmanager
    def reading(self, name: str) -> Iterator["Reading"]:
        """Open a file.

        Raises:
            BackupDamaged: it is not there.
        """
        with self.explained():
            try:
                file = self._files.open(f"{self._root}/{name}", "rb")
            except FileNotFoundError:
                raise BackupDamaged(f"{name}: it is missing in {self.name}") from None
        with file:
            yield Reading(file, self)

    def put(self, name: str, written: Path) -> None:
        """Copy a file there, which is seen under its name only when it is whole."""
        to = f"{self._root}/{name}"
        with self.explained():
            if self._is_folder:
                with atomic_file(Path(to)) as unfinished:
                    shutil.copyfile(written, unfinished)
                return
            self._files.makedirs(to.rpartition("/")[0], exist_ok=True)
            passing = f"{to}.{uuid4().hex}{UNFINISHED}"
            self._files.put_file(str(written), passing)
            self._files.mv(passing, to)

    def linked(self, name: str, to: Path) -> bool:
        """Make a link to a file, and tell whether that can be done: its place is this machine's."""
        if not self._is_folder:
            return False
        to.unlink(missing_ok=True)
        to.symlink_to(f"{self._root}/{name}")
        return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other backups of this machine from writing to the same folder.

        Raises:
            BackupRefused: one is.
        """
        if not self._is_folder:
            yield
            return
        with self.explained():
            try:
                lock = take_lock(Path(self._root) / ".lock", seconds=0)
            except TimeoutError:
                raise BackupRefused(
                    f"another backup is being written to {self.name}: wait until it has ended"
                ) from None
        with lock:
            yield

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self.explained():
            try:
                self._files.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return

    def clear_unfinished(self, folder: str) -> None:
        """Remove what killed processes left there; nobody else may be writing."""
        for path in self._found(folder):
            if path.endswith(UNFINISHED):
                with self.explained():
                    self._files.rm_file(path)

    def _found(self, folder: str) -> dict[str, Any]:
        with self.explained():
            self._files.invalidate_cache()
            try:
                return dict(self._files.find(f"{self._root}/{folder}", detail=True))
            except FileNotFoundError:
                return {}

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Have what fails there say so; libraries for far places raise exceptions of their own."""
        try:
            yield
        except VasariError:
            raise
        except Exception as error:
            if is_full(error):
                raise BackupRefused(
                    f"{self.name} is full. Make room there, or keep fewer backups (--keep), and "
                    "run the same command again: nothing is lost"
                ) from error
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            reason = str(said).replace(self.address, self.name)
            raise BackupRefused(f"{self.name} cannot be used: {reason}") from error


class Reading:
    """A file of a place that is being read."""

    def __init__(self, file: IO[bytes], place: Place) -> None:
        self._file = file
        self._place = place

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, or all that are left; none at the end."""
        with self._place.explained():
            return self._file.read(size)


def _protocols(files: Any) -> tuple[str, ...]:
    names = files.protocol
    return (names,) if isinstance(names, str) else tuple(names)
