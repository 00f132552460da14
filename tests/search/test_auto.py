"""Leaving the choice of the model to Vasari: what it falls on, and that it is said why."""

from pathlib import Path

import pytest

from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.auto import AUTO, choose
from search.fusion import FUSION
from search.index.contract import UnknownVector
from search.query import InvalidQuery
from search.similar import SimilarWorks, similar


def _fill(deployment: Deployment, pictures: Path, *models: str) -> None:
    embedders = [deployment.embedder(name) for name in models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))


def _ask(deployment: Deployment, pictures: Path, *models: str, **options: object) -> SimilarWorks:
    return similar(
        pictures / "images" / "005.jpg",
        index=deployment.index,
        database=deployment.database,
        embedders=[
            deployment.embedder(name)
            for name in deployment.settings.models
            if name in deployment.index.specs
        ],
        models=models,
        **options,  # type: ignore[arg-type]
    )


def test_one_model_is_chosen_and_several_are_fused_alike() -> None:
    assert choose(["edge_grid"], ["edge_grid"]).model == "edge_grid"
    several = choose(["edge_grid", "colour_grid"], ["edge_grid", "colour_grid"])
    assert several.model == FUSION
    assert several.shares == {"edge_grid": 0.5, "colour_grid": 0.5}
    assert "50% edge_grid, 50% colour_grid" in several.reason


def test_the_style_takes_the_place_of_its_model_and_weighs_more() -> None:
    models = ["resnet50", "efficientnet_lite0"]
    several = choose(models, [*models, "resnet50_identity", "resnet50_style"])
    assert several.shares == {"resnet50_style": 0.75, "efficientnet_lite0": 0.25}
    assert "resnet50_style takes the place of resnet50" in several.reason
    alone = choose(["resnet50"], ["resnet50", "resnet50_style"])
    assert (alone.model, alone.shares) == ("resnet50_style", {"resnet50_style": 1.0})


@pytest.mark.slow
def test_the_answer_is_that_of_the_fusion_and_says_why(
    deployment: Deployment, pictures: Path
) -> None:
    _fill(deployment, pictures, "colour_grid", "edge_grid")
    answer = _ask(deployment, pictures, AUTO)
    assert list(answer.models) == [FUSION]
    assert answer.models == _ask(deployment, pictures, FUSION).models
    assert answer.choice is not None
    assert "fused" in answer.choice.reason
    assert _ask(deployment, pictures, FUSION).choice is None


@pytest.mark.slow
def test_beside_a_named_model_both_are_shown(deployment: Deployment, pictures: Path) -> None:
    _fill(deployment, pictures, "colour_grid", "edge_grid")
    assert list(_ask(deployment, pictures, "edge_grid", AUTO).models) == ["edge_grid", FUSION]
    assert list(_ask(deployment, pictures, FUSION, AUTO).models) == [FUSION]


def test_where_one_model_is_held_it_is_chosen(deployment: Deployment, pictures: Path) -> None:
    _fill(deployment, pictures, "edge_grid")
    answer = _ask(deployment, pictures, AUTO)
    assert list(answer.models) == ["edge_grid"]
    assert answer.choice is not None
    assert "only" in answer.choice.reason


def test_an_empty_index_has_nothing_to_choose_from(deployment: Deployment, pictures: Path) -> None:
    with pytest.raises(UnknownVector, match="empty"):
        _ask(deployment, pictures, AUTO)


@pytest.mark.slow
def test_weights_without_fusion_are_refused(deployment: Deployment, pictures: Path) -> None:
    _fill(deployment, pictures, "colour_grid", "edge_grid")
    with pytest.raises(InvalidQuery, match="fused ranking only"):
        _ask(deployment, pictures, "edge_grid", weights={"edge_grid": 1})
    weighted = _ask(deployment, pictures, AUTO, weights={"edge_grid": 0.9})
    assert weighted.models != _ask(deployment, pictures, AUTO).models
