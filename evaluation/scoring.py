"""The scores by which the evaluations rank: each model's cosines, and models fused."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.ranking import Rows
from evaluation.stored import StoredWorks
from search.cohort import Cohort, Floats, Spread
from search.fusion import FUSION, fuse, shares_of, symmetric_z_scores


class Scores:
    """The scores of all stored works for some of them as queries.

    Called with the places of the queries it gives method -> scores (queries, works), one method
    for each model in ``alone`` and ``fusion`` for those in ``together``.

    Args:
        alone: models to rank by their cosines.
        together: models to rank by together; none for no fusion.
        cohorts: of the models in ``together``.
    """

    def __init__(
        self,
        stored: StoredWorks,
        *,
        alone: Sequence[str],
        together: Sequence[str],
        cohorts: Mapping[str, Cohort],
    ) -> None:
        self._vectors = stored.vectors
        self._alone = alone
        self._together = together
        own = [{work.id} for work in stored.works]
        self._spreads = {
            model: cohorts[model].spread(stored.vectors[model], own) for model in together
        }

    def __call__(self, rows: Rows) -> dict[str, NDArray[np.floating]]:
        """Return each method's scores."""
        cosines = {
            model: self.cosines(model, rows)
            for model in dict.fromkeys([*self._alone, *self._together])
        }
        scores: dict[str, NDArray[np.floating]] = {model: cosines[model] for model in self._alone}
        if self._together:
            normalised = {
                model: self.normalised(model, cosines[model], rows) for model in self._together
            }
            scores[FUSION] = fuse(normalised, shares_of(self._together, {}))
        return scores

    def cosines(self, model: str, rows: Rows) -> NDArray[np.floating]:
        """Return one model's cosines, float32 (queries, works)."""
        vectors = self._vectors[model]
        return np.asarray(vectors[rows] @ vectors.T)

    def normalised(self, model: str, cosines: NDArray[np.floating], rows: Rows) -> Floats:
        """Return what a model adds to the fused scores."""
        spread = self._spreads[model]
        queries = Spread(mean=spread.mean[rows], std=spread.std[rows])
        return symmetric_z_scores(cosines, queries, spread)
