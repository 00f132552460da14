"""Measures of one ranking against binary relevance, and what a random ranking would score.

Each is of one query: ``found`` tells which of its first k works are relevant, ``relevant`` how many
relevant works there are at all (at least one). k counts also where a small collection has fewer
works to show: what is not there was not found.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def measure_names(k: int) -> tuple[str, ...]:
    """Return the names of the measures, in the order in which they are shown."""
    return (
        f"precision_at_{k}",
        f"recall_at_{k}",
        f"map_at_{k}",
        f"ndcg_at_{k}",
        "r_precision",
        f"hit_at_{k}",
    )


def measures(found: NDArray[np.bool_], within_r: Counts, relevant: Counts) -> Floats:
    """Return the measures of several queries, float64 (queries, measures) in the order of
    :func:`measure_names`.

    - precision@k: relevant works among the first k, over k.
    - recall@k: the same over all relevant works.
    - average precision@k: the precision at each relevant work among the first k, summed, over the
      most that there could be, min(k, relevant). Its mean over queries is mAP@k.
    - nDCG@k: relevant works discounted by log2(1 + rank), over the greatest such sum (Järvelin and
      Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20 (4), 2002).
    - R-precision: relevant works among the first R, over R, where R is how many there are.
    - hit@k: whether any of the first k is relevant.

    Args:
        found: bool (queries, k), by rank.
        within_r: relevant works among the first R of each query.
        relevant: R of each query.
    """
    k = found.shape[1]
    ranks = np.arange(1, k + 1)
    hits = found.sum(axis=1)
    precisions = np.cumsum(found, axis=1) / ranks
    best = np.minimum(relevant, k)
    gains = 1 / np.log2(1 + ranks)
    return np.stack(
        [
            hits / k,
            hits / relevant,
            (precisions * found).sum(axis=1) / best,
            (gains * found).sum(axis=1) / np.cumsum(gains)[best - 1],
            within_r / relevant,
            (hits > 0).astype(np.float64),
        ],
        axis=1,
    )


def chance(relevant: Counts, candidates: Counts, *, k: int) -> Floats:
    """Return what each query's measures would be on average, were its ranking random.

    Exact, from the hypergeometric distribution of ``relevant`` works among ``candidates``.

    Returns:
        float64 (queries, measures) in the order of :func:`measure_names`.
    """
    shown = np.minimum(candidates, k)
    ranks = np.arange(1, k + 1)
    there = ranks <= shown[:, None]
    share = relevant / candidates
    # Given that the work at a rank is relevant, so is this share of the works before it.
    others = (relevant - 1) / np.maximum(candidates - 1, 1)
    precision_there = (1 + (ranks - 1) * others[:, None]) / ranks
    best = np.minimum(relevant, k)
    gains = 1 / np.log2(1 + ranks)
    # No relevant work among the first i: a product over the ranks, each given those before it.
    left = np.maximum(candidates[:, None] - ranks + 1, 1)
    misses = np.where(there, np.maximum(1 - relevant[:, None] / left, 0), 1)
    return np.stack(
        [
            share * shown / k,
            shown / candidates,
            share * (precision_there * there).sum(axis=1) / best,
            share * (gains * there).sum(axis=1) / np.cumsum(gains)[best - 1],
            share,
            1 - misses.prod(axis=1),
        ],
        axis=1,
    )
