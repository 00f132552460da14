"""The evaluation of the index: recall and times of both ways to ask, and a filter that is given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from catalog.filters import Filter
from deployment import Deployment
from evaluation.index_quality import evaluate_index
from search.index.contract import ScoredId, UnknownVector


def test_a_sound_index_finds_all_whatever_the_filter(filled: Deployment) -> None:
    quality = evaluate_index(
        filled.index,
        filled.database,
        models=["edge_grid"],
        wanted=Filter(style=("Grid",)),
        queries=12,
        k=4,
    )
    assert (quality.works, quality.k) == (24, 4)
    (kinds,) = quality.models.values()
    assert list(kinds) == ["unfiltered", "filtered", "given"]
    for found in kinds.values():
        assert found.all.queries == 12
        assert found.recall is not None
        assert found.recall.value == 1
        assert list(found.ms) == sorted(found.ms)
        assert len(found.ms) == len(found.exact_ms) == 99
    values = quality.asked.values
    assert values["edge_grid, given", "recall_at_4"].tolist() == [1.0] * 12
    assert len(quality.asked.queries) == 12


def test_what_a_walk_misses_is_counted_query_by_query(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A real engine cannot be made to miss at will.
    real = filled.index.nearest

    def missing_one(*arguments: Any, exact: bool, **options: Any) -> Sequence[ScoredId]:
        hits = real(*arguments, exact=exact, **options)
        return hits if exact else hits[1:]

    monkeypatch.setattr(filled.index, "nearest", missing_one)
    quality = evaluate_index(filled.index, filled.database, models=["edge_grid"], queries=9, k=5)
    found = quality.models["edge_grid"]["unfiltered"]
    assert found.recall is not None
    assert found.recall.value == pytest.approx(0.8)
    assert (found.recall.low, found.recall.high) == pytest.approx((0.8, 0.8))
    column = quality.asked.values["edge_grid, unfiltered", "recall_at_5"]
    np.testing.assert_allclose(column, 0.8)


def test_a_filter_that_nothing_passes_has_no_recall(filled: Deployment) -> None:
    quality = evaluate_index(
        filled.index, filled.database, wanted=Filter(style=("None",)), queries=3
    )
    assert all(kinds["given"].recall is None for kinds in quality.models.values())


def test_unknown_vectors_are_said(filled: Deployment) -> None:
    with pytest.raises(UnknownVector, match="no resnet50 vectors"):
        evaluate_index(filled.index, filled.database, models=["resnet50"])


def test_an_empty_index_is_said(deployment: Deployment) -> None:
    with pytest.raises(UnknownVector, match="empty"):
        evaluate_index(deployment.index, deployment.database)
