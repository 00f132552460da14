"""A fine-tuning's progress on the terminal, on stderr so that stdout stays the answer's."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import TaskID

from ui.progress import bars_with_notes


class FinetuneProgress:
    """Shows one bar, of the task at hand, with its rate."""

    def __init__(self, console: Console) -> None:
        self._progress = bars_with_notes(console)
        self._task: TaskID | None = None
        self._done = 0
        self._began = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begin(self, task: str, total: int) -> None:
        """Begin the bar of a task."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(task, total=total, note="")
        self._done, self._began = 0, time.perf_counter()

    def advance(self, pictures: int, note: str = "") -> None:
        """Move the bar on, and say how fast it goes."""
        if self._task is None:
            return
        self._done += pictures
        rate = self._done / max(1e-6, time.perf_counter() - self._began)
        note = f"{rate:.0f} pictures/s" + (f" · {note}" if note else "")
        self._progress.update(self._task, advance=pictures, note=note)
