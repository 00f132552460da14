"""A folder that a collection was exported to, as a collection to be moved."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.tables import Row, kinds, table_names
from embedders import OwnModel, read_own_models
from embedders.precision import weights_of
from maintenance.moving.kept_files import in_order
from maintenance.moving.manifest import (
    ADDRESSES_FILE,
    MANIFEST,
    POINTS,
    SEARCHES_FILE,
    THUMBNAILS_FOLDER,
    read_manifest,
    require_as_written,
    table_file,
    vectors_file,
)
from maintenance.moving.origin import Contents, MoveRefused, Origin, Report
from maintenance.moving.parquet_rows import (
    ADDRESSES,
    AT_ONCE,
    SEARCHES,
    THUMBNAILS,
    points_from_arrow,
    points_schema,
    rows_from_arrow,
    rows_schema,
    vectors_schema,
)
from maintenance.moving.searches import RecordedSearch
from search.index.contract import IndexPoint, ScoredId, VectorSpec

_NO_PARQUET = (pa.ArrowException, OSError, ValueError, TypeError, LookupError, RecursionError)
"""What is raised by a file that is not Parquet, or not of an export."""


class ParquetFolder(Origin):
    """What was exported.

    Args:
        folder: as ``export`` wrote it.

    Raises:
        MoveRefused: no such folder, or one that this Vasari cannot read. So does everything that
            reads a file which is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = read_manifest(folder)
        self._specs = self._manifest.specs()
        self._contents = self._manifest.moved()
        self._files = self._manifest.files
        for name, count in self._contents.rows.items():
            if count and name not in table_names():
                raise MoveRefused(f"this Vasari has no {name}: install the version that has")

    @property
    def is_backup(self) -> bool:
        """Whether it was taken of a collection that may have been changing."""
        return self._manifest.backup is not None

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        return self._specs

    def path(self, name: str) -> Path:
        """Return where one of its files lies."""
        return self._folder / name

    def contents(self) -> Contents:
        """Return how much it says it holds."""
        return self._contents

    def check_files(self, report: Report = lambda _what, _done, _all: None) -> None:
        """Make sure that its files are those that were written. None is opened as Parquet before.

        Raises:
            MoveRefused: a file is missing, damaged, or not one that this Vasari reads.
        """
        for done, (name, sha256) in enumerate(self._files.items()):
            report("files checked", done, len(self._files))
            require_as_written(self._folder / name, sha256, self._manifest.sizes.get(name))
        for table in table_names():
            if self._contents.rows.get(table) and table_file(table) not in self._files:
                raise self._damaged(MANIFEST, f"it names no {table_file(table)}")
        if SEARCHES_FILE not in self._files:
            raise self._damaged(MANIFEST, f"it names no {SEARCHES_FILE}")
        report("files checked", len(self._files), len(self._files))

    def check_models(self, fingerprint_at_hand: Callable[[str], str | None]) -> None:
        """Check that its vectors are those of the installed models.

        Args:
            fingerprint_at_hand: of a model's weights on this machine; ``None`` where there are none
                to compare with.

        Raises:
            MoveRefused: a model is another one here, or its file is damaged.
        """
        for part in self.rows("models"):
            for row in part:
                spec = self._specs.get(row["name"])
                if spec is not None and spec.fingerprint != row["fingerprint"]:
                    raise MoveRefused(
                        f"the {spec.model} vectors were made by the weights {spec.fingerprint}, "
                        f"but the catalog says {row['fingerprint']}: they do not belong together"
                    )
        for spec in self._specs.values():
            here = fingerprint_at_hand(spec.model) if spec.role == "model" else None
            if here is not None and here != weights_of(spec.fingerprint):
                raise MoveRefused(
                    f"the {spec.model} vectors were made by the weights {spec.fingerprint}, but "
                    f"the installed weights are {here}: a search by picture would compare what "
                    "cannot be compared. Put the former weights in their place"
                )

    def own_models(self) -> list[OwnModel]:
        """Return the own models among its files, and nothing that lies beside them."""
        models, _ = read_own_models(self._folder / "models")
        return [
            model
            for model in models
            if f"models/{model.description.name}/model.json" in self._files
        ]

    def rows(self, table: str) -> Iterator[list[Row]]:
        name = table_file(table)
        if name not in self._files:
            return
        columns = kinds(table)
        with self.read(name):
            # A former version's table may lack columns, a newer one's has more.
            if unknown := sorted(set(pq.read_schema(self._folder / name).names) - columns.keys()):
                raise MoveRefused(
                    f"this Vasari knows no {unknown[0][:80]!a} of {table}: install the version "
                    "that wrote the folder"
                )
        for batch in self._batches(name, rows_schema(columns), may_lack=True, at_once=1_000):
            with self.read(name):
                part = rows_from_arrow(batch, columns)
            yield part

    def ids(self) -> Iterator[UUID]:
        for name in self.parts(POINTS):
            for batch in self._batches(name, self._schema_of(name), only=["id"]):
                with self.read(name):
                    ids = [UUID(item) for item in batch.column("id").to_pylist()]
                yield from ids

    def points(self) -> Iterator[IndexPoint]:
        for name in self.parts(POINTS):
            yield from self.points_of(name)

    def points_of(self, part: str) -> Iterator[IndexPoint]:
        """Go through the points of one file, and of those beside it that hold their vectors."""
        beside = {
            spec.model: self._batches(vectors_file(part, spec.model), vectors_schema(spec))
            for spec in self._beside(part)
        }
        for batch in self._batches(part, self._schema_of(part)):
            whole = batch
            for model, batches in beside.items():
                with self.read(vectors_file(part, model)):
                    vectors = next(batches, None)
                    if vectors is None or vectors.num_rows != batch.num_rows:
                        raise ValueError("it holds the vectors of fewer works, or of more")
                    whole = whole.append_column(model, vectors.column(model))
            with self.read(part):
                points = points_from_arrow(whole)
            yield from points

    def _beside(self, part: str) -> list[VectorSpec]:
        """Return the named vectors that have files of their own."""
        return [
            spec for spec in self._specs.values() if vectors_file(part, spec.model) in self._files
        ]

    def _schema_of(self, part: str) -> pa.Schema:
        beside = self._beside(part)
        return points_schema({name: it for name, it in self._specs.items() if it not in beside})

    def thumbnails(self) -> Iterator[tuple[str, bytes]]:
        for name in self.parts(THUMBNAILS_FOLDER):
            yield from self.thumbnails_of(name)

    def thumbnails_of(self, part: str) -> Iterator[tuple[str, bytes]]:
        """Go through the thumbnails of one file."""
        for batch in self._batches(part, THUMBNAILS):
            yield from _pairs(batch, THUMBNAILS)

    def files(self) -> Iterator[tuple[str, Path]]:
        """Go through the files of its own models and of its evaluations, as they were written."""
        for name in in_order(self._files):
            yield name, self._folder / name

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Go through what it says of addresses of the web."""
        if ADDRESSES_FILE in self._files:
            for batch in self._batches(ADDRESSES_FILE, ADDRESSES):
                yield from _pairs(batch, ADDRESSES)

    def searches(self) -> list[RecordedSearch]:
        """Return the searches that were made before the export, with their answers."""
        found = [
            hit for batch in self._batches(SEARCHES_FILE, SEARCHES) for hit in batch.to_pylist()
        ]
        with self.read(SEARCHES_FILE):
            return [
                RecordedSearch(
                    model=model,
                    query=UUID(query),
                    hits=tuple(ScoredId(id=UUID(hit["id"]), cosine=hit["cosine"]) for hit in hits),
                )
                for (model, query), hits in groupby(
                    found, key=lambda hit: (hit["model"], hit["query"])
                )
            ]

    def parts(self, kind: str) -> list[str]:
        """Return the files that points or thumbnails are spread over."""
        return [
            name for name in sorted(self._files) if PurePosixPath(name).parent.as_posix() == kind
        ]

    def _batches(
        self,
        name: str,
        schema: pa.Schema,
        *,
        only: list[str] | None = None,
        may_lack: bool = False,
        at_once: int = AT_ONCE,
    ) -> Iterator[pa.RecordBatch]:
        """Go through a file whose columns have these types."""
        with self.read(name):
            file = pq.ParquetFile(self._folder / name)
            found = file.schema_arrow
            wanted = [field for field in schema if not may_lack or field.name in found.names]
            types = {field.name: field.type for field in wanted}
            if (
                len(found) != len(types)
                or dict(zip(found.names, found.types, strict=True)) != types
            ):
                raise ValueError("its columns are not those of an export")
            batches = file.iter_batches(batch_size=at_once, columns=only, use_threads=False)
        while True:
            with self.read(name):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    @contextmanager
    def read(self, name: str) -> Iterator[None]:
        """Say which file it was that could not be read."""
        try:
            yield
        except _NO_PARQUET as error:
            raise self._damaged(name, str(error) or type(error).__name__) from error

    def _damaged(self, name: str, reason: str) -> MoveRefused:
        line = reason.splitlines()[0][:200] if reason else reason
        return MoveRefused(f"{self._folder / name} is damaged: {line}")


def _pairs(batch: pa.RecordBatch, schema: pa.Schema) -> Iterator[Any]:
    return zip(*(batch.column(name).to_pylist() for name in schema.names), strict=True)
