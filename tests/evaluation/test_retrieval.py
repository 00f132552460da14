"""The evaluation of a whole collection, embedded and served, against a computation of its own."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from catalog.artworks import ArtworkFacts, by_id
from deployment import Deployment
from evaluation.labels import Label
from evaluation.retrieval import RetrievalQuality, evaluate_retrieval
from evaluation.stored import NothingToEvaluate
from search.cohort import COHORT_WORKS
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


def _evaluate(deployment: Deployment, label: Label, **options: object) -> RetrievalQuality:
    return evaluate_retrieval(
        deployment.index,
        deployment.database,
        label=label,
        **options,  # type: ignore[arg-type]
    )


def _works(deployment: Deployment) -> dict[UUID, ArtworkFacts]:
    with deployment.database.transaction() as session:
        return by_id(session, deployment.index.ids())


def _z(deployment: Deployment, model: str) -> dict[UUID, dict[UUID, float]]:
    """Return the fused score's part of one model, pair by pair, written out."""
    ids = sorted(deployment.index.ids())
    vectors = deployment.index.vectors(model, ids)
    cosine = {a: {b: float(vectors[a] @ vectors[b]) for b in ids} for a in ids}
    cohort = ids[:COHORT_WORKS]
    usual = {a: [cosine[a][b] for b in cohort if b != a] for a in ids}

    def above(a: UUID, b: UUID) -> float:
        return float((cosine[a][b] - np.mean(usual[a])) / np.std(usual[a]))

    return {a: {b: (above(a, b) + above(b, a)) / 2 for b in ids} for a in ids}


def _mean_precision_at_5(
    works: dict[UUID, ArtworkFacts], scores: dict[UUID, dict[UUID, float]]
) -> float:
    """Return the mean over all queries by genre, leaving out copies."""
    found = []
    for query in works.values():
        others = [other for other in works.values() if other.image_sha256 != query.image_sha256]
        if query.genre is None or all(other.genre != query.genre for other in others):
            continue
        ranking = sorted(others, key=lambda other: (-scores[query.id][other.id], other.id))
        found.append(np.mean([other.genre == query.genre for other in ranking[:5]]))
    return float(np.mean(found))


def test_models_and_their_fusion_are_measured_as_pair_by_pair(filled: Deployment) -> None:
    quality = _evaluate(filled, Label.GENRE, models=[*MODELS, "fusion"], k=5)
    works = _works(filled)
    assert (quality.works, quality.labelled, quality.queries) == (24, 16, 16)
    assert quality.class_sizes == {"landscape": 8, "portrait": 8}
    parts = {model: _z(filled, model) for model in MODELS}
    fused = {a: {b: sum(parts[model][a][b] for model in MODELS) / 2 for b in works} for a in works}
    assert list(quality.methods) == [*MODELS, "fusion"]
    value = quality.methods["fusion"].micro["precision_at_5"].value
    assert value == pytest.approx(_mean_precision_at_5(works, fused), abs=1e-9)
    for model in MODELS:
        vectors = filled.index.vectors(model, list(works))
        cosines = {a: {b: float(vectors[a] @ vectors[b]) for b in works} for a in works}
        found = quality.methods[model].micro["precision_at_5"]
        assert found.value == pytest.approx(_mean_precision_at_5(works, cosines), abs=1e-9)
        assert found.low <= found.value <= found.high
    assert quality.chance["precision_at_5"] == pytest.approx(7 / 23, abs=0.01)


def test_differences_are_those_of_the_values(filled: Deployment) -> None:
    quality = _evaluate(filled, Label.STYLE, models=[*MODELS, "fusion"])
    assert [(item.first, item.second) for item in quality.differences] == [
        ("fusion", "edge_grid"),
        ("fusion", "colour_grid"),
        ("edge_grid", "colour_grid"),
    ]
    for difference in quality.differences:
        first, second = quality.methods[difference.first], quality.methods[difference.second]
        for name, interval in difference.micro.items():
            expected = first.micro[name].value - second.micro[name].value
            assert interval.value == pytest.approx(expected)
        for name, interval in difference.macro.items():
            expected = first.macro[name].value - second.macro[name].value
            assert interval.value == pytest.approx(expected)


def test_the_macro_mean_is_that_of_the_classes(filled: Deployment) -> None:
    found = _evaluate(filled, Label.CENTURY, models=["edge_grid"]).methods["edge_grid"]
    for name, interval in found.macro.items():
        classes = [values[name].value for values in found.classes.values()]
        assert interval.value == pytest.approx(np.mean(classes))


def test_the_same_work_never_counts_whether_by_bytes_or_as_given(filled: Deployment) -> None:
    # By artist, each work has five others; a copy is no right answer, nor is it any answer.
    whole = _evaluate(filled, Label.ARTIST, k=23)
    by_artist = whole.methods["edge_grid"].classes["Ada Example"]
    assert by_artist["recall_at_23"].value == 1
    # 003 and 011, both by Ada Example, are copies: their queries have four right answers of 22.
    assert by_artist["precision_at_23"].value == pytest.approx((4 * 5 + 2 * 4) / 6 / 23)
    given = {f"images/{number:03d}.jpg": "g" for number in range(3, 24, 4)}
    without = _evaluate(filled, Label.ARTIST, same=given)
    assert "Ada Example" not in without.class_sizes
    assert (without.labelled, without.queries) == (24, 18)


def test_works_by_the_same_artist_can_be_left_out(filled: Deployment) -> None:
    quality = _evaluate(filled, Label.STYLE, k=23, exclude_same_artist=True)
    # Of the seven others in the style, one is by the artist.
    precision = quality.methods["edge_grid"].micro["precision_at_23"].value
    assert precision == pytest.approx(6 / 23)


def test_fusion_is_of_the_models_named_beside_it(filled: Deployment) -> None:
    assert list(_evaluate(filled, Label.STYLE, models=["edge_grid"]).methods) == ["edge_grid"]
    named = _evaluate(filled, Label.STYLE, models=["edge_grid", "colour_grid", "fusion"])
    everything = _evaluate(filled, Label.STYLE)
    assert {*MODELS, "fusion"} <= set(everything.methods)
    assert named.methods["fusion"] == everything.methods["fusion"]


def test_what_cannot_be_measured_is_said(filled: Deployment, tmp_path: Path) -> None:
    with pytest.raises(NothingToEvaluate, match="no two works of this collection share a school"):
        _evaluate(filled, Label.SCHOOL)
    with pytest.raises(NothingToEvaluate, match="artist"):
        _evaluate(filled, Label.ARTIST, exclude_same_artist=True)
    with pytest.raises(UnknownVector, match="no resnet50 vectors"):
        _evaluate(filled, Label.STYLE, models=["resnet50"])


def test_an_empty_collection_has_nothing_to_measure(deployment: Deployment) -> None:
    with pytest.raises(UnknownVector, match="empty"):
        _evaluate(deployment, Label.STYLE)
