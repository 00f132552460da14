"""Statistics and comparison of rankings."""

import math
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from search.comparison import compare, overlap_at_k, rank_biased_overlap, spearman
from search.statistics import angular_distance, similarity_statistics

A, B, C, D = (UUID(int=number) for number in range(4))


def test_angular_distance_is_the_euclidean_distance_of_the_unit_vectors() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        first, second = rng.normal(size=(2, 32))
        first, second = first / np.linalg.norm(first), second / np.linalg.norm(second)
        expected = float(np.linalg.norm(first - second))
        assert angular_distance(float(first @ second)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("cosine", "distance"), [(1, 0), (0, math.sqrt(2)), (-1, 2)])
def test_angular_distance_at_its_landmarks(cosine: float, distance: float) -> None:
    assert angular_distance(cosine) == pytest.approx(distance)


def test_a_cosine_just_above_one_is_no_distance() -> None:
    assert angular_distance(1.0000001) == 0


def test_statistics_are_those_of_the_hits() -> None:
    cosines = [0.9, 0.5, 0.1]
    found = similarity_statistics(cosines)
    assert found is not None
    distances = [math.sqrt(2 * (1 - cosine)) for cosine in cosines]
    assert found.mean_cosine == pytest.approx(0.5)
    assert found.std_cosine == pytest.approx(np.std(cosines))
    assert (found.min_cosine, found.max_cosine) == (0.1, 0.9)
    assert found.mean_angular_distance == pytest.approx(np.mean(distances))
    assert found.std_angular_distance == pytest.approx(np.std(distances))
    assert found.min_angular_distance == pytest.approx(min(distances))
    assert found.max_angular_distance == pytest.approx(max(distances))


def test_no_hits_have_no_statistics() -> None:
    assert similarity_statistics([]) is None


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [([A, B], [B, A], 1.0), ([A, B], [C, D], 0.0), ([A, B, C, D], [A], 0.25), ([], [], None)],
)
def test_overlap_is_the_share_in_common(
    first: list[UUID], second: list[UUID], overlap: float | None
) -> None:
    assert overlap_at_k(first, second) == overlap


def test_several_models_are_compared_in_pairs() -> None:
    rankings = {"x": [A, B], "y": [A, C], "z": [C, D]}
    scores = {model: {A: 0.9, B: 0.5, C: 0.3, D: 0.1} for model in rankings}
    comparison = compare(rankings, scores)
    assert {pair.models: pair.overlap for pair in comparison.pairs} == {
        ("x", "y"): 0.5,
        ("x", "z"): 0.0,
        ("y", "z"): 0.5,
    }
    assert comparison.overlap == pytest.approx(1 / 3)
    assert comparison.spearman == pytest.approx(1)
    assert comparison.only == {"x": (B,), "y": (), "z": (D,)}
    assert [item.id for item in comparison.consensus] == [A, C, B, D]
    assert comparison.consensus[0].score == pytest.approx(2 / 61)


def test_works_that_a_model_has_no_vector_of_are_left_out_of_its_correlation() -> None:
    rankings = {"x": [A, B, C, D], "y": [A, B, C]}
    scores = {"x": {A: 0.9, B: 0.5, C: 0.3, D: 0.1}, "y": {A: 0.3, B: 0.5, C: 0.9}}
    assert compare(rankings, scores).spearman == pytest.approx(-1)


def test_one_model_is_compared_with_nothing() -> None:
    comparison = compare({"x": [A]}, {"x": {A: 1.0}})
    assert (comparison.overlap, comparison.rbo, comparison.spearman) == (None, None, None)


def test_rank_biased_overlap_is_one_for_equal_rankings_and_none_in_common_is_nothing() -> None:
    assert rank_biased_overlap([A, B, C], [A, B, C]) == pytest.approx(1)
    assert rank_biased_overlap([A, B], [C, D]) == pytest.approx(0)
    assert rank_biased_overlap([], [A]) is None


def test_rank_biased_overlap_equals_its_sum_written_out() -> None:
    p = 0.9
    # Agreement of [A, B, C] and [B, A, D] at depths 1, 2 and 3, and for ever after.
    agreements = [0, 1, 2 / 3]
    tail = [2 / 3] * 2_000
    expected = (1 - p) * sum(p**depth * value for depth, value in enumerate(agreements + tail))
    assert rank_biased_overlap([A, B, C], [B, A, D], p=p) == pytest.approx(expected)


def test_the_first_ranks_weigh_more_in_rank_biased_overlap() -> None:
    early = rank_biased_overlap([A, B, C, D], [A, B, D, C])
    late = rank_biased_overlap([A, B, C, D], [B, A, C, D])
    assert early is not None
    assert late is not None
    assert early > late


def test_spearman_is_that_of_the_ranks_with_ties_shared() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 6, 40).astype(float), rng.integers(0, 6, 40).astype(float)
    expected = pd.Series(first).corr(pd.Series(second), method="pearson")
    ranked = pd.Series(first).rank().corr(pd.Series(second).rank())
    assert spearman(list(first), list(second)) == pytest.approx(ranked)
    assert spearman(list(first), list(second)) != pytest.approx(expected)
    assert spearman([1, 2, 3], [5, 5, 5]) is None
    assert spearman([1, 2], [2, 1]) is None
