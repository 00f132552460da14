"""What the catalog says at one moment, and what the index holds of just that.

The catalog is read in one transaction. The vectors of its works are read after it, while an ingest
may go on, and each work is looked up once more when its vectors have been read: where a vector is
not there, or its work is no longer said to be embedded as it was, the backup has the work wait to
be embedded, as if the ingest had been killed at that moment.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.artworks import by_id
from catalog.batching import batched
from catalog.database import Database
from catalog.models import Artwork, EmbeddingTask, JobState, Projection, TaskState, now
from catalog.tables import Row, kinds, rows, table_names
from maintenance.moving.manifest import table_file
from maintenance.moving.parquet_rows import AT_ONCE, rows_from_arrow
from maintenance.moving.verification import LENGTH_TOLERANCE
from maintenance.moving.writing import Sink, write_rows
from search.index.contract import GenerationalIndex, Index, Vector, VectorSpec

TASKS = "embedding_tasks"

Embedded = tuple[str | None, str | None]
"""SHA-256 of the image, and fingerprint of the model, that a vector was made of."""

CUT = 1_000
"""Works of a part of points, on average: 8 MB of a model of 2,048 numbers."""

LARGEST_PART = 4 * CUT


@dataclass(frozen=True)
class Work:
    """A work at that moment.

    Args:
        sha256: of its image.
        embedded: model -> what its vector was made of.
    """

    id: UUID
    payload: dict[str, str | int]
    sha256: str | None
    embedded: dict[str, Embedded]


@dataclass(frozen=True)
class PointsRead:
    """Some works of the index, in the order in which they came in.

    Args:
        vectors: name -> the works' vectors; ``None`` where a work has none.
    """

    works: Sequence[Work]
    vectors: Mapping[str, list[Vector | None]]


@dataclass
class Unsettled:
    """Works that are to be embedded again: (work, model).

    Args:
        lost: of which there is no vector.
        changed: of which there may be another one than the catalog said.
    """

    lost: set[tuple[UUID, str]] = field(default_factory=set)
    changed: set[tuple[UUID, str]] = field(default_factory=set)

    @property
    def works(self) -> int:
        """How many works these are."""
        return len({work for work, _ in self.lost | self.changed})


@dataclass(frozen=True)
class Standing:
    """What must not change while a backup is made, or it is begun again."""

    specs: Mapping[str, VectorSpec]
    generation: int | None
    projections: Mapping[str, UUID]


def standing(database: Database, index: GenerationalIndex) -> Standing:
    """Return the vectors of the index, its generation, and the projections in use."""
    index.refresh()
    with database.transaction() as session:
        versions = session.execute(select(Projection.model, Projection.version)).tuples()
        projections = dict(iter(versions))
    return Standing(dict(index.specs), index.status().generation, projections)


class Snapshot:
    """The catalog as it was read at one moment, kept in a folder until it is written.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._sink = Sink(folder)
        self._works = folder / "works.jsonl"

    def read(self, database: Database, sink: Sink) -> dict[str, int]:
        """Read the catalog: write all tables but one, keep the rest, and return the rows of each.

        The tasks are written last, once it is known which works must wait.
        """
        with database.snapshot() as session:
            counts = {
                table: write_rows(
                    self._sink if table == TASKS else sink,
                    table,
                    _as_after_a_kill(table, rows(session, table)),
                    with_secrets=True,
                )
                for table in table_names()
            }
            with self._works.open("w", encoding="utf-8") as file:
                for work in _works(session):
                    line = [str(work.id), work.payload, work.sha256, work.embedded]
                    file.write(json.dumps(line) + "\n")
        return counts

    def works(self) -> Iterator[Work]:
        """Go through the works in the order in which they came in."""
        with self._works.open(encoding="utf-8") as file:
            for line in file:
                work, payload, sha256, embedded = json.loads(line)
                made_of = {
                    model: (image, model_id) for model, (image, model_id) in embedded.items()
                }
                yield Work(UUID(work), payload, sha256, made_of)

    def write_tasks(self, sink: Sink, unsettled: Unsettled) -> None:
        """Write the tasks, with what is to be done again."""
        file = pq.ParquetFile(self._sink.folder / table_file(TASKS))
        columns = kinds(TASKS)
        parts = (rows_from_arrow(batch, columns) for batch in file.iter_batches(1_000))
        write_rows(sink, TASKS, ([_unsettled(row, unsettled) for row in part] for part in parts))


def read_points(
    works: Iterable[Work], database: Database, index: Index, unsettled: Unsettled
) -> Iterator[PointsRead]:
    """Go through the works that the index holds, with their vectors, a part at a time.

    Where parts end is told by the works' ids alone, and works that come later stand at the end: of
    a collection that has changed a little, most parts are the same, byte by byte.
    """
    for part in cut(works, lambda work: work.id.int % CUT == 0, LARGEST_PART):
        read = {
            name: _vectors(index, spec, [work.id for work in part])
            for name, spec in index.specs.items()
        }
        _note_unsettled(part, read, database, unsettled)
        held = [work for work in part if any(work.id in vectors for vectors in read.values())]
        if held:
            yield PointsRead(
                held,
                {
                    name: [vectors.get(work.id) for work in held]
                    for name, vectors in sorted(read.items())
                },
            )


def cut(items: Iterable[Any], is_last: Any, most: int) -> Iterator[list[Any]]:
    """Cut behind each item that says so, and where a part would be too large."""
    part = []
    for item in items:
        part.append(item)
        if is_last(item) or len(part) == most:
            yield part
            part = []
    if part:
        yield part


def _works(session: Session) -> Iterator[Work]:
    ids = session.scalars(select(Artwork.id).order_by(Artwork.created_at, Artwork.id)).all()
    for page in batched(ids, AT_ONCE):
        facts, embedded = by_id(session, page), _embedded(session, page)
        for work in page:
            yield Work(
                work, facts[work].payload(), facts[work].image_sha256, embedded.get(work, {})
            )


def _embedded(session: Session, works: Sequence[UUID]) -> dict[UUID, dict[str, Embedded]]:
    task = EmbeddingTask
    found: dict[UUID, dict[str, Embedded]] = {}
    for work, model, image, fingerprint in session.execute(
        select(task.artwork_id, task.model, task.image_sha256, task.fingerprint)
        .where(task.artwork_id.in_(works), task.state == TaskState.DONE)
        .order_by(task.artwork_id, task.model)
    ):
        found.setdefault(work, {})[model] = (image, fingerprint)
    return found


def _vectors(index: Index, spec: VectorSpec, works: Sequence[UUID]) -> dict[UUID, Vector]:
    """Return the vectors of works, but for those that no restore would take."""
    found: dict[UUID, Vector] = {}
    for page in batched(works, AT_ONCE):
        for work, vector in index.vectors(spec.model, page).items():
            length = float(np.linalg.norm(vector.astype(np.float64)))
            if length == 0 or abs(length - 1) < LENGTH_TOLERANCE:
                found[work] = vector
    return found


def _note_unsettled(
    part: Sequence[Work],
    read: Mapping[str, Mapping[UUID, Vector]],
    database: Database,
    unsettled: Unsettled,
) -> None:
    for page in batched(part, AT_ONCE):
        with database.transaction() as session:
            embedded = _embedded(session, [work.id for work in page])
        for work in page:
            for model, made_of in work.embedded.items():
                # A model's that the index does not hold at all is left as it is said to be.
                if model in read and work.id not in read[model]:
                    unsettled.lost.add((work.id, model))
                elif embedded.get(work.id, {}).get(model) != made_of:
                    unsettled.changed.add((work.id, model))


def _as_after_a_kill(table: str, parts: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Have no job run on in a collection that is brought back."""
    for part in parts:
        for row in part:
            if table == "jobs" and row["state"] == JobState.RUNNING:
                ended = {"error": "a backup was made while it ran", "ended_at": now()}
                row |= {"state": JobState.INTERRUPTED, **ended}
        yield part


def _unsettled(row: Row, unsettled: Unsettled) -> Row:
    task = row["artwork_id"], row["model"]
    if task in unsettled.lost:
        return row | {"state": TaskState.PENDING, "image_sha256": None, "fingerprint": None}
    if task in unsettled.changed:
        return row | {"state": TaskState.PENDING}
    return row


def points_table(points: PointsRead) -> pa.Table:
    """Return the works of a part as Arrow, without their vectors."""
    payloads = [json.dumps(work.payload, ensure_ascii=False) for work in points.works]
    ids = [str(work.id) for work in points.works]
    return pa.table({"id": pa.array(ids, pa.string()), "payload": pa.array(payloads, pa.string())})
