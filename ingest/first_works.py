"""The beginning of a source."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalog.jobs import Failure
from catalog.record import ArtworkRecord
from ingest.readers.reader import Reader


class FirstWorks(Reader):
    """Reads the first records of another reader, and the failures among them."""

    def __init__(self, reader: Reader, limit: int) -> None:
        self._reader = reader
        self._limit = limit
        self.name = reader.name

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The other reader's, and the limit."""
        return {**self._reader.arguments, "limit": self._limit}

    @property
    def left_out(self) -> Mapping[str, int]:
        """What the other reader had skipped when it was stopped."""
        return self._reader.left_out

    def report_to(self, report: Callable[[str], None]) -> None:
        """Hear of what takes long."""
        self._reader.report_to(report)

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Read the source until the limit of records is reached."""
        records = 0
        for item in self._reader.read():
            yield item
            records += isinstance(item, ArtworkRecord)
            if records >= self._limit:
                return
