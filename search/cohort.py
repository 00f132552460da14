"""What each work is like on average: its cosines with a sample of the collection.

Some works are near to everything under a network (plain grey pictures often are), others near to
nothing, so that the same cosine says less of the former. Each work's own mean and standard
deviation over a *cohort*, a few hundred works that stand for the collection, tell how much.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from search.index.contract import Index, Vector

COHORT_WORKS = 256
"""With 100 works the fused rankings are nearly as good, with all works hardly better."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Mean and standard deviation of some vectors' cosines with the cohort, float64 (n,) each.

    The deviation is 1 where there is none: in a cohort of one work, or of equal pictures.
    """

    mean: Floats
    std: Floats


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """The works that stand for the collection under one model.

    Args:
        ids: of the works.
        vectors: their unit vectors, float32 (works, dimension).
    """

    ids: tuple[UUID, ...]
    vectors: NDArray[np.float32]

    def spread(
        self, vectors: NDArray[np.float32], not_counted: Sequence[Collection[UUID]]
    ) -> Spread:
        """Return how like the cohort some vectors are.

        Args:
            vectors: unit vectors, float32 (n, dimension).
            not_counted: for each of them works that do not count, such as itself.
        """
        places = {item: place for place, item in enumerate(self.ids)}
        counted = np.ones((len(vectors), len(self.ids)))
        for row, items in enumerate(not_counted):
            counted[row, [places[item] for item in items if item in places]] = 0
        cosines = (vectors @ self.vectors.T).astype(np.float64)
        counts = np.maximum(counted.sum(axis=1), 1)
        mean = (cosines * counted).sum(axis=1) / counts
        variance = ((cosines - mean[:, None]) ** 2 * counted).sum(axis=1) / counts
        # Rounding leaves a trace of deviation between equal pictures.
        return Spread(mean=mean, std=np.sqrt(np.where(variance > 1e-12, variance, 1.0)))


_known: WeakKeyDictionary[Index, dict[str, tuple[object, Cohort]]] = WeakKeyDictionary()


def read_cohort(index: Index, model: str) -> Cohort:
    """Return a model's cohort: works with the lowest ids that have its vector.

    Ids are hashes, so that the lowest are a random sample, and nearly the same one while the
    collection grows. As long as they stay, their vectors are read from an index only once.

    Raises:
        UnknownVector: the index holds no vectors of this model.
    """
    ids = index.ids()
    some = list(islice(ids, COHORT_WORKS))
    version = (index.specs.get(model), some)
    known = _known.setdefault(index, {})
    if model in known and known[model][0] == version:
        return known[model][1]
    found: dict[UUID, Vector] = {}
    while some and len(found) < COHORT_WORKS:
        found |= index.vectors(model, some)
        some = list(islice(ids, COHORT_WORKS))
    chosen = tuple(found)[:COHORT_WORKS]
    vectors = np.array([found[item] for item in chosen], dtype=np.float32)
    cohort = Cohort(ids=chosen, vectors=vectors)
    known[model] = (version, cohort)
    return cohort
