"""Writing the parts of a collection to files, wherever these go in the end."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.batching import batched
from catalog.tables import Row, kinds
from embedders.weights.file_hash import file_sha256
from maintenance.moving.manifest import (
    ADDRESSES_FILE,
    FORMAT,
    SEARCHES_FILE,
    table_file,
)
from maintenance.moving.origin import Contents
from maintenance.moving.parquet_rows import (
    ADDRESSES,
    AT_ONCE,
    SEARCHES,
    THUMBNAILS,
    rows_schema,
    rows_to_arrow,
)
from maintenance.moving.searches import RecordedSearch
from search.index.contract import VectorSpec


class Sink:
    """Takes the files of a collection in, one at a time, and notes what each is.

    Args:
        folder: where they are written.

    Attributes:
        files: name -> SHA-256.
        sizes: name -> bytes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, str] = {}
        self.sizes: dict[str, int] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """Give a path to write a file to; at the end of the block it is taken in."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path
        sha256, size = file_sha256(path), path.stat().st_size
        self.take(path, sha256)
        self.files[name], self.sizes[name] = sha256, size

    def take(self, path: Path, sha256: str) -> None:
        """Do with a file that is written what is to be done: by itself, leave it there."""


def write_parquet(sink: Sink, name: str, schema: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Write tables to one file, a row group each, and return how many rows they have."""
    count = 0
    with sink.file(name) as path, pq.ParquetWriter(path, schema) as writer:
        for table in tables:
            writer.write_table(table)
            count += table.num_rows
    return count


def write_rows(
    sink: Sink, table: str, parts: Iterable[list[Row]], *, with_secrets: bool = False
) -> int:
    """Write a table of the catalog; see ``rows_to_arrow``."""
    columns = kinds(table)
    return write_parquet(
        sink,
        table_file(table),
        rows_schema(columns),
        (rows_to_arrow(part, columns, with_secrets=with_secrets) for part in parts),
    )


def thumbnail_tables(thumbnails: Iterable[tuple[str, bytes]]) -> Iterator[pa.Table]:
    """Return thumbnails as tables."""
    return _tables(thumbnails, THUMBNAILS)


def write_kept_files(sink: Sink, files: Iterable[tuple[str, Path]]) -> Iterator[str]:
    """Copy files as they are, and go through their names; one that is gone is passed over."""
    for name, path in files:
        try:
            with sink.file(name) as to:
                shutil.copyfile(path, to)
        except FileNotFoundError:
            continue
        yield name


def write_addresses(sink: Sink, notes: Iterable[tuple[str, str]]) -> int:
    """Write what is known of addresses of the web, and return of how many."""
    return write_parquet(sink, ADDRESSES_FILE, ADDRESSES, _tables(notes, ADDRESSES))


def write_searches(sink: Sink, recorded: Iterable[RecordedSearch]) -> None:
    """Write searches with their answers."""
    rows = [
        {
            "model": search.model,
            "query": str(search.query),
            "rank": rank,
            "id": str(hit.id),
            "cosine": hit.cosine,
        }
        for search in recorded
        for rank, hit in enumerate(search.hits, 1)
    ]
    write_parquet(sink, SEARCHES_FILE, SEARCHES, [pa.Table.from_pylist(rows, schema=SEARCHES)])


def manifest_text(
    sink: Sink, specs: Mapping[str, VectorSpec], contents: Contents, **more: Any
) -> str:
    """Return what a collection says of itself once all its files are written."""
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "vectors": [asdict(spec) for spec in specs.values()],
        "contents": asdict(contents),
        **more,
        "files": dict(sorted(sink.files.items())),
        "sizes": dict(sorted(sink.sizes.items())),
    }
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _tables(pairs: Iterable[tuple[Any, Any]], schema: pa.Schema) -> Iterator[pa.Table]:
    for batch in batched(pairs, AT_ONCE):
        yield pa.table(list(zip(*batch, strict=True)), schema=schema)
