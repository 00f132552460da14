"""What each query's rankings show to a chooser, and how good each of them is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from catalog.backgrounds import Background
from evaluation.bootstrap import Floats
from evaluation.choosers import LOOKED_AT, SHOWN, Evidence
from evaluation.labels import UNLABELLED, Codes, encode
from evaluation.ranking import (
    QueryBlock,
    RelevanceJudgments,
    Rows,
    first_places,
    query_blocks,
    ranking_keys,
)
from evaluation.scoring import Scores
from evaluation.stored import NothingToEvaluate, StoredWorks
from search.background import percentiles, z_scores
from search.fusion import FUSION, fuse, shares_of

Ranking = tuple[Rows, NDArray[np.bool_]]
"""The first works of each query, and which of these places are filled."""

Weights = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Precision@10 of every query's rankings, and what a chooser may know.

    Args:
        queries: places of the works that asked.
        precisions: model or ``fusion`` -> (queries,).
        normalised: the same of models ranked by the score that they add to a fusion.
        weighted: of fusions with other weights, (queries, weightings).
        groups: a number that works of one artist share, (queries,).
    """

    queries: Rows
    precisions: Mapping[str, Floats]
    normalised: Mapping[str, Floats]
    weighted: Floats
    evidence: Evidence
    groups: Codes


def observe(
    stored: StoredWorks,
    scores: Scores,
    truth: RelevanceJudgments,
    backgrounds: Mapping[str, Background],
    weightings: Sequence[Weights],
) -> Observed:
    """Rank the others for each labelled work, by each model and by all together.

    Args:
        scores: of two or more models, alone and together.
        weightings: shares of the models to try.

    Raises:
        NothingToEvaluate: no two works share a label.
    """
    artists, names = encode([work.artist for work in stored.works])
    # A work whose artist is not known is in a group of its own.
    groups = np.where(artists == UNLABELLED, len(names) + np.arange(len(artists)), artists)
    parts = [
        _observe_some(asked, scores, backgrounds, weightings, groups[asked.rows])
        for asked in query_blocks(truth)
    ]
    if not parts:
        raise NothingToEvaluate("no two works of this collection share such a label")
    return Observed(
        queries=np.concatenate([part.queries for part in parts]),
        precisions=_joined([part.precisions for part in parts]),
        normalised=_joined([part.normalised for part in parts]),
        weighted=np.concatenate([part.weighted for part in parts]),
        evidence=Evidence(**_joined([vars(part.evidence) for part in parts])),
        groups=np.concatenate([part.groups for part in parts]),
    )


def _observe_some(
    asked: QueryBlock,
    scores: Scores,
    backgrounds: Mapping[str, Background],
    weightings: Sequence[Weights],
    groups: Codes,
) -> Observed:
    cosines = {model: scores.cosines(model, asked.rows) for model in backgrounds}
    normalised = {
        model: scores.normalised(model, found, asked.rows) for model, found in cosines.items()
    }
    equal = shares_of(list(cosines), {})
    rankings = {
        model: first_places(ranking_keys(found, asked.possible), LOOKED_AT)
        for model, found in {**cosines, FUSION: fuse(normalised, equal)}.items()
    }
    return Observed(
        queries=asked.rows,
        precisions={name: _precision(asked, *ranking) for name, ranking in rankings.items()},
        normalised={name: _precision_by(asked, found) for name, found in normalised.items()},
        weighted=np.stack(
            [_precision_by(asked, fuse(normalised, weights)) for weights in weightings], axis=1
        ),
        evidence=_evidence(cosines, rankings, backgrounds),
        groups=groups,
    )


def _evidence(
    cosines: Mapping[str, NDArray[np.floating]],
    rankings: Mapping[str, Ranking],
    backgrounds: Mapping[str, Background],
) -> Evidence:
    first = {}
    for model, found in cosines.items():
        places, there = rankings[model]
        values = np.where(there, np.take_along_axis(found, places, axis=1), np.inf)
        # Where the candidates end, the last one is repeated.
        first[model] = np.minimum.accumulate(values.astype(np.float64), axis=1)
    overlaps = {
        (one, other): _overlap(rankings[one], rankings[other])
        for one, other in product(cosines, rankings)
        if one != other
    }
    return Evidence(
        cosines=np.stack(list(first.values()), axis=1),
        z=np.stack(
            [_each(z_scores, backgrounds[model], values) for model, values in first.items()], axis=1
        ),
        percentiles=np.stack(
            [_each(percentiles, backgrounds[model], values) for model, values in first.items()],
            axis=1,
        ),
        with_fusion=np.stack([overlaps[model, FUSION] for model in cosines], axis=1),
        with_others=np.stack(
            [
                np.mean([overlaps[model, other] for other in cosines if other != model], axis=0)
                for model in cosines
            ],
            axis=1,
        ),
    )


def _each(
    calibrate: Callable[[Background, Sequence[float]], list[float]],
    background: Background,
    cosines: Floats,
) -> Floats:
    return np.array(calibrate(background, cosines.ravel().tolist())).reshape(cosines.shape)


def _precision(asked: QueryBlock, places: Rows, there: NDArray[np.bool_]) -> Floats:
    right = np.take_along_axis(asked.right, places, axis=1) & there
    precision: Floats = right[:, :SHOWN].sum(axis=1) / SHOWN
    return precision


def _precision_by(asked: QueryBlock, scores: NDArray[np.floating]) -> Floats:
    return _precision(asked, *first_places(ranking_keys(scores, asked.possible), SHOWN))


def _overlap(one: Ranking, other: Ranking) -> Floats:
    """Return the share of the first ten works that two rankings have in common, (queries,)."""
    (first, first_there), (second, second_there) = one, other
    same = first[:, :SHOWN, None] == second[:, None, :SHOWN]
    both = first_there[:, :SHOWN, None] & second_there[:, None, :SHOWN]
    overlap: Floats = (same & both).sum(axis=(1, 2)) / SHOWN
    return overlap


def _joined(parts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
