"""Files that appear under their name only when they are complete."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

_UNFINISHED = ".part"


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; on success it is moved to ``path``, on failure removed.

    What killed processes left of earlier attempts is removed first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_unfinished(path)
    handle, unfinished = _begun(path)
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        # A temporary file is private; weights are shared by every user of the folder.
        unfinished.chmod(0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
        os.close(handle)


def _begun(path: Path) -> tuple[int, Path]:
    """Make an empty file beside ``path``, locked for as long as its handle is open."""
    while True:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED
        )
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # else it was taken for a leftover before it was locked
            return handle, Path(name)
        os.close(handle)


def _clear_unfinished(path: Path) -> None:
    """Remove the files of which nobody holds the lock, since whoever made them is gone."""
    for leftover in path.parent.glob(f".{escape(path.name)}.*{_UNFINISHED}"):
        with suppress(OSError), leftover.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            leftover.unlink()
