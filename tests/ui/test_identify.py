"""``vasari identify`` and ``vasari evaluate identification`` as other programs use them."""

from pathlib import Path

import pytest
from PIL import Image

from settings import Settings
from tests.paintings import hang, make_gallery, paint, write_same_works
from tests.ui.test_cli import Vasari


@pytest.fixture
def works(tmp_path: Path) -> Path:
    return make_gallery(tmp_path / "works", 12)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    hang([paint(4)]).save(folder / "there.jpg")
    hang([paint(400)]).save(folder / "not there.png")
    (folder / "text.jpg").write_text("no picture")
    return folder


@pytest.mark.slow
def test_photos_are_answered_one_by_one_whatever_is_wrong_with_another(
    settings: Settings, works: Path, photos: Path, tmp_path: Path
) -> None:
    vasari = Vasari(settings)
    vasari.json("ingest", "folder", works)
    names = ["there.jpg", "text.jpg", "nowhere.jpg", "not there.png"]
    answer = vasari.json(
        "identify", *(photos / name for name in names), "--draw", tmp_path / "drawn", "--top", "3"
    )
    there, text, nowhere, absent = answer["results"]
    assert [item["picture"] for item in answer["results"]] == [str(photos / n) for n in names]
    assert there["verdict"] == "same"
    assert there["artwork"]["title"] == "Picture 4"
    assert set(there["artwork"]) == {"id", "title", "artist"}
    assert there["confidence"] > 0.99
    assert there["inliers"] > 25
    assert there["mirrored"] is False
    assert len(there["outline"]) == 4
    assert [work["id"] for work in there["works"]] == [there["artwork"]["id"]]
    assert len(there["candidates"]) == 3
    first = there["candidates"][0]
    assert {"id", "title", "artist", "source", "cosine", "inliers"} <= set(first)
    assert first["id"] == there["artwork"]["id"]
    assert first["inliers"] == there["inliers"]
    assert set(there["attributes"]) == {"style", "genre", "artist", "century"}
    assert there["timings_ms"]
    assert "not an image" in text["error"]
    assert "not found" in nowhere["error"]
    assert absent["verdict"] == "absent"
    assert absent["artwork"] is None
    with Image.open(there["drawing"]) as drawing:
        assert drawing.width > drawing.height
    assert "drawing" not in absent


@pytest.mark.slow
def test_a_second_drawing_of_the_same_name_does_not_replace_the_first(
    tiny_settings: Settings, works: Path, photos: Path, tmp_path: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    drawn = [
        vasari.json("identify", photos / "there.jpg", "--draw", tmp_path / "d")["results"][0]
        for _ in range(2)
    ]
    assert len({item["drawing"] for item in drawn}) == 2


@pytest.mark.slow
def test_people_are_answered_in_sentences(
    tiny_settings: Settings, works: Path, photos: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    said = vasari("identify", photos / "there.jpg", photos / "not there.png")
    assert "This is Picture 4" in said
    assert "matching points" in said
    assert "Not in this collection" in said


@pytest.mark.slow
def test_no_readable_photo_at_all_is_an_error(
    tiny_settings: Settings, works: Path, photos: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    answer = vasari.json("identify", photos / "text.jpg", code=1)
    assert "error" in answer["results"][0]


def test_an_empty_collection_says_what_to_do(tiny_settings: Settings, photos: Path) -> None:
    answer = Vasari(tiny_settings).json("identify", photos / "there.jpg", code=1)
    assert "ingest" in answer["error"]


@pytest.mark.slow
def test_identification_is_evaluated_with_intervals(
    tiny_settings: Settings, works: Path, tmp_path: Path
) -> None:
    vasari = Vasari(tiny_settings)
    vasari.json("ingest", "folder", works)
    listed = write_same_works(
        tmp_path / "same.csv", [("1", "images/000.jpg", "same"), ("1", "images/001.jpg", "same")]
    )
    saved = tmp_path / "quality.json"
    arguments: list[str | Path] = [
        "--perturbation",
        "hard",
        "-n",
        "4",
        "--leave-out",
        "2",
        "--same-works",
        listed,
    ]
    document = vasari.json("evaluate", "identification", *arguments, "--queries", "--save", saved)
    assert document["n"] == 4
    assert list(document["methods"]) == ["colour_grid", "edge_grid", "identify"]
    for shares in document["methods"].values():
        for measure in ("top1", "top5"):
            assert 0 <= shares[measure]["low"] <= shares[measure]["value"]
            assert shares[measure]["value"] <= shares[measure]["high"] <= 1
    found = document["methods"]["identify"]
    assert {"wrongly_absent", "wrongly_same", "seconds_per_query"} <= set(found)
    assert len(document["queries"]) == 6
    (run,) = (tiny_settings.home / "evaluations").iterdir()
    report = (run / "report.html").read_text(encoding="utf-8")
    assert "Recognised best" in report
    assert "<script" not in report
    assert "left out" in vasari("evaluate", "identification", *arguments[:4])
