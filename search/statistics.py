"""Cosine and angular distance, and what is said of a list of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def angular_distance(cosine: float) -> float:
    """Return the angular distance of two unit vectors from their cosine.

    ``d = sqrt(2 (1 - s))``, the Euclidean distance of the two unit vectors: 0 for the same
    direction, 2 for opposite ones. It is what Annoy calls "angular".
    """
    return math.sqrt(max(0.0, 2.0 * (1.0 - cosine)))


@dataclass(frozen=True, kw_only=True)
class SimilarityStatistics:
    """Mean, standard deviation, least, greatest and median of both measures over a list of hits.

    The standard deviation is that of the hits themselves (``ddof = 0``): they are all there is,
    not a sample.
    """

    mean_cosine: float
    std_cosine: float
    min_cosine: float
    max_cosine: float
    median_cosine: float
    mean_angular_distance: float
    std_angular_distance: float
    min_angular_distance: float
    max_angular_distance: float
    median_angular_distance: float


def similarity_statistics(cosines: Sequence[float]) -> SimilarityStatistics | None:
    """Return the statistics of hits with these cosines; ``None`` for no hits."""
    if not cosines:
        return None
    cosine = np.asarray(cosines, dtype=np.float64)
    distance = np.array([angular_distance(value) for value in cosines])
    return SimilarityStatistics(
        **{
            f"{name}_{measure}": float(getattr(np, name)(values))
            for measure, values in (("cosine", cosine), ("angular_distance", distance))
            for name in ("mean", "std", "min", "max", "median")
        }
    )
