"""The picture that was embedded, or the nearest thing to it."""

from pathlib import Path

import numpy as np
import pytest

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import UnreadableImage, decode_image
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from settings import Settings
from tests.pictures import draw, make_folder


def _one_work(settings: Settings, folder: Path) -> tuple[Deployment, ArtworkFacts]:
    deployment = Deployment(settings)
    ingest(FolderReader(folder), deployment.ingest_context([deployment.embedder("colour_grid")]))
    with deployment.database.transaction() as session:
        [work] = list_artworks(session, Filter()).artworks
    return deployment, work


def test_the_original_is_preferred_and_a_thumbnail_shown_once_it_is_gone_or_another(
    tiny_settings: Settings, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "pictures", 1)
    original = folder / "images" / "000.jpg"
    draw(5, width=900, height=600).save(original, quality=95)
    deployment, work = _one_work(tiny_settings, folder)
    with deployment:
        np.testing.assert_array_equal(deployment.picture_of(work), decode_image(original))
        draw(6).save(original)
        replaced = deployment.picture_of(work)
        original.unlink()
        gone = deployment.picture_of(work)
        for picture in (replaced, gone):
            assert picture.size == (512, 341)
            expected = draw(5, width=900, height=600).resize(picture.size)
            assert np.abs(np.asarray(picture, int) - np.asarray(expected, int)).mean() < 5


def test_neither_is_an_error_that_says_what_to_do(tiny_settings: Settings, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "pictures", 1)
    deployment, work = _one_work(tiny_settings, folder)
    with deployment:
        (folder / "images" / "000.jpg").unlink()
        assert work.image_sha256 is not None
        deployment.image_store.thumbnail_path(work.image_sha256).unlink()
        with pytest.raises(UnreadableImage, match="ingest it again"):
            deployment.picture_of(work)


def test_a_work_whose_picture_was_never_read_has_none(
    tiny_settings: Settings, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "pictures", 1)
    (folder / "images" / "000.jpg").write_bytes(b"no picture")
    deployment, work = _one_work(tiny_settings, folder)
    with deployment, pytest.raises(UnreadableImage, match="was ever read"):
        deployment.picture_of(work)
