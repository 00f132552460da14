"""One ranking of several models: scores that can be added, shares, and works that lack a vector."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.cohort import COHORT_WORKS, Cohort, Spread, read_cohort
from search.fusion import fuse, shares_of, symmetric_z_scores
from search.index.contract import IndexPoint, Vector
from search.query import Example, InvalidQuery, Query
from search.similar import SimilarWorks, similar
from tests.pictures import make_folder

IDS = [UUID(int=number) for number in range(5)]
MODELS = ("colour_grid", "edge_grid")


def _ask(deployment: Deployment, *examples: Example, **options: object) -> SimilarWorks:
    return similar(
        Query(examples),
        index=deployment.index,
        database=deployment.database,
        embedders=[deployment.embedder(name) for name in deployment.settings.models],
        **options,  # type: ignore[arg-type]
    )


def _titles(answer: SimilarWorks) -> list[str]:
    return [hit.artwork.title for hit in answer.models["fusion"].hits]


def _units(count: int, seed: int = 0) -> Vector:
    vectors = np.random.default_rng(seed).normal(size=(count, 6))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_a_spread_is_over_the_cohort_without_the_work_itself() -> None:
    vectors = _units(5)
    cohort = Cohort(ids=tuple(IDS), vectors=vectors)
    spread = cohort.spread(vectors[:2], [{IDS[0]}, set()])
    cosines = (vectors @ vectors.T).astype(np.float64)
    assert spread.mean == pytest.approx([cosines[0, 1:].mean(), cosines[1].mean()])
    assert spread.std == pytest.approx([cosines[0, 1:].std(), cosines[1].std()])


def test_equal_pictures_and_an_isolated_work_have_a_spread_that_can_be_divided_by() -> None:
    same = np.repeat(_units(1), 5, axis=0)
    assert Cohort(ids=tuple(IDS), vectors=same).spread(same[:1], [()]).std.tolist() == [1]
    alone = Cohort(ids=(IDS[0],), vectors=same[:1]).spread(same[:1], [{IDS[0]}])
    assert (alone.mean.tolist(), alone.std.tolist()) == ([0], [1])


def test_a_score_is_how_far_above_what_is_usual_for_both() -> None:
    queries = Spread(mean=np.array([0.4]), std=np.array([0.1]))
    works = Spread(mean=np.array([0.2, 0.6]), std=np.array([0.2, 0.1]))
    scores = symmetric_z_scores(np.array([[0.6, 0.6]]), queries, works)
    # The second work is as like everything as it is like the query.
    assert scores[0] == pytest.approx([(2 + 2) / 2, (2 + 0) / 2])


def test_fused_scores_are_the_weighted_sum() -> None:
    scores = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, -2.0])}
    assert fuse(scores, {"a": 0.25, "b": 0.75}) == pytest.approx([2.5, -1.0])


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({}, (1 / 3, 1 / 3, 1 / 3)),
        ({"a": 0.5}, (0.5, 0.25, 0.25)),
        ({"a": 2, "b": 1, "c": 1}, (0.5, 0.25, 0.25)),
        ({"a": 0, "b": 0.4}, (0, 0.4, 0.6)),
    ],
)
def test_models_without_a_weight_share_what_is_left(
    weights: dict[str, float], expected: tuple[float, ...]
) -> None:
    assert list(shares_of("abc", weights).values()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"d": 0.5}, "a weight for d, but what is fused is a, b, c"),
        ({"a": -1}, "not negative"),
        ({"a": 0, "b": 0, "c": 0}, "greater than 0"),
        ({"a": 1}, "nothing of 1 for b, c"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidQuery, match=message):
        shares_of("abc", weights)


@pytest.mark.slow
def test_the_cohort_is_a_sample_that_is_read_once_and_again_when_it_changes(
    filled: Deployment, tmp_path: Path
) -> None:
    first = read_cohort(filled.index, "edge_grid")
    assert first.ids == tuple(sorted(filled.index.ids()))
    assert read_cohort(filled.index, "edge_grid") is first
    more = make_folder(tmp_path / "more", COHORT_WORKS + 20)
    embedders = [filled.embedder(name) for name in filled.settings.models]
    ingest(FolderReader(more, source="more"), filled.ingest_context(embedders))
    second = read_cohort(filled.index, "edge_grid")
    assert second.ids == tuple(sorted(filled.index.ids()))[:COHORT_WORKS]
    assert second.vectors.shape == (COHORT_WORKS, filled.index.specs["edge_grid"].dimension)


def test_a_cohort_is_of_works_that_have_the_vector(filled: Deployment) -> None:
    item = min(filled.index.ids())
    vectors = filled.index.vectors("edge_grid", [item])
    filled.index.delete([item])
    filled.index.upsert([IndexPoint(id=item, vectors={"edge_grid": vectors[item]}, payload={})])
    assert item in read_cohort(filled.index, "edge_grid").ids
    assert item not in read_cohort(filled.index, "colour_grid").ids


def _scores(deployment: Deployment, model: str, query: Vector) -> dict[UUID, float]:
    """Return each work's score under one model, written out."""
    vectors = deployment.index.vectors(model, list(deployment.index.ids()))
    to_query = [float(query @ vector) for vector in vectors.values()]
    scores = {}
    for item, vector in vectors.items():
        to_work = [float(vector @ other) for name, other in vectors.items() if name != item]
        cosine = float(query @ vector)
        above = (cosine - np.mean(to_query)) / np.std(to_query)
        scores[item] = float(above + (cosine - np.mean(to_work)) / np.std(to_work)) / 2
    return scores


@pytest.mark.parametrize("weights", [{}, {"colour_grid": 0.9}])
def test_fusion_ranks_by_the_scores_of_all_models(
    filled: Deployment, pictures: Path, weights: dict[str, float]
) -> None:
    path = pictures / "images" / "005.jpg"
    answer = _ask(filled, Example(path), models=[*MODELS, "fusion"], top=24, weights=weights)
    shares = shares_of(MODELS, weights)
    totals: dict[UUID, float] = {}
    for model in MODELS:
        query = filled.embedder(model).embed([path])[0]
        for item, score in _scores(filled, model, query).items():
            totals[item] = totals.get(item, 0.0) + shares[model] * score
    fused = answer.models["fusion"]
    assert [hit.artwork.id for hit in fused.hits] == sorted(totals, key=lambda item: -totals[item])
    for hit in fused.hits:
        assert hit.z == pytest.approx(totals[hit.artwork.id], abs=1e-4)
        assert (hit.cosine, hit.angular_distance) == (None, None)
        assert set(hit.ranks) == set(MODELS)
    assert fused.statistics is None


def test_fusion_beside_two_models_is_of_these_two(filled: Deployment) -> None:
    item = min(filled.index.ids())
    fused = [
        similar(
            item,
            index=filled.index,
            database=filled.database,
            embedders=[filled.embedder(name) for name in known],
            models=[*MODELS, "fusion"],
        )
        for known in (MODELS, MODELS[:1])  # which embedders there are makes no difference
    ]
    assert _titles(fused[0]) == _titles(fused[1])
    assert [hit.z for hit in fused[0].models["fusion"].hits] == [
        hit.z for hit in fused[1].models["fusion"].hits
    ]


def test_fusion_alone_is_of_all_models(filled: Deployment, pictures: Path) -> None:
    example = Example(pictures / "images" / "005.jpg")
    alone = _ask(filled, example, models=["fusion"])
    beside = _ask(filled, example, models=[*MODELS, "fusion"])
    assert list(alone.models) == ["fusion"]
    assert _titles(alone) == _titles(beside)


def test_all_weight_on_one_model_leaves_its_own_scores(filled: Deployment, pictures: Path) -> None:
    example = Example(pictures / "images" / "005.jpg")
    colour = _ask(
        filled, example, models=["fusion"], top=24, weights={"colour_grid": 1, "edge_grid": 0}
    )
    edges = _ask(
        filled, example, models=["fusion"], top=24, weights={"colour_grid": 0, "edge_grid": 1}
    )
    assert _titles(colour) != _titles(edges)
    assert _titles(colour)[0] == _titles(edges)[0] == "Picture 5"


def test_a_work_without_a_models_vector_counts_as_an_ordinary_one_there(
    filled: Deployment, pictures: Path
) -> None:
    example = Example(pictures / "images" / "005.jpg")
    first = _ask(filled, example, models=["fusion"]).models["fusion"].hits[0]
    item, score = first.artwork.id, first.z
    vectors = filled.index.vectors("edge_grid", [item])
    filled.index.delete([item])
    filled.index.upsert([IndexPoint(id=item, vectors={"edge_grid": vectors[item]}, payload={})])
    again = _ask(filled, example, models=["fusion"], top=24).models["fusion"].hits
    (hit,) = [hit for hit in again if hit.artwork.id == item]
    assert hit.z is not None
    assert score is not None
    assert 0 < hit.z < score
