"""How far the rankings of several models agree on one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

import numpy as np

PERSISTENCE = 0.9
"""Rank-biased overlap's p: the first ten ranks carry 86 % of the weight."""

RECIPROCAL_RANK_OFFSET = 60
"""Reciprocal rank fusion's k, the value of its authors."""


@dataclass(frozen=True, kw_only=True)
class PairAgreement:
    """How far two models agree.

    Args:
        overlap: overlap@k of their hits.
        rbo: rank-biased overlap of their rankings.
        spearman: rank correlation over the union of their hits; ``None`` with fewer than three
            works, or where one model ranks them all alike.
    """

    models: tuple[str, str]
    overlap: float
    rbo: float
    spearman: float | None


@dataclass(frozen=True, kw_only=True)
class Consensus:
    """One work of the models' common ranking, by reciprocal rank fusion."""

    id: UUID
    score: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How far models agree.

    Args:
        overlap, rbo, spearman: means over all pairs; ``None`` with fewer than two models, or where
            no pair has the measure.
        pairs: the same for each pair.
        consensus: the works of all models in one ranking, the best first.
        only: model -> works that only this model found.
    """

    overlap: float | None
    rbo: float | None
    spearman: float | None
    pairs: tuple[PairAgreement, ...] = ()
    consensus: tuple[Consensus, ...] = ()
    only: Mapping[str, tuple[UUID, ...]]


def overlap_at_k(first: Sequence[UUID], second: Sequence[UUID]) -> float | None:
    """Return the share of hits that two rankings have in common, in [0, 1].

    The size of the intersection over the length of the longer ranking: with k hits each, the
    usual overlap@k. ``None`` where both are empty.
    """
    longest = max(len(first), len(second))
    return len(set(first) & set(second)) / longest if longest else None


def rank_biased_overlap(
    first: Sequence[UUID], second: Sequence[UUID], *, p: float = PERSISTENCE
) -> float | None:
    """Return the extrapolated rank-biased overlap of two rankings, in [0, 1].

    Agreement at depth d is the share of the first d works that are in both; depths are weighted by
    ``p ** (d - 1)``, and the agreement at the greatest common depth is assumed to continue:
    RBO_ext of Webber, Moffat and Zobel, "A similarity measure for indefinite rankings", ACM TOIS
    28 (4), 2010, equation 23, for rankings cut to equal length. ``None`` where one is empty.
    """
    depth = min(len(first), len(second))
    if depth == 0:
        return None
    seen_first: set[UUID] = set()
    seen_second: set[UUID] = set()
    total = agreement = 0.0
    for place in range(depth):
        seen_first.add(first[place])
        seen_second.add(second[place])
        agreement = len(seen_first & seen_second) / (place + 1)
        total += p**place * agreement
    return (1 - p) * total + p**depth * agreement


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the Spearman rank correlation of two lists of scores, ties sharing their mean rank.

    ``None`` for fewer than three scores, or where one list has no two different ones.
    """
    if len(first) < 3:
        return None
    ranks = np.array([_mean_ranks(first), _mean_ranks(second)])
    if np.ptp(ranks, axis=1).min() == 0:
        return None
    return float(np.corrcoef(ranks)[0, 1])


def reciprocal_rank_fusion(rankings: Sequence[Sequence[UUID]]) -> tuple[Consensus, ...]:
    """Return one ranking of all works, by the sum of ``1 / (60 + rank)`` over the rankings.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual
    rank learning methods", SIGIR 2009. Equal scores keep the order of first appearance.
    """
    scores: dict[UUID, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (RECIPROCAL_RANK_OFFSET + rank)
    ordered = sorted(scores.items(), key=lambda pair: -pair[1])
    return tuple(Consensus(id=item, score=score) for item, score in ordered)


def compare(
    rankings: Mapping[str, Sequence[UUID]], scores: Mapping[str, Mapping[UUID, float]]
) -> Comparison:
    """Compare the models' rankings.

    Args:
        rankings: model -> its hits, the nearest first.
        scores: model -> its cosine for every work that any of the models found.
    """
    pairs = tuple(
        PairAgreement(
            models=(first, second),
            overlap=overlap,
            rbo=rank_biased_overlap(rankings[first], rankings[second]) or 0.0,
            spearman=_correlation(rankings, scores, first, second),
        )
        for first, second in combinations(rankings, 2)
        if (overlap := overlap_at_k(rankings[first], rankings[second])) is not None
    )
    only = {
        model: tuple(
            item
            for item in ranking
            if not any(item in other for name, other in rankings.items() if name != model)
        )
        for model, ranking in rankings.items()
    }
    return Comparison(
        overlap=_mean([pair.overlap for pair in pairs]),
        rbo=_mean([pair.rbo for pair in pairs]),
        spearman=_mean([pair.spearman for pair in pairs if pair.spearman is not None]),
        pairs=pairs,
        consensus=reciprocal_rank_fusion(list(rankings.values())),
        only=only,
    )


def _correlation(
    rankings: Mapping[str, Sequence[UUID]],
    scores: Mapping[str, Mapping[UUID, float]],
    first: str,
    second: str,
) -> float | None:
    union = dict.fromkeys([*rankings[first], *rankings[second]])
    both = [item for item in union if item in scores[first] and item in scores[second]]
    return spearman([scores[first][item] for item in both], [scores[second][item] for item in both])


def _mean_ranks(values: Sequence[float]) -> list[float]:
    array = np.asarray(values, dtype=np.float64)
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean = last - (counts - 1) / 2
    return [float(mean[place]) for place in inverse]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
