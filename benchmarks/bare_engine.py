"""The engine under an index, asked for ids and scores with nothing around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import qdrant_edge as qe
from qdrant_client import QdrantClient, models

from catalog.filters import Filter
from search.index.contract import Index
from search.index.edge import EdgeIndex
from search.index.edge import requests as edge_requests
from search.index.server import ServerIndex
from search.index.server import requests as server_requests


@dataclass(frozen=True)
class BareEngine:
    """How the engine itself is asked, with the parameters that the product gives it.

    Args:
        ask: a model, a vector and the engine's own filter: the ids that it finds.
        own_filter: puts a filter into the engine's words.
        own_years: puts the condition of being of one of some years into them.
    """

    ask: Callable[[str, list[float], Any], list[Any]]
    own_filter: Callable[[Filter], Any]
    own_years: Callable[[Sequence[int]], Any]


def bare_engine(index: Index, *, top: int) -> BareEngine:
    """Return the engine that an index uses, to be asked directly."""
    if isinstance(index, EdgeIndex):
        return _bare_edge(index, top)
    if isinstance(index, ServerIndex):
        return _bare_server(index, top)
    raise TypeError(f"no engine of {type(index).__name__} is known")


def _bare_edge(index: EdgeIndex, top: int) -> BareEngine:
    # One handle at a time may have the folder open, so the product's is used.
    shard = index._filled().engine
    parameters = edge_requests.walk(top=top, exact=False, filtered=True)

    def ask_edge(model: str, vector: list[float], condition: Any) -> list[Any]:
        found = shard.query(
            qe.QueryRequest(
                limit=top,
                query=qe.Query.Nearest(vector, using=model),
                filter=condition,
                params=parameters,
                with_payload=False,
                with_vector=False,
            )
        )
        return [hit.id for hit in found]

    def of_years(years: Sequence[int]) -> qe.Filter:
        return qe.Filter(must=[qe.FieldCondition("year", match=qe.MatchAny(list(years)))])

    return BareEngine(ask_edge, lambda wanted: edge_requests.conditions_of(wanted, ()), of_years)


def _bare_server(index: ServerIndex, top: int) -> BareEngine:
    client = QdrantClient(url=index.url, check_compatibility=False)
    parameters = server_requests.walk(top=top, exact=False, filtered=True)

    def ask_server(model: str, vector: list[float], condition: Any) -> list[Any]:
        found = client.query_points(
            index.alias,
            query=vector,
            using=model,
            limit=top,
            query_filter=condition,
            search_params=parameters,
            with_payload=False,
            with_vectors=False,
        )
        return [hit.id for hit in found.points]

    def of_years(years: Sequence[int]) -> models.Filter:
        match = models.MatchAny(any=list(years))
        return models.Filter(must=[models.FieldCondition(key="year", match=match)])

    return BareEngine(
        ask_server, lambda wanted: server_requests.conditions_of(wanted, ()), of_years
    )
