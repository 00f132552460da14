"""What makes two pictures alike, region by region, adds up to how alike they are."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from catalog.artworks import ArtworkFacts, list_artworks
from catalog.filters import Filter
from deployment import Deployment
from embedders import (
    BUILT_IN,
    Embedder,
    FeatureMapNotSupported,
    UnreadableImage,
    load_embedder,
)
from search.explanation import Explanation, explain, explain_pictures
from search.index.contract import FingerprintMismatch, UnknownVector
from search.query import Example, InvalidQuery, Region
from search.similar import similar
from tests.conftest import TINY_MODELS
from tests.pictures import draw

Vectors = NDArray[np.float32]


def _works(deployment: Deployment) -> list[ArtworkFacts]:
    with deployment.database.transaction() as session:
        return list(list_artworks(session, Filter()).artworks)


def _explain(
    deployment: Deployment, query: Example | Path | UUID, work: UUID, model: str = "colour_grid"
) -> Explanation:
    return explain(
        query,
        work,
        embedder=deployment.embedder(model),
        index=deployment.index,
        database=deployment.database,
        picture_of=deployment.picture_of,
    )


class Seeing(Embedder):
    """A model that sees in two pictures what it was told."""

    maps: Vectors

    def _image_features(self, batch: NDArray[np.uint8]) -> Vectors:
        return np.asarray(self.maps.mean(axis=(1, 2)))

    def _feature_map(self, batch: NDArray[np.uint8]) -> Vectors:
        return self.maps


def _explained(maps: NDArray[np.float64]) -> Explanation:
    embedder = Seeing(BUILT_IN.describe("colour_grid"), fingerprint="f", provider=None)
    embedder.maps = maps.astype(np.float32)
    return explain_pictures(draw(1), draw(2), embedder)


@pytest.mark.slow
@pytest.mark.parametrize("model", TINY_MODELS)
def test_both_maps_add_up_to_the_cosine_of_a_search(
    filled: Deployment, pictures: Path, model: str
) -> None:
    path = pictures / "images" / "004.jpg"
    answer = similar(
        path,
        index=filled.index,
        database=filled.database,
        embedders=[filled.embedder(model)],
        top=6,
        exact=True,
    )
    for hit in answer.models[model].hits:
        found = _explain(filled, path, hit.artwork.id, model)
        for contributions in (found.query_map, found.work_map, found.contributions):
            assert contributions.dtype == np.float32
            assert contributions.sum() == pytest.approx(hit.cosine, abs=1e-4)
        assert found.cosine == pytest.approx(hit.cosine, abs=1e-4)
        assert found.similarity is not None
        assert found.similarity.cosine == pytest.approx(hit.cosine, abs=1e-5)
        assert found.similarity.percentile == pytest.approx(hit.percentile, abs=1e-3)
        assert found.similarity.z == pytest.approx(hit.z, abs=1e-3)


def test_a_work_is_explained_as_its_picture_is(filled: Deployment, pictures: Path) -> None:
    first, second, *_ = _works(filled)
    by_id = _explain(filled, first.id, second.id)
    by_path = _explain(filled, pictures / first.file, second.id)
    np.testing.assert_allclose(by_id.contributions, by_path.contributions, atol=1e-6)
    assert by_id.similarity is not None
    assert by_id.similarity.cosine == pytest.approx(by_id.cosine, abs=1e-4)
    turned = _explain(filled, second.id, first.id)
    np.testing.assert_allclose(turned.query_map, by_id.work_map, atol=1e-6)


def test_a_region_of_the_query_is_compared_alone(filled: Deployment, pictures: Path) -> None:
    work = _works(filled)[0]
    half = Region(0.5, 0, 0.5, 1)
    picture = Image.open(pictures / "images" / "007.jpg")
    expected = _explain(filled, Example(half.crop(picture)), work.id)
    found = _explain(filled, Example(pictures / "images" / "007.jpg", region=half), work.id)
    assert found.query_picture.size == (80, 120)
    np.testing.assert_allclose(found.contributions, expected.contributions, atol=1e-6)


def test_a_patch_that_both_pictures_have_adds_most(tmp_path: Path) -> None:
    patch = Image.new("RGB", (40, 40), "red")
    teal, brown = (Image.new("RGB", (320, 160), colour) for colour in ("teal", "rosybrown"))
    for picture in (teal, brown):
        picture.paste(patch, (240, 40))
    found = explain_pictures(teal, brown, load_embedder(BUILT_IN.describe("colour_grid"), tmp_path))
    for contributions in (found.query_map, found.work_map):
        rows, columns = np.nonzero(contributions > contributions.max() * 0.9)
        assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {(2, 6), (3, 6)}
    assert found.query_map.min() < 0
    assert found.pairs[0].query == found.pairs[0].work
    assert found.pairs[0].query in {(2, 6), (3, 6)}
    assert found.pairs[0].contribution == found.contributions.max()
    assert found.pairs[0].cosine == pytest.approx(1, abs=1e-3)


def test_a_place_of_the_query_finds_its_like_elsewhere() -> None:
    # Three things in 4 x 4 cells: 0 everywhere, 1 in opposite corners, 2 in one picture only.
    maps = np.zeros((2, 4, 4, 3))
    maps[..., 0] = 0.1
    maps[0, 0, 0] = maps[1, 3, 3] = (0, 2, 0)
    maps[0, 3, 0] = (0, 0, 1)
    found = _explained(maps)
    assert found.cell_at(0.1, 0.1) == (0, 0)
    assert found.cell_at(1, 1) == (3, 3)
    answers = found.answers_to((0, 0))
    assert answers.argmax() == 15
    assert answers.sum() == pytest.approx(found.query_map[0, 0])
    assert not found.answers_to((3, 0)).any()
    best = found.pairs[0]
    assert (best.query, best.work) == ((0, 0), (3, 3))
    assert best.cosine == pytest.approx(1)
    means = maps.mean(axis=(1, 2))
    lengths = np.linalg.norm(means, axis=1)
    assert found.cosine == pytest.approx(means[0] @ means[1] / lengths.prod())
    assert best.contribution == pytest.approx(2 * 2 / (16 * 16 * lengths.prod()))
    with pytest.raises(InvalidQuery, match="from 0 to 1"):
        found.cell_at(1.2, 0)


def test_named_regions_are_apart_and_add_something() -> None:
    found = _explained(np.random.default_rng(0).normal(size=(2, 7, 7, 5)))
    assert len(found.pairs) > 1
    shares = [pair.contribution for pair in found.pairs]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] > 0
    for place, pair in enumerate(found.pairs):
        for other in found.pairs[:place]:
            assert np.abs(np.subtract(pair.query, other.query)).max() > 1
            assert np.abs(np.subtract(pair.work, other.work)).max() > 1


def test_what_cannot_be_explained_is_refused(filled: Deployment, pictures: Path) -> None:
    path, work = pictures / "images" / "000.jpg", _works(filled)[0].id
    with pytest.raises(InvalidQuery, match="no regions"):
        _explain(filled, Example("a red barn"), work)
    with pytest.raises(InvalidQuery, match="no work has the id"):
        _explain(filled, path, UUID(int=7))
    with pytest.raises(InvalidQuery, match="no work has the id"):
        _explain(filled, UUID(int=7), work)
    with pytest.raises(UnreadableImage):
        _explain(filled, pictures / "none.jpg", work)
    filled.index.delete([work])
    with pytest.raises(InvalidQuery, match="holds no colour_grid embedding"):
        _explain(filled, path, work)


def test_models_that_the_index_does_not_know_explain_nothing(
    filled: Deployment, pictures: Path
) -> None:
    path, work = pictures / "images" / "000.jpg", _works(filled)[0].id
    places = {"index": filled.index, "database": filled.database}
    for name, fault in (("colour_grid", FingerprintMismatch), ("resnet50", UnknownVector)):
        foreign = Seeing(BUILT_IN.describe(name), fingerprint="another", provider=None)
        with pytest.raises(fault):
            explain(path, work, embedder=foreign, picture_of=filled.picture_of, **places)  # type: ignore[arg-type]


def test_a_model_that_averages_no_map_says_so() -> None:
    class Whole(Embedder):
        def _image_features(self, batch: NDArray[np.uint8]) -> Vectors:
            raise AssertionError("it need not be run")

    whole = Whole(BUILT_IN.describe("clip_vit_b32"), fingerprint="f", provider=None)
    with pytest.raises(FeatureMapNotSupported, match="clip_vit_b32"):
        explain_pictures(draw(1), draw(2), whole)
