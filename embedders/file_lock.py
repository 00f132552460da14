"""Locks between the processes of a machine, as files. A process that dies lets go of its locks."""

from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock


def take_lock(path: Path, *, seconds: float = -1) -> AbstractContextManager[object]:
    """Wait for a lock file, whose folder is made if it is missing, and take it.

    Args:
        seconds: how long to wait; by default without end.

    Returns:
        The lock, held until the block ends.

    Raises:
        TimeoutError: another process holds it.
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path).acquire(timeout=seconds)
