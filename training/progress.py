"""How a long run reports its progress, and how it is asked to stop."""

from collections.abc import Callable

from ingest.progress import TaskProgress


class Interrupted(Exception):
    """The run was asked to stop; the same call resumes it."""


class Watch:
    """Passes progress on, and says before each batch whether to continue.

    Args:
        progress: ``None`` if progress is not reported.
        stop: returns whether the run is to stop.
    """

    def __init__(
        self, progress: TaskProgress | None = None, stop: Callable[[], bool] = lambda: False
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
        """Raise Interrupted if the run is to stop."""
        if self._stop():
            raise Interrupted
