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


def calibrated(cosines: Sequence[float], background: Background | None) -> list[Similarity]:
    """Return cosines under one model with what they mean against its background, if there is."""
    if background is None or not cosines:
        return [Similarity(cosine, None, None) for cosine in cosines]
    shares, scores = percentiles(background, cosines), z_scores(background, cosines)
    return [Similarity(*numbers) for numbers in zip(cosines, shares, scores, strict=True)]


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
        measured = calibrated(list(known.values()), backgrounds.get(model))
        found[model] = dict(zip(known, measured, strict=True))
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
