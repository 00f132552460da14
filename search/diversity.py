"""Answers that are not all the same picture: maximal marginal relevance."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np

from search.index.contract import Vector

RELEVANCE = 0.5
"""Weight of being like the query; the rest is the weight of being unlike what is shown already."""


def diversify(
    ranking: Sequence[tuple[UUID, float]],
    vectors: Mapping[UUID, Vector],
    *,
    count: int,
) -> list[UUID]:
    """Choose works one by one, each like the query and unlike those chosen before it.

    Each step takes the work of the greatest ``RELEVANCE * cosine with the query - (1 - RELEVANCE)
    * greatest cosine with a chosen work``: Carbonell and Goldstein, "The use of MMR,
    diversity-based reranking for reordering documents and producing summaries", SIGIR 1998.

    Args:
        ranking: candidates with their cosines to the query, the nearest first.
        vectors: their unit vectors; candidates without one are passed over.
        count: works wanted.
    """
    candidates = [(item, cosine) for item, cosine in ranking if item in vectors]
    if not candidates:
        return []
    ids = [item for item, _ in candidates]
    cosines = np.array([cosine for _, cosine in candidates])
    matrix = np.stack([vectors[item] for item in ids])
    nearest_chosen = np.full(len(ids), -np.inf)
    chosen: list[int] = []
    for _ in range(min(count, len(ids))):
        unlike = np.where(np.isinf(nearest_chosen), 0.0, nearest_chosen)
        scores = RELEVANCE * cosines - (1 - RELEVANCE) * unlike
        scores[chosen] = -np.inf
        best = int(np.argmax(scores))
        chosen.append(best)
        nearest_chosen = np.maximum(nearest_chosen, matrix @ matrix[best])
    return [ids[place] for place in chosen]
