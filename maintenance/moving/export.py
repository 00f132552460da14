"""Writing a whole collection to a folder of Parquet files.

The folder holds ``collection.json`` (what the vectors are, how much there is, the SHA-256 and the
size of each file), ``catalog/TABLE.parquet``, ``points/part-NNNN.parquet`` (a column of float32 for
each named vector), ``thumbnails/part-NNNN.parquet``, ``addresses.parquet`` (which image each
address of the web had, and what its server said of it), ``models/`` and ``evaluations/`` (the
collection's own models and the evaluations it keeps, file by file) and ``searches.parquet``
(searches with their answers, by which an import is checked). It appears whole or not at all.
"""

import shutil
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from catalog.batching import batched
from catalog.tables import table_names
from maintenance.moving.manifest import MANIFEST, POINTS, THUMBNAILS_FOLDER
from maintenance.moving.origin import Contents, MoveFailed, MoveRefused, Origin, Report
from maintenance.moving.parquet_rows import AT_ONCE, THUMBNAILS, points_schema, points_to_arrow
from maintenance.moving.writing import (
    Sink,
    manifest_text,
    thumbnail_tables,
    write_addresses,
    write_kept_files,
    write_parquet,
    write_rows,
    write_searches,
)
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
        sink = Sink(unfinished)
        written = _write(origin, sink, contents, report)
        if written != contents:
            raise MoveFailed(f"the collection changed meanwhile ({contents}, then {written})")
        (unfinished / MANIFEST).write_text(manifest_text(sink, origin.specs, contents), "utf-8")
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


def _write(origin: Origin, sink: Sink, contents: Contents, report: Report) -> Contents:
    total, rows = sum(contents.rows.values()), {}
    for table in table_names():
        rows[table] = write_rows(sink, table, origin.rows(table))
        report("rows of the catalog", sum(rows.values()), total)
    specs = origin.specs
    vectors = dict.fromkeys(sorted(specs), 0)

    def point_tables() -> Iterator[pa.Table]:
        for points in batched(origin.points(), AT_ONCE):
            for name in vectors:
                vectors[name] += sum(name in point.vectors for point in points)
            yield points_to_arrow(points, specs)

    points = _write_parts(
        sink,
        POINTS,
        points_schema(specs),
        point_tables(),
        lambda done: report("works of the index", done, contents.points),
    )
    thumbnails = _write_parts(
        sink,
        THUMBNAILS_FOLDER,
        THUMBNAILS,
        thumbnail_tables(origin.thumbnails()),
        lambda done: report("thumbnails", done, contents.thumbnails),
    )
    files = 0
    for files, _ in enumerate(write_kept_files(sink, origin.files()), 1):
        report("models and evaluations", files, contents.files)
    addresses = write_addresses(sink, origin.addresses())
    report("searches", 0, 0)
    write_searches(sink, origin.searches())
    return Contents(
        rows=rows,
        points=points,
        vectors=vectors,
        thumbnails=thumbnails,
        files=files,
        addresses=addresses,
    )


def _write_parts(
    sink: Sink,
    kind: str,
    schema: pa.Schema,
    tables: Iterator[pa.Table],
    report: Callable[[int], None],
) -> int:
    """Write tables of ``AT_ONCE`` rows, several to a file, and return how many rows they have."""
    done = 0
    for number, first in enumerate(tables):
        part = chain([first], islice(tables, A_PART // AT_ONCE - 1))
        done += write_parquet(sink, f"{kind}/part-{number:04d}.parquet", schema, part)
        report(done)
    return done
