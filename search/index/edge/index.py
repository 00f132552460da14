"""The embedded engine: Qdrant Edge in this process, one folder, real HNSW on disk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import psutil  # type: ignore[import-untyped]
import qdrant_edge as qe

from search.index.answers import index_point, uuid_of, vector_statuses
from search.index.contract import (
    GenerationalIndex,
    IndexFault,
    IndexPoint,
    ScoredId,
    Search,
    Vector,
    VectorSpec,
    check_specs,
    clip_cosine,
    no_former,
    searchable_models,
    unknown_vector,
)
from search.index.disk_space import allocated, ask_for_room
from search.index.edge.generations import CURRENT, FORMER, FULL_SCAN_THRESHOLD_KB, NEXT, Generations
from search.index.edge.requests import among, nearest_request, scroll
from search.index.edge.shard import Shard
from search.index.folder_lock import folder_lock
from search.index.graph import LARGEST_SEGMENT_KB
from search.index.status import IndexStatus, Storage

COPIES = 3
"""Of a vector while it is written: in the log, in its segment, with a point's other vectors."""

PAYLOAD_BYTES = 4096
"""Of one point, with its entries in the payload indexes."""


class EdgeIndex(GenerationalIndex):
    """An index in a folder that one process at a time may open.

    Args:
        folder: made if it is not there.
        generation: one to open by itself, whether in use or not, in a folder that this process
            has open.
        full_scan_threshold_kb: of generations that are built: a filter that leaves less than this
            is answered by a scan.

    Raises:
        IndexInUse: another process has the folder open.
        IndexFault: the folder is damaged, or cannot be written to.
    """

    engine: Literal["edge", "server"] = "edge"

    def __init__(
        self,
        folder: Path,
        *,
        generation: int | None = None,
        full_scan_threshold_kb: int = FULL_SCAN_THRESHOLD_KB,
    ) -> None:
        self.folder = folder
        self._shard: Shard | None = None
        self._specs: Mapping[str, VectorSpec] = {}
        self._written_bytes = 0  # since the graphs were last built
        self._generations = Generations(folder, full_scan_threshold_kb=full_scan_threshold_kb)
        self._generation = generation
        self._lock = ExitStack()
        if generation is not None:
            self._open(generation)
            return
        self._lock.enter_context(folder_lock(folder))
        try:
            self._generation = self._generations.in_use()
            if self._generations.pointed(NEXT) == self._generation:
                self._generations.point(NEXT, None)  # a switch was killed when it was nearly done
            self._generations.sweep()
            if self._generation is not None:
                self._open(self._generation)
        except BaseException:
            self._lock.close()
            raise

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        return self._specs

    def refresh(self) -> None:
        """Do nothing: what other processes change, they change through this one."""

    def ensure(self, specs: Sequence[VectorSpec]) -> None:
        """Make room for these vectors; a vector new to a filled index begins a new generation."""
        missing = check_specs(self._specs, specs)
        if not missing:
            return
        former_shard = self._shard
        number = self._generations.next_number()
        # All vectors are declared when a shard is made: one added later, followed by a kill
        # before the next flush, would leave a shard that cannot be loaded.
        together = {**self._specs, **{spec.model: spec for spec in missing}}
        self._generations.build(number, list(together.values()), former_shard)
        self._use(number)
        self._generations.sweep()

    def next_generation(self, specs: Sequence[VectorSpec]) -> "EdgeIndex":
        """Begin a generation beside the one in use, or go on with one begun for these vectors."""
        number = self._generations.pointed(NEXT)
        if number is not None:
            # One that is damaged is begun anew, like one for other vectors.
            with suppress(IndexFault):
                begun = EdgeIndex(self.folder, generation=number)
                if dict(begun.specs) == {spec.model: spec for spec in specs}:
                    return begun
                begun.close()
            self._generations.point(NEXT, None)
        self._generations.sweep()
        number = self._generations.next_number()
        self._generations.build(number, specs, None)
        self._generations.point(NEXT, number)
        return EdgeIndex(self.folder, generation=number)

    def switch(self) -> None:
        number = self._generations.pointed(NEXT)
        if number is None:
            raise IndexFault("no generation has been begun: there is nothing to switch to")
        # A kill in between leaves one that is in use and the former at once, which is none.
        self._generations.point(FORMER, self._generation)
        self._use(number)
        self._generations.point(NEXT, None)
        self._generations.sweep()

    def former_generation(self) -> "EdgeIndex | None":
        number = self._generations.pointed(FORMER)
        if number is None or number == self._generation:
            return None
        try:
            return EdgeIndex(self.folder, generation=number)
        except IndexFault as error:
            raise IndexFault(
                "the former generation of the index cannot be opened, so there is no way back to "
                "it; the one in use is not touched by that. `vasari reembed --discard-former` "
                f"deletes it ({error.__cause__})"
            ) from error

    def roll_back(self) -> None:
        used, former = self._generation, self._generations.pointed(FORMER)
        if former is None or former == used:
            raise no_former()
        self._use(former)
        self._generations.point(FORMER, used)

    def discard_former(self) -> None:
        if self._generations.pointed(FORMER) in (None, self._generation):
            raise no_former()
        self._generations.point(FORMER, None)
        self._generations.sweep()

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        shard = self._filled()
        self._ask_for_room(len(points), [point.vectors for point in points])
        partial = [point for point in points if len(point.vectors) < len(self._specs)]
        records = shard.retrieve([point.id for point in partial], False, True) if partial else []
        stored: dict[UUID, Any] = {uuid_of(record.id): record.vector or {} for record in records}
        shard.update(
            qe.UpdateOperation.upsert_points(
                [
                    qe.Point(
                        point.id,
                        # Lists go in twice as fast as numpy rows.
                        stored.get(point.id, {})
                        | {model: vector.tolist() for model, vector in point.vectors.items()},
                        dict(point.payload),
                    )
                    for point in points
                ]
            )
        )
        # Segments are filled one after another: what is written at a stretch becomes one of them,
        # however large it is, and lies in the log besides.
        self._written_bytes += self._largest_vector_bytes() * len(points)
        if self._written_bytes > 1_000 * LARGEST_SEGMENT_KB:
            self.optimize()

    def set_vectors(self, model: str, vectors: Mapping[UUID, Vector]) -> None:
        shard = self._holding(model)
        self._ask_for_room(0, [vectors])
        there = {uuid_of(record.id) for record in shard.retrieve(list(vectors), False, False)}
        changes = [
            qe.PointVectors(item, {model: vector.tolist()})
            for item, vector in vectors.items()
            if item in there
        ]
        if changes:
            shard.update(qe.UpdateOperation.update_vectors(changes))

    def set_payload(self, payloads: Mapping[UUID, Mapping[str, str | int]]) -> None:
        shard = self._filled()
        self._ask_for_room(len(payloads), [])
        for record in shard.retrieve(list(payloads), False, False):
            payload = dict(payloads[uuid_of(record.id)])
            shard.update(qe.UpdateOperation.overwrite_payload([record.id], payload))

    def delete(self, ids: Sequence[UUID]) -> None:
        self._filled().update(qe.UpdateOperation.delete_points(list(ids)))

    def search(self, searches: Mapping[str, Search]) -> dict[str, list[ScoredId]]:
        for model in searches:
            self._holding(model)
        if not searches:
            return {}
        requests = [nearest_request(model, search) for model, search in searches.items()]
        batch = qe.QueryBatchRequest(requests)
        while True:
            shard = self._filled()
            try:
                answers = shard.query_batch(batch)
                break
            except IndexFault:
                # Another thread may just have put another generation in its place.
                if shard is self._shard:
                    raise
        return {
            model: [ScoredId(id=uuid_of(hit.id), cosine=clip_cosine(hit.score)) for hit in hits]
            for model, hits in zip(searches, answers, strict=True)
        }

    def vectors(self, model: str, ids: Sequence[UUID]) -> dict[UUID, Vector]:
        records = self._holding(model).retrieve(list(ids), False, [model])
        points = map(index_point, records)
        return {point.id: point.vectors[model] for point in points if model in point.vectors}

    def ids(self) -> Iterator[UUID]:
        if self._shard is None:
            return
        for record in scroll(self._shard):
            yield uuid_of(record.id)

    def held(self, ids: Sequence[UUID], *, model: str | None = None) -> set[UUID]:
        if self._shard is None or not ids or (model is not None and model not in self._specs):
            return set()
        found = scroll(self._shard, wanted=among(ids, model=model))
        return {uuid_of(record.id) for record in found}

    def points(self, *, with_vectors: bool) -> Iterator[IndexPoint]:
        if self._shard is None:
            return
        for record in scroll(self._shard, with_payload=True, with_vectors=with_vectors):
            yield index_point(record)

    def optimize(self) -> None:
        """Build the HNSW graphs, which the engine does nowhere else."""
        if self._shard is not None and not self._shard.optimized:
            # The engine writes a segment anew beside the old one.
            self._generations.ask_for_room_to_rewrite(self._generation)
            self._shard.optimize()
        self._written_bytes = 0

    def damaged_files(self) -> list[str]:
        return [] if self._shard is None else self._shard.damaged_files()

    def mend(self) -> None:
        """Go on with a generation of all that is not in a damaged file."""
        if self._shard is None or not self._shard.damaged_files():
            return
        number, specs = self._generations.next_number(), list(self._specs.values())
        self._generations.build_of_what_is_whole(number, specs, self._shard)
        self._use(number)
        self._generations.sweep()

    def status(self) -> IndexStatus:
        location = str(self.folder)
        if self._shard is None:
            return IndexStatus(engine=self.engine, location=location, generation=None, points=0)
        info = self._shard.info()
        points = {
            model: self._shard.count(
                qe.CountRequest(filter=qe.Filter(must=[qe.HasVectorCondition(model)]))
            )
            for model in self._specs
        }
        return IndexStatus(
            engine=self.engine,
            location=location,
            generation=self._generation,
            points=info.points_count,
            vectors=vector_statuses(self._specs, points, indexed=info.indexed_vectors_count),
            payload_indexes=tuple(sorted(info.payload_schema)),
        )

    def storage(self) -> Storage:
        resident = psutil.Process().memory_info().rss
        return Storage(memory_bytes=resident, disk_bytes=allocated(self.folder))

    def close(self) -> None:
        if self._shard is not None:
            self._shard.close()
            self._shard = None
        self._lock.close()

    def _filled(self) -> Shard:
        if self._shard is None:
            raise unknown_vector("any", self._specs)
        return self._shard

    def _holding(self, model: str) -> Shard:
        if self._shard is None or model not in self._specs:
            raise unknown_vector(model, self._specs)
        return self._shard

    def _largest_vector_bytes(self) -> int:
        return 4 * max((spec.dimension for spec in self._specs.values()), default=0)

    def _ask_for_room(self, payloads: int, vectors: Iterable[Mapping[Any, Vector]]) -> None:
        """See that there is room for what is to be written.

        Raises:
            DiskFull: there is none.
        """
        numbers = sum(vector.nbytes for held in vectors for vector in held.values())
        ask_for_room(self.folder, COPIES * numbers + PAYLOAD_BYTES * payloads)

    def _open(self, generation: int) -> None:
        self._specs, self._shard = self._generations.load(generation)
        # Of works that a process wrote that was killed before it built their graphs.
        info, graphs = self._shard.info(), max(1, len(searchable_models(self._specs)))
        without_graphs = max(0, info.points_count - info.indexed_vectors_count // graphs)
        self._written_bytes = without_graphs * self._largest_vector_bytes()

    def _use(self, number: int) -> None:
        self._generations.point(CURRENT, number)
        former = self._shard
        self._generation = number
        self._open(number)
        if former is not None:
            former.close()
