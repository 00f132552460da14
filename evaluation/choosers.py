"""Ways to choose, for each query, the model whose ranking is shown: fixed rules and learned ones.

All see only what a search sees too, never the label: how near and how much apart the first works
are under each model, and how far the rankings agree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evaluation.bootstrap import Floats

SHOWN = 10
LOOKED_AT = 50
FOLDS = 5

Chosen = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of each query's answers before one is chosen.

    Args:
        cosines, z: of the first ``LOOKED_AT`` works of each model, by falling cosine, float64
            (queries, models, ``LOOKED_AT``); z against the model's background.
        percentiles: likewise, in percent.
        with_fusion: overlap of each model's first ten works with the fused first ten,
            (queries, models).
        with_others: mean overlap with the other models' first ten, likewise.
    """

    cosines: Floats
    z: Floats
    percentiles: Floats
    with_fusion: Floats
    with_others: Floats

    def features(self) -> Floats:
        """Return what the learned choosers see, float64 (queries, features)."""
        return np.concatenate(
            [
                self.z[:, :, :SHOWN].mean(axis=2),
                _standout(self.z),
                self.z[:, :, 0],
                self.z[:, :, 0] - self.z[:, :, SHOWN - 1],
                self.percentiles[:, :, :SHOWN].mean(axis=2),
                self.with_fusion,
                self.with_others,
            ],
            axis=1,
        )


def _standout(z: Floats) -> Floats:
    """Return how far the first ten works stand out from the next forty."""
    standout: Floats = z[:, :, :SHOWN].mean(axis=2) - z[:, :, SHOWN:].mean(axis=2)
    return standout


RULES: Mapping[str, Callable[[Evidence], Floats]] = {
    "larger mean cosine": lambda seen: seen.cosines[:, :, :SHOWN].mean(axis=2),
    "larger mean z-score": lambda seen: seen.z[:, :, :SHOWN].mean(axis=2),
    "larger mean percentile": lambda seen: seen.percentiles[:, :, :SHOWN].mean(axis=2),
    "first ten stand out more": lambda seen: _standout(seen.z),
    "agrees more with the fusion": lambda seen: seen.with_fusion,
}
"""Name -> each model's score, (queries, models); the model with the greatest is chosen, among equal
ones the first."""


def choose_by_logistic_regression(
    features: Floats, precisions: Floats, groups: NDArray[np.int64]
) -> Chosen:
    """Learn which candidate is best, a query counting by how much the choice matters there.

    Args:
        features: (queries, features).
        precisions: precision of each candidate, (queries, candidates).
        groups: queries of one group are never both learned from and decided.

    Returns:
        Each query's candidate, decided by what was learned from other groups.
    """
    best = precisions.argmax(axis=1)
    at_stake = np.ptp(precisions, axis=1)

    def decide(known: NDArray[np.int64], asked: NDArray[np.int64]) -> Chosen:
        learned = known[at_stake[known] > 0]
        classes = np.unique(best[learned])
        if len(classes) < 2:
            return np.full(len(asked), classes[0] if len(classes) else 0)
        chooser = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2_000))
        chooser.fit(
            features[learned], best[learned], logisticregression__sample_weight=at_stake[learned]
        )
        decided: Chosen = chooser.predict(features[asked])
        return decided

    return cross_validated(decide, groups)


def choose_by_boosting(features: Floats, precisions: Floats, groups: NDArray[np.int64]) -> Chosen:
    """Learn each candidate's precision by gradient boosting, and take the most promising.

    Arguments and result as in :func:`choose_by_logistic_regression`.
    """

    def decide(known: NDArray[np.int64], asked: NDArray[np.int64]) -> Chosen:
        promised = [
            HistGradientBoostingRegressor(
                max_iter=60, learning_rate=0.05, max_leaf_nodes=8, random_state=0
            )
            .fit(features[known], precisions[known, candidate])
            .predict(features[asked])
            for candidate in range(precisions.shape[1])
        ]
        best: Chosen = np.argmax(promised, axis=0)
        return best

    return cross_validated(decide, groups)


def cross_validated(
    decide: Callable[[NDArray[np.int64], NDArray[np.int64]], Chosen], groups: NDArray[np.int64]
) -> Chosen:
    """Decide every query by what is learned from the queries of other groups.

    Args:
        decide: gets the queries to learn from and those to decide, returns the latters' choices.
        groups: at least two different ones.
    """
    chosen: Chosen = np.zeros(len(groups), dtype=np.int64)
    folds = GroupKFold(min(FOLDS, len(np.unique(groups))))
    for known, asked in folds.split(groups, groups=groups):
        chosen[asked] = decide(known, asked)
    return chosen
