"""How far two models agree over a collection, against the comparison that a search shows."""

import numpy as np
import pytest

from catalog.artworks import by_id
from deployment import Deployment
from evaluation.agreement import CollectionComparison, compare_models
from evaluation.labels import Label, label_of
from evaluation.stored import NothingToEvaluate
from search.index.contract import UnknownVector
from search.similar import similar

MODELS = ("colour_grid", "edge_grid")


def _compare(deployment: Deployment, **options: int) -> CollectionComparison:
    chosen = {"sample": 500} | options
    return compare_models(deployment.index, deployment.database, MODELS, **chosen)


@pytest.mark.slow
def test_the_means_are_those_of_the_searches_for_each_work(filled: Deployment) -> None:
    (pair,) = _compare(filled).pairs
    with filled.database.transaction() as session:
        works = by_id(session, filled.index.ids())
    answers = {
        item: similar(
            item, index=filled.index, database=filled.database, models=MODELS, exact=True
        ).comparison
        for item in works
    }
    for label, groups in pair.groups.items():
        for value, group in groups.items():
            found = [
                answers[item] for item, work in works.items() if label_of(work, label) == value
            ]
            assert group.queries == len(found)
            assert group.measures["overlap_at_10"].value == pytest.approx(
                np.mean([item.overlap for item in found])
            )
            assert group.measures["rbo"].value == pytest.approx(
                np.mean([item.rbo for item in found])
            )
            assert group.measures["spearman"].value == pytest.approx(
                np.mean([item.spearman for item in found]), abs=1e-6
            )
            for interval in group.measures.values():
                assert interval.low <= interval.value <= interval.high
    assert pair.overall.measures["rbo"].value == pytest.approx(
        np.mean([item.rbo for item in answers.values()])
    )
    assert set(pair.groups[Label.GENRE]) == {"landscape", "portrait"}


def test_a_sample_is_the_same_for_the_same_seed(filled: Deployment) -> None:
    first = _compare(filled, sample=9, seed=5)
    assert (first.sample, first.works) == (9, 24)
    assert first == _compare(filled, sample=9, seed=5)
    assert first.pairs != _compare(filled, sample=9, seed=6).pairs


def test_fewer_than_two_models_are_refused(filled: Deployment) -> None:
    for models in (["edge_grid"], ["edge_grid", "edge_grid"]):
        with pytest.raises(NothingToEvaluate, match="two or more"):
            compare_models(filled.index, filled.database, models, sample=5)
    with pytest.raises(UnknownVector, match="no resnet50"):
        compare_models(filled.index, filled.database, ["edge_grid", "resnet50"], sample=5)
