"""What a collection is moved from: another collection, or a folder that one was exported to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from catalog.database import Database
from catalog.tables import Row, row_counts, rows, table_names
from errors import VasariError
from ingest.image_store import ImageStore
from ingest.originals import Originals
from maintenance.moving.kept_files import kept_files
from maintenance.moving.searches import RecordedSearch, record_searches
from maintenance.shared_models import SharedModels
from search.index.contract import GenerationalIndex, IndexPoint, VectorSpec

Report = Callable[[str, int, int], None]
"""Hears what is being moved, how much of it so far, and how much there is."""


class MoveRefused(VasariError):
    """The collection cannot be moved like this; nothing was written; the message says why."""


class MoveFailed(VasariError):
    """What arrived is not what was sent; the message says what differs."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """How much a collection holds.

    Args:
        rows: table of the catalog -> rows.
        points: of the index.
        vectors: named vector -> points that have it.
        thumbnails: pictures in the image store.
        files: of its own models and of its evaluations.
        addresses: of the web of which it knows what image they have.
    """

    rows: Mapping[str, int]
    points: int
    vectors: Mapping[str, int]
    thumbnails: int
    files: int = 0
    addresses: int = 0


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

    def files(self) -> Iterator[tuple[str, Path]]:
        """Go through the other files that it keeps: path within its home, and where each lies."""

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Go through what it knows of addresses of the web, so that none is asked without need."""

    def searches(self) -> list[RecordedSearch]:
        """Return searches with their answers."""


@dataclass(frozen=True, kw_only=True)
class Collection(Origin):
    """A collection that is open, embedded or served.

    Args:
        home: the folder where its own models and its evaluations lie.
    """

    database: Database
    index: GenerationalIndex
    store: ImageStore
    originals: Originals
    models: SharedModels
    home: Path

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        return self.index.specs

    def contents(self) -> Contents:
        with self.database.transaction() as session:
            counted = row_counts(session)
        status = self.index.status()
        return Contents(
            rows={name: counted[name] for name in table_names()},
            points=status.points,
            vectors={name: held.points for name, held in status.vectors.items()},
            thumbnails=sum(1 for _ in self.store.hashes()),
            files=sum(1 for _ in self.files()),
            addresses=sum(1 for _ in self.addresses()),
        )

    def rows(self, table: str) -> Iterator[list[Row]]:
        with self.database.transaction() as session:
            yield from rows(session, table)

    def ids(self) -> Iterator[UUID]:
        return self.index.ids()

    def points(self) -> Iterator[IndexPoint]:
        return self.index.points(with_vectors=True)

    def thumbnails(self) -> Iterator[tuple[str, bytes]]:
        for sha256 in self.store.hashes():
            yield sha256, self.store.fetched(sha256).read_bytes()

    def files(self) -> Iterator[tuple[str, Path]]:
        return kept_files(self.home)

    def addresses(self) -> Iterator[tuple[str, str]]:
        return self.originals.notes()

    def searches(self) -> list[RecordedSearch]:
        """Ask about some works by a scan of all."""
        return record_searches(self.index)
