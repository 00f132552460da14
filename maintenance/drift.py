"""Where the catalog, the index and the thumbnails no longer say the same.

Every work and every point is looked at, a page at a time, so that memory does not grow with the
collection. What is read first and what second is chosen so that an ingest at work meanwhile is not
taken for drift: it writes a work to the catalog before its point to the index, and its point before
it marks the task as done.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from catalog.artworks import by_id
from catalog.batching import batched
from catalog.database import Database
from catalog.models import Artwork, EmbeddingTask
from catalog.projections import projection_version
from embedders import DerivedDescription, ModelRegistry
from ingest.image_store import ImageStore, is_as_written
from ingest.queue import LEASE
from search.index.contract import Index

PAGE = 500

Report = Callable[[str, int], None]
"""Hears what is being gone through, and how much of it so far."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What differs between the catalog, the index and the image store.

    Args:
        works, points, thumbnails: how many were looked at.
        missing_points: works that were embedded and that the index does not hold.
        missing_vectors: vector -> works that the index holds without it, though it was made.
        orphaned_points: points of works that the catalog does not know.
        other_payloads: points whose payload is not what the catalog says of the work.
        missing_thumbnails: SHA-256 of an image without thumbnail -> a work that it is of.
        orphaned_thumbnails: SHA-256 of images that no work has.
        damaged_thumbnails: SHA-256 of an image whose thumbnail is not as it was written -> a work
            that it is of.
        damaged_files: of the index, not as they were written.
    """

    works: int
    points: int
    thumbnails: int
    missing_points: tuple[UUID, ...] = ()
    missing_vectors: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    orphaned_points: tuple[UUID, ...] = ()
    other_payloads: tuple[UUID, ...] = ()
    missing_thumbnails: Mapping[str, UUID] = field(default_factory=dict)
    orphaned_thumbnails: tuple[str, ...] = ()
    damaged_thumbnails: Mapping[str, UUID] = field(default_factory=dict)
    damaged_files: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return how much of each kind there is."""
        return {
            "missing_points": len(self.missing_points),
            "missing_vectors": sum(map(len, self.missing_vectors.values())),
            "strange_points": len(self.orphaned_points),
            "other_payloads": len(self.other_payloads),
            "missing_thumbnails": len(self.missing_thumbnails),
            "orphaned_thumbnails": len(self.orphaned_thumbnails),
            "damaged_thumbnails": len(self.damaged_thumbnails),
            "damaged_files": len(self.damaged_files),
        }

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return any(self.counts().values())


def find_drift(
    database: Database,
    index: Index,
    store: ImageStore,
    registry: ModelRegistry,
    report: Report = lambda _what, _count: None,
) -> Drift:
    """Compare the catalog with the index, id by id, both ways, and with the thumbnails.

    Raises:
        CatalogDamaged: there is nothing to compare with.
    """
    database.require_sound()
    orphaned, other, points = _points_against_catalog(database, index, report)
    missing_points: list[UUID] = []
    missing_vectors: dict[str, list[UUID]] = {}
    missing_thumbnails: dict[str, UUID] = {}
    damaged_thumbnails: dict[str, UUID] = {}
    works = 0
    fitted = _fitted(database, registry)
    for page in _works(database):
        works += len(page.images)
        report("works", works)
        for sha256, work in ((sha256, work) for work, sha256 in page.images.items() if sha256):
            thumbnail = store.read(sha256)
            if thumbnail is None:
                missing_thumbnails.setdefault(sha256, work)
            elif not is_as_written(thumbnail):
                damaged_thumbnails.setdefault(sha256, work)
        held = index.held(list(page.images))
        embedded = {work for made in page.embedded.values() for work in made}
        missing_points += sorted(embedded - held)
        for model, made in page.embedded.items():
            there = sorted(set(made) & held)
            for name in vectors_of(model, index, registry, fitted):
                lacking = sorted(set(there) - index.held(there, model=name))
                if lacking:
                    missing_vectors.setdefault(name, []).extend(lacking)
    orphans, thumbnails = _orphaned_thumbnails(database, store, report)
    return Drift(
        works=works,
        points=points,
        thumbnails=thumbnails,
        missing_points=tuple(missing_points),
        missing_vectors={name: tuple(ids) for name, ids in sorted(missing_vectors.items())},
        orphaned_points=orphaned,
        other_payloads=other,
        missing_thumbnails=missing_thumbnails,
        orphaned_thumbnails=orphans,
        damaged_thumbnails=damaged_thumbnails,
        damaged_files=tuple(index.damaged_files()),
    )


def vectors_of(
    model: str, index: Index, registry: ModelRegistry, fitted: frozenset[str]
) -> list[str]:
    """Return the vectors that a work embedded with a model has: its own, features, derived."""
    if model not in registry:  # written by another Vasari: its own vector is all that is known
        return [model]
    description = registry.describe(model)
    if isinstance(description, DerivedDescription):
        return [model]
    features = [item.name for item in description.features if item.name in index.specs]
    derived = [item.name for item in registry.derived_models(model) if item.name in index.specs]
    return [model, *features, *(name for name in derived if name in fitted)]


@dataclass(frozen=True)
class _Page:
    """Some works: work -> SHA-256 of its image, and model -> works that it has embedded."""

    images: Mapping[UUID, str | None]
    embedded: Mapping[str, Sequence[UUID]]


def _works(database: Database) -> Iterator[_Page]:
    ordered = select(Artwork.id, Artwork.image_sha256).order_by(Artwork.id).limit(PAGE)
    works = ordered
    while True:
        with database.transaction() as session:
            page = _page(session, works)
        if not page.images:
            return
        yield page
        works = ordered.where(Artwork.id > list(page.images)[-1])


def _page(session: Session, works: Select[tuple[UUID, str | None]]) -> _Page:
    images = dict(iter(session.execute(works).tuples()))
    embedded: dict[str, list[UUID]] = {}
    # By the image that it was made of, and not by its state: a work that is queued again because
    # its image may have changed is still there.
    for work, model in session.execute(
        select(EmbeddingTask.artwork_id, EmbeddingTask.model).where(
            EmbeddingTask.artwork_id.in_(images), EmbeddingTask.image_sha256.is_not(None)
        )
    ):
        embedded.setdefault(model, []).append(work)
    return _Page(images, embedded)


def _points_against_catalog(
    database: Database, index: Index, report: Report
) -> tuple[tuple[UUID, ...], tuple[UUID, ...], int]:
    """Return the points of unknown works, those with another payload, and how many there are."""
    orphaned: list[UUID] = []
    other: list[UUID] = []
    count = 0
    for page in batched(index.points(with_vectors=False), PAGE):
        count += len(page)
        report("points", count)
        with database.transaction() as session:
            known = by_id(session, [point.id for point in page])
        orphaned += [point.id for point in page if point.id not in known]
        other += [
            point.id
            for point in page
            if point.id in known and dict(point.payload) != known[point.id].payload()
        ]
    return tuple(sorted(orphaned)), tuple(sorted(other)), count


def _orphaned_thumbnails(
    database: Database, store: ImageStore, report: Report
) -> tuple[tuple[str, ...], int]:
    """Return the images with a thumbnail that no work has, and how many thumbnails there are."""
    orphans: list[str] = []
    count = 0
    # A thumbnail is written before the catalog hears of its image.
    newest = time.time() - LEASE.total_seconds()
    for page in batched(store.hashes(), PAGE):
        count += len(page)
        report("thumbnails", count)
        with database.transaction() as session:
            known = set(
                session.scalars(
                    select(Artwork.image_sha256).where(Artwork.image_sha256.in_(page)).distinct()
                )
            )
        orphans += [
            sha256 for sha256 in page if sha256 not in known and store.written_at(sha256) < newest
        ]
    return tuple(orphans), count


def _fitted(database: Database, registry: ModelRegistry) -> frozenset[str]:
    """Return the derived models whose projection is there."""
    with database.transaction() as session:
        return frozenset(
            item.name
            for item in registry.derived_models()
            if projection_version(session, item.name) is not None
        )
