"""Explanations by the real models, on real paintings."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog.artworks import list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import WeightsUnavailable, decode_image
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.explanation import explain, explain_pictures
from settings import Settings
from tests.conftest import WEIGHTS_DIR
from tests.test_gallery import GALLERY, MODELS

pytestmark = [pytest.mark.weights, pytest.mark.slow]

WORKS = 6


@pytest.fixture
def filled(tiny_settings: Settings, tmp_path: Path) -> Iterator[Deployment]:
    if not GALLERY.is_dir():
        pytest.skip("the gallery of real paintings is not on this machine")
    folder = tmp_path / "few"
    folder.mkdir()
    for path in sorted((GALLERY / "images").iterdir())[:: 1344 // WORKS][:WORKS]:
        (folder / path.name).symlink_to(path)
    real = tiny_settings.model_copy(update={"models": MODELS, "weights_dir": WEIGHTS_DIR})
    with Deployment(real) as deployment:
        try:
            embedders = [deployment.embedder(name) for name in MODELS]
        except WeightsUnavailable as error:
            pytest.skip(f"no internet, and no registry has the weights: {error}")
        assert (
            ingest(
                FolderReader(folder, allow_outside=True), deployment.ingest_context(embedders)
            ).failed
            == 0
        )
        yield deployment


@pytest.mark.parametrize("model", MODELS)
def test_contributions_add_up_to_the_cosine_in_the_index(filled: Deployment, model: str) -> None:
    with filled.database.transaction() as session:
        first, *others = list_artworks(session, Filter()).artworks
    query = filled.index.vectors(model, [first.id])[first.id]
    stored = filled.index.cosines(model, query, [work.id for work in others])
    assert len(stored) == WORKS - 1
    for work in others:
        found = explain(
            first.id,
            work.id,
            embedder=filled.embedder(model),
            index=filled.index,
            database=filled.database,
            picture_of=filled.picture_of,
        )
        assert found.query_map.shape == found.work_map.shape == (7, 7)
        for contributions in (found.query_map, found.work_map):
            # Of vectors that are stored in bfloat16 where that is faster here.
            assert contributions.sum() == pytest.approx(stored[work.id], abs=2e-3)


def test_a_detail_is_found_where_it_was_cut_from(filled: Deployment) -> None:
    # A painting's quarter, and the whole painting: what they share lies in that quarter.
    with filled.database.transaction() as session:
        works = list_artworks(session, Filter()).artworks
    right = 0
    for work in works:
        whole = decode_image(Path(work.image_location))
        middle, centre = whole.width // 2, whole.height // 2
        grey = Image.new("RGB", whole.size, (128, 128, 128))
        grey.paste(whole.crop((middle, centre, *whole.size)), (middle, centre))
        found = explain_pictures(grey, whole, filled.embedder("resnet50"))
        for contributions in (found.query_map, found.work_map):
            row, column = np.unravel_index(contributions.argmax(), (7, 7))
            right += int(row >= 3 and column >= 3)
    assert right >= 2 * len(works) - 2
