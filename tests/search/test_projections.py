"""Derived vectors: fitted by the job that fills the collection, and followed by whoever asks."""

from pathlib import Path

import numpy as np
import pytest

from catalog.artworks import by_id
from catalog.projections import projection_version
from deployment import Deployment
from embedders import decode_image
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.background import current_backgrounds
from search.projections import GROWTH, LEAST_WORKS, NotFitted, refresh_projections
from search.similar import similar
from tests.pictures import make_folder

IDENTITY = "colour_grid_identity"


def _ingest(deployment: Deployment, folder: Path) -> None:
    embedders = [deployment.embedder("colour_grid")]
    summary = ingest(FolderReader(folder), deployment.ingest_context(embedders))
    assert summary.failed == 0


def test_a_job_fits_the_projection_and_every_work_has_the_derived_vector(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)

    status = deployment.index.status().vectors
    assert status[IDENTITY].points == status["colour_grid"].points == 24
    assert IDENTITY in current_backgrounds(deployment.database, deployment.index)


def test_a_picture_of_the_collection_is_embedded_as_it_is_stored(
    deployment: Deployment, pictures: Path
) -> None:
    _ingest(deployment, pictures)
    picture = pictures / "images" / "003.jpg"

    answer = similar(
        picture,
        index=deployment.index,
        database=deployment.database,
        embedders=[deployment.embedder(IDENTITY)],
    )

    hits = answer.models[IDENTITY].hits
    assert hits[0].cosine == pytest.approx(1, abs=1e-4)
    assert hits[0].artwork.file.endswith(picture.name)
    assert hits[1].cosine is not None
    assert hits[1].cosine < 0.9


@pytest.mark.slow
def test_works_added_later_are_projected_as_the_others_were(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "pictures", 24)
    _ingest(deployment, folder)
    with deployment.database.transaction() as session:
        before = projection_version(session, IDENTITY)

    make_folder(folder, 26)
    _ingest(deployment, folder)

    with deployment.database.transaction() as session:
        assert projection_version(session, IDENTITY) == before
    assert deployment.index.status().vectors[IDENTITY].points == 26


@pytest.mark.slow
def test_a_collection_that_has_grown_by_much_is_fitted_anew(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "pictures", 24)
    _ingest(deployment, folder)
    embedder = deployment.embedder(IDENTITY)
    with deployment.database.transaction() as session:
        before = projection_version(session, IDENTITY)

    make_folder(folder, 24 + int(24 * GROWTH) + 2)
    _ingest(deployment, folder)

    with deployment.database.transaction() as session:
        assert projection_version(session, IDENTITY) != before
    # An embedder opened before follows: the work is found at cosine 1 under the new projection.
    some = next(iter(deployment.index.ids()))
    with deployment.database.transaction() as session:
        work = by_id(session, [some])[some]
    batch = embedder.prepare(decode_image(Path(work.image_location)))[None]
    stored = deployment.index.vectors(IDENTITY, [some])[some]
    assert embedder.embed_prepared(batch)[0] @ stored == pytest.approx(1, abs=1e-4)


@pytest.mark.slow
def test_projecting_that_was_cut_short_is_done_again(
    deployment: Deployment, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("search.projections.save_projection", cut_short)
        with pytest.raises(KeyboardInterrupt):
            _ingest(deployment, pictures)

    assert refresh_projections(deployment.database, deployment.index, deployment.registry) == [
        IDENTITY
    ]
    assert refresh_projections(deployment.database, deployment.index, deployment.registry) == []


@pytest.mark.slow
def test_too_few_works_leave_a_derived_model_unfitted_and_it_says_so(
    deployment: Deployment, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "few", LEAST_WORKS - 1)
    _ingest(deployment, folder)

    embedder = deployment.embedder(IDENTITY)
    batch = np.zeros((1, 224, 224, 3), np.uint8)
    with pytest.raises(NotFitted, match=f"once there are {LEAST_WORKS} works"):
        embedder.embed_prepared(batch)
