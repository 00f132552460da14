"""Writing a whole collection to a folder of Parquet files.

The folder holds ``collection.json`` (what the vectors are, how much there is, the SHA-256 and the
size of each file), ``catalog/TABLE.parquet``, ``points/part-NNNN.parquet`` (a column of float32 for
each named vector), ``thumbnails/part-NNNN.parquet``, ``addresses.parquet`` (which image each
address of the web had, and what its server said of it), ``models/`` and ``evaluations/`` (the
collection's own models and the evaluations it keeps, file by file) and ``searches.parquet``
(searches with their answers, by which an import is checked). It appears whole or not at all.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.batching import batched
from catalog.tables import kinds, table_names
from maintenance.moving.kept_files import copy_file
from maintenance.moving.manifest import FORMAT, MANIFEST, file_sha256
from maintenance.moving.origin import Contents, MoveFailed, MoveRefused, Origin, Report
from maintenance.moving.parquet_rows import (
    ADDRESSES,
    AT_ONCE,
    SEARCHES,
    THUMBNAILS,
    points_schema,
    points_to_arrow,
    rows_schema,
    rows_to_arrow,
)
from maintenance.moving.searches import RecordedSearch
from search.index.disk_space import DiskFull, ask_for_room, is_full

THUMBNAIL_BYTES, ROW_BYTES = 40_000, 200
"""Of one, on average."""

A_PART = 20_000
"""Points, or thumbnails, of one file."""


def export(
    origin: Origin, folder: Path, report: Report = lambda _what, _done, _all: None
) -> Contents:
    """Write a collection to a new folder, and return what it holds.

    Raises:
        MoveRefused: the folder is there and not empty, cannot be written, or there is nothing to
            write.
        MoveFailed: the collection changed meanwhile.
    """
    if not origin.specs:
        raise MoveRefused("there is nothing to export: the index is empty")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise MoveRefused(f"{folder} is there already: name a folder that is new")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    contents = origin.contents()
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        ask_for_room(unfinished, _bytes_of(origin, contents))
        written = _write(origin, unfinished, contents, report)
        if written != contents:
            raise MoveFailed(f"the collection changed meanwhile ({contents}, then {written})")
        _write_manifest(origin, unfinished, contents)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except DiskFull:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    except OSError as error:
        if is_full(error):
            shutil.rmtree(unfinished, ignore_errors=True)
            raise DiskFull(folder.parent) from error
        raise MoveRefused(f"{folder} cannot be written: {error.strerror or error}") from error
    return contents


def _bytes_of(origin: Origin, contents: Contents) -> int:
    """Return about how much is written: embeddings, thumbnails and rows; the rest is little."""
    return (
        sum(4 * spec.dimension * contents.vectors[name] for name, spec in origin.specs.items())
        + THUMBNAIL_BYTES * contents.thumbnails
        + ROW_BYTES * sum(contents.rows.values())
    )


def _write(origin: Origin, folder: Path, contents: Contents, report: Report) -> Contents:
    total, rows = sum(contents.rows.values()), {}
    (folder / "catalog").mkdir()
    for table in table_names():
        columns, rows[table] = kinds(table), 0
        path = folder / "catalog" / f"{table}.parquet"
        with pq.ParquetWriter(path, rows_schema(columns)) as writer:
            for part in origin.rows(table):
                writer.write_table(rows_to_arrow(part, columns))
                rows[table] += len(part)
                report("rows of the catalog", sum(rows.values()), total)
    specs = origin.specs
    vectors = dict.fromkeys(sorted(specs), 0)

    def point_tables() -> Iterator[pa.Table]:
        for points in batched(origin.points(), AT_ONCE):
            for name in vectors:
                vectors[name] += sum(name in point.vectors for point in points)
            yield points_to_arrow(points, specs)

    points = _write_parts(
        folder / "points",
        points_schema(specs),
        point_tables(),
        lambda done: report("works of the index", done, contents.points),
    )
    thumbnails = _write_parts(
        folder / "thumbnails",
        THUMBNAILS,
        (
            pa.table(list(zip(*batch, strict=True)), schema=THUMBNAILS)
            for batch in batched(origin.thumbnails(), AT_ONCE)
        ),
        lambda done: report("thumbnails", done, contents.thumbnails),
    )
    files = 0
    for name, path in origin.files():
        copy_file(path, folder / name)
        files += 1
        report("models and evaluations", files, contents.files)
    addresses = 0
    with pq.ParquetWriter(folder / "addresses.parquet", ADDRESSES) as writer:
        for notes in batched(origin.addresses(), AT_ONCE):
            writer.write_table(pa.table(list(zip(*notes, strict=True)), schema=ADDRESSES))
            addresses += len(notes)
    report("searches", 0, 0)
    pq.write_table(_searches(origin.searches()), folder / "searches.parquet")
    return Contents(
        rows=rows,
        points=points,
        vectors=vectors,
        thumbnails=thumbnails,
        files=files,
        addresses=addresses,
    )


def _write_parts(folder: Path, schema: pa.Schema, tables: Iterable[pa.Table], report: Any) -> int:
    """Write tables of ``AT_ONCE`` rows, several to a file, and return how many rows they have."""
    folder.mkdir()
    done = 0
    part: pq.ParquetWriter | None = None
    try:
        for table in tables:
            if part is None or done % A_PART == 0:
                if part is not None:
                    part.close()
                path = folder / f"part-{done // A_PART:04d}.parquet"
                part = pq.ParquetWriter(path, schema)
            part.write_table(table)
            done += table.num_rows
            report(done)
    finally:
        if part is not None:
            part.close()
    return done


def _write_manifest(origin: Origin, folder: Path, contents: Contents) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "vectors": [asdict(spec) for spec in origin.specs.values()],
        "contents": asdict(contents),
        "files": {path.relative_to(folder).as_posix(): file_sha256(path) for path in files},
        "sizes": {path.relative_to(folder).as_posix(): path.stat().st_size for path in files},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")


def _searches(recorded: list[RecordedSearch]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "model": search.model,
                "query": str(search.query),
                "rank": rank,
                "id": str(hit.id),
                "cosine": hit.cosine,
            }
            for search in recorded
            for rank, hit in enumerate(search.hits, 1)
        ],
        schema=SEARCHES,
    )
