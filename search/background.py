"""Calibration: where a cosine stands among those of unrelated works of this collection.

Raw cosines of two networks cannot be compared: one network's 0.6 may be rarer than another's 0.8.
What can be compared is how rare each is. For each model the cosines of random pairs of works make
its *background*; a cosine's percentile in it and its z-score mean the same under any model.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.backgrounds import Background, load_backgrounds, save_background
from catalog.database import Database
from search.index.contract import Index, VectorSpec
from search.index.sampling import sample_vectors

SAMPLE_WORKS = 3_000
"""Works of which all pairs are measured: 4.5 million of them, from any size of collection."""

DRIFT = 0.05
"""A collection that has grown or shrunk by more than this share is measured again."""

_TAIL = 1 - np.logspace(-2, -6, 41)
PROBABILITIES: NDArray[np.float64] = np.unique(
    np.concatenate([[0.0, 1.0], np.linspace(0.01, 0.99, 99), _TAIL, 1 - _TAIL])
)
"""Where the distribution is kept: every hundredth, and finer towards both ends, since the works
that a search finds are all in the last thousandth."""


def measure(spec: VectorSpec, vectors: NDArray[np.float32], *, works: int) -> Background | None:
    """Measure the background of a model.

    Args:
        vectors: unit vectors of different works, float32 (n, dimension).
        works: how many works the collection has in all.

    Returns:
        The background of all n (n - 1) / 2 pairs; ``None`` for fewer than two works.
    """
    count = len(vectors)
    if count < 2:
        return None
    cosines = (vectors @ vectors.T)[np.triu_indices(count, k=1)].astype(np.float64)
    quantiles = np.quantile(cosines, PROBABILITIES)
    return Background(
        model=spec.model,
        fingerprint=spec.fingerprint,
        works=works,
        pairs=len(cosines),
        mean=float(cosines.mean()),
        std=float(cosines.std()),
        quantiles=tuple(zip(PROBABILITIES.tolist(), quantiles.tolist(), strict=True)),
    )


def percentiles(background: Background, cosines: Sequence[float]) -> list[float]:
    """Return the share of pairs of works that are less alike, in percent, for each cosine.

    Interpolated between the quantiles that are kept. Above all pairs it is 100, below all it is 0.
    """
    probabilities, values = np.array(background.quantiles).T
    return [float(value) for value in 100 * np.interp(cosines, values, probabilities)]


def z_scores(background: Background, cosines: Sequence[float]) -> list[float]:
    """Return how many standard deviations each cosine lies above the mean of the pairs."""
    # Equal pictures only: no cosine is further out than another.
    spread = background.std or 1.0
    return [(cosine - background.mean) / spread for cosine in cosines]


def current_backgrounds(database: Database, index: Index) -> dict[str, Background]:
    """Return the backgrounds of the vectors that the index holds."""
    with database.transaction() as session:
        return of_the_same_weights(load_backgrounds(session), index)


def of_the_same_weights(stored: Mapping[str, Background], index: Index) -> dict[str, Background]:
    """Return those backgrounds that were measured on the vectors that the index holds."""
    return {
        model: stored[model]
        for model, spec in index.specs.items()
        if model in stored and stored[model].fingerprint == spec.fingerprint
    }


def refresh_backgrounds(database: Database, index: Index, *, anew: Sequence[str] = ()) -> list[str]:
    """Measure anew the models whose background no longer fits the collection, and return them.

    Args:
        anew: models to measure whatever is known of them.
    """
    known = current_backgrounds(database, index)
    points = {model: held.points for model, held in index.status().vectors.items()}
    measured = []
    for model, spec in index.specs.items():
        if spec.role == "feature":
            continue
        former = known.get(model)
        drifted = former is None or abs(points[model] - former.works) > DRIFT * former.works
        if drifted or model in anew:
            sample = sample_vectors(index, model, SAMPLE_WORKS)
            background = measure(spec, sample, works=points[model])
            if background is not None:
                with database.transaction() as session:
                    save_background(session, background)
                measured.append(model)
    return measured
