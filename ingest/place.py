"""A folder, here or wherever else fsspec has an address for, in which files are kept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from embedders.atomic_file import atomic_file
from errors import VasariError
from ingest.web_address import is_web_address, without_credentials
from redaction import redact
from search.index.disk_space import disk_full_named, is_full

UNFINISHED = ".part"


class PlaceRefused(VasariError):
    """Nothing can be kept in a place, or read from it; the message says why, and what to do."""


class PlaceUnreachable(PlaceRefused):
    """A place did not answer; it may the next time."""


_WHOLE_AT_ONCE = frozenset(("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"))
"""Protocols of object stores: a file is not seen there before it is whole."""


class Place:
    """A folder of files. Names within it are separated by slashes.

    Args:
        address: a path, or an fsspec URL such as ``s3://bucket/folder``.

    Raises:
        PlaceRefused: nothing can be kept there. So does every method that fails for a reason
            that lies there, and as ``PlaceUnreachable`` where that may pass.
    """

    def __init__(self, address: str) -> None:
        import fsspec  # here, as most collections are in the home alone

        self.address = address
        self.name = without_credentials(address) if is_web_address(address) else address
        try:
            where = address if is_web_address(address) else str(Path(address).absolute())
            # Others write there too: what a listing said a moment ago is no answer.
            self._files, root = fsspec.core.url_to_fs(where, use_listings_cache=False)
        except (ImportError, ValueError, TypeError) as error:
            raise self.refusal(
                f"{self.name} cannot be used: {self._said(error)}. Name a "
                "folder, or install what fsspec needs for this kind of address",
                error,
            ) from error
        self.root: str = root.rstrip("/")
        self.is_folder = "file" in _protocols(self._files)
        self._puts_whole = not _WHOLE_AT_ONCE.isdisjoint(_protocols(self._files))

    def refusal(self, message: str, error: Exception) -> VasariError:
        """Return what is raised for an error that lies there."""
        if is_full(error):
            return PlaceRefused(f"{message}. Make room there and run the same command again")
        lasting = isinstance(error, PermissionError | ImportError | ValueError | TypeError)
        return PlaceRefused(message) if lasting else PlaceUnreachable(message)

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

    def names_by_hash(self, folder: str) -> Iterator[str]:
        """Go through finished files that lie in folders named by their first two digits, in order.

        Folder by folder, as a list of all might not fit into memory.
        """
        for part in range(256):
            yield from sorted(self.names(f"{folder}/{part:02x}"))

    def put(self, name: str, written: Path) -> None:
        """Copy a file there, which is seen under its name only when it is whole."""
        to = f"{self.root}/{name}"
        with self.explained():
            if self.is_folder:
                with atomic_file(Path(to)) as unfinished:
                    shutil.copyfile(written, unfinished)
                return
            if self._puts_whole:
                self._files.put_file(str(written), to)
                return
            self._files.makedirs(to.rpartition("/")[0], exist_ok=True)
            passing = f"{to}.{uuid4().hex}{UNFINISHED}"
            self._files.put_file(str(written), passing)
            self._files.mv(passing, to)

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; ``None`` where there is none."""
        with self.explained():
            try:
                data: bytes = self._files.cat_file(f"{self.root}/{name}")
            except FileNotFoundError:
                return None
            return data

    def fetch(self, name: str, to: Path) -> bool:
        """Copy a file from there, which appears here only when it is whole.

        Returns whether there is one.

        Raises:
            DiskFull: there is no room for it here.
        """
        with self.explained(), disk_full_named(to.parent):
            if not self._files.exists(f"{self.root}/{name}"):
                return False
            with atomic_file(to) as unfinished:
                self._files.get_file(f"{self.root}/{name}", str(unfinished))
        return True

    def holds(self, name: str) -> bool:
        """Tell whether there is a file."""
        with self.explained():
            return bool(self._files.exists(f"{self.root}/{name}"))

    def written_at(self, name: str) -> float:
        """Return when a file that is there was written, in seconds since 1970."""
        with self.explained():
            return float(self._files.modified(f"{self.root}/{name}").timestamp())

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self.explained():
            try:
                self._files.rm_file(f"{self.root}/{name}")
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
                return dict(self._files.find(f"{self.root}/{folder}", detail=True))
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
                # Without its cause, which a job would take for this machine's disk.
                raise self.refusal(f"{self.name} is full", error) from None
            message = f"{self.name} cannot be used: {self._said(error)}"
            raise self.refusal(message, error) from error

    def _said(self, error: Exception) -> str:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return redact(str(said).replace(self.address, self.name))


def _protocols(files: Any) -> tuple[str, ...]:
    names = files.protocol
    return (names,) if isinstance(names, str) else tuple(names)
