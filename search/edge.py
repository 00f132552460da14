"""The embedded engine: Qdrant Edge in this process, one folder, real HNSW on disk.

The folder holds one subfolder a generation, each with the engine's shard and ``specs.json`` (what
its vectors are), and the file ``current`` that names the generation in use. The file ``former``
names the one before it, where that is kept; ``next`` one that is being filled.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import numpy as np
import qdrant_edge as qe

from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS, Filter
from search.folder_lock import FolderLock
from search.index import (
    HNSW_CONSTRUCTION_EF,
    HNSW_LINKS,
    INDEXING_THRESHOLD_KB,
    QUANTILE,
    IndexFault,
    IndexPoint,
    IndexStatus,
    ScoredId,
    Vector,
    VectorSpec,
    VectorStatus,
    check_specs,
    clip_cosine,
    no_former,
    oversampling,
    unknown_vector,
    walk_width,
)

SCROLL_PAGE = 1_000

FULL_SCAN_THRESHOLD_KB = 400_000
"""A filter that leaves less than this is answered by scanning the codes of what it leaves, not by
the graph: 50,000 works of 2,048 numbers. What passes a filter lies scattered over the graph, where
a walk loses its way, and one that finds as much takes no less time than the scan. All works of
a collection that small are scanned too where nothing is filtered, which takes some 5 ms."""

CURRENT, FORMER, NEXT = "current", "former", "next"
"""Files, each with the number of a generation."""


class EdgeIndex:
    """An index in a folder that one process at a time may open.

    Args:
        folder: made if it is not there.

    Raises:
        IndexInUse: another process has the folder open.
    """

    engine: Literal["edge", "server"] = "edge"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FolderLock(folder)
        self._lock.acquire()
        self._shard: qe.EdgeShard | None = None
        self._specs: dict[str, VectorSpec] = {}
        self._generation = self._pointed(CURRENT)
        self._sweep()
        if self._generation is not None:
            try:
                self._open(self._generation)
            except Exception as error:
                self._lock.release()
                raise IndexFault(
                    f"the embedded index in {folder} cannot be opened ({error}). It can be made "
                    f"anew from the pictures: move the folder away and run the ingest again"
                ) from error

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors of the current generation, by model."""
        return self._specs

    def refresh(self) -> None:
        """Do nothing: no other process can have the folder open."""

    def ensure(self, specs: Sequence[VectorSpec]) -> None:
        """Make room for these vectors; a vector new to a filled index begins a new generation."""
        missing = check_specs(self._specs, specs)
        if not missing:
            return
        former_shard = self._shard
        number = self._next_number()
        # All vectors are declared when a shard is made: one added later, followed by a kill
        # before the next flush, would leave a shard that cannot be loaded.
        together = {**self._specs, **{spec.model: spec for spec in missing}}
        building = self._build(number, list(together.values()), former_shard)
        if former_shard is not None:
            former_shard.close()
        building.rename(self._path(number))
        self._point(CURRENT, number)
        self._generation = number
        self._open(number)
        self._sweep()

    def next_generation(self, specs: Sequence[VectorSpec]) -> "EdgeIndex":
        """Begin a generation beside the one in use, or go on with one begun for these vectors."""
        number = self._pointed(NEXT)
        if number is not None:
            begun = _Generation(self, number)
            if dict(begun.specs) == {spec.model: spec for spec in specs}:
                return begun
            begun.close()
            self._point(NEXT, None)
        self._sweep()
        number = self._next_number()
        self._build(number, specs, None).rename(self._path(number))
        self._point(NEXT, number)
        return _Generation(self, number)

    def switch(self) -> None:
        """Put the generation that was begun in the place of the one in use, which is kept."""
        number = self._pointed(NEXT)
        if number is None:
            raise IndexFault("no generation has been begun: there is nothing to switch to")
        # A kill in between leaves one that is in use and the former at once, which is none.
        self._point(FORMER, self._generation)
        self._use(number)
        self._point(NEXT, None)
        self._sweep()

    def former_generation(self) -> "EdgeIndex | None":
        """Open the generation that was in use before the last switch."""
        number = self._pointed(FORMER)
        return None if number in (None, self._generation) else _Generation(self, number or 0)

    def roll_back(self) -> None:
        """Put the former generation in use again; the one in use becomes the former."""
        used, former = self._generation, self._pointed(FORMER)
        if former is None or former == used:
            raise no_former()
        self._use(former)
        self._point(FORMER, used)

    def discard_former(self) -> None:
        """Delete the former generation."""
        if self._pointed(FORMER) in (None, self._generation):
            raise no_former()
        self._point(FORMER, None)
        self._sweep()

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points; those that are there keep the vectors not given anew."""
        shard = self._filled()
        partial = [point for point in points if len(point.vectors) < len(self._specs)]
        stored = _stored_vectors(shard, [point.id for point in partial]) if partial else {}
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
        there = {_uuid(record.id) for record in shard.retrieve(list(vectors), False, False)}
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
        for record in shard.retrieve(list(payloads), False, False):
            payload = dict(payloads[_uuid(record.id)])
            shard.update(qe.UpdateOperation.overwrite_payload([record.id], payload))

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points."""
        self._filled().update(qe.UpdateOperation.delete_points(list(ids)))

    def nearest(
        self,
        model: str,
        query: Vector,
        *,
        wanted: Filter,
        top: int,
        exact: bool = False,
        without: Sequence[UUID] = (),
    ) -> list[ScoredId]:
        """Return the points nearest to a query, the nearest first."""
        asked = self.nearest_under_each(
            {model: query}, wanted=wanted, top=top, exact=exact, without=without
        )
        return asked[model]

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
        parameters = qe.SearchParams(
            exact=exact,
            hnsw_ef=walk_width(top),
            # Where many pass, but not those around the query: step over works that do not.
            acorn=qe.AcornSearchParams(enable=bool(wanted), max_selectivity=1.0),
            quantization=qe.QuantizationSearchParams(
                ignore=exact, rescore=True, oversampling=oversampling(top)
            ),
        )
        conditions = _filter(wanted, without)
        return self._ask(
            {
                model: _request(model, query, top, conditions, parameters)
                for model, query in queries.items()
            }
        )

    def cosines(self, model: str, query: Vector, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Return the cosine of certain points with a query."""
        return self.cosines_under_each({model: query}, {model: ids})[model]

    def cosines_under_each(
        self, queries: Mapping[str, Vector], ids: Mapping[str, Sequence[UUID]]
    ) -> dict[str, dict[UUID, float]]:
        """Return the cosines of certain points with one query under several models."""
        parameters = qe.SearchParams(
            exact=True, quantization=qe.QuantizationSearchParams(ignore=True)
        )
        found = self._ask(
            {
                model: _request(
                    model,
                    query,
                    len(ids[model]),
                    qe.Filter(must=[qe.HasIdCondition(set(ids[model]))]),
                    parameters,
                )
                for model, query in queries.items()
                if ids[model]
            }
        )
        return {model: {hit.id: hit.cosine for hit in found.get(model, ())} for model in queries}

    def vectors(self, model: str, ids: Sequence[UUID]) -> dict[UUID, Vector]:
        """Return the stored vectors of one model."""
        records = self._holding(model).retrieve(list(ids), False, [model])
        return {
            _uuid(record.id): np.asarray(record.vector[model], dtype=np.float32)
            for record in records
            if isinstance(record.vector, dict) and model in record.vector
        }

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of all points."""
        if self._shard is None:
            return
        for record in _scroll(self._shard):
            yield _uuid(record.id)

    def held(self, ids: Sequence[UUID], *, model: str | None = None) -> set[UUID]:
        """Return which of these points the index holds; with a model, which have its vector."""
        if self._shard is None or not ids or (model is not None and model not in self._specs):
            return set()
        must: list[qe.ConditionType] = [qe.HasIdCondition(set(ids))]
        if model is not None:
            must.append(qe.HasVectorCondition(model))
        found = _scroll(self._shard, wanted=qe.Filter(must=must))
        return {_uuid(record.id) for record in found}

    def points(self, *, with_vectors: bool) -> Iterator[IndexPoint]:
        """Go through all points, with their payload, and with all their vectors if asked for."""
        if self._shard is None:
            return
        for record in _scroll(self._shard, with_payload=True, with_vectors=with_vectors):
            stored = record.vector if isinstance(record.vector, dict) else {}
            yield IndexPoint(
                id=_uuid(record.id),
                vectors={
                    model: np.asarray(vector, dtype=np.float32) for model, vector in stored.items()
                },
                payload=record.payload or {},
            )

    def optimize(self) -> None:
        """Build the HNSW graphs, which the engine does nowhere else."""
        if self._shard is not None:
            self._shard.optimize()
            self._shard.flush()

    def status(self) -> IndexStatus:
        """Return what the index holds now.

        The engine counts the entries of all vectors together, features too. They are shared out in
        proportion to the points, which is exact where all points have all vectors: a point enters
        the graphs of all its vectors at once.
        """
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
        share = info.indexed_vectors_count / max(1, sum(points.values()))
        return IndexStatus(
            engine=self.engine,
            location=location,
            generation=self._generation,
            points=info.points_count,
            vectors={
                model: VectorStatus(
                    points=points[model],
                    indexed=(
                        0
                        if spec.role == "feature"
                        else min(points[model], round(points[model] * share))
                    ),
                    fingerprint=spec.fingerprint,
                )
                for model, spec in sorted(self._specs.items())
            },
            payload_indexes=tuple(sorted(info.payload_schema)),
        )

    def close(self) -> None:
        """Write everything out and let the next process in."""
        if self._shard is not None:
            self._shard.flush()
            self._shard.close()
            self._shard = None
        self._lock.release()

    def _filled(self) -> qe.EdgeShard:
        if self._shard is None:
            raise unknown_vector("any", self._specs)
        return self._shard

    def _holding(self, model: str) -> qe.EdgeShard:
        if self._shard is None or model not in self._specs:
            raise unknown_vector(model, self._specs)
        return self._shard

    def _path(self, generation: int) -> Path:
        return self.folder / f"generation-{generation:04d}"

    def _ask(self, requests: Mapping[str, qe.QueryRequest]) -> dict[str, list[ScoredId]]:
        """Put one request a model to the engine, all at once."""
        for model in requests:
            self._holding(model)
        if not requests:
            return {}
        answers = self._filled().query_batch(qe.QueryBatchRequest(list(requests.values())))
        return {
            model: [ScoredId(id=_uuid(hit.id), cosine=clip_cosine(hit.score)) for hit in hits]
            for model, hits in zip(requests, answers, strict=True)
        }

    def _open(self, generation: int) -> None:
        path = self._path(generation)
        specs = json.loads((path / "specs.json").read_text())
        self._specs = {spec["model"]: VectorSpec(**spec) for spec in specs}
        self._shard = qe.EdgeShard.load(str(path / "shard"))

    def _build(
        self, generation: int, specs: Sequence[VectorSpec], former: qe.EdgeShard | None
    ) -> Path:
        """Make a generation beside the current one, with all the points of the former."""
        path = self._path(generation).with_suffix(".building")
        shutil.rmtree(path, ignore_errors=True)
        (path / "shard").mkdir(parents=True)
        shard = qe.EdgeShard.create(str(path / "shard"), _config(specs))
        # Before the first point: HNSW gets its filter edges only from indexes that are there.
        for name in PAYLOAD_FIELDS:
            kind = "Keyword" if name in KEYWORD_FIELDS else "Integer"
            schema = getattr(qe.PayloadSchemaType, kind)
            shard.update(qe.UpdateOperation.create_field_index(name, schema))
        batch: list[qe.Point] = []
        former_points = (
            _scroll(former, with_payload=True, with_vectors=True) if former is not None else ()
        )
        for record in former_points:
            batch.append(qe.Point(record.id, record.vector or {}, record.payload))
            if len(batch) == SCROLL_PAGE:
                shard.update(qe.UpdateOperation.upsert_points(batch))
                batch = []
        if batch:
            shard.update(qe.UpdateOperation.upsert_points(batch))
        shard.optimize()
        shard.flush()
        shard.close()
        (path / "specs.json").write_text(json.dumps([asdict(spec) for spec in specs], indent=2))
        return path

    def _use(self, number: int) -> None:
        self._point(CURRENT, number)
        if self._shard is not None:
            self._shard.flush()
            self._shard.close()
        self._generation = number
        self._open(number)

    def _next_number(self) -> int:
        used = [self._pointed(name) or 0 for name in (CURRENT, FORMER, NEXT)]
        return max(used) + 1

    def _pointed(self, name: str) -> int | None:
        path = self.folder / name
        return int(path.read_text()) if path.exists() else None

    def _point(self, name: str, generation: int | None) -> None:
        if generation is None:
            (self.folder / name).unlink(missing_ok=True)
            return
        fresh = self.folder / f"{name}.new"
        with fresh.open("w") as file:
            file.write(str(generation))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)

    def _sweep(self) -> None:
        """Remove generations that no file names: replaced ones, and what a kill left half made."""
        named = [self._pointed(name) for name in (CURRENT, FORMER, NEXT)]
        kept = {self._path(number) for number in named if number is not None}
        for path in self.folder.glob("generation-*"):
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)


class _Generation(EdgeIndex):
    """One generation by itself, in a folder that is open already."""

    def __init__(self, whole: EdgeIndex, generation: int) -> None:
        self.folder = whole.folder
        self._generation = generation
        self._open(generation)

    def close(self) -> None:
        """Write everything out."""
        if self._shard is not None:
            self._shard.flush()
            self._shard.close()
            self._shard = None


def _config(specs: Sequence[VectorSpec]) -> qe.EdgeConfig:
    return qe.EdgeConfig(
        vectors={spec.model: _vector_params(spec) for spec in specs},
        hnsw_config=qe.HnswIndexConfig(
            m=HNSW_LINKS,
            ef_construct=HNSW_CONSTRUCTION_EF,
            full_scan_threshold=FULL_SCAN_THRESHOLD_KB,
        ),
        optimizers=qe.EdgeOptimizersConfig(
            indexing_threshold=INDEXING_THRESHOLD_KB, default_segment_number=1
        ),
    )


def _vector_params(spec: VectorSpec) -> qe.EdgeVectorParams:
    cosine = qe.Distance.Cosine
    if spec.role == "feature":
        # Read back in bulk and never searched: neither a graph nor a place in memory.
        without_graph = qe.HnswIndexConfig(
            m=0,
            ef_construct=HNSW_CONSTRUCTION_EF,
            full_scan_threshold=FULL_SCAN_THRESHOLD_KB,
        )
        return qe.EdgeVectorParams(
            size=spec.dimension, distance=cosine, on_disk=True, hnsw_config=without_graph
        )
    return qe.EdgeVectorParams(
        size=spec.dimension,
        distance=cosine,
        quantization_config=qe.ScalarQuantizationConfig(
            type=qe.ScalarType.Int8, quantile=QUANTILE, memory=qe.Memory.Pinned
        ),
    )


def _request(
    model: str, query: Vector, top: int, conditions: qe.Filter | None, parameters: qe.SearchParams
) -> qe.QueryRequest:
    return qe.QueryRequest(
        limit=top,
        query=qe.Query.Nearest(query.tolist(), using=model),
        filter=conditions,
        params=parameters,
        with_payload=False,
        with_vector=False,
    )


def _filter(wanted: Filter, without: Sequence[UUID]) -> qe.Filter | None:
    must: list[qe.ConditionType] = [
        qe.FieldCondition(name, match=qe.MatchAny(list(values)))
        for name, values in wanted.keywords().items()
    ]
    if wanted.year_from is not None or wanted.year_to is not None:
        years = qe.RangeFloat(gte=wanted.year_from, lte=wanted.year_to)
        must.append(qe.FieldCondition("year", range=years))
    must_not: list[qe.ConditionType] = [
        qe.FieldCondition(name, match=qe.MatchAny(list(values)))
        for name, values in wanted.exclusions().items()
    ]
    if without:
        must_not.append(qe.HasIdCondition(set(without)))
    return qe.Filter(must=must, must_not=must_not) if must or must_not else None


def _scroll(
    shard: qe.EdgeShard,
    *,
    wanted: qe.Filter | None = None,
    with_payload: bool = False,
    with_vectors: bool = False,
) -> Iterator[qe.Record]:
    offset = None
    while True:
        records, offset = shard.scroll(
            qe.ScrollRequest(
                offset=offset,
                limit=SCROLL_PAGE,
                filter=wanted,
                with_payload=with_payload,
                with_vector=with_vectors,
            )
        )
        yield from records
        if offset is None:
            return


def _stored_vectors(shard: qe.EdgeShard, ids: Sequence[UUID]) -> dict[UUID, Any]:
    records = shard.retrieve(list(ids), False, True)
    return {_uuid(record.id): record.vector or {} for record in records}


def _uuid(point_id: object) -> UUID:
    return point_id if isinstance(point_id, UUID) else UUID(str(point_id))
