"""What a collection is moved from: another collection, or a folder that one was exported to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from catalog.database import Database
from catalog.tables import Row, row_counts, rows, table_names
from ingest.image_store import ImageStore
from ingest.moving.searches import RecordedSearch, record_searches
from search.index import Index, IndexPoint, VectorSpec

Report = Callable[[str, int, int], None]
"""Hears what is being moved, how much of it so far, and how much there is."""


class MoveRefused(Exception):
    """The collection cannot be moved like this; nothing was written; the message says why."""


class MoveFailed(Exception):
    """What arrived is not what was sent; the message says what differs."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """How much a collection holds.

    Args:
        rows: table of the catalog -> rows.
        points: of the index.
        vectors: named vector -> points that have it.
        thumbnails: pictures in the image store.
    """

    rows: Mapping[str, int]
    points: int
    vectors: Mapping[str, int]
    thumbnails: int


class Origin(Protocol):
    """A collection as rows, points, thumbnails, and searches with their answers."""

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors of its points."""

    def contents(self) -> Contents:
        """Return how much it holds."""

    def rows(self, table: str) -> Iterator[list[Row]]:
        """Go through the rows of a table, some at a time."""

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of its points."""

    def points(self) -> Iterator[IndexPoint]:
        """Go through its points with all their vectors."""

    def thumbnails(self) -> Iterator[tuple[str, bytes]]:
        """Go through its thumbnails: SHA-256 of the image, and the thumbnail's own bytes."""

    def searches(self) -> list[RecordedSearch]:
        """Return searches with their answers."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A collection that is open, embedded or served."""

    database: Database
    index: Index
    store: ImageStore

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors of its points."""
        return self.index.specs

    def contents(self) -> Contents:
        """Return how much it holds."""
        with self.database.transaction() as session:
            counted = row_counts(session)
        status = self.index.status()
        return Contents(
            rows={name: counted[name] for name in table_names()},
            points=status.points,
            vectors={name: held.points for name, held in status.vectors.items()},
            thumbnails=sum(1 for _ in self.store.hashes()),
        )

    def rows(self, table: str) -> Iterator[list[Row]]:
        """Go through the rows of a table, some at a time."""
        with self.database.transaction() as session:
            yield from rows(session, table)

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of its points."""
        return self.index.ids()

    def points(self) -> Iterator[IndexPoint]:
        """Go through its points with all their vectors."""
        return self.index.points(with_vectors=True)

    def thumbnails(self) -> Iterator[tuple[str, bytes]]:
        """Go through its thumbnails."""
        for sha256 in self.store.hashes():
            yield sha256, self.store.thumbnail_path(sha256).read_bytes()

    def searches(self) -> list[RecordedSearch]:
        """Ask about some works by a scan of all."""
        return record_searches(self.index)
