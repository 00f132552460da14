"""One run at a time of each name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from errors import VasariError


class AlreadyRunning(VasariError):
    """Another process trains a model of this name; the message says what to do."""


@contextmanager
def exclusive_run(models_dir: Path, name: str) -> Iterator[None]:
    """Keep other runs of a name out during the block. The lock of a process that dies is released.

    Raises:
        AlreadyRunning: one is under way.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(models_dir / f".{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyRunning(
            f"another process is training {name} right now: wait for it, or give this model "
            "another --name"
        ) from None
    try:
        yield
    finally:
        lock.release()
