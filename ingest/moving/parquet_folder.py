"""A folder that a collection was exported to, as a collection to be moved."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.tables import Row, kinds, table_names
from ingest.moving.export import AT_ONCE, FORMAT, MANIFEST, file_sha256
from ingest.moving.kept_files import in_order
from ingest.moving.origin import Contents, MoveRefused, Report
from ingest.moving.parquet_rows import points_from_arrow, rows_from_arrow
from ingest.moving.searches import RecordedSearch
from search.index import IndexPoint, ScoredId, VectorSpec


class ParquetFolder:
    """What was exported.

    Args:
        folder: as ``export`` wrote it.

    Raises:
        MoveRefused: no such folder, or one that this Vasari cannot read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.models_dir = folder / "models"
        manifest = _manifest(folder)
        if manifest.get("format") != FORMAT:
            raise MoveRefused(
                f"{folder} has format {manifest.get('format')!r}, and this Vasari reads {FORMAT}: "
                "install the version that wrote it"
            )
        try:
            self._specs = {item["model"]: VectorSpec(**item) for item in manifest["vectors"]}
            self._contents = Contents(**manifest["contents"])
            self._files: dict[str, str] = dict(manifest["files"])
        except (KeyError, TypeError) as error:
            raise MoveRefused(f"{folder / MANIFEST} is damaged: {error!r}") from error
        self._check_columns()

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors of its points."""
        return self._specs

    def contents(self) -> Contents:
        """Return how much it says it holds."""
        return self._contents

    def check(
        self,
        fingerprint_at_hand: Callable[[str], str | None],
        report: Report = lambda _what, _done, _all: None,
    ) -> None:
        """Make sure that its files are those written, and its vectors those of the models at hand.

        Args:
            fingerprint_at_hand: of a model's weights on this machine; ``None`` where there are none
                to compare with.

        Raises:
            MoveRefused: a file is missing or damaged, or a model is another one here.
        """
        for done, (name, sha256) in enumerate(self._files.items()):
            report("files checked", done, len(self._files))
            path = self._path(name)
            if not path.is_file() or file_sha256(path) != sha256:
                raise MoveRefused(f"{path} is missing or damaged: copy the folder again")
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
            if here is not None and here != spec.fingerprint:
                raise MoveRefused(
                    f"the {spec.model} vectors were made by the weights {spec.fingerprint}, but "
                    f"the weights at hand are {here}: a search by picture would compare what "
                    "cannot be compared. Put the former weights in their place"
                )

    def rows(self, table: str) -> Iterator[list[Row]]:
        """Go through the rows of a table, some at a time."""
        name = f"catalog/{table}.parquet"
        if name in self._files:
            for batch in pq.ParquetFile(self._path(name)).iter_batches(batch_size=1_000):
                yield rows_from_arrow(batch, kinds(table))

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of its points."""
        for batch in self._parts("points", columns=["id"]):
            yield from map(UUID, batch.column("id").to_pylist())

    def points(self) -> Iterator[IndexPoint]:
        """Go through its points with all their vectors."""
        for batch in self._parts("points"):
            yield from points_from_arrow(batch)

    def thumbnails(self) -> Iterator[tuple[str, bytes]]:
        """Go through its thumbnails."""
        for batch in self._parts("thumbnails"):
            yield from zip(
                batch.column("sha256").to_pylist(), batch.column("jpeg").to_pylist(), strict=True
            )

    def files(self) -> Iterator[tuple[str, Path]]:
        """Go through the files of its own models and of its evaluations, as they were written."""
        for name in in_order(self._files):
            yield name, self._path(name)

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Go through what it says of addresses of the web."""
        if "addresses.parquet" in self._files:
            file = pq.ParquetFile(self._path("addresses.parquet"))
            for batch in file.iter_batches(batch_size=AT_ONCE):
                yield from zip(
                    batch.column("name").to_pylist(), batch.column("note").to_pylist(), strict=True
                )

    def searches(self) -> list[RecordedSearch]:
        """Return the searches that were made before the export, with their answers."""
        found = pq.read_table(self._path("searches.parquet")).to_pylist()
        return [
            RecordedSearch(
                model=model,
                query=UUID(query),
                hits=tuple(ScoredId(id=UUID(hit["id"]), cosine=hit["cosine"]) for hit in hits),
            )
            for (model, query), hits in groupby(found, key=lambda hit: (hit["model"], hit["query"]))
        ]

    def _check_columns(self) -> None:
        """Refuse what a newer Vasari wrote, rather than leave half of it behind."""
        for name, count in self._contents.rows.items():
            if name not in table_names():
                if count:
                    raise MoveRefused(f"this Vasari has no {name}: install the version that has")
                continue
            path = self._path(f"catalog/{name}.parquet")
            if path.is_file() and (unknown := set(pq.read_schema(path).names) - kinds(name).keys()):
                raise MoveRefused(
                    f"this Vasari knows no {sorted(unknown)[0]} of {name}: install the version "
                    "that wrote the folder"
                )

    def _parts(self, kind: str, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        for name in sorted(self._files):
            if PurePosixPath(name).parent.as_posix() == kind:
                file = pq.ParquetFile(self._path(name))
                yield from file.iter_batches(batch_size=AT_ONCE, columns=columns)

    def _path(self, name: str) -> Path:
        # The manifest may come from anywhere: a name in it must not lead out of the folder.
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts:
            raise MoveRefused(f"{self._folder / MANIFEST} names the file {name!r}")
        return self._folder / parts


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise MoveRefused(
            f"{folder} is no exported collection: it has no {MANIFEST} that can be read"
        ) from error
    except ValueError as error:
        raise MoveRefused(f"{folder / MANIFEST} is damaged: {error}") from error
    if not isinstance(manifest, dict):
        raise MoveRefused(f"{folder / MANIFEST} is damaged: it holds no object")
    return manifest
