"""Confidence intervals: against scipy's, paired, and of means over classes."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy import stats

from evaluation import bootstrap
from evaluation.bootstrap import mean_intervals, mean_of_class_means_intervals


def test_intervals_are_those_of_scipy_but_for_the_draws() -> None:
    values = np.random.default_rng(1).beta(2, 5, (300, 2))
    for interval, column in zip(mean_intervals(values, seed=3), values.T, strict=True):
        reference = stats.bootstrap(
            (column,), np.mean, n_resamples=20_000, method="percentile", rng=4
        ).confidence_interval
        width = reference.high - reference.low
        assert interval.value == pytest.approx(column.mean(), abs=1e-12)
        assert interval.low == pytest.approx(reference.low, abs=0.1 * width)
        assert interval.high == pytest.approx(reference.high, abs=0.1 * width)


def test_the_seed_decides_the_draws_and_the_size_of_their_parts_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(1).random((50, 1))
    once = mean_intervals(values, seed=3)
    assert mean_intervals(values, seed=4) != once
    monkeypatch.setattr(bootstrap, "CELLS_AT_ONCE", 777)
    assert mean_intervals(values, seed=3) == once


def test_a_constant_difference_is_sure_however_much_the_queries_differ() -> None:
    first = np.random.default_rng(1).random((40, 1))
    values = np.concatenate([first, first + 0.01, first - (first + 0.01)], axis=1)
    one, _, difference = mean_intervals(values, seed=0)
    assert one.high - one.low > 0.1
    assert (difference.low, difference.high) == pytest.approx((-0.01, -0.01))


def test_every_class_weighs_the_same_in_the_macro_mean() -> None:
    values = np.array([[1.0], [0.0], [0.0], [0.0], [1.0]])
    classes = np.array([7, 2, 2, 2, 2])
    (interval,) = mean_of_class_means_intervals(values, classes, seed=0)
    assert interval.value == pytest.approx((1 + 1 / 4) / 2)
    assert interval.low <= interval.value <= interval.high


def test_the_macro_mean_of_equal_classes_is_the_mean() -> None:
    values = np.random.default_rng(1).random((60, 2))
    classes = np.zeros(60, dtype=np.int64)
    macro = mean_of_class_means_intervals(values, classes, seed=5)
    for interval, reference in zip(macro, mean_intervals(values, seed=5), strict=True):
        assert astuple(interval) == pytest.approx(astuple(reference))
