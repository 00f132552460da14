"""How far a measured mean may be off: percentile bootstrap over queries, with a seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
LEVEL = 0.95
CELLS_AT_ONCE = 4_000_000
"""Of the table resamples × queries, to bound the memory."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A measured value, and the ends of its 95 % confidence interval."""

    value: float
    low: float
    high: float


def mean_intervals(values: Floats, *, seed: int) -> list[Interval]:
    """Return the mean of each column with its interval.

    Queries (rows) are drawn with replacement ``RESAMPLES`` times; the interval reaches from the
    2.5th to the 97.5th percentile of the means: Efron, "Bootstrap methods: another look at the
    jackknife", Annals of Statistics 7 (1), 1979. All columns see the same draws, so that a column
    of differences between two methods is a paired comparison.

    Args:
        values: float64 (queries, columns), at least one query.
    """
    means = [draws @ values / len(values) for draws in _draws(len(values), seed)]
    return _intervals(values.mean(axis=0), np.concatenate(means))


def mean_of_class_means_intervals(
    values: Floats, classes: NDArray[np.int64], *, seed: int
) -> list[Interval]:
    """Return the macro mean of each column, with its interval: every class weighs the same.

    Queries are drawn as in :func:`mean_intervals`; a class of which none is drawn is left out of
    that draw's mean.

    Args:
        values: float64 (queries, columns), at least one query.
        classes: of each query, (queries,).
    """
    order = np.argsort(classes, kind="stable")
    values = values[order]
    _, starts = np.unique(classes[order], return_index=True)
    sizes = np.diff([*starts, len(values)])[:, None]
    means = []
    for draws in _draws(len(values), seed):
        counts = np.add.reduceat(draws, starts, axis=1)
        drawn = counts > 0
        columns = []
        for column in values.T:
            sums = np.add.reduceat(draws * column, starts, axis=1)
            columns.append((sums / np.maximum(counts, 1)).sum(axis=1) / drawn.sum(axis=1))
        means.append(np.stack(columns, axis=1))
    actual = (np.add.reduceat(values, starts, axis=0) / sizes).mean(axis=0)
    return _intervals(actual, np.concatenate(means))


def _draws(queries: int, seed: int) -> Iterator[Floats]:
    """Go through the resamples in parts, as how often each query is drawn: (resamples, queries)."""
    rng = np.random.default_rng(seed)
    at_once = max(1, CELLS_AT_ONCE // queries)
    for start in range(0, RESAMPLES, at_once):
        times = min(at_once, RESAMPLES - start)
        drawn = rng.integers(0, queries, (times, queries))
        drawn += queries * np.arange(times)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=times * queries)
        yield counts.reshape(times, queries).astype(np.float64)


def _intervals(values: Floats, means: Floats) -> list[Interval]:
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return [
        Interval(value=float(value), low=float(least), high=float(most))
        for value, least, most in zip(values, low, high, strict=True)
    ]
