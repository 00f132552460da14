"""Progress of jobs on the terminal, on stderr: stdout is the answer's."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.status import Status
from rich.text import Text


@contextmanager
def counted(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while a block lasts; what it is given takes how much is done, and of how much."""
    with staged(console) as show:
        show(what, None, None)
        yield partial(show, what)


@contextmanager
def staged(console: Console) -> Iterator[Callable[[str, int | None, int | None], None]]:
    """Show a bar while a block lasts; what it is given takes what is being done too.

    Where it is not told how much of it is done, the bar only moves.
    """
    with Progress(console=console, transient=True) as bar:

        def show(what: str, done: int | None, total: int | None) -> None:
            if what not in [task.description for task in bar.tasks]:
                for former in bar.task_ids:
                    bar.remove_task(former)
                bar.add_task(what, total=None)
            bar.update(bar.task_ids[0], completed=done, total=total)

        yield show


class _Bars:
    """Progress bars while a block lasts; each task has a ``note`` beside its bar."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", style="dim"),
            console=console,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()


class TerminalProgress(_Bars):
    """Shows what is read, how far the embedding is, each model's rate, and what failed."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._works: TaskID | None = None
        self._reading: TaskID | None = None
        self._failed = 0
        self._waiting_for = ""
        self._images: dict[str, int] = {}
        self._seconds: dict[str, float] = {}

    def read(self, records: int) -> None:
        """Show how many records have been read."""
        if self._reading is None:
            self._reading = self._progress.add_task("reading", total=None, note="")
        self._progress.update(self._reading, completed=records)

    def embedding(self, works: int, models: Sequence[str]) -> None:
        """Begin the bar of the embedding."""
        if self._reading is not None:
            read = self._progress.tasks[0].completed
            self._progress.update(self._reading, total=max(1, read), completed=max(1, read))
        if works:
            self._works = self._progress.add_task("embedding", total=works, note="")
        self._images = dict.fromkeys(models, 0)
        self._seconds = dict.fromkeys(models, 0.0)

    def embedded(self, model: str, images: int, seconds: float) -> None:
        """Bring a model's rate up to date."""
        self._images[model] += images
        self._seconds[model] += seconds

    def finished(self, works: int, failed: int) -> None:
        """Move the bar on."""
        if self._works is None:
            return
        self._failed += failed
        self._progress.update(self._works, advance=works + failed, note=self._note())

    def building_index(self) -> None:
        """Say that the graphs are being built."""
        self._progress.add_task("building the HNSW graph", total=None, note="")

    def waiting(self, server: str, seconds: float) -> None:
        """Say that a server is waited for."""
        self._waiting_for = server
        self._progress.console.print(
            Text.assemble(
                (f"the {server} does not answer, waiting… ", "yellow"),
                (f"(for up to {seconds:.0f} seconds)", "dim"),
            ),
            highlight=False,
        )

    def going_on(self) -> None:
        """Say that the server answers again."""
        if self._waiting_for:
            self._progress.console.print(f"the {self._waiting_for} answers again", highlight=False)
            self._waiting_for = ""

    def _note(self) -> str:
        rates = [
            f"{model} {self._images[model] / seconds:.0f} images/s"
            for model, seconds in self._seconds.items()
            if seconds > 0
        ]
        return " · ".join([*rates, *([f"{self._failed} failed"] if self._failed else [])])


class StatusProgress:
    """Names the present task of a short training on a status line."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def begin(self, task: str, total: int) -> None:
        """Name a task."""
        self._status.update(task)

    def advance(self, pictures: int, note: str = "") -> None:
        """Show nothing: each task takes seconds."""


class RateProgress(_Bars):
    """Shows one bar, of the present task, with its rate."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._task: TaskID | None = None
        self._done = 0
        self._began = 0.0

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
