"""Distances of the first works, embedded and served, against numpy."""

from pathlib import Path

import numpy as np
import pytest

from catalog.artworks import ArtworkFacts, by_id
from catalog.filters import Filter
from deployment import Deployment
from evaluation.bootstrap import Floats
from evaluation.distances import evaluate_distances
from evaluation.stored import NothingToEvaluate
from search.background import current_backgrounds
from search.index.contract import UnknownVector

pytestmark = pytest.mark.slow

MODELS = ("colour_grid", "edge_grid")


@pytest.fixture
def pictures(pictures: Path) -> Path:
    # Two works with the same bytes.
    copy = (pictures / "images" / "003.jpg").read_bytes()
    (pictures / "images" / "011.jpg").write_bytes(copy)
    return pictures


@pytest.fixture
def filled(ingested: Deployment) -> Deployment:
    return ingested


def _first(deployment: Deployment, model: str, k: int, style: str | None = None) -> Floats:
    """Return the k greatest cosines of every work with those that are no copies of it."""
    with deployment.database.transaction() as session:
        works = list(by_id(session, sorted(deployment.index.ids())).values())
    works = [work for work in works if style in (None, work.style)]
    vectors = deployment.index.vectors(model, [work.id for work in works])
    rows = []
    for work in works:
        others = [other for other in works if _apart(work, other)]
        cosines = [float(vectors[work.id] @ vectors[other.id]) for other in others]
        rows.append(sorted(cosines, reverse=True)[:k])
    return np.array(rows)


def _apart(work: ArtworkFacts, other: ArtworkFacts) -> bool:
    return work.image_sha256 != other.image_sha256


def test_figures_are_those_of_numpy(filled: Deployment) -> None:
    quality = evaluate_distances(filled.index, filled.database, models=MODELS, k=5)
    assert (quality.queries, quality.works) == (24, 24)
    backgrounds = current_backgrounds(filled.database, filled.index)
    for model in MODELS:
        found, background = quality.models[model], backgrounds[model]
        cosines = _first(filled, model, 5)
        angular = np.sqrt(2 * (1 - cosines))
        assert found.hits.mean_cosine == pytest.approx(cosines.mean(), abs=1e-5)
        assert found.hits.std_cosine == pytest.approx(cosines.std(), abs=1e-5)
        assert found.hits.std_angular_distance == pytest.approx(angular.std(), abs=1e-5)
        assert found.cosine.value == pytest.approx(cosines.mean(), abs=1e-5)
        assert found.angular_distance.value == pytest.approx(angular.mean(), abs=1e-5)
        assert found.angular_distance.low < found.angular_distance.value
        assert found.angular_distance.value < found.angular_distance.high
        assert found.by_rank == pytest.approx(angular.mean(axis=0), abs=1e-5)
        z = (cosines - background.mean) / background.std
        assert found.z.value == pytest.approx(z.mean(), abs=1e-3)
        shares, values = np.array(background.quantiles).T
        less_alike = 100 * np.interp(cosines, values, shares)
        assert found.percentile.value == pytest.approx(less_alike.mean(), abs=0.05)
        means = angular.mean(axis=1)
        measured = quality.asked.values[model, "angular_distance"]
        np.testing.assert_allclose(sorted(measured), sorted(means), atol=1e-5)


def test_distributions_hold_every_cosine_once(filled: Deployment) -> None:
    found = evaluate_distances(filled.index, filled.database, k=5).models["edge_grid"]
    cosines = _first(filled, "edge_grid", 5)
    drawn = found.histogram
    assert sum(drawn.hits) == pytest.approx(1)
    assert sum(drawn.background) == pytest.approx(1)
    middles = (np.array(drawn.edges[1:]) + drawn.edges[:-1]) / 2
    assert middles @ np.array(drawn.hits) == pytest.approx(cosines.mean(), abs=0.01)
    assert middles @ np.array(drawn.background) == pytest.approx(found.background.mean, abs=0.02)


def test_works_in_close_company_and_alone_are_named(filled: Deployment) -> None:
    quality = evaluate_distances(filled.index, filled.database, models=["edge_grid"])
    found = quality.models["edge_grid"]
    measured = dict(
        zip(
            quality.asked.queries,
            quality.asked.values["edge_grid", "angular_distance"],
            strict=True,
        )
    )
    assert measured[str(found.nearest[0].id)] == min(measured.values())
    assert measured[str(found.most_isolated[0].id)] == max(measured.values())


def test_a_filter_holds_for_queries_and_answers_and_a_sample_is_drawn_by_its_seed(
    filled: Deployment,
) -> None:
    def evaluated(seed: int) -> tuple[str, ...]:
        quality = evaluate_distances(
            filled.index, filled.database, wanted=Filter(style=("Grid",)), sample=5, seed=seed
        )
        assert (quality.queries, quality.works) == (5, 8)
        # Seven others at most, so that k is not reached.
        assert len(quality.models["edge_grid"].by_rank) <= 7
        return tuple(quality.asked.queries)

    assert evaluated(1) == evaluated(1)
    assert len({evaluated(seed) for seed in range(5)}) > 1
    whole = evaluate_distances(
        filled.index, filled.database, wanted=Filter(style=("Grid",)), k=3
    ).models["edge_grid"]
    expected = _first(filled, "edge_grid", 3, style="Grid")
    assert whole.hits.mean_cosine == pytest.approx(expected.mean(), abs=1e-5)


def test_what_cannot_be_measured_is_said(filled: Deployment) -> None:
    with pytest.raises(NothingToEvaluate, match="no work passes the filter"):
        evaluate_distances(filled.index, filled.database, wanted=Filter(style=("None",)))
    with pytest.raises(NothingToEvaluate, match="one work alone"):
        evaluate_distances(
            filled.index,
            filled.database,
            wanted=Filter(year_from=1853, year_to=1853),
        )
    with pytest.raises(UnknownVector, match="no resnet50 vectors"):
        evaluate_distances(filled.index, filled.database, models=["resnet50"])
