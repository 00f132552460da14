"""What a job tells of itself while it runs."""

from collections.abc import Sequence
from typing import Protocol


class TaskProgress(Protocol):
    """Shows how far a run of one task after another is."""

    def begin(self, task: str, total: int) -> None:
        """Begin a task of ``total`` pictures."""

    def advance(self, pictures: int, note: str = "") -> None:
        """Move on in the task that was begun last."""


class JobProgress(Protocol):
    """Is told of a job's progress. Each interface shows it in its own way."""

    def read(self, records: int) -> None:
        """Report how many records have been read from the source so far."""
        return

    def embedding(self, works: int, models: Sequence[str]) -> None:
        """Report that the models begin, and how many works wait for them."""
        return

    def embedded(self, model: str, images: int, seconds: float) -> None:
        """Report that a model has embedded some images, and in how many seconds."""
        return

    def finished(self, works: int, failed: int) -> None:
        """Report how many more works are done, and how many more have failed."""
        return

    def building_index(self) -> None:
        """Report that the HNSW graphs are being built; nothing follows until they are."""
        return

    def waiting(self, server: str, seconds: float) -> None:
        """Report that the index, the catalog or the store does not answer, and how long to wait."""
        return

    def going_on(self) -> None:
        """Report that the server answers again."""
        return


class NullProgress(JobProgress):
    """Says nothing."""
