"""The main job with the real models on real paintings, embedded and on real servers."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from catalog.artworks import list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import WeightsUnavailable
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.similar import similar
from settings import Settings
from tests.conftest import WEIGHTS_DIR

pytestmark = [pytest.mark.weights, pytest.mark.slow]

GALLERY = Path(__file__).resolve().parents[2] / "shared" / "gallery"
MODELS = ("resnet50", "efficientnet_lite0")
EVERY = 12
"""One picture in so many: enough to search in, and quick to embed."""


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder with some of the gallery's paintings, and their rows of its CSV."""
    if not GALLERY.is_dir():
        pytest.skip("the gallery of real paintings is not on this machine")
    with (GALLERY / "gallery.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::EVERY]
    folder = tmp_path / "few"
    (folder / "images").mkdir(parents=True)
    for row in rows:
        (folder / row["file"]).symlink_to(GALLERY / row["file"])
    with (folder / "few.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture
def filled(settings: Settings, few: Path) -> Iterator[Deployment]:
    real = settings.model_copy(
        update={"models": MODELS, "weights_dir": WEIGHTS_DIR, "batch_size": 32}
    )
    with Deployment(real) as deployment:
        try:
            embedders = [deployment.embedder(name) for name in MODELS]
        except WeightsUnavailable as error:
            pytest.skip(f"no internet, and no registry has the weights: {error}")
        summary = ingest(
            FolderReader(few, allow_outside=True), deployment.ingest_context(embedders)
        )
        assert summary.failed == 0
        yield deployment


def test_paintings_are_found_filtered_and_ranked_as_brute_force_ranks_them(
    filled: Deployment, few: Path
) -> None:
    with filled.database.transaction() as session:
        works = {work.id: work for work in list_artworks(session, Filter()).artworks}
    stored = {model: filled.index.vectors(model, list(works)) for model in MODELS}
    for vectors in stored.values():
        norms = np.linalg.norm(np.stack(list(vectors.values())), axis=1)
        np.testing.assert_allclose(norms, 1, atol=1e-5)
    embedders = [filled.embedder(name) for name in MODELS]
    assert len(works) == 1344 // EVERY
    for work in list(works.values())[::10]:
        wanted = Filter() if work.style is None else Filter(style=(work.style,), year_to=1950)
        answer = similar(
            few / work.file,
            index=filled.index,
            database=filled.database,
            embedders=embedders,
            wanted=wanted,
        )
        passing = [
            item.id
            for item in works.values()
            if not wanted or (item.style == work.style and item.year and item.year <= 1950)
        ]
        for model, found in answer.models.items():
            if work.id in passing:
                assert found.hits[0].artwork.id == work.id
                assert found.hits[0].cosine == pytest.approx(1, abs=1e-3)
            query = stored[model][work.id]
            cosines = sorted((float(stored[model][item] @ query) for item in passing), reverse=True)
            # Stored in bfloat16 where that is faster here, and asked about in float32.
            assert [hit.cosine for hit in found.hits] == pytest.approx(cosines[:10], abs=2e-3)
            for hit in found.hits:
                distance = math.sqrt(2 * (1 - (hit.cosine or 0)))
                assert hit.angular_distance == pytest.approx(distance, abs=1e-5)
