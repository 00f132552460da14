"""What an exported folder holds, gone through before anything of it is written.

Its checksums say that the files are those of the manifest, and nothing about who wrote both. So
each value is checked against what an export writes, and the recorded searches are answered by the
vectors of the folder itself.
"""

import math
import re
from collections.abc import Mapping
from uuid import UUID

import numpy as np

from catalog.tables import Row, table_names
from maintenance.moving.manifest import (
    ADDRESSES_FILE,
    MANIFEST,
    POINTS,
    SEARCHES_FILE,
    THUMBNAILS_FOLDER,
    table_file,
)
from maintenance.moving.origin import MoveRefused, Report
from maintenance.moving.parquet_folder import ParquetFolder
from maintenance.moving.searches import MOST_QUERIES, TOP, RecordedSearch, differing_by_scan
from search.index.contract import IndexPoint, VectorSpec, searchable_models

LENGTH_TOLERANCE = 0.01
"""By which a vector's length may differ from one."""

LARGEST_THUMBNAIL = 16 * 1024 * 1024
LARGEST_NUMBER = 2**63

_SHA256 = re.compile(r"[0-9a-f]{64}")
_JPEG = b"\xff\xd8\xff"


def check_contents(folder: ParquetFolder, report: Report = lambda _what, _done, _all: None) -> None:
    """Make sure that a folder holds what it says, and nothing that no export writes.

    Raises:
        MoveRefused: it does not; the message names the file.
    """
    contents = folder.contents()
    for table in table_names():
        _check_rows(folder, table)
    ids, vectors = _check_points(folder, report)
    if len(ids) != contents.points or vectors != dict(contents.vectors):
        raise _contradicts(folder, f"{contents.points} works", POINTS)
    if (found := _check_thumbnails(folder, report)) != contents.thumbnails:
        raise _contradicts(
            folder, f"{contents.thumbnails} thumbnails", f"{THUMBNAILS_FOLDER}, which has {found}"
        )
    if _check_addresses(folder) != contents.addresses:
        raise _contradicts(folder, f"{contents.addresses} addresses", ADDRESSES_FILE)
    if sum(1 for _ in folder.files()) != contents.files:
        raise _contradicts(folder, f"{contents.files} files of own models and evaluations", "files")
    _check_searches(folder, ids, report)


def _contradicts(folder: ParquetFolder, said: str, found: str) -> MoveRefused:
    return MoveRefused(
        f"{folder.path(MANIFEST)} is damaged: it says that there are {said}, unlike {found}"
    )


def _check_rows(folder: ParquetFolder, table: str) -> None:
    count = 0
    for part in folder.rows(table):
        count += len(part)
        with folder.read(table_file(table)):
            for row in part:
                _check_row(folder, table, row)
    said = folder.contents().rows.get(table, 0)
    if count != said:
        raise _contradicts(folder, f"{said} {table}", f"{table_file(table)}, which has {count}")


def _check_row(folder: ParquetFolder, table: str, row: Row) -> None:
    for name, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} is {value}")
        # A database of one kind keeps what that of another refuses, and no source has it.
        if isinstance(value, str) and "\0" in value:
            raise ValueError(f"{name} holds a NUL")
    if table == "projections":
        mean = np.frombuffer(row["mean"], np.float32)
        matrix = np.frombuffer(row["matrix"], np.float32)
        spec = folder.specs.get(row["model"])
        columns = spec.dimension if spec is not None else len(matrix) // max(1, len(mean))
        if matrix.size != mean.size * columns or not (
            np.isfinite(mean).all() and np.isfinite(matrix).all()
        ):
            raise ValueError("a projection is not one of numbers of its model's size")


def _check_points(folder: ParquetFolder, report: Report) -> tuple[set[UUID], dict[str, int]]:
    ids: set[UUID] = set()
    counts = dict.fromkeys(folder.specs, 0)
    for part in folder.parts(POINTS):
        for point in folder.points_of(part):
            with folder.read(part):
                if point.id in ids:
                    raise ValueError(f"the work {point.id} is there twice")
                ids.add(point.id)
                if len(ids) > folder.contents().points:
                    raise ValueError("it holds more works than there are said to be")
                _check_point(point, folder.specs)
            for name in point.vectors:
                counts[name] += 1
        report("works checked", len(ids), folder.contents().points)
    return ids, counts


def _check_point(point: IndexPoint, specs: Mapping[str, VectorSpec]) -> None:
    if not isinstance(point.payload, dict):
        raise TypeError(f"the payload of {point.id} is no object")
    for value in point.payload.values():
        is_number = type(value) is int and abs(value) < LARGEST_NUMBER
        if not (is_number or isinstance(value, str)):
            raise TypeError(f"the payload of {point.id} holds neither a text nor a whole number")
    for name, vector in point.vectors.items():
        length = float(np.linalg.norm(vector.astype(np.float64)))
        if vector.shape != (specs[name].dimension,) or not (
            length == 0 or abs(length - 1) < LENGTH_TOLERANCE
        ):
            raise ValueError(f"the {name} vector of {point.id} is not of length one")


def _check_thumbnails(folder: ParquetFolder, report: Report) -> int:
    names: set[str] = set()
    for part in folder.parts(THUMBNAILS_FOLDER):
        for sha256, jpeg in folder.thumbnails_of(part):
            with folder.read(part):
                if not _SHA256.fullmatch(sha256) or sha256 in names:
                    raise ValueError(f"{sha256[:80]!a} does not name a thumbnail, or names two")
                names.add(sha256)
                if not jpeg.startswith(_JPEG) or len(jpeg) > LARGEST_THUMBNAIL:
                    raise ValueError(f"the thumbnail {sha256} is no small JPEG")
        report("thumbnails checked", len(names), folder.contents().thumbnails)
    return len(names)


def _check_addresses(folder: ParquetFolder) -> int:
    count = 0
    for name, note in folder.addresses():
        count += 1
        with folder.read(ADDRESSES_FILE):
            if not _SHA256.fullmatch(name):
                raise ValueError(f"{name[:80]!a} is not the name of a note")
            note.encode()
    return count


def _check_searches(folder: ParquetFolder, ids: set[UUID], report: Report) -> None:
    recorded = folder.searches()
    asked = {(search.model, search.query) for search in recorded}
    with folder.read(SEARCHES_FILE):
        searchable = searchable_models(folder.specs)
        if len(asked) != len(recorded) or len(asked) > MOST_QUERIES * len(searchable):
            raise ValueError("it asks the same twice, or more than an export does")
        # A backup of an ingest's first moments has no work to ask about that stays as it is.
        if ids and not recorded and not folder.is_backup:
            raise ValueError("it holds no searches")
        for search in recorded:
            _check_search(search, ids, searchable)
    report("searches checked", 0, len(recorded))
    differing = differing_by_scan(folder.points, recorded)
    report("searches checked", len(recorded), len(recorded))
    with folder.read(SEARCHES_FILE):
        if differing:
            first = differing[0]
            raise ValueError(
                f"{len(differing)} of {len(recorded)} searches have answers that the folder's own "
                f"vectors do not give, the first that for works like {first.query} under "
                f"{first.model}"
            )


def _check_search(search: RecordedSearch, ids: set[UUID], searchable: list[str]) -> None:
    if search.model not in searchable or search.query not in ids:
        raise ValueError(f"it asks for works like {search.query}, which cannot be asked")
    if not 0 < len(search.hits) <= TOP or not all(
        hit.id in ids and isinstance(hit.cosine, float) and math.isfinite(hit.cosine)
        for hit in search.hits
    ):
        raise ValueError(f"the recorded answer for works like {search.query} is invalid")
