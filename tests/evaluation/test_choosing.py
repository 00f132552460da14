"""What choosing a model achieves: rules and choosers on made-up evidence, and on a collection."""

from dataclasses import replace

import numpy as np
import pytest

from deployment import Deployment
from evaluation.choosers import (
    LOOKED_AT,
    RULES,
    Evidence,
    choose_by_boosting,
    choose_by_logistic_regression,
    cross_validated,
)
from evaluation.choosing import ChoosingResults, evaluate_choosing
from evaluation.labels import Label
from evaluation.retrieval import evaluate_retrieval
from evaluation.stored import NothingToEvaluate
from search.index.contract import UnknownVector

MODELS = ("colour_grid", "edge_grid")


def _results(deployment: Deployment, label: Label = Label.STYLE) -> ChoosingResults:
    return evaluate_choosing(deployment.index, deployment.database, label=label, models=MODELS)


def _seen() -> Evidence:
    """Return a query whose second model has the nearer works and the first the clearer ones."""
    near = np.full((1, 2, LOOKED_AT), 0.2)
    near[0, 0, :10], near[0, 1] = 0.5, 0.6
    return Evidence(
        cosines=near,
        z=10 * near,
        percentiles=100 * near,
        with_fusion=np.array([[0.3, 0.8]]),
        with_others=np.array([[0.2, 0.2]]),
    )


def test_each_rule_takes_the_model_that_it_is_named_for() -> None:
    chosen = {name: int(rule(_seen()).argmax()) for name, rule in RULES.items()}
    assert chosen == {
        "larger mean cosine": 1,
        "larger mean z-score": 1,
        "larger mean percentile": 1,
        "first ten stand out more": 0,
        "agrees more with the fusion": 1,
    }
    raw = RULES["larger mean cosine"]
    assert raw(replace(_seen(), cosines=_seen().cosines[:, ::-1])).argmax() == 0


@pytest.mark.slow
@pytest.mark.parametrize("learn", [choose_by_logistic_regression, choose_by_boosting])
def test_choosers_learn_what_can_be_learned(learn: object) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 3))
    best = (features[:, 1] > 0).astype(np.int64)
    precisions = np.stack([1.0 - best, best], axis=1)
    chosen = learn(features, precisions, rng.integers(0, 40, 600))  # type: ignore[operator]
    assert (chosen == best).mean() > 0.95


def test_no_query_is_decided_by_what_is_learned_from_its_own_group() -> None:
    groups = np.repeat(np.arange(7), 3)
    seen = []

    def decide(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
        seen.extend(asked.tolist())
        assert not set(groups[known]) & set(groups[asked])
        return np.full(len(asked), 1)

    assert cross_validated(decide, groups).tolist() == [1] * 21
    assert sorted(seen) == list(range(21))


@pytest.mark.slow
def test_models_and_fusion_are_worth_what_the_evaluation_of_retrieval_says(
    filled: Deployment,
) -> None:
    results = {method.name: method for method in _results(filled).methods}
    quality = evaluate_retrieval(
        filled.index, filled.database, label=Label.STYLE, models=[*MODELS, "fusion"]
    )
    for name, found in quality.methods.items():
        expected = found.micro["precision_at_10"]
        assert results[name].precision.value == pytest.approx(expected.value)
    # Of two embeddings alike, auto is fusion.
    assert results["auto"].precision == results["fusion"].precision
    for difference in quality.differences:
        if difference.first == "fusion":
            expected = difference.micro["precision_at_10"]
            assert results[difference.second].over_fusion.value == pytest.approx(-expected.value)


@pytest.mark.slow
def test_every_way_to_choose_is_between_the_worst_and_the_oracle(filled: Deployment) -> None:
    found = _results(filled)
    methods = found.methods
    (oracle,) = [method for method in methods if method.kind == "oracle"]
    models = [method for method in methods if method.kind == "model"]
    assert found.best_model == max(models, key=lambda method: method.precision.value).name
    assert {method.kind for method in methods} == {
        "model",
        "normalised",
        "fusion",
        "auto",
        "weights",
        "rule",
        "chooser",
        "oracle",
    }
    for method in methods:
        if method.kind == "rule" or method.name.endswith("over models"):
            assert method.precision.value <= oracle.precision.value
        if method.shares:
            assert sum(method.shares.values()) == pytest.approx(1)
        earned = method.kind in ("rule", "chooser") and method.over_fusion.low > 0
        assert (method.name in found.earned) == earned


def test_what_cannot_be_measured_is_said(filled: Deployment) -> None:
    with pytest.raises(NothingToEvaluate, match="two or more"):
        evaluate_choosing(filled.index, filled.database, label=Label.STYLE, models=["edge_grid"])
    with pytest.raises(NothingToEvaluate, match="share such a label"):
        _results(filled, Label.SCHOOL)
    with pytest.raises(UnknownVector, match="no resnet50"):
        evaluate_choosing(
            filled.index, filled.database, label=Label.STYLE, models=["edge_grid", "resnet50"]
        )
