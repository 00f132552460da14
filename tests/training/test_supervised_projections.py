"""A projection fitted to labels, in a collection that lives on: both engines."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalog.projections import load_projection, projection_version
from deployment import Deployment
from embedders import BUILT_IN, InvalidOwnModel
from evaluation.labels import Label
from evaluation.stored import read_stored
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.background import current_backgrounds
from search.similar import similar
from tests.pictures import make_folder
from training.discriminants import fit_discriminants
from training.projection_transfer import TrainingSet, fit, read_training_set
from training.supervised_projections import (
    add_supervised_projection,
    describe_supervised_projection,
    require_free_name,
)

NAME = "style_lda"
BOTH = ("colour_grid", "colour_grid_identity")


def _ingest(deployment: Deployment, folder: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    summary = ingest(FolderReader(folder), deployment.ingest_context(embedders))
    assert summary.failed == 0


def _training_set(deployment: Deployment, *features: str) -> TrainingSet:
    stored = read_stored(deployment.index, deployment.database, list(features))
    return read_training_set(stored, label=Label.STYLE, features=features, recipe="lda")


def _fit(deployment: Deployment, *features: str) -> None:
    training_set = _training_set(deployment, *features)
    projection = fit(training_set)
    description = describe_supervised_projection(
        NAME,
        base=BUILT_IN.describe("colour_grid"),
        features=features,
        label="style",
        recipe="lda",
        dimension=projection.matrix.shape[1],
    )
    add_supervised_projection(
        deployment.database,
        deployment.index,
        deployment.models_dir,
        description,
        projection,
        about={},
    )
    deployment.look_for_own_models()


@pytest.mark.slow
@pytest.mark.parametrize("features", [("colour_grid",), BOTH])
def test_every_work_has_the_vector_that_its_features_project_to(
    deployment: Deployment, pictures: Path, features: tuple[str, ...]
) -> None:
    _ingest(deployment, pictures)
    _fit(deployment, *features)
    training_set = _training_set(deployment, *features)
    together = np.concatenate([training_set.stored.vectors[name] for name in features], axis=1)
    expected = fit_discriminants("lda", together, training_set.classes).apply(together)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    ids = [work.id for work in training_set.stored.works]
    held = deployment.index.vectors(NAME, ids)
    assert np.array([held[item] for item in ids]) == pytest.approx(expected, abs=1e-5)
    assert NAME in current_backgrounds(deployment.database, deployment.index)


@pytest.mark.slow
def test_new_works_are_projected_and_however_many_come_it_is_not_fitted_anew(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "pictures", 24)
    _ingest(deployment, folder)
    _fit(deployment, "colour_grid")
    with deployment.database.transaction() as session:
        before = projection_version(session, NAME)
        stored = load_projection(session, NAME)

    make_folder(folder, 40)
    _ingest(deployment, folder)

    with deployment.database.transaction() as session:
        assert projection_version(session, NAME) == before
    assert deployment.index.status().vectors[NAME].points == 40
    assert stored is not None
    picture = folder / "images" / "035.jpg"
    answer = similar(
        picture,
        index=deployment.index,
        database=deployment.database,
        embedders=[deployment.embedder(NAME)],
    )
    hits = answer.models[NAME].hits
    assert hits[0].cosine == pytest.approx(1, abs=1e-4)
    assert [hit for hit in hits if hit.artwork.file.endswith(picture.name)]


@pytest.mark.slow
def test_fitted_anew_it_replaces_itself_and_former_directions_stay(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "pictures", 24)
    _ingest(deployment, folder)
    _fit(deployment, "colour_grid")
    some = sorted(deployment.index.ids())
    former = deployment.index.vectors(NAME, some)
    make_folder(folder, 26)
    _ingest(deployment, folder)
    _fit(deployment, "colour_grid")
    after = deployment.index.vectors(NAME, some)
    assert np.mean([former[item] @ after[item] for item in some]) > 0.8
    assert deployment.index.status().vectors[NAME].points == 26


@pytest.mark.slow
def test_names_that_mean_something_else_are_refused(deployment: Deployment, pictures: Path) -> None:
    _ingest(deployment, pictures)
    _fit(deployment, "colour_grid")
    index, models = deployment.index, deployment.models_dir
    mine = {"features": ("colour_grid",), "label": "style", "recipe": "lda"}
    require_free_name(index, models, NAME, **mine)  # type: ignore[arg-type]
    require_free_name(index, models, "another", **mine)  # type: ignore[arg-type]
    for other in ({"label": "genre"}, {"recipe": "lda_balanced"}, {"features": BOTH}):
        with pytest.raises(InvalidOwnModel, match=f"delete it with `vasari models delete {NAME}`"):
            require_free_name(index, models, NAME, **{**mine, **other})  # type: ignore[arg-type]
    for name in ("colour_grid", "resnet50_style"):
        with pytest.raises(InvalidOwnModel, match="comes with Vasari"):
            require_free_name(index, models, name, **mine)  # type: ignore[arg-type]


@pytest.mark.slow
def test_another_number_of_classes_is_no_replacement(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    _fit(deployment, "colour_grid")
    training_set = _training_set(deployment, "colour_grid")
    fewer = replace(
        training_set, classes=np.where(training_set.classes == 2, -1, training_set.classes)
    )
    projection = fit(fewer)
    description = describe_supervised_projection(
        NAME,
        base=BUILT_IN.describe("colour_grid"),
        features=("colour_grid",),
        label="style",
        recipe="lda",
        dimension=1,
    )
    with pytest.raises(InvalidOwnModel, match="tell other classes apart"):
        add_supervised_projection(
            deployment.database,
            deployment.index,
            deployment.models_dir,
            description,
            projection,
            about={},
        )
    assert deployment.index.specs[NAME].dimension == 2
