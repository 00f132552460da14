"""What a long run tells whoever watches it, and how it is asked to stop."""

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Shows how far a run is."""

    def begin(self, task: str, total: int) -> None:
        """Begin a task of ``total`` pictures."""

    def advance(self, pictures: int, note: str = "") -> None:
        """Move on in the task that was begun last."""


class Interrupted(Exception):
    """The run was asked to stop; what it had learned up to the last epoch is kept."""


class Watch:
    """Whoever watches a run: told how far it is, and asked before each batch whether to go on.

    Args:
        progress: ``None`` where nobody looks.
        stop: tells whether to end.
    """

    def __init__(
        self, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False
    ) -> None:
        self._progress = progress
        self._stop = stop

    def begin(self, task: str, total: int) -> None:
        """Begin a task of ``total`` pictures."""
        if self._progress is not None:
            self._progress.begin(task, total)

    def advance(self, pictures: int, note: str = "") -> None:
        """Move on in the task that was begun last."""
        if self._progress is not None:
            self._progress.advance(pictures, note)

    def check(self) -> None:
        """Raise Interrupted where the run is asked to stop."""
        if self._stop():
            raise Interrupted
