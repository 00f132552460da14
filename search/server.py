"""The served engine: a Qdrant server, for several processes and machines at once.

A generation is the collection ``ALIAS_0001``, ``ALIAS_0002``, ...; the alias names the one in use.
``ALIAS_former`` names the one that was in use before, ``ALIAS_next`` one that is being filled.

What is written goes to the generation in use. What is asked is asked of the generation that this
process last looked at, by its own name, so that no answer is made of two; it moves on by itself to
one that holds all it knows, made by the same weights.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, TypeVar
from uuid import UUID

import numpy as np
from qdrant_client import models

from catalog.filters import KEYWORD_FIELDS, PAYLOAD_FIELDS, Filter
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
from search.server_connection import CollectionGone, connect

Item = TypeVar("Item")

FORMER, NEXT = "_former", "_next"

SCROLL_PAGE = 500
GREEN_POLL_SECONDS = 0.2

FULL_SCAN_THRESHOLD_KB = 150_000
"""A filter that leaves less than this of a segment is answered by scanning the codes of what it
leaves, as in the embedded engine. It has to stay below what a segment holds (some 33,000 works of
two models on two processors), or searches without filters would scan a collection of any size."""
LOOK_SECONDS = 5.0
"""How long a generation that another process has put in place may go unseen."""

FLOATS_A_REQUEST = 500_000
"""Of vectors written at once: some 10 MB of JSON, where a server refuses more than 32."""


class ServerIndex:
    """An index on a Qdrant server.

    Args:
        url: of the server, such as ``http://localhost:6333``.
        api_key: for servers that ask for one.
        alias: name of the collection; its generations are ``alias_NUMBER``.
        generation: one to open by itself, whether in use or not.

    Raises:
        IndexUnreachable: no server answers at the address.
    """

    engine: Literal["edge", "server"] = "server"

    def __init__(
        self, url: str, *, alias: str, api_key: str | None = None, generation: int | None = None
    ) -> None:
        self.url = url
        self.alias = alias
        self._api_key = api_key
        self._only = generation
        self._looked = 0.0
        self._client = connect(url, api_key=api_key)
        self._specs: dict[str, VectorSpec] = {}
        self._generation: int | None = None
        self._read_generation()

    @property
    def specs(self) -> Mapping[str, VectorSpec]:
        """The named vectors of the current generation, by model."""
        return self._specs

    def refresh(self) -> None:
        """Look again at which generation the alias names."""
        self._read_generation()

    def ensure(self, specs: Sequence[VectorSpec]) -> None:
        """Make room for these vectors; a vector new to a filled index begins a new generation."""
        self._read_generation()
        missing = check_specs(self._specs, specs)
        if not missing:
            return
        former = self._generation
        self._sweep()
        number = self._next_number()
        together = {**self._specs, **{spec.model: spec for spec in missing}}
        self._build(number, list(together.values()))
        if former is not None:
            self._copy(former, number)
        self._name({"": number})
        if former is not None:
            self._client.delete_collection(self._collection(former))
        self._read_generation()

    def next_generation(self, specs: Sequence[VectorSpec]) -> "ServerIndex":
        """Begin a generation beside the one in use, or go on with one begun for these vectors."""
        number = self._named().get(NEXT)
        if number is not None:
            begun = self._opened(number)
            if dict(begun.specs) == {spec.model: spec for spec in specs}:
                return begun
            begun.close()
            self._client.delete_collection(self._collection(number))
        self._sweep()
        number = self._next_number()
        self._build(number, specs)
        self._name({NEXT: number})
        return self._opened(number)

    def switch(self) -> None:
        """Put the generation that was begun in the place of the one in use, which is kept."""
        named = self._named()
        if NEXT not in named:
            raise IndexFault("no generation has been begun: there is nothing to switch to")
        self._name({"": named[NEXT], FORMER: named[""]}, gone=[NEXT])
        if FORMER in named:
            self._client.delete_collection(self._collection(named[FORMER]))
        self._read_generation()

    def former_generation(self) -> "ServerIndex | None":
        """Open the generation that was in use before the last switch."""
        number = self._named().get(FORMER)
        return None if number is None else self._opened(number)

    def roll_back(self) -> None:
        """Put the former generation in use again; the one in use becomes the former."""
        named = self._named()
        if FORMER not in named:
            raise no_former()
        self._name({"": named[FORMER], FORMER: named[""]})
        self._read_generation()

    def discard_former(self) -> None:
        """Delete the former generation."""
        named = self._named()
        if FORMER not in named:
            raise no_former()
        self._client.delete_collection(self._collection(named[FORMER]))

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points; those that are there keep the vectors not given anew."""
        there: set[UUID] = set()
        partial = [point.id for point in points if len(point.vectors) < len(self._specs)]
        if partial:
            records = self._client.retrieve(
                self._target,
                [str(item) for item in partial],
                with_payload=False,
                with_vectors=False,
            )
            there = {UUID(str(record.id)) for record in records}
        for part in _parts([point for point in points if point.id not in there], self._specs):
            self._client.upsert(
                self._target,
                [
                    models.PointStruct(
                        id=str(point.id), vector=_lists(point), payload=dict(point.payload)
                    )
                    for point in part
                ],
                wait=True,
            )
        for part in _parts([point for point in points if point.id in there], self._specs):
            self._client.update_vectors(
                self._target,
                [models.PointVectors(id=str(point.id), vector=_lists(point)) for point in part],
                wait=True,
            )
            self.set_payload({point.id: point.payload for point in part})

    def set_vectors(self, model: str, vectors: Mapping[UUID, Vector]) -> None:
        """Write one model's vectors of points that are there."""
        self._require(model)
        records = self._client.retrieve(
            self._target, [str(item) for item in vectors], with_payload=False, with_vectors=False
        )
        changes = [
            models.PointVectors(
                id=record.id, vector={model: vectors[UUID(str(record.id))].tolist()}
            )
            for record in records
        ]
        for part in _parts(changes, {model: self._specs[model]}):
            self._client.update_vectors(self._target, list(part), wait=True)

    def set_payload(self, payloads: Mapping[UUID, Mapping[str, str | int]]) -> None:
        """Replace the payload of points that the index holds."""
        # By a filter and not by id: an id that the collection lacks would be an error.
        operations: list[models.UpdateOperation] = [
            models.OverwritePayloadOperation(
                overwrite_payload=models.SetPayload(
                    payload=dict(payload),
                    filter=models.Filter(must=[models.HasIdCondition(has_id=[str(item)])]),
                )
            )
            for item, payload in payloads.items()
        ]
        if operations:
            self._client.batch_update_points(self._target, operations, wait=True)

    def delete(self, ids: Sequence[UUID]) -> None:
        """Remove points."""
        if not ids:
            return
        selector = models.PointIdsList(points=[str(item) for item in ids])
        self._client.delete(self._target, selector, wait=True)

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
        """Return the points nearest to one query under several models, in one request."""
        parameters = models.SearchParams(
            exact=exact,
            hnsw_ef=walk_width(top),
            # Where many pass, but not those around the query: step over works that do not.
            acorn=models.AcornSearchParams(enable=bool(wanted), max_selectivity=1.0),
            quantization=models.QuantizationSearchParams(
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
        parameters = models.SearchParams(
            exact=True, quantization=models.QuantizationSearchParams(ignore=True)
        )
        found = self._ask(
            {
                model: _request(
                    model,
                    query,
                    len(ids[model]),
                    models.Filter(
                        must=[models.HasIdCondition(has_id=[str(item) for item in ids[model]])]
                    ),
                    parameters,
                )
                for model, query in queries.items()
                if ids[model]
            }
        )
        return {model: {hit.id: hit.cosine for hit in found.get(model, ())} for model in queries}

    def vectors(self, model: str, ids: Sequence[UUID]) -> dict[UUID, Vector]:
        """Return the stored vectors of one model."""
        self._require(model)
        records = self._asked(
            lambda: self._client.retrieve(
                self._reading, [str(item) for item in ids], with_payload=False, with_vectors=[model]
            ),
            [model],
        )
        return {
            UUID(str(record.id)): np.asarray(record.vector[model], dtype=np.float32)
            for record in records
            if isinstance(record.vector, dict) and model in record.vector
        }

    def ids(self) -> Iterator[UUID]:
        """Go through the ids of all points."""
        if self._generation is None:
            return
        for record in self._scroll(self._collection(self._generation)):
            yield UUID(str(record.id))

    def held(self, ids: Sequence[UUID], *, model: str | None = None) -> set[UUID]:
        """Return which of these points the index holds; with a model, which have its vector."""
        if self._generation is None or not ids or (model is not None and model not in self._specs):
            return set()
        must: list[models.Condition] = [models.HasIdCondition(has_id=[str(item) for item in ids])]
        if model is not None:
            must.append(models.HasVectorCondition(has_vector=model))
        found = self._scroll(self._reading, wanted=models.Filter(must=must))
        return {UUID(str(record.id)) for record in found}

    def points(self, *, with_vectors: bool) -> Iterator[IndexPoint]:
        """Go through all points, with their payload, and with all their vectors if asked for."""
        if self._generation is None:
            return
        collection = self._collection(self._generation)
        for record in self._scroll(collection, with_payload=True, with_vectors=with_vectors):
            stored = record.vector if isinstance(record.vector, dict) else {}
            yield IndexPoint(
                id=UUID(str(record.id)),
                vectors={
                    model: np.asarray(vector, dtype=np.float32) for model, vector in stored.items()
                },
                payload=record.payload or {},
            )

    def optimize(self) -> None:
        """Wait until the server, which builds its graphs by itself, has built them."""
        if self._generation is None:
            return
        while self._client.get_collection(self._reading).status == models.CollectionStatus.YELLOW:
            time.sleep(GREEN_POLL_SECONDS)

    def status(self) -> IndexStatus:
        """Return what the index holds now.

        The server counts the entries of all vectors together, features too. They are shared out in
        proportion to the points, which is exact where all points have all vectors: a point enters
        the graphs of all its vectors at once.
        """
        if self._generation is None:
            return IndexStatus(engine=self.engine, location=self.url, generation=None, points=0)
        info = self._client.get_collection(self._reading)
        points = {
            model: self._client.count(
                self._reading,
                count_filter=models.Filter(must=[models.HasVectorCondition(has_vector=model)]),
                exact=True,
            ).count
            for model in self._specs
        }
        share = (info.indexed_vectors_count or 0) / max(1, sum(points.values()))
        return IndexStatus(
            engine=self.engine,
            location=self.url,
            generation=self._generation,
            points=self._client.count(self._reading, exact=True).count,
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
        """Close the connection."""
        self._client.close()

    def _ask(self, requests: Mapping[str, models.QueryRequest]) -> dict[str, list[ScoredId]]:
        """Put one request a model to the server, all at once."""
        for model in requests:
            self._require(model)
        if not requests:
            return {}
        # Not by the client's own method, which copies every vector number by number to see
        # whether it is a text to be embedded: that takes longer than the search.
        searches = models.QueryRequestBatch(searches=list(requests.values()))
        answers = self._asked(
            lambda: (
                self._client.http.search_api.query_batch_points(
                    collection_name=self._reading, query_request_batch=searches
                ).result
            ),
            list(requests),
        )
        return {
            model: [
                ScoredId(id=UUID(str(hit.id)), cosine=clip_cosine(hit.score))
                for hit in answer.points
            ]
            for model, answer in zip(requests, answers or [], strict=True)
        }

    @property
    def _target(self) -> str:
        return self.alias if self._only is None else self._collection(self._only)

    @property
    def _reading(self) -> str:
        return self._collection(self._generation or 0)

    def _require(self, model: str) -> None:
        self._look()
        if model not in self._specs:
            # Another process may have added it since this one looked.
            self._read_generation()
        if model not in self._specs:
            raise unknown_vector(model, self._specs)

    def _look(self) -> None:
        """Move on to a generation that another process has put in use, if all known fits it."""
        if self._only is not None or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        number = self._named().get("")
        if number is None or number == self._generation:
            return
        specs = self._specs_of(number)
        if all(name in specs and specs[name].holds(spec) for name, spec in self._specs.items()):
            self._generation, self._specs = number, specs

    def _asked(self, ask: Callable[[], Item], of: Sequence[str]) -> Item:
        """Return an answer of the generation last looked at, or of the one that replaced it.

        Raises:
            FingerprintMismatch: it is gone, and in its place are vectors of other weights.
        """
        known = self._specs
        try:
            return ask()
        except CollectionGone:
            if self._only is not None:
                raise
            self._read_generation()
            check_specs(self._specs, [known[model] for model in of])
            for model in of:
                self._require(model)
            return ask()

    def _opened(self, number: int) -> "ServerIndex":
        return ServerIndex(self.url, alias=self.alias, api_key=self._api_key, generation=number)

    def _collection(self, generation: int) -> str:
        return f"{self.alias}_{generation:04d}"

    def _numbers(self) -> set[int]:
        """Return the numbers of all generations that there are."""
        pattern = re.compile(rf"{re.escape(self.alias)}_(\d{{4,}})")
        names = [item.name for item in self._client.get_collections().collections]
        return {int(found[1]) for name in names if (found := pattern.fullmatch(name))}

    def _next_number(self) -> int:
        return max(self._numbers(), default=0) + 1

    def _named(self) -> dict[str, int]:
        """Return the generations that have a name, by what is added to the alias."""
        named = {}
        for item in self._client.get_aliases().aliases:
            suffix = item.alias_name.removeprefix(self.alias)
            if suffix in ("", FORMER, NEXT) and item.alias_name.startswith(self.alias):
                named[suffix] = self._number(item.collection_name)
        return named

    def _number(self, collection: str) -> int:
        number = collection.removeprefix(f"{self.alias}_")
        if not number.isdigit():
            raise self._not_ours(collection)
        return int(number)

    def _name(self, names: Mapping[str, int], *, gone: Sequence[str] = ()) -> None:
        """Give names to generations and take others away, all at once."""
        there = self._named()
        operations: list[models.AliasOperations] = [
            models.DeleteAliasOperation(
                delete_alias=models.DeleteAlias(alias_name=f"{self.alias}{suffix}")
            )
            for suffix in (*names, *gone)
            if suffix in there
        ]
        operations += [
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(
                    collection_name=self._collection(number), alias_name=f"{self.alias}{suffix}"
                )
            )
            for suffix, number in names.items()
        ]
        self._client.update_collection_aliases(operations)

    def _sweep(self) -> None:
        """Delete generations without a name: what a killed process left half made."""
        for number in self._numbers() - set(self._named().values()):
            self._client.delete_collection(self._collection(number))

    def _read_generation(self) -> None:
        self._looked = time.monotonic()
        number = self._named().get("") if self._only is None else self._only
        self._generation = number
        self._specs = {} if number is None else self._specs_of(number)

    def _specs_of(self, generation: int) -> dict[str, VectorSpec]:
        name = self._collection(generation)
        config = self._client.get_collection(name).config
        metadata: dict[str, Any] = config.metadata or {}
        fingerprints, roles = metadata.get("fingerprints", {}), metadata.get("roles", {})
        vectors = config.params.vectors
        if not isinstance(vectors, dict) or not fingerprints:
            raise self._not_ours(name)
        return {
            model: VectorSpec(
                model=model,
                dimension=params.size,
                fingerprint=fingerprints.get(model, ""),
                role=roles.get(model, "model"),
            )
            for model, params in vectors.items()
        }

    def _not_ours(self, collection: str) -> IndexFault:
        return IndexFault(
            f"the collection {collection} at {self.url} was not made by Vasari; "
            "set VASARI_QDRANT_ALIAS to another name"
        )

    def _build(self, generation: int, specs: Sequence[VectorSpec]) -> None:
        name = self._collection(generation)
        self._client.create_collection(
            name,
            vectors_config={spec.model: _vector_params(spec) for spec in specs},
            hnsw_config=models.HnswConfigDiff(
                m=HNSW_LINKS,
                ef_construct=HNSW_CONSTRUCTION_EF,
                full_scan_threshold=FULL_SCAN_THRESHOLD_KB,
            ),
            optimizers_config=models.OptimizersConfigDiff(
                indexing_threshold=INDEXING_THRESHOLD_KB, default_segment_number=1
            ),
            metadata={
                "fingerprints": {spec.model: spec.fingerprint for spec in specs},
                "roles": {spec.model: spec.role for spec in specs},
            },
        )
        # Before the first point: HNSW gets its filter edges only from indexes that are there.
        for field in PAYLOAD_FIELDS:
            kind = "KEYWORD" if field in KEYWORD_FIELDS else "INTEGER"
            self._client.create_payload_index(
                name, field, getattr(models.PayloadSchemaType, kind), wait=True
            )

    def _copy(self, former: int, number: int) -> None:
        records = self._scroll(self._collection(former), with_payload=True, with_vectors=True)
        while page := list(islice(records, SCROLL_PAGE)):
            for part in _parts(page, self._specs):
                points = [_point_again(record) for record in part]
                self._client.upsert(self._collection(number), points, wait=True)

    def _scroll(
        self,
        collection: str,
        *,
        wanted: models.Filter | None = None,
        with_payload: bool = False,
        with_vectors: bool = False,
    ) -> Iterator[models.Record]:
        offset: Any = None
        while True:
            records, offset = self._client.scroll(
                collection,
                limit=SCROLL_PAGE,
                offset=offset,
                scroll_filter=wanted,
                with_payload=with_payload,
                with_vectors=with_vectors,
            )
            yield from records
            if offset is None:
                return


def _vector_params(spec: VectorSpec) -> models.VectorParams:
    cosine = models.Distance.COSINE
    if spec.role == "feature":
        # Read back in bulk and never searched: neither a graph nor a place in memory.
        return models.VectorParams(
            size=spec.dimension,
            distance=cosine,
            on_disk=True,
            hnsw_config=models.HnswConfigDiff(m=0),
        )
    return models.VectorParams(
        size=spec.dimension,
        distance=cosine,
        quantization_config=models.ScalarQuantization(
            scalar=models.ScalarQuantizationConfig(
                type=models.ScalarType.INT8, quantile=QUANTILE, always_ram=True
            )
        ),
    )


def _parts(points: Sequence[Item], specs: Mapping[str, VectorSpec]) -> Iterator[Sequence[Item]]:
    """Part points into as many as one request may carry."""
    floats = sum(spec.dimension for spec in specs.values())
    size = max(1, FLOATS_A_REQUEST // floats)
    for start in range(0, len(points), size):
        yield points[start : start + size]


def _point_again(record: models.Record) -> models.PointStruct:
    vector: Any = record.vector or {}
    return models.PointStruct(id=record.id, vector=vector, payload=record.payload)


def _lists(point: IndexPoint) -> dict[str, Any]:
    return {model: vector.tolist() for model, vector in point.vectors.items()}


def _request(
    model: str,
    query: Vector,
    top: int,
    conditions: models.Filter | None,
    parameters: models.SearchParams,
) -> models.QueryRequest:
    return models.QueryRequest(
        query=query.tolist(),
        using=model,
        limit=top,
        filter=conditions,
        params=parameters,
        with_payload=False,
        with_vector=False,
    )


def _filter(wanted: Filter, without: Sequence[UUID]) -> models.Filter | None:
    must: list[models.Condition] = [
        models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
        for name, values in wanted.keywords().items()
    ]
    if wanted.year_from is not None or wanted.year_to is not None:
        years = models.Range(gte=wanted.year_from, lte=wanted.year_to)
        must.append(models.FieldCondition(key="year", range=years))
    must_not: list[models.Condition] = [
        models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
        for name, values in wanted.exclusions().items()
    ]
    if without:
        must_not.append(models.HasIdCondition(has_id=[str(item) for item in without]))
    return models.Filter(must=must, must_not=must_not) if must or must_not else None
