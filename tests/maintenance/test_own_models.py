"""Models of a collection's own: they are added, used like any other, and deleted whole."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from catalog.locks import AdvisoryLock, advisory_lock
from deployment import Deployment
from embedders import (
    BUILT_IN,
    DerivedDescription,
    InvalidOwnModel,
    UnknownModel,
    save_own_model,
)
from embedders.fingerprint import derived_fingerprint
from embedders.projection import fit
from embedders.registry import Derivation
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from maintenance.own_models import NoOwnModel, remove_model
from search.index.contract import VectorSpec
from search.index.sampling import sample_vectors
from search.projections import FittedProjection, keep, project
from tests.pictures import make_folder

OWN = "colours_by_hand"


def _describe() -> DerivedDescription:
    parent = BUILT_IN.describe("colour_grid")
    return DerivedDescription(
        name=OWN,
        title="Colours, taught",
        dimension=16,
        preparation=parent.preparation,
        licence="as colour_grid",
        network=parent.network,
        derivation=Derivation("colour_grid", "colour_grid", "whiten", "the same hand", "artist"),
    )


def _ingest(deployment: Deployment, pictures: Path) -> None:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures, source=pictures.name), deployment.ingest_context(embedders))


def _add(deployment: Deployment) -> None:
    """Add a projection fitted to labels, as the command that fits one does."""
    description = _describe()
    save_own_model(deployment.models_dir, description, about={"summary": "by hand"})
    deployment.look_for_own_models()
    database, index = deployment.database, deployment.index
    base = index.specs["colour_grid"].fingerprint
    fingerprint = derived_fingerprint(description, base)
    with advisory_lock(database, AdvisoryLock.INDEX):
        index.ensure([VectorSpec(model=OWN, dimension=16, fingerprint=fingerprint, role="derived")])
    features = sample_vectors(index, "colour_grid", 1000)
    fitted = FittedProjection(
        model=OWN,
        feature="colour_grid",
        fingerprint=base,
        collection=len(features),
        projection=fit("whiten", features, 16),
    )
    project(index, [fitted], list(index.ids()))
    keep(database, [fitted])


def _vectors(deployment: Deployment, model: str) -> dict[UUID, np.ndarray]:
    return dict(deployment.index.vectors(model, list(deployment.index.ids())))


def test_two_collections_open_at_once_know_their_own_models_and_not_each_other_s(
    deployment: Deployment, tmp_path: Path
) -> None:
    save_own_model(deployment.models_dir, _describe(), about={})
    elsewhere = deployment.settings.model_copy(update={"home": tmp_path / "elsewhere"})
    other = replace(_describe(), name="other_colours")
    save_own_model(elsewhere.home / "models", other, about={})
    with Deployment(deployment.settings) as first, Deployment(elsewhere) as second:
        assert first.registry.describe(OWN) == _describe()
        assert second.registry.describe(other.name) == other
        assert first.registry.derived_models("colour_grid")[1:] == (_describe(),)
        assert other.name not in first.registry
        with pytest.raises(UnknownModel, match=other.name):
            second.embedder(OWN)
    assert OWN not in BUILT_IN


@pytest.mark.slow
def test_a_supervised_projection_serves_new_works_and_is_never_fitted_by_an_ingest(
    deployment: Deployment, pictures: Path, tmp_path: Path
) -> None:
    _ingest(deployment, pictures)
    _add(deployment)
    before = _vectors(deployment, OWN)
    assert len(before) == 24
    # Twice as many works: whatever is fitted by itself is fitted anew now.
    _ingest(deployment, make_folder(tmp_path / "more", 48))
    after = _vectors(deployment, OWN)
    assert len(after) > len(before)
    assert set(after) == set(_vectors(deployment, "colour_grid"))
    for work, vector in before.items():
        np.testing.assert_array_equal(after[work], vector)


@pytest.mark.slow
def test_deleting_it_takes_its_vectors_along_and_leaves_the_others_as_they_were(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    _add(deployment)
    kept = {name: _vectors(deployment, name) for name in ("colour_grid", "edge_grid")}
    removed = remove_model(deployment.database, deployment.index, deployment.shared_models, OWN)
    assert removed == [OWN]
    assert OWN not in deployment.index.specs
    assert not (deployment.models_dir / OWN).exists()
    for name, vectors in kept.items():
        now = _vectors(deployment, name)
        assert now.keys() == vectors.keys()
        for work, vector in vectors.items():
            np.testing.assert_array_equal(now[work], vector)
    with pytest.raises(NoOwnModel, match="has none"):
        remove_model(deployment.database, deployment.index, deployment.shared_models, OWN)
    # The next ingest does not bring it back.
    deployment.look_for_own_models()
    _ingest(deployment, pictures)
    assert OWN not in deployment.index.specs


@pytest.mark.slow
def test_a_model_that_comes_with_vasari_is_neither_replaced_nor_deleted(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    with pytest.raises(InvalidOwnModel, match="comes with Vasari"):
        save_own_model(deployment.models_dir, BUILT_IN.describe("colour_grid"), about={})
    with pytest.raises(InvalidOwnModel, match="comes with Vasari"):
        remove_model(deployment.database, deployment.index, deployment.shared_models, "colour_grid")


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"format": 2}', '{"name": "../../etc", "title": "x"}']
)
def test_a_damaged_description_is_named_and_leaves_the_other_models_alone(
    deployment: Deployment, text: str
) -> None:
    save_own_model(deployment.models_dir, _describe(), about={})
    damaged = deployment.models_dir / "damaged" / "model.json"
    damaged.parent.mkdir()
    damaged.write_text(text)
    broken = deployment.look_for_own_models()
    assert list(broken) == ["damaged"]
    assert "does not describe a model" in broken["damaged"]
    assert deployment.registry.describe(OWN) == _describe()
