"""Projections fitted on a collection: from a feature that a network gives to a derived vector."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

WHITENING_FLOOR = 0.05
"""Share of the mean variance that is added to each component's: the last components of a small
collection are mostly chance and would drown the others at length one."""


@dataclass(frozen=True, eq=False)
class Projection:
    """``(x - mean) @ matrix``.

    Args:
        mean: float32 [d], of the feature over the works that it was fitted on.
        matrix: float32 [d, k].
        works: how many works it was fitted on.
    """

    mean: Matrix
    matrix: Matrix
    works: int

    def apply(self, features: Matrix) -> Matrix:
        """Project features, float32 [n, d], to float32 [n, k], not normalised."""
        return np.asarray((features - self.mean) @ self.matrix, np.float32)


def fit(recipe: str, features: Matrix, dimension: int) -> Projection:
    """Fit a projection to ``dimension`` components on features, float32 [n, d], n at least 2.

    ``whiten`` is for telling single works apart: principal components, each divided by its
    deviation, so that what all pictures share counts no more than what sets one apart.
    ``standardise`` is for telling kinds apart: each channel on one scale, then the first principal
    components as they are. Where n or d allows fewer components the others are zero. Raises
    KeyError for another recipe.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    matrix = _RECIPES[recipe](features - mean, dimension)
    padded = np.zeros((features.shape[1], dimension), np.float32)
    padded[:, : matrix.shape[1]] = matrix
    return Projection(np.asarray(mean, np.float32), padded, len(features))


def turned_towards(projection: Projection, former: Projection) -> Projection:
    """Turn a projection's components so that they come as near a former one's as they can.

    Cosines do not change, since the turn is orthogonal (Schönemann, "A generalized solution of the
    orthogonal Procrustes problem", 1966), but vectors of both projections can stand side by side
    while a collection is projected anew.
    """
    if projection.matrix.shape != former.matrix.shape:
        return projection
    left, _, right = np.linalg.svd(projection.matrix.T @ former.matrix)
    return Projection(projection.mean, projection.matrix @ (left @ right), projection.works)


def _whiten(centred: NDArray[np.float64], dimension: int) -> NDArray[np.float64]:
    variances, components = principal_components(centred, dimension)
    floor = WHITENING_FLOOR * centred.var(axis=0).sum() / min(centred.shape)
    scale = np.sqrt(variances + floor)
    whitened: NDArray[np.float64] = components / np.where(scale > 0, scale, 1.0)
    return whitened


def _standardise(centred: NDArray[np.float64], dimension: int) -> NDArray[np.float64]:
    scale = channel_scale(centred)
    directions = principal_components(centred * scale, dimension)[1]
    return np.asarray(scale[:, None] * directions)


def channel_scale(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factors [d] that bring each channel of centred features [n, d] to one scale."""
    deviation = centred.std(axis=0)
    # A channel that never answers in this collection must not shout when it once does.
    return np.asarray(1 / np.maximum(deviation, deviation.mean() / 100 or 1.0))


def principal_components(
    centred: NDArray[np.float64], dimension: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest variances [k] and their directions [d, k]."""
    works, channels = centred.shape
    kept = min(dimension, works - 1, channels)
    if works < channels:
        # The products of works with each other have the same variances, and there are fewer.
        variances, sides = _largest(centred @ centred.T / works, kept)
        lengths = np.sqrt(variances * works)
        # What equal works leave over has no direction.
        real = lengths > 1e-6 * lengths.max(initial=0)
        return variances, (centred.T @ sides) * (real / np.where(real, lengths, 1.0))
    return _largest(centred.T @ centred / works, kept)


def _largest(
    symmetric: NDArray[np.float64], kept: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest eigenvalues [k] of a matrix [d, d], and their vectors [d, k]."""
    from scipy.linalg import eigh

    last = len(symmetric) - 1
    values, vectors = eigh(symmetric, subset_by_index=(last - kept + 1, last))
    return np.maximum(values[::-1], 0), vectors[:, ::-1]


_RECIPES: dict[str, Callable[[NDArray[np.float64], int], NDArray[np.float64]]] = {
    "whiten": _whiten,
    "standardise": _standardise,
}
