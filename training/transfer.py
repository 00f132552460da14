"""What training on labels gains on works that were not trained on.

Works are held out, a map or a network is fitted to the others, and the held-out works are the
queries, by their vectors before and after. They are ranked once against all other works, the way
people search, and, more strictly, against held-out works alone, none of which was trained on. The
measures and their confidence intervals are those of :mod:`evaluation.retrieval`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.labels import Label
from evaluation.ranking import Measured, RelevanceJudgments, Rows, ScoreRows, measure_rankings
from evaluation.retrieval import DEPTH, Difference, MethodQuality, RetrievalQuality, summarise
from evaluation.stored import NothingToEvaluate

BEFORE = "before"
AFTER = "after"

Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The vectors of all works before and after training on some of them.

    Args:
        held_out: rows of the works that were not trained on, nor any copy of them.
        before, after: unit vectors of all works, float32 (works, dimension); the dimensions may
            differ.
    """

    held_out: Rows
    before: Vectors
    after: Vectors


@dataclass(frozen=True, kw_only=True)
class TransferQuality:
    """What training gained. Both hold the methods ``before`` and ``after``, and one difference.

    Args:
        among_all: held-out queries, ranked against all other works.
        among_held_out: the same, ranked against works held out together with the query; ``None``
            if no query had a right answer among these.
    """

    among_all: RetrievalQuality
    among_held_out: RetrievalQuality | None


def before_of(quality: RetrievalQuality) -> MethodQuality:
    """Return the quality of the rankings before training."""
    return quality.methods[BEFORE]


def after_of(quality: RetrievalQuality) -> MethodQuality:
    """Return the quality of the rankings after training."""
    return quality.methods[AFTER]


def gain_of(quality: RetrievalQuality) -> Difference:
    """Return the gain, after minus before over the same queries, with confidence intervals."""
    (difference,) = quality.differences
    return difference


def measure_transfer(
    trials: Iterable[Trial],
    truth: RelevanceJudgments,
    names: Sequence[str],
    *,
    label: Label,
    k: int = DEPTH,
    seed: int = 0,
) -> TransferQuality:
    """Measure held-out works' rankings before and after training.

    Args:
        trials: one for a single split, or one for each fold; no work is held out twice.
        truth: of all works, with those to leave out of each query's ranking.
        names: of the classes.
        label: what the classes are.
        seed: of the bootstrap.

    Raises:
        NothingToEvaluate: no held-out work has a right answer among the others.
    """
    among_all: list[Measured] = []
    among_held_out: list[Measured] = []
    for trial in trials:
        asks = np.zeros(len(truth.classes), bool)
        asks[trial.held_out] = True
        among_all.append(measure_rankings(_scores(trial), replace(truth, asks=asks), k=k))
        among_held_out.append(_measured_among(trial, truth, k=k))
    everywhere, apart = _joined(among_all), _joined(among_held_out)
    if everywhere is None:
        raise NothingToEvaluate(f"no work that was held out shares its {label} with another")
    return TransferQuality(
        among_all=summarise(everywhere, truth, names, label=label, k=k, seed=seed),
        among_held_out=None
        if apart is None
        else summarise(apart, truth, names, label=label, k=k, seed=seed),
    )


def _measured_among(trial: Trial, truth: RelevanceJudgments, *, k: int) -> Measured:
    """Measure with the held-out works alone; the queries are rows of all works again."""
    rows = np.sort(trial.held_out)
    only = Trial(held_out=rows, before=trial.before[rows], after=trial.after[rows])
    part = RelevanceJudgments(
        classes=truth.classes[rows],
        copies=truth.copies[rows],
        apart=None if truth.apart is None else truth.apart[rows],
    )
    measured = measure_rankings(_scores(only), part, k=k)
    return replace(measured, queries=rows[measured.queries])


def _scores(trial: Trial) -> ScoreRows:
    return lambda rows: {
        BEFORE: trial.before[rows] @ trial.before.T,
        AFTER: trial.after[rows] @ trial.after.T,
    }


def _joined(parts: Sequence[Measured]) -> Measured | None:
    """Return the queries of several measurements as one, in the order of the works."""
    parts = [part for part in parts if len(part.queries)]
    if not parts:
        return None
    queries = np.concatenate([part.queries for part in parts])
    order = np.argsort(queries)
    return Measured(
        queries=queries[order],
        methods={
            method: np.concatenate([part.methods[method] for part in parts])[order]
            for method in (BEFORE, AFTER)
        },
        chance=np.concatenate([part.chance for part in parts])[order],
    )
