"""The similarity of works to a query, in numbers that can be compared across models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.backgrounds import Background
from search.background import percentiles, z_scores
from search.fusion import FUSION


@dataclass(frozen=True)
class Similarity:
    """How like the query one work is under one model, or under all together.

    Args:
        cosine: in [-1, 1]; ``None`` under all together.
        percentile: share of pairs of works that are less alike, in percent.
        z: standard deviations above the mean of those pairs; under all together the fused score.
    """

    cosine: float | None
    percentile: float | None
    z: float | None


def measure_similarity(
    cosines: Mapping[str, Mapping[UUID, float]],
    backgrounds: Mapping[str, Background],
    items: set[UUID],
    fused: Mapping[UUID, float] | None = None,
) -> dict[str, dict[UUID, Similarity]]:
    """Return the similarity of each work under each model, and under their fusion.

    Args:
        fused: work -> fused score, where models were fused.
    """
    found: dict[str, dict[UUID, Similarity]] = {}
    for model, scored in cosines.items():
        known = {item: scored[item] for item in items if item in scored}
        values = list(known.values())
        background = backgrounds.get(model)
        shares: Sequence[float | None] = [None] * len(values)
        scores: Sequence[float | None] = [None] * len(values)
        if background is not None and values:
            shares, scores = percentiles(background, values), z_scores(background, values)
        measured = zip(known.items(), shares, scores, strict=True)
        found[model] = {
            item: Similarity(cosine, share, score) for (item, cosine), share, score in measured
        }
    found[FUSION] = {
        item: Similarity(
            None,
            _mean([found[model][item].percentile for model in cosines if item in found[model]]),
            (fused or {}).get(item),
        )
        for item in items
    }
    return found


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
