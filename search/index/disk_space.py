"""Room on the disk: asked for before long writes, and named where it was what failed."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import VasariError

RESERVE_BYTES = 32 << 20
"""What is left to the files that grow by themselves: the catalog's log, the index's own. The
engine writes to files mapped into memory, and a process that finds no room for one of their pages
is ended by the operating system without a word: the reserve keeps it from coming to that."""

_ENGINES_SAY = ("no space left on device", "os error 28", "disk is full", "disk quota exceeded")

NEXT_TO_NOTHING_BYTES = 1 << 20


class DiskFull(VasariError):
    """The disk has no room for what is to be written; the message says what to do."""

    def __init__(self, folder: Path, needed: int | None = None) -> None:
        room = f": about {needed / 1e6:,.0f} MB more are needed" if needed else ""
        super().__init__(
            f"the disk is full where {folder} lies{room}. Free some space and run the same command "
            "again: nothing is lost"
        )


def is_full(error: BaseException) -> bool:
    """Tell whether an error, or what caused it, is a disk without room."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if any(words in str(error).lower() for words in _ENGINES_SAY):
        return True
    return error.__cause__ is not None and is_full(error.__cause__)


@contextmanager
def disk_full_named(folder: Path) -> Iterator[None]:
    """Have what fails for want of room in a folder say so.

    Raises:
        DiskFull: in the place of an error that means it.
    """
    try:
        yield
    except DiskFull:
        raise
    except Exception as error:
        # SQLite cannot always tell why the disk refused it.
        refused = "disk i/o error" in str(error).lower()
        if is_full(error) or (refused and free_bytes(folder) < NEXT_TO_NOTHING_BYTES):
            raise DiskFull(folder) from error
        raise


def ask_for_room(folder: Path, needed: int) -> None:
    """See that a folder's disk has room for so many bytes, and a reserve beside.

    Raises:
        DiskFull: it has not.
    """
    free = free_bytes(folder)
    if free < needed + RESERVE_BYTES:
        raise DiskFull(folder, needed + RESERVE_BYTES - free)


def allocated(folder: Path) -> int:
    """Return how many bytes a folder's files take up on the disk, without the holes in them."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def free_bytes(folder: Path) -> int:
    """Return how much room there is on a folder's disk, or where the folder would be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
