"""The contract of a reader."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from catalog.jobs import Failure
from catalog.record import ArtworkRecord


class UnreadableSource(Exception):
    """The source as a whole cannot be read; the message says what to do."""


class Reader(Protocol):
    """Turns a source into records, one an artwork, in a stable order."""

    name: str
    """The kind of source, such as ``folder``."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the source was described by, as JSON values, for the book of jobs."""

    def read(self) -> Iterator[ArtworkRecord | Failure]:
        """Go through the source. What cannot be a record is a failure of stage ``read``.

        Raises:
            UnreadableSource: there is nothing to go through.
        """
