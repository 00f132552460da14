"""The one function behind every search, on a small collection, embedded and served."""

from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from catalog.filters import Filter
from deployment import Deployment
from embedders import ImageLimits, UnreadableImage
from search.index.contract import FingerprintMismatch, UnknownVector
from search.query import InvalidQuery
from search.similar import CutOff, HitSelection, SimilarWorks, similar
from tests.pictures import ARTISTS


def _ask(
    deployment: Deployment, query: Path | bytes | Image.Image | UUID, **options: object
) -> SimilarWorks:
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    return similar(
        query,
        index=deployment.index,
        database=deployment.database,
        embedders=embedders,
        **options,  # type: ignore[arg-type]
    )


def _ids(answer: SimilarWorks) -> dict[str, list[UUID]]:
    return {model: [hit.artwork.id for hit in found.hits] for model, found in answer.models.items()}


@pytest.mark.slow
def test_a_path_its_bytes_and_its_picture_are_one_question(
    filled: Deployment, pictures: Path
) -> None:
    path = pictures / "images" / "006.jpg"
    answers = [_ask(filled, path), _ask(filled, path.read_bytes()), _ask(filled, Image.open(path))]
    assert _ids(answers[0]) == _ids(answers[1]) == _ids(answers[2])
    assert answers[0].models["colour_grid"].hits[0].artwork.title == "Picture 6"


def test_exact_search_and_hnsw_agree_on_a_small_collection(
    filled: Deployment, pictures: Path
) -> None:
    path = pictures / "images" / "011.jpg"
    assert _ids(_ask(filled, path)) == _ids(_ask(filled, path, exact=True))


def test_a_filter_that_nothing_passes_leaves_an_empty_answer(
    filled: Deployment, pictures: Path
) -> None:
    answer = _ask(filled, pictures / "images" / "000.jpg", wanted=Filter(style=("Rococo",)))
    assert _ids(answer) == {"colour_grid": [], "edge_grid": []}
    assert answer.comparison.overlap is None
    assert all(found.statistics is None for found in answer.models.values())


def test_only_the_models_asked_for_answer(filled: Deployment, pictures: Path) -> None:
    answer = _ask(filled, pictures / "images" / "000.jpg", models=["edge_grid"])
    assert list(answer.models) == ["edge_grid"]
    assert all(hit.ranks == {} for hit in answer.models["edge_grid"].hits)


def test_a_stored_work_is_asked_about_without_any_model(filled: Deployment, pictures: Path) -> None:
    first = _ask(filled, pictures / "images" / "002.jpg").models["colour_grid"].hits[0].artwork
    answer = similar(first.id, index=filled.index, database=filled.database)
    by_picture = _ids(_ask(filled, pictures / "images" / "002.jpg", top=11))
    assert {model: [first.id, *ids] for model, ids in _ids(answer).items()} == by_picture


def test_filters_hold_for_every_hit(filled: Deployment, pictures: Path) -> None:
    wanted = Filter(artist=ARTISTS[:2], year_from=1852, year_to=1870)
    answer = _ask(filled, pictures / "images" / "000.jpg", wanted=wanted, top=24)
    for found in answer.models.values():
        assert found.hits
        for hit in found.hits:
            assert hit.artwork.artist in ARTISTS[:2]
            assert hit.artwork.year is not None
            assert 1852 <= hit.artwork.year <= 1870


def test_other_weights_than_the_indexs_are_refused(filled: Deployment, pictures: Path) -> None:
    embedder = filled.embedder("colour_grid")
    embedder.fingerprint = "of other weights"
    with pytest.raises(FingerprintMismatch, match="of other weights"):
        _ask(filled, pictures / "images" / "000.jpg")


@pytest.mark.parametrize("top", [0, -1, 1_001])
def test_an_absurd_number_of_hits_is_refused(filled: Deployment, pictures: Path, top: int) -> None:
    with pytest.raises(InvalidQuery, match="top"):
        _ask(filled, pictures / "images" / "000.jpg", top=top)


def test_unknown_models_works_and_broken_pictures_are_refused(
    filled: Deployment, pictures: Path
) -> None:
    with pytest.raises(UnknownVector, match=r"colour_grid, .*edge_grid"):
        _ask(filled, pictures / "images" / "000.jpg", models=["resnet50"])
    with pytest.raises(UnknownVector, match="edge_grid"):
        similar(
            pictures / "images" / "000.jpg",
            index=filled.index,
            database=filled.database,
            embedders=[filled.embedder("colour_grid")],
            models=["edge_grid"],
        )
    with pytest.raises(InvalidQuery, match="holds no"):
        _ask(filled, UUID(int=5))
    with pytest.raises(UnreadableImage):
        _ask(filled, b"no picture")
    with pytest.raises(UnreadableImage, match="too many pixels"):
        _ask(filled, pictures / "images" / "000.jpg", limits=ImageLimits(pixels=100))


def test_what_is_cut_off_is_not_compared_either(filled: Deployment) -> None:
    some = next(iter(filled.index.ids()))
    answer = _ask(filled, some, top=20, selection=HitSelection(cut_off=CutOff(min_percentile=90)))
    shown = {item for found in _ids(answer).values() for item in found}
    assert {item.id for item in answer.comparison.consensus} == shown
    assert 0 < len(shown) < 20
