"""Files of a source: which of them are read, and where its images lie."""

import os
import stat
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated

from catalog.record import InvalidRecord
from ingest.readers.reader import Option, UnreadableSource

IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".png", ".ppm", ".tif", ".tiff", ".webp"}
)


OUTSIDE = "file outside the folder; --allow-outside reads such files too"
"""The reason of a failure: a path, or a link, leads out of where a source's images lie."""

LINKED_FOLDER = "linked folder, whose files are not looked for"
CLOSED_FOLDER = "folder that may not be read"

AllowOutside = Annotated[
    bool,
    Option(
        "Also read images to which a path or a link leads out of their folder.",
        flag="--allow-outside",
    ),
]

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class ImageFolder:
    """The folder of a source's images, which no path and no link leads out of unnoticed.

    A table that somebody else wrote names files, and a folder that somebody else packed may hold
    links: neither may have a file of this machine read that was not meant to be shown.

    Args:
        allow_outside: take paths and links wherever they lead.
    """

    def __init__(self, folder: Path, *, allow_outside: bool) -> None:
        self.path = absolute(folder)
        self.allow_outside = allow_outside
        self.left_out: Counter[str] = Counter()

    def files(self) -> list[str]:
        """Return the image files at any depth, as POSIX paths relative to the folder, by name.

        Hidden files and folders are skipped. Linked folders are not followed, as they may lead
        round in circles; they are counted as left out, like those that may not be read.
        """
        self.left_out.clear()
        files = []
        for current, folders, names in os.walk(self.path, onerror=self._note_closed):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            linked = sum((Path(current) / name).is_symlink() for name in folders)
            self.left_out[LINKED_FOLDER] += linked
            files += [
                (Path(current) / name).relative_to(self.path).as_posix()
                for name in sorted(names)
                if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES
            ]
        return files

    def _note_closed(self, _error: OSError) -> None:
        self.left_out[CLOSED_FOLDER] += 1

    def locate(self, file: str) -> tuple[str, str | None]:
        """Return where an image is, and the sign by which a change of it is seen.

        A link is followed here and now, so that one that is turned elsewhere later on changes
        nothing.

        Raises:
            InvalidRecord: it lies outside the folder.
        """
        if "\0" in file:
            raise InvalidRecord("file holds a NUL character")
        path = absolute(self.path / file)
        if not self.allow_outside:
            target = Path(os.path.realpath(path))
            if not target.is_relative_to(self._real):
                raise InvalidRecord(OUTSIDE)
            # By the folder's name as it was given: on other machines it may be linked elsewhere.
            path = self.path / target.relative_to(self._real)
        return str(path), signature(path)

    @cached_property
    def _real(self) -> Path:
        return Path(os.path.realpath(self.path))


def require_regular_file(path: Path) -> None:
    """Make sure that a file can be read to its end: a pipe may never have one.

    Raises:
        UnreadableSource: it is not one, or cannot be accessed.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableSource(f"{path} cannot be read: {reason}") from error
    if not stat.S_ISREG(mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
        raise UnreadableSource(f"{path} is {kind}, not a file: save the table as a file first")


def absolute(path: Path) -> Path:
    """Return a path from the root; unlike ``resolve`` it does not follow links."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def signature(path: Path) -> str | None:
    """Return a sign that changes whenever the file does; ``None`` where it cannot be looked at."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def printable(name: str) -> str:
    """Return a file's name as text that can be stored, whatever its bytes."""
    return name.encode(errors="replace").decode()
