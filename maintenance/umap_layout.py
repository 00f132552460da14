"""Points of many dimensions laid out in the plane by UMAP (McInnes, Healy and Melville, 2018)."""

import warnings

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 15
LEAST_DISTANCE = 0.1
"""UMAP's own usual values."""

LEAST_POINTS = 10
"""Fewer have no neighbourhoods worth the name: their first two components are taken instead."""


def laid_out(points: NDArray[np.float32], *, seed: int) -> NDArray[np.float32]:
    """Return a place in the plane for each point, near the points that have a like direction.

    The same for the same points and seed, for which UMAP takes one processor only.

    Args:
        points: float32 [n, d], ordered by the variance of their components.

    Returns:
        float32 [n, 2].
    """
    if len(points) < LEAST_POINTS or points.shape[1] < 3:
        return np.pad(points[:, :2], [(0, 0), (0, max(0, 2 - points.shape[1]))])
    # Its compiler takes seconds to import.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"umap(\..*)?|sklearn(\..*)?")
        from umap import UMAP

        layout = UMAP(
            n_neighbors=min(NEIGHBOURS, len(points) - 1),
            min_dist=LEAST_DISTANCE,
            metric="cosine",
            # Not by the spectrum of the graph, which takes long for many points and fails for some.
            init=_start(points),
            random_state=seed,
            n_jobs=1,
        )
        return np.asarray(layout.fit_transform(points), np.float32)


def _start(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where the points begin: at their first two components, as wide as UMAP expects."""
    first = points[:, :2]
    return first * (10 / max(float(np.abs(first).max()), 1e-9))
