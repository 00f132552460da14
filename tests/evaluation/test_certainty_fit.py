"""Fitting the certainty on saved queries, and what the certainty says now."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.certainty_fit import fit_certainty
from evaluation.stored import NothingToEvaluate
from search.identification.certainty import confidence, verdict


def _query(inliers: int, *, named: bool | None, neutral: bool = False) -> dict[str, Any]:
    return {"inliers": inliers, "named": named, "neutral": neutral}


def _saved(path: Path, queries: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"queries": queries}), encoding="utf-8")
    return path


def test_more_matched_points_make_it_surer(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    right = [_query(int(n), named=True) for n in rng.integers(9, 200, 60)]
    wrong = [_query(int(n), named=False) for n in rng.integers(0, 9, 60)]
    passed_over = [_query(100, named=None), _query(100, named=False, neutral=True)] * 30
    saved = [_saved(tmp_path / "a.json", right + passed_over), _saved(tmp_path / "b.json", wrong)]
    fit = fit_certainty(saved)
    assert (fit.queries, fit.right) == (120, 60)
    assert fit.per_inlier > 0.3
    assert fit.intercept < 0
    assert fit.brier < 0.05
    assert 0 < fit.log_loss < 0.2


def test_queries_that_teach_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToEvaluate, match="Leave works out"):
        fit_certainty([_saved(tmp_path / "a.json", [_query(50, named=True)] * 20)])
    (tmp_path / "b.json").write_text('{"n": 3}')
    for path in (tmp_path / "b.json", tmp_path / "none.json"):
        with pytest.raises(NothingToEvaluate, match="--queries --save"):
            fit_certainty([path])


def test_the_certainty_rises_with_the_evidence_and_decides_the_verdict() -> None:
    said = [confidence(count) for count in range(40)]
    assert said == sorted(said)
    assert all(0 < value < 1 for value in said)
    assert verdict(said[0], shows_enough=True) == "absent"
    assert verdict(said[-1], shows_enough=True) == "same"
    assert "unsure" in {verdict(value, shows_enough=True) for value in said}


def test_points_crowded_into_a_detail_say_less_than_points_all_over_the_work() -> None:
    everywhere, detail = (confidence(12, spread=spread) for spread in (0.4, 0.05))
    assert verdict(everywhere, shows_enough=True) == "same"
    assert verdict(detail, shows_enough=True) == "unsure"
    # Very many are proof even so.
    assert verdict(confidence(60, spread=0.05), shows_enough=True) == "same"


def test_a_photo_without_detail_is_not_called_absent() -> None:
    assert verdict(confidence(0), shows_enough=False) == "unsure"
