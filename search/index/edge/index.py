"""The embedded engine: Qdrant Edge in this process, one folder, real HNSW on disk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import numpy as np
import qdrant_edge as qe

from catalog.filters import Filter
from search.index.contract import (
    GenerationalIndex,
    IndexFault,
    IndexPoint,
    IndexStatus,
    ScoredId,
    Vector,
    VectorSpec,
    check_specs,
    clip_cosine,
    no_former,
    unknown_vector,
    vector_statuses,
)
from search.index.disk_space import ask_for_room
from search.index.edge.generations import CURRENT, FORMER, FULL_SCAN_THRESHOLD_KB, NEXT, Generations
from search.index.edge.requests import (
    EXACT,
    among,
    conditions_of,
    nearest_request,
    scroll,
    stored_vectors,
    uuid_of,
    walk,
)
from search.index.edge.shard import Shard
from search.index.folder_lock import FolderLock

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
        self._generations = Generations(folder, full_scan_threshold_kb=full_scan_threshold_kb)
        self._generation = generation
        self._lock: FolderLock | None = None
        if generation is not None:
            self._open(generation)
            return
        self._lock = FolderLock(folder)
        self._lock.acquire()
        try:
            self._generation = self._generations.in_use()
            if self._generations.pointed(NEXT) == self._generation:
                self._generations.point(NEXT, None)  # a switch was killed when it was nearly done
            self._generations.sweep()
            if self._generation is not None:
                self._open(self._generation)
        except BaseException:
            self._lock.release()
            raise

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors of the current generation, by model."""
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
        """Put the generation that was begun in the place of the one in use, which is kept."""
        number = self._generations.pointed(NEXT)
        if number is None:
            raise IndexFault("no generation has been begun: there is nothing to switch to")
        # A kill in between leaves one that is in use and the former at once, which is none.
        self._generations.point(FORMER, self._generation)
        self._use(number)
        self._generations.point(NEXT, None)
        self._generations.sweep()

    def former_generation(self) -> "EdgeIndex | None":
        """Open the generation that was in use before the last switch."""
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
        """Put the former generation in use again; the one in use becomes the former."""
        used, former = self._generation, self._generations.pointed(FORMER)
        if former is None or former == used:
            raise no_former()
        self._use(former)
        self._generations.point(FORMER, used)

    def discard_former(self) -> None:
        """Delete the former generation."""
        if self._generations.pointed(FORMER) in (None, self._generation):
            raise no_former()
        self._generations.point(FORMER, None)
        self._generations.sweep()

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points; those that are there keep the vectors not given anew."""
        shard = self._filled()
        self._ask_for_room(len(points), [point.vectors for point in points])
        partial = [point for point in points if len(point.vectors) < len(self._specs)]
        stored = stored_vectors(shard, [point.id for point in partial]) if partial else {}
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

    def set_vectors(self, model: str, vectors: Mapping[UUID, Vector]) -> None:
        """Write one model's vectors of points that are there."""
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
        """Replace the payload of points that the index holds."""
        shard = self._filled()
        self._ask_for_room(len(payloads), [])
        for record in shard.retrieve(list(payloads), False, False):
            payload = dict(payloads[uuid_of(record.id)])
            shard.update(qe.UpdateOperation.overwrite_payload([record.id], payload))

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points."""
        self._filled().update(qe.UpdateOperation.delete_points(list(ids)))

    def nearest_under_each(
        self,
        queries: Mapping[str, Vector],
        *,
        wanted: Filter,
        top: int,
        exact: bool = False,
        without: Sequence[UUID] = (),
    ) -> dict[str, list[ScoredId]]:
        """Return the points nearest to one query under several models, asked for at once."""
        parameters = walk(top=top, exact=exact, filtered=bool(wanted))
        conditions = conditions_of(wanted, without)
        return self._ask(
            {
                model: nearest_request(model, query, top, conditions, parameters)
                for model, query in queries.items()
            }
        )

    def cosines_under_each(
        self, queries: Mapping[str, Vector], ids: Mapping[str, Sequence[UUID]]
    ) -> dict[str, dict[UUID, float]]:
        """Return the cosines of certain points with one query under several models."""
        found = self._ask(
            {
                model: nearest_request(model, query, len(ids[model]), among(ids[model]), EXACT)
                for model, query in queries.items()
                if ids[model]
            }
        )
        return {model: {hit.id: hit.cosine for hit in found.get(model, ())} for model in queries}

    def vectors(self, model: str, ids: Sequence[UUID]) -> dict[UUID, Vector]:
        """Return the stored vectors of one model."""
        records = self._holding(model).retrieve(list(ids), False, [model])
        return {
            uuid_of(record.id): np.asarray(record.vector[model], dtype=np.float32)
            for record in records
            if isinstance(record.vector, dict) and model in record.vector
        }

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of all points."""
        if self._shard is None:
            return
        for record in scroll(self._shard):
            yield uuid_of(record.id)

    def held(self, ids: Sequence[UUID], *, model: str | None = None) -> set[UUID]:
        """Return which of these points the index holds; with a model, which have its vector."""
        if self._shard is None or not ids or (model is not None and model not in self._specs):
            return set()
        found = scroll(self._shard, wanted=among(ids, model=model))
        return {uuid_of(record.id) for record in found}

    def points(self, *, with_vectors: bool) -> Iterator[IndexPoint]:
        """Go through all points, with their payload, and with all their vectors if asked for."""
        if self._shard is None:
            return
        for record in scroll(self._shard, with_payload=True, with_vectors=with_vectors):
            stored = record.vector if isinstance(record.vector, dict) else {}
            yield IndexPoint(
                id=uuid_of(record.id),
                vectors={
                    model: np.asarray(vector, dtype=np.float32) for model, vector in stored.items()
                },
                payload=record.payload or {},
            )

    def optimize(self) -> None:
        """Build the HNSW graphs, which the engine does nowhere else."""
        if self._shard is not None and not self._shard.optimized:
            # The engine writes a segment anew beside the old one.
            self._generations.ask_for_room_to_rewrite(self._generation)
            self._shard.optimize()

    def damaged_files(self) -> list[str]:
        """Return the files of the generation in use that are not as they were written."""
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
        """Return what the index holds now."""
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

    def close(self) -> None:
        """Write everything out and let the next process in."""
        if self._shard is not None:
            self._shard.close()
            self._shard = None
        if self._lock is not None:
            self._lock.release()

    def _filled(self) -> Shard:
        if self._shard is None:
            raise unknown_vector("any", self._specs)
        return self._shard

    def _holding(self, model: str) -> Shard:
        if self._shard is None or model not in self._specs:
            raise unknown_vector(model, self._specs)
        return self._shard

    def _ask(self, requests: Mapping[str, qe.QueryRequest]) -> dict[str, list[ScoredId]]:
        """Put one request a model to the engine, all at once."""
        for model in requests:
            self._holding(model)
        if not requests:
            return {}
        batch = qe.QueryBatchRequest(list(requests.values()))
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
            for model, hits in zip(requests, answers, strict=True)
        }

    def _ask_for_room(self, payloads: int, vectors: Iterable[Mapping[Any, Vector]]) -> None:
        """See that there is room for what is to be written.

        Raises:
            DiskFull: there is none.
        """
        numbers = sum(vector.nbytes for held in vectors for vector in held.values())
        ask_for_room(self.folder, COPIES * numbers + PAYLOAD_BYTES * payloads)

    def _open(self, generation: int) -> None:
        self._specs, self._shard = self._generations.load(generation)

    def _use(self, number: int) -> None:
        self._generations.point(CURRENT, number)
        former = self._shard
        self._generation = number
        self._open(number)
        if former is not None:
            former.close()
