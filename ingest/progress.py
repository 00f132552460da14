"""What a job tells of itself while it runs."""

from collections.abc import Sequence
from typing import Protocol


class JobProgress(Protocol):
    """Hears of a job's progress. The faces show it, each in its own way."""

    def read(self, records: int) -> None:
        """So many records have been read from the source."""

    def embedding(self, works: int, models: Sequence[str]) -> None:
        """The models begin on so many works."""

    def embedded(self, model: str, images: int, seconds: float) -> None:
        """A model has embedded images in so many seconds."""

    def finished(self, works: int, failed: int) -> None:
        """So many more works are done, so many more have failed."""

    def building_index(self) -> None:
        """The HNSW graphs are being built; nothing is heard until they are."""

    def waiting(self, server: str, seconds: float) -> None:
        """The index or the catalog does not answer; it is waited for, for so many seconds."""

    def going_on(self) -> None:
        """What was waited for answers again."""


class NullProgress:
    """Says nothing."""

    def read(self, records: int) -> None:
        """Say nothing."""

    def embedding(self, works: int, models: Sequence[str]) -> None:
        """Say nothing."""

    def embedded(self, model: str, images: int, seconds: float) -> None:
        """Say nothing."""

    def finished(self, works: int, failed: int) -> None:
        """Say nothing."""

    def building_index(self) -> None:
        """Say nothing."""

    def waiting(self, server: str, seconds: float) -> None:
        """Say nothing."""

    def going_on(self) -> None:
        """Say nothing."""
