"""Making a backup: the files of an export, as parts of a place, and a manifest at the end."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa

from embedders.file_lock import take_lock
from errors import VasariError
from ingest.image_store import ImageStore, is_as_written
from maintenance.backup.place import BackupRefused
from maintenance.backup.snapshot import (
    Snapshot,
    Standing,
    Unsettled,
    Work,
    cut,
    points_table,
    read_points,
    standing,
)
from maintenance.backup.vault import BACKUPS, PARTS, BackupSummary, Vault
from maintenance.moving.kept_files import kept_files
from maintenance.moving.manifest import POINTS, THUMBNAILS_FOLDER, vectors_file
from maintenance.moving.origin import Collection, Contents, Report
from maintenance.moving.parquet_rows import (
    THUMBNAILS,
    points_schema,
    vectors_schema,
    vectors_to_arrow,
)
from maintenance.moving.searches import RecordedSearch, Scan, choose_queries, differing_searches
from maintenance.moving.writing import (
    Sink,
    manifest_text,
    thumbnail_tables,
    write_addresses,
    write_kept_files,
    write_parquet,
    write_searches,
)
from search.index.contract import Vector, searchable_models

QUERIES = 200
"""Works whose first ten are written down, under each model."""

ATTEMPTS = 3

THUMBNAIL_CUT = 250
"""Thumbnails of a part, on average: 10 MB."""

SCRATCH = "backup.unfinished"


class BackupFailed(VasariError):
    """The backup could not be made of this collection now; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class BackupMade(BackupSummary):
    """A backup that is whole, whose bytes are those that its place did not have before.

    Args:
        removed: older backups that were removed.
    """

    removed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is wanted of a backup.

    Args:
        incremental: take the parts that the place has to be whole, and do not read them.
        keep: newest backups that stay; ``None`` for all.
        queries: works whose first ten are written down, under each model.
        with_keypoints: keep the keypoints of works too.
        alias: of the collection on a server.
    """

    incremental: bool = False
    keep: int | None = None
    queries: int = QUERIES
    with_keypoints: bool = False
    alias: str | None = None


def make_backup(
    origin: Collection,
    vault: Vault,
    choices: Choices,
    report: Report = lambda _what, _done, _all: None,
) -> BackupMade:
    """Write a collection, which may be changing meanwhile, to a place.

    Raises:
        BackupRefused: there is nothing to write, or the place cannot be written to.
        BackupFailed: the index was switched or projected anew again and again.
    """
    began = time.monotonic()
    scratch = origin.home / SCRATCH
    with vault.place.writing(), _scratch(scratch):
        vault.place.clear_unfinished(PARTS)
        vault.place.clear_unfinished(BACKUPS)
        sink = _Parts(scratch / "files", vault, incremental=choices.incremental)
        for _ in range(ATTEMPTS):
            before = standing(origin.database, origin.index)
            if not before.specs:
                raise BackupRefused("there is nothing to back up: the index is empty")
            shutil.rmtree(scratch / "snapshot", ignore_errors=True)
            (scratch / "snapshot").mkdir()
            sink.begin()
            making = _Making(origin, sink, Snapshot(scratch / "snapshot"), choices, report)
            contents = making.write(before)
            if standing(origin.database, origin.index) == before:
                break
        else:
            raise BackupFailed(
                "the index was given other vectors while the backup was made, "
                f"{ATTEMPTS} times: make it when the job that does so has ended"
            )
        sink.require_all()
        index = {
            "engine": origin.index.engine,
            "alias": choices.alias,
            "generation": before.generation,
        }
        about = {"index": index, "pending": making.unsettled.works}
        text = manifest_text(sink, before.specs, contents, backup=about)
        made = vault.write(text, scratch)
        removed = vault.forget(choices.keep, scratch) if choices.keep else []
    return BackupMade(
        backup=made,
        artworks=contents.rows["artworks"],
        points=contents.points,
        thumbnails=contents.thumbnails,
        pending=making.unsettled.works,
        bytes=sink.bytes + len(text.encode()),
        removed=tuple(removed),
        seconds=round(time.monotonic() - began, 3),
    )


class _Parts(Sink):
    """Brings each file to the place, unless that has it, and removes it here."""

    def __init__(self, folder: Path, vault: Vault, *, incremental: bool) -> None:
        super().__init__(folder)
        self._vault = vault
        self._incremental = incremental
        self._held = vault.held()
        self._seen: set[str] = set()
        self.bytes = 0

    def begin(self) -> None:
        self.files.clear()
        self.sizes.clear()

    def take(self, path: Path, sha256: str) -> None:
        if sha256 not in self._seen:
            if not self._is_there(path, sha256):
                self.bytes += self._vault.put(path, sha256)
            self._seen.add(sha256)
        path.unlink()

    def require_all(self) -> None:
        """Make sure, before the manifest is written, that no part has gone meanwhile."""
        held = self._vault.held()
        for name, sha256 in self.files.items():
            if not self._vault.has(sha256, self.sizes[name], held):
                raise BackupFailed(
                    f"parts of the backup have gone from {self._vault.place.name} while it was "
                    "made: let one backup at a time write there, and run the same command again"
                )

    def _is_there(self, path: Path, sha256: str) -> bool:
        if not self._vault.has(sha256, path.stat().st_size, self._held):
            return False
        return self._incremental or self._vault.is_whole(sha256)


class _Making:
    """One attempt at the files of a backup."""

    def __init__(
        self,
        origin: Collection,
        sink: Sink,
        snapshot: Snapshot,
        choices: Choices,
        report: Report,
    ) -> None:
        self._origin = origin
        self._sink = sink
        self._snapshot = snapshot
        self._choices = choices
        self._report = report
        self.unsettled = Unsettled()

    def write(self, before: Standing) -> Contents:
        origin, sink, report = self._origin, self._sink, self._report
        report("rows of the catalog", 0, 0)
        rows = self._snapshot.read(origin.database, sink)
        points, vectors = self._write_points(before)
        thumbnails = self._write_thumbnails()
        self._snapshot.write_tasks(sink, self.unsettled)
        kept = kept_files(origin.home, with_keypoints=self._choices.with_keypoints)
        files = sum(1 for _ in write_kept_files(sink, kept))
        addresses = write_addresses(sink, origin.addresses())
        return Contents(
            rows=rows,
            points=points,
            vectors=vectors,
            thumbnails=thumbnails,
            files=files,
            addresses=addresses,
        )

    def _write_points(self, before: Standing) -> tuple[int, dict[str, int]]:
        index, specs = self._origin.index, before.specs
        queries = self._queries(before)
        scan, settled = Scan(queries), set[tuple[str, UUID]]()
        counts, points = dict.fromkeys(sorted(specs), 0), 0
        works = self._snapshot.works()
        total = sum(1 for _ in self._snapshot.works())
        read = read_points(works, self._origin.database, index, self.unsettled)
        for number, part in enumerate(read):
            name = f"{POINTS}/part-{number:04d}.parquet"
            write_parquet(self._sink, name, points_schema({}), [points_table(part)])
            for model, vectors in part.vectors.items():
                schema = vectors_schema(specs[model])
                table = pa.table([vectors_to_arrow(vectors, specs[model])], schema=schema)
                write_parquet(self._sink, vectors_file(name, model), schema, [table])
                there = {
                    work.id: vector
                    for work, vector in zip(part.works, vectors, strict=True)
                    if vector is not None
                }
                counts[model] += len(there)
                scan.look_at(model, there)
                settled |= {
                    (model, work)
                    for work, vector in queries.get(model, {}).items()
                    if work in there and np.array_equal(there[work], vector)
                }
            points += len(part.works)
            self._report("works of the index", points, total)
        # What was asked about and has changed meanwhile is no question for this backup.
        recorded = [search for search in scan.searches() if (search.model, search.query) in settled]
        write_searches(self._sink, recorded)
        status = index.status()
        held = {model: vectors.points for model, vectors in status.vectors.items()}
        is_at_rest = not self.unsettled.works and (status.points, held) == (points, counts)
        if is_at_rest and standing(self._origin.database, index) == before:
            self._compare(recorded)
        return points, counts

    def _queries(self, before: Standing) -> Mapping[str, Mapping[UUID, Vector]]:
        embedded = (work.id for work in self._snapshot.works() if work.embedded)
        works = choose_queries(embedded, self._choices.queries)
        return {
            model: self._origin.index.vectors(model, works)
            for model in searchable_models(before.specs)
        }

    def _write_thumbnails(self) -> int:
        def is_last(sha256: str) -> bool:
            return int(sha256[:8], 16) % THUMBNAIL_CUT == 0

        count = 0
        parts = cut(_images(self._snapshot.works()), is_last, 4 * THUMBNAIL_CUT)
        for number, part in enumerate(parts):
            tables = thumbnail_tables(_thumbnails(self._origin.store, part))
            name = f"{THUMBNAILS_FOLDER}/part-{number:04d}.parquet"
            count += write_parquet(self._sink, name, THUMBNAILS, tables)
            self._report("thumbnails", count, 0)
        return count

    def _compare(self, recorded: list[RecordedSearch]) -> None:
        self._report("searches compared", 0, len(recorded))
        differing = differing_searches(self._origin.index, recorded)
        self._report("searches compared", len(recorded), len(recorded))
        if differing:
            first = differing[0]
            raise BackupFailed(
                f"{len(differing)} of {len(recorded)} searches are answered by the index otherwise "
                f"than by the vectors that it gave, the first that for works like {first.query} "
                f"under {first.model}: run `vasari reconcile`"
            )


def _images(works: Iterator[Work]) -> Iterator[str]:
    """Go through the images of works, each once."""
    seen: set[str] = set()
    for work in works:
        if work.sha256 is not None and work.sha256 not in seen:
            seen.add(work.sha256)
            yield work.sha256


def _thumbnails(store: ImageStore, images: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Go through the thumbnails that are there; `reconcile` makes those that are not."""
    for sha256 in images:
        data = store.read(sha256)
        if data is not None and is_as_written(data):
            yield sha256, data


@contextmanager
def _scratch(folder: Path) -> Iterator[None]:
    """Have an empty folder during the block, whatever a killed backup left in it.

    Raises:
        BackupRefused: another backup of the same collection is being made.
    """
    try:
        lock = take_lock(folder.with_name("backup.lock"), seconds=0)
    except TimeoutError:
        raise BackupRefused(
            "another backup of this collection is being made: wait until it has ended"
        ) from None
    with lock:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(folder, ignore_errors=True)
