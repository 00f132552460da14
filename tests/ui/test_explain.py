"""The command that draws why two pictures are alike."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from settings import Settings
from tests.pictures import draw
from tests.ui.test_cli import Vasari


@pytest.fixture
def vasari(settings: Settings, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Vasari:
    return _ingested(Vasari(settings), pictures, monkeypatch)


@pytest.fixture
def tiny(tiny_settings: Settings, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Vasari:
    return _ingested(Vasari(tiny_settings), pictures, monkeypatch)


def _ingested(vasari: Vasari, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Vasari:
    vasari.json("ingest", "folder", pictures)
    # Pictures are drawn into the working directory.
    monkeypatch.chdir(pictures.parent)
    return vasari


def _best_hit(vasari: Vasari, query: str | Path, model: str = "colour_grid") -> dict[str, object]:
    hit = vasari.json("search", query, "--top", "1", "-m", model)["models"][model]["hits"][0]
    return dict(hit)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["colour_grid", "edge_grid"])
def test_contributions_add_up_to_the_cosine_that_search_gives(
    vasari: Vasari, tmp_path: Path, model: str
) -> None:
    draw(77).save(tmp_path / "visitor.png")
    hit = _best_hit(vasari, tmp_path / "visitor.png", model)
    found = vasari.json("explain", tmp_path / "visitor.png", str(hit["id"]), "-m", model)
    assert found["model"] == model
    assert found["work"]["title"] == hit["title"]
    for side in ("query", "work"):
        assert np.sum(found[side]["contributions"]) == pytest.approx(hit["cosine"], abs=1e-4)
    assert found["cosine"] == pytest.approx(hit["cosine"], abs=1e-4)
    for name, mine in (("cosine", "index_cosine"), ("percentile", "percentile"), ("z", "z")):
        assert found[mine] == pytest.approx(hit[name], abs=1e-3)
    assert found["at"] is None
    picture = Path(found["picture"])
    assert picture.parent == Path.cwd()
    assert picture.name == f"explain-visitor-{str(hit['id'])[:8]}-{model}.png"
    assert Image.open(picture).format == "PNG"


@pytest.mark.slow
def test_two_works_are_explained_by_the_first_model_unless_another_is_named(tiny: Vasari) -> None:
    first, second = (work["id"] for work in tiny.json("artworks", "list")["artworks"][:2])
    assert tiny.json("explain", first, second)["model"] == "colour_grid"
    drawn = tiny("explain", first, second, "-m", "edge_grid", "--output", "pair.jpg")
    assert "edge_grid" in drawn
    assert "pair.jpg" in drawn
    assert Image.open("pair.jpg").format == "JPEG"


@pytest.mark.slow
def test_a_place_of_the_query_and_a_region_of_it_can_be_asked_for(tiny: Vasari) -> None:
    first, second = (work["id"] for work in tiny.json("artworks", "list")["artworks"][:2])
    whole = tiny.json("explain", first, second)
    found = tiny.json("explain", first, second, "--at", "0.99,0.01")
    assert (found["at"]["row"], found["at"]["column"]) == (0, 7)
    share = whole["query"]["contributions"][0][7]
    assert np.sum(found["at"]["contributions"]) == pytest.approx(share, abs=1e-6)
    region = tiny.json("explain", first, second, "--region", "0.5,0,0.5,1")
    assert region["cosine"] != pytest.approx(whole["cosine"], abs=1e-3)


@pytest.mark.slow
def test_no_picture_is_written_over(tiny: Vasari) -> None:
    first, second = (work["id"] for work in tiny.json("artworks", "list")["artworks"][:2])
    drawn = [tiny.json("explain", first, second)["picture"] for _ in range(3)]
    assert len(set(drawn)) == 3
    kept = Path("pair.png")
    kept.write_bytes(b"mine")
    error = tiny.json("explain", first, second, "--output", kept, code=1)["error"]
    assert "pair.png is there already" in error
    assert kept.read_bytes() == b"mine"


@pytest.mark.slow
def test_what_cannot_be_explained_is_refused_in_plain_words(tiny: Vasari, pictures: Path) -> None:
    work = tiny.json("artworks", "list", "--limit", "1")["artworks"][0]["id"]
    path = pictures / "images" / "003.jpg"
    for arguments, words in (
        (["nowhere.jpg", work], "no file"),
        ([path, "Mona Lisa"], "is not the id of a work"),
        ([path, "00000000-0000-0000-0000-000000000001"], "no work has the id"),
        ([path, work, "-m", "resnet50"], "the index holds no resnet50 vectors"),
        ([path, work, "-m", "fusion"], "name one"),
        ([path, work, "-m", "monet"], "there is no model 'monet'"),
        ([path, work, "--at", "here"], "a place is X,Y"),
        ([path, work, "--at", "3,4"], "from 0 to 1"),
        ([path, work, "--output", "pair.txt"], "--output ends in .png"),
        ([path, work, "--output", "none/pair.png"], "there is no folder none"),
        ([pictures / "works.csv", work], "not an image"),
    ):
        assert words in tiny.json("explain", *arguments, code=1)["error"]
    assert not list(Path.cwd().glob("explain-*"))


@pytest.mark.slow
def test_a_thumbnail_stands_in_for_an_original_that_is_gone(tiny: Vasari, pictures: Path) -> None:
    first, second = tiny.json("artworks", "list")["artworks"][:2]
    before = tiny.json("explain", first["id"], second["id"])
    (pictures / second["file"]).unlink()
    after = tiny.json("explain", first["id"], second["id"])
    assert after["index_cosine"] == pytest.approx(before["cosine"], abs=1e-4)
    assert after["cosine"] == pytest.approx(before["cosine"], abs=0.02)
    assert np.sum(after["work"]["contributions"]) == pytest.approx(after["cosine"], abs=1e-5)


def test_an_empty_collection_has_nothing_to_explain(tiny_settings: Settings) -> None:
    empty = Vasari(tiny_settings)
    work = "00000000-0000-0000-0000-000000000001"
    assert "there is no collection" in empty.json("explain", work, work, code=1)["error"]
