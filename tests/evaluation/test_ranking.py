"""The measures of rankings, against scikit-learn and against counting on one's fingers."""

import math
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, ndcg_score

from evaluation import ranking
from evaluation.labels import UNLABELLED
from evaluation.metrics import chance, measure_names, measures
from evaluation.ranking import Measured, RelevanceJudgments, measure_rankings


class _Case:
    """A small collection with random labels, copies, and scores of which many are equal."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        works = int(rng.integers(5, 45))
        self.classes = rng.integers(UNLABELLED, rng.integers(1, 8), works)
        self.copies = rng.integers(0, 2 * works, works)
        self.artists = rng.integers(UNLABELLED, 6, works) if seed % 3 == 0 else None
        # Half of the collections have vectors with few different cosines, multiples of a quarter.
        if seed % 2:
            vectors = rng.choice([-0.5, 0.0, 0.5], (works, 4))
        else:
            vectors = rng.normal(size=(works, 6))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self.scores = vectors @ vectors.T
        # As many as there are works, for the measures that scikit-learn has without a cut.
        self.k = works if seed % 5 == 0 else int(rng.integers(1, 14))

    def measured(self) -> Measured:
        truth = RelevanceJudgments(classes=self.classes, copies=self.copies, apart=self.artists)
        return measure_rankings(lambda rows: {"m": self.scores[rows]}, truth, k=self.k)

    def expected(self) -> dict[int, list[float]]:
        """Return query -> measures, counted work by work."""
        return {
            query: self._measures(query)
            for query in range(len(self.classes))
            if self.classes[query] != UNLABELLED and any(self._right(query))
        }

    def _ranking(self, query: int) -> list[int]:
        def may_answer(work: int) -> bool:
            by_same_artist = self.artists is not None and (
                self.artists[work] == self.artists[query] != UNLABELLED
            )
            return self.copies[work] != self.copies[query] and not by_same_artist

        candidates = [work for work in range(len(self.classes)) if may_answer(work)]
        return sorted(candidates, key=lambda work: (-round(self.scores[query, work], 6), work))

    def _right(self, query: int) -> list[bool]:
        return [bool(self.classes[work] == self.classes[query]) for work in self._ranking(query)]

    def _measures(self, query: int) -> list[float]:
        right = self._right(query)
        relevant, shown = sum(right), right[: self.k]
        places = [place for place, is_right in enumerate(shown, start=1) if is_right]
        falling = np.arange(len(right), 0, -1)
        if self.k >= len(right):
            precision = float(average_precision_score(right, falling))
        else:
            precision = sum(sum(right[:place]) / place for place in places)
            precision /= min(relevant, self.k)
        return [
            len(places) / self.k,
            len(places) / relevant,
            precision,
            # With one candidate scikit-learn refuses: there is nothing to rank.
            float(ndcg_score([right], [falling], k=self.k)) if len(right) > 1 else 1.0,
            sum(right[:relevant]) / relevant,
            float(bool(places)),
        ]


@pytest.mark.slow
def test_a_thousand_labelings_are_measured_as_scikit_learn_and_counting_measure_them() -> None:
    asked = 0
    for seed in range(1_000):
        case = _Case(seed)
        found, expected = case.measured(), case.expected()
        assert found.queries.tolist() == list(expected)
        if expected:
            np.testing.assert_allclose(found.methods["m"], list(expected.values()), atol=1e-9)
        asked += len(expected)
    assert asked > 10_000


def test_blocks_of_any_size_rank_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [_Case(seed).measured() for seed in range(20)]
    monkeypatch.setattr(ranking, "CELLS_AT_ONCE", 100)
    for before, seed in zip(whole, range(20), strict=True):
        after = _Case(seed).measured()
        np.testing.assert_array_equal(before.queries, after.queries)
        for method, values in before.methods.items():
            np.testing.assert_array_equal(values, after.methods[method])


def test_equal_scores_are_ranked_by_the_order_of_the_works() -> None:
    truth = RelevanceJudgments(classes=np.array([0, 1, 0, 1, 0]), copies=np.arange(5))
    flat = measure_rankings(lambda rows: {"m": np.zeros((len(rows), 5))}, truth, k=2)
    # Each of works 0, 2 and 4 is shown the first two of the others: 1 2, 0 1 and 0 1.
    assert flat.methods["m"][flat.queries % 2 == 0, 0].tolist() == [0.5, 0.5, 0.5]


def test_works_without_a_label_take_places_and_ask_nothing() -> None:
    scores = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.7], [0.8, 0.7, 1.0]])
    truth = RelevanceJudgments(classes=np.array([0, UNLABELLED, 0]), copies=np.arange(3))
    found = measure_rankings(lambda rows: {"m": scores[rows]}, truth, k=1)
    assert found.queries.tolist() == [0, 2]
    assert found.methods["m"][:, 0].tolist() == [0.0, 1.0]


def test_nobody_asks_where_no_two_works_share_a_label() -> None:
    truth = RelevanceJudgments(classes=np.arange(3), copies=np.arange(3))
    found = measure_rankings(lambda rows: {"m": np.zeros((len(rows), 3))}, truth, k=2)
    assert len(found.queries) == 0


@pytest.mark.parametrize(("candidates", "relevant", "k"), [(6, 2, 3), (5, 4, 3), (3, 1, 5)])
def test_chance_is_the_mean_over_all_rankings(candidates: int, relevant: int, k: int) -> None:
    rankings = np.array(list(permutations([True] * relevant + [False] * (candidates - relevant))))
    count = np.full(len(rankings), relevant)
    shown = np.zeros((len(rankings), k), dtype=bool)
    shown[:, : min(k, candidates)] = rankings[:, :k]
    everything = measures(shown, rankings[:, :relevant].sum(axis=1), count)
    assert len(rankings) == math.factorial(candidates)
    expected: NDArray[np.float64] = everything.mean(axis=0)
    found = chance(np.array([relevant]), np.array([candidates]), k=k)
    np.testing.assert_allclose(found[0], expected, atol=1e-12)
    assert len(expected) == len(measure_names(k))
