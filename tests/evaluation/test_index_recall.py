"""The check of the index, on both engines, and on an index that answers badly."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from deployment import Deployment
from evaluation.index_recall import check_index
from search.index.contract import ScoredId


def test_a_sound_index_passes_with_and_without_filters(filled: Deployment) -> None:
    check = check_index(filled.index, filled.database, queries=15)
    assert check.warnings == ()
    assert set(check.models) == {"colour_grid", "colour_grid_identity", "edge_grid"}
    for kinds in check.models.values():
        assert set(kinds) == {"unfiltered", "filtered"}
        for recall in kinds.values():
            assert recall.queries == 15
            assert recall.recall == 1
            assert 0 < recall.p50_ms <= recall.p95_ms


def test_a_search_that_misses_works_is_warned_of(
    filled: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A real engine cannot be made to miss at will.
    real = filled.index.nearest

    def missing_the_first(*arguments: Any, exact: bool, **options: Any) -> Sequence[ScoredId]:
        hits = real(*arguments, exact=exact, **options)
        return hits if exact else [*hits[1:], ScoredId(id=UUID(int=1), cosine=0.0)]

    monkeypatch.setattr(filled.index, "nearest", missing_the_first)
    check = check_index(filled.index, filled.database, queries=15)
    assert check.models["colour_grid"]["unfiltered"].recall == pytest.approx(0.9)
    assert any("recall@10 is 0.900" in warning for warning in check.warnings)


def test_an_empty_index_is_warned_of(deployment: Deployment) -> None:
    check = check_index(deployment.index, deployment.database)
    assert check.models == {}
    assert "empty" in check.warnings[0]
