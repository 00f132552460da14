"""The generations in the folder of an embedded index, and the files that point at them.

A generation is a subfolder with the engine's shard and ``specs.json`` (what its vectors are). The
file ``current`` names the one in use, ``former`` the one before it, where that is kept, and
``next`` one that is being filled.
"""

import json
import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import qdrant_edge as qe

from catalog.batching import batched
from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS
from search.index.contract import IndexFault, VectorSpec
from search.index.disk_space import allocated, ask_for_room
from search.index.edge.requests import SCROLL_PAGE, scroll
from search.index.edge.seal import suspect_vectors
from search.index.edge.shard import Shard, damaged
from search.index.graph import (
    HNSW_CONSTRUCTION_EF,
    HNSW_LINKS,
    INDEXING_THRESHOLD_KB,
    LARGEST_SEGMENT_KB,
    QUANTILE,
)

FULL_SCAN_THRESHOLD_KB = 400_000
"""A filter that leaves less than this is answered by scanning the codes of what it leaves, not by
the graph: 50,000 works of 2,048 numbers. What passes a filter lies scattered over the graph, where
a walk loses its way, and one that finds as much takes no less time than the scan. All works of
a collection that small are scanned too where nothing is filtered, which takes some 5 ms."""

EMPTY_BYTES = 64 << 20
"""What a generation without points takes up where the file system keeps no holes in files."""

CURRENT, FORMER, NEXT = "current", "former", "next"
"""Files, each with the number of a generation."""


@dataclass(frozen=True)
class Generations:
    """All generations in a folder.

    Args:
        full_scan_threshold_kb: of those that are built.
    """

    folder: Path
    full_scan_threshold_kb: int = FULL_SCAN_THRESHOLD_KB

    def pointed(self, name: str) -> int | None:
        """Return the generation that a file names.

        Raises:
            IndexFault: it names none.
        """
        path = self.folder / name
        try:
            return int(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise IndexFault(
                f"{path} is damaged: it should hold nothing but the number of a generation. "
                f"{self._what_lies_there()}Write the right number into the file"
                + ("" if name == CURRENT else ", or delete it to do without that generation")
            ) from error

    def in_use(self) -> int | None:
        """Return the generation in use; where the file that names it is lost, it is found.

        Raises:
            IndexFault: the file names none, or one that is not there.
        """
        number = self.pointed(CURRENT)
        if number is None:
            # A process killed before it named its first generation leaves one that is empty.
            others = {self.pointed(FORMER), self.pointed(NEXT)}
            number = max((item for item in self._whole() if item not in others), default=None)
            if number is not None:
                self.point(CURRENT, number)
        elif not self._path(number).is_dir():
            raise IndexFault(
                f"{self.folder / CURRENT} names {self._path(number).name}, which is missing. "
                f"{self._what_lies_there()}Put the folder back, or move {self.folder} away and run "
                "the ingest again: the index is made anew from the pictures"
            )
        return number

    def point(self, name: str, generation: int | None) -> None:
        """Have a file name a generation, in one step, or none."""
        if generation is None:
            (self.folder / name).unlink(missing_ok=True)
            return
        fresh = self.folder / f"{name}.new"
        with fresh.open("w") as file:
            file.write(str(generation))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)

    def next_number(self) -> int:
        """Return a number that no generation has."""
        used = [self.pointed(name) or 0 for name in (CURRENT, FORMER, NEXT)]
        return max(used) + 1

    def load(self, generation: int) -> tuple[dict[str, VectorSpec], Shard]:
        """Open a generation: its vectors by model, and its shard.

        Raises:
            IndexFault: it is damaged.
        """
        path = self._path(generation)
        try:
            listed = [VectorSpec(**spec) for spec in json.loads((path / "specs.json").read_bytes())]
        except (OSError, ValueError, TypeError) as error:
            raise damaged(path, f"specs.json cannot be read: {error}") from error
        return {spec.model: spec for spec in listed}, Shard.load(path / "shard")

    def build(
        self,
        generation: int,
        specs: Sequence[VectorSpec],
        former: Shard | None,
        *,
        without: Collection[str] = (),
    ) -> None:
        """Make a generation, closed, with all the points of a former one.

        Args:
            without: vectors that are not taken over.

        Raises:
            DiskFull: there is no room for it.
        """
        path = self._path(generation).with_suffix(".building")
        shutil.rmtree(path, ignore_errors=True)
        # The points as they are written, and once more while the graphs are built.
        taken = 2 * allocated(former.folder) if former is not None else 0
        ask_for_room(self.folder, EMPTY_BYTES + taken)
        (path / "shard").mkdir(parents=True)
        (path / "specs.json").write_text(json.dumps([asdict(spec) for spec in specs], indent=2))
        shard = Shard.create(path / "shard", _config(specs, self.full_scan_threshold_kb))
        # Before the first point: HNSW gets its filter edges only from indexes that are there.
        # On disk, where they are no slower: in memory they take 2 GB of a million works.
        for name in PAYLOAD_FIELDS:
            kind = qe.KeywordIndexParams if name in KEYWORD_FIELDS else qe.IntegerIndexParams
            schema = kind(memory=qe.Memory.Cold)
            shard.update(qe.UpdateOperation.create_field_index(name, schema))
        former_points = (
            scroll(former, with_payload=True, with_vectors=True) if former is not None else ()
        )
        for page in batched(former_points, SCROLL_PAGE):
            kept = [_without(record, without) for record in page]
            shard.update(qe.UpdateOperation.upsert_points(kept))
        shard.optimize()
        shard.close()
        path.rename(self._path(generation))

    def build_of_what_is_whole(
        self, generation: int, specs: Sequence[VectorSpec], damaged: Shard
    ) -> None:
        """Make a generation, closed, with what of another is in no damaged file."""
        names = {spec.model for spec in specs}
        suspects = suspect_vectors(damaged.damaged_files(), names)
        try:
            former = None if suspects == names else damaged
            self.build(generation, specs, former, without=suspects)
        except IndexFault:  # the rest cannot even be read
            self.build(generation, specs, None)

    def sweep(self) -> None:
        """Remove generations that no file names: replaced ones, and what a kill left half made."""
        named = [self.pointed(name) for name in (CURRENT, FORMER, NEXT)]
        kept = {self._path(number) for number in named if number is not None}
        for path in self.folder.glob("generation-*"):
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def ask_for_room_to_rewrite(self, generation: int | None) -> None:
        """See that what has no graphs yet can be written anew beside what is there.

        That is one segment, which is joined with another of its size at most.

        Raises:
            DiskFull: there is no room for that.
        """
        if generation is not None:
            segments = (self._path(generation) / "shard" / "segments").glob("*")
            sizes = [allocated(path) for path in segments] or [0]
            ask_for_room(self.folder, EMPTY_BYTES + min(sum(sizes), 2 * max(sizes)))

    def _whole(self) -> list[int]:
        """Return the generations that are there, named or not, without those half made."""
        return sorted(
            int(path.name.removeprefix("generation-"))
            for path in self.folder.glob("generation-[0-9][0-9][0-9][0-9]")
            if (path / "specs.json").is_file()
        )

    def _what_lies_there(self) -> str:
        names = [self._path(number).name for number in self._whole()]
        return f"{self.folder} holds {', '.join(names)}. " if names else ""

    def _path(self, generation: int) -> Path:
        return self.folder / f"generation-{generation:04d}"


def _without(record: qe.Record, names: Collection[str]) -> qe.Point:
    stored = record.vector if isinstance(record.vector, dict) else {}
    kept = {name: vector for name, vector in stored.items() if name not in names}
    return qe.Point(record.id, kept, record.payload)


def _config(specs: Sequence[VectorSpec], full_scan_threshold_kb: int) -> qe.EdgeConfig:
    return qe.EdgeConfig(
        vectors={spec.model: _vector_params(spec) for spec in specs},
        hnsw_config=qe.HnswIndexConfig(
            m=HNSW_LINKS,
            ef_construct=HNSW_CONSTRUCTION_EF,
            full_scan_threshold=full_scan_threshold_kb,
        ),
        optimizers=qe.EdgeOptimizersConfig(
            indexing_threshold=INDEXING_THRESHOLD_KB,
            default_segment_number=1,
            max_segment_size=LARGEST_SEGMENT_KB,
        ),
    )


def _vector_params(spec: VectorSpec) -> qe.EdgeVectorParams:
    # Features are read back in bulk and never searched: neither a graph nor codes in memory.
    without_graph = qe.HnswIndexConfig(
        m=0, ef_construct=HNSW_CONSTRUCTION_EF, full_scan_threshold=FULL_SCAN_THRESHOLD_KB
    )
    codes = qe.ScalarQuantizationConfig(
        type=qe.ScalarType.Int8, quantile=QUANTILE, memory=qe.Memory.Pinned
    )
    is_feature = spec.role == "feature"
    return qe.EdgeVectorParams(
        size=spec.dimension,
        distance=qe.Distance.Cosine,
        # Of the originals, a search reads those of the few works whose codes are nearest.
        memory=qe.Memory.Cold,
        hnsw_config=without_graph if is_feature else None,
        quantization_config=None if is_feature else codes,
    )
