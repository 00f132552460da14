"""One run at a time of each name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedders.file_lock import take_lock
from errors import VasariError


class AlreadyRunning(VasariError):
    """Another process trains a model of this name; the message says what to do."""


@contextmanager
def exclusive_run(models_dir: Path, name: str) -> Iterator[None]:
    """Keep other runs of a name out during the block. The lock of a process that dies is released.

    Raises:
        AlreadyRunning: one is under way.
    """
    try:
        lock = take_lock(models_dir / f".{name}.lock", seconds=0)
    except TimeoutError:
        raise AlreadyRunning(
            f"another process is training {name} right now: wait for it, or give this model "
            "another --name"
        ) from None
    with lock:
        yield
