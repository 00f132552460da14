"""What is asked of a Qdrant server, in the client's own words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from qdrant_client import QdrantClient, models

from catalog.batching import batched
from catalog.filters import Filter
from search.index.contract import IndexPoint, Search, VectorSpec
from search.index.graph import oversampling, walk_width

Item = TypeVar("Item")

SCROLL_PAGE = 500

FLOATS_A_REQUEST = 500_000
"""Of vectors written at once: some 10 MB of JSON, where a server refuses more than 32."""


def walk(*, top: int, exact: bool, filtered: bool) -> models.SearchParams:
    """Return how the graph is walked for so many works."""
    return models.SearchParams(
        exact=exact,
        hnsw_ef=walk_width(top),
        # Where many pass, but not those around the query: step over works that do not.
        acorn=models.AcornSearchParams(enable=filtered, max_selectivity=1.0),
        quantization=models.QuantizationSearchParams(
            ignore=exact, rescore=True, oversampling=oversampling(top)
        ),
    )


def nearest_request(model: str, search: Search) -> models.QueryRequest:
    """Return the request for the points nearest to a query."""
    return models.QueryRequest(
        query=search.query.tolist(),
        using=model,
        limit=search.top,
        filter=conditions_of(search.wanted, search.without, search.among),
        params=walk(
            top=search.top,
            exact=search.exact,
            filtered=bool(search.wanted) or search.among is not None,
        ),
        with_payload=False,
        with_vector=False,
    )


def conditions_of(
    wanted: Filter, without: Sequence[UUID], among: Sequence[UUID] | None = None
) -> models.Filter | None:
    """Return a filter, the points to leave out and those to keep to, as the server has them."""
    # Where a field's wanted and unwanted values are the same, the server forgets the unwanted ones.
    unwanted = wanted.exclusions()
    must: list[models.Condition] = [
        models.FieldCondition(
            key=name,
            match=models.MatchAny(
                any=[item for item in values if item not in unwanted.get(name, ())]
            ),
        )
        for name, values in wanted.keywords().items()
    ]
    if wanted.year_from is not None or wanted.year_to is not None:
        years = models.Range(gte=wanted.year_from, lte=wanted.year_to)
        must.append(models.FieldCondition(key="year", range=years))
    if among is not None:
        must.append(models.HasIdCondition(has_id=[str(item) for item in among]))
    must_not: list[models.Condition] = [
        models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
        for name, values in unwanted.items()
    ]
    if without:
        must_not.append(models.HasIdCondition(has_id=[str(item) for item in without]))
    return models.Filter(must=must, must_not=must_not) if must or must_not else None


def among(ids: Sequence[UUID], *, model: str | None = None) -> models.Filter:
    """Return the condition of being one of these points; with a model, of having its vector."""
    must: list[models.Condition] = [models.HasIdCondition(has_id=[str(item) for item in ids])]
    if model is not None:
        must.append(models.HasVectorCondition(has_vector=model))
    return models.Filter(must=must)


def point_struct(point: IndexPoint) -> models.PointStruct:
    """Return a whole point."""
    return models.PointStruct(
        id=str(point.id), vector=vector_lists(point), payload=dict(point.payload)
    )


def vector_lists(point: IndexPoint) -> dict[str, Any]:
    """Return a point's vectors as lists, by model."""
    return {model: vector.tolist() for model, vector in point.vectors.items()}


def parts(points: Sequence[Item], specs: Mapping[str, VectorSpec]) -> Iterator[Sequence[Item]]:
    """Part points into as many as one request may carry."""
    floats = sum(spec.dimension for spec in specs.values())
    size = max(1, FLOATS_A_REQUEST // floats)
    return batched(points, size)


def scroll(
    client: QdrantClient,
    collection: str,
    *,
    wanted: models.Filter | None = None,
    with_payload: bool = False,
    with_vectors: bool = False,
) -> Iterator[models.Record]:
    """Go through the points of a collection."""
    offset: Any = None
    while True:
        records, offset = client.scroll(
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
