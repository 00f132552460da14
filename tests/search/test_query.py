"""Questions of several parts: likes and dislikes, regions, texts, pages, and models together."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from deployment import Deployment
from ingest.job import ingest
from ingest.readers.folder import FolderReader
from search.query import Example, InvalidQuery, Query, Region
from search.similar import HitSelection, SimilarWorks, similar
from tests.pictures import draw


@pytest.fixture
def filled(deployment: Deployment, pictures: Path) -> Deployment:
    # A picture whose right half is another's left half.
    whole = draw(3)
    patched = draw(8)
    patched.paste(whole.crop((0, 0, 80, 120)), (80, 0))
    patched.save(pictures / "images" / "008.jpg", quality=95)
    embedders = [deployment.embedder(name) for name in deployment.settings.models]
    ingest(FolderReader(pictures), deployment.ingest_context(embedders))
    return deployment


def _ask(deployment: Deployment, *examples: Example, **options: object) -> SimilarWorks:
    return similar(
        Query(examples),
        index=deployment.index,
        database=deployment.database,
        embedders=[deployment.embedder(name) for name in deployment.settings.models],
        picture_of=deployment.picture_of,
        **options,  # type: ignore[arg-type]
    )


def _titles(answer: SimilarWorks, model: str = "colour_grid") -> list[str]:
    return [hit.artwork.title for hit in answer.models[model].hits]


def _id_of(deployment: Deployment, pictures: Path, number: int) -> UUID:
    answer = _ask(deployment, Example(pictures / "images" / f"{number:03d}.jpg"), top=1)
    return answer.models["colour_grid"].hits[0].artwork.id


@pytest.mark.slow
def test_two_examples_find_both_first(filled: Deployment, pictures: Path) -> None:
    folder = pictures / "images"
    answer = _ask(filled, Example(folder / "004.jpg"), Example(folder / "009.jpg"), top=2)
    assert set(_titles(answer)) == {"Picture 4", "Picture 9"}


@pytest.mark.slow
def test_a_heavier_example_comes_first(filled: Deployment, pictures: Path) -> None:
    light, heavy = Example(pictures / "images" / "004.jpg"), pictures / "images" / "009.jpg"
    assert _titles(_ask(filled, light, Example(heavy, weight=3.0), top=2))[0] == "Picture 9"


@pytest.mark.slow
def test_works_that_are_examples_are_not_answers(filled: Deployment, pictures: Path) -> None:
    first, second = _id_of(filled, pictures, 4), _id_of(filled, pictures, 9)
    answer = _ask(filled, Example(first), Example(second, weight=-1.0), top=24)
    assert len(_titles(answer)) == 22
    assert not {"Picture 4", "Picture 9"} & set(_titles(answer))


@pytest.mark.slow
def test_a_dislike_pushes_down_what_is_like_it(filled: Deployment, pictures: Path) -> None:
    liked, disliked = pictures / "images" / "004.jpg", pictures / "images" / "009.jpg"
    before = _ask(filled, Example(liked), top=24).models["colour_grid"].hits
    after = _ask(filled, Example(liked), Example(disliked, weight=-1.0), top=24)
    assert _titles(after)[-1] == "Picture 9" != before[-1].artwork.title


def test_only_dislikes_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(InvalidQuery, match="at least one"):
        Query((Example(b"", weight=-1.0),))
    with pytest.raises(InvalidQuery, match="at least one"):
        Query(())
    with pytest.raises(InvalidQuery, match="no region"):
        Query((Example("a text", region=Region(0, 0, 1, 1)),))


@pytest.mark.slow
def test_a_region_is_searched_as_a_picture_of_its_own(filled: Deployment, pictures: Path) -> None:
    path = pictures / "images" / "008.jpg"
    right_half = Region(0.5, 0, 0.5, 1)
    cropped = Image.open(path).convert("RGB").crop((80, 0, 160, 120))
    by_region = _ask(filled, Example(path, region=right_half))
    assert _titles(by_region) == _titles(_ask(filled, Example(cropped)))
    in_pixels = _ask(filled, Example(path, region=Region(80, 0, 80, 120)))
    assert _titles(in_pixels) == _titles(by_region)
    of_the_work = _ask(filled, Example(_id_of(filled, pictures, 8), region=right_half), top=24)
    assert _titles(of_the_work) == [
        title for title in _titles(_ask(filled, Example(cropped), top=24)) if title != "Picture 8"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("region", [(0, 0, 0, 1), (-1, 0, 1, 1), (500, 500, 10, 10)])
def test_a_region_outside_the_picture_is_refused(
    filled: Deployment, pictures: Path, region: tuple[float, float, float, float]
) -> None:
    with pytest.raises(InvalidQuery, match="region"):
        _ask(filled, Example(pictures / "images" / "008.jpg", region=Region(*region)))


@pytest.mark.slow
def test_pages_follow_one_another(filled: Deployment, pictures: Path) -> None:
    example = Example(pictures / "images" / "000.jpg")
    whole = _ask(filled, example, top=20).models["edge_grid"].hits
    pages = [
        _ask(filled, example, top=10, selection=HitSelection(offset=start)).models["edge_grid"]
        for start in (0, 10)
    ]
    assert [hit.artwork.id for page in pages for hit in page.hits] == [
        hit.artwork.id for hit in whole
    ]
    assert [hit.rank for hit in pages[1].hits] == list(range(11, 21))


@pytest.mark.slow
def test_a_diverse_answer_begins_alike_and_is_less_alike_within(
    filled: Deployment, pictures: Path
) -> None:
    example = Example(pictures / "images" / "005.jpg")
    plain = _ask(filled, example, top=6, models=["colour_grid"])
    diverse = _ask(
        filled, example, top=6, models=["colour_grid"], selection=HitSelection(diverse=True)
    )
    assert _titles(diverse)[0] == _titles(plain)[0] == "Picture 5"
    assert _similarity_within(filled, diverse) < _similarity_within(filled, plain)
    with pytest.raises(InvalidQuery, match="fused"):
        _ask(filled, example, models=["fusion"], selection=HitSelection(diverse=True))


def _similarity_within(deployment: Deployment, answer: SimilarWorks) -> float:
    ids = [hit.artwork.id for hit in answer.models["colour_grid"].hits]
    vectors = np.stack(list(deployment.index.vectors("colour_grid", ids).values()))
    return float((vectors @ vectors.T)[np.triu_indices(len(ids), k=1)].mean())
