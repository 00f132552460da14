"""What is asked of Qdrant Edge, in the engine's own words."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import qdrant_edge as qe

from catalog.filters import Filter
from search.index.contract import Search
from search.index.edge.shard import Shard
from search.index.graph import oversampling, walk_width

SCROLL_PAGE = 1_000


def walk(*, top: int, exact: bool, filtered: bool) -> qe.SearchParams:
    """Return how the graph is walked for so many works."""
    return qe.SearchParams(
        exact=exact,
        hnsw_ef=walk_width(top),
        # Where many pass, but not those around the query: step over works that do not.
        acorn=qe.AcornSearchParams(enable=filtered, max_selectivity=1.0),
        quantization=qe.QuantizationSearchParams(
            ignore=exact, rescore=True, oversampling=oversampling(top)
        ),
    )


def nearest_request(model: str, search: Search) -> qe.QueryRequest:
    """Return the request for the points nearest to a query."""
    return qe.QueryRequest(
        limit=search.top,
        query=qe.Query.Nearest(search.query.tolist(), using=model),
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
) -> qe.Filter | None:
    """Return a filter, the points to leave out and those to keep to, as the engine has them."""
    must: list[qe.ConditionType] = [
        qe.FieldCondition(name, match=qe.MatchAny(list(values)))
        for name, values in wanted.keywords().items()
    ]
    if wanted.year_from is not None or wanted.year_to is not None:
        years = qe.RangeFloat(gte=wanted.year_from, lte=wanted.year_to)
        must.append(qe.FieldCondition("year", range=years))
    if among is not None:
        must.append(qe.HasIdCondition(set(among)))
    must_not: list[qe.ConditionType] = [
        qe.FieldCondition(name, match=qe.MatchAny(list(values)))
        for name, values in wanted.exclusions().items()
    ]
    if without:
        must_not.append(qe.HasIdCondition(set(without)))
    return qe.Filter(must=must, must_not=must_not) if must or must_not else None


def among(ids: Sequence[UUID], *, model: str | None = None) -> qe.Filter:
    """Return the condition of being one of these points; with a model, of having its vector."""
    must: list[qe.ConditionType] = [qe.HasIdCondition(set(ids))]
    if model is not None:
        must.append(qe.HasVectorCondition(model))
    return qe.Filter(must=must)


def scroll(
    shard: Shard,
    *,
    wanted: qe.Filter | None = None,
    with_payload: bool = False,
    with_vectors: bool = False,
) -> Iterator[qe.Record]:
    """Go through the points of a shard."""
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
