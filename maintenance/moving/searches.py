"""Searches whose answers are written down, to be asked again of a collection that was moved."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from catalog.batching import batched
from catalog.filters import Filter
from search.index.contract import Index, IndexPoint, ScoredId, Vector, searchable_models

QUERIES = 100
"""Works that are asked about, under each model."""

MOST_QUERIES = 10_000

TOP = 10

ROUNDING = 1e-5
"""By which an engine's cosine may differ from another's: vectors are brought to length one anew."""

_SCANNED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class RecordedSearch:
    """The works nearest to a work under one model, itself among them, by a scan of all works."""

    model: str
    query: UUID
    hits: tuple[ScoredId, ...]


def record_searches(
    index: Index, *, queries: int = QUERIES, top: int = TOP
) -> list[RecordedSearch]:
    """Ask about some works, the same ones whenever the index holds the same."""
    works = choose_queries(index.ids(), queries)
    return [
        RecordedSearch(model=model, query=work, hits=hits)
        for model in searchable_models(index.specs)
        for work, hits in _ask(index, model, works, top).items()
    ]


def choose_queries(works: Iterable[UUID], queries: int) -> list[UUID]:
    """Draw the works to ask about, the same ones of the same works."""
    ids = sorted(works)
    chosen = np.random.default_rng(7).permutation(len(ids))[:queries]
    return [ids[place] for place in sorted(chosen)]


def differing_searches(index: Index, recorded: Sequence[RecordedSearch]) -> list[RecordedSearch]:
    """Ask again, and return the searches that this index answers otherwise."""
    return [
        former
        for former in recorded
        if not _agree(
            former.hits,
            _ask(index, former.model, [former.query], len(former.hits)).get(former.query, ()),
        )
    ]


def differing_by_scan(
    points: Callable[[], Iterable[IndexPoint]], recorded: Sequence[RecordedSearch]
) -> list[RecordedSearch]:
    """Return the searches that points without an index, gone through twice, answer otherwise."""
    asked = {(search.model, search.query) for search in recorded}
    queries: dict[str, dict[UUID, Vector]] = {}
    for point in points():
        for model, vector in point.vectors.items():
            if (model, point.id) in asked:
                # Copied, since it is a row of what was read with it, which would stay too.
                queries.setdefault(model, {})[point.id] = vector.copy()
    scan = Scan(queries)
    for batch in batched(points(), _SCANNED_AT_ONCE):
        for model in queries:
            scan.look_at(
                model, {point.id: point.vectors[model] for point in batch if model in point.vectors}
            )
    found = {(search.model, search.query): search.hits for search in scan.searches()}
    return [
        former
        for former in recorded
        if not _agree(former.hits, found.get((former.model, former.query), ())[: len(former.hits)])
    ]


class Scan:
    """Searches answered by vectors that come by, some at a time.

    Args:
        queries: model -> the works that are asked about, and their vectors.
        top: works of an answer.
    """

    def __init__(self, queries: Mapping[str, Mapping[UUID, Vector]], *, top: int = TOP) -> None:
        self._queries = {model: dict(vectors) for model, vectors in queries.items() if vectors}
        self._directions = {
            model: _directions(list(vectors.values())) for model, vectors in self._queries.items()
        }
        self._top = top
        self._found: dict[tuple[str, UUID], list[ScoredId]] = {}

    def look_at(self, model: str, vectors: Mapping[UUID, Vector]) -> None:
        """Compare some works' vectors with all queries under their model."""
        if not vectors or model not in self._queries:
            return
        works = list(vectors)
        cosines = self._directions[model] @ _directions(list(vectors.values())).T
        for query, row in zip(self._queries[model], cosines, strict=True):
            best = [
                ScoredId(id=works[place], cosine=float(row[place]))
                for place in np.argsort(-row)[: self._top]
            ]
            so_far = self._found.get((model, query), [])
            found = sorted(so_far + best, key=lambda hit: -hit.cosine)
            self._found[model, query] = found[: self._top]

    def searches(self) -> list[RecordedSearch]:
        """Return the searches with the answers found by now."""
        return [
            RecordedSearch(model=model, query=query, hits=tuple(hits))
            for (model, query), hits in self._found.items()
        ]


def _directions(vectors: Sequence[Vector]) -> NDArray[np.float64]:
    matrix = np.array(vectors, np.float64)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths > 0, lengths, 1))


def _ask(
    index: Index, model: str, works: Sequence[UUID], top: int
) -> dict[UUID, tuple[ScoredId, ...]]:
    return {
        work: tuple(index.nearest(model, vector, wanted=Filter(), top=top, exact=True))
        for work, vector in index.vectors(model, works).items()
    }


def _agree(first: Sequence[ScoredId], second: Sequence[ScoredId]) -> bool:
    """Tell whether two answers are the same but for the order of works that are equally near."""
    if len(first) != len(second):
        return False
    if any(
        abs(one.cosine - other.cosine) > ROUNDING for one, other in zip(first, second, strict=True)
    ):
        return False
    # At the very end, works that are equally near stand in for one another.
    last = first[-1].cosine + ROUNDING if first else 0.0
    cosines = {hit.id: hit.cosine for hit in second}
    return all(
        abs(cosines[hit.id] - hit.cosine) <= ROUNDING if hit.id in cosines else hit.cosine <= last
        for hit in first
    )
